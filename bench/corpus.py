"""Documents to verify: the table's organisations, signed in this process by the code that imports."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from localfed.app.imports import write_members
from localfed.app.organisations import new_identity
from localfed.interop.csv_table import read_csv
from localfed.protocol.digest import digest
from localfed.protocol.draft import write_document
from localfed.protocol.identity import Identity, read_identity
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A signed document, and what a feed says of it."""

    body: bytes
    path: str
    digest: str


class Corpus(msgspec.Struct, frozen=True, kw_only=True):
    """Documents of one identity, and the moment at which all of them are valid."""

    identity: Identity
    now: datetime
    documents: tuple[Signed, ...]


def make_corpus(table: Path, most: int) -> Corpus:
    """Sign at most so many of a table's records, evenly taken from all of it."""
    now = datetime.now(UTC)
    key = SigningKey(bytes(range(32)))
    new = new_identity(
        Kit(bytes(range(32, 64))), key, url="https://bench.example", now=now, allow_loopback=False
    )
    read = read_csv(table.read_bytes(), file_name=table.name)
    step = max(1, len(read.records) // most)
    documents = []
    for number, record in enumerate(read.records[::step][:most]):
        path = f"d/{base64.b32encode(number.to_bytes(16)).decode().lower().rstrip('=')}.json"
        # Each at a second of its own: nothing that remembers a time can help.
        moment = now - timedelta(seconds=number)
        body = write_document(
            write_members(record, read.source, read.language),
            did=new.did,
            path=path,
            revision=1_750_000_000_000 + number,
            key=key,
            now=moment,
            assured=moment,
        )
        documents.append(Signed(body=body, path=path, digest=digest(body)))
    return Corpus(identity=read_identity(new.log, now=now), now=now, documents=tuple(documents))
