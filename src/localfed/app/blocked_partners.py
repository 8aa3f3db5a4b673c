"""Blocked partners: our own half of a partnership stays published when its other side is blocked, until it is ended.

Here: which halves these are, and reminding the operator. Not here: blocking (`moderation`), ending
(`partnerships`). Spec: 05-documents (LF-PART-3).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from localfed.app import halves, notices, policy
from localfed.app.message_values import Notice
from localfed.app.names import Names
from localfed.app.ports import Reads, Transaction
from localfed.app.values import BlockKind
from localfed.protocol.did import parse_did
from localfed.protocol.partnership import Half
from localfed.protocol.times import write_time

KIND: Final = "partner-blocked"


def find(reads: Reads, now: datetime) -> list[Half]:
    """Find the live halves of ours towards organisations that are blocked, also by their host."""
    if not reads.blocks():
        return []
    return [
        half
        for ours in reads.publishers(hosted=True)
        for half in halves.halves_of(reads, ours.did, now).values()
        if _is_blocked(reads, half.partner)
    ]


def say(reads: Reads, half: Half) -> str:
    """Say what stays published, and which command ends it."""
    whose = f" --as {Names(reads).address_of(half.issuer)}" if _has_several(reads) else ""
    return (
        f"your half of a partnership with {Names(reads).of(half.partner)} stays published and says {half.stage}: "
        f"to end it, localfed partner end {half.partner}{whose}"
    )


def tell(tx: Transaction, now: datetime) -> None:
    """Bring the notices in step: there is one for each until it is ended, or the block taken back."""
    found = {(half.issuer, half.partner): half for half in find(tx, now)}
    told = {(one.did, one.about) for one in tx.notices() if one.kind == KIND}
    for did, partner in told - found.keys():
        notices.drop(tx, did, KIND, partner)
    for (did, partner), half in found.items():
        text = f"you blocked a partner; {say(tx, half)}"
        notices.note(
            tx, Notice(kind=KIND, did=did, about=partner, text=text, since=write_time(now))
        )


def _is_blocked(reads: Reads, did: str) -> bool:
    publisher = reads.publisher(did)
    if publisher is not None:
        return policy.is_blocked(reads, publisher)
    name = parse_did(did)
    return reads.is_blocked(BlockKind.ORGANISATION, name.scid) or policy.is_host_blocked(
        reads, name.host
    )


def _has_several(reads: Reads) -> bool:
    return len(reads.publishers(hosted=True)) > 1
