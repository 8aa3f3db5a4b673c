"""Enquiries: what visitors without a node ask of publishers, and corrections that they ask for.

Here: which way something goes, taking it, the operator's tray, withdrawing what was listed wrongly. Not here: the form
(`web.enquiring`), mailing (`mailing`). docs/decisions/0016 says why mail goes to nobody else than to organisations hosted here.
Spec: 05-documents (LF-CONTACT-4), 10-messages.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from localfed.app import corrections, listings, messages, policy, tray
from localfed.app.contacts import contact_of
from localfed.app.corrections import is_listed
from localfed.app.enquiry_port import EnquiryKind, EnquiryState, StoredEnquiry
from localfed.app.message_values import OutboxItem, OutboxState
from localfed.app.pinging import inbox_url
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.values import Publisher, StoredDocument
from localfed.app.visitor_words import Asked, cleaned
from localfed.protocol.digest import digest
from localfed.protocol.errors import (
    BadDraft,
    BadEnquiry,
    CannotAsk,
    LinkOver,
    LocalFedError,
    TooOften,
    UnknownDocument,
    UnknownEnquiry,
)
from localfed.protocol.times import read_time, write_time

KEPT_DAYS: Final = 30
"""How long anything of it is kept at most: somebody looks into a mailbox or a tray within a month, or never."""

WAITING_MAX: Final = 100
"""What waits for one organisation: more than anybody reads, and half a megabyte."""

MESSAGES_A_DAY: Final = 20
"""What goes to other nodes in a day: it is signed by an organisation that is hosted here, in words that it did not write."""

MESSAGES_A_DAY_TO_ONE: Final = 3
"""Of these to one publisher: a stranger may have five unopened messages there (LF-INBOX-5), and ours want room."""

_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)


class Way(StrEnum):
    """Which way something goes to a publisher."""

    MAIL = "mail"
    """By mail to its role mailbox; it is hosted here."""
    TRAY = "tray"
    """Into the tray of the operator; it is hosted here."""
    MESSAGE = "message"
    """As a message to its node, which is followed."""


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """The node that visitors write at."""

    name: str
    url: str
    """Scheme and host, without a slash at the end."""
    language: str
    sends_messages: bool = True
    """Whether it passes on what visitors ask to the nodes of others."""


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """What a one-time link, or the number of a correction, would withdraw."""

    enquiry: StoredEnquiry
    document: StoredDocument


def way_to(ports: Ports, publisher: Publisher, desk: Desk) -> Way | None:
    """Say which way something goes to a publisher; None where there is none that is safe (LF-CONTACT-4)."""
    now, reads = ports.clock.now(), ports.store
    if publisher.is_closed:
        return None
    if publisher.is_hosted:
        contact = contact_of(reads, publisher.did, now) if ports.mail is not None else None
        return Way.MAIL if contact is not None and contact.email else Way.TRAY
    if (
        not desk.sends_messages
        or not publisher.is_followed
        or publisher.head is None
        or not policy.still_counts(publisher, now)
        or inbox_url(publisher.base, publisher.head) is None
        or _spokesman(reads) is None
    ):
        return None
    return Way.MESSAGE


async def take(ports: Ports, asked: Asked, desk: Desk) -> Way:
    """Take what a visitor wrote; it is on disk when this returns. Returns which way it goes.

    Raises:
        BadEnquiry: nothing in it, too much, or an address that is none; nothing was stored.
        UnknownDocument, UnknownOrganisation: it is about nothing that is shown here.
        CannotAsk: there is no safe way to that publisher.
        TooOften: too much waits for it, or went there today.

    """
    asked = cleaned(asked)
    now = ports.clock.now()
    publisher = _subject(ports.store, asked.about, now)
    way = way_to(ports, publisher, desk)
    if way is None:
        message = "this node has no way to pass that on to its publisher"
        raise CannotAsk(message)
    new = StoredEnquiry(
        received=write_time(now),
        kind=asked.kind,
        recipient=publisher.did,
        about=asked.about,
        state=EnquiryState(way.value),
        name=asked.name,
        reply_to=asked.reply_to,
        text=asked.text,
        next_try=write_time(now),
        expires=write_time(now + timedelta(days=KEPT_DAYS)),
    )

    def change(tx: Transaction) -> int:
        _check_room(tx, new, now)
        number = tx.add_enquiry(new)
        tray.tell(tx, now)
        return number

    number = await ports.store.write(change)
    if way is Way.MESSAGE:
        await _send(ports, msgspec.structs.replace(new, number=number), desk)
    return way


def waiting(reads: Reads) -> list[StoredEnquiry]:
    """Return what waits: for a mail server, for the operator, or for the node of its publisher."""
    return [one for one in reads.enquiries() if one.text]


def find(reads: Reads, number: int, recipient: str | None = None) -> StoredEnquiry:
    """Return what waits under a number; with `recipient`, only for that organisation.

    Raises:
        UnknownEnquiry: nothing does.

    """
    found = reads.enquiry(number)
    is_here = found is not None and recipient in {None, found.recipient}
    if found is None or not is_here or not (found.text or found.link):
        message = "no enquiry of that number waits here"
        raise UnknownEnquiry(message)
    return found


async def finish(ports: Ports, number: int, recipient: str | None = None) -> StoredEnquiry:
    """Delete an enquiry that the operator has dealt with.

    Raises:
        UnknownEnquiry: nothing waits under that number.

    """
    now = ports.clock.now()

    def change(tx: Transaction) -> StoredEnquiry:
        found = find(tx, number, recipient)
        corrections.delete(tx, found)
        tray.tell(tx, now)
        return found

    return await ports.store.write(change)


def withdrawal_of(reads: Reads, found: StoredEnquiry | None, now: datetime) -> Withdrawal:
    """Say what a correction would withdraw.

    Raises:
        LinkOver: it was used, its time is over, or the record is gone already.
        UnknownDocument: it is not about a record that an organisation hosted here lists.

    """
    if found is None or found.expires <= write_time(now):
        message = "that link was used, or its time is over"
        raise LinkOver(message)
    publisher = reads.publisher(found.recipient)
    try:
        document = listings.find_document(reads, found.about)
    except UnknownDocument as error:
        message = "that record is withdrawn already"
        raise LinkOver(message) from error
    if publisher is None or not publisher.is_hosted or not is_listed(document):
        message = "only a record that is listed here is withdrawn so"
        raise UnknownDocument(message)
    return Withdrawal(enquiry=found, document=document)


def link_of(reads: Reads, secret: str, now: datetime) -> Withdrawal:
    """Say what a one-time link would withdraw; changes nothing.

    Raises:
        LinkOver, UnknownDocument: as `withdrawal_of`.

    """
    found = reads.enquiry_with_link(digest(secret.encode()))
    return withdrawal_of(reads, found, now)


async def withdraw(ports: Ports, asked_for: Withdrawal) -> None:
    """Withdraw a listed record, for good: the next import of its source leaves it out. The link is used up.

    Raises:
        UnknownDocument: somebody was quicker.
        PublicHeadAhead, ClockWrong, NoSigningKey: it may not sign now; nothing was changed.

    """
    about = asked_for.enquiry.about
    await listings.withdraw(ports, asked_for.enquiry.recipient, about)
    now = ports.clock.now()

    def change(tx: Transaction) -> None:
        for one in tx.enquiries():
            # Whoever else asked for it has it now.
            if one.about == about and one.kind is EnquiryKind.CORRECTION:
                corrections.delete(tx, one)
        tray.tell(tx, now)

    await ports.store.write(change)


async def follow_messages(ports: Ports) -> int:
    """Let go of the words of visitors that have arrived at other nodes; returns how many.

    What could not be delivered goes into the tray: somebody waits for an answer.
    """
    # Taken, and then the machine went down before it was sent.
    now = ports.clock.now()
    stray = write_time(now - _HOUR)
    under_way = [
        one
        for one in ports.store.enquiries()
        if one.state is EnquiryState.MESSAGE and one.text and (one.message or one.received < stray)
    ]
    if not under_way:
        return 0
    sent = {one.digest: one for one in ports.store.outbox()}
    found = [(one, sent.get(one.message or "")) for one in under_way]
    settled = [
        (one, item) for one, item in found if item is None or item.state is not OutboxState.WAITING
    ]
    if settled:
        await ports.store.write(lambda tx: _settle(tx, settled, now))
    return len(settled)


def _settle(
    tx: Transaction, settled: list[tuple[StoredEnquiry, OutboxItem | None]], now: datetime
) -> None:
    for one, item in settled:
        if item is not None:
            tx.delete_from_outbox(item.number)
        if one.message is None or (item is not None and item.state is OutboxState.FAILED):
            why = item.problem if item is not None else "not sent"
            problem = f"could not be delivered to its publisher: {why}"
            changed = msgspec.structs.replace(one, state=EnquiryState.TRAY, problem=problem)
        else:
            # Only that there was one counts, for a day.
            over = read_time(one.received) + _DAY
            changed = msgspec.structs.replace(
                one, name="", reply_to="", text="", expires=write_time(over)
            )
        tx.update_enquiry(changed)
    tray.tell(tx, now)


def _subject(reads: Reads, about: str, now: datetime) -> Publisher:
    """Find who published what is asked about, where that is shown now."""
    document = listings.find_document(reads, about)
    publisher = reads.publisher(document.did)
    if (
        publisher is None
        or document.type not in {"Organization", "Offer", "Need"}
        or not document.is_shown
        or document.expires <= write_time(now)
        or not policy.still_counts(publisher, now)
    ):
        message = "that is not shown here any more"
        raise UnknownDocument(message)
    return publisher


def _check_room(tx: Transaction, new: StoredEnquiry, now: datetime) -> None:
    hosted = {one.did for one in tx.publishers(hosted=True)}
    # What others passed on to an organisation hosted here has limits of its own, in the inbox.
    present = [one for one in tx.enquiries() if one.message is None or one.recipient not in hosted]
    if new.state is EnquiryState.MESSAGE:
        since = write_time(now - _DAY)
        today = [
            one
            for one in present
            if (one.message or one.state is EnquiryState.MESSAGE) and one.received > since
        ]
        to_one = sum(one.recipient == new.recipient for one in today)
        if len(today) >= MESSAGES_A_DAY or to_one >= MESSAGES_A_DAY_TO_ONE:
            message = "this node has passed on as much as it does in a day: write to the publisher yourself"
            raise TooOften(message)
    elif sum(one.recipient == new.recipient and bool(one.text) for one in present) >= WAITING_MAX:
        message = (
            "too much waits for that organisation already: try another day, or write to it yourself"
        )
        raise TooOften(message)


async def _send(ports: Ports, new: StoredEnquiry, desk: Desk) -> None:
    """Send what was taken as a message of the organisation that this node is for; what cannot be sent was not taken."""
    spokesman = _spokesman(ports.store)
    assert spokesman is not None
    draft = messages.Draft(
        type="Enquiry", language=desk.language, text=_say_for(new, desk), about=new.about
    )
    try:
        sent = await messages.send(ports, spokesman.did, new.recipient, draft)
    except LocalFedError as error:
        await ports.store.write(lambda tx: tx.delete_enquiry(new.number))
        if isinstance(error, BadDraft):
            message = "that cannot be passed on as it is written"
            raise BadEnquiry(message) from error
        message = "this node has no way to pass that on to its publisher now"
        raise CannotAsk(message, detail=error.code) from error
    done = msgspec.structs.replace(new, message=sent.digest)
    await ports.store.write(lambda tx: tx.update_enquiry(done))


def _say_for(new: StoredEnquiry, desk: Desk) -> str:
    """Say whose words these are: the message is signed here, and was not written here."""
    what = (
        "asks for a correction" if new.kind is EnquiryKind.CORRECTION else "has a question for you"
    )
    lines = [
        f"A visitor of {desk.name} ({desk.url}/) {what}. These are the visitor's words, which nobody here checked:",
        "",
        new.text,
        "",
        f"Name: {new.name or 'not given'}",
        f"Answer to: {new.reply_to or 'no address given'}",
    ]
    return "\n".join(lines)


def _spokesman(reads: Reads) -> Publisher | None:
    """Return the organisation that this node is for: the first that is hosted and not closed."""
    hosted = reads.publishers(hosted=True)
    return next((one for one in hosted if not one.is_closed), None)
