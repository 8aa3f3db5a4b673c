"""Spans: time cut into spans of several lengths, so that what is open at a minute is found as words are.

Here: a time of opening as the fewest spans that make it up, and the spans that a minute lies in. What is open
at a minute has exactly one of these. Not here: when something is open (`interop.recurrence`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_LENGTHS: Final = (1, 5, 15, 60, 240, 1_440, 10_080)
"""Minutes, each a part of the next: an hour on the hour is one span, nine to five are at most six."""


def name_spans(openings: Iterable[tuple[int, int]]) -> list[str]:
    """Name the spans of times of opening: first minute since 1970, and the one after the last."""
    found: dict[str, None] = {}
    for opens, closes in openings:
        at = opens
        while at < closes:
            level = 0
            while level + 1 < len(_LENGTHS):
                longer = _LENGTHS[level + 1]
                if at % longer or at + longer > closes:
                    break
                level += 1
            found[_name(level, at)] = None
            at += _LENGTHS[level]
    return list(found)


def name_moment(minute: int) -> list[str]:
    """Name every span that a minute lies in."""
    return [_name(level, minute) for level in range(len(_LENGTHS))]


def _name(level: int, minute: int) -> str:
    return f"{level}.{minute // _LENGTHS[level]}"
