"""Completing: how a search may go on while it is typed.

Here: words that begin as the last one does among what has the others, and documents with such a name. Not
here: what people are shown of them (`app.suggesting`). Only what is shown counts: a word of a document that was
taken away is not said.
"""

from __future__ import annotations

from typing import Final

from tantivy import Query, Searcher

from localfed.index import fields
from localfed.index.asking import Asking
from localfed.index.scoring import Hits
from localfed.index.words import Analysis, fold

_LOOKED_AT: Final = 24
_TERMS: Final = 16
_HITS: Final = 64
_LONGEST: Final = 40


def complete(
    searcher: Searcher, asking: Asking, analysis: Analysis, text: str, valid: list[Query]
) -> tuple[list[tuple[str, int]], Hits]:
    """Give words that the last one may become, with counts, and hits by name.

    Args: `valid`, what is shown.
    """
    before, begun = split(text)
    terms = analysis.read_words(begun)
    # "co-op" is two words in one: the last of them is what is being typed.
    if not terms or len(terms) > 1 or len(terms[0].parts) > 1:
        return [], ()
    ((prefix, _),) = terms[0].parts
    if len(prefix) > _LONGEST:
        return [], ()
    others = analysis.read_words(before) if before.strip() else ()
    asked = [asking.words(others, len(others), are_all_somewhere=False)] if others else []
    base = asking.both([*asked, *valid])
    found: list[tuple[str, int]] = []
    seen = {stem for word in others for _, stem in word.parts}
    for term, count in searcher.terms_with_prefix(
        fields.WORDS, prefix, filter_query=base, limit=_LOOKED_AT
    ):
        # "an" goes on as "and" in every search: that says nothing of what is looked for.
        if analysis.say_little(analysis.read_words(term)):
            continue
        stem = analysis.read_stems(term)
        # "garden" and "gardens" find the same: the one that more have stands for both.
        if stem and stem[0][1] not in seen:
            seen.add(stem[0][1])
            found.append((f"{before}{term}", count))
    names = [term for term, _ in searcher.terms_with_prefix(fields.TITLE, prefix, limit=_TERMS)]
    if not names:
        return found, ()
    query = asking.both([base, asking.any_term(fields.TITLE, names)])
    return found, searcher.search(query, _HITS, count=False).hits


def split(text: str) -> tuple[str, str]:
    """Split a text before its last word."""
    text = fold(text).lstrip()
    at = max(text.rfind(" "), text.rfind("\t")) + 1
    return text[:at], text[at:]
