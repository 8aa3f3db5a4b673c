"""Pictures in the database: what is known of each, the bytes that are shown, and which documents name it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from localfed.app.picture_values import PictureState, StoredPicture
from localfed.store import publishers
from localfed.store.connection import Connection, Row

_STATES: Final = {state.value: state for state in PictureState}

_ONE: Final = """
SELECT did, path, state, picture.bytes, width, height, copy, copy_width, copy_height, copy_bytes,
    tries, next_try, problem
FROM identity JOIN picture ON picture.publisher_id = identity.id
WHERE did = ? AND path = ?
"""
_OF_DOCUMENT: Final = """
SELECT did, path, state, picture.bytes, width, height, copy, copy_width, copy_height, copy_bytes,
    tries, next_try, problem
FROM identity
    JOIN picture_use ON picture_use.publisher_id = identity.id
    JOIN picture ON picture.id = picture_use.picture_id
WHERE did = ? AND document = ?
"""
_BODY: Final = """
SELECT picture_body.bytes
FROM identity
    JOIN picture ON picture.publisher_id = identity.id
    JOIN picture_body ON picture_body.picture_id = picture.id
WHERE did = ? AND path = ?
"""
_SHOWN: Final = """
SELECT picture_body.bytes
FROM picture
    JOIN standing ON standing.id = picture.publisher_id AND standing.is_shown = 1
    JOIN picture_body ON picture_body.picture_id = picture.id
WHERE copy = ? LIMIT 1
"""
_DUE_PUBLISHERS: Final = """
SELECT DISTINCT publisher_id FROM picture INDEXED BY picture_due
    JOIN standing ON standing.id = picture.publisher_id AND standing.is_shown = 1
WHERE state = 'wanted' AND next_try <= ?
"""
_DUE: Final = """
SELECT did, path, state, picture.bytes, width, height, copy, copy_width, copy_height, copy_bytes,
    tries, next_try, problem
FROM picture JOIN identity ON identity.id = picture.publisher_id
WHERE publisher_id = ?1 AND state = 'wanted' AND next_try <= ?2 AND EXISTS (
    SELECT 1 FROM picture_use
        JOIN document ON document.publisher_id = picture_use.publisher_id
            AND document.path = picture_use.document
    WHERE picture_id = picture.id AND document.state = 'live' AND document.expires > ?2
)
ORDER BY next_try, picture.id LIMIT ?3
"""
_BYTES: Final = """
SELECT COALESCE(SUM(copy_bytes), 0)
FROM identity JOIN picture ON picture.publisher_id = identity.id
WHERE did = ?
"""
_PUT: Final = """
INSERT INTO picture (
    publisher_id, path, state, bytes, width, height, copy, copy_width, copy_height, copy_bytes,
    tries, next_try, problem
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (publisher_id, path) DO UPDATE SET
    state = excluded.state, bytes = excluded.bytes, width = excluded.width,
    height = excluded.height, copy = excluded.copy, copy_width = excluded.copy_width,
    copy_height = excluded.copy_height, copy_bytes = excluded.copy_bytes,
    tries = excluded.tries, next_try = excluded.next_try, problem = excluded.problem
"""
_PUT_BODY: Final = """
INSERT INTO picture_body (picture_id, bytes)
SELECT id, ?3 FROM picture WHERE publisher_id = ?1 AND path = ?2
ON CONFLICT (picture_id) DO UPDATE SET bytes = excluded.bytes
"""
_USED: Final = "SELECT picture_id FROM picture_use WHERE publisher_id = ? AND document = ?"
_NOT_USED: Final = "DELETE FROM picture_use WHERE publisher_id = ? AND document = ?"
_USE: Final = """
INSERT INTO picture_use (publisher_id, document, picture_id)
SELECT ?1, ?2, id FROM picture WHERE publisher_id = ?1 AND path = ?3
ON CONFLICT (publisher_id, document, picture_id) DO NOTHING
"""
_DELETE_IF_UNUSED: Final = """
DELETE FROM picture
WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM picture_use WHERE picture_id = ?1)
"""
_POSTPONE: Final = """
UPDATE picture SET next_try = MAX(next_try, ?2), problem = ?3
WHERE publisher_id = ?1 AND state = 'wanted'
"""
_DELETE_ALL: Final = "DELETE FROM picture WHERE publisher_id = ?"


class _Connected(Protocol):
    def _connection(self) -> Connection: ...


class PictureReads:
    """The part of the store's port that reads what is known of pictures."""

    def picture(self: _Connected, did: str, path: str) -> StoredPicture | None:
        """Return what is known of a picture of a publisher."""
        row = self._connection().row(_ONE, (did, path))
        return _picture(row) if row else None

    def pictures_of(self: _Connected, did: str, document: str) -> list[StoredPicture]:
        """Return the pictures that a document (a path) names, in no order."""
        return [_picture(row) for row in self._connection().rows(_OF_DOCUMENT, (did, document))]

    def picture_body(self: _Connected, did: str, path: str) -> bytes | None:
        """Return the bytes that are held of a picture."""
        row = self._connection().row(_BODY, (did, path))
        return row[0] if row else None

    def shown_picture(self: _Connected, copy: str) -> bytes | None:
        """Return the bytes of a copy by its name, if anybody who is shown has it."""
        row = self._connection().row(_SHOWN, (copy,))
        return row[0] if row else None

    def pictures_due(self: _Connected, now: str, each: int) -> list[StoredPicture]:
        """Return pictures to ask for now: at most so many of each publisher, longest due first."""
        connection = self._connection()
        return [
            _picture(row)
            for (number,) in connection.rows(_DUE_PUBLISHERS, (now,))
            for row in connection.rows(_DUE, (number, now, each))
        ]

    def picture_bytes(self: _Connected, did: str) -> int:
        """Count the bytes that are held of a publisher's pictures."""
        return int(self._connection().value(_BYTES, (did,)))


class PictureWrites:
    """The part of the store's port that writes it."""

    def put_picture(self: _Connected, picture: StoredPicture, body: bytes | None = None) -> None:
        """Insert or replace what is known of a picture; a body is what is shown."""
        connection = self._connection()
        number = publishers.id_of(connection, picture.did)
        connection.run(
            _PUT,
            (
                number,
                picture.path,
                picture.state.value,
                picture.bytes,
                picture.width,
                picture.height,
                picture.copy,
                picture.copy_width,
                picture.copy_height,
                picture.copy_bytes,
                picture.tries,
                picture.next_try,
                picture.problem,
            ),
        )
        if body is not None:
            connection.run(_PUT_BODY, (number, picture.path, body))

    def use_pictures(self: _Connected, did: str, document: str, paths: Sequence[str]) -> None:
        """Say which pictures a document names now; what nobody names any more is deleted."""
        connection = self._connection()
        number = publishers.id_of(connection, did)
        before = connection.rows(_USED, (number, document))
        connection.run(_NOT_USED, (number, document))
        for path in paths:
            connection.run(_USE, (number, document, path))
        for (picture_id,) in before:
            connection.run(_DELETE_IF_UNUSED, (picture_id,))

    def postpone_pictures(self: _Connected, did: str, until: str, problem: str) -> None:
        """Ask for no picture of a publisher before a time."""
        connection = self._connection()
        connection.run(_POSTPONE, (publishers.id_of(connection, did), until, problem))


def delete_all(connection: Connection, publisher_id: int) -> None:
    """Delete every picture of a publisher, and what was noted of its documents."""
    connection.run(_DELETE_ALL, (publisher_id,))


def _picture(row: Row) -> StoredPicture:
    return StoredPicture(
        did=row[0],
        path=row[1],
        state=_STATES[row[2]],
        bytes=row[3],
        width=row[4],
        height=row[5],
        copy=row[6],
        copy_width=row[7],
        copy_height=row[8],
        copy_bytes=row[9],
        tries=row[10],
        next_try=row[11],
        problem=row[12],
    )
