"""The bench still runs: each measurement with tiny sizes. What it measures is not looked at."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

ROWS = {
    "verify": ["1/s", "documents/s"],
    "sync": ["1/s", "documents/s"],
    "search": ["ms", "ms"],
    "matches": ["ms", "ms", "ms", "ms", "ms"],
    "finding": ["ms"] * 7,
    "api": ["requests/s", "requests/s"],
    "document": ["requests/s", "requests/s"],
    "idle": ["s", "MB", "MB"],
    "flood": ["ms", "ms"],
    "ties": ["ms"],
    "places": ["µs", "ms"],
    "widget": ["ms", "ms", "ms"],
}


def bench(*words, path=os.environ["PATH"]):
    return subprocess.run(
        [sys.executable, "-m", "bench", "--small", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PATH": path},
    )


@pytest.mark.parametrize("name", ROWS)
def test_each_measurement_gives_its_rows(name, tmp_path, program):
    if name in {"api", "document"}:
        program("wrk", "wrk")
    if name in {"finding", "widget"}:
        program("chromium", "chromium")

    done = bench("--only", name, "--json", tmp_path / "rows.json")

    assert done.returncode == 0, done.stdout + done.stderr
    run = json.loads((tmp_path / "rows.json").read_text(encoding="utf-8"))
    assert [row["unit"] for row in run["rows"]] == ROWS[name]
    assert all(row["figure"] > 0 for row in run["rows"])
    assert any(row["target"] and row["met"] is not None for row in run["rows"])
    assert all(row["what"] in done.stdout for row in run["rows"])


def test_without_wrk_the_table_says_what_was_not_measured(tmp_path):
    done = bench("--only", "document", path=str(tmp_path))

    assert done.returncode == 1
    assert "not measured: wrk is not installed" in done.stdout


def test_every_measurement_is_run_by_default():
    page = (ROOT / "bench" / "__main__.py").read_text(encoding="utf-8")

    assert all(f'"{name}": {name}.measure' in page for name in ROWS)
