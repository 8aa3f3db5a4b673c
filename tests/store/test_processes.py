"""Several processes with one folder, and processes that are killed."""

from __future__ import annotations

import asyncio
import signal

import msgspec
import pytest

from localfed.protocol.errors import StoreBusy
from localfed.store import connection
from localfed.store.sqlite import SqliteStore
from store.records import DID, document, fill, publisher


@pytest.fixture
async def filled(folder):
    """A store with one hosted organisation, open in this process."""
    store = SqliteStore.open(folder, create=True)
    await fill(store, document("d/counter.json", revision=0))
    yield store
    store.close()


async def test_what_another_process_commits_is_seen_at_once(filled, start_writer):
    version = filled.data_version()
    position = filled.log_position()

    process = start_writer("batches", 3)
    seen = []
    for line in iter(process.stdout.readline, ""):
        paths = {row.path[:6] for row in filled.log_after(position, 1000)}
        seen.append(f"b/{int(line):04}" in paths)

    assert process.wait() == 0
    assert seen == [True, True, True]
    assert filled.data_version() != version


async def test_a_change_of_a_publisher_alone_is_noticed(filled):
    version = filled.data_version()
    assert filled.data_version() == version

    await filled.write(lambda tx: tx.save_publisher(publisher(failures=1)))

    assert filled.data_version() != version


async def test_two_processes_that_write_at_once_lose_nothing(filled, start_writer):
    process = start_writer("counter", 300)

    def add_one(tx):
        held = tx.document(DID, "d/counter.json")
        tx.put_document(msgspec.structs.replace(held, revision=held.revision + 1))

    for _ in range(300):
        await filled.write(add_one)

    assert await asyncio.to_thread(process.wait) == 0
    assert filled.document(DID, "d/counter.json").revision == 600
    assert filled.counts().log_position == 601


async def test_a_reader_never_sees_half_of_another_process_s_transaction(filled, start_writer):
    process = start_writer("together", 300)
    positions = [0]
    seen = set()
    while process.poll() is None:
        digests = {row[2] for row in filled.rows(DID) if row[0].startswith("t/")}
        assert len(digests) <= 1
        seen |= digests
        positions.append(filled.log_position())

    assert process.returncode == 0
    assert positions == sorted(positions)
    assert len(seen) > 1


async def test_a_process_that_writes_for_too_long_makes_the_other_say_so(
    folder, start_writer, monkeypatch
):
    monkeypatch.setattr(connection, "_BUSY_MILLISECONDS", 100)
    store = SqliteStore.open(folder, create=True)
    await fill(store)
    process = start_writer("hold")
    assert process.stdout.readline() == "holding\n"

    with pytest.raises(StoreBusy):
        await store.write(lambda tx: tx.put_document(document()))
    reading = store.document(DID, "d/held.json")
    process.communicate("go on\n")
    await store.write(lambda tx: tx.put_document(document()))

    assert reading is None
    assert store.document(DID, "d/held.json") is not None
    assert store.document(DID, "d/a.json") is not None
    store.close()


@pytest.mark.parametrize("acknowledged", [1, 5, 20, 60])
async def test_a_process_killed_in_a_transaction_loses_nothing_acknowledged(
    filled, folder, start_writer, acknowledged
):
    process = start_writer("batches", 10_000)
    said = [int(process.stdout.readline()) for _ in range(acknowledged)]
    process.send_signal(signal.SIGKILL)
    said += [int(line) for line in process.stdout]
    process.wait()
    filled.close()

    after = SqliteStore.open(folder)

    batches = {}
    for path, *_ in after.rows(DID):
        if path.startswith("b/"):
            batches.setdefault(int(path[2:6]), []).append(path)
    assert set(said) <= set(batches)
    assert {len(paths) for paths in batches.values()} == {40}
    assert after.log_position() == 1 + 40 * len(batches)
    assert all(one.body for one in after.documents(DID))
    after.check()
    await fill(after, document("d/next.json"))
    after.close()


async def test_a_process_killed_while_it_holds_the_lock_holds_up_nobody(filled, start_writer):
    process = start_writer("hold")
    assert process.stdout.readline() == "holding\n"

    process.kill()
    process.wait()
    await filled.write(lambda tx: tx.put_document(document()))

    assert filled.document(DID, "d/held.json") is None
