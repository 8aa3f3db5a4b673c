"""What stories of partners have in common: nodes that know each other, agreeing, delivering, reading.

Here: arrangements and actions. Not here: any story.
"""

from __future__ import annotations

from localfed.app import delivery, follows, lapses, partnerships, search


async def known_to_each_other(federation, *names):
    """Nodes that follow each other and take messages."""
    nodes = [await federation.node(name) for name in names]
    for one in nodes:
        for other in nodes:
            if one is not other:
                await one.follow(other)
                await one.sync(other)
    return nodes


async def propose(one, other, stage="promotion", **options):
    return await partnerships.propose(
        one.ports, one.did, other.did, stage, language="en", **options
    )


async def accept(node, number, **options):
    return await partnerships.accept(node.ports, node.did, number, language="en", **options)


async def step(one, other, stage, **options):
    return await partnerships.step(one.ports, one.did, other.did, stage, language="en", **options)


async def end(one, other):
    return await partnerships.end(one.ports, one.did, other.did)


async def exchange(federation, *nodes):
    """Deliver what is to be sent, keep words, read each other's feeds; twice, for answers to answers."""
    for _ in range(2):
        federation.clock.advance(minutes=20)
        for node in nodes:
            await delivery.deliver_due(node.ports)
        for node in nodes:
            await partnerships.settle(node.ports, node.did, language="en")
        await read_each_other(*nodes)


async def read_each_other(*nodes):
    for one in nodes:
        for other in nodes:
            if one is not other:
                await one.sync(other)


async def agree(federation, one, other, stage="promotion"):
    await propose(one, other, stage)
    await exchange(federation, one, other)
    await accept(other, standing(other, one).message)
    await exchange(federation, one, other)


def standing(one, other):
    rows = partnerships.list_partnerships(one.store, one.did, one.clock.now())
    return next((row for row in rows if row.partner == other.did), None)


async def look_again(*nodes):
    """Let nodes notice what has changed between organisations, and their indexes too."""
    found = []
    for node in nodes:
        found.append(await lapses.refresh(node.ports))
        await search.catch_up(node.ports)
    return found[0] if len(found) == 1 else found


async def unfollow(one, other):
    await follows.unfollow(one.ports, other.did)
