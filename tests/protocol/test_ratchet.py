"""The ratchet: nothing older ever counts again. Its table is tried in `test_vectors`."""

from __future__ import annotations

import itertools

import pytest

from localfed.protocol.errors import Forked, Stale
from localfed.protocol.ratchet import HeadState, Verdict, judge

STATES = [
    HeadState(era=era, seq=seq, chain=chain, updated=updated)
    for era in (0, 1)
    for seq in (5, 6)
    for chain in ("a", "b")
    for updated in ("2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z")
]


def order(state):
    return (state.era, state.seq)


@pytest.mark.parametrize("held", STATES)
@pytest.mark.parametrize("offered", STATES)
def test_a_verdict_follows_the_order_of_era_seq_and_time(held, offered):
    """LF-RATCHET-1, LF-RATCHET-3, LF-RATCHET-4, LF-RATCHET-5: all pairs, by another reckoning."""
    if order(offered) < order(held):
        with pytest.raises(Stale):
            judge(held, offered)
    elif order(offered) > order(held):
        assert judge(held, offered) is Verdict.NEWER
    elif offered.chain != held.chain:
        with pytest.raises(Forked):
            judge(held, offered)
    else:
        expected = Verdict.RENEWAL if offered.updated > held.updated else Verdict.SAME
        assert judge(held, offered) is expected


def test_whoever_holds_nothing_takes_the_first_head():
    """LF-RATCHET-2."""
    assert all(judge(None, state) is Verdict.NEWER for state in STATES)


def test_any_order_of_heads_of_one_feed_ends_at_the_same_one():
    """LF-RATCHET-1: whatever mirrors, caches and repeats do."""
    feed = [state for state in STATES if state.chain == "a"]
    newest = max(feed, key=lambda state: (state.era, state.seq, state.updated))
    ends = set()
    for heads in itertools.islice(itertools.permutations(feed), 0, None, 331):
        held = None
        for head in heads:
            try:
                verdict = judge(held, head)
            except Stale:
                continue
            if verdict is not Verdict.SAME:
                held = head
        ends.add((held.era, held.seq, held.updated))

    assert ends == {(newest.era, newest.seq, newest.updated)}
