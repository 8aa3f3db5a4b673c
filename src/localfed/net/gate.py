"""How many requests are under way at one time: in all, and with one host.

Here: `Gate`. Not here: what is behind it (`fetch`).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict


class Gate:
    """Lets so many through at a time. Waiting here is our own doing and not on the peer's clock."""

    def __init__(self, *, in_all: int, per_host: int) -> None:
        self._all = asyncio.Semaphore(in_all)
        self._per_host = per_host
        self._hosts: dict[str, asyncio.Semaphore] = {}
        self._users: defaultdict[str, int] = defaultdict(int)

    def passing(self, host: str) -> _Place:
        """Hold a place while a request to this host is under way: `async with gate.passing(host)`."""
        return _Place(self, host)

    async def enter(self, host: str) -> None:
        """Wait for a place and take it."""
        self._users[host] += 1
        own = self._hosts.setdefault(host, asyncio.Semaphore(self._per_host))
        has_own = has_place = False
        try:
            # The host's own gate first: a queue for one dead host holds no place of the others.
            has_own = await own.acquire()
            has_place = await self._all.acquire()
        finally:
            if not has_place:  # cancelled while waiting
                if has_own:
                    own.release()
                self._forget(host)

    def leave(self, host: str) -> None:
        """Give a place back."""
        self._all.release()
        self._hosts[host].release()
        self._forget(host)

    def _forget(self, host: str) -> None:
        self._users[host] -= 1
        if not self._users[host]:
            del self._users[host], self._hosts[host]


class _Place:
    """One place of a gate.

    Not a generator: it is held across the `yield` of `lines`, which its consumer may leave by an
    error, and a generator inside a generator does not survive that.
    """

    def __init__(self, gate: Gate, host: str) -> None:
        self._gate = gate
        self._host = host

    async def __aenter__(self) -> None:
        await self._gate.enter(self._host)

    async def __aexit__(self, *_: object) -> None:
        self._gate.leave(self._host)
