"""Subjects: what of the lexicon something is found for, beside its words.

Here: those of a record for the index, those worth looking for, those of a search. Not here: what words are about
(`interop.lexicon`), what common subjects are worth in matching (`fitting`).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import Final

import msgspec

from localfed.app.index_values import IndexQuery, Meant
from localfed.app.ports import Lexicon
from localfed.app.terms import read_terms
from localfed.protocol.listing import Listing
from localfed.protocol.organisation import Organization

SURE: Final = 0.5
"""How sure a record is about what it is found for: what its text says, or one step broader than its name."""

_TELLING: Final = 0.25
"""What a subject must tell to be looked for: what is too broad finds everything."""
_OF_SEARCH: Final = 3
_NAMED: Final = 3


def subjects_of(record: Listing | Organization, lexicon: Lexicon) -> tuple[str, ...]:
    """Give what a record is about, as sure as it must be to be found for it."""
    about = read_terms(record, lexicon).about
    return tuple(sorted(code for code, sure in about.items() if sure >= SURE))


def most_telling(about: Mapping[str, float], lexicon: Lexicon, most: int) -> tuple[str, ...]:
    """Choose the subjects that are worth looking for, the most telling first."""
    telling = {code: sure * lexicon.rarity(code) for code, sure in about.items() if sure >= SURE}
    worth = [code for code, tells in telling.items() if tells >= _TELLING]
    return tuple(sorted(worth, key=lambda code: (-telling[code], code))[:most])


def ask_with_subjects(query: IndexQuery, lexicon: Lexicon) -> IndexQuery:
    """Add to a search by words what these are about, and which of them are no misspelling."""
    if not query.words.strip():
        return query
    words = lexicon.stems(query.words)
    meant = (
        Meant(
            words=tuple(word for word, _ in said),
            subjects=most_telling(about, lexicon, _OF_SEARCH),
        )
        for said, about in lexicon.read_each(words)
    )
    return msgspec.structs.replace(
        query,
        meant=tuple(one for one in meant if one.subjects),
        known=tuple(dict.fromkeys(word for word, stem in words if lexicon.knows((word, stem)))),
    )


def name_subjects(query: IndexQuery) -> tuple[str, ...]:
    """Name what a search was widened by, the most telling of each part first: a few, for somebody to read."""
    ranks = zip_longest(*(one.subjects for one in query.meant))
    named = dict.fromkeys(code for rank in ranks for code in rank if code is not None)
    return tuple(named)[:_NAMED]
