"""Matches and particulars as the API and pages show them."""

from __future__ import annotations

import json

import jsonschema
import pytest

from app.makers import host_another
from judged.town import publish_all
from localfed.app import search
from web.test_openapi import DESCRIPTION

HERE = [{"latitude": "53.74", "longitude": "-2.01"}]
NEED = {
    "type": "Need",
    "name": "A hall on Thursdays for our choir",
    "form": "space",
    "seeks": "help",
    "category": "music",
    "location": HERE,
}
HALL = {
    "type": "Offer",
    "name": "Chapel hall on Thursdays",
    "description": "A hall with a piano, good for a choir.",
    "form": "space",
    "category": ["music", "a good sound"],
    "location": HERE,
    "audience": ["older-people", "people who sing"],
    "cost": ["free", "7.50 GBP an hour"],
    "schedule": [
        "Mo-Su 00:00-23:59 Europe/London",
        {
            "start": "2026-01-01T19:30",
            "minutes": 90,
            "timeZone": "Europe/London",
            "repeat": "FREQ=MONTHLY;BYDAY=-1TH",
            "until": "2030-01-31",
            "name": "Open rehearsal",
        },
    ],
    "accessibility": ["step-free"],
    "availableLanguage": ["en", "cy"],
    "howToGet": "Ring the bell.",
    "quantity": "2",
    "unit": "rooms",
    "eligibility": "Choirs <b>only</b>.",
}
PATH = "/api/v1/matches"


@pytest.fixture
async def both(town):
    node = town.kitchen
    chapel = await host_another(node, "https://chapel.example", "Chapel")
    [need] = await publish_all(node, node.did, [NEED])
    [hall] = await publish_all(node, chapel, [HALL])
    await search.catch_up(node.ports)
    return need, hall


def page_of(document_id):
    did, _, path = document_id.partition("/")
    return f"/documents/{did.split(':')[2]}/{path.removesuffix('.json')}"


async def test_the_api_says_what_matches_and_why(client, both):
    need, hall = both
    answer = await client.get(PATH, params={"of": need})

    value = await answer.json()

    schema = DESCRIPTION["paths"][PATH]["get"]["responses"]["200"]["content"]["application/json"]
    jsonschema.validate(
        value,
        {**schema["schema"], "components": DESCRIPTION["components"]},
        cls=jsonschema.Draft202012Validator,
    )
    assert [one["offer"] for one in value["matches"]] == [hall]
    assert value["matches"][0]["page"].endswith(page_of(hall))
    assert "both say" in json.dumps(value["matches"][0]["why"])


@pytest.mark.parametrize(
    "query, status",
    [
        ("", 400),
        ("?of=", 400),
        ("?of=x&near=1,2", 400),
        (f"?of={'x' * 701}", 400),
        ("?of=x", 404),
        ("?of=did:webvh:x/d/%00.json", 404),
    ],
)
async def test_what_is_asked_wrongly_is_told_what_to_do(client, query, status):
    answer = await client.get(PATH + query)

    assert answer.status == status
    assert (await answer.json())["status"] == status


async def test_the_page_of_a_need_shows_what_could_meet_it_and_why(client, both):
    need, hall = both
    text = await (await client.get(page_of(need))).text()

    assert "Offers that could meet this" in text
    assert page_of(hall) in text
    assert "Fits: both say" in text
    assert "a call for help" in text


async def test_the_page_of_an_offer_says_when_for_whom_and_at_what_cost(client, both):
    _, hall = both
    text = await (await client.get(page_of(hall))).text()

    for said in (
        "Needs that this could meet",
        "open now",
        "a space",
        "older people",
        "people who sing",
        "free",
        "£7.50, an hour",
        "Mondays, Tuesdays",
        "Open rehearsal: every month on last Thursdays, 19:30 to 21:00, until 31 January 2030",
        "2 rooms",
        "step-free way in",
        "Ring the bell.",
        "Choirs &lt;b&gt;only&lt;/b&gt;.",
    ):
        assert said in text, said


async def test_codes_are_said_in_the_language_of_the_reader_and_own_words_as_they_are(client, both):
    """LF-VOC-1."""
    _, hall = both
    text = await (await client.get(page_of(hall), headers={"Accept-Language": "cy"})).text()

    assert "cerddoriaeth" in text
    assert "a good sound" in text
    assert "category=music" in text


async def test_entries_about_one_organisation_are_one_card_with_the_others_behind_it(client, town):
    hall = {
        "type": "Organization",
        "listed": True,
        "name": "Millbrook Community Bakery Limited",
        "location": [
            {"latitude": "53.74", "longitude": "-2.01", "address": {"postalCode": "ZZ1 1ZZ"}}
        ],
    }
    chapel = await host_another(town.kitchen, "https://chapel.example", "Chapel")
    await publish_all(town.kitchen, town.kitchen.did, [hall])
    [other] = await publish_all(
        town.kitchen, chapel, [hall | {"name": "The Millbrook Community Bakery"}]
    )
    await search.catch_up(town.kitchen.ports)

    text = await (await client.get("/", params={"q": "bakery"})).text()

    assert text.count('<article class="card">') == 1
    assert "1 more entry about it" in text
    assert page_of(other) in text
    assert "listed by" in text
