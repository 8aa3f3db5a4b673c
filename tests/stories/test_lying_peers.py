"""Every file forged in every way: nothing wrong is ever shown, the ratchet never goes back, and as soon
as the truth can be had it is there again.

Here: forged, old, missing and swapped files. Not here: what the publisher itself signs wrongly
(`test_two_faced`), time (`test_time`).
"""

from __future__ import annotations

import pytest

from app.makers import import_many
from federation import Faults
from localfed.protocol.errors import TooSlow
from stories.witness import Witness, is_same

pytestmark = pytest.mark.usefixtures("small_limits")


async def a_lister(federation, name="lister"):
    """A publisher with every kind of file: four parts, a bundle, and pages after the snapshot."""
    lister = await federation.node(name)
    await import_many(lister, 30)
    for number in range(11):
        await lister.publish({"type": "Offer", "name": f"Offer {number}"})
    return lister


async def change_much(federation, lister):
    """Six changes, over the end of a page."""
    federation.clock.advance(minutes=20)
    offers = sorted(path for path, one in lister.live(lister).items() if one.type == "Offer")
    await lister.withdraw(f"{lister.did}/{offers[0]}")
    await lister.publish({"type": "Offer", "id": f"{lister.did}/{offers[1]}", "name": "Changed"})
    for number in range(4):
        await lister.publish({"type": "Need", "name": f"Need {number}"})


def urls_of(lister, reader):
    """The URL of a file of each kind that the next poll will ask for."""
    head = lister.head()
    live = lister.live(lister)
    held = reader.live(lister)
    fresh = [
        path for path, one in live.items() if path not in held or held[path].digest != one.digest
    ]
    parts = [part["name"] for part in head["snapshot"]["parts"]]
    files = {
        "head": "head.json",
        "page": head["page"],
        "document": fresh[-1],
        "part": parts[1],
        "bundle": "bundle.jsonl",
    }
    return {kind: lister.base + path for kind, path in files.items()}


def flip(bit):
    def change(body, *_):
        at = (bit * 7919) % len(body)
        return body[:at] + bytes([body[at] ^ 1 << bit % 8]) + body[at + 1 :]

    return change


WAYS = {
    **{f"bit {bit} flipped": flip(bit) for bit in (3, 26)},
    "cut in half": lambda body, *_: body[: len(body) // 2],
    "last byte lost": lambda body, *_: body[:-1],
    "empty": lambda *_: b"",
    "twice": lambda body, *_: body + body,
    "with a line feed": lambda body, *_: body + b"\n",
    "deep": lambda *_: b"[" * 60_000,
    "a sign-in page": lambda *_: b"<!doctype html><title>Sign in to the Wi-Fi</title>",
    "another publisher's": lambda _, other, __: other,
    "another file of the same publisher": lambda _, __, swapped: swapped,
    "endless": lambda body, *_: body + b" " * 1_048_576,
}


def forge(federation, lister, other, url, way):
    """Forge one file; returns a list that tells whether it was asked for."""
    asked = []
    path = url.removeprefix(lister.base)
    head = lister.head()
    parts = [part["name"] for part in head["snapshot"]["parts"]]
    swaps = {parts[1]: parts[0], head["page"]: parts[0], "head.json": "org.json"}
    swapped = lister.file("/" + swaps.get(path, "org.json"))
    theirs = other.file("/" + path) or other.file("/org.json")

    def change(asked_url, body):
        if asked_url != url:
            return body
        asked.append(url)
        return WAYS[way](body, theirs, swapped)

    federation.network.forge = change
    return asked


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["head", "page", "part"])
async def test_a_first_sync_from_forged_files_shows_nothing(federation, kind, way):
    """LF-READ-2, LF-READ-5, LF-READ-8, LF-READ-9, LF-FEED-5, LF-FEED-9."""
    lister, other = await a_lister(federation), await federation.node("other")
    reader = await federation.node("reader")
    await reader.follow(lister)
    witness = Witness(lister)
    asked = forge(federation, lister, other, urls_of(lister, reader)[kind], way)

    report = await reader.sync(lister)

    assert asked
    assert report.problem is not None
    assert reader.publisher(lister).problem == report.problem
    assert reader.publisher(lister).state is None
    witness.check(reader)
    federation.network.forge = None
    assert (await reader.sync(lister)).problem is None
    assert reader.publisher(lister).problem is None
    assert is_same(reader, lister)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["head", "page"])
async def test_forged_files_leave_a_reader_with_what_it_had(federation, kind, way):
    """LF-READ-9, LF-RATCHET-2, LF-ACCEPT-9: kept until the next poll; then read as if nothing had been."""
    lister, other = await a_lister(federation), await federation.node("other")
    reader = await federation.node("reader")
    await reader.follow(lister)
    await reader.sync(lister)
    witness = Witness(lister)
    before, shown = reader.publisher(lister), reader.live(lister)
    await change_much(federation, lister)
    witness.look()
    asked = forge(federation, lister, other, urls_of(lister, reader)[kind], way)

    report = await reader.sync(lister)

    assert asked
    assert report.problem is not None
    after = reader.publisher(lister)
    assert (after.state, after.head, after.problem) == (before.state, before.head, report.problem)
    assert reader.live(lister) == shown
    witness.check(reader)
    federation.network.forge = None
    assert (await reader.sync(lister)).problem is None
    assert is_same(reader, lister)


@pytest.mark.parametrize("way", WAYS)
async def test_a_forged_document_is_left_out_and_asked_for_again(federation, way):
    """LF-READ-10, LF-ACCEPT-2: the rest is shown, and the old bytes are not."""
    lister, other = await a_lister(federation), await federation.node("other")
    reader = await federation.node("reader")
    await reader.follow(lister)
    await reader.sync(lister)
    witness = Witness(lister)
    await change_much(federation, lister)
    witness.look()
    url = urls_of(lister, reader)["document"]
    asked = forge(federation, lister, other, url, way)

    report = await reader.sync(lister)

    assert asked
    assert (report.problem, report.lacking, report.rejected) == (None, 1, 0)
    witness.check(reader)
    missing = lister.live(lister).keys() - reader.live(lister).keys()
    assert [lister.base + path for path in missing] == [url]
    federation.network.forge = None
    assert (await reader.sync(lister)).lacking == 0
    assert is_same(reader, lister)


@pytest.mark.parametrize("way", WAYS)
async def test_a_forged_bundle_costs_requests_and_nothing_else(federation, way):
    """LF-READ-11, LF-FEED-11: a line counts by its digest alone."""
    lister, other = await a_lister(federation), await federation.node("other")
    reader = await federation.node("reader")
    await reader.follow(lister)
    asked = forge(federation, lister, other, lister.base + "bundle.jsonl", way)

    report = await reader.sync(lister)

    assert asked
    assert (report.problem, report.lacking, report.rejected) == (None, 0, 0)
    Witness(lister).check(reader)
    assert is_same(reader, lister)


async def test_lines_that_nobody_asked_for_are_not_taken_from_a_bundle(federation):
    """LF-READ-11: foreign documents, garbage and old revisions between the lines that count."""
    lister, other = await a_lister(federation), await a_lister(federation, "other")
    reader = await federation.node("reader")
    await reader.follow(lister)
    foreign = other.file("/bundle.jsonl").split(b"\n")[:-1]
    noise = [b"{}", b"\xff\xfe", b"[" * 1_000, b'{"id":"x"}']

    def change(url, body):
        if not url.endswith("bundle.jsonl"):
            return body
        lines = body.split(b"\n")[:-1]
        mixed = [one for three in zip(foreign, lines, noise * 9, strict=False) for one in three]
        return b"\n".join([*mixed, *lines]) + b"\n"

    federation.network.forge = change
    federation.network.requests.clear()

    await reader.sync(lister)

    assert is_same(reader, lister)
    assert list(reader.store.documents(other.did)) == []
    # Whatever the bundle had of what is wanted came from there: only what is newer was asked for.
    asked = [url for url in federation.network.requests if "/d/" in url]
    assert len(asked) == 11


async def test_a_cache_with_old_feed_files_is_passed_by(federation):
    """LF-READ-9: what does not fit the head is asked for once more, without cache."""
    lister, reader = await a_lister(federation), await federation.node("reader")
    await reader.follow(lister)
    await reader.sync(lister)
    page = lister.head()["page"]
    federation.network.cached[lister.base + page] = lister.file("/" + page)
    await lister.publish({"type": "Offer", "name": "New"})
    assert lister.head()["page"] == page, "the page that grew is the one that is cached"

    report = await reader.sync(lister)

    assert (report.problem, report.changed) == (None, 1)
    assert is_same(reader, lister)


async def test_an_old_head_out_of_a_cache_changes_nothing(federation):
    """LF-RATCHET-1, LF-RATCHET-4: a head that is lower is refused as stale."""
    lister, reader = await a_lister(federation), await federation.node("reader")
    old = lister.file("/head.json")
    await reader.follow(lister)
    witness = Witness(lister)
    await change_much(federation, lister)
    witness.look()
    await reader.sync(lister)
    before = reader.publisher(lister).state
    federation.network.cached[lister.base + "head.json"] = old

    report = await reader.sync(lister)

    assert (report.problem, reader.publisher(lister).problem) == ("stale", "stale")
    assert reader.publisher(lister).state == before
    witness.check(reader)
    assert is_same(reader, lister)


async def test_all_files_of_an_earlier_day_change_nothing(federation):
    """LF-RATCHET-4: a whole old copy, all of it true once, revives nothing that was withdrawn."""
    lister, reader = await a_lister(federation), await federation.node("reader")
    old = lister.copy("old")
    await reader.follow(lister)
    await change_much(federation, lister)
    await reader.sync(lister)

    old.serve()
    report = await reader.sync(lister)

    assert report.problem == "stale"
    assert is_same(reader, lister)
    lister.serve()
    assert (await reader.sync(lister)).problem is None


async def test_a_missing_page_is_made_up_for_by_the_snapshot(federation):
    """LF-READ-6, LF-READ-8."""
    lister, reader = await a_lister(federation), await federation.node("reader")
    await reader.follow(lister)
    await reader.sync(lister)
    page = lister.head()["page"]
    for number in range(40):
        await lister.publish({"type": "Need", "name": f"Need {number}"})
    federation.network.missing.add(lister.base + page)

    report = await reader.sync(lister)

    assert (report.problem, report.notes) == (None, ("caught up",))
    assert is_same(reader, lister)


async def test_a_page_that_is_missing_after_the_snapshot_keeps_what_was_there(federation):
    """LF-READ-8, LF-READ-9: the walk to the snapshot has to arrive."""
    lister, reader = await a_lister(federation), await federation.node("reader")
    await reader.follow(lister)
    await reader.sync(lister)
    shown = reader.live(lister)
    await change_much(federation, lister)
    federation.network.missing.add(lister.base + lister.head()["page"])

    report = await reader.sync(lister)

    assert report.problem == "bad-feed"
    assert reader.live(lister) == shown
    federation.network.missing.clear()
    assert (await reader.sync(lister)).problem is None
    assert is_same(reader, lister)


async def test_parts_that_changed_places_are_refused(federation):
    """LF-READ-8: each part has the digest that the head gives it."""
    lister, reader = await a_lister(federation), await federation.node("reader")
    await reader.follow(lister)
    parts = [lister.base + part["name"] for part in lister.head()["snapshot"]["parts"]]
    bodies = {url: lister.file(url.removeprefix(lister.base[:-1])) for url in parts}
    swapped = {parts[0]: bodies[parts[1]], parts[1]: bodies[parts[0]]}
    federation.network.forge = swapped.get

    report = await reader.sync(lister)

    assert report.problem == "bad-feed"
    assert reader.live(lister) == {}


async def test_a_longer_walk_than_twenty_pages_takes_the_snapshot(federation):
    """LF-READ-6, with four pages for twenty."""
    lister, reader = await a_lister(federation), await federation.node("reader")
    await reader.follow(lister)
    await reader.sync(lister)
    for number in range(8 * 6):
        await lister.publish({"type": "Need", "name": f"Need {number}"})
    federation.network.requests.clear()

    report = await reader.sync(lister)

    assert report.notes == ("caught up",)
    pages = [url for url in federation.network.requests if "/feed/" in url]
    assert len(set(pages)) == 4
    assert is_same(reader, lister)


async def test_a_publisher_that_stops_answering_holds_nobody_up(federation):
    """After some silences in a row the rest waits for the next poll."""
    lister, reader = await a_lister(federation), await federation.node("reader")
    await reader.follow(lister)
    network = federation.network

    def stall(url, body):
        if "/d/" in url or url.endswith("bundle.jsonl"):
            raise TooSlow("no answer in time")
        return body

    network.forge = stall
    report = await reader.sync(lister)

    assert (report.problem, report.lacking) == (None, 41)
    assert reader.live(lister).keys() == {"org.json"}
    assert sum("/d/" in url for url in network.requests) < 30
    network.forge = None
    assert (await reader.sync(lister)).lacking == 0
    assert is_same(reader, lister)


@pytest.mark.parametrize("seed", range(8))
async def test_a_line_that_loses_repeats_and_forges_never_shows_anything_wrong(federation, seed):
    """LF-FEED-1, LF-READ-1, LF-READ-9, LF-READ-10: whatever happens on the way, and whenever."""
    lister, reader = await a_lister(federation), await federation.node("reader")
    await reader.follow(lister)
    witness = Witness(lister)
    faults = Faults(seed, drop=0.08, late=0.04, repeat=0.15, forge=0.15, reorder=True)
    federation.network.faults = faults
    problems = set()
    for step in range(25):
        await lister.publish({"type": "Offer", "name": f"Later {step}"})
        witness.look()
        if step % 6 == 5:
            await change_much(federation, lister)
            witness.look()
        federation.clock.advance(minutes=faults.random.randrange(1, 30))
        problems.add((await reader.sync(lister)).problem)
        witness.check(reader)

    federation.network.faults = None
    await reader.sync(lister)
    report = await reader.sync(lister)

    assert (report.problem, report.lacking) == (None, 0)
    assert is_same(reader, lister)
    assert len(problems - {None}) > 1, "a line that bad must have been noticed"
