"""How SQLite answers: what is asked often walks an index, and nothing reads what it does not need."""

from __future__ import annotations

import time

import pytest

from localfed.store import documents, feed_files, imports, log, messages, outbox, publishers
from store.records import DID, LATER, NOW, document, fill, followed, publisher, wanted

# Every statement that runs for each request, poll or renewal, with bindings as the code gives them.
OFTEN = {
    "publisher": (publishers._BY_DID, (DID,)),
    "publisher_at": (publishers._BY_BASE, ("https://kitchen.example/",)),
    "due_for_poll": (publishers._DUE, (NOW,)),
    "astray": (publishers._ASTRAY, (NOW,)),
    "id_of": (publishers._ID, (DID,)),
    "document": (documents._ONE, (DID, "d/a.json")),
    "documents": (documents._PIECE_OF_ALL, (DID, "", 200)),
    "rows": (documents._ROWS, (DID,)),
    "pages": (documents._PAGES, (DID, "", NOW, 10, 0)),
    "count_pages": (documents._COUNT_PAGES, (DID, NOW)),
    "halves_of": (documents._HALVES_OF, (DID, 10)),
    "wanted": (documents._WANTED, (DID,)),
    "due_for_renewal": (documents._DUE, (DID, NOW, 10)),
    "live_digests": (documents._LIVE_DIGESTS, (DID,)),
    "body": (documents._BODY, (1,)),
    "is_retired": (documents._IS_RETIRED, (DID, "d/a.json")),
    "drop_body": (documents._DROP_BODY, (1, "d/a.json")),
    "delete_document": (documents._DELETE, (1, "d/a.json")),
    "delete_all_documents": (documents._DELETE_ALL, (1,)),
    "feed_file": (feed_files._ONE, (DID, "feed/1.json")),
    "feed_files": (feed_files._ALL, (DID,)),
    "delete_feed_files": (feed_files._DELETE_REPLACED, (1, NOW)),
    "log_after": (log._AFTER, (0, 100)),
    "log_position": (log._POSITION, ()),
    "import_records": (imports._ALL, (DID, "shops")),
    "outbox_due": (outbox._DUE, ("grocer.example", NOW, 20)),
    "outbox_item": (outbox._ONE, (1,)),
    "message_with": (messages._BY_DIGEST, ("z1",)),
    "messages_waiting": (messages._WAITING, (DID, DID, 1)),
    "peer": (outbox._PEER, ("grocer.example",)),
    "delete_import_record": (imports._DELETE, (1, "shops", "1")),
}
EXPECTED = {
    "publisher_at": "publisher_hosted",
    "due_for_poll": "publisher_due",
    "astray": "publisher_due",
    "halves_of": "document_half",
    "wanted": "document_wanted",
    "due_for_renewal": "document_due",
    "delete_feed_files": "feed_file_replaced",
    "outbox_due": "outbox_due",
    "messages_waiting": "message_waiting",
}


def plan(store, statement, bindings):
    rows = store._connection().rows("EXPLAIN QUERY PLAN " + statement, bindings)
    return [row[3] for row in rows]


@pytest.fixture
async def filled(sqlite_store):
    await fill(sqlite_store, document(), wanted("d/b.json"), publishers=[publisher(), followed()])
    return sqlite_store


@pytest.mark.parametrize("name", OFTEN)
async def test_what_is_asked_often_scans_no_table(filled, name):
    steps = plan(filled, *OFTEN[name])

    assert [step for step in steps if step.startswith("SCAN")] == []
    assert EXPECTED.get(name, "") in " ".join(steps)


@pytest.mark.parametrize(
    "name", ["documents", "rows", "pages", "wanted", "due_for_renewal", "log_after", "outbox_due"]
)
async def test_what_can_be_long_comes_sorted_out_of_its_index(filled, name):
    steps = plan(filled, *OFTEN[name])

    assert [step for step in steps if "TEMP B-TREE" in step] == []


async def test_the_plans_hold_for_a_database_with_statistics_too(filled):
    await filled.write(lambda tx: tx._connection().run("ANALYZE"))

    scans = {name: plan(filled, *one) for name, one in OFTEN.items()}

    assert [name for name, steps in scans.items() if "SCAN" in " ".join(steps)] == []


async def test_counting_reads_indexes_and_never_the_documents(filled):
    steps = plan(filled, documents._COUNTS, ())

    tables = [step for step in steps if "document" in step and "COVERING INDEX" not in step]
    assert tables == []


async def test_ten_thousand_documents_are_counted_and_found_in_passing(store):
    many = [document(f"d/{number}.json", body=b"x" * 1200) for number in range(9_000)]
    lacking = [wanted(f"w/{number}.json") for number in range(1_000)]
    await fill(store, *many, *lacking)

    def fastest(read):
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            read()
            times.append(time.perf_counter() - begun)
        return min(times)

    # Ten times what is measured on two slow cores: a scan would be far above.
    assert fastest(store.counts) < 0.010
    assert fastest(lambda: store.document(DID, "d/77.json")) < 0.001
    assert fastest(lambda: store.due_for_renewal(DID, LATER, 10)) < 0.001
    assert fastest(lambda: store.due_for_poll(LATER)) < 0.001
    assert store.counts().documents_live == 9_000
