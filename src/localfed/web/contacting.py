"""How a publisher is reached, as a reader sees it: texts chosen, links that open a mail or a call.

Here: values made for templates. Not here: whether it may be shown (`app.contacts`), writing to it (`enquiring`).
"""

from __future__ import annotations

import msgspec
from aiohttp import web

from localfed.app.contacts import contact_of
from localfed.protocol.contact import write_call_link, write_mail_link
from localfed.web.cards import Reader
from localfed.web.languages import Said
from localfed.web.node import NODE


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How a publisher is reached; empty strings for what it does not say."""

    name: Said | None
    email: str
    mail_href: str
    telephone: str
    call_href: str
    url: str
    hours: Said | None
    languages: str


def make_reach(request: web.Request, did: str, reader: Reader) -> Reach | None:
    """Say how a publisher is reached; None where it does not say so now (LF-CONTACT-4)."""
    held = contact_of(request.app[NODE].ports.store, did, reader.now)
    if held is None:
        return None
    return Reach(
        name=reader.choose(held.name, held.language) if held.name else None,
        email=held.email or "",
        mail_href=write_mail_link(held.email) if held.email else "",
        telephone=held.telephone or "",
        call_href=write_call_link(held.telephone) if held.telephone else "",
        url=held.url or "",
        hours=reader.choose(held.hours, held.language) if held.hours else None,
        languages=", ".join(held.available_language),
    )
