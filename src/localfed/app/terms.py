"""Terms: a listing as words with weights, and as subjects of the lexicon.

Here: reading them from its name, keywords and description. Not here: comparing two listings (`comparing`), telling the
index (`describing`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

import msgspec

from localfed.app.clauses import split_clauses
from localfed.app.little_words import LITTLE_WORDS
from localfed.app.ports import Lexicon, Wording
from localfed.protocol.listing import Listing
from localfed.protocol.organisation import Organization

_NAME, _KEYWORD, _TEXT = 2.0, 1.5, 1.0
_IN_TEXT: Final = 0.7
"""What is only said beside the name is less sure to be what a listing is about."""

_CHARACTERS: Final = 1_000
"""What a listing says after so much is no more what it is about."""

_REMEMBERED: Final = 2_048
"""The same offers are compared with every need of a place."""

_Text = tuple[str, str, float, float]
"""Its language, itself, what its words weigh, and how sure they tell what a listing is about."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a listing, and what they are about."""

    weights: dict[str, float]
    """Stem to weight."""
    written: dict[str, str]
    """For each stem a word as it was written."""
    text: str
    """All of it as one text, to be read as sentences."""
    about: dict[str, float]
    """Subjects of the lexicon, broader ones too: 1 for what it says in its name, less for what it hints at."""

    @property
    def length(self) -> float:
        """How much the listing says."""
        return sum(self.weights.values())

    @property
    def wording(self) -> Wording:
        """How it says what it is about."""
        return Wording(
            words=[(stem, self.written[stem], weight) for stem, weight in self.weights.items()],
            subjects=self.about,
            text=self.text,
        )


def read_terms(listing: Listing | Organization, lexicon: Lexicon) -> Terms:
    """Read the words of a listing, or of an organisation. What it leaves out is no subject of it."""
    return _read(tuple(_texts_of(listing)), text_of(listing), lexicon)


def text_of(listing: Listing | Organization) -> str:
    """Write a listing as one text: in English, or else in the language that comes first."""
    name = _english(listing.name).rstrip(".")
    parts = (name, _english(listing.description or {}), ", ".join(listing.keywords))
    return ". ".join(one for one in parts if one)[:_CHARACTERS]


def _english(texts: Mapping[str, str]) -> str:
    first = next(iter(texts.values()), "")
    return next((text for language, text in texts.items() if language[:2] == "en"), first)


@lru_cache(maxsize=_REMEMBERED)
def _read(texts: tuple[_Text, ...], whole: str, lexicon: Lexicon) -> Terms:
    weights: dict[str, float] = {}
    written: dict[str, str] = {}
    found: dict[str, float] = {}
    for language, text, weight, sure in texts:
        words = lexicon.stems(text)
        for word, stem in words:
            if word not in LITTLE_WORDS:
                weights[stem] = max(weights.get(stem, 0.0), weight)
                written.setdefault(stem, word)
        said, left_out = split_clauses(text, language)
        if left_out:
            words = lexicon.stems(said)
        for code, hinted in lexicon.read(words).items():
            found[code] = max(found.get(code, 0.0), hinted * sure)
    return Terms(weights=weights, written=written, text=whole, about=lexicon.widen(found))


def _texts_of(listing: Listing | Organization) -> Iterator[_Text]:
    for language, name in listing.name.items():
        yield language, name, _NAME, 1.0
    for keyword in listing.keywords:
        yield "en", keyword, _KEYWORD, 1.0
    for language, text in (listing.description or {}).items():
        yield language, text, _TEXT, _IN_TEXT
