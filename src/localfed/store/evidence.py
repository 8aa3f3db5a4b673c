"""Evidence in the database: signed statements that contradict each other, as they came."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from localfed.app.values import Evidence, EvidenceKind
from localfed.store.connection import Connection

KEPT: Final = 20
"""Pieces of evidence for each publisher: who signs a new contradiction every minute fills no disk."""

_SELECT: Final = """
SELECT did, kind, first, last, times, source, held, offered
FROM identity JOIN evidence ON evidence.publisher_id = identity.id
WHERE did = ? ORDER BY last DESC, evidence.id DESC
"""
_ADD: Final = """
INSERT INTO evidence (publisher_id, kind, first, last, times, source, fingerprint, held, offered)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (publisher_id, kind, fingerprint) DO UPDATE SET
    last = excluded.last, times = times + excluded.times, source = excluded.source
"""
_DROP_OLDEST: Final = """
DELETE FROM evidence WHERE publisher_id = ?1 AND id NOT IN (
    SELECT id FROM evidence WHERE publisher_id = ?1 ORDER BY last DESC, id DESC LIMIT ?2
)
"""


def select(connection: Connection, did: str) -> list[Evidence]:
    """Return what is kept of one publisher, newest first."""
    return [
        Evidence(
            did=row[0],
            kind=EvidenceKind(row[1]),
            first=row[2],
            last=row[3],
            times=row[4],
            source=row[5],
            held=row[6],
            offered=row[7],
        )
        for row in connection.rows(_SELECT, (did,))
    ]


def add(connection: Connection, publisher_id: int, evidence: Evidence) -> None:
    """Keep evidence; the same statement again counts once more, the oldest goes."""
    one = evidence
    connection.run(
        _ADD,
        (
            publisher_id,
            one.kind.value,
            one.first,
            one.last,
            one.times,
            one.source,
            sha256(one.offered).hexdigest(),
            one.held,
            one.offered,
        ),
    )
    connection.run(_DROP_OLDEST, (publisher_id, KEPT))
