"""The lexicon: what people's words are about, so that "a widow who can't get over it" meets "bereavement café".

Here: reading the tables in the folder of the same name, finding in a text what it speaks of, what is broader, how
much a subject tells. Not here: the vocabulary that documents use (`vocabulary`), what a common subject is worth (`app.fitting`).

A line of a table: a code, its facet, the codes of what is broader, words in English, words in Welsh; with tabs between
them, and commas within. A word after `~` is only a hint: it often means something else as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property, lru_cache
from importlib import resources
from typing import Final

import msgspec

_USUAL: Final = "usual.tsv"
_TABLES: Final = ("goods", "places", "life", "work")
_HINT: Final = 0.4
_NARROWER: Final = 0.5
"""What a step up to something broader leaves of what is said."""
_STEPS: Final = 3
_LEAST_STEM: Final = 3
_REMEMBERED: Final = 65_536
_JUST_READ: Final = 64

Stems = Callable[[str], Sequence[tuple[str, str]]]
"""Gives (word, stem) of a text, as the index does."""


class Facet(StrEnum):
    """Of what kind a subject is."""

    THING = "thing"
    PLACE = "place"
    ACT = "act"
    WHO = "who"
    MATTER = "matter"


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a text can be about."""

    code: str
    facet: Facet
    broader: tuple[str, ...]
    words: dict[str, tuple[str, ...]]
    """What people call it, by language; what is only a hint begins with `~`."""


def read_tables() -> Iterator[Subject]:
    """Read all subjects, table after table."""
    folder = resources.files("localfed.interop") / "lexicon"
    for name in _TABLES:
        for line in (folder / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                code, facet, broader, english, *welsh = line.split("\t")
                yield Subject(
                    code=code,
                    facet=Facet(facet),
                    broader=_split(broader),
                    words={"en": _split(english), "cy": _split(welsh[0] if welsh else "")},
                )


def _key(word: tuple[str, str]) -> str:
    """Give a word's stem, or itself where too little is left: "coed" and "aed" are neither "co" nor "a"."""
    written, stem = word
    return stem if len(stem) >= _LEAST_STEM else written


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in map(str.strip, text.split(",")) if part)


class _Branch(msgspec.Struct):
    """What may follow some stems, and what is meant where nothing does."""

    more: dict[str, _Branch] = {}
    ends: list[tuple[str, float]] = []


class Lexicon:
    """The subjects, found by the stems of their words. The tables are read at the first question."""

    def __init__(self, stems: Stems) -> None:
        # The words of a listing are asked for several times, one after the other.
        self.stems: Stems = lru_cache(maxsize=_JUST_READ)(stems)
        self._above = lru_cache(maxsize=_REMEMBERED)(self._read_above)

    @cached_property
    def subjects(self) -> dict[str, Subject]:
        """All of them by code."""
        return {one.code: one for one in read_tables()}

    @cached_property
    def _tree(self) -> _Branch:
        """Grow the tree of all words: a branch for each stem that may follow."""
        tree = _Branch()
        for subject in self.subjects.values():
            for words in subject.words.values():
                for word in words:
                    branch = tree
                    for stem in map(_key, self.stems(word.removeprefix("~"))):
                        branch = branch.more.setdefault(stem, _Branch())
                    weight = _HINT if word.startswith("~") else 1.0
                    branch.ends.append((subject.code, weight))
        tree.ends.clear()
        return tree

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset(
            _key(word)
            for subject in self.subjects.values()
            for labels in subject.words.values()
            for label in labels
            for word in self.stems(label.removeprefix("~"))
        )

    def knows(self, word: tuple[str, str]) -> bool:
        """Whether a word, folded and with its stem, is one of its own or a part of one."""
        return _key(word) in self._keys

    def read(self, words: Sequence[tuple[str, str]]) -> dict[str, float]:
        """Say what a text is about, by its words and stems in order: codes, each with 1, or less where it is only hinted at."""
        found: dict[str, float] = {}
        for _, each in self.read_each(words):
            for code, weight in each.items():
                if weight > found.get(code, 0.0):
                    found[code] = weight
        return found

    def read_each(
        self, words: Sequence[tuple[str, str]]
    ) -> Iterator[tuple[Sequence[tuple[str, str]], dict[str, float]]]:
        """Do the same label by label, in the order of the text: its words, and what they mean, which may have several codes.

        The longest words win: a washing machine is no machine.
        """
        stems, tree, at = list(map(_key, words)), self._tree, 0
        while at < len(stems):
            branch, ends, end = tree.more.get(stems[at]), None, at + 1
            ahead = at + 1
            while branch is not None:
                if branch.ends:
                    ends, end = branch.ends, ahead
                branch = branch.more.get(stems[ahead]) if ahead < len(stems) else None
                ahead += 1
            if ends:
                yield words[at:end], dict(ends)
            at = end

    def label(self, code: str, languages: Iterable[str] = ("en",)) -> str:
        """Name a subject in the first of some languages that has a name for it, else in English."""
        for language in (*languages, "en"):
            for word in self.subjects[code].words.get(language.split("-")[0], ()):
                if not word.startswith("~"):
                    return word
        return code.replace("-", " ")

    def labels(self, code: str) -> Iterator[tuple[list[str], float]]:
        """Give what a subject is called: each label as words, and how sure it is."""
        for labels in self.subjects[code].words.values():
            for label in labels:
                words = [word for word, _ in self.stems(label.removeprefix("~"))]
                if words:
                    yield words, _HINT if label.startswith("~") else 1.0

    def widen(self, found: Mapping[str, float]) -> dict[str, float]:
        """Add what is broader: half as much of it for each step up."""
        wide: dict[str, float] = {}
        for code, sure in found.items():
            for broader, left in self._above(code):
                wide[broader] = max(wide.get(broader, 0.0), sure * left)
        return wide

    def _read_above(self, code: str) -> tuple[tuple[str, float], ...]:
        found = {code: 1.0}
        edge = [code]
        for step in range(1, _STEPS + 1):
            edge = [
                broader
                for one in edge
                for broader in self.subjects[one].broader
                if broader not in found
            ]
            found |= dict.fromkeys(edge, _NARROWER**step)
        return tuple(found.items())

    def rarity(self, code: str) -> float:
        """Say how much a subject tells: 1 for one that hardly anything is about, less for what much is."""
        return self._rarities.get(code, 1.0)

    @cached_property
    def _rarities(self) -> dict[str, float]:
        """Read how usual subjects are: the first line says of how many texts, each other a code and how many of them."""
        table = (resources.files("localfed.interop") / "lexicon" / _USUAL).read_text("utf-8")
        first, *lines = table.splitlines()
        texts = int(first)
        most = math.log(1 + texts / 2)
        rows = (line.split("\t") for line in lines)
        return {code: min(1.0, math.log(1 + texts / (1 + int(of))) / most) for code, of in rows}
