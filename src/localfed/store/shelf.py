"""The shelf: what was made of texts, by a key, in a file of its own.

Here: SQLite. Not here: what the keys and the values are. All of it is derived: the file may be deleted at any time, and is where
it is damaged. Whoever only looks writes nothing.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

import apsw

from localfed.protocol.errors import IndexBroken
from localfed.store.files import FILE_MODE

FILE: Final = "readings.sqlite3"

_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS shelf (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
)
_BUSY_MILLISECONDS: Final = 5_000
_AT_ONCE: Final = 500  # keys in one question
_NEXT: Final = f"Free some space, and give {FILE} in the data folder to the user that runs the node, or delete it."
_BESIDE: Final = ("", "-journal")

_deleting: Final = Lock()


class FileShelf:
    """A shelf in a data folder. Several threads and processes may use it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Look up what is there of some keys.

        Raises:
            IndexBroken: it cannot be read.

        """
        found: dict[bytes, bytes] = {}
        if not self._path.exists():
            return found
        with self._open(apsw.SQLITE_OPEN_READONLY) as database:
            if not database.table_exists(None, "shelf"):
                return found  # it is being made
            for start in range(0, len(keys), _AT_ONCE):
                some = keys[start : start + _AT_ONCE]
                places = ",".join("?" * len(some))
                query = f"SELECT key, value FROM shelf WHERE key IN ({places})"  # noqa: S608 - question marks
                found.update(database.execute(query, some))
        return found

    def put(self, values: Mapping[bytes, bytes]) -> None:
        """Put values there, instead of what was.

        Raises:
            IndexBroken: it cannot be written.

        """
        with self._open_to_write() as database:
            database.executemany("INSERT OR REPLACE INTO shelf VALUES (?, ?)", values.items())

    def keep_only(self, keys: Iterable[bytes]) -> None:
        """Take away all but some.

        Raises:
            IndexBroken: it cannot be written.

        """
        with self._open_to_write() as database:
            database.execute("CREATE TEMP TABLE kept (key BLOB PRIMARY KEY) WITHOUT ROWID")
            database.executemany("INSERT OR IGNORE INTO kept VALUES (?)", ((one,) for one in keys))
            database.execute("DELETE FROM shelf WHERE key NOT IN (SELECT key FROM kept)")

    @contextmanager
    def _open_to_write(self) -> Iterator[apsw.Connection]:
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, FILE_MODE))
        except OSError as error:
            message = f"{FILE} in the data folder cannot be made"
            raise IndexBroken(message, detail=str(error), next_step=_NEXT) from error
        with self._open(apsw.SQLITE_OPEN_READWRITE) as database, database:
            database.execute(_SCHEMA)
            yield database

    @contextmanager
    def _open(self, flags: int) -> Iterator[apsw.Connection]:
        try:
            with closing(apsw.Connection(str(self._path), flags=flags)) as database:
                database.set_busy_timeout(_BUSY_MILLISECONDS)
                yield database
        except (apsw.CorruptError, apsw.NotADBError) as error:
            with _deleting, contextlib.suppress(OSError):
                for beside in _BESIDE:
                    self._path.with_name(FILE + beside).unlink(missing_ok=True)
            message = f"{FILE} in the data folder was damaged, and is made anew"
            raise IndexBroken(message, detail=str(error), next_step=_NEXT) from error
        except apsw.Error as error:
            message = f"{FILE} in the data folder cannot be used; it may be deleted"
            raise IndexBroken(message, detail=str(error), next_step=_NEXT) from error
