"""Every page as the checker of the W3C reads it: no error and no warning, in each language, whoever wrote what is on it."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest_asyncio

from attacks.people_material import PAYLOADS, drafts_of
from localfed.app import search
from surface.shown import addresses
from web.conftest import PLACE
from web.test_partners import agree

SCHEDULE = [
    {"start": "2026-01-05T10:00", "minutes": 90, "timeZone": "Europe/London"}
    | {"repeat": "FREQ=WEEKLY;BYDAY=MO"},
    {"start": "2026-06-06T14:30", "minutes": 60, "timeZone": "Europe/London"},
]


@pytest_asyncio.fixture
async def lively(town):
    """The town with partners and times, so that pages have something to say."""
    await agree(town)
    await town.publish(
        "yoga",
        {
            "type": "Offer",
            "name": {"en": "Yoga", "ar": "يوغا"},
            "description": "With mats.\n\nBring socks.",
            "location": PLACE,
            "schedule": SCHEDULE,
            "cost": [{"basis": "pay", "amount": "5", "currency": "GBP"}],
            "audience": ["older-people"],
        },
    )
    return town


async def fetch(town, paths, **headers):
    """Get pages, whatever their status, each under a name of its own."""
    found = {}
    for number, path in enumerate(paths):
        answer = await town.client.get(path, headers={"Accept": "text/html", **headers})
        assert answer.content_type == "text/html", path
        name = re.sub(r"[^a-z0-9]+", "-", path.lower())[:60].strip("-")
        found[f"{number:02}-{name or 'first'}.html"] = await answer.read()
    return found


async def test_the_checker_finds_what_is_wrong(check_markup):
    wrong = check_markup({"wrong.html": b"<!doctype html><title>x</title><p><div id=a id=a></p>"})

    assert len(wrong) > 1


async def test_no_page_has_an_error_or_a_warning(lively, check_markup):
    paths = [
        *addresses(lively),
        lively.page_of("yoga"),
        "/?q=vegg",
        "/?q=nothing-of-that-name&near=54.6,-2.3&radius=1&kind=offer",
        "/?q=yoga&near=54.6,-2.3&radius=5&kind=offer&category=Food",
        "/?near=nowhere-at-all",
        "/nothing",
        f"/organisations/{'Q' * 46}",
    ]

    assert check_markup(await fetch(lively, paths)) == []
    assert check_markup(await fetch(lively, paths, **{"Accept-Language": "cy"})) == []


async def test_no_text_of_a_publisher_makes_a_page_wrong(town, check_markup):
    paths = []
    for text in PAYLOADS.values():
        for draft in drafts_of(text):
            town.ids["bad"] = await town.kitchen.publish(draft)
            paths.append(town.page_of("bad"))
    await search.catch_up(town.kitchen.ports)
    paths += [f"/?q={quote(text)}" for text in PAYLOADS.values()]
    paths += ["/", "/organisations", f"/organisations/{town.kitchen.did.split(':')[2]}"]

    assert check_markup(await fetch(town, paths)) == []


async def test_style_sheets_and_drawings_are_right(town, check_markup):
    files = {}
    for name in ("style.css", "embed.css", "icon.svg"):
        files[name] = await (await town.client.get(f"/static/{name}")).read()

    assert check_markup(files) == []
