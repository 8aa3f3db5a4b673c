"""Restoring: a node that was put back from a backup finds out, and takes its own public feed over.

Here: looking for heads of our own identity that go further than our state (at home, and on the
mirrors of those we follow), and making that feed ours again. What the backup has more becomes drafts.
Not here: the hold itself (`standing`). Spec: 06-feed (LF-WRITE-2, LF-WRITE-7).

Two machines may hold one key: a backup put back while the other still runs, or a thief. A node cannot
tell the two apart, and an identity has one writer: so it stops and asks.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from http import HTTPStatus

import msgspec

from localfed.app.accepting import check_documents
from localfed.app.feed_reading import Listing, read_feed
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.publishing import Author, Change, publish, put
from localfed.app.standing import note_head_ahead
from localfed.app.values import (
    DocumentState,
    FeedFile,
    Folder,
    Publisher,
    StoredDocument,
)
from localfed.protocol import limits
from localfed.protocol.accept import CheckedHead, open_head
from localfed.protocol.canonical import JsonObject, encode, parse_object
from localfed.protocol.document import HEAD_PATH, ORGANISATION_PATH, is_record_path
from localfed.protocol.draft import ENVELOPE, assured_at
from localfed.protocol.errors import (
    BadFeed,
    Forked,
    NoAnswer,
    NothingToRestore,
    Refused,
    Rejected,
    Stale,
    UnexpectedAnswer,
    UnknownIdentityVersion,
    Unreachable,
)
from localfed.protocol.feed import Head, Row, chain_over, read_page, write_page
from localfed.protocol.identity import Comparison, Identity, compare_logs, read_identity
from localfed.protocol.keys import SigningKey
from localfed.protocol.ratchet import Verdict, judge

_MIRRORS = 20
"""Mirrors that are asked for our own head in one look; those of whom we have followed longest."""

_SNAPSHOT_IS_DUE = limits.INTEGER


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """A head of our own identity that goes further than our own state."""

    source: str
    """The URL that brought it."""
    seq: int
    updated: str


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


# --- finding out -----------------------------------------------------------------------------


async def look(ports: Ports, did: str, *, at: str | None = None) -> Sighting | None:
    """Look for a head of a hosted organisation that goes further than our state, or contradicts it.

    `at` is a folder, ending in `/`, that the operator named; without it the home and the mirrors of
    followed publishers are asked. Whoever does not answer is passed over. What is found is kept as
    evidence, and nothing is signed from then on.
    """
    publisher = ports.store.publisher(did)
    if publisher is None or not publisher.is_hosted or publisher.is_closed:
        return None
    for folder in _folders(ports.store, publisher, at):
        sighting = await _look_in(ports, publisher, folder)
        if sighting is not None:
            return sighting
    return None


def _folders(reads: Reads, publisher: Publisher, at: str | None) -> list[Folder]:
    loopback = publisher.allow_loopback
    if at is not None:
        return [Folder(base=at, is_home=at == publisher.base, allow_loopback=loopback)]
    home = Folder(base=publisher.base, is_home=True, allow_loopback=loopback)
    mirrors = [
        Folder(
            base=f"{one.base}mirror/{publisher.scid}/",
            is_home=False,
            allow_loopback=one.allow_loopback,
        )
        for one in reads.publishers(hosted=False, followed=True)[:_MIRRORS]
        if not one.is_closed
    ]
    return [home, *mirrors]


async def _look_in(ports: Ports, publisher: Publisher, folder: Folder) -> Sighting | None:
    now = ports.clock.now()
    try:
        body = await _fetch(ports, folder, HEAD_PATH, limits.DOCUMENT_BYTES)
        if body is None:
            return None
        head, _, _ = await _open(ports, publisher, folder, body, now)
    except (Unreachable, Rejected, Refused):
        # A head of ours that does not count says nothing about ours.
        return None
    source = folder.base + HEAD_PATH

    def change(tx: Transaction) -> bool:
        present = tx.publisher(publisher.did)
        if present is None or not _contradicts(tx, present, head):
            return False
        note_head_ahead(tx, present, body, source=source, now=now)
        return True

    is_ahead = await ports.store.write(change)
    if not is_ahead:
        return None
    return Sighting(source=source, seq=head.head.seq, updated=head.head.updated)


async def _open(
    ports: Ports, publisher: Publisher, folder: Folder, body: bytes, now: datetime
) -> tuple[CheckedHead, Identity, bytes]:
    """Check a head of our own, with the log beside it where that goes on from ours."""
    loopback = publisher.allow_loopback
    identity = read_identity(publisher.log, now=now, allow_loopback=loopback)
    try:
        return open_head(body, identity=identity, now=now), identity, publisher.log
    except UnknownIdentityVersion:
        log = await _fetch(ports, folder, "did.jsonl", limits.LOG_BYTES)
        if log is None:
            raise
        longer = read_identity(log, now=now, allow_loopback=loopback)
        if compare_logs(identity, longer) is not Comparison.EXTENDS:
            raise
        return open_head(body, identity=longer, now=now), longer, log


def _contradicts(reads: Reads, publisher: Publisher, head: CheckedHead) -> bool:
    """Whether a head of our own says that somebody else writes our feed, or did before a restore."""
    state = publisher.state
    try:
        return judge(state, head.state) is Verdict.NEWER
    except Forked:
        return True  # two writers, one number
    except Stale:
        # An older head of ours, brought by somebody slow; or of a feed that is not the one we wrote.
        is_of_this_era = state is not None and head.era == state.era
        return is_of_this_era and not _is_ours(reads, publisher, head.head)


def _is_ours(reads: Reads, publisher: Publisher, head: Head) -> bool:
    """Whether a head is one that our feed has passed; True also where our pages do not go back so far."""
    paths = [path for path, _ in reads.feed_files(publisher.did) if path.startswith("feed/")]
    before = [path for path in paths if int(path[5:-5]) <= head.seq]
    if not before:
        return True
    file = reads.feed_file(publisher.did, max(before, key=lambda path: int(path[5:-5])))
    if file is None:
        return True
    page = read_page(file.body, file.path)
    entries = [entry for entry in page.entries if entry.seq <= head.seq]
    return entries[-1].seq == head.seq and chain_over(page.before, entries) == head.chain


async def _fetch(ports: Ports, folder: Folder, path: str, limit: int) -> bytes | None:
    answer = await ports.fetch.get(
        folder.base + path,
        limit_bytes=limit,
        allow_loopback=folder.allow_loopback,
        fresh=True,
        may_be_missing=True,
    )
    return answer.body if answer.status == HTTPStatus.OK else None


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
        body = await _fetch(self.ports, self.folder, HEAD_PATH, limits.DOCUMENT_BYTES)
        if body is None:
            message = "the head that was there a moment ago is gone"
            raise UnexpectedAnswer(message)
        head, identity, log = await _open(self.ports, self.publisher, self.folder, body, self.now)
        listing = await read_feed(head.head, identity.scid, None, self._feed_file)
        fetched, lost = await self._fetch_lacking(listing, identity)
        if lost and not let_go:
            message = f"{len(lost)} documents, such as {lost[0].path}, could not be had"
            raise NoAnswer(message)
        keys = self.ports.keys.signing_key(self.publisher.did)
        change = _Taking(
            head=head,
            identity=identity,
            log=log,
            listing=listing,
            fetched=fetched,
            lost=tuple(lost),
            files=self.files,
            key=keys,
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
        data = await _fetch(self.ports, self.folder, path, limits.FEED_FILE_BYTES)
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
                body = await _fetch(self.ports, self.folder, row.path, limits.DOCUMENT_BYTES)
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
    key: SigningKey
    now: datetime


def _take(tx: Transaction, did: str, change: _Taking) -> tuple[bytes, ...]:
    """Take a public feed over, and sign a head that goes on from it; returns the drafts."""
    publisher = tx.publisher(did)
    if publisher is None or not _contradicts(tx, publisher, change.head):
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
    author = Author(publisher=taken, identity=change.identity, key=change.key, now=change.now)
    changes = [Change(path=row.path) for row in change.lost]
    own = tx.document(did, ORGANISATION_PATH)
    if own is not None and own.body is not None:
        # A number after all that either feed used: also who saw ours goes on to this one.
        changes.append(_sign_again(tx, author, own, own.body))
    publish(tx, author, changes)
    return tuple(drafts)


def _sign_again(tx: Transaction, author: Author, document: StoredDocument, body: bytes) -> Change:
    """Sign a document of ours as it is, with a new revision and new times."""
    value = parse_object(body)
    members: JsonObject = {name: item for name, item in value.items() if name not in ENVELOPE}
    assured = assured_at(value)
    return put(tx, author, path=document.path, members=members, assured=assured, jitter=0.0)
