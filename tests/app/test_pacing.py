"""Pacing: when a push lets a publisher be polled; sums over times."""

from __future__ import annotations

from datetime import timedelta

import pytest

from federation import START
from localfed.app import pacing
from localfed.app.values import Publisher
from localfed.protocol.times import read_time, write_time


def publisher(next_poll, pinged):
    """One that is polled, and was pushed for, so many seconds from now; None: never."""

    def moment(seconds):
        return None if seconds is None else write_time(START + timedelta(seconds=seconds))

    return Publisher(
        did="did:webvh:Qm:grocer.example",
        scid="Qm",
        base="https://grocer.example/",
        host="grocer.example",
        is_hosted=False,
        is_followed=True,
        allow_loopback=False,
        log=b"",
        next_poll=moment(next_poll),
        pinged=moment(pinged),
    )


@pytest.mark.parametrize(
    "next_poll, pinged, poll",
    [
        (900, None, 0),
        (900, -60, 0),
        (900, -3_600, 0),
        (900, -59, 1),
        (900, -10, 50),
        (900, 0, 60),
        (900, 1, None),  # another push has seen to it
        (900, 60, None),
        (900, 61, 0),  # a clock that was wrong
        (30, -10, None),  # polled before that anyway
        (60, -10, 50),
        # Due, and so perhaps being read at this moment: once more afterwards.
        (0, None, 1),
        (-5, -60, 1),
        (-5, -5, 55),
        (None, None, 1),
        (-5, 50, None),
    ],
)
def test_a_push_counts_at_once_or_a_minute_after_the_last(next_poll, pinged, poll):
    """LF-PING-1."""
    one = publisher(next_poll, pinged)

    assert pacing.may_be_pinged(one, START) == (poll is not None)
    if poll is not None:
        assert pacing.after_push(one, START) == START + timedelta(seconds=poll)


@pytest.mark.parametrize(
    "pinged, next_poll", [(None, 900), (-1, 900), (0, 900), (1, 1), (60, 60), (9_999, 900)]
)
def test_after_reading_a_push_that_came_meanwhile_is_not_forgotten(pinged, next_poll):
    """LF-PING-1, LF-FOLLOW-3."""
    one = publisher(-5, pinged)

    after = pacing.after_reading(one, START, 0.5)

    assert read_time(after) == START + timedelta(seconds=next_poll)
