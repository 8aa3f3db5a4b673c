"""Postcodes of the United Kingdom, in any spelling: which codes somebody may have meant, best first.

Here: the grammar. Not here: where they are (`gazetteer`). A code is written here as a key, without spaces: the
outward part in four characters, then the sector's digit, then the two letters of the unit.
Source: the shapes of postcodes as in BS 7666 (A9, A99, A9A, AA9, AA99, AA9A and 9AA).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

OUTWARD: Final = 4
"""Characters of the outward part in a key."""

SECTOR: Final = 5
"""Characters of a sector's key."""

_TYPED: Final = 12
_NOT_CODE: Final = re.compile(r"[^A-Z0-9]+")
_OUTWARD_FORM: Final = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?")
_LETTERS: Final = str.maketrans("015", "OIS")
_DIGITS: Final = str.maketrans("OILS", "0115")
_INWARD: Final = 3


def read_codes(text: str) -> Iterator[str]:
    """Yield keys that a text may mean: units, then outward codes, then sectors; none where it is no postcode.

    Spaces, case and dots do not matter; zero and the letter O, one and I are told apart by their place.
    """
    parts = [part for part in _NOT_CODE.split(text.upper()) if part]
    whole = "".join(parts)
    if not 1 < len(whole) <= _TYPED or whole.isdigit():
        return
    if len(parts) == 2 and len(parts[1]) == 1:  # noqa: PLR2004 - written apart: a sector
        yield from _with_inward(parts[0], parts[1])
        return
    if len(whole) > _INWARD + 1:
        yield from _with_inward(whole[:-_INWARD], whole[-_INWARD:])
    yield from (outward.ljust(OUTWARD) for outward in _outwards(whole))
    if len(parts) == 1 and len(whole) > 2:  # noqa: PLR2004 - "EH11" may be sector 1 of EH1
        yield from _with_inward(whole[:-1], whole[-1])
    if len(whole) > _INWARD + 1:
        # One letter of the unit is still to come, or there is one too many.
        yield from _with_inward(whole[:-2], whole[-2:-1])


def write_code(key: str) -> str:
    """Write a key as people do: `EH1 1AD`, `EH1 1`, `EH1`."""
    outward, inward = key[:OUTWARD].strip(), key[OUTWARD:]
    return f"{outward} {inward}" if inward else outward


def _with_inward(outward: str, inward: str) -> Iterator[str]:
    digit = inward[:1].translate(_DIGITS)
    letters = inward[1:].translate(_LETTERS)
    if not digit.isdigit() or not (letters == "" or letters.isalpha()):
        return
    for one in _outwards(outward):
        yield one.ljust(OUTWARD) + digit + letters


def _outwards(text: str) -> Iterator[str]:
    """Yield outward codes that a text may mean, as it is written first."""
    if not 1 < len(text) <= OUTWARD:
        return
    seen = set()
    for letters in (2, 1):
        area, rest = text[:letters].translate(_LETTERS), text[letters:]
        for one in (
            text,
            area + rest.translate(_DIGITS),
            area + rest[:1].translate(_DIGITS) + rest[1:],
        ):
            if one not in seen and _OUTWARD_FORM.fullmatch(one):
                seen.add(one)
                yield one
