"""Getting the bytes of documents: the bundle, one by one, and what fits a quota."""

from __future__ import annotations

import msgspec

from app.makers import import_many
from localfed.app.checking import check_documents
from localfed.app.policy import within_quota
from localfed.app.values import DocumentState, StoredDocument
from localfed.protocol import limits
from localfed.protocol.digest import digest
from localfed.protocol.identity import read_identity
from stories.witness import is_same


def test_within_the_quota_everything_is_taken():
    assert within_quota(["d/b", "d/a", "org.json"], 3) == ({"d/a", "d/b", "org.json"}, 0)
    assert within_quota([], 3) == (set(), 0)


def test_over_the_quota_the_own_record_comes_first_and_then_the_order_of_paths():
    """LF-FOLLOW-5."""
    assert within_quota(["d/c", "p/x", "d/a", "org.json"], 2) == ({"d/a", "org.json"}, 2)
    assert within_quota(["d/c", "d/b", "d/a"], 2) == ({"d/a", "d/b"}, 1)


async def test_a_first_sync_with_a_snapshot_takes_the_bundle(federation):
    """LF-READ-11."""
    lister, reader = await federation.node("lister"), await federation.node("reader")
    await import_many(lister, 100)
    await reader.follow(lister)

    await reader.sync(lister)

    assert lister.base + "bundle.jsonl" in federation.network.requests
    assert not any("/d/" in url for url in federation.network.requests)
    assert is_same(reader, lister)


async def test_without_a_snapshot_nobody_asks_for_a_bundle(federation):
    """LF-READ-11: only when the snapshot has just been loaded."""
    lister, reader = await federation.node("lister"), await federation.node("reader")
    await import_many(lister, 90)
    assert lister.head()["snapshot"]["seq"] == 0
    await reader.follow(lister)

    await reader.sync(lister)

    assert not any(url.endswith("bundle.jsonl") for url in federation.network.requests)
    assert is_same(reader, lister)


async def test_a_few_documents_are_fetched_one_by_one(federation, monkeypatch):
    """LF-READ-11: more than fifty have to be lacking."""
    monkeypatch.setattr(limits, "SNAPSHOT_ENTRIES_MIN", 10)
    lister = await federation.node("lister")
    readers = [await federation.node("fifty"), await federation.node("more")]
    await import_many(lister, 49)
    assert lister.head()["snapshot"]["seq"] > 0
    asked = []
    for reader in readers:
        federation.network.requests.clear()
        await reader.follow(lister)
        await reader.sync(lister)
        asked.append(lister.base + "bundle.jsonl" in federation.network.requests)
        await import_many(lister, 50)

    assert asked == [False, True]
    assert is_same(readers[1], lister)


async def test_a_static_folder_without_a_bundle_is_read_all_the_same(federation):
    """LF-FEED-11: a bundle may be there."""
    lister, reader = await federation.node("lister"), await federation.node("reader")
    await import_many(lister, 120)
    federation.network.missing.add(lister.base + "bundle.jsonl")
    await reader.follow(lister)

    report = await reader.sync(lister)

    assert (report.problem, report.lacking) == (None, 0)
    assert is_same(reader, lister)


async def test_what_the_bundle_brought_before_it_broke_off_is_kept(federation):
    lister, reader = await federation.node("lister"), await federation.node("reader")
    await import_many(lister, 200)
    await reader.follow(lister)
    real = lister.file

    def file(path):
        if path == "/bundle.jsonl":
            # A line that is too long ends it: fifty lines were whole before.
            lines = real(path).split(b"\n")
            return b"\n".join([*lines[:50], b"x" * 100_000, *lines[50:]])
        return real(path)

    lister.file = file
    federation.network.requests.clear()
    report = await reader.sync(lister)

    one_by_one = [url for url in federation.network.requests if "/d/" in url]
    assert (report.problem, report.lacking) == (None, 0)
    assert 140 <= len(one_by_one) <= 151


async def test_a_document_is_checked_with_the_digest_and_path_that_were_listed(federation):
    """LF-ACCEPT-2, LF-ACCEPT-5, LF-ACCEPT-7, LF-READ-10."""
    grocer = await federation.node("grocer")
    offer = await grocer.publish({"type": "Offer", "name": "Veg box"})
    path = offer.removeprefix(grocer.did + "/")
    now = federation.clock.now()
    identity = read_identity(grocer.publisher(grocer).log, now=now)
    body = grocer.file("/" + path)

    def wanted(path, name):
        return StoredDocument(
            did=grocer.did, path=path, type="Offer", digest=name, state=DocumentState.WANTED
        )

    good = check_documents([(wanted(path, digest(body)), body)], identity, now)
    other_bytes = check_documents([(wanted(path, digest(b"x")), body)], identity, now)
    other_path = check_documents([(wanted("d/x.json", digest(body)), body)], identity, now)
    broken = body.replace(b"Veg", b"Vex")
    forged = check_documents([(wanted(path, digest(broken)), broken)], identity, now)

    assert [(one.state, one.body) for one in good] == [(DocumentState.LIVE, body)]
    assert other_bytes == []
    assert [(one.state, one.problem) for one in other_path] == [
        (DocumentState.REJECTED, "wrong-path")
    ]
    assert [(one.state, one.problem, one.body) for one in forged] == [
        (DocumentState.REJECTED, "bad-signature", None)
    ]


async def test_one_bad_document_never_stops_the_others(federation):
    """LF-READ-10."""
    lister, reader = await federation.node("lister"), await federation.node("reader")
    await import_many(lister, 80)
    paths = sorted(path for path in lister.live(lister) if path != "org.json")
    bad = {lister.base + path for path in paths[::3]}
    federation.network.forge = lambda url, body: b"{}" if url in bad else body
    await reader.follow(lister)

    report = await reader.sync(lister)

    assert (report.problem, report.changed, report.lacking) == (None, 81 - len(bad), len(bad))
    federation.network.forge = None
    await reader.sync(lister)
    assert is_same(reader, lister)


async def test_the_own_record_is_asked_for_first(federation):
    lister, reader = await federation.node("lister"), await federation.node("reader")
    await import_many(lister, 30)
    await reader.follow(lister)
    federation.network.requests.clear()

    await reader.sync(lister)

    documents = [url for url in federation.network.requests if url.endswith((".json",))]
    assert documents.index(lister.base + "org.json") < min(
        at for at, url in enumerate(documents) if "/d/" in url
    )


async def test_a_document_of_another_type_than_listed_is_refused(federation):
    """LF-READ-10: an offer listed as a need is shown as neither."""
    grocer = await federation.node("grocer")
    offer = await grocer.publish({"type": "Offer", "name": "Veg box"})
    held = grocer.live(grocer)[offer.removeprefix(grocer.did + "/")]
    identity = read_identity(grocer.publisher(grocer).log, now=federation.clock.now())
    listed = msgspec.structs.replace(held, type="Need", state=DocumentState.WANTED, body=None)

    checked = check_documents([(listed, held.body)], identity, federation.clock.now())

    assert [(one.state, one.problem) for one in checked] == [
        (DocumentState.REJECTED, "wrong-shape")
    ]
