"""The National Grid of Great Britain: eastings and northings in metres, made into latitude and longitude.

Here: the inverse of the transverse Mercator projection on the Airy 1830 ellipsoid, and the Helmert shift from OSGB36 to
WGS 84, which is right to about 5 metres (the grid of differences that would do better is larger than the postcodes).
Source: Ordnance Survey, "A guide to coordinate systems in Great Britain", v3.6, sections 6.6 and C.2, annexe B and C.
"""

from __future__ import annotations

from math import atan2, cos, degrees, hypot, radians, sin, sqrt, tan
from typing import Final

_AIRY: Final = (6_377_563.396, 6_356_256.909)
_WGS84: Final = (6_378_137.000, 6_356_752.3142)
_SCALE: Final = 0.9996012717
_TRUE_ORIGIN: Final = (radians(49), radians(-2))
_FALSE_ORIGIN: Final = (400_000.0, -100_000.0)
_SHIFT: Final = (446.448, -125.157, 542.060)  # metres
_TURN: Final = tuple(radians(seconds / 3600) for seconds in (0.1502, 0.2470, 0.8421))
_GROWTH: Final = 1 - 20.4894e-6
_ENOUGH_METRES: Final = 0.00001
_ENOUGH_RADIANS: Final = 1e-11


def to_degrees(easting: float, northing: float) -> tuple[float, float]:
    """Give latitude and longitude (WGS 84, degrees) of a point of the grid (metres)."""
    return _to_wgs84(*_from_grid(easting, northing))


def _arc(latitude: float) -> float:
    """Measure the developed arc of the meridian from the true origin."""
    a, b = _AIRY
    n = (a - b) / (a + b)
    south, north = latitude - _TRUE_ORIGIN[0], latitude + _TRUE_ORIGIN[0]
    return (
        b
        * _SCALE
        * (
            (1 + n + 5 / 4 * n**2 + 5 / 4 * n**3) * south
            - (3 * n + 3 * n**2 + 21 / 8 * n**3) * sin(south) * cos(north)
            + (15 / 8 * n**2 + 15 / 8 * n**3) * sin(2 * south) * cos(2 * north)
            - 35 / 24 * n**3 * sin(3 * south) * cos(3 * north)
        )
    )


def _from_grid(easting: float, northing: float) -> tuple[float, float]:
    a, b = _AIRY
    e2 = 1 - b * b / (a * a)
    up = northing - _FALSE_ORIGIN[1]
    latitude = up / (a * _SCALE) + _TRUE_ORIGIN[0]
    while abs(up - (arc := _arc(latitude))) >= _ENOUGH_METRES:
        latitude += (up - arc) / (a * _SCALE)
    nu = a * _SCALE / sqrt(1 - e2 * sin(latitude) ** 2)
    rho = a * _SCALE * (1 - e2) / (1 - e2 * sin(latitude) ** 2) ** 1.5
    eta2 = nu / rho - 1
    t = tan(latitude)
    t2, secant, east = t * t, 1 / cos(latitude), easting - _FALSE_ORIGIN[0]
    seven = t / (2 * rho * nu)
    eight = t / (24 * rho * nu**3) * (5 + 3 * t2 + eta2 - 9 * t2 * eta2)
    nine = t / (720 * rho * nu**5) * (61 + 90 * t2 + 45 * t2 * t2)
    ten = secant / nu
    eleven = secant / (6 * nu**3) * (nu / rho + 2 * t2)
    twelve = secant / (120 * nu**5) * (5 + 28 * t2 + 24 * t2 * t2)
    last = secant / (5040 * nu**7) * (61 + 662 * t2 + 1320 * t2**2 + 720 * t2**3)
    return (
        latitude - seven * east**2 + eight * east**4 - nine * east**6,
        _TRUE_ORIGIN[1] + ten * east - eleven * east**3 + twelve * east**5 - last * east**7,
    )


def _to_wgs84(latitude: float, longitude: float) -> tuple[float, float]:
    a, b = _AIRY
    nu = a / sqrt(1 - (1 - b * b / (a * a)) * sin(latitude) ** 2)
    x = nu * cos(latitude) * cos(longitude)
    y = nu * cos(latitude) * sin(longitude)
    z = nu * b * b / (a * a) * sin(latitude)
    turn_x, turn_y, turn_z = _TURN
    there = (
        _SHIFT[0] + _GROWTH * x - turn_z * y + turn_y * z,
        _SHIFT[1] + turn_z * x + _GROWTH * y - turn_x * z,
        _SHIFT[2] - turn_y * x + turn_x * y + _GROWTH * z,
    )
    a, b = _WGS84
    e2 = 1 - b * b / (a * a)
    far = hypot(there[0], there[1])
    before, found = 0.0, atan2(there[2], far * (1 - e2))
    while abs(found - before) > _ENOUGH_RADIANS:
        before = found
        nu = a / sqrt(1 - e2 * sin(before) ** 2)
        found = atan2(there[2] + e2 * nu * sin(before), far)
    return degrees(found), degrees(atan2(there[1], there[0]))
