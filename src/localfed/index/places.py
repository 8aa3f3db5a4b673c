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
    """Measure how far the nearest point of each document is (km); None without a point."""
    distances = centre.measure(places)
    for at, place in enumerate(places):
        if place >= HAS_MORE:
            more = fields.read_bytes(searcher, addresses[at], fields.MORE_PLACES)
            others = centre.measure(int(one) for one in more.split())
            distances[at] = min(km for km in (distances[at], *others) if km is not None)
    return distances
