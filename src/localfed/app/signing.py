"""Signing: documents of hosted organisations, each with its next number.

Here: who signs with which key, and one document at a time. Not here: the feed and the head that then
list it (`publishing`), what is signed and why (the features). Spec: 05-documents, 06-feed (LF-WRITE-2).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from localfed.app.ports import Chance, Reads, Transaction
from localfed.app.values import DocumentState, Publisher, StoredDocument
from localfed.protocol import limits
from localfed.protocol.accept import open_document
from localfed.protocol.canonical import JsonObject, parse_object
from localfed.protocol.draft import ENVELOPE, assured_at, write_document
from localfed.protocol.errors import NoSigningKey, UnknownOrganisation
from localfed.protocol.identity import Identity, read_identity
from localfed.protocol.keys import SigningKey
from localfed.protocol.times import milliseconds, read_time, write_time


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """A hosted organisation about to sign: who, with which key, when."""

    publisher: Publisher
    identity: Identity
    key: SigningKey
    now: datetime

    @property
    def did(self) -> str:
        """The first DID."""
        return self.identity.did


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one path: its new bytes, or None to delete it."""

    path: str
    type: str = ""
    body: bytes | None = None
    revision: int = 0


def author_of(reads: Reads, did: str, keys: Sequence[SigningKey], now: datetime) -> Author:
    """Read a hosted organisation and its identity, within the transaction that will sign.

    Of `keys`, those on this disk, the newest that the log asserts signs.

    Raises:
        UnknownOrganisation: it is not hosted here.
        NoSigningKey: the log asserts none of them.

    """
    publisher = reads.publisher(did)
    if publisher is None or not publisher.is_hosted:
        message = "that organisation is not hosted on this node"
        raise UnknownOrganisation(message)
    identity = read_identity(publisher.log, now=now, allow_loopback=publisher.allow_loopback)
    for key in reversed(keys):
        if f"{did}#{key.multikey}" in identity.keys:
            return Author(publisher=publisher, identity=identity, key=key, now=now)
    message = "none of the keys on this machine is one of the organisation any more"
    raise NoSigningKey(message)


def next_number(last: int, now: datetime) -> int:
    """Return a number that no restored backup can repeat (LF-WRITE: max(last + 1, Unix ms))."""
    return max(last + 1, milliseconds(now))


def new_record_path(chance: Chance) -> str:
    """Make a path for a new record: 128 random bits, so it was never used before."""
    name = base64.b32encode(chance.random_bytes(16)).decode().lower().rstrip("=")
    return f"d/{name}.json"


def put(
    tx: Transaction,
    author: Author,
    *,
    path: str,
    members: JsonObject,
    assured: datetime,
    jitter: float,
) -> Change:
    """Sign the next revision of a document, check it as a stranger would, and store it.

    `jitter` (0 to 1) decides when, between half and three quarters of its life, it is renewed.
    The caller passes the change on to `publish`, with its other changes.

    Raises:
        BadDraft: the members have a form that the specification does not allow.
        Rejected: they break another rule of their type; nothing was stored.

    """
    held = tx.document(author.did, path)
    body = write_document(
        members,
        did=author.did,
        path=path,
        revision=next_number(held.revision if held else 0, author.now),
        key=author.key,
        now=author.now,
        assured=assured,
    )
    checked = open_document(body, identity=author.identity, now=author.now, path=path)
    document = checked.document
    updated, expires = read_time(document.updated), read_time(document.expires)
    renew_at = updated + (expires - updated) * (0.5 + jitter / 4)
    # Renewing cannot outlive the last time that a person looked at it, nor what is kept for a time: then it may fade.
    latest = document.latest_expiry()
    is_renewable = latest is None or expires < latest
    tx.put_document(
        StoredDocument(
            did=author.did,
            path=path,
            type=document.type,
            digest=checked.digest,
            state=DocumentState.LIVE,
            body=body,
            revision=document.revision,
            updated=document.updated,
            expires=document.expires,
            is_shown=checked.is_shown,
            renew_at=write_time(renew_at) if is_renewable else None,
        )
    )
    return Change(path=path, type=document.type, body=body, revision=document.revision)


def sign_again(
    tx: Transaction,
    author: Author,
    document: StoredDocument,
    *,
    jitter: float,
    members: JsonObject | None = None,
) -> Change | None:
    """Sign a document of ours as it is, or with some other members, with a new revision and new times.

    None where it has to fade: nobody looked at it for too long (LF-DOC-9); nothing was changed.
    """
    assert document.body is not None
    value = parse_object(document.body)
    assured = assured_at(value)
    if assured is not None and assured + timedelta(days=limits.ASSURED_DAYS) <= author.now:
        return None
    kept: JsonObject = {name: item for name, item in value.items() if name not in ENVELOPE}
    said = kept | (members or {})
    return put(
        tx, author, path=document.path, members=said, assured=assured or author.now, jitter=jitter
    )
