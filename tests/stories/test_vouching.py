"""Organisations that are shown because one that is followed works with them: who, how much, how long.

Spec: 08-following (LF-VIA). Everybody is read for real; only the network is a fake.
"""

from __future__ import annotations

import pytest

from localfed.app import follows, keyring, moderation, policy, renewals, sync, tidying, vouching
from localfed.app.values import BlockKind, DocumentState
from localfed.protocol import limits

STAGES = ["guidance", "collaboration", "promotion", "integrated"]


async def works_with(one, other, stage="promotion"):
    """Publish the half of one towards another; returns its id."""
    return await one.publish({"type": "Partnership", "partner": other.did, "stage": stage})


async def partners(one, other, stage="promotion"):
    """Publish both halves."""
    return await works_with(one, other, stage), await works_with(other, one, stage)


async def look_around(reader, steps=1):
    """Let a reader do what its worker does: poll everybody, see who is vouched for, until all is quiet."""
    for _ in range(4):
        for one in reader.store.publishers(hosted=False):
            if policy.is_taken_from(reader.store, one):
                await poll(reader, one.did)
        await vouching.refresh(reader.ports, steps=steps)


async def poll(reader, did):
    return await sync.poll(reader.ports, did)


async def later(federation, **span):
    federation.clock.advance(**(span or {"minutes": 10}))


@pytest.fixture
async def town(federation):
    """A reader who follows a grocer; the grocer's partner is a baker, the baker's partner a miller."""
    names = ("reader", "grocer", "baker", "miller")
    reader, grocer, baker, miller = [await federation.node(name) for name in names]
    for one, name in ((grocer, "Veg"), (baker, "Bread"), (miller, "Flour")):
        await one.publish({"type": "Offer", "name": name})
    await reader.follow(grocer)
    await later(federation)
    return reader, grocer, baker, miller


async def test_a_partner_of_one_that_is_followed_is_shown_with_who_vouches_for_it(town):
    """LF-VIA-1, LF-VIA-3."""
    reader, grocer, baker, _ = town
    await partners(grocer, baker)

    await look_around(reader)

    assert "Bread" in await reader.names()
    one = reader.publisher(baker)
    assert (one.voucher, one.step, one.is_followed, one.is_shown) == (grocer.did, 1, False, True)


@pytest.mark.parametrize("mine", [*STAGES, None])
@pytest.mark.parametrize("theirs", [*STAGES, None])
async def test_it_takes_both_halves_and_both_at_promotion(federation, town, mine, theirs):
    """LF-VIA-1, LF-VIA-2, LF-PART-4: the lower of the two stages counts."""
    reader, grocer, baker, _ = town
    if mine:
        await works_with(grocer, baker, mine)
    if theirs:
        await works_with(baker, grocer, theirs)

    await look_around(reader)

    enough = {"promotion", "integrated"}
    assert ("Bread" in await reader.names()) == (mine in enough and theirs in enough)
    if mine not in enough:
        assert reader.store.publisher(baker.did) is None
        assert not [url for url in federation.network.requests if "baker.example" in url]


async def test_of_one_that_does_not_say_so_itself_two_documents_are_read_and_none_shown(town):
    """LF-VIA-2."""
    reader, grocer, baker, _ = town
    for number in range(20):
        await baker.publish({"type": "Offer", "name": f"Bread {number}"})
    await works_with(grocer, baker)

    await look_around(reader)

    assert sorted(await reader.names()) == ["Grocer", "Reader", "Veg"]
    held = list(reader.store.documents(baker.did))
    assert len(held) == limits.CANDIDATE_DOCUMENTS
    assert "org.json" in {one.path for one in held}
    assert reader.publisher(baker).is_shown is False


async def test_who_is_followed_after_that_is_read_whole(town):
    """LF-FOLLOW-5, LF-VIA-2: though its head is the one that was read for two documents."""
    reader, grocer, baker, _ = town
    for number in range(5):
        await baker.publish({"type": "Offer", "name": f"Bread {number}"})
    await works_with(grocer, baker)
    await look_around(reader)
    assert len(list(reader.store.documents(baker.did))) == limits.CANDIDATE_DOCUMENTS

    await reader.follow(baker)
    await reader.sync(baker)

    assert "Bread" in await reader.names()
    assert len(reader.live(baker)) == len(baker.live(baker))
    assert reader.publisher(baker).over_quota == 0


async def test_its_half_comes_before_all_its_offers(town):
    """LF-VIA-2: else whoever has many offers could never show that it is a partner."""
    reader, grocer, baker, _ = town
    for number in range(20):
        await baker.publish({"type": "Offer", "name": f"Bread {number}"})
    await partners(grocer, baker)

    await look_around(reader)

    assert len(reader.live(baker)) == 23


@pytest.mark.parametrize("steps, shown", [(0, set()), (1, {"Bread"}), (2, {"Bread", "Flour"})])
async def test_how_far_it_goes_is_the_operators_choice(town, steps, shown):
    """LF-VIA-1."""
    reader, grocer, baker, miller = town
    await partners(grocer, baker)
    await partners(baker, miller)

    for _ in range(2):
        await look_around(reader, steps)

    assert set(await reader.names()) & {"Bread", "Flour"} == shown


async def test_a_third_step_is_never_taken(federation, town):
    """LF-VIA-1."""
    reader, grocer, baker, miller = town
    farmer = await federation.node("farmer")
    await farmer.publish({"type": "Offer", "name": "Wheat"})
    await partners(grocer, baker)
    await partners(baker, miller)
    await partners(miller, farmer)

    for _ in range(3):
        await look_around(reader, steps=3)

    assert "Flour" in await reader.names()
    assert reader.store.publisher(farmer.did) is None


async def test_partners_of_our_own_organisation_are_shown(town):
    """LF-VIA-1: who is hosted here is at step 0 as well."""
    reader, _, baker, _ = town
    await partners(reader, baker)

    await look_around(reader)

    assert reader.publisher(baker).voucher == reader.did
    assert "Bread" in await reader.names()


@pytest.mark.parametrize("who", ["voucher", "partner"])
@pytest.mark.parametrize("how", ["withdrawn", "stepped down"])
async def test_either_ends_it_alone(federation, town, who, how):
    """LF-VIA-2, LF-VIA-7."""
    reader, grocer, baker, _ = town
    halves = dict(zip((grocer, baker), await partners(grocer, baker), strict=True))
    await look_around(reader)
    assert "Bread" in await reader.names()
    await later(federation)
    one, other = (grocer, baker) if who == "voucher" else (baker, grocer)

    if how == "withdrawn":
        await one.withdraw(halves[one])
    else:
        await works_with(one, other, "collaboration")
    await look_around(reader)

    assert "Bread" not in await reader.names()


async def test_who_is_no_longer_vouched_for_comes_back_within_seven_days_and_then_not(
    federation, town
):
    """LF-VIA-7."""
    reader, grocer, baker, _ = town
    await partners(grocer, baker)
    await look_around(reader)
    await later(federation)
    await works_with(grocer, baker, "guidance")
    await look_around(reader)
    assert reader.publisher(baker).removal.why == "no-longer-vouched"
    held = len(list(reader.store.documents(baker.did)))

    await later(federation, days=3)
    await works_with(grocer, baker, "promotion")
    await look_around(reader)
    assert "Bread" in await reader.names()
    assert len(list(reader.store.documents(baker.did))) == held

    await works_with(grocer, baker, "guidance")
    await look_around(reader)
    await later(federation, days=7, minutes=1)
    await tidying.tidy(reader.ports)
    assert reader.store.publisher(baker.did) is None


@pytest.mark.parametrize("kind", [BlockKind.ORGANISATION, BlockKind.HOST])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_who_is_blocked_is_not_shown_by_way_of_a_partner(federation, town, kind, when):
    """LF-VIA-2: blocks come first."""
    reader, grocer, baker, _ = town
    await partners(grocer, baker)
    what = baker.did if kind is BlockKind.ORGANISATION else baker.host
    if when == "after":
        await look_around(reader)
        assert "Bread" in await reader.names()

    await moderation.block(reader.ports, kind, what)
    await later(federation, hours=2)
    federation.network.requests.clear()
    await look_around(reader)

    assert "Bread" not in await reader.names()
    assert not [url for url in federation.network.requests if baker.host in url]


async def test_who_is_blocked_vouches_for_nobody(federation, town):
    """LF-VIA-2."""
    reader, grocer, baker, _ = town
    await partners(grocer, baker)
    await look_around(reader)

    await moderation.block(reader.ports, BlockKind.ORGANISATION, grocer.did)
    await look_around(reader)

    assert await reader.names("Bread") == []


async def test_unfollowing_the_voucher_ends_it_and_following_the_partner_keeps_it(federation, town):
    """LF-VIA-7."""
    reader, grocer, baker, miller = town
    await partners(grocer, baker)
    await partners(grocer, miller)
    await look_around(reader)
    await reader.follow(baker)

    await follows.unfollow(reader.ports, grocer.did)
    await look_around(reader)

    names = await reader.names()
    assert "Bread" in names
    assert "Flour" not in names
    assert reader.publisher(baker).voucher is None


async def test_who_is_unfollowed_and_vouched_for_stays_by_way_of_the_partner(town):
    """LF-VIA-1."""
    reader, grocer, baker, _ = town
    await partners(grocer, baker)
    await reader.follow(baker)
    await look_around(reader)

    await follows.unfollow(reader.ports, baker.did)
    await look_around(reader)

    assert reader.publisher(baker).voucher == grocer.did
    assert "Bread" in await reader.names()


async def test_a_voucher_that_is_silent_for_a_month_vouches_no_longer(federation, town):
    """LF-VIA-2, LF-PART-4."""
    reader, grocer, baker, _ = town
    await partners(grocer, baker)
    await look_around(reader)
    federation.network.down.add(grocer.host)

    await later(federation, days=limits.HEAD_DAYS + limits.HEAD_GRACE_DAYS + 1)
    await look_around(reader)

    assert reader.publisher(baker).is_shown is False


async def test_it_is_read_at_the_mirror_of_who_vouches_for_it(federation, town):
    """LF-VIA-4: its home is not asked, and that is shown."""
    reader, grocer, baker, _ = town
    await partners(grocer, baker)
    await grocer.follow(baker)
    await grocer.sync(baker)
    federation.network.requests.clear()

    await look_around(reader)

    assert "Bread" in await reader.names()
    assert not [url for url in federation.network.requests if baker.host in url]
    assert reader.publisher(baker).home.confirmed is None


async def test_where_the_mirror_ends_its_home_is_read(federation, town):
    """LF-VIA-4."""
    reader, grocer, baker, _ = town
    await partners(grocer, baker)
    await grocer.follow(baker)
    await grocer.sync(baker)
    await look_around(reader)

    await follows.unfollow(grocer.ports, baker.did)
    await later(federation, hours=2)
    await baker.publish({"type": "Offer", "name": "Rolls"})
    await look_around(reader)

    assert "Rolls" in await reader.names()
    assert reader.publisher(baker).source == baker.base


async def test_a_mirror_that_forges_moves_nothing(federation, town):
    """LF-VIA-4, LF-MIRROR-4: what comes by the voucher is checked as if it came from home."""
    reader, grocer, baker, _ = town
    await partners(grocer, baker)
    await grocer.follow(baker)
    await grocer.sync(baker)
    await look_around(reader)
    before = {path: one.body for path, one in reader.live(baker).items()}
    await later(federation)
    await baker.publish({"type": "Offer", "name": "Rolls"})
    await grocer.sync(baker)

    def forge(url, body):
        return body.replace(b"Rolls", b"Bombs") if "/mirror/" in url else body

    federation.network.forge = forge
    await look_around(reader)

    assert before.items() <= {path: one.body for path, one in reader.live(baker).items()}.items()
    assert "Bombs" not in await reader.names()


async def test_homes_are_asked_for_fifty_of_one_voucher_and_five_at_one_host(
    federation, town, monkeypatch
):
    """LF-VIA-4: whoever is followed cannot send this node to as many hosts as it likes."""
    reader, grocer, *_ = town
    monkeypatch.setattr(limits, "VOUCHED_PUBLISHERS", 3)
    others = [await federation.node(f"shop{number}") for number in range(5)]
    for one in others:
        await partners(grocer, one)

    await look_around(reader)

    read = [one for one in others if reader.store.publisher(one.did) is not None]
    assert len(read) == 3


async def test_five_at_one_host(federation, town):
    """LF-VIA-4: counted by the host where they live."""
    reader, grocer, *_ = town
    claims = []
    for number in range(8):
        did = grocer.did.rpartition(":")[0].replace(
            grocer.did.split(":")[2], f"Qm{'abcdefgh'[number] * 44}"
        )
        claims.append(f"{did}:many.example:org{number}")
    for did in claims:
        await grocer.publish({"type": "Partnership", "partner": did, "stage": "promotion"})
    federation.network.requests.clear()

    await poll(reader, grocer.did)
    await vouching.refresh(reader.ports, steps=1)

    asked = {url for url in federation.network.requests if "many.example" in url}
    assert len(asked) == limits.VOUCHED_PER_HOST


async def test_a_hundred_documents_and_no_more_than_its_voucher_has_room_for(town, monkeypatch):
    """LF-VIA-5."""
    reader, grocer, baker, miller = town
    monkeypatch.setattr(limits, "VIA_DOCUMENTS", 6)
    for one in (baker, miller):
        for number in range(10):
            await one.publish({"type": "Offer", "name": f"{one.host} {number}"})
        await partners(grocer, one)
    await moderation.set_quota(
        reader.ports, grocer.did, 14
    )  # its own four, six of one, and then four

    await look_around(reader)
    await look_around(reader)

    counts = sorted(len(list(reader.store.documents(one.did))) for one in (baker, miller))
    own = len(list(reader.store.documents(grocer.did)))
    assert counts[-1] == 6
    assert own + sum(counts) == 14
    assert reader.publisher(baker).over_quota + reader.publisher(miller).over_quota == 26 - 10


async def test_what_grows_ten_times_its_usual_waits_for_the_operator(federation, town):
    """LF-VIA-6."""
    reader, grocer, baker, _ = town
    await partners(grocer, baker)
    await look_around(reader)
    before = len(reader.live(baker))
    await later(federation)
    for number in range(40):
        await baker.publish({"type": "Offer", "name": f"Spam {number}"})
    await look_around(reader)

    allowed = limits.GROWTH_TIMES * before
    assert allowed == 30
    one = reader.publisher(baker)
    assert (len(reader.live(baker)) - before, one.growth.held_back) == (allowed, 10)
    assert {d.problem for d in reader.store.documents(baker.did) if d.body is None} == {
        policy.HELD_BACK
    }

    await moderation.release(reader.ports, baker.did)
    await look_around(reader)

    assert len(reader.live(baker)) - before == 40
    assert reader.publisher(baker).growth.held_back == 0


async def test_renewals_are_not_held_back(federation, town):
    """LF-VIA-6: what is signed again each week is not growth."""
    reader, grocer, baker, _ = town
    for number in range(30):
        await baker.publish({"type": "Offer", "name": f"Loaf {number}"})
    await partners(grocer, baker)
    await look_around(reader)

    for _ in range(12):
        await later(federation, days=7)
        for node in (grocer, baker):
            while not (await renewals.renew(node.ports, node.did)).is_done:
                pass
        await look_around(reader)
        assert reader.publisher(baker).growth.held_back == 0

    assert {one.state for one in reader.store.documents(baker.did)} == {DocumentState.LIVE}


async def test_who_is_followed_is_held_back_by_nothing(federation, town):
    """LF-VIA-6: the operator's own follow is the operator's word."""
    reader, grocer, baker, _ = town
    await partners(grocer, baker)
    await look_around(reader)
    await later(federation)
    for number in range(40):
        await baker.publish({"type": "Offer", "name": f"Offer {number}"})
    await look_around(reader)
    assert reader.publisher(baker).growth.held_back > 0

    await reader.follow(baker)
    await look_around(reader)

    assert len(reader.live(baker)) == len(baker.live(baker))


async def test_a_round_without_news_costs_nothing(federation, town):
    reader, grocer, baker, _ = town
    await partners(grocer, baker)
    await look_around(reader)
    await vouching.refresh(reader.ports, steps=1)
    federation.network.requests.clear()

    assert await vouching.refresh(reader.ports, steps=1) == vouching.Changes()
    assert federation.network.requests == []


async def test_an_identity_that_closed_is_shown_by_nobody(federation, town):
    """LF-READ-10, LF-VIA-2."""
    reader, grocer, baker, _ = town
    await partners(grocer, baker)
    await look_around(reader)
    await later(federation, days=1)

    await keyring.close(baker.ports, baker.did, baker.kit)
    await look_around(reader)

    assert "Bread" not in await reader.names()
    assert list(reader.store.documents(baker.did)) == []


async def test_homes_that_never_answer_keep_nobody_on_show(federation, town):
    """LF-VIA-7: what is known is settled before anybody is asked for anything."""
    reader, grocer, baker, _ = town
    halves = await partners(grocer, baker)
    await look_around(reader)
    for number in range(8):
        did = grocer.did.replace(grocer.did.split(":")[2], f"Qm{'abcdefgh'[number] * 44}")
        await works_with_did(grocer, f"{did.rpartition(':')[0]}:dead{number}.example")
    await later(federation)
    await grocer.withdraw(halves[0])
    await poll(reader, grocer.did)
    seen = []
    real = federation.network.get

    async def get(url, **options):
        if "dead" in url:
            seen.append(reader.publisher(baker).is_shown)
        return await real(url, **options)

    federation.network.get = get
    await vouching.refresh(reader.ports, steps=1)

    assert len(seen) >= 8
    assert not any(seen)


async def works_with_did(one, did):
    await one.publish({"type": "Partnership", "partner": did, "stage": "promotion"})
