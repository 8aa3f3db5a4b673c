"""Messages: what one organisation says to another alone, never in a feed.

Here: the four types, what is posted to an inbox, and the door that opens a message. Not here: whether
anybody wants it (`app.inbox`), sending. Spec: 10-messages (LF-MSG, LF-INBOX).
"""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from localfed.protocol import limits
from localfed.protocol.accept import check_issuer, check_proof, see_as
from localfed.protocol.canonical import parse_object
from localfed.protocol.digest import write_digest
from localfed.protocol.document import Signed, check_times
from localfed.protocol.errors import (
    NotJson,
    TooLarge,
    WrongIssuer,
    WrongPath,
    WrongRecipient,
    WrongShape,
)
from localfed.protocol.exchange import Figures, check_figures
from localfed.protocol.forms import DidText, Digest, DocumentId, Language, TextMap
from localfed.protocol.identity import Identity
from localfed.protocol.partnership import Role, Stage

_ID: Final = re.compile(r"messages/[a-z2-7]{26}\.json")


class Message(Signed, frozen=True, kw_only=True):
    """What every message says beside the envelope of a document."""

    to: DidText
    """First DID of whom it is for."""
    language: Language | None = None


class Proposal(Message, frozen=True, kw_only=True):
    """Proposes a stage of partnership, or what an exchange was; what it says in words is in `text`."""

    type: Literal["Proposal"]
    stage: Stage | None = None
    exchange: Figures | None = None
    """What the other is asked to confirm. Exactly one of the two is there."""
    roles: Annotated[tuple[Role, ...], Meta(max_length=4)] = ()
    """What the half of who proposes will say that it is."""
    promotes: bool = False
    """What the half of who proposes will say of showing the other."""
    in_reply_to: Digest | None = None
    """The proposal that it counters: that one is declined by it."""
    text: TextMap | None = None


class Accept(Message, frozen=True, kw_only=True):
    """Accepts what another message proposed."""

    type: Literal["Accept"]
    in_reply_to: Digest
    text: TextMap | None = None


class Decline(Message, frozen=True, kw_only=True):
    """Declines what another message proposed."""

    type: Literal["Decline"]
    in_reply_to: Digest
    text: TextMap | None = None


class Enquiry(Message, frozen=True, kw_only=True):
    """Asks something, perhaps about a document."""

    type: Literal["Enquiry"]
    text: TextMap
    about: DocumentId | None = None
    in_reply_to: Digest | None = None


MESSAGE_TYPES: Final[dict[str, type[Message]]] = {
    "Proposal": Proposal,
    "Accept": Accept,
    "Decline": Decline,
    "Enquiry": Enquiry,
}


class Ping(msgspec.Struct, frozen=True, kw_only=True):
    """One head: "look at my feed"."""

    head: bytes


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A message with the identity log that proves who sent it."""

    log: bytes
    body: bytes


class CheckedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that passed every check that its bytes allow."""

    digest: str
    body: bytes
    message: Message


def read_post(data: bytes) -> Ping | Letter:
    """Read what was posted to an inbox: one head, or a log and one message (LF-INBOX-1).

    Raises:
        TooLarge: more than 256 KiB.
        NotJson: no lines, an empty one, or a last one without its line feed.

    """
    if len(data) > limits.INBOX_BYTES:
        message = f"{len(data)} bytes, where {limits.INBOX_BYTES} are allowed"
        raise TooLarge(message)
    lines = data.split(b"\n")
    if lines.pop() or not lines or not all(lines):
        message = "an inbox takes lines of JSON, each ended by a line feed"
        raise NotJson(message)
    if len(lines) == 1:
        return Ping(head=lines[0])
    return Letter(log=b"\n".join(lines[:-1]) + b"\n", body=lines[-1])


def open_message(
    body: bytes,
    *,
    identity: Identity,
    now: datetime,
    hosted: Container[str],
    recipients: Container[str] | None = None,
) -> CheckedMessage:
    """Check the bytes of a message; `identity` is the sender's, `hosted` are the DIDs it may not be from.

    `recipients` are those that it may be for; None: any of `hosted`. An inbox is that of one organisation.

    Rules: LF-MSG-1 to LF-MSG-7, LF-INBOX-3.

    Raises:
        WrongRecipient: it is for somebody else.
        Rejected: another of its kinds, by the first check that fails.

    """
    if len(body) > limits.DOCUMENT_BYTES:
        message = f"{len(body)} bytes, where {limits.DOCUMENT_BYTES} are allowed"
        raise TooLarge(message)
    value = parse_object(body)
    kind = MESSAGE_TYPES.get(str(value.get("type")))
    if kind is None:
        message = f"the type of a message is one of {', '.join(MESSAGE_TYPES)}"
        raise WrongShape(message)
    said = see_as(kind, body, value)
    if isinstance(said, Proposal) and (said.stage is None) == (said.exchange is None):
        message = "a proposal is of a stage or of an exchange"
        raise WrongShape(message)
    if isinstance(said, Proposal) and said.stage is None and (said.roles or said.promotes):
        message = "roles and promotes are of a partnership"
        raise WrongShape(message)
    if not _ID.fullmatch(check_issuer(said, identity)):
        message = "the id of a message is its issuer, /messages/, 26 characters and .json"
        raise WrongPath(message)
    if said.to == said.issuer or said.issuer in hosted:
        message = "a message is for somebody else than its issuer"
        raise WrongIssuer(message)
    if said.to not in (hosted if recipients is None else recipients):
        message = "nobody of that DID is here"
        raise WrongRecipient(message)
    if isinstance(said, Proposal) and said.exchange is not None:
        check_figures(said.exchange, said.issuer, said.to, said=said.updated)
    check_proof(value, identity)
    check_times(said, now, lifetime_days=limits.MESSAGE_DAYS)
    return CheckedMessage(digest=write_digest(sha256(body).digest()), body=body, message=said)
