"""Pacing: when a publisher is polled next, and how often a push may bring that forward.

Here: sums over times; nothing is read or written. Not here: who is due now (`sync`, the roof's worker).
Spec: 08-following (LF-FOLLOW-3, LF-FOLLOW-4), 10-messages (LF-PING-1).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from localfed.app.values import Publisher
from localfed.protocol import limits
from localfed.protocol.times import read_time, write_time

_MINUTE: Final = timedelta(seconds=limits.PING_SECONDS)


def after_reading(publisher: Publisher, now: datetime, jitter: float) -> str:
    """Say when one that was read well is polled next; `now` is when reading began.

    `jitter`, from 0 to 1, is a fifth either way.
    """
    wait = timedelta(seconds=publisher.poll_seconds * (0.8 + 0.4 * jitter))
    next_poll = write_time(now + wait)
    if publisher.pinged is not None and publisher.pinged > write_time(now):
        # A push that came while it was being read may tell of more than was seen.
        return min(next_poll, publisher.pinged)
    return next_poll


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
    """Whether a push would let a publisher be polled sooner, or again."""
    if publisher.pinged is not None and now < read_time(publisher.pinged) <= now + _MINUTE:
        return False  # another push has seen to it
    return _is_due(publisher, now) or (
        write_time(after_push(publisher, now)) < (publisher.next_poll or "")
    )


def after_push(publisher: Publisher, now: datetime) -> datetime:
    """Say when a push may let a publisher be polled: at once, or a minute after the last.

    Within the minute it counts for later: what it tells of would else wait for the usual poll. Who is due
    may be being read at this moment, by a poll that saw nothing of it yet: it counts for the next.
    """
    soonest = now + timedelta(seconds=1) if _is_due(publisher, now) else now
    if publisher.pinged is None:
        return soonest
    pinged = read_time(publisher.pinged)
    # What lies further ahead than it can, a clock said that was wrong.
    return soonest if pinged > now + _MINUTE else max(soonest, pinged + _MINUTE)


def _is_due(publisher: Publisher, now: datetime) -> bool:
    return publisher.next_poll is None or publisher.next_poll <= write_time(now)
