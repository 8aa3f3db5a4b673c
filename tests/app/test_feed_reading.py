"""Reading a feed from its files alone: a table of feeds that do not hold together.

The files are made here entry by entry; fetching is a dictionary. Not here: which head counts, storing
(`tests/app/test_sync.py`).
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

import msgspec
import pytest

from federation import START
from localfed.app.feed_reading import read_feed
from localfed.protocol import limits
from localfed.protocol.digest import digest
from localfed.protocol.errors import BadFeed
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
    write_page,
    write_parts,
)
from localfed.protocol.ratchet import HeadState
from localfed.protocol.times import write_time

SCID = "Q" * 46


def path_of(number):
    """A path under d/, the same for the same number."""
    name = base64.b32encode(hashlib.sha256(str(number).encode()).digest()[:16])
    return f"d/{name.decode().lower().rstrip('=')}.json"


def put(seq, number, content=0):
    return Entry(
        seq=seq, path=path_of(number), type="Offer", digest=digest(f"{number}.{content}".encode())
    )


def gone(seq, number):
    return Entry(seq=seq, path=path_of(number))


class Feed:
    """A feed made by hand: entries on pages of a given length."""

    def __init__(self, entries, *, per_page=3, snapshot_at=None):
        self.entries = entries
        self.files = {}
        self.chains = {0: chain_start(SCID)}
        self.page = None
        chain = chain_start(SCID)
        for at in range(0, len(entries), per_page):
            piece = tuple(entries[at : at + per_page])
            path = page_path(piece[0].seq)
            page = Page(before=chain, previous=self.page, entries=piece)
            self.files[path] = write_page(page)
            self.page = path
            for entry in piece:
                chain = chain_over(chain, [entry])
                self.chains[entry.seq] = chain
        self.snapshot = Snapshot(seq=0, chain=chain_start(SCID), parts=())
        if snapshot_at is not None:
            self._write_snapshot(snapshot_at)

    def live_at(self, seq):
        live = {}
        for entry in self.entries:
            if entry.seq <= seq:
                live.pop(entry.path, None)
                if not entry.is_delete:
                    live[entry.path] = Row(path=entry.path, type=entry.type, digest=entry.digest)
        return live

    def _write_snapshot(self, seq):
        parts = []
        for number, body in enumerate(write_parts(list(self.live_at(seq).values())), 1):
            name = part_path(seq, number)
            self.files[name] = body
            parts.append(Part(name=name, digest=digest(body)))
        self.snapshot = Snapshot(seq=seq, chain=self.chains[seq], parts=tuple(parts))

    def head(self, **changes):
        seq = self.entries[-1].seq if self.entries else 0
        head = Head(
            context="https://w3id.org/localfed/1.0",
            id="did:webvh:x/head.json",
            type="Head",
            issuer="did:webvh:x",
            updated=write_time(START),
            expires=write_time(START + timedelta(days=14)),
            seq=seq,
            chain=self.chains[seq],
            page=self.page,
            snapshot=self.snapshot,
            identity="1-x",
            poll=900,
            versions=("1.0",),
        )
        return msgspec.structs.replace(head, **changes)

    def state(self, seq):
        return HeadState(era=0, seq=seq, chain=self.chains[seq], updated=write_time(START))

    async def fetch(self, path):
        return self.files.get(path)


LONG = [put(seq, seq % 7) if seq % 4 else gone(seq, (seq - 1) % 7) for seq in range(1, 21)]


@pytest.mark.parametrize("per_page", [1, 2, 3, 7, 20, 100])
@pytest.mark.parametrize("snapshot_at", [None, 5, 12, 20])
async def test_from_every_cursor_the_same_is_live_in_the_end(per_page, snapshot_at):
    """LF-READ-4 to LF-READ-8."""
    feed = Feed(LONG, per_page=per_page, snapshot_at=snapshot_at)

    for seq in [None, *range(1, 20)]:
        held = feed.state(seq) if seq is not None else None
        listing = await read_feed(feed.head(), SCID, held, feed.fetch)
        live = {} if listing.is_whole or seq is None else feed.live_at(seq)
        for path in listing.deletes:
            live.pop(path, None)
        live |= {row.path: row for row in listing.puts}
        assert live == feed.live_at(20), (seq, listing)


async def test_entries_above_the_head_are_ignored():
    """LF-FEED-8: they belong to a head that is still to come."""
    feed = Feed(LONG, per_page=100)
    head = feed.head(seq=15, chain=feed.chains[15])

    listing = await read_feed(head, SCID, None, feed.fetch)

    assert {row.path: row for row in listing.puts} == feed.live_at(15)


async def test_of_a_path_that_changed_often_only_the_last_word_is_told():
    feed = Feed([put(1, 1), put(2, 1, 1), gone(3, 1), put(4, 1, 2), put(5, 2), gone(6, 2)])

    listing = await read_feed(feed.head(), SCID, feed.state(1), feed.fetch)

    assert [row.digest for row in listing.puts] == [put(4, 1, 2).digest]
    assert listing.deletes == (path_of(2),)


async def test_an_empty_feed_is_read_without_asking_for_anything():
    """LF-READ-3, LF-HEAD-3."""
    feed = Feed([])

    async def fetch(path):
        pytest.fail(f"asked for {path}")

    listing = await read_feed(feed.head(), SCID, None, fetch)

    assert listing.is_whole
    assert listing.puts == ()
    with pytest.raises(BadFeed):
        await read_feed(feed.head(chain=digest(b"x")), SCID, None, fetch)


async def test_twenty_pages_are_walked_and_not_one_more(monkeypatch):
    """LF-READ-6."""
    feed = Feed([put(seq, seq) for seq in range(1, 31)], per_page=1, snapshot_at=25)
    assert limits.WALK_PAGES == 20

    reached = await read_feed(feed.head(), SCID, feed.state(10), feed.fetch)
    missed = await read_feed(feed.head(), SCID, feed.state(9), feed.fetch)

    assert (reached.is_whole, reached.notes) == (False, ())
    assert (missed.is_whole, missed.has_snapshot, missed.notes) == (True, True, ("caught up",))


async def test_a_snapshot_at_which_nothing_was_live_has_no_parts():
    """LF-HEAD-6."""
    feed = Feed([put(1, 1), gone(2, 1), put(3, 2)], snapshot_at=2)

    listing = await read_feed(feed.head(), SCID, None, feed.fetch)

    assert feed.snapshot.parts == ()
    assert [row.path for row in listing.puts] == [path_of(2)]


BROKEN = {
    "a page of another chain": lambda feed: feed.files.update(
        {"feed/4.json": Feed([put(4, 9)]).files["feed/4.json"]}
    ),
    "an entry changed": lambda feed: feed.files.update(
        {"feed/4.json": feed.files["feed/4.json"].replace(b'"Offer"', b'"Ofter"', 1)}
    ),
    "an entry left out": lambda feed: _rewrite(feed, "feed/4.json", lambda rows: rows[:-1]),
    "an entry added": lambda feed: _rewrite(feed, "feed/4.json", lambda rows: (*rows, put(6, 99))),
    "entries in another order": lambda feed: feed.files.update(
        {"feed/4.json": _swap_entries(feed.files["feed/4.json"])}
    ),
    "a page that begins elsewhere": lambda feed: feed.files.update(
        {
            "feed/7.json": feed.files["feed/7.json"].replace(
                feed.chains[6].encode(), digest(b"x").encode()
            )
        }
    ),
    "no such page": lambda feed: feed.files.pop("feed/7.json"),
    "no entries": lambda feed: feed.files.update({"feed/7.json": _bare(feed, b"[]")}),
    "a page that is a list": lambda feed: feed.files.update({"feed/7.json": b"[]"}),
    "a page with one member more": lambda feed: feed.files.update(
        {"feed/7.json": b'{"a":1,' + feed.files["feed/7.json"][1:]}
    ),
    "an entry of another kind": lambda feed: feed.files.update(
        {"feed/7.json": _bare(feed, b'[[7,"move","d/x.json"]]')}
    ),
    "a number that is true": lambda feed: feed.files.update(
        {"feed/7.json": _bare(feed, b'[[true,"delete","org.json"]]')}
    ),
    "a path that leads elsewhere": lambda feed: feed.files.update(
        {"feed/7.json": _bare(feed, b'[[7,"delete","../x.json"]]')}
    ),
    "a path of the feed itself": lambda feed: feed.files.update(
        {"feed/7.json": _bare(feed, b'[[7,"delete","head.json"]]')}
    ),
    "something that is no digest": lambda feed: feed.files.update(
        {"feed/7.json": _bare(feed, b'[[7,"put","org.json","Organization","zQm"]]')}
    ),
    "a loop of pages": lambda feed: feed.files.update(
        {"feed/7.json": _bare(feed, feed.files["feed/7.json"], previous=b'"feed/7.json"')}
    ),
}


def _rewrite(feed, path, change):
    number = int(path[5:-5])
    rows = [entry for entry in feed.entries if number <= entry.seq < number + 3]
    page = Page(
        before=feed.chains[number - 1],
        previous=page_path(number - 3),
        entries=tuple(change(tuple(rows))),
    )
    feed.files[path] = write_page(page)


def _swap_entries(body):
    value = msgspec.json.decode(body)
    value["entries"][0], value["entries"][1] = value["entries"][1], value["entries"][0]
    return msgspec.json.encode(dict(sorted(value.items())))


def _bare(feed, entries, previous=b'"feed/4.json"'):
    """A page in canonical form with entries as they are given."""
    if entries.startswith(b"{"):
        value = msgspec.json.decode(entries)
        entries = msgspec.json.encode(value["entries"])
    before = feed.chains[6].encode()
    return b'{"before":"' + before + b'","entries":' + entries + b',"previous":' + previous + b"}"


@pytest.mark.parametrize("case", BROKEN)
async def test_pages_that_do_not_lead_to_the_head_are_refused(case):
    """LF-FEED-3, LF-FEED-5 to LF-FEED-7, LF-READ-5."""
    entries = [put(seq, seq) for seq in range(1, 10)]
    feed = Feed(entries)
    whole = await read_feed(feed.head(), SCID, feed.state(1), feed.fetch)
    assert len(whole.puts) == 8

    BROKEN[case](feed)

    with pytest.raises(BadFeed):
        await read_feed(feed.head(), SCID, feed.state(1), feed.fetch)
    with pytest.raises(BadFeed):
        await read_feed(feed.head(), SCID, None, feed.fetch)


@pytest.mark.parametrize("change", ["chain", "seq"])
async def test_a_head_that_its_pages_do_not_reach_is_refused(change):
    """LF-READ-5: both its chain and its number."""
    feed = Feed([put(seq, seq) for seq in range(1, 10)])
    head = {"chain": feed.head(chain=digest(b"x")), "seq": feed.head(seq=10)}[change]

    with pytest.raises(BadFeed):
        await read_feed(head, SCID, feed.state(5), feed.fetch)
    with pytest.raises(BadFeed):
        await read_feed(head, SCID, None, feed.fetch)


async def test_a_cursor_of_another_feed_leads_to_the_snapshot():
    """LF-READ-7."""
    feed = Feed(LONG, snapshot_at=12)
    elsewhere = HeadState(era=0, seq=8, chain=digest(b"x"), updated=write_time(START))

    listing = await read_feed(feed.head(), SCID, elsewhere, feed.fetch)

    assert (listing.is_whole, listing.notes) == (True, ("restarted",))
    assert {row.path: row for row in listing.puts} == feed.live_at(20)


@pytest.mark.parametrize("held", [0, 3, 11, 12, 15])
async def test_a_false_snapshot_is_noted_by_who_walks_past_it(held):
    """LF-READ-14."""
    feed = Feed(LONG, snapshot_at=12)
    false = msgspec.structs.replace(feed.snapshot, chain=digest(b"x"))
    state = feed.state(held)

    right = await read_feed(feed.head(), SCID, state, feed.fetch)
    wrong = await read_feed(feed.head(snapshot=false), SCID, state, feed.fetch)

    assert right.notes == ()
    assert wrong.notes == (("other snapshot",) if held <= 12 else ())
    assert wrong.puts == right.puts


SNAPSHOTS = {
    "missing": lambda files, name: files.pop(name),
    "other bytes": lambda files, name: files.update({name: files[name] + b" "}),
}


@pytest.mark.parametrize("case", SNAPSHOTS)
@pytest.mark.parametrize("number", [1, 2])
async def test_a_part_that_is_not_the_one_of_the_head_is_refused(case, number, monkeypatch):
    """LF-READ-8."""
    monkeypatch.setattr(limits, "SNAPSHOT_ROWS", 3)
    feed = Feed([put(seq, seq) for seq in range(1, 7)], snapshot_at=6)
    assert len(feed.snapshot.parts) == 2

    SNAPSHOTS[case](feed.files, part_path(6, number))

    with pytest.raises(BadFeed, match=part_path(6, number)):
        await read_feed(feed.head(), SCID, None, feed.fetch)


@pytest.mark.parametrize(
    "rows",
    [
        b"[]",
        b"{}",
        b'[["org.json","Organization"]]',
        b'[["org.json","Organization",1]]',
        b'[["../x","Organization","zQm"]]',
    ],
)
async def test_rows_of_another_form_are_refused(rows):
    """LF-FEED-9."""
    feed = Feed([put(1, 1), put(2, 2)], snapshot_at=2)
    name = part_path(2, 1)
    feed.files[name] = rows
    parts = (Part(name=name, digest=digest(rows)),)

    with pytest.raises(BadFeed):
        await read_feed(
            feed.head(snapshot=Snapshot(seq=2, chain=feed.chains[2], parts=parts)),
            SCID,
            None,
            feed.fetch,
        )


@pytest.mark.parametrize("order", [(1, 0), (0, 0)])
async def test_rows_out_of_order_or_twice_are_refused(order):
    """LF-FEED-10."""
    feed = Feed([put(1, 1), put(2, 2)], snapshot_at=2)
    name = part_path(2, 1)
    rows = msgspec.json.decode(feed.files[name])
    body = msgspec.json.encode([rows[at] for at in order])
    feed.files[name] = body
    parts = (Part(name=name, digest=digest(body)),)

    with pytest.raises(BadFeed):
        await read_feed(
            feed.head(snapshot=Snapshot(seq=2, chain=feed.chains[2], parts=parts)),
            SCID,
            None,
            feed.fetch,
        )
