"""The map: places of what a search finds, for programs and for the widget.

Here: /api/v1/map, points and what is under them as values. Not here: maps of our own pages (`map_views`), which ground it is
(`ground`), drawing (`widget/map.js`).
Source: RFC 7946 (GeoJSON), whose members of other names say what the list of points cannot.
"""

from __future__ import annotations

import asyncio
import gzip
from typing import Final, Literal

import msgspec
from aiohttp import hdrs, web

from localfed.app import placing, ties
from localfed.app.index_values import IndexQuery
from localfed.app.ports import Gazetteer
from localfed.app.search import RESULTS_MAX, find
from localfed.app.values import Kind, Point, Publisher, StoredDocument
from localfed.interop.pmtiles import Credit
from localfed.protocol.errors import TooOften
from localfed.protocol.forms import Place
from localfed.web.answers import (
    ASK_AGAIN,
    GEO_JSON,
    answer_bytes,
    hash_tag,
    headers_of,
)
from localfed.web.api_search import read_search
from localfed.web.cards import Reader, reader_of
from localfed.web.ground import Ground, GroundKind
from localfed.web.languages import Said
from localfed.web.node import NODE, Node
from localfed.web.throttle import Line
from localfed.web.ties import RADIUS_KM
from localfed.web.views import KINDS, origin_of, own_record, page_of, read_shown
from localfed.web.webs import webs_of

POINTS: Final = 1_000
"""Of one map: what a browser draws at once and a person can look at."""

LINES: Final = 500
"""Ties on a plain ground."""

AT_ONCE: Final = 2
"""Maps that are gathered at one time: each takes a tenth of a second of one core where it is full."""

WAITING: Final = 32

QUEUE: Final = web.AppKey("QUEUE", Line)

_SMALL: Final = 10_000  # bytes: compressing less saves nobody anything
_GZIP_LEVEL: Final = 5

_ANSWER: Final = headers_of(GEO_JSON, ASK_AGAIN)
_BESIDE: Final = frozenset({"view", "lang"})
_encode: Final = msgspec.json.Encoder().encode

Pair = tuple[float, float]
"""Longitude and latitude, in this order."""


class PointGeometry(msgspec.Struct, frozen=True, kw_only=True):
    """Where a point is."""

    type: Literal["Point"] = "Point"
    coordinates: Pair


class PlaceProperties(msgspec.Struct, frozen=True, kw_only=True):
    """What a point says of what is there."""

    id: str
    kind: Kind
    name: str
    language: str | None
    """Of the name."""
    page: str
    publisher: str
    distance_km: float | None
    """From the place that was asked for to the nearest place of this result."""
    radius_metres: int | None
    """Where it is is only known to be somewhere in this circle, and to be drawn as one."""
    by_address: bool
    """The circle is that of its postcode or town, as it gives no point; else its publisher is deliberately vague."""


class PlaceFeature(msgspec.Struct, frozen=True, kw_only=True):
    """A place of a result."""

    type: Literal["Feature"] = "Feature"
    geometry: PointGeometry
    properties: PlaceProperties


class TieLine(msgspec.Struct, frozen=True, kw_only=True):
    """A tie between two organisations that both have a place."""

    coordinates: tuple[Pair, Pair]
    names: tuple[str, str]
    kind: str


class Tiles(msgspec.Struct, frozen=True, kw_only=True):
    """What lies under the points."""

    kind: GroundKind
    url: str
    """Of the PMTiles file, from the root of this node; or the template of the tile server."""
    attribution: tuple[Credit, ...]
    min_zoom: int
    max_zoom: int
    bounds: tuple[float, float, float, float] | None


class MapAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A map of what a search finds."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: tuple[PlaceFeature, ...]
    """Best first; a result with several places has as many."""
    total: int
    """Results of the search: on the map, without a place and left out, together."""
    on_map: int
    without_place: int
    left_out: int
    """Beyond the most that a map has."""
    near: Pair | None
    radius_km: float | None
    tiles: Tiles
    ties: tuple[TieLine, ...]
    """Only where nothing is under the points."""


async def show_map(request: web.Request) -> web.Response:
    """Answer with the places of what a search finds, as GeoJSON.

    Raises:
        BadQuery: it cannot be understood; the message says which part.
        TooOften: too many wait for theirs.

    """
    node, reader = request.app[NODE], reader_of(request)
    # A map has one page: where a list goes on and how long it is are read, and make no difference.
    asked = read_search(request, beside=_BESIDE)
    query = msgspec.structs.replace(asked, limit=RESULTS_MAX, offset=0)
    async with request.app[QUEUE].passing():
        made = await asyncio.to_thread(_gather, node, query, reader)
    if node.ground.kind is GroundKind.PLAIN:
        made = msgspec.structs.replace(made, ties=await _ties(request, query))
    body = _encode(made)
    tag = hash_tag(body)
    if is_packed := "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "") and len(body) > _SMALL:
        # A thousand points are half a megabyte, and a tenth of that compressed.
        body, tag = (
            await asyncio.to_thread(gzip.compress, body, _GZIP_LEVEL, mtime=0),
            f"{tag}-gzip",
        )
    answer = answer_bytes(request, body, tag, _ANSWER)
    answer.headers[hdrs.VARY] = f"{hdrs.ACCEPT_LANGUAGE}, {hdrs.ACCEPT_ENCODING}"
    if is_packed:
        answer.headers[hdrs.CONTENT_ENCODING] = "gzip"
    return answer


def _gather(node: Node, query: IndexQuery, reader: Reader) -> MapAnswer:
    """Find, and see where it is; in a thread, as a thousand documents take a moment."""
    found = find(node.ports, query)
    root = origin_of(node.url)
    publishers: dict[str, str] = {}
    features: list[PlaceFeature] = []
    on_map = without_place = 0
    for result in found.results:
        record = read_shown(result.document)
        if record is None:
            continue
        places = places_of(node.ports.gazetteer, result.places)
        if not places:
            without_place += 1
            continue
        if len(features) + len(places) > POINTS:
            break
        document = result.document
        if document.did not in publishers:
            publishers[document.did] = _name_of(node, result.publisher, reader)
        features += [
            make_feature(
                place,
                document,
                name=reader.choose(record.name, record.language),
                page=root + page_of(document.did, document.path),
                publisher=publishers[document.did],
                km=result.km,
            )
            for place in places
        ]
        on_map += 1
    return MapAnswer(
        features=tuple(features),
        total=found.total,
        on_map=on_map,
        without_place=without_place,
        left_out=found.total - on_map - without_place,
        near=_pair(query.near) if query.near is not None else None,
        radius_km=query.radius_km,
        tiles=tiles_of(node.ground),
        ties=(),
    )


class Placed(msgspec.Struct, frozen=True):
    """A place of a record that has a point."""

    place: Place
    is_by_address: bool
    """The record gives none: it is that of its postcode or town."""


def places_of(gazetteer: Gazetteer, places: tuple[Place, ...]) -> list[Placed]:
    """Return the places of a record that have a point, or a postcode or town that has one."""
    found = placing.place(gazetteer, places)
    return [
        Placed(place, is_by_address=said.latitude is None)
        for place, said in zip(found, places, strict=True)
        if place.latitude and place.longitude
    ]


def make_feature(
    placed: Placed,
    document: StoredDocument,
    *,
    name: Said,
    page: str,
    publisher: str,
    km: float | None = None,
) -> PlaceFeature:
    """Make a point of a place that has one."""
    place = placed.place
    return PlaceFeature(
        geometry=PointGeometry(
            coordinates=(float(place.longitude or "0"), float(place.latitude or "0"))
        ),
        properties=PlaceProperties(
            id=document.id,
            kind=KINDS[document.type],
            name=name.text,
            language=name.tag or None,
            page=page,
            publisher=publisher,
            distance_km=round(km, 1) if km is not None else None,
            radius_metres=place.radius,
            by_address=placed.is_by_address,
        ),
    )


def tiles_of(ground: Ground) -> Tiles:
    """Say to a script what lies under the points."""
    return Tiles(
        kind=ground.kind,
        url=ground.url,
        attribution=ground.credits,
        min_zoom=ground.min_zoom,
        max_zoom=ground.max_zoom,
        bounds=ground.bounds,
    )


async def _ties(request: web.Request, query: IndexQuery) -> tuple[TieLine, ...]:
    near, radius_km = query.near, query.radius_km or RADIUS_KM
    reader = reader_of(request)

    def make(everything: ties.Web) -> tuple[TieLine, ...]:
        part = ties.within(everything, near, radius_km) if near is not None else everything
        return _lines(ties.cut(part), reader)

    try:
        return await webs_of(request).make(("map", near, radius_km, reader.languages), make)
    except TooOften:
        return ()  # the points are what was asked for


def _lines(part: ties.Web, reader: Reader) -> tuple[TieLine, ...]:
    lines = []
    for tie in part.ties:
        one, other = part.organisations[tie.one], part.organisations[tie.other]
        if one.point is None or other.point is None or one.point == other.point:
            continue
        lines.append(
            TieLine(
                coordinates=(_pair(one.point), _pair(other.point)),
                names=(_tied_name(one, reader), _tied_name(other, reader)),
                kind=tie.kind,
            )
        )
        if len(lines) == LINES:
            break
    return tuple(lines)


def _tied_name(one: ties.Tied, reader: Reader) -> str:
    return reader.choose(one.names, one.language).text if one.names else one.host


def _name_of(node: Node, publisher: Publisher, reader: Reader) -> str:
    record = own_record(node.ports.store, publisher.did)
    if record is None:
        return publisher.host
    return reader.choose(record.name, record.language).text


def _pair(point: Point) -> Pair:
    return (point.longitude, point.latitude)
