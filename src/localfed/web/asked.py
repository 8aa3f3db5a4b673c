"""What the address of the directory page asks for, and addresses of the same with changes.

Here: all of the state of the page, which is in its address. Not here: the page (`results`), what can be chosen
(`choices`), what is found (`app.search`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from localfed.app.index_values import IndexQuery, Sort
from localfed.app.query_reading import Wish
from localfed.app.search import Found, count, find, read_query
from localfed.app.values import Spot
from localfed.app.whereabouts import place_asked, tidy
from localfed.protocol.errors import BadQuery
from localfed.web.node import NODE
from localfed.web.readers import Reader

LIMIT: Final = 20
"""Results on one page."""

BOXES: Final = ("q", "near", "radius")
"""What the form shows; what else is asked for goes with it unseen."""

_LOOKS: Final = ("cursor", "view", "sort")
"""Where one is in the list and how it is looked at: no part of what is searched for."""


class Asked(Wish, frozen=True, kw_only=True):
    """What the address of the page asks for: a search, and how to look at it; empty strings for nothing."""

    view: str = ""
    """`print` for a sheet of paper, `map` for the map beside the list; anything else is the list."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked: the first page, which a visitor sees."""
        return msgspec.structs.replace(self, view="") == Asked()

    @property
    def words(self) -> str:
        """The words, as a heading can show them."""
        flat = " ".join(self.q.split())
        return flat if len(flat) <= _SHOWN else f"{flat[:_SHOWN]}…"

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form sends unseen."""
        looks = [("sort", self.sort)] if self.sort else []
        looks += [("view", self.view)] if self.view == "map" else []
        return [(name, getattr(self, name)) for name in self.filters] + looks

    @property
    def lacks_place(self) -> bool:
        """Whether the nearest are asked for first, and no place that they could be near."""
        return self.sort == Sort.NEAREST and not self.near

    @property
    def filters(self) -> list[str]:
        """Names of what narrows the search beside its words and place."""
        return [name for name, _ in self._parts() if name not in (*BOXES, *_LOOKS)]

    def but(self, **changes: str) -> Asked:
        """Give the same from its first result on, with some changes."""
        return msgspec.structs.replace(self, **{"cursor": "", **changes})

    def href(self, **changes: str) -> str:
        """Name the page of this search with some changes, from its first result on."""
        parts = self.but(**changes)._parts()  # noqa: SLF001 - its own
        return f"/?{urlencode(parts)}" if parts else "/"

    def _parts(self) -> list[tuple[str, str]]:
        return [(name, text) for name, text in msgspec.structs.asdict(self).items() if text]


_SHOWN: Final = 80


def read_asked(query: Mapping[str, str]) -> Asked:
    """Read what the address of a page asks for."""
    asked = {name: query.get(name, "").strip() for name in Asked.__struct_fields__}
    asked["near"] = tidy(asked["near"])
    return Asked(**asked)


def find_asked(request: web.Request, asked: Asked, reader: Reader, *, limit: int = LIMIT) -> Found:
    """Find what an address asks for.

    Raises:
        BadQuery, UnknownPlace, BadCursor: it cannot be understood.

    """
    return find(request.app[NODE].ports, query_asked(request, asked, reader, limit=limit))


def count_asked(request: web.Request, asked: Asked, reader: Reader) -> int:
    """Say how much an address would find.

    Raises:
        BadQuery, UnknownPlace, BadCursor: it cannot be understood.

    """
    return count(request.app[NODE].ports, query_asked(request, asked, reader, limit=1))


def query_asked(request: web.Request, asked: Asked, reader: Reader, *, limit: int) -> IndexQuery:
    """Read what an address asks for as a search.

    Raises:
        BadQuery, UnknownPlace, BadCursor: it cannot be understood.

    """
    parts = msgspec.structs.asdict(asked)
    del parts["view"]  # how it is shown, not what is found
    if not asked.near:
        # A radius without a place is what the form sends when the place was left empty.
        parts["radius"] = ""
    if asked.lacks_place:
        parts["sort"] = ""  # the page says so (`results`)
    place = place_asked(request.app[NODE].ports.gazetteer, asked.near)
    parts["near"] = place.near if place else ""
    return read_query(**parts, limit=limit, now=reader.now)


def place_of(request: web.Request, asked: Asked) -> Spot | None:
    """Say which place was understood; None where none was asked for, or it is none."""
    try:
        return place_asked(request.app[NODE].ports.gazetteer, asked.near)
    except BadQuery:
        return None
