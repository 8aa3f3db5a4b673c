"""The writer of feeds: numbers, the chain, pages, snapshots, bundles, heads, and all of it at once.

The files are read back as a stranger reads them: from their bytes, by the forms of the specification.
"""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import pairwise

import pytest

from app.makers import import_many
from localfed.app.listings import publish_draft
from localfed.app.publishing import sign_and_store
from localfed.app.signing import Change, new_record_path, next_number
from localfed.protocol import limits
from localfed.protocol.accept import open_document, open_head
from localfed.protocol.canonical import parse_object
from localfed.protocol.digest import digest
from localfed.protocol.document import is_record_path
from localfed.protocol.errors import BadFile, UnknownOrganisation
from localfed.protocol.feed import chain_over, chain_start, read_page, read_parts
from localfed.protocol.identity import read_identity
from localfed.protocol.times import milliseconds, read_time


def head_of(node):
    """The head, checked as a follower checks it."""
    publisher = node.publisher(node)
    now = node.clock.now()
    return open_head(publisher.head, identity=read_identity(publisher.log, now=now), now=now).head


def pages_of(node):
    """Every page from the head back to the first that is still there, oldest first."""
    pages = []
    path = head_of(node).page
    while path is not None and node.file("/" + path) is not None:
        pages.append(read_page(node.file("/" + path), path))
        path = pages[-1].previous
    return pages[::-1]


def check_feed(node):
    """Assert what any reader may rely on: pages that join, a chain that ends in the head, a true snapshot.

    LF-FEED-3 to LF-FEED-10, LF-HEAD-2 to LF-HEAD-5, LF-WRITE-3.
    """
    head, pages = head_of(node), pages_of(node)
    for one, two in pairwise(pages):
        assert two.before == chain_over(one.before, one.entries)
        assert one.entries[-1].seq < two.entries[0].seq
        assert len(one.entries) == limits.PAGE_ENTRIES
    assert chain_over(pages[-1].before, pages[-1].entries) == head.chain
    assert pages[-1].entries[-1].seq == head.seq
    rows = {row.path: row.digest for row in snapshot_rows(node)}
    for entry in (entry for page in pages for entry in page.entries):
        if entry.seq > head.snapshot.seq:
            rows.pop(entry.path, None)
            if not entry.is_delete:
                rows[entry.path] = entry.digest
    assert rows == {path: one.digest for path, one in node.live(node).items()}


def snapshot_rows(node):
    parts = head_of(node).snapshot.parts
    bodies = [node.file("/" + part.name) for part in parts]
    assert [digest(body) for body in bodies] == [part.digest for part in parts]
    return read_parts(bodies)


async def test_a_new_organisation_has_one_document_one_entry_and_one_head(federation):
    """LF-FEED-1, LF-FEED-4, LF-HEAD-1, LF-HEAD-6, LF-WRITE-1."""
    grocer = await federation.node("grocer")

    head = head_of(grocer)

    start = chain_start(grocer.publisher(grocer).scid)
    (page,) = pages_of(grocer)
    assert (page.before, page.previous, len(page.entries)) == (start, None, 1)
    assert page.entries[0].path == "org.json"
    assert (head.snapshot.seq, head.snapshot.chain, head.snapshot.parts) == (0, start, ())
    assert head.id == grocer.did + "/head.json"
    check_feed(grocer)


@pytest.mark.parametrize(
    "count,pages", [(98, 1), (99, 1), (100, 2), (101, 2), (198, 2), (199, 2), (200, 3)]
)
async def test_a_page_takes_a_hundred_entries_and_then_a_new_one_begins(federation, count, pages):
    """LF-FEED-5, LF-FEED-6, LF-FEED-7, LF-WRITE-4: with the own record, so many entries and one."""
    lister = await federation.node("lister")

    await import_many(lister, count)

    found = pages_of(lister)
    sizes = [len(page.entries) for page in found]
    assert len(found) == pages
    assert sum(sizes) == count + 1
    assert all(size == 100 for size in sizes[:-1])
    check_feed(lister)


@pytest.mark.parametrize("first,then", [(97, 1), (98, 1), (98, 2), (99, 1), (99, 101)])
async def test_entries_that_come_later_go_on_the_page_that_has_room(federation, first, then):
    """LF-FEED-8, LF-WRITE-4: a page with a successor does not change again."""
    lister = await federation.node("lister")
    await import_many(lister, first)
    before = {path: lister.file("/" + path) for path, _ in lister.store.feed_files(lister.did)}
    head = head_of(lister)

    for _ in range(then if then < 10 else 1):
        await lister.publish({"type": "Need", "name": "More"})
    if then >= 10:
        await import_many(lister, first + then)

    pages = pages_of(lister)
    assert sum(len(page.entries) for page in pages) >= first + 1 + min(then, 2)
    for path, body in before.items():
        if path.startswith("feed/") and path != head.page:
            assert lister.file("/" + path) == body
    check_feed(lister)


@pytest.mark.parametrize(
    "entries,has_snapshot", [(98, False), (99, False), (100, True), (101, True)]
)
async def test_a_snapshot_comes_after_more_than_a_hundred_entries(
    federation, entries, has_snapshot
):
    """LF-WRITE-5: more entries than max(100, a tenth of what is live); the own record is one."""
    lister = await federation.node("lister")

    await import_many(lister, entries)

    snapshot = head_of(lister).snapshot
    assert (snapshot.seq > 0) is has_snapshot
    assert len(snapshot_rows(lister)) == (entries + 1 if has_snapshot else 0)
    assert lister.publisher(lister).entries_since_snapshot == (0 if has_snapshot else entries + 1)
    check_feed(lister)


async def test_a_long_list_waits_for_a_tenth_of_it_before_the_next_snapshot(
    federation, monkeypatch
):
    """LF-WRITE-5, with small numbers: a tenth of 100 live documents where the least is 4."""
    monkeypatch.setattr(limits, "SNAPSHOT_ENTRIES_MIN", 4)
    lister = await federation.node("lister")
    await import_many(lister, 100)
    first = head_of(lister).snapshot

    seen = []
    for number in range(12):
        await lister.publish({"type": "Need", "name": f"Need {number}"})
        seen.append(head_of(lister).snapshot.seq != first.seq)

    # The new ones are live as well: a tenth of 113 is 11.
    assert seen == [False] * 11 + [True]
    check_feed(lister)


async def test_not_more_than_the_most_entries_come_between_two_snapshots(federation, monkeypatch):
    """LF-WRITE-5: the most counts even where a tenth would be more."""
    monkeypatch.setattr(limits, "SNAPSHOT_ENTRIES_MIN", 4)
    monkeypatch.setattr(limits, "SNAPSHOT_ENTRIES_MAX", 6)
    lister = await federation.node("lister")
    await import_many(lister, 100)
    first = head_of(lister).snapshot

    seen = []
    for number in range(7):
        await lister.publish({"type": "Need", "name": f"Need {number}"})
        seen.append(head_of(lister).snapshot.seq != first.seq)

    assert seen == [False] * 6 + [True]


async def test_parts_hold_a_fixed_number_of_rows_sorted_by_path(federation, monkeypatch):
    """LF-FEED-9, LF-FEED-10, LF-HEAD-5."""
    monkeypatch.setattr(limits, "SNAPSHOT_ROWS", 40)
    lister = await federation.node("lister")

    await import_many(lister, 120)

    head = head_of(lister)
    sizes = [len(read_parts([lister.file("/" + part.name)])) for part in head.snapshot.parts]
    paths = [row.path for row in snapshot_rows(lister)]
    assert sizes == [40, 40, 40, 1]
    assert paths == sorted(paths)
    assert head.snapshot.parts[0].name == f"snapshot/{head.seq}-1.json"


async def test_the_bundle_holds_the_rows_of_the_snapshot_in_their_order(federation):
    """LF-FEED-11: also after a restart, and without what came or went since."""
    from localfed.app.publishing import write_bundle

    lister = await federation.node("lister")
    await write_bundle(lister.ports, lister.did)
    assert lister.file("/bundle.jsonl") is None
    await import_many(lister, 120)
    gone = min(lister.live(lister))
    await lister.withdraw(f"{lister.did}/{gone}")
    await lister.publish({"type": "Need", "name": "Later"})

    await write_bundle(lister.ports, lister.did)

    lines = lister.file("/bundle.jsonl").split(b"\n")
    digests = [digest(line) for line in lines[:-1]]
    assert lines[-1] == b""
    assert digests == [row.digest for row in snapshot_rows(lister) if row.path != gone]


async def test_replaced_files_stay_for_two_days(federation):
    """LF-WRITE-5, LF-FEED-7: parts of the snapshot before, pages that end before that."""
    lister = await federation.node("lister")
    await import_many(lister, 250)
    one = dict(lister.store.feed_files(lister.did))
    await import_many(lister, 250, "Store")
    two = dict(lister.store.feed_files(lister.did))
    await import_many(lister, 250, "Stall")
    three = dict(lister.store.feed_files(lister.did))

    assert set(one.values()) == {None}
    marked = {path for path, after in two.items() if after is not None}
    open_page = max(path for path in one if path.startswith("feed/"))
    assert marked == set(one) - {open_page}, "what ends before the first snapshot, and its part"
    later = {path for path, after in three.items() if after is not None}
    assert open_page in later
    assert set(one) < set(three), "nothing goes before its time"
    moment = federation.clock.now() + timedelta(hours=limits.OLD_FILES_HOURS)
    assert {read_time(three[path]) for path in later} == {moment}
    check_feed(lister)


async def test_every_number_is_the_time_or_one_more_than_the_last(federation):
    """LF-WRITE-2: rising, also within one millisecond and when the clock goes back."""
    grocer = await federation.node("grocer")
    chance = random.Random(5)
    offer = await grocer.publish({"type": "Offer", "name": "0"})
    path = "/" + offer.removeprefix(grocer.did + "/")
    seqs, revisions = [head_of(grocer).seq], [parse_object(grocer.file(path))["revision"]]
    expected = []
    for number in range(40):
        federation.clock.advance(
            seconds=chance.choice([0, 0, 0.001, 5, 3_600, -1, -200]),
        )
        now = milliseconds(federation.clock.now())
        expected.append((max(seqs[-1] + 1, now), max(revisions[-1] + 1, now)))
        await grocer.publish({"type": "Offer", "id": offer, "name": str(number)})
        seqs.append(head_of(grocer).seq)
        revisions.append(parse_object(grocer.file(path))["revision"])

    assert list(zip(seqs[1:], revisions[1:], strict=True)) == expected
    check_feed(grocer)


def test_a_number_is_the_greater_of_the_time_and_the_next():
    """LF-WRITE-2."""
    from federation import START

    now = milliseconds(START)

    assert next_number(0, START) == now
    assert next_number(now - 1, START) == now
    assert next_number(now, START) == now + 1
    assert next_number(now + 7, START) == now + 8


async def test_a_clock_that_was_a_year_ahead_does_not_stop_a_publisher(federation):
    """LF-WRITE-2: its numbers go on from where they were; its times are those of the right clock."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    right = federation.clock.now()
    federation.clock.advance(days=365)
    await grocer.publish({"type": "Offer", "name": "In a year"})
    federation.clock.moment = right
    await grocer.publish({"type": "Offer", "name": "Now"})

    await reader.follow(grocer)
    report = await reader.sync(grocer)

    assert (report.problem, report.changed, report.lacking) == (None, 2, 1)
    assert head_of(grocer).updated == "2026-05-01T09:00:00Z"
    check_feed(grocer)


@pytest.mark.parametrize("seed", range(3))
async def test_the_chain_goes_on_over_hundreds_of_changes(federation, seed, monkeypatch):
    """LF-FEED-4, LF-FEED-10, LF-WRITE-1: pages and snapshot give what is live after every change."""
    monkeypatch.setattr(limits, "PAGE_ENTRIES", 16)
    monkeypatch.setattr(limits, "SNAPSHOT_ENTRIES_MIN", 40)
    chance = random.Random(seed)
    grocer = await federation.node("grocer")
    live = []
    for step in range(200):
        what = chance.random()
        if what < 0.5 or not live:
            live.append(await grocer.publish({"type": "Offer", "name": f"Offer {step}"}))
        elif what < 0.75:
            offer = chance.choice(live)
            await grocer.publish({"type": "Offer", "id": offer, "name": f"Changed {step}"})
        else:
            await grocer.withdraw(live.pop(chance.randrange(len(live))))
        federation.clock.advance(seconds=chance.randrange(100))
        if step % 10 == 0:
            check_feed(grocer)

    check_feed(grocer)
    assert len(grocer.live(grocer)) == len(live) + 1


async def test_a_change_that_fails_half_way_leaves_nothing(federation):
    """LF-WRITE-3: documents, pages and head change together or not at all."""
    grocer = await federation.node("grocer")
    before = grocer.publisher(grocer), grocer.live(grocer), grocer.store.log_position()

    def change(tx, author):
        tx.delete_document(author.did, "org.json")
        raise KeyError("half way")

    with pytest.raises(KeyError):
        await sign_and_store(grocer.ports, grocer.did, change)

    assert (grocer.publisher(grocer), grocer.live(grocer), grocer.store.log_position()) == before
    assert not grocer.store.is_retired(grocer.did, "org.json")


async def test_nothing_to_change_signs_nothing(federation):
    grocer = await federation.node("grocer")
    before = grocer.publisher(grocer)
    federation.clock.advance(hours=1)

    await sign_and_store(grocer.ports, grocer.did, lambda *_: (None, []))

    assert grocer.publisher(grocer) == before


async def test_without_its_key_an_organisation_publishes_nothing(federation):
    grocer = await federation.node("grocer")
    (file,) = (grocer.folder / "keys").iterdir()
    key = file.read_bytes()
    before = grocer.publisher(grocer), grocer.store.log_position()
    file.unlink()

    with pytest.raises(BadFile, match="missing"):
        await grocer.publish({"type": "Offer", "name": "Veg box"})

    assert (grocer.publisher(grocer), grocer.store.log_position()) == before
    file.write_bytes(key)
    file.chmod(0o600)
    assert await grocer.publish({"type": "Offer", "name": "Veg box"})


async def test_only_what_is_hosted_here_is_signed_here(federation):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await reader.follow(grocer)
    (key,) = (grocer.folder / "keys").iterdir()
    (reader.folder / "keys" / key.name).write_bytes(key.read_bytes())
    (reader.folder / "keys" / key.name).chmod(0o600)

    with pytest.raises(UnknownOrganisation):
        await publish_draft(
            reader.ports, grocer.did, b'{"type":"Offer","name":"Mine"}', language="en"
        )


async def test_paths_of_records_are_random_and_of_the_one_form(federation):
    """LF-FEED-2."""
    grocer = await federation.node("grocer")

    paths = {new_record_path(grocer.chance) for _ in range(500)}

    assert len(paths) == 500
    assert all(is_record_path(path) for path in paths)


async def test_two_heads_within_one_second_are_told_apart(federation):
    """LF-WRITE-6, LF-RATCHET-3: a renewal is later than what it renews."""
    from localfed.app.publishing import publish

    grocer = await federation.node("grocer")
    first = head_of(grocer)

    for _ in range(3):
        await sign_and_store(
            grocer.ports, grocer.did, lambda tx, author: (publish(tx, author, []), [])
        )

    head = head_of(grocer)
    assert (head.seq, head.chain) == (first.seq, first.chain)
    assert read_time(head.updated) == read_time(first.updated) + timedelta(seconds=3)


async def test_what_is_published_is_what_a_stranger_accepts(federation):
    """LF-ACCEPT-7: our own bytes pass the door that others keep."""
    grocer = await federation.node("grocer")
    await grocer.publish({"type": "Need", "name": "A hall", "location": {"name": "Green"}})
    now = federation.clock.now()
    identity = read_identity(grocer.publisher(grocer).log, now=now)

    for path, one in grocer.live(grocer).items():
        checked = open_document(
            grocer.file("/" + path), identity=identity, now=now, path=path, digest=one.digest
        )
        assert checked.is_shown


async def test_a_deletion_of_what_is_not_there_does_nothing(federation):
    """LF-FEED-3."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    path = new_record_path(grocer.chance)

    await sign_and_store(grocer.ports, grocer.did, lambda *_: (None, [Change(path=path)]))
    await reader.follow(grocer)
    report = await reader.sync(grocer)

    assert (report.problem, report.changed, report.deleted) == (None, 1, 0)
    check_feed(grocer)
