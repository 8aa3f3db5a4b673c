"""Listing: results that are put in order without being scored: the newest first, or all there is.

Not here: what is scored (`scoring`), what is counted (`counting`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tantivy import DocAddress, Order, Query, Searcher

from localfed.app.index_values import Facet
from localfed.app.values import Kind
from localfed.index import fields
from localfed.index.asking import Asking


def list_newest(searcher: Searcher, matching: Query, count: int) -> list[DocAddress]:
    """List what a person said last to be right."""
    hits = searcher.search(
        matching, count, count=False, order_by_field=fields.ASSURED, order=Order.Desc
    ).hits
    return [address for _, address in hits]


def list_unasked(
    searcher: Searcher,
    asking: Asking,
    matching: Query,
    count: int,
    *,
    first: Sequence[Sequence[str]],
    old_before: int,
) -> list[DocAddress]:
    """List what matches where neither words nor a place say what comes first; in each part by title.

    What `first` (SCIDs, group after group) offer and need, what others do, organisations; last what nobody has said to be
    right since `old_before` (0: nothing is old).
    """
    found: list[DocAddress] = []
    for part in _parts(asking, matching, first, old_before):
        hits = searcher.search(
            part, count - len(found), count=False, order_by_field=fields.ORDER, order=Order.Asc
        ).hits
        found += [address for _, address in hits]
        if len(found) >= count:
            break
    return found


def _parts(
    asking: Asking, matching: Query, first: Sequence[Sequence[str]], old_before: int
) -> Iterator[Query]:
    old = asking.assured_before(old_before) if old_before else None
    fresh = asking.both([matching], old)
    listings = asking.either(
        *(asking.value(Facet.KIND, fields.number_value(kind)) for kind in (Kind.OFFER, Kind.NEED))
    )
    before: list[str] = []
    for group in first:
        of_these = asking.any_term(fields.PUBLISHER, [one for one in group if one not in before])
        others = asking.any_term(fields.PUBLISHER, before) if before else None
        yield asking.both([fresh, listings, of_these], others)
        before += group
    yield asking.both(
        [fresh, listings], asking.any_term(fields.PUBLISHER, before) if before else None
    )
    yield asking.both([fresh], listings)
    if old is not None:
        yield asking.both([matching, old])
