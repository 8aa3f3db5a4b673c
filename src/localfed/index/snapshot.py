"""A snapshot: the index as one commit left it, answering searches.

Here: matching, counting and what is remembered between searches. Not here: the order of results
(`blend`), files and commits (`tantivy_index`).

Which words must be there is settled before anything else narrows a search, so that the numbers beside
the choices are what choosing them gives: all words; if fewer than three documents have all of them, at
least half; if still fewer than three, any.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import log1p
from typing import Any, Final

from tantivy import Order, Query, Searcher

from localfed.app.values import Hit, IndexAnswer, IndexQuery
from localfed.index import fields
from localfed.index.around import walk_outwards
from localfed.index.asking import Asking
from localfed.index.blend import REACHABLE, Weights
from localfed.index.cells import Centre
from localfed.index.circle import Compass
from localfed.index.few import FEW, FEW_NEARBY, Outcome, answer_few
from localfed.index.many import read_both
from localfed.index.scoring import Hits, Ranked, Scoring
from localfed.index.words import Analysis, Word

_ENOUGH: Final = 3
_CATEGORIES: Final = 30
_REMEMBERED: Final = 16_384

_OF_KINDS: Final = {"kinds": {"terms": {"field": fields.KIND, "size": 10}}}
_OF_CATEGORIES: Final = {
    # Each segment gives so many: exact unless one has more categories than that in one answer.
    "categories": {"terms": {"field": fields.CATEGORY, "size": _CATEGORIES, "segment_size": 5_000}}
}

_Kinds = dict[str, int]
_Categories = list[tuple[int, int]]

_NOTHING: Final = IndexAnswer(hits=(), total=0, kinds={}, categories={})


class Snapshot:
    """One commit."""

    def __init__(self, searcher: Searcher, asking: Asking, labels: dict[int, str]) -> None:
        """Take a searcher, and the spelling of categories known so far, to which more are added."""
        self._searcher = searcher
        self._asking = asking
        self._labels = labels
        self._held: dict[str, int] = {}
        self._counted: dict[object, tuple[_Kinds, _Categories]] = {}
        # While `now` is in here, the same documents have expired.
        self._steady = range(0)
        self._are_some_expired = False
        self.position = self._read_position()

    def rarity(self, stems: Iterable[str]) -> dict[str, float]:
        """Weigh stems by how few documents have them (the inverse document frequency of BM25)."""
        count, searcher = self._searcher.num_docs, self._searcher
        found = {}
        for stem in stems:
            has = max(
                searcher.doc_freq(fields.TEXT, stem), searcher.doc_freq(fields.TITLE_ENGLISH, stem)
            )
            found[stem] = log1p((max(count - has, 0) + 0.5) / (has + 0.5))
        return found

    def search(self, query: IndexQuery, analysis: Analysis) -> IndexAnswer:
        """Answer a search."""
        words = analysis.read_words(query.words)
        if (query.words.strip() and not words) or query.limit <= 0 or query.offset < 0:
            return _NOTHING  # brackets alone are no word that anything has
        self._look_at_clock(query.now)
        outcome = self._answer(query, words)
        end = min(query.offset + query.limit, REACHABLE)
        return IndexAnswer(
            hits=tuple(self._hit(ranked) for ranked in outcome.ranked[query.offset : end]),
            total=outcome.total,
            kinds=outcome.kinds,
            categories={
                self._label(number): count for number, count in outcome.categories[:_CATEGORIES]
            },
        )

    # --- matching ----------------------------------------------------------------------------

    def _answer(self, query: IndexQuery, words: tuple[Word, ...]) -> Outcome:
        centre = Centre(query.near) if query.near is not None else None
        base, hits, share = self._ask(query, words)
        if share is None and centre is None:
            return self._list(query, base)
        scoring = Scoring(
            self._searcher,
            weights=Weights.of(share=share, has_place=centre is not None),
            centre=centre,
            count=min(query.offset + query.limit, REACHABLE),
        )
        is_few, compass = len(hits) <= FEW, None
        if not is_few and query.near is not None and query.radius_km is not None:
            compass = Compass(
                self._searcher, self._asking, self._count_in, query.near, query.radius_km
            )
            hits = self._first_of([*base, compass.draw_roughly()], FEW_NEARBY + 1)
            is_few = len(hits) <= FEW_NEARBY
        if not is_few:
            return self._answer_many(query, base, hits, scoring, compass)
        return answer_few(
            self._searcher,
            hits,
            scoring,
            radius_km=query.radius_km,
            kind=query.kind,
            category=fields.number_category(query.category) if query.category else None,
        )

    def _ask(
        self, query: IndexQuery, words: tuple[Word, ...]
    ) -> tuple[list[Query], Hits, float | None]:
        """Settle which words must be there; returns that, the first that match, and the share."""
        valid = [self._asking.expires_after(query.now)] if self._are_some_expired else []
        if not words:
            base = valid or [self._asking.documents()]
            return base, self._first_of(base, FEW + 1) if query.near is not None else (), None
        asked: list[Query] = []
        hits: Hits = ()
        share = 1.0
        enough = (1,) if query.is_any_word else (len(words), -(-len(words) // 2), 1)
        for required in dict.fromkeys(enough):
            share = required / len(words)
            asked = [self._asking.words(words, required, are_all_somewhere=bool(hits)), *valid]
            hits = self._first_of(asked, FEW + 1)
            if len(hits) >= _ENOUGH:
                break
        return asked, hits, share

    def _first_of(self, queries: list[Query], limit: int) -> Hits:
        return self._searcher.search(self._asking.both(queries), limit, count=False).hits

    def _answer_many(
        self,
        query: IndexQuery,
        base: list[Query],
        hits: Hits,
        scoring: Scoring,
        compass: Compass | None,
    ) -> Outcome:
        among, without = self._searcher.num_docs, None
        if compass is not None:
            circle = compass.draw(self._asking.both(base))
            base, without, among = [*base, circle.within], circle.without, circle.among
        matching, total, kinds, categories = self._count(query, base, without)
        if query.kind or query.category or without is not None:
            hits = self._first_of([matching], FEW + 1)
        if scoring.centre is None or len(hits) <= FEW:
            scoring.add(hits)
        else:
            walk = walk_outwards(scoring.centre, self._count_in, spread=max(among / total, 1.0))
            read_both(self._searcher, self._asking, matching, hits, scoring, walk)
        return Outcome(ranked=scoring.ranked, total=total, kinds=kinds, categories=categories)

    def _list(self, query: IndexQuery, base: list[Query]) -> Outcome:
        """List by title what is merely there."""
        matching, total, kinds, categories = self._count(query, base, None)
        end = min(query.offset + query.limit, REACHABLE)
        hits = self._searcher.search(
            matching, end, count=False, order_by_field=fields.ORDER, order=Order.Asc
        ).hits
        return Outcome(
            ranked=[(0.0, 0, address, None) for _, address in hits],
            total=total,
            kinds=kinds,
            categories=categories,
        )

    # --- counting ----------------------------------------------------------------------------

    def _count(
        self, query: IndexQuery, base: list[Query], without: Query | None
    ) -> tuple[Query, int, _Kinds, _Categories]:
        """Apply kind and category; returns what then matches, how many, and both counts."""
        asking = self._asking
        kind = [asking.kind(query.kind)] if query.kind else []
        category = []
        if query.category:
            category = [asking.category(fields.number_category(query.category))]
        whole = asking.both(base + kind + category, without)
        key = (query.kind, query.category)
        is_common = not query.words.strip() and query.radius_km is None and not query.is_any_word
        counted = self._counted.get(key) if is_common else None
        if counted is None:
            if query.is_any_word:
                # Nobody is shown choices beside it: counting categories would be most of the work.
                counted = self._aggregate(asking.both(base + category, without), _OF_KINDS)[0], []
            elif kind or category:
                counted = (
                    self._aggregate(asking.both(base + category, without), _OF_KINDS)[0],
                    self._aggregate(asking.both(base + kind, without), _OF_CATEGORIES)[1],
                )
            else:
                counted = self._aggregate(whole, {**_OF_KINDS, **_OF_CATEGORIES})
            if is_common and len(self._counted) < _CATEGORIES:
                self._counted[key] = counted  # until the next commit, or until something expires
        kinds, categories = counted
        total = kinds.get(query.kind, 0) if query.kind else sum(kinds.values())
        return whole, total, kinds, categories

    def _aggregate(self, asked: Query, what: dict[str, Any]) -> tuple[_Kinds, _Categories]:
        answer = self._searcher.aggregate(asked, what)
        return (
            {bucket["key"]: bucket["doc_count"] for bucket in _buckets(answer, "kinds")},
            [
                (int(bucket["key"]), bucket["doc_count"])
                for bucket in _buckets(answer, "categories")
            ],
        )

    def _count_in(self, cell: str) -> int:
        held = self._held.get(cell)
        if held is None:
            held = self._searcher.doc_freq(fields.CELLS, cell)
            if len(self._held) < _REMEMBERED:
                self._held[cell] = held
        return held

    def _look_at_clock(self, now: int) -> None:
        """See whether anything has expired; while nothing has, nothing needs to be filtered."""
        if now in self._steady:
            return
        search, asking = self._searcher.search, self._asking
        gone = search(
            asking.expires_until(now), 1, order_by_field=fields.EXPIRES, order=Order.Desc
        ).hits
        comes = search(
            asking.expires_after(now), 1, order_by_field=fields.EXPIRES, order=Order.Asc
        ).hits
        self._are_some_expired = bool(gone)
        self._steady = range(gone[0][0] if gone else 0, comes[0][0] if comes else now + 1)
        self._counted.clear()

    # --- reading entries ---------------------------------------------------------------------

    def _hit(self, ranked: Ranked) -> Hit:
        score, _, address, km = ranked
        did, _, path = fields.read_bytes(self._searcher, address, fields.KEY).partition("/")
        return Hit(did=did, path=path, score=0.0 - score, km=km)

    def _label(self, number: int) -> str:
        """Name a category as one of its documents does."""
        label = self._labels.get(number)
        if label is None:
            hits = self._searcher.search(self._asking.category(number), 1, count=False).hits
            labels = fields.read_labels(self._searcher, hits[0][1]) if hits else []
            label = next((one for one in labels if fields.number_category(one) == number), "")
            if len(self._labels) < _REMEMBERED:
                self._labels[number] = label
        return label

    def _read_position(self) -> int:
        hits = self._searcher.search(self._asking.position(), 1, count=False).hits
        if not hits:
            return 0
        return int(fields.read_bytes(self._searcher, hits[0][1], fields.KEY))


def _buckets(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return answer[name]["buckets"] if name in answer else []
