"""The National Grid, against the worked example of Ordnance Survey and places that everybody can look up."""

from __future__ import annotations

import pytest

from localfed.interop.national_grid import to_degrees

METRE = 0.00001  # degrees of latitude, about


def test_the_worked_example_of_the_guide():
    """A guide to coordinate systems in Great Britain, C.2: Caister water tower; there on OSGB36, here on WGS 84."""
    latitude, longitude = to_degrees(651409.903, 313177.270)

    assert latitude == pytest.approx(52 + 39 / 60 + 28.82 / 3600, abs=8 * METRE)
    assert longitude == pytest.approx(1 + 42 / 60 + 57.79 / 3600, abs=8 * METRE)


@pytest.mark.parametrize(
    "easting, northing, latitude, longitude",
    [
        (530268, 180640, 51.5094, -0.1245),  # Charing Cross railway station
        (325166, 673476, 55.9485, -3.1999),  # Edinburgh Castle
        (134200, 25300, 50.0662, -5.7148),  # Land's End
    ],
)
def test_known_places_are_where_they_are(easting, northing, latitude, longitude):
    found = to_degrees(easting, northing)

    assert found[0] == pytest.approx(latitude, abs=0.003)
    assert found[1] == pytest.approx(longitude, abs=0.01)
