"""Files of places: what was packed is found again, and what is damaged is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localfed.interop.place_file import (
    Codes,
    Group,
    Name,
    Origin,
    read_names,
    write_codes,
    write_names,
)
from localfed.interop.place_sources import read_table
from localfed.protocol.errors import BadFile, BadTable

ORIGIN = Origin(country="XX", title="A table", licence="CC0", attribution="")
LETTERS = st.from_regex(r"[A-Z]{2}", fullmatch=True)
METRES = 0.00005


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z0-9]{1,6}", fullmatch=True),
        st.dictionaries(
            LETTERS, st.tuples(st.floats(49, 61), st.floats(-8, 2)), min_size=1, max_size=20
        ),
        min_size=1,
        max_size=20,
    )
)
def test_every_code_is_found_where_it_is_and_no_other(groups):
    data = write_codes(
        ORIGIN,
        [
            Group(key=key, codes=[(rest, *point) for rest, point in codes.items()])
            for key, codes in groups.items()
        ],
        with_rows=True,
    )

    codes = Codes(data, "x")

    for key, points in groups.items():
        farthest = max(
            max(abs(one - other) for one in axis for other in axis)
            for axis in zip(*points.values(), strict=True)
        )
        for rest, (latitude, longitude) in points.items():
            found = codes.code(key, rest)
            assert found is not None
            # Steps are as long as the group is wide.
            assert found.latitude == pytest.approx(latitude, abs=METRES * (1 + 4 * farthest))
            assert found.longitude == pytest.approx(longitude, abs=METRES * (1 + 4 * farthest))
    assert codes.code("-", "AA") is None
    assert codes.group("-") is None


def test_a_file_is_refused_wherever_it_is_cut_off():
    data = write_codes(ORIGIN, [Group(key="A1", codes=[("AA", 50.0, 0.0)])], with_rows=True)

    for length in range(len(data)):
        with pytest.raises(BadFile):
            Codes(data[:length], "x")


def test_names_are_read_back():
    names = [
        Name(name="Trefach", also=("Small Town",), region="Dyfed", latitude=52.0, longitude=-4.0),
        Name(name="Mawr", latitude=51.5, longitude=-3.5, population=9),
    ]

    data = write_names(ORIGIN, names)

    assert read_names(data, "x") == [names[1], names[0]]
    with pytest.raises(BadFile):
        read_names(data[:-3], "x")


@pytest.mark.parametrize(
    "table, said",
    [
        ("", "columns"),
        ("name,lat\nA,1", "columns"),
        ("latitude,longitude\n1,2", "code or name"),
        ("name,latitude,longitude\nA,x,2", "row 2"),
        ("name,latitude,longitude\nA,1,2\nB,91,2", "row 3"),
        ("name,latitude,longitude,population\nA,1,2,many", "row 2"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_its_row(table, said):
    with pytest.raises(BadTable, match=said):
        read_table(table)
