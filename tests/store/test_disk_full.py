"""A full disk: said so, nothing half written, reading goes on, and writing once there is space."""

from __future__ import annotations

import asyncio
import shutil
import subprocess

import pytest

from localfed.protocol.errors import BadFile, DiskFull
from localfed.store.files import write_private_file
from localfed.store.keyfiles import KeyFiles
from localfed.store.settings import Settings, read_settings, write_settings
from localfed.store.sqlite import SqliteStore
from store.records import DID, document, fill, state_hash

MANY = [document(f"d/many-{number}.json", body=b"x" * 5000) for number in range(400)]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 1 MiB of its own."""
    mount = shutil.which("mount")
    place = tmp_path / "disk"
    place.mkdir()
    command = [str(mount), "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


async def test_a_full_disk_is_said_and_leaves_everything_as_it_was(small_disk):
    folder = small_disk / "node"
    store = SqliteStore.open(folder, create=True)
    await fill(store, document())
    before = state_hash(folder)

    with pytest.raises(DiskFull) as caught:
        await store.write(lambda tx: tx.put_documents(MANY))

    assert caught.value.code == "disk-full"
    assert state_hash(folder) == before
    assert store.document(DID, "d/a.json") == document()
    store.check()
    store.close()


async def test_every_write_on_a_full_disk_is_refused_and_the_first_with_space_is_not(small_disk):
    folder = small_disk / "node"
    store = SqliteStore.open(folder, create=True)
    await fill(store, document())
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space"):
        ballast.write_bytes(b"x" * 2_000_000)
    before = state_hash(folder)

    # What room the files have already may take a few small ones.
    accepted = 0
    refused = 0
    for number in range(200):
        one = document(f"d/{number}.json", body=b"y" * 20_000)
        try:
            await store.write(lambda tx, one=one: tx.put_document(one))
            accepted += 1
        except DiskFull:
            refused += 1
    assert refused > 100
    assert len(store.rows(DID)) == 1 + accepted
    assert accepted or state_hash(folder) == before

    ballast.unlink()
    await store.write(lambda tx: tx.put_document(document("d/after.json")))
    assert store.document(DID, "d/after.json") is not None
    store.check()
    store.close()


async def test_a_bundle_that_does_not_fit_leaves_the_old_one(small_disk):
    store = SqliteStore.open(small_disk / "node", create=True)
    await fill(store, document())
    await store.write_bundle(DID, [document().digest])
    old = store.bundle_path(DID).read_bytes()
    (small_disk / "ballast").write_bytes(b"x" * 220_000)
    digests = []
    for number in range(10):
        one = document(f"d/{number}.json", body=b"%d" % number * 20_000)
        digests.append(one.digest)
        await store.write(lambda tx, one=one: tx.put_document(one))
    with pytest.raises(OSError, match="No space"):
        (small_disk / "more").write_bytes(b"x" * 1_000_000)

    with pytest.raises(DiskFull):
        await store.write_bundle(DID, digests)

    assert store.bundle_path(DID).read_bytes() == old
    assert sorted(path.name for path in store.bundle_path(DID).parent.iterdir()) == [
        ".lock",
        store.bundle_path(DID).name,
    ]
    store.close()


def test_settings_and_keys_that_do_not_fit_leave_no_trace(small_disk):
    old = Settings(name="Kitchen", url="https://kitchen.example/")
    write_settings(small_disk / "node", old)
    with pytest.raises(OSError, match="No space"):
        (small_disk / "ballast").write_bytes(b"x" * 2_000_000)

    with pytest.raises(DiskFull):
        write_settings(small_disk / "node", Settings(name="n" * 9000, url="https://x.example/"))
    with pytest.raises(DiskFull):
        write_private_file(small_disk / "node" / "kit.txt", b"k" * 9000)
    with pytest.raises((DiskFull, BadFile)):
        KeyFiles(small_disk / "node").create(DID, b"s" * 32)

    assert read_settings(small_disk / "node") == old
    assert [one.name for one in (small_disk / "node").rglob("*") if one.is_file()] == ["node.toml"]


async def test_a_limit_on_the_size_of_files_counts_as_a_full_disk(folder, start_writer):
    store = SqliteStore.open(folder, create=True)
    await fill(store)

    process = start_writer("limit", 1_000_000)
    said, _ = await asyncio.to_thread(process.communicate)

    assert said.split() == ["disk-full", "True", "True"]
    assert process.returncode == 0
    store.check()
    store.close()


async def test_a_database_that_may_not_grow_counts_as_a_full_disk(folder):
    store = SqliteStore.open(folder, create=True)
    await fill(store, document())
    before = state_hash(folder)
    await store.write(lambda tx: tx._connection().pragma("max_page_count", 60))

    with pytest.raises(DiskFull):
        await store.write(lambda tx: tx.put_documents(MANY))

    assert state_hash(folder) == before
    await store.write(lambda tx: tx._connection().pragma("max_page_count", 100_000))
    await store.write(lambda tx: tx.put_documents(MANY))
    assert len(store.rows(DID)) == 401
    store.close()
