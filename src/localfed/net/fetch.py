"""The one outgoing door: `GuardedFetch`. Nothing else in LocalFed makes a connection.

Here: requests, redirects, time limits, and turning whatever goes wrong into an error of ours. Not
here: which URLs (`guard`), which addresses (`addresses`, `dial`), sizes and decompression (`reading`).
Spec: 08-following (LF-FETCH), tables/limits.json.

Dangers met here: addresses inside (server-side request forgery) by name, redirect or rebinding; slow,
endless and exploding bodies; cookies, proxies and netrc of the environment; header floods; one host
taking every place. A request carries nothing but the path, an ETag and our name.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, Self

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver
from yarl import URL

from localfed import __version__
from localfed.app.message_values import Posted
from localfed.app.values import Answer
from localfed.net.addresses import Zone
from localfed.net.answers import Stream, Wish, read_answer, read_away
from localfed.net.dial import GuardedResolver, SystemResolver, guarded_sockets
from localfed.net.failures import our_errors
from localfed.net.gate import Gate
from localfed.net.guard import PUBLIC_PORTS, Target, check_redirect, check_url
from localfed.net.reading import LineSplitter, read_etag, read_retry_after
from localfed.protocol import limits
from localfed.protocol.errors import NoAnswer, UnexpectedAnswer

USER_AGENT: Final = f"LocalFed/{__version__}"

REQUESTS: Final = 64
"""Requests under way at one time."""

REQUESTS_PER_HOST: Final = 8
"""With one host: browsers settled on six; a first sync without bundle keeps eight busy."""

STREAMS: Final = 16
"""Bundles under way at one time; apart, because one may take a quarter of an hour."""

STREAMS_PER_HOST: Final = 2
"""With one host."""

KEEP_ALIVE_SECONDS: Final = 30
"""How long an idle connection is kept: longer than the pauses within one poll."""

DNS_SECONDS: Final = 30
"""How long DNS answers are kept; they were checked, and the socket is checked again."""

HEADER_BYTES: Final = 8_190
"""One header field, and the status line."""

HEADERS: Final = 100
"""Header fields of one answer; real ones have 10 to 40."""

READ_BYTES: Final = 131_072
"""What aiohttp buffers of one answer before it stops reading; twice that at most."""

STREAM_LINES: Final = 20 * limits.PUBLISHER_DOCUMENTS
"""Lines of one bundle: the operator may raise a publisher's quota that far."""

_JSON_LINES: Final = "application/jsonl"

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long a peer may take, in seconds."""

    request: float = limits.FETCH_SECONDS
    connect: float = limits.CONNECT_SECONDS
    idle: float = limits.BUNDLE_IDLE_SECONDS
    stream: float = limits.BUNDLE_SECONDS


class GuardedFetch:
    """The port `Fetch`: every request of a node goes through one of these.

    Close it, or use it as an async context. It holds one session for the public internet; a second
    one, which reaches nothing but loopback, is made when development first asks for it. So a
    connection of one zone can never be used again for the other.
    """

    def __init__(
        self,
        *,
        ports: AbstractSet[int] = PUBLIC_PORTS,
        patience: Patience | None = None,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Make the door; connects to nothing.

        Args:
            ports: the https ports that may be asked; an operator may add to 443.
            patience: other time limits, for tests.
            resolver: another DNS, for tests; its answers are checked like the system's.
            tls: other certificate authorities than the system's.

        """
        self._ports = frozenset(ports)
        self._patience = patience or Patience()
        self._own_resolver = SystemResolver()
        self._resolver = resolver or self._own_resolver
        self._tls = tls
        self._sessions: dict[Zone, aiohttp.ClientSession] = {}
        self._requests = Gate(in_all=REQUESTS, per_host=REQUESTS_PER_HOST)
        self._streams = Gate(in_all=STREAMS, per_host=STREAMS_PER_HOST)
        self._is_closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection; afterwards nothing can be fetched.

        Cancel what is under way first: a request that nobody cancels waits until its time is up.
        """
        self._is_closed = True
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()
        await self._own_resolver.close()

    async def get(
        self,
        url: str,
        *,
        limit_bytes: int,
        allow_loopback: bool,
        etag: str | None = None,
        fresh: bool = False,
        redirects: int = 0,
        may_be_missing: bool = False,
        may_be_cut: bool = False,
    ) -> Answer:
        """Fetch one file; see the port. A 410 is told as a 404."""
        wish = Wish(
            limit_bytes=limit_bytes,
            allow_loopback=allow_loopback,
            etag=read_etag(etag),
            fresh=fresh,
            redirects=redirects,
            may_be_missing=may_be_missing,
            may_be_cut=may_be_cut,
        )
        target = check_url(url, allow_loopback=allow_loopback, ports=self._ports)
        async with self._requests.passing(target.host):
            with our_errors(target.shown):
                async with asyncio.timeout(self._patience.request):
                    return await self._ask(target, wish)

    async def lines(
        self, url: str, *, limit_bytes: int, allow_loopback: bool
    ) -> AsyncGenerator[list[bytes], None]:
        """Fetch a JSON Lines file as it comes; see the port.

        Each batch holds the whole lines of about 256 KiB. What came whole before a failure is given
        out before the failure is raised, so that a first sync that breaks off has not been for nothing.

        Raises:
            UnexpectedAnswer: also for a line that is empty or too long, a last line without its line
                feed (the file was cut short), and a file beyond every measure.

        """
        target = check_url(url, allow_loopback=allow_loopback, ports=self._ports)
        async with self._streams.passing(target.host):
            deadline = asyncio.get_running_loop().time() + self._patience.stream
            with our_errors(target.shown):
                async with asyncio.timeout(self._patience.request):
                    response = await self._send(target, {})
            # No time limit may be open at a `yield`: it would run out in the reader's own code.
            try:
                stream = Stream(response, target.shown, self._patience.idle, deadline)
                splitter = LineSplitter(limit_bytes=limit_bytes)
                count = 0
                while True:
                    lines, is_well = splitter.feed(await stream.read())
                    count += len(lines)
                    if lines:
                        yield lines
                    if not is_well or count > STREAM_LINES:
                        message = f"{target.shown} sends lines that are empty, too long or too many"
                        raise UnexpectedAnswer(message)
                    if stream.failure is not None:
                        raise stream.failure
                    if stream.has_ended:
                        break
                if not splitter.is_whole:
                    raise UnexpectedAnswer("the last line breaks off before its line feed")
            finally:
                response.close()

    async def post(self, url: str, body: bytes, *, allow_loopback: bool) -> Posted:
        """Post JSON Lines to an inbox; see the port. A redirect is an answer like any other."""
        target = check_url(url, allow_loopback=allow_loopback, ports=self._ports)
        async with self._requests.passing(target.host):
            with our_errors(target.shown):
                async with asyncio.timeout(self._patience.request):
                    response = await self._session(target.zone).post(
                        URL(target.url, encoded=True),
                        data=body,
                        headers={"Content-Type": _JSON_LINES},
                        allow_redirects=False,
                    )
                    try:
                        fields = response.headers
                        wait = read_retry_after(fields.get("Retry-After"), fields.get("Date"))
                        # Nothing of what it says is used: read away where it is short.
                        await read_away(response)
                        return Posted(status=response.status, retry_after=wait)
                    finally:
                        response.close()

    async def _ask(self, target: Target, wish: Wish) -> Answer:
        """Send a request, and again where it is redirected to."""
        hosts = [target.shown]
        seen = {target.url}
        for left in range(wish.redirects, -1, -1):
            response = await self._send(target, wish.headers)
            try:
                if response.status not in _REDIRECTS or not left:
                    return await read_answer(response, target, wish, hosts)
                location = response.headers.get("Location", "")
            finally:
                response.close()  # gives the connection back where all was read
            target = check_redirect(
                target, location, allow_loopback=wish.allow_loopback, ports=self._ports
            )
            if target.url in seen:
                break
            seen.add(target.url)
            hosts.append(target.shown)
        raise UnexpectedAnswer(f"{hosts[0]} redirects in a circle")

    async def _send(self, target: Target, headers: Mapping[str, str]) -> aiohttp.ClientResponse:
        return await self._session(target.zone).get(
            # Encoded: sent as it was checked, byte for byte.
            URL(target.url, encoded=True),
            headers=headers,
            allow_redirects=False,
        )

    def _session(self, zone: Zone) -> aiohttp.ClientSession:
        """Return the session of a zone, made when first needed: it wants a running loop."""
        if self._is_closed:
            raise NoAnswer("this node is closing and asks for nothing more")
        session = self._sessions.get(zone)
        if session is None:
            session = self._sessions[zone] = self._make_session(zone)
        return session

    def _make_session(self, zone: Zone) -> aiohttp.ClientSession:
        ports = self._ports if zone is Zone.PUBLIC else None
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(self._resolver, zone),
            socket_factory=guarded_sockets(zone, ports),
            ssl=self._tls or True,
            limit=0,  # the gates count; waiting for a place must not use up the time to connect
            ttl_dns_cache=DNS_SECONDS,
            keepalive_timeout=KEEP_ALIVE_SECONDS,
        )
        connect = self._patience.connect
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, connect=connect, sock_connect=connect),
            headers={"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"},
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # no proxy and no netrc of the environment
            auto_decompress=False,  # `reading` does it, with bounds
            read_bufsize=READ_BYTES,
            max_line_size=HEADER_BYTES,
            max_field_size=HEADER_BYTES,
            max_headers=HEADERS,
        )
