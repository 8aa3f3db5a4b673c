"""Throttle: how often one address may post, before anything of what it posts is read, and how many are checked at once.

Here: who is asking (behind the operator's own proxies), a bucket for each address, a line for what is checked.
Not here: what is posted (`inbox`). In memory: a node that starts anew forgives.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from aiohttp import hdrs, web

from localfed.protocol.errors import BadFile, TooOften

Network = IPv4Network | IPv6Network

BURST: Final = 30
"""Posts at once of one address: a node that was away sends what it has kept."""

PER_SECOND: Final = 0.5
"""Posts a second of one address after that."""

ALL_BURST: Final = 300
ALL_PER_SECOND: Final = 30.0
"""The same of all addresses together: a signature costs about 0.1 ms, a log of many entries more."""

_ADDRESSES: Final = 10_000
"""Addresses that are remembered; beyond that the one that was longest silent is forgotten."""

_V6_PREFIX: Final = 64
"""Whoever has an IPv6 address has 2^64 of them."""


class Bucket:
    """So many at once, then so many a second."""

    __slots__ = ("_burst", "_filled_at", "_level", "_per_second")

    def __init__(self, burst: float, per_second: float, now: float) -> None:
        self._burst, self._per_second = burst, per_second
        self._level, self._filled_at = burst, now

    def take(self, now: float) -> float:
        """Take one; returns 0.0, or how many seconds until there is one."""
        self._level = min(self._burst, self._level + (now - self._filled_at) * self._per_second)
        self._filled_at = now
        if self._level >= 1:
            self._level -= 1
            return 0.0
        return (1 - self._level) / self._per_second


class Line:
    """So many at one time, and so many more that wait; who comes then is turned away."""

    def __init__(self, *, at_once: int, waiting: int) -> None:
        self._gate = asyncio.Semaphore(at_once)
        self._places = at_once + waiting

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[None]:
        """Wait for a turn and hold it.

        Raises:
            TooOften: too many wait already.

        """
        if not self._places:
            message = "too many of these are being answered here"
            raise TooOften(message)
        self._places -= 1
        try:
            async with self._gate:
                yield
        finally:
            self._places += 1


class Throttle:
    """Says whether an address may post now."""

    def __init__(
        self,
        *,
        proxies: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
        each: tuple[float, float] | None = None,
        together: tuple[float, float] | None = None,
    ) -> None:
        """Make it; `proxies` are the addresses or networks of the operator's own proxies.

        `each` and `together` say how many at once, and how many a second after that.

        Raises:
            BadFile: one of them is no network.

        """
        self._clock = clock
        self._proxies = tuple(_read_network(text) for text in proxies)
        self._each = each or (BURST, PER_SECOND)
        burst, per_second = together or (ALL_BURST, ALL_PER_SECOND)
        self._all = Bucket(burst, per_second, clock())
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def wait_of(self, request: web.BaseRequest) -> float:
        """Return 0.0 if this may be answered, else how many seconds its sender has to wait."""
        now = self._clock()
        name = self.address_of(request)
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = Bucket(self._each[0], self._each[1], now)
            if len(self._buckets) > _ADDRESSES:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(name)
        # One address that floods uses up its own, never that of all.
        return bucket.take(now) or self._all.take(now)

    def address_of(self, request: web.BaseRequest) -> str:
        """Name who asks: an IPv4 address, or an IPv6 network of 64 bits.

        What a header says of the way counts only as far as the operator's own proxies said it.
        """
        address = request.remote or ""
        if self._proxies and self._is_proxy(address):
            hops = [
                hop.strip()
                for value in request.headers.getall(hdrs.X_FORWARDED_FOR, ())
                for hop in value.split(",")
            ]
            for hop in reversed(hops):
                address = hop
                if not self._is_proxy(hop):
                    break
        return _group(address)

    def _is_proxy(self, text: str) -> bool:
        address = _read_address(text)
        return address is not None and any(
            address.version == network.version and address in network for network in self._proxies
        )


def _read_address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _group(text: str) -> str:
    address = _read_address(text)
    if address is None:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, _V6_PREFIX), strict=False))
    return str(address)


def _read_network(text: str) -> Network:
    try:
        return ip_network(text, strict=False)
    except ValueError as error:
        message = f"trusted_proxies: {text[:60]!a} is no address or network"
        raise BadFile(message) from error
