#!/usr/bin/env python3
"""Read a node with the standard library alone, and list what it offers by distance.

    python read_a_node.py https://grocer.example --near 54.60,-2.30

Everything read is checked against the node's head: the digests of the snapshot, the chain of the
entries since then, the digest of every document. So no proxy and no cache can have changed a byte that
the head does not vouch for. Not checked here is who signed the head: that needs Ed25519, which the
standard library does not have (verify_with_the_library.py does it).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
from typing import Any
from urllib.error import HTTPError
from urllib.parse import unquote, urljoin
from urllib.request import urlopen

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LARGEST = 20_000_000


class Untrue(Exception):
    """The node sent something that its head does not vouch for."""


def main() -> int:
    """Read every organisation at an address and print what it publishes, the nearest first."""
    words = argparse.ArgumentParser(description="List what a node publishes, by distance.")
    words.add_argument("url")
    words.add_argument("--near", default="", metavar="LAT,LON")
    given = words.parse_args()
    near = tuple(float(part) for part in given.near.split(",")) if given.near else None
    hint = json.loads(fetch(urljoin(given.url, "/.well-known/localfed.json")))
    for organisation in hint["organizations"]:
        base = organisation["base"]
        documents = read_documents(base)
        lines = sorted(describe(document, near) for document in documents)
        print(f"{base}: {len(lines)} documents, each as the head lists it")
        for km, kind, name in lines:
            distance = f"{km:8.1f} km" if km < math.inf else " " * 11
            print(f"{distance}  {kind:<12}  {name}")
    return 0


def read_documents(base: str) -> list[dict[str, Any]]:
    """Read the documents that a publisher's head lists; BASE is where its files are."""
    head = json.loads(fetch(base + "head.json"))
    scid = head["issuer"].split(":")[2]
    rows = read_rows(base, head, scid)
    bodies: dict[str, bytes] = {}
    if len(rows) > 50:
        # One request instead of thousands. A line counts if it has the digest of a row.
        wanted = set(rows.values())
        for line in fetch(base + "bundle.jsonl", may_be_missing=True).splitlines():
            if digest(line) in wanted:
                bodies[digest(line)] = line
    for path, name in rows.items():
        if name not in bodies:
            bodies[name] = fetch(base + path)
            if digest(bodies[name]) != name:
                message = f"{base}{path} has other bytes than the head lists"
                raise Untrue(message)
    return [json.loads(bodies[name]) for name in rows.values()]


def read_rows(base: str, head: dict[str, Any], scid: str) -> dict[str, str]:
    """Read what is live, path to digest: the snapshot, then the entries that came after it."""
    rows: dict[str, str] = {}
    for part in head["snapshot"]["parts"]:
        data = fetch(base + part["name"])
        if digest(data) != part["digest"]:
            message = f"{part['name']} has other bytes than the head says"
            raise Untrue(message)
        rows |= {path: name for path, _, name in json.loads(data)}

    start = head["snapshot"]["chain"]
    if head["snapshot"]["seq"] == 0 and start != digest(f"localfed/1 {scid}".encode()):
        raise Untrue("the feed does not begin as this identity's does")
    chain = start
    for entry in read_entries(base, head):
        chain = next_link(chain, entry)
        path = entry[2]
        rows.pop(path, None)
        if entry[1] == "put":
            rows[path] = entry[4]
    if chain != head["chain"]:
        raise Untrue("the entries do not lead to the head")
    return rows


def read_entries(base: str, head: dict[str, Any]) -> list[list[Any]]:
    """Read the entries between the snapshot and the head, walking back page by page."""
    entries: list[list[Any]] = []
    path = head["page"] if head["seq"] > head["snapshot"]["seq"] else None
    while path is not None:
        page = json.loads(fetch(base + path))
        entries = page["entries"] + entries
        reached = page["entries"][0][0] <= head["snapshot"]["seq"]
        path = None if reached or page["before"] == head["snapshot"]["chain"] else page["previous"]
    return [one for one in entries if head["snapshot"]["seq"] < one[0] <= head["seq"]]


def next_link(chain: str, entry: list[Any]) -> str:
    """Carry the chain on over an entry: the hash of the chain before it and of its own bytes."""
    text = json.dumps(entry, separators=(",", ":"), ensure_ascii=False)
    return digest(read_digest(chain) + text.encode())


def digest(data: bytes) -> str:
    """Name bytes as the protocol does: `z`, base58 of 0x12 0x20 and the SHA-256."""
    number = int.from_bytes(b"\x12\x20" + hashlib.sha256(data).digest(), "big")
    text = ""
    while number:
        number, rest = divmod(number, 58)
        text = ALPHABET[rest] + text
    return "z" + text


def read_digest(text: str) -> bytes:
    """Read the hash out of its name."""
    number = 0
    for letter in text[1:]:
        number = number * 58 + ALPHABET.index(letter)
    return number.to_bytes(34, "big")[2:]


def describe(document: dict[str, Any], near: tuple[float, ...] | None) -> tuple[float, str, str]:
    """Say how far a document's nearest place is, what it is, and what it is called."""
    points = [
        (float(place["latitude"]), float(place["longitude"]))
        for place in document.get("location", [])
        if "latitude" in place
    ]
    km = min((distance_km(near, point) for point in points), default=math.inf) if near else math.inf
    return km, document["type"], call(document)


def call(document: dict[str, Any]) -> str:
    """Say what a document is called; those that have no name say with whom it is, or their id."""
    names = document.get("name")
    if names:
        return str(names.get(document.get("language")) or next(iter(names.values())))
    if "partner" in document:
        # A DID: did:webvh, a fingerprint, the host, and folders where there are some.
        return "with " + unquote(document["partner"].split(":", 3)[3].replace(":", "/"))
    return str(document["id"])


def distance_km(one: tuple[float, ...], other: tuple[float, float]) -> float:
    """Say how far two points are from each other, by the haversine formula."""
    (north, east), (north2, east2) = (map(math.radians, point) for point in (one, other))
    half = math.sin((north2 - north) / 2) ** 2
    half += math.cos(north) * math.cos(north2) * math.sin((east2 - east) / 2) ** 2
    return 12_742 * math.asin(math.sqrt(min(half, 1)))


def fetch(url: str, *, may_be_missing: bool = False) -> bytes:
    """Fetch one file, bounded in size and time."""
    if not url.startswith(("https://", "http://localhost:")):
        message = f"{url} is not an address of a node"
        raise Untrue(message)
    try:
        with urlopen(url, timeout=10) as answer:
            body: bytes = answer.read(LARGEST)
            return body
    except HTTPError as error:
        if may_be_missing and error.code == 404:
            return b""
        raise


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Untrue, OSError, KeyError, ValueError) as problem:
        print(f"not read: {problem}", file=sys.stderr)
        sys.exit(1)
