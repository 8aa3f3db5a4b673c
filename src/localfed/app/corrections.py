"""Corrections: what others pass on about a record that an organisation hosted here lists.

Here: laying it beside what visitors wrote here, within limits, and letting go of its message. Not here: what came in
(`inbox`), what is done with it (`enquiries`), mailing (`mailing`). Spec: 10-messages (LF-INBOX-8).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from localfed.app import tray
from localfed.app.contacts import contact_of
from localfed.app.enquiry_port import EnquiryKind, EnquiryState, StoredEnquiry
from localfed.app.message_values import MessageState, StoredMessage
from localfed.app.ports import Reads, Transaction
from localfed.app.values import DocumentState, StoredDocument
from localfed.app.visitor_words import plain
from localfed.protocol.did import split_id
from localfed.protocol.message import Enquiry, Message
from localfed.protocol.times import write_time

MAILS_A_DAY: Final = 20
"""Of what others pass on to one organisation: identities cost nothing, and a mailbox is somebody's. What is more waits in the tray."""

MAILS_A_DAY_OF_ONE: Final = 5
"""Of these from one sender: as many as a stranger may have unopened (LF-INBOX-5), so that one leaves room for others."""

_TEXT_CHARACTERS: Final = 6_000
"""What a visitor may write, and what a node says about it. The message itself has all of it."""

_DAY: Final = timedelta(days=1)


def take_in(
    tx: Transaction, message: StoredMessage, said: Message, *, has_mail: bool, now: datetime
) -> None:
    """Tell the operator of an enquiry that was just put in the inbox; what is about a listed record goes further.

    It is treated as a correction that was asked for here: by mail to our own mailbox with the one-time link, or into
    the tray. Only the place for it is decided by what a stranger wrote; nothing is asked of anybody.

    Rules: LF-INBOX-4, LF-INBOX-8, LF-CONTACT-4.
    """
    if not isinstance(said, Enquiry):
        return
    if said.about is not None and _lists(tx, message.recipient, said.about):
        moment = write_time(now)
        is_mailed = has_mail and _may_be_mailed(tx, message, now)
        tx.add_enquiry(
            StoredEnquiry(
                received=moment,
                kind=EnquiryKind.CORRECTION,
                recipient=message.recipient,
                about=said.about,
                state=EnquiryState.MAIL if is_mailed else EnquiryState.TRAY,
                name="",
                reply_to="",
                text=_words(said),
                next_try=moment,
                expires=message.expires,
                message=message.digest,
            )
        )
    tray.tell(tx, now)


def message_of(reads: Reads, one: StoredEnquiry) -> StoredMessage | None:
    """Return the message by which something was passed on to an organisation hosted here; None: a visitor wrote it here."""
    return reads.message_with(one.message) if one.message is not None else None


def delete(tx: Transaction, one: StoredEnquiry) -> None:
    """Delete what has been dealt with, and put away the message that it came by."""
    put_away(tx, one)
    tx.delete_enquiry(one.number)


def put_away(tx: Transaction, one: StoredEnquiry) -> None:
    """Put away the unopened message that something came by, so that there is room for the next one."""
    message = message_of(tx, one)
    if message is not None and message.state is MessageState.NEW:
        tx.set_message_state(message.number, MessageState.DISMISSED)


def is_listed(document: StoredDocument) -> bool:
    """Whether a document is a record about somebody else."""
    if document.type != "Organization" or document.body is None:
        return False
    return bool(msgspec.json.decode(document.body, type=_Listed).listed)


class _Listed(msgspec.Struct):
    listed: bool = False


def _lists(reads: Reads, did: str, about: str) -> bool:
    """Whether an organisation itself lists a record, and may still withdraw it."""
    issuer, path = split_id(about)
    document = reads.document(issuer, path) if issuer == did else None
    return document is not None and document.state is DocumentState.LIVE and is_listed(document)


def _may_be_mailed(tx: Transaction, message: StoredMessage, now: datetime) -> bool:
    contact = contact_of(tx, message.recipient, now)
    if contact is None or not contact.email:
        return False
    since = write_time(now - _DAY)
    mailed = [
        message_of(tx, one)
        for one in tx.enquiries()
        if one.recipient == message.recipient
        and one.state in {EnquiryState.MAIL, EnquiryState.LINK}
        and one.message is not None
        and one.received > since
    ]
    of_one = sum(one is not None and one.sender == message.sender for one in mailed)
    return len(mailed) < MAILS_A_DAY and of_one < MAILS_A_DAY_OF_ONE


def _words(said: Enquiry) -> str:
    text = plain("\n\n".join(said.text.values())).strip() or "(no words)"
    return text if len(text) <= _TEXT_CHARACTERS else text[:_TEXT_CHARACTERS] + " …"
