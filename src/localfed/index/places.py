"""Places: where the documents of hits are, read from the index and measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from tantivy import DocAddress, Searcher

from localfed.index import fields
from localfed.index.cells import HAS_MORE, Centre


def read_places(searcher: Searcher, addresses: list[DocAddress]) -> list[int]:
    """Read the first point of each document, packed; 0 for none."""
    return cast("list[int]", searcher.fast_field_values(fields.PLACE, addresses))


def measure(
    searcher: Searcher, centre: Centre, addresses: Sequence[DocAddress], places: Sequence[int]
) -> list[float | None]:
    """Measure how far the nearest point of each document is (km); None without a point.

    What comes to the centre is 0 km from it: it counts as there.
    """
    distances = centre.measure(places)
    for at, place in enumerate(places):
        if place >= HAS_MORE:
            km, covers = look_closer(searcher, centre, addresses[at], distances[at])
            distances[at] = 0.0 if covers else km
    return distances


def look_closer(
    searcher: Searcher, centre: Centre, address: DocAddress, first: float | None
) -> tuple[float | None, bool]:
    """Measure all points of a document that has several or a reach; whether it comes to the centre."""
    more = fields.read_bytes(searcher, address, fields.MORE_PLACES)
    points = [
        (int(place), int(reach)) for place, _, reach in (p.partition(":") for p in more.split())
    ]
    others = centre.measure(place for place, _ in points)
    covers = any(
        km is not None and reach > 0 and km * 1000 <= reach
        for km, (_, reach) in zip(others, points, strict=True)
    )
    return min((km for km in (first, *others) if km is not None), default=None), covers
