"""The book: what is confirmed here, read once for many visitors and kept until something may have changed.

Here: keeping, and reading and adding up apart from what answers others. Not here: what is confirmed (`app.ledger`),
how it is added up (`app.report`).
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from localfed.app.ledger import confirmed_exchanges
from localfed.app.ports import Gazetteer, Reads
from localfed.app.report import Points, Question, Report, add_up, choose, points_of
from localfed.protocol.errors import TooOften
from localfed.protocol.exchange import Confirmed
from localfed.protocol.times import write_time

_KEPT: Final = timedelta(minutes=1)
"""How long it is kept where nothing was written: time alone ends some."""

_LONG_SECONDS: Final = 0.25
_SHARE: Final = 20
"""Where reading takes long, it takes at most this part of the time: while documents come in by the thousand, figures
may be some seconds old."""

_REPORTS: Final = 16
"""Reports that are kept: somebody may look at them again, as a page, a table, or JSON."""

_WAITING: Final = 16
"""Requests that wait for their turn."""


class Book:
    """What is confirmed, and where the parties are. One request at a time reads, in a thread; the others wait."""

    def __init__(self, reads: Reads, gazetteer: Gazetteer) -> None:
        self._reads = reads
        self._gazetteer = gazetteer
        self._lock = asyncio.Lock()
        self._waiting = 0
        self._position = -1
        self._since: datetime | None = None
        self._took = 0.0
        self._confirmed: list[Confirmed] = []
        self._by_party: dict[str, list[Confirmed]] = {}
        self._points: Points = points_of(reads, gazetteer)
        self._reports: OrderedDict[Question, Report] = OrderedDict()

    async def of(self, did: str, now: datetime) -> list[Confirmed]:
        """Return what one organisation and others confirm, the latest first; what was last read, while many wait."""
        if self._since is None or self._waiting < _WAITING:
            async with self._turn(now):
                pass
        moment = write_time(now)
        return [one for one in self._by_party.get(did, ()) if one.expires > moment]

    async def chosen(self, question: Question, now: datetime) -> list[Confirmed]:
        """Return what is asked about, the latest first.

        Raises:
            TooOften: too many wait for it.

        """
        async with self._turn(now):
            return await asyncio.to_thread(self._choose, question, now)

    async def report(self, question: Question, now: datetime) -> Report:
        """Add up what is asked about.

        Raises:
            TooOften: too many wait for it.

        """
        async with self._turn(now):
            if question not in self._reports:
                self._reports[question] = await asyncio.to_thread(
                    lambda: add_up(self._choose(question, now), question)
                )
                if len(self._reports) > _REPORTS:
                    self._reports.popitem(last=False)
            self._reports.move_to_end(question)
            return self._reports[question]

    @asynccontextmanager
    async def _turn(self, now: datetime) -> AsyncIterator[None]:
        if self._waiting >= _WAITING:
            message = "many figures are being added up: ask again in a moment"
            raise TooOften(message)
        self._waiting += 1
        try:
            async with self._lock:
                if self._is_due(now):
                    await asyncio.to_thread(self._read, now)
                yield
        finally:
            self._waiting -= 1

    def _is_due(self, now: datetime) -> bool:
        if self._since is None or not timedelta(0) <= now - self._since < _KEPT:
            return True
        rest = self._took * _SHARE if self._took > _LONG_SECONDS else 0.0
        return self._position != self._reads.log_position() and now - self._since >= timedelta(
            seconds=rest
        )

    def _read(self, now: datetime) -> None:
        began, position = time.monotonic(), self._reads.log_position()
        found = confirmed_exchanges(self._reads, now)
        by_party: dict[str, list[Confirmed]] = {}
        for one in found:
            for did in one.parties:
                by_party.setdefault(did, []).append(one)
        self._confirmed, self._by_party = found, by_party
        self._points = points_of(self._reads, self._gazetteer)
        self._position, self._since = position, now
        self._took = time.monotonic() - began
        self._reports.clear()

    def _choose(self, question: Question, now: datetime) -> list[Confirmed]:
        moment = write_time(now)
        live = (one for one in self._confirmed if one.expires > moment)
        return list(choose(live, question, self._points))


BOOK: Final = web.AppKey("BOOK", Book)
