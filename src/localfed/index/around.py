"""Around a place: walking through cells from near to far, and covering a circle with them.

Here: both ways over the tree of cells, given how many documents a cell holds. Not here: names and
measures of cells (`cells`), what is done with the documents in them (`blend`, `circle`).

Dense places and empty ones take about the same effort: cells are cut only as small as their number of
documents asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush
from typing import Final

import msgspec

from localfed.index.cells import LEVELS, NOWHERE, ROOTS, Centre, quarters

CountIn = Callable[[str], int]
"""How many documents a cell holds, at most: deleted and expired ones may be among them."""

_LEAF: Final = 32
_RING: Final = 128
_COVER_CELLS: Final = 512
"""How finely the edge of a circle is cut: a few hundred terms take a fraction of a millisecond."""


class Ring(msgspec.Struct, frozen=True):
    """A step outwards."""

    cells: list[str]
    beyond_km: float
    """What lies in no cell yet walked through is at least so far away."""


def walk_outwards(
    centre: Centre, count_in: CountIn, *, spread: float, nowhere_km: float
) -> Iterator[Ring]:
    """Walk through all cells, nearest first, in steps that hold about twice as much as the last.

    Args: `spread`, of how many documents in a cell one is looked for: cells and steps are that much larger;
    `nowhere_km`, as far away counts what has no point.
    """
    leaf, wanted = int(_LEAF * spread), int(_RING * spread)
    queue = [(0.0, cell) for cell in ROOTS if count_in(cell)]
    queue += [(nowhere_km, NOWHERE)] if count_in(NOWHERE) else []
    heapify(queue)
    cells: list[str] = []
    held = 0
    while queue:
        _, cell = heappop(queue)
        number = count_in(cell)
        # The wider the step, the fewer and larger may be its cells: each costs a look at its list.
        if number > max(leaf, wanted // 8) and len(cell) <= LEVELS and cell != NOWHERE:
            for quarter in quarters(cell):
                if count_in(quarter):
                    heappush(queue, (centre.bounds(quarter)[0], quarter))
            continue
        cells.append(cell)
        held += number
        if held >= wanted and queue:
            yield Ring(cells, queue[0][0])
            cells, held, wanted = [], 0, wanted * 2
    if cells:
        yield Ring(cells, float("inf"))


class Cover(msgspec.Struct, frozen=True):
    """The cells that a circle touches."""

    inside: list[str]
    """Wholly within: every document here is."""
    edge: list[str]
    """Partly within: each document must be measured."""


def cover_circle(centre: Centre, radius_km: float, count_in: CountIn, *, leaf: int) -> Cover:
    """Cover a circle with cells, as large as can be inside and as small as need be at the edge."""
    inside: list[str] = []
    edge: list[str] = []
    # Most documents first: they are what a finer edge saves measuring.
    queue = [(-count_in(cell), cell) for cell in ROOTS]
    heapify(queue)
    while queue:
        number, cell = heappop(queue)
        if not number:
            continue
        nearest, furthest = centre.bounds(cell)
        if nearest > radius_km:
            continue
        if furthest <= radius_km:
            inside.append(cell)
        elif -number <= leaf or len(cell) > LEVELS or len(edge) + len(queue) > _COVER_CELLS:
            edge.append(cell)
        else:
            for quarter in quarters(cell):
                heappush(queue, (-count_in(quarter), quarter))
    return Cover(inside, edge)
