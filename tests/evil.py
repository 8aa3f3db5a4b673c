"""A peer that means harm: raw sockets on loopback that send whatever a test says, and a DNS that lies.

Here: `EvilServer`, ready-made behaviours for it, `FakeDns`. Not here: any test. Every folder of tests
may use them; nothing leaves this machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from localfed.net.fetch import GuardedFetch, Patience

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


class EvilServer:
    """Answers each path with a behaviour; remembers what it was asked and how often."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.requests: list[bytes] = []
        """The head of each request, as it came."""
        self._behaviours: dict[str, Behaviour] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Its root, with a slash."""
        return f"http://localhost:{self.port}/"

    def on(self, path: str, behaviour: Behaviour) -> str:
        """Answer a path so; returns the URL of it."""
        self._behaviours[path] = behaviour
        return f"http://localhost:{self.port}{path}"

    def says(self, path: str, *parts: bytes) -> str:
        """Answer a path with these bytes and close; returns the URL of it."""
        return self.on(path, sending(*parts))

    def asked(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(head.split(b" ")[1] == path.encode() for head in self.requests)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends."""
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.requests.append(head)
                path = head.split(b" ")[1].decode()
                await self._behaviours.get(path, answering(b"", status="404 Not Found"))(writer)
                await writer.drain()
                if writer.is_closing():
                    return
        except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            pass  # the other side went, or the test is over
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def close(self) -> None:
        """End every connection."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def evil_serving(tls: object = None) -> AsyncIterator[EvilServer]:
    """Run an evil server on a free loopback port."""
    evil = EvilServer()
    server = await asyncio.start_server(evil.serve, "127.0.0.1", 0, ssl=tls)
    evil.port = server.sockets[0].getsockname()[1]
    try:
        yield evil
    finally:
        server.close()
        await evil.close()


@pytest.fixture
async def evil_server() -> AsyncIterator[EvilServer]:
    """A raw-socket server on loopback that sends whatever it is told to."""
    async with evil_serving() as server:
        yield server


HURRY = Patience(request=1.4, connect=0.9, idle=0.7, stream=2.6)


@pytest.fixture
async def fetch() -> AsyncIterator[GuardedFetch]:
    """The guarded door, in a hurry: the same limits as in life, in a tenth of the time."""
    async with GuardedFetch(patience=HURRY) as door:
        yield door


# --- behaviours ------------------------------------------------------------------------------


def head(status: str = "200 OK", **fields: object) -> bytes:
    """The head of an answer; `_` in a name stands for a hyphen."""
    lines = [f"HTTP/1.1 {status}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def answer(body: bytes, status: str = "200 OK", **fields: object) -> bytes:
    """A whole honest answer."""
    return head(status, Content_Length=len(body), **fields) + body


def chunked(*chunks: bytes) -> bytes:
    """A chunked body with its end."""
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def answering(body: bytes, status: str = "200 OK", **fields: object) -> Behaviour:
    """Answer honestly and keep the connection."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(body, status, **fields))

    return behave


def redirecting(location: str, status: str = "302 Found") -> Behaviour:
    """Redirect."""
    return answering(b"", status=status, Location=location)


def sending(*parts: bytes) -> Behaviour:
    """Send bytes and close."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
        writer.close()

    return behave


def stalling(*parts: bytes) -> Behaviour:
    """Send bytes, then nothing for ever."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
        await writer.drain()
        await asyncio.Event().wait()

    return behave


def dripping(start: bytes, drop: bytes = b"x", every: float = 0.02) -> Behaviour:
    """Send bytes, then a drop at a time for ever."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(every)

    return behave


def flooding(start: bytes, piece: bytes) -> Behaviour:
    """Send bytes, then a piece again and again as fast as it is taken."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(piece)
            await writer.drain()

    return behave


def bomb(megabytes: int, wbits: int = 31) -> bytes:
    """Zeros, compressed a thousand to one."""
    machine = zlib.compressobj(9, zlib.DEFLATED, wbits)
    block = bytes(1 << 20)
    return b"".join(machine.compress(block) for _ in range(megabytes)) + machine.flush()


def gzipped(body: bytes) -> bytes:
    """A body in gzip, always the same bytes."""
    return gzip.compress(body, mtime=0)


# --- names -----------------------------------------------------------------------------------


class FakeDns(AbstractResolver):
    """Answers from a table; a name with several lists gives them in turn (rebinding)."""

    def __init__(self, names: dict[str, list[str] | list[list[str]]]) -> None:
        self.lookups: list[str] = []
        self._names = {
            name: list(answers) if answers and isinstance(answers[0], list) else [answers]
            for name, answers in names.items()
        }

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Answer a lookup."""
        self.lookups.append(host)
        if host not in self._names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        turns = self._names[host]
        addresses = turns.pop(0) if len(turns) > 1 else turns[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing to close."""


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with contextlib.closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
