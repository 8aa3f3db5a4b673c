"""The directory page: what a visitor reads on a card, can choose, and gets where a search finds nothing or is wrong."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from localfed.app import renewals, search
from web.pages_read import Page
from web.test_pictures import pictured

__all__ = ["pictured"]

WHERE = {"latitude": "54.6021", "longitude": "-2.3014"}
WEEKLY = {"timeZone": "Europe/London", "minutes": 120}


async def read(client, path, *, pictures=0):
    answer = await client.get(path, headers={"Accept-Language": "en-GB"})
    assert answer.status == 200, path
    page = Page(await answer.text())
    assert page.faults == ["element img"] * pictures, path
    return page


def asked(href):
    return {name: value[0] for name, value in parse_qs(urlsplit(href).query).items()}


async def lunch(town, **more):
    return await town.publish(
        "lunch",
        {
            "type": "Offer",
            "name": "Hot lunch",
            "category": ["Food"],
            "location": [WHERE],
            **more,
        },
    )


# --- cards -------------------------------------------------------------------------------------


async def test_a_card_says_when_for_whom_at_what_cost_and_how(town, client):
    await lunch(
        town,
        audience=["families"],
        cost=[
            {"basis": "pay", "amount": "2.50", "currency": "GBP"},
            {"basis": "time"},
        ],
        howToGet="Just come in.",
        # The clock of the tests: a Friday, ten in the morning in Britain.
        schedule=[{**WEEKLY, "start": "2026-04-03T09:30", "repeat": "FREQ=WEEKLY"}],
    )

    text = (await read(client, "/?q=lunch")).text

    assert "When open now until 11:30" in text
    assert "Cost £2.50 , or in exchange for time" in text
    assert "For families" in text
    assert "How Just come in." in text


@pytest.mark.parametrize(
    "start, words",
    [
        ("2026-05-01T15:00", "When today 15:00"),
        ("2026-05-02T10:00", "When tomorrow 10:00"),
        ("2026-05-05T10:00", "When next Tuesday 10:00"),
        ("2026-05-19T10:00", "When next on Tuesday 19 May, 10:00"),
        ("2027-01-04T10:00", "When next on Monday 4 January 2027, 10:00"),
    ],
)
async def test_a_card_says_when_it_is_next_as_people_do(town, client, start, words):
    await lunch(town, schedule=[{**WEEKLY, "start": start}])

    assert words in (await read(client, "/?q=lunch")).text


async def test_a_card_says_who_publishes_it_and_how_to_ask(town, client):
    text = (await read(client, "/?kind=offer&q=veg")).text
    listed = (await read(client, "/?q=cycle")).text
    page = await read(client, "/?q=veg")

    assert "Published by Kitchen itself (kitchen.example), checked 1 May" in text
    assert "Listed by Tools (tools.example)" in listed
    form = town.page_of("veg").replace("/documents/", "/enquiries/")
    assert {form, f"{form}?kind=correction"} <= set(page.links())


async def test_what_nobody_checked_for_half_a_year_is_marked_and_after_a_year_comes_last(
    town, client
):
    async def wait(days):
        for _ in range(days // 10):
            town.federation.clock.advance(days=10)
            while not (await renewals.renew(town.kitchen.ports, town.kitchen.did)).is_done:
                pass
        await search.catch_up(town.kitchen.ports)

    await wait(170)
    assert "please ask before you go" not in (await read(client, "/?q=veg")).text
    await wait(20)
    assert "checked 1 May please ask before you go" in (await read(client, "/?q=veg")).text
    await wait(190)
    await town.publish("new", {"type": "Offer", "name": "Something with veg in it"})
    page = await read(client, "/?q=veg")

    assert "checked 1 May 2026 please ask before you go" in page.text
    assert page.text.index("Something with veg") < page.text.index("Veg box")
    record = await read(client, town.page_of("veg"))
    assert "Nobody has checked this since 1 May 2026" in record.text


async def test_a_card_shows_its_picture_as_our_own_copy(pictured, client):
    await search.catch_up(pictured.kitchen.ports)
    page = await read(client, "/?q=hall", pictures=1)

    (image,) = page.all("img")
    assert image["src"].startswith("/media/")
    assert image["alt"]
    assert image["loading"] == "lazy"
    assert int(image["width"]) > 0
    assert int(image["height"]) > 0


# --- choices -----------------------------------------------------------------------------------


async def test_every_facet_can_be_chosen_and_says_how_much_it_leaves(town, client):
    await lunch(
        town,
        audience=["families"],
        accessibility=["step-free access"],
        availableLanguage=["pl"],
        cost=[{"basis": "free"}],
        schedule=[{**WEEKLY, "start": "2026-05-01T09:00"}],
    )
    page = await read(client, "/?near=54.6,-2.3")

    choices = [asked(href) for href in page.links() if href.startswith("/?")]
    for name, value in {
        "kind": "offer",
        "category": "food",
        "cost": "free",
        "open": "now",
        "language": "pl",
    }.items():
        assert {"near": "54.6,-2.3", name: value} in choices, name
        chosen = await read(client, f"/?near=54.6,-2.3&{name}={value}")
        assert "Hot lunch" in chosen.text
    assert any("audience" in one for one in choices)
    assert any("accessibility" in one for one in choices)
    assert "Polish 1" in page.text


async def test_the_form_keeps_what_was_chosen(client):
    page = await read(client, "/?q=veg&kind=offer&cost=free&language=cy&open=now")

    hidden = {one["name"]: one["value"] for one in page.all("input") if one.get("type") == "hidden"}
    assert hidden == {"kind": "offer", "cost": "free", "language": "cy", "open": "now"}


# --- nothing was found, or it cannot be understood ---------------------------------------------


async def test_what_gives_only_a_postcode_is_said_to_be_about_so_far(town, client):
    address = {"addressLocality": "Hebden Bridge", "postalCode": "HX7 8AH"}
    await town.publish("jam", {"type": "Offer", "name": "Jam", "location": [{"address": address}]})

    page = await read(client, "/?q=jam&near=53.80,-2.01&radius=20")
    welsh = await read(client, "/?q=jam&near=53.80,-2.01&radius=20&lang=cy")
    answer = await client.get("/api/v1/search?q=jam&near=53.80,-2.01&radius=20")
    (result,) = (await answer.json())["results"]

    assert re.search(r"about [34]\.\d miles", page.text)
    assert re.search(r"tua [34]\.\d milltir", welsh.text)
    assert result["approximate"] is True
    assert 4 < result["distance_km"] < 8


async def test_a_distance_without_a_place_is_not_left_out_in_silence(client):
    words = "A distance needs a place"

    assert words in await (await client.get("/?radius=5")).text()
    assert words not in await (await client.get("/?radius=5&near=54.6,-2.3")).text()
    assert words not in await (await client.get("/?radius=&near=")).text()


async def test_an_empty_page_shows_the_nearest_beyond_the_distance(client):
    page = await read(client, "/?q=drivers&near=54.6021,-2.3014&radius=8.0")

    assert "Nothing was found for “drivers”" in page.text
    assert "The nearest is 21 miles away." in page.text
    assert "Drivers" in page.text
    assert "radius=40.2" in " ".join(page.links())
    # Wider by one step finds it: wider still would show no more.
    assert "radius=80.5" not in " ".join(page.links())


async def test_an_empty_page_says_who_looks_for_what_nobody_offers(client):
    page = await read(client, "/?q=drivers&kind=offer")

    assert "Nobody offers it here, but one organisation looks for the same." in page.text
    assert "/?q=drivers&kind=need" in page.links()


async def test_an_empty_page_names_categories_that_the_words_speak_of(client):
    page = await read(client, "/?q=groceries&kind=organisation")

    assert "Categories that this may belong to" in page.text
    assert "/?category=food" in page.links()


WRONG = {
    "a nonsense place": {"near": "qqqqqqq"},
    "a radius of nothing": {"near": "54.6,-2.3", "radius": "0"},
    "a radius beyond the Earth": {"near": "54.6,-2.3", "radius": "1000000000"},
    "a radius in words": {"near": "54.6,-2.3", "radius": "far"},
    "an unknown kind": {"kind": "sandwich"},
    "an unknown cost": {"cost": "a lot"},
    "an unknown time": {"open": "later"},
    "no language": {"language": "??"},
    "nobody": {"organisation": "nobody"},
    "a broken cursor": {"cursor": "broken"},
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_cannot_be_understood_is_answered_with_what_would_work(client, what):
    answer = await client.get("/", params={"q": "veg", **WRONG[what]})
    page = Page(await answer.text())

    assert answer.status == 400
    assert page.faults == []
    assert "That search did not work" in page.text
    assert {one.get("name"): one["value"] for one in page.all("input")}["q"] == "veg"
    helping = [one for one in page.links() if one.startswith("/?") and "lang=" not in one]
    assert helping
    for href in helping:
        assert "Veg box" in (await read(client, href)).text


@pytest.mark.parametrize("radius", ["abc", "0", "-5", "1e9"])
async def test_pages_and_the_api_say_the_same_of_a_wrong_radius_and_pages_in_welsh_too(
    client, radius
):
    wrong = {"near": "54.6,-2.3", "radius": radius}
    said = "adius is kilometres, such as 10 or 2.5: more than 0 and at most 20040; leave it out"

    page = await (await client.get("/", params=wrong)).text()
    welsh = await (await client.get("/", params={**wrong, "lang": "cy"})).text()
    api = await (await client.get("/api/v1/search", params=wrong)).json()

    assert "R" + said in page
    assert "Cilometrau yw radius, megis 10 neu 2.5: mwy na 0 a dim mwy na 20040" in welsh
    assert "r" + said in api["detail"]


async def test_a_place_that_is_spelled_wrongly_is_answered_with_places_that_are_meant(client):
    answer = await client.get("/", params={"q": "", "near": "Leath"})
    page = Page(await answer.text())

    assert answer.status == 400
    places = [
        asked(href)["near"] for href in page.links() if "near=" in href and "lang=" not in href
    ]
    assert any("Neath" in one for one in places), places


async def test_the_place_that_was_understood_is_said_and_so_are_others_of_its_name(client):
    page = await read(client, "/?near=Newport")
    code = await read(client, "/?near=eh66aa")

    assert re.search(r"Near Newport, .* Did you mean: Newport,", page.text)
    others = [asked(href)["near"] for href in page.links() if "near=Newport%2C" in href]
    assert len(set(others)) > 1
    assert "Near EH6 6" in code.text


async def test_a_word_that_was_written_wrongly_is_put_right_and_that_is_said(client):
    page = await read(client, "/?q=vegetabels")

    assert "Showing results for “vegetables” instead of “vegetabels”." in page.text
    assert "Veg box" in page.text


async def test_a_search_of_ten_thousand_characters_is_answered_with_a_page(client):
    for q in ("x" * 7_000, "veg " * 1_500, "é" * 1_000):
        answer = await client.get("/", params={"q": q})
        page = Page(await answer.text())

        assert answer.status == 200
        assert page.faults == []
        assert len(re.findall(r"<h1[^>]*>([^<]*)", await answer.text())[0]) < 200


async def test_what_the_page_does_not_know_in_its_address_changes_nothing(client):
    page = await read(client, "/?q=veg&utm_source=poster&raduis=3")

    assert "1 result for “veg”" in page.text
    assert not any("utm" in href for href in page.links() if "lang=" not in href)


# --- take it with you --------------------------------------------------------------------------


async def test_a_search_has_a_link_to_share_that_says_all_of_it_and_no_more(client):
    page = await read(client, "/?q=veg&kind=offer&lang=cy&utm=1")

    (link,) = [one["value"] for one in page.all("input") if one.get("id") == "link"]
    assert link == "https://kitchen.example/?q=veg&kind=offer"


async def test_a_sheet_to_print_has_the_day_the_address_and_a_code(client):
    answer = await client.get("/?q=veg&view=print", headers={"Accept-Language": "en-GB"})
    text = await answer.text()

    assert "As of 1 May 2026." in text
    assert "https://kitchen.example/?q=veg" in text
    assert "<script" not in text
    assert 'class="code"' in text
    assert "style=" not in text
    assert "Veg box" in text


async def test_searches_of_a_place_are_not_for_search_engines(client):
    def robots(page):
        return [one["content"] for one in page.all("meta") if one.get("name") == "robots"]

    assert robots(await read(client, "/?q=veg&near=54.6,-2.3")) == ["noindex"]
    assert robots(await read(client, "/?q=veg")) == []
    assert robots(await read(client, "/")) == []


async def test_pages_describe_themselves(town, client):
    for path in ("/", "/?q=veg", town.page_of("veg")):
        page = await read(client, path)

        (described,) = [one for one in page.all("meta") if one.get("name") == "description"]
        assert described["content"]


async def test_what_is_about_the_same_is_shown_where_little_has_the_words_and_that_is_said(
    town, client
):
    await town.publish("grief", {"type": "Offer", "name": "Bereavement café"})

    page = await read(client, "/?q=widower")
    plain = await read(client, "/?q=bereavement+caf%C3%A9")

    assert (
        "Little here says “widower”, so what is about widows, bereavement café, bereavement is shown, too."
        in page.text
    )
    assert "Bereavement café" in page.text
    assert "Little here says" not in plain.text


async def test_programs_are_told_what_a_search_was_widened_to(town, client):
    await town.publish("grief", {"type": "Offer", "name": "Bereavement café"})

    found = await (await client.get("/api/v1/search", params={"q": "widower"})).json()

    assert found["about"] == ["widows", "bereavement café", "bereavement"]
    assert found["total"] == 1
