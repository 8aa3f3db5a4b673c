"""The worked examples in the text of the specification, computed.

Here: each example by its name, and putting it into the block of a page that bears the name. Not here:
reading and writing the pages (`make_documents.py`, and a test that compares).
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import Any, Final

from documents_invalid import signed_proof
from documents_valid import LISTED
from feeds import START, THREE, chain_of, head, page, snapshot_of
from forge_document import DID, Json, offer, own, signed

from localfed.protocol.canonical import encode
from localfed.protocol.digest import digest
from localfed.protocol.proofs import hash_data

_BLOCK: Final = re.compile(
    r"(<!-- example: (?P<name>[a-z0-9-]+) -->\n```[a-z]*\n)(?P<body>.*?)(```\n)", re.DOTALL
)


def fill(text: str, values: dict[str, str]) -> str:
    """Put each example into its block; a block whose example is unknown is an error."""
    return _BLOCK.sub(lambda m: f"{m[1]}{values[m['name']].rstrip()}\n{m[4]}", text)


def examples() -> dict[str, str]:
    """Give every example by its name."""
    return {**_bytes(), **_proof(), **_feed(), **_others()}


def _bytes() -> dict[str, str]:
    value: Json = {"name": {"en": "Café “Rosa”\nOpen daily", "cy": "Caffi"}, "places": ["55.95", 2]}
    body = encode(value)
    rows = [
        ("canonical form", body.decode()),
        ("bytes", str(len(body))),
        ("SHA-256", sha256(body).hexdigest()),
        ("digest", digest(body)),
    ]
    spellings = [
        json.dumps(value, ensure_ascii=False),
        json.dumps(value, separators=(",", ":"), sort_keys=True),
        body.decode().replace("\\n", "\\u000a"),
        body.decode().replace('{"name"', '{"name":1,"name"', 1),
        body.decode().replace("2]", "2 ]"),
    ]
    return {
        "bytes": "\n".join(f"{name:<16}{text}" for name, text in rows),
        "bytes-refused": "\n".join(spellings),
    }


def _proof() -> dict[str, str]:
    document = offer()
    proof = signed_proof(document)
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    both = hash_data(document, options)
    body = signed(document)
    return {
        "proof-document": encode(document).decode(),
        "proof-options": encode(options).decode(),
        "proof-hashes": "\n".join(
            (
                f"proof           {both[:32].hex()}",
                f"document        {both[32:].hex()}",
                f"proofValue      {proof['proofValue']}",
            )
        ),
        "proof-signed": body.decode(),
        "proof-digest": digest(body),
    }


def _feed() -> dict[str, str]:
    lines: list[str] = []
    chain = START
    for entry in THREE:
        chain = chain_of([entry], chain)
        lines += [encode(entry).decode(), f"  {chain}"]
    snapshot, part = snapshot_of(THREE)
    name = snapshot["parts"][0]
    return {
        "feed-start": START,
        "feed-entries": "\n".join(lines),
        "feed-page": page(THREE).decode(),
        "feed-head": signed(head()).decode(),
        "feed-part": f"{name['name']}\n{part.decode()}\n{name['digest']}",
        "feed-own": signed(own()).decode(),
    }


def _others() -> dict[str, str]:
    envelope = {"@context", "id", "type", "issuer", "revision", "updated", "expires", "assured"}
    members = {name: value for name, value in LISTED.items() if name not in envelope}
    hint: dict[str, Any] = {
        "localfed": {"versions": ["1.0"]},
        "organizations": [{"did": DID, "base": "https://grocer.example/"}],
        "software": {"name": "localfed", "version": "0.1.0"},
    }
    return {
        "listed-record": encode(members).decode(),
        "localfed-json": json.dumps(hint, indent=2),
        "mirror-clock": encode({DID.split(":")[2]: 1_777_714_200_002}).decode(),
    }
