"""Matches: what could meet a need, or which needs an offer could meet, for the API and for pages.

Here: the answer of /api/v1/matches and the cards below a listing. Not here: finding them (`app.matching`).
"""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec
from aiohttp import web

from localfed.app.comparing import Reason
from localfed.app.matching import Match, find_matches
from localfed.app.values import Kind, StoredDocument
from localfed.protocol.did import split_id
from localfed.protocol.errors import BadQuery, IndexBroken, UnknownDocument
from localfed.web.api import answer_json
from localfed.web.cards import Card, Reader, make_card, make_origin
from localfed.web.node import NODE
from localfed.web.parameters import check_parameters
from localfed.web.reasons import say_reason
from localfed.web.views import origin_of, page_of

MATCHING: Final = web.AppKey("MATCHING", asyncio.Semaphore)
"""Whose turn it is to be compared: one after the other, on a thread."""

_PARAMETERS: Final = frozenset({"of"})
_ID_CHARACTERS: Final = 700


class MatchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that could meet a need."""

    need: str
    offer: str
    score: float
    """0 to 1: how likely a person would say so."""
    distance_km: float | None
    approximate: bool
    """Whether `distance_km` is only about so much."""
    why: tuple[Reason, ...]
    alike: tuple[str, ...]
    """Others that say the same."""
    page: str
    """The page of the other listing here."""


class MatchesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What matches a listing, best first; empty where nothing does well enough."""

    of: str
    matches: tuple[MatchAnswer, ...]


class MatchCard(msgspec.Struct, frozen=True, kw_only=True):
    """A match below the listing that it is of."""

    card: Card
    fits: tuple[str, ...]
    fits_not: tuple[str, ...]
    alike: int


async def list_matches(request: web.Request) -> web.Response:
    """Answer with what could meet a need, or which needs an offer could meet.

    Raises:
        BadQuery: no `of`, or another parameter.
        UnknownDocument: no live offer or need with that id is here.

    """
    asked = request.query
    check_parameters(request, _PARAMETERS)
    if not 0 < len(asked.get("of", "")) <= _ID_CHARACTERS:
        message = "matches are asked for with of=ID alone: the id of an offer or a need"
        raise BadQuery(message)
    of, node = asked["of"], request.app[NODE]
    root = origin_of(node.url)
    found = await _find(request, of)
    return answer_json(
        request,
        MatchesAnswer(
            of=of,
            matches=tuple(
                MatchAnswer(
                    need=one.need,
                    offer=one.offer,
                    score=one.score,
                    distance_km=round(one.km, 2) if one.km is not None else None,
                    approximate=one.is_about,
                    why=one.why,
                    alike=one.alike,
                    page=root + page_of(*split_id(one.need if one.offer == of else one.offer)),
                )
                for one in found
            ),
        ),
    )


async def _find(request: web.Request, of: str) -> tuple[Match, ...]:
    async with request.app[MATCHING]:
        return await asyncio.to_thread(find_matches, request.app[NODE].ports, of)


async def match_cards(
    request: web.Request, document: StoredDocument, kind: Kind, reader: Reader
) -> list[MatchCard]:
    """Make the cards of what matches a listing; none where the index cannot be read."""
    if kind is Kind.ORGANISATION:
        return []
    node = request.app[NODE]
    try:
        found = await _find(request, document.id)
    except (UnknownDocument, IndexBroken):
        return []
    cards = []
    for one in found:
        did, path = split_id(one.need if one.offer == document.id else one.offer)
        other, publisher = node.ports.store.document(did, path), node.ports.store.publisher(did)
        if other is None or publisher is None:
            continue
        card = make_card(
            other, make_origin(request, publisher, reader), reader, km=one.km, is_about=one.is_about
        )
        if card is not None:
            cards.append(
                MatchCard(
                    card=card,
                    fits=tuple(
                        say_reason(why, reader, node.ports.lexicon)
                        for why in one.why
                        if why.fits and why.of != "distance"
                    ),
                    fits_not=tuple(
                        say_reason(why, reader, node.ports.lexicon)
                        for why in one.why
                        if not why.fits
                    ),
                    alike=len(one.alike),
                )
            )
    return cards
