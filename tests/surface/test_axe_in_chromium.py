"""The rules of axe-core for WCAG 2.2 AA and good practice, on every page, in a real browser: nothing is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from node_packages import installed
from surface.shown import PAGES, addresses, routes_of_pages
from web.test_partners import agree

AXE = installed(Path(__file__).parent) / "node_modules/axe-core/axe.min.js"

OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],
}

LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "narrow": {"viewport": {"width": 320, "height": 640}},
    "Welsh": {"locale": "cy"},
    "high contrast": {"forced_colors": "active"},
}


async def violations(page: Any) -> list[str]:
    """Run the rules on an open page; returns what is wrong and where."""
    # Evaluated by the debugger, which the page's policy does not bind, as nothing of it is in the page.
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("options => axe.run(document, options)", OPTIONS)
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']} {node['html'][:300]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def test_every_page_is_in_the_table():
    assert set(PAGES) == routes_of_pages()


@pytest_asyncio.fixture
async def lively(town):
    """The town with partners, so that pages have something to say."""
    await agree(town)
    return town


@pytest.mark.parametrize("look", LOOKS)
async def test_the_rules_find_nothing_on_any_page(lively, browser, look):
    wrong = {}
    root = str(lively.client.make_url("/"))
    context = await browser.new_context(base_url=root, **({"locale": "en-GB"} | LOOKS[look]))
    page = await context.new_page()

    for address in addresses(lively):
        await page.goto(address)
        for summary in await page.locator("summary").all():
            await summary.click()
        wrong[address] = await violations(page)

    assert {address: found for address, found in wrong.items() if found} == {}


async def test_the_rules_are_run_at_all(lively, visit):
    page = await visit("/", java_script_enabled=True)

    await page.evaluate("document.querySelector('#q').labels[0].remove()")

    assert [one for one in await violations(page) if "label" in one]


@pytest.mark.parametrize("look", LOOKS)
async def test_the_rules_find_nothing_in_the_widget(lively, browser, look):
    """Its shadow root is open: the rules look into it."""
    node = str(lively.client.make_url("/")).rstrip("/")
    widgets = "".join(
        f'<localfed-directory near="54.6,-2.3" view="{view}" {more}><a href="{node}/">The directory</a>'
        "</localfed-directory>"
        for view, more in (
            ("list", "map"),
            ("cards", 'lang="cy"'),
            ("compact", f'organisation="{lively.kitchen.did}" partners-only'),
            ("list", 'radius="no number"'),
            ("list", 'near="nowhere at all"'),
        )
    )
    page = await (await browser.new_context(**({"locale": "en-GB"} | LOOKS[look]))).new_page()
    host = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Our village</title>'
        f'<meta name="viewport" content="width=device-width"><main><h1>Our village</h1><h2>Near us</h2>{widgets}</main>'
        f'<script type="module" src="{node}/widget.js"></script>'
    )

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=host, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", answer)
    async with TestServer(app) as village:
        await page.goto(str(village.make_url("/")))
        await page.wait_for_function(
            "[...document.querySelectorAll('localfed-directory')]"
            ".every(one => one.shadowRoot && one.shadowRoot.textContent.trim().length > 40)"
        )
        await page.wait_for_timeout(300)

        assert await violations(page) == []
