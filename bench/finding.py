"""Finding: the page of a search, whole, and what is suggested while somebody types, among many listings.

Measured: requests to a real node over loopback, one after the other: `/` with words, a place, facets and what is
open now, and `/api/v1/suggest`; other ones in each round. The baseline is the median of plain searches of the same node,
in this process, in the same rounds. Then the same pages in a browser that has nothing of them: until a result is painted.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import datetime
from http.client import HTTPConnection
from statistics import median, quantiles
from time import perf_counter
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from bench.browser import browsing
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
_PAINT_MILLISECONDS = 300.0
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

_HERE = ZoneInfo("Europe/London")

# What is there in a frame is painted at its end: the next task comes after that.
_WHEN_PAINTED = """
const look = () => document.querySelector('.card h2, .card h3')
  ? setTimeout(() => { window.painted = performance.now(); })
  : requestAnimationFrame(look);
requestAnimationFrame(look);
"""

Times = list[float]


def measure(stage: Stage) -> list[Row]:
    """Search, ask for pages and for suggestions by turns."""
    node = stage.make_node("finding")
    queries = asyncio.run(_fill(node, stage))
    with node.serving() as served:
        rounds = asyncio.run(_ask(node, served.url, queries))
        painted = _paint(served.url, queries[0], stage.sizes.pages)
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
    target, met = at_most(median(painted), _PAINT_MILLISECONDS, "ms")
    return [
        *rows,
        Row(
            what="in a browser, from asking until the first result is painted, p50",
            figure=median(painted),
            unit="ms",
            target=target,
            met=met,
        ),
        Row(what="the same, slowest", figure=max(painted), unit="ms"),
    ]


async def _fill(node: Node, stage: Stage) -> list[list[Query]]:
    """Fill the node; returns other queries for each round, the first to bring files into memory."""
    hour = datetime.now(_HERE).hour
    made = enumerate(make_drafts(stage.sizes.offers))
    drafts = [_richer(one, number, hour) for number, one in made]
    async with open_node(node.folder) as opened:
        (own,) = opened.ports.store.publishers(hosted=True)
        await publish(opened.ports, own.did, drafts)
        await search.catch_up(opened.ports)
    names = [str(one["name"]["en"]) for one in drafts[:500]]  # type: ignore[index,call-overload]
    count = stage.sizes.queries
    queries = make_queries(names, count * (stage.sizes.searches + 1))
    return [queries[at : at + count] for at in range(0, len(queries), count)]


def _richer(draft: JsonObject, seed: int, hour: int) -> JsonObject:
    """Say what facets count, and when it is on: as if it were noon, when most is, whatever the hour is."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    days = ",".join(day for day in _DAYS if chance.random() < 0.7) or "MO"
    begins = f"{(hour + chance.randrange(-5, 1)) % 24:02}:{chance.choice(('00', '15', '30'))}"
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
    node: Node, url: str, queries: Sequence[Sequence[Query]]
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

    rounds = []
    async with open_node(node.folder) as opened:
        ports = opened.ports
        for asked in queries:
            plain = [_timed(lambda one=one: _find(ports, one)) for one in asked]  # type: ignore[misc]
            pages = [_page_of(one, at) for at, one in enumerate(asked)]
            page = [_timed(lambda path=path: fetch(path)) for path in pages]  # type: ignore[misc]
            typing = [_timed(lambda path=path: fetch(path)) for path in _typed(asked)]  # type: ignore[misc]
            rounds.append((plain, page, typing))
    connection.close()
    return rounds[1:]


def _paint(url: str, queries: Sequence[Query], count: int) -> Times:
    """Open pages in a browser, each with nothing in its cache; returns milliseconds."""
    paths = [one.path.replace("/api/v1/search", "/") for one in queries if not one.radius]
    with browsing() as browser:
        return [_paint_one(browser, url + paths[at % len(paths)]) for at in range(count + 1)][1:]


def _paint_one(browser: Any, url: str) -> float:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.add_init_script(_WHEN_PAINTED)
    page.goto(url)
    painted = page.wait_for_function("() => window.painted").json_value()
    context.close()
    return float(painted)


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
