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
_ONE: Final = f"SELECT {_COLUMNS} FROM outbox WHERE id = ?"  # noqa: S608
# Hosts for which something is due and whose own time has come. From each host to the next by the index: this is
# asked every second, and what waits for a host that is dead for weeks must not be walked over.
_HOSTS_DUE: Final = """
WITH RECURSIVE waiting (host) AS (
    SELECT (SELECT MIN(host) FROM outbox WHERE state = 'waiting')
    UNION ALL
    SELECT (SELECT MIN(outbox.host) FROM outbox
            WHERE state = 'waiting' AND outbox.host > waiting.host)
    FROM waiting WHERE waiting.host IS NOT NULL
), due (host, next_try) AS (
    SELECT host, (SELECT MIN(outbox.next_try) FROM outbox
                  WHERE state = 'waiting' AND outbox.host = waiting.host)
    FROM waiting WHERE host IS NOT NULL
)
SELECT due.host, COALESCE(peer.failures, 0), due.next_try
FROM due LEFT JOIN peer ON peer.host = due.host
WHERE (due.next_try <= ?1 OR due.next_try > ?2)
    AND (COALESCE(peer.next_try, '') <= ?1 OR peer.next_try > ?2)
ORDER BY due.next_try, due.host
"""
_WHEN: Final = f"""
SELECT {_COLUMNS} FROM outbox WHERE state = 'waiting' AND host = ? AND next_try %s ?
ORDER BY next_try, id LIMIT ?
"""  # noqa: S608 - names of our own columns
_DUE: Final = _WHEN % "<="
_ASTRAY: Final = _WHEN % ">"
_ADD: Final = """
INSERT INTO outbox (
    sender, recipient, url, host, allow_loopback, kind, digest, state, problem, created, next_try,
    failures, expires, body
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (sender, recipient, kind, digest) DO UPDATE SET
    url = excluded.url, host = excluded.host, allow_loopback = excluded.allow_loopback,
    state = excluded.state,
    problem = CASE WHEN url = excluded.url AND state = 'waiting' THEN problem END,
    next_try = CASE WHEN url = excluded.url AND state = 'waiting' THEN next_try
        ELSE excluded.next_try END,
    failures = CASE WHEN url = excluded.url AND state = 'waiting' THEN failures ELSE 0 END
"""
_UPDATE: Final = """
UPDATE outbox SET url = ?, host = ?, allow_loopback = ?, state = ?, problem = ?, next_try = ?, failures = ?
WHERE id = ?
"""
_IS_MESSAGE: Final = "SELECT body IS NOT NULL FROM outbox WHERE id = ?"
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


def get(connection: Connection, number: int) -> OutboxItem | None:
    """Return one item."""
    row = connection.row(_ONE, (number,))
    return _item(row) if row else None


def hosts_due(connection: Connection, now: str, furthest: str) -> list[Peer]:
    """Return the hosts for which something is due and that may be asked now, longest due first.

    And what waits for a time later than `furthest`, than it can be: that was set by a clock that was wrong.
    """
    return [
        Peer(host=row[0], failures=row[1], next_try=row[2])
        for row in connection.rows(_HOSTS_DUE, (now, furthest))
    ]


def due(connection: Connection, host: str, now: str, furthest: str, limit: int) -> list[OutboxItem]:
    """Return what is to be tried now at a host, longest due first; what waits too far ahead last."""
    rows = connection.rows(_DUE, (host, now, limit))
    rows += connection.rows(_ASTRAY, (host, furthest, limit - len(rows)))
    return [_item(row) for row in rows]


def add(connection: Connection, one: OutboxItem) -> None:
    """Insert an item; one that waits already goes on waiting, unless it is for another address now."""
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
    """Note how it went, or where it goes now. A row that is written anew leaves its old words behind, too."""
    run = connection.run if one.body is None else connection.run_overwriting
    run(
        _UPDATE,
        (
            one.url,
            one.host,
            one.allow_loopback,
            one.state.value,
            one.problem,
            one.next_try,
            one.failures,
            one.number,
        ),
    )


def delete(connection: Connection, number: int) -> None:
    """Delete an item; what a message said is overwritten. A ping says nothing, and there are many."""
    if connection.value(_IS_MESSAGE, (number,)):
        connection.run_overwriting(_DELETE, (number,))
    else:
        connection.run(_DELETE, (number,))


def delete_old(connection: Connection, before: str) -> int:
    """Delete what is done since before a time; returns how many."""
    return connection.run_overwriting(_DELETE_OLD, (before,))


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
