"""The blend: in what order results come.

relevance   bm25 divided by the best bm25 found, times the share of the words that had to be there
nearness    1 / (1 + km/10): 1 here, a half at 10 km; 0 without a point
score       words and place: half of each; words alone: relevance; place alone: nearness

Ties are settled by the document's number, so that the order is total and pages do not overlap. Not here:
which documents are scored (`scoring`, `few`, `many`).
"""

from __future__ import annotations

from math import inf
from typing import Final

import msgspec

REACHABLE: Final = 1_000
"""Results that can be paged to: nobody reads on, and what is beyond costs memory to rank."""

HALF_KM: Final = 10.0
"""Where nearness is a half: between a walk and a drive."""

_SLACK: Final = 1e-9  # far above the rounding of floats


class Weights(msgspec.Struct, frozen=True):
    """What words and place count in one search; together at most 1."""

    words: float
    place: float

    @classmethod
    def of(cls, *, share: float | None, has_place: bool) -> Weights:
        """Weigh a search: `share` of its words had to be there, None for a search without words."""
        if share is None:
            return cls(0.0, 1.0)
        return cls(share / 2, 0.5) if has_place else cls(share, 0.0)

    def near_score(self, km: float) -> float:
        """Give what a distance is worth in the blend."""
        return self.place * HALF_KM / (HALF_KM + km)

    def reach_km(self, score: float) -> float | None:
        """Say how far away is still worth a score; None if nowhere is, infinite if anywhere is."""
        if score <= _SLACK:
            return inf
        if score > self.place + _SLACK:
            return None
        return max(HALF_KM * (self.place / (score - _SLACK) - 1), 0.0)
