"""Standing: whether a hosted organisation may sign now, and what takes that away.

Here: the holds. A head of our own identity that goes further than our own state stops everything
until a person says which is right; so does a clock that is wrong. Not here: finding such a head and
taking its feed over (`restoring`), reading other clocks (`clocks`). Spec: 06-feed (LF-WRITE-7),
08-following (LF-FOLLOW-8).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from localfed.app import evidence
from localfed.app.ports import Reads, Transaction
from localfed.app.values import EvidenceKind, Publisher
from localfed.protocol.errors import ClockWrong, Closed, PublicHeadAhead

CLOCK_FACT: Final = "clock-offset"
"""The fact that this machine's clock is wrong: how many seconds the others are ahead of it."""


def check_may_sign(reads: Reads, did: str) -> None:
    """Refuse to sign for a hosted organisation where that would make things worse; see `check_open`."""
    check_open(reads, did, despite_hold=False)


def check_open(reads: Reads, did: str, *, despite_hold: bool) -> None:
    """Refuse to sign where that would make things worse; `despite_hold`: the kit decides.

    Raises:
        Closed: the identity is closed; nothing it signs counts.
        PublicHeadAhead: a public head goes further than our own state.
        ClockWrong: the clocks of others say another time.

    """
    publisher = reads.publisher(did)
    if publisher is not None and publisher.is_closed:
        message = "the organisation closed its identity; nothing can be published any more"
        raise Closed(message)
    if publisher is not None and publisher.hold is not None and not despite_hold:
        message = "a public head of this organisation goes further than what is stored here"
        raise PublicHeadAhead(message)
    offset = offset_of(reads)
    if offset is not None:
        message = f"the clocks of others are {offset} seconds ahead of this machine's"
        raise ClockWrong(message)


def offset_of(reads: Reads) -> int | None:
    """Return how many seconds others are ahead of this machine's clock, None while it is right."""
    fact = reads.fact(CLOCK_FACT)
    return None if fact is None else int(fact)


def note_head_ahead(
    tx: Transaction, publisher: Publisher, head: bytes, *, source: str, now: datetime
) -> None:
    """Keep a head of our own identity that goes further than our state, and sign nothing from here on.

    Rules: LF-WRITE-7.
    """
    held = publisher.head or b""
    evidence.keep(
        tx, publisher.did, EvidenceKind.AHEAD, held=held, offered=head, source=source, now=now
    )
    tx.save_publisher(msgspec.structs.replace(publisher, hold=PublicHeadAhead.code))
