"""Notices in the database: what the operator should know, each once for an organisation, a kind and what it is about."""

from __future__ import annotations

from typing import Final

from localfed.app.message_values import Notice
from localfed.store.connection import Connection

_ALL: Final = "SELECT id, kind, did, about, text, since, seen FROM notice ORDER BY id"
_SAVE: Final = """
INSERT INTO notice (kind, did, about, text, since) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (did, kind, about) DO UPDATE SET
    text = excluded.text, since = excluded.since, seen = NULL
WHERE text <> excluded.text
"""
_DELETE: Final = "DELETE FROM notice WHERE did = ? AND kind = ? AND about = ?"
_SEE: Final = "UPDATE notice SET seen = ? WHERE id = ? AND seen IS NULL"
_DELETE_SEEN: Final = "DELETE FROM notice WHERE seen <= ?"


def select(connection: Connection) -> list[Notice]:
    """Return every notice, oldest first."""
    return [
        Notice(number=number, kind=kind, did=did, about=about, text=text, since=since, seen=seen)
        for number, kind, did, about, text, since, seen in connection.rows(_ALL)
    ]


def save(connection: Connection, notice: Notice) -> None:
    """Insert a notice; the same again with another text takes its place, unseen."""
    connection.run(_SAVE, (notice.kind, notice.did, notice.about, notice.text, notice.since))


def delete(connection: Connection, did: str, kind: str, about: str) -> None:
    """Delete a notice."""
    connection.run(_DELETE, (did, kind, about))


def see(connection: Connection, number: int, now: str) -> None:
    """Note when a person saw a notice."""
    connection.run(_SEE, (now, number))


def delete_seen(connection: Connection, before: str) -> None:
    """Delete what was seen before a time."""
    connection.run(_DELETE_SEEN, (before,))
