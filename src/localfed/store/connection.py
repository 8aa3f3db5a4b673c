"""Connections to the SQLite database: how they are set up, and its errors in our words.

Here: one connection, transactions, the translation of errors. Not here: any table (`migrations` and
one file per noun), threads (`sqlite`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NoReturn

import apsw

from localfed.protocol.errors import (
    DiskFull,
    NotInitialised,
    StoreBroken,
    StoreBusy,
)
from localfed.store.files import (
    FILE_MODE,
    NO_SPACE,
    cannot_write,
    make_private_folder,
    sync_folder,
)

DATABASE: Final = "node.sqlite3"

Row = tuple[Any, ...]
Bindings = Sequence[str | bytes | int | float | None]

_BUSY_MILLISECONDS: Final = 10_000
"""How long one process waits for another's transaction: the longest of ours takes about a second."""

_WRITER_CACHE_KIB: Final = 8_192
"""A batch of 500 documents touches some 1,000 pages in random order of their paths."""

_READER_CACHE_KIB: Final = 2_048
"""Upper pages of every index, once for each thread that reads; the rest comes quickly enough from the
system's own cache."""

_WAL_KEPT_BYTES: Final = 67_108_864
"""What of the WAL file stays on disk after a burst, to be used again."""

_SQLITE_OLDEST: Final = (3, 51, 3)
"""3.7.0 to 3.51.2 can lose commits when two connections write or checkpoint at once."""

_BEGIN_WRITE: Final = "BEGIN IMMEDIATE"
_BEGIN_READ: Final = "BEGIN DEFERRED"
_COMMIT: Final = "COMMIT"
_ROLLBACK: Final = "ROLLBACK"

_BUSY: Final = (apsw.BusyError, apsw.LockedError, apsw.ProtocolError)
_BROKEN: Final = (
    apsw.CorruptError,
    apsw.NotADBError,
    apsw.CantOpenError,
    apsw.IOError,
    apsw.ReadOnlyError,
    apsw.PermissionsError,
    apsw.FormatError,
    apsw.NoLFSError,
)


def check_library(version: str) -> None:
    """Refuse a SQLite library that can lose commits; `version` is such as `3.51.3`.

    Raises:
        StoreBroken: it is too old.

    """
    numbers = tuple(int(number) for number in version.split("."))
    if numbers < _SQLITE_OLDEST:
        oldest = ".".join(str(number) for number in _SQLITE_OLDEST)
        raise StoreBroken(
            f"SQLite {version} can lose what was written; {oldest} or later is needed (update APSW)"
        )


def create_file(folder: Path) -> None:
    """Make the folder and an empty database file in it, both for their owner alone.

    SQLite gives its `-wal` and `-shm` files the mode of the database file.

    Raises:
        BadFile: the folder or the file cannot be made.
        DiskFull: no space for it.

    """
    make_private_folder(folder)
    path = folder / DATABASE
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, FILE_MODE)
        try:
            os.fchmod(descriptor, FILE_MODE)
        finally:
            os.close(descriptor)
        sync_folder(folder)
    except OSError as error:
        raise cannot_write(path, error) from error


def _check_there(path: Path) -> None:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotInitialised("that folder holds no node", detail=str(path)) from error
    except OSError as error:
        raise StoreBroken("the database cannot be opened", detail=str(error)) from error


class Connection:
    """One connection; used by one thread at a time. Every error of the disk is one of ours."""

    def __init__(self, path: Path, *, may_write: bool) -> None:
        _check_there(path)
        self._leaves_traces = False
        try:
            # Readers open it for writing too: they share the memory of the WAL with the writer.
            self._apsw = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        except apsw.Error as error:
            _refuse(error, 0)
        try:
            self._set_up(may_write=may_write)
        except apsw.Error as error:
            errno = self._apsw.system_errno
            self._apsw.close(force=True)
            _refuse(error, errno)

    def _set_up(self, *, may_write: bool) -> None:
        connection = self._apsw
        connection.set_busy_timeout(_BUSY_MILLISECONDS)
        connection.pragma("foreign_keys", 1)
        connection.pragma("mmap_size", 0)  # a failing disk then is an error, never a dead process
        connection.pragma("trusted_schema", 0)
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        # Without it a SQLite with STAT4 plans a join anew for every other value that is bound:
        # measured 17 µs for a point read, 7 with it.
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        if may_write:
            connection.pragma("journal_mode", "wal")
            connection.pragma("synchronous", "full")
            connection.pragma("cache_size", -_WRITER_CACHE_KIB)
            connection.pragma("journal_size_limit", _WAL_KEPT_BYTES)
        else:
            connection.pragma("query_only", 1)
            connection.pragma("cache_size", -_READER_CACHE_KIB)
            # The writer owns the checkpoints: a reader on the event loop never waits for a sync.
            connection.wal_autocheckpoint(0)
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)

    # --- statements --------------------------------------------------------------------------

    def rows(self, sql: str, bindings: Bindings = ()) -> list[Row]:
        """Run a statement to its end and return its rows: no read transaction stays open."""
        try:
            return self._apsw.execute(sql, bindings).fetchall()
        except apsw.Error as error:
            _refuse(error, self._apsw.system_errno)

    def row(self, sql: str, bindings: Bindings = ()) -> Row | None:
        """Run a statement that has at most one row, and return that."""
        rows = self.rows(sql, bindings)
        return rows[0] if rows else None

    def value(self, sql: str, bindings: Bindings = ()) -> Any:
        """Run a statement of one column that has at most one row; None for no row."""
        rows = self.rows(sql, bindings)
        return rows[0][0] if rows else None

    def run(self, sql: str, bindings: Bindings = ()) -> int:
        """Run a statement that changes rows; returns how many it changed."""
        self.rows(sql, bindings)
        return self._apsw.changes()

    def run_overwriting(self, sql: str, bindings: Bindings = ()) -> int:
        """Run a statement that lets go of what people wrote: what it frees is overwritten, in the WAL as well once it is committed."""
        self.pragma("secure_delete", 1)
        try:
            changed = self.run(sql, bindings)
        finally:
            self.pragma("secure_delete", 0)
        self._leaves_traces = self._leaves_traces or changed > 0
        return changed

    def run_many(self, sql: str, bindings: Iterable[Bindings]) -> None:
        """Run a statement once for each set of bindings."""
        try:
            self._apsw.executemany(sql, bindings).fetchall()
        except apsw.Error as error:
            _refuse(error, self._apsw.system_errno)

    def pragma(self, name: str, value: int | None = None) -> Any:
        """Read or set a pragma: a number of the database file or of this connection."""
        try:
            return self._apsw.pragma(name) if value is None else self._apsw.pragma(name, value)
        except apsw.Error as error:
            _refuse(error, self._apsw.system_errno)

    # --- transactions ------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write within one transaction: on disk when it ends well, undone on any exception."""
        self.rows(_BEGIN_WRITE)
        try:
            yield
            self.rows(_COMMIT)
        finally:
            # SQLite itself has undone it after some errors (disk full, I/O).
            if not self._apsw.get_autocommit():
                self.rows(_ROLLBACK)
        if self._leaves_traces:
            # Somebody may be reading: then what is written next tries again.
            self._leaves_traces = not self.checkpoint()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read several times from one moment. Short: meanwhile the WAL cannot start anew."""
        self.rows(_BEGIN_READ)
        try:
            yield
        finally:
            self.rows(_ROLLBACK)

    # --- the end -----------------------------------------------------------------------------

    def checkpoint(self) -> bool:
        """Move the WAL into the database file, unless somebody is reading or writing; says whether it is empty now."""
        self._apsw.set_busy_timeout(0)
        try:
            self._apsw.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.Error:
            # Everything committed is safe in the WAL; the next writer moves it.
            return False
        finally:
            self._apsw.set_busy_timeout(_BUSY_MILLISECONDS)
        return True

    def close(self) -> None:
        """Close it; from any thread that knows it to be idle."""
        self._apsw.close(force=True)


def _refuse(error: apsw.Error, errno: int) -> NoReturn:
    """Raise in our words what SQLite says. What only a mistake of ours can cause stays as it is.

    `errno` is what the system said last; SQLite tells a full disk from a broken one only by it.
    """
    detail = f"{type(error).__name__}: {error}"
    if isinstance(error, apsw.FullError) or (isinstance(error, apsw.IOError) and errno in NO_SPACE):
        raise DiskFull("the disk is full; nothing was written", detail=detail) from error
    if isinstance(error, _BUSY):
        raise StoreBusy("another process is writing for too long", detail=detail) from error
    # A table that is not there was there when the migrations had run.
    if isinstance(error, _BROKEN) or "no such table" in detail:
        message = "the database is damaged or cannot be opened"
        raise StoreBroken(message, detail=detail) from error
    raise error
