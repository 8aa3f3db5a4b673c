"""Maps of our own pages: what a page says so that a script can draw its map, and so that nobody needs one.

Here: the map beside results, the small one of a record, what such a page may load. Not here: the points for programs
(`mapping`), drawing (`static/map.js`).
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from aiohttp import web

from localfed.app.ports import Gazetteer
from localfed.app.search import Found
from localfed.app.values import StoredDocument
from localfed.web.answers import policy_of_map
from localfed.web.cards import Reader
from localfed.web.languages import Said
from localfed.web.mapping import make_feature, places_of, tiles_of
from localfed.web.node import NODE
from localfed.web.vendored import can_draw
from localfed.web.views import Shown, page_of, read_shown

_encode: Final = msgspec.json.Encoder().encode


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Where a result is, in words: what a page shows where no script draws a map."""

    title: Said
    href: str
    points: tuple[str, ...]
    about_metres: int | None


class MapView(msgspec.Struct, frozen=True, kw_only=True):
    """The map of a page of results."""

    is_shown: bool
    can_draw: bool
    href: str
    """The same page with the map, or without it where it is shown."""
    data_href: str
    miles: bool
    positions: tuple[Position, ...] = ()

    @property
    def draws(self) -> bool:
        """Whether the page has a script that draws it."""
        return self.is_shown and self.can_draw


def map_of_results(request: web.Request, found: Found, reader: Reader, href: str) -> MapView:
    """Say what a page of results shows of its map; `href` is the page's own address, from its first result on."""
    asked = [one for one in parse_qsl(urlsplit(href).query) if one[0] != "view"]
    is_shown = request.query.get("view") == "map"
    other = asked if is_shown else [*asked, ("view", "map")]
    return MapView(
        is_shown=is_shown,
        can_draw=can_draw(),
        href=_address("/", other) + ("" if is_shown else "#map"),
        data_href=_address("/api/v1/map", asked),
        miles=reader.miles,
        positions=_positions(request.app[NODE].ports.gazetteer, found, reader) if is_shown else (),
    )


def _address(path: str, asked: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path


def _positions(gazetteer: Gazetteer, found: Found, reader: Reader) -> tuple[Position, ...]:
    positions = []
    for result in found.results:
        record = read_shown(result.document)
        places = places_of(gazetteer, result.places)
        if record is not None and places:
            positions.append(
                Position(
                    title=reader.choose(record.name, record.language),
                    href=page_of(result.document.did, result.document.path),
                    points=tuple(f"{one.place.latitude},{one.place.longitude}" for one in places),
                    about_metres=places[0].place.radius,
                )
            )
    return tuple(positions)


def allow_map(request: web.Request, answer: web.Response, *, is_wanted: bool) -> web.Response:
    """Let a page draw its map: our scripts, our data, and pictures of the tile server if one is set."""
    if is_wanted:
        images = request.app[NODE].ground.images
        answer.headers["Content-Security-Policy"] = policy_of_map(images)
    return answer


class PlaceMap(msgspec.Struct, frozen=True, kw_only=True):
    """The small map of one record, as JSON for the script that draws it on demand."""

    features: str
    tiles: str
    miles: bool


def map_of_record(
    request: web.Request, document: StoredDocument, record: Shown, reader: Reader
) -> PlaceMap | None:
    """Make the small map of a record; None where it has no place, or nothing here can draw one."""
    places = places_of(request.app[NODE].ports.gazetteer, record.location)
    if not places or not can_draw():
        return None
    features = [
        make_feature(
            place,
            document,
            name=reader.choose(record.name, record.language),
            page=page_of(document.did, document.path),
            publisher="",
        )
        for place in places
    ]
    return PlaceMap(
        features=_encode(features).decode(),
        tiles=_encode(tiles_of(request.app[NODE].ground)).decode(),
        miles=reader.miles,
    )
