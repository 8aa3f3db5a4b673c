"""The same heads and files in any order give the same state, forks aside.

Here: hypothesis chooses what is published and which of its states the reader is shown, how often and in
which order, and when the line breaks. Not here: forged files (`test_lying_peers`).
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation import Federation
from localfed.protocol import limits
from stories.witness import is_same

PATHS = 6

changes = st.lists(
    st.tuples(st.sampled_from(["put", "put", "delete"]), st.integers(0, PATHS - 1)),
    min_size=1,
    max_size=25,
)
shown = st.lists(
    st.tuples(st.integers(0, 25), st.one_of(st.none(), st.integers(0, 4))),
    max_size=8,
)
several = settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


class States:
    """All files of a publisher after each of its changes."""

    def __init__(self, node):
        self.node = node
        self.files = []
        self.take()

    def take(self):
        node = self.node
        paths = ["did.jsonl", "head.json", "bundle.jsonl", *node.live(node)]
        paths += [path for path, _ in node.store.feed_files(node.did)]
        self.files.append({f"/{path}": node.file(f"/{path}") for path in paths})

    def serve(self, number):
        """Let the network bring what was there then."""
        files = self.files[min(number, len(self.files) - 1)]
        self.node.file = files.get

    def restore(self):
        self.node.__dict__.pop("file", None)


async def publish_all(node, wanted):
    """Carry out the changes; returns the states, one after each."""
    states = States(node)
    live = {}
    for number, (what, slot) in enumerate(wanted):
        node.federation.clock.advance(seconds=1)
        if what == "put":
            draft = {"type": "Offer", "name": f"Offer {slot}.{number}"}
            if slot in live:
                draft["id"] = live[slot]
            live[slot] = await node.publish(draft)
        elif slot in live:
            await node.withdraw(live.pop(slot))
        states.take()
    return states


def held(reader, publisher):
    """All that a reader knows of a publisher, its own scheduling aside."""
    one = reader.publisher(publisher)
    documents = [(d.path, d.digest, d.state, d.body) for d in reader.store.documents(publisher.did)]
    return one.state, one.head, one.head_expires, one.over_quota, documents


@pytest.mark.usefixtures("small_limits")
@several
@given(wanted=changes, looks=shown)
def test_the_last_state_is_the_same_whatever_was_seen_before(wanted, looks):
    """LF-RATCHET-1, LF-READ-4 to LF-READ-8, LF-FEED-10: any way to the end ends there."""

    async def story(folder):
        federation = Federation(folder)
        grocer = await federation.node("grocer")
        often, once = await federation.node("often"), await federation.node("once")
        await often.follow(grocer)
        states = await publish_all(grocer, wanted)
        for number, breaks in looks:
            states.serve(number)
            federation.network.break_after = breaks
            await often.sync(grocer)
            federation.network.break_after = None
        states.restore()
        await once.follow(grocer)
        for reader in (often, once):
            await reader.sync(grocer)
        try:
            assert is_same(often, grocer)
            assert held(often, grocer) == held(once, grocer)
        finally:
            federation.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(story(Path(folder)))


@pytest.mark.usefixtures("small_limits")
@several
@given(wanted=changes, order=st.lists(st.integers(0, 25), max_size=8), seed=st.randoms())
def test_the_newest_of_the_states_seen_counts_in_whatever_order_they_came(wanted, order, seed):
    """LF-RATCHET-1, LF-RATCHET-4: the state is that of the newest head, not of the last one."""

    async def story(folder):
        federation = Federation(folder)
        grocer = await federation.node("grocer")
        readers = [await federation.node("one"), await federation.node("two")]
        for reader in readers:
            await reader.follow(grocer)
        states = await publish_all(grocer, wanted)
        seen = [min(number, len(states.files) - 1) for number in order]
        shuffled = seed.sample(seen, len(seen))
        for reader, numbers in zip(readers, (seen, shuffled), strict=True):
            for number in numbers:
                states.serve(number)
                await reader.sync(grocer)
        try:
            assert held(readers[0], grocer) == held(readers[1], grocer)
            if seen:
                newest = states.files[max(seen)]
                assert readers[0].publisher(grocer).head == newest["/head.json"]
                for one in readers[0].store.documents(grocer.did):
                    assert newest[f"/{one.path}"] == one.body
        finally:
            federation.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(story(Path(folder)))


@several
@given(wanted=changes, looks=st.lists(st.integers(0, 25), max_size=5), quota=st.integers(1, PATHS))
def test_what_fits_the_quota_does_not_depend_on_when_one_looked(wanted, looks, quota):
    """LF-FOLLOW-5: org.json, then the order of paths."""

    async def story(folder):
        federation = Federation(folder)
        grocer = await federation.node("grocer")
        often, once = await federation.node("often"), await federation.node("once")
        await often.follow(grocer)
        states = await publish_all(grocer, wanted)
        for number in looks:
            states.serve(number)
            await often.sync(grocer)
        states.restore()
        await once.follow(grocer)
        for reader in (often, once):
            await reader.sync(grocer)
        live = sorted(grocer.live(grocer), key=lambda path: (path != "org.json", path))
        try:
            assert held(often, grocer) == held(once, grocer)
            assert set(often.live(grocer)) == set(live[:quota])
            assert often.publisher(grocer).over_quota == max(0, len(live) - quota)
        finally:
            federation.close()

    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(limits, "PUBLISHER_DOCUMENTS", quota)
        asyncio.run(story(Path(folder)))
