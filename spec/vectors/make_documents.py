"""Make the vectors of sections 2 and 4 to 7: `python spec/vectors/make_documents.py [FOLDER]`.

Here: the files under `documents/` and `feed/` beside this one, byte for byte the same at every run, and
the examples in the text of the specification. Every key comes from a fixed seed and every time is
written down. Whatever this writes is checked: a case whose code is not that of its table stops it. The
vectors are CC0.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Final

import documents_invalid
import documents_valid
import feeds
from forge_document import LOG, identity_of
from worked_examples import examples, fill

from localfed.app.feed_reading import read_feed
from localfed.protocol.accept import open_document, open_head
from localfed.protocol.digest import digest
from localfed.protocol.errors import LocalFedError
from localfed.protocol.feed import chain_over, read_page, read_parts
from localfed.protocol.mirror import read_clock
from localfed.protocol.ratchet import HeadState
from localfed.protocol.times import read_time

HERE: Final = Path(__file__).resolve().parent
Case = dict[str, Any]


def documents(folder: Path) -> None:
    """Write every document and the index that says what a reader makes of it."""
    index: list[Case] = []
    for name, case in documents_valid.cases().items():
        index.append(_document(f"valid/{name}.json", name, {"rule": "LF-DOC-1", **case}))
        _write(folder / index[-1]["file"], case["body"])
    for name, case in documents_invalid.cases().items():
        index.append(_document(f"invalid/{name}{_ending(case['body'])}", name, case))
        _write(folder / index[-1]["file"], case["body"])
    _write_json(folder / "index.json", index)


def _ending(body: bytes) -> str:
    """Name what is not even text by another ending, so that nobody's tools open it as JSON."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return ".bytes"
    return ".json"


def _document(file: str, name: str, case: Case) -> Case:
    log = case.get("log", LOG)
    said = {
        "name": name,
        "file": file,
        "rule": case["rule"],
        "log": f"../identity/{log}",
        "at": case["at"],
        "path": case["path"],
        "digest": case.get("digest", digest(case["body"])),
    }
    try:
        checked = open_document(
            case["body"],
            identity=identity_of(log),
            now=read_time(case["at"]),
            path=case["path"],
            digest=said["digest"],
        )
    except LocalFedError as error:
        _expect(name, error.code, case.get("code"))
        return {**said, "code": error.code}
    _expect(name, None, case.get("code"))
    _expect(name, checked.is_shown, case["shown"])
    return {**said, "shown": checked.is_shown}


def _clock(case: Case) -> Case:
    """Check what a clock is read as, or that it is refused with its code."""
    code = None
    try:
        assert read_clock(case["text"].encode()) == case.get("result"), case["name"]
    except LocalFedError as error:
        code = error.code
    assert code == case.get("code"), (case["name"], code)
    return case


def feed(folder: Path) -> None:
    """Write pages, snapshots, heads, whole readings and the table of the ratchet."""
    index: list[Case] = []
    for name, case in feeds.pages().items():
        index.append(_page(name, case))
        _write(folder / index[-1]["file"], case["body"])
    for name, case in feeds.parts().items():
        index.append(_parts(name, case))
        for file, body in zip(index[-1]["files"], case["bodies"], strict=True):
            _write(folder / file, body)
    for name, case in feeds.heads().items():
        index.append(_head(name, case))
        _write(folder / index[-1]["file"], case["body"])
    for name, case in feeds.readings().items():
        file = f"readings/{name}.json"
        index.append({"kind": "reading", "name": name, "file": file, "rule": case["rule"]})
        _write_json(folder / file, _reading(name, case))
    _write_json(folder / "index.json", index)
    _write_json(folder / "ratchet.json", feeds.ratchet())
    _write_json(folder / "clocks.json", [_clock(case) for case in feeds.clocks()])


def _page(name: str, case: Case) -> Case:
    file = f"pages/{name}{_ending(case['body'])}"
    said = {"kind": "page", "name": name, "file": file, "rule": case["rule"], "path": case["path"]}
    try:
        page = read_page(case["body"], case["path"])
    except LocalFedError as error:
        _expect(name, error.code, case.get("code"))
        return {**said, "code": error.code}
    _expect(name, None, case.get("code"))
    return {
        **said,
        "result": {"entries": len(page.entries), "chain": chain_over(page.before, page.entries)},
    }


def _parts(name: str, case: Case) -> Case:
    files = [f"parts/{name}-{number}.json" for number in range(1, len(case["bodies"]) + 1)]
    said = {"kind": "parts", "name": name, "files": files, "rule": case["rule"]}
    try:
        rows = read_parts(case["bodies"])
    except LocalFedError as error:
        _expect(name, error.code, case.get("code"))
        return {**said, "code": error.code}
    _expect(name, None, case.get("code"))
    return {**said, "result": {"rows": len(rows)}}


def _head(name: str, case: Case) -> Case:
    said = {"kind": "head", "name": name, "file": f"heads/{name}.json", "rule": case["rule"]}
    said |= {"log": f"../identity/{case['log']}", "at": case["at"]}
    identity = identity_of(case["log"])
    try:
        checked = open_head(case["body"], identity=identity, now=read_time(case["at"]))
    except LocalFedError as error:
        _expect(name, error.code, case.get("code"))
        return {**said, "code": error.code}
    _expect(name, None, case.get("code"))
    _expect(name, checked.era, case.get("era", 0))
    return {**said, "result": {"era": checked.era, "seq": checked.head.seq}}


def _reading(name: str, case: Case) -> Case:
    """Read a feed as the reader in this repository does, and write down what came out."""
    identity = identity_of(case["log"])
    head = open_head(case["head"].encode(), identity=identity, now=read_time(case["at"])).head
    held = case["held"] and HeadState(era=0, updated="2026-05-01T00:00:00Z", **case["held"])

    async def fetch(path: str) -> bytes | None:
        text = case["files"].get(path)
        return None if text is None else str(text).encode()

    said = {"log": f"../identity/{case['log']}", **{n: case[n] for n in ("at", "head", "held")}}
    said["files"] = case["files"]
    try:
        listing = asyncio.run(read_feed(head, identity.scid, held, fetch))
    except LocalFedError as error:
        _expect(name, error.code, case.get("code"))
        return {**said, "code": error.code}
    _expect(name, None, case.get("code"))
    _expect(name, list(listing.notes), case.get("notes", []))
    live = {} if listing.is_whole else {**case["before"]}
    for path in listing.deletes:
        live.pop(path, None)
    live |= {row.path: row.digest for row in listing.puts}
    _expect(name, dict(sorted(live.items())), case["live"])
    return {
        **said,
        "before": case["before"],
        "result": {
            "notes": list(listing.notes),
            "isWhole": listing.is_whole,
            "live": case["live"],
        },
    }


def _expect(name: str, found: object, wanted: object) -> None:
    if found != wanted:
        message = f"{name}: {found}, not {wanted}"
        raise SystemExit(message)


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def _write_json(path: Path, value: object) -> None:
    _write(path, (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode())


def text(folder: Path) -> None:
    """Write the examples into the pages of the specification."""
    values = examples()
    for page in sorted(folder.glob("0*.md")):
        old = page.read_text(encoding="utf-8")
        new = fill(old, values)
        if new != old:
            page.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    documents(target / "documents")
    feed(target / "feed")
    if target == HERE:
        text(HERE.parent)
    print(f"{target}: documents, feed")
