"""Contacts: how an organisation is reached: publishing ours, and reading that of anybody here.

Here: setting, taking away, and whether a contact may be shown now. Not here: writing to it (`enquiries`).
Spec: 05-documents (LF-CONTACT).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from localfed.app import policy
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.publishing import sign_and_store
from localfed.app.signing import Author, Change, put
from localfed.app.values import DocumentState
from localfed.protocol.canonical import Json, JsonObject
from localfed.protocol.contact import Contact
from localfed.protocol.document import CONTACT_PATH
from localfed.protocol.errors import BadDraft, UnknownDocument, WrongShape
from localfed.protocol.times import write_time


class NewContact(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be published of how an organisation is reached; texts are in `language`."""

    language: str
    email: str | None = None
    telephone: str | None = None
    url: str | None = None
    name: str | None = None
    hours: str | None = None
    available_language: tuple[str, ...] = ()


async def set_contact(ports: Ports, did: str, new: NewContact) -> Contact:
    """Publish how a hosted organisation is reached, in place of what it said before (LF-CONTACT-2).

    Raises:
        BadDraft: an address or a number that is none, or no way at all; nothing was changed.

    """
    jitter = ports.chance.fraction()

    def change(tx: Transaction, author: Author) -> tuple[Contact, list[Change]]:
        try:
            done = put(
                tx,
                author,
                path=CONTACT_PATH,
                members=_members(new),
                assured=author.now,
                jitter=jitter,
            )
        except WrongShape as error:
            raise BadDraft(error.message) from error
        return msgspec.json.decode(done.body or b"", type=Contact), [done]

    return await sign_and_store(ports, did, change)


async def remove_contact(ports: Ports, did: str) -> None:
    """Take back how a hosted organisation is reached; it may be published again.

    Raises:
        UnknownDocument: it publishes no contact.

    """

    def change(tx: Transaction, author: Author) -> tuple[None, list[Change]]:
        held = tx.document(author.did, CONTACT_PATH)
        if held is None:
            message = "that organisation publishes no contact"
            raise UnknownDocument(message)
        return None, [Change(path=CONTACT_PATH)]

    await sign_and_store(ports, did, change)


def contact_of(reads: Reads, did: str, now: datetime) -> Contact | None:
    """Return how an organisation is reached; None where it does not say, or what it said is over.

    Rules: LF-DOC-11, LF-READ-12.
    """
    document, publisher = reads.document(did, CONTACT_PATH), reads.publisher(did)
    if (
        document is None
        or document.body is None
        or document.state is not DocumentState.LIVE
        or not document.is_shown
        or document.expires <= write_time(now)
        or publisher is None
        or publisher.is_closed
        or not publisher.is_shown
        or not policy.still_counts(publisher, now)
    ):
        return None
    try:
        return msgspec.json.decode(document.body, type=Contact)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None  # one bad row breaks no page


def _members(new: NewContact) -> JsonObject:
    members: dict[str, Json | None] = {
        "type": "Contact",
        "language": new.language,
        "name": {new.language: new.name} if new.name else None,
        "email": new.email,
        "telephone": new.telephone,
        "url": new.url,
        "hours": {new.language: new.hours} if new.hours else None,
        "availableLanguage": list(new.available_language),
    }
    return {name: value for name, value in members.items() if value}
