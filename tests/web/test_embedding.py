"""Embeds, oEmbed and the page of snippets: what comes over the wire."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest

from attacks.people_material import PAYLOADS
from localfed.web.routes import ROUTES
from web.pages_read import ALLOWED, Page

FRAMED = "frame-ancestors *"
FRAME_PATHS = ("/embed", "/embed/organisations/", "/embed/documents/")


class Loose(Page):
    """A page that may hold the scripts and frames of this node."""

    def handle_starttag(self, tag, attrs):
        if tag in {"script", "iframe", "main"}:
            assert dict(attrs).get("src", "/").startswith("/")
            ALLOWED.add(tag)
        super().handle_starttag(tag, attrs)
        ALLOWED.difference_update({"script", "iframe"})


async def read(client, path, status=200, **headers):
    answer = await client.get(path, headers=headers)
    assert answer.status == status, (path, answer.status)
    page = Loose(await answer.text())
    assert page.faults == [], path
    return answer, page


def scid_of(node):
    return node.did.split(":")[2]


def oembed(url, **more):
    return f"/oembed?{urlencode({'url': url, **more})}"


# --- frames ----------------------------------------------------------------------------------


async def test_a_frame_shows_what_the_page_of_the_search_finds(town, client):
    _, page = await read(client, "/embed?q=veg&near=54.6,-2.3&radius=5&kind=offer")

    assert "Veg box" in page.text
    assert "Vegetables from allotments" in page.text
    assert "Published by Kitchen (kitchen.example), checked" in page.text
    assert "All results (1) · kitchen.example" in page.text
    assert town.page_of("veg") in page.links()
    assert "/?q=veg&near=54.6%2C-2.3&radius=5&kind=offer" in page.links()


async def test_every_frame_has_the_icon_of_the_node_and_may_load_it(town, client):
    for path in (
        "/embed?q=veg",
        "/embed?near=nowhere",
        f"/embed/organisations/{scid_of(town.kitchen)}",
    ):
        answer = await client.get(path)
        (icon,) = [one for one in Loose(await answer.text()).all("link") if one["rel"] == "icon"]
        assert icon["href"] == "/static/icon.svg"
        assert "img-src 'self'" in answer.headers["Content-Security-Policy"]


async def test_browsers_that_ask_for_an_icon_by_themselves_get_the_same(client):
    asked = await client.get("/favicon.ico")
    linked = await client.get("/static/icon.svg")

    assert (asked.status, asked.content_type) == (200, "image/svg+xml")
    assert await asked.read() == await linked.read()
    assert asked.headers["Cache-Control"] == linked.headers["Cache-Control"]


async def test_every_link_of_a_frame_opens_a_page_of_its_own(town, client):
    for path in ("/embed", f"/embed/organisations/{scid_of(town.tools)}", "/embed?limit=x"):
        _, page = await read(client, path, 400 if path.endswith("x") else 200)

        assert page.all("a")
        for link in page.all("a"):
            assert (link["target"], link["rel"]) == ("_blank", "noopener")
            assert (await client.get(link["href"])).status == 200


async def test_a_frame_says_how_its_search_was_understood(client):
    _, misspelled = await read(client, "/embed?q=vegg")
    _, wider = await read(client, "/embed?q=mending")
    _, plain = await read(client, "/embed?q=veg")

    assert "Showing results for “veg” instead of “vegg”." in misspelled.text
    assert "Little here says “mending”, so what is about repair is shown, too." in wider.text
    assert "Repair advice" in wider.text
    assert "Showing results" not in plain.text
    assert "Little here" not in plain.text


async def test_a_compact_frame_leaves_texts_out(client):
    _, page = await read(client, "/embed?q=veg&view=compact")

    assert "Veg box" in page.text
    assert "allotments" not in page.text


async def test_a_frame_has_as_many_results_as_its_page_wants(client):
    _, page = await read(client, "/embed?limit=2")

    assert len(page.all("article")) == 2
    assert "All results (6) ·" in page.text


async def test_a_frame_speaks_the_language_of_its_page_before_that_of_the_visitor(client):
    _, page = await read(client, "/embed?q=veg&lang=cy", **{"Accept-Language": "en"})

    assert "Bocs llysiau" in page.text


async def test_a_frame_of_an_organisation_shows_what_it_publishes(town, client):
    _, page = await read(client, f"/embed/organisations/{scid_of(town.tools)}")

    assert "Repair advice" in page.text
    assert "Cycle club" in page.text
    assert "Listed here; not the word of the organisation itself" in page.text
    assert f"/organisations/{scid_of(town.tools)}" in page.links()


async def test_a_frame_of_a_record_shows_that_alone(town, client):
    _, page = await read(client, "/embed" + town.page_of("veg"))

    assert len(page.all("article")) == 1
    assert "Veg box" in page.text


async def test_a_frame_speaks_welsh(client):
    _, page = await read(client, "/embed?near=54.6,-2.3&lang=cy")

    assert page.all("html")[0]["lang"] == "cy"
    assert "Cyhoeddwyd gan Kitchen" in page.text
    assert all("lang=cy" in href for href in page.links())


async def test_nothing_found_is_said_and_not_left_empty(client):
    _, page = await read(client, "/embed?q=zeppelin")

    assert "Nothing was found." in page.text
    assert "Search everything · kitchen.example" in page.text


@pytest.mark.parametrize(
    "query, said",
    [
        ("near=nowhere+at+all", "Search this node"),
        ("near=54.6,-2.3&radius=0", "Radius"),
        ("near=54.6,-2.3&radius=1000000000", "Radius"),
        ("kind=miracle", "offer"),
        ("limit=0", "from 1 to 50"),
        ("limit=51", "from 1 to 50"),
        ("limit=%D9%A1", "from 1 to 50"),
        ("view=hologram", "list, cards, compact"),
        ("theme=%3Cscript%3E", "auto, light, dark"),
        ("lang=..%2F..", "language tag"),
        ("raduis=2", "no parameter 'raduis'"),
    ],
)
async def test_what_is_wrong_with_a_frame_is_said_within_it(client, query, said):
    answer, page = await read(client, f"/embed?{query}", 400)

    assert said in page.text
    assert "This cannot be shown" in page.text
    assert FRAMED in answer.headers["Content-Security-Policy"]


async def test_what_is_not_here_is_said_within_the_frame(town, client):
    for path in (
        "/embed/organisations/" + "Q" * 46,
        f"/embed/documents/{scid_of(town.kitchen)}/d/nothing",
    ):
        answer, page = await read(client, path, 404, Accept="text/html")

        assert "This cannot be shown" in page.text
        assert FRAMED in answer.headers["Content-Security-Policy"]


async def test_a_fault_of_ours_is_seen_in_the_frame_too(town, client, monkeypatch):
    def fail(*_):
        raise RuntimeError

    monkeypatch.setattr(type(town.kitchen.index), "search", fail)

    answer = await client.get("/embed?q=veg", headers={"Accept": "text/html"})

    assert answer.status == 500
    assert "Something went wrong on this node" in await answer.text()
    assert FRAMED in answer.headers["Content-Security-Policy"]


async def test_frames_alone_may_be_framed(town, client):
    for path in ("/", "/about", "/embed/make", town.page_of("veg"), "/no-such-page", "/embedded"):
        answer = await client.get(path, headers={"Accept": "text/html"})

        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], path
    answer = await client.get("/embed")
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
        "form-action 'none'; frame-ancestors *; base-uri 'none'"
    )
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in answer.headers


async def test_every_parameter_of_the_search_page_is_one_of_frames(client):
    described = await (await client.get("/api/v1/openapi.json")).json()

    def names(path):
        found = described["paths"][path]["get"]["parameters"]
        return {
            one.get("name")
            or described["components"]["parameters"][one["$ref"].rpartition("/")[2]]["name"]
            for one in found
        }

    assert names("/embed") == names("/") - {"cursor"} | {"view", "theme", "lang", "limit"}
    assert names("/embed/make") == names("/embed") - {"lang"} | {"texts"}


async def test_an_unchanged_frame_is_not_sent_again(client):
    first = await client.get("/embed")

    again = await client.get("/embed", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status == 304
    assert first.headers["Vary"] == "Accept-Language"


# --- oEmbed ----------------------------------------------------------------------------------


async def test_a_search_can_be_pasted(town, client):
    url = "https://kitchen.example/?q=veg&near=54.6,-2.3&cursor=AAAAAAAAAAA"

    answer = await client.get(oembed(url))

    value = await answer.json()
    assert answer.headers["Content-Type"] == "application/json"
    assert (value["type"], value["version"], value["provider_name"]) == (
        "rich",
        "1.0",
        "Kitchen node",
    )
    assert value["title"] == "“veg”, near 54.6, -2.3 · Kitchen node"
    assert value["html"].startswith(
        '<blockquote class="wp-embedded-content"><a href="https://kitchen.example/'
        '?q=veg&amp;near=54.6%2C-2.3">'
    )
    assert 'src="https://kitchen.example/embed?q=veg&amp;near=54.6%2C-2.3"' in value["html"]
    assert 'sandbox="allow-scripts" security="restricted"' in value["html"]
    assert (await client.get("/embed?q=veg&near=54.6%2C-2.3")).status == 200


async def test_organisations_and_records_can_be_pasted(town, client):
    for page, title in (
        (f"/organisations/{scid_of(town.tools)}", "Tools"),
        ("/", "Find something near you · Kitchen node"),
        (town.page_of("veg"), "Veg box"),
    ):
        value = await (await client.get(oembed(f"https://kitchen.example{page}"))).json()

        assert value["title"] == title
        frame = Loose(value["html"].replace("https://kitchen.example", "")).all("iframe")[0]
        assert (await client.get(frame["src"])).status == 200


async def test_an_organisation_hosted_here_is_known_by_its_own_address_too(town, client):
    await town.host("https://kitchen.example/bakery/", "Bakery", 77)

    value = await (await client.get(oembed("https://kitchen.example/bakery/"))).json()

    assert value["title"] == "Bakery"


async def test_the_frame_has_a_size_that_fits(client):
    for more, size in (
        ({}, (600, 480)),
        ({"maxwidth": "320", "maxheight": "300"}, (320, 300)),
        ({"maxwidth": "1", "maxheight": "1"}, (200, 200)),
        ({"maxwidth": "9" * 40, "maxheight": "9" * 40}, (600, 480)),
    ):
        value = await (await client.get(oembed("https://kitchen.example/", **more))).json()

        assert (value["width"], value["height"]) == size
        assert f'width="{size[0]}" height="{size[1]}"' in value["html"]


async def test_the_same_is_answered_as_xml(town, client):
    url = f"https://kitchen.example{town.page_of('veg')}"
    as_json = await (await client.get(oembed(url, format="json"))).json()

    answer = await client.get(oembed(url, format="xml"))

    root = ET.fromstring(await answer.text())  # noqa: S314 - our own
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert root.tag == "oembed"
    assert {one.tag: one.text for one in root} == {
        name: str(value) for name, value in as_json.items()
    }


@pytest.mark.parametrize(
    "query, status, code",
    [
        ({}, 400, "bad-query"),
        ({"url": ""}, 400, "bad-query"),
        ({"url": "https://kitchen.example/", "format": "yaml"}, 501, "unknown-format"),
        ({"url": "https://kitchen.example/", "maxwidth": "wide"}, 400, "bad-query"),
        ({"url": "https://elsewhere.example/?q=veg"}, 404, "unknown-page"),
        ({"url": "https://kitchen.example.evil.example/"}, 404, "unknown-page"),
        ({"url": "https://kitchen.example@evil.example/"}, 404, "unknown-page"),
        ({"url": "file:///etc/passwd"}, 404, "unknown-page"),
        ({"url": "http://[::1"}, 404, "unknown-page"),
        ({"url": "https://kitchen.example/%ff"}, 404, "unknown-page"),
        ({"url": "https://kitchen.example/about"}, 404, "unknown-page"),
        ({"url": "https://kitchen.example/?near=nowhere+at+all+of+that+name"}, 404, "unknown-page"),
        ({"url": "https://kitchen.example/organisations/" + "Q" * 46}, 404, "unknown-page"),
        ({"url": "https://kitchen.example/?q=" + "x" * 3000}, 200, None),
    ],
)
async def test_oembed_says_what_it_cannot_answer(client, query, status, code):
    answer = await client.get(f"/oembed?{urlencode(query)}")

    assert answer.status == status
    value = await answer.json(content_type=None)
    assert value.get("code") == code
    if code:
        assert value["next"]


async def test_pages_tell_programs_how_they_are_embedded(town, client):
    for path in ("/?q=veg", f"/organisations/{scid_of(town.tools)}", town.page_of("veg")):
        answer = await client.get(path)
        page = Loose(await answer.text())

        links = {one.get("type"): one for one in page.all("link") if one["rel"] == "alternate"}
        for kind in ("application/json+oembed", "text/xml+oembed"):
            href = links[kind]["href"]
            assert f'<{href}>; rel="alternate"; type="{kind}"' in answer.headers["Link"]
            found = await client.get(href.removeprefix("https://kitchen.example"))
            assert found.status == 200
            assert "Kitchen node" in await found.text()


async def test_a_search_that_did_not_work_is_not_offered_for_embedding(client):
    answer = await client.get("/?near=nowhere+at+all")

    assert "oembed" not in answer.headers["Link"]
    assert "oembed" not in await answer.text()


async def test_a_long_search_does_not_make_a_header_that_clients_refuse(client):
    answer = await client.get("/?q=" + "%E6%9C%A8" * 900)

    assert answer.status == 200
    assert len(answer.headers["Link"]) < 4_000
    assert "application/json+oembed" in await answer.text()


# --- snippets --------------------------------------------------------------------------------


async def test_snippets_say_what_the_form_says(client):
    _, page = await read(
        client, "/embed/make?q=veg&near=54.6,-2.3&radius=5&kind=offer&limit=3&texts=cy&view=cards"
    )

    assert (
        '<localfed-directory q="veg" near="54.6,-2.3" radius="5" kind="offer" view="cards" limit="3" '
        'lang="cy">' in page.text
    )
    assert '<script type="module" src="https://kitchen.example/widget.js"></script>' in page.text
    assert '<script src="https://kitchen.example/embed.js" async></script>' in page.text
    assert page.all("iframe")[0]["src"] == (
        "/embed?q=veg&near=54.6%2C-2.3&radius=5&kind=offer&view=cards&limit=3&lang=cy"
    )
    assert (await client.get(page.all("iframe")[0]["src"])).status == 200
    assert any(one.get("value") == "veg" for one in page.all("input"))


async def test_hostile_words_stay_the_value_of_one_attribute_of_the_widget(client):
    words = """"><script>alert(1)</script><i q='"""
    _, page = await read(client, "/embed/make?" + urlencode({"q": words}))

    # The page's text is the snippet as it is copied: what a browser makes of it is one element.
    snippet = page.text[page.text.index("<localfed-directory") :]
    tag = snippet[: snippet.index(">") + 1]
    assert tag == f'<localfed-directory q="{escape(words)}" limit="10">'
    assert "<script>alert" not in page.text


async def test_the_maker_says_what_is_wrong_and_keeps_what_was_written(client):
    _, page = await read(client, "/embed/make?limit=many&q=veg", 400)

    assert "Limit is a number from 1 to 50" in page.text
    assert page.all("iframe") == []
    assert {one.get("value") for one in page.all("input")} >= {"veg", "many"}


async def test_a_distance_without_a_place_is_left_out(client):
    _, page = await read(client, "/embed/make?radius=5&near=")

    assert "radius=" not in page.all("iframe")[0]["src"]


async def test_the_maker_frames_this_node_alone(client):
    policy = (await client.get("/embed/make")).headers["Content-Security-Policy"]

    assert "frame-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


# --- attacks ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(PAYLOADS))
async def test_hostile_words_stay_words(town, client, name):
    text = PAYLOADS[name]
    await town.publish("bad", {"type": "Offer", "name": text, "description": text})
    query = urlencode({"q": text, "category": text[:300]})

    for path in ("/embed", "/embed?view=compact", "/embed" + town.page_of("bad")):
        await read(client, path)
    _, frame = await read(client, f"/embed?{query}")
    _, page = await read(client, f"/embed/make?{query}")
    answer = await client.get(oembed(f"https://kitchen.example{town.page_of('bad')}"))
    value = await answer.json()
    inside = Loose("<!doctype html>\n" + value["html"].replace("https://kitchen.example", ""))

    assert len(frame.all("script")) == 1
    assert len(page.all("iframe")) == 1
    assert [tag for tag, _ in inside.elements] == ["blockquote", "a", "iframe"]
    assert f">{escape(value['title'])}</a>" in value["html"]
    as_xml = await client.get(oembed(f"https://kitchen.example{town.page_of('bad')}", format="xml"))
    assert ET.fromstring(await as_xml.text()).tag == "oembed"  # noqa: S314 - our own


def test_nothing_else_may_be_framed():
    below = {one.path for one in ROUTES if one.path.startswith(FRAME_PATHS)}

    assert len(below) == 5  # three frames, the maker and the script
