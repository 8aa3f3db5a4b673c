"""Reading: what is here is read once, a few at a time, and what is gone is forgotten."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec
import pytest

from localfed.app.ports import Side
from localfed.app.reading import Progress
from localfed.protocol.errors import IndexBroken
from localfed.server.wiring import find_readings
from localfed.store.shelf import FILE

CHOIR = {"type": "Need", "name": "A hall for our choir.", "keywords": ["hall", "music"]}
HALL = {"type": "Offer", "name": "Hall", "description": "With a piano"}
CYMRAEG = {"type": "Offer", "name": {"cy": "Neuadd", "en-GB": "Village hall"}}


class Remembering:
    """A reading that keeps what it is told."""

    def __init__(self, *, is_sound=True):
        self.is_sound = is_sound
        self.kept = []
        self.parts = []
        self.rests = 0

    def rest(self):
        self.rests += 1

    def unread(self, texts):
        return [one for one in dict.fromkeys(texts) if one not in self.kept]

    def read(self, texts):
        self.parts.append(len(texts))
        self.kept += texts

    def key(self, text):
        return repr(text).encode()

    def forget_others(self, keys):
        self.kept = [one for one in self.kept if self.key(one) in keys]


@pytest.fixture
async def node(federation):
    found = await federation.node("choir")
    for draft in (CHOIR, HALL, CYMRAEG):
        await found.publish(draft)
    return found


def ports_with(node, reading):
    return msgspec.structs.replace(node.ports, reading=reading)


async def test_every_offer_and_need_is_read_once(node):
    reading = Remembering()
    progress = Progress(ports_with(node, reading))

    assert await progress.catch_up(rest=0) == 3
    assert set(reading.kept) == {
        (Side.NEED, "A hall for our choir. hall, music"),
        (Side.OFFER, "Hall. With a piano"),
        (Side.OFFER, "Village hall"),
    }
    assert reading.rests == 0
    assert await progress.catch_up(rest=0) == 0
    assert reading.rests == 1

    await node.publish({"type": "Offer", "name": "Chairs"})
    assert await progress.catch_up(rest=0) == 1


async def test_what_was_withdrawn_is_forgotten_by_the_next_process(node):
    reading = Remembering()
    await Progress(ports_with(node, reading)).catch_up(rest=0)
    gone = await node.publish({"type": "Offer", "name": "Chairs"})
    await Progress(ports_with(node, reading)).catch_up(rest=0)
    assert (Side.OFFER, "Chairs") in reading.kept

    await node.withdraw(gone)
    progress = Progress(ports_with(node, reading))

    assert await progress.catch_up(rest=0) == 0
    assert progress.is_current()

    assert (Side.OFFER, "Chairs") not in reading.kept
    assert len(reading.kept) == 3


async def test_a_few_at_a_time_and_no_more_when_the_node_ends(node):
    for number in range(20):
        await node.publish({"type": "Offer", "name": f"Chair {number}"})
    reading = Remembering()
    progress = Progress(ports_with(node, reading))

    assert await progress.catch_up(lambda: not reading.parts, rest=0) == 8
    assert await progress.catch_up(rest=0) == 15

    assert max(reading.parts) == 8
    assert len(reading.kept) == 23


async def test_what_cannot_be_kept_is_read_another_time(node, monkeypatch):
    reading = Remembering()
    progress = Progress(ports_with(node, reading))
    await progress.catch_up(rest=0)
    await node.publish({"type": "Offer", "name": "Chairs"})

    def fail(texts):
        raise IndexBroken("the disk is full")

    assert not progress.is_current()
    with monkeypatch.context() as broken:
        broken.setattr(reading, "read", fail)
        with pytest.raises(IndexBroken):
            await progress.catch_up(rest=0)

        assert progress.is_current(), "nobody waits for what may never come"

    assert await progress.catch_up(rest=0) == 1
    assert progress.is_current()


async def test_what_was_lost_while_it_runs_is_read_again(node):
    reading = Remembering()
    progress = Progress(ports_with(node, reading))
    await progress.catch_up(rest=0)

    reading.kept.clear()

    assert await progress.catch_up(rest=0) == 3


async def test_it_rests_longer_than_it_reads(node, monkeypatch):
    clock, rests = [0.0], []

    class Loop:
        def time(self):
            clock[0] += 0.05
            return clock[0]

    async def sleep(seconds):
        rests.append(round(seconds, 2))

    with monkeypatch.context() as slow:
        slow.setattr("localfed.app.reading.asyncio.get_running_loop", Loop)
        slow.setattr("localfed.app.reading.asyncio.sleep", sleep)
        await Progress(ports_with(node, Remembering())).catch_up()

    assert rests
    assert set(rests) == {0.2}


@pytest.mark.parametrize("reading", [None, Remembering(is_sound=False)])
async def test_without_a_model_that_is_known_nothing_is_read(node, reading):
    progress = Progress(ports_with(node, reading))

    assert await progress.catch_up(rest=0) == 0
    assert progress.is_current()


@pytest.mark.parametrize(
    "damage", [Path.unlink, lambda path: path.write_bytes(b"no database" * 500)]
)
async def test_what_is_lost_while_a_node_runs_is_read_again(federation, damage):
    node = await federation.node("choir")
    await node.publish({"type": "Need", "name": "Somebody to talk to"})
    await node.publish({"type": "Offer", "name": "Bereavement café"})
    readings = find_readings(node.folder)
    progress = Progress(msgspec.structs.replace(node.ports, reading=readings))
    assert await progress.catch_up(rest=0) == 2

    damage(node.folder / FILE)
    with contextlib.suppress(IndexBroken):
        await progress.catch_up(rest=0)
    await progress.catch_up(rest=0)

    assert (
        readings.unread([(Side.NEED, "Somebody to talk to"), (Side.OFFER, "Bereavement café")])
        == []
    )
