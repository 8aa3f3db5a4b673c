"""Nearby: what the place of a search comes to: its middle, its circle, what reaches it from afar.

Here: queries and measures made of `near`, `radius_km`, `is_here`. Not here: what is done with them (`snapshot`).
"""

from __future__ import annotations

from tantivy import Query, Searcher

from localfed.app.index_values import IndexQuery
from localfed.index import fields
from localfed.index.around import CountIn
from localfed.index.asking import Asking
from localfed.index.cells import EVERYWHERE, NOWHERE, Centre, name_cells, pack
from localfed.index.circle import Compass


class Nearby:
    """The places of searches in one commit."""

    def __init__(self, searcher: Searcher, asking: Asking, count_in: CountIn) -> None:
        self._searcher = searcher
        self._asking = asking
        self._count_in = count_in

    @staticmethod
    def centre(query: IndexQuery) -> Centre | None:
        """Give where distances are measured from; None without a place."""
        return Centre(query.near, is_strict=query.is_here) if query.near is not None else None

    def compass(self, query: IndexQuery) -> Compass | None:
        """Give what draws the circle of a search; None without a radius."""
        if query.near is None or query.radius_km is None:
            return None
        return Compass(
            self._searcher,
            self._asking,
            self._count_in,
            query.near,
            query.radius_km,
            self._coming(query),
            self._online(query),
        )

    def from_afar(self, query: IndexQuery) -> list[Query]:
        """Ask for what may come to the place of a search, and for what can be had there online."""
        return [one for one in (self._coming(query), self._online(query)) if one is not None]

    def placed(self, query: IndexQuery) -> list[Query]:
        """Ask for what has a place, where that is wanted; what lies in a circle has one."""
        if not query.is_here or query.radius_km is not None:
            return []
        nowhere = self._asking.term(fields.CELLS, NOWHERE)
        return [self._asking.both([self._asking.documents()], nowhere)]

    def _coming(self, query: IndexQuery) -> Query | None:
        """Ask for what may come to the place; None where nothing does, which is known at once."""
        if query.near is None:
            return None
        cells = name_cells(pack(query.near))
        if not any(self._searcher.doc_freq(fields.REACH, cell) for cell in cells):
            return None
        return self._asking.any_term(fields.REACH, cells)

    def _online(self, query: IndexQuery) -> Query | None:
        """Ask for what can be had online; None where that is not wanted, or nothing can, which is known at once."""
        if query.is_here or not self._searcher.doc_freq(fields.REACH, EVERYWHERE):
            return None
        return self._asking.any_term(fields.REACH, [EVERYWHERE])
