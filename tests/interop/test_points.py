"""Points: decimals, and whether they can be right."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localfed.interop.points import (
    Placed,
    Point,
    decimal_degrees,
    doubts,
    read_point,
    split_point,
)
from localfed.protocol.forms import DecimalText, check_point


@pytest.mark.parametrize(
    "text,plain",
    [
        ("55.95", "55.95"),
        ("55,95", "55.95"),
        ("55.950000", "55.95"),
        ("23.33513259888", "23.335133"),
        ("-0.0000001", "0"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("+5", "5"),
        ("007.5", "7.5"),
        ("1e-3", "0.001"),
        ("5.", "5"),
        ("10", "10"),
        ("100.0", "100"),
    ],
)
def test_degrees_are_written_as_the_protocol_writes_decimals(text, plain):
    assert decimal_degrees(text) == plain


@pytest.mark.parametrize("text", ["", "north", "55°57'N", "1e999", "nan", "٥٥", "5 5", "1234567"])
def test_what_is_no_number_of_degrees_is_none(text):
    assert decimal_degrees(text) is None


@pytest.mark.parametrize(
    "latitude,longitude,code",
    [
        ("55.9", "", "half-a-point"),
        ("", "-3.1", "half-a-point"),
        ("north", "-3.1", "not-a-coordinate"),
        ("95", "200", "off-the-earth"),
        ("-3.1", "190", "off-the-earth"),
        ("120.5", "30.2", "swapped"),
        ("0", "0.0", "null-island"),
    ],
)
def test_a_point_that_cannot_be_is_left_out_with_its_reason(latitude, longitude, code):
    assert read_point(latitude, longitude) == code


def test_no_coordinates_are_no_fault():
    assert read_point(" ", "") is None


@pytest.mark.parametrize(
    "text", ["55.95, -3.19", "55.95 -3.19", "[55.95,-3.19]", "POINT(-3.19 55.95)", "55.95;-3.19"]
)
def test_both_degrees_in_one_field_are_parted(text):
    assert split_point(text) == ("55.95", "-3.19")


def at(latitude, longitude, country=None):
    return Placed(Point(str(latitude), str(longitude)), country)


HOME = [at(52 + n / 100, -1 - n / 100) for n in range(30)]


def test_a_point_outside_the_country_of_its_row_is_doubted():
    assert doubts([at(55.9, -3.2, "GB"), at(40.6, -80.5, "GB")]) == {1: "outside-country"}


def test_a_point_that_lies_in_its_country_when_turned_is_swapped():
    assert doubts([at(24.1, 56.9, "LV")]) == {0: "swapped"}


def test_a_point_without_a_country_far_from_all_others_is_doubted():
    assert doubts([*HOME, at(40.6, -80.5)]) == {30: "far-off"}


def test_a_point_without_a_country_near_the_others_when_turned_is_swapped():
    assert doubts([*HOME, at(-1.2, 52.1)]) == {30: "swapped"}


def test_a_mistake_made_twice_is_still_far_off():
    many = HOME * 4

    assert doubts([*many, at(40.6, -80.5), at(40.9, -78.9)]) == {120: "far-off", 121: "far-off"}


def test_a_far_country_that_the_row_names_is_believed():
    assert doubts([*HOME, at(0.3, 32.5, "UG")]) == {}


def test_few_points_tell_nothing_of_where_a_table_is_at_home():
    assert doubts([at(52, -1), at(53, -1), at(40, -80)]) == {}


def test_points_all_over_the_world_are_no_mistakes():
    scattered = [
        at(latitude, longitude) for latitude in (-60, 0, 60) for longitude in range(-170, 170, 40)
    ]

    assert doubts(scattered) == {}


def test_the_date_line_parts_no_neighbours():
    fiji = [at(-17 - n / 100, 179) for n in range(20)]

    assert doubts([*fiji, at(-17, -179)]) == {}


@given(st.floats() | st.floats(-200, 200), st.floats() | st.floats(-200, 200))
def test_any_two_numbers_give_a_point_of_the_protocol_or_a_code(latitude, longitude):
    found = read_point(repr(latitude), repr(longitude))

    if isinstance(found, Point):
        check_point(
            msgspec.convert(found.latitude, DecimalText),
            msgspec.convert(found.longitude, DecimalText),
        )
