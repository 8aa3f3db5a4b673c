"""What a hostile network, home or mirror says, and what only a key or a kit can write.

Here: making any URL bring any bytes, entries of logs and heads that break one rule and keep all others,
letters for an inbox. Not here: any attack (`test_identity`, `test_freshness`).

Whatever is made here is as good as its maker could make it: hashes fit, signatures are real.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from attacks.frame import Victim
from federation import Node
from localfed.app.publishing import publish
from localfed.app.signing import Change, author_of
from localfed.app.values import DocumentState, StoredDocument
from localfed.protocol import identity
from localfed.protocol.canonical import parse_object
from localfed.protocol.did import did_text
from localfed.protocol.digest import digest
from localfed.protocol.document import CONTEXT
from localfed.protocol.feed import Entry, Page, chain_over, page_path, write_page
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit
from localfed.protocol.proofs import sign
from localfed.protocol.times import read_time, write_time
from localfed.protocol.webvh_entry import PLACEHOLDER, hash_entry, hash_first, hash_key, sign_entry
from localfed.protocol.webvh_parameters import METHOD

Edit = Callable[[dict[str, Any]], None]

MALLORY_KIT = Kit(b"mallory's kit, of thirty-two by.")
MALLORY = SigningKey(b"mallory's key, of thirty-two by.")


# --- the network -----------------------------------------------------------------------------


Body = bytes | Callable[[], bytes | None] | None


def serve(victim: Victim, files: Mapping[str, Body]) -> list[str]:
    """Let URLs bring these bytes (None: 404), whoever is there; returns which of them are asked.

    Bytes may be made at each request; what is taken out of `files` later is true again.
    """
    network = victim.network
    real = network._answer
    asked: list[str] = []

    def answer(url: str, *, fresh: bool = False) -> bytes | None:
        if url not in files:
            return real(url, fresh=fresh)
        network._count(url)
        asked.append(url)
        body = files[url]
        return body() if callable(body) else body

    network._answer = answer
    for url in files:
        network.nodes.setdefault(urlsplit(url).netloc, victim.stranger)
    return asked


def files_of(node: Node) -> dict[str, bytes]:
    """Every file of a node's organisation as it is now, by its path: what a thief of files keeps."""
    files = {name: node.file(f"/{name}") for name in ("did.jsonl", "head.json", "bundle.jsonl")}
    files[".well-known/did.jsonl"] = node.file("/did.jsonl")
    files |= {path: node.file(f"/{path}") for path, _ in node.store.feed_files(node.did)}
    files |= {path: one.body for path, one in node.live(node).items()}
    return {path: body for path, body in files.items() if body is not None}


def at(base: str, files: Mapping[str, bytes | None]) -> dict[str, bytes | None]:
    """Put files below a folder."""
    return {base + path: body for path, body in files.items()}


def scid_of(node: Node) -> str:
    return node.did.split(":")[2]


def mirror_of(mirror: Node, publisher: Node) -> str:
    """The folder of a publisher on the mirror of another."""
    return f"{mirror.base}mirror/{scid_of(publisher)}/"


async def away_and_mirrored(victim: Victim) -> str:
    """Take the friend's home away, of whom the other one has a mirror; returns the folder there."""
    await victim.other.follow(victim.friend)
    await victim.other.sync(victim.friend)
    victim.network.down.add(victim.friend.host)
    return mirror_of(victim.other, victim.friend)


# --- logs ------------------------------------------------------------------------------------


def log_of(node: Node) -> bytes:
    log = node.file("/did.jsonl")
    assert log is not None
    return log


def last_version(log: bytes) -> str:
    return str(json.loads(log.splitlines()[-1])["versionId"])


def longer(
    log: bytes, kit: Kit, now: datetime, edit: Edit | None = None, *, by: SigningKey | None = None
) -> bytes:
    """Extend a log by an entry with the right hashes, edited before it is hashed and signed."""
    last = json.loads(log.splitlines()[-1])
    key, hashes = identity._reveal(kit, last["parameters"]["nextKeyHashes"])
    moment = max(now, read_time(last["versionTime"]) + timedelta(seconds=1))
    entry: dict[str, Any] = {
        "versionId": last["versionId"],
        "versionTime": write_time(moment),
        "parameters": {"updateKeys": [key.multikey], "nextKeyHashes": hashes},
        "state": copy.deepcopy(last["state"]),
    }
    if edit is not None:
        edit(entry)
    number = int(last["versionId"].partition("-")[0]) + 1
    entry["versionId"] = f"{number}-{hash_entry(entry, last['versionId'])}"
    return log + sign_entry(entry, by or key, write_time(moment))


def first(
    base: str,
    now: datetime,
    edit: Edit | None = None,
    *,
    by: SigningKey | None = None,
    late: Edit | None = None,
) -> bytes:
    """Make the log of a new identity of Mallory's, edited before its SCID is computed, or after (`late`)."""
    key = MALLORY_KIT.update_key(0)
    did = did_text(PLACEHOLDER, base, allow_loopback=True)
    draft: dict[str, Any] = {
        "versionId": PLACEHOLDER,
        "versionTime": write_time(now),
        "parameters": {
            "method": METHOD,
            "scid": PLACEHOLDER,
            "updateKeys": [key.multikey],
            "nextKeyHashes": [hash_key(MALLORY_KIT.update_key(1).multikey)],
            "portable": True,
        },
        "state": identity._write_state(
            first=did, current=did, earlier=(), base=base, keys=[MALLORY.multikey]
        ),
    }
    if edit is not None:
        edit(draft)
    scid = hash_first(draft, PLACEHOLDER)
    entry = identity._put_scid(draft, scid)
    if late is not None:
        late(entry)
    entry["versionId"] = f"1-{hash_entry(entry, scid)}"
    return sign_entry(entry, by or key, write_time(now))


def did_of(log: bytes) -> str:
    return str(json.loads(log.splitlines()[0])["state"]["id"])


def method_of(did: str, multikey: str) -> dict[str, str]:
    """A verification method as a state holds it."""
    return {
        "id": f"{did}#{multikey}",
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": multikey,
    }


# --- heads, documents, letters ---------------------------------------------------------------


def again(
    body: bytes, key: SigningKey, *, method: str | None = None, issuer: str = "", **members: Any
) -> bytes:
    """Sign a document or head anew with other members; None takes one out."""
    value = {**parse_object(body), **members}
    value = {name: item for name, item in value.items() if name != "proof" and item is not None}
    if issuer:
        value["issuer"] = issuer
    return sign(value, key, method or f"{value['issuer']}#{key.multikey}")


def next_head(
    node: Node,
    seq: int,
    *,
    key: SigningKey | None = None,
    rows: tuple[tuple[str, str, bytes], ...] = (),
    **members: Any,
) -> dict[str, bytes]:
    """Write a head that goes on from a node's own with this seq, and its page, as who has its key can.

    `rows` are path, type and bytes of what is put; without any, the head says that `org.json` stays.
    """
    head = node.head()
    own = node.file("/org.json")
    assert own is not None
    puts = rows or (("org.json", "Organization", own),)
    entries = tuple(
        Entry(seq=seq - len(puts) + 1 + number, path=path, type=kind, digest=digest(body))
        for number, (path, kind, body) in enumerate(puts)
    )
    page = Page(before=head["chain"], previous=head["page"], entries=entries)
    name = page_path(entries[0].seq)
    said = {"seq": seq, "chain": chain_over(head["chain"], entries), "page": name, **members}
    signed = node.signed_head(key=key, **said)
    files = {"head.json": signed, name: write_page(page)}
    return files | {path: body for path, _, body in rows}


async def list_bytes(node: Node, path: str, kind: str, body: bytes) -> None:
    """Let a node list any bytes at a path of its feed, and serve them there."""
    await list_all(node, kind, {path: body})


async def list_all(node: Node, kind: str, bodies: Mapping[str, bytes]) -> None:
    """Let a node list any bytes in its feed, by path, in one go."""

    def change(tx: Any) -> None:
        author = author_of(tx, node.did, [node.key], node.clock.now())
        for path, body in bodies.items():
            tx.put_document(
                StoredDocument(
                    did=node.did,
                    path=path,
                    type=kind,
                    digest=digest(body),
                    state=DocumentState.LIVE,
                    body=body,
                    revision=1,
                    updated=write_time(node.clock.now()),
                    expires=write_time(node.clock.now() + timedelta(days=9)),
                )
            )
        publish(tx, author, [Change(path=p, type=kind, body=b) for p, b in bodies.items()])

    await node.store.write(change)


def message(node: Node, to: Node, /, *, key: SigningKey | None = None, **members: Any) -> bytes:
    """Write an enquiry of a node, signed."""
    now = node.clock.now()
    value = {
        "@context": CONTEXT,
        "id": f"{node.did}/messages/{'a' * 26}.json",
        "type": "Enquiry",
        "issuer": node.did,
        "to": to.did,
        "language": "en",
        "text": {"en": "Have you bread?"},
        "updated": write_time(now),
        "expires": write_time(now + timedelta(days=3)),
        **members,
    }
    method = value.pop("method", None)
    value = {name: item for name, item in value.items() if item is not None}
    return sign(value, key or node.key, method or f"{value['issuer']}#{(key or node.key).multikey}")


def letter(log: bytes, body: bytes) -> bytes:
    return log + body + b"\n"


# --- what has to stay ------------------------------------------------------------------------


def shown(node: Node, publisher: Node) -> dict[str, bytes | None]:
    """What is live of a publisher, byte for byte."""
    return {path: one.body for path, one in node.live(publisher).items()}
