"""The outbox in the database: what is to be posted to others, and how their hosts answer."""

from __future__ import annotations

from typing import Final

from localfed.app.message_values import OutboxItem, OutboxKind, OutboxState, Peer
from localfed.store.connection import Connection, Row

_COLUMNS: Final = (
    "id, sender, recipient, url, host, allow_loopback, kind, digest, state, problem, created,"
    " next_try, failures, expires, body"
)
_ALL: Final = f"SELECT {_COLUMNS} FROM outbox ORDER BY id"  # noqa: S608
# What is due, of hosts whose own time has come: a dead one holds up nothing but what is for it.
_WHEN: Final = f"""
SELECT {_COLUMNS} FROM outbox
WHERE state = 'waiting' AND next_try %s AND NOT EXISTS (
    SELECT 1 FROM peer
    WHERE peer.host = outbox.host AND peer.next_try > ?1 AND peer.next_try <= ?2
)
ORDER BY next_try, id LIMIT ?3
"""  # noqa: S608 - names of our own columns
_DUE: Final = _WHEN % "<= ?1"
_ASTRAY: Final = _WHEN % "> ?2"
_ADD: Final = """
INSERT INTO outbox (
    sender, recipient, url, host, allow_loopback, kind, digest, state, problem, created, next_try,
    failures, expires, body
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (sender, recipient, kind, digest) DO UPDATE SET
    url = excluded.url, host = excluded.host, state = excluded.state, problem = excluded.problem
"""
_UPDATE: Final = """
UPDATE outbox SET state = ?, problem = ?, next_try = ?, failures = ? WHERE id = ?
"""
_DELETE: Final = "DELETE FROM outbox WHERE id = ?"
_DELETE_OLD: Final = "DELETE FROM outbox WHERE state <> 'waiting' AND created <= ?"
_PEER: Final = "SELECT host, failures, next_try FROM peer WHERE host = ?"
_SAVE_PEER: Final = """
INSERT INTO peer (host, failures, next_try) VALUES (?, ?, ?)
ON CONFLICT (host) DO UPDATE SET failures = excluded.failures, next_try = excluded.next_try
"""
_DELETE_PEER: Final = "DELETE FROM peer WHERE host = ?"


def select(connection: Connection) -> list[OutboxItem]:
    """Return everything, oldest first."""
    return [_item(row) for row in connection.rows(_ALL)]


def due(connection: Connection, now: str, furthest: str, limit: int) -> list[OutboxItem]:
    """Return what is to be tried now, longest due first.

    And last what waits for a time later than it can be: that was set by a clock that was wrong.
    """
    rows = list(connection.rows(_DUE, (now, furthest, limit)))
    rows += connection.rows(_ASTRAY, (now, furthest, limit - len(rows)))
    return [_item(row) for row in rows]


def add(connection: Connection, one: OutboxItem) -> None:
    """Insert an item; one that waits already goes on waiting."""
    connection.run(
        _ADD,
        (
            one.sender,
            one.recipient,
            one.url,
            one.host,
            one.allow_loopback,
            one.kind.value,
            one.digest,
            one.state.value,
            one.problem,
            one.created,
            one.next_try,
            one.failures,
            one.expires,
            one.body,
        ),
    )


def update(connection: Connection, one: OutboxItem) -> None:
    """Note how it went."""
    row = (one.state.value, one.problem, one.next_try, one.failures, one.number)
    connection.run(_UPDATE, row)


def delete(connection: Connection, number: int) -> None:
    """Delete an item."""
    connection.run(_DELETE, (number,))


def delete_old(connection: Connection, before: str) -> int:
    """Delete what is done since before a time; returns how many."""
    return connection.run(_DELETE_OLD, (before,))


def peer(connection: Connection, host: str) -> Peer | None:
    """Return how a host answers; None: well, or never asked."""
    row = connection.row(_PEER, (host,))
    return Peer(host=row[0], failures=row[1], next_try=row[2]) if row else None


def save_peer(connection: Connection, one: Peer) -> None:
    """Remember how a host answers; one that answers well is forgotten."""
    if one.failures:
        connection.run(_SAVE_PEER, (one.host, one.failures, one.next_try))
    else:
        connection.run(_DELETE_PEER, (one.host,))


def _item(row: Row) -> OutboxItem:
    return OutboxItem(
        number=row[0],
        sender=row[1],
        recipient=row[2],
        url=row[3],
        host=row[4],
        allow_loopback=row[5] == 1,
        kind=OutboxKind(row[6]),
        digest=row[7],
        state=OutboxState(row[8]),
        problem=row[9],
        created=row[10],
        next_try=row[11],
        failures=row[12],
        expires=row[13],
        body=row[14],
    )
