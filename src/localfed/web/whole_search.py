"""The whole of a search: every result that can be paged to, for files that are no pages.

Here: reading a search to its end. Not here: one page of it (`results`), what becomes of it (`feeds`, `calendars`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec
from aiohttp import web

from localfed.app.search import LIMIT_MAX, RESULTS_MAX, Result, find
from localfed.protocol import limits
from localfed.web.cards import Reader
from localfed.web.node import NODE
from localfed.web.results import Asked, query_asked, read_asked

TURN: Final = web.AppKey("TURN", asyncio.Semaphore)
"""Whose turn it is."""


def read_whole(request: web.Request) -> Asked:
    """Read what an address asks for, from its first result on; words beyond those that are read are left out."""
    asked = read_asked(request.query)
    return msgspec.structs.replace(asked, cursor="", q=asked.q[: limits.QUERY_CHARACTERS])


async def find_all(request: web.Request, asked: Asked, reader: Reader) -> Sequence[Result]:
    """Find every result of a search, best first: at most `app.search.RESULTS_MAX`.

    On a thread, and one at a time: whoever asks for all of a search lets those go first who ask for a page.

    Raises:
        BadQuery: it cannot be understood.

    """
    query = query_asked(request, asked, reader, limit=LIMIT_MAX)
    whole = msgspec.structs.replace(query, limit=RESULTS_MAX)
    async with request.app[TURN]:
        found = await asyncio.to_thread(find, request.app[NODE].ports, whole)
    return found.results
