"""The stage: folders, processes and ports that the measurements share, made when first needed.

Here: how much is measured, a node with the table on board, running `localfed`. Not here: any figure.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from time import perf_counter, sleep
from urllib.request import urlopen

import msgspec

from bench.table import make_table, real_table

_START_SECONDS = 60


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How much is measured."""

    records: int = 7_387
    """Of a made-up table; the real one is taken whole."""
    documents: int = 3_000
    """How many different documents are verified."""
    batch: int = 500
    rounds: int = 25
    syncs: int = 5
    bare: int = 10_000
    """How many bare signatures around each sync."""
    queries: int = 300
    searches: int = 7
    """How often all queries are asked."""
    offers: int = 100_000
    needs: int = 200
    loads: int = 5
    """How often wrk is let loose on each side."""
    load_seconds: int = 4
    starts: int = 5
    tied: int = 5_000
    """Organisations in the web of ties."""
    pages: int = 15
    """How often a page is opened in a browser."""
    idle_seconds: float = 8.0
    floods: int = 3
    flood_seconds: float = 10.0


SMALL = Sizes(
    records=150,
    documents=20,
    batch=20,
    rounds=2,
    syncs=1,
    bare=200,
    queries=10,
    searches=2,
    offers=60,
    needs=10,
    loads=1,
    load_seconds=1,
    starts=1,
    tied=60,
    pages=1,
    idle_seconds=0.5,
    floods=1,
    flood_seconds=0.5,
)
"""Shows that everything runs; what it measures means nothing."""


class CannotMeasure(Exception):
    """Something that a measurement needs is not here; the message says what."""


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """A process that answers."""

    url: str
    pid: int
    start_seconds: float
    """From the start of the process to the line that says that it answers."""


class Stage:
    """What the measurements of one run share."""

    def __init__(self, folder: Path, sizes: Sizes) -> None:
        self.folder = folder
        self.sizes = sizes

    @cached_property
    def table(self) -> Path:
        """The table: the real one, unless small sizes are wanted or it is not at hand."""
        real = real_table() if self.sizes.records >= Sizes().records else None
        if real is not None:
            return real
        path = self.folder / "made-up.csv"
        path.write_bytes(make_table(self.sizes.records))
        return path

    @cached_property
    def publisher(self) -> Node:
        """A node with the table on board."""
        node = self.make_node("publisher")
        localfed("import", "csv", str(self.table), "--data", str(node.folder), "--json")
        with node.serving() as served:
            wait_for_index(served)
        return node

    def make_node(self, name: str) -> Node:
        """Set a node up in a folder of its own."""
        folder = self.folder / name
        node = Node(folder, free_port())
        localfed("init", "--data", str(folder), "--name", name, "--url", node.url, "--json")
        return node


class Node:
    """A node's folder, and the port that its URL names."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.url = f"http://localhost:{port}"

    @contextmanager
    def serving(self) -> Iterator[Served]:
        """Serve it, as a process of its own, for as long as this lasts."""
        command = (sys.executable, "-m", "localfed", "serve", "--data", str(self.folder))
        with running(command, self.url) as served:
            yield served


def localfed(*arguments: str) -> bytes:
    """Run a command to its end; returns its stdout."""
    done = subprocess.run(
        (sys.executable, "-m", "localfed", *arguments),
        check=False,
        capture_output=True,
        env=_environment(),
    )
    if done.returncode:
        message = f"localfed {arguments[0]}: {done.stderr.decode(errors='replace')[-800:]}"
        raise CannotMeasure(message)
    return done.stdout


@contextmanager
def running(command: tuple[str, ...], url: str) -> Iterator[Served]:
    """Start a server, wait for its first line, and end it afterwards."""
    start = perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment()
    )
    try:
        assert process.stdout is not None
        if not process.stdout.readline():
            message = f"{' '.join(command)} did not start"
            raise CannotMeasure(message)
        yield Served(url=url, pid=process.pid, start_seconds=perf_counter() - start)
    finally:
        process.terminate()
        process.communicate(timeout=_START_SECONDS)


def wait_for_index(served: Served) -> None:
    """Wait until everything that a node holds is in its index.

    Raises:
        CannotMeasure: it takes more than a minute.

    """
    deadline = perf_counter() + _START_SECONDS
    while perf_counter() < deadline:
        with urlopen(f"{served.url}/api/v1/status", timeout=30) as answer:
            status = msgspec.json.decode(answer.read())
        if status["index_position"] == status["log_position"]:
            return
        sleep(0.2)
    message = "the index did not catch up"
    raise CannotMeasure(message)


def free_port() -> int:
    """Find a port that is free now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _environment() -> dict[str, str]:
    return {**os.environ, "LOCALFED_ALLOW_LOOPBACK": "1"}
