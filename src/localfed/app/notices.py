"""Notices: what the operator of an organisation should know and nobody wrote to it: what lapsed, fits, or waits.

Here: making one, taking it back when it is over, noting that a person saw it. Not here: what is worth one (the
features), messages of others (`messages`).
"""

from __future__ import annotations

import msgspec

from localfed.app.message_values import Notice
from localfed.app.ports import Ports, Reads, Transaction
from localfed.protocol.errors import UnknownNotice
from localfed.protocol.times import write_time

KEPT_DAYS = 90
"""How long a notice is kept that a person saw."""


def note(tx: Transaction, notice: Notice) -> None:
    """Tell the operator something. The same again (organisation, kind, about) takes the place of what was told.

    If it says something else than before, it counts as not seen.
    """
    tx.save_notice(notice)


def drop(tx: Transaction, did: str, kind: str, about: str) -> None:
    """Take a notice back: what it says is over."""
    tx.delete_notice(did, kind, about)


def unseen(reads: Reads, did: str | None = None) -> list[Notice]:
    """Return what nobody has seen yet, of one organisation or of all, oldest first."""
    return [one for one in reads.notices() if one.seen is None and did in {None, one.did}]


async def mark_seen(ports: Ports, number: int, did: str | None = None) -> Notice:
    """Note that a person saw a notice; with `did`, one of that organisation.

    Raises:
        UnknownNotice: there is none of that number.

    """
    moment = write_time(ports.clock.now())

    def change(tx: Transaction) -> Notice:
        for one in tx.notices():
            if one.number == number and did in {None, one.did}:
                tx.see_notice(number, moment)
                return msgspec.structs.replace(one, seen=one.seen or moment)
        message = "there is no notice of that number"
        raise UnknownNotice(message)

    return await ports.store.write(change)
