"""Verifying a document: size, digest, canonical form, shape, issuer, Ed25519, times.

Measured: `accept.open_document`, the one door, on documents made from the table by the import code.
Baseline: PyNaCl verifying 64 bytes. Rounds alternate, so that a slow moment slows both.
"""

from __future__ import annotations

from itertools import cycle, islice
from statistics import median
from time import perf_counter

from bench.bare import Bare
from bench.corpus import make_corpus
from bench.rows import Row, at_least
from bench.stage import Stage
from localfed.protocol.accept import open_document

_TARGET = 0.7


def measure(stage: Stage) -> list[Row]:
    """Compare verifying documents with verifying bare signatures."""
    corpus = make_corpus(stage.table, stage.sizes.documents)
    bare = Bare()
    batch = stage.sizes.batch
    source = cycle(corpus.documents)
    bares, opens = [], []
    for _ in range(stage.sizes.rounds):
        bares.append(bare.seconds_each(batch))
        documents = list(islice(source, batch))
        start = perf_counter()
        for one in documents:
            open_document(
                one.body,
                identity=corpus.identity,
                now=corpus.now,
                path=one.path,
                digest=one.digest,
            )
        opens.append((perf_counter() - start) / batch)
    ratio = median(one / other for one, other in zip(bares, opens, strict=True))
    target, met = at_least(ratio, _TARGET)
    size = sum(len(one.body) for one in corpus.documents) / len(corpus.documents)
    return [
        Row(what="bare Ed25519 verify (baseline)", figure=1 / median(bares), unit="1/s"),
        Row(
            what=f"verify a document of {size:,.0f} bytes",
            figure=1 / median(opens),
            unit="documents/s",
            ratio=ratio,
            target=target,
            met=met,
        ),
    ]
