"""Enquiries as they cross the ports: what a visitor wrote, and what the use cases need of the disk for it.

Here: values and the store's port for them. Not here: taking and answering (`enquiries`), mailing (`mailing`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import msgspec


class EnquiryKind(StrEnum):
    """What a visitor wants."""

    QUESTION = "question"
    CORRECTION = "correction"
    """This is wrong; or: take us off."""


class EnquiryState(StrEnum):
    """Where what a visitor wrote is now."""

    MAIL = "mail"
    """It waits to be mailed."""
    TRAY = "tray"
    """It waits for the operator."""
    MESSAGE = "message"
    """It went to the node of its publisher; empty once it is there, and then only counted."""
    LINK = "link"
    """It was mailed; nothing but the one-time link in the mail is kept."""


class StoredEnquiry(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor wrote. All of it goes once it has arrived."""

    number: int = 0
    received: str
    kind: EnquiryKind
    recipient: str
    """DID of the publisher of what it is about."""
    about: str
    """Id of a document."""
    state: EnquiryState
    name: str
    reply_to: str
    """E-mail address of the visitor; empty where none was given."""
    text: str
    problem: str | None = None
    failures: int = 0
    next_try: str
    expires: str
    link: str | None = None
    """Digest of the secret in the one-time link; the secret itself is in the mail alone."""
    message: str | None = None
    """Digest of the message that it became, or by which it was passed on to an organisation hosted here."""


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """The node that visitors write at."""

    name: str
    url: str
    """Scheme and host, without a slash at the end."""
    language: str
    sends_messages: bool = True
    """Whether it passes on what visitors ask to the nodes of others."""


class EnquiryReads(Protocol):
    """Reading enquiries."""

    def enquiries(self) -> list[StoredEnquiry]:
        """Return all of them, oldest first."""
        ...

    def enquiry(self, number: int) -> StoredEnquiry | None:
        """Return one."""
        ...

    def enquiry_with_link(self, link: str) -> StoredEnquiry | None:
        """Return the one whose one-time link has this digest."""
        ...

    def questions_waiting(self, recipient: str) -> int:
        """Count the unopened messages to an organisation that ask something and wait nowhere but in its inbox."""
        ...


class EnquiryWrites(Protocol):
    """Writing enquiries."""

    def add_enquiry(self, enquiry: StoredEnquiry) -> int:
        """Insert one; returns its number."""
        ...

    def update_enquiry(self, enquiry: StoredEnquiry) -> None:
        """Note what became of one."""
        ...

    def delete_enquiry(self, number: int) -> bool:
        """Delete one, overwritten on the disk; says whether there was one."""
        ...

    def delete_enquiries_over(self, now: str) -> int:
        """Delete those whose time is over; returns how many."""
        ...
