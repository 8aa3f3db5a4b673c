"""Ports: what the use cases need of the world, as types; floor 3 provides it, the roof plugs it in.

Here: the protocols (typing) of fetch, keys, pictures, clock and chance, and all of them in one hand. Not
here: those of the index (`index_port`), the store (`store_port`) and of words (`word_port`), the values that cross them (`values`), any behaviour.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Protocol

import msgspec

from localfed.app.index_port import Index
from localfed.app.message_values import Posted
from localfed.app.store_port import Reads, Store, Transaction
from localfed.app.values import Answer, Discovery, PlaceSource, Spot
from localfed.app.word_port import (
    Lexicon,
    Likeness,
    Meaning,
    Reading,
    Shelf,
    Side,
    Wording,
)
from localfed.protocol.image import Named, Picture
from localfed.protocol.keys import SigningKey

__all__ = [
    "Chance",
    "Clock",
    "Discover",
    "Fetch",
    "Gazetteer",
    "Index",
    "Keys",
    "Lexicon",
    "Likeness",
    "Mail",
    "Meaning",
    "Pictures",
    "Ports",
    "Reading",
    "Reads",
    "Shelf",
    "Side",
    "Store",
    "Transaction",
    "Wording",
]


# --- gazetteer -------------------------------------------------------------------------------


class Gazetteer(Protocol):
    """Places offline: codes and names, each as a point. Asking costs microseconds and is not recorded."""

    def code(self, text: str) -> Spot | None:
        """Find a postcode in any spelling, or as much of one as is known."""
        ...

    def named(self, text: str) -> list[Spot]:
        """Find the places of a name, the most peopled first."""
        ...

    def beginning(self, text: str, limit: int) -> list[Spot]:
        """Suggest places whose code or name begins so."""
        ...

    def like(self, text: str, limit: int) -> list[Spot]:
        """Suggest places whose name is spelled nearly so."""
        ...

    def edition(self) -> str:
        """Name what is known here in one word: another where places were added or taken away."""
        ...

    def sources(self) -> list[PlaceSource]:
        """Say whence the places come, and what must be shown of that."""
        ...

    def damaged(self) -> tuple[str, ...]:
        """Name files of places that cannot be read."""
        ...


# --- net -------------------------------------------------------------------------------------


class Fetch(Protocol):
    """The one outgoing door."""

    async def get(
        self,
        url: str,
        *,
        limit_bytes: int,
        allow_loopback: bool,
        etag: str | None = None,
        fresh: bool = False,
        redirects: int = 0,
        may_be_missing: bool = False,
        may_be_cut: bool = False,
    ) -> Answer:
        """Fetch one file. `fresh` asks caches to look again.

        What is longer than `limit_bytes` is refused, or ends there where it `may_be_cut`.

        Raises:
            ForbiddenAddress: an address that this node never connects to.
            NoAnswer, TooSlow: no connection, or not in time.
            UnexpectedAnswer: another status, a redirect where none may be, or too large.

        """
        ...

    def lines(
        self, url: str, *, limit_bytes: int, allow_loopback: bool
    ) -> AsyncGenerator[list[bytes], None]:
        """Fetch a JSON Lines file as it comes, in batches of whole lines (without line feed).

        `limit_bytes` is that of one line. Raises what `get` raises.
        """
        ...

    async def post(self, url: str, body: bytes, *, allow_loopback: bool) -> Posted:
        """Post JSON Lines to an inbox; whatever status it answers is returned.

        Raises:
            ForbiddenAddress, NoAnswer, TooSlow, UnexpectedAnswer: as `get`.

        """
        ...


class Discover(Protocol):
    """Finding organisations at an address that the operator typed; never in the background."""

    async def discover(self, url: str, *, allow_loopback: bool) -> Discovery:
        """Look for organisations at a URL.

        Raises:
            BadUrl, LoopbackNotAllowed: what was typed is no address to follow.
            ForbiddenAddress: an address that this node never connects to.
            NoAnswer, TooSlow: the host does not answer.
            NotANode: nothing of LocalFed is there.

        """
        ...


class Mail(Protocol):
    """The operator's own mail server. Nobody else can say to whom it sends: mailboxes of organisations hosted here."""

    @property
    def sender(self) -> str:
        """The address that mail is from."""
        ...

    async def send(self, recipient: str, data: bytes) -> None:
        """Hand one mail over (RFC 5322); when it returns, the server has taken it.

        Raises:
            MailRefused: the server will never take it.
            MailNotYet: not this one now.
            MailNotTaken: nothing now.

        """
        ...


# --- the rest --------------------------------------------------------------------------------


class Keys(Protocol):
    """The keys that sign documents, on this machine's disk."""

    def signing_keys(self, did: str) -> tuple[SigningKey, ...]:
        """Return every key of a hosted organisation that is here, the newest last.

        Which of them signs is for its identity log to say.

        Raises:
            BadFile: the key file is missing, damaged or readable by others.

        """
        ...


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC; put right where others say that it is later here."""
        ...

    def machine(self) -> datetime:
        """Return what this machine's clock says, right or wrong."""
        ...


class Chance(Protocol):
    """Randomness."""

    def random_bytes(self, count: int) -> bytes:
        """Return unguessable bytes."""
        ...

    def fraction(self) -> float:
        """Return a number in [0, 1), for jitter."""
        ...


class Pictures(Protocol):
    """Decoding pictures and encoding them anew, with bounds on what that costs, off the event loop."""

    async def make(self, data: bytes) -> Picture:
        """Make the picture that is published from a file of the operator.

        Raises:
            BadPicture: it is none, or too large, broken, moving.

        """
        ...

    async def copy(self, data: bytes, named: Named) -> Picture:
        """Make our own copy of a stranger's picture, if it is the one that its document names.

        Raises:
            BadPicture: it is not, or cannot be decoded within the bounds.

        """
        ...


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a use case may need, in one hand."""

    store: Store
    index: Index
    fetch: Fetch
    discover: Discover
    keys: Keys
    pictures: Pictures
    clock: Clock
    chance: Chance
    gazetteer: Gazetteer
    lexicon: Lexicon
    meaning: Meaning | None = None
    """None: the extra is not installed."""
    reading: Reading | None = None
    """None: one of both extras is not installed."""
    mail: Mail | None = None
    """None: no mail server is set."""
