"""E-mail: a letter of ours as the bytes of RFC 5322, in plain text and with nothing else in its head.

Here: what is written, and that nobody's words can become a header. Not here: sending (`net.mail`), whether
(`app.mailing`). Sources: RFC 5322, RFC 2047 (names and subjects), RFC 3834 (mail that a machine sent).
"""

from __future__ import annotations

import re
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

import msgspec

from localfed.protocol.errors import BadEnquiry

_HEADER_CHARACTERS: Final = 200
"""Of a name or a subject: what a mailbox shows of it."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be mailed. Every text may come from a stranger."""

    sender: str
    sender_name: str
    recipient: str
    reply_to: str
    """Empty for none."""
    subject: str
    text: str
    message_id: str
    """Without angle brackets."""
    written: datetime


def write_email(letter: Letter) -> bytes:
    """Write a letter as it is handed to a mail server.

    Raises:
        BadEnquiry: something in it cannot stand in a header.

    """
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = Address(_one_line(letter.sender_name), addr_spec=letter.sender)
        message["To"] = Address(addr_spec=letter.recipient)
        if letter.reply_to:
            message["Reply-To"] = Address(addr_spec=letter.reply_to)
        message["Subject"] = _one_line(letter.subject)
        message["Date"] = letter.written
        message["Message-ID"] = f"<{letter.message_id}>"
        # Who is away answers this with nothing, and no machine answers a machine.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text, charset="utf-8")
        data = message.as_bytes()
    except (ValueError, MessageError, UnicodeError) as error:
        text = "that cannot be written as an e-mail"
        raise BadEnquiry(text) from error
    if _names(data) != message.keys():
        text = "that would be more than the headers of an e-mail"
        raise BadEnquiry(text)
    return data


def _one_line(text: str) -> str:
    """Make a header's text of anything: one line, and no encoded word, which the library would decode and write as it is.

    An encoded word may hold line ends: `=?utf-8?q?=0D=0ABcc:...?=` in somebody's name would be a header.
    """
    printable = "".join(one if one.isprintable() else " " for one in text[:_HEADER_CHARACTERS])
    return " ".join(printable.replace("=?", "= ?").split())


def _names(data: bytes) -> list[str]:
    """Name the headers that a reader would see, to be compared with those that were meant."""
    head = data.partition(b"\r\n\r\n")[0]
    lines = re.split(rb"\r\n|\r|\n", head)
    return [
        line.partition(b":")[0].decode() for line in lines if not line.startswith((b" ", b"\t"))
    ]
