"""Points of other people's tables: decimals of the protocol's form, and whether they can be right.

Here: reading degrees, comparing a point with its country and with the other points of its table.
Not here: finding the columns (`guessing`). Spec: 02-bytes (LF-BYTES-6), 05-documents (LF-FORM-7).
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec

from localfed.interop.countries import knows_box, lies_in

LATITUDE_MOST: Final = 90
LONGITUDE_MOST: Final = 180

_PLAIN: Final = re.compile(r"-?(0|[1-9][0-9]{0,2})(\.[0-9]{1,6})?", re.ASCII)
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,3}([.,][0-9]{0,30})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_PLACES: Final = Decimal("0.000001")

# Points without a country are compared with the other points: fewer than this many, itself
# included, in a square of three by three cells of ten degrees (roughly 1,000 km each way) is alone.
# Two, because a mistake is often made twice, as when a county of that name lies elsewhere too.
_CELL_DEGREES: Final = 10
_COMPANY: Final = 3
# Fewer points tell nothing of where the table is at home.
_LEAST_POINTS: Final = 20
# More lonely points than this share are a table of the whole world, not mistakes.
_LONELY_SHARE: Final = 0.02


class Point(msgspec.Struct, frozen=True):
    """A point that is on the Earth, in the protocol's decimals."""

    latitude: str
    longitude: str

    @property
    def degrees(self) -> tuple[float, float]:
        """Latitude and longitude for comparing."""
        return float(self.latitude), float(self.longitude)


class Placed(msgspec.Struct, frozen=True):
    """What is known of one row's point: the point, and the country that the row itself names."""

    point: Point
    country: str | None


def decimal_degrees(text: str) -> str | None:
    """Degrees in the protocol's form, at most six places, no `-0`; None if it is no number."""
    text = text.strip()
    if _PLAIN.fullmatch(text):
        plain = text
    else:
        match = _DECIMAL.fullmatch(text)
        if match is None:
            return None
        try:
            value = Decimal(text.replace(",", ".")).quantize(_PLACES)
        except InvalidOperation:
            return None
        plain = format(value, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain == "-0" else plain


def read_point(latitude: str, longitude: str) -> Point | str | None:
    """Read two fields as a point: the point, None if both are empty, or the code of a report."""
    if not latitude.strip() and not longitude.strip():
        return None
    if not latitude.strip() or not longitude.strip():
        return "half-a-point"
    north, east = decimal_degrees(latitude), decimal_degrees(longitude)
    if north is None or east is None:
        return "not-a-coordinate"
    height, width = abs(Decimal(north)), abs(Decimal(east))
    if height > LATITUDE_MOST or width > LONGITUDE_MOST:
        may_be_swapped = height <= LONGITUDE_MOST and width <= LATITUDE_MOST
        return "swapped" if may_be_swapped else "off-the-earth"
    if height == 0 and width == 0:
        return "null-island"
    return Point(latitude=north, longitude=east)


def split_point(text: str) -> tuple[str, str]:
    """Part `55.95, -3.19` or `POINT(-3.19 55.95)` in latitude and longitude."""
    well_known = re.fullmatch(r"\s*POINT\s*\(\s*(\S+)\s+(\S+)\s*\)\s*", text, re.IGNORECASE)
    if well_known:
        return well_known[2], well_known[1]
    parts = re.split(r"\s*[,;]\s*|\s+", text.strip().strip("()[]"))
    return (parts[0], parts[1]) if len(parts) == 2 else (text, text)  # noqa: PLR2004 -- a pair


def doubts(placed: list[Placed]) -> dict[int, str]:
    """Which points cannot be right: their position in the list and the code of the report.

    A point of a row that names its country must lie in the box of that country; the box is rough, so
    this finds gross mistakes. A point of a row that names none must not be alone.
    """
    found: dict[int, str] = {}
    lonely: dict[int, str] = {}
    cells = Counter(_cell(*item.point.degrees) for item in placed)
    for position, item in enumerate(placed):
        latitude, longitude = item.point.degrees
        if item.country is not None and knows_box(item.country):
            if not lies_in(item.country, latitude, longitude):
                turned = lies_in(item.country, longitude, latitude)
                found[position] = "swapped" if turned else "outside-country"
        elif item.country is None and _company(cells, latitude, longitude) < _COMPANY:
            turned = _company(cells, longitude, latitude) >= _COMPANY
            lonely[position] = "swapped" if turned else "far-off"
    if len(placed) >= _LEAST_POINTS and len(lonely) <= max(1, len(placed) * _LONELY_SHARE):
        found.update(lonely)
    return found


def _cell(latitude: float, longitude: float) -> tuple[int, int]:
    return int(latitude // _CELL_DEGREES), int(longitude // _CELL_DEGREES)


def _company(cells: Counter[tuple[int, int]], latitude: float, longitude: float) -> int:
    row, column = _cell(latitude, longitude)
    west = -LONGITUDE_MOST // _CELL_DEGREES
    around = 2 * LONGITUDE_MOST // _CELL_DEGREES
    return sum(
        cells[row + up, (column + right - west) % around + west]
        for up in (-1, 0, 1)
        for right in (-1, 0, 1)
    )
