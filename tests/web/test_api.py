"""The JSON API: what is found, who said it, and the very bytes that they signed."""

from __future__ import annotations

import json

import msgspec
import pytest

from localfed.app import search
from localfed.protocol.accept import open_document
from localfed.protocol.digest import digest
from localfed.protocol.identity import read_identity
from web.test_openapi import check, schema_for


async def results_of(client, **asked):
    answer = await client.get("/api/v1/search", params=asked)
    assert answer.status == 200, await answer.text()
    return await answer.json()


def names(answer):
    return [one["document"]["name"]["en"] for one in answer["results"]]


async def test_a_search_finds_what_the_node_itself_and_others_publish(client):
    assert names(await results_of(client, q="veg")) == ["Veg box"]
    assert names(await results_of(client, q="repair")) == ["Repair advice"]
    assert (await results_of(client))["total"] == 6


async def test_a_result_says_who_published_it_and_when_that_was_checked(town, client):
    own = (await results_of(client, q="veg"))["results"][0]
    other = (await results_of(client, q="cycle"))["results"][0]

    assert own["publisher"]["relation"] == "own node"
    assert own["publisher"]["name"] == "Kitchen"
    assert own["listed"] is False
    assert other["publisher"] == {
        "did": town.tools.did,
        "scid": town.tools.did.split(":")[2],
        "name": "Tools",
        "host": "tools.example",
        "url": "https://tools.example/",
        "relation": "followed",
        "via": None,
    }
    assert other["kind"] == "organisation"
    assert other["listed"] is True
    assert other["confirmed"] is True
    assert other["checked"] == "2026-05-01T09:00:00Z"
    assert other["source"].startswith("https://tools.example/d/")


async def test_a_result_holds_the_stored_bytes_unchanged(town, client):
    text = await (await client.get("/api/v1/search", params={"q": "veg"})).read()

    body = town.kitchen.store.document(*town.ids["veg"].split("/", 1)).body
    assert body in text


async def test_the_page_of_a_result_is_there(client):
    for one in (await results_of(client))["results"]:
        path = one["page"].removeprefix("https://kitchen.example")

        assert (await client.get(path)).status == 200


async def test_distance_orders_and_cuts_only_when_asked_to(client):
    near = await results_of(client, q="", near="54.6021,-2.3014", category="Food")
    cut = await results_of(client, near="54.6021,-2.3014", radius="5", category="Food")
    nowhere = await results_of(client, q="veg")

    assert names(near) == ["Veg box", "Drivers"]
    assert near["results"][0]["distance_km"] == pytest.approx(0, abs=0.01)
    assert near["results"][1]["distance_km"] == pytest.approx(33.1, abs=0.3)
    assert names(cut) == ["Veg box"]
    assert nowhere["results"][0]["distance_km"] is None


async def test_facets_count_what_each_choice_would_find(client):
    everything = await results_of(client)
    offers = await results_of(client, kind="offer")

    assert everything["facets"]["kind"] == {"offer": 2, "need": 1, "organisation": 3}
    assert everything["facets"]["category"]["food"] == 2
    assert offers["total"] == 2
    assert offers["facets"]["kind"] == everything["facets"]["kind"]


async def test_cursors_lead_through_all_results_once(client):
    whole = [one["id"] for one in (await results_of(client, limit="100"))["results"]]
    seen, href = [], "/api/v1/search?limit=2"
    while href:
        answer = await client.get(href)
        body = await answer.json()
        seen += [one["id"] for one in body["results"]]
        link = answer.links.get("next")
        assert (body["next"] is None) == (link is None)
        href = link["url"].path_qs if link else None

    assert seen == whole
    assert len(seen) == 6


async def test_the_organisations_are_listed_in_pages(town, client):
    first = await client.get("/api/v1/organisations?limit=1")
    second = await client.get(first.links["next"]["url"].path_qs)

    one, two = await first.json(), await second.json()
    assert one["total"] == 2
    assert [one["organisations"][0]["did"], two["organisations"][0]["did"]] == [
        town.kitchen.did,
        town.tools.did,
    ]
    assert two["next"] is None
    assert one["organisations"][0]["counts"] == {"organisations": 1, "offers": 1, "needs": 1}
    assert two["organisations"][0]["counts"] == {"organisations": 2, "offers": 1, "needs": 0}


async def test_counts_follow_what_is_published(town, client):
    scid = town.kitchen.did.split(":")[2]
    before = await (await client.get(f"/api/v1/organisations/{scid}")).json()

    await town.publish("more", {"type": "Need", "name": "More"})

    after = await (await client.get(f"/api/v1/organisations/{scid}")).json()
    assert (before["counts"]["needs"], after["counts"]["needs"]) == (1, 2)


async def test_a_document_of_another_node_verifies_with_what_this_one_serves(town, client):
    scid = town.tools.did.split(":")[2]
    path = town.ids["advice"].split("/", 1)[1]

    body = await (await client.get(f"/api/v1/documents/{scid}/{path}")).read()
    log = await (await client.get(f"/api/v1/identities/{scid}")).read()

    now = town.federation.clock.now()
    checked = open_document(body, identity=read_identity(log, now=now), now=now)
    assert checked.document.id == town.ids["advice"]


async def test_a_document_is_found_by_its_id_and_tagged_with_its_digest(town, client):
    answer = await client.get("/api/v1/documents", params={"id": town.ids["advice"]})
    body = await answer.read()
    tag = answer.headers["ETag"]
    again = await client.get(
        "/api/v1/documents", params={"id": town.ids["advice"]}, headers={"If-None-Match": tag}
    )

    assert body == town.tools.store.document(*town.ids["advice"].split("/", 1)).body
    assert tag == f'"{digest(body)}"'
    assert answer.headers["Content-Type"] == "application/ld+json"
    assert again.status == 304


async def test_what_is_withdrawn_by_its_publisher_is_gone_after_the_next_poll(town, client):
    await town.tools.withdraw(town.ids["advice"])
    town.federation.clock.advance(hours=1)
    await town.kitchen.sync(town.tools)
    await search.catch_up(town.kitchen.ports)

    answer = await client.get("/api/v1/documents", params={"id": town.ids["advice"]})

    assert (await answer.json(content_type=None))["code"] == "unknown-document"
    assert names(await results_of(client, q="repair")) == []


async def test_an_expired_document_is_gone_though_its_bytes_are_here(town, client):
    town.federation.clock.advance(days=181)

    answer = await client.get("/api/v1/documents", params={"id": town.ids["advice"]})

    assert (answer.status, (await answer.json(content_type=None))["code"]) == (410, "expired")


async def test_a_publisher_that_is_silent_is_no_longer_confirmed(town, client):
    scid = town.tools.did.split(":")[2]
    town.federation.clock.advance(days=15)

    answer = await (await client.get(f"/api/v1/organisations/{scid}")).json()

    assert answer["confirmed"] is False
    assert answer["checked"] == "2026-05-01T09:00:00Z"


async def test_an_organisation_shows_its_own_record_as_it_signed_it(town, client):
    scid = town.tools.did.split(":")[2]

    text = await (await client.get(f"/api/v1/organisations/{scid}")).read()

    assert town.tools.store.document(town.tools.did, "org.json").body in text


async def test_the_status_holds_nothing_that_is_not_public(town, client):
    status = await (await client.get("/api/v1/status")).json()

    assert status["status"] == "ok"
    assert (status["hosted"], status["followed"], status["documents"]) == (1, 1, 6)
    assert status["log_position"] == status["index_position"]
    assert str(town.kitchen.folder) not in json.dumps(status)


async def test_every_answer_of_the_api_may_be_read_by_any_page(client):
    for path in (
        "/api/v1/search",
        "/api/v1/organisations",
        "/api/v1/status",
        "/api/v1/openapi.json",
        "/api/v1/documents",
        "/api/v1/nothing",
    ):
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = await client.request(method, path, headers={"Origin": "null"})

            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_an_unchanged_search_costs_an_empty_answer(client):
    tag = (await client.get("/api/v1/search?q=veg")).headers["ETag"]

    answer = await client.get("/api/v1/search?q=veg", headers={"If-None-Match": tag})

    assert (answer.status, await answer.read()) == (304, b"")


async def test_answers_are_plain_json_for_any_reader(client):
    for path in ("/api/v1/search", "/api/v1/organisations", "/api/v1/status"):
        body = await (await client.get(path)).read()

        assert json.loads(body) == msgspec.json.decode(body)


async def test_codes_of_the_vocabulary_have_names_in_the_readers_language(client):
    welsh = await (await client.get("/api/v1/vocabulary?lang=cy-GB")).json()
    other = await (await client.get("/api/v1/vocabulary?lang=xx")).json()

    check(welsh, schema_for("/api/v1/vocabulary"))
    assert welsh["language"] == "cy"
    assert welsh["labels"]["categories"]["food"] == "bwyd a diod"
    assert other["labels"]["categories"]["food"] == "food and drink"


@pytest.mark.parametrize("query", ["lang=!", "lang=en,cy", f"lang={'x' * 5000}", "language=en"])
async def test_a_language_that_is_none_is_told(client, query):
    answer = await client.get(f"/api/v1/vocabulary?{query}")

    assert answer.status == 400
    assert (await answer.json())["code"] == "bad-query"


async def test_suggestions_complete_the_last_word(client):
    answer = await client.get("/api/v1/suggest", params={"q": "ve", "near": "54.6,-2.3"})
    found = await answer.json()

    assert answer.status == 200
    check(found, schema_for("/api/v1/suggest"))
    assert any(one["kind"] is None and one["text"].startswith("ve") for one in found["suggestions"])
    names = [one for one in found["suggestions"] if one["kind"] is not None]
    assert names
    for one in names:
        assert (await client.get(one["page"])).status == 200


@pytest.mark.parametrize(
    "q", ["", "(((", "a" * 10_000, "\x00", "veg " * 2_000, "*", "AND OR NOT", "<b>"]
)
async def test_whatever_is_typed_is_answered(client, q):
    for path in ("/api/v1/suggest", "/api/v1/search", "/"):
        answer = await client.get(path, params={"q": q[:6_000]})

        assert answer.status == 200, path


async def test_a_mistyped_word_is_corrected_and_the_answer_says_so(client):
    found = await (await client.get("/api/v1/search", params={"q": "vegg"})).json()

    assert found["corrected"] == "veg"
    assert found["total"]
    check(found, schema_for("/api/v1/search"))


async def test_suggestions_refuse_what_they_do_not_know(client):
    answer = await client.get("/api/v1/suggest", params={"word": "veg"})

    assert answer.status == 400
    assert (await answer.json())["code"] == "bad-query"
