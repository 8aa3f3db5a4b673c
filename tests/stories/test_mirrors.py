"""Mirrors: a home that is away, those who still have its files, and what a mirror cannot do."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from app.makers import import_many
from localfed.app import follows, mirrors, restoring, sightings, tidying
from localfed.app.sync import is_confirmed
from localfed.app.values import Block, BlockKind
from localfed.protocol import limits
from localfed.protocol.canonical import parse_object
from localfed.protocol.errors import Blocked, Closed, HomeNotConfirmed, LogForked
from localfed.protocol.identity import close_log
from localfed.protocol.limits import INTEGER
from localfed.protocol.times import read_time, write_time
from stories.witness import is_same

VEG_BOX = {"type": "Offer", "name": "Veg box"}


async def a_town(federation, *readers):
    """A grocer, a mirror that follows it, and readers that follow both."""
    grocer, mirror = await federation.node("grocer"), await federation.node("mirror")
    await grocer.publish(VEG_BOX)
    await mirror.follow(grocer)
    await mirror.sync(grocer)
    nodes = []
    for name in readers:
        reader = await federation.node(name)
        for other in (grocer, mirror):
            await reader.follow(other)
            await reader.sync(other)
        nodes.append(reader)
    return grocer, mirror, nodes


async def block(reader, kind, value):
    now = write_time(reader.clock.now())
    await reader.store.write(lambda tx: tx.save_block(Block(kind=kind, value=value, since=now)))


def scid_of(node):
    return node.did.split(":")[2]


@pytest.mark.parametrize("count", [0, 5, 30, 300])
async def test_a_mirror_serves_every_file_byte_for_byte(federation, small_limits, count):
    """LF-MIRROR-1, LF-MIRROR-3: whatever way the feed was read: walked, or by its snapshot."""
    grocer, mirror, _ = await a_town(federation)
    if count:
        await import_many(grocer, count)
    await mirror.sync(grocer)
    for number in range(14):
        await grocer.publish({"type": "Offer", "name": f"Box {number}"})
        await mirror.sync(grocer)

    head = grocer.head()
    paths = [
        "did.jsonl",
        "head.json",
        head["page"],
        *(one["name"] for one in head["snapshot"]["parts"]),
    ]
    paths += list(grocer.live(grocer))
    for path in paths:
        assert mirror.mirrored_file(f"{scid_of(grocer)}/{path}") == grocer.file(f"/{path}"), path
    clock = parse_object(mirror.mirrored_file("clock.json"))
    assert clock == {scid_of(grocer): head["seq"]}
    assert mirror.mirrored_file(f"{scid_of(grocer)}/feed/1.json") is None


@pytest.mark.parametrize("count", [3, 300])
async def test_a_newcomer_reads_everything_from_mirrors_alone(federation, small_limits, count):
    """LF-MIRROR-3, LF-MIRROR-7: equal to the home, byte for byte; its home was never seen."""
    grocer, mirror, _ = await a_town(federation)
    await import_many(grocer, count)
    other = await federation.node("other")
    for node in (mirror, other):
        await node.follow(grocer)
        await node.sync(grocer)
    federation.network.down.add(grocer.host)
    newcomer = await federation.node("newcomer")
    for node in (mirror, other):
        await newcomer.follow(node)
        await newcomer.sync(node)

    found = await follows.look_up_on_mirrors(
        newcomer.ports, grocer.did, [mirror.base, other.base], allow_loopback=False
    )
    await follows.follow(newcomer.ports, found, allow_loopback=False)
    report = await newcomer.sync(grocer)

    assert not found.is_confirmed
    assert report.problem is None
    assert report.mirror is not None
    assert is_same(newcomer, grocer)
    assert newcomer.publisher(grocer).home.confirmed is None
    federation.network.down.clear()
    await newcomer.sync(grocer)
    assert newcomer.publisher(grocer).home.confirmed is not None
    assert newcomer.publisher(grocer).source == grocer.base


async def test_a_home_that_is_gone_for_a_month_is_read_at_a_mirror_and_the_mark_shows(federation):
    """LF-MIRROR-5, LF-READ-12."""
    grocer, mirror, (reader, late) = await a_town(federation, "reader", "late")
    await grocer.publish({"type": "Offer", "name": "Bread"})
    await mirror.sync(grocer)
    federation.network.down.add(grocer.host)
    gone = federation.clock.now()

    report = await reader.sync(grocer)
    held = reader.publisher(grocer)

    assert (report.problem, report.mirror) == (None, f"{mirror.base}mirror/{scid_of(grocer)}/")
    assert is_same(reader, grocer)
    assert held.home.problem == "no-answer"
    assert held.source == report.mirror
    assert read_time(held.checked) <= gone
    assert held.failures == 0
    seen = []
    for day in range(1, 31):
        federation.clock.moment = gone + timedelta(days=day)
        for node in (mirror, reader, late):
            await node.sync(grocer)
        seen.append(
            (
                is_confirmed(reader.publisher(grocer), federation.clock.now()),
                await reader.names("bread"),
            )
        )
    # The last head was good for 14 days; for 14 more it is shown as not confirmed; then hidden.
    assert seen[12] == (True, ["Bread"])
    assert seen[20] == (False, ["Bread"])
    assert seen[29] == (False, [])
    assert is_same(late, grocer)

    federation.network.down.clear()
    from localfed.app.renewals import renew

    await renew(grocer.ports, grocer.did)
    for node in (reader, late):
        report = await node.sync(grocer)
        assert (report.problem, report.mirror) == (None, None)
        assert await node.names("bread") == ["Bread"]
        assert node.publisher(grocer).home.problem is None


LIES = {
    "an old head": lambda old, now: {"head.json": old["head.json"]},
    "an old log": lambda old, now: {"did.jsonl": old["did.jsonl"]},
    "no head": lambda old, now: {"head.json": b""},
    "another's head": lambda old, now: {"head.json": now["other"]},
    "another's log": lambda old, now: {"did.jsonl": now["other log"]},
    "a head with a bit flipped": lambda old, now: {
        "head.json": now["head.json"].replace(b'"poll":900', b'"poll":901')
    },
    "half a page": lambda old, now: {now["page"]: now["page body"][:-40]},
    "an old page": lambda old, now: {now["page"]: old["page body"]},
    "documents that say something else": lambda old, now: {
        now["path"]: now["document"].replace(b"Bread", b"Broad")
    },
    "a page that signs one in": lambda old, now: {"head.json": b"<!doctype html>"},
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_mirror_that_lies_changes_nothing(federation, lie):
    """LF-MIRROR-4: it can withhold, never change."""
    grocer, mirror, (reader,) = await a_town(federation, "reader")

    def files():
        head = grocer.head()
        return {
            "head.json": grocer.file("/head.json"),
            "did.jsonl": grocer.file("/did.jsonl"),
            "page": head["page"],
            "page body": grocer.file(f"/{head['page']}"),
            "other": mirror.file("/head.json"),
            "other log": mirror.file("/did.jsonl"),
        }

    old = files()
    bread = await grocer.publish({"type": "Offer", "name": "Bread"})
    await grocer.rotate()
    await mirror.sync(grocer)
    path = bread.removeprefix(grocer.did + "/")
    now = files() | {"path": path, "document": grocer.file(f"/{path}")}
    forged = LIES[lie](old, now)
    folder = f"{mirror.base}mirror/{scid_of(grocer)}/"
    federation.network.forge = lambda url, body: (
        forged.get(url.removeprefix(folder), body) if url.startswith(folder) else body
    )
    federation.network.down.add(grocer.host)
    before = {path: one.body for path, one in reader.live(grocer).items()}
    state = reader.publisher(grocer).state

    await reader.sync(grocer)

    shown = {path: one.body for path, one in reader.live(grocer).items()}
    truth = {path: one.body for path, one in grocer.live(grocer).items()}
    for path, body in shown.items():
        assert body in {before.get(path), truth.get(path)}
    assert (reader.publisher(grocer).state.era, reader.publisher(grocer).state.seq) >= (
        state.era,
        state.seq,
    )
    assert b"Broad" not in b"".join(shown.values())
    federation.network.forge = None
    federation.network.down.clear()
    await reader.sync(grocer)
    assert is_same(reader, grocer)


async def test_what_was_withdrawn_is_not_revived_by_a_mirror(federation):
    """LF-MIRROR-4, LF-FEED-1: for one who has seen newer it stays gone."""
    grocer, mirror, (reader,) = await a_town(federation, "reader")
    box = next(one for one in reader.live(grocer).values() if one.path != "org.json")
    await grocer.withdraw(box.id)
    await reader.sync(grocer)
    federation.network.down.add(grocer.host)

    report = await reader.sync(grocer)

    assert mirror.mirrored_file(f"{scid_of(grocer)}/{box.path}") is not None
    assert report.problem == "no-answer", "the mirror is behind, so it is not even asked"
    assert reader.store.document(grocer.did, box.path) is None


async def test_a_clock_that_promises_too_much_only_costs_a_look(federation):
    """LF-MIRROR-2, LF-MIRROR-4."""
    grocer, mirror, (reader,) = await a_town(federation, "reader")
    clock = b'{"%s":%d}' % (scid_of(grocer).encode(), INTEGER)
    federation.network.forge = lambda url, body: clock if url.endswith("clock.json") else body
    federation.network.down.add(grocer.host)
    before = reader.publisher(grocer).state

    report = await reader.sync(grocer)

    assert report.problem is None
    assert reader.publisher(grocer).state == before
    assert report.mirror == f"{mirror.base}mirror/{scid_of(grocer)}/"


@pytest.mark.parametrize(
    "clock",
    [b"", b"[]", b'{"x":1}', b'{"%s":-1}', b'{"%s":"1"}', b"{" * 9_000, b'{"%s": 1}'],
    ids=["empty", "list", "no scid", "below zero", "text", "deep", "spaced"],
)
async def test_a_clock_that_is_none_is_no_clock(federation, clock):
    """LF-MIRROR-2."""
    grocer, _, (reader,) = await a_town(federation, "reader")
    body = clock.replace(b"%s", scid_of(grocer).encode())
    federation.network.forge = lambda url, given: body if url.endswith("clock.json") else given
    federation.network.down.add(grocer.host)

    report = await reader.sync(grocer)

    assert (report.problem, report.mirror) == ("no-answer", None)


@pytest.mark.parametrize("kind", list(BlockKind))
async def test_what_is_blocked_stays_blocked_whatever_the_way(federation, kind):
    """LF-MIRROR-6, LF-ACCEPT-10: the organisation, the host of the mirror, the mirror itself."""
    grocer, mirror, (reader,) = await a_town(federation, "reader")
    await grocer.publish({"type": "Offer", "name": "Bread"})
    await mirror.sync(grocer)
    federation.network.down.add(grocer.host)
    value = {
        BlockKind.ORGANISATION: scid_of(grocer),
        BlockKind.HOST: mirror.host,
        BlockKind.MIRROR: f"{mirror.base}mirror/",
    }[kind]
    await block(reader, kind, value)
    federation.network.requests.clear()

    report = await reader.sync(grocer)

    assert report.problem is not None
    assert not any(url.startswith(mirror.base) for url in federation.network.requests)
    assert "Bread" not in await reader.names()


async def test_a_blocked_organisation_is_not_mirrored(federation):
    grocer, mirror, _ = await a_town(federation)
    held = mirror.publisher(grocer)
    hidden = msgspec.structs.replace(held, is_shown=False)
    await mirror.store.write(lambda tx: tx.accept_publisher(hidden))

    assert mirror.mirrored_file("clock.json") == b"{}"
    assert mirror.mirrored_file(f"{scid_of(grocer)}/head.json") is None


async def test_mirrors_in_a_ring_come_to_rest(federation):
    """No loops: what nobody has newer costs no request, and each document is stored once."""
    grocer = await federation.node("grocer")
    ring = [await federation.node(name) for name in ("one", "two", "three")]
    for node in ring:
        await node.follow(grocer)
        for other in ring:
            if other is not node:
                await node.follow(other)
                await node.sync(other)
        await node.sync(grocer)
    await grocer.publish({"type": "Offer", "name": "Bread"})
    await ring[0].sync(grocer)
    federation.network.down.add(grocer.host)
    for _ in range(3):
        for node in ring:
            await node.sync(grocer)
    federation.network.requests.clear()
    for node in ring:
        await node.sync(grocer)

    assert all(is_same(node, grocer) for node in ring)
    assert not any("/d/" in url or "/feed/" in url for url in federation.network.requests)
    assert not any("mirror/" in url.partition("/mirror/")[2] for url in federation.network.requests)
    assert all(len(list(node.store.documents(grocer.did))) == 2 for node in ring)


async def test_a_mirror_that_was_chosen_is_read_first(federation):
    """LF-MIRROR-5: by choice, such as a node next door."""
    grocer, mirror, (reader,) = await a_town(federation, "reader")
    await follows.read_by_mirror(reader.ports, grocer.did, mirror.base)
    await grocer.publish({"type": "Offer", "name": "Bread"})
    await mirror.sync(grocer)
    federation.network.requests.clear()

    report = await reader.sync(grocer)

    assert report.mirror == f"{mirror.base}mirror/{scid_of(grocer)}/"
    assert not any(url.startswith(grocer.base) for url in federation.network.requests)
    assert is_same(reader, grocer)
    await follows.read_by_mirror(reader.ports, grocer.did, None)
    assert (await reader.sync(grocer)).mirror is None


async def test_a_closing_is_learnt_from_a_mirror(federation):
    """LF-ID-19: a valid extension counts wherever it came from."""
    grocer, mirror, (reader,) = await a_town(federation, "reader")
    log = grocer.publisher(grocer).log
    await grocer.take_log(close_log(log, kit=grocer.kit, now=federation.clock.now()))
    federation.clock.advance(days=1)
    await mirror.sync(grocer)
    federation.network.down.add(grocer.host)
    assert mirror.mirrored_file(f"{scid_of(grocer)}/did.jsonl") == grocer.file("/did.jsonl")
    await follows.read_by_mirror(reader.ports, grocer.did, mirror.base)

    # The old head is still there and still the newest; the log beside it tells.
    report = await reader.sync(grocer)

    assert report.problem == "identity-closed"
    assert list(reader.store.documents(grocer.did)) == []


async def test_following_needs_two_mirrors_where_the_home_is_away(federation):
    """LF-MIRROR-7."""
    grocer, mirror, _ = await a_town(federation)
    newcomer = await federation.node("newcomer")
    federation.network.down.add(grocer.host)

    for bases in ([], [mirror.base], [mirror.base, mirror.base], [mirror.base, newcomer.base]):
        with pytest.raises(HomeNotConfirmed):
            await follows.look_up_on_mirrors(
                newcomer.ports, grocer.did, bases, allow_loopback=False
            )


async def test_a_home_that_answers_needs_no_mirror(federation):
    grocer, _, _ = await a_town(federation)
    newcomer = await federation.node("newcomer")

    found = await follows.look_up_on_mirrors(newcomer.ports, grocer.did, [], allow_loopback=False)

    assert found.is_confirmed


async def test_two_mirrors_that_contradict_each_other_are_not_believed(federation):
    """LF-MIRROR-7, LF-ID-19."""
    grocer, mirror, _ = await a_town(federation)
    other, newcomer = await federation.node("other"), await federation.node("newcomer")
    twin = grocer.copy("twin")
    await grocer.rotate()
    await mirror.sync(grocer)
    federation.clock.advance(seconds=10)
    await twin.rotate()
    twin.serve()
    await other.follow(twin)
    await other.sync(twin)
    federation.network.down.add(grocer.host)

    with pytest.raises(LogForked):
        await follows.look_up_on_mirrors(
            newcomer.ports, grocer.did, [mirror.base, other.base], allow_loopback=False
        )


async def test_a_blocked_mirror_cannot_introduce_anybody(federation):
    grocer, mirror, _ = await a_town(federation)
    newcomer = await federation.node("newcomer")
    federation.network.down.add(grocer.host)
    await block(newcomer, BlockKind.MIRROR, f"{mirror.base}mirror/")

    with pytest.raises(Blocked):
        await follows.look_up_on_mirrors(
            newcomer.ports, grocer.did, [mirror.base], allow_loopback=False
        )


async def test_a_closed_identity_is_not_followed_through_mirrors(federation):
    grocer, mirror, _ = await a_town(federation)
    other, newcomer = await federation.node("other"), await federation.node("newcomer")
    await other.follow(grocer)
    await grocer.take_log(
        close_log(grocer.publisher(grocer).log, kit=grocer.kit, now=federation.clock.now())
    )
    federation.clock.advance(days=1)
    for node in (mirror, other):
        await node.sync(grocer)
    federation.network.down.add(grocer.host)

    with pytest.raises(Closed):
        await follows.look_up_on_mirrors(
            newcomer.ports, grocer.did, [mirror.base, other.base], allow_loopback=False
        )


async def test_replaced_feed_files_of_others_go_after_48_hours(federation, small_limits):
    """LF-WRITE-5 is for the writer; a mirror keeps them as long."""
    grocer, mirror, _ = await a_town(federation)
    for number in range(40):
        await grocer.publish({"type": "Offer", "name": f"Box {number}"})
        await mirror.sync(grocer)
    before = len(mirror.store.feed_files(grocer.did))

    federation.clock.advance(hours=limits.OLD_FILES_HOURS + 1)
    await tidying.tidy(mirror.ports)

    kept = {path for path, _ in mirror.store.feed_files(grocer.did)}
    head = grocer.head()
    assert len(kept) < before
    assert {head["page"], *(one["name"] for one in head["snapshot"]["parts"])} <= kept


async def test_last_weeks_image_takes_over_what_a_mirror_still_has(federation):
    """LF-WRITE-7: the home itself is the old image; only those who follow remember."""
    grocer, mirror, (reader,) = await a_town(federation, "reader")
    await grocer.follow(mirror)
    await grocer.sync(mirror)
    image = grocer.copy("image")
    for day in range(7):
        federation.clock.advance(days=1)
        await grocer.publish({"type": "Offer", "name": f"Box of day {day}"})
        await mirror.sync(grocer)
        await reader.sync(grocer)
    truth = {path: one.body for path, one in grocer.live(grocer).items()}
    seq = grocer.head()["seq"]
    image.serve()

    sighting = await sightings.look(image.ports, image.did)
    done = await restoring.take_over(image.ports, image.did)
    await image.publish({"type": "Offer", "name": "After the fire"})
    reports = [await node.sync(image) for node in (mirror, reader)]

    assert sighting.source == f"{mirror.base}mirror/{scid_of(grocer)}/head.json"
    assert (done.fetched, done.let_go) == (7, 0)
    now = {path: one.body for path, one in image.live(image).items()}
    assert {path: now[path] for path in truth if path != "org.json"} == {
        path: body for path, body in truth.items() if path != "org.json"
    }
    assert image.head()["seq"] > seq
    assert [report.notes for report in reports] == [(), ()]
    assert all(is_same(node, image) for node in (mirror, reader))


async def test_a_deletion_can_be_seen_to_have_arrived(federation):
    """The clock of a mirror is the receipt."""
    grocer, mirror, _ = await a_town(federation)
    await grocer.follow(mirror)
    await grocer.sync(mirror)
    box = next(one for one in grocer.live(grocer).values() if one.path != "org.json")
    await grocer.withdraw(box.id)

    async def receipts():
        states = await mirrors.look_at_clocks(grocer.ports, is_fresh=True)
        return [(state.clock or {}).get(scid_of(grocer)) for state, _ in states]

    before = await receipts()
    await mirror.sync(grocer)
    after = await receipts()

    assert before[0] < grocer.head()["seq"]
    assert after == [grocer.head()["seq"]]
