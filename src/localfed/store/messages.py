"""Messages in the database: what came to the inboxes of this node."""

from __future__ import annotations

from typing import Final

from localfed.app.message_values import MessageState, StoredMessage
from localfed.store.connection import Connection, Row

_COLUMNS: Final = (
    "id, received, sender, recipient, type, digest, expires, state, is_stranger, log, body"
)
_ALL: Final = f"SELECT {_COLUMNS} FROM message WHERE (?1 IS NULL OR state = ?1) ORDER BY id"  # noqa: S608
_ONE: Final = f"SELECT {_COLUMNS} FROM message WHERE id = ?"  # noqa: S608
_BY_DIGEST: Final = f"SELECT {_COLUMNS} FROM message WHERE digest = ?"  # noqa: S608
_WAITING: Final = """
SELECT COALESCE(SUM(sender = ?1), 0), COUNT(*) FROM message
WHERE state = 'new' AND recipient = ?2 AND is_stranger = ?3
"""
_ADD: Final = """
INSERT INTO message (received, sender, recipient, type, digest, expires, state, is_stranger, log, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING
"""
_SET_STATE: Final = "UPDATE message SET state = ? WHERE id = ?"
_DELETE_OVER: Final = """
DELETE FROM message WHERE expires <= CASE state WHEN 'opened' THEN ?2 ELSE ?1 END
"""


def select(connection: Connection, state: MessageState | None) -> list[StoredMessage]:
    """Return messages, oldest first; None means in whatever state."""
    value = state.value if state is not None else None
    return [_message(row) for row in connection.rows(_ALL, (value,))]


def get(connection: Connection, number: int) -> StoredMessage | None:
    """Return one message."""
    row = connection.row(_ONE, (number,))
    return _message(row) if row else None


def with_digest(connection: Connection, digest: str) -> StoredMessage | None:
    """Return the message of these bytes, if it came."""
    row = connection.row(_BY_DIGEST, (digest,))
    return _message(row) if row else None


def waiting(
    connection: Connection, sender: str, recipient: str, *, stranger: bool
) -> tuple[int, int]:
    """Count the unopened messages to one recipient: of one sender, and of all that are strangers as it is, or are not."""
    own, all_ = connection.rows(_WAITING, (sender, recipient, stranger))[0]
    return own, all_


def add(connection: Connection, one: StoredMessage) -> None:
    """Insert a message; the same again changes nothing."""
    connection.run(
        _ADD,
        (
            one.received,
            one.sender,
            one.recipient,
            one.type,
            one.digest,
            one.expires,
            one.state.value,
            one.is_stranger,
            one.log,
            one.body,
        ),
    )


def set_state(connection: Connection, number: int, state: MessageState) -> None:
    """Note what a person did with a message."""
    connection.run_overwriting(_SET_STATE, (state.value, number))


def delete_over(connection: Connection, now: str, opened_before: str) -> int:
    """Delete what has expired, of what was opened what had before a time; returns how many."""
    return connection.run_overwriting(_DELETE_OVER, (now, opened_before))


def _message(row: Row) -> StoredMessage:
    return StoredMessage(
        number=row[0],
        received=row[1],
        sender=row[2],
        recipient=row[3],
        type=row[4],
        digest=row[5],
        expires=row[6],
        state=MessageState(row[7]),
        is_stranger=row[8] == 1,
        log=row[9],
        body=row[10],
    )
