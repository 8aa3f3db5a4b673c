"""Import records in the database: which document each record of a source became."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from localfed.app.values import ImportRecord
from localfed.store.connection import Connection

_ALL: Final = """
SELECT did, source, key, path, fingerprint
FROM identity JOIN import_record ON import_record.publisher_id = identity.id
WHERE did = ? AND source = ? ORDER BY key
"""
_SAVE: Final = """
INSERT INTO import_record (publisher_id, source, key, path, fingerprint) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (publisher_id, source, key) DO UPDATE SET
    path = excluded.path, fingerprint = excluded.fingerprint
"""
_DELETE: Final = "DELETE FROM import_record WHERE publisher_id = ? AND source = ? AND key = ?"
_DELETE_ALL: Final = "DELETE FROM import_record WHERE publisher_id = ?"


def select(connection: Connection, did: str, source: str) -> dict[str, ImportRecord]:
    """Return what was imported from a source, by record key."""
    return {
        row[2]: ImportRecord(did=row[0], source=row[1], key=row[2], path=row[3], fingerprint=row[4])
        for row in connection.rows(_ALL, (did, source))
    }


def save(connection: Connection, numbered: Sequence[tuple[int, ImportRecord]]) -> None:
    """Insert or replace records; each comes with the number of its publisher."""
    connection.run_many(
        _SAVE,
        ((number, one.source, one.key, one.path, one.fingerprint) for number, one in numbered),
    )


def delete(connection: Connection, publisher_id: int, source: str, keys: Iterable[str]) -> None:
    """Forget records."""
    connection.run_many(_DELETE, ((publisher_id, source, key) for key in keys))


def delete_all(connection: Connection, publisher_id: int) -> None:
    """Forget every record of a publisher."""
    connection.run(_DELETE_ALL, (publisher_id,))
