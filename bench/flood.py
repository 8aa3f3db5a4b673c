"""A flooded inbox: how long searches take while one peer posts a thousand times a second.

Measured: `/api/v1/search` of a real node, asked by one visitor after the other, while a process of its own floods
the inbox from one address: messages with their log, each another one and well signed, and pings, by turns.
Baseline: the same searches of the same node right before each flood.
"""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from urllib.parse import urlsplit

import msgspec

from bench.queries import make_queries
from bench.rows import Row, at_most
from bench.search import names_on_board
from bench.stage import CannotMeasure, Node, Stage
from localfed.protocol import limits
from localfed.protocol.canonical import JsonObject
from localfed.protocol.document import CONTEXT
from localfed.protocol.proofs import sign
from localfed.protocol.times import write_time
from localfed.server.wiring import open_node

_TARGET = 5.0
_PER_SECOND = 1_000
_LETTERS = 200
_EXPECTED = {"202", "429"}


class _Flooded(msgspec.Struct, frozen=True, kw_only=True):
    """One round."""

    idle: float
    """p99 in seconds."""
    flooded: float
    per_second: float
    """Posts that were answered."""


def measure(stage: Stage) -> list[Row]:
    """Search an idle node, then a flooded one, several times."""
    paths = asyncio.run(_paths(stage.publisher, stage.sizes.queries))
    bodies = stage.folder / "flood.json"
    bodies.write_text(json.dumps(asyncio.run(_bodies(stage))), encoding="utf-8")
    with stage.publisher.serving() as served:
        _ask(served.url, paths, len(paths))  # files into memory
        rounds = [_round(served.url, paths, bodies, stage) for _ in range(stage.sizes.floods)]
    ratio = median(one.flooded / one.idle for one in rounds)
    target, met = at_most(ratio, _TARGET, "ratio")
    rate = median(one.per_second for one in rounds)
    return [
        Row(
            what="/api/v1/search, p99, nobody posts (baseline)",
            figure=median(one.idle for one in rounds) * 1000,
            unit="ms",
        ),
        Row(
            what=f"the same while one peer posts {rate:,.0f} times a second",
            figure=median(one.flooded for one in rounds) * 1000,
            unit="ms",
            ratio=ratio,
            target=target,
            met=met,
        ),
    ]


def _round(url: str, paths: Sequence[str], bodies: Path, stage: Stage) -> _Flooded:
    idle = _ask(url, paths, len(paths) * 2)
    with _flooding(url, bodies, stage.sizes.flood_seconds) as flooder:
        end = perf_counter() + stage.sizes.flood_seconds
        flooded = _ask(url, paths, None, end)
        answer = msgspec.json.decode(flooder.communicate(timeout=60)[0])
    statuses = answer["statuses"]
    if not set(statuses) <= _EXPECTED:
        message = f"the flood was answered {statuses}"
        raise CannotMeasure(message)
    return _Flooded(
        idle=_p99(idle),
        flooded=_p99(flooded),
        per_second=sum(statuses.values()) / answer["seconds"],
    )


def _p99(times: Sequence[float]) -> float:
    return quantiles(times, n=100, method="inclusive")[98]


def _ask(url: str, paths: Sequence[str], count: int | None, end: float = 0.0) -> list[float]:
    """Search so many times, or until a moment; returns how long each took."""
    line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    times = []
    for path in cycle(paths):
        if len(times) == count or (count is None and perf_counter() >= end):
            break
        start = perf_counter()
        line.request("GET", path)
        answer = line.getresponse()
        answer.read()
        times.append(perf_counter() - start)
        if answer.status != http.client.OK:
            message = f"a search was answered {answer.status}"
            raise CannotMeasure(message)
    line.close()
    return times


@contextmanager
def _flooding(url: str, bodies: Path, seconds: float) -> Iterator[subprocess.Popen[bytes]]:
    parts = urlsplit(url)
    words = ("127.0.0.1", str(parts.port), "/inbox", str(bodies), str(_PER_SECOND), str(seconds))
    process = subprocess.Popen(
        (sys.executable, "-m", "bench.flooder", *words), stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
    finally:
        process.terminate()
        process.wait()


async def _paths(node: Node, count: int) -> list[str]:
    async with open_node(node.folder) as opened:
        return [query.path for query in make_queries(names_on_board(opened.ports), count)]


async def _bodies(stage: Stage) -> list[str]:
    """Write what a stranger may post: messages, no two alike, and its head, by turns."""
    async with open_node(stage.publisher.folder) as node:
        (recipient,) = node.ports.store.publishers(hosted=True)
    async with open_node(stage.make_node("flooding").folder) as node:
        (sender,) = node.ports.store.publishers(hosted=True)
        (key,) = node.ports.keys.signing_keys(sender.did)
        now = node.ports.clock.now()
    assert sender.head is not None
    found = []
    for _ in range(_LETTERS):
        name = base64.b32encode(os.urandom(16)).decode().lower().rstrip("=")
        value: JsonObject = {
            "@context": CONTEXT,
            "id": f"{sender.did}/messages/{name}.json",
            "type": "Enquiry",
            "issuer": sender.did,
            "to": recipient.did,
            "updated": write_time(now),
            "expires": write_time(now + timedelta(days=limits.MESSAGE_DAYS)),
            "language": "en",
            "text": {"en": "Have you bread on Sundays? " * 20},
        }
        body = sign(value, key, f"{sender.did}#{key.multikey}")
        found += [(sender.log + body + b"\n").decode(), sender.head.decode() + "\n"]
    return found
