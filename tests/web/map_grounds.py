"""The town's pages on another ground: fixtures and a small tile server for the tests of the map.

Here: what `test_map*.py` share. Not here: any test.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from localfed.web.ground import Ground
from localfed.web.routes import make_app
from localfed.web.vendored import can_draw

ROOT = Path(__file__).resolve().parents[2]


def builder() -> Any:
    """The program that brings the map's files when the wheel is built."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def map_files() -> None:
    """What browsers draw the map with is here; `make test` brings it, a bare pytest when it is first needed."""
    made = builder()
    if not made.is_there():
        if os.environ.get("CI") == "true":
            pytest.fail("the map's files are not here: make test brings them", pytrace=False)
        try:
            made.install()
        except RuntimeError as error:
            pytest.skip(f"the map's files could not be had: {error}")
    assert can_draw()


@contextlib.asynccontextmanager
async def grounded(town: Any, ground: Ground) -> AsyncIterator[Any]:
    """The town's pages with another ground under their maps."""
    node = msgspec.structs.replace(town.node, ground=ground)
    before = town.client
    async with TestClient(TestServer(make_app(node))) as client:
        town.client = client
        yield client
    town.client = before


@contextlib.asynccontextmanager
async def tile_server() -> AsyncIterator[tuple[str, list[web.Request]]]:
    """A server of green pictures on this machine: its root, and what it was asked."""
    asked: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request)
        return web.Response(body=_png(), content_type="image/png")

    app = web.Application()
    app.router.add_get("/{z}/{x}/{y}.png", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/")).rstrip("/"), asked


def _png() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + b"\x40\xa0\x60" * 256 for _ in range(256))
    head = struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
