"""What an organisation publishes on its own node is found on another, changes there and goes there."""

from localfed.protocol.accept import open_document
from localfed.protocol.identity import read_identity

VEG_BOX = {
    "type": "Offer",
    "name": "Veg box",
    "location": {"latitude": 55.95, "longitude": -3.19},
}


async def test_an_offer_published_on_one_node_is_found_on_another(federation):
    """LF-READ-1, LF-WRITE-1."""
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    await grocer.publish(VEG_BOX)

    await baker.follow(grocer)
    report = await baker.sync(grocer)

    assert (report.problem, report.changed) == (None, 2)
    assert await baker.names("veg") == ["Veg box"]


async def test_who_finds_it_can_check_who_said_it(federation):
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    offer = await grocer.publish(VEG_BOX)
    await baker.follow(grocer)
    await baker.sync(grocer)

    held = baker.store.document(grocer.did, offer.removeprefix(grocer.did + "/"))
    now = federation.clock.now()
    identity = read_identity(baker.publisher(grocer).log, now=now)

    assert open_document(held.body, identity=identity, now=now).document.id == offer


async def test_a_change_replaces_what_others_show(federation):
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    offer = await grocer.publish(VEG_BOX)
    await baker.follow(grocer)
    await baker.sync(grocer)

    again = await grocer.publish({**VEG_BOX, "id": offer, "name": "Fruit box"})
    report = await baker.sync(grocer)

    assert again == offer
    assert report.changed == 1
    assert await baker.names("veg") == []
    assert await baker.names("fruit") == ["Fruit box"]


async def test_what_is_withdrawn_is_gone_everywhere(federation):
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    offer = await grocer.publish(VEG_BOX)
    await baker.follow(grocer)
    await baker.sync(grocer)

    await grocer.withdraw(offer)
    report = await baker.sync(grocer)

    assert report.deleted == 1
    assert await baker.names("veg") == []
    assert baker.store.document(grocer.did, offer.removeprefix(grocer.did + "/")) is None


async def test_a_node_that_went_away_is_still_found_where_it_was_read(federation):
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    await grocer.publish(VEG_BOX)
    await baker.follow(grocer)
    await baker.sync(grocer)

    federation.network.down.add(grocer.host)
    report = await baker.sync(grocer)

    assert report.problem == "no-answer"
    assert baker.publisher(grocer).failures == 1
    assert await baker.names("veg") == ["Veg box"]


async def test_unfollowing_hides_what_was_read(federation):
    """LF-FOLLOW-6."""
    from localfed.app import follows

    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    await grocer.publish(VEG_BOX)
    await baker.follow(grocer)
    await baker.sync(grocer)

    await follows.unfollow(baker.ports, grocer.base)

    assert await baker.names("veg") == []
    assert (await baker.sync(grocer)).problem == "unknown-organisation"


async def test_three_nodes_that_follow_each_other_know_the_same(federation):
    nodes = [await federation.node(name) for name in ("grocer", "baker", "cook")]
    for node in nodes:
        for number in range(3):
            await node.publish({"type": "Need", "name": f"{node.host} {number}"})

    for node in nodes:
        for other in nodes:
            if other is not node:
                await node.follow(other)
                await node.sync(other)

    known = [sorted(await node.names(limit=50)) for node in nodes]
    assert known[0] == known[1] == known[2]
    assert len(known[0]) == 12


async def test_an_unchanged_publisher_costs_one_request(federation):
    """LF-FOLLOW-2: one conditional request."""
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    await baker.follow(grocer)
    await baker.sync(grocer)
    federation.network.requests.clear()

    report = await baker.sync(grocer)

    assert federation.network.requests == ["https://grocer.example/head.json"]
    assert (report.problem, report.changed) == (None, 0)
