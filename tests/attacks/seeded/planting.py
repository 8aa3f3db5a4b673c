"""Planting faults: taking one defence away from LocalFed, from outside, for one run of the suite.

Here: `Fault`, the table that the decorator fills, replacing a function wherever it was imported. Not here:
the faults themselves (`faults`), running the suite with one (`plugin`, `test_seeded`). Nothing in `src/` knows
of any of this.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import localfed

FAULTS: Final[dict[str, Fault]] = {}
"""Every fault, by name."""


@dataclass(frozen=True)
class Fault:
    """One defence that can be taken away, and the class of attacks that has to notice."""

    name: str
    caught_by: str
    """The class: `tests/attacks/test_<caught_by>.py`."""
    where: str
    """Which of its cases must notice, as words for `pytest -k`; empty: any of the class."""
    what: str
    plant: Callable[[], None]


def fault(caught_by: str, where: str = "") -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a function that takes a defence away; its docstring says which."""

    def register(plant: Callable[[], None]) -> Callable[[], None]:
        name = plant.__name__.replace("_", "-")
        assert name not in FAULTS, name
        assert plant.__doc__, name
        FAULTS[name] = Fault(
            name=name, caught_by=caught_by, where=where, what=plant.__doc__.strip(), plant=plant
        )
        return plant

    return register


def everywhere(function: Any, other: Any) -> None:
    """Put another in the place of a function or class in every module of LocalFed that has it."""
    load_all()
    replaced = 0
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] != "localfed" or module is None:
            continue
        for attribute, value in list(vars(module).items()):
            if value is function:
                setattr(module, attribute, other)
                replaced += 1
    assert replaced, f"{function!r} is nowhere: the fault takes nothing away"


def load_all() -> None:
    """Import every module of LocalFed, so that none takes the real function later."""
    for found in pkgutil.walk_packages(localfed.__path__, "localfed."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
