"""Pinging: telling those whom we follow that there is something new of ours.

Here: where an inbox is now, and putting pings in the outbox, within the transaction that publishes. Not
here: sending them (`delivery`). Spec: 10-messages (LF-PING-3).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec

from localfed.app import policy
from localfed.app.message_values import OutboxItem, OutboxKind
from localfed.app.ports import Reads, Transaction
from localfed.app.values import Publisher
from localfed.protocol.times import write_time


class _Head(msgspec.Struct):
    inbox: str | None = None


_read_inbox: Final = msgspec.json.Decoder(_Head).decode


def inbox_url(base: str, head: bytes | None) -> str | None:
    """Name the inbox of a publisher by its newest accepted head; None: it takes nothing."""
    try:
        inbox = _read_inbox(head).inbox if head is not None else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None  # a damaged head of one must not stop what is said to all others
    return base + inbox if inbox is not None else None


def host_of(url: str) -> str:
    """Name the host, with its port, that an inbox shares with others: they wait for each other."""
    return urlsplit(url).netloc


def addressed_anew(reads: Reads, item: OutboxItem, now: datetime) -> OutboxItem | None:
    """Address what waits to where its recipient's inbox is by now; None: it is still there."""
    publisher = reads.publisher(item.recipient)
    if publisher is None or publisher.is_hosted:
        return None
    url = inbox_url(publisher.base, publisher.head)
    if url is None or url == item.url:
        return None
    return msgspec.structs.replace(
        item,
        url=url,
        host=host_of(url),
        allow_loopback=publisher.allow_loopback,
        problem=None,
        failures=0,
        next_try=write_time(now),
    )


def enqueue_pings(tx: Transaction, did: str, now: datetime) -> None:
    """Put a ping for everyone whom this node follows and who takes some in the outbox."""
    moment = write_time(now)
    for publisher in tx.publishers(hosted=False, followed=True):
        url = inbox_url(publisher.base, publisher.head)
        if url is not None and not publisher.is_closed and policy.is_taken_from(tx, publisher):
            tx.enqueue(_ping(did, publisher, url, moment))


def _ping(did: str, publisher: Publisher, url: str, moment: str) -> OutboxItem:
    return OutboxItem(
        sender=did,
        recipient=publisher.did,
        url=url,
        host=host_of(url),
        allow_loopback=publisher.allow_loopback,
        kind=OutboxKind.PING,
        created=moment,
        next_try=moment,
    )
