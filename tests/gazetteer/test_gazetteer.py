"""The gazetteer with the data that the package carries, and with files that an operator installed."""

from __future__ import annotations

import csv
from itertools import islice
from math import cos, hypot, radians
from statistics import median

import pytest

from judged.town import COOPS
from localfed.app.whereabouts import find_place, suggest_places
from localfed.gazetteer.files import FOLDER
from localfed.gazetteer.gazetteer import OfflinePlaces
from localfed.interop.place_file import Group, Origin, write_codes
from localfed.interop.place_sources import CODE_POINT
from localfed.protocol.errors import BadQuery, UnknownPlace
from localfed.server.place_building import UNITS, add_table, write_file

PLACES = OfflinePlaces()
ABOUT_A_MILE = 0.03


@pytest.mark.parametrize(
    "typed, label, latitude, longitude",
    [
        ("EH1 1AD", "EH1 1", 55.949, -3.192),
        ("eh11ad", "EH1 1", 55.949, -3.192),
        ("EH1", "EH1", 55.95, -3.19),
        ("SW1A 1AA", "SW1A 1", 51.503, -0.139),
        ("Todmorden", "Todmorden, England", 53.714, -2.098),
        ("TODMORDEN ", "Todmorden, England", 53.714, -2.098),
        ("todmordn", "Todmorden, England", 53.714, -2.098),
        ("Caerdydd", "Cardiff, Wales", 51.481, -3.180),
        ("Abertawe", "Swansea, Wales", 51.621, -3.943),
        ("st andrews", "Saint Andrews, Scotland", 56.339, -2.799),
        ("Bishop's Stortford", "Bishops Stortford, England", 51.871, 0.159),
        ("nr Leeds", "Leeds, England", 53.797, -1.548),
        ("Newcastle", "Newcastle upon Tyne, England", 54.973, -1.614),
        ("Newport, Telford", "Newport, England", 52.767, -2.377),
        ("Leith, Edinburgh", "Edinburgh, Scotland", 55.952, -3.196),
        ("W1", "W1", 51.517, -0.141),
        ("55.95, -3.19", "55.95, -3.19", 55.95, -3.19),
        ("55.95 -3.19", "55.95, -3.19", 55.95, -3.19),
    ],
)
def test_a_place_is_found_however_it_is_typed(typed, label, latitude, longitude):
    spot = find_place(PLACES, typed)

    assert spot.label == label
    assert spot.point.latitude == pytest.approx(latitude, abs=ABOUT_A_MILE)
    assert spot.point.longitude == pytest.approx(longitude, abs=ABOUT_A_MILE)


def test_of_several_places_of_one_name_the_most_peopled_is_meant_and_the_others_are_named():
    spot = find_place(PLACES, "newport")

    assert spot.label == "Newport, Wales"
    assert len(set(spot.others)) == len(spot.others) > 2, "no two of them read alike"
    for other in spot.others:
        assert find_place(PLACES, other).point != spot.point


@pytest.mark.parametrize("typed", ["ZZ9 9ZZ", "qqqq", "'; DROP TABLE", "x" * 10_000, "\x00", "%"])
def test_nonsense_is_answered_with_what_to_do(typed):
    with pytest.raises(UnknownPlace) as caught:
        find_place(PLACES, typed)

    assert "postcode" in caught.value.next_step
    assert len(caught.value.message) < 200


@pytest.mark.parametrize("typed", ["91,0", "0,181", "99999,99999"])
def test_a_point_beyond_the_earth_is_refused(typed):
    with pytest.raises(BadQuery, match="latitude from -90 to 90"):
        find_place(PLACES, typed)


def test_a_short_name_with_a_slip_is_suggested_and_not_taken():
    with pytest.raises(UnknownPlace) as caught:
        find_place(PLACES, "Rypon")

    assert "Ripon, England" in caught.value.suggestions


@pytest.mark.parametrize(
    "typed, first",
    [
        ("new", "Newcastle upon Tyne, England"),
        ("hebd", "Hebden Bridge, England"),
        ("eh1", "EH1"),
        ("EH1 1A", "EH1 1"),
        ("aberyst", "Aberystwyth, Wales"),
        ("", None),
        ("   ", None),
    ],
)
def test_places_are_suggested_while_somebody_types(typed, first):
    found = [one.label for one in suggest_places(PLACES, typed)]

    assert found[:1] == ([first] if first else [])
    assert len(found) <= 8


def test_every_postcode_is_found_where_the_operator_installed_them(tmp_path):
    group = Group(key="EH1 1", codes=[("AD", 55.9489, -3.1926), ("AE", 55.9491, -3.1894)])
    write_file(tmp_path / FOLDER, UNITS, write_codes(CODE_POINT, [group], with_rows=True))
    places = OfflinePlaces(tmp_path)

    exact, unknown = find_place(places, "EH1 1AE"), find_place(places, "EH1 1ZZ")

    assert (exact.label, exact.radius_km) == ("EH1 1AE", 0.1)
    assert exact.point.longitude == pytest.approx(-3.1894, abs=0.0001)
    assert unknown.label == "EH1 1", "the sector, where the postcode is not known"
    assert "units" in {one.kind for one in places.sources()}


def test_a_damaged_file_is_passed_over_and_named(tmp_path):
    write_file(tmp_path / FOLDER, UNITS, b"LFPLACES1\n{}")
    write_file(tmp_path / FOLDER, "empty.bin", b"")
    places = OfflinePlaces(tmp_path)

    assert find_place(places, "EH1 1AD").label == "EH1 1"
    assert places.damaged() == ("empty.bin", UNITS)


def test_an_operator_adds_codes_and_names_of_another_country(tmp_path):
    table = "code,name,latitude,longitude,region\n10115,Musterstadt,52.53,13.38,Berlin\n10 117,,52.52,13.39,\n"
    origin = Origin(country="DE", title="Ours", licence="CC0", attribution="From us.")

    written = add_table(tmp_path / FOLDER, table, origin)
    places = OfflinePlaces(tmp_path)

    assert [path.name for path in written] == ["de-codes.bin", "de-names.bin"]
    assert find_place(places, "10117").point.latitude == pytest.approx(52.52, abs=0.001)
    assert find_place(places, "musterstadt").label == "Musterstadt, Berlin"
    assert "From us." in {one.attribution for one in places.sources()}


def test_what_the_package_carries_is_all_of_great_britain():
    entries = {one.kind: one.entries for one in PLACES.sources()}

    assert entries == {"codes": 10_848, "names": 5_911}
    assert all(one.attribution for one in PLACES.sources())


@pytest.mark.parametrize("typed", ["BT1 1AA", "je2 3ab", "BFPO 12", "IM1 1AA"])
def test_a_postcode_that_no_open_table_has_is_answered_with_what_to_do(typed):
    with pytest.raises(UnknownPlace, match="not among the open data: give a town"):
        find_place(PLACES, typed)


@pytest.mark.skipif(not COOPS.is_file(), reason=f"no real records at {COOPS}")
def test_postcodes_of_real_organisations_are_found_about_where_they_are():
    """2,000 co-operatives, each with its postcode and the point that others gave it."""
    away, unknown = [], []
    with COOPS.open(encoding="utf-8-sig", newline="") as file:
        for row in islice(csv.DictReader(file), 2_000):
            if not (
                row["Postcode"]
                and row["Geo Container Latitude"]
                and row["Geo Container"].endswith(row["Postcode"].replace(" ", ""))
            ):
                continue
            try:
                spot = find_place(PLACES, row["Postcode"].lower())
            except UnknownPlace:
                unknown.append(row["Postcode"])
                continue
            north = spot.point.latitude - float(row["Geo Container Latitude"])
            east = (spot.point.longitude - float(row["Geo Container Longitude"])) * cos(
                radians(spot.point.latitude)
            )
            away.append(hypot(north, east) * 111.2)

    assert len(away) > 1_000
    assert len(unknown) < 0.02 * len(away)
    assert median(away) < 1.0
    assert sum(one > 20 for one in away) < 0.01 * len(away)


def test_what_an_operator_adds_makes_it_another_edition(tmp_path):
    before = OfflinePlaces(tmp_path).edition()
    assert OfflinePlaces().edition() == OfflinePlaces(tmp_path).edition() == before

    group = Group(key="EH1 1", codes=[("AD", 55.95, -3.19)])
    write_file(tmp_path / FOLDER, UNITS, write_codes(CODE_POINT, [group], with_rows=True))

    assert OfflinePlaces(tmp_path).edition() != before
