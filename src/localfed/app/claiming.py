"""Claiming: saying in an organisation's own record which listed records are about it, and saying so no longer.

Here: our half of a claim. Not here: whether a claim holds (`folding`), telling the lister (`claim_notices`). Spec: 05-documents (LF-ORG-5).
"""

from __future__ import annotations

import msgspec

from localfed.app.folding import Known, is_answered, read_known, read_record
from localfed.app.listings import find_document
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.publishing import sign_and_store
from localfed.app.signing import Author, Change, sign_again
from localfed.protocol import limits
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.errors import BadDraft, UnknownDocument


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """What claiming or taking a claim back did."""

    id: str
    """Of the listed record."""
    is_claimed: bool
    """Our record names it now."""
    holds: bool
    """It says the same, as far as is known here: the two are shown as one, ours in front."""
    lister: str
    """Host of who lists it; empty where that is not known here."""


async def claim(ports: Ports, did: str, document_id: str) -> Claimed:
    """Say in our own record that a listed record is about us.

    Raises:
        UnknownDocument: it is no live document here.
        BadDraft: it is no listed record or our own, we claim it already or too many, or have no record of our own that
            can be signed; nothing was changed.

    """
    listed = _listed(ports.store, did, document_id)

    def change(tx: Transaction, author: Author) -> tuple[None, list[Change]]:
        claims = _claims(tx, did)
        if document_id in claims:
            message = "your record says so already"
            raise BadDraft(message)
        if len(claims) >= limits.CATEGORIES:
            message = f"an organisation claims at most {limits.CATEGORIES} records: take one back with --withdraw"
            raise BadDraft(message)
        return None, [_sign(tx, author, (*claims, document_id), jitter)]

    jitter = ports.chance.fraction()
    await sign_and_store(ports, did, change)
    return Claimed(
        id=document_id,
        is_claimed=True,
        holds=is_answered(ports.store, did, listed),
        lister=_host(ports.store, listed.did),
    )


async def withdraw_claim(ports: Ports, did: str, document_id: str) -> Claimed:
    """Say no longer that a listed record is about us; also of one that is gone.

    Raises:
        BadDraft: our record does not say so, or cannot be signed; nothing was changed.

    """

    def change(tx: Transaction, author: Author) -> tuple[None, list[Change]]:
        claims = _claims(tx, did)
        if document_id not in claims:
            message = "your record does not claim that"
            raise BadDraft(message)
        kept = tuple(one for one in claims if one != document_id)
        return None, [_sign(tx, author, kept, jitter)]

    jitter = ports.chance.fraction()
    await sign_and_store(ports, did, change)
    lister = _host(ports.store, document_id.partition("/")[0])
    return Claimed(id=document_id, is_claimed=False, holds=False, lister=lister)


def _listed(reads: Reads, did: str, document_id: str) -> Known:
    try:
        document = find_document(reads, document_id)
    except UnknownDocument as error:
        message = (
            f"{error.message}; a new one comes with the next poll of who lists it (localfed sync)"
        )
        raise UnknownDocument(message) from error
    listed = read_known(document)
    if listed is None or listed.is_own:
        message = (
            "that is not a record by which somebody lists an organisation: only such can be claimed"
        )
        raise BadDraft(message)
    if listed.did == did:
        message = (
            "that record is your own: withdraw it, and your organisation's record stands alone"
        )
        raise BadDraft(message)
    return listed


def _claims(reads: Reads, did: str) -> tuple[str, ...]:
    own = reads.document(did, ORGANISATION_PATH)
    record = read_record(own) if own is not None else None
    if record is None:
        message = (
            "your organisation has no record of its own yet: publish one first (localfed publish)"
        )
        raise BadDraft(message)
    return record.claims


def _sign(tx: Transaction, author: Author, claims: tuple[str, ...], jitter: float) -> Change:
    own = tx.document(author.did, ORGANISATION_PATH)
    assert own is not None
    done = sign_again(tx, author, own, jitter=jitter, members={"claims": list(claims)})
    if done is None:
        message = "nobody has looked at your record for too long: publish it anew, then claim"
        raise BadDraft(message)
    return done


def _host(reads: Reads, did: str) -> str:
    publisher = reads.publisher(did)
    return publisher.host if publisher is not None else ""
