"""A peer that floods an inbox: so many posts a second, whatever it is answered.

Run by `flood`: `python -m bench.flooder HOST PORT PATH FILE PER_SECOND SECONDS`. FILE is a JSON list of bodies,
posted by turns. Says "ready" when it begins, and at the end what it was answered, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import count, cycle
from pathlib import Path
from time import perf_counter

_CONNECTIONS = 16
_PATIENCE_SECONDS = 10.0


class Flooder:
    """Posts at fixed moments: who answers slowly is not asked less often, as far as connections allow."""

    def __init__(
        self, host: str, port: int, posts: list[bytes], *, per_second: float, seconds: float
    ) -> None:
        self._host, self._port = host, port
        self._posts: Iterator[bytes] = cycle(posts)
        self._numbers = count()
        self._per_second, self._seconds = per_second, seconds
        self._begun = 0.0
        self.statuses: Counter[str] = Counter()

    async def run(self) -> float:
        """Flood; returns how many seconds it took."""
        self._begun = perf_counter()
        await asyncio.gather(*(self._post_on_and_on() for _ in range(_CONNECTIONS)))
        return perf_counter() - self._begun

    async def _post_on_and_on(self) -> None:
        line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while True:
            at = next(self._numbers) / self._per_second
            if at >= self._seconds or perf_counter() - self._begun >= self._seconds:
                break
            await asyncio.sleep(self._begun + at - perf_counter())
            try:
                line = line or await asyncio.open_connection(self._host, self._port)
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    status, is_open = await _post(*line, next(self._posts))
            except (OSError, asyncio.IncompleteReadError):
                status, is_open = "none", False
            self.statuses[status] += 1
            if not is_open and line is not None:
                line[1].close()
                line = None
        if line is not None:
            line[1].close()


async def _post(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, post: bytes
) -> tuple[str, bool]:
    """Post; returns the status, and whether the connection can be used again."""
    writer.write(post)
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    await reader.readexactly(int(fields.get("content-length", "0")))
    return head.split(" ", 2)[1], fields.get("connection") != "close"


def _request(host: str, path: str, body: bytes) -> bytes:
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        "Content-Type: application/jsonl",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def flood(words: list[str]) -> None:
    """Read the words of the command line, flood, and say what came of it."""
    host, port, path, file, per_second, seconds = words
    bodies = json.loads(Path(file).read_text(encoding="utf-8"))  # noqa: ASYNC240 - nothing else runs yet
    posts = [_request(f"{host}:{port}", path, body.encode()) for body in bodies]
    one = Flooder(host, int(port), posts, per_second=float(per_second), seconds=float(seconds))
    print("ready", flush=True)
    took = await one.run()
    print(json.dumps({"seconds": took, "statuses": one.statuses}), flush=True)


if __name__ == "__main__":
    asyncio.run(flood(sys.argv[1:]))
