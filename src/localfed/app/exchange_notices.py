"""Exchange notices: the operator of an organisation is told which partners wait for a word about an exchange.

Here: one notice for each partner, taken back when nothing waits. Not here: what waits (`ledger`), showing notices
(`notices`).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Final

from localfed.app import notices
from localfed.app.ledger import Row, list_exchanges
from localfed.app.message_values import Notice
from localfed.app.names import Names
from localfed.app.ports import Ports, Reads, Transaction
from localfed.protocol.times import write_time

KIND: Final = "exchange-waiting"

PARTNERS_MAX: Final = 50
"""Partners that are told of, those with the latest exchanges first."""


async def refresh(ports: Ports) -> int:
    """Bring the notices in step with what waits for a word of ours; returns how many there are."""
    now = ports.clock.now()
    hosted = [one.did for one in ports.store.publishers(hosted=True)]
    waiting = {did: _waiting(ports.store, list_exchanges(ports.store, did, now)) for did in hosted}
    told = {(one.did, one.about, one.text) for one in ports.store.notices() if one.kind == KIND}
    if told == {(did, *one) for did, found in waiting.items() for one in found.items()}:
        return len(told)
    return await ports.store.write(lambda tx: _tell(tx, waiting, now))


def _waiting(reads: Reads, rows: list[Row]) -> dict[str, str]:
    """Say of each partner what waits: by its DID, in words."""
    waiting = [one for one in rows if one.waits]
    disputed = Counter(one.partner for one in waiting if one.disputed_by is not None)
    names = Names(reads)
    return {
        partner: _in_words(count - disputed[partner], disputed[partner], names.of(partner))
        for partner, count in list(Counter(one.partner for one in waiting).items())[:PARTNERS_MAX]
    }


def _in_words(open_: int, disputed: int, host: str) -> str:
    parts = []
    if open_:
        parts.append(f"{_exchanges(open_)} with {host} to confirm, correct or dispute")
    if disputed:
        parts.append(f"{host} disputes {_exchanges(disputed)}: correct or withdraw what you said")
    return f"{'; '.join(parts)} (localfed exchange list)"


def _exchanges(count: int) -> str:
    return f"{count} {'exchange' if count == 1 else 'exchanges'}"


def _tell(tx: Transaction, waiting: dict[str, dict[str, str]], now: datetime) -> int:
    for one in tx.notices():
        if one.kind == KIND and one.about not in waiting.get(one.did, {}):
            notices.drop(tx, one.did, KIND, one.about)
    for did, found in waiting.items():
        for about, text in found.items():
            notices.note(
                tx, Notice(kind=KIND, did=did, about=about, text=text, since=write_time(now))
            )
    return sum(map(len, waiting.values()))
