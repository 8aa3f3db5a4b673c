"""The judged set on board of a real node, with real records as distractors, and how well matching does.

Here: publishing the set, asking for every need, the figures. Not here: any claim (`test_matching.py`).
`python -m judged.town seen` (with tests/ on the path) prints the figures, or of a town of `towns/`; those of KEPT are for the last time.
"""

from __future__ import annotations

import asyncio
import csv
import json
import sys
import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from app.makers import host_another
from federation import Federation, Node
from localfed.app import reading, search
from localfed.app.matching import find_matches
from localfed.app.ports import Meaning, Ports
from localfed.app.publishing import sign_and_store
from localfed.app.signing import new_record_path, put
from localfed.protocol.draft import read_draft
from localfed.server.wiring import find_meaning, find_readings

HERE = Path(__file__).parent
COOPS = Path(__file__).resolve().parents[3] / "shared/data/coops-uk/standard.Q2-2023.postcodes.csv"
_FIRST = 5

KEPT = ("unseen", "coast", "fens")
"""Looked at only for the last measurement."""
FITTED = ("seen", "borders", "city")
"""What features, weights and bars were chosen on."""


class Means(StrEnum):
    """With what matching is done."""

    WITHOUT = "without"
    WORDS = "words"
    """With the extra for meaning."""
    READ = "read"
    """With that, and with all offers and needs read as sentences."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """How well matching does on some needs."""

    recall: float
    """Of the offers judged to match, how many are among the first five."""
    false: float
    """How many are shown for a need that nothing matches."""
    needs_with_false: float
    """Of the needs that nothing matches, how many are shown anything."""
    extra: float
    """How many are shown for a need with matches that are not judged so."""


def halves() -> Iterator[tuple[str, Path, list[str]]]:
    """Yield what was fitted to: its name, its folder and its needs."""
    for name in FITTED:
        folder = HERE if name == "seen" else HERE / "towns" / name
        needs = read("split")[name] if name == "seen" else list(read("judgements", folder))
        yield name, folder, needs


def read(name: str, folder: Path = HERE) -> Any:
    """Read a file of a set."""
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def distractors(most: int = 2_000) -> list[dict[str, Any]]:
    """Read real organisations as offers that meet no need of the set."""
    found: list[dict[str, Any]] = []
    with COOPS.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            # That of its postcode: none of the records has a point of its own.
            north, east = row["Geo Container Latitude"], row["Geo Container Longitude"]
            if row["Name"] and north and east:
                what = " ".join((row["Description"], row["Sector"])).strip()
                draft = {
                    "name": row["Name"].strip()[:300],
                    "location": [{"latitude": north[:9], "longitude": east[:9]}],
                }
                found.append(draft | ({"description": what[:2000]} if what else {}))
            if len(found) == most:
                break
    return found


def draft_of(row: dict[str, Any], kind: str) -> dict[str, Any]:
    """Write a row of the set as the draft of a document."""
    left_out = ("id", "by", "when", "schedule")
    draft = {name: value for name, value in row.items() if name not in left_out}
    if row.get("schedule"):
        draft["schedule"] = [
            f"{','.join(day.title() for day in one['days'])} {one['from']}-{one['to']} Europe/London"
            for one in row["schedule"]
        ]
    return {"type": kind, **draft}


async def publish_all(node: Node, did: str, drafts: list[dict[str, Any]]) -> list[str]:
    """Publish many drafts as one change; returns their ids, in order."""
    read_drafts = [read_draft(json.dumps(one).encode(), language="en") for one in drafts]
    paths = [new_record_path(node.ports.chance) for _ in drafts]

    def change(tx: Any, author: Any) -> Any:
        done = [
            put(tx, author, path=path, members=one.members, assured=author.now, jitter=0.5)
            for path, one in zip(paths, read_drafts, strict=True)
        ]
        return None, done

    await sign_and_store(node.ports, did, change)
    return [f"{did}/{path}" for path in paths]


class Town:
    """A node that publishes the needs, the offers and the distractors, each as another organisation."""

    def __init__(
        self, node: Node, needs: dict[str, str], offers: dict[str, str], folder: Path
    ) -> None:
        self.node = node
        self.folder = folder
        self.needs = needs
        """Id in the set to id of the document."""
        self.offers = offers

    @classmethod
    async def open(cls, federation: Federation, folder: Path = HERE, *, reads: bool = True) -> Town:
        """Publish all of it, bring the index up to it and read it."""
        node = await federation.node("needs")
        needs, offers = read("needs", folder), read("offers", folder)
        bakery = await host_another(node, "https://offers.example", "Offers")
        others = await host_another(node, "https://others.example", "Others")
        need_ids = await publish_all(node, node.did, [draft_of(one, "Need") for one in needs])
        offer_ids = await publish_all(node, bakery, [draft_of(one, "Offer") for one in offers])
        await publish_all(node, others, [{"type": "Offer", **one} for one in distractors()])
        await search.catch_up(node.ports)
        readings = find_readings(node.folder)
        ports = msgspec.structs.replace(node.ports, reading=readings)
        if reads:
            await reading.Progress(ports).catch_up(rest=0)
        return cls(
            node,
            {one["id"]: known for one, known in zip(needs, need_ids, strict=True)},
            {one["id"]: known for one, known in zip(offers, offer_ids, strict=True)},
            folder,
        )

    def ports(self, means: Means) -> Ports:
        """Give what matching needs."""
        meaning: Meaning | None = find_meaning() if means is not Means.WITHOUT else None
        if means is Means.READ:
            meaning = find_readings(self.node.folder)
        return msgspec.structs.replace(self.node.ports, meaning=meaning)

    def measure(self, half: list[str], means: Means) -> Figures:
        """Ask for every need of a half."""
        ports = self.ports(means)
        return self._figures(
            {
                need: [one.offer for one in find_matches(ports, self.needs[need])][:_FIRST]
                for need in half
            }
        )

    def search_alone(self, half: list[str]) -> Figures:
        """Do the same by plain search of the need's name, and a radius."""
        needs = {one["id"]: one for one in read("needs", self.folder)}
        answers = {}
        for need in half:
            row = needs[need]
            place = row["location"][0] if row.get("location") else None
            query = search.read_query(
                q=row["name"],
                near=f"{place['latitude']},{place['longitude']}" if place else None,
                radius="15" if place else None,
                kind="offer",
                limit=_FIRST,
                now=self.node.clock.now(),
            )
            found = search.find(self.node.ports, query)
            answers[need] = [one.document.id for one in found.results]
        return self._figures(answers)

    def _figures(self, answers: dict[str, list[str]]) -> Figures:
        judgements = read("judgements", self.folder)
        right = wanted = extra = 0
        with_matches = [need for need in answers if judgements[need]]
        for need in with_matches:
            judged = {self.offers[one] for one in judgements[need]}
            right += len(judged & set(answers[need]))
            wanted += len(judged)
            extra += len(set(answers[need]) - judged)
        without = [answers[need] for need in answers if not judgements[need]]
        return Figures(
            recall=right / wanted,
            false=sum(len(one) for one in without) / len(without),
            needs_with_false=sum(bool(one) for one in without) / len(without),
            extra=extra / len(with_matches),
        )


async def _main(half: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        federation = Federation(Path(place))
        is_half = half in read("split")
        folder = HERE if is_half else HERE / "towns" / half
        town = await Town.open(federation, folder)
        some = read("split")[half] if is_half else list(read("judgements", folder))
        for means in Means:
            print(f"{means:12}", town.measure(some, means))  # noqa: T201
        print("plain search", town.search_alone(some))  # noqa: T201
        federation.close()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
