"""The shelf: what was made of texts, by a key, in a file of its own.

Here: SQLite. Not here: what the keys and the values are. All of it is derived: the file may be deleted, and is where it is damaged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from localfed.protocol.errors import IndexBroken

FILE: Final = "readings.sqlite3"

_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS shelf (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
)
_BUSY_SECONDS: Final = 5.0
_AT_ONCE: Final = 500  # keys in one question
_NEXT: Final = f"Make room where the data folder is; {FILE} in it may be deleted, it is made anew."


class FileShelf:
    """A shelf in a data folder. Several processes may use it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Look up what is there of some keys.

        Raises:
            IndexBroken: it cannot be read.

        """
        found: dict[bytes, bytes] = {}
        with self._open() as database:
            for start in range(0, len(keys), _AT_ONCE):
                some = keys[start : start + _AT_ONCE]
                places = ",".join("?" * len(some))
                query = f"SELECT key, value FROM shelf WHERE key IN ({places})"  # noqa: S608 - question marks
                found.update(database.execute(query, some).fetchall())
        return found

    def put(self, values: Mapping[bytes, bytes]) -> None:
        """Put values there, instead of what was.

        Raises:
            IndexBroken: it cannot be written.

        """
        with self._open() as database, database:
            database.executemany("INSERT OR REPLACE INTO shelf VALUES (?, ?)", values.items())

    def keep_only(self, keys: Iterable[bytes]) -> None:
        """Take away all but some.

        Raises:
            IndexBroken: it cannot be written.

        """
        with self._open() as database, database:
            database.execute("CREATE TEMP TABLE kept (key BLOB PRIMARY KEY) WITHOUT ROWID")
            database.executemany("INSERT OR IGNORE INTO kept VALUES (?)", ((one,) for one in keys))
            database.execute("DELETE FROM shelf WHERE key NOT IN (SELECT key FROM kept)")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as database:
                # A commit need not be on disk at once: what is lost is made anew.
                database.execute("PRAGMA journal_mode=WAL")
                database.execute("PRAGMA synchronous=NORMAL")
                database.execute(_SCHEMA)
                yield database
        except sqlite3.OperationalError as error:
            message = "what was read of offers and needs cannot be kept"
            raise IndexBroken(message, detail=str(error), next_step=_NEXT) from error
        except sqlite3.DatabaseError as error:
            for beside in ("", "-wal", "-shm"):
                self._path.with_name(FILE + beside).unlink(missing_ok=True)
            message = "what was read of offers and needs was damaged, and is read anew"
            raise IndexBroken(message, detail=str(error), next_step=_NEXT) from error
