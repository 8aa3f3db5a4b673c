"""Mailing: what visitors wrote, to the role mailboxes of organisations hosted here, again and again until it is taken.

Here: one round. Not here: taking it (`enquiries`), SMTP (`net.mail`), the bytes of a mail (`interop.email_message`).
Spec: 05-documents (LF-CONTACT-4).
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import msgspec

from localfed.app import corrections, tray
from localfed.app.contacts import contact_of
from localfed.app.corrections import is_listed
from localfed.app.enquiry_port import Desk, EnquiryKind, EnquiryState, StoredEnquiry
from localfed.app.message_values import StoredMessage
from localfed.app.names import name_on
from localfed.app.ports import Mail, Ports, Transaction
from localfed.app.values import StoredDocument, page_of
from localfed.interop.email_message import Letter, write_email
from localfed.protocol.did import parse_did, split_id
from localfed.protocol.digest import digest
from localfed.protocol.errors import BadEnquiry, MailNotTaken, MailNotYet, MailRefused
from localfed.protocol.times import write_time

ROUND: Final = 20
"""Mails of one round."""

FIRST_SECONDS: Final = 60
LONGEST_SECONDS: Final = 21_600
"""Six hours: whoever waits for an answer should not wait for a day because a server was down for an hour."""

_SECRET_BYTES: Final = 32
_TITLE_CHARACTERS: Final = 80


class Mailed(msgspec.Struct, frozen=True, kw_only=True):
    """What a round did."""

    mailed: int = 0
    waiting: int = 0
    """What is tried again."""
    to_tray: int = 0
    """What no mail can be sent for."""


async def mail_due(ports: Ports, desk: Desk) -> Mailed:
    """Mail what is due; the round ends where the server takes nothing now.

    Raises:
        Unavailable: our own disk; what was mailed may be mailed once more then.

    """
    now = ports.clock.now()
    moment, furthest = write_time(now), write_time(now + timedelta(seconds=2 * LONGEST_SECONDS))
    due = [
        one
        for one in ports.store.enquiries()
        # Further away than any wait: that was set by a clock that was wrong.
        if one.state is EnquiryState.MAIL and not moment < one.next_try <= furthest
    ]
    due.sort(key=lambda one: (one.next_try, one.number))
    mailed = to_tray = 0
    for one in due[:ROUND]:
        contact = contact_of(ports.store, one.recipient, now)
        if ports.mail is None or contact is None or not contact.email:
            await _to_tray(ports, one, "no mail server or no mailbox is set")
            to_tray += 1
            continue
        try:
            await _mail(ports, ports.mail, desk, one, contact.email)
        except (MailRefused, BadEnquiry) as error:
            await _to_tray(ports, one, error.message)
            to_tray += 1
        except MailNotYet as error:
            await _postpone(ports, [one], one, error.message)
        except MailNotTaken as error:
            await _postpone(ports, due, one, error.message)
            return Mailed(mailed=mailed, waiting=len(due) - mailed - to_tray, to_tray=to_tray)
        else:
            mailed += 1
    return Mailed(mailed=mailed, waiting=len(due) - mailed - to_tray, to_tray=to_tray)


async def try_mail(ports: Ports, desk: Desk, did: str) -> str:
    """Mail a few words to the mailbox of a hosted organisation, now; returns its address.

    Raises:
        MailNotTaken: no server or no mailbox is set, or the server takes nothing now.
        MailRefused: it will not take it.

    """
    contact = contact_of(ports.store, did, ports.clock.now())
    if ports.mail is None or contact is None or not contact.email:
        message = "set smtp_host in node.toml, and a mailbox by localfed contact set --email"
        raise MailNotTaken(message)
    text = (
        f"{desk.name} can send mail to this mailbox. What visitors write on its pages comes here.\n"
    )
    data = _write(
        ports,
        desk,
        sender=ports.mail.sender,
        recipient=contact.email,
        subject="A test",
        text=text,
    )
    await ports.mail.send(contact.email, data)
    return contact.email


async def _mail(ports: Ports, mail: Mail, desk: Desk, one: StoredEnquiry, recipient: str) -> None:
    did, path = split_id(one.about)
    document = ports.store.document(did, path)
    secret = ""
    if one.kind is EnquiryKind.CORRECTION and document is not None and is_listed(document):
        # Before it is sent: what is in a mail must work when it arrives. The next try makes another one.
        secret = base64.urlsafe_b64encode(ports.chance.random_bytes(_SECRET_BYTES)).decode()
        secret = secret.rstrip("=")
        one = msgspec.structs.replace(one, link=digest(secret.encode()))
        await ports.store.write(lambda tx: tx.update_enquiry(one))
    title, message = title_of(document), corrections.message_of(ports.store, one)
    wants = "Correction asked for" if one.kind is EnquiryKind.CORRECTION else "A visitor asks about"
    data = _write(
        ports,
        desk,
        sender=mail.sender,
        recipient=recipient,
        subject=f"{wants}: {title}",
        text=_text(
            one,
            message,
            desk,
            title=title,
            page=f"{desk.url}{page_of(did, path)}",
            secret=secret,
        ),
        reply_to=one.reply_to,
    )
    await mail.send(recipient, data)
    # It has arrived: nothing of it stays, but the link for as long as that holds.
    done = msgspec.structs.replace(
        one, state=EnquiryState.LINK, name="", reply_to="", text="", problem=None
    )

    def change(tx: Transaction) -> None:
        corrections.put_away(tx, one)
        if secret:
            tx.update_enquiry(done)
        else:
            tx.delete_enquiry(one.number)

    await ports.store.write(change)


def _write(
    ports: Ports,
    desk: Desk,
    *,
    sender: str,
    recipient: str,
    subject: str,
    text: str,
    reply_to: str = "",
) -> bytes:
    name = base64.b32encode(ports.chance.random_bytes(16)).decode().lower().rstrip("=")
    return write_email(
        Letter(
            sender=sender,
            sender_name=desk.name,
            recipient=recipient,
            reply_to=reply_to,
            subject=subject,
            text=text,
            message_id=f"{name}@{urlsplit(desk.url).hostname or 'localhost'}",
            written=ports.clock.now(),
        )
    )


def _text(
    one: StoredEnquiry,
    message: StoredMessage | None,
    desk: Desk,
    *,
    title: str,
    page: str,
    secret: str,
) -> str:
    """Write the mail: whose words these are, the words, how to answer, how to withdraw."""
    came = (
        f"Somebody wrote this by the form on {desk.name}, about"
        if message is None
        else f"{parse_did(message.sender).host} sent this to {desk.name}, about"
    )
    lines = [
        came,
        f"{title}",
        page,
        "",
        "Nobody has checked who it was. Be careful with links in it.",
        "",
        "-" * 40,
        one.text,
        "-" * 40,
        "",
    ]
    if message is None:
        lines += [f"Name: {one.name or 'not given'}"]
    if message is not None:
        lines += [
            "Answering this mail answers nobody. Where an answer may go is in the words above."
        ]
    elif one.reply_to:
        lines += [f"E-mail: {one.reply_to}", "Answering this mail answers there."]
    else:
        lines += ["No e-mail address was given: there is nobody to answer."]
    if secret:
        lines += [
            "",
            "You list this record; it is not the word of the organisation itself. To take it off for good, open",
            f"{desk.url}/withdraw/{secret}",
            f"until {one.expires[:10]}. That page asks you once more. Whoever has this link can do it: do not pass it on.",
        ]
    kept = (
        "What was written is not kept on the node any more."
        if message is None
        else f"The message is put away in the inbox of the node, and deleted on {message.expires[:10]}."
    )
    lines += ["", kept, ""]
    return "\n".join(lines)


def title_of(document: StoredDocument | None) -> str:
    """Name a document; a name is one line by the protocol."""
    title = name_on(document) or "a record"
    return title if len(title) <= _TITLE_CHARACTERS else title[: _TITLE_CHARACTERS - 2] + " …"


async def _to_tray(ports: Ports, one: StoredEnquiry, problem: str) -> None:
    changed = msgspec.structs.replace(one, state=EnquiryState.TRAY, problem=problem, link=None)
    now = ports.clock.now()

    def change(tx: Transaction) -> None:
        tx.update_enquiry(changed)
        tray.tell(tx, now)

    await ports.store.write(change)


async def _postpone(
    ports: Ports, touched: list[StoredEnquiry], tried: StoredEnquiry, problem: str
) -> None:
    """Try again: what was tried, later each time; whatever else was due, in a minute: it goes to the same server."""
    now, jitter = ports.clock.now(), 0.8 + 0.4 * ports.chance.fraction()
    seconds = min(FIRST_SECONDS * 2 ** min(tried.failures, 12), LONGEST_SECONDS)
    soon = write_time(now + timedelta(seconds=FIRST_SECONDS))

    def change(tx: Transaction) -> None:
        for one in touched:
            present = tx.enquiry(one.number)
            if present is None or present.state is not EnquiryState.MAIL:
                continue  # the operator was quicker
            changed = msgspec.structs.replace(present, next_try=soon)
            if one.number == tried.number:
                changed = msgspec.structs.replace(
                    present,
                    failures=present.failures + 1,
                    problem=problem,
                    next_try=write_time(now + timedelta(seconds=seconds * jitter)),
                )
            tx.update_enquiry(changed)

    await ports.store.write(change)
