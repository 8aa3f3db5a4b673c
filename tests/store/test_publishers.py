"""Publishers: what is saved comes back, in order, and goes completely."""

from __future__ import annotations

import msgspec
import pytest

from localfed.protocol.errors import UnknownOrganisation
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
    full_publisher,
    import_record,
    publisher,
)


async def test_a_publisher_comes_back_as_it_was_saved(store):
    plain, full = publisher(), full_publisher(OTHER)

    await fill(store, publishers=[plain, full])

    assert store.publisher(DID) == plain
    assert store.publisher(OTHER) == full
    by_default = [
        field.name
        for field in msgspec.structs.fields(full)
        if getattr(full, field.name) == getattr(publisher(OTHER), field.name)
    ]
    assert set(by_default) == {"did", "scid", "base", "host", "is_hosted", "log"}


async def test_saving_a_publisher_again_replaces_every_member(store):
    await fill(store, publishers=[publisher(), full_publisher(OTHER)])

    await fill(store, publishers=[full_publisher(), publisher(OTHER)])

    assert store.publisher(DID) == full_publisher()
    assert store.publisher(OTHER) == publisher(OTHER)
    assert [one.did for one in store.publishers(removed=None)] == [DID, OTHER]
    assert [one.did for one in store.publishers()] == [OTHER], "the full one is removed"


def test_an_unknown_publisher_is_none(store):
    assert store.publisher(DID) is None
    assert store.publisher_at("https://kitchen.example/") is None
    assert store.publishers() == []


async def test_a_hosted_publisher_is_found_at_exactly_its_base(store):
    await fill(store, publishers=[publisher(), followed()])

    assert store.publisher_at("https://kitchen.example/").did == DID
    assert store.publisher_at("https://kitchen.example") is None
    assert store.publisher_at("https://grocer.example/") is None


async def test_publishers_are_listed_oldest_first_and_by_what_they_are_here(store):
    await fill(store, publishers=[followed(), publisher()])

    assert [one.did for one in store.publishers()] == [OTHER, DID]
    assert [one.did for one in store.publishers(hosted=True)] == [DID]
    assert [one.did for one in store.publishers(hosted=False)] == [OTHER]
    assert [one.did for one in store.publishers(followed=True)] == [OTHER]
    assert store.publishers(hosted=True, followed=True) == []


async def test_who_is_followed_again_counts_as_the_newest(store):
    await fill(store, publishers=[followed(), publisher()])

    await store.write(lambda tx: tx.delete_publisher(OTHER))
    await fill(store, publishers=[followed()])

    assert [one.did for one in store.publishers()] == [DID, OTHER]


async def test_a_poll_is_due_when_its_time_has_come_or_was_never_set(store):
    third = OTHER.replace("grocer", "baker")
    await fill(
        store,
        publishers=[
            followed(next_poll=LATER),
            followed(third, next_poll=LATEST),
            followed(DID),
            publisher(third.replace("baker", "hosted"), next_poll=NOW),
        ],
    )

    assert [one.did for one in store.due_for_poll(NOW)] == [DID]
    assert [one.did for one in store.due_for_poll(LATER)] == [DID, OTHER]
    assert [one.did for one in store.due_for_poll(LATEST)] == [DID, OTHER, third]


async def test_a_poll_that_is_further_away_than_any_can_be_is_due(store):
    """A wrong clock set it, by years."""
    await fill(store, publishers=[followed(DID, next_poll="2036-01-01T00:00:00Z")])

    assert [one.did for one in store.due_for_poll("2026-05-01T09:00:00Z")] == [DID]
    assert store.due_for_poll("2035-12-31T12:00:00Z") == []
    assert [one.did for one in store.due_for_poll("9999-12-31T00:00:00Z")] == [DID]


async def test_a_deleted_publisher_takes_everything_of_its_own_along_and_logs_its_paths(store):
    await fill(
        store,
        document("d/b.json"),
        document("d/a.json"),
        document("d/c.json", OTHER),
        publishers=[publisher(), followed()],
    )
    await store.write(lambda tx: tx.put_feed_file(feed_file()))
    await store.write(lambda tx: tx.save_import_records([import_record()]))
    position = store.log_position()

    await store.write(lambda tx: tx.delete_publisher(DID))

    assert store.publisher(DID) is None
    assert store.rows(DID) == []
    assert store.feed_files(DID) == []
    assert store.import_records(DID, "shops") == {}
    assert [(one.did, one.path) for one in store.log_after(position, 10)] == [
        (DID, "d/a.json"),
        (DID, "d/b.json"),
    ]
    assert store.document(OTHER, "d/c.json") is not None


async def test_retired_paths_outlive_the_publisher(store):
    await fill(store, document())
    await store.write(lambda tx: tx.delete_document(DID, "d/a.json"))

    await store.write(lambda tx: tx.delete_publisher(DID))
    await fill(store)

    assert store.is_retired(DID, "d/a.json")


async def test_nothing_is_written_for_an_organisation_that_is_not_here(store):
    changes = [
        lambda tx: tx.put_document(document()),
        lambda tx: tx.put_documents([document()]),
        lambda tx: tx.delete_document(DID, "d/a.json"),
        lambda tx: tx.put_feed_file(feed_file()),
        lambda tx: tx.delete_feed_files(DID, NOW),
        lambda tx: tx.touch(DID, "d/a.json"),
        lambda tx: tx.save_import_records([import_record()]),
        lambda tx: tx.delete_import_records(DID, "shops", ["1"]),
        lambda tx: tx.delete_publisher(DID),
    ]

    for change in changes:
        with pytest.raises(UnknownOrganisation):
            await store.write(change)

    assert store.log_position() == 0
