"""Reading: what is here is read once, a few at a time, and what is gone is forgotten."""

from __future__ import annotations

import msgspec
import pytest

from localfed.app.ports import Side
from localfed.app.reading import Progress

CHOIR = {"type": "Need", "name": "A hall for our choir.", "keywords": ["hall", "music"]}
HALL = {"type": "Offer", "name": "Hall", "description": "With a piano"}
CYMRAEG = {"type": "Offer", "name": {"cy": "Neuadd", "en-GB": "Village hall"}}


class Remembering:
    """A reading that keeps what it is told."""

    def __init__(self, *, is_sound=True):
        self.is_sound = is_sound
        self.kept = []
        self.parts = []

    def unread(self, texts):
        return [one for one in dict.fromkeys(texts) if one not in self.kept]

    def read(self, texts):
        self.parts.append(len(texts))
        self.kept += texts

    def forget_others(self, texts):
        self.kept = [one for one in self.kept if one in texts]


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
    assert await progress.catch_up(rest=0) == 0

    await node.publish({"type": "Offer", "name": "Chairs"})
    assert await progress.catch_up(rest=0) == 1


async def test_what_was_withdrawn_is_forgotten_by_the_next_process(node):
    reading = Remembering()
    await Progress(ports_with(node, reading)).catch_up(rest=0)
    gone = await node.publish({"type": "Offer", "name": "Chairs"})
    await Progress(ports_with(node, reading)).catch_up(rest=0)
    assert (Side.OFFER, "Chairs") in reading.kept

    await node.withdraw(gone)
    assert await Progress(ports_with(node, reading)).catch_up(rest=0) == 0

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


@pytest.mark.parametrize("reading", [None, Remembering(is_sound=False)])
async def test_without_a_model_that_is_known_nothing_is_read(node, reading):
    assert await Progress(ports_with(node, reading)).catch_up(rest=0) == 0
