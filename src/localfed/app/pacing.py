"""Pacing: when a publisher is polled next, and how often a push may bring that forward.

Here: sums over times; nothing is read or written. Not here: who is due now (`sync`, the roof's worker).
Spec: 08-following (LF-FOLLOW-3, LF-FOLLOW-4), 10-messages (LF-PING-1).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from localfed.app.values import Publisher
from localfed.protocol import limits
from localfed.protocol.times import read_time, write_time


def after_reading(publisher: Publisher, now: datetime, jitter: float) -> str:
    """Say when one that was read well is polled next; `jitter`, from 0 to 1, is a fifth either way."""
    wait = timedelta(seconds=publisher.poll_seconds * (0.8 + 0.4 * jitter))
    return write_time(now + wait)


def after_failure(publisher: Publisher, now: datetime, wait_seconds: int, jitter: float) -> str:
    """Say when one that failed, `failures` counting this time, is polled next: later each time, up to a day.

    `wait_seconds` is what the other side asked for, 0 if nothing; `jitter` is from 0 to 1.
    """
    doubled = publisher.poll_seconds * 2 ** min(publisher.failures - 1, 10)
    wait = min(max(doubled, wait_seconds), limits.POLL_SECONDS_MAX)
    # What was asked for is the least: chance makes it longer only.
    spread = 1 + 0.2 * jitter if wait_seconds >= doubled else 0.8 + 0.4 * jitter
    return write_time(now + timedelta(seconds=wait * spread))


def may_be_pinged(publisher: Publisher, now: datetime) -> bool:
    """Whether the last push that brought a poll forward is a minute ago."""
    if publisher.pinged is None:
        return True
    since = now - read_time(publisher.pinged)
    return not timedelta(0) <= since < timedelta(seconds=limits.PING_SECONDS)
