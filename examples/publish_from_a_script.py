#!/usr/bin/env python3
"""Publish offers out of a table of events, again and again: only what changed is published anew.

    python publish_from_a_script.py events.csv --data FOLDER

Columns: key (yours, never changes), name, description, category, latitude, longitude, until (a time
such as 2026-12-12T17:00:00Z, or empty). A .json file holds a list of objects with the same names. What
was published is remembered in a file beside the table; an event that left the table is withdrawn.
It all goes through the command line, which works while the node is running.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCALFED = (
    [shutil.which("localfed")] if shutil.which("localfed") else [sys.executable, "-m", "localfed"]
)


def main() -> int:
    """Publish what is new or changed, withdraw what is gone."""
    words = argparse.ArgumentParser(description="Publish offers out of a table of events.")
    words.add_argument("table", type=Path)
    words.add_argument("--data", required=True, metavar="FOLDER", help="the node's data folder")
    given = words.parse_args()
    memory = given.table.with_suffix(".published.json")
    known = json.loads(memory.read_text(encoding="utf-8")) if memory.is_file() else {}
    drafts = {event["key"]: make_draft(event) for event in read_events(given.table)}
    try:
        for key, draft in drafts.items():
            held = known.get(key)
            if held is not None and held["draft"] == draft:
                continue
            # With an id, a draft is the next revision of that offer; without, a new offer.
            sent = draft if held is None else {**draft, "id": held["id"]}
            told = localfed("publish", given.data, "-", stdin=json.dumps(sent))
            known[key] = {"id": told["id"], "draft": draft}
            print(f"{'published' if told['new'] else 'changed'}: {key}: {told['id']}")
        for key in sorted(known.keys() - drafts.keys()):
            localfed("withdraw", given.data, known[key]["id"])
            del known[key]
            print(f"withdrawn: {key}")
    finally:
        # Also after a failure: what was published must be known the next time.
        memory.write_text(json.dumps(known, indent=2), encoding="utf-8")
    return 0


def read_events(table: Path) -> list[dict[str, str]]:
    """Read the events of a CSV or JSON file."""
    text = table.read_text(encoding="utf-8-sig")
    if table.suffix == ".json":
        events: list[dict[str, str]] = json.loads(text)
        return events
    return list(csv.DictReader(text.splitlines()))


def make_draft(event: dict[str, str]) -> dict[str, Any]:
    """Make the draft of an offer: only what the event says."""
    draft: dict[str, Any] = {"type": "Offer", "name": event["name"]}
    if event.get("description"):
        draft["description"] = event["description"]
    if event.get("category"):
        draft["category"] = [event["category"]]
    if event.get("latitude") and event.get("longitude"):
        draft["location"] = [{name: event[name] for name in ("latitude", "longitude")}]
    if event.get("until"):
        draft["validUntil"] = event["until"]
    return draft


def localfed(command: str, data: str, *words: str, stdin: str = "") -> dict[str, Any]:
    """Run a command with --json and read its answer; stop with its message where it refuses."""
    done = subprocess.run(
        [*LOCALFED, command, "--data", data, "--json", *words],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(done.stderr, end="", file=sys.stderr)
        raise SystemExit(done.returncode)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


if __name__ == "__main__":
    sys.exit(main())
