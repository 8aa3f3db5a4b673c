"""An identity lasts: through a theft, a change of keys, a move and its own end, for all who follow it."""

from __future__ import annotations

import pytest

from localfed.app import keyring
from localfed.protocol.feed import Entry, Page, chain_over, page_path, write_page
from localfed.protocol.limits import INTEGER
from localfed.protocol.proofs import sign
from stories.witness import is_same

VEG_BOX = {"type": "Offer", "name": "Veg box"}


async def a_grocer_and_two_followers(federation):
    grocer = await federation.node("grocer")
    followers = [await federation.node(name) for name in ("baker", "cook")]
    await grocer.publish(VEG_BOX)
    for follower in followers:
        await follower.follow(grocer)
        await follower.sync(grocer)
    return grocer, followers


class Thief:
    """Has the signing key and, for a while, the host; publishes what he likes under any number."""

    def __init__(self, grocer):
        self.grocer, self.key = grocer, grocer.key

    def fast_forward(self, seq):
        """Write a feed that goes on from the true one, with one entry of this number: the forged offer."""
        state = self.grocer.publisher(self.grocer).state
        body = next(one for one in self.grocer.live(self.grocer).values() if one.path != "org.json")
        entry = Entry(seq=seq, path=body.path, type="Offer", digest=body.digest)
        page = Page(before=state.chain, previous=self.grocer.head()["page"], entries=(entry,))
        chain = chain_over(state.chain, [entry])
        head = self._sign({"seq": seq, "chain": chain, "page": page_path(seq)})
        return {"/head.json": head, f"/{page_path(seq)}": write_page(page)}

    def _sign(self, members):
        value = {**self.grocer.head(), **members}
        del value["proof"]
        return sign(value, self.key, f"{self.grocer.did}#{self.key.multikey}")

    def serve(self, federation, files):
        """Serve these files where the grocer's lie."""
        known = federation.network.nodes["grocer.example"]

        class Forged:
            host, clock = "grocer.example", known.clock

            def file(self, path):
                return files.get(path) or known.file(path)

        federation.network.nodes["grocer.example"] = Forged()


@pytest.mark.parametrize("seq", [INTEGER - 1, INTEGER])
async def test_a_stolen_key_is_recovered_and_every_follower_converges(federation, seq):
    """LF-WRITE-10, LF-RATCHET-1: whatever number the thief used, the last one there is included."""
    grocer, followers = await a_grocer_and_two_followers(federation)
    thief = Thief(grocer)
    thief.serve(federation, thief.fast_forward(seq))
    for follower in followers:
        await follower.sync(grocer)
        assert follower.publisher(grocer).state.seq == seq
    grocer.serve()
    blocked = [await follower.sync(grocer) for follower in followers]
    federation.clock.advance(hours=1)

    await grocer.recover()
    await grocer.publish({"type": "Offer", "name": "Bread"})
    reports = [await follower.sync(grocer) for follower in followers]
    thief.serve(federation, thief.fast_forward(INTEGER))
    later = [await follower.sync(grocer) for follower in followers]
    grocer.serve()

    assert {report.problem for report in blocked} == {"stale"}
    assert [report.problem for report in reports] == [None, None]
    assert {report.problem for report in later} == {"unknown-key"}
    for follower in followers:
        assert (await follower.sync(grocer)).problem is None
        assert is_same(follower, grocer)
        assert "Bread" in await follower.names()


async def test_what_the_thief_left_is_gone_with_the_first_head_of_the_new_era(federation):
    """LF-READ-13."""
    grocer, (baker, _) = await a_grocer_and_two_followers(federation)
    twin = grocer.copy("thief")
    await twin.publish({"type": "Offer", "name": "Forged"})
    twin.serve()
    await baker.sync(grocer)
    shown = await baker.names("forged")
    grocer.serve()

    await grocer.recover()
    await baker.sync(grocer)

    assert shown == ["Forged"]
    assert await baker.names("forged") == []
    assert baker.publisher(grocer).keys_changed is not None


async def test_a_rotation_in_peace_is_followed_at_every_stage(federation):
    """LF-WRITE-10: who polls before, between and after holds the same in the end."""
    grocer, followers = await a_grocer_and_two_followers(federation)
    late = await federation.node("late")
    await late.follow(grocer)

    for number in range(3):
        federation.clock.advance(days=30)
        await grocer.publish({"type": "Offer", "name": f"Box {number}"})
        await followers[0].sync(grocer)
        await grocer.rotate()
        for follower in followers:
            report = await follower.sync(grocer)
            assert (report.problem, report.rejected, report.lacking) == (None, 0, 0)
            assert is_same(follower, grocer)
    await late.sync(grocer)

    assert is_same(late, grocer)
    assert late.publisher(grocer).state.era == 3


async def test_a_moved_organisation_keeps_its_followers(federation):
    """LF-WRITE-11: the old place leads to the new one; nobody follows anew."""
    grocer, followers = await a_grocer_and_two_followers(federation)
    old = grocer.host

    await grocer.move("shop.example")
    await grocer.publish({"type": "Offer", "name": "Bread"})
    for follower in followers:
        assert (await follower.sync(grocer)).problem is None
    federation.network.down.add(old)
    federation.clock.advance(days=2)
    await grocer.publish({"type": "Offer", "name": "Cheese"})
    federation.network.requests.clear()
    for follower in followers:
        report = await follower.sync(grocer)
        assert report.problem is None
        assert is_same(follower, grocer)
        assert follower.publisher(grocer).host == "shop.example"
        assert follower.publisher(grocer).home.confirmed is not None

    assert not any(old in url for url in federation.network.requests)


async def test_a_move_that_a_follower_sleeps_through_is_followed_as_long_as_the_old_place_answers(
    federation,
):
    grocer, (baker, cook) = await a_grocer_and_two_followers(federation)
    for host in ("shop.example", "market.example"):
        federation.clock.advance(days=20)
        await grocer.move(host)
        await grocer.publish({"type": "Offer", "name": f"At {host}"})
        await baker.sync(grocer)
    federation.clock.advance(days=5)

    report = await cook.sync(grocer)

    assert report.problem is None
    assert is_same(cook, grocer)
    assert is_same(baker, grocer)
    assert cook.publisher(grocer).base == "https://market.example/"


async def test_a_closed_organisation_is_shown_as_closed_and_nothing_of_it_is_left(federation):
    """LF-WRITE-9, LF-READ-13."""
    grocer, followers = await a_grocer_and_two_followers(federation)

    await keyring.close(grocer.ports, grocer.did, grocer.kit)
    reports = [await follower.sync(grocer) for follower in followers]

    assert {report.problem for report in reports} == {"identity-closed"}
    for follower in followers:
        assert list(follower.store.documents(grocer.did)) == []
        assert follower.publisher(grocer).is_closed
        assert await follower.names("veg") == []
        # Following it again, or its old head, brings nothing back.
        assert (await follower.sync(grocer)).problem == "identity-closed"


async def test_who_had_the_host_for_a_day_owns_nothing_afterwards(federation):
    """LF-ID-18, LF-FOLLOW-1: a domain that lapsed and was bought by somebody else."""
    grocer, (baker, _) = await a_grocer_and_two_followers(federation)
    stranger = await federation.node("stranger")
    stranger.host = "grocer.example"
    federation.network.nodes["grocer.example"] = stranger
    federation.clock.advance(days=1)

    report = await baker.sync(grocer)
    held = baker.publisher(grocer)

    assert report.problem is not None
    assert held.home.problem is not None
    assert held.did == grocer.did
    assert await baker.names("veg") == ["Veg box"]
