"""The JSON API: places while somebody types.

Here: /api/v1/places. Not here: which places there are (`app.whereabouts`). What is asked says where somebody lives: it
is not logged, and the answer is kept by nobody on the way.
"""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import hdrs, web

from localfed.app.whereabouts import SUGGESTED, suggest_places
from localfed.web.api import answer_json
from localfed.web.api_search import PlaceAnswer, place_answer
from localfed.web.node import NODE
from localfed.web.parameters import check_parameters

_PARAMETERS: Final = frozenset({"q"})


class PlacesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Places that may be meant: the likeliest first, at most eight."""

    places: tuple[PlaceAnswer, ...]


async def suggest(request: web.Request) -> web.Response:
    """Answer with places whose postcode or name begins as `q` does, or is spelled nearly so.

    Raises:
        BadQuery: there is no such parameter.

    """
    check_parameters(request, _PARAMETERS)
    gazetteer = request.app[NODE].ports.gazetteer
    found = suggest_places(gazetteer, request.query.get("q", ""), SUGGESTED)
    answer = answer_json(request, PlacesAnswer(places=tuple(map(place_answer, found))))
    answer.headers[hdrs.CACHE_CONTROL] = "private, max-age=3600"
    return answer
