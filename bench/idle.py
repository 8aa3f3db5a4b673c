"""An idle node with the table on board: how soon it answers and how much memory it keeps.

Resident memory is what the kernel says of the process (VmRSS); Pss counts shared pages by halves.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from statistics import median

from bench.rows import Row, at_most
from bench.stage import CannotMeasure, Stage

_MEGABYTES = 120.0
_SECONDS = 2.0


def measure(stage: Stage) -> list[Row]:
    """Start the node several times, then look at it when it has nothing left to do."""
    node = stage.publisher
    starts = []
    for _ in range(stage.sizes.starts):
        with node.serving() as served:
            starts.append(served.start_seconds)
    with node.serving() as served:
        time.sleep(stage.sizes.idle_seconds)
        resident = _kilobytes(Path(f"/proc/{served.pid}/status"), "VmRSS") / 1000
        shared_out = _kilobytes(Path(f"/proc/{served.pid}/smaps_rollup"), "Pss") / 1000
    ready_target, is_ready = at_most(median(starts), _SECONDS, "s")
    target, met = at_most(resident, _MEGABYTES, "MB")
    return [
        Row(
            what="from the start of serve to its line",
            figure=median(starts),
            unit="s",
            target=ready_target,
            met=is_ready,
        ),
        Row(what="resident memory, idle", figure=resident, unit="MB", target=target, met=met),
        Row(what="the same, shared pages shared out", figure=shared_out, unit="MB"),
    ]


def _kilobytes(file: Path, name: str) -> float:
    try:
        text = file.read_text(encoding="ascii")
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise CannotMeasure(message) from error
    found = re.search(rf"^{name}:\s+([0-9]+) kB$", text, re.MULTILINE)
    if found is None:
        message = f"{file} says nothing of {name}"
        raise CannotMeasure(message)
    return int(found[1]) * 1.024
