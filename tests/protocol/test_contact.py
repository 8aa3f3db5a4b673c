"""Contacts: where they lie, what they have to say, and links that do no more than they seem to."""

from __future__ import annotations

import msgspec
import pytest
from forge_document import CONTACT, RECORD, contact, signed

from localfed.protocol.contact import (
    Contact,
    Email,
    check_contact,
    write_call_link,
    write_mail_link,
)
from localfed.protocol.errors import WrongPath, WrongShape

OURS = msgspec.json.decode(signed(contact()), type=Contact)


def test_a_contact_lies_at_one_path():
    """LF-CONTACT-2."""
    check_contact(OURS, CONTACT)

    with pytest.raises(WrongPath):
        check_contact(OURS, RECORD)


def test_a_contact_says_at_least_one_way():
    """LF-CONTACT-1."""
    with pytest.raises(WrongShape):
        check_contact(msgspec.structs.replace(OURS, email=None), CONTACT)

    check_contact(msgspec.structs.replace(OURS, email=None, telephone="999"), CONTACT)


@pytest.mark.parametrize(
    "written",
    [
        "a@b.example?subject=x",
        "a@b.example&cc=c@d.example",
        "a@b.example,c@d.example",
        "a@b.example;c@d.example",
        "a@b.example\n",
        "a@b.example\r\nBcc: c@d.example",
        "a b@c.example",
        "<a@b.example>",
        "a%c.example@b.example",
        "c.example!a@b.example",
        ".a@b.example",
        "a.@b.example",
        "-oQ/tmp@b.example",
        "a@-b.example",
        "a@b..example",
        "a@192.0.2.1",
        "ä@b.example",
        "a@b",
        "@b.example",
        "a@@b.example",
    ],
)
def test_an_address_that_could_mean_more_is_none(written):
    """LF-CONTACT-3: it is put into links, headers and envelopes as it stands."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(written, Email)


def test_links_open_a_mail_or_a_call():
    """LF-CONTACT-3."""
    assert write_mail_link("the.office+x@grocer.example") == "mailto:the.office+x@grocer.example"
    assert write_call_link("+44 (0)1632 960-123") == "tel:+441632960123"
    assert write_call_link("(01632) 960 123") == "tel:01632960123"
