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
from typing import Final

from tantivy import DocAddress, Order, Query, Searcher

from localfed.app.index_values import (
    OPEN_NOW,
    Completion,
    Facet,
    Facets,
    Hit,
    IndexAnswer,
    IndexQuery,
)
from localfed.index import fields
from localfed.index.around import walk_outwards
from localfed.index.asking import Asking
from localfed.index.blend import REACHABLE, Weights
from localfed.index.cells import HAS_REACH, Centre, name_cells, pack
from localfed.index.circle import Compass
from localfed.index.completing import complete
from localfed.index.counting import VALUES, Numbers, count_many
from localfed.index.few import FEW, FEW_NEARBY, Outcome, answer_few
from localfed.index.many import read_both
from localfed.index.places import look_closer, read_places
from localfed.index.profiles import Choices, Profiles
from localfed.index.scoring import Hits, Ranked, Scoring
from localfed.index.spans import name_moment
from localfed.index.spelling import Spelling
from localfed.index.words import Analysis, Word, respell

_ENOUGH: Final = 3
_REMEMBERED: Final = 16_384
_TWO: Final = 2
_KEPT: Final = 30  # answers that many searches share

_NOTHING: Final = IndexAnswer(hits=(), total=0, facets={})


class Snapshot:
    """One commit."""

    def __init__(self, searcher: Searcher, asking: Asking, profiles: Profiles) -> None:
        """Take a searcher, and the profiles known so far, to which more are added."""
        self._searcher = searcher
        self._asking = asking
        self._profiles = profiles
        self._spelling = Spelling(searcher, asking)
        self._held: dict[str, int] = {}
        self._counted: dict[object, Numbers] = {}
        # While `now` is in here, the same documents have expired.
        self._steady = range(0)
        self._are_some_expired = False
        self.position = self._read_position()

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
        words = analysis.read_words(query.words)
        if (query.words.strip() and not words) or query.limit <= 0 or query.offset < 0:
            return _NOTHING  # brackets alone are no word that anything has
        self._look_at_clock(query.now)
        became: dict[str, str] = {}
        if words and not query.is_any_word:
            words, became = self._spelling.correct(
                words, analysis, lambda asked: self._is_shown(asked, query)
            )
        outcome = self._answer(query, words)
        end = min(query.offset + query.limit, REACHABLE)
        return IndexAnswer(
            hits=tuple(self._hit(ranked, query) for ranked in outcome.ranked[query.offset : end]),
            total=outcome.total,
            facets=self._facets(outcome),
            corrected=respell(query.words, became) if became else None,
        )

    def complete(self, query: IndexQuery, analysis: Analysis) -> Completion:
        """Say how a search may go on whose last word may be half typed."""
        self._look_at_clock(query.now)
        valid = self._valid(query) or [self._asking.documents()]
        words, hits = complete(self._searcher, self._asking, analysis, query.words, valid)
        scoring = Scoring(
            self._searcher,
            weights=Weights.of(share=1.0, has_place=query.near is not None),
            centre=Centre(query.near) if query.near is not None else None,
            count=query.limit,
        )
        scoring.add(hits)
        return Completion(
            words=tuple(words[: query.limit]),
            hits=tuple(self._hit(ranked, query) for ranked in scoring.ranked),
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
        return [self._key(address) for _, address in hits]

    # --- matching ----------------------------------------------------------------------------

    def _answer(self, query: IndexQuery, words: tuple[Word, ...]) -> Outcome:
        centre = Centre(query.near) if query.near is not None else None
        base, hits, share = self._ask(query, words)
        if query.is_newest_first and query.radius_km is None:
            return self._list(query, base, fields.ASSURED, Order.Desc)
        if share is None and centre is None:
            return self._list(query, base, fields.ORDER, Order.Asc)
        scoring = Scoring(
            self._searcher,
            weights=Weights.of(share=share, has_place=centre is not None),
            centre=centre,
            count=min(query.offset + query.limit, REACHABLE),
        )
        coming = self._coming(query)
        asked, is_few, compass = base, len(hits) <= FEW, None
        if not is_few and query.near is not None and query.radius_km is not None:
            compass = Compass(
                self._searcher, self._asking, self._count_in, query.near, query.radius_km, coming
            )
            asked = [*base, compass.draw_roughly()]
            hits = self._first_of(asked, FEW_NEARBY + 1)
            is_few = len(hits) <= FEW_NEARBY
        if not is_few:
            return self._answer_many(query, base, hits, scoring, compass, coming)
        return answer_few(
            self._searcher,
            hits,
            scoring,
            radius_km=query.radius_km,
            profiles=self._profiles,
            choices=_choices(query),
            which_are_open=lambda addresses: self._which_are_open(query, asked, addresses),
        )

    def _coming(self, query: IndexQuery) -> Query | None:
        """Ask for what may come to the place; None where nothing does, which is known at once."""
        if query.near is None:
            return None
        cells = name_cells(pack(query.near))
        if not any(self._searcher.doc_freq(fields.REACH, cell) for cell in cells):
            return None
        return self._asking.any_term(fields.REACH, cells)

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

    def _ask(
        self, query: IndexQuery, words: tuple[Word, ...]
    ) -> tuple[list[Query], Hits, float | None]:
        """Settle which words must be there; returns that, the first that match, and the share."""
        valid = self._valid(query)
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

    def _answer_many(  # noqa: PLR0917 - each is another thing
        self,
        query: IndexQuery,
        base: list[Query],
        hits: Hits,
        scoring: Scoring,
        compass: Compass | None,
        coming: Query | None,
    ) -> Outcome:
        among, without = self._searcher.num_docs, None
        if compass is not None:
            circle = compass.draw(self._asking.both(base))
            base, without, among = [*base, circle.within], circle.without, circle.among
        matching, numbers = self._count(query, base, without)
        if _is_narrowed(query) or without is not None:
            hits = self._first_of([matching], FEW + 1)
        if scoring.centre is None or len(hits) <= FEW:
            scoring.add(hits)
        else:
            walk = walk_outwards(
                scoring.centre,
                self._count_in,
                spread=max(among / numbers.total, 1.0) if numbers.total else 1.0,
            )
            read_both(self._searcher, self._asking, matching, hits, scoring, walk, coming)
        return _outcome(scoring.ranked, numbers)

    def _list(self, query: IndexQuery, base: list[Query], by: str, order: Order) -> Outcome:
        """List what is merely there: by title, or the newest first."""
        matching, numbers = self._count(query, base, None)
        end = min(query.offset + query.limit, REACHABLE)
        hits = self._searcher.search(
            matching, end, count=False, order_by_field=by, order=order
        ).hits
        return _outcome([(0.0, 0, address, None) for _, address in hits], numbers)

    # --- counting ----------------------------------------------------------------------------

    def _count(
        self, query: IndexQuery, base: list[Query], without: Query | None
    ) -> tuple[Query, Numbers]:
        """Apply what is chosen; returns what then matches, and all counts."""
        choices = _choices(query)
        open_now = self._open_now(query)
        chosen = {
            facet: self._asking.value(facet, number) for facet, number in choices.values.items()
        }
        if choices.is_open:
            chosen[Facet.OPEN] = open_now if open_now is not None else Query.empty_query()
        whole = self._asking.both([*base, *chosen.values()], without)
        key = (*choices.values.items(), choices.is_open, query.organisation, query.now // 60)
        is_common = not query.words.strip() and query.radius_km is None and not query.is_any_word
        numbers = self._counted.get(key) if is_common else None
        if numbers is None:
            numbers = count_many(
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
            if is_common:
                if len(self._counted) >= _KEPT:
                    self._counted.clear()
                self._counted[key] = numbers  # until the next commit, or until something expires
        return whole, numbers

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

    def _hit(self, ranked: Ranked, query: IndexQuery) -> Hit:
        score, _, address, km = ranked
        did, path = self._key(address)
        covers = False
        if km == 0.0 and query.near is not None:
            # What comes there counts as there; people are told how far it comes.
            (place,) = read_places(self._searcher, [address])
            centre = Centre(query.near)
            (km,) = centre.measure([place])
            if place >= HAS_REACH:
                ((km, covers),) = look_closer(self._searcher, centre, [address], [(place, km)])
        return Hit(did=did, path=path, score=0.0 - score, km=km, covers=covers)

    def _key(self, address: DocAddress) -> tuple[str, str]:
        did, _, path = fields.read_bytes(self._searcher, address, fields.KEY).partition("/")
        return did, path

    def _facets(self, outcome: Outcome) -> Facets:
        facets: Facets = {
            str(facet): {self._label(facet, number): count for number, count in counts[:VALUES]}
            for facet, counts in outcome.counted.items()
        }
        facets[str(Facet.OPEN)] = {OPEN_NOW: outcome.open_now} if outcome.open_now else {}
        return facets

    def _label(self, facet: Facet, number: int) -> str:
        """Name a value as one of its documents does."""
        label = self._profiles.label(facet, number)
        if label is None:
            asked = self._asking.value(facet, number)
            hits = self._searcher.search(asked, 1, count=False).hits
            for _, address in hits:
                for one, value in fields.read_values(self._searcher, address):
                    if one is facet and fields.number_value(value) == number:
                        self._profiles.keep_label(facet, number, value)
                        return value
        return label or ""

    def _read_position(self) -> int:
        hits = self._searcher.search(self._asking.position(), 1, count=False).hits
        if not hits:
            return 0
        return int(fields.read_bytes(self._searcher, hits[0][1], fields.KEY))


def _choices(query: IndexQuery) -> Choices:
    chosen = {
        Facet.KIND: query.kind,
        Facet.CATEGORY: query.category,
        Facet.COST: query.cost,
        Facet.AUDIENCE: query.audience,
        Facet.ACCESSIBILITY: query.accessibility,
        Facet.LANGUAGE: query.language,
    }
    return Choices(
        values={facet: fields.number_value(value) for facet, value in chosen.items() if value},
        is_open=query.is_open,
    )


def _is_narrowed(query: IndexQuery) -> bool:
    choices = _choices(query)
    return bool(choices.values) or choices.is_open


def _outcome(ranked: list[Ranked], numbers: Numbers) -> Outcome:
    return Outcome(
        ranked=ranked, total=numbers.total, counted=numbers.counted, open_now=numbers.open_now
    )
