"""Messages: what a person does with the inbox and the outbox, and writing to others.

Here: reading the tray, opening and dismissing, sending through the outbox, trying again. Not here: what
comes in (`inbox`), posting (`delivery`). Spec: 10-messages (LF-MSG, LF-SEND).
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

import msgspec

from localfed.app import accepting, corrections, tray
from localfed.app.message_values import (
    MessageState,
    OutboxItem,
    OutboxKind,
    OutboxState,
    StoredMessage,
)
from localfed.app.pinging import addressed_anew, host_of, inbox_url
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.signing import author_of
from localfed.app.standing import check_may_sign
from localfed.app.values import Publisher
from localfed.protocol import limits
from localfed.protocol.accept import open_head
from localfed.protocol.canonical import JsonObject
from localfed.protocol.digest import digest
from localfed.protocol.document import CONTEXT, HEAD_PATH
from localfed.protocol.errors import (
    BadDraft,
    Expired,
    Rejected,
    TooOften,
    UnexpectedAnswer,
    UnknownMessage,
    UnknownOrganisation,
)
from localfed.protocol.identity import read_identity
from localfed.protocol.message import MESSAGE_TYPES, CheckedMessage, open_message
from localfed.protocol.misfits import say_misfit
from localfed.protocol.proofs import sign
from localfed.protocol.times import write_time

WAITING_OF_A_NEIGHBOUR: Final = 50
"""Unopened messages of one organisation of this node to another: as many as of one that is followed."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is on its way."""

    digest: str
    recipient: str
    url: str
    """The inbox that it is posted to; of another organisation of this node, its BASE."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said."""

    type: str
    """Proposal, Accept, Decline or Enquiry."""
    language: str
    text: str | None = None
    stage: str | None = None
    roles: tuple[str, ...] = ()
    """Of a proposal: what our half will say."""
    promotes: bool = False
    exchange: JsonObject | None = None
    """Figures of an exchange that is proposed."""
    about: str | None = None
    in_reply_to: str | None = None
    """Digest of the message that it answers."""


def find(reads: Reads, number: int, did: str | None = None) -> StoredMessage:
    """Return a message by the number that the operator calls it; with `did`, one that came to that organisation.

    Raises:
        UnknownMessage: there is none.

    """
    message = reads.message(number)
    if message is None or did not in {None, message.recipient}:
        text = "there is no message of that number here"
        raise UnknownMessage(text)
    return message


async def mark(
    ports: Ports, number: int, state: MessageState, did: str | None = None
) -> StoredMessage:
    """Note that a message was opened or dismissed; `did` as for `find`. With it goes what waits because of it.

    Raises:
        UnknownMessage: there is none.

    """
    now = ports.clock.now()

    def change(tx: Transaction) -> StoredMessage:
        message = find(tx, number, did)
        tx.set_message_state(number, state)
        if state is MessageState.DISMISSED:
            for one in tx.enquiries():
                if one.message == message.digest and one.text:
                    tx.delete_enquiry(one.number)
        tray.tell(tx, now)
        return msgspec.structs.replace(message, state=state)

    return await ports.store.write(change)


async def send(ports: Ports, did: str, to: str, draft: Draft) -> Sent:
    """Write a message to another organisation and put it in the outbox; it is on disk when this returns.

    `to` is the first DID of somebody followed, or of whom a message came. Of the latter the head is read
    now: the operator asked for it. What is for another organisation of this node is in its inbox at once.

    Raises:
        UnknownOrganisation: neither followed nor heard of; or it takes no messages.
        TooOften: it is of this node, and has too much waiting of ours.
        BadDraft: it cannot be said so.
        Rejected, Unreachable: the head of a stranger, by name; nothing was changed.

    """
    neighbour = _neighbour(ports.store, to)
    if neighbour is not None:
        url, allow_loopback = neighbour.base, neighbour.allow_loopback
    else:
        url, allow_loopback = await _inbox_of(ports, to)
    keys = ports.keys.signing_keys(did)
    now = ports.clock.now()
    name = base64.b32encode(ports.chance.random_bytes(16)).decode().lower().rstrip("=")

    def change(tx: Transaction) -> Sent:
        check_may_sign(tx, did)
        author = author_of(tx, did, keys, now)
        value = _members(draft) | {
            "@context": CONTEXT,
            "id": f"{did}/messages/{name}.json",
            "issuer": did,
            "to": to,
            "updated": write_time(now),
            "expires": write_time(now + timedelta(days=limits.MESSAGE_DAYS)),
        }
        body = sign(value, author.key, f"{did}#{author.key.multikey}")
        try:
            checked = open_message(body, identity=author.identity, now=now, hosted={to})
        except Rejected as error:
            raise BadDraft(_in_words(error, value), detail=error.detail) from error
        sent = Sent(digest=digest(body), recipient=to, url=url)
        tx.enqueue(
            OutboxItem(
                sender=did,
                recipient=to,
                url=url,
                host=host_of(url),
                allow_loopback=allow_loopback,
                kind=OutboxKind.MESSAGE,
                digest=sent.digest,
                created=write_time(now),
                next_try=write_time(now),
                expires=str(value["expires"]),
                body=body,
                state=OutboxState.WAITING if neighbour is None else OutboxState.DELIVERED,
            )
        )
        if neighbour is not None:
            _hand_over(tx, checked, author.publisher.log, has_mail=ports.mail is not None, now=now)
        return sent

    return await ports.store.write(change)


def _in_words(error: Rejected, value: JsonObject) -> str:
    """Say what is wrong with a message of ours as its writer can mend it, not as its readers would say it."""
    if not isinstance(error.__cause__, msgspec.ValidationError):
        return error.message
    return say_misfit(MESSAGE_TYPES[str(value["type"])], str(error.__cause__), value)


def _neighbour(reads: Reads, to: str) -> Publisher | None:
    """Return the recipient if this very node hosts it."""
    publisher = reads.publisher(to)
    if publisher is None or not publisher.is_hosted:
        return None
    if publisher.is_closed:
        message = f"{publisher.host} is closed and takes no messages"
        raise UnknownOrganisation(message)
    return publisher


def _hand_over(
    tx: Transaction, checked: CheckedMessage, log: bytes, *, has_mail: bool, now: datetime
) -> None:
    """Put a message of one organisation of this node in the inbox of another one.

    Signed and checked as any other, and its own operator's word makes it: nothing is posted, for what
    comes over the network under one of our names is refused (LF-MSG-3).
    """
    said = checked.message
    own, _ = tx.messages_waiting(said.issuer, said.to, stranger=False)
    if own >= WAITING_OF_A_NEIGHBOUR:
        message = "too many messages wait there to be opened"
        raise TooOften(message)
    kept = StoredMessage.of(checked, log, is_stranger=False, now=now)
    accepting.take_message(tx, kept)
    corrections.take_in(tx, kept, said, has_mail=has_mail, now=now)


async def retry(ports: Ports, number: int | None, did: str | None = None) -> list[OutboxItem]:
    """Let what waits or was given up be tried now, at its recipient's present inbox; None means all of it.

    With `did`, of what that organisation sends.

    What has expired stays as it is. A host that was dead is asked now, and left alone again should it still be.

    Raises:
        UnknownMessage: there is nothing of that number, or it was delivered.
        Expired: the message of that number has expired.

    """
    now = ports.clock.now()
    moment = write_time(now)

    def change(tx: Transaction) -> list[OutboxItem]:
        items = [_to_retry(tx, number, moment, did)] if number is not None else tx.outbox()
        tried = []
        for item in items:
            if did not in {None, item.sender}:
                continue
            if item.state is OutboxState.DELIVERED or _has_expired(item, moment):
                continue
            moved = addressed_anew(tx, item, now) or item
            again = msgspec.structs.replace(
                moved, state=OutboxState.WAITING, problem=None, next_try=moment
            )
            tx.update_outbox(again)
            peer = tx.peer(again.host)
            if peer is not None:
                tx.save_peer(msgspec.structs.replace(peer, next_try=moment))
            tried.append(again)
        return tried

    return await ports.store.write(change)


def _to_retry(reads: Reads, number: int, moment: str, did: str | None) -> OutboxItem:
    item = reads.outbox_item(number)
    is_theirs = item is not None and did in {None, item.sender}
    if item is None or not is_theirs or item.state is OutboxState.DELIVERED:
        text = "nothing of that number waits to be sent"
        raise UnknownMessage(text)
    if _has_expired(item, moment):
        text = "its time is over: write it again"
        raise Expired(text)
    return item


def _has_expired(item: OutboxItem, moment: str) -> bool:
    return item.expires is not None and item.expires <= moment


def _members(draft: Draft) -> JsonObject:
    given: JsonObject = {
        "type": draft.type,
        "language": draft.language,
        "text": {draft.language: draft.text} if draft.text is not None else None,
        "stage": draft.stage,
        "roles": list(draft.roles) or None,
        "promotes": draft.promotes or None,
        "exchange": draft.exchange,
        "about": draft.about,
        "inReplyTo": draft.in_reply_to,
    }
    return {name: value for name, value in given.items() if value is not None}


async def _inbox_of(ports: Ports, to: str) -> tuple[str, bool]:
    """Say where the inbox of an organisation is, and whether it may be on this machine."""
    publisher = ports.store.publisher(to)
    if publisher is not None and publisher.head is not None and not publisher.is_hosted:
        url = inbox_url(publisher.base, publisher.head)
        if url is None:
            message = f"{publisher.host} takes no messages"
            raise UnknownOrganisation(message)
        return url, publisher.allow_loopback
    heard = [one for one in ports.store.messages() if one.sender == to]
    if not heard:
        message = "that organisation is neither followed nor did it write: follow it first"
        raise UnknownOrganisation(message)
    return await _inbox_of_stranger(ports, heard[-1])


async def _inbox_of_stranger(ports: Ports, heard: StoredMessage) -> tuple[str, bool]:
    now = ports.clock.now()
    recipient = ports.store.publisher(heard.recipient)
    allow_loopback = recipient is not None and recipient.allow_loopback
    identity = read_identity(heard.log, now=now, allow_loopback=allow_loopback)
    answer = await ports.fetch.get(
        identity.base + HEAD_PATH,
        limit_bytes=limits.DOCUMENT_BYTES,
        allow_loopback=allow_loopback,
        may_be_missing=True,
    )
    if answer.status != HTTPStatus.OK:
        message = f"{identity.base}{HEAD_PATH} is not there"
        raise UnexpectedAnswer(message)
    open_head(answer.body, identity=identity, now=now)
    url = inbox_url(identity.base, answer.body)
    if url is None:
        message = f"{identity.host} takes no messages"
        raise UnknownOrganisation(message)
    return url, allow_loopback
