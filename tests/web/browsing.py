"""A real browser for the tests of pages: opening a page as a visitor, and whatever the browser complains of.

Here: the fixtures `browser` and `visit`, of this folder. Not here: any test.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Request, async_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
async def browser(program) -> AsyncIterator[Browser]:
    path = program("chromium", "chromium")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        await started.close()


def failures_of(request: Request) -> list[str]:
    """What failed; not what the visitor left before the icon had come."""
    return [] if request.failure == "net::ERR_ABORTED" else [f"{request.url} {request.failure}"]


def complaint_of(text: str) -> list[str]:
    """What the browser says on its own; not that a form came back with what is wrong in it."""
    return [] if "responded with a status of 400" in text else [text]


@pytest.fixture
async def visit(town, browser):
    """`await visit(path, **options)` opens a page as a visitor; complaints of the browser fail."""
    complaints: list[str] = []
    requests: list[str] = []

    async def open_page(path: str, **options: Any) -> Page:
        options = {"java_script_enabled": False, "locale": "en-GB", **options}
        context = await browser.new_context(base_url=str(town.client.make_url("/")), **options)
        page = await context.new_page()
        page.on("console", lambda message: complaints.extend(complaint_of(message.text)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.extend(failures_of(request)))
        page.on("request", lambda request: requests.append(request.url))
        await page.goto(path)
        return page

    yield open_page
    assert complaints == []
    own = str(town.client.make_url("/"))
    assert [url for url in requests if not url.startswith(own)] == []
