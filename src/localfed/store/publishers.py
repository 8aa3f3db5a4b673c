"""Publishers in the database. Here: their rows. Not here: their documents (`documents`)."""

from __future__ import annotations

from typing import Final

from localfed.app.speakers import Speaker
from localfed.app.values import Growth, Home, Publisher, Removal
from localfed.protocol.errors import UnknownOrganisation
from localfed.protocol.ratchet import HeadState
from localfed.store.connection import Connection, Row

_SELECT: Final = """
SELECT identity.did, scid, base, host, is_hosted, is_followed, allow_loopback, is_closed,
    era, seq, chain, updated, head_expires, poll_seconds, etag, checked, next_poll, failures,
    problem, entries_since_snapshot, over_quota,
    step, voucher, is_shown, quota, removed, removal, home_confirmed, home_problem, mirror, source,
    read, keys_changed, renewing_until, pinged, growth_since, growth_base, growth_count,
    growth_held_back, hold, kit_checked,
    head, log
FROM publisher
    JOIN identity ON identity.id = publisher.id
    JOIN standing ON standing.id = publisher.id
"""
_BY_DID: Final = _SELECT + " WHERE identity.did = ?"
_BY_BASE: Final = _SELECT + " WHERE is_hosted = 1 AND base = ? ORDER BY added DESC LIMIT 1"
_MANY: Final = (
    _SELECT
    + " WHERE (?1 IS NULL OR is_hosted = ?1) AND (?2 IS NULL OR is_followed = ?2)"
    + " AND (?3 IS NULL OR (removed IS NOT NULL) = ?3) AND (?4 IS NULL OR host = ?4) ORDER BY added"
)
_DUE: Final = (
    _SELECT
    + " WHERE is_hosted = 0 AND COALESCE(next_poll, '') <= ? AND removed IS NULL"
    + " AND (is_followed = 1 OR voucher IS NOT NULL)"
    + " ORDER BY COALESCE(next_poll, ''), added"
)
_ASTRAY: Final = (
    _SELECT
    + " WHERE is_hosted = 0 AND COALESCE(next_poll, '') > ? AND removed IS NULL"
    + " AND (is_followed = 1 OR voucher IS NOT NULL)"
    + " ORDER BY COALESCE(next_poll, ''), added"
)
_SPEAKERS: Final = """
SELECT identity.did, scid, host, is_closed, head_expires, voucher, is_shown
FROM publisher
    JOIN identity ON identity.id = publisher.id
    JOIN standing ON standing.id = publisher.id
WHERE removed IS NULL
"""
_ID: Final = (
    "SELECT publisher.id FROM identity JOIN publisher ON publisher.id = identity.id WHERE did = ?"
)
_IS_HOSTED: Final = "SELECT is_hosted FROM publisher WHERE id = ?"
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
_SAVE_STANDING: Final = """
INSERT INTO standing (
    id, step, voucher, is_shown, quota, removed, removal, home_confirmed, home_problem, mirror,
    source, read, keys_changed, renewing_until, pinged, growth_since, growth_base, growth_count,
    growth_held_back, hold, kit_checked
) VALUES (
    (SELECT id FROM identity WHERE did = ?),
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
) ON CONFLICT (id) DO UPDATE SET
    step = excluded.step, voucher = excluded.voucher, is_shown = excluded.is_shown,
    quota = excluded.quota, removed = excluded.removed, removal = excluded.removal,
    home_confirmed = excluded.home_confirmed, home_problem = excluded.home_problem,
    mirror = excluded.mirror, source = excluded.source, read = excluded.read,
    keys_changed = excluded.keys_changed, renewing_until = excluded.renewing_until,
    pinged = excluded.pinged, growth_since = excluded.growth_since,
    growth_base = excluded.growth_base, growth_count = excluded.growth_count,
    growth_held_back = excluded.growth_held_back, hold = excluded.hold,
    kit_checked = excluded.kit_checked
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
    connection: Connection,
    *,
    hosted: bool | None,
    followed: bool | None,
    removed: bool | None,
    host: str | None,
) -> list[Publisher]:
    """Return publishers, oldest first."""
    return [_publisher(row) for row in connection.rows(_MANY, (hosted, followed, removed, host))]


def due(connection: Connection, now: str, furthest: str) -> list[Publisher]:
    """Return publishers of other nodes whose next poll has come: the longest due first.

    And last those whose next poll is later than it can be: it was set by a clock that was wrong.
    """
    rows = [*connection.rows(_DUE, (now,)), *connection.rows(_ASTRAY, (furthest,))]
    return [_publisher(row) for row in rows]


def id_of(connection: Connection, did: str) -> int:
    """Return the number of a publisher.

    Raises:
        UnknownOrganisation: it is not here.

    """
    number = connection.value(_ID, (did,))
    if number is None:
        raise UnknownOrganisation("no such organisation here", detail=did)
    return int(number)


def is_hosted(connection: Connection, publisher_id: int) -> bool:
    """Whether a publisher is hosted here."""
    return bool(connection.value(_IS_HOSTED, (publisher_id,)))


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
    _save_standing(connection, one)


def _save_standing(connection: Connection, one: Publisher) -> None:
    connection.run(
        _SAVE_STANDING,
        (
            one.did,
            one.step,
            one.voucher,
            one.is_shown,
            one.quota,
            one.removal.since if one.removal else None,
            one.removal.why if one.removal else None,
            one.home.confirmed,
            one.home.problem,
            one.mirror,
            one.source,
            one.read,
            one.keys_changed,
            one.renewing_until,
            one.pinged,
            one.growth.since,
            one.growth.base,
            one.growth.count,
            one.growth.held_back,
            one.hold,
            one.kit_checked,
        ),
    )


def delete(connection: Connection, publisher_id: int) -> None:
    """Delete a publisher's own row; everything that belongs to it is gone already."""
    connection.run(_DELETE, (publisher_id,))


def speakers(connection: Connection) -> list[Speaker]:
    """Return who speaks here, without what is long of it."""
    return [
        Speaker(
            did=did,
            scid=scid,
            host=host,
            is_closed=is_closed == 1,
            head_expires=head_expires,
            voucher=voucher,
            is_shown=is_shown == 1,
        )
        for did, scid, host, is_closed, head_expires, voucher, is_shown in connection.rows(
            _SPEAKERS
        )
    ]


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
        step=row[21],
        voucher=row[22],
        is_shown=row[23] == 1,
        quota=row[24],
        removal=Removal(since=row[25], why=row[26]) if row[25] is not None else None,
        home=Home(confirmed=row[27], problem=row[28]),
        mirror=row[29],
        source=row[30],
        read=row[31],
        keys_changed=row[32],
        renewing_until=row[33],
        pinged=row[34],
        growth=Growth(since=row[35], base=row[36], count=row[37], held_back=row[38]),
        hold=row[39],
        kit_checked=row[40],
        head=row[41],
        log=row[42],
    )
