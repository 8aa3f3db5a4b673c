"""Publishing: how a change to our own documents becomes feed entries, pages, a snapshot and a head.

Here: the one writer of feeds, used by every feature that changes what a hosted organisation says.
All of it happens within the caller's transaction. Not here: what is changed and why (the features),
following other people's feeds (`sync`). Spec: 06-feed (LF-WRITE, LF-FEED, LF-HEAD).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import TypeVar

import msgspec

from localfed.app import pinging
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.signing import Author, Change, author_of, next_number
from localfed.app.standing import check_may_sign
from localfed.app.values import FeedFile
from localfed.protocol import limits
from localfed.protocol.accept import open_head
from localfed.protocol.canonical import Json, JsonObject, parse_object
from localfed.protocol.digest import digest
from localfed.protocol.document import CONTEXT, HEAD_PATH, convert
from localfed.protocol.feed import (
    Entry,
    Head,
    Page,
    Part,
    Row,
    Snapshot,
    chain_over,
    chain_start,
    page_path,
    part_path,
    read_page,
    read_parts,
    write_page,
    write_parts,
)
from localfed.protocol.identity import Identity
from localfed.protocol.proofs import sign
from localfed.protocol.ratchet import HeadState
from localfed.protocol.times import read_time, write_time

T = TypeVar("T")

VERSIONS = ("1.0",)
INBOX = "inbox"
"""Where messages are taken, below BASE."""


class _Feed(msgspec.Struct, kw_only=True):
    """The end of a feed while it is being extended."""

    seq: int
    chain: str
    page: Page | None
    page_path: str | None
    snapshot: Snapshot
    entries_since_snapshot: int


async def sign_and_store(
    ports: Ports, did: str, change: Callable[[Transaction, Author], tuple[T, Sequence[Change]]]
) -> T:
    """Change what a hosted organisation publishes: documents, feed and head in one transaction.

    `change` stores documents with `put` and returns what the caller wants to know and the changes
    for the feed; without changes nothing is signed. When this returns, all of it is on disk.

    Raises:
        UnknownOrganisation, BadFile, NoSigningKey: not hosted here, or no key of it.
        Closed, PublicHeadAhead, ClockWrong: it may not sign now; nothing was changed.
        What `change` raises; then nothing was changed.

    """
    keys = ports.keys.signing_keys(did)
    now = ports.clock.now()

    def run(tx: Transaction) -> tuple[T, bool]:
        check_may_sign(tx, did)
        author = author_of(tx, did, keys, now)
        result, changes = change(tx, author)
        return result, bool(changes) and publish(tx, author, changes)

    result, has_snapshot = await ports.store.write(run)
    if has_snapshot:
        await write_bundle(ports, did)
    return result


async def write_bundle(ports: Ports, did: str) -> None:
    """Write the bundle: the documents of the snapshot's rows that are still live (LF-FEED-11).

    Nothing is written before the first snapshot.
    """
    publisher = ports.store.publisher(did)
    if publisher is None or publisher.head is None:
        return
    snapshot = convert(parse_object(publisher.head), Head).snapshot
    files = [ports.store.feed_file(did, part.name) for part in snapshot.parts]
    rows = read_parts([file.body for file in files if file is not None])
    if snapshot.seq > 0:
        await ports.store.write_bundle(did, [row.digest for row in rows])


def publish(tx: Transaction, author: Author, changes: Sequence[Change]) -> bool:
    """Extend the feed by changes whose documents are stored, and sign the head.

    Without changes the head is renewed. Returns whether a snapshot was written, so that the bundle
    is due. Rules: LF-WRITE, LF-FEED, LF-HEAD.
    """
    feed = _open_feed(tx, author)
    number = feed.seq
    entries: list[Entry] = []
    for change in changes:
        number = next_number(number, author.now)
        if change.body is None:
            entries.append(Entry(seq=number, path=change.path))
            tx.delete_document(author.did, change.path)
        else:
            entries.append(
                Entry(seq=number, path=change.path, type=change.type, digest=digest(change.body))
            )
    _append(tx, author.did, feed, entries)
    has_snapshot = _write_snapshot_if_due(tx, author, feed)
    _write_head(tx, author, feed)
    if entries:
        pinging.enqueue_pings(tx, author.did, author.now)
    return has_snapshot


def publish_closing(tx: Transaction, author: Author, log: bytes, identity: Identity) -> None:
    """Sign the last head, which names the closing entry, and make the closed log count (LF-WRITE-9).

    It is signed with the key that signed before; nobody accepts it, and everybody then reads the log.
    """
    feed = _open_feed(tx, author)
    closing = msgspec.structs.replace(author, identity=identity)
    body = _sign_head(closing, feed)
    head = convert(parse_object(body), Head)
    tx.save_publisher(
        msgspec.structs.replace(
            author.publisher,
            log=log,
            is_closed=True,
            head=body,
            head_expires=head.expires,
            keys_changed=write_time(author.now),
        )
    )


def _open_feed(reads: Reads, author: Author) -> _Feed:
    publisher = author.publisher
    if publisher.head is None:
        start = chain_start(author.identity.scid)
        return _Feed(
            seq=0,
            chain=start,
            page=None,
            page_path=None,
            snapshot=Snapshot(seq=0, chain=start, parts=()),
            entries_since_snapshot=0,
        )
    # Our own, from our own disk: it is read and not judged, for a key may have been taken out since.
    head = convert(parse_object(publisher.head), Head)
    file = reads.feed_file(author.did, head.page) if head.page else None
    return _Feed(
        seq=head.seq,
        chain=head.chain,
        page=read_page(file.body, file.path) if file else None,
        page_path=head.page,
        snapshot=head.snapshot,
        entries_since_snapshot=publisher.entries_since_snapshot,
    )


def _append(tx: Transaction, did: str, feed: _Feed, entries: Sequence[Entry]) -> None:
    """Put entries on the last page while it has room, then on new ones (LF-FEED, LF-WRITE)."""
    rest = tuple(entries)
    while rest:
        room = limits.PAGE_ENTRIES - len(feed.page.entries) if feed.page is not None else 0
        if feed.page is not None and room > 0:
            taken, rest = rest[:room], rest[room:]
            feed.page = msgspec.structs.replace(feed.page, entries=feed.page.entries + taken)
        else:
            taken, rest = rest[: limits.PAGE_ENTRIES], rest[limits.PAGE_ENTRIES :]
            feed.page = Page(before=feed.chain, previous=feed.page_path, entries=taken)
            feed.page_path = page_path(taken[0].seq)
        feed.chain = chain_over(feed.chain, taken)
        feed.seq = taken[-1].seq
        feed.entries_since_snapshot += len(taken)
        tx.put_feed_file(FeedFile(did=did, path=feed.page_path or "", body=write_page(feed.page)))


def _write_snapshot_if_due(tx: Transaction, author: Author, feed: _Feed) -> bool:
    """Write a new snapshot when enough has happened, and let old files go (LF-WRITE)."""
    rows = [Row(path=path, type=kind, digest=name) for path, kind, name, _ in tx.rows(author.did)]
    most = min(limits.SNAPSHOT_ENTRIES_MAX, max(limits.SNAPSHOT_ENTRIES_MIN, len(rows) // 10))
    if feed.entries_since_snapshot <= most:
        return False
    before = feed.snapshot.seq
    keep_until = write_time(author.now + timedelta(hours=limits.OLD_FILES_HOURS))
    _retire_files(tx, author.did, before, keep_until)
    parts = []
    for number, body in enumerate(write_parts(rows), start=1):
        name = part_path(feed.seq, number)
        tx.put_feed_file(FeedFile(did=author.did, path=name, body=body))
        parts.append(Part(name=name, digest=digest(body)))
    feed.snapshot = Snapshot(seq=feed.seq, chain=feed.chain, parts=tuple(parts))
    feed.entries_since_snapshot = 0
    return True


def _retire_files(tx: Transaction, did: str, before: int, keep_until: str) -> None:
    """Mark for removal the parts so far, and the pages that end before the snapshot so far."""
    files = tx.feed_files(did)
    pages = sorted(int(path[5:-5]) for path, _ in files if path.startswith("feed/"))
    # A page ends where the next begins: it goes when the next one begins at or before `before`.
    gone = {page_path(one) for one, two in pairwise(pages) if two <= before}
    for path, remove_after in files:
        if remove_after is None and (path in gone or path.startswith("snapshot/")):
            file = tx.feed_file(did, path)
            if file is not None:
                tx.put_feed_file(msgspec.structs.replace(file, remove_after=keep_until))


def _sign_head(author: Author, feed: _Feed) -> bytes:
    parts: list[Json] = [{"name": part.name, "digest": part.digest} for part in feed.snapshot.parts]
    updated = author.now.replace(microsecond=0)
    state = author.publisher.state
    if state is not None and state.seq == feed.seq:
        # A renewal says the same feed: only a later time tells it from the head before.
        updated = max(updated, read_time(state.updated) + timedelta(seconds=1))
    document: JsonObject = {
        "@context": CONTEXT,
        "id": f"{author.did}/{HEAD_PATH}",
        "type": "Head",
        "issuer": author.did,
        "updated": write_time(updated),
        "expires": write_time(updated + timedelta(days=limits.HEAD_SERVER_DAYS)),
        "seq": feed.seq,
        "chain": feed.chain,
        "page": feed.page_path,
        "snapshot": {"seq": feed.snapshot.seq, "chain": feed.snapshot.chain, "parts": parts},
        "identity": author.identity.version_ids[-1],
        "poll": limits.POLL_SECONDS,
        "versions": list(VERSIONS),
        "inbox": INBOX,
        "limits": {"inboxBytes": limits.INBOX_BYTES},
    }
    return sign(document, author.key, f"{author.did}#{author.key.multikey}")


def _write_head(tx: Transaction, author: Author, feed: _Feed) -> None:
    body = _sign_head(author, feed)
    # The clock tolerance covers the second that a quick succession may run ahead.
    checked = open_head(body, identity=author.identity, now=author.now)
    head: Head = checked.head
    tx.save_publisher(
        msgspec.structs.replace(
            author.publisher,
            head=body,
            state=HeadState(era=checked.era, seq=head.seq, chain=head.chain, updated=head.updated),
            head_expires=head.expires,
            entries_since_snapshot=feed.entries_since_snapshot,
        )
    )
