"""Spelling: what somebody meant who wrote a word that hardly anything has.

Here: the words that occur, by their first letter, and the nearest to one that does not. Not here: words as
terms (`words`). A word that documents have is never replaced, so whoever writes well finds what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from tantivy import Query, Searcher

from localfed.index import fields
from localfed.index.asking import Asking
from localfed.index.words import Analysis, Word

_SHORTEST: Final = 4
_LONG: Final = 8
_LONGEST: Final = 32
_HALF_TYPED: Final = 3
_CORRECTED: Final = 4  # words of one search: each takes a look at thousands
_RARE: Final = 2
_TIMES: Final = 100
_TRIED: Final = 5

Known = list[tuple[str, int, int]]
"""Words, the letters that each has (a bit each), and how many documents have it."""


class Spelling:
    """The words of one commit."""

    def __init__(self, searcher: Searcher, asking: Asking) -> None:
        self._searcher = searcher
        self._asking = asking
        self._known: dict[str, Known] = {}

    def correct(
        self,
        words: tuple[Word, ...],
        analysis: Analysis,
        is_shown: Callable[[Query], bool],
        known: Collection[str] = (),
    ) -> tuple[tuple[Word, ...], dict[str, str]]:
        """Replace words that nothing has; returns the words to look for, and what became of which.

        Where few documents have a word that is nearly one of hundreds, both are looked for.

        Args: `is_shown`, whether anything that is shown matches a query; `known`, what is no misspelling even so.
        """
        asked: list[Word] = []
        became: dict[str, str] = {}
        for word in words:
            plain, english = word.parts[0]
            held = self._held(english)
            meant = None
            may_be_wrong = held <= _RARE and plain not in known
            if len(word.parts) == 1 and len(became) < _CORRECTED and may_be_wrong:
                meant = self._meant(plain, max(1, held * _TIMES), is_shown)
            found = analysis.read_words(meant) if meant is not None else ()
            if meant is None or not found:
                asked.append(word)
                continue
            became[plain] = meant
            term = found[0].parts[0]
            asked.append(Word(word.parts, term) if held else Word((term,)))
        return tuple(asked), became

    def _held(self, english: str) -> int:
        searcher = self._searcher
        return max(
            searcher.doc_freq(fields.TEXT, english),
            searcher.doc_freq(fields.TITLE_ENGLISH, english),
        )

    def _meant(self, word: str, least: int, is_shown: Callable[[Query], bool]) -> str | None:
        if len(word) > _LONGEST or not word.isalpha():
            return None
        near: Known = []
        for distance in (1, 2) if len(word) >= _LONG else (1,):
            if len(word) < _SHORTEST:
                break
            near = self._near(word, distance)
            if near:
                break
        begun: Known = []
        if len(word) >= _HALF_TYPED and least == 1 and (not near or distance > 1):
            begun = [
                (term, 0, count)
                for term, count in self._searcher.terms_with_prefix(
                    fields.WORDS, word, limit=_TRIED
                )
            ]
        for term, _, count in (begun or near)[:_TRIED]:
            # The words of what was taken away stay in the library's lists for a while.
            if count >= least and is_shown(self._asking.term(fields.WORDS, term)):
                return term
        return None

    def _near(self, word: str, distance: int) -> Known:
        """Find the words so many letters away, what most documents have first."""
        about = self._asking.about(word, distance)
        if not self._searcher.search(about, 1, count=False).hits:
            return []
        letters = _letters(word)
        # The first letter is right, or missing, or changed places with the second.
        firsts = dict.fromkeys((word[0], word[1]))
        found = [
            known
            for first in firsts
            for known in self._beginning(first)
            if abs(len(known[0]) - len(word)) <= distance
            and (known[1] ^ letters).bit_count() <= 2 * distance
            and known[0].isalpha()
            and 0 < edits(word, known[0]) <= distance
        ]
        return sorted(found, key=lambda known: (-known[2], known[0]))

    def _beginning(self, letter: str) -> Known:
        known = self._known.get(letter)
        if known is None:
            known = [
                (term, _letters(term), count)
                for term, count in self._searcher.terms_with_prefix(fields.WORDS, letter)
            ]
            self._known[letter] = known
        return known


def edits(one: str, other: str) -> int:
    """Count the letters to put in, take out, replace, or exchange with the next (restricted)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        last, before, row = before, row, [at]
        for column, there in enumerate(other, 1):
            cost = min(
                before[column] + 1, row[column - 1] + 1, before[column - 1] + (letter != there)
            )
            if at > 1 and column > 1 and letter == other[column - 2] and one[at - 2] == there:
                cost = min(cost, last[column - 2] + 1)
            row.append(cost)
    return row[-1]


def _letters(word: str) -> int:
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 63)
    return bits
