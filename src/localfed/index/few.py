"""Few: the answer where few documents have the words: all of them are read, and counted here.

Where there are many, `many` does the same with the library's own counting, which for few takes longer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import compress
from typing import Final, cast

import msgspec
from tantivy import DocAddress, Searcher

from localfed.app.values import Kind
from localfed.index import fields
from localfed.index.cells import Centre
from localfed.index.places import measure, read_places
from localfed.index.scoring import Hits, Ranked, Scoring

FEW: Final = 1_024
"""So many are read in half a millisecond."""

FEW_NEARBY: Final = 2_048
"""So many are read where there is a radius: cutting it out of all takes longer than measuring."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a search came to, in the index's own terms."""

    ranked: list[Ranked]
    total: int
    kinds: dict[str, int]
    categories: list[tuple[int, int]]
    """Number of the category, count; most first."""


def answer_few(
    searcher: Searcher,
    hits: Hits,
    scoring: Scoring,
    *,
    radius_km: float | None,
    kind: Kind | None,
    category: int | None,
) -> Outcome:
    """Answer from all documents that have the words, best first."""
    distances: Sequence[float | None] | None = None
    if scoring.centre is not None and radius_km is not None:
        hits, distances = _within(searcher, hits, scoring.centre, radius_km)
    addresses = [address for _, address in hits]
    facets = cast("list[int]", searcher.fast_field_values(fields.FACETS, addresses))
    if kind is None and category is None:
        kinds = _count_kinds(facets)
        categories = _count_categories(searcher, addresses, facets)
    else:
        code = fields.KINDS.index(kind) if kind is not None else None
        of_kind = [code is None or one & fields.KIND_MASK == code for one in facets]
        of_category = [
            category is None or category in _categories(searcher, address, one)
            for address, one in zip(addresses, facets, strict=True)
        ]
        kinds = _count_kinds(compress(facets, of_category))
        categories = _count_categories(
            searcher, list(compress(addresses, of_kind)), list(compress(facets, of_kind))
        )
        of_both = [one and other for one, other in zip(of_kind, of_category, strict=True)]
        hits = list(compress(hits, of_both))
        distances = list(compress(distances, of_both)) if distances is not None else None
    scoring.add(hits, distances)
    return Outcome(ranked=scoring.ranked, total=len(hits), kinds=kinds, categories=categories)


def _within(
    searcher: Searcher, hits: Hits, centre: Centre, radius_km: float
) -> tuple[Hits, list[float | None]]:
    """Leave out what is too far away or has no point; returns the rest and its distances."""
    addresses = [address for _, address in hits]
    places = read_places(searcher, addresses)
    chosen = centre.window(radius_km).choose(places, range(len(places)))
    hits = [hits[at] for at in chosen]
    addresses, places = [addresses[at] for at in chosen], [places[at] for at in chosen]
    distances = measure(searcher, centre, addresses, places)
    is_within = [km is not None and km <= radius_km for km in distances]
    return list(compress(hits, is_within)), list(compress(distances, is_within))


def _count_kinds(facets: Iterable[int]) -> dict[str, int]:
    codes = Counter([one & fields.KIND_MASK for one in facets])
    return {fields.KINDS[code]: count for code, count in codes.items()}


def _count_categories(
    searcher: Searcher, addresses: Sequence[DocAddress], facets: Sequence[int]
) -> list[tuple[int, int]]:
    counts = Counter([one >> fields.FACETS_SHIFT for one in facets])
    for address, one in zip(addresses, facets, strict=True):
        if one & fields.HAS_MORE_CATEGORIES:
            counts.update(_categories(searcher, address, one)[1:])
    del counts[0]  # without a category
    return counts.most_common()


def _categories(searcher: Searcher, address: DocAddress, facets: int) -> list[int]:
    """Give the numbers of a document's categories; [0] for none."""
    if facets & fields.HAS_MORE_CATEGORIES:
        return [fields.number_category(label) for label in fields.read_labels(searcher, address)]
    return [facets >> fields.FACETS_SHIFT]
