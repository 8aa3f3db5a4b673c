"""Pages: readable without scripts, whoever wrote what is on them."""

from __future__ import annotations

import itertools
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from yarl import URL

from web.pages_read import Page

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</title></textarea><iframe src=javascript:alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "--><!--",
    "javascript:alert(1)",
    "&lt;b&gt;&#x3c;script&#x3e;",
]


async def page_of(client, path, **headers):
    answer = await client.get(path, headers=headers)
    assert answer.status == 200, path
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return Page(await answer.text())


def pages_of(town):
    kitchen, tools = (node.did.split(":")[2] for node in (town.kitchen, town.tools))
    return [
        "/",
        "/?q=veg",
        "/?q=&near=54.6,-2.3&radius=&kind=",
        "/?q=veg+box&near=54.6,-2.3&radius=8.0&kind=offer&category=Food",
        "/?q=nothing+like+it&near=54.6,-2.3&radius=1&kind=need&category=Food",
        "/about",
        "/organisations",
        f"/organisations/{kitchen}",
        f"/organisations/{tools}",
        *(town.page_of(name) for name in town.ids),
    ]


async def test_every_page_is_well_formed_and_says_what_it_is(town, client):
    for path in pages_of(town):
        page = await page_of(client, path)

        assert page.faults == [], path
        assert page.all("html")[0]["lang"] == "en"
        assert len(page.all("h1")) == len(page.all("title")) == len(page.all("main")) == 1


async def test_headings_leave_no_level_out(town, client):
    for path in pages_of(town):
        page = await page_of(client, path)
        levels = [int(name[1]) for name, _ in page.elements if re.fullmatch("h[1-6]", name)]

        assert levels[0] == 1
        assert all(two - one <= 1 for one, two in itertools.pairwise(levels)), path


async def test_every_field_of_every_form_has_a_label(town, client):
    for path in pages_of(town):
        page = await page_of(client, path)
        labelled = {one["for"] for one in page.all("label")}
        fields = [
            one
            for one in page.all("input") + page.all("select")
            if one.get("type") not in {"hidden", "submit"}
        ]

        assert {one["id"] for one in fields} == labelled


async def test_pages_load_nothing_but_our_own_style_sheet_and_icon(town, client):
    for path in pages_of(town):
        answer = await client.get(path)
        page = Page(await answer.text())

        loaded = {one["href"] for one in page.all("link") if one["rel"] in {"stylesheet", "icon"}}
        assert loaded == {
            "/static/style.css",
            "/static/directory.css",
            "/static/icon.svg",
        }
        assert not any("style" in attributes for _, attributes in page.elements)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert ("script-src 'self'" in policy) == bool(page.all("script")), path
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    for name in loaded:
        assert (await client.get(name)).status == 200


async def test_every_link_of_ours_leads_somewhere(town, client):
    seen = set()
    for path in pages_of(town):
        for href in (await page_of(client, path)).links():
            if href.startswith("/") and href not in seen:
                seen.add(href)
                assert (await client.get(href)).status == 200, href

    assert len(seen) > 20


async def test_links_to_elsewhere_are_plain_and_show_their_host(town, client):
    for path in pages_of(town):
        for one in (await page_of(client, path)).all("a"):
            if not one["href"].startswith(("/", "#")):
                assert one["href"].startswith(("https://", "http://"))
                assert one["rel"] == "nofollow noopener ugc"


async def test_the_first_page_says_what_the_node_knows(client):
    page = await page_of(client, "/")

    assert "2 offers, 1 need and 3 organisations, published by 2 organisations" in page.text
    assert {"rel": "localfed", "href": "/.well-known/localfed.json"} in page.all("link")
    header = (await client.get("/")).headers["Link"]
    assert header.startswith('</.well-known/localfed.json>; rel="localfed"')


@pytest.mark.parametrize(
    "languages, words",
    [("en-GB,en;q=0.9", "20.6 miles"), ("de", "33.1 km"), ("", "33.1 km")],
)
async def test_distances_are_in_the_unit_of_the_reader(client, languages, words):
    page = await page_of(
        client, "/?q=drivers&near=54.6021,-2.3014", **{"Accept-Language": languages}
    )

    assert words.replace("20.6", "21").replace("33.1", "33") in page.text


async def test_texts_are_in_the_language_of_the_reader_and_say_which(town, client):
    welsh = await page_of(client, town.page_of("veg"), **{"Accept-Language": "cy"})
    other = await page_of(client, town.page_of("veg"), **{"Accept-Language": "fr"})

    assert "Bocs llysiau" in welsh.text
    assert "Veg box" not in welsh.text
    assert any(one.get("lang") == "cy" for one in welsh.all("span"))
    assert "Veg box" in other.text
    assert (await client.get("/")).headers["Vary"] == "Accept-Language"


async def test_the_state_of_a_search_is_in_its_address(client):
    page = await page_of(client, "/?q=veg&near=54.6,-2.3&radius=8.0&kind=offer&category=Food")

    fields = {one["name"]: one.get("value") for one in page.all("input") if "name" in one}
    assert fields == {"q": "veg", "near": "54.6,-2.3", "kind": "offer", "category": "Food"}
    chosen = [one["value"] for one in page.all("option") if "selected" in one]
    assert chosen == ["8.0"]


async def test_a_place_may_be_written_with_a_space(client):
    for near in ("54.6021, -2.3014", "54.6021 -2.3014", " 54.6021,-2.3014 "):
        answer = await client.get("/", params={"q": "veg", "near": near})

        assert "under 100 m" in await answer.text(), near


async def test_choices_keep_the_rest_of_the_search(client):
    page = await page_of(client, "/?q=&near=54.6,-2.3&radius=100")
    food = next(href for href in page.links() if "category=food" in href)

    assert parse_qs(urlsplit(food).query) == {
        "near": ["54.6,-2.3"],
        "radius": ["100"],
        "category": ["food"],
    }


async def test_a_chosen_choice_can_be_taken_back(client):
    page = await page_of(client, "/?q=veg&category=Food")
    chosen = [one for one in page.all("a") if one.get("aria-current") == "true"]

    assert [one["href"] for one in chosen] == ["/?q=veg"]


async def test_an_empty_page_helps_with_links_that_find_something(client):
    page = await page_of(client, "/?q=veg+submarine&near=54.9,-2.3&radius=5&kind=need")

    assert "Nothing was found" in page.text
    helping = [one for one in page.links() if one.startswith("/?") and "lang=" not in one]
    assert helping
    for href in helping:
        assert "Nothing was found" not in (await page_of(client, href)).text


async def test_a_search_that_cannot_be_understood_keeps_what_was_typed(client):
    answer = await client.get("/", params={"q": "veg", "near": "Nowhere"})
    page = Page(await answer.text())

    assert answer.status == 400
    assert page.faults == []
    assert "is no postcode, town or place" in page.text
    assert {one.get("name"): one["value"] for one in page.all("input")}["q"] == "veg"


async def test_a_radius_without_a_place_is_no_error(client):
    assert (await client.get("/?q=veg&near=&radius=8.0")).status == 200


async def test_bytes_that_are_no_text_are_no_error(client):
    for query in ("q=%FF%FE", "q=%ED%A0%80", "q=%00", "near=%F0%9F", "category=%C0%80"):
        answer = await client.get(URL(f"/?{query}", encoded=True))

        assert answer.status in {200, 400}, query


async def test_results_can_be_leafed_through(town, client):
    for number in range(25):
        await town.kitchen.publish({"type": "Offer", "name": f"Bread {number}"})
    await town.publish("last", {"type": "Offer", "name": "Bread last"})
    seen, path = set(), "/?q=bread"
    while path:
        page = await page_of(client, path)
        seen |= {href for href in page.links() if href.startswith("/documents/")}
        more = [one["href"] for one in page.all("a") if one.get("rel") == "next"]
        path = more[0] if more else ""

    assert len(seen) == 26


async def test_a_publisher_with_much_is_leafed_through(town, client):
    for number in range(60):
        await town.kitchen.publish({"type": "Offer", "name": f"Bread {number}"})
    scid = town.kitchen.did.split(":")[2]

    first = await page_of(client, f"/organisations/{scid}")
    second = await page_of(client, f"/organisations/{scid}?page=2")

    links = [
        {href for href in page.links() if href.startswith("/documents/")}
        for page in (first, second)
    ]
    assert [len(one) for one in links] == [50, 12]
    assert not links[0] & links[1]
    assert f"/organisations/{scid}?page=2" in first.links()


async def test_a_record_says_who_published_it_and_when_that_was_checked(town, client):
    veg = (await page_of(client, town.page_of("veg"))).text
    cycles = (await page_of(client, town.page_of("cycles"))).text
    scid = town.tools.did.split(":")[2]
    tools = (await page_of(client, f"/organisations/{scid}")).text

    assert "Published by Kitchen" in veg
    assert "CC BY 4.0, creativecommons.org" in veg
    assert "Listed by Tools ; not the word of the organisation itself" in cycles
    assert "Noticeboard, spring; licence: CC BY 4.0; board.example" in cycles
    assert "Checked 1 May" in cycles
    assert "Published by the organisation itself, confirmed 1 May 2026" in tools


async def test_a_record_can_be_verified_with_what_its_page_names(town, client):
    page = await page_of(client, town.page_of("advice"))

    commands = re.findall(r"curl -o \S+ '(https://kitchen\.example/\S+)'", page.text)
    assert len(commands) == 2
    for url in commands:
        assert (await client.get(urlsplit(url).path)).status == 200
    assert "localfed verify record.json --identity did.jsonl" in page.text


async def test_the_pages_of_each_that_is_hosted_are_at_home_on_its_own_host(town, client):
    did = await town.host("https://readers.example/", "Readers", 2)

    page = await page_of(client, f"/organisations/{did.split(':')[2]}")

    (canonical,) = [one["href"] for one in page.all("link") if one["rel"] == "canonical"]
    assert canonical == f"https://readers.example/organisations/{did.split(':')[2]}"


async def test_who_shares_the_machine_is_named_where_there_are_several(town, client):
    assert "Who is at home here" not in await (await client.get("/about")).text()
    await town.host("https://kitchen.example/chapel/", "Chapel", 1)

    about = await (await client.get("/about")).text()
    listed = await (await client.get("/organisations")).text()

    assert "Who is at home here" in about
    for page in (about, listed):
        assert "Chapel" in page
        assert "Kitchen" in page
    assert listed.count("Hosted on this node") == 2


async def test_the_canonical_address_of_a_record_is_at_its_publisher(town, client):
    def canonical(page):
        return [one["href"] for one in page.all("link") if one["rel"] == "canonical"]

    path = town.ids["advice"].split("/", 1)[1]
    assert canonical(await page_of(client, town.page_of("advice"))) == [
        f"https://tools.example/{path}"
    ]
    assert canonical(await page_of(client, town.page_of("veg"))) == [
        "https://kitchen.example" + town.page_of("veg")
    ]


async def test_what_was_not_confirmed_is_marked_and_later_hidden(town, client):
    town.federation.clock.advance(days=15)
    marked = await page_of(client, town.page_of("advice"))
    town.federation.clock.advance(days=15)
    hidden = await client.get(town.page_of("advice"), headers={"Accept": "text/html"})

    assert "Not confirmed by its publisher since 1 May 2026" in marked.text
    assert hidden.status == 404
    assert "has not confirmed" in await hidden.text()


async def test_an_offer_that_has_ended_says_so(town, client):
    await town.publish(
        "fair", {"type": "Offer", "name": "Fair", "validUntil": "2026-05-02T09:00:00Z"}
    )
    own = f"/organisations/{town.kitchen.did.split(':')[2]}"
    before = await page_of(client, own)
    town.federation.clock.advance(days=2)
    after, page = await page_of(client, own), await page_of(client, town.page_of("fair"))

    assert "This ended on 2 May 2026" in page.text
    # LF-LIST-3: neither shown nor counted with what is current.
    offers = int(re.search(r"(\d+) offers", before.text)[1])
    assert f"{offers - 1} offer" in after.text
    assert f"{offers} offers" not in after.text
    assert town.page_of("fair") in before.links()
    assert town.page_of("fair") not in after.links()
    everybody = await page_of(client, "/organisations")
    assert f"{offers} offers" not in everybody.text
    frame = await client.get(own.replace("/organisations/", "/embed/organisations/"))
    assert frame.status == 200
    assert "Fair" not in await frame.text()


async def test_an_expired_record_is_gone_for_people_too(town, client):
    town.federation.clock.advance(days=181)

    answer = await client.get(town.page_of("veg"), headers={"Accept": "text/html"})

    assert answer.status == 410
    assert "This is not here" in await answer.text()


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_stays_text_in_every_field_of_a_listing(town, client, text):
    await town.publish(
        "bad",
        {
            "type": "Offer",
            "name": {"en": text},
            "description": {"en": f"{text}\n{text}"},
            "category": [text],
            "keywords": [text],
            "url": "https://x.example/?q=%22%3E%3Cscript%3E",
            "location": [
                {
                    "name": {"en": text},
                    "latitude": "1.5",
                    "longitude": "1.5",
                    "address": {
                        "streetAddress": text,
                        "addressLocality": text,
                        "addressRegion": text,
                        "postalCode": text,
                    },
                }
            ],
        },
    )

    for path in (town.page_of("bad"), "/", "/?near=1.5,1.5", "/?kind=offer"):
        page = await page_of(client, path)

        assert page.faults == []
        assert text in page.text
        assert not any(name.startswith("on") for _, one in page.elements for name in one)


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_stays_text_in_every_field_of_an_organisation(town, client, text):
    await town.publish(
        "bad",
        {
            "type": "Organization",
            "listed": True,
            "name": {"en": text},
            "description": {"en": text},
            "legalForm": text,
            "identifier": [{"scheme": "GB-COH", "number": text}],
            "source": {"name": text, "edition": text, "license": text, "record": text},
        },
    )
    await town.publish("own", {"type": "Organization", "name": {"en": text}})
    scid = town.kitchen.did.split(":")[2]

    for path in (town.page_of("bad"), f"/organisations/{scid}", "/organisations", "/"):
        page = await page_of(client, path)

        assert page.faults == []
        assert text in page.text


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_stays_text_in_what_a_visitor_sends(client, text):
    for name in ("q", "near", "radius", "kind", "category", "cursor", "page"):
        answer = await client.get("/", params={name: text}, headers={"Accept-Language": text})

        assert Page(await answer.text()).faults == []
    answer = await client.get(f"/{text}", headers={"Accept": "text/html"})
    assert Page(await answer.text()).faults == []


async def test_the_networks_of_an_organisation_lead_to_their_pages(town, client):
    await town.kitchen.publish(
        {
            "type": "Organization",
            "name": "Kitchen",
            "memberOf": [
                {"name": "Tool libraries", "organisation": town.tools.did},
                {"name": "Food network", "url": "https://food.example/about"},
                "Neighbours",
            ],
        }
    )

    page = await page_of(client, f"/organisations/{town.kitchen.did.split(':')[2]}")

    links = {one["href"]: one.get("rel", "") for one in page.all("a")}
    assert f"/organisations/{town.tools.did.split(':')[2]}" in links
    assert links["https://food.example/about"] == "nofollow noopener ugc"
    assert all(name in page.text for name in ("Tool libraries", "Food network", "Neighbours"))
