"""Mirrors in the database: what others' mirrors say that they have, and what this node mirrors."""

from __future__ import annotations

from typing import Final

import msgspec

from localfed.app.values import MirrorState
from localfed.store.connection import Connection

_ONE: Final = "SELECT base, did, checked, clock FROM mirror WHERE base = ?"
_SAVE: Final = """
INSERT INTO mirror (base, did, checked, clock) VALUES (?, ?, ?, ?)
ON CONFLICT (base) DO UPDATE SET
    did = excluded.did, checked = excluded.checked, clock = excluded.clock
"""
_MIRRORED: Final = """
SELECT scid, seq FROM publisher JOIN standing ON standing.id = publisher.id
WHERE is_hosted = 0 AND is_shown = 1 AND removed IS NULL AND seq IS NOT NULL
ORDER BY scid
"""

_decode: Final = msgspec.json.Decoder(dict[str, int]).decode


def get(connection: Connection, base: str) -> MirrorState | None:
    """Return what was last seen of a mirror."""
    row = connection.row(_ONE, (base,))
    if row is None:
        return None
    clock = _decode(row[3]) if row[3] is not None else None
    return MirrorState(base=row[0], did=row[1], checked=row[2], clock=clock)


def save(connection: Connection, mirror: MirrorState) -> None:
    """Insert or replace what was seen of a mirror."""
    clock = msgspec.json.encode(mirror.clock) if mirror.clock is not None else None
    connection.run(_SAVE, (mirror.base, mirror.did, mirror.checked, clock))


def mirrored(connection: Connection) -> dict[str, int]:
    """Return SCID and seq of every publisher that is mirrored here."""
    return dict(connection.rows(_MIRRORED))
