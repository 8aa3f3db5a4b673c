"""Evidence: signed statements that contradict what counts here, kept as they came for the operator.

Here: keeping one. Not here: what contradicts what (`polling`, `sightings`). Spec: 06-feed (LF-RATCHET-5).
"""

from __future__ import annotations

from datetime import datetime

from localfed.app.ports import Transaction
from localfed.app.values import Evidence, EvidenceKind
from localfed.protocol.times import write_time


def keep(
    tx: Transaction,
    did: str,
    kind: EvidenceKind,
    *,
    held: bytes,
    offered: bytes,
    source: str,
    now: datetime,
) -> None:
    """Keep what contradicts what counts here; of somebody who is not known any more, nothing."""
    if tx.publisher(did) is None:
        return
    moment = write_time(now)
    tx.add_evidence(
        Evidence(
            did=did,
            kind=kind,
            first=moment,
            last=moment,
            times=1,
            source=source,
            held=held,
            offered=offered,
        )
    )
