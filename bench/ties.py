"""The web of ties: from what is stored of thousands of organisations to the picture, in this process.

Measured: gathering who works with whom (`app.ties`), laying it out and drawing it (`web.ties_picture`), with nothing kept
from before. What is stored is made up: organisations in a hundred towns, with partners mostly in their own, and exchanges with some of them.
"""

from __future__ import annotations

import asyncio
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from bench.rows import Row
from bench.stage import Stage
from localfed.app import ties
from localfed.app.store_port import Transaction
from localfed.app.values import DocumentState, Publisher, StoredDocument
from localfed.gazetteer.gazetteer import OfflinePlaces
from localfed.protocol.digest import digest
from localfed.protocol.partnership import STAGES, half_path
from localfed.protocol.times import write_time
from localfed.store.sqlite import SqliteStore
from localfed.web.ties_picture import draw
from localfed.web.webs import SOURCES

_TARGET_SECONDS = 1.0
_ROUNDS = 7
_TOWNS = 100
_EXCHANGING = 0.3
"""How many of those who work together have confirmed an exchange."""
_NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
_LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def measure(stage: Stage) -> list[Row]:
    """Draw the web of ties several times, each time from the store."""
    number = stage.sizes.tied
    folder = stage.folder / "ties"
    folder.mkdir()
    seconds, drawn = asyncio.run(_draw(folder, number))
    return [
        Row(
            what=f"web of ties, {number:,} organisations, {drawn:,} ties",
            figure=seconds * 1000,
            unit="ms",
            target=f"at most {_TARGET_SECONDS * 1000:,.0f} ms",
            met=seconds <= _TARGET_SECONDS,
        )
    ]


async def _draw(folder: Path, number: int) -> tuple[float, int]:
    store, gazetteer = SqliteStore.open(folder, create=True), OfflinePlaces()
    try:
        await store.write(lambda tx: fill(tx, number))
        times, drawn = [], 0
        for _ in range(_ROUNDS):
            start = perf_counter()
            web = ties.cut(ties.gather(store, gazetteer, _NOW, SOURCES))
            names = {did: next(iter(one.names.values())) for did, one in web.organisations.items()}
            hrefs = {did: f"/organisations/{one.scid}" for did, one in web.organisations.items()}
            picture = draw(web, names, hrefs)
            times.append(perf_counter() - start)
            assert picture.lines
            drawn = len(web.ties)
        assert len(web.organisations) >= number * 0.9
        return median(times), drawn
    finally:
        store.close()


def fill(tx: Transaction, number: int) -> None:
    """Store so many organisations, each with an own record and halves with some others."""
    chance = random.Random(5)  # noqa: S311 - the same in every run
    dids = [f"did:webvh:Qm{_scid(chance)}:org{at}.example" for at in range(number)]
    towns = [(chance.uniform(50, 58), chance.uniform(-5, 1)) for _ in range(_TOWNS)]
    ends = write_time(_NOW + timedelta(days=10))
    for at, did in enumerate(dids):
        scid, host = did.split(":")[2:4]
        tx.accept_publisher(
            Publisher(
                did=did,
                scid=scid,
                base=f"https://{host}/",
                host=host,
                is_hosted=False,
                is_followed=True,
                allow_loopback=False,
                log=b"x" * 2_500,
                head=b"x" * 900,
                head_expires=ends,
            )
        )
        latitude, longitude = towns[at % _TOWNS]
        place = {
            "latitude": f"{latitude + chance.gauss(0, 0.02):.6f}",
            "longitude": f"{longitude + chance.gauss(0, 0.02):.6f}",
        }
        name = f"{chance.choice(_FIRST)} {chance.choice(_SECOND)} {at}"
        record = {"type": "Organization", "name": {"en": name}, "location": [place]}
        tx.accept_documents([_document(did, "org.json", record)])
    pairs = _pairs(chance, number)
    for one, other in pairs:
        stage = chance.choice(STAGES)
        if chance.random() < _EXCHANGING:
            _exchange(tx, dids[one], dids[other], _name(chance))
        for mine, theirs in ((one, other), (other, one)):
            half = {"type": "Partnership", "partner": dids[theirs], "stage": stage}
            path = half_path(dids[theirs])
            tx.accept_documents([_document(dids[mine], path, half | {"promotes": True})])


_FIRST = ("Millbrook", "Aldwater", "Northgate", "Hazel Lane", "St Anne's", "Riverside")
_SECOND = ("Kitchen", "Repair Club", "Food Bank", "Cycle Works", "Hall", "Choir", "Allotments")


def _pairs(chance: random.Random, number: int) -> list[tuple[int, int]]:
    """Choose who works with whom: about two ties each, four of five in one's own town."""
    found: set[tuple[int, int]] = set()
    for one in range(number):
        for _ in range(2):
            same = (one + _TOWNS * chance.randrange(1, max(2, number // _TOWNS))) % number
            other = same if chance.random() < 0.8 else chance.randrange(number)
            if one != other:
                found.add((min(one, other), max(one, other)))
    return sorted(found)


def _exchange(tx: Transaction, one: str, other: str, name: str) -> None:
    """Store both halves of an exchange."""
    flow = {"from": one, "to": other, "what": "Repairs", "quantity": "3", "unit": "hours"}
    period = {"start": "2026-04-01", "end": "2026-04-01"}
    for mine, theirs in ((one, other), (other, one)):
        half = {"type": "Exchange", "partner": theirs, "ref": name, "flows": [flow]}
        tx.accept_documents([_document(mine, f"d/{name}.json", half | {"period": period})])


def _name(chance: random.Random) -> str:
    return "".join(chance.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(26))


def _scid(chance: random.Random) -> str:
    return "".join(chance.choice(_LETTERS) for _ in range(44))


def _document(did: str, path: str, members: dict[str, Any]) -> StoredDocument:
    updated, expires = write_time(_NOW), write_time(_NOW + timedelta(days=180))
    whole = {
        "@context": "https://w3id.org/localfed/1.0",
        "id": f"{did}/{path}",
        "issuer": did,
        "revision": 1,
        "updated": updated,
        "expires": expires,
        "assured": updated,
        "license": "https://creativecommons.org/licenses/by/4.0/",
        **members,
        "proof": {"type": "DataIntegrityProof", "proofValue": "z" * 88},
    }
    body = json.dumps(whole).encode()
    return StoredDocument(
        did=did,
        path=path,
        type=str(members["type"]),
        digest=digest(body),
        state=DocumentState.LIVE,
        body=body,
        revision=1,
        updated=updated,
        expires=expires,
    )
