"""Listings: publishing, withdrawing and showing the documents of a hosted organisation.

Here: offers, needs, the own record and single listed records; all are drafts that become documents.
Not here: many at once from a table (`imports`), signing again (`renewals`).
Spec: 05-documents, 06-feed (LF-WRITE).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from localfed.app import pictures, placing, timing
from localfed.app.joint import name_contributors
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.publishing import sign_and_store
from localfed.app.signing import Author, Change, new_record_path, put
from localfed.app.values import DocumentState, StoredDocument
from localfed.protocol.did import split_id
from localfed.protocol.document import CONTACT_PATH, ORGANISATION_PATH, is_record_path
from localfed.protocol.draft import Draft, read_draft
from localfed.protocol.errors import (
    BadDid,
    BadDraft,
    LocalFedError,
    Refused,
    Rejected,
    UnknownDocument,
)
from localfed.protocol.exchange import Exchange
from localfed.protocol.image import Picture
from localfed.protocol.partnership import half_path


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What publishing did."""

    id: str
    revision: int
    is_new: bool


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """One of several drafts: what reads it, and the files that it names as its pictures."""

    read: Callable[[], bytes]
    load: pictures.Load


_HALF: Final = msgspec.json.Decoder(Exchange)
_Store = Callable[[Transaction, Author], tuple[Published, Change]]


class _Undone(Exception):
    """Some of several drafts cannot be published."""


def _no_files(name: str) -> bytes:
    message = f"the draft names a file, {name[:70]!a}, and there are none here"
    raise BadDraft(message)


async def publish_draft(
    ports: Ports,
    did: str,
    data: bytes,
    *,
    language: str,
    load: pictures.Load = _no_files,
    attached: Sequence[pictures.Attached] = (),
) -> Published:
    """Publish a draft of a hosted organisation: a new document, or the next revision of one.

    `language` is that of plain strings; `load` gives the bytes of files that the draft names as its
    pictures, `attached` are pictures beside it. When this returns, it is on disk and in the feed.

    Raises:
        BadDraft, NotJson, NotUtf8, TooDeep, TooLarge: the draft; nothing was changed.
        BadPicture: one of its pictures; nothing was changed.
        UnknownZone, NeverOn: its times can never come true; nothing was changed.
        UnknownDocument: its `id` is not a live document of this organisation.

    """
    draft, made = await pictures.prepare(ports, read_draft(data, language=language), load, attached)
    store = _storing(ports, draft, made)

    def change(tx: Transaction, author: Author) -> tuple[Published, list[Change]]:
        published, done = store(tx, author)
        return published, [done]

    return await sign_and_store(ports, did, change)


async def publish_drafts(
    ports: Ports, did: str, sheets: Sequence[Sheet], *, language: str
) -> list[Published | LocalFedError]:
    """Publish several drafts of a hosted organisation, all of them or none; returns what became of each, in order.

    With an error among it nothing was changed, and what is `Published` would have been.

    Raises:
        What `sign_and_store` raises of the organisation itself.

    """
    outcomes: list[Published | LocalFedError] = []
    stores: list[_Store | LocalFedError] = []
    for sheet in sheets:
        try:
            draft = read_draft(sheet.read(), language=language)
            stores.append(_storing(ports, *await pictures.prepare(ports, draft, sheet.load, ())))
        except LocalFedError as error:
            stores.append(error)

    def change(tx: Transaction, author: Author) -> tuple[None, list[Change]]:
        outcomes.clear()
        changes: list[Change] = []
        for store in stores:
            if isinstance(store, LocalFedError):
                outcomes.append(store)
                continue
            try:
                published, done = store(tx, author)
                if any(done.path == one.path for one in changes):
                    message = "another of these drafts is of the same document; publish one of them"
                    raise BadDraft(message)
            except (Rejected, Refused) as error:
                outcomes.append(error)
            else:
                outcomes.append(published)
                changes.append(done)
        if len(changes) < len(stores):
            raise _Undone
        return None, changes

    with suppress(_Undone):
        await sign_and_store(ports, did, change)
    return outcomes


def _storing(ports: Ports, draft: Draft, made: Sequence[Picture]) -> _Store:
    """Return what stores a draft that was read, within a transaction; its parts of chance are drawn before."""
    timing.check_times(draft, ports.clock.now())
    fresh_path = new_record_path(ports.chance)
    jitter = ports.chance.fraction()

    def store(tx: Transaction, author: Author) -> tuple[Published, Change]:
        path, held = _target(tx, author, draft, fresh_path)
        _check_once(tx, author.did, path, draft)
        pictures.keep(tx, author.did, made)
        members = name_contributors(tx, draft.members)
        done = put(tx, author, path=path, members=members, assured=author.now, jitter=jitter)
        pictures.settle(tx, author.did, path)
        published = Published(
            id=f"{author.did}/{path}", revision=done.revision, is_new=held is None
        )
        return published, done

    return store


def _check_once(reads: Reads, did: str, path: str, draft: Draft) -> None:
    """Refuse to say an exchange a second time beside the first: neither would count any more (LF-EXCH-5)."""
    if draft.type != "Exchange":
        return
    said = (draft.members.get("partner"), draft.members.get("ref"))
    for body in reads.exchanges():
        try:
            half = _HALF.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        if half.issuer == did and (half.partner, half.ref) == said and half.id != f"{did}/{path}":
            message = f"you have said that exchange already: localfed exchange correct {half.ref}"
            raise BadDraft(message)


def explain(ports: Ports, document_id: str) -> list[str]:
    """Say what whoever published a document should know of how it is found; empty where there is nothing to say."""
    document = ports.store.document(*split_id(document_id))
    if document is None:
        return []
    where = placing.explain(ports.gazetteer, placing.read_places(document))
    return [said for said in (where, timing.explain(document, ports.clock.now())) if said]


async def withdraw(ports: Ports, did: str, document_id: str) -> None:
    """Withdraw a document: it leaves the feed, followers delete it, its path is never used again.

    Raises:
        UnknownDocument: not a live document of this organisation.
        BadDraft: the own record cannot be withdrawn.

    """

    def change(tx: Transaction, author: Author) -> tuple[None, list[Change]]:
        path = own_document(tx, author.did, document_id).path
        if path == ORGANISATION_PATH:
            message = "an organisation's own record stays as long as the organisation is here"
            raise BadDraft(message)
        return None, [Change(path=path)]

    await sign_and_store(ports, did, change)


def find_document(reads: Reads, document_id: str) -> StoredDocument:
    """Find a live document of anyone here by its id.

    Raises:
        UnknownDocument: not here, not live, or not an id.

    """
    try:
        did, path = split_id(document_id)
    except BadDid as error:
        message = f"{document_id[:100]} is not the id of a document"
        raise UnknownDocument(message) from error
    document, publisher = reads.document(did, path), reads.publisher(did)
    if (
        document is None
        or document.body is None
        or document.state is not DocumentState.LIVE
        or publisher is None
        or not publisher.is_shown
    ):
        message = "there is no live document with that id here"
        raise UnknownDocument(message)
    return document


def own_document(reads: Reads, did: str, document_id: str) -> StoredDocument:
    """Find a live document of one hosted organisation by its id.

    Raises:
        UnknownDocument: withdrawn, another organisation's, or never there.

    """
    prefix = did + "/"
    path = document_id.removeprefix(prefix)
    if document_id.startswith(prefix) and is_record_path(path) and reads.is_retired(did, path):
        message = "that document was withdrawn; leave out the id to publish a new one"
        raise UnknownDocument(message)
    document = find_document(reads, document_id)
    if document.did != did:
        message = "that document is another organisation's"
        raise UnknownDocument(message)
    return document


def _target(
    tx: Transaction, author: Author, draft: Draft, fresh_path: str
) -> tuple[str, StoredDocument | None]:
    """Say where a draft goes, and what is there now."""
    if draft.id is not None:
        held = own_document(tx, author.did, draft.id)
        if held.type != draft.type:
            message = f"that document is of type {held.type}, and stays so"
            raise BadDraft(message)
        return held.path, held
    if draft.type == "Organization" and draft.members.get("listed") is not True:
        return ORGANISATION_PATH, tx.document(author.did, ORGANISATION_PATH)
    if draft.type == "Contact":
        return CONTACT_PATH, tx.document(author.did, CONTACT_PATH)
    if draft.type == "Partnership":
        return _half(tx, author, draft)
    return fresh_path, None


def _half(tx: Transaction, author: Author, draft: Draft) -> tuple[str, StoredDocument | None]:
    """Say where our half towards a partner lies; there is one, which is written anew."""
    partner = draft.members.get("partner")
    if not isinstance(partner, str):
        message = "a partnership names its partner by its DID"
        raise BadDraft(message)
    try:
        path = half_path(partner)
    except BadDid as error:
        message = f"the partner is no DID: {error.message}"
        raise BadDraft(message) from error
    return path, tx.document(author.did, path)
