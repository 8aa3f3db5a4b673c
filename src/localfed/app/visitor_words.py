"""Visitors' words: what somebody without a node wrote, made fit to be passed on.

Here: lengths, characters, the address for an answer. Not here: where it goes (`enquiries`).
"""

from __future__ import annotations

import unicodedata
from typing import Annotated, Final

import msgspec

from localfed.app.enquiry_port import EnquiryKind
from localfed.protocol.errors import BadEnquiry
from localfed.protocol.worded import Worded

TEXT_CHARACTERS: Final = 4_000
"""What a visitor writes: a page and a half."""

NAME_CHARACTERS: Final = 100

_KEPT_CONTROLS: Final = "\n\t"
# What turns the direction of what follows, and what nobody sees.
_NEVER: Final = frozenset(
    map(chr, (0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF))
)
# As browsers check it: wider than the address of a contact, for nothing is sent there but an answer. Without `=?`: that
# begins an encoded word, which readers of headers decode.
_ADDRESS: Final = (
    r"^(?=.{3,254}\Z)(?!.*=\?)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]\Z"
)
_Address = Annotated[str, msgspec.Meta(pattern=_ADDRESS)]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor wrote, as it came."""

    kind: EnquiryKind
    about: str
    """Id of a document."""
    text: str
    name: str = ""
    reply_to: str = ""


def cleaned(asked: Asked) -> Asked:
    """Make one form of what came, and refuse what is nothing or too much.

    Raises:
        BadEnquiry: by its message, which repeats nothing of what came.

    """
    text = plain(asked.text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    name = " ".join(plain(asked.name).split())
    reply_to = asked.reply_to.strip()
    if not text:
        message = "write what you want to say"
        raise BadEnquiry(message)
    if len(text) > TEXT_CHARACTERS:
        raise BadEnquiry(
            Worded(
                "that has {count} characters; {most} are passed on",
                count=f"{len(text):,}",
                most=f"{TEXT_CHARACTERS:,}",
            )
        )
    if len(name) > NAME_CHARACTERS:
        raise BadEnquiry(Worded("a name has at most {most} characters", most=NAME_CHARACTERS))
    if reply_to:
        try:
            msgspec.convert(reply_to, _Address)
        except msgspec.ValidationError as error:
            message = "that is no e-mail address; it looks like name@example.org"
            raise BadEnquiry(message) from error
    return msgspec.structs.replace(asked, text=text, name=name, reply_to=reply_to)


def plain(text: str) -> str:
    """Leave out what a screen would obey instead of showing it."""
    return "".join(
        one
        for one in text
        if one in _KEPT_CONTROLS
        or (unicodedata.category(one) not in {"Cc", "Cs"} and one not in _NEVER)
    )
