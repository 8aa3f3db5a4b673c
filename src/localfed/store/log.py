"""The store's own log in the database: which path changed, in the order of the commits.

Only ever appended to. What is derived from the store (the search index) follows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from localfed.app.values import LogRow
from localfed.store.connection import Connection

_AFTER: Final = """
SELECT position, did, path
FROM log JOIN identity ON identity.id = log.identity_id
WHERE position > ? ORDER BY position LIMIT ?
"""
_POSITION: Final = "SELECT COALESCE(MAX(position), 0) FROM log"
_ADD: Final = "INSERT INTO log (identity_id, path) VALUES (?, ?)"
_ADD_ALL: Final = """
INSERT INTO log (identity_id, path)
SELECT publisher_id, path FROM document WHERE publisher_id = ? ORDER BY path
"""


def after(connection: Connection, position: int, limit: int) -> list[LogRow]:
    """Return the rows after a position, oldest first."""
    return [
        LogRow(position=number, did=did, path=path)
        for number, did, path in connection.rows(_AFTER, (position, limit))
    ]


def position(connection: Connection) -> int:
    """Return the position of the last row, 0 for none."""
    return int(connection.value(_POSITION))


def add(connection: Connection, changes: Iterable[tuple[int, str]]) -> None:
    """Log paths, each with the number of its publisher."""
    connection.run_many(_ADD, changes)


def add_all(connection: Connection, publisher_id: int) -> None:
    """Log every path of a publisher."""
    connection.run(_ADD_ALL, (publisher_id,))
