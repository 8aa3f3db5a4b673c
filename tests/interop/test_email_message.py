"""Letters as e-mail: in plain text, with nobody's words among the headers."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP

import msgspec
import pytest

from localfed.interop.email_message import Letter, write_email
from localfed.protocol.errors import BadEnquiry

LETTER = Letter(
    sender="node@kitchen.example",
    sender_name="Kitchen node",
    recipient="office@kitchen.example",
    reply_to="o'neill@mail.example",
    subject="A visitor asks about: Veg box",
    text="Is there a box for one?\n",
    message_id="abc@kitchen.example",
    written=datetime(2026, 5, 1, 9, tzinfo=UTC),
)


def read(letter):
    data = write_email(letter)
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    return message_from_bytes(data, policy=SMTP)


def text_of(mail):
    return mail.get_content().replace("\r\n", "\n")


def changed(**changes):
    return msgspec.structs.replace(LETTER, **changes)


def test_a_letter_says_what_it_is():
    mail = read(LETTER)

    assert mail["From"] == "Kitchen node <node@kitchen.example>"
    assert (mail["To"], mail["Reply-To"]) == ("office@kitchen.example", "o'neill@mail.example")
    assert mail["Subject"] == "A visitor asks about: Veg box"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == "<abc@kitchen.example>"
    assert mail.get_content_type() == "text/plain"
    assert text_of(mail) == "Is there a box for one?\n"


def test_without_an_address_there_is_nowhere_to_answer():
    assert read(changed(reply_to=""))["Reply-To"] is None


@pytest.mark.parametrize(
    "text",
    [
        "Bocs llysiau £3 – ¿qué?\n",
        "x" * 4_000 + "\n",
        "\n.\n\nQUIT\n",
        "🥕" * 1_000 + "\n",
        "From me\n",
    ],
)
def test_any_text_comes_out_as_it_went_in(text):
    assert text_of(read(changed(text=text))) == text


@pytest.mark.parametrize("field", ["sender_name", "subject"])
@pytest.mark.parametrize(
    "evil",
    [
        "x\r\nBcc: victim@other.example",
        "x\nBcc: victim@other.example",
        "x\rBcc: victim@other.example",
        "x\x00\r\n\r\nbody",
        "x\u2028Bcc: victim@other.example",
        "x\x85Bcc: victim@other.example",
        '"<victim@other.example>, y',
        "=?utf-8?q?x=0D=0ABcc:_victim@other.example?=",
        "x" * 2_000,
    ],
)
def test_words_of_strangers_are_no_headers(field, evil):
    mail = read(changed(**{field: evil}))

    assert mail["Bcc"] is None
    assert mail["To"] == "office@kitchen.example"
    assert [one.addr_spec for one in mail["From"].addresses] == ["node@kitchen.example"]
    assert text_of(mail) == "Is there a box for one?\n"


@pytest.mark.parametrize("field", ["recipient", "reply_to", "sender", "message_id"])
def test_an_address_with_a_line_of_its_own_is_refused(field):
    with pytest.raises(BadEnquiry):
        write_email(changed(**{field: "a@b.example\r\nBcc: victim@other.example"}))
