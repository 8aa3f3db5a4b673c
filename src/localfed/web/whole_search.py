"""The whole of a search: every result that can be paged to, for files that are no pages.

Here: reading a search page by page. Not here: one page of it (`results`), what becomes of it (`feeds`, `calendars`).
"""

from __future__ import annotations

import asyncio

import msgspec
from aiohttp import web

from localfed.app.search import LIMIT_MAX, Result
from localfed.protocol import limits
from localfed.web.cards import Reader
from localfed.web.results import Asked, find_asked, read_asked


def read_whole(request: web.Request) -> Asked:
    """Read what an address asks for, from its first result on; words beyond those that are read are left out."""
    asked = read_asked(request.query)
    return msgspec.structs.replace(asked, cursor="", q=asked.q[: limits.QUERY_CHARACTERS])


async def find_all(request: web.Request, asked: Asked, reader: Reader) -> list[Result]:
    """Find every result of a search, best first: at most `app.search.RESULTS_MAX`.

    Raises:
        BadQuery: it cannot be understood.

    """
    found: list[Result] = []
    cursor: str | None = ""
    while cursor is not None:
        here = msgspec.structs.replace(asked, cursor=cursor)
        page = find_asked(request, here, reader, limit=LIMIT_MAX)
        found += page.results
        cursor = page.next_cursor
        await asyncio.sleep(0)  # others are answered between two pages
    return found
