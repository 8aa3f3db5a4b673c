"""Fixtures of the store's tests. A second implementation of the port joins the list of `store`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import localfed
from localfed.store.sqlite import SqliteStore

WRITER = Path(__file__).with_name("writer.py")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "node"


@pytest.fixture
def sqlite_store(folder):
    """An empty store on SQLite, for what only SQLite has: plans, pragmas, files."""
    made = SqliteStore.open(folder, create=True)
    yield made
    made.close()


@pytest.fixture(params=["sqlite"])
def store(request):
    """An empty store behind the port, whichever database it is made of."""
    return request.getfixturevalue(f"{request.param}_store")


@pytest.fixture
def start_writer(folder):
    """`start_writer(what, number)` starts another process that writes; it is ended with the test."""
    processes = []

    def start(*arguments):
        places = [str(Path(localfed.__file__).parents[1]), str(WRITER.parent.parent)]
        process = subprocess.Popen(
            [sys.executable, str(WRITER), str(folder), *(str(one) for one in arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(places)},
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()
