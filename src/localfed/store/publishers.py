"""Publishers in the database. Here: their rows. Not here: their documents (`documents`)."""

from __future__ import annotations

from typing import Final

from localfed.app.values import Publisher
from localfed.protocol.errors import UnknownOrganisation
from localfed.protocol.ratchet import HeadState
from localfed.store.connection import Connection, Row

_SELECT: Final = """
SELECT identity.did, scid, base, host, is_hosted, is_followed, allow_loopback, is_closed,
    era, seq, chain, updated, head_expires, poll_seconds, etag, checked, next_poll, failures,
    problem, entries_since_snapshot, over_quota, head, log
FROM publisher JOIN identity ON identity.id = publisher.id
"""
_BY_DID: Final = _SELECT + " WHERE identity.did = ?"
_BY_BASE: Final = _SELECT + " WHERE is_hosted = 1 AND base = ? ORDER BY added DESC LIMIT 1"
_MANY: Final = (
    _SELECT
    + " WHERE (?1 IS NULL OR is_hosted = ?1) AND (?2 IS NULL OR is_followed = ?2) ORDER BY added"
)
_DUE: Final = (
    _SELECT
    + " WHERE is_followed = 1 AND COALESCE(next_poll, '') <= ?"
    + " ORDER BY COALESCE(next_poll, ''), added"
)
_ID: Final = (
    "SELECT publisher.id FROM identity JOIN publisher ON publisher.id = identity.id WHERE did = ?"
)
_ADD_IDENTITY: Final = "INSERT INTO identity (did) VALUES (?) ON CONFLICT (did) DO NOTHING"
_SAVE: Final = """
INSERT INTO publisher (
    id, added, scid, base, host, is_hosted, is_followed, allow_loopback, is_closed,
    era, seq, chain, updated, head_expires, poll_seconds, etag, checked, next_poll, failures,
    problem, entries_since_snapshot, over_quota, head, log
) VALUES (
    (SELECT id FROM identity WHERE did = ?),
    (SELECT COALESCE(MAX(added), 0) + 1 FROM publisher),
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
) ON CONFLICT (id) DO UPDATE SET
    scid = excluded.scid, base = excluded.base, host = excluded.host,
    is_hosted = excluded.is_hosted, is_followed = excluded.is_followed,
    allow_loopback = excluded.allow_loopback, is_closed = excluded.is_closed,
    era = excluded.era, seq = excluded.seq, chain = excluded.chain, updated = excluded.updated,
    head_expires = excluded.head_expires, poll_seconds = excluded.poll_seconds,
    etag = excluded.etag, checked = excluded.checked, next_poll = excluded.next_poll,
    failures = excluded.failures, problem = excluded.problem,
    entries_since_snapshot = excluded.entries_since_snapshot,
    over_quota = excluded.over_quota, head = excluded.head, log = excluded.log
"""
_DELETE: Final = "DELETE FROM publisher WHERE id = ?"


def get(connection: Connection, did: str) -> Publisher | None:
    """Return one publisher by its DID."""
    row = connection.row(_BY_DID, (did,))
    return _publisher(row) if row else None


def get_at(connection: Connection, base: str) -> Publisher | None:
    """Return the hosted publisher at this BASE: the newest, should a closed one have lain there."""
    row = connection.row(_BY_BASE, (base,))
    return _publisher(row) if row else None


def select(
    connection: Connection, *, hosted: bool | None, followed: bool | None
) -> list[Publisher]:
    """Return publishers, oldest first."""
    return [_publisher(row) for row in connection.rows(_MANY, (hosted, followed))]


def due(connection: Connection, now: str) -> list[Publisher]:
    """Return followed publishers whose next poll has come: the longest due first."""
    return [_publisher(row) for row in connection.rows(_DUE, (now,))]


def id_of(connection: Connection, did: str) -> int:
    """Return the number of a publisher.

    Raises:
        UnknownOrganisation: it is not here.

    """
    number = connection.value(_ID, (did,))
    if number is None:
        raise UnknownOrganisation("no such organisation here", detail=did)
    return int(number)


def save(connection: Connection, publisher: Publisher) -> None:
    """Insert or replace a publisher."""
    one = publisher
    state = one.state
    connection.run(_ADD_IDENTITY, (one.did,))
    connection.run(
        _SAVE,
        (
            one.did,
            one.scid,
            one.base,
            one.host,
            one.is_hosted,
            one.is_followed,
            one.allow_loopback,
            one.is_closed,
            state.era if state else None,
            state.seq if state else None,
            state.chain if state else None,
            state.updated if state else None,
            one.head_expires,
            one.poll_seconds,
            one.etag,
            one.checked,
            one.next_poll,
            one.failures,
            one.problem,
            one.entries_since_snapshot,
            one.over_quota,
            one.head,
            one.log,
        ),
    )


def delete(connection: Connection, publisher_id: int) -> None:
    """Delete a publisher's own row; everything that belongs to it is gone already."""
    connection.run(_DELETE, (publisher_id,))


def _publisher(row: Row) -> Publisher:
    state = None
    if row[8] is not None:
        state = HeadState(era=row[8], seq=row[9], chain=row[10], updated=row[11])
    return Publisher(
        did=row[0],
        scid=row[1],
        base=row[2],
        host=row[3],
        is_hosted=row[4] == 1,
        is_followed=row[5] == 1,
        allow_loopback=row[6] == 1,
        is_closed=row[7] == 1,
        state=state,
        head_expires=row[12],
        poll_seconds=row[13],
        etag=row[14],
        checked=row[15],
        next_poll=row[16],
        failures=row[17],
        problem=row[18],
        entries_since_snapshot=row[19],
        over_quota=row[20],
        head=row[21],
        log=row[22],
    )
