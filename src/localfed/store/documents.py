"""Documents in the database: what is known of each path, and its bytes where held.

Here: documents, retired paths, counts. Not here: the log of their changes (`log`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from localfed.app.values import Counts, DocumentState, StoredDocument
from localfed.store.connection import Connection, Row

_PIECE: Final = 200
"""Documents read at once: about 250 KB."""

_STATES: Final = {state.value: state for state in DocumentState}

_ONE: Final = """
SELECT did, path, type, digest, state, revision, updated, expires, is_shown, renew_at, problem,
    bytes
FROM identity
    JOIN document ON document.publisher_id = identity.id AND document.path = ?2
    LEFT JOIN body ON body.document_id = document.id
WHERE identity.did = ?1
"""
_PIECE_OF_ALL: Final = """
SELECT did, path, type, digest, state, revision, updated, expires, is_shown, renew_at, problem,
    bytes
FROM identity
    JOIN document ON document.publisher_id = identity.id AND document.path > ?2
    LEFT JOIN body ON body.document_id = document.id
WHERE identity.did = ?1
ORDER BY path LIMIT ?3
"""
_ROWS: Final = """
SELECT path, type, digest, state
FROM identity JOIN document ON document.publisher_id = identity.id
WHERE did = ? ORDER BY path
"""
# What has a page: the types that people are shown, live and not expired.
_PAGES: Final = """
SELECT path, updated
FROM identity JOIN document ON document.publisher_id = identity.id
WHERE did = ? AND path > ? AND state = 'live' AND is_shown = 1 AND expires > ?
    AND type IN ('Organization', 'Offer', 'Need')
ORDER BY path LIMIT ? OFFSET ?
"""
_COUNT_PAGES: Final = """
SELECT COUNT(*), COALESCE(MAX(updated), '')
FROM identity JOIN document ON document.publisher_id = identity.id
WHERE did = ? AND state = 'live' AND is_shown = 1 AND expires > ?
    AND type IN ('Organization', 'Offer', 'Need')
"""
# The few that say when they end are told by their bytes, as many as there may be: no column is kept for it.
_ENDING: Final = """
SELECT path, type, bytes
FROM identity
    JOIN document ON document.publisher_id = identity.id
    JOIN body ON body.document_id = document.id
WHERE did = ? AND state = 'live' AND type IN ('Offer', 'Need')
    AND instr(bytes, CAST('"validUntil"' AS BLOB)) > 0
ORDER BY path
"""
_WANTED: Final = """
SELECT did, path, type, digest, state, revision, updated, expires, is_shown, renew_at, problem, NULL
FROM identity JOIN document ON document.publisher_id = identity.id
WHERE did = ? AND state = 'wanted' AND problem IS NULL ORDER BY path
"""
_HALVES: Final = """
SELECT bytes
FROM document INDEXED BY document_half
    JOIN body ON body.document_id = document.id
WHERE type = 'Partnership' AND state = 'live' AND is_shown = 1
"""
_HALVES_OF: Final = """
SELECT bytes
FROM identity
    JOIN document INDEXED BY document_half ON document.publisher_id = identity.id
    JOIN body ON body.document_id = document.id
WHERE did = ? AND type = 'Partnership' AND state = 'live' AND is_shown = 1
ORDER BY document.id LIMIT ?
"""
_AT_PATH: Final = """
SELECT did, bytes
FROM publisher
    JOIN identity ON identity.id = publisher.id
    JOIN document ON document.publisher_id = publisher.id AND document.path = ?
    JOIN body ON body.document_id = document.id
WHERE state = 'live' AND is_shown = 1
"""
_EXCHANGES: Final = """
SELECT bytes
FROM document INDEXED BY document_exchange
    JOIN body ON body.document_id = document.id
WHERE type = 'Exchange' AND state = 'live' AND is_shown = 1
"""
_BORNE: Final = """
SELECT COUNT(*)
FROM document
    JOIN identity ON identity.id = document.publisher_id
WHERE publisher_id IN (
    SELECT id FROM standing WHERE voucher = ?1 AND removed IS NULL
    UNION ALL SELECT id FROM identity WHERE did = ?1
) AND did <> ?2
"""
_DUE: Final = """
SELECT did, path, type, digest, state, revision, updated, expires, is_shown, renew_at, problem,
    bytes
FROM identity
    JOIN document ON document.publisher_id = identity.id
    LEFT JOIN body ON body.document_id = document.id
WHERE did = ? AND renew_at <= ? ORDER BY renew_at, path LIMIT ?
"""
_LIVE_DIGESTS: Final = """
SELECT digest, document.id
FROM identity JOIN document ON document.publisher_id = identity.id
WHERE did = ? AND state = 'live'
"""
_BODY: Final = "SELECT bytes FROM body WHERE document_id = ?"
_COUNTS: Final = """
SELECT
    (SELECT COUNT(*) FROM publisher WHERE is_hosted = 1),
    (SELECT COUNT(*) FROM publisher WHERE is_followed = 1),
    (SELECT COUNT(*) FROM document) - (
        SELECT COUNT(*) FROM standing JOIN document ON document.publisher_id = standing.id
        WHERE removed IS NOT NULL
    ),
    (SELECT COUNT(*) FROM document WHERE state = 'wanted'),
    (SELECT COUNT(*) FROM document WHERE state = 'rejected'),
    (SELECT COALESCE(MAX(position), 0) FROM log)
"""
_IS_RETIRED: Final = """
SELECT 1 FROM identity JOIN retired ON retired.identity_id = identity.id
WHERE did = ? AND path = ?
"""
_PUT: Final = """
INSERT INTO document (
    publisher_id, path, type, digest, state, revision, updated, expires, is_shown, renew_at, problem
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (publisher_id, path) DO UPDATE SET
    type = excluded.type, digest = excluded.digest, state = excluded.state,
    revision = excluded.revision, updated = excluded.updated, expires = excluded.expires,
    is_shown = excluded.is_shown, renew_at = excluded.renew_at, problem = excluded.problem
"""
_PUT_BODY: Final = """
INSERT INTO body (document_id, bytes)
SELECT id, ?3 FROM document WHERE publisher_id = ?1 AND path = ?2
ON CONFLICT (document_id) DO UPDATE SET bytes = excluded.bytes
"""
_DROP_BODY: Final = """
DELETE FROM body
WHERE document_id = (SELECT id FROM document WHERE publisher_id = ? AND path = ?)
"""
_DELETE: Final = "DELETE FROM document WHERE publisher_id = ? AND path = ?"
_RETIRE: Final = """
INSERT INTO retired (identity_id, path)
SELECT id, ?2 FROM publisher WHERE id = ?1 AND is_hosted = 1
ON CONFLICT (identity_id, path) DO NOTHING
"""
_DELETE_ALL: Final = "DELETE FROM document WHERE publisher_id = ?"


def get(connection: Connection, did: str, path: str) -> StoredDocument | None:
    """Return what is known of a path."""
    row = connection.row(_ONE, (did, path))
    return _document(row) if row else None


def select(connection: Callable[[], Connection], did: str) -> Iterator[StoredDocument]:
    """Yield every path of a publisher, sorted, a piece at a time.

    No statement stays open between two pieces: who stops half way holds up no checkpoint, and other
    reads of the same connection see what was written meanwhile. The connection is asked for with
    each piece, because the thread may be another one by then.
    """
    after = ""
    while True:
        piece = connection().rows(_PIECE_OF_ALL, (did, after, _PIECE))
        for row in piece:
            yield _document(row)
        if len(piece) < _PIECE:
            return
        after = piece[-1][1]


def rows(connection: Connection, did: str) -> list[tuple[str, str, str, DocumentState]]:
    """Return (path, type, digest, state) of every path of a publisher, sorted."""
    return [
        (path, type_, digest, _STATES[state])
        for path, type_, digest, state in connection.rows(_ROWS, (did,))
    ]


def ending(connection: Connection, did: str) -> list[tuple[str, str, bytes]]:
    """Return (path, type, bytes) of the live listings of a publisher that say when they end, sorted."""
    return [(path, type_, bytes(body)) for path, type_, body in connection.rows(_ENDING, (did,))]


def pages(
    connection: Connection, did: str, now: str, *, after: str, skip: int, limit: int
) -> list[tuple[str, str]]:
    """Return (path, updated) of what has a page, sorted by path, past `after`."""
    return [
        (path, updated) for path, updated in connection.rows(_PAGES, (did, after, now, limit, skip))
    ]


def count_pages(connection: Connection, did: str, now: str) -> tuple[int, str]:
    """Count what has a page, and say when the newest of it was signed."""
    number, newest = connection.rows(_COUNT_PAGES, (did, now))[0]
    return number, newest


def wanted(connection: Connection, did: str) -> list[StoredDocument]:
    """Return the paths whose bytes are lacking and that nothing holds back, sorted."""
    return [_document(row) for row in connection.rows(_WANTED, (did,))]


def halves(connection: Connection) -> list[bytes]:
    """Return the bytes of every live half of a partnership."""
    return [body for (body,) in connection.rows(_HALVES)]


def halves_of(connection: Connection, did: str, limit: int) -> list[bytes]:
    """Return the bytes of the live halves of one publisher, those known longest, at most so many."""
    return [body for (body,) in connection.rows(_HALVES_OF, (did, limit))]


def at_path(connection: Connection, path: str) -> list[tuple[str, bytes]]:
    """Return (DID, bytes) of what is live at one path, of every publisher that has something there."""
    return [(did, body) for did, body in connection.rows(_AT_PATH, (path,))]


def exchanges(connection: Connection) -> list[bytes]:
    """Return the bytes of every live half of an exchange."""
    return [body for (body,) in connection.rows(_EXCHANGES)]


def borne(connection: Connection, did: str, without: str) -> int:
    """Count the documents of a publisher and of those whom it vouches for, but for one of these."""
    return int(connection.value(_BORNE, (did, without)))


def due_for_renewal(connection: Connection, did: str, now: str, limit: int) -> list[StoredDocument]:
    """Return the documents to sign again, earliest first."""
    return [_document(row) for row in connection.rows(_DUE, (did, now, limit))]


def live_bodies(connection: Connection, did: str, digests: Sequence[str]) -> Iterator[bytes]:
    """Yield the bodies of these digests that are live, in this order; within one snapshot."""
    numbers: dict[str, int] = dict(connection.rows(_LIVE_DIGESTS, (did,)))
    for digest in digests:
        number = numbers.get(digest)
        if number is not None:
            yield connection.value(_BODY, (number,))


def count(connection: Connection) -> Counts:
    """Count what is here, by the small indexes of what is not live."""
    hosted, followed, all_, wanted_, rejected, position = connection.rows(_COUNTS)[0]
    return Counts(
        publishers_hosted=hosted,
        publishers_followed=followed,
        documents_live=all_ - wanted_ - rejected,
        documents_wanted=wanted_,
        documents_rejected=rejected,
        log_position=position,
    )


def is_retired(connection: Connection, did: str, path: str) -> bool:
    """Whether a document of a hosted organisation at this path was deleted once."""
    return connection.row(_IS_RETIRED, (did, path)) is not None


def put(connection: Connection, numbered: Sequence[tuple[int, StoredDocument]]) -> None:
    """Insert or replace what is known of paths; each comes with the number of its publisher."""
    connection.run_many(
        _PUT,
        (
            (
                number,
                one.path,
                one.type,
                one.digest,
                one.state.value,
                one.revision,
                one.updated,
                one.expires,
                one.is_shown,
                one.renew_at,
                one.problem,
            )
            for number, one in numbered
        ),
    )
    # By path: should one come twice, the last counts for its bytes as for its row.
    last = {(number, one.path): one.body for number, one in numbered}
    bodies = [(*key, body) for key, body in last.items() if body is not None]
    bare = [key for key, body in last.items() if body is None]
    if bodies:
        connection.run_many(_PUT_BODY, bodies)
    if bare:
        connection.run_many(_DROP_BODY, bare)


def delete(connection: Connection, publisher_id: int, path: str) -> bool:
    """Delete a path, retired where hosted; says whether there was one."""
    if not connection.run(_DELETE, (publisher_id, path)):
        return False
    connection.run(_RETIRE, (publisher_id, path))
    return True


def delete_all(connection: Connection, publisher_id: int) -> None:
    """Delete every path of a publisher; none is retired, for nothing was withdrawn."""
    connection.run(_DELETE_ALL, (publisher_id,))


def _document(row: Row) -> StoredDocument:
    return StoredDocument(
        did=row[0],
        path=row[1],
        type=row[2],
        digest=row[3],
        state=_STATES[row[4]],
        revision=row[5],
        updated=row[6],
        expires=row[7],
        is_shown=row[8] == 1,
        renew_at=row[9],
        problem=row[10],
        body=row[11],
    )
