"""Delivery: what happens while a post is under way, whose turn it is, where a message goes."""

from __future__ import annotations

import itertools
from datetime import timedelta

import msgspec
import pytest

from localfed.app import delivery, messages
from localfed.app.message_values import OutboxKind, OutboxState, Posted
from localfed.protocol import limits
from localfed.protocol.canonical import parse_object
from localfed.protocol.times import read_time, write_time

ENQUIRY = messages.Draft(type="Enquiry", language="en", text="Have you bread on Sundays?")


@pytest.fixture
async def grocer(federation):
    """A grocer who follows a baker and has nothing in the outbox."""
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    await grocer.follow(baker)
    await grocer.sync(baker)
    await delivery.deliver_due(grocer.ports)
    grocer.baker = baker
    return grocer


class Posts:
    """What is posted to a federation's inboxes; `meanwhile` happens while the next one is under way."""

    def __init__(self, network):
        self.sent = []
        self.meanwhile = None
        self._post = network.post
        network.post = self.post

    async def post(self, url, body, *, allow_loopback):
        self.sent.append((url, body))
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return await self._post(url, body, allow_loopback=allow_loopback)

    @property
    def heads(self):
        return [body.rstrip(b"\n") for _, body in self.sent if body.count(b"\n") == 1]


@pytest.fixture
def posts(federation):
    return Posts(federation.network)


async def write(grocer, count=1):
    for _ in range(count):
        await messages.send(grocer.ports, grocer.did, grocer.baker.did, ENQUIRY)


# --- pings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [None, 404, 503])
async def test_what_is_published_while_a_ping_is_under_way_is_told_too(
    federation, grocer, posts, status
):
    """LF-PING-3: the ping that is under way said less, whatever came of it."""
    if status is not None:
        federation.network.answers["https://baker.example/inbox"] = Posted(
            status=status, retry_after=None
        )
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    posts.meanwhile = lambda: grocer.publish({"type": "Offer", "name": "Bread"})

    await delivery.deliver_due(grocer.ports)
    first = list(posts.heads)
    federation.clock.advance(minutes=2)
    await delivery.deliver_due(grocer.ports)

    assert len(first) == 1
    assert first != [grocer.publisher(grocer).head]
    assert posts.heads[1:] == [grocer.publisher(grocer).head]


async def test_after_a_ping_that_failed_for_good_the_next_publication_is_told(
    federation, grocer, posts
):
    """LF-PING-3, LF-SEND-1."""
    url = "https://baker.example/inbox"
    federation.network.answers[url] = Posted(status=403, retry_after=None)
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    await delivery.deliver_due(grocer.ports)
    assert grocer.store.outbox() == []

    await grocer.publish({"type": "Offer", "name": "Bread"})
    await delivery.deliver_due(grocer.ports)

    assert posts.heads[-1] == grocer.publisher(grocer).head


async def test_a_ping_that_waits_for_its_host_tells_the_head_of_that_moment(
    federation, grocer, posts
):
    """LF-PING-3: several changes share one ping, and it is the last that is told."""
    federation.network.down.add("baker.example")
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    await delivery.deliver_due(grocer.ports)
    await grocer.publish({"type": "Offer", "name": "Bread"})
    await delivery.deliver_due(grocer.ports)
    assert len(posts.heads) == 1
    federation.network.down.clear()
    federation.clock.moment = read_time(grocer.store.peer("baker.example").next_try)

    await delivery.deliver_due(grocer.ports)

    assert posts.heads[-1] == grocer.publisher(grocer).head
    assert grocer.store.outbox() == []


async def test_a_ping_that_told_all_there_is_is_not_sent_again(federation, grocer, posts):
    await grocer.publish({"type": "Offer", "name": "Veg box"})

    for _ in range(3):
        await delivery.deliver_due(grocer.ports)
        federation.clock.advance(hours=1)

    assert len(posts.heads) == 1


# --- turns -----------------------------------------------------------------------------------


async def test_who_has_hundreds_waiting_takes_turns_with_the_others(
    federation, grocer, posts, monkeypatch
):
    """LF-SEND-2."""
    monkeypatch.setattr(delivery, "TURN_ITEMS", 3)
    cook = await federation.node("cook")
    await grocer.follow(cook)
    await grocer.sync(cook)
    await write(grocer, 250)
    federation.clock.advance(seconds=1)
    await messages.send(grocer.ports, grocer.did, cook.did, ENQUIRY)

    done = await delivery.deliver_due(grocer.ports)

    assert done.delivered == 4
    assert len(cook.store.messages()) == 1
    assert len(grocer.baker.store.messages()) == 3


async def test_a_host_that_answers_slowly_holds_its_place_no_longer_than_a_turn(
    grocer, posts, monkeypatch
):
    """LF-SEND-2."""
    monkeypatch.setattr(delivery, "TURN_SECONDS", 0.0)
    await write(grocer, 4)

    turns = [(await delivery.deliver_due(grocer.ports)).delivered for _ in range(5)]

    assert turns == [1, 1, 1, 1, 0]


async def test_what_a_host_refuses_again_and_again_does_not_keep_the_rest_from_it(
    federation, grocer, posts
):
    """LF-SEND-1: 409 for one message; whoever waits behind it has its turn after the pause."""
    await write(grocer)
    poison = grocer.store.outbox()[0]
    federation.clock.advance(seconds=1)
    await write(grocer, 3)
    real = federation.network.post

    async def post(url, body, *, allow_loopback):
        if poison.body in body:
            return Posted(status=409, retry_after=None)
        return await real(url, body, allow_loopback=allow_loopback)

    federation.network.post = post
    await delivery.deliver_due(grocer.ports)
    federation.clock.moment = read_time(grocer.store.peer("baker.example").next_try)

    done = await delivery.deliver_due(grocer.ports)

    assert (done.delivered, done.waiting) == (3, 1)


async def test_a_full_tray_of_one_does_not_keep_messages_from_others_who_live_there(
    federation, grocer, posts
):
    """LF-SEND-1, LF-SEND-2: 429 for one recipient for a week; the host answers, so it is not dead."""
    full = "https://baker.example/inbox"
    federation.network.answers[full] = Posted(status=429, retry_after=None)
    tries = []
    await write(grocer)
    for _ in range(7 * 24 * 60):
        federation.clock.advance(minutes=1)
        if (await delivery.deliver_due(grocer.ports)).waiting:
            tries.append(federation.clock.now())
    waits = [later - sooner for sooner, later in itertools.pairwise(tries)]
    peer = grocer.store.peer("baker.example")
    federation.network.answers.clear()
    await write(grocer)
    federation.clock.advance(minutes=2)

    done = await delivery.deliver_due(grocer.ports)

    assert 10 <= len(tries) <= 20
    assert all(later >= sooner for sooner, later in itertools.pairwise(waits[:9]))
    assert waits[8] > 100 * waits[0]
    assert max(waits) <= timedelta(days=1.21)
    assert peer.failures == 1
    assert done.delivered >= 1


async def test_hosts_whose_turn_it_is_come_longest_due_first_and_with_their_failures(
    federation, grocer
):
    cook = await federation.node("cook")
    await grocer.follow(cook)
    await grocer.sync(cook)
    federation.network.down.add("baker.example")
    await write(grocer)
    await delivery.deliver_due(grocer.ports)
    assert delivery.hosts_due(grocer.ports) == []
    federation.clock.advance(minutes=5)
    await messages.send(grocer.ports, grocer.did, cook.did, ENQUIRY)

    due = delivery.hosts_due(grocer.ports)

    assert [(one.host, one.failures) for one in due] == [("baker.example", 1), ("cook.example", 0)]


# --- where it goes ---------------------------------------------------------------------------


async def test_a_message_that_waits_follows_its_recipient_to_another_host(
    federation, grocer, posts
):
    """LF-SEND-1: it is kept until it is answered 202, by whoever is the recipient then."""
    baker = grocer.baker
    federation.network.down.add("baker.example")
    await write(grocer)
    await delivery.deliver_due(grocer.ports)
    federation.network.down.clear()
    await baker.move("oven.example")
    await grocer.sync(baker)
    federation.network.down.add("baker.example")
    federation.clock.advance(days=1)

    for _ in range(2):
        await delivery.deliver_due(grocer.ports)

    assert posts.sent[-1][0] == "https://oven.example/inbox"
    assert [one.state for one in grocer.store.outbox() if one.body] == [OutboxState.DELIVERED]
    assert len(baker.store.messages()) == 1


async def test_what_an_old_address_says_does_not_count_for_the_new_one(federation, grocer, posts):
    """The recipient's inbox is found elsewhere while the post is under way."""
    await write(grocer)
    (item,) = [one for one in grocer.store.outbox() if one.kind is OutboxKind.MESSAGE]

    async def moved():
        there = {"url": "https://baker.example/post", "host": "baker.example"}
        await grocer.store.write(
            lambda tx: tx.update_outbox(msgspec.structs.replace(item, **there))
        )

    posts.meanwhile = moved
    await delivery.deliver_due(grocer.ports)

    (after,) = [one for one in grocer.store.outbox() if one.kind is OutboxKind.MESSAGE]
    assert (after.url, after.state) == ("https://baker.example/post", OutboxState.WAITING)


async def test_what_was_taken_out_while_it_was_under_way_stays_out(grocer, posts):
    await write(grocer)
    (item,) = grocer.store.outbox()
    posts.meanwhile = lambda: grocer.store.write(lambda tx: tx.delete_from_outbox(item.number))

    await delivery.deliver_due(grocer.ports)

    assert grocer.store.outbox() == []


async def test_a_message_is_posted_with_the_log_of_that_moment(federation, grocer, posts):
    """LF-INBOX-1: keys change while it waits."""
    federation.network.down.add("baker.example")
    await write(grocer)
    await delivery.deliver_due(grocer.ports)
    federation.network.down.clear()
    await grocer.rotate()
    federation.clock.moment = read_time(grocer.store.peer("baker.example").next_try)

    await delivery.deliver_due(grocer.ports)

    bodies = [body for _, body in posts.sent if body.count(b"\n") > 1]
    assert bodies[-1].startswith(grocer.publisher(grocer).log)
    assert parse_object(bodies[-1].splitlines()[-1])["to"] == grocer.baker.did


async def test_what_has_expired_costs_its_host_nothing(federation, grocer, posts):
    """LF-SEND-1: nothing is known of the host by it, good or bad."""
    federation.network.down.add("baker.example")
    await write(grocer)
    await delivery.deliver_due(grocer.ports)
    federation.clock.advance(days=limits.MESSAGE_DAYS)
    sent = len(posts.sent)
    before = grocer.store.peer("baker.example")

    await delivery.deliver_due(grocer.ports)

    assert len(posts.sent) == sent
    assert grocer.store.peer("baker.example") == before
    assert write_time(federation.clock.now()) > before.next_try
