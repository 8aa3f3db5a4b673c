"""Structured data on pages: there, whole, what search engines require, and never more than data."""

from __future__ import annotations

import json

import pytest

from attacks.people_material import PAYLOADS, drafts_of
from interop.test_schema_org import check, every
from localfed.app import search
from web.conftest import PLACE
from web.pages_read import Page

ROOT = "https://kitchen.example"


async def read(client, path):
    page = Page(await (await client.get(path)).text())
    assert page.faults == []
    [block] = page.data
    things = json.loads(block)["@graph"]
    for thing in every(things):
        check(thing)
    return {one["@type"]: one for one in things}


async def test_every_page_of_a_record_says_what_it_is_and_how_one_gets_there(town, client):
    scid = town.kitchen.did.split(":")[2]

    organisation = await read(client, f"/organisations/{scid}")
    offer = await read(client, town.page_of("veg"))
    need = await read(client, town.page_of("drivers"))
    listed = await read(client, town.page_of("cycles"))

    assert organisation["Organization"]["name"] == "Kitchen"
    assert offer["Service"]["provider"]["url"] == f"{ROOT}/organisations/{scid}"
    assert offer["Service"]["@id"] == town.ids["veg"]
    assert need["Organization"]["seeks"]["name"] == "Drivers"
    assert listed["Organization"]["name"] == "Cycle club"
    names = [one["name"] for one in offer["BreadcrumbList"]["itemListElement"]]
    assert names == ["Kitchen node", "Organisations", "Kitchen", "Veg box"]


async def test_results_are_a_list_and_the_first_page_names_the_node(client):
    first = await read(client, "/")
    found = await read(client, "/?q=veg")

    assert first["WebSite"]["name"] == "Kitchen node"
    assert len(first["ItemList"]["itemListElement"]) == 6
    assert "WebSite" not in found
    assert [one["name"] for one in found["ItemList"]["itemListElement"]] == ["Veg box"]
    nothing = Page(await (await client.get("/?q=nothing-of-that-name")).text())
    assert nothing.data == []


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
async def test_hostile_text_stays_within_its_string(town, client, text):
    await town.publish(
        "bad", {"type": "Offer", "name": text, "description": text, "category": [text]}
    )

    things = await read(client, town.page_of("bad"))

    assert things.keys() == {"Service", "BreadcrumbList"}


async def test_the_policy_lets_data_stand_and_nothing_of_it_runs(town, visit):
    """In Chromium with scripts on; `visit` fails on any complaint, a breach of the policy included."""
    for text in PAYLOADS.values():
        for draft in drafts_of(text):
            await town.kitchen.publish(draft)
    await town.publish(
        "event",
        {
            "type": "Offer",
            "name": "</script><script>document.body.dataset.owned='1'</script>",
            "location": PLACE,
            "schedule": [{"start": "2026-06-06T14:30", "minutes": 60, "timeZone": "Europe/London"}],
        },
    )
    await search.catch_up(town.kitchen.ports)

    page = await visit("/", java_script_enabled=True)
    for path in ("/", "/?q=xyzzy", town.page_of("event"), town.page_of("veg")):
        await page.goto(path)

        blocks = page.locator("script[type='application/ld+json']")
        texts = await blocks.all_text_contents()
        assert len(texts) == 1
        assert json.loads(texts[0])["@context"] == "https://schema.org"
        assert await page.evaluate("document.body.dataset.owned") is None
