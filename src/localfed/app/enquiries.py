"""Enquiries: what visitors without a node ask of publishers, and corrections that they ask for.

Here: which way something goes, taking it, the operator's tray, withdrawing what was listed wrongly. Not here: the form
(`web.enquiring`), mailing (`mailing`), messages to others (`passing_on`). docs/decisions/0016 says why mail goes to nobody else than to organisations hosted here.
Spec: 05-documents (LF-CONTACT-4), 10-messages.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from localfed.app import corrections, listings, passing_on, policy, tray
from localfed.app.contacts import contact_of
from localfed.app.corrections import is_listed
from localfed.app.enquiry_port import Desk, EnquiryKind, EnquiryState, StoredEnquiry
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.values import Publisher, StoredDocument
from localfed.app.visitor_words import Asked, cleaned
from localfed.protocol.digest import digest
from localfed.protocol.errors import (
    CannotAsk,
    LinkOver,
    TooOften,
    UnknownDocument,
    UnknownEnquiry,
)
from localfed.protocol.times import write_time

KEPT_DAYS: Final = 30
"""How long anything of it is kept at most: somebody looks into a mailbox or a tray within a month, or never."""

WAITING_MAX: Final = 100
"""What waits for one organisation: more than anybody reads, and half a megabyte."""


class Way(StrEnum):
    """Which way something goes to a publisher."""

    MAIL = "mail"
    """By mail to its role mailbox; it is hosted here."""
    TRAY = "tray"
    """Into the tray of the operator; it is hosted here."""
    MESSAGE = "message"
    """As a message to its node, which is followed."""


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
    return Way.MESSAGE if passing_on.is_possible(reads, publisher, desk, now) else None


async def take(ports: Ports, asked: Asked, desk: Desk) -> Way:
    """Take what a visitor wrote; it is on disk when this returns. Returns which way it goes.

    Raises:
        BadEnquiry: nothing in it, too much, or an address that is none; nothing was stored.
        UnknownDocument, UnknownOrganisation: it is about nothing that is shown here.
        CannotAsk: there is no safe way to that publisher.
        TooOften: too much waits for it, or went there today; corrections then wait for their turn.

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

    def change(tx: Transaction) -> StoredEnquiry:
        if way is Way.MESSAGE:
            return passing_on.take_up(tx, new, publisher, now)
        _check_room(tx, new)
        tx.add_enquiry(new)
        tray.tell(tx, now)
        return new

    taken = await ports.store.write(change)
    if way is Way.MESSAGE and not passing_on.waits_for_its_turn(taken, now):
        await passing_on.send(ports, taken, desk)
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


def _check_room(tx: Transaction, new: StoredEnquiry) -> None:
    # What others passed on has limits of its own, in the inbox.
    waits = sum(
        one.recipient == new.recipient and bool(one.text) and one.message is None
        for one in tx.enquiries()
    )
    if waits >= WAITING_MAX:
        message = (
            "too much waits for that organisation already: try another day, or write to it yourself"
        )
        raise TooOften(message)
