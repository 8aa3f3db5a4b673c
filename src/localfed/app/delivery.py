"""Delivery: posting what waits in the outbox, each host at its own pace.

Here: one round over what is due; the roof's worker calls it while `serve` runs. Not here: what is put
there (`pinging`, `messages`). Spec: 10-messages (LF-SEND).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import msgspec

from localfed.app.message_values import OutboxItem, OutboxKind, OutboxState, Peer, Posted
from localfed.app.ports import Ports, Transaction
from localfed.protocol.errors import Expired, Refused, Unreachable
from localfed.protocol.times import write_time

DEAD_AFTER: Final = 10
"""Failures in a row after which a host is asked once a day."""

_FIRST_SECONDS: Final = 60
_LONGEST_SECONDS: Final = 86_400
_HOSTS_AT_ONCE: Final = 8
_ITEMS: Final = 200
_AGAIN: Final = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT}
)


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """What one round did."""

    delivered: int = 0
    waiting: int = 0
    """What failed and is tried again."""
    failed: int = 0
    """What is given up."""


async def deliver_due(ports: Ports) -> Delivered:
    """Post what is due. Whatever a host does, it holds up nothing but what is for it.

    Raises:
        Unavailable: our own disk; what was posted is posted again then, which changes nothing there.

    """
    moment = write_time(ports.clock.now())
    by_host: dict[str, list[OutboxItem]] = {}
    for item in ports.store.outbox_due(moment, _ITEMS):
        by_host.setdefault(item.host, []).append(item)
    gate = asyncio.Semaphore(_HOSTS_AT_ONCE)

    async def deliver(items: Sequence[OutboxItem]) -> Delivered:
        async with gate:
            return await _deliver_to_host(ports, items)

    rounds = await asyncio.gather(*(deliver(items) for items in by_host.values()))
    return Delivered(
        delivered=sum(one.delivered for one in rounds),
        waiting=sum(one.waiting for one in rounds),
        failed=sum(one.failed for one in rounds),
    )


async def _deliver_to_host(ports: Ports, items: Sequence[OutboxItem]) -> Delivered:
    """Post to one host, one after the other, until it does not answer."""
    done = Delivered()
    for item in items:
        now = ports.clock.now()
        if item.expires is not None and item.expires <= write_time(now):
            await _settle(ports, _given_up(item, Expired.code), None)
            done = msgspec.structs.replace(done, failed=done.failed + 1)
            continue
        posted, problem = await _post(ports, item)
        jitter = ports.chance.fraction()
        if posted is not None and posted.status < HTTPStatus.MULTIPLE_CHOICES:
            peer = Peer(host=item.host, failures=0, next_try=write_time(now))
            await _settle(ports, _delivered(item), peer)
            done = msgspec.structs.replace(done, delivered=done.delivered + 1)
            continue
        if posted is not None and _is_final(posted):
            # It answers, and says no for good: nothing is wrong with the host.
            peer = Peer(host=item.host, failures=0, next_try=write_time(now))
            await _settle(ports, _given_up(item, f"answered {posted.status}"), peer)
            done = msgspec.structs.replace(done, failed=done.failed + 1)
            continue
        held = ports.store.peer(item.host)
        failures = (held.failures if held is not None else 0) + 1
        moment = write_time(now + _wait(failures, posted, jitter))
        why = problem or (f"answered {posted.status}" if posted is not None else "")
        again = msgspec.structs.replace(
            item, failures=item.failures + 1, problem=why, next_try=moment
        )
        peer = Peer(host=item.host, failures=failures, next_try=moment)
        await _settle(ports, again, peer)
        return msgspec.structs.replace(done, waiting=done.waiting + 1)
    return done


async def _post(ports: Ports, item: OutboxItem) -> tuple[Posted | None, str]:
    """Post one item; None and why where there was no answer."""
    body = _body(ports, item)
    if body is None:
        return Posted(status=HTTPStatus.GONE, retry_after=None), ""
    try:
        return await ports.fetch.post(item.url, body, allow_loopback=item.allow_loopback), ""
    except (Unreachable, Refused) as error:
        return None, error.code


def _body(ports: Ports, item: OutboxItem) -> bytes | None:
    """Write what is posted: of a ping the head as it is now, of a message our log as it is now."""
    publisher = ports.store.publisher(item.sender)
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


async def _settle(ports: Ports, item: OutboxItem, peer: Peer | None) -> None:
    """Note how it went. A ping that is done is forgotten, a message is shown for a month."""

    def change(tx: Transaction) -> None:
        if peer is not None:
            tx.save_peer(peer)
        if item.kind is OutboxKind.PING and item.state is not OutboxState.WAITING:
            tx.delete_from_outbox(item.number)
        else:
            tx.update_outbox(item)

    await ports.store.write(change)
