"""Transactions: all or nothing, one after the other, and over when they are over."""

from __future__ import annotations

import asyncio
import threading

import pytest

from localfed.protocol.errors import BadDraft, LocalFedError
from store.records import (
    DID,
    LATEST,
    document,
    everything,
    feed_file,
    fill,
    import_record,
    publisher,
    wanted,
)


class _Broken(Exception):
    """What a use case raises half way."""


async def test_a_write_returns_what_its_function_returns(store):
    assert await store.write(lambda tx: (tx.log_position(), "done")) == (0, "done")


async def test_a_transaction_reads_what_it_wrote(store):
    def change(tx):
        tx.save_publisher(publisher())
        tx.put_documents([document("d/a.json", renew_at=LATEST), wanted("d/b.json")])
        tx.put_feed_file(feed_file())
        tx.save_import_records([import_record()])
        tx.delete_document(DID, "d/a.json")
        tx.put_document(document("d/c.json", renew_at=LATEST))
        return (
            tx.publisher(DID) == publisher(),
            tx.publisher_at("https://kitchen.example/") == publisher(),
            len(tx.publishers()),
            tx.document(DID, "d/a.json"),
            [one.path for one in tx.documents(DID)],
            [row[0] for row in tx.rows(DID)],
            [one.path for one in tx.wanted(DID)],
            [one.path for one in tx.due_for_renewal(DID, LATEST, 9)],
            tx.due_for_poll(LATEST),
            tx.feed_file(DID, "feed/1.json") == feed_file(),
            tx.feed_files(DID),
            tx.is_retired(DID, "d/a.json"),
            [row.path for row in tx.log_after(0, 9)],
            tx.log_position() > 0,
            list(tx.import_records(DID, "shops")),
            tx.counts().documents_live,
        )

    seen = await store.write(change)

    assert seen == (
        True,
        True,
        1,
        None,
        ["d/b.json", "d/c.json"],
        ["d/b.json", "d/c.json"],
        ["d/b.json"],
        ["d/c.json"],
        [],
        True,
        [("feed/1.json", None)],
        True,
        ["d/a.json", "d/b.json", "d/a.json", "d/c.json"],
        True,
        ["1"],
        1,
    )


@pytest.mark.parametrize("error", [_Broken("half way"), BadDraft("half way"), SystemExit(1)])
async def test_nothing_of_a_transaction_that_raises_is_kept(store, error):
    await fill(store, document())
    before = everything(store)

    def change(tx):
        tx.put_document(document("d/b.json"))
        tx.delete_document(DID, "d/a.json")
        tx.delete_publisher(DID)
        raise error

    with pytest.raises(type(error)):
        await store.write(change)

    assert everything(store) == before
    assert store.document(DID, "d/a.json") == document()
    await fill(store, document("d/b.json"))  # the next one is not disturbed


async def test_readers_see_nothing_of_a_transaction_that_is_not_over(store):
    await fill(store, document())
    begun, may_end = threading.Event(), threading.Event()

    def change(tx):
        tx.put_document(document(body=b"new"))
        begun.set()
        may_end.wait(10)

    writing = asyncio.create_task(store.write(change))
    await asyncio.to_thread(begun.wait, 10)
    during = store.document(DID, "d/a.json")
    may_end.set()
    await writing

    assert during == document()
    assert store.document(DID, "d/a.json") == document(body=b"new")


async def test_writes_asked_for_at_once_happen_one_after_the_other(store):
    await fill(store, document(revision=0))

    def add_one(tx):
        held = tx.document(DID, "d/a.json")
        tx.put_document(document(revision=held.revision + 1))
        return held.revision

    revisions = await asyncio.gather(*(store.write(add_one) for _ in range(50)))

    assert sorted(revisions) == list(range(50))
    assert store.document(DID, "d/a.json").revision == 50


async def test_a_transaction_cannot_be_used_when_it_is_over(store):
    await fill(store, document())
    kept = await store.write(lambda tx: tx)
    later = await store.write(lambda tx: tx.documents(DID))

    with pytest.raises(RuntimeError):
        kept.put_document(document())
    with pytest.raises(RuntimeError):
        list(later)


async def test_a_write_that_nobody_waits_for_any_more_is_still_all_or_nothing(store):
    await fill(store)
    begun, may_end = threading.Event(), threading.Event()

    def change(tx):
        tx.put_document(document("d/a.json"))
        begun.set()
        may_end.wait(10)
        tx.put_document(document("d/b.json"))

    writing = asyncio.create_task(store.write(change))
    await asyncio.to_thread(begun.wait, 10)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    may_end.set()
    await store.write(lambda _tx: None)

    assert [row[0] for row in store.rows(DID)] in ([], ["d/a.json", "d/b.json"])


async def test_every_thread_may_read_at_the_same_time(store):
    await fill(store, *(document(f"d/{number:03}.json") for number in range(500)))

    def read():
        for _ in range(20):
            assert len(store.rows(DID)) == 500
            assert store.document(DID, "d/007.json") is not None
            assert len(list(store.documents(DID))) == 500

    await asyncio.gather(*(asyncio.to_thread(read) for _ in range(4)))


async def test_documents_begun_on_one_thread_can_be_read_on_another(store):
    await fill(store, *(document(f"d/{number:03}.json") for number in range(500)))

    begun = store.documents(DID)
    first = next(begun)
    rest = await asyncio.to_thread(list, begun)

    assert [first.path, *(one.path for one in rest)] == [row[0] for row in store.rows(DID)]


async def test_a_reader_that_stops_half_way_does_not_hold_back_the_present(store):
    await fill(store, *(document(f"d/{number:03}.json") for number in range(500)))
    half_way = store.documents(DID)
    next(half_way)

    await store.write(lambda tx: tx.put_document(document("d/new.json")))

    assert store.document(DID, "d/new.json") is not None


async def test_closing_finishes_what_was_begun_and_can_be_done_twice(store):
    await fill(store)
    writing = asyncio.create_task(store.write(lambda tx: tx.put_document(document())))
    await asyncio.sleep(0)

    store.close()
    store.close()

    await writing
    with pytest.raises((RuntimeError, LocalFedError)):
        await store.write(lambda _tx: None)
