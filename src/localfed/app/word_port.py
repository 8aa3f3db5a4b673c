"""The ports of words: what the use cases need to know of what texts are about, as types.

Here: subjects of the lexicon, likeness of meaning, reading as sentences. Not here: the other ports (`ports`), the words of the
index (`index_port`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

import msgspec


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

    def rest(self) -> None:
        """Let go of what is only needed to read, until there is something to read again: 70 MB."""
        ...

    def key(self, text: tuple[Side, str]) -> bytes:
        """Give the key of a text: 16 bytes."""
        ...

    def forget_others(self, keys: Iterable[bytes]) -> None:
        """Forget what has none of some keys.

        Raises:
            IndexBroken: it cannot be written.

        """
        ...
