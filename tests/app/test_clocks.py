"""Clocks: whose is wrong, what stops, what goes on."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from federation import Clock
from localfed.app import clocks, listings
from localfed.app.renewals import renew
from localfed.app.values import DocumentState
from localfed.protocol.errors import ClockWrong

HOSTS = ("baker", "cook", "grocer", "miller", "smith")


async def a_reader_with_another_clock(federation, hosts=HOSTS[:3], **ahead):
    """A reader that follows these hosts, read once; then its clock is set ahead."""
    reader = await federation.node("reader")
    others = [await federation.node(name) for name in hosts]
    for other in others:
        await reader.follow(other)
        await reader.sync(other)
    reader.clock = Clock(federation.clock.moment)
    reader.clock.advance(**ahead)
    return reader, others


def verdict_of(reader):
    return clocks.judge(reader.store, reader.clock.machine())


@pytest.mark.parametrize("seconds", [-301, 301, 86_400, -86_400 * 365])
async def test_three_hosts_that_differ_stop_everything_that_is_signed(federation, seconds):
    """LF-FOLLOW-8."""
    reader, others = await a_reader_with_another_clock(federation, seconds=seconds)
    before = reader.publisher(reader).head

    for other in others:
        await reader.sync(other)

    assert verdict_of(reader).offset == -seconds
    with pytest.raises(ClockWrong, match=str(-seconds)):
        await reader.publish({"type": "Offer", "name": "Bread"})
    reader.clock.moment = federation.clock.moment + timedelta(days=10)
    with pytest.raises(ClockWrong):
        await renew(reader.ports, reader.did)
    assert reader.publisher(reader).head == before


@pytest.mark.parametrize("seconds", [-300, 0, 300])
async def test_a_clock_within_the_tolerance_is_right(federation, seconds):
    reader, others = await a_reader_with_another_clock(federation, seconds=seconds)

    for other in others:
        await reader.sync(other)

    assert not verdict_of(reader).is_wrong
    await reader.publish({"type": "Offer", "name": "Bread"})


async def test_two_hosts_are_not_enough(federation):
    reader, others = await a_reader_with_another_clock(federation, HOSTS[:2], days=1)

    for other in others:
        await reader.sync(other)

    assert (verdict_of(reader).differing, verdict_of(reader).is_wrong) == (2, False)
    await reader.publish({"type": "Offer", "name": "Bread"})


async def test_three_liars_among_many_stop_nothing(federation):
    reader, others = await a_reader_with_another_clock(federation, (*HOSTS, "tailor"), seconds=0)
    for liar in others[:3]:
        liar.clock = Clock(federation.clock.moment)
        liar.clock.advance(days=30)

    for other in others:
        await reader.sync(other)

    assert (verdict_of(reader).differing, verdict_of(reader).agreeing) == (3, 3)
    assert not verdict_of(reader).is_wrong


async def test_a_clock_that_is_set_right_lets_everything_go_on(federation):
    reader, others = await a_reader_with_another_clock(federation, days=1)
    for other in others:
        await reader.sync(other)
    reader.clock.moment = federation.clock.moment

    for other in others:
        await reader.sync(other)

    assert not verdict_of(reader).is_wrong
    assert (
        await listings.publish_draft(
            reader.ports, reader.did, b'{"type":"Offer","name":"Bread"}', language="en"
        )
    ).is_new


async def test_what_a_wrong_clock_took_for_expired_is_asked_for_again(federation):
    reader, others = await a_reader_with_another_clock(federation, days=200)
    await others[0].publish({"type": "Offer", "name": "Veg box"})
    for other in others:
        await reader.sync(other)
    states = {one.path: one.problem for one in reader.store.documents(others[0].did)}
    reader.clock.moment = federation.clock.moment

    for other in others:
        await reader.sync(other)
    await reader.sync(others[0])

    assert "expired" in states.values()
    assert {one.state for one in reader.store.documents(others[0].did)} == {DocumentState.LIVE}


async def test_a_person_may_say_that_the_others_are_wrong(federation):
    reader, others = await a_reader_with_another_clock(federation, days=1)
    for other in others:
        await reader.sync(other)

    await clocks.trust(reader.ports, is_right=True)
    await reader.publish({"type": "Offer", "name": "Bread"})
    await clocks.trust(reader.ports, is_right=False)

    with pytest.raises(ClockWrong):
        await reader.publish({"type": "Offer", "name": "Bread"})


async def test_readings_are_written_only_when_they_are_news(federation):
    reader, others = await a_reader_with_another_clock(federation, HOSTS[:1], seconds=0)
    held = reader.store.clock_readings()
    reader.clock.advance(minutes=20)
    federation.clock.advance(minutes=20)

    await reader.sync(others[0])

    assert reader.store.clock_readings() == held
    assert msgspec.structs.astuple(held[0])[:2] == ("baker.example", 0)
