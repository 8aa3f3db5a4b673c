"""A pytest plugin that plants the fault that LOCALFED_FAULT names before anything is collected."""

from __future__ import annotations

import os

from attacks.seeded import faults  # noqa: F401 - fills the table
from attacks.seeded.planting import FAULTS


def pytest_configure() -> None:
    FAULTS[os.environ["LOCALFED_FAULT"]].plant()
