"""GeoJSON: maps of places made into a table of fields, so that one way leads on from there.

Here: bytes to a table. Properties are columns; the geometry and the id of a feature are columns too.
Not here: what the columns mean (`guessing`, `mapping`), records (`rows`). Source: RFC 7946.
"""

from __future__ import annotations

from typing import Final

from localfed.interop.mapping import Mapping, SourceParts
from localfed.interop.records import CELLS_MOST, ImportTable, Ledger, Table
from localfed.interop.rows import read_table
from localfed.interop.text_values import Cell
from localfed.interop.web_address import host_of, web_address
from localfed.protocol import limits
from localfed.protocol.canonical import Json, JsonObject, parse_loose
from localfed.protocol.errors import BadTable, Rejected

FEATURE_ID: Final = "feature.id"
LATITUDE: Final = "geometry.latitude"
LONGITUDE: Final = "geometry.longitude"

_OURS: Final = (FEATURE_ID, LATITUDE, LONGITUDE)
_PROPERTIES_MOST: Final = 2_000
_NAME_CHARACTERS: Final = 200
# Names of the one system that RFC 7946 allows; the member `crs` is of its predecessor.
_WGS84: Final = ("CRS84", "EPSG::4326", "EPSG:4326", "OGC:1.3:CRS84")


def read_geojson(data: bytes, *, file_name: str, mapping: Mapping | None = None) -> ImportTable:
    """Read a GeoJSON file as records to list; `line` of each is the number of its feature.

    Args:
        data: The whole file.
        file_name: Where name and edition of the source are guessed from; it is not opened.
        mapping: Which property means what; None to guess it. The geometry is `geometry.latitude`
            and `geometry.longitude`, the id of a feature `feature.id`.

    Raises:
        BadTable: it is not a GeoJSON FeatureCollection with features.
        BadMapping: the mapping does not fit the file.

    """
    ledger = Ledger()
    collection = _collection(data)
    features = collection.get("features")
    if not isinstance(features, list) or not features:
        message = "the FeatureCollection has no features; check that it is the right file"
        raise BadTable(message)
    _check_system(collection)
    properties = [_properties(feature, number) for number, feature in enumerate(features, 1)]
    names = _names(properties)
    if len(names) * len(features) > CELLS_MOST:
        message = f"the table has more than {CELLS_MOST:,} fields; split it in several files"
        raise BadTable(message)
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, (feature, held) in enumerate(zip(features, properties, strict=True), 1):
        values = _row(names, held, number, ledger)
        latitude, longitude = _point(feature, number, ledger)
        rows.append((number, (*values, _feature_id(feature), latitude, longitude)))
    table = Table(
        file_name=file_name, header=(*names, *_OURS), rows=rows, source=_source(collection)
    )
    return read_table(table, mapping, ledger)


def _collection(data: bytes) -> JsonObject:
    try:
        value = parse_loose(data.removeprefix(b"\xef\xbb\xbf"))
    except Rejected as error:
        message = f"the file is not JSON that can be read: {error.message}"
        raise BadTable(message) from error
    if not isinstance(value, dict) or value.get("type") != "FeatureCollection":
        message = 'the file is not a GeoJSON FeatureCollection; export it as "GeoJSON"'
        raise BadTable(message)
    return value


def _check_system(collection: JsonObject) -> None:
    system = collection.get("crs")
    held = system.get("properties") if isinstance(system, dict) else None
    name = held.get("name") if isinstance(held, dict) else None
    if isinstance(name, str) and not name.endswith(_WGS84):
        message = (
            f"the coordinates are in {name[:80]!a}; export the file again in WGS 84 "
            "(EPSG:4326), as RFC 7946 asks"
        )
        raise BadTable(message)


def _properties(feature: Json, number: int) -> JsonObject:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        message = f"feature {number} is not a GeoJSON feature"
        raise BadTable(message)
    held = feature.get("properties")
    return held if isinstance(held, dict) else {}


def _names(properties: list[JsonObject]) -> tuple[str, ...]:
    """Every name of a property, in the order of first sight; ours are the geometry's."""
    seen = dict.fromkeys(name for held in properties for name in held if name not in _OURS)
    if len(seen) > _PROPERTIES_MOST:
        message = f"the features have more than {_PROPERTIES_MOST} different properties"
        raise BadTable(message)
    # What cannot be shown, nobody could map.
    return tuple(n for n in seen if len(n) <= _NAME_CHARACTERS and n.isprintable())


def _row(names: tuple[str, ...], held: JsonObject, number: int, ledger: Ledger) -> list[str]:
    values: list[str] = []
    for name in names:
        value = held.get(name)
        if type(value) is str:
            values.append(value)
            continue
        text = _text(value)
        if text is None:
            ledger.leave_out(number, name, "", "not-a-value")
        values.append(text or "")
    return values


def _text(value: Json) -> str | None:
    """A value of JSON as the text that a table would hold; None if it has none."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value) if abs(value) <= limits.INTEGER else None
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, list):
        parts = [_text(part) for part in value if not isinstance(part, dict | list)]
        if len(parts) == len(value) and all(part is not None for part in parts):
            return ";".join(part for part in parts if part)
    return None


def _feature_id(feature: Json) -> str:
    value = feature.get("id") if isinstance(feature, dict) else None
    return (_text(value) or "") if isinstance(value, str | int) else ""


def _point(feature: Json, number: int, ledger: Ledger) -> tuple[str, str]:
    """Latitude and longitude as texts, empty where the feature has none."""
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if geometry is None:
        return "", ""
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        place = geometry.get("coordinates")
        if place == []:
            return "", ""
        if isinstance(place, list) and len(place) >= 2:  # noqa: PLR2004 -- longitude, latitude, perhaps height
            east, north = place[0], place[1]
            if isinstance(east, int | float | str) and isinstance(north, int | float | str):
                return _text(north) or "?", _text(east) or "?"
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    ledger.leave_out(number, LATITUDE, kind if isinstance(kind, str) else "", "not-a-point")
    return "", ""


def _source(collection: JsonObject) -> SourceParts:
    """What the collection says of itself beside its features."""

    def said(member: str) -> str | None:
        value = collection.get(member)
        if not isinstance(value, str):
            return None
        return Cell(Ledger(), 0, member, value).one_line(limits.NAME_CHARACTERS)

    source, given = said("source"), said("name")
    url = web_address(Cell(Ledger(), 0, "source", source)) if source else None
    name = given or (host_of(url) if url else source)
    return SourceParts(
        name=name or None,
        url=url,
        edition=said("edition") or said("version"),
        license=said("license") or said("licence"),
    )
