"""A search as a feed: newest first, paged, conditional, in the language asked for, whatever anybody wrote."""

from __future__ import annotations

from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from attacks.people_material import PAYLOADS
from localfed.app import search
from web.conftest import FAR, PLACE
from web.pages_read import Page

ATOM = "{http://www.w3.org/2005/Atom}"


async def read(client, path, **headers):
    answer = await client.get(path, headers=headers)
    assert answer.status == 200, await answer.text()
    assert answer.content_type == "application/atom+xml"
    return ElementTree.fromstring(await answer.read())  # noqa: S314 - our own


def titles(feed):
    return [one.text for one in feed.findall(f"{ATOM}entry/{ATOM}title")]


def links(feed):
    return {one.attrib["rel"]: one.attrib["href"] for one in feed.findall(f"{ATOM}link")}


async def test_a_feed_has_what_the_page_of_the_same_search_has(town, client):
    feed = await read(client, "/feed.atom?q=veg&near=54.6,-2.3&radius=5")

    assert titles(feed) == ["Veg box"]
    entry = feed.find(f"{ATOM}entry")
    assert entry.find(f"{ATOM}id").text == town.ids["veg"]
    assert entry.find(f"{ATOM}author/{ATOM}name").text == "Kitchen"
    assert links(entry)["alternate"] == f"https://kitchen.example{town.page_of('veg')}"
    assert feed.find(f"{ATOM}title").text == "Kitchen node: new for “veg”"
    assert links(feed)["self"] == feed.find(f"{ATOM}id").text
    assert links(feed)["alternate"] == "https://kitchen.example/?q=veg&near=54.6%2C-2.3&radius=5"


async def test_what_was_written_last_is_first_and_what_is_signed_again_is_no_newer(town, client):
    town.federation.clock.advance(hours=2)
    await town.publish("jam", {"type": "Offer", "name": "Zesty jam"})
    town.federation.clock.advance(hours=2)

    feed = await read(client, "/feed.atom")

    assert titles(feed)[0] == "Zesty jam"
    dates = [one.text for one in feed.findall(f"{ATOM}entry/{ATOM}updated")]
    assert dates == sorted(dates, reverse=True)
    assert feed.find(f"{ATOM}updated").text == dates[0]


async def test_within_a_radius_too_the_newest_is_first(town, client):
    town.federation.clock.advance(hours=2)
    await town.publish("far", {"type": "Offer", "name": "Far jam", "location": FAR})
    town.federation.clock.advance(hours=2)
    await town.publish("near", {"type": "Offer", "name": "Near jam", "location": PLACE})

    feed = await read(client, "/feed.atom?near=54.6,-2.3&radius=100&kind=offer")

    # Advice is given online.
    assert titles(feed) == ["Near jam", "Far jam", "Veg box", "Repair advice"]
    assert titles(await read(client, "/feed.atom?near=54.6,-2.3&radius=5&where=here")) == [
        "Near jam",
        "Veg box",
        "Cycle club",
    ]


async def test_a_long_feed_goes_on_from_page_to_page(town, client):
    for number in range(60):
        await town.kitchen.publish({"type": "Offer", "name": f"Offer {number}"})
    await search.catch_up(town.kitchen.ports)

    first = await read(client, "/feed.atom?kind=offer")
    second = await read(client, links(first)["next"].removeprefix("https://kitchen.example"))

    assert len(titles(first)) == 50
    assert len(titles(second)) == 12
    assert "next" not in links(second)
    assert links(second)["previous"] == links(second)["first"] == links(first)["self"]
    assert not set(titles(first)) & set(titles(second))


async def test_an_unchanged_feed_is_not_sent_again(town, client):
    answer = await client.get("/feed.atom?q=veg")
    again = await client.get("/feed.atom?q=veg", headers={"If-None-Match": answer.headers["ETag"]})

    assert again.status == 304
    assert await again.read() == b""
    await town.publish("more", {"type": "Offer", "name": "More veg"})
    changed = await client.get(
        "/feed.atom?q=veg", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert changed.status == 200


async def test_texts_are_in_the_language_asked_for(client):
    welsh = await read(client, "/feed.atom?q=veg&lang=cy")
    english = await read(client, "/feed.atom?q=veg", **{"Accept-Language": "en"})

    assert titles(welsh) == ["Bocs llysiau"]
    assert titles(english) == ["Veg box"]
    # One feed in two languages, so that a reader who changes sees nothing twice.
    assert welsh.find(f"{ATOM}id").text == english.find(f"{ATOM}id").text


async def test_a_feed_of_nothing_is_a_feed(client):
    feed = await read(client, "/feed.atom?q=nothing-of-that-name")

    assert titles(feed) == []
    assert feed.find(f"{ATOM}updated").text.endswith("T00:00:00Z")


@pytest.mark.parametrize(
    "query, words",
    [
        ("near=54.6,-2.3&radius=x", "radius"),
        ("near=54.6,-2.3&radius=0", "radius"),
        ("near=54.6,-2.3&radius=1e9", "radius"),
        ("kind=thing", "kind"),
        ("page=0", "page"),
        ("page=21", "page"),
        ("page=%D9%A3", "page"),
        ("page=next", "cursor"),
    ],
)
@pytest.mark.parametrize("path", ["/feed.atom", "/calendar.ics"])
async def test_what_cannot_be_understood_is_said(client, path, query, words):
    if query.startswith("page") and path == "/calendar.ics":
        assert (await client.get(f"{path}?{query}")).status == 200
        return

    answer = await client.get(f"{path}?{query}", headers={"Accept": "application/atom+xml"})

    assert answer.status == 400
    problem = await answer.json(content_type=None)
    assert words in problem["detail"]
    assert problem["next"]


@pytest.mark.parametrize("path", ["/feed.atom", "/calendar.ics"])
async def test_long_and_odd_searches_are_answered(client, path):
    for text in ("x" * 5_000, "(" * 3_000, "\x00\r\n\u202e]]>", "*:*", "a AND (b", "'; --"):
        answer = await client.get(f"{path}?q={quote(text)}&cursor=nonsense")

        assert answer.status == 200
        assert len(await answer.read()) < 20_000


async def test_nothing_that_an_organisation_writes_is_markup_in_a_feed(town, client):
    innocent = None
    for text in ("An innocent text", *PAYLOADS.values()):
        draft = {"type": "Offer", "name": text, "description": text, "category": [text]}
        if innocent is None:
            town.ids["bad"] = await town.publish("bad", draft)
        else:
            await town.kitchen.publish({**draft, "id": town.ids["bad"]})
            await search.catch_up(town.kitchen.ports)
        feed = await read(client, "/feed.atom")
        shape = sorted((one.tag, tuple(sorted(one.attrib))) for one in feed.iter())
        innocent = innocent or shape
        assert shape == innocent
        assert text.strip() in [title.strip() for title in titles(feed)]


async def test_every_search_names_its_feed_its_calendar_and_itself(client):
    page = Page(await (await client.get("/?near=54.6,-2.3&q=veg&lang=cy&cursor=&kind=")).text())

    [canonical] = [one["href"] for one in page.all("link") if one["rel"] == "canonical"]
    assert canonical == "https://kitchen.example/?q=veg&near=54.6%2C-2.3"
    kinds = {one.get("type"): one["href"] for one in page.all("link") if one["rel"] == "alternate"}
    for kind, path in (("application/atom+xml", "/feed.atom"), ("text/calendar", "/calendar.ics")):
        assert kinds[kind].startswith(f"{path}?q=veg&near=54.6%2C-2.3")
        assert (await client.get(kinds[kind])).status == 200
    assert kinds["application/atom+xml"] in page.links()
    # Nobody is offered an empty calendar.
    assert kinds["text/calendar"] not in page.links()
