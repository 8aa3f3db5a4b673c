"""What every attack is given: a town made once, a victim that is a fresh copy of it, an evil peer."""

from __future__ import annotations

import asyncio

import pytest

from attacks.document_desk import desk_of
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


@pytest.fixture(scope="session")
def desk(town, tmp_path_factory):
    """The forger's desk, made once."""

    async def make():
        async with a_victim(town, tmp_path_factory.mktemp("desk")) as victim:
            return desk_of(victim)

    return asyncio.run(make())
