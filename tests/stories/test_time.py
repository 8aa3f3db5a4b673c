"""Time across nodes: heads that expire, publishers that go away for a month, how often is asked, clocks
that are wrong.

Not here: renewing what is one's own (`tests/app/test_renewals.py`).
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from federation import Clock
from localfed.app import follows, tidying
from localfed.app.renewals import renew
from localfed.app.sync import is_confirmed
from localfed.app.values import DocumentState
from localfed.protocol import limits
from localfed.protocol.times import read_time, write_time
from stories.witness import is_same


async def a_grocer_and_a_reader(federation):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    await reader.follow(grocer)
    await reader.sync(grocer)
    return grocer, reader


def serve_head(federation, node, head):
    federation.network.forge = lambda url, body: head if url == node.base + "head.json" else body


async def test_an_expired_head_is_shown_for_two_weeks_and_then_hidden(federation):
    """LF-READ-12, LF-HEAD-8: not confirmed, hidden, and shown again with the first fresh head."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    expires = read_time(reader.publisher(grocer).head_expires)
    moments = {
        expires - timedelta(seconds=1): (True, ["Veg box"]),
        expires: (False, ["Veg box"]),
        expires + timedelta(days=limits.HEAD_GRACE_DAYS, seconds=-1): (False, ["Veg box"]),
        expires + timedelta(days=limits.HEAD_GRACE_DAYS): (False, []),
        expires + timedelta(days=limits.HEAD_GRACE_DAYS + 60): (False, []),
    }

    for moment, (confirmed, names) in moments.items():
        federation.clock.moment = moment
        assert is_confirmed(reader.publisher(grocer), moment) is confirmed
        assert await reader.names("veg") == names
        # Asking again brings the same expired head, which is still the ratchet.
        assert (await reader.sync(grocer)).problem is None

    await renew(grocer.ports, grocer.did)
    await reader.sync(grocer)

    assert is_confirmed(reader.publisher(grocer), federation.clock.now())
    assert await reader.names("veg") == ["Veg box"]


async def test_an_expired_head_still_is_the_ratchet(federation):
    """LF-READ-12, LF-RATCHET-4: it does not become easier to go back."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    old = grocer.file("/head.json")
    await grocer.publish({"type": "Offer", "name": "Later"})
    await reader.sync(grocer)
    federation.clock.advance(days=60)
    serve_head(federation, grocer, old)

    report = await reader.sync(grocer)

    assert report.problem == "stale"


async def test_a_publisher_that_was_gone_for_a_month_comes_back(federation):
    """LF-FOLLOW-4: asked ever more seldom meanwhile, at least once a day or so; then as before."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    federation.network.down.add(grocer.host)
    end = federation.clock.now() + timedelta(days=30)
    waits = []
    while federation.clock.now() < end:
        due = read_time(reader.publisher(grocer).next_poll)
        waits.append(due - federation.clock.now())
        federation.clock.moment = due
        assert [one.did for one in reader.store.due_for_poll(write_time(due))] == [grocer.did]
        assert (await reader.sync(grocer)).problem == "no-answer"

    assert len(waits) < 50
    assert max(waits) <= timedelta(days=1.2)
    assert waits[3] < waits[6] < waits[8]
    assert reader.publisher(grocer).failures == len(waits)
    assert await reader.names("veg") == []
    federation.network.down.clear()
    await renew(grocer.ports, grocer.did)
    await grocer.publish({"type": "Offer", "name": "Back again"})
    report = await reader.sync(grocer)
    publisher = reader.publisher(grocer)
    assert (report.problem, publisher.problem, publisher.failures) == (None, None, 0)
    assert read_time(publisher.next_poll) - federation.clock.now() < timedelta(minutes=19)
    assert sorted(await reader.names("", limit=10)) == ["Back again", "Grocer", "Veg box"]


@pytest.mark.parametrize(
    "asked,least,most",
    [(1, 240, 360), (300, 240, 360), (1_000, 800, 1_200), (10**9, 69_120, 103_680)],
)
async def test_the_time_between_polls_is_the_publishers_wish_within_bounds(
    federation, asked, least, most
):
    """LF-FOLLOW-3: between five minutes and a day, a fifth more or less at random."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    waits = set()
    for _ in range(12):
        federation.clock.advance(hours=1)
        now = federation.clock.now()
        head = grocer.signed_head(
            poll=asked, updated=write_time(now), expires=write_time(now + timedelta(days=1))
        )
        serve_head(federation, grocer, head)
        assert (await reader.sync(grocer)).problem is None
        waits.add((read_time(reader.publisher(grocer).next_poll) - now).total_seconds())

    assert len(waits) > 6, "polls of many readers must not fall together"
    # The wire's times have no fractions: a wait may have lost up to a second.
    assert all(least - 1 <= wait <= most for wait in waits)


async def test_an_unchanged_head_confirms_without_being_sent_again(federation):
    """LF-FOLLOW-2: 304 renews what is known of the home, and an old problem is over."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    federation.network.down.add(grocer.host)
    await reader.sync(grocer)
    federation.network.down.clear()
    failed = reader.publisher(grocer)
    federation.clock.advance(hours=2)
    federation.network.requests.clear()

    await reader.sync(grocer)

    after = reader.publisher(grocer)
    assert failed.problem == "no-answer"
    assert (after.problem, after.failures) == (None, 0)
    assert after.checked == write_time(federation.clock.now())
    assert after.state == failed.state
    assert federation.network.requests == [grocer.base + "head.json"]


async def test_the_etag_of_a_refused_head_is_not_kept(federation):
    """LF-FOLLOW-2: else a 304 would confirm a head that was never accepted."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    before = reader.publisher(grocer).etag
    await grocer.publish({"type": "Offer", "name": "Later"})
    federation.network.forge = lambda url, body: None if "/feed/" in url else body

    assert (await reader.sync(grocer)).problem == "bad-feed"
    assert reader.publisher(grocer).etag == before
    federation.network.forge = None
    assert (await reader.sync(grocer)).problem is None
    assert is_same(reader, grocer)


async def test_a_document_from_the_future_is_shown_when_its_time_has_come(federation):
    """LF-READ-10, LF-ACCEPT-8: too early is not refused for ever, it is asked for again."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    grocer.clock = Clock(federation.clock.now() + timedelta(hours=1))
    early = await grocer.publish({"type": "Offer", "name": "Early potatoes"})
    grocer.clock = federation.clock
    await grocer.publish({"type": "Offer", "name": "Now"})

    first = await reader.sync(grocer)
    held = reader.store.document(grocer.did, early.removeprefix(grocer.did + "/"))
    federation.clock.advance(hours=1)
    second = await reader.sync(grocer)

    assert (first.problem, first.changed, first.lacking) == (None, 1, 1)
    assert held.state is DocumentState.WANTED
    assert (second.changed, second.lacking) == (1, 0)
    assert is_same(reader, grocer)


async def test_a_head_from_the_future_is_refused_and_not_remembered(federation):
    """LF-ACCEPT-8: the clock of a publisher runs ahead; readers have what they had."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    before = reader.publisher(grocer).state
    grocer.clock = Clock(federation.clock.now() + timedelta(hours=1))
    await grocer.publish({"type": "Offer", "name": "Early potatoes"})

    early = await reader.sync(grocer)
    assert (early.problem, reader.publisher(grocer).state) == ("too-early", before)
    federation.clock.advance(minutes=55)
    just = await reader.sync(grocer)

    assert just.problem is None
    assert sorted(await reader.names("", limit=10)) == [
        "Early potatoes",
        "Grocer",
        "Reader",
        "Veg box",
    ]


@pytest.mark.parametrize("minutes", [-4, 4])
async def test_clocks_a_few_minutes_apart_make_no_difference(federation, minutes):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    reader.clock = Clock(federation.clock.now() + timedelta(minutes=minutes))
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    await reader.follow(grocer)

    report = await reader.sync(grocer)

    assert (report.problem, report.changed) == (None, 2)
    assert await reader.names("veg") == ["Veg box"]


async def test_a_reader_whose_clock_is_behind_waits_instead_of_forgetting(federation):
    """LF-FOLLOW-8 says why to look at the clock; without that, nothing is lost either."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    reader.clock = Clock(federation.clock.now() - timedelta(days=1))
    await grocer.publish({"type": "Offer", "name": "Later"})

    assert (await reader.sync(grocer)).problem == "too-early"
    assert await reader.names("veg") == ["Veg box"]
    reader.clock = federation.clock
    assert (await reader.sync(grocer)).problem is None
    assert is_same(reader, grocer)


async def test_a_document_is_not_found_after_it_expired(federation):
    """LF-FEED-1: listed by a fresh head, and yet not live."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    path = min(grocer.live(grocer))
    expires = read_time(grocer.live(grocer)[path].expires)
    federation.clock.moment = expires - timedelta(seconds=1)
    head = grocer.signed_head(
        updated=write_time(federation.clock.now()),
        expires=write_time(expires + timedelta(days=30)),
    )
    serve_head(federation, grocer, head)

    await reader.sync(grocer)
    before = await reader.names("veg")
    federation.clock.advance(seconds=1)
    after = await reader.names("veg")

    assert (before, after) == (["Veg box"], [])


async def test_a_leap_of_our_clock_lets_go_of_nothing_until_somebody_elses_agrees(federation):
    """LF-FOLLOW-8: a machine that starts in another year, and one that was really off for so long."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    baker = await federation.node("baker")
    for one in (grocer, baker):
        await reader.follow(one)
        await reader.sync(one)
    await tidying.tidy(reader.ports)
    await follows.unfollow(reader.ports, grocer.did)

    reader.clock = Clock(federation.clock.moment + timedelta(days=365))
    await tidying.tidy(reader.ports)
    assert reader.store.publisher(grocer.did) is not None

    reader.clock = federation.clock
    await tidying.tidy(reader.ports)
    federation.clock.advance(days=8)
    await tidying.tidy(reader.ports)
    assert reader.store.publisher(grocer.did) is not None
    await reader.sync(baker)
    await tidying.tidy(reader.ports)
    assert reader.store.publisher(grocer.did) is None


async def test_a_leap_that_nobody_confirms_is_believed_after_a_day(federation):
    """LF-FOLLOW-6: what is to be deleted is deleted in the end, though every home is away."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    baker = await federation.node("baker")
    for one in (grocer, baker):
        await reader.follow(one)
        await reader.sync(one)
    await tidying.tidy(reader.ports)
    await follows.unfollow(reader.ports, grocer.did)
    federation.network.down.add(baker.host)

    federation.clock.advance(days=30)
    await tidying.tidy(reader.ports)
    assert reader.store.publisher(grocer.did) is not None
    federation.clock.advance(hours=25)
    await tidying.tidy(reader.ports)

    assert reader.store.publisher(grocer.did) is None
