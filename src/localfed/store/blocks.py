"""Blocks in the database: whom this node takes nothing from, by the operator's word."""

from __future__ import annotations

from typing import Final

from localfed.app.values import Block, BlockKind
from localfed.store.connection import Connection

_ALL: Final = "SELECT kind, value, since, note FROM block ORDER BY kind, value"
_IS_BLOCKED: Final = "SELECT 1 FROM block WHERE kind = ? AND value = ?"
_SAVE: Final = """
INSERT INTO block (kind, value, since, note) VALUES (?, ?, ?, ?)
ON CONFLICT (kind, value) DO UPDATE SET note = excluded.note
"""
_DELETE: Final = "DELETE FROM block WHERE kind = ? AND value = ?"


def select(connection: Connection) -> list[Block]:
    """Return every block."""
    return [
        Block(kind=BlockKind(kind), value=value, since=since, note=note)
        for kind, value, since, note in connection.rows(_ALL)
    ]


def is_blocked(connection: Connection, kind: BlockKind, value: str) -> bool:
    """Whether this very thing is blocked."""
    return connection.row(_IS_BLOCKED, (kind.value, value)) is not None


def save(connection: Connection, block: Block) -> None:
    """Insert a block; one that is there keeps its day and takes the note."""
    connection.run(_SAVE, (block.kind.value, block.value, block.since, block.note))


def delete(connection: Connection, kind: BlockKind, value: str) -> bool:
    """Delete a block; says whether there was one."""
    return bool(connection.run(_DELETE, (kind.value, value)))
