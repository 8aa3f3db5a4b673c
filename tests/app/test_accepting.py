"""The door inwards: who may pass it, what is kept of contradictions, what ends."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from localfed.app import accepting, evidence, follows, policy, tidying
from localfed.app.values import (
    Block,
    BlockKind,
    DocumentState,
    EvidenceKind,
    Removal,
)
from localfed.protocol import limits
from localfed.protocol.errors import Blocked, NotListed
from localfed.protocol.times import read_time, write_time

VEG_BOX = {"type": "Offer", "name": "Veg box"}


async def a_grocer_and_a_reader(federation):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await grocer.publish(VEG_BOX)
    await reader.follow(grocer)
    await reader.sync(grocer)
    return grocer, reader


async def block(reader, kind, value):
    now = write_time(reader.clock.now())
    await reader.store.write(lambda tx: tx.save_block(Block(kind=kind, value=value, since=now)))


@pytest.mark.parametrize("kind", [BlockKind.ORGANISATION, BlockKind.HOST])
async def test_nothing_is_asked_of_who_is_blocked(federation, kind):
    """LF-ACCEPT-10: policy comes before anything that costs."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    held = reader.publisher(grocer)
    await block(reader, kind, held.scid if kind is BlockKind.ORGANISATION else held.host)
    await grocer.publish({"type": "Offer", "name": "Bread"})
    federation.network.requests.clear()

    report = await reader.sync(grocer)

    assert report.problem == "unknown-organisation"
    assert federation.network.requests == []
    assert not policy.is_taken_from(reader.store, held)


async def test_who_is_blocked_cannot_be_followed(federation):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await block(reader, BlockKind.HOST, "grocer.example")

    with pytest.raises(Blocked):
        await reader.follow(grocer)

    assert reader.store.publisher(grocer.did) is None


async def test_what_is_under_way_when_a_block_comes_is_not_stored(federation):
    grocer, reader = await a_grocer_and_a_reader(federation)
    await block(reader, BlockKind.ORGANISATION, reader.publisher(grocer).scid)

    with pytest.raises(NotListed):
        await reader.store.write(lambda tx: accepting.present(tx, grocer.did))


async def test_two_heads_with_one_number_are_both_kept_as_they_came(federation):
    """LF-RATCHET-5."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    twin = grocer.copy("twin")
    await grocer.publish({"type": "Offer", "name": "Bread"})
    await twin.publish({"type": "Offer", "name": "Cheese"})
    await reader.sync(grocer)
    twin.serve()

    reports = [await reader.sync(grocer) for _ in range(3)]

    assert {report.problem for report in reports} == {"forked"}
    (kept,) = reader.store.evidence(grocer.did)
    assert (kept.kind, kept.times) == (EvidenceKind.FORKED, 3)
    assert kept.held == grocer.file("/head.json")
    assert kept.offered == twin.file("/head.json")
    assert sorted(await reader.names()) == ["Bread", "Grocer", "Reader", "Veg box"]


async def test_a_rollback_at_home_is_kept_as_evidence(federation):
    """LF-RATCHET-5."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    old = grocer.file("/head.json")
    await grocer.publish({"type": "Offer", "name": "Bread"})
    await reader.sync(grocer)
    federation.network.forge = lambda url, body: old if url.endswith("/head.json") else body

    report = await reader.sync(grocer)

    assert report.problem == "stale"
    (kept,) = reader.store.evidence(grocer.did)
    assert (kept.kind, kept.offered) == (EvidenceKind.STALE, old)


async def test_of_evidence_the_newest_twenty_stay(federation):
    grocer, reader = await a_grocer_and_a_reader(federation)
    for number in range(25):
        now = reader.clock.now() + timedelta(seconds=number)
        await reader.store.write(
            lambda tx, number=number, now=now: evidence.keep(
                tx,
                grocer.did,
                EvidenceKind.STALE,
                held=b"held",
                offered=b"%d" % number,
                source="https://grocer.example/head.json",
                now=now,
            )
        )

    kept = reader.store.evidence(grocer.did)

    assert [one.offered for one in kept] == [b"%d" % number for number in range(24, 4, -1)]


async def test_what_a_removed_key_signed_is_hidden_after_48_hours(federation):
    """LF-READ-13: shown as being renewed until then, should no newer head come."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    federation.clock.advance(days=1)
    await grocer.change_key(keep_old=False)
    await reader.sync(grocer)
    until = reader.publisher(grocer).renewing_until
    shown = [await reader.names("veg")]

    for hours in (limits.RENEWING_HOURS - 1, 1):
        federation.clock.advance(hours=hours)
        await tidying.tidy(reader.ports)
        shown.append(await reader.names("veg"))

    assert shown == [["Veg box"], ["Veg box"], []]
    assert read_time(until) == federation.clock.now()
    states = {one.problem for one in reader.store.documents(grocer.did)}
    assert states == {"unknown-key"}
    assert reader.publisher(grocer).renewing_until is None


async def test_a_failed_poll_waits_as_long_as_it_was_asked_to(federation):
    """LF-FOLLOW-4."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    now = reader.clock.now()
    waits = {}

    for asked in (0, 7_200, 10**9):
        await reader.store.write(
            lambda tx, asked=asked: accepting.note_failure(
                tx, grocer.did, code="x", now=now, wait_seconds=asked, jitter=0.0
            )
        )
        waits[asked] = (read_time(reader.publisher(grocer).next_poll) - now).total_seconds()

    assert waits == {0: 720, 7_200: 7_200, 10**9: 86_400}


async def test_rows_of_others_and_of_ones_own_have_writers_of_their_own(federation):
    grocer, reader = await a_grocer_and_a_reader(federation)
    theirs, ours = reader.publisher(grocer), reader.publisher(reader)
    document = next(iter(reader.store.documents(grocer.did)))
    own = next(iter(reader.store.documents(reader.did)))
    wrong = [
        lambda tx: tx.save_publisher(theirs),
        lambda tx: tx.accept_publisher(ours),
        lambda tx: tx.accept_publisher(msgspec.structs.replace(ours, is_hosted=False)),
        lambda tx: tx.put_documents([document]),
        lambda tx: tx.accept_documents([own]),
        lambda tx: tx.delete_document(grocer.did, document.path),
        lambda tx: tx.accept_deletions(reader.did, [own.path]),
    ]

    for change in wrong:
        with pytest.raises(RuntimeError):
            await reader.store.write(change)

    assert reader.store.document(grocer.did, document.path) == document
    assert own.state is DocumentState.LIVE


async def test_a_home_with_an_older_log_is_told_and_not_followed(federation):
    """LF-FOLLOW-1, LF-ID-21."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    old = grocer.file("/did.jsonl")
    await grocer.change_key(keep_old=True)
    federation.clock.advance(days=1)
    await reader.sync(grocer)
    newer = reader.publisher(grocer).log
    federation.clock.advance(days=1)
    federation.network.forge = lambda url, body: old if url.endswith("did.jsonl") else body

    report = await reader.sync(grocer)

    held = reader.publisher(grocer)
    assert held.log == newer != old
    assert held.home.problem == "home-not-confirmed"
    assert "home not confirmed: home-not-confirmed" in report.notes


async def test_who_was_removed_is_not_read(federation):
    grocer, reader = await a_grocer_and_a_reader(federation)
    await follows.unfollow(reader.ports, grocer.did)

    assert isinstance(reader.publisher(grocer).removal, Removal)
    assert reader.store.due_for_poll("9999-01-01T00:00:00Z") == []
