"""Ports: what the use cases need of the world, as types; floor 3 provides it, the roof plugs it in.

Here: the protocols (typing) of fetch, keys, pictures, clock and chance, and all of them in one hand. Not
here: those of the index (`index_port`) and the store (`store_port`), the values that cross them (`values`), any behaviour.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from localfed.app.index_port import Index
from localfed.app.message_values import Posted
from localfed.app.store_port import Reads, Store, Transaction
from localfed.app.values import Answer, Discovery, PlaceSource, Spot
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
]


# --- words -----------------------------------------------------------------------------------


class Lexicon(Protocol):
    """What words are about: subjects, each with a code, some broader than others."""

    def __hash__(self) -> int:
        """Tell one from another: what was read with it is remembered."""
        ...

    def stems(self, text: str) -> Sequence[tuple[str, str]]:
        """Give the words of a text, folded, each with its stem as the index has it."""
        ...

    def read(self, words: Sequence[tuple[str, str]]) -> dict[str, float]:
        """Say what a text is about, by its words and stems in order: codes with how sure that is, 0 to 1."""
        ...

    def read_each(
        self, words: Sequence[tuple[str, str]]
    ) -> Iterable[tuple[Sequence[tuple[str, str]], dict[str, float]]]:
        """Do the same label by label, in the order of the text: its words, and what they mean, which may have several codes."""
        ...

    def widen(self, found: Mapping[str, float]) -> dict[str, float]:
        """Add what is broader, with less of it."""
        ...

    def knows(self, word: tuple[str, str]) -> bool:
        """Whether a word, folded and with its stem, is one of its own or a part of one."""
        ...

    def rarity(self, code: str) -> float:
        """Say how much a subject tells: 1 for one that hardly anything is about, less for what much is."""
        ...

    def label(self, code: str, languages: Iterable[str] = ("en",)) -> str:
        """Name a subject in the first of some languages that has a name for it, else in English."""
        ...


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """How a text says what it is about."""

    words: Sequence[tuple[str, str, float]]
    """Each stem with a word as it is written and with its weight."""
    subjects: Mapping[str, float]
    """Subjects of the lexicon, with how sure they are."""
    text: str = ""
    """What it says, as one text; English where there is any."""


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """How alike a need and an offer are in meaning; each -1 to 1."""

    of_both: float
    of_need: float
    """How alike the need is to the nearest of many offers elsewhere: much for what much is like."""
    of_offer: float
    """How alike the offer is to the nearest of many needs elsewhere."""
    is_read: bool = False
    """Whether both were read as sentences: `of_both` means more then."""


class Meaning(Protocol):
    """How alike texts are beyond the words that they share; an extra."""

    def likenesses(
        self, needs: Sequence[Wording], offers: Sequence[Wording]
    ) -> list[list[Likeness]]:
        """Say of each need how alike each offer is to it."""
        ...


class Side(StrEnum):
    """As what a text is read."""

    NEED = "needed"
    OFFER = "offered"


class Shelf(Protocol):
    """Keeps what was made of texts, by a key. All of it is derived, and may be gone at any time."""

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Look up what is there of some keys.

        Raises:
            IndexBroken: it cannot be read.

        """
        ...

    def put(self, values: Mapping[bytes, bytes]) -> None:
        """Put values there, instead of what was.

        Raises:
            IndexBroken: it cannot be written.

        """
        ...

    def keep_only(self, keys: Iterable[bytes]) -> None:
        """Take away all but some.

        Raises:
            IndexBroken: it cannot be written.

        """
        ...


class Reading(Protocol):
    """Reads texts as sentences, once each; an extra. What it made of them, `Meaning` compares."""

    @property
    def is_sound(self) -> bool:
        """Whether it can read: the model is the one that is known."""
        ...

    def unread(self, texts: Iterable[tuple[Side, str]]) -> list[tuple[Side, str]]:
        """Say which of some texts were not read yet; each once.

        Raises:
            IndexBroken: what was read cannot be looked up.

        """
        ...

    def read(self, texts: Sequence[tuple[Side, str]]) -> None:
        """Read texts: 10 to 30 ms each.

        Raises:
            IndexBroken: it cannot be kept.

        """
        ...

    def forget_others(self, texts: Iterable[tuple[Side, str]]) -> None:
        """Forget what is none of some texts.

        Raises:
            IndexBroken: it cannot be written.

        """
        ...


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
    reading: Reading | None = None
    """None: the extra is not installed."""
    mail: Mail | None = None
    """None: no mail server is set."""
