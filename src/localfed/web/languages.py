"""Languages: what a reader asked for, which language of a text they get, distances and dates in words.

Here: Accept-Language, choosing from a language map, words for distances and days.
Not here: where the words stand (`templates/`).
Source: RFC 9110 12.5.4 (Accept-Language), RFC 4647 3.4 (lookup).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from localfed.protocol.times import read_time

_RANGE: Final = re.compile(
    r"\s*(?P<tag>[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4}|\*)"
    r"\s*(?:;\s*q\s*=\s*(?P<q>[01](?:\.[0-9]{0,3})?)\s*)?"
)
_HEADER_CHARACTERS: Final = 500
_RANGES: Final = 20

# Where road signs show miles; the plain language is left with kilometres, as most of the world.
_MILES: Final = frozenset({"en-gb", "en-us", "en-lr", "cy", "cy-gb", "gd", "gd-gb", "kw", "gv"})
_KM_PER_MILE: Final = 1.609344
_NEAR_KM: Final = 0.1
_EXACT_BELOW: Final = 9.95

_RIGHT_TO_LEFT: Final = frozenset(
    {"ar", "arc", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"}
)
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


class Said(msgspec.Struct, frozen=True):
    """A text in the language that was chosen."""

    text: str
    lang: str

    @property
    def tag(self) -> str:
        """Value of the `lang` attribute; empty says "unknown" (HTML), which `und` would not."""
        return "" if self.lang == "und" else self.lang

    @property
    def dir(self) -> str:
        """Direction of writing, for the `dir` attribute."""
        language = self.lang.partition("-")[0]
        if language == "und":
            return "auto"
        return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def read_languages(header: str) -> tuple[str, ...]:
    """Read an Accept-Language header: tags in lower case, best first; nonsense is passed over."""
    found: list[tuple[float, str]] = []
    for part in header[:_HEADER_CHARACTERS].split(",")[:_RANGES]:
        match = _RANGE.fullmatch(part)
        if match is None or match["tag"] == "*":
            continue
        weight = float(match["q"] or 1)
        if weight > 0:
            found.append((-weight, match["tag"].lower()))
    found.sort(key=lambda one: one[0])  # stable: what came first stays first
    return tuple(tag for _, tag in found)


def choose(texts: Mapping[str, str], wanted: tuple[str, ...], original: str | None) -> Said:
    """Choose from a language map: what the reader asked for, else the original, else the first."""
    for tag in wanted:
        part = tag
        while part:  # en-GB-oxendict, en-GB, en
            for lang, text in texts.items():
                low = lang.lower()
                if low == part or low.startswith(part + "-"):
                    return Said(text, lang)
            part = part.rpartition("-")[0]
    lang = original if original is not None and original in texts else next(iter(texts))
    return Said(texts[lang], lang)


def uses_miles(wanted: tuple[str, ...]) -> bool:
    """Whether a reader is used to miles."""
    return bool(wanted) and wanted[0] in _MILES


def say_distance(km: float, *, miles: bool) -> str:
    """Say a distance in words: `under 100 m`, `0.4 miles`, `12 km`."""
    if km < _NEAR_KM:
        return "under 100 yards" if miles else "under 100 m"
    number = km / _KM_PER_MILE if miles else km
    shown = f"{number:.1f}" if number < _EXACT_BELOW else f"{number:,.0f}"
    if miles:
        return f"{shown} mile" if shown == "1.0" else f"{shown} miles"
    return f"{shown} km"


def say_day(time: str) -> str:
    """Say the day of a time of the wire: `12 October 2026`."""
    moment = read_time(time)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def say_date(day: str) -> str:
    """Say a day of the wire, `2026-10-12`: `12 October 2026`."""
    return f"{int(day[8:])} {say_month(day)}"


def say_month(month: str) -> str:
    """Say a month, `2026-10` or a day in it: `October 2026`."""
    return f"{_MONTHS[int(month[5:7]) - 1]} {month[:4]}"
