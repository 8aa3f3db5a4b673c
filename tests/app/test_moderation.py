"""What an operator does about others: blocks and quotas, and that both can be undone."""

from __future__ import annotations

import pytest

from federation import Federation
from localfed.app import moderation, tidying
from localfed.app.policy import hosts_above
from localfed.app.values import BlockKind
from localfed.protocol.errors import (
    BadDid,
    BadQuery,
    BadUrl,
    Blocked,
    UnknownOrganisation,
    WrongIdentity,
)

ORGANISATION, HOST, MIRROR = BlockKind.ORGANISATION, BlockKind.HOST, BlockKind.MIRROR


@pytest.fixture
async def two(tmp_path):
    """A baker who follows a grocer and has an offer of it."""
    federation = Federation(tmp_path)
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    await baker.follow(grocer)
    await baker.sync(grocer)
    yield federation, grocer, baker
    federation.close()


def names_of(grocer, kind):
    return {
        ORGANISATION: [grocer.did, grocer.base, grocer.publisher(grocer).scid],
        HOST: [grocer.publisher(grocer).host, grocer.publisher(grocer).host.upper() + "."],
    }[kind]


@pytest.mark.parametrize("kind", [ORGANISATION, HOST])
@pytest.mark.parametrize("spelling", [0, 1])
async def test_who_is_blocked_is_hidden_and_read_no_more(two, kind, spelling):
    """LF-ACCEPT-10."""
    _, grocer, baker = two
    name = names_of(grocer, kind)[spelling]

    done = await moderation.block(baker.ports, kind, name, "spam")
    await grocer.publish({"type": "Offer", "name": "Veg crate"})
    report = await baker.sync(grocer)

    assert [one.did for one in done.changed] == [grocer.did]
    assert await baker.names("veg") == []
    assert report.changed == 0
    assert baker.store.due_for_poll("9999-12-31T00:00:00Z") == []
    assert [one.note for one in baker.store.blocks()] == ["spam"]
    with pytest.raises(Blocked):
        await baker.follow(grocer)


@pytest.mark.parametrize("kind", [ORGANISATION, HOST])
async def test_a_block_taken_back_within_seven_days_brings_all_back(two, kind):
    """LF-FOLLOW-6."""
    federation, grocer, baker = two
    name = names_of(grocer, kind)[0]
    await moderation.block(baker.ports, kind, name)
    federation.clock.advance(days=6)
    await tidying.tidy(baker.ports)

    done = await moderation.unblock(baker.ports, kind, name)

    assert [one.did for one in done.changed] == [grocer.did]
    assert baker.store.blocks() == []
    assert await baker.names("veg") == ["Veg box"]
    await grocer.publish({"type": "Offer", "name": "Veg crate"})
    assert (await baker.sync(grocer)).changed == 1


async def test_after_seven_days_it_is_forgotten_and_still_blocked(two):
    federation, grocer, baker = two
    await moderation.block(baker.ports, ORGANISATION, grocer.did)
    federation.clock.advance(days=7, seconds=1)

    assert (await tidying.tidy(baker.ports)).forgotten == 1

    assert baker.store.publisher(grocer.did) is None
    with pytest.raises(Blocked):
        await baker.follow(grocer)
    assert (await moderation.unblock(baker.ports, ORGANISATION, grocer.did)).changed == ()
    await baker.follow(grocer)
    await baker.sync(grocer)
    assert await baker.names("veg") == ["Veg box"]


async def test_of_two_blocks_each_is_taken_back_by_itself(two):
    _, grocer, baker = two
    await moderation.block(baker.ports, ORGANISATION, grocer.did)
    await moderation.block(baker.ports, HOST, names_of(grocer, HOST)[0])

    assert (await moderation.unblock(baker.ports, ORGANISATION, grocer.did)).changed == ()
    assert await baker.names("veg") == []
    assert (
        len((await moderation.unblock(baker.ports, HOST, names_of(grocer, HOST)[0])).changed) == 1
    )


async def test_unblocking_does_not_follow_who_was_unfollowed(two):
    from localfed.app import follows

    _, grocer, baker = two
    await follows.unfollow(baker.ports, grocer.did)
    await moderation.block(baker.ports, ORGANISATION, grocer.did)

    assert (await moderation.unblock(baker.ports, ORGANISATION, grocer.did)).changed == ()
    assert await baker.names("veg") == []


async def test_an_organisation_of_this_node_cannot_be_blocked(two):
    _, _, baker = two

    for kind in (ORGANISATION, HOST):
        own = baker.publisher(baker)
        with pytest.raises((WrongIdentity, UnknownOrganisation)):
            await moderation.block(baker.ports, kind, own.did if kind is ORGANISATION else own.host)
    assert baker.store.blocks() == []


@pytest.mark.parametrize(
    "kind, what, error",
    [
        (ORGANISATION, "did:webvh:x", BadDid),
        (ORGANISATION, "https://nobody.example/", UnknownOrganisation),
        (HOST, "https://grocer.example/", BadQuery),
        (HOST, "example", BadQuery),
        (HOST, "", BadQuery),
        (HOST, "127.0.0.1", BadQuery),
        (MIRROR, "grocer.example", BadUrl),
    ],
)
async def test_what_cannot_be_blocked_is_refused(two, kind, what, error):
    _, _, baker = two

    with pytest.raises(error):
        await moderation.block(baker.ports, kind, what)
    assert baker.store.blocks() == []


async def test_a_note_has_an_end_and_no_block_is_no_block(two):
    _, grocer, baker = two

    with pytest.raises(BadQuery):
        await moderation.block(baker.ports, ORGANISATION, grocer.did, "x" * 501)
    with pytest.raises(BadQuery):
        await moderation.unblock(baker.ports, ORGANISATION, grocer.did)


@pytest.mark.parametrize(
    "host, above",
    [
        ("a.b.example", ["a.b.example", "b.example", "example"]),
        ("b.example:8443", ["b.example:8443", "b.example", "example"]),
        ("localhost:8001", ["localhost:8001", "localhost"]),
    ],
)
def test_a_host_is_part_of_those_above(host, above):
    assert hosts_above(host) == above


async def test_a_block_of_a_host_reaches_what_is_part_of_it(tmp_path):
    """LF-ACCEPT-10."""
    federation = Federation(tmp_path)
    shop, baker = await federation.node("shop.grocer"), await federation.node("baker")
    host = shop.publisher(shop).host
    await baker.follow(shop)
    await baker.sync(shop)

    done = await moderation.block(baker.ports, HOST, host.partition(".")[2])

    assert [one.did for one in done.changed] in ([shop.did], [])
    assert done.changed
    federation.close()


async def test_fewer_documents_are_let_go_of_and_more_come_back(two):
    """LF-FOLLOW-5."""
    _, grocer, baker = two
    for number in range(4):
        await grocer.publish({"type": "Offer", "name": f"Box {number}"})
    await baker.sync(grocer)
    assert len(baker.live(grocer)) == 6

    done = await moderation.set_quota(baker.ports, grocer.did, 3)

    assert (done.quota, done.over_quota) == (3, 3)
    assert len(baker.live(grocer)) == 3
    assert "org.json" in baker.live(grocer)

    await moderation.set_quota(baker.ports, grocer.base, 5)
    report = await baker.sync(grocer)

    assert (report.changed, report.over_quota) == (2, 1)
    assert len(baker.live(grocer)) == 5

    await moderation.set_quota(baker.ports, grocer.did, None)
    await baker.sync(grocer)

    assert len(baker.live(grocer)) == 6
    assert baker.publisher(grocer).over_quota == 0


async def test_a_quota_is_for_somebody_known(two):
    _, grocer, baker = two

    with pytest.raises(UnknownOrganisation):
        await moderation.set_quota(baker.ports, "nobody.example", 3)
    with pytest.raises(BadQuery):
        await moderation.set_quota(baker.ports, grocer.did, -1)
