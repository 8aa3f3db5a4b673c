"""The widget in a real browser: a node at one address of this machine, websites that embed it at another.

Here: the node, the websites and their pages, everything that the browser asks for and complains of. The
records are those of the tests of the web floor (`web/conftest.py`), and more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page

from localfed.web.routes import make_app
from web.browsing import browser, complaint_of, failures_of
from web.conftest import PLACE, Town, map_files, town

__all__ = ["PLACE", "browser", "map_files", "town"]


async def told(page: Page, name: str) -> list[Any]:
    """The details of the events of this name that the page has heard."""
    return [detail for event, detail in await page.evaluate("told") if event == name]


async def settled(page: Page, count: int = 1) -> None:
    """Wait until widgets have shown results, or said what is wrong, so many times."""
    # Not `wait_for_function`: a strict policy for scripts forbids what that does.
    for _ in range(200):
        heard = await page.evaluate(
            "told.filter(([name]) => name in {results: 1, error: 1}).length"
        )
        if heard >= count:
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"no {count} answers: {await page.evaluate('told')}")


class Website:
    """Somebody else's website, which embeds the directory."""

    def __init__(self, town: Town, node: str) -> None:
        self.town = town
        self.node = node
        self.pages: dict[str, tuple[str, dict[str, str]]] = {}
        self.origin = ""
        self.requests: list[Any] = []
        self.complaints: list[str] = []
        self.expected: list[str] = []
        """Parts of complaints that a test makes happen itself."""

    async def answer(self, request: web.Request) -> web.Response:
        if request.path not in self.pages:
            return web.Response(status=204)
        body, headers = self.pages[request.path]
        return web.Response(text=body, content_type="text/html", headers=headers)

    def body_of(
        self, content: str, *, script: str = "widget.js", head: str = "", html: str = "lang=en-GB"
    ) -> str:
        address = f"{self.node}/{script}"
        return (
            f"<!doctype html><html {html}><head><meta charset=utf-8><title>Our village</title>"
            f"{head}"
            f'<script type="module" src="{address}"></script></head><body>{content}</body></html>'
        )


@pytest.fixture
async def website(town) -> AsyncIterator[Website]:
    # The node that the widget talks to says its own address, as a real one does.
    server = TestServer(web.Application())
    await server.start_server()
    port = server.port
    await server.close()
    node = msgspec.structs.replace(town.node, url=f"http://127.0.0.1:{port}/")
    served = TestServer(make_app(node), port=port)
    await served.start_server()
    site = Website(town, f"http://127.0.0.1:{port}")
    site.served = served
    app = web.Application()
    app.router.add_get("/{path:.*}", site.answer)
    other = TestServer(app)
    await other.start_server()
    site.origin = str(other.make_url("/")).rstrip("/")
    yield site
    await served.close()
    await other.close()


@pytest.fixture
async def embed(website, browser):
    """`await embed(content, ...)`: a visitor opens a page with this content; complaints and strangers fail."""
    contexts = []

    async def open_page(
        content: str,
        *,
        headers: dict[str, str] | None = None,
        path: str = "/",
        page_of: dict[str, Any] | None = None,
        waits: bool = True,
        **options: Any,
    ) -> Page:
        website.pages[path] = (website.body_of(content, **(page_of or {})), headers or {})
        context = await browser.new_context(**{"locale": "en-GB", **options})
        contexts.append(context)
        page = await context.new_page()
        page.on("console", lambda message: website.complaints.extend(complaint_of(message.text)))
        page.on("pageerror", lambda error: website.complaints.append(str(error)))
        page.on("requestfailed", lambda one: website.complaints.extend(failures_of(one)))
        page.on("request", lambda one: website.requests.append(one))  # noqa: PLW0108 - Playwright marks it
        await page.add_init_script(
            "window.told = []; for (const name of ['ready', 'results', 'error', 'select', 'verified'])"
            " addEventListener(`localfed:${name}`, event => told.push([name, event.detail]));"
        )
        await page.goto(website.origin + path)
        if waits:
            await page.wait_for_function(
                "told.some(([name]) => name === 'results' || name === 'error')"
            )
        return page

    yield open_page
    left = [one for one in website.complaints if not any(part in one for part in website.expected)]
    assert left == []
    known = (website.node, website.origin)
    assert [one.url for one in website.requests if not one.url.startswith((*known, "data:"))] == []
    for context in contexts:
        assert await context.cookies() == []
        for page in context.pages:
            if page.url.startswith(website.origin):
                kept = "[localStorage.length, sessionStorage.length, document.cookie]"
                assert await page.evaluate(kept) == [0, 0, ""]
        await context.close()
