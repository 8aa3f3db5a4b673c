"""Messages and pings across nodes: what arrives, what waits, what is lost without harm."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta

import msgspec
import pytest

from localfed.app import delivery, inbox, messages, tidying
from localfed.app.inbox import Outcome
from localfed.app.message_values import MessageState, OutboxState, Posted
from localfed.app.values import Block, BlockKind
from localfed.protocol import limits
from localfed.protocol.canonical import parse_object
from localfed.protocol.errors import (
    BadDraft,
    BadSignature,
    Expired,
    LogForked,
    TooOften,
    UnknownOrganisation,
    WrongRecipient,
)
from localfed.protocol.times import read_time, write_time
from stories.witness import is_same

ENQUIRY = messages.Draft(type="Enquiry", language="en", text="Have you bread on Sundays?")


async def two(federation):
    return await federation.node("grocer"), await federation.node("baker")


async def write_to(sender, recipient, draft=ENQUIRY):
    """Send a message to somebody followed, and deliver what is due."""
    if sender.store.publisher(recipient.did) is None:
        await sender.follow(recipient)
        await sender.sync(recipient)
    sent = await messages.send(sender.ports, sender.did, recipient.did, draft)
    await delivery.deliver_due(sender.ports)
    return sent


def letter(sender):
    """What the sender would post: the last message in its outbox, with its log."""
    item = [one for one in sender.store.outbox() if one.body is not None][-1]
    return sender.publisher(sender).log + item.body + b"\n"


async def test_an_enquiry_of_a_stranger_waits_and_nothing_is_asked_of_anybody(federation):
    """LF-INBOX-4: promise 3, a stranger cannot make the node open one single connection."""
    grocer, baker = await two(federation)
    await grocer.follow(baker)
    await grocer.sync(baker)
    await messages.send(grocer.ports, grocer.did, baker.did, ENQUIRY)
    federation.network.requests.clear()

    await delivery.deliver_due(grocer.ports)

    assert federation.network.requests == ["https://baker.example/inbox"]
    (kept,) = baker.store.messages()
    assert (kept.sender, kept.type, kept.is_stranger) == (grocer.did, "Enquiry", True)
    assert kept.state is MessageState.NEW
    assert parse_object(kept.body)["text"] == {"en": "Have you bread on Sundays?"}
    assert baker.store.publisher(grocer.did) is None
    assert [one.state for one in grocer.store.outbox()] == [OutboxState.DELIVERED]


async def test_a_reply_goes_back_to_a_stranger_once_a_person_writes_it(federation):
    """LF-INBOX-3: its log came with the message, so it can be found."""
    grocer, baker = await two(federation)
    sent = await write_to(grocer, baker)
    (kept,) = baker.store.messages()

    await messages.mark(baker.ports, kept.number, MessageState.OPENED)
    draft = messages.Draft(type="Enquiry", language="en", text="We have.", in_reply_to=kept.digest)
    await messages.send(baker.ports, baker.did, grocer.did, draft)
    await delivery.deliver_due(baker.ports)

    (back,) = grocer.store.messages()
    assert parse_object(back.body)["inReplyTo"] == sent.digest
    assert not back.is_stranger


@pytest.mark.parametrize("kind", ["Proposal", "Accept", "Decline"])
async def test_every_kind_of_message_arrives(federation, kind):
    grocer, baker = await two(federation)
    extra = {"stage": "promotion"} if kind == "Proposal" else {"in_reply_to": "zQm" + "a" * 44}

    await write_to(grocer, baker, messages.Draft(type=kind, language="en", **extra))

    assert [one.type for one in baker.store.messages()] == [kind]


@pytest.mark.parametrize(
    "draft",
    [
        messages.Draft(type="Enquiry", language="en"),
        messages.Draft(type="Proposal", language="en", text="x"),
        messages.Draft(type="Proposal", language="en", stage="marriage"),
        messages.Draft(type="Accept", language="en"),
        messages.Draft(type="Gossip", language="en", text="x"),
        messages.Draft(type="Enquiry", language="en", text="x", about="https://a.example/"),
        messages.Draft(type="Enquiry", language="en", text="x" * 20_000),
    ],
)
async def test_what_cannot_be_said_is_not_sent(federation, draft):
    grocer, baker = await two(federation)
    await grocer.follow(baker)
    await grocer.sync(baker)

    with pytest.raises(BadDraft):
        await messages.send(grocer.ports, grocer.did, baker.did, draft)

    assert [one for one in grocer.store.outbox() if one.body] == []


async def test_only_who_is_known_can_be_written_to(federation):
    grocer, baker = await two(federation)

    with pytest.raises(UnknownOrganisation):
        await messages.send(grocer.ports, grocer.did, baker.did, ENQUIRY)


async def test_a_message_that_comes_again_changes_nothing(federation):
    """LF-INBOX-6."""
    grocer, baker = await two(federation)
    await write_to(grocer, baker)
    before = baker.store.messages()

    again = [await inbox.receive(baker.ports, letter(grocer)) for _ in range(3)]

    assert again == [Outcome.IGNORED] * 3
    assert baker.store.messages() == before


async def test_a_message_for_somebody_else_or_forged_is_refused(federation):
    """LF-MSG-4, LF-MSG-3."""
    grocer, baker = await two(federation)
    cook = await federation.node("cook")
    await write_to(grocer, baker)
    body = letter(grocer)

    with pytest.raises(WrongRecipient):
        await inbox.receive(cook.ports, body)
    with pytest.raises(BadSignature):
        await inbox.receive(
            cook.ports,
            body.replace(b"Sundays", b"Mondays").replace(baker.did.encode(), cook.did.encode()),
        )

    assert cook.store.messages() == []


async def test_a_strangers_sixth_message_is_refused_and_pushes_nothing_out(federation):
    """LF-INBOX-5."""
    grocer, baker = await two(federation)
    for _ in range(inbox.WAITING_OF_A_STRANGER):
        await write_to(grocer, baker)
    before = baker.store.messages()

    await messages.send(grocer.ports, grocer.did, baker.did, ENQUIRY)
    with pytest.raises(TooOften):
        await inbox.receive(baker.ports, letter(grocer))

    assert baker.store.messages() == before
    await messages.mark(baker.ports, before[0].number, MessageState.DISMISSED)
    assert await inbox.receive(baker.ports, letter(grocer)) is Outcome.KEPT


async def test_strangers_together_cannot_fill_more_than_their_tray(federation, monkeypatch):
    """LF-INBOX-5."""
    monkeypatch.setattr(inbox, "WAITING_OF_STRANGERS", 3)
    baker = await federation.node("baker")
    strangers = [await federation.node(f"stranger{number}") for number in range(4)]
    friend = await federation.node("friend")
    await baker.follow(friend)
    await baker.sync(friend)

    for stranger in strangers:
        await write_to(stranger, baker)
    await write_to(friend, baker)

    assert len([one for one in baker.store.messages() if one.is_stranger]) == 3
    assert [one.sender for one in baker.store.messages() if not one.is_stranger] == [friend.did]


async def test_who_is_blocked_is_answered_as_if_nothing_were(federation):
    """LF-INBOX-2: the answer does not tell."""
    grocer, baker = await two(federation)
    now = write_time(baker.clock.now())
    scid = grocer.did.split(":")[2]
    for kind, value in ((BlockKind.ORGANISATION, scid), (BlockKind.HOST, "grocer.example")):
        block = Block(kind=kind, value=value, since=now)
        await baker.store.write(lambda tx, block=block: tx.save_block(block))

    await write_to(grocer, baker)

    assert [one.state for one in grocer.store.outbox()] == [OutboxState.DELIVERED]
    assert baker.store.messages() == []


async def test_a_log_that_contradicts_the_one_held_is_refused(federation):
    """LF-INBOX-3."""
    grocer, baker = await two(federation)
    await baker.follow(grocer)
    await baker.sync(grocer)
    twin = grocer.copy("twin")
    await grocer.rotate()
    await baker.sync(grocer)
    federation.clock.advance(seconds=30)
    await twin.rotate()
    await twin.follow(baker)
    await twin.sync(baker)
    await messages.send(twin.ports, twin.did, baker.did, ENQUIRY)

    with pytest.raises(LogForked):
        await inbox.receive(baker.ports, letter(twin))

    assert baker.store.messages() == []


async def test_a_key_that_was_taken_out_says_nothing_any_more(federation):
    """LF-INBOX-3: the longer log that is held counts, not the one that the thief sends along."""
    grocer, baker = await two(federation)
    await baker.follow(grocer)
    thief = grocer.copy("thief")
    await grocer.recover()
    await baker.sync(grocer)
    await thief.follow(baker)
    await thief.sync(baker)
    await messages.send(thief.ports, thief.did, baker.did, ENQUIRY)

    from localfed.protocol.errors import UnknownKey

    with pytest.raises(UnknownKey):
        await inbox.receive(baker.ports, letter(thief))


async def test_every_message_has_its_time(federation):
    """LF-INBOX-6, LF-INBOX-7: unopened and dismissed until it expires, opened for a year after that."""
    grocer, baker = await two(federation)
    for _ in range(3):
        await write_to(grocer, baker)
    opened, dismissed, _ = [one.number for one in baker.store.messages()]
    await messages.mark(baker.ports, opened, MessageState.OPENED)
    await messages.mark(baker.ports, dismissed, MessageState.DISMISSED)

    async def left_after(**span):
        federation.clock.advance(**span)
        await tidying.tidy(baker.ports)
        return [one.number for one in baker.store.messages()]

    assert len(await left_after(days=limits.MESSAGE_DAYS, seconds=-1)) == 3
    assert await left_after(seconds=1) == [opened]
    assert await left_after(days=limits.OPENED_DAYS, seconds=-1) == [opened]
    assert await left_after(seconds=1) == []


async def test_what_was_dismissed_does_not_come_back(federation):
    """LF-INBOX-7: posted again, byte for byte, until it has expired; then its time is over."""
    grocer, baker = await two(federation)
    await write_to(grocer, baker)
    (kept,) = baker.store.messages()
    await messages.mark(baker.ports, kept.number, MessageState.DISMISSED)
    body = letter(grocer)

    federation.clock.advance(days=limits.MESSAGE_DAYS, seconds=-1)
    await tidying.tidy(baker.ports)
    assert await inbox.receive(baker.ports, body) is Outcome.IGNORED
    federation.clock.advance(seconds=1)
    await tidying.tidy(baker.ports)

    with pytest.raises(Expired):
        await inbox.receive(baker.ports, body)
    assert baker.store.messages() == []


async def test_what_was_opened_and_then_dismissed_goes_when_it_has_expired(federation):
    """LF-INBOX-7."""
    grocer, baker = await two(federation)
    await write_to(grocer, baker)
    (kept,) = baker.store.messages()
    await messages.mark(baker.ports, kept.number, MessageState.OPENED)
    federation.clock.advance(days=limits.MESSAGE_DAYS)
    await tidying.tidy(baker.ports)
    assert len(baker.store.messages()) == 1

    await messages.mark(baker.ports, kept.number, MessageState.DISMISSED)
    await tidying.tidy(baker.ports)

    assert baker.store.messages() == []


# --- pings -----------------------------------------------------------------------------------


async def friends(federation):
    """Two that follow each other."""
    grocer, baker = await two(federation)
    for one, other in ((grocer, baker), (baker, grocer)):
        await one.follow(other)
        await one.sync(other)
    return grocer, baker


async def test_a_ping_lets_who_follows_read_at_once_and_at_most_once_a_minute(federation):
    """LF-PING-1, LF-PING-3."""
    grocer, baker = await friends(federation)
    federation.clock.advance(minutes=2)
    assert baker.store.due_for_poll(write_time(federation.clock.now())) == []

    await grocer.publish({"type": "Offer", "name": "Veg box"})
    await delivery.deliver_due(grocer.ports)
    due = baker.store.due_for_poll(write_time(federation.clock.now()))
    await baker.sync(grocer)
    await grocer.publish({"type": "Offer", "name": "Bread"})
    await delivery.deliver_due(grocer.ports)
    soon = baker.store.due_for_poll(write_time(federation.clock.now()))

    assert [one.did for one in due] == [grocer.did]
    assert is_same(baker, grocer) is False
    assert soon == []
    assert await inbox.receive(baker.ports, grocer.file("/head.json") + b"\n") is Outcome.IGNORED
    federation.clock.advance(seconds=limits.PING_SECONDS)
    later = baker.store.due_for_poll(write_time(federation.clock.now()))
    assert [one.did for one in later] == [grocer.did]


async def test_a_ping_while_its_publisher_is_being_read_lets_it_be_read_again(federation):
    """LF-PING-1: the poll that is under way saw nothing of it; the feed is the truth, and is read soon."""
    grocer, baker = await friends(federation)
    federation.clock.advance(minutes=20)
    real = federation.network.get

    async def get(url, **options):
        answer = await real(url, **options)
        if url == grocer.base + "head.json" and not published:
            published.append(await grocer.publish({"type": "Offer", "name": "Veg box"}))
            federation.clock.advance(seconds=3)
            await delivery.deliver_due(grocer.ports)
            federation.clock.advance(seconds=3)
        return answer

    published = []
    federation.network.get = get
    await baker.sync(grocer)
    assert not is_same(baker, grocer)
    due = baker.store.due_for_poll(write_time(federation.clock.now()))
    assert [one.did for one in due] == [grocer.did]

    await baker.sync(grocer)

    assert is_same(baker, grocer)
    assert baker.store.due_for_poll(write_time(federation.clock.now())) == []


async def test_pings_however_many_cause_one_poll_a_minute(federation):
    """LF-PING-1."""
    grocer, baker = await friends(federation)
    federation.clock.advance(minutes=2)
    polls = []
    for second in range(300):
        federation.clock.advance(seconds=1)
        await grocer.publish({"type": "Offer", "name": f"Box {second}"})
        await delivery.deliver_due(grocer.ports)
        if baker.store.due_for_poll(write_time(federation.clock.now())):
            polls.append(second)
            await baker.sync(grocer)

    assert len(polls) == 5
    assert all(later - sooner >= 60 for sooner, later in itertools.pairwise(polls))


async def test_after_a_clock_that_was_far_ahead_pings_count_again(federation):
    """LF-PING-1: what is remembered of the last one lies in a year that has not come."""
    grocer, baker = await friends(federation)
    held = baker.publisher(grocer)
    far = msgspec.structs.replace(held, pinged="2099-01-01T00:00:00Z")
    await baker.store.write(lambda tx: tx.accept_publisher(far))
    federation.clock.advance(minutes=2)

    await grocer.publish({"type": "Offer", "name": "Veg box"})
    await delivery.deliver_due(grocer.ports)

    assert baker.store.due_for_poll(write_time(federation.clock.now()))


async def test_the_head_of_a_ping_is_not_taken_over(federation):
    """LF-PING-1: the feed is the truth, the push only says "look"."""
    grocer, baker = await friends(federation)
    federation.clock.advance(minutes=2)
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    state = baker.publisher(grocer).state

    await inbox.receive(baker.ports, grocer.file("/head.json") + b"\n")

    assert baker.publisher(grocer).state == state


async def test_a_ping_about_nobody_we_follow_tells_nothing(federation):
    """LF-INBOX-2."""
    grocer, baker = await two(federation)
    federation.network.requests.clear()

    assert await inbox.receive(baker.ports, grocer.file("/head.json") + b"\n") is Outcome.IGNORED

    assert federation.network.requests == []
    assert baker.store.publisher(grocer.did) is None


async def test_a_head_of_ours_that_goes_further_stops_us(federation):
    """LF-PING-2, LF-WRITE-7."""
    grocer, baker = await friends(federation)
    image = grocer.copy("image")
    federation.clock.advance(days=1)
    await grocer.publish({"type": "Offer", "name": "Veg box"})

    outcome = await inbox.receive(image.ports, grocer.file("/head.json") + b"\n")

    assert outcome is Outcome.KEPT
    assert image.publisher(image).hold == "public-head-ahead"
    assert baker.publisher(grocer).hold is None


async def test_many_changes_share_one_ping(federation):
    """LF-PING-3."""
    grocer, baker = await friends(federation)

    for number in range(10):
        await grocer.publish({"type": "Offer", "name": f"Box {number}"})

    waiting = [one for one in grocer.store.outbox() if one.recipient == baker.did]
    assert len(waiting) == 1


async def test_when_every_push_is_lost_everybody_still_converges(federation):
    grocer, baker = await friends(federation)
    federation.network.answers["https://baker.example/inbox"] = Posted(status=503, retry_after=None)

    for number in range(5):
        await grocer.publish({"type": "Offer", "name": f"Box {number}"})
        await delivery.deliver_due(grocer.ports)
        federation.clock.advance(minutes=20)
    await baker.sync(grocer)

    assert is_same(baker, grocer)


# --- the outbox ------------------------------------------------------------------------------


async def test_a_dead_host_delays_nobody_and_is_asked_once_a_day(federation):
    """LF-SEND-1, LF-SEND-2."""
    grocer, baker = await two(federation)
    cook = await federation.node("cook")
    for other in (baker, cook):
        await grocer.follow(other)
        await grocer.sync(other)
    federation.network.down.add(baker.host)
    waits = []
    for _ in range(14):
        await messages.send(grocer.ports, grocer.did, baker.did, ENQUIRY)
        await messages.send(grocer.ports, grocer.did, cook.did, ENQUIRY)
        before = federation.clock.now()
        federation.network.requests.clear()
        await delivery.deliver_due(grocer.ports)
        assert federation.network.requests.count("https://baker.example/inbox") == 1
        peer = grocer.store.peer(baker.host)
        waits.append((read_time(peer.next_try) - before).total_seconds())
        for one in cook.store.messages(MessageState.NEW):
            await messages.mark(cook.ports, one.number, MessageState.OPENED)
        federation.clock.moment = read_time(peer.next_try)

    assert len(cook.store.messages()) == 14
    assert waits[0] < 80
    assert all(later > sooner for sooner, later in itertools.pairwise(waits[:9]))
    assert all(0.79 * 86_400 <= wait <= 1.21 * 86_400 for wait in waits[10:])


async def test_a_host_that_comes_back_gets_what_waited(federation):
    grocer, baker = await two(federation)
    await grocer.follow(baker)
    await grocer.sync(baker)
    federation.network.down.add(baker.host)
    for _ in range(3):
        await messages.send(grocer.ports, grocer.did, baker.did, ENQUIRY)
    await delivery.deliver_due(grocer.ports)
    federation.network.down.clear()
    federation.clock.moment = read_time(grocer.store.peer(baker.host).next_try)

    done = await delivery.deliver_due(grocer.ports)

    assert (done.delivered, done.waiting) == (3, 0)
    assert grocer.store.peer(baker.host) is None
    assert len(baker.store.messages()) == 3


async def test_retry_after_is_honoured(federation):
    """LF-SEND-1."""
    grocer, baker = await two(federation)
    await grocer.follow(baker)
    await grocer.sync(baker)
    url = "https://baker.example/inbox"
    federation.network.answers[url] = Posted(status=429, retry_after=7_200)
    await messages.send(grocer.ports, grocer.did, baker.did, ENQUIRY)

    await delivery.deliver_due(grocer.ports)

    peer = grocer.store.peer(baker.host)
    assert read_time(peer.next_try) == federation.clock.now() + timedelta(hours=2)


@pytest.mark.parametrize("status", [301, 302, 400, 403, 404, 410, 413])
async def test_an_answer_that_says_no_for_good_ends_it(federation, status):
    """LF-SEND-1, LF-SEND-3."""
    grocer, baker = await two(federation)
    await grocer.follow(baker)
    await grocer.sync(baker)
    url = "https://baker.example/inbox"
    federation.network.answers[url] = Posted(status=status, retry_after=None)
    await messages.send(grocer.ports, grocer.did, baker.did, ENQUIRY)

    done = await delivery.deliver_due(grocer.ports)

    assert done.failed == 1
    (item,) = grocer.store.outbox()
    assert (item.state, item.problem) == (OutboxState.FAILED, f"answered {status}")


async def test_a_message_whose_time_is_over_is_given_up_and_shown(federation):
    """LF-SEND-1."""
    grocer, baker = await two(federation)
    await grocer.follow(baker)
    await grocer.sync(baker)
    await messages.send(grocer.ports, grocer.did, baker.did, ENQUIRY)
    federation.clock.advance(days=limits.MESSAGE_DAYS)
    federation.network.requests.clear()

    done = await delivery.deliver_due(grocer.ports)

    assert done.failed == 1
    assert federation.network.requests == []
    assert [one.problem for one in grocer.store.outbox()] == ["expired"]


async def test_what_waits_survives_the_process(federation):
    """Written with what caused it: a crash between the commit and the delivery loses nothing."""
    grocer, baker = await two(federation)
    await grocer.follow(baker)
    await grocer.sync(baker)
    await messages.send(grocer.ports, grocer.did, baker.did, ENQUIRY)
    twin = grocer.copy("after-the-crash")

    await delivery.deliver_due(twin.ports)

    assert len(baker.store.messages()) == 1


async def test_posts_that_come_together_are_all_kept_once(federation):
    grocer, baker = await two(federation)
    await baker.follow(grocer)
    await baker.sync(grocer)
    await grocer.follow(baker)
    await grocer.sync(baker)
    bodies = []
    for _ in range(10):
        await messages.send(grocer.ports, grocer.did, baker.did, ENQUIRY)
        bodies += [letter(grocer)] * 2

    outcomes = await asyncio.gather(*(inbox.receive(baker.ports, body) for body in bodies))

    assert outcomes.count(Outcome.KEPT) == 10
    assert len(baker.store.messages()) == 10
