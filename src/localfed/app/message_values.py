"""The values of messages that cross the ports: the tray, the outbox, what an inbox answers, notices.

Here: plain frozen structs and their vocabularies. Not here: all other values (`values`).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Self

import msgspec

from localfed.protocol.message import CheckedMessage
from localfed.protocol.times import write_time


class MessageState(StrEnum):
    """What a person has done with a message."""

    NEW = "new"
    OPENED = "opened"
    DISMISSED = "dismissed"


class StoredMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that came to an inbox of this node, checked, as it came."""

    number: int = 0
    """What the operator calls it; 0 before it is stored."""
    received: str
    sender: str
    """First DID of whom it is from."""
    recipient: str
    type: str
    digest: str
    expires: str
    state: MessageState = MessageState.NEW
    is_stranger: bool
    """The sender was not followed when it came."""
    log: bytes
    body: bytes

    @classmethod
    def of(cls, checked: CheckedMessage, log: bytes, *, is_stranger: bool, now: datetime) -> Self:
        """Make what is kept of a checked message; `log` is its sender's identity log."""
        said = checked.message
        return cls(
            received=write_time(now),
            sender=said.issuer,
            recipient=said.to,
            type=said.type,
            digest=checked.digest,
            expires=said.expires,
            is_stranger=is_stranger,
            log=log,
            body=checked.body,
        )


class OutboxKind(StrEnum):
    """What is sent."""

    PING = "ping"
    """The head of the sender, as it is at that moment."""
    MESSAGE = "message"


class OutboxState(StrEnum):
    """How far it has come."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class OutboxItem(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be posted to an inbox."""

    number: int = 0
    sender: str
    recipient: str
    url: str
    host: str
    allow_loopback: bool
    kind: OutboxKind
    digest: str = ""
    """Of the message; empty for a ping: one waits for each recipient."""
    state: OutboxState = OutboxState.WAITING
    problem: str | None = None
    created: str
    next_try: str
    failures: int = 0
    expires: str | None = None
    body: bytes | None = None
    """Of a message: what is posted, log and all but for the sender's newest log."""


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """How a host of inboxes answers."""

    host: str
    failures: int
    """In a row."""
    next_try: str


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """What an inbox answered."""

    status: int
    retry_after: int | None
    """Seconds that it asks to wait."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the operator of a hosted organisation should know."""

    number: int = 0
    """What a person calls it by; given when it is stored."""
    kind: str
    """Such as `promotion-lapsed`."""
    did: str
    """The hosted organisation."""
    about: str
    """A DID or the id of a document: what it is about."""
    text: str
    """In words."""
    since: str
    seen: str | None = None
    """When a person saw it."""
