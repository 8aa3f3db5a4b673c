"""Making connections: every DNS answer and every socket address is checked, on its own.

Here: the resolver and the socket factory that `fetch` gives to aiohttp. Not here: which addresses are
allowed (`addresses`). Spec: 08-following (LF-FETCH).

Two checks, because each sees what the other does not: the resolver refuses a name as soon as one of
its answers is forbidden (also the ones that would not have been tried); the socket factory sees the
address that is really dialled, whatever lies between (cache, rebinding, an IP literal).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar, Final

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import AddrInfoType

from localfed.net.addresses import Zone, may_connect
from localfed.protocol.errors import ForbiddenAddress

ANSWERS: Final = 32
"""DNS answers of one name that are looked at; large sites have 8 to 13, a flood has hundreds."""

LOOKUPS: Final = 16
"""Lookups at one time."""


class AddressRefused(OSError):
    """The socket factory said no. An OSError, because what races addresses expects one."""

    MARK: ClassVar[str] = "this address is never connected to"

    def __init__(self) -> None:
        # The same text for every address: aiohttp passes the error on as it is when all are alike,
        # and else only as text.
        super().__init__(self.MARK)


class SystemResolver(AbstractResolver):
    """The machine's own resolver, on threads of its own.

    The event loop's default threads are few (six on two cores) and everybody's: a follower of names
    whose servers never answer would stop the disk.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="localfed-dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Look a name up; raises OSError where there is none."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, _look_up, host, port, family
        )
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Start no further lookup; one that hangs is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class GuardedResolver(AbstractResolver):
    """A resolver whose answers all lie in one zone."""

    def __init__(self, inner: AbstractResolver, zone: Zone) -> None:
        self._inner = inner
        self._zone = zone

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Look a name up.

        Raises:
            ForbiddenAddress: one of its addresses is forbidden; then none of them is used. A public
                service has no reason to name a private address, an attacker has.
            OSError: no such name.

        """
        # Copied once: what was checked is what is used.
        answers = [
            ResolveResult(
                hostname=host,
                host=str(answer["host"]),
                port=port,
                family=answer["family"],
                proto=answer["proto"],
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for answer in await self._inner.resolve(host, port, family)
        ]
        if not answers:
            raise OSError(f"{host} has no address")
        for answer in answers:
            if not may_connect(answer["host"], self._zone):
                raise ForbiddenAddress(
                    f"{host} leads to an address that this node never connects to",
                    detail=f"{host} is {answer['host']!a}",
                )
        return answers[:ANSWERS]

    async def close(self) -> None:
        """Close the resolver inside."""
        await self._inner.close()


def guarded_sockets(
    zone: Zone, ports: AbstractSet[int] | None
) -> Callable[[AddrInfoType], socket.socket]:
    """Return a socket factory for addresses of one zone, and for these ports if any are given."""

    def make(address_info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = address_info
        # An IPv6 address has a flow and a scope behind the port: a scope means a local network.
        has_scope = any(address[2:])
        port_is_fine = ports is None or address[1] in ports
        if has_scope or not port_is_fine or not may_connect(str(address[0]), zone):
            raise AddressRefused
        return socket.socket(family, kind, protocol)

    return make


def _look_up(host: str, port: int, family: socket.AddressFamily) -> Sequence[AddrInfoType]:
    return socket.getaddrinfo(
        host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
