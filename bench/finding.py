"""Finding: the page of a search, whole, and what is suggested while somebody types, among many listings.

Measured: requests to a real node over loopback, one after the other: `/` with words, a place, facets and what is
open now, and `/api/v1/suggest`. The baseline is the median of plain searches of the same node, in this process, in the same rounds.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from http.client import HTTPConnection
from statistics import median, quantiles
from time import perf_counter
from urllib.parse import quote, urlsplit

from bench.matches import make_drafts, publish
from bench.queries import Query, make_queries
from bench.rows import Row, at_most
from bench.stage import CannotMeasure, Node, Stage
from localfed.app import search
from localfed.app.ports import Ports
from localfed.protocol.canonical import JsonObject
from localfed.server.wiring import open_node

_PAGE_MILLISECONDS = 25.0
_TYPING_MILLISECONDS = 10.0
_CATEGORIES = (
    "food",
    "meals",
    "housing",
    "health",
    "money",
    "learning",
    "arts",
    "repair",
    "energy",
)
_AUDIENCES = ("children", "families", "older-people", "carers", "newcomers")
_ACCESSIBILITY = ("step-free", "lift", "hearing-loop", "accessible-toilet")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

Times = list[float]


def measure(stage: Stage) -> list[Row]:
    """Search, ask for pages and for suggestions by turns."""
    node = stage.make_node("finding")
    queries = asyncio.run(_fill(node, stage))
    with node.serving() as served:
        rounds = asyncio.run(_ask(node, served.url, queries, stage.sizes.searches))
    plain = median(median(searches) for searches, _, _ in rounds)
    rows = [
        Row(
            what=f"search of {stage.sizes.offers:,} listings, p50 (baseline)",
            figure=plain * 1000,
            unit="ms",
        )
    ]
    for what, at, most in (
        ("the page of a search among them", 1, _PAGE_MILLISECONDS),
        ("suggestions while somebody types", 2, _TYPING_MILLISECONDS),
    ):
        cuts = [quantiles(one[at], n=100, method="inclusive") for one in rounds]
        late = median(cut[98] for cut in cuts)
        target, met = at_most(late * 1000, most, "ms")
        rows += [
            Row(what=f"{what}, p50", figure=median(cut[49] for cut in cuts) * 1000, unit="ms"),
            Row(
                what=f"{what}, p99",
                figure=late * 1000,
                unit="ms",
                ratio=late / plain,
                target=target,
                met=met,
            ),
        ]
    return rows


async def _fill(node: Node, stage: Stage) -> list[Query]:
    drafts = [_richer(one, number) for number, one in enumerate(make_drafts(stage.sizes.offers))]
    async with open_node(node.folder) as opened:
        (own,) = opened.ports.store.publishers(hosted=True)
        await publish(opened.ports, own.did, drafts)
        await search.catch_up(opened.ports)
    names = [str(one["name"]["en"]) for one in drafts[:500]]  # type: ignore[index,call-overload]
    return make_queries(names, stage.sizes.queries)


def _richer(draft: JsonObject, seed: int) -> JsonObject:
    """Say what facets count, and when it is on."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    days = ",".join(day for day in _DAYS if chance.random() < 0.7) or "MO"
    begins = f"{chance.randrange(7, 13):02}:{chance.choice(('00', '15', '30'))}"
    schedule: JsonObject = {
        "start": f"2026-01-01T{begins}",
        "minutes": chance.randrange(60, 600, 15),
        "timeZone": "Europe/London",
        "repeat": f"FREQ=WEEKLY;BYDAY={days}",
    }
    return draft | {
        "category": list(chance.sample(_CATEGORIES, chance.choice((1, 1, 2)))),
        "audience": list(chance.sample(_AUDIENCES, chance.choice((0, 1, 2)))),
        "accessibility": list(chance.sample(_ACCESSIBILITY, chance.choice((0, 1, 2)))),
        "availableLanguage": list(chance.choice((("en",), ("en", "cy"), ()))),
        "schedule": [schedule] if chance.random() < 0.6 else [],
    }


async def _ask(
    node: Node, url: str, queries: Sequence[Query], count: int
) -> list[tuple[Times, Times, Times]]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)

    def fetch(path: str) -> None:
        connection.request("GET", path, headers={"Accept-Language": "en-GB"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            message = f"{path} was answered {answer.status}"
            raise CannotMeasure(message)

    pages, typed = [_page_of(one, at) for at, one in enumerate(queries)], _typed(queries)
    rounds = []
    async with open_node(node.folder) as opened:
        ports = opened.ports
        for _ in range(count + 1):
            plain = [_timed(lambda one=one: _find(ports, one)) for one in queries]  # type: ignore[misc]
            page = [_timed(lambda path=path: fetch(path)) for path in pages]  # type: ignore[misc]
            typing = [_timed(lambda path=path: fetch(path)) for path in typed]  # type: ignore[misc]
            rounds.append((plain, page, typing))
    connection.close()
    return rounds[1:]  # the first brings files into memory


def _page_of(query: Query, at: int) -> str:
    """Name the page: a third as it is, a third with a choice, a third with what is open now."""
    path = query.path.replace("/api/v1/search", "/")
    return path + ("", "&cost=free", "&open=now")[at % 3]


def _typed(queries: Sequence[Query]) -> list[str]:
    """Name what is asked while the words are typed: after two to four letters of the last."""
    paths = []
    for at, query in enumerate(queries):
        first, _, last = query.text.rpartition(" ")
        begun = f"{first} {last[: 2 + at % 3]}".strip()
        paths.append(f"/api/v1/suggest?q={quote(begun)}&near={query.near}")
    return paths


def _find(ports: Ports, query: Query) -> None:
    now = ports.clock.now()
    asked = search.read_query(q=query.text, near=query.near, radius=query.radius, now=now)
    search.find(ports, asked)


def _timed(work: Callable[[], None]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start
