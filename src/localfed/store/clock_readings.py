"""Clock readings in the database: what time it was at the hosts that were read."""

from __future__ import annotations

from typing import Final

from localfed.app.values import ClockReading
from localfed.store.connection import Connection

_ONE: Final = "SELECT host, seconds, seen FROM clock_reading WHERE host = ?"
_ALL: Final = "SELECT host, seconds, seen FROM clock_reading ORDER BY host"
_SAVE: Final = """
INSERT INTO clock_reading (host, seconds, seen) VALUES (?, ?, ?)
ON CONFLICT (host) DO UPDATE SET seconds = excluded.seconds, seen = excluded.seen
"""
_DELETE: Final = "DELETE FROM clock_reading WHERE seen < ?"


def get(connection: Connection, host: str) -> ClockReading | None:
    """Return what time it last was at a host."""
    row = connection.row(_ONE, (host,))
    return None if row is None else ClockReading(host=row[0], seconds=row[1], seen=row[2])


def select(connection: Connection) -> list[ClockReading]:
    """Return what time it last was at each host."""
    return [
        ClockReading(host=host, seconds=seconds, seen=seen)
        for host, seconds, seen in connection.rows(_ALL)
    ]


def save(connection: Connection, reading: ClockReading) -> None:
    """Insert or replace a reading."""
    connection.run(_SAVE, (reading.host, reading.seconds, reading.seen))


def delete(connection: Connection, before: str) -> None:
    """Forget what was seen before a time."""
    connection.run(_DELETE, (before,))
