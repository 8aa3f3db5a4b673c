"""A client that sends raw bytes to loopback and reads what comes: no library tidies anything up.

Here: sending whole, in pieces or slowly; reading answers out of what came. Not here: any attack.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

PATIENCE = 10.0
"""Seconds: what has not ended by then is itself the finding."""


@dataclass(frozen=True)
class Answer:
    """One answer as it came."""

    status: int
    fields: dict[str, str]
    """Names in small letters."""
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        """The body as RFC 9457 has it."""
        assert self.fields["content-type"].startswith("application/problem+json"), self
        problem = json.loads(self.body)
        assert isinstance(problem, dict)
        return problem


class Silence(AssertionError):
    """The other side closed without an answer."""


async def exchange(port: int, *sent: bytes, pause: float = 0.0, shut: bool = False) -> Answer:
    """Send bytes, in as many pieces as they are given in, and return the first answer."""
    answers = await conversation(port, *sent, pause=pause, shut=shut)
    if not answers:
        raise Silence
    return answers[0]


async def conversation(
    port: int, *sent: bytes, pause: float = 0.0, shut: bool = False
) -> list[Answer]:
    """Send bytes, read until the other side closes, and return every answer.

    `shut` closes our half after the last piece, as a client that is done does.
    """
    return read_answers(await converse(port, sent, pause=pause, shut=shut))


async def converse(
    port: int, sent: Iterable[bytes], *, pause: float = 0.0, shut: bool = False
) -> bytes:
    """Send bytes piece by piece, read until the other side closes, and return all that came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def send() -> None:
        # The other side may close before it has read all: that is its right, and no failure.
        with contextlib.suppress(ConnectionError):
            for piece in sent:
                writer.write(piece)
                await writer.drain()
                if pause:
                    await asyncio.sleep(pause)
            if shut:
                writer.write_eof()

    sending = asyncio.ensure_future(send())
    came = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionError):
                while piece := await reader.read(65_536):
                    came += piece
    finally:
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await sending
        writer.close()
    return bytes(came)


def read_answers(came: bytes) -> list[Answer]:
    """Read answers one after the other; a body without a length goes to the end."""
    answers = []
    while came:
        head, ending, rest = came.partition(b"\r\n\r\n")
        assert ending, f"no whole answer: {came[:200]!r}"
        first, *lines = head.decode("latin-1").split("\r\n")
        if first.split(" ")[1].startswith("1"):
            came = rest  # "go on": the answer comes after it
            continue
        fields = {}
        for line in lines:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        if fields.get("transfer-encoding") == "chunked":
            body, came = _dechunk(rest)
        else:
            size = int(fields.get("content-length", len(rest)))
            body, came = rest[:size], rest[size:]
        answers.append(Answer(status=int(first.split(" ")[1]), fields=fields, body=body))
    return answers


def _dechunk(rest: bytes) -> tuple[bytes, bytes]:
    body = b""
    while True:
        size, _, rest = rest.partition(b"\r\n")
        count = int(size, 16)
        body, rest = body + rest[:count], rest[count + 2 :]
        if count == 0:
            return body, rest
