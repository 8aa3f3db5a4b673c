"""Check the checkers: each defence is taken away, one at a time, and the class it belongs to notices.

Each fault runs in a process of its own, first over the frame (honest work must go on working: else anything would
notice), then over its class until the first failure. That all is green without a fault is what the rest of the
suite shows.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from attacks.seeded import faults  # noqa: F401 - fills the table
from attacks.seeded.planting import FAULTS

ATTACKS = Path(__file__).resolve().parents[1]
ROOT = ATTACKS.parents[1]
FAILED = re.compile(r"^(?:FAILED|ERROR) (?:tests/attacks/)?(\S+?\.py)(?:::(\S+))?", re.MULTILINE)


def run(fault, *arguments):
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    command += ["-p", "attacks.seeded.plugin", *arguments]
    paths = [str(ROOT / "tests"), str(ROOT / "spec" / "vectors"), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {
        "LOCALFED_FAULT": fault,
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
    }
    environment.pop("PYTEST_XDIST_WORKER", None)
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180, check=False
    )


def test_there_are_faults_for_every_class():
    counted = Counter(fault.caught_by for fault in FAULTS.values())

    assert counted.total() >= 15
    assert set(counted) == {
        "fetch",
        "identity",
        "documents",
        "freshness",
        "server",
        "enquiries",
        "neighbours",
        "partners",
        "exchanges",
        "people",
        "pictures",
        "machine",
    }


@pytest.mark.parametrize("name", FAULTS)
def test_a_defence_that_is_taken_away_is_missed_by_its_class(name):
    fault = FAULTS[name]
    cases = ATTACKS / f"test_{fault.caught_by}.py"

    frame = str(ATTACKS / "test_frame.py") + "::test_a_victim_that_nobody_touches_is_unmoved"
    words = ["-k", f"nobody_touches or ({fault.where})"] if fault.where else []

    done = run(name, frame, str(cases), *words)

    assert done.returncode == 1, f"nothing noticed: {fault.what}\n{done.stdout[-2000:]}"
    failed = FAILED.search(done.stdout)
    assert failed is not None, done.stdout[-3000:] + done.stderr[-2000:]
    assert failed[1] == cases.name, f"{failed[0]}\n{done.stdout[-3000:]}"
    assert failed[0].startswith("FAILED"), done.stdout[-3000:]
