"""Old things shown as new, new things withheld, and clocks that are wrong: theirs and our own.

Where an honest newer state reaches the victim in between, it moves; then what was live and what was
deleted is asserted by itself. What is made for it lies in `freshness_material`.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from app.makers import import_many
from attacks.frame import check_answer, healthy, refused, unmoved
from attacks.freshness_material import (
    CLOCKS,
    DOCUMENTS,
    HEADS,
    PAGES,
    SITES,
    moved_on,
    path_of,
    time,
)
from attacks.lies import (
    again,
    at,
    away_and_mirrored,
    files_of,
    letter,
    list_bytes,
    log_of,
    message,
    mirror_of,
    next_head,
    scid_of,
    serve,
    shown,
)
from evil import answering
from federation import Clock
from localfed.app import clocks, delivery, follows, mirrors, moderation, sync, tidying
from localfed.app.message_values import OutboxState
from localfed.app.values import BlockKind, DocumentState, EvidenceKind
from localfed.protocol import limits
from localfed.protocol.digest import digest
from localfed.protocol.feed import Entry, Page, chain_over, page_path, write_page
from localfed.protocol.identity import close_log, move_log
from localfed.protocol.times import read_time, write_time
from stories.witness import is_same


def table(cases):
    """Make pytest items of a table of material."""
    return [pytest.param(make, code, id=name) for name, (make, code) in cases.items()]


def answers(victim, publisher):
    """Whether what is found of a publisher is what it publishes now."""
    return shown(victim.node, publisher) == shown(publisher, publisher)


# --- rollback --------------------------------------------------------------------------------


@pytest.mark.parametrize("make,code", table(SITES))
async def test_what_was_true_once_is_not_taken_back_from_the_home(victim, make, code):
    """LF-RATCHET-1, LF-HEAD-7: and it is kept as evidence of a rollback."""
    files = await make(victim)
    serve(victim, at(victim.friend.base, files))

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)

    assert report.problem == code
    assert EvidenceKind.STALE in {one.kind for one in victim.node.store.evidence(victim.friend.did)}
    assert answers(victim, victim.friend)


@pytest.mark.parametrize("make,code", table(SITES))
async def test_nor_from_a_mirror_of_somebody_trusted(victim, make, code):
    """LF-MIRROR-4: one memory, wherever a head comes from. And a mirror that is slow is no rollback."""
    files = await make(victim)
    folder = await away_and_mirrored(victim)
    asked = serve(victim, at(folder, files))

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)

    assert asked
    assert report.problem == "no-answer"
    assert victim.node.store.evidence(victim.friend.did) == []


@pytest.mark.parametrize("make,code", table(SITES))
async def test_nor_from_a_cache_on_the_way(victim, make, code):
    """LF-READ-9, LF-RATCHET-4."""
    files = await make(victim)
    victim.network.cached |= at(victim.friend.base, files)

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)

    assert report.problem == code
    victim.network.cached.clear()
    assert (await victim.node.sync(victim.friend)).problem is None


@pytest.mark.parametrize("make,code", table(SITES))
async def test_nor_by_a_ping(victim, make, code):
    """LF-PING-1: an old head brings nothing forward."""
    head = (await make(victim))["head.json"]
    before = victim.node.publisher(victim.friend).next_poll

    async with unmoved(victim, requests=0):
        answer = await victim.post(head + b"\n")

    assert answer.status == 202
    assert victim.node.publisher(victim.friend).next_poll == before


async def test_an_old_log_at_a_follow_confirms_no_home(victim):
    """LF-FOLLOW-1, LF-ID-21: a home that serves an earlier state is shown as that."""
    old = files_of(victim.friend)
    await victim.friend.rotate()
    await victim.node.sync(victim.friend)
    serve(victim, at(victim.friend.base, old))
    victim.federation.clock.advance(days=1)
    await victim.node.sync(victim.friend)
    assert victim.node.publisher(victim.friend).home.problem == "home-not-confirmed"

    # Who is followed anew is told to the search again.
    async with unmoved(victim, may_change={"log"}):
        looked = await follows.look_up(victim.ports, victim.friend.base, allow_loopback=False)
        await follows.follow(victim.ports, looked.found[0], allow_loopback=False)

    assert victim.node.publisher(victim.friend).home.problem == "home-not-confirmed"


# --- resurrection ----------------------------------------------------------------------------


async def test_the_bytes_of_a_deleted_document_alone_revive_nothing(victim):
    """LF-FEED-1: it is not listed, so nobody asks for it."""
    old = await moved_on(victim)
    bread = path_of(victim, "bread")
    asked = serve(victim, at(victim.friend.base, {bread: old[bread]}))

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)

    assert (report.problem, asked) == (None, [])
    assert victim.node.store.document(victim.friend.did, bread) is None


async def test_old_bytes_of_a_changed_document_are_not_its_new_ones(victim):
    """LF-READ-10: until the new ones are there, the old ones are not live either."""
    friend, cake = victim.friend, path_of(victim, "cake")
    old = friend.file("/" + cake)
    await friend.publish({"type": "Offer", "id": victim.ids["cake"], "name": "No cake any more"})
    files = at(friend.base, {cake: old})
    serve(victim, files)

    report = await victim.node.sync(friend)

    assert (report.problem, report.lacking) == (None, 1)
    assert cake not in victim.node.live(friend)
    async with unmoved(victim):
        assert (await victim.node.sync(friend)).lacking == 1
    files.clear()
    await victim.node.sync(friend)
    assert answers(victim, friend)


async def test_an_old_bundle_gives_nothing_that_was_deleted(victim, monkeypatch):
    """LF-READ-11: only lines that are lacking, by their digest."""
    for name, number in {
        "SNAPSHOT_ENTRIES_MIN": 12,
        "PAGE_ENTRIES": 8,
        "BUNDLE_LACKING": 5,
    }.items():
        monkeypatch.setattr(limits, name, number)
    await import_many(victim.stranger, 30)
    old = victim.stranger.file("/bundle.jsonl")
    gone = min(path for path in victim.stranger.live(victim.stranger) if path.startswith("d/"))
    await victim.stranger.withdraw(f"{victim.stranger.did}/{gone}")
    asked = serve(
        victim,
        at(victim.stranger.base, {"bundle.jsonl": old + (victim.friend.file("/org.json") + b"\n")}),
    )

    await victim.node.follow(victim.stranger)
    report = await victim.node.sync(victim.stranger)

    assert asked
    assert (report.problem, report.lacking) == (None, 0)
    assert gone not in victim.node.live(victim.stranger)
    assert answers(victim, victim.stranger)


@pytest.mark.parametrize("way", ["home", "mirror", "ping", "follow", "letter"])
async def test_a_closed_identity_does_not_come_back(victim, way):
    """LF-ID-19, LF-READ-13: with all that it ever had, log and keys, by whichever way."""
    friend = victim.friend
    old = files_of(friend)
    later = next_head(friend, friend.head()["seq"] + 86_400_000)
    said = letter(log_of(friend), message(friend, victim.node))
    await victim.other.follow(friend)
    await victim.other.sync(friend)
    await friend.take_log(close_log(log_of(friend), kit=friend.kit, now=friend.clock.now()))
    victim.federation.clock.advance(days=1)
    assert (await victim.node.sync(friend)).problem == "identity-closed"
    assert shown(victim.node, friend) == {}
    serve(victim, at(friend.base, old | later))

    async with unmoved(victim):
        if way == "home":
            assert (await victim.node.sync(friend)).problem == "identity-closed"
        elif way == "mirror":
            victim.network.down.add(friend.host)
            serve(victim, at(mirror_of(victim.other, friend), old | later))
            assert (await victim.node.sync(friend)).problem is not None
        elif way == "ping":
            assert (await victim.post(later["head.json"] + b"\n")).status == 202
        elif way == "follow":
            with refused("identity-closed"):
                looked = await follows.look_up(victim.ports, friend.base, allow_loopback=False)
                await follows.follow(victim.ports, looked.found[0], allow_loopback=False)
        else:
            check_answer(await victim.post(said), "identity-closed")

    assert victim.node.publisher(friend).is_closed
    assert "Bread" not in await victim.node.names()


# --- heads: equivocation, the future, numbers ------------------------------------------------


@pytest.mark.parametrize("make,code", table(HEADS))
async def test_a_head_that_is_wrong_in_time_is_refused_at_home(victim, make, code):
    """LF-RATCHET-5, LF-DOC-8 to LF-DOC-11, LF-HEAD-3 to LF-HEAD-6: though the right key signed it."""
    victim.federation.clock.advance(minutes=20)
    files = await make(victim)
    serve(victim, at(victim.friend.base, files))

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)

    assert report.problem == code


@pytest.mark.parametrize("make,code", table(HEADS))
async def test_a_head_that_is_wrong_in_time_is_refused_on_a_mirror(victim, make, code):
    """LF-MIRROR-4."""
    victim.federation.clock.advance(minutes=20)
    files = await make(victim)
    folder = await away_and_mirrored(victim)
    asked = serve(victim, at(folder, files))

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)

    assert asked
    assert report.problem == "no-answer"


async def test_thirty_contradictions_fill_no_disk(victim):
    """LF-RATCHET-5: each is evidence, the oldest goes."""
    held = victim.friend.file("/head.json")
    turns = iter(
        again(held, victim.friend.key, chain=digest(b"%d" % number)) for number in range(30)
    )
    serve(victim, at(victim.friend.base, {"head.json": lambda: next(turns)}))

    async with unmoved(victim):
        for _ in range(30):
            victim.federation.clock.advance(minutes=1)
            assert (await victim.node.sync(victim.friend)).problem == "forked"

    assert len(victim.node.store.evidence(victim.friend.did)) == 20


async def test_one_head_for_some_and_another_for_others_is_seen_where_they_meet(victim):
    """LF-RATCHET-5: what came first is kept, from home and mirror alike; both are evidence."""
    friend = victim.friend
    folder = await away_and_mirrored(victim)
    held = friend.file("/head.json")
    forked = again(held, friend.key, chain=digest(b"for others"))
    serve(victim, {folder + "head.json": forked})

    async with unmoved(victim):
        await victim.node.sync(friend)

    (kept,) = victim.node.store.evidence(friend.did)
    assert (kept.kind, kept.held, kept.offered) == (EvidenceKind.FORKED, held, forked)


async def test_a_renewal_with_an_earlier_time_takes_nothing_back(victim):
    """LF-RATCHET-3, LF-RATCHET-4: the same feed, said earlier, is the same; its times do not count."""
    friend = victim.friend
    early = again(
        friend.file("/head.json"),
        friend.key,
        updated=time(victim, days=-9),
        expires=time(victim, days=-8),
        poll=86_400,
    )
    serve(victim, at(friend.base, {"head.json": early}))

    async with unmoved(victim):
        report = await victim.node.sync(friend)

    assert report.problem is None


async def test_a_renewal_that_changes_what_newcomers_are_told_changes_nothing_here(victim):
    """LF-RATCHET-3: the same number and chain: the feed is the same and is not read again."""
    friend, before = victim.friend, shown(victim.node, victim.friend)
    victim.federation.clock.advance(minutes=20)
    part = b'[["org.json","Organization","zQm%s"]]' % (b"a" * 44)
    name = f"snapshot/{friend.head()['seq']}-1.json"
    renewed = again(
        friend.file("/head.json"),
        friend.key,
        updated=time(victim),
        expires=time(victim, days=9),
        poll=limits.INTEGER,
        snapshot={
            "seq": friend.head()["seq"],
            "chain": friend.head()["chain"],
            "parts": [{"name": name, "digest": digest(part)}],
        },
    )
    asked = serve(victim, at(friend.base, {"head.json": renewed, name: part}))

    # The renewal itself is taken over: head and times, and no document.
    async with unmoved(victim, may_change={"publisher"}):
        report = await victim.node.sync(friend)

    row = victim.node.publisher(friend)
    assert (report.problem, report.deleted, asked) == (None, 0, [friend.base + "head.json"])
    assert shown(victim.node, friend) == before
    wait = read_time(row.next_poll) - victim.federation.clock.moment
    assert wait <= timedelta(seconds=1.2 * limits.POLL_SECONDS_MAX)


async def test_a_feed_that_runs_to_the_last_number_ends_with_a_new_era(victim):
    """LF-RATCHET-1, LF-WRITE-10."""
    friend = victim.friend
    files = at(friend.base, next_head(friend, limits.INTEGER))
    serve(victim, files)
    assert (await victim.node.sync(friend)).problem is None
    assert victim.node.publisher(friend).state.seq == limits.INTEGER
    files.clear()
    await friend.publish({"type": "Offer", "name": "Scones"})

    async with unmoved(victim):
        assert (await victim.node.sync(friend)).problem == "stale"
    await friend.recover()
    report = await victim.node.sync(friend)

    assert report.problem is None
    assert answers(victim, friend)
    assert (await victim.node.sync(victim.other)).problem is None


async def test_another_feed_with_a_higher_number_is_told_and_touches_nobody_else(victim):
    """LF-READ-7: whoever has the key may begin anew; that it did is shown."""
    friend, tools = victim.friend, shown(victim.node, victim.other)
    twin = friend.copy("twin")
    await friend.publish({"type": "Offer", "name": "By the one"})
    await victim.node.sync(friend)
    victim.federation.clock.advance(minutes=5)
    await twin.publish({"type": "Offer", "name": "By the other"})
    twin.serve()

    report = await victim.node.sync(twin)

    assert (report.problem, report.notes) == (None, ("restarted",))
    assert answers(victim, twin)
    assert shown(victim.node, victim.other) == tools
    assert [one.kind for one in victim.node.store.evidence(friend.did)] == [EvidenceKind.RESTARTED]


@pytest.mark.parametrize(
    "minutes,code", [pytest.param(0, "forked", id="again"), pytest.param(-30, "stale", id="lower")]
)
async def test_a_backup_that_uses_a_number_again_is_not_believed(victim, minutes, code):
    """LF-WRITE-2, LF-RATCHET-1: put back, with a clock that has not moved on, or is behind."""
    friend = victim.friend
    twin = friend.copy("backup")
    victim.federation.clock.advance(minutes=60)
    await friend.publish({"type": "Offer", "name": "Scones"})
    await victim.node.sync(friend)
    twin.clock = Clock(victim.federation.clock.moment + timedelta(minutes=minutes))
    await twin.publish({"type": "Offer", "name": "Out of the backup"})
    twin.serve()

    async with unmoved(victim):
        report = await victim.node.sync(twin)

    assert report.problem == code


# --- pages and documents ---------------------------------------------------------------------


@pytest.mark.parametrize("make,code", table(PAGES))
async def test_a_page_that_does_not_fit_its_head_changes_nothing(victim, make, code):
    """LF-READ-5, LF-READ-9, LF-FEED-5 to LF-FEED-8: and the truth is taken as soon as it is there."""
    files = at(victim.friend.base, await make(victim))
    serve(victim, files)

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)
    files.clear()
    after = await victim.node.sync(victim.friend)

    assert report.problem == code
    assert after.problem is None
    assert answers(victim, victim.friend)


@pytest.mark.parametrize("make,code", table(PAGES))
async def test_a_page_on_a_mirror_that_does_not_fit_its_head_changes_nothing(victim, make, code):
    files = await make(victim)
    folder = await away_and_mirrored(victim)
    # The mirror has read the true page: what it serves instead is its own doing.
    victim.network.down.clear()
    await victim.other.sync(victim.friend)
    victim.network.down.add(victim.friend.host)
    asked = serve(victim, at(folder, files))

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)

    assert asked
    assert report.problem == "no-answer"


async def test_pages_without_end_cost_twenty_requests(victim):
    """LF-READ-6: pages of one entry each, each naming another one before it."""
    friend = victim.friend
    start = friend.head()["seq"] + 1_000
    seqs = range(start, start + 60)
    row = friend.file("/org.json")
    files, chain, previous = {}, digest(b"from nowhere"), page_path(start - 1)
    for seq in seqs:
        entry = Entry(seq=seq, path="org.json", type="Organization", digest=digest(row))
        page = Page(before=chain, previous=previous, entries=(entry,))
        chain, previous = chain_over(chain, [entry]), page_path(seq)
        files[previous] = write_page(page)
    files["head.json"] = friend.signed_head(seq=seqs[-1], chain=chain, page=previous)
    serve(victim, at(friend.base, files))

    async with unmoved(victim, requests=2 * 2 * limits.WALK_PAGES + 5):
        report = await victim.node.sync(friend)

    assert report.problem == "bad-feed"


async def test_what_stands_after_the_head_is_not_live_yet(victim):
    """LF-FEED-8: an entry that no head covers, put there by whoever serves the page."""
    friend = victim.friend
    made = await friend.publish({"type": "Offer", "name": "Scones"})
    path = friend.head()["page"]
    page = msgspec.json.decode(friend.file("/" + path))
    page["entries"].append([friend.head()["seq"] + 1, "delete", path_of(victim, "bread")])
    page["entries"].append(
        [friend.head()["seq"] + 2, "put", "d/" + "f" * 26 + ".json", "Offer", digest(b"forged")]
    )
    serve(victim, at(friend.base, {path: msgspec.json.encode(page, order="sorted")}))

    report = await victim.node.sync(friend)

    assert report.problem is None
    assert made.partition("/")[2] in victim.node.live(friend)
    assert answers(victim, friend)


async def test_an_old_part_of_a_snapshot_is_not_believed(victim, monkeypatch):
    """LF-READ-8: a newcomer, to whom a cache brings the snapshot of before with everything in it."""
    for name, number in {"SNAPSHOT_ENTRIES_MIN": 12, "PAGE_ENTRIES": 8}.items():
        monkeypatch.setattr(limits, name, number)
    stranger = victim.stranger
    await import_many(stranger, 30)
    old = stranger.file("/" + stranger.head()["snapshot"]["parts"][0]["name"])
    await stranger.withdraw(
        min(one.id for one in stranger.live(stranger).values() if one.path != "org.json")
    )
    await import_many(stranger, 45)
    part = stranger.head()["snapshot"]["parts"][0]["name"]
    await victim.node.follow(stranger)
    files = at(stranger.base, {part: old})
    asked = serve(victim, files)

    async with unmoved(victim):
        report = await victim.node.sync(stranger)
    files.clear()
    await victim.node.sync(stranger)

    assert stranger.base + part in asked
    assert report.problem == "bad-feed"
    assert answers(victim, stranger)


@pytest.mark.parametrize("make,code", table(DOCUMENTS))
async def test_a_document_that_is_wrong_in_time_is_not_shown(victim, make, code):
    """LF-READ-10, LF-DOC-8 to LF-DOC-11: the head is the friend's own and counts; the bytes do not."""
    friend, cake = victim.friend, path_of(victim, "cake")
    victim.federation.clock.advance(minutes=20)
    before = shown(victim.node, friend)
    body = await make(victim)
    await list_bytes(friend, cake, "Offer", body)

    # The head is taken, with what it lists: the friend's own rows; the old bytes of its cake go.
    friends = {"publisher", "standing", "document", "body", "feed_file", "log"}
    async with unmoved(victim, may_change=friends):
        report = await victim.node.sync(friend)

    held = victim.node.store.document(friend.did, cake)
    assert report.problem is None
    assert (held.body, held.problem) == (None, code or None)
    assert held.state is (DocumentState.REJECTED if code else DocumentState.WANTED)
    assert shown(victim.node, friend) == {path: one for path, one in before.items() if path != cake}
    assert "Forged" not in await victim.node.names()


# --- freeze and withholding ------------------------------------------------------------------


async def said_of(victim, publisher):
    """What the API says of a publisher."""
    answer = await victim.get(f"/api/v1/organizations/{scid_of(publisher)}")
    return msgspec.json.decode(answer.body) if answer.status == 200 else None


@pytest.mark.parametrize("way", ["home", "mirror"])
async def test_the_same_head_for_ever_is_shown_as_stale_and_then_hidden(victim, way):
    """Promise 2, LF-READ-12: whoever has the files can stop time only until the head expires."""
    friend = victim.friend
    frozen = dict(files_of(friend))
    folder = friend.base if way == "home" else await away_and_mirrored(victim)
    clock = victim.federation.clock
    serve(victim, at(folder, frozen))
    await friend.withdraw(victim.ids["bread"])
    before = shown(victim.node, friend)
    confirmed, found = [], []

    for days in (1, 14, 14):
        clock.advance(days=days)
        await victim.node.sync(friend)
        row = victim.node.publisher(friend)
        confirmed.append(sync.is_confirmed(row, clock.moment))
        found.append("Bread" in await victim.node.names("bread"))
        assert (row.home.problem is None) == (way == "home")
        assert shown(victim.node, friend) == before, "hidden, and not deleted"

    assert confirmed == [True, False, False]
    assert found == [True, True, False]
    await healthy(victim)


async def test_a_frozen_head_does_not_hide_the_end_of_an_identity(victim):
    """LF-FOLLOW-1: the look at the home every day, whatever the head says."""
    friend = victim.friend
    frozen = friend.file("/head.json")
    await friend.take_log(close_log(log_of(friend), kit=friend.kit, now=friend.clock.now()))
    serve(victim, at(friend.base, {"head.json": frozen}))
    victim.federation.clock.advance(days=1)

    await victim.node.sync(friend)

    assert victim.node.publisher(friend).is_closed
    assert shown(victim.node, friend) == {}


async def test_a_frozen_head_does_not_hide_a_theft(victim):
    """LF-FOLLOW-1, LF-READ-13: the new era is seen at the home; what the old key signed ends in 48 hours."""
    friend = victim.friend
    frozen = dict(files_of(friend))
    del frozen[".well-known/did.jsonl"]
    await friend.recover()
    serve(victim, at(friend.base, frozen))
    victim.federation.clock.advance(days=1)
    await victim.node.sync(friend)
    held = shown(victim.node, friend)
    victim.federation.clock.advance(hours=49)

    report = await victim.node.sync(friend)
    await tidying.tidy(victim.ports)

    assert held
    assert report.problem == "stale"
    assert shown(victim.node, friend) == {}
    assert "Bread" not in await victim.node.names()


@pytest.mark.parametrize("missing", ["org.json", "cake", "all"])
async def test_documents_that_are_withheld_hold_up_nothing_else(victim, missing):
    """LF-READ-10: listed, not shown, asked for again; what was there stays."""
    friend = victim.friend
    made = (await friend.publish({"type": "Offer", "name": "Scones"})).partition("/")[2]
    await friend.publish({"type": "Offer", "id": victim.ids["cake"], "name": "More cake"})
    hidden = {
        "org.json": [],
        "cake": [path_of(victim, "cake")],
        "all": [made, path_of(victim, "cake")],
    }
    files = at(friend.base, dict.fromkeys([*hidden[missing], "org.json"]))
    serve(victim, files)

    report = await victim.node.sync(friend)

    live = set(victim.node.live(friend))
    assert (report.problem, report.lacking) == (None, len(hidden[missing]))
    assert live == set(friend.live(friend)) - set(hidden[missing])
    files.clear()
    await victim.node.sync(friend)
    assert answers(victim, friend)


async def test_a_head_that_asks_for_no_look_in_years_is_looked_at_within_a_day(victim):
    """LF-FOLLOW-3."""
    friend = victim.friend
    files = next_head(friend, friend.head()["seq"] + 1, poll=limits.INTEGER)
    serve(victim, at(friend.base, files))

    await victim.node.sync(friend)

    wait = read_time(victim.node.publisher(friend).next_poll) - victim.federation.clock.moment
    assert wait <= timedelta(seconds=1.2 * limits.POLL_SECONDS_MAX)


# --- mirrors ---------------------------------------------------------------------------------


@pytest.mark.parametrize("make,code", table(CLOCKS))
async def test_a_clock_that_lies_costs_a_look_at_most(victim, make, code):
    """LF-MIRROR-2, LF-MIRROR-4."""
    body = await make(victim)
    await away_and_mirrored(victim)
    asked = serve(victim, {victim.other.base + "mirror/clock.json": body})

    async with unmoved(victim, requests=12):
        report = await victim.node.sync(victim.friend)

    assert asked
    assert report.problem in {None, "no-answer"}


@pytest.mark.parametrize(
    "target",
    [
        "/mirror/{other}/mirror/{friend}/head.json",
        "/mirror/{friend}/mirror/clock.json",
        "/mirror/{friend}/inbox",
        "/mirror/{ours}/head.json",
        "/mirror/{stranger}/did.jsonl",
        "/mirror/{friend}/{gone}",
        "/mirror/{friend}/../{friend}/head.json",
        "/mirror/{friend}/feed/1.json",
    ],
)
async def test_a_mirror_serves_no_mirror_and_nothing_that_is_gone(victim, target):
    """LF-MIRROR-1."""
    names = {
        "friend": scid_of(victim.friend),
        "other": scid_of(victim.other),
        "stranger": scid_of(victim.stranger),
        "ours": scid_of(victim.node),
        "gone": path_of(victim, "gone"),
    }

    async with unmoved(victim, requests=0):
        check_answer(await victim.get(target.format(**names)), "unknown-page", 404)


async def test_mirrors_in_a_ring_ask_each_other_no_more_than_once(victim):
    """LF-MIRROR-5: each follows the others, and the home of one is away for all."""
    for one in (victim.other, victim.stranger):
        for another in (victim.node, victim.friend, victim.other, victim.stranger):
            if another is not one:
                await one.follow(another)
                await one.sync(another)
    await victim.node.follow(victim.stranger)
    await victim.node.sync(victim.stranger)
    victim.network.down.add(victim.friend.host)

    async with unmoved(victim, requests=30):
        for one in (victim.node, victim.other, victim.stranger):
            await one.sync(victim.friend)


async def test_a_mirror_that_is_ourselves_confirms_nothing(victim):
    """LF-MIRROR-5: somebody who moves to our host makes our own copy the mirror of everybody else."""
    other = victim.other
    moved = move_log(log_of(other), kit=other.kit, base=victim.node.base, now=other.clock.now())
    await other.take_log(moved)
    victim.federation.clock.advance(days=1)
    await victim.node.sync(other)
    assert victim.node.publisher(other).base == victim.node.base
    victim.network.down.add(victim.friend.host)

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)

    assert report.problem == "no-answer"
    assert not [
        url for url in victim.network.requests if url.startswith(victim.node.base + "mirror/")
    ]


async def test_a_mirror_of_itself_brings_nobody_back(victim):
    """LF-MIRROR-5: a publisher whose home is away is not read at a mirror below that home."""
    friend = victim.friend
    clock = mirrors.clock_of(victim.node.store)
    serve(
        victim,
        at(friend.base, {"mirror/clock.json": clock})
        | at(mirror_of(friend, friend), files_of(friend)),
    )
    victim.network.down.add(friend.host)

    async with unmoved(victim):
        report = await victim.node.sync(friend)

    assert report.problem == "no-answer"


# --- whoever is blocked ----------------------------------------------------------------------


async def by_the_home(victim):
    report = await victim.node.sync(victim.friend)
    assert report.problem == "unknown-organisation"


async def by_a_mirror(victim):
    await follows.read_by_mirror(victim.ports, victim.friend.did, victim.other.base)


async def by_another_host(victim):
    friend = victim.friend
    # A host that is blocked says nothing of other hosts; but one below it is part of it.
    await friend.move("new.friend.example")
    looked = await follows.look_up(victim.ports, friend.base, allow_loopback=False)
    await follows.follow(victim.ports, looked.found[0], allow_loopback=False)


async def by_a_follow(victim):
    looked = await follows.look_up(victim.ports, victim.friend.base, allow_loopback=False)
    await follows.follow(victim.ports, looked.found[0], allow_loopback=False)


async def by_a_ping(victim):
    head = next_head(victim.friend, victim.friend.head()["seq"] + 60_000)["head.json"]
    assert (await victim.post(head + b"\n")).status == 202


async def by_a_message(victim):
    body = letter(log_of(victim.friend), message(victim.friend, victim.node))
    assert (await victim.post(body)).status == 202


async def by_our_own_mirror(victim):
    answer = await victim.get(f"/mirror/{scid_of(victim.friend)}/head.json")
    check_answer(answer, "unknown-page", 404)
    clock = await victim.get("/mirror/clock.json")
    assert scid_of(victim.friend).encode() not in clock.body


async def by_two_mirrors(victim):
    await victim.stranger.follow(victim.friend)
    await victim.stranger.sync(victim.friend)
    victim.network.down.add(victim.friend.host)
    bases = [victim.other.base, victim.stranger.base]
    found = await follows.look_up_on_mirrors(
        victim.ports, victim.friend.did, bases, allow_loopback=False
    )
    await follows.follow(victim.ports, found, allow_loopback=False)


BLOCKED_WAYS = {
    "its home": (by_the_home, None),
    "a mirror that is chosen": (by_a_mirror, "unknown-organisation"),
    "another host": (by_another_host, "blocked"),
    "a follow": (by_a_follow, "blocked"),
    "a ping": (by_a_ping, None),
    "a message": (by_a_message, None),
    "our own mirror": (by_our_own_mirror, None),
    "two mirrors": (by_two_mirrors, "blocked"),
}


@pytest.mark.parametrize("kind", [BlockKind.ORGANISATION, BlockKind.HOST])
@pytest.mark.parametrize("way", BLOCKED_WAYS)
async def test_who_is_blocked_comes_in_by_no_way(victim, way, kind):
    """LF-MIRROR-6, LF-INBOX-2, LF-ACCEPT-10."""
    attack, code = BLOCKED_WAYS[way]
    await victim.other.follow(victim.friend)
    await victim.other.sync(victim.friend)
    what = victim.friend.did if kind is BlockKind.ORGANISATION else victim.friend.host
    await moderation.block(victim.ports, kind, what)

    async with unmoved(victim):
        if code is None:
            await attack(victim)
        else:
            with refused(code):
                await attack(victim)

    assert "Bread" not in await victim.node.names()


# --- clocks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("years", [-50, -1, 1, 10, 70])
async def test_a_clock_of_our_own_that_is_wrong_deletes_nothing(victim, years):
    """LF-READ-12, LF-FOLLOW-8: and what it hides is there again when it is right."""
    friend, right = victim.friend, victim.federation.clock
    before = shown(victim.node, friend)
    victim.node.clock = Clock(right.moment + timedelta(days=365 * years))

    async with unmoved(victim):
        for one in (friend, victim.other):
            await victim.node.sync(one)
        await tidying.tidy(victim.ports)
    victim.node.clock = right

    assert shown(victim.node, friend) == before
    assert "Bread" in await victim.node.names("bread")


@pytest.mark.parametrize("years", [-50, -1, 1, 10])
async def test_after_a_wrong_clock_everything_is_read_again(victim, years):
    """LF-FOLLOW-3: a time of the next poll that lies years ahead is that of a wrong clock."""
    friend, right = victim.friend, victim.federation.clock
    victim.node.clock = Clock(right.moment + timedelta(days=365 * years))
    for one in (friend, victim.other):
        await victim.node.sync(one)
    await friend.publish({"type": "Offer", "name": "Scones"})
    victim.node.clock = right
    right.advance(hours=1)

    due = [one.did for one in victim.node.store.due_for_poll(write_time(right.moment))]
    for did in due:
        await sync.poll(victim.ports, did)

    assert friend.did in due
    assert is_same(victim.node, friend)


async def test_what_a_wrong_clock_took_for_expired_is_read_when_it_is_right(victim):
    """LF-READ-10, LF-FOLLOW-8: two hosts are too few to doubt it, so nobody noticed."""
    friend, right = victim.friend, victim.federation.clock
    await friend.publish({"type": "Offer", "name": "Scones"})
    await friend.publish({"type": "Offer", "id": victim.ids["cake"], "name": "More cake"})
    victim.node.clock = Clock(right.moment + timedelta(days=365))
    taken = await victim.node.sync(friend)
    victim.node.clock = right
    right.advance(hours=1)

    await victim.node.sync(friend)

    assert (taken.problem, taken.rejected) == (None, 2)
    assert answers(victim, friend)


async def test_what_waits_to_be_sent_is_sent_after_a_wrong_clock(victim):
    """LF-SEND-1: it failed while the clock was ten years ahead, and was to be tried a minute later."""
    node, right = victim.node, victim.federation.clock
    await node.publish({"type": "Need", "name": "A van"})
    victim.network.down |= {victim.friend.host, victim.other.host}
    node.clock = Clock(right.moment + timedelta(days=3_650))
    await delivery.deliver_due(node.ports)
    waiting = [one.host for one in node.store.outbox() if one.state is OutboxState.WAITING]
    node.clock = right
    victim.network.down.clear()
    right.advance(hours=1)

    await delivery.deliver_due(node.ports)

    assert sorted(waiting) == [victim.friend.host, victim.other.host]
    assert node.store.outbox() == []  # a ping that arrived is not kept


async def test_a_clock_that_jumps_back_and_forth_accepts_nothing_wrong(victim):
    """LF-ACCEPT-8, LF-READ-10: what is too early waits, and what came in order stays in order."""
    friend, right = victim.friend, victim.federation.clock
    for days in (-400, 400, -3, 3, -10_000, 0):
        victim.node.clock = Clock(right.moment + timedelta(days=days))
        await friend.publish({"type": "Offer", "id": victim.ids["cake"], "name": f"Cake {days}"})
        await victim.node.sync(friend)
        right.advance(minutes=20)
    victim.node.clock = right

    await victim.node.sync(friend)

    assert answers(victim, friend)


@pytest.mark.parametrize("days", [-30_000, -1, 1, 300_000])
async def test_two_hosts_that_lie_about_the_time_stop_nothing(victim, days):
    """LF-FOLLOW-8: two of three."""
    await victim.node.follow(victim.stranger)
    await victim.node.sync(victim.stranger)
    for liar in (victim.friend, victim.other):
        liar.clock = Clock(victim.federation.clock.moment + timedelta(days=days))

    async with unmoved(victim):
        for one in (victim.friend, victim.other, victim.stranger):
            await victim.node.sync(one)

    assert not clocks.judge(victim.node.store, victim.node.clock.machine()).is_wrong
    await victim.node.publish({"type": "Need", "name": "A van"})


@pytest.mark.parametrize("days", [-30_000, 30_000])
async def test_three_hosts_that_lie_about_the_time_delete_nothing(victim, days):
    """LF-FOLLOW-8: they can stop us from signing, until an operator says that our clock is right."""
    await victim.node.follow(victim.stranger)
    await victim.node.sync(victim.stranger)
    for liar in (victim.friend, victim.other, victim.stranger):
        liar.clock = Clock(victim.federation.clock.moment + timedelta(days=days))

    # A fact about ourselves: our clock is doubted. That is all that three liars can do.
    async with unmoved(victim, may_change={"fact"}):
        for one in (victim.friend, victim.other, victim.stranger):
            await victim.node.sync(one)
        await tidying.tidy(victim.ports)
    await clocks.trust(victim.ports, is_right=True)
    await victim.node.publish({"type": "Need", "name": "A van"})

    assert "Bread" in await victim.node.names("bread")


@pytest.mark.parametrize(
    "date",
    [
        "Fri, 31 Dec 9999 23:59:59 -2300",
        "Mon, 01 Jan 0100 00:00:00 +2359",
        "Fri, 31 Dec 2026 23:59:59 +99999999999",
        "Fri, 99 Dec 2026 99:99:99 GMT",
        "99999999999999999999",
        "now",
    ],
)
async def test_a_date_that_cannot_be_is_no_date(evil_server, fetch, date):
    """LF-FOLLOW-8: what a host says about the time is a header like any, from anybody."""
    url = evil_server.on("/head.json", answering(b"{}", Date=date))

    answer = await fetch.get(url, limit_bytes=100, allow_loopback=True)

    assert (answer.body, answer.date) == (b"{}", None)
