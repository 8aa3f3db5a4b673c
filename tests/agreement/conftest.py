"""The other implementation, installed and ready to be asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agreement import other
from localfed.protocol.canonical import JsonObject
from node_packages import install, installed

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder of the packages. `make test` has installed them; a bare pytest does it here."""
    if os.environ.get("CI") == "true" and not installed(HERE).is_dir():
        pytest.fail("CI needs everything: `make test` installs tests/agreement", pytrace=False)
    return install(HERE)


@pytest.fixture(scope="session")
def ask(packages: Path) -> Callable[[Iterable[JsonObject]], list[dict[str, Any]]]:
    """`ask(requests)`: their answers, in the same order, of one process."""
    return partial(other.ask, packages)
