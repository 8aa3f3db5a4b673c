"""Restoring: a backup finds out that it is one, and takes its own public feed over."""

from __future__ import annotations

import pytest

from app.makers import import_many
from localfed.app import listings, restoring, sightings
from localfed.app.renewals import renew
from localfed.app.values import EvidenceKind
from localfed.protocol.canonical import parse_object
from localfed.protocol.errors import NoAnswer, NothingToRestore, PublicHeadAhead
from stories.witness import is_same


async def a_node_and_its_backup(federation):
    """A grocer that published on after a backup was made; the backup is opened beside it."""
    grocer = await federation.node("grocer")
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    old = await grocer.publish({"type": "Need", "name": "A van"})
    federation.clock.advance(days=1)
    backup = grocer.copy("backup")
    await grocer.withdraw(old)
    await grocer.publish({"type": "Offer", "name": "Bread"})
    federation.clock.advance(days=1)
    return grocer, backup


async def test_a_backup_that_sees_a_newer_head_of_its_own_signs_nothing(federation):
    """LF-WRITE-7."""
    grocer, backup = await a_node_and_its_backup(federation)

    sighting = await sightings.look(backup.ports, backup.did)

    assert sighting.source == "https://grocer.example/head.json"
    assert sighting.seq == grocer.head()["seq"]
    for what in (
        backup.publish({"type": "Offer", "name": "Cheese"}),
        renew(backup.ports, backup.did),
        listings.withdraw(backup.ports, backup.did, f"{backup.did}/d/x.json"),
    ):
        federation.clock.advance(days=8)
        with pytest.raises(PublicHeadAhead):
            await what
    kept = backup.store.evidence(backup.did)
    assert [one.kind for one in kept] == [EvidenceKind.AHEAD]
    assert kept[0].offered == grocer.file("/head.json")


async def test_a_node_that_sees_itself_is_not_stopped(federation):
    grocer = await federation.node("grocer")
    reader = await federation.node("reader")
    await grocer.follow(reader)

    assert await sightings.look(grocer.ports, grocer.did) is None
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    federation.network.down.add("grocer.example")
    assert await sightings.look(grocer.ports, grocer.did) is None

    with pytest.raises(NothingToRestore):
        await restoring.take_over(grocer.ports, grocer.did)


async def test_a_forged_head_of_ours_stops_nothing(federation):
    """Only who has the key can stop a node."""
    _, backup = await a_node_and_its_backup(federation)
    federation.network.forge = lambda _, body: body.replace(b'"poll":900', b'"poll":901')

    assert await sightings.look(backup.ports, backup.did) is None
    assert backup.publisher(backup).hold is None


async def test_the_public_feed_is_taken_over_and_goes_on(federation):
    """LF-WRITE-2, LF-WRITE-7."""
    grocer, backup = await a_node_and_its_backup(federation)
    reader = await federation.node("reader")
    await reader.follow(grocer)
    await reader.sync(grocer)
    await sightings.look(backup.ports, backup.did)
    done = await restoring.take_over(backup.ports, backup.did)
    backup.serve()
    await backup.publish({"type": "Offer", "name": "Cheese"})
    report = await reader.sync(backup)

    assert (done.documents, done.fetched, done.let_go) == (3, 1, 0)
    assert len(done.drafts) == 1
    assert parse_object(done.drafts[0])["name"] == {"en": "A van"}
    assert report.problem is None
    assert "restarted" not in report.notes
    assert is_same(reader, backup)
    assert sorted(await reader.names()) == ["Bread", "Cheese", "Grocer", "Reader", "Veg box"]


async def test_a_draft_of_the_backup_can_be_published_again_under_a_new_id(federation):
    _, backup = await a_node_and_its_backup(federation)
    held = {one.path for one in backup.store.documents(backup.did)}
    done = await restoring.take_over(backup.ports, backup.did)

    again = await listings.publish_draft(backup.ports, backup.did, done.drafts[0], language="en")

    assert again.is_new
    assert again.id.removeprefix(backup.did + "/") not in held


async def test_a_newcomer_reads_a_feed_that_was_taken_over(federation):
    """LF-READ-8: the pages before are not all there; the snapshot is."""
    grocer = await federation.node("grocer")
    backup = grocer.copy("backup")
    await import_many(grocer, 250)
    federation.clock.advance(hours=1)

    done = await restoring.take_over(backup.ports, backup.did)
    backup.serve()
    reader = await federation.node("reader")
    await reader.follow(backup)
    await reader.sync(backup)

    assert done.fetched == 250
    assert is_same(reader, backup)
    assert len(reader.live(backup)) == 251


async def test_what_nobody_has_any_more_is_let_go_only_by_the_operators_word(federation):
    grocer, backup = await a_node_and_its_backup(federation)
    lost = next(path for path, one in grocer.live(grocer).items() if b"Bread" in (one.body or b""))
    federation.network.missing.add(grocer.base + lost)
    before = backup.publisher(backup)

    with pytest.raises(NoAnswer, match=lost):
        await restoring.take_over(backup.ports, backup.did)
    kept = backup.publisher(backup)
    done = await restoring.take_over(backup.ports, backup.did, let_go=True)

    assert kept.head == before.head
    assert kept.hold == "public-head-ahead"
    assert done.let_go == 1
    assert backup.publisher(backup).hold is None
    assert lost not in {one.path for one in backup.store.documents(backup.did)}


async def test_a_backup_that_was_published_from_still_finds_the_feed_it_lost(federation):
    """LF-WRITE-7: its own head has the higher number, and is of another feed."""
    grocer, backup = await a_node_and_its_backup(federation)
    reader = await federation.node("reader")
    await reader.follow(grocer)
    await reader.sync(grocer)
    await backup.publish({"type": "Offer", "name": "Cheese"})

    done = await restoring.take_over(backup.ports, backup.did)
    backup.serve()
    await reader.sync(backup)

    names = [parse_object(draft)["name"]["en"] for draft in done.drafts]
    assert sorted(names) == ["A van", "Cheese"]
    assert is_same(reader, backup)
    assert sorted(await reader.names()) == ["Bread", "Grocer", "Reader", "Veg box"]


async def test_an_old_head_of_ours_at_a_slow_place_stops_nothing(federation):
    grocer = await federation.node("grocer")
    old = grocer.file("/head.json")
    for number in range(3):
        await grocer.publish({"type": "Offer", "name": f"Veg box {number}"})
    federation.network.forge = lambda url, body: old if url.endswith("/head.json") else body

    assert await sightings.look(grocer.ports, grocer.did) is None
    assert grocer.publisher(grocer).hold is None


async def test_two_writers_of_one_number_are_a_fork_and_stop_the_one_who_sees_it(federation):
    grocer = await federation.node("grocer")
    twin = grocer.copy("twin")
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    await twin.publish({"type": "Offer", "name": "Bread"})

    sighting = await sightings.look(twin.ports, twin.did)

    assert sighting.seq == twin.head()["seq"]
    assert twin.publisher(twin).hold == "public-head-ahead"
