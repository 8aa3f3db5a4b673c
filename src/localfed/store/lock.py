"""The lock of `serve`: one process at a time serves a folder.

Other commands take no lock: the database lets them write beside it.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from localfed.protocol.errors import AlreadyServing
from localfed.store.files import FILE_MODE, cannot_write

LOCK_FILE: Final = "serve.lock"

_PID_BYTES: Final = 20


class ServeLock:
    """Held by the process that serves a folder; the system lets go of it when the process ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_FILE
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            AlreadyServing: another process holds it; the message names that process.
            BadFile, DiskFull: the lock file cannot be made.

        """
        try:
            # The file stays for ever: deleting it would let two processes lock two files.
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, FILE_MODE)
        except OSError as error:
            raise cannot_write(self._path, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _read_pid(descriptor)
            os.close(descriptor)
            by = f" (process {holder})" if holder else ""
            raise AlreadyServing(f"this folder is being served already{by}") from error
        self._descriptor = descriptor
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            return  # the pid is a courtesy; the lock counts, on a full disk too

    def release(self) -> None:
        """Let go of it; nothing happens if it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


def _read_pid(descriptor: int) -> int | None:
    text = os.pread(descriptor, _PID_BYTES, 0).strip()
    return int(text) if text.isdigit() else None
