"""Few: the answer where few documents have the words: all of them are read, and counted here.

Where there are many, `many` does the same with the library's own counting, which for few takes longer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress
from typing import Final

import msgspec
from tantivy import DocAddress, Searcher

from localfed.index.circle import take_within
from localfed.index.profiles import Choices, Counted, Profiles, sift
from localfed.index.scoring import Hits, Ranked, Scoring

FEW: Final = 1_024
"""So many are read in half a millisecond."""

FEW_NEARBY: Final = 8_192
"""So many are read where there is a radius: cutting it out of all takes longer than measuring."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a search came to, in the index's own terms."""

    ranked: list[Ranked]
    total: int
    counted: Counted
    open_now: int


def answer_few(
    searcher: Searcher,
    hits: Hits,
    scoring: Scoring,
    *,
    radius_km: float | None,
    profiles: Profiles,
    choices: Choices,
    which_are_open: Callable[[list[DocAddress]], list[bool] | None],
) -> Outcome:
    """Answer from all documents that have the words, best first."""
    distances: Sequence[float | None] | None = None
    if scoring.centre is not None and radius_km is not None:
        hits, distances = take_within(searcher, hits, scoring.centre, radius_km)
    addresses = [address for _, address in hits]
    sifted = sift(profiles, searcher, addresses, choices=choices, opens=which_are_open(addresses))
    if choices.values or choices.is_open:
        hits = list(compress(hits, sifted.kept))
        distances = list(compress(distances, sifted.kept)) if distances is not None else None
    scoring.add(hits, distances)
    return Outcome(
        ranked=scoring.ranked, total=len(hits), counted=sifted.counted, open_now=sifted.open_now
    )
