"""Signing again before it expires: heads at half of their life, documents between half and three quarters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.makers import import_many
from localfed.app.renewals import is_head_due, renew
from localfed.protocol import limits
from localfed.protocol.canonical import parse_object
from localfed.protocol.errors import BadFile
from localfed.protocol.identity import close_log
from localfed.protocol.times import read_time
from stories.witness import is_same


async def live_on(federation, node, until, *, every, reader=None):
    """Let time pass, renewing as a running node does; returns what each round did."""
    done = []
    while federation.clock.now() < until:
        federation.clock.advance(hours=every)
        done.append(await renew(node.ports, node.did))
        if reader is not None:
            await reader.sync(node)
    return done


async def test_a_head_is_renewed_at_half_of_its_life(federation):
    """LF-HEAD-8, LF-WRITE-6: and not before; the feed is the same."""
    grocer = await federation.node("grocer")
    before = grocer.publisher(grocer)
    half = timedelta(days=limits.HEAD_SERVER_DAYS) / 2

    federation.clock.moment += half - timedelta(seconds=1)
    early = await renew(grocer.ports, grocer.did)
    assert (early.head, grocer.publisher(grocer)) == (False, before)
    federation.clock.advance(seconds=1)
    late = await renew(grocer.ports, grocer.did)

    after = grocer.publisher(grocer)
    assert (late.head, late.documents) == (True, 0)
    assert (after.state.seq, after.state.chain) == (before.state.seq, before.state.chain)
    assert read_time(after.head_expires) == federation.clock.now() + 2 * half
    assert not is_head_due(after, federation.clock.now())


async def test_renewing_twice_is_renewing_once(federation):
    grocer = await federation.node("grocer")
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    federation.clock.advance(days=136)
    first = await renew(grocer.ports, grocer.did)
    before = grocer.publisher(grocer), grocer.store.log_position()

    second = await renew(grocer.ports, grocer.did)

    assert (first.documents, first.head) == (2, True)
    assert (second.documents, second.head, second.files_removed, second.is_done) == (
        0,
        False,
        0,
        True,
    )
    assert (grocer.publisher(grocer), grocer.store.log_position()) == before


async def test_documents_are_renewed_between_half_and_three_quarters_of_their_life(federation):
    """Spread over that time, so that followers are not asked for all of them in one night."""
    lister = await federation.node("lister")
    await import_many(lister, 60)
    begin = federation.clock.now()
    life = timedelta(days=limits.LIFETIME_DAYS)
    first = {path: one.revision for path, one in lister.live(lister).items()}
    renewed_at = {}
    while federation.clock.now() < begin + life * 0.8:
        federation.clock.advance(days=1)
        await renew(lister.ports, lister.did)
        for path, one in lister.live(lister).items():
            if one.revision != first[path]:
                renewed_at.setdefault(path, federation.clock.now() - begin)

    assert renewed_at.keys() == first.keys()
    assert min(renewed_at.values()) >= life / 2
    assert max(renewed_at.values()) <= life * 0.75 + timedelta(days=1)
    assert len(set(renewed_at.values())) > 20


async def test_a_renewal_says_the_same_with_new_times(federation):
    grocer = await federation.node("grocer")
    offer = await grocer.publish(
        {"type": "Offer", "name": "Veg box", "category": ["food"], "description": "Weekly"}
    )
    path = "/" + offer.removeprefix(grocer.did + "/")
    before = parse_object(grocer.file(path))
    federation.clock.advance(days=136)

    await renew(grocer.ports, grocer.did)

    after = parse_object(grocer.file(path))
    times = {"updated", "expires", "revision", "proof"}
    assert {name for name in after if after[name] != before[name]} == times
    assert after["assured"] == before["assured"], "no person looked at it"
    assert after["revision"] > before["revision"]


async def test_what_nobody_looked_at_for_400_days_fades(federation):
    """LF-DOC-11: never later than that; and the head and the others go on."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    offer = await grocer.publish({"type": "Offer", "name": "Veg box"})
    path = offer.removeprefix(grocer.did + "/")
    await reader.follow(grocer)
    begin = federation.clock.now()
    end = begin + timedelta(days=limits.ASSURED_DAYS)

    await live_on(federation, grocer, end - timedelta(days=2), every=47, reader=reader)
    await grocer.publish({"type": "Need", "name": "A van"})
    await reader.sync(grocer)
    almost = sorted(await reader.names(limit=10))
    document = grocer.live(grocer)[path]
    await live_on(federation, grocer, end + timedelta(days=30), every=47, reader=reader)

    assert "Veg box" in almost
    assert read_time(document.expires) == end
    assert document.renew_at is None
    assert await reader.names(limit=10) == ["A van"]
    assert reader.publisher(grocer).problem is None


async def test_a_persons_look_begins_the_time_anew(federation):
    """LF-DOC-11: publishing a change is looking at it."""
    grocer = await federation.node("grocer")
    offer = await grocer.publish({"type": "Offer", "name": "Veg box"})
    await live_on(federation, grocer, federation.clock.now() + timedelta(days=390), every=47)

    await grocer.publish({"type": "Offer", "id": offer, "name": "Veg box"})

    document = grocer.live(grocer)[offer.removeprefix(grocer.did + "/")]
    life = read_time(document.expires) - federation.clock.now()
    assert life == timedelta(days=limits.LIFETIME_DAYS)
    assert document.renew_at is not None


@pytest.mark.parametrize("days", [20, 200, 399, 401, 1_000])
async def test_a_node_that_was_off_for_long_goes_on_where_it_can(federation, days):
    """What cannot be renewed any more keeps neither the head nor a new document from being signed."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    await reader.follow(grocer)
    federation.clock.advance(days=days)

    done = await renew(grocer.ports, grocer.did)
    again = await renew(grocer.ports, grocer.did)
    await grocer.publish({"type": "Need", "name": "A van"})
    report = await reader.sync(grocer)

    assert done.head
    assert (done.documents + done.fading, again.documents + again.fading) == (
        (2, 0) if days > 100 else (0, 0)
    )
    assert (done.fading > 0) is (days > limits.ASSURED_DAYS)
    assert report.problem is None
    assert "A van" in await reader.names("", limit=10)
    assert ("Veg box" in await reader.names("veg")) is (days < limits.ASSURED_DAYS)


async def test_followers_take_renewals_over(federation):
    """LF-RATCHET-3, LF-READ-12: confirmed for as long as the publisher's node runs."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    await reader.follow(grocer)
    end = federation.clock.now() + timedelta(days=200)

    done = await live_on(federation, grocer, end, every=53, reader=reader)

    assert sum(one.documents for one in done) >= 2
    assert is_same(reader, grocer)
    assert read_time(reader.publisher(grocer).head_expires) > federation.clock.now()
    assert await reader.names("veg") == ["Veg box"]


async def test_many_renewals_come_in_portions(federation, monkeypatch):
    from localfed.app import renewals

    monkeypatch.setattr(renewals, "_AT_ONCE", 25)
    lister = await federation.node("lister")
    await import_many(lister, 60)
    federation.clock.advance(days=136)

    done = []
    while not done or not done[-1].is_done:
        done.append(await renew(lister.ports, lister.did))

    assert [one.documents for one in done] == [25, 25, 11]


async def test_replaced_files_are_let_go_without_signing(federation):
    """LF-WRITE-5: after two days, and not an hour earlier."""
    lister = await federation.node("lister")
    await import_many(lister, 120)
    await import_many(lister, 120, "Store")
    files = len(lister.store.feed_files(lister.did))
    head = lister.file("/head.json")

    federation.clock.advance(hours=limits.OLD_FILES_HOURS - 1)
    early = await renew(lister.ports, lister.did)
    federation.clock.advance(hours=1)
    late = await renew(lister.ports, lister.did)

    assert (early.files_removed, early.head) == (0, False)
    assert (late.files_removed, late.head) == (2, False)
    assert len(lister.store.feed_files(lister.did)) == files - 2
    assert lister.file("/head.json") == head


async def test_without_the_key_nothing_is_renewed_and_that_is_said(federation):
    grocer = await federation.node("grocer")
    (file,) = (grocer.folder / "keys").iterdir()
    file.unlink()
    assert (await renew(grocer.ports, grocer.did)).is_done
    federation.clock.advance(days=8)
    before = grocer.publisher(grocer)

    with pytest.raises(BadFile, match="missing"):
        await renew(grocer.ports, grocer.did)

    assert grocer.publisher(grocer) == before


async def test_a_closed_identity_is_not_renewed(federation):
    grocer = await federation.node("grocer")
    log = grocer.publisher(grocer).log
    await grocer.take_log(close_log(log, kit=grocer.kit, now=federation.clock.now()))
    federation.clock.advance(days=8)
    before = grocer.publisher(grocer)

    done = await renew(grocer.ports, grocer.did)

    assert (done.head, done.is_done) == (False, True)
    assert grocer.publisher(grocer) == before


async def test_after_a_key_was_changed_the_next_renewal_is_signed_with_the_new_one(federation):
    """LF-HEAD-7, LF-READ-2: and followers learn of it by that head."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await reader.follow(grocer)
    await reader.sync(grocer)
    await grocer.change_key(keep_old=True)
    federation.clock.advance(days=8)

    await renew(grocer.ports, grocer.did)
    report = await reader.sync(grocer)

    assert grocer.head()["proof"]["verificationMethod"].endswith(grocer.key.multikey)
    assert (report.problem, report.notes) == (None, ("key change",))
