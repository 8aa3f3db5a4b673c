"""The lock of serve: one holder, named to the second, freed with its process."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import localfed
from localfed.protocol.errors import AlreadyServing, BadFile
from localfed.store.lock import LOCK_FILE, ServeLock

HOLDER = """
import sys
from pathlib import Path
from localfed.store.lock import ServeLock
ServeLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(localfed.__file__).parents[1])},
    ) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_second_holder_is_refused_and_told_the_first(tmp_path, holder):
    with pytest.raises(AlreadyServing, match=rf"process {holder.pid}\b"):
        ServeLock(tmp_path).acquire()


def test_a_second_holder_within_one_process_is_refused_as_well(tmp_path):
    with ServeLock(tmp_path), pytest.raises(AlreadyServing, match=str(os.getpid())):
        ServeLock(tmp_path).acquire()


def test_a_killed_process_holds_nothing(tmp_path, holder):
    holder.kill()
    holder.wait()

    with ServeLock(tmp_path):
        assert (tmp_path / LOCK_FILE).read_text() == f"{os.getpid()}\n"


def test_a_lock_that_was_let_go_can_be_taken_again(tmp_path):
    lock = ServeLock(tmp_path)
    for _ in range(2):
        lock.acquire()
        lock.release()
        lock.release()

    with ServeLock(tmp_path):
        pass
    assert stat.S_IMODE((tmp_path / LOCK_FILE).stat().st_mode) == 0o600


def test_a_child_of_the_holder_does_not_keep_the_lock(tmp_path):
    with ServeLock(tmp_path):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        with ServeLock(tmp_path):
            pass
    finally:
        child.communicate(b"\n")


def test_a_lock_file_without_a_number_still_locks(tmp_path):
    with ServeLock(tmp_path):
        (tmp_path / LOCK_FILE).write_text("nonsense")
        with pytest.raises(AlreadyServing, match=r"already$"):
            ServeLock(tmp_path).acquire()


def test_a_folder_that_is_not_there_cannot_be_locked(tmp_path):
    with pytest.raises(BadFile):
        ServeLock(tmp_path / "nowhere").acquire()
