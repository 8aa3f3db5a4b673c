"""Delivery: posting what waits in the outbox, each host at its own pace.

Here: one turn of one host, one round of all; the roof's worker gives the turns while `serve` runs. Not
here: what is put there (`pinging`, `messages`). Spec: 10-messages (LF-SEND).
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

import msgspec

from localfed.app.message_values import OutboxItem, OutboxKind, OutboxState, Peer, Posted
from localfed.app.pinging import addressed_anew
from localfed.app.ports import Ports, Reads, Transaction
from localfed.protocol import limits
from localfed.protocol.errors import Expired, Refused, UnknownOrganisation, Unreachable
from localfed.protocol.times import write_time

DEAD_AFTER: Final = 10
"""Failures in a row after which a host is asked once a day."""

TURN_ITEMS: Final = 20
"""Posts of one turn of a host; whoever has more waiting gets in line again."""

TURN_SECONDS: Final = float(limits.FETCH_SECONDS)
"""After which no other post of a turn is begun: a host that answers, but slowly, holds no place for long."""

_FIRST_SECONDS: Final = 60
_LONGEST_SECONDS: Final = 86_400
_AGAIN: Final = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT}
)
_NOT_THIS: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.CONFLICT})
"""Answers of a host that is well and does not take this now: it has a minute's rest, the message a longer one each time."""


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn did, or a round of them."""

    delivered: int = 0
    waiting: int = 0
    """What failed and is tried again."""
    failed: int = 0
    """What is given up."""


def hosts_due(ports: Ports) -> list[Peer]:
    """Return the hosts whose turn it is, longest due first; `failures` says who did not answer last time."""
    return ports.store.outbox_hosts_due(write_time(ports.clock.now()))


async def deliver_due(ports: Ports) -> Delivered:
    """Give every host whose turn it is one turn, and wait until the slowest has had it.

    Raises:
        Unavailable: our own disk; what was posted is posted again then, which changes nothing there.

    """
    turns = await asyncio.gather(*(deliver_to(ports, one.host) for one in hosts_due(ports)))
    return Delivered(
        delivered=sum(one.delivered for one in turns),
        waiting=sum(one.waiting for one in turns),
        failed=sum(one.failed for one in turns),
    )


async def deliver_to(ports: Ports, host: str) -> Delivered:
    """Give a host one turn: what is due there, one after the other, until it does not answer (LF-SEND-2).

    Raises:
        Unavailable: our own disk, as above.

    """
    time = asyncio.get_running_loop().time
    end = time() + TURN_SECONDS
    counts = dict.fromkeys(OutboxState, 0)
    moment = write_time(ports.clock.now())
    for item in ports.store.outbox_due(host, moment, TURN_ITEMS):
        state = await _deliver(ports, item)
        if state is not None:
            counts[state] += 1
        if state is OutboxState.WAITING or time() >= end:
            break
    return Delivered(
        delivered=counts[OutboxState.DELIVERED],
        waiting=counts[OutboxState.WAITING],
        failed=counts[OutboxState.FAILED],
    )


async def _deliver(ports: Ports, item: OutboxItem) -> OutboxState | None:
    """Post one item and note how that went; None: it goes to another host now."""
    now = ports.clock.now()
    if item.expires is not None and item.expires <= write_time(now):
        return await _settle(ports, _given_up(item, Expired.code), None, now)
    moved = addressed_anew(ports.store, item, now)
    if moved is not None:
        await ports.store.write(lambda tx: tx.update_outbox(moved))
        return None
    body = _body(ports.store, item)
    if body is None:
        return await _settle(ports, _given_up(item, UnknownOrganisation.code), None, now)
    posted, problem = await _post(ports, item, body)
    if posted is not None and (posted.status < HTTPStatus.MULTIPLE_CHOICES or _is_final(posted)):
        # It answers; where it says no for good, nothing is wrong with the host.
        is_taken = posted.status < HTTPStatus.MULTIPLE_CHOICES
        done = _delivered(item) if is_taken else _given_up(item, f"answered {posted.status}")
        peer = Peer(host=item.host, failures=0, next_try=write_time(now))
        return await _settle(ports, done, peer, now, body)
    why = problem or (f"answered {posted.status}" if posted is not None else "")
    jitter = ports.chance.fraction()
    if posted is not None and posted.status in _NOT_THIS:
        # A full tray of one recipient must not make a dead host of all who live there.
        failures, tries = 1, item.failures + 1
    else:
        held = ports.store.peer(item.host)
        failures = tries = (held.failures if held is not None else 0) + 1
    again = msgspec.structs.replace(
        item,
        failures=item.failures + 1,
        problem=why,
        next_try=write_time(now + _wait(tries, posted, jitter)),
    )
    pause = write_time(now + _wait(failures, posted, jitter))
    peer = Peer(host=item.host, failures=failures, next_try=pause)
    return await _settle(ports, again, peer, now, body)


async def _post(ports: Ports, item: OutboxItem, body: bytes) -> tuple[Posted | None, str]:
    """Post one item; None and why where there was no answer."""
    try:
        return await ports.fetch.post(item.url, body, allow_loopback=item.allow_loopback), ""
    except (Unreachable, Refused) as error:
        return None, error.code


def _body(reads: Reads, item: OutboxItem) -> bytes | None:
    """Write what is posted: of a ping the head as it is now, of a message our log as it is now."""
    publisher = reads.publisher(item.sender)
    if publisher is None or not publisher.is_hosted:
        return None
    if item.kind is OutboxKind.PING:
        return publisher.head + b"\n" if publisher.head is not None else None
    return publisher.log + (item.body or b"") + b"\n"


def _is_final(posted: Posted) -> bool:
    """Whether trying again would bring the same: a redirect is never followed (LF-SEND-1, LF-SEND-3)."""
    return posted.status < HTTPStatus.INTERNAL_SERVER_ERROR and posted.status not in _AGAIN


def _delivered(item: OutboxItem) -> OutboxItem:
    return msgspec.structs.replace(item, state=OutboxState.DELIVERED, problem=None)


def _given_up(item: OutboxItem, problem: str) -> OutboxItem:
    return msgspec.structs.replace(item, state=OutboxState.FAILED, problem=problem)


def _wait(failures: int, posted: Posted | None, jitter: float) -> timedelta:
    """Say when a host is tried again: later each time, a dead one once a day (LF-SEND-1, LF-SEND-2)."""
    asked = posted.retry_after if posted is not None and posted.retry_after is not None else 0
    seconds = min(_FIRST_SECONDS * 2 ** min(failures - 1, 12), _LONGEST_SECONDS)
    if failures >= DEAD_AFTER:
        seconds = _LONGEST_SECONDS
    # Never sooner than it was asked for; spread, so that not everybody comes back at once.
    return timedelta(seconds=max(seconds * (0.8 + 0.4 * jitter), min(asked, _LONGEST_SECONDS)))


async def _settle(
    ports: Ports, item: OutboxItem, peer: Peer | None, now: datetime, said: bytes | None = None
) -> OutboxState:
    """Note how it went. A ping that is done is forgotten, a message is shown for a month.

    While a post is under way others write to the outbox: what it says now is looked at first.
    """

    def change(tx: Transaction) -> None:
        if peer is not None:
            tx.save_peer(peer)
        present = tx.outbox_item(item.number)
        if present is None or present.url != item.url:
            return  # what the old address said does not count for the new one
        if item.kind is OutboxKind.MESSAGE or item.state is OutboxState.WAITING:
            tx.update_outbox(item)
        elif said is not None and _body(tx, item) != said:
            # Published meanwhile: the newer head has been told to nobody yet (LF-PING-3).
            tx.update_outbox(
                msgspec.structs.replace(
                    item,
                    state=OutboxState.WAITING,
                    problem=None,
                    failures=0,
                    next_try=write_time(now),
                )
            )
        else:
            tx.delete_from_outbox(item.number)

    await ports.store.write(change)
    return item.state
