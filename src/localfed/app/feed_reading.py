"""Reading a feed from its files: from a head and a cursor to what changed, or to all that is live.

Here: the walk over pages, the snapshot, and the arithmetic that proves both against the head.
Fetching is a function that the caller gives. Not here: which head counts, storing (`sync`).
Spec: 06-feed (LF-READ).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from localfed.protocol import limits
from localfed.protocol.digest import digest
from localfed.protocol.errors import BadFeed
from localfed.protocol.feed import (
    Entry,
    Head,
    Page,
    Row,
    Snapshot,
    chain_over,
    chain_start,
    read_page,
    read_parts,
)
from localfed.protocol.ratchet import HeadState

FetchFile = Callable[[str], Awaitable[bytes | None]]
"""Fetches a feed file by its path under BASE; None where it is gone (404)."""


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What a head says, compared with a cursor or in whole."""

    puts: tuple[Row, ...]
    deletes: tuple[str, ...]
    is_whole: bool
    """True: `puts` is everything that is live; what is not in it is deleted."""
    has_snapshot: bool = False
    """Whether the snapshot was loaded for it."""
    until_snapshot: tuple[Entry, ...] | None = None
    """Of a walk that passed the head's snapshot: the entries up to it, in order."""
    notes: tuple[str, ...] = ()
    """`caught up` or `restarted`: why a feed that was read before was read as a whole.
    `other snapshot`: newcomers are told another directory than the one that the pages give."""


class _Cursor(msgspec.Struct, frozen=True, kw_only=True):
    seq: int
    chain: str


async def read_feed(head: Head, scid: str, held: HeadState | None, fetch: FetchFile) -> Listing:
    """Read what changed since `held`; or everything, where that cannot be reached.

    Rules: LF-READ-3 to LF-READ-8, LF-READ-14.

    Raises:
        BadFeed: the files do not match the head. And what `fetch` raises.

    """
    start = chain_start(scid)
    if head.seq == 0:
        if head.chain != start:
            message = "an empty feed begins with another chain than its identity's"
            raise BadFeed(message)
        return Listing(puts=(), deletes=(), is_whole=True)
    why = ""
    if held is not None:
        cursor = _Cursor(seq=held.seq, chain=held.chain)
        entries, why = await _walk(head, cursor, fetch)
        if entries is not None:
            is_true = _is_snapshot_true(head.snapshot, cursor, entries)
            notes = () if is_true else ("other snapshot",)
            passed = None
            if is_true and head.snapshot.seq > cursor.seq:
                passed = tuple(one for one in entries if one.seq <= head.snapshot.seq)
            return msgspec.structs.replace(_fold(entries), notes=notes, until_snapshot=passed)
    elif head.snapshot.seq == 0:
        entries, _ = await _walk(head, _Cursor(seq=0, chain=start), fetch)
        if entries is not None:
            return Listing(puts=_fold(entries).puts, deletes=(), is_whole=True)
    return await _read_whole(head, start, why, fetch)


def _is_snapshot_true(snapshot: Snapshot, cursor: _Cursor, entries: Sequence[Entry]) -> bool:
    """Whether a walk that passed the snapshot found its chain there (LF-READ-14)."""
    if snapshot.seq < cursor.seq:
        return True
    before = [entry for entry in entries if entry.seq <= snapshot.seq]
    return chain_over(cursor.chain, before) == snapshot.chain


async def _walk(head: Head, cursor: _Cursor, fetch: FetchFile) -> tuple[list[Entry] | None, str]:
    """Walk back from the head to a cursor; None and why where it is not reached."""
    pages: list[Page] = []
    path = head.page
    while path is not None:
        if len(pages) == limits.WALK_PAGES:
            return None, "caught up"
        data = await fetch(path)
        if data is None:
            return None, "caught up"
        page = read_page(data, path)
        pages.append(page)
        if page.before == cursor.chain or page.entries[0].seq <= cursor.seq:
            break
        path = page.previous
    pages.reverse()
    entries = _join(pages, head)
    first = pages[0].before if pages else head.chain
    old = [entry for entry in entries if entry.seq <= cursor.seq]
    # The chain at the cursor proves that the feed we read is the one we had, continued.
    if chain_over(first, old) == cursor.chain:
        return entries[len(old) :], ""
    return None, "restarted"


def _join(pages: Sequence[Page], head: Head) -> list[Entry]:
    """Join pages, oldest first, and prove them against the head's number and chain."""
    entries: list[Entry] = []
    chain = pages[0].before if pages else head.chain
    for page in pages:
        # Entries above the head are of a head that is still being written: ignored.
        known = [entry for entry in page.entries if entry.seq <= head.seq]
        if page.before != chain or (entries and known and known[0].seq <= entries[-1].seq):
            message = "two pages of the feed do not join"
            raise BadFeed(message)
        chain = chain_over(chain, known)
        entries += known
    if chain != head.chain or (entries and entries[-1].seq != head.seq):
        message = "the pages of the feed do not lead to the head"
        raise BadFeed(message)
    return entries


async def _read_whole(head: Head, start: str, why: str, fetch: FetchFile) -> Listing:
    """Load the snapshot and what came after it."""
    rows = await _load_snapshot(head.snapshot, start, fetch)
    cursor = _Cursor(seq=head.snapshot.seq, chain=head.snapshot.chain)
    later: list[Entry] | None = []
    if head.seq > head.snapshot.seq:
        later, _ = await _walk(head, cursor, fetch)
    elif head.chain != head.snapshot.chain:
        later = None
    if later is None:
        message = "the snapshot and the pages after it do not join"
        raise BadFeed(message)
    live = {row.path: row for row in rows}
    for entry in later:
        if entry.is_delete:
            live.pop(entry.path, None)
        else:
            live[entry.path] = Row(path=entry.path, type=entry.type, digest=entry.digest)
    return Listing(
        puts=tuple(live.values()),
        deletes=(),
        is_whole=True,
        has_snapshot=bool(rows),
        notes=(why,) if why else (),
    )


async def _load_snapshot(snapshot: Snapshot, start: str, fetch: FetchFile) -> list[Row]:
    if snapshot.seq == 0 and snapshot.chain != start:
        message = "an empty snapshot begins with another chain than its identity's"
        raise BadFeed(message)
    parts = []
    for part in snapshot.parts:
        data = await fetch(part.name)
        if data is None or digest(data) != part.digest:
            message = f"{part.name} is missing or has other bytes than the head says"
            raise BadFeed(message)
        parts.append(data)
    return read_parts(parts)


def _fold(entries: Sequence[Entry]) -> Listing:
    """Fold entries to the last word on each path."""
    last = {entry.path: entry for entry in entries}
    return Listing(
        puts=tuple(
            Row(path=entry.path, type=entry.type, digest=entry.digest)
            for entry in last.values()
            if not entry.is_delete
        ),
        deletes=tuple(path for path, entry in last.items() if entry.is_delete),
        is_whole=False,
    )
