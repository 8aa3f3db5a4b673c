"""A snapshot: the index as one commit left it, answering searches.

Here: matching, counting and what is remembered between searches. Not here: the order of results
(`blend`), files and commits (`tantivy_index`).

Which words must be there is settled before anything else narrows a search (`settling`), so that the numbers beside the
choices are what choosing them gives.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import log1p
from typing import Final

import msgspec
from tantivy import DocAddress, Order, Query, Searcher

from localfed.app.index_values import (
    OLD_SECONDS,
    Completion,
    Facet,
    IndexAnswer,
    IndexQuery,
    Meant,
    Sort,
)
from localfed.index import fields
from localfed.index.around import walk_outwards
from localfed.index.asking import Asking
from localfed.index.blend import REACHABLE, Weights
from localfed.index.cells import Centre
from localfed.index.circle import Compass
from localfed.index.completing import complete
from localfed.index.counting import Kept, Numbers, count, count_many
from localfed.index.entries import Entries
from localfed.index.few import FEW, FEW_NEARBY, Outcome, answer_few
from localfed.index.listing import list_newest, list_unasked
from localfed.index.many import read_both
from localfed.index.nearby import Nearby
from localfed.index.profiles import Choices, Profiles
from localfed.index.scoring import Hits, Ranked, Scoring
from localfed.index.settling import Settled, settle, settle_any
from localfed.index.spans import name_moment
from localfed.index.spelling import Spelling
from localfed.index.words import Analysis, Word, respell

_REMEMBERED: Final = 16_384
_TWO: Final = 2

_NOTHING: Final = IndexAnswer(hits=(), total=0, facets={})


_Said = tuple[tuple[Word, ...], tuple[Meant, ...], tuple[str, ...], float | None, bool]
"""The words of a search, what they are about, the share of the words that had to be there (None without words), whether what is about it did, too."""


class Snapshot:
    """One commit."""

    def __init__(self, searcher: Searcher, asking: Asking, profiles: Profiles) -> None:
        """Take a searcher, and the profiles known so far, to which more are added."""
        self._searcher = searcher
        self._asking = asking
        self._profiles = profiles
        self.entries = Entries(searcher, asking, profiles)
        self._spelling = Spelling(searcher, asking)
        self._held: dict[str, int] = {}
        self._counted = Kept()  # until the next commit, or until something expires
        self._nearby = Nearby(searcher, asking, self._count_in)
        # While `now` is in here, the same documents have expired.
        self._steady = range(0)
        self._are_some_expired = False
        oldest = searcher.search(
            asking.documents(), 1, count=False, order_by_field=fields.ASSURED, order=Order.Asc
        ).hits
        self._oldest: int | None = oldest[0][0] if oldest else None
        self.position, self.folded_until = self.entries.read_mark()

    def rarity(self, stems: Iterable[str]) -> dict[str, float]:
        """Weigh stems by how few documents have them (the inverse document frequency of BM25).

        As a share of what one weighs that two documents have: the same in a small and in a large directory.
        """
        count, searcher = self._searcher.num_docs, self._searcher
        most = log1p((max(count - _TWO, 0) + 0.5) / (_TWO + 0.5))
        found = {}
        for stem in stems:
            has = max(
                searcher.doc_freq(fields.TEXT, stem), searcher.doc_freq(fields.TITLE_ENGLISH, stem)
            )
            found[stem] = log1p((max(count - has, 0) + 0.5) / (has + 0.5)) / most
        return found

    def search(self, query: IndexQuery, analysis: Analysis) -> IndexAnswer:
        """Answer a search."""
        read = self._read(query, analysis) if query.limit > 0 and query.offset >= 0 else None
        if read is None:
            return _NOTHING
        words, became = read
        settled = self._ask(query, words)
        outcome = self._answer(query, words, settled)
        end = min(query.offset + query.limit, REACHABLE)
        return IndexAnswer(
            hits=tuple(
                self.entries.hit(ranked, query.near)
                for ranked in outcome.ranked[query.offset : end]
            ),
            total=outcome.total,
            facets=self.entries.facets(outcome),
            is_wider=settled.is_wider,
            corrected=respell(query.words, became) if became else None,
        )

    def count(self, query: IndexQuery, analysis: Analysis) -> int:
        """Say how much a search would find."""
        read = self._read(query, analysis)
        return self._total(query, read[0]) if read is not None else 0

    def _read(
        self, query: IndexQuery, analysis: Analysis
    ) -> tuple[tuple[Word, ...], dict[str, str]] | None:
        """Read the words of a search, and what became of misspelled ones; None where nothing can have them."""
        words = analysis.read_words(query.words)
        if query.words.strip() and not words:
            return None  # brackets alone are no word that anything has
        if query.near is not None and analysis.say_little(words):
            words = ()  # "near me": everything near
        self._look_at_clock(query.now)
        if not words or query.is_any_word:
            return words, {}
        return self._spelling.correct(
            words, analysis, lambda asked: self._is_shown(asked, query), query.known
        )

    def complete(self, query: IndexQuery, analysis: Analysis) -> Completion:
        """Say how a search may go on whose last word may be half typed."""
        self._look_at_clock(query.now)
        valid = self._valid(query) or [self._asking.documents()]
        words, hits = complete(self._searcher, self._asking, analysis, query.words, valid)
        scoring = Scoring(
            self._searcher,
            weights=Weights(1.0, has_place=query.near is not None),
            centre=Centre(query.near) if query.near is not None else None,
            count=query.limit,
        )
        scoring.add(hits)
        return Completion(
            words=tuple(words[: query.limit]),
            hits=tuple(self.entries.hit(ranked, query.near) for ranked in scoring.ranked),
        )

    def _is_shown(self, asked: Query, query: IndexQuery) -> bool:
        return bool(self._first_of([asked, *self._valid(query)], 1))

    def _valid(self, query: IndexQuery) -> list[Query]:
        """Narrow a search to what counts at all, before its words are settled."""
        valid = [self._asking.expires_after(query.now)] if self._are_some_expired else []
        if query.organisation is not None:
            valid.append(self._asking.publisher(query.organisation))
        return valid

    def running_out(self, moment: int, limit: int) -> list[tuple[str, str]]:
        """Name what is only known to be open or not until before a moment."""
        hits = self._searcher.search(self._asking.runs_out_before(moment), limit, count=False).hits
        return [self.entries.key(address) for _, address in hits]

    # --- matching ----------------------------------------------------------------------------

    def _answer(self, query: IndexQuery, words: tuple[Word, ...], settled: Settled) -> Outcome:
        centre = self._nearby.centre(query)
        base, hits, share = settled.asked, settled.hits, settled.share
        said = (words, query.meant, query.subjects, share, settled.is_wider)
        if query.sort is Sort.NEWEST or (share is None and centre is None):
            return self._list(query, base, said)
        scoring = Scoring(
            self._searcher,
            weights=Weights.of(query, share, self._old_before(query.now)),
            centre=centre,
            count=min(query.offset + query.limit, REACHABLE),
        )
        if query.is_any_word and centre is None:
            return self._compare(query, base, scoring)
        asked, is_few, compass = base, len(hits) <= FEW, None
        if not is_few:
            compass = self._nearby.compass(query)
        if compass is not None:
            asked = [*base, compass.draw_roughly()]
            hits = self._first_of(asked, FEW_NEARBY + 1)
            is_few = len(hits) <= FEW_NEARBY
        if not is_few:
            return self._answer_many(query, base, hits, scoring, compass, said)
        return answer_few(
            self._searcher,
            hits,
            scoring,
            radius_km=query.radius_km,
            profiles=self._profiles,
            choices=Choices.of(query),
            which_are_open=lambda addresses: self._which_are_open(query, asked, addresses),
        )

    def _compare(self, query: IndexQuery, base: list[Query], scoring: Scoring) -> Outcome:
        """Give the best of what is compared, uncounted: nobody is shown how much there is."""
        chosen = self._chosen(Choices.of(query), self._open_now(query))
        scoring.add(hits := self._first_of([*base, *chosen.values()], query.offset + query.limit))
        return Outcome(ranked=scoring.ranked, total=len(hits), counted={}, open_now=0)

    def _old_before(self, now: int) -> int:
        """Say since when somebody must have said that a thing is right; 0 where all is newer, as it mostly is."""
        before = max(now - OLD_SECONDS, 0)
        return before if self._oldest is not None and self._oldest < before else 0

    def _which_are_open(
        self, query: IndexQuery, asked: list[Query], addresses: list[DocAddress]
    ) -> list[bool] | None:
        """Say of few hits of a query which are open; None where nothing is."""
        open_now = self._open_now(query)
        if open_now is None or not addresses:
            return None
        hits = self._first_of([*asked, open_now], max(len(addresses), FEW_NEARBY + 1))
        if not hits:
            return None
        found = self._searcher.fast_field_values(fields.ID, [address for _, address in hits])
        opens = frozenset(found)
        numbers = self._searcher.fast_field_values(fields.ID, addresses)
        return [number in opens for number in numbers]

    def _open_now(self, query: IndexQuery) -> Query | None:
        """Ask for what is open; None where nothing is, which is known at once."""
        spans = name_moment(query.now // 60)
        if not any(self._searcher.doc_freq(fields.OPEN, span) for span in spans):
            return None
        return self._asking.open_at(query.now)

    def _ask(self, query: IndexQuery, words: tuple[Word, ...]) -> Settled:
        """Settle which words must be there, and ask for what has a place where that is wanted."""
        valid, placed = self._valid(query), self._nearby.placed(query)
        if not words and not (query.is_any_word and query.subjects):
            base = [*(valid or [self._asking.documents()]), *placed]
            hits = self._first(base) if query.near is not None else ()
            return Settled(asked=base, hits=hits)
        if query.is_any_word:
            settled = settle_any(self._asking, query, words, valid)
            if query.near is None:
                return settled  # all of it is read afterwards
        else:
            settled = settle(self._asking, query, words, valid, self._first_of, most=FEW + 1)
            if not placed:
                return settled
        asked = [*settled.asked, *placed]
        return msgspec.structs.replace(settled, asked=asked, hits=self._first(asked))

    def _first(self, queries: list[Query]) -> Hits:
        return self._first_of(queries, FEW + 1)

    def _first_of(self, queries: list[Query], limit: int) -> Hits:
        return self._searcher.search(self._asking.both(queries), limit, count=False).hits

    def _answer_many(  # noqa: PLR0917 - each is another thing
        self,
        query: IndexQuery,
        base: list[Query],
        hits: Hits,
        scoring: Scoring,
        compass: Compass | None,
        said: _Said,
    ) -> Outcome:
        among, without = self._searcher.num_docs, None
        if compass is not None:
            circle = compass.draw(self._asking.both(base))
            base, without, among = [*base, circle.within], circle.without, circle.among
        matching, numbers = self._count(query, base, without, said)
        if Choices.of(query).are_any or without is not None:
            hits = self._first_of([matching], FEW + 1)
        if scoring.centre is None or len(hits) <= FEW:
            scoring.add(hits)
        else:
            walk = walk_outwards(
                scoring.centre,
                self._count_in,
                spread=max(among / numbers.total, 1.0) if numbers.total else 1.0,
                nowhere_km=scoring.weights.nowhere_km,
            )
            from_afar = self._nearby.from_afar(query)
            read_both(self._searcher, self._asking, matching, hits, scoring, walk, from_afar)
        return _outcome(scoring.ranked, numbers)

    def _list(self, query: IndexQuery, base: list[Query], said: _Said) -> Outcome:
        """List what is merely there, or the newest first."""
        without, compass = None, self._nearby.compass(query)
        if compass is not None:
            circle = compass.draw(self._asking.both(base))
            base, without = [*base, circle.within], circle.without
        matching, numbers = self._count(query, base, without, said)
        end = min(query.offset + query.limit, REACHABLE)
        if query.sort is Sort.NEWEST:
            addresses = list_newest(self._searcher, matching, end)
        else:
            addresses = list_unasked(
                self._searcher,
                self._asking,
                matching,
                end,
                first=query.first,
                old_before=self._old_before(query.now),
            )
        # 0 km has `_hit` look how far those are away that are shown.
        return _outcome([(0.0, 0, address, 0.0) for address in addresses], numbers)

    # --- counting ----------------------------------------------------------------------------

    def _count(
        self, query: IndexQuery, base: list[Query], without: Query | None, said: _Said
    ) -> tuple[Query, Numbers]:
        """Apply what is chosen; returns what then matches, and all counts."""
        choices = Choices.of(query)
        open_now = self._open_now(query)
        chosen = self._chosen(choices, open_now)

        def count_all() -> Numbers:
            return count_many(
                self._searcher,
                self._asking,
                base,
                without,
                choices=choices,
                chosen=chosen,
                open_now=open_now,
                # Nobody is shown choices beside it: counting more would be most of the work.
                only_kinds=query.is_any_word,
            )

        whole = self._asking.both([*base, *chosen.values()], without)
        if query.radius_km is not None:
            return whole, count_all()
        # From wherever it is asked, what has these words is the same.
        minute = query.now // 60
        key = (
            said,
            *choices.values.items(),
            choices.is_open,
            query.organisation,
            query.is_here,
            minute,
        )
        return whole, self._counted.get(key, count_all)

    def _chosen(self, choices: Choices, open_now: Query | None) -> dict[Facet, Query]:
        """Ask for what is chosen, facet by facet."""
        chosen = {
            facet: self._asking.value(facet, number) for facet, number in choices.values.items()
        }
        if choices.is_open:
            chosen[Facet.OPEN] = open_now if open_now is not None else Query.empty_query()
        return chosen

    def _total(self, query: IndexQuery, words: tuple[Word, ...]) -> int:
        """Count what matches, and nothing beside it: what is chosen is asked for from the beginning."""
        choices = Choices.of(query)
        open_now = self._open_now(query) if choices.is_open else None
        if choices.is_open and open_now is None:
            return 0
        base = self._ask(query, words).asked
        asked = self._asking.both([*base, *self._chosen(choices, open_now).values()])
        compass = self._nearby.compass(query)
        return compass.count(asked) if compass is not None else count(self._searcher, asked)

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


def _outcome(ranked: list[Ranked], numbers: Numbers) -> Outcome:
    return Outcome(
        ranked=ranked, total=numbers.total, counted=numbers.counted, open_now=numbers.open_now
    )
