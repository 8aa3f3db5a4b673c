"""A disk that can lose what was not synced, and that can fail: a VFS of SQLite, for `test_machine`.

Here: which bytes of a database a power cut leaves at any of its writes, and errors of reading, writing and syncing.
Not here: any attack. Files beside the database are not written through it.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import apsw

from localfed.store.connection import DATABASE

NAME: Final = "bad-disk"
BASE: Final = "unix"
BLOCK: Final = 512
"""What a disk writes whole or not at all."""

FILES: Final = (DATABASE, DATABASE + "-wal")

ERRORS: Final = {
    "read": apsw.SQLITE_IOERR_READ,
    "write": apsw.SQLITE_IOERR_WRITE,
    "sync": apsw.SQLITE_IOERR_FSYNC,
}


class Disk(apsw.VFS):
    """The disk of the connections to one folder."""

    def __init__(self, folder: Path, synced: Path) -> None:
        super().__init__(name=NAME, base=BASE, makedefault=True)
        self.folder = folder
        self.synced = synced
        """Copies of the files as they were when they were last synced."""
        self.failing = ""
        """What fails: `read`, `write` or `sync`."""
        self.where = ""
        """How the name of a file ends that fails: `-wal`, or any."""
        self.failed = 0
        self.before_write: Callable[[], None] = lambda: None

    def xOpen(self, name: Any, flags: list[int]) -> DiskFile:  # noqa: N802 - SQLite's name
        return DiskFile(self, name, flags)

    def begin(self) -> None:
        """Begin with the files as they are, all of them synced."""
        for name in FILES:
            if (self.folder / name).exists():
                shutil.copy(self.folder / name, self.synced)

    def settle(self) -> None:
        """Open no more connections on it; those that are open stay."""
        apsw.set_default_vfs(BASE)

    def check(self, what: str, path: str) -> None:
        """Fail if this is what fails.

        Raises:
            apsw.IOError: as a disk does.

        """
        if what == self.failing and path.endswith(self.where) and self.is_of(path):
            self.failed += 1
            error = apsw.IOError(f"{what} failed")
            error.extendedresult = ERRORS[what]
            raise error

    def is_of(self, path: str) -> bool:
        return bool(path) and Path(path).parent == self.folder

    def cut(self, to: Path, chance: random.Random | None = None) -> None:
        """Copy what a power cut leaves at this moment.

        Of what was not synced nothing; with `chance`, any blocks in any order and the rest not.
        """
        to.mkdir()
        for name in FILES:
            kept = self.synced / name
            data = bytearray(kept.read_bytes() if kept.exists() else b"")
            now = (self.folder / name).read_bytes() if chance is not None else b""
            for at in range(0, len(now), BLOCK):
                if chance is not None and chance.random() < 0.5:
                    data.extend(bytes(max(0, at - len(data))))
                    data[at : at + BLOCK] = now[at : at + BLOCK]
            (to / name).write_bytes(bytes(data))


class DiskFile(apsw.VFSFile):
    """One open file."""

    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        super().__init__(BASE, name, flags)
        self.disk = disk
        self.path = name.filename() if isinstance(name, apsw.URIFilename) else (name or "")

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - SQLite's name
        self.disk.check("read", self.path)
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        self.disk.check("write", self.path)
        if self.disk.is_of(self.path):
            self.disk.before_write()
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        self.disk.check("sync", self.path)
        super().xSync(flags)
        if self.disk.is_of(self.path):
            shutil.copy(self.path, self.disk.synced)


@contextmanager
def a_disk(folder: Path, synced: Path) -> Iterator[Disk]:
    """Put a disk under the connections to this folder that are opened until `settle`."""
    synced.mkdir()
    disk = Disk(folder, synced)
    try:
        yield disk
    finally:
        disk.failing = ""
        disk.settle()
        disk.unregister()
