"""The two checks of every connection: all DNS answers, and the socket itself."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import pytest

from evil import FakeDns, answering
from localfed.net.addresses import Zone
from localfed.net.dial import AddressRefused, GuardedResolver, SystemResolver, guarded_sockets
from localfed.net.failures import our_errors
from localfed.net.fetch import GuardedFetch, Patience
from localfed.protocol.errors import ForbiddenAddress, NoAnswer

PUBLIC = "93.184.216.34"
PUBLIC_6 = "2606:2800:220:1::1"

INSIDE = [
    ["127.0.0.1"],
    ["10.0.0.1"],
    ["169.254.169.254"],
    ["0.0.0.0"],  # noqa: S104
    ["::1"],
    ["::ffff:127.0.0.1"],
    ["fe80::1%eth0"],
    ["fd00::1"],
    ["64:ff9b::7f00:1"],
    ["2002:7f00:1::1"],
    [PUBLIC, "10.0.0.1"],
    ["10.0.0.1", PUBLIC],
    [PUBLIC, PUBLIC_6, "::1"],
    [PUBLIC_6, "192.168.1.1"],
    [PUBLIC] * 100 + ["127.0.0.1"],
    ["not an address"],
    [""],
    ["grocer.example"],
    ["127.1"],
    ["2130706433"],
]


async def get(fetch: GuardedFetch, url: str):
    return await fetch.get(url, limit_bytes=1_000, allow_loopback=True)


@pytest.mark.parametrize("addresses", INSIDE, ids=lambda addresses: " ".join(addresses[-3:]))
async def test_a_name_with_one_forbidden_address_is_refused_whole(addresses):
    resolver = GuardedResolver(FakeDns({"grocer.example": addresses}), Zone.PUBLIC)

    with pytest.raises(ForbiddenAddress):
        await resolver.resolve("grocer.example", 443)


@pytest.mark.parametrize("addresses", INSIDE, ids=lambda addresses: " ".join(addresses[-3:]))
async def test_a_fetch_from_such_a_name_is_forbidden_and_makes_no_socket(addresses, monkeypatch):
    made = []
    plain = socket.socket

    class Counting(plain):
        def __init__(self, *args, **kwargs):
            made.append(args)
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(socket, "socket", Counting)
    async with GuardedFetch(resolver=FakeDns({"grocer.example": addresses})) as fetch:
        with pytest.raises(ForbiddenAddress):
            await get(fetch, "https://grocer.example/")

    assert made == []


async def test_public_answers_pass_and_are_copied_with_the_port_that_was_asked():
    resolver = GuardedResolver(FakeDns({"grocer.example": [PUBLIC, PUBLIC_6]}), Zone.PUBLIC)

    answers = await resolver.resolve("grocer.example", 443)

    assert [answer["host"] for answer in answers] == [PUBLIC, PUBLIC_6]
    assert {answer["port"] for answer in answers} == {443}


async def test_a_flood_of_answers_is_cut():
    resolver = GuardedResolver(FakeDns({"grocer.example": [PUBLIC] * 5_000}), Zone.PUBLIC)

    assert len(await resolver.resolve("grocer.example", 443)) == 32


async def test_a_name_without_addresses_is_no_answer():
    async with GuardedFetch(resolver=FakeDns({"grocer.example": []})) as fetch:
        with pytest.raises(NoAnswer):
            await get(fetch, "https://grocer.example/")


async def test_a_name_of_this_machine_that_leads_outside_is_refused():
    """`localhost` without TLS must never leave the machine, whatever a resolver says."""
    async with GuardedFetch(resolver=FakeDns({"localhost": [PUBLIC]})) as fetch:
        with pytest.raises(ForbiddenAddress):
            await get(fetch, "http://localhost:8000/")


async def test_a_rebound_name_is_checked_at_every_lookup(evil_server):
    """LF-FETCH-2."""
    dns = FakeDns({"localhost": [["127.0.0.1"], ["10.0.0.1"], ["127.0.0.1"]]})
    url = evil_server.on("/x", answering(b"1"))

    outcomes = []
    for _ in range(3):
        # A door for each: within one, the checked answer is kept, and the connection too.
        async with GuardedFetch(resolver=dns) as fetch:
            try:
                outcomes.append((await get(fetch, url)).body)
            except ForbiddenAddress as error:
                outcomes.append(error.code)

    assert outcomes == [b"1", "forbidden-address", b"1"]


async def test_a_name_rebound_after_the_check_changes_nothing(evil_server):
    """What was checked is what is dialled: no second lookup lies between."""
    dns = FakeDns({"localhost": [["127.0.0.1"], ["10.0.0.1"]]})
    url = evil_server.on("/x", answering(b"1"))

    async with GuardedFetch(resolver=dns) as fetch:
        for _ in range(5):
            assert (await get(fetch, url)).body == b"1"

    assert dns.lookups == ["localhost"]


# --- the socket ------------------------------------------------------------------------------


def info(address: str, port: int = 443, scope: int = 0):
    if ":" in address:
        return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, scope))
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))


@pytest.mark.parametrize("address", [PUBLIC, PUBLIC_6])
def test_a_socket_is_made_for_a_public_address_and_an_open_port(address):
    make = guarded_sockets(Zone.PUBLIC, frozenset({443}))

    make(info(address)).close()

    for other in (80, 22, 0, 8443):
        with pytest.raises(AddressRefused):
            make(info(address, other))


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:8.8.8.8", "fd00::1"]
)
def test_no_socket_is_made_for_a_forbidden_address(address):
    """LF-FETCH-2."""
    with pytest.raises(AddressRefused):
        guarded_sockets(Zone.PUBLIC, None)(info(address))


def test_no_socket_is_made_for_an_address_with_a_scope():
    with pytest.raises(AddressRefused):
        guarded_sockets(Zone.PUBLIC, None)(info(PUBLIC_6, scope=2))


def test_a_development_socket_reaches_nothing_but_loopback():
    make = guarded_sockets(Zone.LOOPBACK, None)

    make(info("127.0.0.1", 8_000)).close()
    for address in (PUBLIC, PUBLIC_6, "10.0.0.1", "192.168.1.1", "::", "::ffff:127.0.0.1"):
        with pytest.raises(AddressRefused):
            make(info(address))


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["10.0.0.1", "::1"], ["127.0.0.1"] * 5])
async def test_the_socket_is_refused_when_the_resolver_lies(addresses, monkeypatch):
    """Seeded fault: the DNS check is out of order, and the socket's own check still holds."""

    async def unchecked(self, host, port=0, family=socket.AF_UNSPEC):
        return await self._inner.resolve(host, port, family)

    monkeypatch.setattr(GuardedResolver, "resolve", unchecked)
    async with GuardedFetch(resolver=FakeDns({"grocer.example": addresses})) as fetch:
        with pytest.raises(ForbiddenAddress):
            await get(fetch, "https://grocer.example/")


async def test_the_library_really_asks_our_factory_for_every_socket():
    """An IP literal never reaches a resolver; the socket factory sees it all the same."""
    connector = aiohttp.TCPConnector(socket_factory=guarded_sockets(Zone.PUBLIC, None))
    async with aiohttp.ClientSession(connector=connector) as session:
        for url in ("http://127.0.0.1:9/", "http://[::1]:9/", "http://10.0.0.1/"):
            with pytest.raises(ForbiddenAddress), our_errors("grocer.example"):
                await session.get(url)


# --- the system's resolver -------------------------------------------------------------------


async def test_the_systems_resolver_finds_this_machine_and_no_nonsense():
    resolver = SystemResolver()

    answers = await resolver.resolve("localhost", 8_000)

    assert {answer["host"] for answer in answers} <= {"127.0.0.1", "::1"}
    assert {answer["port"] for answer in answers} == {8_000}
    with pytest.raises(OSError, match="not known"):
        await resolver.resolve("no such host.invalid", 443)
    await resolver.close()


async def test_a_resolver_that_never_answers_is_too_slow_and_stops_nobody_else(evil_server):
    class Hanging(FakeDns):
        async def resolve(self, host, port=0, family=socket.AF_UNSPEC):
            if host != "localhost":
                await asyncio.Event().wait()
            return await super().resolve(host, port, family)

    url = evil_server.on("/x", answering(b"1"))
    patience = Patience(request=0.5, connect=0.2)
    async with GuardedFetch(
        resolver=Hanging({"localhost": ["127.0.0.1"]}), patience=patience
    ) as fetch:
        stuck = [asyncio.ensure_future(get(fetch, f"https://a{at}.example/")) for at in range(40)]
        assert (await get(fetch, url)).body == b"1"
        outcomes = await asyncio.gather(*stuck, return_exceptions=True)

    assert {type(outcome).__name__ for outcome in outcomes} == {"TooSlow"}
