"""Many: the first results where many documents match, without reading them all.

Two lists are read, best words first and nearest first, until no document unread can be among the first
that were asked for (Fagin's threshold algorithm): exact, and most of what matches is never looked at.
Only where thousands of equally good ones lie together is it left to chance which of them come.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tantivy import Query, Searcher

from localfed.index import fields
from localfed.index.around import Ring
from localfed.index.asking import Asking
from localfed.index.scoring import Hits, Scoring

_READ: Final = 8_192  # 2 ms


def read_both(  # noqa: PLR0917 - each is another thing
    searcher: Searcher,
    asking: Asking,
    matching: Query,
    best: Hits,
    scoring: Scoring,
    walk: Iterator[Ring],
    from_afar: Sequence[Query],
) -> None:
    """Read the best by words, then ring by ring, until nothing unread can be among the first.

    Args: `from_afar`, what may come to the place, or be had there, from wherever it is: read before the rings.
    """
    beyond_words = 1.0
    if scoring.weights.share is not None:
        scoring.add(best)
        beyond_words = scoring.words_score(best[-1][0])
    for coming in from_afar:
        scoring.add(searcher.search(asking.both([matching, coming]), _READ, count=False).hits)
    read = 0
    for ring in walk:
        query = asking.both([matching, asking.any_term(fields.CELLS, ring.cells)])
        hits = searcher.search(query, _READ, count=False).hits
        scoring.add(hits)
        read += len(hits)
        bound = beyond_words * scoring.weights.near_score(ring.beyond_km)
        if read >= _READ or scoring.last > bound:
            return
