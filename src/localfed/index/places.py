"""Places: where the documents of hits are, read from the index and measured."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import cast

from tantivy import DocAddress, Searcher

from localfed.index import fields
from localfed.index.cells import HAS_MORE, HAS_ONLINE, Centre


def read_places(searcher: Searcher, addresses: list[DocAddress]) -> list[int]:
    """Read the first point of each document, packed; 0 for none."""
    return cast("list[int]", searcher.fast_field_values(fields.PLACE, addresses))


def measure(
    searcher: Searcher, centre: Centre, addresses: Sequence[DocAddress], places: Sequence[int]
) -> list[float | None]:
    """Measure how far the nearest point of each document is (km); None without a point.

    What comes to the centre is 0 km from it: it counts as there. What can be had online is less than zero: its distance
    with a minus, without a point minus infinity. So it lies in every circle, unless the centre is strict.
    """
    distances = centre.measure(places)
    closer = [at for at, place in enumerate(places) if place >= HAS_ONLINE]
    if closer:
        looked = look_closer(
            searcher,
            centre,
            [addresses[at] for at in closer],
            [(places[at], distances[at]) for at in closer],
        )
        for at, (km, covers) in zip(closer, looked, strict=True):
            if covers:
                distances[at] = 0.0
            elif places[at] & HAS_ONLINE and not centre.is_strict:
                distances[at] = -inf if km is None else -km
            else:
                distances[at] = km
    return distances


def look_closer(
    searcher: Searcher,
    centre: Centre,
    addresses: Sequence[DocAddress],
    first: Sequence[tuple[int, float | None]],
) -> list[tuple[float | None, bool]]:
    """Measure all points of documents that may have several or a reach; whether they come to the centre.

    Args: `first`, the first point of each, packed, and its distance.
    """
    found: list[tuple[float | None, bool]] = []
    metres = searcher.fast_field_values(fields.METRES, list(addresses))
    for address, (place, km), reach in zip(addresses, first, metres, strict=True):
        if place < HAS_MORE:
            found.append((km, bool(reach) and km is not None and km * 1000 <= cast("int", reach)))
            continue
        more = fields.read_bytes(searcher, address, fields.MORE_PLACES)
        points = [(int(one), int(far)) for one, _, far in (p.partition(":") for p in more.split())]
        measured = [one for one in centre.measure(one for one, _ in points) if one is not None]
        covers = any(
            far and away * 1000 <= far for away, (_, far) in zip(measured, points, strict=True)
        )
        found.append((min(measured, default=km), covers))
    return found
