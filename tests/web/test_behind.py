"""Entries about one organisation on pages, in feeds, frames, maps and the API: one is shown, the others named with it."""

from __future__ import annotations

import pytest

from app.makers import host_another
from judged.town import publish_all
from localfed.app import search
from localfed.protocol.errors import IndexBroken

STALL = {
    "type": "Organization",
    "listed": True,
    "name": "Green Veg Stall",
    "location": [{"latitude": "54.6021", "longitude": "-2.3014"}],
}


@pytest.fixture
async def claimed(town):
    """The kitchen says that it is the stall that a lister names; the id of that record."""
    node = town.kitchen
    lister = await host_another(node, "https://lister.example", "Lister")
    [stall] = await publish_all(node, lister, [{**STALL, "claimedBy": node.did}])
    town.ids["stall"] = stall
    await node.publish({"type": "Organization", "name": "Kitchen", "claims": [stall]})
    await search.catch_up(node.ports)
    return stall


async def text_of(client, path):
    answer = await client.get(path, headers={"Accept-Language": "en"})
    assert answer.status == 200, path
    return await answer.text()


async def test_the_claimants_card_is_found_by_the_word_of_the_listed_one(town, client, claimed):
    page = await text_of(client, "/?q=stall")

    assert "1 result for" in page
    assert page.count("<article") == 1
    assert "Published by the organisation itself" in page
    assert "1 more entry about it" in page
    assert town.page_of("stall") in page


async def test_the_page_of_a_claimed_record_leads_to_the_claimants(town, client, claimed):
    page = await text_of(client, town.page_of("stall"))

    own = f"/organisations/{town.kitchen.did.split(':')[2]}"
    said = page[page.index("not the word of the organisation itself") :]
    assert "Its own word:" in said
    assert said.index("Its own word:") < said.index(f'href="{own}"') < said.index("More entries")
    assert "published by the organisation itself" in said


async def test_the_page_of_the_claimant_names_who_lists_it(town, client, claimed):
    page = await text_of(client, f"/organisations/{town.kitchen.did.split(':')[2]}")

    assert "More entries about it" in page
    said = page[page.index("More entries about it") :]
    assert said.index(f'href="{town.page_of("stall")}"') < said.index("listed by")


async def test_pages_of_what_stands_alone_and_of_offers_say_nothing_of_it(town, client):
    for path in (town.page_of("veg"), town.page_of("cycles")):
        assert "More entries about it" not in await text_of(client, path)


async def test_a_page_is_shown_without_the_others_when_the_index_is_broken(
    town, client, claimed, monkeypatch
):
    def broken(*_):
        raise IndexBroken("the search index cannot be used")

    monkeypatch.setattr(town.kitchen.index, "fold_of", broken)

    page = await text_of(client, town.page_of("stall"))

    assert "Green Veg Stall" in page
    assert "More entries about it" not in page


async def test_programs_get_one_result_with_the_others_behind_it(town, client, claimed):
    answer = await (await client.get("/api/v1/search?q=stall")).json()

    assert answer["total"] == 1
    [result] = answer["results"]
    assert (result["id"], result["listed"]) == (f"{town.kitchen.did}/org.json", False)
    [behind] = result["behind"]
    assert (behind["id"], behind["listed"]) == (claimed, True)
    assert behind["publisher"]["host"] == "lister.example"
    assert behind["page"] == f"https://kitchen.example{town.page_of('stall')}"


async def test_frames_feeds_and_maps_have_it_once(town, client, claimed):
    frame = await text_of(client, "/embed?q=stall")
    feed = await text_of(client, "/feed.atom?q=stall")
    places = await (await client.get("/api/v1/map?q=stall")).json()

    assert "All results (1)" in frame
    assert feed.count("<entry>") == 1
    assert (places["total"], places["on_map"], len(places["features"])) == (1, 1, 1)
