"""The blend: in what order results come.

relevance   bm25 divided by the best bm25 found, times the share of the words that had to be there; 1 without words
nearness    1 / (1 + km/10): 1 here, a half at 10 km, a tenth at 90 km
freshness   1; a half where nobody said for more than a year that it is right
score       words and place: √relevance · nearness; words alone: relevance; place alone: nearness; times freshness

A product, because a sum lets words make up for any distance: here twice the relevance makes up for 40 % more way, among
near things as among far ones. What can be had online counts as no further than 25 km away, what has no place as 100 km.

Ties are settled by the document's number, so that the order is total and pages do not overlap. Not here:
which documents are scored (`scoring`, `few`, `many`), what is listed without being scored (`listing`).
"""

from __future__ import annotations

from math import inf, sqrt
from typing import Final

import msgspec

from localfed.app.index_values import IndexQuery, Sort

REACHABLE: Final = 1_000
"""Results that can be paged to: nobody reads on, and what is beyond costs memory to rank."""

HALF_KM: Final = 10.0
"""Where nearness is a half: between a walk and a drive."""

ONLINE_KM: Final = 25.0
"""As far away, at most, counts what can be had online: after what is near, before what is far."""

NOWHERE_KM: Final = 100.0
"""As far away counts what has no place."""

OLD: Final = 0.5
"""What something is worth of which nobody said for long that it is right (`index_values.OLD_SECONDS`)."""

_SLACK: Final = 1e-9  # far above the rounding of floats


class Weights(msgspec.Struct, frozen=True):
    """What words, place and age count in one search."""

    share: float | None
    """Of its words, how many had to be there; None where words say nothing of the order."""
    has_place: bool
    nowhere_km: float = NOWHERE_KM
    online_km: float = ONLINE_KM
    old_before: int = 0
    """Seconds since 1970: what nobody has said to be right since then is old; 0: nothing is."""

    @classmethod
    def of(cls, query: IndexQuery, share: float | None, old_before: int) -> Weights:
        """Weigh a search of whose words `share` had to be there."""
        if query.sort is Sort.NEAREST:
            # Distance alone: what has no place comes after everything that has one.
            return cls(None, has_place=True, nowhere_km=inf, online_km=inf)
        return cls(share, has_place=query.near is not None, old_before=old_before)

    def words_score(self, part: float) -> float:
        """Give what words are worth whose bm25 is so much of the best."""
        if self.share is None:
            return 1.0
        return sqrt(self.share * part) if self.has_place else self.share * part

    def away(self, km: float | None) -> float:
        """Say how far away something counts as that is measured so (`places.measure`)."""
        if km is None:
            return self.nowhere_km
        return km if km >= 0.0 else min(-km, self.online_km)

    @staticmethod
    def near_score(km: float) -> float:
        """Give what a distance is worth in the blend."""
        return HALF_KM / (HALF_KM + km)

    @staticmethod
    def reach_km(score: float, words: float) -> float | None:
        """Say how far away is still worth a score, given what its words are; None: nowhere; infinite: anywhere."""
        if score <= _SLACK:
            return inf
        if score > words + _SLACK:
            return None
        return max(HALF_KM * (words / (score - _SLACK) - 1), 0.0)
