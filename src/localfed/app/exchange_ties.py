"""Exchanges as ties: what organisations gave each other, by the word of both, as lines of the web of ties.

Here: confirmed exchanges counted by pairs. Not here: which are confirmed (`protocol.exchange`), the web (`ties`).
Spec: 05-documents (LF-EXCH-5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from localfed.app.ledger import stored_halves
from localfed.app.ports import Reads
from localfed.app.speakers import Speaker
from localfed.app.ties import Tie
from localfed.protocol.exchange import find_confirmed
from localfed.protocol.times import write_time

KIND = "exchange"


def exchange_ties(reads: Reads, shown: Mapping[str, Speaker], now: datetime) -> list[Tie]:
    """Give the exchanges that both sides confirm, of those who are shown: one tie for each pair (LF-EXCH-5)."""
    moment = write_time(now)
    halves = (
        half for half in stored_halves(reads) if half.expires > moment and half.issuer in shown
    )
    numbers = Counter(one.parties for one in find_confirmed(halves))
    return [
        Tie(one=one, other=other, kind=KIND, count=number)
        for (one, other), number in numbers.items()
    ]
