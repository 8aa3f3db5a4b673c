"""The values of pictures that cross the ports, and the store's port for them.

Here: what is known of a picture, and reading and writing that. Not here: everything else of the store
(`store_port`), when pictures are wanted (`pictures`).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import msgspec


class PictureState(StrEnum):
    """What is known of a picture that a document here names."""

    HELD = "held"
    """Ours: published here, or our own copy of another's."""
    WANTED = "wanted"
    """Asked for when its time has come."""
    REFUSED = "refused"
    """The bytes with that digest are no picture that can be shown: never asked for again."""


class StoredPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that documents of one publisher name, and what is shown of it."""

    did: str
    path: str
    """Where it lies under the publisher's BASE: `m/…`; it names the digest of the publisher's bytes."""
    state: PictureState
    bytes: int
    width: int
    height: int
    """As the document says that named it first."""
    copy: str | None = None
    """Name of what is shown, where it is held: its own digest and ending."""
    copy_width: int = 0
    copy_height: int = 0
    copy_bytes: int = 0
    tries: int = 0
    next_try: str | None = None
    problem: str | None = None
    """Code of why it is not held."""


class PictureReads(Protocol):
    """Reading what is known of pictures."""

    def picture(self, did: str, path: str) -> StoredPicture | None:
        """Return what is known of a picture of a publisher."""
        ...

    def pictures_of(self, did: str, document: str) -> list[StoredPicture]:
        """Return the pictures that a document (a path) names, in no order."""
        ...

    def picture_body(self, did: str, path: str) -> bytes | None:
        """Return the bytes that are held of a picture."""
        ...

    def shown_picture(self, copy: str) -> bytes | None:
        """Return the bytes of a copy by its name, if anybody who is shown has it."""
        ...

    def pictures_due(self, now: str, each: int) -> list[StoredPicture]:
        """Return pictures to ask for now: at most so many of each publisher, longest due first."""
        ...

    def picture_bytes(self, did: str) -> int:
        """Count the bytes that are held of a publisher's pictures."""
        ...


class PictureWrites(Protocol):
    """Writing what is known of pictures, within a transaction."""

    def put_picture(self, picture: StoredPicture, body: bytes | None = None) -> None:
        """Insert or replace what is known of a picture; a body is what is shown."""
        ...

    def use_pictures(self, did: str, document: str, paths: Sequence[str]) -> None:
        """Say which pictures a document names now, of those known; what nobody names any more is deleted."""
        ...

    def postpone_pictures(self, did: str, until: str, problem: str) -> None:
        """Ask for no picture of a publisher before a time."""
        ...
