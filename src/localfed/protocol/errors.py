"""The tree of errors: everything that can be refused, each with a stable code.

Here: every error that any floor raises on purpose. Not here: how an error is shown (`web`, `server`).
Spec: spec/tables/errors.json lists the same codes; a test compares the two.

Four branches, by whose fault it is: `Rejected` (bytes that came from somebody else), `Refused` (what
our own operator or a client asked for), `Unreachable` (another node), `Unavailable` (this machine).
Read a raise as a sentence: "rejected because Stale".
"""

from __future__ import annotations

from typing import ClassVar


class LocalFedError(Exception):
    """Any error of ours; `message` may be shown to the other side, `detail` is for our own log."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    next_step: str = "Report this: it should have been a more exact error."
    """What to do about it: of its kind, or of this one where whoever raises it knows better."""

    def __init__(self, message: str, *, detail: str = "", next_step: str = "") -> None:
        super().__init__(message)
        if next_step:
            self.next_step = next_step
        self.message = str(message)
        self.wording = message
        """The message as it was put together (`worded`), to be said in another language."""
        self.detail = detail


class Rejected(LocalFedError):
    """Bytes from somebody else that do not count; nothing was changed."""

    code = "rejected"
    status = 400
    next_step = "Ask whoever made these bytes to make them again by the specification."


class Refused(LocalFedError):
    """A request of our operator or of a client that cannot be carried out; nothing was changed."""

    code = "refused"
    status = 400
    next_step = "Send it again in the form that the message asks for."


class Unreachable(LocalFedError):
    """Another node did not answer as a node should."""

    code = "unreachable"
    status = 502
    next_step = "Check the address and try again later."

    def __init__(self, message: str, *, detail: str = "", retry_after: int | None = None) -> None:
        super().__init__(message, detail=detail)
        self.retry_after = retry_after
        """Seconds that the other side asked to wait, or None."""


class Unavailable(LocalFedError):
    """This machine cannot do it now."""

    code = "unavailable"
    status = 503
    next_step = "See docs/run/troubleshooting.md."


# --- Rejected: bytes -------------------------------------------------------------------------


class TooLarge(Rejected):
    """More bytes than the limit of its kind."""

    code = "too-large"
    status = 413
    next_step = "Shorten it, or split it in several documents."


class NotUtf8(Rejected):
    """Not UTF-8."""

    code = "not-utf8"


class NotJson(Rejected):
    """Not JSON of RFC 8259 (NaN and Infinity are not)."""

    code = "not-json"


class TooDeep(Rejected):
    """Nested deeper than the limit."""

    code = "too-deep"


class TooManyValues(Rejected):
    """More values, or more members in an object, than the limit."""

    code = "too-many-values"


class NotCanonical(Rejected):
    """JSON, but not spelled in its canonical form (RFC 8785)."""

    code = "not-canonical"
    next_step = "Publish the canonical form: the bytes must equal JCS of themselves."


class BadMemberName(Rejected):
    """A member name outside the allowed form."""

    code = "bad-member-name"


class BadNumber(Rejected):
    """A fraction, or an integer outside ±(2^53-1)."""

    code = "bad-number"
    next_step = 'Write decimals as strings, such as "55.95".'


class BadCharacter(Rejected):
    """A string with a control, bidirectional or invisible character, or a lone surrogate."""

    code = "bad-character"


class WrongShape(Rejected):
    """A member is missing, too much, or not of the form that the specification gives."""

    code = "wrong-shape"


class UnknownContext(Rejected):
    """A `@context` of another major version, or not one string."""

    code = "unknown-context"


# --- Rejected: identity ----------------------------------------------------------------------


class BadDid(Rejected):
    """Not a did:webvh DID, or one whose host or path is not allowed."""

    code = "bad-did"


class BadLog(Rejected):
    """An identity log that did:webvh 1.0 refuses."""

    code = "bad-log"


class OutsideProfile(Rejected):
    """A did:webvh log that is valid, but not one of LocalFed's profile."""

    code = "outside-profile"


class WrongIdentity(Rejected):
    """A log of another identity than the one asked for."""

    code = "wrong-identity"


class Closed(Rejected):
    """The identity was closed by its owner."""

    code = "identity-closed"
    status = 410


class LogForked(Rejected):
    """A log that contradicts the one held."""

    code = "log-forked"
    status = 409
    next_step = "Ask the organisation by another way which of its two logs is the true one."


# --- Rejected: proofs and documents ----------------------------------------------------------


class BadKey(Rejected):
    """Not an Ed25519 Multikey, or a point of small order."""

    code = "bad-key"


class BadProof(Rejected):
    """A proof missing, doubled, or with other members than the specification allows."""

    code = "bad-proof"


class UnknownKey(Rejected):
    """Signed with a key that the issuer's last log entry does not assert."""

    code = "unknown-key"


class BadSignature(Rejected):
    """The signature does not verify."""

    code = "bad-signature"


class WrongIssuer(Rejected):
    """Issuer, id and identity do not belong together."""

    code = "wrong-issuer"


class WrongPath(Rejected):
    """The path does not belong to a document of this type."""

    code = "wrong-path"


class BadTime(Rejected):
    """A time that is malformed, or times that contradict each other."""

    code = "bad-time"


class TooEarly(Rejected):
    """From the future by more than the clock tolerance."""

    code = "too-early"
    next_step = "Check the clocks of both machines."


class WrongRecipient(Rejected):
    """A message to somebody who is not hosted here."""

    code = "wrong-recipient"
    status = 404
    next_step = "Read the recipient's head: it names the inbox."


class Expired(Rejected):
    """No longer valid."""

    code = "expired"
    status = 410
    next_step = "Fetch the present version from its publisher."


# --- Rejected: feed --------------------------------------------------------------------------


class Stale(Rejected):
    """A head older than the newest one accepted."""

    code = "stale"
    status = 409


class Forked(Rejected):
    """A head that contradicts the one accepted at the same number."""

    code = "forked"
    status = 409


class UnknownIdentityVersion(Rejected):
    """A log entry is named, by a head or a reader, that the log held does not have."""

    code = "unknown-identity-version"
    status = 409


class BadFeed(Rejected):
    """Feed files that do not match the signed head."""

    code = "bad-feed"


class WrongDigest(Rejected):
    """Bytes with another digest than the one that was listed."""

    code = "wrong-digest"


class NotListed(Rejected):
    """A document that the publisher's newest head does not list."""

    code = "not-listed"


class OverQuota(Rejected):
    """More documents than this publisher may have here."""

    code = "over-quota"
    status = 429


# --- Refused ---------------------------------------------------------------------------------


class BadDraft(Refused):
    """A draft that cannot become a document."""

    code = "bad-draft"
    next_step = "Change what the message names, and do it again."


class UnknownZone(BadDraft):
    """A draft with a time zone that is not known here."""

    code = "unknown-zone"
    next_step = "Write a name of the IANA time zone database, such as Europe/London, which is that of all of Great Britain."


class NeverOn(BadDraft):
    """A draft whose times never come, or are over."""

    code = "never-on"
    next_step = "Change schedule, validFrom or validUntil so that there is a time to come."


class BadUrl(Refused):
    """A URL that is not of the form asked for."""

    code = "bad-url"
    next_step = "Write the address in the form that the message shows."


class LoopbackNotAllowed(Refused):
    """A loopback address without the operator's word."""

    code = "loopback-not-allowed"
    next_step = "For development, add --allow-loopback or set LOCALFED_ALLOW_LOOPBACK=1."


class BadQuery(Refused):
    """A question that cannot be understood."""

    code = "bad-query"
    next_step = "Change the parameter that the message names; /api/v1/openapi.json has all of them."


class UnknownFormat(Refused):
    """A format in which this node does not answer (oEmbed 1.0, 2.3.4)."""

    code = "unknown-format"
    status = 501
    next_step = "Ask for format=json or format=xml."


class UnknownPlace(BadQuery):
    """A place that this node does not know."""

    code = "unknown-place"
    next_step = "Give a postcode, a town, or latitude and longitude such as 55.95,-3.19."

    suggestions: tuple[str, ...] = ()
    """Places that are spelled nearly so."""


class BadCursor(Refused):
    """A cursor that this node did not make."""

    code = "bad-cursor"
    next_step = "Start again from the first page."


class BadKit(Refused):
    """A recovery kit that is mistyped, or of another identity."""

    code = "bad-kit"
    next_step = "Compare it with the paper, character by character; each identity has its own kit."


class BadTable(Refused):
    """A CSV or GeoJSON file that cannot be read as one."""

    code = "bad-table"
    next_step = "Mend the file where the message says, or save it anew as CSV in UTF-8; docs/run/import.md helps."


class BadMapping(Refused):
    """A mapping that does not fit its file."""

    code = "bad-mapping"
    next_step = "Let --guess print a mapping of this file, and edit that."


class BadFile(Refused):
    """A file of the operator's that cannot be read or written."""

    code = "bad-file"
    next_step = "Look at that file: whether it is there, whole, and may be read and written by who runs the node."


class BadPicture(Refused):
    """A file that is no picture which can be published or shown."""

    code = "bad-picture"
    next_step = "Take one still JPEG, PNG or WebP, whole, of at most 32 MB and 64 million points."


class AlreadyInitialised(Refused):
    """The folder already holds something else, or an organisation of that address."""

    code = "already-initialised"
    status = 409
    next_step = "Choose an empty folder, or another address for another organisation of this node."


class NotInitialised(Refused):
    """The folder holds no node."""

    code = "not-initialised"
    next_step = "Run localfed init first, or give the right --data folder."


class AlreadyServing(Refused):
    """Another process serves this folder."""

    code = "already-serving"
    status = 409
    next_step = "Stop the other process first; every other command works while it runs."


class UnknownDocument(Refused):
    """No such document here."""

    code = "unknown-document"
    status = 404
    next_step = "localfed list shows what is published here."


class UnknownOrganisation(Refused):
    """No such organisation here."""

    code = "unknown-organisation"
    status = 404
    next_step = "Look at the page of organisations: it names those that are here."


class WhichOrganisation(Refused):
    """This node hosts several organisations, and it was not said which one is meant."""

    code = "which-organisation"
    next_step = "Say which with --as; localfed organisations lists them."


class UnknownMessage(Refused):
    """No such message here."""

    code = "unknown-message"
    status = 404
    next_step = "localfed inbox shows what came, localfed outbox what is sent."


class UnknownEnquiry(Refused):
    """No such enquiry of a visitor here."""

    code = "unknown-enquiry"
    status = 404
    next_step = "localfed enquiries shows what visitors wrote; what has arrived is deleted."


class BadEnquiry(Refused):
    """What a visitor wrote cannot be passed on as it is."""

    code = "bad-enquiry"
    next_step = "Change what you wrote as the message says, and send it again."


class CannotAsk(Refused):
    """This node has no safe way to pass something on to that publisher."""

    code = "cannot-ask"
    status = 409
    next_step = "Write to the publisher yourself: its page says how it is reached."


class LinkOver(Refused):
    """A one-time link that was used, or whose time is over."""

    code = "link-over"
    status = 410
    next_step = "localfed list shows what is published; localfed withdraw takes a record back."


class UnknownNotice(Refused):
    """No such notice here."""

    code = "unknown-notice"
    status = 404
    next_step = "localfed notices shows what there is to know."


class UnknownExchange(Refused):
    """No such exchange is known here, or nothing of it waits."""

    code = "unknown-exchange"
    status = 404
    next_step = "localfed exchange list shows what was recorded, and what waits."


class UnknownPage(Refused):
    """No such page, or no such method on it."""

    code = "unknown-page"
    status = 404
    next_step = "See /api/v1/openapi.json for what there is."


class WrongMethod(Refused):
    """The page exists, but not with this method."""

    code = "wrong-method"
    status = 405
    next_step = "See /api/v1/openapi.json for what there is."


class IdentityNeeded(Refused):
    """A document cannot be checked without its issuer's identity log."""

    code = "identity-needed"
    next_step = "Give --identity DID_JSONL, or --data of a node that follows the issuer."


class Blocked(Refused):
    """The operator of this node blocked it."""

    code = "blocked"
    status = 403
    next_step = "localfed unblock takes the block back."


class TooLate(Refused):
    """A body that did not come in time."""

    code = "too-late"
    status = 408
    next_step = "Send it again, without pauses."


class TooOften(Refused):
    """More requests than this node answers one sender in a while."""

    code = "too-often"
    status = 429
    next_step = "Wait as long as Retry-After says, then do it again."


class NothingToRestore(Refused):
    """No public head goes further than what is stored here."""

    code = "nothing-to-restore"
    status = 409
    next_step = "Nothing has to be done: the backup counts as it is."


class NoSigningKey(Refused):
    """The identity log asserts none of the keys on this machine."""

    code = "no-signing-key"
    status = 409
    next_step = "localfed keys recover, with the recovery kit, makes a new one."


class PublicHeadAhead(Refused):
    """A public head of our own identity goes further than our own state."""

    code = "public-head-ahead"
    status = 409
    next_step = (
        "If this folder was restored from a backup: localfed restored. If somebody else signed it:"
        " localfed keys recover, with the recovery kit."
    )


# --- Unreachable -----------------------------------------------------------------------------


class NoAnswer(Unreachable):
    """No connection, or it broke."""

    code = "no-answer"


class TooSlow(Unreachable):
    """Not done within the time limit."""

    code = "too-slow"
    status = 504


class ForbiddenAddress(Unreachable):
    """An address that this node never connects to."""

    code = "forbidden-address"
    next_step = "Use the public https address of the node."


class UnexpectedAnswer(Unreachable):
    """An answer with another status, size or form than the protocol allows."""

    code = "unexpected-answer"


class HomeNotConfirmed(Unreachable):
    """The log at an identity's home is not the one held, nor an extension of it."""

    code = "home-not-confirmed"
    next_step = (
        "Wait: it is looked at again each day. Ask the organisation by another way if it stays."
    )


class NotANode(Unreachable):
    """Nothing of LocalFed was found at that address."""

    code = "not-a-node"
    next_step = "Give the address of the node itself; its page shows it."


class MailRefused(Unreachable):
    """The mail server will never take this mail."""

    code = "mail-refused"
    next_step = "Check the address of the contact (localfed contact show) and smtp_sender."


class MailNotYet(Unreachable):
    """The mail server takes mail, but not this one now."""

    code = "mail-not-yet"
    next_step = "Wait: it is tried again by itself."


class MailNotTaken(Unreachable):
    """The mail server does not take mail now."""

    code = "mail-not-taken"
    next_step = "Check the smtp settings in node.toml; it is tried again by itself."


# --- Unavailable -----------------------------------------------------------------------------


class DiskFull(Unavailable):
    """The disk is full; nothing of this request was written."""

    code = "disk-full"
    next_step = "Free some space and do it again."


class NewerDatabase(Unavailable):
    """The database was written by a newer LocalFed."""

    code = "newer-database"
    next_step = "Upgrade LocalFed; an older one must not write into a newer database."


class StoreBusy(Unavailable):
    """Another process is writing for too long."""

    code = "store-busy"
    next_step = "Wait a moment and do it again."


class ClockWrong(Unavailable):
    """The clock of this machine differs from those of others, so nothing is signed."""

    code = "clock-wrong"
    next_step = "Set the clock of this machine right; localfed clock tells how far it is off."


class StoreBroken(Unavailable):
    """The database is damaged or cannot be opened."""

    code = "store-broken"
    next_step = "Restore the last backup; docs/run/backup.md tells how."


class IndexBroken(Unavailable):
    """The search index cannot be opened or written."""

    code = "index-broken"
    next_step = "Delete the folder index/ in the data folder; it is rebuilt at the next start."


class DemoFailed(Unavailable):
    """A step of the demo's story did not go as it should."""

    code = "demo-failed"
    status = 500
    next_step = "Run it again; if it fails again, report it with what it printed."
