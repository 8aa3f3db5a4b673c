"""Reach: how far somebody comes, as the cells that a circle touches.

Here: the cover that an entry is found by. Not here: covering the circle of a search (`around`): that knows what
lies in the cells. Whether a place is truly within reach is measured (`places`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from localfed.index.cells import LEVELS, ROOTS, Centre, quarters, unpack

_CELLS: Final = 20
"""Cells of one circle: a few too large find a few too many, which are measured."""


@lru_cache(maxsize=1024)
def cover(packed: int, metres: int) -> tuple[str, ...]:
    """Name cells that hold every place within reach of a packed point."""
    centre, km = Centre(unpack(packed)), metres / 1000
    whole: list[str] = []
    edge = list(ROOTS)
    while edge and len(whole) + len(edge) < _CELLS:
        largest = min(edge, key=len)
        if len(largest) > LEVELS:
            break
        edge.remove(largest)
        for cell in quarters(largest):
            nearest, furthest = centre.bounds(cell)
            if furthest <= km:
                whole.append(cell)
            elif nearest <= km:
                edge.append(cell)
    return (*whole, *edge)
