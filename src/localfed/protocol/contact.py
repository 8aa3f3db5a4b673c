"""The contact: how to reach an organisation, in a document of its own that lives shortest.

Here: the form of it, and links that open nothing but a mail or a call. Not here: sending (`net.mail`).
Spec: 05-documents (LF-CONTACT). It names a role, never a person: whoever has the role reads what comes.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from localfed.protocol import limits
from localfed.protocol.document import CONTACT_PATH, Document
from localfed.protocol.errors import WrongPath, WrongShape
from localfed.protocol.forms import Language, NameMap, TextMap, Url

# A subset of RFC 5321 that needs no quoting anywhere: not in a header, not in a `mailto:` link, and without
# the `%` and `!` by which old servers pass mail on to somebody else.
_EMAIL = (
    r"^(?=[^@]{1,64}@)[A-Za-z0-9_][A-Za-z0-9_+-]*(\.[A-Za-z0-9_+-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])\Z"
)
_TELEPHONE = r"^\+?[0-9(][0-9 ().-]{1,28}[0-9]\Z"

Email = Annotated[str, Meta(max_length=254, pattern=_EMAIL)]
"""An e-mail address of ASCII that is written the same in headers and links."""

Telephone = Annotated[str, Meta(max_length=32, pattern=_TELEPHONE)]
"""A telephone number as people write it."""


class Contact(Document, frozen=True, kw_only=True):
    """How to reach the issuer."""

    lifetime_days: ClassVar[int] = limits.CONTACT_DAYS

    type: Literal["Contact"]
    name: NameMap | None = None
    """Of the role, such as "Office"."""
    email: Email | None = None
    telephone: Telephone | None = None
    url: Url | None = None
    """A page by which it is reached."""
    hours: TextMap | None = None
    """When somebody answers, in words."""
    available_language: Annotated[tuple[Language, ...], Meta(max_length=limits.PLACES)] = ()


def check_contact(contact: Contact, path: str) -> None:
    """Check what the form cannot say (LF-CONTACT-1, LF-CONTACT-2).

    Raises:
        WrongPath: not at `contact.json`.
        WrongShape: it says no way to reach anybody.

    """
    if path != CONTACT_PATH:
        message = "a contact lies at contact.json"
        raise WrongPath(message)
    if contact.email is None and contact.telephone is None and contact.url is None:
        message = "a contact has an e-mail address, a telephone number or a URL"
        raise WrongShape(message)


def write_mail_link(email: str) -> str:
    """Write the link that opens a mail to this address, and nothing more: the form has no `?`, `&` or `%`."""
    return f"mailto:{email}"


def write_call_link(telephone: str) -> str:
    """Write the link that calls a number; the `(0)` that is dialled only at home is left out (RFC 3966)."""
    plain = telephone.replace("(0)", "") if telephone.startswith("+") else telephone
    return "tel:" + "".join(one for one in plain if one in "+0123456789")
