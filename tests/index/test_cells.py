"""Cells: whatever lies in a cell is within its bounds, at the poles and the antimeridian too."""

import itertools
import math

from hypothesis import example, given
from hypothesis import strategies as st

from index.entries import km_between
from localfed.app.values import Point
from localfed.index.around import cover_circle, walk_outwards
from localfed.index.cells import LEVELS, NOWHERE, Centre, name_cells, pack, unpack

latitudes = st.one_of(
    st.sampled_from([-90.0, -89.999999, 0.0, 89.999999, 90.0]), st.floats(-90, 90)
)
longitudes = st.one_of(
    st.sampled_from([-180.0, -179.999999, -0.000001, 0.0, 179.999999, 180.0]), st.floats(-180, 180)
)
points = st.builds(Point, latitudes, longitudes)


@given(point=points)
def test_a_point_is_kept_to_a_decimetre(point):
    assert km_between(point, unpack(pack(point))) < 0.0002


@given(point=points)
def test_a_point_lies_in_one_cell_of_every_size(point):
    cells = name_cells(pack(point))

    assert [len(cell) for cell in cells] == list(range(1, LEVELS + 2))
    assert all(small.startswith(large) for large, small in itertools.pairwise(cells))


@given(point=points, here=points)
@example(point=Point(90, 10), here=Point(89.99, -170))
@example(point=Point(0.5, 180), here=Point(0.5, -180))
@example(point=Point(-0.5, -179.9), here=Point(0.4, 179.9))
def test_bounds_hold_for_every_point_of_a_cell(point, here):
    packed = pack(point)
    (km,) = Centre(here).measure([packed])

    assert abs(km - km_between(here, unpack(packed))) < 1e-6
    for cell in name_cells(packed):
        nearest, furthest = Centre(here).bounds(cell)
        assert nearest <= km <= furthest


@given(point=points, here=points, slack=st.floats(0, 100))
@example(point=Point(0, -179.9), here=Point(0, 179.9), slack=0)
@example(point=Point(89.9, 90), here=Point(89.9, -90), slack=0)
@example(point=Point(60, 12), here=Point(59, 10), slack=0)
def test_a_window_has_every_point_within_a_distance(point, here, slack):
    packed = pack(point)
    (km,) = Centre(here).measure([packed])

    assert Centre(here).window(km + slack).choose([packed], range(1)) == [0]


@given(here=points, places=st.lists(points, max_size=60), radius_km=st.floats(0.001, 20_040))
def test_a_circle_is_covered_and_its_inside_is_inside(here, places, radius_km):
    held = {}
    for packed in map(pack, places):
        for cell in name_cells(packed):
            held[cell] = held.get(cell, 0) + 1
    centre = Centre(here)

    cover = cover_circle(centre, radius_km, lambda cell: held.get(cell, 0), leaf=2)

    for packed in map(pack, places):
        (km,) = centre.measure([packed])
        cells = set(name_cells(packed))
        if km <= radius_km:
            assert cells & {*cover.inside, *cover.edge}
        else:
            assert not cells & set(cover.inside)


@given(
    here=points,
    places=st.lists(points, max_size=60),
    spread=st.floats(1, 20),
    nowhere_km=st.sampled_from([0.0, 100.0, math.inf]),
)
def test_walking_outwards_meets_every_point_once_and_never_too_late(
    here, places, spread, nowhere_km
):
    packed = [pack(place) for place in places]
    held = {NOWHERE: 5}
    for place in packed:
        for cell in name_cells(place):
            held[cell] = held.get(cell, 0) + 1
    centre = Centre(here)
    left = list(packed)

    seen = []
    for ring in walk_outwards(
        centre, lambda cell: held.get(cell, 0), spread=spread, nowhere_km=nowhere_km
    ):
        seen += ring.cells
        left = [place for place in left if not set(name_cells(place)) & set(ring.cells)]
        assert all(km >= ring.beyond_km - 1e-6 for km in centre.measure(left))
        # What has no point counts as so far away: it is not read too late either.
        assert NOWHERE in seen or ring.beyond_km <= nowhere_km

    assert left == []
    assert seen.count(NOWHERE) == 1
