"""Partners on pages and in the API: who delivers what, who works with whom, whom partners show."""

from __future__ import annotations

import msgspec
import pytest

from localfed.app import lapses, listings, search
from localfed.app.contacts import NewContact, set_contact
from localfed.protocol.partnership import half_path
from web.pages_read import Page
from web.test_openapi import check, schema_for


def scid(node):
    return node.did.split(":")[2]


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


async def test_a_search_says_who_contributes_to_what_it_finds(town, client, joint):
    """LF-JOINT-3, LF-JOINT-5: found under the contributor, who is named; one that does not count is not."""
    await lapses.refresh(town.kitchen.ports)
    await search.catch_up(town.kitchen.ports)

    answer = await (await client.get("/api/v1/search?q=tools&kind=offer")).json()

    (found,) = [one for one in answer["results"] if one["id"] == joint]
    assert [(one["organisation"]["host"], one["delivers"]) for one in found["contributors"]] == [
        ("tools.example", "The tools")
    ]
    assert found["publisher"]["host"] == "kitchen.example"
    page = await read(client, "/?q=tools&kind=offer")
    assert "Repair supper Together with Tools ." in page.text


async def test_a_contributor_shows_what_it_delivers_with_others(town, client, joint):
    page = await read(client, f"/organisations/{scid(town.tools)}")

    assert "What it delivers together with others Offer Repair supper" in page.text


async def test_an_organisation_shows_what_partners_offer_who_show_it(town, client):
    """LF-PART-4, LF-PART-6."""
    await agree(town, "promotion", roles=["mentor"])

    page = await read(client, f"/organisations/{scid(town.kitchen)}")

    assert "Our partners" in page.text
    assert "Repair advice" in page.text
    assert "Promotion with Tools (they: mentors; each shows the other)" in page.text
    assert f"/ties?of={scid(town.kitchen)}" in page.links()


async def test_what_is_over_is_not_shown_by_partners(town, client):
    """LF-PART-6: what they offer and need now."""
    once = {"start": "2026-05-02T10:00", "minutes": 60, "timeZone": "Europe/London"}
    weekly = once | {"repeat": "FREQ=WEEKLY"}
    for name, schedule in (("Repair fair", [once]), ("Repair evening", [once, weekly])):
        await town.tools.publish({"type": "Offer", "name": name, "schedule": schedule})
    await agree(town, "promotion")
    path = f"/organisations/{scid(town.kitchen)}"
    assert "Repair fair" in (await read(client, path)).text

    town.federation.clock.advance(days=2)
    text = (await read(client, path)).text

    assert "Repair evening" in text
    assert "Repair fair" not in text


@pytest.mark.parametrize("how", ["one does not promote", "less far", "one half alone"])
async def test_nobody_is_shown_for_what_one_side_says(town, client, how):
    """LF-PART-4, LF-PART-6."""
    await agree(town, "collaboration" if how == "less far" else "promotion")
    if how == "one does not promote":
        half = {"type": "Partnership", "partner": town.kitchen.did, "stage": "integrated"}
        await town.tools.publish(half)
    elif how == "one half alone":
        await town.tools.withdraw(f"{town.tools.did}/{half_path(town.kitchen.did)}")
    await town.kitchen.sync(town.tools)

    page = await read(client, f"/organisations/{scid(town.kitchen)}")
    answer = await (
        await client.get(f"/api/v1/promotions?organisation={scid(town.kitchen)}")
    ).json()

    assert "Our partners" not in page.text
    assert ("Who works with it" in page.text) == (how != "one half alone")
    assert answer["partners"] == []


async def test_a_partner_that_fell_silent_is_not_confirmed_since(town, client):
    """LF-PART-4, LF-READ-12."""
    await agree(town)
    town.federation.clock.advance(days=16)
    await town.kitchen.publish({"type": "Offer", "name": "Soup"})

    page = await read(client, f"/organisations/{scid(town.kitchen)}")
    ties = await (await client.get("/api/v1/ties")).json()

    assert "not confirmed since 15 May 2026" in page.text
    assert [tie["confirmed"] for tie in ties["ties"]] == [False]

    town.federation.clock.advance(days=13)
    await town.kitchen.publish({"type": "Offer", "name": "Bread"})

    page = await read(client, f"/organisations/{scid(town.kitchen)}")
    assert "Who works with it" not in page.text
    assert (await (await client.get("/api/v1/ties")).json())["ties"] == []


async def test_a_newcomer_finds_mentors_near_it(town, client):
    await agree(town, "guidance", roles=["mentor"])
    await town.host("https://new.example/", "Newcomers", seed=7)
    newcomer = next(one for one in town.kitchen.store.publishers() if one.host == "new.example")

    page = await read(client, f"/organisations/{newcomer.scid}")
    answer = await (await client.get(f"/api/v1/mentors?organisation={newcomer.scid}")).json()

    assert "Who could mentor it" in page.text
    assert "Tools (mentors 1)" in page.text
    assert [(one["organisation"]["host"], one["partners"]) for one in answer["mentors"]] == [
        ("tools.example", 1)
    ]


async def test_mentors_come_nearest_first_and_never_oneself(town, client):
    await agree(town, "guidance", roles=["mentor"])
    half = {"type": "Partnership", "partner": town.tools.did, "stage": "guidance"}
    await town.kitchen.publish({**half, "roles": ["mentor"]})
    for node, place in ((town.kitchen, "54.9"), (town.tools, "54.7")):
        location = {"latitude": place, "longitude": "-2.3"}
        await node.publish({"type": "Organization", "name": node.host, "location": location})
    await town.kitchen.sync(town.tools)

    async def hosts(query):
        answer = await (await client.get(f"/api/v1/mentors?{query}")).json()
        return [one["organisation"]["host"] for one in answer["mentors"]]

    assert await hosts("near=55,-2.3") == ["kitchen.example", "tools.example"]
    assert await hosts("near=54.6,-2.3") == ["tools.example", "kitchen.example"]
    assert await hosts(f"organisation={town.kitchen.did}") == ["tools.example"]


async def test_who_gives_a_postcode_and_no_point_is_found_near_it(town, client):
    await agree(town, "guidance", roles=["mentor"])
    place = {"address": {"postalCode": "EH1 1AD", "addressCountry": "GB"}}
    await town.tools.publish({"type": "Organization", "name": "Tools", "location": place})
    await town.kitchen.publish({"type": "Organization", "name": "Kitchen", "location": place})
    await town.kitchen.sync(town.tools)
    newcomer = await town.host("https://new.example/", "Newcomers", seed=7)
    record = {"type": "Organization", "name": "Newcomers", "location": place}
    draft = msgspec.json.encode(record)
    await listings.publish_draft(town.kitchen.ports, newcomer, draft, language="en")

    ties = await (await client.get("/api/v1/ties?near=EH1+1AD&radius=1")).json()
    mentors = await (await client.get("/api/v1/mentors?near=EH1+1AD")).json()
    page = await read(client, f"/organisations/{newcomer.split(':')[2]}")
    elsewhere = await (await client.get("/api/v1/ties?near=54.6,-2.3&radius=25")).json()

    assert [(one["inside"], one["approximate"]) for one in ties["organisations"]] == [
        (True, True)
    ] * 2
    assert [(one["distance_km"], one["approximate"]) for one in mentors["mentors"]] == [(0.0, True)]
    check(mentors, schema_for("/api/v1/mentors"))
    check(ties, schema_for("/api/v1/ties"))
    assert "Tools (about 1.0 km, mentors 1)" in page.text
    assert elsewhere["ties"] == []


async def test_the_page_of_an_organisation_links_to_what_stands_below_its_offers(town, client):
    before = await read(client, f"/organisations/{scid(town.kitchen)}")
    assert "#works-with" not in before.links()

    await agree(town, "promotion")
    page = await read(client, f"/organisations/{scid(town.kitchen)}")

    inside = {one[1:] for one in page.links() if one.startswith("#")} - {"content"}
    assert {"publishes", "partners", "works-with"} <= inside
    assert inside <= {one.get("id") for one in page.all("h2")}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/partnerships",
        "/api/v1/partnerships?stage=promotion",
        "/api/v1/partnerships?organisation=KITCHEN&limit=1",
        "/api/v1/promotions?organisation=KITCHEN",
        "/api/v1/mentors",
        "/api/v1/mentors?near=54.6,-2.3",
        "/api/v1/ties",
        "/api/v1/ties?near=54.6,-2.3&radius=5",
        "/api/v1/ties?of=KITCHEN",
        "/api/v1/search?q=supper",
    ],
)
async def test_answers_about_partners_are_as_described(town, client, joint, path):
    """LF-PART-4."""
    await agree(town, "promotion", roles=["mentor"], jointOffers=[joint])
    value = await (await client.get(path.replace("KITCHEN", scid(town.kitchen)))).json()

    check(value, schema_for(path.partition("?")[0]))
    assert any(
        value.get(name) for name in ("partnerships", "partners", "mentors", "ties", "results")
    ) or ("near" in path)


@pytest.mark.parametrize(
    "path, status",
    [
        ("/api/v1/partnerships?stage=marriage", 400),
        ("/api/v1/partnerships?stages=promotion", 400),
        ("/api/v1/partnerships?cursor=x", 400),
        ("/api/v1/partnerships?organisation=" + "1" * 46, 404),
        ("/api/v1/partnerships?organisation=did:webvh:", 400),
        ("/api/v1/promotions?organisation=zzz", 400),
        ("/api/v1/mentors?organisation=zzz", 400),
        ("/api/v1/mentors?organisation=" + "1" * 46, 404),
        ("/api/v1/search?organisation=zzz", 400),
        ("/api/v1/search?organisation=" + "1" * 46, 200),
        ("/api/v1/promotions", 400),
        ("/api/v1/mentors?near=here", 400),
        ("/api/v1/ties?radius=5", 400),
        ("/api/v1/ties?of=x", 400),
        ("/api/v1/ties?around=x", 400),
        ("/ties?near=here", 400),
        ("/ties?of=" + "1" * 46, 404),
    ],
)
async def test_what_cannot_be_asked_is_told(client, path, status):
    assert (await client.get(path)).status == status
