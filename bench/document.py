"""A stored document served to whoever asks for it: what followers do, one document after the other.

Baseline: an aiohttp handler with the same settings that answers as many constant bytes.
"""

from __future__ import annotations

import asyncio
from statistics import mean

from bench.load import compare
from bench.rows import Row, at_least
from bench.stage import Node, Stage
from localfed.server.wiring import open_node

_TARGET = 0.5
_DIFFERENT = 1_000


def measure(stage: Stage) -> list[Row]:
    """Load the files of a thousand documents and the constant answer by turns."""
    paths, body_bytes = asyncio.run(_paths(stage.publisher))
    with stage.publisher.serving() as served:
        rates = compare(stage, served, paths, body_bytes)
    target, met = at_least(rates.ratio, _TARGET)
    return [
        Row(
            what=f"{body_bytes:,} constant bytes by aiohttp (baseline)",
            figure=rates.constant,
            unit="requests/s",
        ),
        Row(
            what=f"a stored document, {body_bytes:,} bytes on average",
            figure=rates.measured,
            unit="requests/s",
            ratio=rates.ratio,
            target=target,
            met=met,
        ),
    ]


async def _paths(node: Node) -> tuple[list[str], int]:
    async with open_node(node.folder) as opened:
        did = opened.ports.store.publishers(hosted=True)[0].did
        documents = list(opened.ports.store.documents(did))
    some = documents[:: max(1, len(documents) // _DIFFERENT)][:_DIFFERENT]
    return [f"/{one.path}" for one in some], round(mean(len(one.body or b"") for one in some))
