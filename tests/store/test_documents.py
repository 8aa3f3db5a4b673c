"""Documents and the log of their changes, feed files and import records."""

from __future__ import annotations

import pytest

from localfed.app.values import Counts, DocumentState
from store.records import (
    DID,
    LATER,
    LATEST,
    NOW,
    OTHER,
    document,
    feed_file,
    fill,
    followed,
    import_record,
    publisher,
    wanted,
)

REJECTED = DocumentState.REJECTED


def changes_after(store, position=0):
    return [(one.did, one.path) for one in store.log_after(position, 1000)]


async def test_a_document_comes_back_as_it_was_put(store):
    documents = [
        document(),
        wanted("d/b.json"),
        document(
            "d/c.json",
            body=b"\x00\xff",
            state=REJECTED,
            is_shown=False,
            renew_at=LATER,
            problem="wrong-shape",
        ),
    ]

    await fill(store, *documents)

    assert [store.document(DID, one.path) for one in documents] == documents
    assert list(store.documents(DID)) == documents


async def test_an_unknown_document_is_none(store):
    await fill(store, document())

    assert store.document(DID, "d/b.json") is None
    assert store.document(OTHER, "d/a.json") is None
    assert list(store.documents(OTHER)) == []


async def test_putting_a_document_again_replaces_every_member_and_its_bytes(store):
    await fill(store, document(is_shown=False, renew_at=NOW, problem="stale"))

    await fill(store, document(body=b'{"a":2}'))
    assert store.document(DID, "d/a.json") == document(body=b'{"a":2}')

    await fill(store, wanted())
    assert store.document(DID, "d/a.json") == wanted()


@pytest.mark.parametrize("last", [document(body=b"2"), wanted()])
async def test_the_last_counts_where_one_batch_has_a_path_twice(store, last):
    await fill(store, wanted(), document(body=b"1"), last)

    assert store.document(DID, "d/a.json") == last


async def test_paths_are_sorted_as_bytes_and_never_cut_at_a_piece(store):
    paths = [f"d/{number}é.json" for number in range(450)] + ["Z.json", "z.json", "é.json"]
    await fill(store, *(document(path) for path in paths))

    in_order = sorted(paths, key=str.encode)

    assert [one.path for one in store.documents(DID)] == in_order
    assert [row[0] for row in store.rows(DID)] == in_order


async def test_rows_tell_type_digest_and_state_of_each_path(store):
    await fill(store, wanted("d/b.json"), document())

    assert store.rows(DID) == [
        ("d/a.json", "Offer", document().digest, DocumentState.LIVE),
        ("d/b.json", "Offer", wanted("d/b.json").digest, DocumentState.WANTED),
    ]


async def test_what_says_when_it_ends_is_told_with_its_bytes(store):
    ends = b'{"validUntil":"2026-06-01T00:00:00Z"}'
    await fill(
        store,
        document("d/a.json", body=ends),
        document("d/b.json", body=b'{"name":"\\"validUntil\\""}'),
        document("d/c.json", body=ends, type="Organization"),
        document("d/d.json", state=REJECTED),
    )

    assert store.ending(DID) == [("d/a.json", "Offer", ends)]
    assert store.ending(DID + "x") == []


async def test_only_what_lacks_its_bytes_is_wanted(store):
    await fill(
        store,
        wanted("d/c.json"),
        document("d/b.json"),
        wanted("d/a.json"),
        document("d/d.json", state=REJECTED),
        wanted("d/e.json", OTHER),
        publishers=[publisher(), followed()],
    )

    assert store.wanted(DID) == [wanted("d/a.json"), wanted("d/c.json")]
    assert store.wanted(OTHER) == [wanted("d/e.json", OTHER)]


async def test_renewals_come_earliest_first_and_no_more_than_asked_for(store):
    await fill(
        store,
        document("d/a.json", renew_at=LATER),
        document("d/b.json", renew_at=NOW),
        document("d/c.json", renew_at=LATEST),
        document("d/d.json"),
    )

    def due(now, limit=10):
        return [one.path for one in store.due_for_renewal(DID, now, limit)]

    assert due(NOW) == ["d/b.json"]
    assert due(LATER) == ["d/b.json", "d/a.json"]
    assert due(LATER, 1) == ["d/b.json"]
    assert store.due_for_renewal(DID, NOW, 1)[0].body == document().body
    assert store.due_for_renewal(OTHER, LATEST, 10) == []


async def test_a_path_of_a_hosted_organisation_is_retired_by_deletion(store):
    await fill(store, document())

    await store.write(lambda tx: tx.delete_document(DID, "d/a.json"))

    assert store.document(DID, "d/a.json") is None
    assert store.is_retired(DID, "d/a.json")
    assert not store.is_retired(DID, "d/b.json")
    assert changes_after(store) == [(DID, "d/a.json")] * 2


async def test_a_path_of_a_followed_organisation_is_not_retired(store):
    await fill(store, document(did=OTHER), publishers=[followed()])

    await store.write(lambda tx: tx.accept_deletions(OTHER, ["d/a.json"]))

    assert not store.is_retired(OTHER, "d/a.json")


async def test_deleting_what_is_not_there_changes_and_logs_nothing(store):
    await fill(store)

    await store.write(lambda tx: tx.delete_document(DID, "d/a.json"))

    assert store.log_position() == 0
    assert not store.is_retired(DID, "d/a.json")


async def test_a_deleted_document_leaves_no_bytes_for_the_next_at_its_path(store):
    await fill(store, document())

    await store.write(lambda tx: tx.delete_document(DID, "d/a.json"))
    await fill(store, wanted())

    assert store.document(DID, "d/a.json").body is None


async def test_the_log_has_a_row_for_every_change_in_order(store):
    await fill(store, document("d/b.json"), wanted("d/a.json"))
    await store.write(lambda tx: tx.put_document(document("d/a.json")))
    await store.write(lambda tx: tx.touch(DID, "d/b.json"))
    await store.write(lambda tx: tx.delete_document(DID, "d/b.json"))

    paths = ["d/b.json", "d/a.json", "d/a.json", "d/b.json", "d/b.json"]

    assert [row.path for row in store.log_after(0, 10)] == paths
    positions = [row.position for row in store.log_after(0, 10)]
    assert positions == sorted(set(positions))
    assert store.log_position() == positions[-1]


async def test_the_log_can_be_followed_in_pieces(store):
    await fill(store, *(document(f"d/{number}.json") for number in range(10)))
    seen = []
    position = 0

    while rows := store.log_after(position, 3):
        seen += [row.path for row in rows]
        position = rows[-1].position

    assert seen == [f"d/{number}.json" for number in range(10)]
    assert position == store.log_position()


async def test_counts_tell_what_is_here(store):
    empty = store.counts()

    await fill(
        store,
        document("d/a.json"),
        document("d/b.json"),
        document("d/c.json"),
        wanted("d/d.json"),
        wanted("d/e.json"),
        document("d/f.json", state=REJECTED),
        publishers=[publisher(), followed()],
    )

    assert empty == Counts(
        publishers_hosted=0,
        publishers_followed=0,
        documents_live=0,
        documents_wanted=0,
        documents_rejected=0,
        log_position=0,
    )
    assert store.counts() == Counts(
        publishers_hosted=1,
        publishers_followed=1,
        documents_live=3,
        documents_wanted=2,
        documents_rejected=1,
        log_position=6,
    )


async def test_a_feed_file_comes_back_and_is_replaced(store):
    await fill(store)
    await store.write(lambda tx: tx.put_feed_file(feed_file(body=b"old", remove_after=NOW)))

    await store.write(lambda tx: tx.put_feed_file(feed_file(body=b"new")))

    assert store.feed_file(DID, "feed/1.json") == feed_file(body=b"new")
    assert store.feed_file(DID, "feed/2.json") is None
    assert store.feed_file(OTHER, "feed/1.json") is None


async def test_feed_files_are_removed_when_their_time_has_come(store):
    await fill(store)
    for name, remove_after in (("c", None), ("b", LATER), ("a", NOW)):
        file = feed_file(f"feed/{name}.json", remove_after=remove_after)
        await store.write(lambda tx, file=file: tx.put_feed_file(file))
    everything = [("feed/a.json", NOW), ("feed/b.json", LATER), ("feed/c.json", None)]
    assert store.feed_files(DID) == everything

    removed = await store.write(lambda tx: tx.delete_feed_files(DID, NOW))

    assert removed == 1
    assert store.feed_files(DID) == everything[1:]
    assert await store.write(lambda tx: tx.delete_feed_files(DID, LATEST)) == 1
    assert await store.write(lambda tx: tx.delete_feed_files(DID, LATEST)) == 0


async def test_import_records_are_kept_by_source_and_key(store):
    await fill(store)
    first = [import_record("1"), import_record("2"), import_record("1", source="halls")]
    await store.write(lambda tx: tx.save_import_records(first))

    again = import_record("2", path="d/z.json", fingerprint="z2")
    await store.write(lambda tx: tx.save_import_records([again]))

    assert store.import_records(DID, "shops") == {"1": import_record("1"), "2": again}
    await store.write(lambda tx: tx.delete_import_records(DID, "shops", ["1", "9"]))
    assert store.import_records(DID, "shops") == {"2": again}
    assert set(store.import_records(DID, "halls")) == {"1"}
    assert store.import_records(OTHER, "shops") == {}
