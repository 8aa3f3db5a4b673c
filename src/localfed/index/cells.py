"""Cells: the Earth cut into a tree of quarters, so that places are found as words are.

Here: the name of a point's cells, exact distances, and safe bounds for the distance to anywhere in a
cell. Not here: how a search walks through cells (`around`).

A cell is named by a digit for its hemisphere and a digit 0 to 3 for each further quartering, so that
the name of a cell begins with the names of all cells that it lies in. A cell spans as many degrees of
latitude as of longitude; towards the poles it gets narrow, which costs a few cells more and nothing else.
No rule here knows of the poles or of the antimeridian: bounds are distances on the sphere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import acos, asin, cos, pi, radians, sin, sqrt
from typing import Final, NamedTuple

from localfed.app.values import Point

LEVELS: Final = 15
"""Quarterings; the smallest cells are 600 m high."""

ROOTS: Final = ("0", "1")
"""The two hemispheres, west and east of Greenwich."""

NOWHERE: Final = "-"
"""The cell of what has no point."""

HAS_MORE: Final = 1 << 62
"""Set in the packed point of a document that has others."""

HAS_REACH: Final = 1 << 61
"""Set in the packed point of a document whose only one has a reach."""

HAS_ONLINE: Final = 1 << 60
"""Set in the packed point of a document that can be had online, with a point or without: the lowest of these marks."""

EVERYWHERE: Final = "*"
"""The one cell that what can be had online comes to."""

_RADIUS_KM: Final = 6371.0088  # the mean radius (IUGG)
_DIAMETER_KM: Final = 2 * _RADIUS_KM

HALF_ROUND_KM: Final = pi * _RADIUS_KM
"""Half way round the Earth: nothing is further away."""

_SCALE: Final = 1_000_000  # points are kept to the sixth decimal, 0.1 m, as documents write them
_SHIFT: Final = 29
_MASK: Final = (1 << _SHIFT) - 1
_POINT: Final = 1 << (2 * _SHIFT)
_ROWS: Final = 1 << LEVELS
_UNIT: Final = pi / 180 / _SCALE
_QUARTER: Final = pi / 2
_SLACK_KM: Final = 0.002  # far above the rounding of points and of floats, far below a cell


def pack(point: Point) -> int:
    """Write a point as one whole number, more than 0, that grows with its latitude."""
    north = round((point.latitude + 90) * _SCALE)
    east = round((point.longitude + 180) * _SCALE)
    return _POINT | north << _SHIFT | east


def unpack(packed: int) -> Point:
    """Read what `pack` wrote."""
    north, east = packed >> _SHIFT & _MASK, packed & _MASK
    return Point(north / _SCALE - 90, east / _SCALE - 180)


def name_cells(packed: int) -> list[str]:
    """Name the cells that a packed point lies in, the hemisphere first."""
    north, east = packed >> _SHIFT & _MASK, packed & _MASK
    row = min(north * _ROWS // (180 * _SCALE), _ROWS - 1)
    column = min(east * _ROWS // (180 * _SCALE), 2 * _ROWS - 1)
    # Bits read as decimal digits: twice the row's plus the column's is one digit 0 to 3 each.
    name = str(2 * int(f"{row:b}") + int(f"{column:b}")).zfill(LEVELS + 1)
    return [name[:end] for end in range(1, LEVELS + 2)]


def quarters(cell: str) -> tuple[str, ...]:
    """Name the four cells in a cell."""
    return cell + "0", cell + "1", cell + "2", cell + "3"


class Window(NamedTuple):
    """Bounds of packed points: the latitude is their highest part, so they compare as they are."""

    south: int
    north: int
    west: int
    east: int

    def choose(self, places: Sequence[int], among: range) -> list[int]:
        """Choose of some packed points (by index) those in it, and those that must be looked at closer."""
        south, north, west, east = self
        return [
            at
            for at in among
            if (south <= places[at] <= north and west <= places[at] & _MASK <= east)
            or places[at] >= HAS_ONLINE
        ]


class Centre:
    """The place that distances are measured from."""

    def __init__(self, point: Point, *, is_strict: bool = False) -> None:
        """Take a point; `is_strict` says that what can be had online is no nearer for it (`places.measure`)."""
        self.is_strict = is_strict
        self._north, self._east = radians(point.latitude), radians(point.longitude)
        self._cosine = cos(self._north)
        self._vector = _vector(self._north, self._east)

    def measure(self, places: Iterable[int]) -> list[float | None]:
        """Measure the distances to packed points (km, haversine); None for what is none."""
        # The innermost loop of every search: no calls but those of the formula.
        found: list[float | None] = []
        north_here, east_here, cosine_here = self._north, self._east, self._cosine
        for packed in places:
            if not packed & _POINT:
                found.append(None)
                continue
            north = (packed >> _SHIFT & _MASK) * _UNIT - _QUARTER
            east = (packed & _MASK) * _UNIT - pi
            half = (
                sin((north - north_here) / 2) ** 2
                + cosine_here * cos(north) * sin((east - east_here) / 2) ** 2
            )
            # Rounding can take it just above 1 at the other side of the Earth.
            found.append(_DIAMETER_KM * asin(sqrt(half) if half < 1 else 1.0))
        return found

    def window(self, km: float) -> Window:
        """Give a window that all packed points within a distance lie in."""
        reach = (km + _SLACK_KM) / _RADIUS_KM
        south = max(int((self._north - reach + _QUARTER) / _UNIT), 0)
        north = min(int((self._north + reach + _QUARTER) / _UNIT) + 1, _MASK)
        west, east = 0, _MASK
        # With a pole in reach every longitude is; across the antimeridian there are two windows.
        if abs(self._north) + reach < _QUARTER:
            half = asin(min(sin(reach) / self._cosine, 1.0))
            if abs(self._east) + half < pi:
                west = max(int((self._east - half + pi) / _UNIT) - 1, 0)
                east = int((self._east + half + pi) / _UNIT) + 1
        return Window(_POINT | south << _SHIFT, _POINT | north << _SHIFT | _MASK, west, east)

    def bounds(self, cell: str) -> tuple[float, float]:
        """Give distances that nothing in a cell is nearer than, and none further (km)."""
        (x, y, z), reach = _middle(cell)
        here = self._vector
        cosine = x * here[0] + y * here[1] + z * here[2]
        km = _RADIUS_KM * acos(max(-1.0, min(1.0, cosine)))
        return km - reach, km + reach


def _vector(north: float, east: float) -> tuple[float, float, float]:
    return cos(north) * cos(east), cos(north) * sin(east), sin(north)


@lru_cache(maxsize=8192)
def _middle(cell: str) -> tuple[tuple[float, float, float], float]:
    """Give the middle of a cell as a unit vector, and how far its corners are from there (km).

    The corners are what is furthest from the middle: along a meridian the cosine of the distance is
    concave, along a parallel it falls all the way, and no cell is wider than 180 degrees.
    """
    row = column = 0
    for digit in cell:
        row = row << 1 | int(digit) >> 1
        column = column << 1 | int(digit) & 1
    size = pi / (1 << (len(cell) - 1))
    south, west = row * size - _QUARTER, column * size - pi
    middle = _vector(south + size / 2, west + size / 2)
    cosine = min(
        sum(a * b for a, b in zip(middle, _vector(edge, west), strict=True))
        for edge in (south, south + size)
    )
    return middle, _RADIUS_KM * acos(max(-1.0, min(1.0, cosine))) + _SLACK_KM
