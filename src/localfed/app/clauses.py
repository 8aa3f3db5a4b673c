"""Clauses: a text in what it says and what it leaves out, for "no washing machines" is not about washing machines.

Here: the words that leave something out, in English and Welsh, and how far they reach. Not here: what is made of it
(`ages`, `conditions`, `comparing`).
"""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = {
    "en": r"\b(?:not?|never|without|except|nor|cannot)\b|n['’]t\b",
    "cy": r"\b(?:dim|ddim|heb|nid|nac)\b",
}
_LEFT_OUT: Final = {
    language: re.compile(rf"(?:{words})[^.;:!?,()\n]*", re.IGNORECASE)
    for language, words in _WORDS.items()
}


def split_clauses(text: str, language: str = "en") -> tuple[str, str]:
    """Split a text into what it says and what it leaves out: after "no", "without" ... to the next comma or stop.

    Texts of other languages than English and Welsh leave nothing out.
    """
    words = _LEFT_OUT.get(language.split("-", maxsplit=1)[0])
    if words is None:
        return text, ""
    left_out: list[str] = []

    def take(found: re.Match[str]) -> str:
        left_out.append(found[0])
        return " . "

    return words.sub(take, text), " . ".join(left_out)
