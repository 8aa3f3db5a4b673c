"""Settling: which words must be there, before anything else narrows a search.

Here: all words; where fewer than three documents have these, what is about them, part by part, is as good; then at least half of the
words; then any, or what is about any. Not here: queries (`asking`), what is done with what matches (`snapshot`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from tantivy import Query

from localfed.app.index_values import IndexQuery, Sort
from localfed.index.asking import Asking
from localfed.index.scoring import Hits
from localfed.index.words import Word

_ENOUGH: Final = 3

FirstOf = Callable[[list[Query], int], Hits]
"""Gives the first of what matches all of some queries, and how many of them at most."""


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What must be there, for one search."""

    asked: list[Query]
    hits: Hits = ()
    """The first that match, `most` of them at most."""
    share: float | None = None
    """The share of the words that had to be there; None without words."""
    is_wider: bool = False
    """Whether what is only about the same is found, too."""


def settle_any(
    asking: Asking, query: IndexQuery, words: tuple[Word, ...], valid: list[Query]
) -> Settled:
    """Settle it for comparing, where any word or subject is enough; its hits are left to who goes on."""
    either = [asking.words(words, 1, are_all_somewhere=False)] if words else []
    either += [asking.subjects(query.subjects)] if query.subjects else []
    return Settled(asked=[asking.either(*either), *valid], share=1 / len(words) if words else 1.0)


def settle(
    asking: Asking,
    query: IndexQuery,
    words: tuple[Word, ...],
    valid: list[Query],
    first_of: FirstOf,
    *,
    most: int,
) -> Settled:
    """Settle it for a search by somebody, among what is `valid`; `most` is how many hits are given."""
    every = asking.words(words, len(words), are_all_somewhere=False)
    settled = Settled(asked=[every, *valid], hits=first_of([every, *valid], most), share=1.0)
    if len(settled.hits) >= _ENOUGH:
        return settled
    are_some = bool(settled.hits)
    # In another order than by how good it is, what only is about it would come before what says it.
    may_widen = query.sort is Sort.BEST or not are_some
    parts = _parts(asking, query, words) if may_widen else []

    def adds(beside: Query, said: Query) -> bool:
        return bool(first_of([asking.both([beside, *valid], without=said)], 1))

    about = asking.both(parts) if parts else None
    if about is not None and adds(about, every):
        asked = [about, *valid]
        settled = Settled(asked=asked, hits=first_of(asked, most), share=1.0, is_wider=True)
    for required in dict.fromkeys((-(-len(words) // 2), 1)):
        if len(settled.hits) >= _ENOUGH or required == len(words):
            continue
        said = asking.words(words, required, are_all_somewhere=are_some)
        # What one part is about says as much as one word.
        beside = asking.either(*parts) if parts and required == 1 else about
        is_wider = beside is not None and adds(beside, said)
        whole = asking.either(said, beside) if beside is not None and is_wider else said
        asked = [whole, *valid]
        settled = Settled(
            asked=asked, hits=first_of(asked, most), share=required / len(words), is_wider=is_wider
        )
    return settled


def _parts(asking: Asking, query: IndexQuery, words: tuple[Word, ...]) -> list[Query]:
    """Ask for each part of a search: what some words say or are about, and each other word; nothing where no word is about anything."""
    left = dict.fromkeys(words)
    parts = []
    for meant in query.meant:
        said = [word for word in left if all(plain in meant.words for plain, _ in word.parts)]
        if said:
            for word in said:
                del left[word]
            every = asking.words(said, len(said), are_all_somewhere=False)
            parts.append(asking.either(every, asking.subjects(meant.subjects)))
    if not parts:
        return []
    return parts + [asking.words([word], 1, are_all_somewhere=False) for word in left]
