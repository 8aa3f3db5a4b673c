"""One poll of one publisher: what it reports, and what happens when the world changes meanwhile.

Not here: files that lie and publishers that do (`tests/stories`), the walk itself (`test_feed_reading`).
"""

from __future__ import annotations

import msgspec
import pytest

from app.makers import import_many
from localfed.app import follows, sync
from localfed.app.publishing import publish, sign_and_store
from localfed.protocol import limits
from localfed.protocol.errors import DiskFull
from stories.witness import is_same


async def a_grocer_and_a_reader(federation):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    await reader.follow(grocer)
    return grocer, reader


def meanwhile(federation, part, action, *, is_late=False):
    """Do something once, while a URL with this part in it is being fetched; or just after."""
    network = federation.network
    real = network.get
    done = []

    async def get(url, **options):
        is_now = part in url and not done
        if is_now:
            done.append(url)
        if is_now and not is_late:
            await action()
        answer = await real(url, **options)
        if is_now and is_late:
            await action()
        return answer

    network.get = get
    return done


async def test_a_poll_reports_what_came_and_went(federation):
    """LF-READ-1."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    first = await reader.sync(grocer)
    offer = await grocer.publish({"type": "Offer", "name": "Fruit box"})
    await grocer.publish({"type": "Need", "name": "A van"})
    second = await reader.sync(grocer)
    await grocer.withdraw(offer)
    third = await reader.sync(grocer)

    reports = [
        (one.changed, one.deleted, one.lacking, one.problem) for one in (first, second, third)
    ]
    assert reports == [(2, 0, 0, None), (2, 0, 0, None), (0, 1, 0, None)]
    assert first.host == "grocer.example"


async def test_the_listing_is_on_disk_before_any_document_is_asked_for(federation):
    """LF-READ-1: head, feed, documents; an interruption in between loses nothing."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    seen = []

    async def look():
        seen.extend(reader.store.wanted(grocer.did))
        seen.append(reader.publisher(grocer).head)

    meanwhile(federation, "/org.json", look)
    await reader.sync(grocer)

    assert [one.path for one in seen[:-1]] == sorted(grocer.live(grocer))
    assert seen[-1] == grocer.file("/head.json")


async def test_an_old_body_is_not_live_while_the_new_one_is_lacking(federation):
    """LF-READ-10."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    await reader.sync(grocer)
    (path,) = (path for path in grocer.live(grocer) if path != "org.json")
    await grocer.publish({"type": "Offer", "id": f"{grocer.did}/{path}", "name": "Fruit box"})
    federation.network.missing.add(grocer.base + path)

    report = await reader.sync(grocer)

    assert report.lacking == 1
    assert path not in reader.live(grocer)
    assert await reader.names("box") == []


async def test_progress_is_told(federation):
    grocer, reader = await a_grocer_and_a_reader(federation)
    await import_many(grocer, 60)
    told = []

    await sync.poll(reader.ports, grocer.did, progress=lambda *step: told.append(step))

    assert told[-1] == (62, 62)
    assert told == sorted(told)


async def test_only_whom_one_follows_is_polled(federation):
    _, reader = await a_grocer_and_a_reader(federation)

    for did in (reader.did, "did:webvh:x:nobody.example"):
        report = await sync.poll(reader.ports, did)
        assert report.problem == "unknown-organisation"

    assert reader.publisher(reader).failures == 0
    assert federation.network.requests.count("https://reader.example/head.json") == 0


@pytest.mark.parametrize("when", ["/head.json", "/feed/", "/org.json"])
async def test_unfollowing_in_the_middle_leaves_nothing(federation, when):
    """LF-FOLLOW-6: whatever was under way is not stored any more, and nothing is shown."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    held = []

    async def stop():
        await follows.unfollow(reader.ports, grocer.did)
        held.append(list(reader.store.documents(grocer.did)))

    done = meanwhile(federation, when, stop)

    report = await reader.sync(grocer)

    assert done
    assert report.changed <= 1
    assert list(reader.store.documents(grocer.did)) == held[0]
    assert await reader.names() == ["Reader"]


async def test_unfollowing_while_nothing_changed_leaves_nothing_either(federation):
    """LF-FOLLOW-6: to confirm a head must not bring its publisher back."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    await reader.sync(grocer)
    done = meanwhile(federation, "/head.json", lambda: follows.unfollow(reader.ports, grocer.did))

    await reader.sync(grocer)

    assert done
    assert not reader.publisher(grocer).is_followed
    assert await reader.names() == ["Reader"]


async def test_following_anew_in_the_middle_reads_everything(federation):
    """LF-READ-4: what was read from the old cursor is not all that is live."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    await reader.sync(grocer)
    await grocer.publish({"type": "Need", "name": "A van"})

    async def again():
        await follows.unfollow(reader.ports, grocer.did)
        await reader.follow(grocer)

    done = meanwhile(federation, "/feed/", again)
    await reader.sync(grocer)
    assert done

    assert is_same(reader, grocer)


@pytest.mark.parametrize("when", ["/head.json", "/feed/"])
@pytest.mark.parametrize("has_more", [False, True])
async def test_two_polls_of_one_publisher_at_once_do_no_harm(federation, when, has_more):
    """LF-RATCHET-4: `sync --once` while the node runs; the second finds the work done."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    await reader.sync(grocer)
    await grocer.publish({"type": "Need", "name": "A van"})

    async def other():
        if has_more:
            await grocer.publish({"type": "Need", "name": "A driver"})
        await sync.poll(reader.ports, grocer.did)

    done = meanwhile(federation, when, other)
    report = await reader.sync(grocer)

    assert done
    assert report.problem is None
    assert reader.publisher(grocer).problem is None
    assert is_same(reader, grocer)


async def test_a_head_that_another_poll_has_left_behind_is_no_rollback(federation):
    """LF-RATCHET-4: what was the newest when it was fetched is no lie of the publisher."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    await reader.sync(grocer)
    await sign_and_store(grocer.ports, grocer.did, lambda tx, author: (publish(tx, author, []), []))

    async def other():
        await grocer.publish({"type": "Need", "name": "A van"})
        await sync.poll(reader.ports, grocer.did)

    done = meanwhile(federation, "/head.json", other, is_late=True)
    report = await reader.sync(grocer)

    assert done
    assert (report.problem, reader.publisher(grocer).problem) == (None, None)
    assert is_same(reader, grocer)


async def test_a_head_that_goes_back_to_the_one_held_confirms_it(federation):
    """LF-READ-9: the second look found nothing newer; asked again in time, not at once."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    await reader.sync(grocer)
    old = grocer.file("/head.json")
    await grocer.publish({"type": "Need", "name": "A van"})
    new = grocer.file("/head.json")
    heads = iter([new, old])
    federation.clock.advance(minutes=20)

    def forge(url, body):
        if url.endswith("head.json"):
            return next(heads)
        return b"[]" if "/feed/" in url else body

    federation.network.forge = forge
    report = await reader.sync(grocer)

    publisher = reader.publisher(grocer)
    assert (report.problem, publisher.head) == (None, old)
    assert publisher.next_poll > "2026-05-01T09:24:00Z"
    federation.network.forge = None
    assert (await reader.sync(grocer)).changed == 1


async def test_a_disk_that_is_full_is_no_fault_of_the_publisher(federation):
    """Our own trouble is raised, and not noted against the publisher."""
    grocer, reader = await a_grocer_and_a_reader(federation)
    before = reader.publisher(grocer)

    class FullStore:
        def __getattr__(self, name):
            return getattr(reader.store, name)

        async def write(self, change):
            raise DiskFull("the disk is full")

    ports = msgspec.structs.replace(reader.ports, store=FullStore())
    with pytest.raises(DiskFull):
        await sync.poll(ports, grocer.did)

    assert reader.publisher(grocer) == before
    assert (await reader.sync(grocer)).problem is None
    assert is_same(reader, grocer)


@pytest.mark.parametrize("quota", [1, 2, 50])
async def test_what_is_over_the_quota_is_counted_and_not_fetched(federation, monkeypatch, quota):
    """LF-FOLLOW-5: org.json, then the order of paths; the rest is told to the operator."""
    monkeypatch.setattr(limits, "PUBLISHER_DOCUMENTS", quota)
    lister, reader = await federation.node("lister"), await federation.node("reader")
    await import_many(lister, 130)
    await reader.follow(lister)

    report = await reader.sync(lister)

    paths = sorted(lister.live(lister), key=lambda path: (path != "org.json", path))
    assert (report.problem, report.over_quota) == (None, 131 - quota)
    assert reader.publisher(lister).over_quota == 131 - quota
    assert set(reader.live(lister)) == set(paths[:quota])
    fetched = [url for url in federation.network.requests if url.startswith(lister.base + "d/")]
    assert len(fetched) <= quota


async def test_room_that_is_made_is_filled_from_what_was_left_out(federation, monkeypatch):
    """LF-FOLLOW-5: at the next change, not only when all is read anew."""
    monkeypatch.setattr(limits, "PUBLISHER_DOCUMENTS", 3)
    lister, reader = await federation.node("lister"), await federation.node("reader")
    offers = [await lister.publish({"type": "Offer", "name": f"Offer {n}"}) for n in range(5)]
    await reader.follow(lister)
    await reader.sync(lister)
    first = min(offers)
    assert first.removeprefix(lister.did + "/") in reader.live(lister)

    await lister.withdraw(first)
    one = await reader.sync(lister)
    await lister.withdraw(max(offers))
    two = await reader.sync(lister)

    left = sorted(set(offers) - {first, max(offers)})
    assert (one.over_quota, two.over_quota) == (2, 1)
    assert set(reader.live(lister)) == {
        "org.json",
        *(offer.removeprefix(lister.did + "/") for offer in left[:2]),
    }


async def test_a_changed_document_that_is_left_out_is_not_counted_twice(federation, monkeypatch):
    monkeypatch.setattr(limits, "PUBLISHER_DOCUMENTS", 2)
    lister, reader = await federation.node("lister"), await federation.node("reader")
    offers = [await lister.publish({"type": "Offer", "name": f"Offer {n}"}) for n in range(3)]
    await reader.follow(lister)
    await reader.sync(lister)

    await lister.publish({"type": "Offer", "id": max(offers), "name": "Changed"})
    report = await reader.sync(lister)

    assert report.over_quota == 2
    assert len(reader.live(lister)) == 2


async def test_a_quota_that_grew_lets_the_rest_in(federation, monkeypatch):
    lister, reader = await federation.node("lister"), await federation.node("reader")
    await import_many(lister, 20)
    await reader.follow(lister)
    with monkeypatch.context() as small:
        small.setattr(limits, "PUBLISHER_DOCUMENTS", 5)
        await reader.sync(lister)
    await lister.publish({"type": "Need", "name": "A van"})

    report = await reader.sync(lister)

    assert (report.over_quota, report.lacking) == (0, 0)
    assert is_same(reader, lister)
