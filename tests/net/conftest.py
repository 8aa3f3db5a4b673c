"""What tests of the outgoing door share: an evil server, and a door with little patience."""

from __future__ import annotations

import pytest

from evil import evil_serving
from localfed.net.fetch import GuardedFetch, Patience

HURRY = Patience(request=0.8, connect=0.5, idle=0.4, stream=1.5)


@pytest.fixture
async def evil_server():
    """A raw-socket server on loopback that sends whatever it is told to."""
    async with evil_serving() as server:
        yield server


@pytest.fixture
async def fetch():
    """The guarded door, in a hurry: the same limits as in life, in a tenth of the time."""
    async with GuardedFetch(patience=HURRY) as door:
        yield door
