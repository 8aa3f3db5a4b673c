"""`python -m bench`: every measurement, as one table and as JSON.

    python -m bench [--only NAME]... [--json FILE] [--small]

Ratios are within one run: baseline and measured alternate, and the median of the rounds counts. They
hold better than figures, which are of this machine and this moment. docs/learn/performance.md explains
each. Exit code 0 whenever everything ran, also where a target was missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import msgspec

from bench import (
    api,
    document,
    finding,
    flood,
    idle,
    matches,
    places,
    search,
    sync,
    ties,
    verify,
    widget,
)
from bench.rows import Row, write_table
from bench.stage import SMALL, CannotMeasure, Sizes, Stage

MEASUREMENTS: dict[str, Callable[[Stage], list[Row]]] = {
    "verify": verify.measure,
    "sync": sync.measure,
    "search": search.measure,
    "matches": matches.measure,
    "finding": finding.measure,
    "api": api.measure,
    "document": document.measure,
    "idle": idle.measure,
    "flood": flood.measure,
    "ties": ties.measure,
    "places": places.measure,
    "widget": widget.measure,
}
_LIBRARIES = ("aiohttp", "apsw", "cryptography", "msgspec", "pynacl", "rfc8785", "tantivy")


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run, as `--json` writes it."""

    date: str
    python: str
    cores: int
    libraries: dict[str, str]
    table: str
    rows: list[Row]


def main() -> int:
    """Measure, print, write."""
    words = argparse.ArgumentParser(prog="python -m bench", description="Measure LocalFed.")
    words.add_argument("--only", action="append", choices=list(MEASUREMENTS), metavar="NAME")
    words.add_argument("--json", type=Path, metavar="FILE", help="write the rows there as well")
    words.add_argument("--small", action="store_true", help="only show that everything runs")
    given = words.parse_args()
    names = given.only or list(MEASUREMENTS)
    failed = False
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="localfed-bench-") as folder:
        stage = Stage(Path(folder), SMALL if given.small else Sizes())
        for name in names:
            start = perf_counter()
            try:
                rows += MEASUREMENTS[name](stage)
            except CannotMeasure as problem:
                failed = True
                rows.append(Row(what=name, figure=None, unit="", target=f"not measured: {problem}"))
            print(f"{name}: {perf_counter() - start:.0f} s", file=sys.stderr)
        table = stage.table.name
    print(write_table(rows))
    if given.json is not None:
        run = Run(
            date=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            python=platform.python_version(),
            cores=os.cpu_count() or 1,
            libraries={name: version(name) for name in _LIBRARIES},
            table=table,
            rows=rows,
        )
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=2) + b"\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
