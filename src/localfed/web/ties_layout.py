"""The layout of the web of ties: where each organisation stands so that who works together stands together.

Here: points for a picture, worked out from the ties alone; the same ties give the same picture, without chance and
without a library. Not here: drawing (`ties_picture`).

Each connected part is laid out for itself: first as a tree around the one with the most ties, or, where it is large and
most say where they are, by their places, so that towns stand apart; then drawn a few times towards its partners and away
from its neighbours, at last set on a grid so that nobody covers anybody. The parts are then set in rows, the largest
first. The work is bounded by what there is to lay out, not by time.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Final

STEP: Final = 100.0
"""How far two that stand beside each other are apart."""

_ROUNDS_MOST: Final = 60
_ROUNDS_LEAST: Final = 3
_WORK: Final = 12_000
"""Steps of organisations in all rounds together: a hundred milliseconds or two."""

_ASPECT: Final = 1.4
_GAP: Final = 1.5

_LARGE: Final = 120
"""Organisations of a part from which on places say more than ties."""

_ROOM: Final = 2.5
"""Cells for each organisation where they stand by their places."""

_KNOWN: Final = 0.6
"""How many of them have to say where they are."""

Points = list[tuple[float, float]]
Place = tuple[float, float]


def lay_out(
    count: int, ties: Sequence[tuple[int, int]], places: Sequence[Place | None] = ()
) -> tuple[Points, float, float]:
    """Give each of so many organisations a point; returns the points, the width and the height.

    `ties` are pairs of their numbers, `places` their latitude and longitude. The order of the numbers settles what
    nothing else does.
    """
    neighbours: list[list[int]] = [[] for _ in range(count)]
    for one, other in ties:
        if one != other:
            neighbours[one].append(other)
            neighbours[other].append(one)
    unique = [sorted(set(near)) for near in neighbours]
    rounds = min(_ROUNDS_MOST, max(_ROUNDS_LEAST, _WORK // max(count, 1)))
    parts = [_lay_out_part(part, unique, rounds, places) for part in _parts(unique)]
    return _pack(count, parts)


def _parts(neighbours: list[list[int]]) -> list[list[int]]:
    """Split into connected parts, the largest first; each begins with the one with the most ties."""
    seen = [False] * len(neighbours)
    found = []
    for start in range(len(neighbours)):
        if seen[start]:
            continue
        seen[start] = True
        part = [start]
        for one in part:
            for other in neighbours[one]:
                if not seen[other]:
                    seen[other] = True
                    part.append(other)
        root = max(part, key=lambda one: (len(neighbours[one]), -one))
        part.remove(root)
        found.append([root, *part])
    found.sort(key=lambda part: (-len(part), part[0]))
    return found


Part = dict[int, tuple[int, int]]
"""Numbers of organisations to their cells of the grid."""


def _lay_out_part(
    part: list[int], neighbours: list[list[int]], rounds: int, places: Sequence[Place | None]
) -> Part:
    if len(part) == 1:
        return {part[0]: (0, 0)}
    known = {one: place for one in part if places and (place := places[one]) is not None}
    if len(part) >= _LARGE and len(known) >= _KNOWN * len(part):
        return _on_grid(part, _by_place(part, neighbours, known))
    points = _as_tree(part, neighbours)
    if len(part) > 3:  # noqa: PLR2004 - three are laid out well as a tree
        _draw_together(part, neighbours, points, rounds)
    return _on_grid(part, points)


def _by_place(
    part: list[int], neighbours: list[list[int]], known: dict[int, Place]
) -> dict[int, list[float]]:
    """Set everybody where it is, by latitude and longitude; who does not say it between its partners."""
    middle = sum(latitude for latitude, _ in known.values()) / len(known)
    shrink = max(0.05, math.cos(math.radians(middle)))
    points = {one: [east * shrink, -north] for one, (north, east) in known.items()}
    # Each axis for itself: however far apart the furthest are, the others have room.
    for axis in (0, 1):
        ranked = sorted(points, key=lambda one: (points[one][axis], one))
        room = math.sqrt(_ROOM * len(part))
        low, high = points[ranked[0]][axis], points[ranked[-1]][axis]
        for rank, one in enumerate(ranked):
            true = (points[one][axis] - low) / (high - low) if high > low else 0.5
            points[one][axis] = room * (true + rank / len(ranked)) / 2
    centre = [sum(point[axis] for point in points.values()) / len(points) for axis in (0, 1)]
    for one in part:
        if one not in points:
            near = [points[other] for other in neighbours[one] if other in known] or [centre]
            points[one] = [sum(point[axis] for point in near) / len(near) for axis in (0, 1)]
    return points


def _as_tree(part: list[int], neighbours: list[list[int]]) -> dict[int, list[float]]:
    """Set everybody on rings around the first, each in the slice of the circle of whom it was reached by."""
    root = part[0]
    parent: dict[int, int] = {root: root}
    order = [root]
    for one in order:
        for other in neighbours[one]:
            if other not in parent:
                parent[other] = one
                order.append(other)
    leaves = dict.fromkeys(order, 0)
    for one in reversed(order):
        leaves[one] = max(leaves[one], 1)
        if one != root:
            leaves[parent[one]] += leaves[one]
    depth = {root: 0}
    for one in order[1:]:
        depth[one] = depth[parent[one]] + 1
    radius = _radii(Counter(depth.values()))
    begins = {root: 0.0}
    taken = dict.fromkeys(order, 0.0)
    points = {root: [0.0, 0.0]}
    for one in order[1:]:
        above = parent[one]
        begins[one] = begins[above] + taken[above]
        share = leaves[one] / leaves[root]
        taken[above] += share
        angle = 2 * math.pi * (begins[one] + share / 2)
        far = radius[depth[one]]
        points[one] = [far * math.cos(angle), far * math.sin(angle)]
    return points


def _radii(numbers: Counter[int]) -> list[float]:
    """Say how wide each ring is: the circle within it has room for all that stand on it and further in."""
    radii = [0.0]
    within = numbers[0]
    for ring in range(1, len(numbers)):
        within += numbers[ring]
        radii.append(max(radii[-1] + 0.8, 1.2 * math.sqrt(within / math.pi)))
    return radii


def _draw_together(
    part: list[int], neighbours: list[list[int]], points: dict[int, list[float]], rounds: int
) -> None:
    """Move everybody a little towards its partners and away from who stands near; so many rounds.

    Source: Fruchterman and Reingold, "Graph Drawing by Force-directed Placement" (1991), with their grid.
    """
    heat = math.sqrt(len(part)) / 4
    for turn in range(rounds):
        cells: dict[tuple[int, int], list[list[float]]] = {}
        for one in part:
            at = points[one]
            cells.setdefault((math.floor(at[0] / 2), math.floor(at[1] / 2)), []).append(at)
        moves = [
            _move_of(points[one], [points[near] for near in neighbours[one]], cells) for one in part
        ]
        most = heat * (1 - turn / rounds) + 0.02
        for one, (along, down) in zip(part, moves, strict=True):
            length = math.hypot(along, down)
            if length > 0:
                part_of_it = min(length, most) / length
                points[one][0] += along * part_of_it
                points[one][1] += down * part_of_it


def _move_of(
    at: list[float],
    partners: list[list[float]],
    cells: dict[tuple[int, int], list[list[float]]],
) -> tuple[float, float]:
    x, y = at
    along = down = 0.0
    column, row = math.floor(x / 2), math.floor(y / 2)
    for left in (column - 1, column, column + 1):
        for top in (row - 1, row, row + 1):
            # No more than a handful of each cell: where hundreds stand, the grid will spread them.
            for other in cells.get((left, top), ())[:6]:
                across, away = x - other[0], y - other[1]
                square = across * across + away * away
                if 0 < square < 4:  # noqa: PLR2004 - two steps, squared
                    along += across / square
                    down += away / square
    for other in partners:
        across, away = other[0] - x, other[1] - y
        length = math.hypot(across, away)
        along += across * length * 0.3
        down += away * length * 0.3
    return along, down


def _on_grid(part: list[int], points: dict[int, list[float]]) -> Part:
    """Give everybody a cell of its own, the nearest that is free; from the middle outwards."""
    middle_x = sum(points[one][0] for one in part) / len(part)
    middle_y = sum(points[one][1] for one in part) / len(part)
    ordered = sorted(
        part,
        key=lambda one: (
            round((points[one][0] - middle_x) ** 2 + (points[one][1] - middle_y) ** 2, 6),
            one,
        ),
    )
    taken: set[tuple[int, int]] = set()
    full: dict[tuple[int, int], int] = {}  # rings around a cell that are known to be full
    cells: Part = {}
    for one in ordered:
        wanted = round(points[one][0] - middle_x), round(points[one][1] - middle_y)
        cell = _free_cell(wanted, points[one], taken, full, (middle_x, middle_y))
        taken.add(cell)
        cells[one] = cell
    return cells


def _free_cell(
    wanted: tuple[int, int],
    at: list[float],
    taken: set[tuple[int, int]],
    full: dict[tuple[int, int], int],
    middle: tuple[float, float],
) -> tuple[int, int]:
    if wanted not in taken:
        return wanted
    ring = full.get(wanted, 0)
    x, y = at[0] - middle[0], at[1] - middle[1]
    while True:
        ring += 1
        free = [cell for cell in _ring(wanted, ring) if cell not in taken]
        if free:
            full[wanted] = ring - 1
            return min(
                free, key=lambda cell: (round((cell[0] - x) ** 2 + (cell[1] - y) ** 2, 6), cell)
            )


def _ring(around: tuple[int, int], ring: int) -> list[tuple[int, int]]:
    x, y = around
    cells = [(x + step, y + side) for side in (-ring, ring) for step in range(-ring, ring + 1)]
    cells += [(x + side, y + step) for side in (-ring, ring) for step in range(1 - ring, ring)]
    return cells


def _pack(count: int, parts: list[Part]) -> tuple[Points, float, float]:
    """Set the parts in rows, the largest first, so that the whole is a little wider than high."""
    sizes = []
    for part in parts:
        columns = [cell[0] for cell in part.values()]
        rows = [cell[1] for cell in part.values()]
        sizes.append((min(columns), min(rows), max(columns), max(rows)))
    area = sum((right - left + _GAP) * (low - top + _GAP) for left, top, right, low in sizes)
    widest = max((right - left for left, _, right, _ in sizes), default=0)
    room = max(widest + _GAP, math.sqrt(area * _ASPECT))
    points: Points = [(0.0, 0.0)] * count
    x = y = high = width = 0.0
    for part, (left, top, right, low) in zip(parts, sizes, strict=True):
        if x > 0 and x + right - left > room:
            x, y, high = 0.0, y + high + _GAP, 0.0
        for one, (column, row) in part.items():
            points[one] = ((x + column - left + 1) * STEP, (y + row - top + 1) * STEP)
        width = max(width, x + right - left)
        high = max(high, low - top)
        x += right - left + _GAP
    return points, (width + 2) * STEP, (y + high + 2) * STEP
