"""The circle: what lies within a radius, exactly.

Here: a radius as a query. Cells wholly within count as they are; in the few cells at the edge each
document is measured, and those outside are taken out by their numbers.
"""

from __future__ import annotations

from itertools import compress
from typing import Final, cast

import msgspec
from tantivy import Query, Searcher

from localfed.app.values import Point
from localfed.index import fields
from localfed.index.around import CountIn, cover_circle
from localfed.index.asking import Asking
from localfed.index.cells import Centre
from localfed.index.counting import count
from localfed.index.places import measure, read_places
from localfed.index.scoring import Hits

_LEAF: Final = 64
_EDGE: Final = 10_000  # 10 ms; beyond, what is outside by less than a cell counts as inside


class Circle(msgspec.Struct, frozen=True):
    """A radius as a query."""

    within: Query
    """The cells that it touches."""
    without: Query | None
    """Documents in them that are too far away; None where nothing was left out."""
    among: int
    """Documents in the cells, at most."""


class Compass:
    """Draws the circles of one search."""

    def __init__(  # noqa: PLR0917 - each is another thing
        self,
        searcher: Searcher,
        asking: Asking,
        count_in: CountIn,
        near: Point,
        radius_km: float,
        coming: Query | None,
        online: Query | None,
    ) -> None:
        """Take where the circle is, and queries for what may come to its middle from outside, and for what is online.

        Without the last it is strict: what is online is in it only if it lies or comes there.
        """
        self._coming = coming
        self._online = online
        self._searcher = searcher
        self._asking = asking
        self._centre = Centre(near, is_strict=online is None)
        self._radius_km = radius_km
        self._cover = cover_circle(self._centre, radius_km, count_in, leaf=_LEAF)
        self._among = sum(count_in(cell) for cell in self._cover.inside + self._cover.edge)

    def draw_roughly(self) -> Query:
        """Ask for what lies in the cells that the circle touches, may come there or is online."""
        drawn = self._asking.any_term(fields.CELLS, self._cover.inside + self._cover.edge)
        for more in (self._coming, self._online):
            drawn = drawn if more is None else self._asking.either(drawn, more)
        return drawn

    def draw(self, matching: Query) -> Circle:
        """Draw the circle for what matches a query."""
        outside: list[int] = []
        if self._cover.edge or self._coming is not None:
            edge = self._asking.any_term(fields.CELLS, self._cover.edge)
            if self._coming is not None:
                edge = self._asking.either(edge, self._coming)
            query = self._asking.both([matching, edge])
            addresses = [hit[1] for hit in self._searcher.search(query, _EDGE, count=False).hits]
            numbers = self._searcher.fast_field_values(fields.ID, addresses)
            distances = measure(
                self._searcher, self._centre, addresses, read_places(self._searcher, addresses)
            )
            outside = [
                cast("int", number)
                for number, km in zip(numbers, distances, strict=True)
                if km is not None and km > self._radius_km
            ]
        return Circle(
            self.draw_roughly(),
            self._asking.any_term(fields.ID, outside) if outside else None,
            self._among,
        )

    def count(self, matching: Query) -> int:
        """Count what matches a query and lies within it: only what is in the cells at the edge is measured."""
        inside = self._asking.any_term(fields.CELLS, self._cover.inside)
        edge = self._asking.any_term(fields.CELLS, self._cover.edge)
        if self._coming is not None:
            edge = self._asking.either(edge, self._coming)
        if self._online is not None:
            inside = self._asking.either(inside, self._online)
        asked = self._asking.both([matching, edge], inside)
        hits = self._searcher.search(asked, _EDGE, count=False).hits
        near = len(take_within(self._searcher, hits, self._centre, self._radius_km)[0])
        return near + count(self._searcher, self._asking.both([matching, inside]))


def take_within(
    searcher: Searcher, hits: Hits, centre: Centre, radius_km: float
) -> tuple[Hits, list[float | None]]:
    """Leave out what is too far away or has no point; returns the rest and its distances."""
    addresses = [address for _, address in hits]
    places = read_places(searcher, addresses)
    chosen = centre.window(radius_km).choose(places, range(len(places)))
    hits = [hits[at] for at in chosen]
    addresses, places = [addresses[at] for at in chosen], [places[at] for at in chosen]
    distances = measure(searcher, centre, addresses, places)
    is_within = [km is not None and km <= radius_km for km in distances]
    return list(compress(hits, is_within)), list(compress(distances, is_within))
