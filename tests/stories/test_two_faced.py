"""Publishers that sign what they should not, or whose key somebody else has: two heads with one number, a
feed restored from a backup, documents that break rules, keys that come and go, two logs.

Not here: what happens on the way (`test_lying_peers`), clocks (`test_time`).
"""

from __future__ import annotations

import pytest

from localfed.app.publishing import publish, sign_and_store
from localfed.app.signing import Change, author_of
from localfed.app.sync import is_confirmed
from localfed.app.values import DocumentState, FeedFile
from localfed.protocol import limits
from localfed.protocol.digest import digest
from localfed.protocol.feed import Entry, Page, chain_over, page_path, write_page
from localfed.protocol.identity import close_log, move_log, rotate_log
from localfed.protocol.keys import SigningKey
from stories.witness import Witness, is_same

pytestmark = pytest.mark.usefixtures("small_limits")


async def a_grocer_and_a_reader(federation, offers=5):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    for number in range(offers):
        await grocer.publish({"type": "Offer", "name": f"Offer {number}"})
    await reader.follow(grocer)
    await reader.sync(grocer)
    return grocer, reader


def serve_head(federation, node, head):
    """Let the network bring another head of a node."""
    federation.network.forge = lambda url, body: head if url == node.base + "head.json" else body


async def test_of_two_heads_with_one_number_the_first_is_kept(federation):
    """LF-RATCHET-1, LF-RATCHET-5: a fork is refused until a higher number settles it."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    twin = grocer.copy("twin")
    await grocer.publish({"type": "Offer", "name": "By the one"})
    await twin.publish({"type": "Offer", "name": "By the other"})
    assert grocer.head()["seq"] == twin.head()["seq"]
    await reader.sync(grocer)
    before = reader.publisher(grocer)

    twin.serve()
    report = await reader.sync(grocer)

    assert (report.problem, reader.publisher(grocer).problem) == ("forked", "forked")
    assert reader.publisher(grocer).head == before.head
    assert is_same(reader, grocer)


async def test_a_fork_that_goes_on_is_read_anew_and_told(federation):
    """LF-RATCHET-5, LF-READ-7: a higher number counts; that its feed is another is noted."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    twin = grocer.copy("twin")
    await grocer.publish({"type": "Offer", "name": "By the one"})
    await reader.sync(grocer)

    federation.clock.advance(seconds=5)
    await twin.publish({"type": "Offer", "name": "By the other"})
    twin.serve()
    report = await reader.sync(grocer)

    assert (report.problem, report.notes) == (None, ("restarted",))
    assert is_same(reader, twin)


async def test_a_node_that_lost_a_week_and_goes_on_from_a_backup_is_followed(federation):
    """LF-WRITE-2, LF-READ-7, LF-READ-8: no number is used twice, so readers see that it is another feed."""
    grocer, reader = await a_grocer_and_a_reader(federation, offers=30)
    backup = grocer.copy("backup")
    for day in range(7):
        federation.clock.advance(days=1)
        await grocer.publish({"type": "Offer", "name": f"Lost on day {day}"})
        await reader.sync(grocer)
    seen = reader.publisher(grocer).state.seq

    backup.serve()
    assert (await reader.sync(grocer)).problem == "stale"
    federation.clock.advance(hours=1)
    offer = await backup.publish({"type": "Offer", "name": "After the restore"})
    report = await reader.sync(grocer)

    assert backup.head()["seq"] > seen
    assert (report.problem, report.deleted, report.notes) == (None, 7, ("restarted",))
    assert is_same(reader, backup)
    assert offer.removeprefix(grocer.did + "/") in reader.live(grocer)


async def test_a_restored_node_whose_clock_is_behind_too_is_refused_until_it_is_ahead(federation):
    """LF-RATCHET-1: what followers have seen is not undone by a number that is lower."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    backup = grocer.copy("backup")
    federation.clock.advance(days=2)
    await grocer.publish({"type": "Offer", "name": "Lost"})
    await reader.sync(grocer)
    backup.serve()
    backup.clock = type(federation.clock)(federation.clock.now())
    backup.clock.advance(days=-1)

    await backup.publish({"type": "Offer", "name": "Too low"})
    refused = await reader.sync(grocer)
    backup.clock.advance(days=1, seconds=5)
    await backup.publish({"type": "Offer", "name": "High enough"})
    accepted = await reader.sync(grocer)

    assert (refused.problem, accepted.problem) == ("stale", None)
    assert is_same(reader, backup)


async def test_a_head_by_a_foreign_key_is_refused_after_one_look_at_the_log(federation):
    """LF-READ-2, LF-ACCEPT-6."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    thief = SigningKey(bytes(range(32)))
    before = reader.publisher(grocer).state
    serve_head(federation, grocer, grocer.signed_head(key=thief, seq=before.seq + 1))
    federation.network.requests.clear()

    report = await reader.sync(grocer)

    assert report.problem == "unknown-key"
    assert reader.publisher(grocer).state == before
    files = [url.rsplit("/", 1)[1] for url in federation.network.requests]
    assert files == ["head.json", "did.jsonl"]


async def test_a_signature_under_the_name_of_another_key_is_refused(federation):
    """LF-READ-2, LF-ACCEPT-6: the key is taken from the log, never from what the proof says."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    thief = SigningKey(bytes(range(32)))
    head = grocer.signed_head(key=thief, seq=grocer.head()["seq"] + 1)
    serve_head(
        federation, grocer, head.replace(thief.multikey.encode(), grocer.key.multikey.encode())
    )

    report = await reader.sync(grocer)

    assert report.problem == "bad-signature"
    assert is_same(reader, grocer)


async def test_a_head_that_names_an_unknown_log_entry_waits_for_the_log(federation):
    """LF-HEAD-7, LF-READ-2: fetched once; the old log leads nowhere, the new one does."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    old_log = reader.publisher(grocer).log
    await grocer.change_key(keep_old=True)
    await grocer.publish({"type": "Offer", "name": "Signed with the new key"})
    federation.network.forge = lambda url, body: old_log if url.endswith("did.jsonl") else body

    refused = await reader.sync(grocer)
    federation.network.forge = None
    accepted = await reader.sync(grocer)

    assert refused.problem == "unknown-identity-version"
    assert (accepted.problem, accepted.notes) == (None, ("key change",))
    assert is_same(reader, grocer)


async def test_what_a_removed_key_signed_is_not_shown_in_the_new_era(federation):
    """LF-READ-13, LF-FEED-1: the same bytes under the same head are checked with the keys of now."""
    grocer, reader = await a_grocer_and_a_reader(federation, offers=3)
    await grocer.change_key(keep_old=False)
    await grocer.publish({"type": "Organization", "name": "Grocer, new key"})

    report = await reader.sync(grocer)

    assert report.problem is None
    assert reader.live(grocer).keys() == {"org.json"}
    states = {one.state: one.problem for one in reader.store.documents(grocer.did)}
    assert states == {DocumentState.LIVE: None, DocumentState.REJECTED: "unknown-key"}
    assert await reader.names("offer") == []
    for path in grocer.live(grocer):
        if path != "org.json":
            draft = {"type": "Offer", "id": f"{grocer.did}/{path}", "name": "Signed again"}
            await grocer.publish(draft)
    await reader.sync(grocer)
    assert is_same(reader, grocer)


async def test_a_routine_rotation_keeps_everything_shown(federation):
    """LF-READ-13: all signed with the new key first, then the old one is taken out."""
    grocer, reader = await a_grocer_and_a_reader(federation, offers=4)
    await grocer.change_key(keep_old=True)
    for path, one in grocer.live(grocer).items():
        draft = {"type": one.type, "id": f"{grocer.did}/{path}", "name": "Signed again"}
        await grocer.publish(draft)
    await reader.sync(grocer)
    held = grocer.publisher(grocer)
    federation.clock.advance(days=1)
    shorter = rotate_log(
        held.log, kit=grocer.kit, keys=[grocer.key.multikey], now=federation.clock.now()
    )
    await grocer.take_log(shorter)
    await grocer.publish({"type": "Need", "name": "In the new era"})
    federation.network.requests.clear()

    report = await reader.sync(grocer)

    assert (report.problem, report.rejected, report.changed) == (None, 0, 1)
    assert is_same(reader, grocer)
    assert sum("/d/" in url for url in federation.network.requests) == 1


async def test_an_old_head_cannot_bring_back_what_was_there_before_a_key_was_removed(federation):
    """LF-HEAD-7: every head of the era before has stopped counting, whoever signed it."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    old = grocer.copy("old")
    await grocer.change_key(keep_old=False)
    await grocer.publish({"type": "Organization", "name": "Grocer, new key"})
    await reader.sync(grocer)
    state = reader.publisher(grocer).state

    federation.clock.advance(days=1)
    await old.publish({"type": "Offer", "name": "By the thief"})
    serve_head(federation, grocer, old.file("/head.json"))
    report = await reader.sync(grocer)

    assert report.problem == "stale"
    assert reader.publisher(grocer).state == state
    assert await reader.names("thief") == []


async def test_a_number_run_to_the_end_is_left_behind_by_a_new_era(federation):
    """LF-RATCHET-1: who stole a key can stop a feed, but not the next era, which begins at any number."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    head = grocer.head()
    path = min(grocer.live(grocer))
    last = Entry(seq=limits.INTEGER, path=path)
    page = Page(before=head["chain"], previous=head["page"], entries=(last,))
    stolen = grocer.signed_head(
        seq=last.seq, chain=chain_over(head["chain"], [last]), page=page_path(last.seq)
    )
    files = {
        grocer.base + "head.json": stolen,
        grocer.base + page_path(last.seq): write_page(page),
    }
    await grocer.store.write(
        lambda tx: tx.put_feed_file(
            FeedFile(did=grocer.did, path=page_path(last.seq), body=write_page(page))
        )
    )
    federation.network.forge = files.get

    stopped = await reader.sync(grocer)
    assert (stopped.problem, stopped.deleted) == (None, 1)
    assert reader.publisher(grocer).state.seq == limits.INTEGER
    federation.network.forge = None
    await grocer.publish({"type": "Offer", "name": "Nobody hears this"})
    assert (await reader.sync(grocer)).problem == "stale"
    await grocer.change_key(keep_old=False)
    for path, one in grocer.live(grocer).items():
        draft = {"type": one.type, "id": f"{grocer.did}/{path}", "name": "Heard again"}
        await grocer.publish(draft)
    report = await reader.sync(grocer)

    assert report.problem is None
    assert is_same(reader, grocer)


async def test_closing_an_identity_withdraws_everything(federation):
    """LF-READ-13: deleted at once, and what comes later is refused."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    closed = close_log(grocer.publisher(grocer).log, kit=grocer.kit, now=federation.clock.now())
    version = closed.splitlines()[-1].split(b'"versionId":"')[1].split(b'"')[0].decode()
    await grocer.take_log(closed)
    serve_head(federation, grocer, grocer.signed_head(identity=version))

    report = await reader.sync(grocer)

    publisher = reader.publisher(grocer)
    assert (report.problem, publisher.problem) == ("identity-closed", "identity-closed")
    assert publisher.is_closed
    assert list(reader.store.documents(grocer.did)) == []
    assert await reader.names() == ["Reader"]
    assert (await reader.sync(grocer)).problem == "identity-closed"


async def test_a_log_that_contradicts_the_one_held_is_not_taken(federation):
    """LF-READ-2: it has to extend the one held; a fork is told, and no side is taken."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    twin = grocer.copy("twin")
    await grocer.change_key(keep_old=True)
    await grocer.publish({"type": "Offer", "name": "By the one"})
    await reader.sync(grocer)
    held = reader.publisher(grocer)

    federation.clock.advance(minutes=5)
    await twin.change_key(keep_old=True)
    await twin.publish({"type": "Offer", "name": "By the other"})
    twin.serve()
    report = await reader.sync(grocer)

    assert report.problem == "log-forked"
    assert reader.publisher(grocer).log == held.log
    assert is_same(reader, grocer)


async def test_an_identity_that_moves_to_this_machine_is_not_followed_there(federation):
    """LF-FETCH-1: no stranger leads a node to its own ports; the poll reports it and goes on."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    moved = move_log(
        grocer.publisher(grocer).log,
        kit=grocer.kit,
        base="http://localhost:8001/",
        now=federation.clock.now(),
        allow_loopback=True,
    )
    version = moved.splitlines()[-1].split(b'"versionId":"')[1].split(b'"')[0].decode()
    head = grocer.signed_head(identity=version)
    files = {grocer.base + "head.json": head, grocer.base + "did.jsonl": moved}
    federation.network.forge = files.get

    report = await reader.sync(grocer)

    publisher = reader.publisher(grocer)
    assert report.problem is not None
    assert (publisher.problem, publisher.failures) == (report.problem, 1)
    assert publisher.base == grocer.base
    assert is_same(reader, grocer)


@pytest.mark.parametrize(
    "body,code",
    [
        (b"{}", "wrong-shape"),
        (b"no JSON", "not-json"),
        (b'{"b":1,"a":2}', "not-canonical"),
        (b"\xff", "not-utf8"),
        (b"[" * 40 + b"]" * 40, "too-deep"),
    ],
)
async def test_signed_nonsense_is_listed_not_shown_and_not_asked_for_again(federation, body, code):
    """LF-READ-10: until another digest is listed."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    path = min(grocer.live(grocer))
    key = grocer.key

    def change(tx):
        author = author_of(tx, grocer.did, [key], federation.clock.now())
        publish(tx, author, [Change(path=path, type="Offer", body=body)])

    await grocer.store.write(change)
    federation.network.forge = lambda url, real: body if url == grocer.base + path else real

    first = await reader.sync(grocer)
    federation.network.requests.clear()
    second = await reader.sync(grocer)

    assert (first.problem, first.rejected, first.lacking) == (None, 1, 0)
    held = reader.store.document(grocer.did, path)
    assert (held.state, held.problem, held.body) == (DocumentState.REJECTED, code, None)
    assert (second.rejected, len(federation.network.requests)) == (0, 1)
    federation.network.forge = None
    await grocer.publish({"type": "Offer", "id": f"{grocer.did}/{path}", "name": "Mended"})
    assert (await reader.sync(grocer)).changed == 1
    assert is_same(reader, grocer)


async def test_another_publishers_document_under_a_path_of_ones_own_is_refused(federation):
    """LF-ACCEPT-5: listed with its true digest, it still is not the lister's to publish."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    baker = await federation.node("baker")
    theirs = (await baker.publish({"type": "Offer", "name": "Bread"})).removeprefix(baker.did + "/")
    body = baker.live(baker)[theirs].body

    def change(tx):
        author = author_of(tx, grocer.did, [grocer.key], federation.clock.now())
        publish(tx, author, [Change(path=theirs, type="Offer", body=body)])

    await grocer.store.write(change)
    federation.network.forge = lambda url, real: body if url == grocer.base + "org.json" else real
    federation.network.cached[grocer.base + theirs] = body

    report = await reader.sync(grocer)

    held = reader.store.document(grocer.did, theirs)
    assert (report.rejected, held.state, held.problem) == (
        1,
        DocumentState.REJECTED,
        "wrong-issuer",
    )
    assert await reader.names("bread") == []


async def test_a_snapshot_that_tells_newcomers_something_else_is_noted(federation):
    """LF-READ-14: who walks past it compares."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    for number in range(22):
        await grocer.publish({"type": "Need", "name": f"Need {number}"})
    snapshot = dict(grocer.head()["snapshot"])
    assert snapshot["seq"] > reader.publisher(grocer).state.seq
    snapshot["chain"] = digest(b"another feed")
    serve_head(federation, grocer, grocer.signed_head(snapshot=snapshot))

    report = await reader.sync(grocer)

    assert (report.problem, report.notes) == (None, ("other snapshot",))
    assert is_same(reader, grocer)


async def test_a_publisher_that_begins_anew_with_nothing_is_emptied(federation):
    """LF-READ-3, LF-HEAD-3, LF-HEAD-6: number 0 in a new era: nothing is live."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    empty = (await federation.node("other")).head()["snapshot"]
    await grocer.change_key(keep_old=False)
    held = grocer.publisher(grocer)
    version = held.log.splitlines()[-1].split(b'"versionId":"')[1].split(b'"')[0].decode()
    start = grocer.head()["snapshot"]["chain"]
    assert grocer.head()["snapshot"]["seq"] == 0
    wrong = grocer.signed_head(
        identity=version, seq=0, page=None, chain=empty["chain"], snapshot=empty
    )
    right = grocer.signed_head(
        identity=version, seq=0, page=None, chain=start, snapshot=grocer.head()["snapshot"]
    )

    serve_head(federation, grocer, wrong)
    refused = await reader.sync(grocer)
    kept = len(reader.live(grocer))
    serve_head(federation, grocer, right)
    accepted = await reader.sync(grocer)

    assert (refused.problem, kept) == ("bad-feed", 6)
    assert (accepted.problem, accepted.deleted) == (None, 6)
    assert list(reader.store.documents(grocer.did)) == []


async def test_a_renewal_is_taken_over_and_an_older_one_is_not(federation):
    """LF-RATCHET-3, LF-RATCHET-4, LF-WRITE-6: only its times change; no page is read for it."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    first = grocer.file("/head.json")
    federation.clock.advance(days=8)
    await sign_and_store(grocer.ports, grocer.did, lambda tx, author: (publish(tx, author, []), []))
    witness = Witness(grocer)
    federation.network.requests.clear()

    renewed = await reader.sync(grocer)
    after = reader.publisher(grocer)
    federation.network.cached[grocer.base + "head.json"] = first
    old = await reader.sync(grocer)

    assert (renewed.problem, old.problem) == (None, None)
    assert after.head == grocer.file("/head.json") != first
    assert reader.publisher(grocer).state == after.state
    assert reader.publisher(grocer).head == after.head
    assert is_confirmed(reader.publisher(grocer), federation.clock.now())
    assert not any("/feed/" in url for url in federation.network.requests)
    witness.check(reader)
