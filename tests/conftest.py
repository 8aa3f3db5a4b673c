"""What every test may ask for: the real data, the official vectors, a program of the system.

Here: fixtures that any folder uses, and the guard over every socket (`socket_guard.py`). Not here: the
fake network (`federation.py`) and what one folder alone needs (its own `conftest.py`).

What is absent is skipped with its reason; with `CI=true` absence is a failure, never a silent skip.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

import socket_guard

ROOT = Path(__file__).resolve().parent.parent

# Two cores that other work shares: a slow moment is no failure. What failed is printed so that it
# can be run again.
hypothesis.settings.register_profile(
    "localfed",
    deadline=None,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("localfed")

socket_guard.install()


@pytest.fixture(autouse=True)
def sockets_are_opened_by_the_doors_only() -> Iterator[None]:
    """Fail a test in which a module of LocalFed that is no door opened a socket or ran a program.

    The guard stops it on the spot, too; this is for code that would catch that.
    """
    yield
    assert socket_guard.take_offences() == []


def _absent(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI needs everything: {reason}", pytrace=False)
    pytest.skip(reason)


def _folder(variable: str, default: str, content: str) -> Path:
    folder = Path(os.environ.get(variable) or ROOT / default).resolve()
    if not folder.is_dir():
        _absent(f"no {content} at {folder}; {variable} names another folder")
    return folder


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data: LOCALFED_TEST_DATA, or shared/data beside the checkout."""
    return _folder("LOCALFED_TEST_DATA", "../shared/data", "real data")


@pytest.fixture(scope="session")
def vectors_dir() -> Path:
    """The folder of official vectors: LOCALFED_TEST_VECTORS, or shared/vectors beside it."""
    return _folder("LOCALFED_TEST_VECTORS", "../shared/vectors", "official vectors")


@pytest.fixture(scope="session")
def program() -> Callable[[str, str], str]:
    """`program("chromium", "chromium")` is the path of that program, from that Debian package."""

    def find(name: str, package: str) -> str:
        path = shutil.which(name)
        if path is None:
            _absent(f"{name} is not installed (apt-get install {package})")
        return str(path)

    return find
