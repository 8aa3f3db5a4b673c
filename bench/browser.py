"""A browser: Debian's Chromium, driven by Playwright, for what only a browser can measure."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.stage import CannotMeasure

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@contextmanager
def browsing() -> Iterator[Any]:
    """Start it, and end it."""
    chromium = shutil.which("chromium")
    if chromium is None:
        message = "chromium is not installed"
        raise CannotMeasure(message)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        message = "playwright is not installed: make test installs it"
        raise CannotMeasure(message) from error
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
