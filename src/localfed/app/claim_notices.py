"""Claim notices: who lists an organisation is told when that organisation publishes a record of its own and claims the listed one.

Here: one notice for each listed record of ours with a claim that holds, taken back when it holds no longer. Not here: claiming
(`claiming`), what a claim does (`folding`). Spec: 05-documents (LF-ORG-5).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from localfed.app import notices
from localfed.app.folding import is_answered, read_known
from localfed.app.live import Live
from localfed.app.message_values import Notice
from localfed.app.ports import Ports, Reads, Transaction
from localfed.protocol.did import split_id
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.errors import BadDid
from localfed.protocol.organisation import Organization
from localfed.protocol.times import write_time

KIND: Final = "listing-claimed"

TOLD_MAX: Final = 200
"""Listed records of one lister that are told of; a register of thousands asks its node."""

_read: Final = msgspec.json.Decoder(Organization).decode


async def refresh(ports: Ports) -> int:
    """Bring the notices in step with the claims that hold; returns how many there are.

    Raises:
        Unavailable: our own disk; nothing half done.

    """
    now = ports.clock.now()
    claimed = _claimed(ports.store, now)
    told = {(one.did, one.about): one.text for one in ports.store.notices() if one.kind == KIND}
    if told != claimed:
        await ports.store.write(lambda tx: _tell(tx, claimed, now))
    return len(claimed)


def _claimed(reads: Reads, now: datetime) -> dict[tuple[str, str], str]:
    """Say of each listed record of ours that is claimed, by lister and id, who claims it, in words."""
    live = Live(reads, now)
    hosted = {one.did: 0 for one in reads.publishers(hosted=True)}
    found: dict[tuple[str, str], str] = {}
    for claimant, body in reads.at_path(ORGANISATION_PATH):
        # Most claim nothing, and a look at the bytes costs least.
        if b'"claims"' not in body or live.look(claimant, ORGANISATION_PATH) is None:
            continue
        try:
            claims = _read(body).claims
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        for document_id in claims:
            text = _hold(reads, live, claimant, document_id) if _of(document_id) in hosted else ""
            did = _of(document_id)
            if text and hosted[did] < TOLD_MAX and (did, document_id) not in found:
                hosted[did] += 1
                found[did, document_id] = text
    return found


def _of(document_id: str) -> str:
    return document_id.partition("/")[0]


def _hold(reads: Reads, live: Live, claimant: str, document_id: str) -> str:
    """Say in words that a claim holds; empty where it does not."""
    try:
        looked = live.look(*split_id(document_id))
    except BadDid:
        return ""
    listed = read_known(looked[1]) if looked is not None else None
    publisher = live.publisher(claimant)
    if listed is None or listed.is_own or publisher is None:
        return ""
    if listed.did == claimant or not is_answered(reads, claimant, listed):
        return ""
    return (
        f"{publisher.host} publishes its own record and says that your listing of {listed.entry.name!a} is about it:"
        f" theirs is shown in front of yours ({document_id}; localfed withdraw takes yours off)"
    )


def _tell(tx: Transaction, claimed: dict[tuple[str, str], str], now: datetime) -> None:
    for one in tx.notices():
        if one.kind == KIND and (one.did, one.about) not in claimed:
            notices.drop(tx, one.did, KIND, one.about)
    for (did, about), text in claimed.items():
        notices.note(tx, Notice(kind=KIND, did=did, about=about, text=text, since=write_time(now)))
