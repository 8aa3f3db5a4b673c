"""Our own vectors of documents and feeds, as the tests beside this file read them."""

from __future__ import annotations

import functools
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from localfed.protocol.identity import Identity, read_identity
from localfed.protocol.times import read_time

SPEC = Path(__file__).resolve().parents[2] / "spec"
VECTORS = SPEC / "vectors"
DOCUMENTS = VECTORS / "documents"
FEED = VECTORS / "feed"


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@functools.cache
def identity_of(log: str, folder: Path = DOCUMENTS) -> Identity:
    """The identity of a log that an index names relative to its own folder."""
    now = datetime.fromisoformat("2026-12-01T00:00:00Z")
    return read_identity((folder / log).read_bytes(), now=now, allow_loopback=True)


def documents(*, valid: bool) -> list[dict[str, Any]]:
    return [one for one in read_json(DOCUMENTS / "index.json") if ("code" not in one) == valid]


def feed_cases(kind: str) -> list[dict[str, Any]]:
    return [one for one in read_json(FEED / "index.json") if one["kind"] == kind]


def document_named(name: str) -> bytes:
    return (DOCUMENTS / "valid" / f"{name}.json").read_bytes()


def name_of(case: dict[str, Any]) -> str:
    return str(case["name"])


def at(case: dict[str, Any]) -> datetime:
    return read_time(case["at"])
