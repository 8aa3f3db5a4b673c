"""Facts in the database: single things that a node remembers of itself."""

from __future__ import annotations

from typing import Final

from localfed.store.connection import Connection

_ONE: Final = "SELECT value FROM fact WHERE name = ?"
_SAVE: Final = """
INSERT INTO fact (name, value) VALUES (?, ?)
ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
_DELETE: Final = "DELETE FROM fact WHERE name = ?"


def get(connection: Connection, name: str) -> str | None:
    """Return a fact, None if it is not known."""
    value = connection.value(_ONE, (name,))
    return None if value is None else str(value)


def save(connection: Connection, name: str, value: str | None) -> None:
    """Remember a fact; None forgets it."""
    if value is None:
        connection.run(_DELETE, (name,))
    else:
        connection.run(_SAVE, (name, value))
