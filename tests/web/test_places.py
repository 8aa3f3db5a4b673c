"""Places on the web: typed in any spelling, suggested while typing, said back, and never logged."""

from __future__ import annotations

import logging

import pytest

from web.test_openapi import check, schema_for

PLACE = {"latitude": "55.9489", "longitude": "-3.1926"}


@pytest.fixture
async def edinburgh(town):
    await town.publish("castle", {"type": "Offer", "name": "Castle tours", "location": [PLACE]})
    return town


@pytest.mark.parametrize("near", ["EH1 1AD", "eh11ad", "EH1", "Edinburgh", "edinburg"])
async def test_a_search_near_a_place_in_any_spelling(edinburgh, client, near):
    answer = await client.get(
        "/api/v1/search", params={"near": near, "radius": "10", "where": "here"}
    )

    found = await answer.json()
    check(found, schema_for("/api/v1/search"))
    assert [one["document"]["name"]["en"] for one in found["results"]] == ["Castle tours"]
    assert found["place"]["label"].startswith(("EH1", "Edinburgh"))


@pytest.mark.parametrize("path", ["/", "/ties", "/report", "/api/v1/report", "/api/v1/mentors"])
async def test_every_question_about_a_place_takes_a_postcode(edinburgh, client, path):
    answer = await client.get(path, params={"near": "EH1 1AD"})

    assert answer.status == 200


@pytest.mark.parametrize("near", ["ZZ9 9ZZ", "nowhere at all", "x" * 5_000, "<script>", "91,0"])
async def test_a_place_that_is_none_gets_a_helpful_answer(client, near):
    answer = await client.get("/api/v1/search", params={"near": near})
    page = await client.get("/", params={"near": near}, headers={"Accept": "text/html"})

    problem = await answer.json()
    assert answer.status == page.status == 400
    assert problem["code"] in {"unknown-place", "bad-query"}
    assert problem["next"]
    assert 'role="search"' in await page.text()


async def test_places_are_suggested(client):
    answer = await client.get("/api/v1/places", params={"q": "hebd"})

    found = await answer.json()
    check(found, schema_for("/api/v1/places"))
    assert [one["label"] for one in found["places"]] == ["Hebden Bridge, England"]
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_where_somebody_is_stands_in_no_log(edinburgh, client, caplog):
    caplog.set_level(logging.DEBUG)
    for near in ("EH1 1AD", "ZZ9 9ZZ", "Hebden"):
        for path in ("/", "/api/v1/search", "/api/v1/places", "/ties", "/report"):
            await client.get(path, params={"q" if path.endswith("places") else "near": near})

    said = " ".join(
        f"{one.getMessage()} {one.exc_info} {one.exc_text}"
        for one in caplog.records
        # The client and the server of the tests say what they are asked; a node keeps no such log (`runner`).
        if not one.name.startswith(("aiohttp.", "asyncio"))
    )
    assert [near for near in ("EH1", "ZZ9", "Hebden") if near in said] == []


async def test_the_page_about_the_node_names_the_sources(client):
    page = await (await client.get("/about")).text()

    assert "Ordnance Survey" in page or "OS data" in page
    assert "GeoNames" in page
