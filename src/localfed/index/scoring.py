"""Scoring: the best of what is read, without measuring what cannot be among it.

Here: hits in, the first results out. Not here: the formula (`blend`), which hits are read (`few`, `many`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from tantivy import DocAddress, Searcher

from localfed.index import fields
from localfed.index.blend import HALF_KM, Weights
from localfed.index.cells import HALF_ROUND_KM, Centre
from localfed.index.places import measure, read_places

Hits = Sequence[tuple[Any, DocAddress]]
"""What the library found: bm25 and address, best first."""

Ranked = tuple[float, int, DocAddress, float | None]
"""A result: minus its score, its number (these two are the order), where it is, how far."""

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
        return self.weights.words * bm25 / self._best if self._best else 0.0

    def add(self, hits: Hits, distances: Sequence[float | None] | None = None) -> None:
        """Read hits, best first; the first ever read is the best there is.

        Args: `distances` of all of them (km), where they are known already.
        """
        if self._best is None and hits and self.weights.words:
            self._best = hits[0][0]
        if self.centre is None:
            self._add_by_words(hits)
        else:
            self._add_by_both(hits, distances, self.centre)

    def _add_by_words(self, hits: Hits) -> None:
        """Read the first, and all that tie with the last of them: their numbers settle it."""
        end = min(self._count, len(hits))
        while 0 < end < len(hits) and hits[end][0] == hits[end - 1][0]:
            end += 1
        self._keep(hits[:end], [None] * end)

    def _add_by_both(
        self, hits: Hits, distances: Sequence[float | None] | None, centre: Centre
    ) -> None:
        """Read in steps: after each it is known how near the rest must be to matter."""
        places = read_places(self._searcher, [address for _, address in hits])
        at, size = 0, max(_CHUNK, self._count)
        while at < len(hits):
            # Nothing from here on has more of the words than this.
            km = self.weights.reach_km(self.last - self.words_score(hits[at][0]))
            if km is None:
                return
            step = range(at, min(at + size, len(hits)))
            chosen: Sequence[int] = step
            if km < HALF_ROUND_KM:
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
        words = self.words_score(1.0)
        place, known, ranked = self.weights.place, self._numbers, self.ranked
        for (bm25, address), number, km in zip(hits, numbers, distances, strict=True):
            if number in known:
                continue
            known.add(number)
            score = words * bm25
            if km is not None:
                score += place * HALF_KM / (HALF_KM + km)
            ranked.append((-score, number, address, km))
        ranked.sort()
        del ranked[self._count :]
