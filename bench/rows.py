"""Rows: what a measurement says, as a line of the table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table."""

    what: str
    figure: float | None
    """None: it could not be measured here; `target` says why."""
    unit: str
    ratio: float | None = None
    """To the baseline measured in the same rounds, where there is one."""
    target: str = ""
    """What was promised, in words; empty for a baseline."""
    met: bool | None = None
    """Whether it was kept; None where nothing was promised."""


def at_least(ratio: float, limit: float) -> tuple[str, bool]:
    """Say the target of a ratio that must not be lower, and whether it is met."""
    return f"ratio at least {limit:g}", ratio >= limit


def at_most(value: float, limit: float, what: str) -> tuple[str, bool]:
    """Say the target of a value that must not be higher, and whether it is met."""
    return f"{what} at most {limit:g}", value <= limit


def write_table(rows: Sequence[Row]) -> str:
    """Write rows as a table for people."""
    head = ("what", "figure", "unit", "ratio", "target", "met")
    cells = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(head))]
    lines = [
        "  ".join(_set(cell, widths[at], at) for at, cell in enumerate(line)) for line in cells
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


def _set(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if column in {1, 3} else cell.ljust(width)


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.what,
        "-" if row.figure is None else _short(row.figure),
        row.unit,
        "" if row.ratio is None else f"{row.ratio:.2f}",
        row.target,
        {True: "yes", False: "no", None: ""}[row.met],
    )


def _short(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"
