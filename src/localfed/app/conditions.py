"""Conditions: what a listing says in passing that may stand against a match: what it leaves out, how many, on which days.

Here: reading them from its words, in English and Welsh. Not here: comparing two listings (`comparing`), ages (`ages`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import msgspec

from localfed.app.clauses import split_clauses
from localfed.app.ports import Lexicon

_SURE: Final = 1.0

_NUMBERS: Final = {
    word: number
    for number, words in {
        1: "one single un",
        2: "two double dau dwy",
        3: "three tri tair",
        4: "four pedwar pedair",
        5: "five pump",
        6: "six chwech",
        7: "seven saith",
        8: "eight wyth",
        9: "nine naw",
        10: "ten deg",
        11: "eleven",
        12: "twelve dozen deuddeg dwsin",
        15: "fifteen",
        16: "sixteen",
        18: "eighteen",
        20: "twenty ugain",
        30: "thirty",
        40: "forty",
        50: "fifty",
        60: "sixty",
        80: "eighty",
        100: "hundred cant",
    }.items()
    for word in words.split()
}
_DIGITS: Final = 5

_WEEKDAYS: Final = frozenset(range(5))
_WEEKEND: Final = frozenset({5, 6})
_DAYS: Final = re.compile(
    r"\b(?:(?P<d0>mondays?|llun)|(?P<d1>tuesdays?|dydd mawrth)|(?P<d2>wednesdays?|dydd mercher)"
    r"|(?P<d3>thursdays?|dydd iau)|(?P<d4>fridays?|gwener)|(?P<d5>saturdays?|sadwrn)"
    r"|(?P<d6>sundays?|dydd sul)|(?P<week>weekdays?)|(?P<end>weekends?|penwythnos))\b",
    re.IGNORECASE,
)
_TEACHES: Final = re.compile(
    r"\b(?:lessons?|class(?:es)?|courses?|workshops?|teach\w*|learn\w*|tuition|tutor\w*|training|beginners?"
    r"|certificate|gwersi?|cwrs|cyrsiau|dysgu|hyfforddi\w*|dosbarth(?:iadau)?)\b",
    re.IGNORECASE,
)


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """What a listing says in passing."""

    left_out: frozenset[str]
    """Subjects of the lexicon that it says it is not about."""
    numbers: dict[str, tuple[int, ...]]
    """How many of something it speaks of, by the stem of the thing: "four bedrooms"."""
    days: frozenset[int]
    """The days of the week that it names, 0 for Monday; empty where it names none."""
    teaches: bool
    """Whether somebody is to learn something."""


def read_conditions(
    texts: Iterable[tuple[str, str]], about: Iterable[str], lexicon: Lexicon
) -> Conditions:
    """Read them from the texts of a listing, each after its language, that is about some subjects of the lexicon."""
    left_out: set[str] = set()
    numbers: dict[str, tuple[int, ...]] = {}
    days: set[int] = set()
    teaches = False
    for language, text in texts:
        for stem, found in _read_numbers(lexicon.stems(text)).items():
            numbers[stem] = numbers.get(stem, ()) + found
        days |= _read_days(text)
        teaches = teaches or _TEACHES.search(text) is not None
        _, without = split_clauses(text, language)
        if without:
            words = lexicon.read(lexicon.stems(without))
            left_out |= {code for code, sure in words.items() if sure == _SURE}
    return Conditions(
        left_out=frozenset(left_out.difference(about)),
        numbers=numbers,
        days=frozenset(days),
        teaches=teaches,
    )


def _read_numbers(words: Sequence[tuple[str, str]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for (word, _), (next_word, stem) in pairwise(words):
        number = _number_of(word)
        if number is not None and _number_of(next_word) is None:
            found[stem] = (*found.get(stem, ()), number)
    return found


def _number_of(word: str) -> int | None:
    if word.isdecimal():
        return int(word) if len(word) <= _DIGITS else None
    return _NUMBERS.get(word)


def _read_days(text: str) -> set[int]:
    found: set[int] = set()
    for match in _DAYS.finditer(text):
        name = str(match.lastgroup)
        found |= {"week": _WEEKDAYS, "end": _WEEKEND}.get(name) or {int(name[1])}
    return found
