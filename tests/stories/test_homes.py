"""Once a day a follower looks at the home of an identity, whatever its head says."""

from localfed.protocol.identity import close_log, move_log

OFFER = {"type": "Offer", "name": "Veg box"}


async def a_grocer_and_a_reader(federation):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await grocer.publish(OFFER)
    await reader.follow(grocer)
    await reader.sync(grocer)
    return grocer, reader


async def test_closing_is_seen_the_next_day_though_the_old_head_stays(federation):
    """LF-FOLLOW-1: nobody has to write a head any more."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    log = grocer.publisher(grocer).log
    await grocer.take_log(close_log(log, kit=grocer.kit, now=federation.clock.now()))

    same_day = await reader.sync(grocer)
    federation.clock.advance(days=1)
    next_day = await reader.sync(grocer)

    assert same_day.problem is None
    assert next_day.problem == "identity-closed"
    assert list(reader.store.documents(grocer.did)) == []
    assert reader.publisher(grocer).is_closed


async def test_closing_is_seen_at_once_where_the_head_is_gone(federation):
    """LF-READ-2."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    log = grocer.publisher(grocer).log
    await grocer.take_log(close_log(log, kit=grocer.kit, now=federation.clock.now()))
    federation.network.missing.add(grocer.base + "head.json")

    report = await reader.sync(grocer)

    assert report.problem == "identity-closed"
    assert reader.live(grocer) == {}


async def test_a_head_that_is_gone_without_a_reason_changes_nothing(federation):
    """LF-READ-2."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    federation.network.missing.add(grocer.base + "head.json")

    report = await reader.sync(grocer)

    assert report.problem == "unexpected-answer"
    assert len(reader.live(grocer)) == 2


async def test_a_home_that_is_broken_is_told_and_the_feed_is_read_on(federation):
    """LF-FOLLOW-1: shown, not followed."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    federation.clock.advance(days=1)
    await grocer.publish({"type": "Need", "name": "A van"})
    home = grocer.base + ".well-known/did.jsonl"
    federation.network.forge = lambda url, body: b"<html>" if url == home else body

    report = await reader.sync(grocer)

    assert (report.problem, report.changed) == (None, 1)
    assert "home not confirmed: not-json" in report.notes


async def test_a_home_that_leads_to_this_machine_is_told_and_not_followed(federation):
    """LF-FOLLOW-1: a log there that may not be taken changes nothing."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    held = reader.publisher(grocer)
    moved = move_log(
        held.log,
        kit=grocer.kit,
        base="http://localhost:8080/",
        now=federation.clock.now(),
        allow_loopback=True,
    )
    federation.clock.advance(days=1)
    home = grocer.base + ".well-known/did.jsonl"
    federation.network.forge = lambda url, body: moved if url == home else body

    report = await reader.sync(grocer)

    assert report.problem is None
    assert "home not confirmed: loopback-not-allowed" in report.notes
    assert reader.publisher(grocer).log == held.log


async def test_the_home_is_looked_at_once_a_day(federation):
    """LF-FOLLOW-1."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    federation.clock.advance(days=1)
    federation.network.requests.clear()

    await reader.sync(grocer)
    await reader.sync(grocer)

    asked = [url.rsplit("/", 1)[1] for url in federation.network.requests]
    assert asked == ["did.jsonl", "head.json", "head.json"]
