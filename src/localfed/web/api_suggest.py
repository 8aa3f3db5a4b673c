"""The JSON API: how a search may go on while somebody types it.

Here: /api/v1/suggest. Not here: which words (`app.search`), places (`gazetteer`).
"""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import web

from localfed.app.search import Suggestion, read_query, suggest
from localfed.app.values import Kind
from localfed.app.whereabouts import place_asked
from localfed.web.api import answer_json
from localfed.web.cards import Reader, reader_of
from localfed.web.node import NODE
from localfed.web.parameters import check_parameters
from localfed.web.views import page_of

PARAMETERS: Final = frozenset({"q", "near", "organisation", "lang"})


class SuggestionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One suggestion."""

    text: str
    """What to search for, or the name."""
    kind: Kind | None
    """What has this name; null: a word."""
    count: int
    page: str | None
    """Of what has this name: a path on this node."""


class SuggestAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: words first, then names."""

    suggestions: tuple[SuggestionAnswer, ...]


async def suggest_words(request: web.Request) -> web.Response:
    """Answer with how a search may go on.

    Raises:
        BadQuery: a part of it cannot be understood; the message says which.

    """
    node, asked, reader = request.app[NODE], request.query, reader_of(request)
    check_parameters(request, PARAMETERS)
    place = place_asked(node.ports.gazetteer, asked.get("near"))
    query = read_query(
        q=asked.get("q"),
        near=place.near if place else None,
        organisation=asked.get("organisation"),
        now=reader.now,
    )
    found = suggest(node.ports, query)
    return answer_json(
        request, SuggestAnswer(suggestions=tuple(_answer(one, reader) for one in found))
    )


def _answer(one: Suggestion, reader: Reader) -> SuggestionAnswer:
    text = one.text
    if one.names:
        text = reader.choose(one.names, one.language).text
    document = one.document
    return SuggestionAnswer(
        text=text,
        kind=one.kind,
        count=one.count,
        page=page_of(document.did, document.path) if document is not None else None,
    )
