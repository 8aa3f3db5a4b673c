"""Webs: the ties that are known here, gathered once and kept until something may have changed.

Here: keeping, and gathering apart from what answers others. Not here: what ties are (`app.ties`), the picture.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final, TypeVar

from aiohttp import web

from localfed.app.exchange_ties import exchange_ties
from localfed.app.ties import Source, Web, gather, partnership_ties
from localfed.protocol.errors import TooOften
from localfed.web.node import Node

SOURCES: Final[tuple[Source, ...]] = (partnership_ties, exchange_ties)

_KEPT: Final = timedelta(minutes=1)
"""How long ties are kept where nothing was written: time alone ends some."""

_MADE: Final = 8
"""Answers that are kept beside: pictures and lists that somebody may look at again."""

_WAITING: Final = 16
"""Requests that wait for their turn; each costs a part of a second where thousands have ties."""

T = TypeVar("T")


class Webs:
    """The web of all ties of a node. One request gathers at a time, in a thread; the others wait for it."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lock = asyncio.Lock()
        self._web: Web | None = None
        self._position = -1
        self._since: datetime | None = None
        self._made: OrderedDict[object, object] = OrderedDict()
        self._waiting = 0

    async def all(self) -> Web:
        """Return the web of all ties.

        Raises:
            TooOften: too many wait for it.

        """
        async with self._turn():
            return await self._current()

    async def make(self, key: object, work: Callable[[Web], T]) -> T:
        """Return what `work` makes of all ties, in a thread, or what it made of the same ones before.

        `key` says what is asked for: of the same key there is always the same work.

        Raises:
            TooOften: too many wait for theirs.

        """
        async with self._turn():
            held = await self._current()
            if key not in self._made:
                self._made[key] = await asyncio.to_thread(work, held)
                if len(self._made) > _MADE:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            return self._made[key]  # type: ignore[return-value] # made by the same work

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._waiting >= _WAITING:
            message = "many pictures of ties are being made: ask again in a moment"
            raise TooOften(message)
        self._waiting += 1
        try:
            async with self._lock:
                yield
        finally:
            self._waiting -= 1

    async def _current(self) -> Web:
        ports = self._node.ports
        store, now = ports.store, ports.clock.now()
        position = store.log_position()
        is_new = self._since is not None and timedelta(0) <= now - self._since < _KEPT
        if self._web is None or position != self._position or not is_new:
            self._web = await asyncio.to_thread(gather, store, ports.gazetteer, now, SOURCES)
            self._position, self._since = position, now
            self._made.clear()
        return self._web


WEBS: Final = web.AppKey("WEBS", Webs)


def webs_of(request: web.Request) -> Webs:
    """Return what the node of a request keeps of its ties."""
    return request.app[WEBS]
