"""What every attack is given: a town made once, a victim that is a fresh copy of it, an evil peer."""

from __future__ import annotations

import asyncio

import pytest

from attacks.frame import a_victim, make_town
from evil import evil_server, fetch

__all__ = ["evil_server", "fetch"]


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    """The town, made once: each attack gets a copy."""
    return asyncio.run(make_town(tmp_path_factory.mktemp("town")))


@pytest.fixture
async def victim(town, tmp_path):
    """A node under attack, its site on loopback, and the people around it."""
    async with a_victim(town, tmp_path) as victim:
        yield victim
