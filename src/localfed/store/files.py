"""Files that hold what they should after a power cut, and that only their owner can read.

Here: creating, replacing and syncing private files and folders. Not here: what is in them
(`keyfiles`, `settings`, `bundles`), the database file (`connection`).
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from localfed.protocol.errors import BadFile, DiskFull

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO

NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says when no more bytes can be written: full, over quota, over the size limit."""

_LINKS_UNKNOWN: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter; an existing one becomes so.

    Raises:
        BadFile: it cannot be made.
        DiskFull: no space for it.

    """
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        # mkdir obeys the umask, and an existing folder has whatever mode it has.
        if stat.S_IMODE(folder.stat().st_mode) != FOLDER_MODE:
            folder.chmod(FOLDER_MODE)
    except OSError as error:
        raise cannot_write(folder, error) from error


def write_private_file(path: Path, data: bytes) -> None:
    """Create a file of mode 0600 with these bytes, whole or not at all; never replaces one.

    Raises:
        BadFile: it exists, or cannot be created.
        DiskFull: no space for it; nothing was left behind.

    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.unlink(missing_ok=True)  # what a killed process of the same number left
        _write_new(draft, (data,))
        try:
            _link(draft, path, data)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(path.parent)
    except FileExistsError as error:
        raise BadFile(
            f"{path.name} exists already; it is never overwritten", detail=str(path)
        ) from error
    except OSError as error:
        raise cannot_write(path, error) from error


def replace_private_file(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file of mode 0600; who reads meanwhile sees the old one or the new one, whole.

    The draft has a fixed name beside it: callers see to it that one of them writes at a time.

    Raises:
        BadFile: it cannot be written; the old one is as it was.
        DiskFull: no space for it; the old one is as it was.

    """
    draft = path.with_name(f".{path.name}.tmp")
    try:
        try:
            draft.unlink(missing_ok=True)  # what a killed process left
            _write_new(draft, pieces)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error


def sync_folder(folder: Path) -> None:
    """Put on disk which names the folder holds: a rename or creation counts from then on."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def cannot_write(path: Path, error: OSError) -> DiskFull | BadFile:
    """Say in our words why a file could not be written."""
    if error.errno in NO_SPACE:
        return DiskFull("the disk is full; nothing was written", detail=f"{path}: {error}")
    reason = (error.strerror or "error").lower()
    return BadFile(f"{path.name} cannot be written: {reason}", detail=f"{path}: {error}")


def _write_new(path: Path, pieces: Iterable[bytes]) -> None:
    """Create a file with these bytes and put them on disk; none is left if that fails."""
    # NOFOLLOW, EXCL: whoever can write into the folder cannot make us write elsewhere.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(path, flags, FILE_MODE)
    is_whole = False
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), FILE_MODE)
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        is_whole = True
    finally:
        if not is_whole:
            path.unlink(missing_ok=True)


def _link(draft: Path, path: Path, data: bytes) -> None:
    """Give a whole file its name, refused if the name is taken."""
    try:
        path.hardlink_to(draft)
    except OSError as error:
        # A stick formatted for every computer (FAT) knows no links: created in place there.
        if error.errno not in _LINKS_UNKNOWN:
            raise
        _write_new(path, (data,))
