"""The door: a stranger's bytes in, a checked value out, or one error of the tree.

Here: the order of checks for a document and for a head. What it needs of the world (whose identity,
which digest was listed, what time it is) are arguments. Not here: policy, quota and storing (`app`).
Spec: 07-accept (LF-ACCEPT). The comments number the steps as the specification does.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any, Final, TypeVar

import msgspec

from localfed.protocol import limits
from localfed.protocol.canonical import (
    Json,
    JsonObject,
    check_characters,
    encode_plain,
    parse_object,
)
from localfed.protocol.contact import Contact, check_contact
from localfed.protocol.digest import is_digest_of, write_digest
from localfed.protocol.document import (
    HEAD_PATH,
    Assured,
    Document,
    Proof,
    Signed,
    check_context,
    check_times,
    convert,
    is_known_path,
    is_possible_path,
)
from localfed.protocol.errors import (
    BadMemberName,
    Closed,
    Stale,
    TooLarge,
    UnknownIdentityVersion,
    UnknownKey,
    WrongDigest,
    WrongIssuer,
    WrongPath,
    WrongShape,
)
from localfed.protocol.exchange import Exchange, check_exchange
from localfed.protocol.feed import Head, check_head_form
from localfed.protocol.identity import Identity
from localfed.protocol.listing import Listing, Need, Offer, check_listing
from localfed.protocol.organisation import Organization, check_organisation
from localfed.protocol.partnership import Partnership, check_partnership
from localfed.protocol.proofs import check_canonical, check_options, check_signature
from localfed.protocol.ratchet import HeadState

DOCUMENT_TYPES: Final[dict[str, type[Document]]] = {
    "Organization": Organization,
    "Offer": Offer,
    "Need": Need,
    "Partnership": Partnership,
    "Contact": Contact,
    "Exchange": Exchange,
}
"""The types of a feed that this version reads; others are stored and relayed unseen."""

_QUICK_DECODERS: Final[tuple[tuple[bytes, msgspec.json.Decoder[Any]], ...]] = tuple(
    (
        f'"type":"{name}"'.encode(),
        msgspec.json.Decoder(
            msgspec.defstruct(
                name,
                [("proof", Proof)],
                bases=(kind,),
                frozen=True,
                kw_only=True,
                rename="camel",
                omit_defaults=True,
            )
        ),
    )
    for name, kind in DOCUMENT_TYPES.items()
)

S = TypeVar("S", bound=Signed)

_MESSAGE_TYPES: Final = frozenset({"Head", "Proposal", "Accept", "Decline", "Enquiry"})


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A document that passed every check that its bytes and its issuer's identity allow."""

    path: str
    digest: str
    body: bytes
    document: Document

    @property
    def is_shown(self) -> bool:
        """Whether this version understands enough of it to show it (LF-DOC-4, LF-DOC-12)."""
        known = DOCUMENT_TYPES.get(self.document.type)
        return (
            known is not None
            and is_known_path(self.path)
            and set(self.document.critical) <= {*_wire_names(known), "proof"}
        )


class CheckedHead(msgspec.Struct, frozen=True, kw_only=True):
    """A head whose signature and form are good; whether it counts is for the ratchet to say."""

    body: bytes
    head: Head
    era: int

    @property
    def state(self) -> HeadState:
        """What the ratchet compares."""
        return HeadState(
            era=self.era, seq=self.head.seq, chain=self.head.chain, updated=self.head.updated
        )


def open_document(
    body: bytes,
    *,
    identity: Identity,
    now: datetime,
    path: str | None = None,
    digest: str | None = None,
) -> Checked:
    """Check the bytes of a document; `path` and `digest` are what a feed listed, where one did.

    Rules: LF-ACCEPT-1 to LF-ACCEPT-9.

    Raises:
        Rejected: one of its kinds, by the first check that fails. Nothing else.

    """
    # 1. Size, before anything that costs.
    if len(body) > limits.DOCUMENT_BYTES:
        message = f"{len(body)} bytes, where {limits.DOCUMENT_BYTES} are allowed"
        raise TooLarge(message)
    # 2. The digest that was listed: what fails here needs no parser.
    if digest is None:
        digest = write_digest(sha256(body).digest())
    elif not is_digest_of(digest, body):
        message = "these are not the bytes that the feed lists"
        raise WrongDigest(message)
    # 3. Canonical form, and 4. context and shape.
    value = None
    document = seen = _see_quickly(body)
    if document is None:
        value = parse_object(body)
        document = _see(body, value)
    if isinstance(document, Head) or document.type in _MESSAGE_TYPES:
        message = f"a {document.type} is not a document of a feed"
        raise WrongShape(message)
    # 5. Issuer and id belong to this identity, and the path to the type.
    own_path = check_issuer(document, identity)
    if not is_possible_path(own_path) or path not in {None, own_path}:
        message = "the document says another path than the one it lies at, or one that cannot be"
        raise WrongPath(message)
    _check_type(document, own_path)
    # 6. Key and 7. signature.
    if value is None:
        _check_proof_quickly(body, seen.proof, identity)
    else:
        check_proof(value, identity)
    # 8. Times last: what is refused for its time may be good later.
    assured = document.assured if isinstance(document, Assured) else None
    check_times(document, now, lifetime_days=document.lifetime_days, assured=assured)
    return Checked(path=own_path, digest=digest, body=body, document=document)


def open_head(body: bytes, *, identity: Identity, now: datetime) -> CheckedHead:
    """Check the bytes of a head; an expired one too, because it still is the ratchet.

    Rules: LF-HEAD-1 to LF-HEAD-8.

    Raises:
        UnknownIdentityVersion: it names a log entry that we have not seen: fetch the log once.
        Stale: it is of an earlier era than the log's last entry.
        Rejected: another of its kinds, by the first check that fails.

    """
    value = parse_object(body)
    head = _see(body, value)
    if not isinstance(head, Head):
        message = "not a head"
        raise WrongShape(message)
    if check_issuer(head, identity) != HEAD_PATH:
        message = "a head lies at head.json"
        raise WrongPath(message)
    check_head_form(head)
    era = identity.era_at(head.identity)
    if era is None:
        message = "the head names a log entry that the log held does not have"
        raise UnknownIdentityVersion(message)
    if era != identity.era:
        # A key was taken away since: any old head, by whichever key, could revive what was deleted.
        message = "the head is of an earlier era than the last entry of its log"
        raise Stale(message)
    check_proof(value, identity)
    check_times(head, now, lifetime_days=limits.HEAD_DAYS, may_be_expired=True)
    return CheckedHead(body=body, head=head, era=era)


def _see_quickly(body: bytes) -> Any:
    """See a document of a type that we show in one step, with its proof; None where that is not sure.

    A struct that, written again, gives the very bytes that it was read from holds all that is in them:
    they are canonical, no member is unknown or there twice, numbers and depth are what the types say.
    Only what the types leave open goes the long way, and whatever is wrong: there it gets its name.
    A property test compares the two ways.
    """
    for name, decoder in _QUICK_DECODERS:
        if name in body:
            return _decode_quickly(body, decoder)
    return None


def _decode_quickly(body: bytes, decoder: msgspec.json.Decoder[Any]) -> Any:
    try:
        document = decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if (
        document.ext is not None
        or document.critical
        or document.proof.context != document.context
        or encode_plain(document) != body
    ):
        return None
    check_characters(body)
    check_context(document.context)
    return document


def _see(body: bytes, value: JsonObject) -> Document | Head:
    """See a parsed document as the struct of its type, its context checked.

    Rules: LF-DOC-1 to LF-DOC-4.
    """
    name = value.get("type")
    kind: type[Document | Head] = Document
    if name == "Head":
        kind = Head
    elif isinstance(name, str):
        kind = DOCUMENT_TYPES.get(name, Document)
    return see_as(kind, body, value)


def see_as(kind: type[S], body: bytes, value: JsonObject) -> S:
    """See parsed bytes as a struct, its context, nulls, `ext` and `critical` checked.

    Rules: LF-DOC-1 to LF-DOC-4.

    Raises:
        WrongShape, BadMemberName, UnknownContext: by name.

    """
    # In canonical bytes this is a member name and nothing else: quotes inside strings are escaped.
    proof = value.get("proof")
    places = ("@context" in value) + (isinstance(proof, dict) and "@context" in proof)
    if body.count(b'"@context":') > places:
        message = "@context stands at the top and in the proof, and nowhere else"
        raise BadMemberName(message)
    if b"null" in body:
        _check_nulls(value)
    document = convert(value, kind)
    check_context(document.context)
    if document.ext is not None and not all(key.startswith("https://") for key in document.ext):
        message = "the members of ext are named by https IRIs"
        raise BadMemberName(message)
    if not set(document.critical) <= value.keys():
        message = "critical names a member that is not there"
        raise WrongShape(message)
    return document


def _check_nulls(value: JsonObject) -> None:
    """Refuse null wherever it could be meant as "absent": one way to say nothing (LF-DOC-3)."""
    stack: list[Json] = [
        item
        for name, item in value.items()
        if (name != "ext" or item is None) and (name, value.get("type")) != ("page", "Head")
    ]
    while stack:
        item = stack.pop()
        if item is None:
            message = "null stands where a member is to be left out"
            raise WrongShape(message)
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def check_issuer(document: Signed, identity: Identity) -> str:
    """Check that issuer and id are of this identity; returns the path (LF-DOC-5, LF-DOC-6).

    Raises:
        WrongIssuer, Closed: by name.

    """
    if document.issuer != identity.did:
        message = "the issuer is another identity"
        raise WrongIssuer(message)
    if identity.closed:
        message = "the organisation closed its identity; nothing it signed is live"
        raise Closed(message)
    prefix = identity.did + "/"
    if not document.id.startswith(prefix):
        message = "the id does not lie under the issuer's DID"
        raise WrongIssuer(message)
    return document.id[len(prefix) :]


def _check_type(document: Signed, path: str) -> None:
    if isinstance(document, Organization):
        check_organisation(document, path)
    elif isinstance(document, Listing):
        check_listing(document, path)
    elif isinstance(document, Partnership):
        check_partnership(document, path)
    elif isinstance(document, Contact):
        check_contact(document, path)
    elif isinstance(document, Exchange):
        check_exchange(document, path)


def check_proof(value: JsonObject, identity: Identity) -> None:
    """Check the one proof under a key that the identity asserts now (LF-PROOF-4, LF-ID-18).

    Raises:
        BadProof, UnknownKey, BadSignature: by name.

    """
    check_signature(value, _key(check_options(value), identity))


def _check_proof_quickly(body: bytes, proof: Proof, identity: Identity) -> None:
    """Do the same for what `_see_quickly` has seen."""
    method = proof.verification_method
    check_canonical(
        body,
        context=proof.context,
        method=method,
        value=proof.proof_value,
        public=_key(method, identity),
    )


def _key(method: str, identity: Identity) -> bytes:
    public = identity.keys.get(method)
    if public is None:
        message = "signed with a key that the issuer does not assert"
        raise UnknownKey(message)
    return public


@cache
def _wire_names(kind: type[Document]) -> tuple[str, ...]:
    return tuple(field.encode_name for field in msgspec.structs.fields(kind))
