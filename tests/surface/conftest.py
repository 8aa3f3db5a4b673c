"""The town of the web tests, shown in a real browser, for tests of everything that people are shown."""

from __future__ import annotations

from web.browsing import browser, visit
from web.conftest import client, town

__all__ = ["browser", "client", "town", "visit"]
