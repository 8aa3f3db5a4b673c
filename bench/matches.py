"""Matches: what could meet one need among many offers, against a plain search of the same node.

Measured: `app.matching.find_matches`, with the extra for meaning where it is installed, and then once more where all was read as
sentences (by a stand-in that reads at once: what is measured is comparing). The baseline is the median of plain searches over the same offers, asked in
the same rounds: matching compares hundreds of offers where a search only ranks, but nobody may feel it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import msgspec

from bench.queries import make_queries
from bench.rows import Row, at_most
from bench.stage import Stage, localfed
from localfed.app import search
from localfed.app.matching import find_matches
from localfed.app.ports import Ports
from localfed.app.publishing import sign_and_store
from localfed.app.reading import Progress
from localfed.app.signing import new_record_path, put
from localfed.index.reader import WIDTH, Reader
from localfed.index.readings import Readings
from localfed.protocol.canonical import JsonObject
from localfed.protocol.short_forms import write_decimal
from localfed.server.wiring import find_meaning, open_node
from localfed.store.shelf import FileShelf

_TARGET = 20.0
_BATCH = 2_000
_TOWNS = 60
_SOUTH, _NORTH, _WEST, _EAST = 50.2, 58.4, -5.1, 1.2
_WHAT = [
    "hall",
    "room",
    "kitchen",
    "van",
    "minibus",
    "tools",
    "ladder",
    "drill",
    "bicycle",
    "laptop",
    "printer",
    "projector",
    "marquee",
    "chairs",
    "tables",
    "piano",
    "choir",
    "garden",
    "allotment",
    "plot",
    "compost",
    "seeds",
    "bread",
    "soup",
    "lunch",
    "vegetables",
    "coats",
    "furniture",
    "bedding",
    "cot",
    "toys",
    "books",
    "lessons",
    "course",
    "training",
    "advice",
    "accounts",
    "payroll",
    "website",
    "leaflet",
    "poster",
    "translation",
    "interpreter",
    "mentor",
    "drivers",
    "cooks",
    "gardeners",
    "helpers",
    "repair",
    "cleaning",
    "painting",
    "storage",
    "office",
    "desk",
    "workshop",
    "studio",
    "field",
    "stage",
    "microphone",
]
_HOW = [
    "warm",
    "large",
    "small",
    "spare",
    "free",
    "weekly",
    "evening",
    "weekend",
    "Monday",
    "Thursday",
    "morning",
    "community",
    "shared",
    "old",
    "new",
    "quiet",
    "young",
    "older",
    "families",
    "carers",
    "beginners",
    "local",
    "village",
    "town",
    "chapel",
    "school",
    "club",
]
_CATEGORIES = ("food", "arts", "sport", "repair", "transport", "health", "gardening", "learning")
_NAMED = 0.6  # of the listings name a category, as in the judged set
_FORMS = ("service", "goods", "space", "equipment", "skill", "advice", "volunteering")


def measure(stage: Stage) -> list[Row]:
    """Ask for needs and search by turns; each round's p99 of matching is compared with the p50 of searching."""
    rounds, offers = asyncio.run(_ask(stage))
    plain = median(median(searches) for searches, *_ in rounds)
    rows = [Row(what=f"search of {offers:,} offers, p50", figure=plain * 1000, unit="ms")]
    for which, how in ((1, ""), (2, ", all read")):
        cuts = [quantiles(one[which], n=100, method="inclusive") for one in rounds]
        ratio = median(cut[98] / median(one[0]) for cut, one in zip(cuts, rounds, strict=True))
        target, met = at_most(ratio, _TARGET, "p99/p50 of search")
        what = f"matches of one need among them{how}"
        middle, late = (median(cut[at] for cut in cuts) * 1000 for at in (49, 98))
        rows += [
            Row(what=f"{what}, p50", figure=middle, unit="ms"),
            Row(what=f"{what}, p99", figure=late, unit="ms", ratio=ratio, target=target, met=met),
        ]
    return rows


class _StandIn(Reader):
    """Reads at once, and nothing of it."""

    edition = "bench"  # type: ignore[assignment]
    is_sound = True  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__({})

    def read(self, texts: Sequence[str]) -> Any:
        import numpy

        rows = numpy.random.default_rng(len(texts[0])).normal(size=(len(texts), WIDTH))
        return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)


async def _read_all(folder: Path, ports: Ports) -> Ports:
    """Read all there is; without word vectors nothing is."""
    words = find_meaning()
    if words is None:
        return ports
    readings = Readings(FileShelf(folder), words, _StandIn())
    ports = msgspec.structs.replace(ports, meaning=readings, reading=readings)
    await Progress(ports).catch_up(rest=0)
    return ports


def make_drafts(count: int, *, kind: str = "Offer", seed: int = 1) -> list[JsonObject]:
    """Make up so many listings of a kind, in sixty towns."""
    chance = random.Random(seed)  # noqa: S311 - the same town each time
    towns = [(chance.uniform(_SOUTH, _NORTH), chance.uniform(_WEST, _EAST)) for _ in range(_TOWNS)]
    return [_draft(chance, kind, chance.choice(towns)) for _ in range(count)]


def _draft(chance: random.Random, kind: str, town: tuple[float, float]) -> JsonObject:
    what, how = chance.sample(_WHAT, 6), chance.sample(_HOW, 6)
    category = [chance.choice(_CATEGORIES)] if chance.random() < _NAMED else []
    return {
        "type": kind,
        "name": {"en": f"{how[0]} {what[0]} and {what[1]}"},
        "description": {"en": f"{how[1]} {what[2]}, {how[2]} {what[3]} for {how[3]} {how[4]}."},
        "form": chance.choice(_FORMS),
        **({"category": category} if category else {}),
        "cost": [{"basis": chance.choice(("free", "pay", "pay-what-you-can"))}],
        "language": "en",
        "location": [
            {
                "latitude": write_decimal(Decimal(round(town[0] + chance.gauss(0, 0.08), 4))),
                "longitude": write_decimal(Decimal(round(town[1] + chance.gauss(0, 0.12), 4))),
            }
        ],
    }


async def publish(ports: Ports, did: str, drafts: list[JsonObject]) -> list[str]:
    """Publish drafts; returns their ids."""
    ids = []
    for start in range(0, len(drafts), _BATCH):
        batch = [(new_record_path(ports.chance), one) for one in drafts[start : start + _BATCH]]

        def change(tx: Any, author: Any, batch: list[tuple[str, JsonObject]] = batch) -> Any:
            return None, [
                put(tx, author, path=path, members=members, assured=author.now, jitter=0.5)
                for path, members in batch
            ]

        await sign_and_store(ports, did, change)
        ids += [f"{did}/{path}" for path, _ in batch]
    return ids


async def _ask(stage: Stage) -> tuple[list[tuple[list[float], ...]], int]:
    made = stage.make_node("offers")
    localfed(
        "init",
        "--data",
        str(made.folder),
        "--name",
        "needs",
        "--url",
        f"{made.url}/needs/",
        "--json",
    )
    async with open_node(made.folder) as node:
        first, second = node.ports.store.publishers(hosted=True)
        offers = make_drafts(stage.sizes.offers)
        await publish(node.ports, first.did, offers)
        needs = await publish(
            node.ports, second.did, make_drafts(stage.sizes.needs, kind="Need", seed=2)
        )
        await search.catch_up(node.ports)
        queries = make_queries([str(one["name"]["en"]) for one in offers[:500]], len(needs))  # type: ignore[index,call-overload]
        now = node.ports.clock.now()
        asked = [
            search.read_query(q=one.text, near=one.near, radius=one.radius, now=now)
            for one in queries
        ]
        by_words = msgspec.structs.replace(node.ports, meaning=find_meaning(), reading=None)
        read = await _read_all(made.folder, node.ports)
        rounds = []
        for _ in range(stage.sizes.searches + 1):
            searches = [_timed(lambda one=one: search.find(node.ports, one)) for one in asked]  # type: ignore[misc]
            matches = [
                [_timed(lambda one=one: find_matches(ports, one)) for one in needs]  # type: ignore[misc] # noqa: B023
                for ports in (by_words, read)
            ]
            rounds.append((searches, *matches))
        return rounds[1:], len(offers)  # the first brings files into memory


def _timed(work: Any) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start
