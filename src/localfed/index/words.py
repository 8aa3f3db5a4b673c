"""Words: people's text as the terms of the index, for documents and for searches alike.

Here: folding, analysis, and a stranger's search as a few checked words. Not here: queries (`asking`).
The query parser of the library is never used: brackets by the thousand end the process in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

import msgspec
import tantivy

from localfed.protocol import limits

PLAIN: Final = "plain"
ENGLISH: Final = "english"
SPACED: Final = "spaced"

_TERM_BYTES: Final = 64  # longer ones are no words; Welsh place names fit
_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_GENITIVE: Final = re.compile(r"['’]s\b")
_HYPHENATED: Final = re.compile(r"\w+(?:[-‐‑]\w+)+")
_WORD: Final = re.compile(r"\w+")
_HYPHENS: Final = re.compile("[-‐‑]")

# Words that say nothing of what is looked for; left out only where others remain. Short on purpose:
# dropping a word too many only finds more.
_LITTLE: Final = frozenset(
    re.findall(
        r"\w+",
        """
        a an and at by for from in me my near of on or our the to with your
        ac y yr  das der die im und von zu  des du et la le les  el las los  в за и на  η και ο το
        """,
    )
)


class Word(msgspec.Struct, frozen=True):
    """One word of a search: what a document must hold for it."""

    parts: tuple[tuple[str, str], ...]
    """Terms, each plain and stemmed, that belong together: two for "co-operative"."""
    joined: tuple[str, str] | None = None
    """The same written as one: "cooperative"."""


def fold(text: str) -> str:
    """Make what people type alike: case and accents of any script, hyphens, genitives."""
    if not text.isascii():
        text = text.encode("utf-8", "ignore").decode()  # an argument may hold half a character
        text = unicodedata.normalize("NFKD", text)
        text = unicodedata.normalize("NFC", _ACCENTS.sub("", text)).casefold()
    if "'" in text or "’" in text:
        text = _GENITIVE.sub("s", text)
    return text


def fold_document(text: str) -> str:
    """Fold a document's text; a hyphenated word is found in two and in one."""
    text = fold(text)
    if "-" in text or "‐" in text or "‑" in text:
        joined = [_HYPHENS.sub("", word) for word in _HYPHENATED.findall(text)]
        text = f"{text} {' '.join(joined)}"
    return text


def respell(text: str, became: Mapping[str, str]) -> str:
    """Write a search with some words replaced; keys are folded."""
    return _WORD.sub(lambda found: became.get(fold(found[0]).lower(), found[0]), text)


class Analysis:
    """The analysers, the same for what is indexed and for what is searched."""

    def __init__(self) -> None:
        self._plain = _analyser()
        self._english = _analyser(tantivy.Filter.stemmer("english"))
        self._spaced = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()

    def register(self, index: tantivy.Index) -> None:
        """Tell an index of them: it keeps their names, not themselves."""
        index.register_tokenizer(PLAIN, self._plain)
        index.register_tokenizer(ENGLISH, self._english)
        index.register_tokenizer(SPACED, self._spaced)

    def read_words(self, text: str) -> tuple[Word, ...]:
        """Read a stranger's search: at most 1,000 characters and 32 words of it (LF limits)."""
        words: dict[Word, None] = {}
        little: dict[Word, None] = {}
        room = limits.QUERY_WORDS
        for piece in fold(text[: limits.QUERY_CHARACTERS]).split():
            for word in self._words_of(piece):
                if word in words or word in little:
                    continue
                room -= len(word.parts)
                if room < 0:
                    return tuple(words or little)
                (little if self.say_little((word,)) else words)[word] = None
        return tuple(words or little)

    @staticmethod
    def say_little(words: tuple[Word, ...]) -> bool:
        """Whether words say nothing of what is looked for: "near me"."""
        return all(len(word.parts) == 1 and word.parts[0][0] in _LITTLE for word in words)

    def read_stems(self, text: str) -> list[tuple[str, str]]:
        """Give every word of a text, folded, with its stem."""
        return list(self._terms(fold(text)))

    def _words_of(self, piece: str) -> list[Word]:
        found = []
        at = 0
        for match in _HYPHENATED.finditer(piece):
            found += [Word((term,)) for term in self._terms(piece[at : match.start()])]
            joined = self._terms(_HYPHENS.sub("", match.group()))
            parts = self._terms(match.group())
            if parts:
                found.append(Word(parts, joined[0] if joined else None))
            at = match.end()
        return found + [Word((term,)) for term in self._terms(piece[at:])]

    def _terms(self, text: str) -> tuple[tuple[str, str], ...]:
        return tuple(zip(self._plain.analyze(text), self._english.analyze(text), strict=True))


def _analyser(*more: tantivy.Filter) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for one in (
        tantivy.Filter.remove_long(_TERM_BYTES),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
        *more,
    ):
        builder = builder.filter(one)
    return builder.build()
