"""The other implementation, as these tests ask it: a list of requests in, a list of answers out.

Here: running `other.mjs`, once for each batch (Node takes a third of a second to start), and what its
requests look like. Not here: installing it (`node_packages.py`), what we say ourselves (`verdicts.py`).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from localfed.protocol.canonical import Json, JsonObject
from node_packages import NODE

HERE = Path(__file__).resolve().parent
PROGRAM = HERE / "other.mjs"
_SECONDS = 300

Documents = Mapping[str, Json]
"""DID documents by their DID: all that is known to whoever verifies."""


def verify(body: bytes | str, documents: Documents) -> JsonObject:
    """Ask whether the proof of this JSON holds."""
    text = body if isinstance(body, str) else body.decode()
    return {"do": "verify", "text": text, "documents": dict(documents)}


def sign(unsigned: bytes, seed: bytes, method: str, *, created: str | None = None) -> JsonObject:
    """Ask for this JSON to be signed with just the members of a proof that we want."""
    more = {} if created is None else {"created": created}
    return {"do": "sign", "text": unsigned.decode(), "seed": seed.hex(), "method": method, **more}


def sign_usually(unsigned: bytes, seed: bytes, method: str, *, created: str) -> JsonObject:
    """Ask for this JSON to be signed as the library's manual shows it."""
    return {**sign(unsigned, seed, method, created=created), "do": "sign-usually"}


def ask(packages: Path, requests: Iterable[JsonObject]) -> list[dict[str, Any]]:
    """Ask all of them of one process; the answers come in the same order."""
    # In ASCII: half a surrogate pair is one of the things that are asked about.
    lines = [json.dumps(request) for request in requests]
    # It reads its own files; it writes none and starts nothing.
    may = ["--permission", f"--allow-fs-read={HERE}/*", f"--allow-fs-read={packages}/*"]
    done = subprocess.run(
        [NODE, *may, PROGRAM, packages],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
        env={},
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(lines), "a request without an answer"
    return answers
