"""Feed pages and snapshot parts in the database: of hosted organisations, and of those mirrored."""

from __future__ import annotations

from typing import Final

from localfed.app.values import FeedFile
from localfed.store.connection import Connection

_ONE: Final = """
SELECT did, path, bytes, remove_after
FROM identity JOIN feed_file ON feed_file.publisher_id = identity.id
WHERE did = ? AND path = ?
"""
_ALL: Final = """
SELECT path, remove_after
FROM identity JOIN feed_file ON feed_file.publisher_id = identity.id
WHERE did = ? ORDER BY path
"""
_PUT: Final = """
INSERT INTO feed_file (publisher_id, path, remove_after, bytes) VALUES (?, ?, ?, ?)
ON CONFLICT (publisher_id, path) DO UPDATE SET
    remove_after = excluded.remove_after, bytes = excluded.bytes
"""
_DELETE_REPLACED: Final = "DELETE FROM feed_file WHERE publisher_id = ? AND remove_after <= ?"
_DELETE_ALL: Final = "DELETE FROM feed_file WHERE publisher_id = ?"


def get(connection: Connection, did: str, path: str) -> FeedFile | None:
    """Return a page or part."""
    row = connection.row(_ONE, (did, path))
    if row is None:
        return None
    return FeedFile(did=row[0], path=row[1], body=row[2], remove_after=row[3])


def select(connection: Connection, did: str) -> list[tuple[str, str | None]]:
    """Return (path, remove_after) of every feed file, sorted by path."""
    return [(path, remove_after) for path, remove_after in connection.rows(_ALL, (did,))]


def put(connection: Connection, publisher_id: int, file: FeedFile) -> None:
    """Insert or replace a feed file."""
    connection.run(_PUT, (publisher_id, file.path, file.remove_after, file.body))


def delete_replaced(connection: Connection, publisher_id: int, now: str) -> int:
    """Delete the files whose time has come; returns how many."""
    return connection.run(_DELETE_REPLACED, (publisher_id, now))


def delete_all(connection: Connection, publisher_id: int) -> None:
    """Delete every feed file of a publisher."""
    connection.run(_DELETE_ALL, (publisher_id,))
