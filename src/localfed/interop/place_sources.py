"""Other people's tables of places: Code-Point Open, GeoNames as JSON, and tables that an operator has.

Here: rows made into groups and names. Not here: getting them (`server`), packing them (`place_file`).
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from localfed.interop.national_grid import to_degrees
from localfed.interop.place_file import Group, Name, Origin
from localfed.interop.postcode import SECTOR, read_codes
from localfed.protocol.errors import BadTable

CODE_POINT: Final = Origin(
    country="GB",
    title="Code-Point Open",
    licence="Open Government Licence v3.0",
    attribution=(
        "Contains OS data © Crown copyright and database right. "
        "Contains Royal Mail data © Royal Mail copyright and database right. "
        "Contains National Statistics data © Crown copyright and database right."
    ),
)
GEONAMES: Final = Origin(
    country="GB",
    title="GeoNames",
    licence="CC BY 4.0",
    attribution="Names of places from GeoNames (geonames.org), CC BY 4.0.",
)

REGIONS: Final = {
    "ENG": "England",
    "SCT": "Scotland",
    "WLS": "Wales",
    "NIR": "Northern Ireland",
}

ROWS: Final = 2_000_000
"""Of a table that an operator adds: twice as many codes as any country has places."""

_UNPLACED: Final = 90
_BOX: Final = (49.0, 61.5, -9.0, 2.5)  # GeoNames files bases abroad under GB
_ALSO: Final = {"WLS": 12, "SCT": 6}  # where places have names in a second language of the country
_ALSO_ELSEWHERE: Final = 2
_ALSO_LETTERS: Final = 4


def code_point_groups(files: Iterable[str]) -> list[Group]:
    """Read the tables of Code-Point Open: postcode, quality (90: no point), easting, northing."""
    sectors: dict[str, list[tuple[str, float, float]]] = defaultdict(list)
    for text in files:
        for row in csv.reader(io.StringIO(text)):
            if len(row) < 4 or int(row[1]) >= _UNPLACED:  # noqa: PLR2004 - columns
                continue
            key = next(read_codes(row[0]), "")
            if len(key) == SECTOR + 2:
                sectors[key[:SECTOR]].append(
                    (key[SECTOR:], *to_degrees(float(row[2]), float(row[3])))
                )
    return [Group(key=key, codes=codes) for key, codes in sectors.items()]


def geonames_names(places: Iterable[dict[str, Any]]) -> list[Name]:
    """Read the places of Great Britain and Northern Ireland, with a few other names of each in Latin letters."""
    found = []
    south, north, west, east = _BOX
    for one in places:
        inside = south < one["latitude"] < north and west < one["longitude"] < east
        if one["countrycode"] != "GB" or not inside:
            continue
        also = [
            name
            for name in one["alternatenames"]
            if name.replace("-", "").replace(" ", "").isalpha()
            and name != one["name"]
            and name[0].isupper()
            and not name.isupper()
            and len(name) >= _ALSO_LETTERS  # shorter ones are codes of railway stations
            and _is_latin(name)
        ]
        most = _ALSO.get(one["admin1code"], _ALSO_ELSEWHERE)
        found.append(
            Name(
                name=one["name"],
                also=tuple(dict.fromkeys(also))[:most],
                region=REGIONS.get(one["admin1code"], ""),
                latitude=one["latitude"],
                longitude=one["longitude"],
                population=one["population"],
            )
        )
    return found


def read_table(text: str) -> tuple[list[Group], list[Name]]:
    """Read an operator's table: `code` or `name`, `latitude`, `longitude`, and `also`, `region`, `population`.

    Raises:
        BadTable: it has no such columns, or a row cannot be read; the message names the row.

    """
    reader = csv.DictReader(io.StringIO(text))
    columns = set(reader.fieldnames or ())
    if not {"latitude", "longitude"} <= columns or not columns & {"code", "name"}:
        message = "a table of places has the columns latitude, longitude, and code or name"
        raise BadTable(message)
    groups: dict[str, list[tuple[str, float, float]]] = defaultdict(list)
    names = []
    for number, row in enumerate(reader, 2):
        if number > ROWS:
            message = f"a table of places has at most {ROWS:,} rows"
            raise BadTable(message)
        try:
            latitude, longitude = float(row["latitude"] or ""), float(row["longitude"] or "")
            population = int(row.get("population") or 0)
        except (ValueError, TypeError) as error:
            message = f"row {number} has no latitude, longitude or population that is a number"
            raise BadTable(message) from error
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):  # noqa: PLR2004 - degrees
            message = f"row {number} lies nowhere on the Earth"
            raise BadTable(message)
        code = "".join((row.get("code") or "").upper().split())
        if code and code.isascii() and code.isprintable():
            groups[code].append(("", latitude, longitude))
        name = " ".join((row.get("name") or "").split())
        if name:
            names.append(
                Name(
                    name=name,
                    also=tuple(_split(row.get("also") or "")),
                    region=" ".join((row.get("region") or "").split()),
                    latitude=latitude,
                    longitude=longitude,
                    population=population,
                )
            )
    return [Group(key=key, codes=codes) for key, codes in groups.items()], names


def _split(text: str) -> Iterator[str]:
    for part in text.split("|"):
        plain = " ".join(part.split())
        if plain:
            yield plain


def _is_latin(text: str) -> bool:
    return all(ord(letter) < 0x250 for letter in text)  # noqa: PLR2004 - Latin, with its extensions
