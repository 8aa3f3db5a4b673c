"""Tidying: what is over is let go of: removals, keys whose grace has ended, feed files replaced, messages, notices.

Here: one round over all publishers; the roof's worker calls it while `serve` runs. Not here: what is
signed again before it expires (`renewals`). Spec: 06-feed (LF-READ-13), 08-following (LF-FOLLOW-6),
10-messages (LF-INBOX-6, LF-INBOX-7).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from localfed.app import accepting, clocks, tray
from localfed.app.notices import KEPT_DAYS as NOTICE_DAYS
from localfed.app.ports import Ports, Transaction
from localfed.app.values import Publisher
from localfed.protocol import limits
from localfed.protocol.identity import read_identity
from localfed.protocol.times import read_time, write_time

_DAY: Final = timedelta(days=1)
_LAST: Final = "tidied"
_DOUBTED: Final = "tidying-doubted"


class Tidied(msgspec.Struct, frozen=True, kw_only=True):
    """What one round let go of."""

    forgotten: int
    """Publishers that were removed seven days ago."""
    renewed: int
    """Publishers whose removed key counts no longer."""


async def tidy(ports: Ports) -> Tidied:
    """Let go of what is over; nothing while it is doubtful whether so much time has gone by."""
    now = ports.clock.now()
    moment = write_time(now)
    if not await _has_time_gone_by(ports, now):
        return Tidied(forgotten=0, renewed=0)
    publishers = ports.store.publishers(hosted=False, removed=None)
    gone = [one.did for one in publishers if _is_forgotten(one, now)]
    over = [one.did for one in publishers if one.renewing_until and one.renewing_until <= moment]
    old = [
        one.did
        for one in publishers
        if any(
            after is not None and after <= moment for _, after in ports.store.feed_files(one.did)
        )
    ]
    if gone or over or old:
        await ports.store.write(lambda tx: _let_go(tx, gone, over, old, now))
    await ports.store.write(lambda tx: _tidy_messages(tx, now))
    return Tidied(forgotten=len(gone), renewed=len(over))


def _tidy_messages(tx: Transaction, now: datetime) -> None:
    """Let go of messages that are over, of what was sent a month ago, of what visitors wrote a month ago.

    What was dismissed is kept until it expires: posted again it is then known, and does not come back.
    """
    opened_before = write_time(now - timedelta(days=limits.OPENED_DAYS))
    messages = tx.delete_messages_over(write_time(now), opened_before)
    if tx.delete_enquiries_over(write_time(now)) or messages:
        tray.tell(tx, now)
    tx.delete_seen_notices(write_time(now - timedelta(days=NOTICE_DAYS)))
    tx.delete_old_outbox(write_time(now - timedelta(days=limits.MESSAGE_DAYS)))


async def _has_time_gone_by(ports: Ports, now: datetime) -> bool:
    """Whether the time since the last round is believed: it was short, or somebody else's clock agrees.

    A machine may start with a clock of another year, and what is let go of does not come back (LF-FOLLOW-8).
    Where nobody is followed, or nobody answers for a day, there is nobody to ask.
    """
    last = ports.store.fact(_LAST)
    began = read_time(last) if last is not None else now
    if abs(now - began) <= _DAY:
        # Written rarely: each write waits for the disk.
        if last is None or abs(now - began) >= _DAY / 24:
            await ports.store.write(lambda tx: tx.save_fact(_LAST, write_time(now)))
        return True
    doubted = ports.store.fact(_DOUBTED)
    since = read_time(doubted) if doubted is not None else None
    is_waiting = since is not None and timedelta(0) <= now - since < _DAY
    agrees = clocks.judge(ports.store, ports.clock.machine()).agreeing > 0
    if ports.store.publishers(hosted=False, followed=True) and not agrees:
        if since is None or not timedelta(0) <= now - since:
            await ports.store.write(lambda tx: tx.save_fact(_DOUBTED, write_time(now)))
            return False
        if is_waiting:
            return False

    def believe(tx: Transaction) -> None:
        tx.save_fact(_LAST, write_time(now))
        tx.save_fact(_DOUBTED, None)

    await ports.store.write(believe)
    return True


def _is_forgotten(publisher: Publisher, now: datetime) -> bool:
    if publisher.removal is None:
        return False
    return read_time(publisher.removal.since) + timedelta(days=limits.REMOVAL_DAYS) <= now


def _let_go(
    tx: Transaction, gone: list[str], over: list[str], old: list[str], now: datetime
) -> None:
    for did in gone:
        publisher = tx.publisher(did)
        if publisher is not None and _is_forgotten(publisher, now):
            accepting.forget(tx, did)
    for did in old:
        if tx.publisher(did) is not None:
            tx.delete_feed_files(did, write_time(now))
    for did in over:
        publisher = tx.publisher(did)
        if publisher is not None and publisher.renewing_until is not None:
            loopback = publisher.allow_loopback
            identity = read_identity(publisher.log, now=now, allow_loopback=loopback)
            accepting.end_renewing(tx, publisher, identity, now)
