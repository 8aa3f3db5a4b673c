"""The bundle: the bodies asked for, in order, and never half a file."""

from __future__ import annotations

import asyncio

import pytest

from localfed.app.values import DocumentState
from localfed.protocol.errors import BadFile, UnknownOrganisation
from localfed.store.files import replace_private_file
from store.records import DID, OTHER, SCID, document, fill, followed, publisher, wanted

A, B, C = (document(f"d/{name}.json", body=b'{"name":"%s"}' % name.encode()) for name in "abc")


def lines(store):
    return store.bundle_path(DID).read_bytes().split(b"\n")


async def test_a_bundle_has_the_bodies_in_the_order_asked_for(store, folder):
    await fill(store, A, B, C)

    await store.write_bundle(DID, [C.digest, A.digest, B.digest])

    assert lines(store) == [C.body, A.body, B.body, b""]
    assert store.bundle_path(DID) == folder / "bundles" / f"{SCID}.jsonl"


async def test_a_bundle_leaves_out_what_is_not_live(store):
    rejected = document("d/r.json", body=b"no", state=DocumentState.REJECTED)
    await fill(store, A, wanted("d/w.json"), rejected)

    await store.write_bundle(DID, [wanted("d/w.json").digest, rejected.digest, B.digest, A.digest])

    assert lines(store) == [A.body, b""]


async def test_a_bundle_of_nothing_is_an_empty_file(store):
    await fill(store)

    await store.write_bundle(DID, [])

    assert store.bundle_path(DID).read_bytes() == b""


async def test_a_new_bundle_replaces_the_old_one_for_who_opens_it_now(store):
    await fill(store, A, B)
    await store.write_bundle(DID, [A.digest])

    with store.bundle_path(DID).open("rb") as reading:
        await store.write_bundle(DID, [B.digest])

        assert reading.read() == A.body + b"\n"
    assert lines(store) == [B.body, b""]


async def test_there_is_no_bundle_before_it_is_written_nor_of_who_is_not_hosted(store):
    await fill(store, A, publishers=[publisher(), followed()])

    assert store.bundle_path(DID) is None
    assert store.bundle_path(OTHER) is None
    await store.write_bundle(DID, [A.digest])
    await store.write(lambda tx: tx.delete_publisher(DID))
    assert store.bundle_path(DID) is None
    with pytest.raises(UnknownOrganisation):
        await store.write_bundle(DID, [A.digest])


async def test_a_bundle_is_written_while_others_write(store):
    await fill(store, A)
    many = [document(f"d/{number}.json", body=b"%05d" % number * 200) for number in range(3000)]
    await store.write(lambda tx: tx.put_documents(many))

    bundle = asyncio.create_task(store.write_bundle(DID, [one.digest for one in many]))
    for number in range(50):
        await store.write(lambda tx, number=number: tx.touch(DID, f"d/{number}.json"))
    await bundle

    assert lines(store) == [*(one.body for one in many), b""]


async def test_bundles_asked_for_at_once_are_each_written_whole(store):
    await fill(store, A, B)

    await asyncio.gather(
        *(store.write_bundle(DID, [one.digest] * 500) for one in (A, B, A, B, A, B))
    )

    assert set(lines(store)) in ({A.body, b""}, {B.body, b""})
    assert len(lines(store)) == 501


async def test_what_a_killed_process_left_is_cleared_away(store):
    await fill(store, A)
    await store.write_bundle(DID, [A.digest])
    left = store.bundle_path(DID).parent / f".{SCID}.jsonl.tmp"
    left.write_bytes(b"half")

    await store.write_bundle(DID, [A.digest])

    assert not left.exists()
    assert lines(store) == [A.body, b""]


def test_a_source_that_breaks_off_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def broken():
        yield b"new"
        raise BadFile("broken")

    with pytest.raises(BadFile):
        replace_private_file(path, broken())

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
