"""Partners on pages and in the API: who delivers what, who works with whom, whom partners show."""

from __future__ import annotations

import pytest

from localfed.app.contacts import NewContact, set_contact
from web.pages_read import Page


async def read(client, path):
    answer = await client.get(path)
    assert answer.status == 200, path
    page = Page(await answer.text())
    assert page.faults == []
    return page


async def agree(town, stage="integrated", **members):
    """Halves of the kitchen and the tool library, which promote each other, read by the kitchen."""
    for one, other in ((town.kitchen, town.tools), (town.tools, town.kitchen)):
        half = {"type": "Partnership", "partner": other.did, "stage": stage, "promotes": True}
        await one.publish({**half, **(members if one is town.tools else {})})
    await town.kitchen.sync(town.tools)


@pytest.fixture
async def joint(town):
    """A joint offer of the kitchen, with the tool library that says so and a miller that does not."""
    offer = await town.publish(
        "supper",
        {
            "type": "Offer",
            "name": "Repair supper",
            "contributors": [
                {"organisation": "tools.example", "delivers": "The tools", "roles": "contributor"},
                {"organisation": f"did:webvh:Qm{'2' * 44}:miller.example", "delivers": "Flour"},
            ],
        },
    )
    await agree(town, jointOffers=[offer])
    return offer


async def test_a_seeker_sees_one_offer_whom_to_ask_and_who_delivers_what(town, client, joint):
    """LF-JOINT-3, LF-JOINT-4."""
    for node in (town.kitchen, town.tools):
        contact = NewContact(language="en", email=f"ask@{node.host}")
        await set_contact(node.ports, node.did, contact)
    await town.kitchen.sync(town.tools)

    page = await read(client, town.page_of("supper"))

    assert "Who delivers what" in page.text
    assert "Tools : The tools (contributes)" in page.text
    assert "Kitchen leads this: ask there" in page.text
    assert "ask@kitchen.example" in page.text
    assert "ask@tools.example" not in page.text
    assert "Flour" not in page.text
    assert "miller" not in page.text
