"""The whole of a search: every result that can be paged to, for files that are no pages.

Here: reading a search to its end. Not here: one page of it (`results`), what becomes of it (`feeds`, `calendars`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec
from aiohttp import web

from localfed.app.index_values import IndexQuery, Sort
from localfed.app.search import LIMIT_MAX, RESULTS_MAX, Found, Result, find
from localfed.app.values import StoredDocument
from localfed.protocol import limits
from localfed.web.asked import Asked, query_asked, read_asked
from localfed.web.cards import Reader
from localfed.web.node import NODE

TURN: Final = web.AppKey("TURN", asyncio.Semaphore)
"""Whose turn it is."""


def read_whole(request: web.Request) -> Asked:
    """Read what an address asks for, from its first result on; words beyond those that are read are left out."""
    asked = read_asked(request.query)
    return msgspec.structs.replace(asked, cursor="", sort="", q=asked.q[: limits.QUERY_CHARACTERS])


async def find_all(request: web.Request, asked: Asked, reader: Reader) -> Sequence[Result]:
    """Find every result of a search, best first: at most `app.search.RESULTS_MAX`.

    On a thread, and one at a time: whoever asks for all of a search lets those go first who ask for a page.

    Raises:
        BadQuery: it cannot be understood.

    """
    query = query_asked(request, asked, reader, limit=LIMIT_MAX)
    return (await _find(request, msgspec.structs.replace(query, limit=RESULTS_MAX))).results


async def find_newest(
    request: web.Request, asked: Asked, reader: Reader, *, skip: int, limit: int
) -> tuple[list[tuple[str, Result]], int]:
    """Find the newest results of a search, each with when a person last said that it is right.

    Returns so many after the first `skip`, and how many there are in all, at most `app.search.RESULTS_MAX`.

    Raises:
        BadQuery: it cannot be understood.

    """
    query = query_asked(request, asked, reader, limit=limit)
    found = await _find(request, msgspec.structs.replace(query, sort=Sort.NEWEST, offset=skip))
    dated = [(_assured(one.document), one) for one in found.results]
    return dated, min(found.total, RESULTS_MAX)


async def _find(request: web.Request, query: IndexQuery) -> Found:
    async with request.app[TURN]:
        return await asyncio.to_thread(find, request.app[NODE].ports, query)


class _Looked(msgspec.Struct, frozen=True):
    assured: str = ""


_read_assured: Final = msgspec.json.Decoder(_Looked).decode


def _assured(document: StoredDocument) -> str:
    try:
        looked = _read_assured(document.body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return document.updated
    return looked.assured or document.updated
