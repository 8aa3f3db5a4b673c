"""The inbox: what others post to this node, checked from its body alone.

Here: pings and messages, from bytes to a row or a refusal; no request is made. Not here: what a person
does with a message (`messages`), limits by address (`web.inbox`). Spec: 10-messages (LF-INBOX, LF-PING).
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from enum import StrEnum
from typing import Final

from localfed.app import accepting, corrections, pacing, policy
from localfed.app.message_values import StoredMessage
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.sightings import contradicts
from localfed.app.standing import note_head_ahead
from localfed.app.values import Publisher
from localfed.protocol import limits
from localfed.protocol.accept import CheckedHead, open_head
from localfed.protocol.canonical import parse_object
from localfed.protocol.errors import (
    LogForked,
    Rejected,
    TooLarge,
    TooOften,
    WrongShape,
)
from localfed.protocol.identity import Comparison, Identity, compare_logs, read_identity
from localfed.protocol.message import CheckedMessage, Letter, Ping, open_message, read_post
from localfed.protocol.ratchet import Verdict, judge

WAITING_OF_A_STRANGER: Final = 5
"""Unopened messages of one stranger."""

WAITING_OF_STRANGERS: Final = 200
"""Unopened messages of all strangers together: a screen or two for the person who opens them."""

WAITING_OF_ONE_FOLLOWED: Final = 50
"""Unopened messages of one organisation that this node follows."""


class Outcome(StrEnum):
    """What came of a post; the sender is not told."""

    KEPT = "kept"
    POLLED = "polled"
    IGNORED = "ignored"


async def receive(ports: Ports, data: bytes, *, at: str | None = None) -> Outcome:
    """Take what was posted to an inbox of this node. When this returns, what was kept is on disk.

    `at` is the DID of whose inbox it is: messages to another are refused there. None: whichever is hosted.

    Raises:
        TooOften: the sender, or strangers together, have too much waiting; nothing was changed.
        Rejected: by name; nothing was changed.

    """
    # Whatever grows with what was posted runs on a thread: meanwhile the event loop answers others.
    post, issuer = await asyncio.to_thread(_look_at, data)
    if isinstance(post, Ping):
        return await _receive_ping(ports, post.head, issuer)
    return await _receive_letter(ports, post, issuer, at)


def _look_at(data: bytes) -> tuple[Ping | Letter, str]:
    """Read a post as far as it is needed to know in whose name it is; nothing is verified yet."""
    post = read_post(data)
    body = post.head if isinstance(post, Ping) else post.body
    if len(body) > limits.DOCUMENT_BYTES:
        message = f"{len(body)} bytes, where {limits.DOCUMENT_BYTES} are allowed"
        raise TooLarge(message)
    issuer = parse_object(body).get("issuer")
    if isinstance(issuer, str):
        return post, issuer
    if isinstance(post, Ping):
        message = "a ping is a head, and a head names its issuer"
        raise WrongShape(message)
    return post, ""  # nobody's: the checks of a message say what is wrong, in their order


# --- pings -----------------------------------------------------------------------------------


async def _receive_ping(ports: Ports, body: bytes, issuer: str) -> Outcome:
    """Bring the poll of a followed publisher forward, if its head says that there is something new."""
    now, publisher = ports.clock.now(), ports.store.publisher(issuer)
    if publisher is None:
        return Outcome.IGNORED
    if publisher.is_hosted:
        return await _receive_own_head(ports, publisher, body, now)
    # Before the signature: who is blocked, and who pinged a moment ago, costs next to nothing.
    if not policy.is_taken_from(ports.store, publisher) or not pacing.may_be_pinged(publisher, now):
        return Outcome.IGNORED
    if not await asyncio.to_thread(_is_news, publisher, body, now):
        return Outcome.IGNORED
    is_due = await ports.store.write(lambda tx: accepting.bring_forward(tx, publisher.did, now))
    return Outcome.POLLED if is_due else Outcome.IGNORED


def _is_news(publisher: Publisher, body: bytes, now: datetime) -> bool:
    try:
        head = _open(publisher, body, now)
        return judge(publisher.state, head.state) is Verdict.NEWER
    except Rejected:
        # What contradicts is judged where it is public, not by hearsay. And what breaks a rule is
        # answered like a ping about a stranger, which nobody checks: no answer tells who is followed.
        return False


async def _receive_own_head(
    ports: Ports, publisher: Publisher, body: bytes, now: datetime
) -> Outcome:
    """Take notice of a head in our own name that we did not write (LF-PING-2)."""
    head = await asyncio.to_thread(_open, publisher, body, now)

    def change(tx: Transaction) -> bool:
        present = tx.publisher(publisher.did)
        if present is None or present.hold is not None or not contradicts(tx, present, head):
            return False
        note_head_ahead(tx, present, body, source="posted to the inbox", now=now)
        return True

    if contradicts(ports.store, publisher, head):
        return Outcome.KEPT if await ports.store.write(change) else Outcome.IGNORED
    return Outcome.IGNORED


def _open(publisher: Publisher, body: bytes, now: datetime) -> CheckedHead:
    loopback = publisher.allow_loopback
    identity = read_identity(publisher.log, now=now, allow_loopback=loopback)
    return open_head(body, identity=identity, now=now)


# --- messages --------------------------------------------------------------------------------


async def _receive_letter(ports: Ports, letter: Letter, issuer: str, at: str | None) -> Outcome:
    """Keep a message for a person to open (LF-INBOX-3 to LF-INBOX-6)."""
    now, reads = ports.clock.now(), ports.store
    hosted = {one.did: one for one in reads.publishers(hosted=True) if not one.is_closed}
    loopback = any(one.allow_loopback for one in hosted.values())
    held = reads.publisher(issuer)
    is_stranger = held is None or not policy.is_taken_from(reads, held)
    if held is not None and (held.removal is not None or policy.is_blocked(reads, held)):
        return Outcome.IGNORED
    # What waits is counted before anything is verified: a flood costs a look at an index. One organisation's
    # tray is full, and those of the others of this node are as they were.
    for one in hosted if at is None else (at,):
        _check_room(reads, issuer, one, is_stranger=is_stranger)

    def check() -> tuple[Identity, bytes, CheckedMessage]:
        identity, log = _sender(letter, held, now, allow_loopback=loopback)
        checked = open_message(
            letter.body,
            identity=identity,
            now=now,
            hosted=hosted,
            recipients=hosted.keys() if at is None else hosted.keys() & {at},
        )
        return identity, log, checked

    identity, log, checked = await asyncio.to_thread(check)
    if policy.is_blocked(reads, identity):
        return Outcome.IGNORED
    message = StoredMessage.of(checked, log, is_stranger=is_stranger, now=now)

    def change(tx: Transaction) -> Outcome:
        if tx.message_with(message.digest) is not None:
            return Outcome.IGNORED
        _check_room(tx, message.sender, message.recipient, is_stranger=is_stranger)
        accepting.take_message(tx, message)
        corrections.take_in(tx, message, checked.message, has_mail=ports.mail is not None, now=now)
        return Outcome.KEPT

    if reads.message_with(message.digest) is not None:
        return Outcome.IGNORED
    return await ports.store.write(change)


def _check_room(reads: Reads, sender: str, recipient: str, *, is_stranger: bool) -> None:
    """Refuse what would not fit any more; what waits already is never pushed out (LF-INBOX-5)."""
    own, together = reads.messages_waiting(sender, recipient, stranger=is_stranger)
    is_full = (
        own >= WAITING_OF_A_STRANGER or together >= WAITING_OF_STRANGERS
        if is_stranger
        else own >= WAITING_OF_ONE_FOLLOWED
    )
    if is_full:
        message = "too many messages wait here to be opened"
        raise TooOften(message)


def _sender(
    letter: Letter, held: Publisher | None, now: datetime, *, allow_loopback: bool
) -> tuple[Identity, bytes]:
    """Read who sent it: from the log in the body, or the longer one that is held (LF-INBOX-3)."""
    identity = read_identity(letter.log, now=now, allow_loopback=allow_loopback)
    if held is None or held.did != identity.did:
        return identity, letter.log
    known = read_identity(held.log, now=now, allow_loopback=held.allow_loopback)
    relation = compare_logs(known, identity)
    if relation is Comparison.FORKED:
        message = "the log of the sender contradicts the one held here"
        raise LogForked(message)
    if relation is Comparison.SHORTER:
        return known, held.log
    return identity, letter.log
