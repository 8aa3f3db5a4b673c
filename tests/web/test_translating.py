"""What a node says in Welsh: everything, in addresses that keep the language, marked as not reviewed."""

from __future__ import annotations

import re

import pytest
from aiohttp import hdrs

from localfed.protocol.worded import Worded
from localfed.web import telling
from localfed.web.translating import LANGUAGES, SOURCE, catalogue, keep_language
from translations import errors_said, file_of, messages, put_in_order, read_catalogue

WELSH = {hdrs.ACCEPT_LANGUAGE: "cy, en;q=0.5"}
OTHERS = sorted(set(LANGUAGES) - {SOURCE})
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]*\}")


async def read(client, path, **headers):
    answer = await client.get(path, headers=headers)
    assert answer.status == 200, path
    return await answer.text()


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing(language):
    known = read_catalogue(language)

    lacking = []
    for said in messages():
        message = known.get(said if isinstance(said, str) else said[0])
        string = message.string if message is not None else ""
        if not all(string if isinstance(string, (tuple, list)) else (string,)):
            lacking.append(said)

    assert lacking == [], "translate it in the catalogue; `make translations` adds the lines"


@pytest.mark.parametrize("language", OTHERS)
def test_every_translation_has_the_placeholders_of_its_source(language):
    wrong = []
    for message in read_catalogue(language):
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
        strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        wanted = set(PLACEHOLDER.findall(sources[-1]))
        for string in strings:
            found = set(PLACEHOLDER.findall(string))
            # A form for exactly one or two may do without its number.
            if found != wanted and not (len(strings) > 1 and found < wanted):
                wrong.append((message.id, string))

    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogue_is_in_order(language):
    before = file_of(language).read_text(encoding="utf-8")

    put_in_order(language)

    after = file_of(language).read_text(encoding="utf-8")
    file_of(language).write_text(before, encoding="utf-8")
    assert after == before, "make translations"


async def test_a_browser_that_prefers_welsh_is_answered_in_welsh(client):
    page = await read(client, "/about", **WELSH)

    assert '<html lang="cy" dir="ltr">' in page
    assert catalogue("cy").gettext("Skip to the content") in page
    assert "Skip to the content" not in page
    assert (
        catalogue("cy").gettext(
            "This translation has not been reviewed yet by somebody who speaks it."
        )
        in page
    )


async def test_an_address_can_ask_for_a_language_and_every_link_keeps_it(client):
    page = await read(client, "/?q=veg&lang=cy", **{hdrs.ACCEPT_LANGUAGE: "en-GB"})

    assert '<html lang="cy"' in page
    links = re.findall(r'href="(/[^"]*)"', page)
    pages = [
        one
        for one in links
        if not one.startswith(("/static/", "/api/", "/media/", "/widget", "/.well-known/"))
    ]
    assert pages
    assert [one for one in pages if "lang=" not in one] == []
    assert page.count("lang=en") == 1, "the way back"
    assert '<input type="hidden" name="lang" value="cy">' in page


async def test_without_it_addresses_stay_clean(client):
    page = await read(client, "/?q=veg", **WELSH)

    assert re.findall(r'href="(/[^"]*lang=[^"]*)"', page) == ["/?q=veg&amp;lang=en"]


@pytest.mark.parametrize(
    "asked", ["", "xx", "cy'", "<script>", "CY", "cy,en", "../../cy", "x" * 7000]
)
async def test_a_language_that_there_is_not_is_passed_over(client, asked):
    answer = await client.get("/about", params={"lang": asked})

    assert answer.status == 200
    assert '<html lang="en"' in await answer.text()


async def test_two_visitors_at_once_each_get_their_language(client):
    one = await read(client, "/about", **WELSH)
    other = await read(client, "/about", **{hdrs.ACCEPT_LANGUAGE: "en"})

    assert '<html lang="cy"' in one
    assert '<html lang="en"' in other


async def test_an_error_is_told_in_the_language_of_the_visitor(client):
    answer = await client.get("/no-such-page?lang=cy", headers={hdrs.ACCEPT: "text/html"})

    assert answer.status == 404
    assert '<html lang="cy"' in await answer.text()


def test_a_language_is_written_into_addresses_of_pages_alone():
    page = (
        '<a href="/a?x=1#y">a</a><a href="/static/s.css">s</a><a href="https://x.example/">x</a>'
        '<a href="//x.example/">x</a><a href="/b?lang=en">b</a><form action="/c" method="get"></form>'
        '<form action="/d" method="post"></form> href=&#34;/e&#34;'
    )

    assert keep_language(page, "cy") == (
        '<a href="/a?x=1&amp;lang=cy#y">a</a><a href="/static/s.css">s</a>'
        '<a href="https://x.example/">x</a><a href="//x.example/">x</a><a href="/b?lang=en">b</a>'
        '<form action="/c?lang=cy" method="get"><input type="hidden" name="lang" value="cy"></form>'
        '<form action="/d?lang=cy" method="post"></form> href=&#34;/e&#34;'
    )


STATIC = file_of("cy").parents[3] / "static"


@pytest.mark.parametrize("name", sorted(one.name for one in STATIC.glob("*.css")))
def test_a_style_sheet_names_no_side(name):
    """Left and right are where a line begins and ends only in some languages."""
    sheet = re.sub(r"/\*.*?\*/", "", (STATIC / name).read_text(encoding="utf-8"), flags=re.DOTALL)

    sided = re.findall(
        r"(?:margin|padding|border)-(?:left|right)[a-z-]*\s*:|(?:^|[{;])\s*(?:left|right)\s*:"
        r"|(?:text-align|float|clear)\s*:\s*(?:left|right)",
        sheet,
        re.MULTILINE,
    )
    assert sided == []


async def test_a_language_written_from_right_to_left_would_turn_the_page_round(client, monkeypatch):
    monkeypatch.setitem(LANGUAGES, "ar", "العربية")
    monkeypatch.setattr("localfed.web.translating.catalogue", lambda _: catalogue(SOURCE))

    page = await read(client, "/about?lang=ar")

    assert '<html lang="ar" dir="rtl">' in page


# --- errors with values in them --------------------------------------------------------------


def test_no_message_that_pages_show_is_glued_together():
    """What is glued together in English cannot be said in another language."""
    # Of places the page makes its own sentence.
    assert [one for one in errors_said()[1] if "whereabouts" not in one] == []


@pytest.mark.parametrize(
    "path, said",
    [
        ("/?near=54.6,-2.3&radius=30000", "mwy na 0 a dim mwy na 20040;"),
        ("/?cost=gold", "mae cost yn un o "),
        ("/?near=BT1+1AA", "nid yw codau post Gogledd Iwerddon ymhlith"),
        ("/?near=Leeds&near=Bradford", "mae near yn y cyfeiriad ddwywaith"),
    ],
)
async def test_errors_with_values_are_said_in_the_language_of_the_page(client, path, said):
    answer = await client.get(path + "&lang=cy")
    page = await answer.text()

    assert answer.status == 400
    assert said.casefold() in page.casefold()
    assert '<span lang="en"' not in page.partition("<main")[2].partition("</main")[0]


def test_a_translation_that_names_what_there_is_not_is_passed_over(monkeypatch):
    monkeypatch.setattr(telling, "_", lambda _: "hyd at {nothing} km")

    assert telling.say_message(Worded("at most {most} km", most=5)).text == "At most 5 km."
