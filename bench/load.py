"""Load: wrk on one address or on many, and the constant answer that it is compared with.

wrk is a program of the system: 32 connections from one thread, so that the server has the other core.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import msgspec

from bench.stage import CannotMeasure, Served, Stage, free_port, running

_CONNECTIONS = 32
_SCRIPT = """\
local paths = {%s}
local at = 0
request = function()
  at = at %% #paths + 1
  return wrk.format("GET", paths[at])
end
"""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """Requests a second of both, in alternating rounds."""

    constant: float
    measured: float
    ratio: float


def compare(stage: Stage, served: Served, paths: Sequence[str], body_bytes: int) -> Compared:
    """Load a node's paths and a constant answer of so many bytes by turns.

    Raises:
        CannotMeasure: wrk is not here, or the node answered something else than 200.

    """
    if shutil.which("wrk") is None:
        raise CannotMeasure("wrk is not installed")
    constants, measured = [], []
    with constant(body_bytes) as other:
        one = _write_script(stage.folder / "constant.lua", ["/"])
        many = _write_script(stage.folder / "paths.lua", paths)
        for _ in range(stage.sizes.loads):
            constants.append(_wrk(other.url, one, stage.sizes.load_seconds))
            measured.append(_wrk(served.url, many, stage.sizes.load_seconds))
    return Compared(
        constant=median(constants),
        measured=median(measured),
        ratio=median(a / b for a, b in zip(measured, constants, strict=True)),
    )


@contextmanager
def constant(body_bytes: int) -> Iterator[Served]:
    """Serve a constant answer from a process of its own."""
    port = free_port()
    command = (sys.executable, "-m", "bench.constant", str(port), str(body_bytes))
    with running(command, f"http://localhost:{port}") as served:
        yield served


def _write_script(path: Path, paths: Sequence[str]) -> Path:
    # A JSON string of ASCII is a Lua string of the same characters.
    path.write_text(_SCRIPT % ", ".join(json.dumps(one) for one in paths), encoding="ascii")
    return path


def _wrk(url: str, script: Path, seconds: int) -> float:
    done = subprocess.run(
        ("wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "-s", str(script), url),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", done)
    if rate is None or "Non-2xx" in done or "Socket errors" in done:
        message = f"wrk met errors at {url}: {done[-400:]}"
        raise CannotMeasure(message)
    return float(rate[1])
