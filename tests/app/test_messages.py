"""Messages as a person handles them: trying again what waits or was given up."""

from __future__ import annotations

import pytest

from localfed.app import delivery, messages
from localfed.app.message_values import OutboxKind, OutboxState, Posted
from localfed.protocol import limits
from localfed.protocol.errors import Expired, UnknownMessage
from localfed.protocol.times import write_time

ENQUIRY = messages.Draft(type="Enquiry", language="en", text="Have you bread on Sundays?")
INBOX = "https://baker.example/inbox"


@pytest.fixture
async def grocer(federation):
    """A grocer who follows a baker."""
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    await grocer.follow(baker)
    await grocer.sync(baker)
    await delivery.deliver_due(grocer.ports)
    grocer.baker = baker
    return grocer


async def send(grocer):
    await messages.send(grocer.ports, grocer.did, grocer.baker.did, ENQUIRY)
    return grocer.store.outbox()[-1].number


async def test_what_was_given_up_is_tried_again_at_ones_word(federation, grocer):
    federation.network.answers[INBOX] = Posted(status=404, retry_after=None)
    number = await send(grocer)
    await delivery.deliver_due(grocer.ports)
    assert grocer.store.outbox_item(number).state is OutboxState.FAILED
    federation.network.answers.clear()

    (tried,) = await messages.retry(grocer.ports, number)
    done = await delivery.deliver_due(grocer.ports)

    assert (tried.number, tried.state, tried.problem) == (number, OutboxState.WAITING, None)
    assert done.delivered == 1
    assert len(grocer.baker.store.messages()) == 1


async def test_all_that_waits_is_tried_now_although_its_host_was_dead(federation, grocer):
    federation.network.down.add("baker.example")
    await send(grocer)
    await send(grocer)
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    for _ in range(delivery.DEAD_AFTER + 1):
        await delivery.deliver_due(grocer.ports)
        federation.clock.advance(days=1.3)
    await delivery.deliver_due(grocer.ports)
    federation.network.down.clear()
    assert delivery.hosts_due(grocer.ports) == []

    tried = await messages.retry(grocer.ports, None)
    done = await delivery.deliver_due(grocer.ports)

    kinds = sorted(one.kind for one in tried)
    assert kinds == [OutboxKind.MESSAGE, OutboxKind.MESSAGE, OutboxKind.PING]
    assert (done.delivered, grocer.store.peer("baker.example")) == (3, None)


async def test_who_is_still_dead_is_left_alone_for_a_day_again(federation, grocer):
    """LF-SEND-2: one's word is for one try."""
    federation.network.down.add("baker.example")
    await send(grocer)
    for _ in range(delivery.DEAD_AFTER):
        await delivery.deliver_due(grocer.ports)
        federation.clock.advance(days=1.3)

    await messages.retry(grocer.ports, None)
    await delivery.deliver_due(grocer.ports)
    federation.clock.advance(hours=12)

    assert delivery.hosts_due(grocer.ports) == []
    assert grocer.store.peer("baker.example").failures == delivery.DEAD_AFTER + 1


async def test_it_goes_to_where_the_inbox_is_by_now(federation, grocer):
    baker = grocer.baker
    federation.network.answers[INBOX] = Posted(status=410, retry_after=None)
    number = await send(grocer)
    await delivery.deliver_due(grocer.ports)
    await baker.move("oven.example")
    await grocer.sync(baker)

    (tried,) = await messages.retry(grocer.ports, number)
    await delivery.deliver_due(grocer.ports)

    assert (tried.url, tried.host) == ("https://oven.example/inbox", "oven.example")
    assert len(baker.store.messages()) == 1


async def test_what_was_delivered_or_never_was_cannot_be_tried_again(grocer):
    number = await send(grocer)
    await delivery.deliver_due(grocer.ports)

    for one in (number, number + 1, 0, -1):
        with pytest.raises(UnknownMessage):
            await messages.retry(grocer.ports, one)

    assert await messages.retry(grocer.ports, None) == []


async def test_what_has_expired_stays_given_up(federation, grocer):
    """LF-SEND-1."""
    federation.network.down.add("baker.example")
    number = await send(grocer)
    federation.clock.advance(days=limits.MESSAGE_DAYS)
    await delivery.deliver_due(grocer.ports)
    before = grocer.store.outbox()

    with pytest.raises(Expired):
        await messages.retry(grocer.ports, number)

    assert await messages.retry(grocer.ports, None) == []
    assert grocer.store.outbox() == before
    assert before[0].expires == write_time(federation.clock.now())
