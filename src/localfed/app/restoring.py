"""Restoring: a node that was put back from a backup takes its own public feed over.

Here: making a feed of our own that goes further ours again. What the backup has more becomes drafts.
Not here: finding it (`sightings`), the hold itself (`standing`). Spec: 06-feed (LF-WRITE-2, LF-WRITE-7).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import msgspec

from localfed.app.checking import check_documents
from localfed.app.feed_reading import Listing, read_feed
from localfed.app.ports import Ports, Transaction
from localfed.app.publishing import publish
from localfed.app.sightings import contradicts, fetch_own, look, open_own_head
from localfed.app.signing import Change, author_of, sign_again
from localfed.app.values import (
    DocumentState,
    FeedFile,
    Folder,
    Publisher,
    StoredDocument,
)
from localfed.protocol import limits
from localfed.protocol.accept import CheckedHead
from localfed.protocol.canonical import encode, parse_object
from localfed.protocol.document import HEAD_PATH, ORGANISATION_PATH, is_record_path
from localfed.protocol.errors import (
    BadFeed,
    NoAnswer,
    NothingToRestore,
    UnexpectedAnswer,
    Unreachable,
)
from localfed.protocol.feed import Head, Row, read_page, write_page
from localfed.protocol.identity import Identity
from localfed.protocol.keys import SigningKey

_SNAPSHOT_IS_DUE = limits.INTEGER


class TakenOver(msgspec.Struct, frozen=True, kw_only=True):
    """What taking our own public feed over did."""

    source: str
    documents: int
    """Live now."""
    fetched: int
    """Of them, how many the backup did not have."""
    let_go: int
    """Documents that are listed and that nobody had any more: withdrawn."""
    drafts: tuple[bytes, ...]
    """What the backup has and the public feed has not: to be published again, or not."""


# --- taking over -----------------------------------------------------------------------------


async def take_over(
    ports: Ports, did: str, *, at: str | None = None, let_go: bool = False
) -> TakenOver:
    """Make the public feed of a hosted organisation ours: it wins over what the backup says.

    `let_go`: documents whose bytes nobody has any more are withdrawn, instead of giving up.

    Raises:
        NothingToRestore: nothing goes further than what is stored here: there is nothing to take over.
        NoAnswer: a document could not be had, and is not to be let go; nothing was changed.
        Rejected, Unreachable, BadFile: by name; nothing was changed.

    """
    sighting = await look(ports, did, at=at)
    publisher = ports.store.publisher(did)
    if sighting is None or publisher is None:
        message = "no public head goes further than what is stored here"
        raise NothingToRestore(message)
    folder = Folder(
        base=sighting.source.removesuffix(HEAD_PATH),
        is_home=False,
        allow_loopback=publisher.allow_loopback,
    )
    return await _TakeOver(ports, publisher, folder).run(let_go=let_go)


class _TakeOver:
    """One taking over: what is there, what has to be fetched, what it becomes."""

    def __init__(self, ports: Ports, publisher: Publisher, folder: Folder) -> None:
        self.ports = ports
        self.publisher = publisher
        self.folder = folder
        self.now = ports.clock.now()
        self.files: dict[str, bytes] = {}

    async def run(self, *, let_go: bool) -> TakenOver:
        body = await fetch_own(self.ports, self.folder, HEAD_PATH, limits.DOCUMENT_BYTES)
        if body is None:
            message = "the head that was there a moment ago is gone"
            raise UnexpectedAnswer(message)
        head, identity, log = await open_own_head(
            self.ports, self.publisher, self.folder, body, self.now
        )
        listing = await read_feed(head.head, identity.scid, None, self._feed_file)
        fetched, lost = await self._fetch_lacking(listing, identity)
        if lost and not let_go:
            message = f"{len(lost)} documents, such as {lost[0].path}, could not be had"
            raise NoAnswer(message)
        keys = self.ports.keys.signing_keys(self.publisher.did)
        change = _Taking(
            head=head,
            identity=identity,
            log=log,
            listing=listing,
            fetched=fetched,
            lost=tuple(lost),
            files=self.files,
            keys=keys,
            now=self.now,
        )
        drafts = await self.ports.store.write(lambda tx: _take(tx, self.publisher.did, change))
        return TakenOver(
            source=self.folder.base,
            documents=len(listing.puts) - len(lost),
            fetched=len(fetched),
            let_go=len(lost),
            drafts=drafts,
        )

    async def _feed_file(self, path: str) -> bytes | None:
        data = await fetch_own(self.ports, self.folder, path, limits.FEED_FILE_BYTES)
        if data is not None:
            self.files[path] = data
        return data

    async def _fetch_lacking(
        self, listing: Listing, identity: Identity
    ) -> tuple[dict[str, StoredDocument], list[Row]]:
        """Fetch what the public feed lists and the backup does not hold with those bytes."""
        did, reads = self.publisher.did, self.ports.store
        held = {
            path: name for path, _, name, state in reads.rows(did) if state is DocumentState.LIVE
        }
        fetched: dict[str, StoredDocument] = {}
        lost: list[Row] = []
        for row in listing.puts:
            if held.get(row.path) == row.digest:
                continue
            document = None
            with suppress(Unreachable):
                body = await fetch_own(self.ports, self.folder, row.path, limits.DOCUMENT_BYTES)
                document = _open_own(did, row, body, identity, self.now) if body else None
            if document is None:
                lost.append(row)  # gone, expired or other bytes than listed: nobody could show it
            else:
                fetched[row.path] = document
        return fetched, lost


def _open_own(
    did: str, row: Row, body: bytes, identity: Identity, now: datetime
) -> StoredDocument | None:
    """Take a document of ours through the door like anybody's, as one to publish on; None: refused."""
    wanted = StoredDocument(
        did=did, path=row.path, type=row.type, digest=row.digest, state=DocumentState.WANTED
    )
    for one in check_documents([(wanted, body)], identity, now):
        if one.body is not None:
            # Due at once: the next round of renewals gives it a time of its own.
            return msgspec.structs.replace(one, renew_at=one.updated)
    return None


def _as_draft(body: bytes) -> bytes:
    """Write a document as a draft that can be published anew: without its id and its signature."""
    value = parse_object(body)
    return encode({name: item for name, item in value.items() if name not in {"id", "proof"}})


def _until(page: bytes, path: str, head: Head) -> bytes:
    """Cut off what a page has beyond the head: it is of a head that nobody has."""
    read = read_page(page, path)
    entries = tuple(entry for entry in read.entries if entry.seq <= head.seq)
    return write_page(msgspec.structs.replace(read, entries=entries))


class _Taking(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the one transaction of a taking over needs."""

    head: CheckedHead
    identity: Identity
    log: bytes
    listing: Listing
    fetched: dict[str, StoredDocument]
    lost: tuple[Row, ...]
    files: dict[str, bytes]
    keys: tuple[SigningKey, ...]
    now: datetime


def _take(tx: Transaction, did: str, change: _Taking) -> tuple[bytes, ...]:
    """Take a public feed over, and sign a head that goes on from it; returns the drafts."""
    publisher = tx.publisher(did)
    if publisher is None or not contradicts(tx, publisher, change.head):
        message = "what is stored here has changed meanwhile"
        raise BadFeed(message)
    listed = {row.path for row in change.listing.puts}
    drafts = []
    for path, _, _, _ in tx.rows(did):
        if path in listed:
            continue
        held = tx.document(did, path)
        if held is not None and held.body is not None and is_record_path(path):
            drafts.append(_as_draft(held.body))
        tx.delete_document(did, path)
    tx.put_documents(list(change.fetched.values()))
    head = change.head.head
    for path, body in change.files.items():
        file = _until(body, path, head) if path == head.page else body
        tx.put_feed_file(FeedFile(did=did, path=path, body=file))
    taken = msgspec.structs.replace(
        publisher,
        log=change.log,
        base=change.identity.base,
        host=change.identity.host,
        is_closed=change.identity.closed,
        head=change.head.body,
        state=change.head.state,
        head_expires=head.expires,
        # The pages before are not all here: with a snapshot of its own the feed needs none of them.
        entries_since_snapshot=_SNAPSHOT_IS_DUE,
        hold=None,
    )
    tx.save_publisher(taken)
    author = author_of(tx, did, change.keys, change.now)
    changes = [Change(path=row.path) for row in change.lost]
    own = tx.document(did, ORGANISATION_PATH)
    if own is not None and own.body is not None:
        # A number after all that either feed used: also who saw ours goes on to this one.
        changes += [one for one in (sign_again(tx, author, own, jitter=0.0),) if one is not None]
    publish(tx, author, changes)
    return tuple(drafts)
