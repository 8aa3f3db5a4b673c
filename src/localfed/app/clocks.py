"""Clocks: whether this machine's clock is right, judged by the clocks of those it reads.

Here: remembering how far the hosts that were read are ahead of this machine, and the verdict. Not
here: what a wrong clock stops (`standing`), the corrected time that is shown (the roof's clock).
Spec: 08-following (LF-FOLLOW-8).

Every answer of HTTP says what time it is there. One host that says another time has a wrong clock
itself; three of them, and more than half of all, mean that ours is wrong.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median
from typing import Final

import msgspec

from localfed.app import accepting
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.standing import CLOCK_FACT
from localfed.app.values import ClockReading
from localfed.protocol import limits
from localfed.protocol.errors import Expired
from localfed.protocol.times import read_time, write_time

HOSTS: Final = 3
"""Hosts that have to say another time before this machine is not believed."""

TRUST_FACT: Final = "clock-trusted"
"""The fact that a person said that this machine's clock is right, and when."""

TRUST_DAYS: Final = 30
"""How long that word holds."""

_READING_HOURS: Final = 24


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What others say about this machine's clock."""

    offset: int
    """Seconds that they are ahead of it (behind: negative), in the middle."""
    differing: int
    """Hosts that differ by more than the tolerance."""
    agreeing: int
    is_wrong: bool
    is_trusted: bool
    """A person said that it is right: nothing is stopped."""


def note(tx: Transaction, host: str, told: datetime, machine: datetime) -> None:
    """Remember what time it is at a host, and judge anew.

    `told` is what its answer said, `machine` what this machine's clock said then, uncorrected.
    """
    seconds = round((told - machine).total_seconds())
    tx.save_clock_reading(ClockReading(host=host, seconds=seconds, seen=write_time(machine)))
    tx.delete_clock_readings(write_time(machine - timedelta(hours=_READING_HOURS)))
    _settle(tx, machine)


def is_news(reads: Reads, host: str, told: datetime, machine: datetime) -> bool:
    """Whether a reading could change the verdict: nearly none does, and a write waits for the disk."""
    seconds = (told - machine).total_seconds()
    held = reads.clock_reading(host)
    if held is None:
        return True
    is_old = read_time(held.seen) < machine - timedelta(hours=_READING_HOURS / 2)
    return is_old or _differs(held.seconds) != _differs(seconds)


def judge(reads: Reads, machine: datetime) -> Verdict:
    """Say what the hosts read within the last day say about this machine's clock."""
    since = write_time(machine - timedelta(hours=_READING_HOURS))
    # A clock that was set back has readings from its future: they are of another time altogether.
    until = write_time(machine + timedelta(seconds=limits.CLOCK_SECONDS))
    readings = [one for one in reads.clock_readings() if since <= one.seen <= until]
    differing = [one.seconds for one in readings if _differs(one.seconds)]
    trusted = reads.fact(TRUST_FACT)
    return Verdict(
        offset=round(median(differing)) if differing else 0,
        differing=len(differing),
        agreeing=len(readings) - len(differing),
        is_wrong=len(differing) >= HOSTS and 2 * len(differing) > len(readings),
        is_trusted=trusted is not None
        and machine < read_time(trusted) + timedelta(days=TRUST_DAYS),
    )


async def trust(ports: Ports, *, is_right: bool) -> None:
    """Take a person's word that this machine's clock is right, or take that word back."""
    machine = ports.clock.machine()

    def change(tx: Transaction) -> None:
        tx.save_fact(TRUST_FACT, write_time(machine) if is_right else None)
        _settle(tx, machine)

    await ports.store.write(change)


def _settle(tx: Transaction, machine: datetime) -> None:
    """Make the verdict count, or no longer."""
    verdict = judge(tx, machine)
    fact = str(verdict.offset) if verdict.is_wrong and not verdict.is_trusted else None
    held = tx.fact(CLOCK_FACT)
    if fact is None and held is not None:
        _ask_again(tx)
    if (fact is None) != (held is None):
        tx.save_fact(CLOCK_FACT, fact)


def _ask_again(tx: Transaction) -> None:
    """Ask again for what a wrong clock took for expired."""
    for publisher in tx.publishers(hosted=False):
        accepting.want_again(tx, publisher.did, Expired.code)


def _differs(seconds: float) -> bool:
    return abs(seconds) > limits.CLOCK_SECONDS
