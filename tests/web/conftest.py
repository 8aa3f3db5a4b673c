"""A small town for the tests of the web floor: two nodes of the federation, one shown on the web.

The kitchen follows the tool library; the kitchen's node answers requests. Stores and index are real.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer

import federation
from localfed.app import organisations, search
from localfed.app.values import Publisher
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit
from localfed.store.keyfiles import KeyFiles
from localfed.web.routes import Node, make_app
from web.browsing import browser, visit
from web.map_grounds import map_files

__all__ = ["browser", "map_files", "visit"]

PLACE = [
    {"latitude": "54.6021", "longitude": "-2.3014", "address": {"addressLocality": "Aldwater"}}
]
FAR = [{"latitude": "54.9", "longitude": "-2.3", "address": {"addressLocality": "Farwater"}}]


class Town(msgspec.Struct, kw_only=True):
    """What a test needs of the town."""

    federation: federation.Federation
    kitchen: federation.Node
    tools: federation.Node
    ids: dict[str, str]
    client: Any = None

    @property
    def node(self) -> Node:
        return Node(
            ports=self.kitchen.ports,
            name="Kitchen node",
            url=self.kitchen.base,
            language="en",
            bundle_path=self.kitchen.store.bundle_path,
            version="0.0.0",
        )

    def publisher(self, node: federation.Node) -> Publisher:
        return self.kitchen.publisher(node)

    async def publish(self, name: str, draft: dict[str, Any]) -> str:
        self.ids[name] = await self.kitchen.publish(draft)
        await search.catch_up(self.kitchen.ports)
        return self.ids[name]

    async def host(self, base: str, name: str, seed: int) -> str:
        """Host another organisation on the kitchen's node; returns its DID."""
        ports, now = self.kitchen.ports, self.federation.clock.now()
        key = SigningKey(bytes([seed]) * 32)
        kit = Kit(bytes([seed + 100]) * 32)
        new = organisations.new_identity(kit, key, url=base, now=now, allow_loopback=False)
        KeyFiles(self.kitchen.folder).create(new.did, key.seed)
        await organisations.host(
            ports, new, name=name, language="en", url=base, allow_loopback=False
        )
        return new.did

    def page_of(self, name: str) -> str:
        """The address of the page of a document."""
        did, _, path = self.ids[name].partition("/")
        return f"/documents/{did.split(':')[2]}/{path.removesuffix('.json')}"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    fed = federation.Federation(tmp_path)
    kitchen, tools = await fed.node("kitchen"), await fed.node("tools")
    ids = {}
    ids["veg"] = await kitchen.publish(
        {
            "type": "Offer",
            "name": {"en": "Veg box", "cy": "Bocs llysiau"},
            "description": {"en": "Vegetables from allotments.\nPay what you can."},
            "category": ["Food"],
            "location": PLACE,
            "url": "https://kitchen.example/veg",
        }
    )
    ids["drivers"] = await kitchen.publish(
        {"type": "Need", "name": "Drivers", "category": ["Food", "Transport"], "location": FAR}
    )
    ids["advice"] = await tools.publish(
        {"type": "Offer", "name": "Repair advice", "category": ["Repair"], "online": True}
    )
    ids["cycles"] = await tools.publish(
        {
            "type": "Organization",
            "listed": True,
            "name": "Cycle club",
            "category": ["Sport"],
            "legalForm": "Association",
            "location": PLACE,
            "source": {
                "name": "Noticeboard",
                "edition": "spring",
                "license": "CC BY 4.0",
                "url": "https://board.example/",
            },
        }
    )
    await kitchen.follow(tools)
    await kitchen.sync(tools)
    await search.catch_up(kitchen.ports)
    made = Town(federation=fed, kitchen=kitchen, tools=tools, ids=ids)
    async with TestClient(TestServer(make_app(made.node))) as client:
        made.client = client
        yield made
    fed.close()


@pytest.fixture
def client(town: Town) -> TestClient[Any, Any]:
    return town.client
