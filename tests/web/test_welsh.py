"""Pages in Welsh have no English of ours left: what both say alike was written by somebody else, and is marked so."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from aiohttp import hdrs

from localfed.protocol.errors import LocalFedError
from localfed.web import telling
from localfed.web.errors import problem_of
from translations import messages

SEEN = ("aria-label", "alt", "title", "placeholder", "data-copied", "data-copy", "data-by-hand")
VOID = ("area", "br", "hr", "img", "input", "link", "meta", "wbr", "source")
SAME = frozenset({"Cymraeg", "English", "localfed", "Kitchen node", "LocalFed", "oEmbed"})
"""What is called the same in both."""

THEIRS = frozenset(
    {
        *("Kitchen", "Drivers", "Repair advice", "Cycle club", "Association"),
        *("Aldwater", "Farwater", "creativecommons.org"),
    }
)
"""What the publishers of the town wrote, and where its links lead."""


class Words(HTMLParser):
    """What a page itself says: not what stands in another language, in code, or in a style."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language
        self.said: list[str] = []
        self._silent: list[bool] = []

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        lang = known.get("lang")
        is_silent = (
            bool(self._silent and self._silent[-1])
            or tag in {"code", "script", "style"}
            or (lang is not None and lang != self.language)
        )
        if not is_silent:
            self.said += [known[name] for name in SEEN if known.get(name)]
        if tag not in VOID:
            self._silent.append(is_silent)

    def handle_endtag(self, tag):
        if tag not in VOID and self._silent:
            self._silent.pop()

    def handle_data(self, data):
        if not (self._silent and self._silent[-1]) and data.strip():
            self.said.append(" ".join(data.removesuffix(" · Kitchen node").split()))


def words_of(page: str, language: str) -> set[str]:
    words = Words(language)
    words.feed(page)
    # Hosts, numbers, and what stands between others say nothing in any language.
    return {
        said
        for said in words.said
        if re.search(r"[^\W\d_]{3}", said)
        and not re.fullmatch(r"[(]?[a-z0-9.-]+\.example[)]?", said)
    }


async def both(client, path, status=200):
    pages = []
    for language in ("en", "cy"):
        headers = {hdrs.ACCEPT_LANGUAGE: language, hdrs.ACCEPT: "text/html"}
        answer = await client.get(path, headers=headers)
        page = await answer.text()
        assert answer.status == status, path
        assert f'<html lang="{language}"' in page
        pages.append(page)
    english, welsh = words_of(pages[0], "en"), words_of(pages[1], "cy")
    assert len(english) > 5
    return english, welsh


def left(english, welsh):
    return {said for said in english & welsh if said.strip(":. ") not in SAME | THEIRS}


@pytest.mark.parametrize("path", ["/about", "/ties", "/report"])
async def test_a_page_in_welsh_has_no_english_of_ours(client, path):
    assert left(*await both(client, path)) == set()


@pytest.mark.parametrize("name", ["veg", "drivers", "advice", "cycles"])
async def test_a_record_in_welsh_has_no_english_of_ours(town, name):
    assert left(*await both(town.client, town.page_of(name))) == set()


async def test_an_organisation_in_welsh_has_no_english_of_ours(town):
    path = town.page_of("veg").split("/", 3)[2]

    assert left(*await both(town.client, f"/organisations/{path}")) == set()


@pytest.mark.parametrize("query", ["", "?kind=correction", "?sent=mail", "?sent=message"])
async def test_the_form_for_visitors_speaks_welsh(town, query):
    path = town.page_of("veg").replace("/documents/", "/enquiries/")

    assert left(*await both(town.client, path + query)) == set()


@pytest.mark.parametrize(
    "path,status",
    [
        ("/nothing-here", 404),
        ("/organisations?page=0", 404),
        ("/report?since=soon", 400),
        ("/embed?view=round", 400),
    ],
)
async def test_what_went_wrong_is_told_in_welsh_or_marked_as_english(client, path, status):
    assert left(*await both(client, path, status)) == set()


async def test_what_is_posted_in_welsh_is_thanked_for_in_welsh(town):
    path = town.page_of("veg").replace("/documents/", "/enquiries/")

    answer = await town.client.get(f"{path}?lang=cy")

    assert f'action="{path}?lang=cy"' in await answer.text()


async def test_an_answer_that_leads_on_keeps_the_language(client, town):
    path = town.page_of("veg").replace("/documents/", "/enquiries/")
    page = await (await client.get(f"{path}?lang=cy")).text()
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    form = {"token": token, "kind": "question", "text": "Helo", "website": "filled by a program"}

    answer = await client.post(f"{path}?lang=cy", data=form, allow_redirects=False)

    assert answer.status == 303
    assert answer.headers[hdrs.LOCATION].endswith("&lang=cy")


async def test_two_languages_of_one_picture_are_kept_apart(client):
    english, welsh = await both(client, "/ties")
    again, _ = await both(client, "/ties")

    assert english == again
    assert not left(english, welsh)


async def test_programs_are_told_in_english_whatever_their_language(client):
    answer = await client.get("/api/v1/search?limit=0", headers={hdrs.ACCEPT_LANGUAGE: "cy"})

    problem = await answer.json(content_type=None)
    assert problem["title"] == "A question that cannot be understood."


def test_titles_of_errors_are_those_of_the_tree():
    """Else a page would tell another error than the code says."""
    titles = {one.code: problem_of(one("x")).title for one in all_errors()}
    own = {"error", "refused", "unknown-format"}  # said otherwise to visitors than to programs

    for code, title in telling._titles().items():
        assert code in titles
        if code not in own:
            assert titles[code] == title
            assert title in messages()


def all_errors(kind: type[LocalFedError] = LocalFedError) -> list[type[LocalFedError]]:
    return [kind, *(each for one in kind.__subclasses__() for each in all_errors(one))]


def test_an_error_without_words_in_a_language_is_marked_as_english():
    told = telling.tell(code="x", status=400, title="An odd one.", message="very odd")

    assert (told.title.lang, told.message.text) == ("en", "Very odd.")
