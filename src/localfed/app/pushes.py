"""Pushes: when a push may let a publisher be polled.

Here: the rule of one poll a minute. Not here: who pushes (`inbox`), what is written then (`accepting`).
Spec: 10-messages (LF-PING-1).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from localfed.app.values import Publisher
from localfed.protocol import limits
from localfed.protocol.times import read_time, write_time

_MINUTE: Final = timedelta(seconds=limits.PING_SECONDS)


def may_be_pinged(publisher: Publisher, now: datetime) -> bool:
    """Whether a push would let a publisher be polled sooner, or again."""
    if publisher.pinged is not None and now < read_time(publisher.pinged) <= now + _MINUTE:
        return False  # another push has seen to it
    return _is_due(publisher, now) or (
        write_time(pushed_poll(publisher, now)) < (publisher.next_poll or "")
    )


def pushed_poll(publisher: Publisher, now: datetime) -> datetime:
    """Say when a push may let a publisher be polled.

    Within the minute it counts for later: what it tells of would else wait for the usual poll. Who is due
    may be being read at this moment, by a poll that saw nothing of it yet: it counts for the next (`confirm`).
    """
    soonest = now + timedelta(seconds=1) if _is_due(publisher, now) else now
    if publisher.pinged is None:
        return soonest
    pinged = read_time(publisher.pinged)
    # What lies further ahead than it can, a clock said that was wrong.
    return soonest if pinged > now + _MINUTE else max(soonest, pinged + _MINUTE)


def _is_due(publisher: Publisher, now: datetime) -> bool:
    return publisher.next_poll is None or publisher.next_poll <= write_time(now)
