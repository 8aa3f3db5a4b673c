"""Searching: words, distance and facet counts over everything on board, in this process.

Measured: `app.search`, from what a visitor typed to the documents found. The baseline is its own
median: no query may be much slower than the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from statistics import median, quantiles
from time import perf_counter

from bench.queries import Query, make_queries
from bench.rows import Row, at_most
from bench.stage import Stage
from localfed.app import search
from localfed.app.ports import Ports
from localfed.protocol.canonical import parse_object
from localfed.server.wiring import open_node

_TARGET = 4.0


def measure(stage: Stage) -> list[Row]:
    """Ask all queries several times; each round's p99 is compared with its p50."""
    rounds, documents = asyncio.run(_ask(stage))
    cuts = [quantiles(times, n=100, method="inclusive") for times in rounds]
    middle, late = median(cut[49] for cut in cuts), median(cut[98] for cut in cuts)
    ratio = median(cut[98] / cut[49] for cut in cuts)
    target, met = at_most(ratio, _TARGET, "p99/p50")
    return [
        Row(what=f"search of {documents:,}, p50", figure=middle * 1000, unit="ms"),
        Row(
            what=f"search of {documents:,}, p99",
            figure=late * 1000,
            unit="ms",
            ratio=ratio,
            target=target,
            met=met,
        ),
    ]


def names_on_board(ports: Ports) -> list[str]:
    """List the names of everything that the node publishes."""
    found = []
    for publisher in ports.store.publishers(hosted=True):
        for document in ports.store.documents(publisher.did):
            names = parse_object(document.body or b"{}").get("name")
            found += [str(name) for name in names.values()] if isinstance(names, dict) else []
    return found


async def _ask(stage: Stage) -> tuple[list[list[float]], int]:
    async with open_node(stage.publisher.folder) as node:
        queries = make_queries(names_on_board(node.ports), stage.sizes.queries)
        _ask_all(node.ports, queries)  # files into memory
        rounds = [_ask_all(node.ports, queries) for _ in range(stage.sizes.searches)]
        return rounds, node.ports.store.counts().documents_live


def _ask_all(ports: Ports, queries: Sequence[Query]) -> list[float]:
    now = ports.clock.now()
    times = []
    for query in queries:
        start = perf_counter()
        search.find(
            ports,
            search.read_query(
                q=query.text,
                near=query.near,
                radius=query.radius,
                kind=None,
                category=None,
                cursor=None,
                limit=20,
                now=now,
            ),
        )
        times.append(perf_counter() - start)
    return times
