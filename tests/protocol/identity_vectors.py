"""Our own vectors of 03-identity, as the tests beside this file read them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "spec" / "vectors" / "identity"


def read_json(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def read_log(case: dict[str, Any]) -> bytes:
    return (FOLDER / case["file"]).read_bytes()


def now_of(case: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(case["now"])


def log_named(name: str) -> bytes:
    return (FOLDER / "valid" / f"{name}.jsonl").read_bytes()


def cases(check: str, *, valid: bool, rule: str | None = None) -> list[dict[str, Any]]:
    """The logs of the index for one of the two checks, all or those that try one rule."""
    return [
        case
        for case in read_json("index.json")
        if case["check"] == check and ("result" in case) == valid and rule in {None, case["rule"]}
    ]


def name_of(case: dict[str, Any]) -> str:
    return str(case["name"])
