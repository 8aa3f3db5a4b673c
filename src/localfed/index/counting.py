"""Counting: the numbers beside the choices where many documents match, by the library's own counting.

Here: each facet counted as if nothing of it were chosen. Not here: counting few (`profiles`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, cast

import msgspec
from tantivy import Query, Searcher

from localfed.app.index_values import ONLINE, Facet
from localfed.index import fields
from localfed.index.asking import Asking
from localfed.index.profiles import Choices, Counted, order_counts

VALUES: Final = 30
"""Values of a facet that are counted in an answer."""

_KEPT: Final = 256
"""Some kilobytes each."""

# Each segment gives so many: exact unless one has more values of a facet than that in one answer.
_IN_SEGMENT: Final = 5_000


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """What many documents came to."""

    total: int
    counted: Counted
    open_now: int


class Kept:
    """Numbers that many searches share: what was asked for last is kept longest."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, Numbers] = {}

    def get(self, key: Hashable, count: Callable[[], Numbers]) -> Numbers:
        """Give what is kept under a key; what is not is counted, and kept."""
        numbers = self._numbers.pop(key, None)
        if numbers is None:
            numbers = count()
            if len(self._numbers) >= _KEPT:
                self._numbers.pop(next(iter(self._numbers)), None)  # searches run on many threads
        self._numbers[key] = numbers
        return numbers

    def clear(self) -> None:
        """Forget all."""
        self._numbers.clear()


def count(searcher: Searcher, asked: Query) -> int:
    """Count what matches a query."""
    return (
        cast("Any", searcher.search(asked, 1)).count or 0
    )  # the library's types do not know of it


def count_many(
    searcher: Searcher,
    asking: Asking,
    base: list[Query],
    without: Query | None,
    *,
    choices: Choices,
    chosen: dict[Facet, Query],
    open_now: Query | None,
    only_kinds: bool,
) -> Numbers:
    """Count what matches, and each facet beside it.

    Args: `chosen`, a query for each facet of which something is chosen; `open_now`, None where nothing is open.
    """

    def all_but(left_out: Facet | None) -> list[Query]:
        return base + [query for facet, query in chosen.items() if facet is not left_out]

    wanted: Sequence[Facet] = (Facet.KIND,) if only_kinds else fields.COUNTED
    if not searcher.doc_freq(Facet.WHERE, fields.number_value(ONLINE)):
        wanted = [facet for facet in wanted if facet is not Facet.WHERE]  # known at once
    # Kinds are among it whatever is chosen: every document has one, so they are the total as well.
    plain = [facet for facet in wanted if facet is Facet.KIND or facet not in choices.values]
    counted = _aggregate(searcher, asking.both(all_but(None), without), plain)
    total = sum(count for _, count in counted[Facet.KIND])
    for facet in wanted:
        if facet in choices.values:
            asked = asking.both(all_but(facet), without)
            counted |= _aggregate(searcher, asked, [facet])
    number = 0
    if open_now is not None and not only_kinds:
        number = total
        if not choices.is_open:
            asked = asking.both([*all_but(None), open_now], without)
            number = count(searcher, asked)
    counted.setdefault(Facet.WHERE, [])
    return Numbers(total=total, counted=counted, open_now=number)


def _aggregate(searcher: Searcher, asked: Query, facets: Sequence[Facet]) -> Counted:
    what: dict[str, Any] = {
        facet: {"terms": {"field": facet, "size": VALUES, "segment_size": _IN_SEGMENT}}
        for facet in facets
    }
    answer = searcher.aggregate(asked, what)
    return {
        facet: order_counts(
            (int(bucket["key"]), bucket["doc_count"])
            for bucket in answer.get(facet, {}).get("buckets", ())
        )
        for facet in facets
    }
