"""Settling: which words must be there, before anything else narrows a search.

Here: all words; where fewer than three documents have these, what is about the same, too; then at least half of the words,
then any. Not here: queries (`asking`), what is done with what matches (`snapshot`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from tantivy import Query

from localfed.app.index_values import IndexQuery
from localfed.index.asking import Asking
from localfed.index.scoring import Hits
from localfed.index.words import Word

_ENOUGH: Final = 3

FirstOf = Callable[[list[Query]], Hits]
"""Gives the first of what matches all of some queries."""


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What must be there, for one search."""

    asked: list[Query]
    hits: Hits = ()
    """The first that match."""
    share: float | None = None
    """The share of the words that had to be there; None without words."""
    is_wider: bool = False
    """Whether what is only about the same is found, too."""


def settle(
    asking: Asking,
    query: IndexQuery,
    words: tuple[Word, ...],
    valid: list[Query],
    first_of: FirstOf,
) -> Settled:
    """Settle it among what is `valid`."""
    if query.is_any_word:
        either = [asking.words(words, 1, are_all_somewhere=False)] if words else []
        either += [asking.subjects(query.subjects)] if query.subjects else []
        asked = [asking.either(*either), *valid]
        # Without a place all of it is read afterwards.
        hits = first_of(asked) if query.near is not None else ()
        return Settled(asked=asked, hits=hits, share=1 / len(words) if words else 1.0)
    settled = Settled(asked=valid)
    for required in dict.fromkeys((len(words), -(-len(words) // 2), 1)):
        are_all = required == len(words)
        said = asking.words(words, required, are_all_somewhere=bool(settled.hits))
        asked = [said, *valid]
        plain = Settled(asked=asked, hits=first_of(asked), share=required / len(words))
        settled = plain
        # A subject says more than half of the words: it is asked for even where many have these.
        if query.subjects and not (are_all and len(plain.hits) >= _ENOUGH):
            about = asking.subjects(query.subjects, are_all=are_all)
            asked = [asking.either(said, about), *valid]
            hits = first_of(asked)
            if len(hits) > len(plain.hits):
                settled = msgspec.structs.replace(plain, asked=asked, hits=hits, is_wider=True)
        if len(settled.hits) >= _ENOUGH:
            break
    return settled
