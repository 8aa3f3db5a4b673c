"""The JSON API of exchanges: what is confirmed, one by one, and added up.

Here: /api/v1/exchanges, /api/v1/report. What one side alone says is in neither.
"""

from __future__ import annotations

from itertools import islice
from typing import Final

import msgspec
from aiohttp import hdrs, web

from localfed.app.report import Question, read_question
from localfed.app.whereabouts import place_asked
from localfed.protocol.errors import BadCursor
from localfed.protocol.exchange import Confirmed, Flow, Period
from localfed.web.api import answer_json, next_link, read_limit
from localfed.web.book import BOOK
from localfed.web.node import DIRECTORY, NODE
from localfed.web.parameters import check_parameters

_QUESTION: Final = frozenset({"since", "until", "near", "radius"})
_CURSOR_CHARACTERS: Final = 9


class ExchangeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An exchange that both sides say alike."""

    ref: str
    parties: tuple[str, str]
    """First DIDs."""
    flows: tuple[Flow, ...]
    period: Period
    documents: tuple[str, str]
    """The ids of both halves, in the order of the parties."""


class ExchangesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page of exchanges, the latest first."""

    total: int
    exchanges: tuple[ExchangeAnswer, ...]
    next: str | None


async def list_exchanges(request: web.Request) -> web.Response:
    """Answer with confirmed exchanges, of all or of one organisation.

    Raises:
        BadQuery, BadCursor: it cannot be understood; the message says which part.
        TooOften: too many wait for it.
        UnknownOrganisation: neither hosted nor followed here.

    """
    check_parameters(request, _QUESTION | {"organisation", "limit", "cursor"})
    limit, cursor = read_limit(request), request.query.get("cursor", "0")
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _CURSOR_CHARACTERS):
        message = "that cursor is not of this list"
        raise BadCursor(message)
    which = request.query.get("organisation")
    did = request.app[DIRECTORY].named("organisation", which).did if which else None
    now, start = request.app[NODE].ports.clock.now(), int(cursor)
    found = [
        one
        for one in await request.app[BOOK].chosen(_read_question(request), now)
        if did is None or did in one.parties
    ]
    more = str(start + limit) if start + limit < len(found) else None
    answer = answer_json(
        request,
        ExchangesAnswer(
            total=len(found),
            exchanges=tuple(_answer(one) for one in islice(found, start, start + limit)),
            next=more,
        ),
    )
    if more is not None:
        answer.headers[hdrs.LINK] = next_link(request, more)
    return answer


async def show_report(request: web.Request) -> web.Response:
    """Answer with the figures.

    Raises:
        BadQuery: it cannot be understood; the message says which part.
        TooOften: too many wait for it.

    """
    check_parameters(request, _QUESTION)
    now = request.app[NODE].ports.clock.now()
    report = await request.app[BOOK].report(_read_question(request), now)
    return answer_json(request, report)


def _read_question(request: web.Request) -> Question:
    asked, ports = request.query, request.app[NODE].ports
    place = place_asked(ports.gazetteer, asked.get("near"))
    return read_question(
        since=asked.get("since"),
        until=asked.get("until"),
        near=place.near if place else None,
        radius=asked.get("radius"),
        now=request.app[NODE].ports.clock.now(),
    )


def _answer(one: Confirmed) -> ExchangeAnswer:
    return ExchangeAnswer(
        ref=one.figures.ref,
        parties=one.parties,
        flows=one.figures.flows,
        period=one.figures.period,
        documents=one.ids,
    )
