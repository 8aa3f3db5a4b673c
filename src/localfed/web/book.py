"""The book: what is confirmed here, kept until the store's log goes on.

Here: reading all halves once for many visitors. Not here: what is confirmed (`app.ledger`), adding up (`app.report`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from aiohttp import web

from localfed.app.ledger import confirmed_exchanges
from localfed.app.ports import Reads
from localfed.app.report import Points, Question, Report, add_up, choose, points_of
from localfed.protocol.exchange import Confirmed
from localfed.protocol.times import write_time

_MOST_SECONDS: Final = 60.0
"""Who closed or fell silent is seen after this, though nothing was written."""

_LONG_SECONDS: Final = 0.25
_SHARE: Final = 20
"""Where reading takes long, it takes at most this part of the time: while documents come in by the thousand, figures
may be some seconds old."""


class Book:
    """What is confirmed, and where the parties are."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._position = -1
        self._read_at = 0.0
        self._took = 0.0
        self._confirmed: list[Confirmed] = []
        self._points: Points = points_of(reads)

    def confirmed(self, now: datetime) -> Iterator[Confirmed]:
        """Yield what is confirmed now, the latest first."""
        self._refresh(now)
        moment = write_time(now)
        return (one for one in self._confirmed if one.expires > moment)

    def chosen(self, question: Question, now: datetime) -> Iterator[Confirmed]:
        """Yield what is asked about, the latest first."""
        return choose(self.confirmed(now), question, self._points)

    def report(self, question: Question, now: datetime) -> Report:
        """Add up what is asked about."""
        return add_up(self.chosen(question, now), question)

    def _refresh(self, now: datetime) -> None:
        began, position = time.monotonic(), self._reads.log_position()
        age = began - self._read_at
        rest = self._took * _SHARE if self._took > _LONG_SECONDS else 0.0
        has_changed = position != self._position and age >= rest
        if self._position >= 0 and not has_changed and age < _MOST_SECONDS:
            return
        self._confirmed = confirmed_exchanges(self._reads, now)
        self._points = points_of(self._reads)
        self._position, self._read_at = position, time.monotonic()
        self._took = self._read_at - began


BOOK: Final = web.AppKey("BOOK", Book)
