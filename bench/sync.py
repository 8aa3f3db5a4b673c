"""A first sync over loopback HTTP: from the start of the poll to everything on disk and searchable.

Measured: `app.sync.poll` of a node that never saw the other one, which is a process of its own.
Baseline: the bare Ed25519 loop, right before and right after each sync.
"""

from __future__ import annotations

import asyncio
from statistics import mean, median
from time import perf_counter

from bench.bare import Bare
from bench.rows import Row, at_least
from bench.stage import CannotMeasure, Node, Served, Stage
from localfed.app import follows, search, sync
from localfed.server.wiring import open_node

_TARGET = 0.3
_INDEX_SECONDS = 120.0


def measure(stage: Stage) -> list[Row]:
    """Follow the node with the table from a new folder, several times, and sync."""
    bare = Bare()
    rates, ratios, bares = [], [], []
    with stage.publisher.serving() as served:
        for number in range(stage.sizes.syncs):
            reader = stage.make_node(f"reader-{number}")
            before = bare.seconds_each(stage.sizes.bare)
            documents, seconds = asyncio.run(_sync(reader, served))
            after = bare.seconds_each(stage.sizes.bare)
            bares.append(1 / mean((before, after)))
            rates.append(documents / seconds)
            ratios.append(rates[-1] / bares[-1])
    ratio = median(ratios)
    target, met = at_least(ratio, _TARGET)
    return [
        Row(what="bare Ed25519 verify (baseline)", figure=median(bares), unit="1/s"),
        Row(
            what=f"first sync of {documents:,} documents",
            figure=median(rates),
            unit="documents/s",
            ratio=ratio,
            target=target,
            met=met,
        ),
    ]


async def _sync(reader: Node, served: Served) -> tuple[int, float]:
    async with open_node(reader.folder) as node:
        looked = await follows.look_up(node.ports, served.url, allow_loopback=True)
        await follows.follow(node.ports, looked.found[0], allow_loopback=True)
        did = looked.found[0].identity.did
        start = perf_counter()
        report = await sync.poll(node.ports, did)
        await search.wait_until_current(node.ports, _INDEX_SECONDS)
        seconds = perf_counter() - start
        if report.problem or report.lacking or report.rejected:
            message = f"the sync did not bring everything: {report}"
            raise CannotMeasure(message)
        if node.ports.index.position() != node.ports.store.log_position():
            raise CannotMeasure("not everything is searchable")
    return report.changed, seconds
