"""Records for the tests of the store, and a fingerprint of all that a database holds."""

from __future__ import annotations

import hashlib

import apsw

from localfed.app.values import (
    DocumentState,
    FeedFile,
    Growth,
    Home,
    ImportRecord,
    Publisher,
    Removal,
    StoredDocument,
)
from localfed.protocol.digest import digest
from localfed.protocol.ratchet import HeadState
from localfed.store.connection import DATABASE

SCID = "QmT1" + "a" * 42
DID = f"did:webvh:{SCID}:kitchen.example"
OTHER = f"did:webvh:QmT2{'b' * 42}:grocer.example"
NOW = "2026-05-01T09:00:00Z"
LATER = "2026-05-02T09:00:00Z"
LATEST = "2026-05-03T09:00:00Z"


def publisher(did=DID, **members):
    host = did.split(":")[3]
    return Publisher(
        **{
            "did": did,
            "scid": did.split(":")[2],
            "base": f"https://{host}/",
            "host": host,
            "is_hosted": True,
            "is_followed": False,
            "allow_loopback": False,
            "log": b'{"versionId":"1"}\n',
        }
        | members
    )


def followed(did=OTHER, **members):
    return publisher(did, is_hosted=False, is_followed=True, **members)


def full_publisher(did=DID):
    """A publisher in which no member has its default."""
    return publisher(
        did,
        is_followed=True,
        allow_loopback=True,
        is_closed=True,
        head=b'{"type":"Head"}',
        state=HeadState(era=1, seq=1_777_626_000_000, chain="zchain", updated=NOW),
        head_expires=LATEST,
        poll_seconds=301,
        etag='"abc"',
        checked=NOW,
        next_poll=LATER,
        failures=3,
        problem="too-slow",
        entries_since_snapshot=7,
        over_quota=9,
        step=2,
        voucher=OTHER,
        is_shown=False,
        quota=5_000,
        removal=Removal(since=NOW, why="blocked"),
        home=Home(confirmed=NOW, problem="no-answer"),
        mirror="https://mirror.example/",
        source="https://mirror.example/mirror/x/",
        read=NOW,
        keys_changed=NOW,
        renewing_until=LATER,
        pinged=NOW,
        growth=Growth(since=NOW, base=1, count=2, held_back=3),
        hold="public-head-ahead",
        kit_checked=NOW,
    )


def document(path="d/a.json", did=DID, body=b'{"a":1}', **members):
    return StoredDocument(
        **{
            "did": did,
            "path": path,
            "type": "Offer",
            "digest": digest(body or path.encode()),
            "state": DocumentState.LIVE if body else DocumentState.WANTED,
            "body": body,
            "revision": 1_777_626_000_000,
            "updated": NOW,
            "expires": LATEST,
        }
        | members
    )


def wanted(path="d/a.json", did=DID, **members):
    return document(path, did, None, **({"revision": 0, "updated": "", "expires": ""} | members))


def feed_file(path="feed/1.json", did=DID, body=b"page", remove_after=None):
    return FeedFile(did=did, path=path, body=body, remove_after=remove_after)


def import_record(key="1", did=DID, source="shops", path="d/a.json", fingerprint="z1"):
    return ImportRecord(did=did, source=source, key=key, path=path, fingerprint=fingerprint)


async def fill(store, *documents, publishers=None):
    """Save the publishers (the hosted DID alone, unless others are given) and documents."""

    def change(tx):
        for one in publishers or (publisher(),):
            save(tx, one)
        put(tx, documents)

    await store.write(change)


def save(tx, one):
    """Save a publisher by the half of the port that is for its kind."""
    (tx.save_publisher if one.is_hosted else tx.accept_publisher)(one)


def put(tx, documents):
    """Put documents by the half of the port that is for their publisher."""
    hosted = {did: tx.publisher(did).is_hosted for did in {one.did for one in documents}}
    tx.put_documents([one for one in documents if hosted[one.did]])
    tx.accept_documents([one for one in documents if not hosted[one.did]])


def delete(tx, did, path):
    """Delete a path by the half of the port that is for its publisher."""
    if tx.publisher(did).is_hosted:
        tx.delete_document(did, path)
    else:
        tx.accept_deletions(did, [path])


def everything(store):
    """All that the port tells of a store with these publishers, whatever it is made of."""
    return (
        store.publishers(),
        store.log_after(0, 100_000),
        store.counts(),
        [
            (
                list(store.documents(did)),
                [store.feed_file(did, path) for path, _ in store.feed_files(did)],
                [store.is_retired(did, one.path) for one in store.log_after(0, 100_000)],
                store.import_records(did, "shops"),
            )
            for did in (DID, OTHER)
        ],
    )


def state_hash(folder):
    """A fingerprint of every row of every table, with a connection that is not the store's own."""
    connection = apsw.Connection(str(folder / DATABASE), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        tables = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
        ).fetchall()
        content = hashlib.sha256()
        for (table,) in tables:
            rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608 - own names
            content.update(repr((table, sorted(rows, key=repr))).encode())
        return content.hexdigest()
    finally:
        connection.close()
