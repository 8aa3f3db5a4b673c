"""The search of the API: requests a second of a real node, with every query another one.

Baseline: an aiohttp handler with the same settings that answers as many constant bytes.
"""

from __future__ import annotations

import asyncio
from statistics import mean
from urllib.request import urlopen

from bench.load import compare
from bench.queries import Query, make_queries
from bench.rows import Row, at_least
from bench.search import names_on_board
from bench.stage import Node, Stage
from localfed.server.wiring import open_node

_TARGET = 0.15


def measure(stage: Stage) -> list[Row]:
    """Load `/api/v1/search` and the constant answer by turns."""
    queries = asyncio.run(_queries(stage.publisher, stage.sizes.queries))
    with stage.publisher.serving() as served:
        sizes = []
        for query in queries[:20]:
            with urlopen(served.url + query.path, timeout=30) as answer:
                sizes.append(len(answer.read()))
        body_bytes = round(mean(sizes))
        rates = compare(stage, served, [query.path for query in queries], body_bytes)
    target, met = at_least(rates.ratio, _TARGET)
    return [
        Row(
            what=f"{body_bytes:,} constant bytes by aiohttp (baseline)",
            figure=rates.constant,
            unit="requests/s",
        ),
        Row(
            what=f"/api/v1/search, {body_bytes:,} bytes on average",
            figure=rates.measured,
            unit="requests/s",
            ratio=rates.ratio,
            target=target,
            met=met,
        ),
    ]


async def _queries(node: Node, count: int) -> list[Query]:
    async with open_node(node.folder) as opened:
        return make_queries(names_on_board(opened.ports), count)
