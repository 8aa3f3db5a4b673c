"""Scoring: the best of what is read, without measuring what cannot be among it.

Here: hits in, the first results out. Not here: the formula (`blend`), which hits are read (`few`, `many`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any, Final, cast

from tantivy import DocAddress, Searcher

from localfed.index import fields
from localfed.index.blend import OLD, Weights
from localfed.index.cells import HALF_ROUND_KM, Centre
from localfed.index.places import measure, read_places

Hits = Sequence[tuple[Any, DocAddress]]
"""What the library found: bm25 and address, best first."""

Ranked = tuple[float, int, DocAddress, float | None]
"""A result: minus its score, its number (these two are the order), where it is, how far (`places.measure`)."""

_CHUNK: Final = 64


class Scoring:
    """The first results of one search, as more and more hits are read."""

    def __init__(
        self, searcher: Searcher, *, weights: Weights, centre: Centre | None, count: int
    ) -> None:
        """Take how many results are asked for."""
        self.weights = weights
        self.centre = centre
        self.ranked: list[Ranked] = []
        self._searcher = searcher
        self._count = count
        self._best: float | None = None
        self._numbers: set[int] = set()

    @property
    def last(self) -> float:
        """The score that something must pass to become one of them; less than 0 for anything."""
        return -self.ranked[-1][0] if len(self.ranked) == self._count else -1.0

    def words_score(self, bm25: float) -> float:
        """Give what a bm25 is worth in the blend."""
        return self.weights.words_score(bm25 / self._best if self._best else 0.0)

    def add(self, hits: Hits, distances: Sequence[float | None] | None = None) -> None:
        """Read hits, best first; the first ever read is the best there is.

        Args: `distances` of all of them (km), where they are known already.
        """
        if self._best is None and hits and self.weights.share is not None:
            self._best = hits[0][0]
        if self.centre is None:
            self._add_by_words(hits)
        else:
            self._add_by_both(hits, distances, self.centre)

    def _add_by_words(self, hits: Hits) -> None:
        """Read the first, and on while what comes may be among them: ties are settled by their numbers."""
        at, size = 0, self._count
        while at < len(hits) and self.words_score(hits[at][0]) >= self.last:
            step = hits[at : at + size]
            self._keep(step, [None] * len(step))
            at, size = at + size, _CHUNK

    def _add_by_both(
        self, hits: Hits, distances: Sequence[float | None] | None, centre: Centre
    ) -> None:
        """Read in steps: after each it is known how near the rest must be to matter."""
        places = read_places(self._searcher, [address for _, address in hits])
        at, size = 0, max(_CHUNK, self._count)
        while at < len(hits):
            # Nothing from here on has more of the words than this.
            km = self.weights.reach_km(self.last, self.words_score(hits[at][0]))
            if km is None:
                return
            step = range(at, min(at + size, len(hits)))
            chosen: Sequence[int] = step
            if km < min(self.weights.nowhere_km, HALF_ROUND_KM):
                chosen = centre.window(km).choose(places, step)
            chosen_hits = [hits[index] for index in chosen]
            if distances is None:
                addresses = [address for _, address in chosen_hits]
                chosen_places = [places[index] for index in chosen]
                measured = measure(self._searcher, centre, addresses, chosen_places)
            else:
                measured = [distances[index] for index in chosen]
            self._keep(chosen_hits, measured)
            at, size = at + size, size * 2

    def _keep(self, hits: Hits, distances: Sequence[float | None]) -> None:
        numbers = cast(
            "list[int]",
            self._searcher.fast_field_values(fields.ID, [address for _, address in hits]),
        )
        known, ranked, weights = self._numbers, self.ranked, self.weights
        olds = self._which_are_old(hits)
        for (bm25, address), number, km, is_old in zip(hits, numbers, distances, olds, strict=True):
            if number in known:
                continue
            known.add(number)
            score = self.words_score(bm25)
            if self.centre is not None:
                score *= weights.near_score(weights.away(km))
            ranked.append((-score * OLD if is_old else -score, number, address, km))
        ranked.sort()
        del ranked[self._count :]

    def _which_are_old(self, hits: Hits) -> Iterable[bool]:
        """Say of each hit whether nobody has said for long that it is right."""
        before = self.weights.old_before
        if not before:
            return repeat(False, len(hits))
        addresses = [address for _, address in hits]
        assured = cast("list[int]", self._searcher.fast_field_values(fields.ASSURED, addresses))
        return [0 < one < before for one in assured]
