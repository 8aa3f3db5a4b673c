"""Exchanges between nodes: recorded, confirmed, corrected, disputed, taken back; what is confirmed everywhere.

Spec: 05-documents (LF-EXCH). Messages and feeds go over the fake network; everything else is real.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from localfed.app import (
    delivery,
    exchange_notices,
    exchanges,
    inbox,
    ledger,
    messages,
    notices,
    partnerships,
    renewals,
)
from localfed.app.exchanges import Account, Given
from localfed.app.ledger import State
from localfed.app.message_values import MessageState
from localfed.protocol.errors import BadDraft, UnknownExchange, UnknownMessage, UnknownOrganisation
from localfed.protocol.exchange import find_confirmed
from localfed.protocol.times import read_time

APRIL = Account(
    gave=(Given(what="Digging", quantity="12.50", unit="hrs", category="food"),),
    received=(Given(what="Bread", quantity="40", unit="loaves"),),
    start="2026-04-01",
    end="2026-04-30",
)


def gave(quantity, unit="hours", **changes):
    return Account(
        **{
            "gave": (Given(what="Digging", quantity=quantity, unit=unit),),
            "start": "2026-04-01",
            "end": "2026-04-30",
            **changes,
        }
    )


@pytest.fixture
async def two(federation):
    """A grocer and a baker who follow each other and take messages."""
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    for one, other in ((grocer, baker), (baker, grocer)):
        await one.follow(other)
        await one.sync(other)
    return federation, grocer, baker


async def record(one, other, account=APRIL, **options):
    return await exchanges.record(one.ports, one.did, other.did, account, language="en", **options)


async def confirm(node, which):
    return await exchanges.confirm(node.ports, node.did, str(which), language="en")


async def correct(node, which, account):
    return await exchanges.correct(node.ports, node.did, which, account, language="en")


async def dispute(node, which, **options):
    return await exchanges.dispute(node.ports, node.did, which, language="en", **options)


async def meet(federation, *nodes):
    """Deliver what is to be sent, keep words, read each other's feeds; twice, for answers to answers."""
    for _ in range(2):
        federation.clock.advance(minutes=20)
        for node in nodes:
            await delivery.deliver_due(node.ports)
        for node in nodes:
            await partnerships.settle(node.ports, node.did, language="en")
            await exchanges.settle(node.ports, node.did, language="en")
        for one in nodes:
            for other in nodes:
                if one is not other:
                    await one.sync(other)


def rows(node):
    return ledger.list_exchanges(node.store, node.did, node.clock.now())


def row(node):
    (one,) = rows(node)
    return one


def confirmed(node):
    return find_confirmed(ledger.live_halves(node.store, node.clock.now()))


def published(node):
    return [path for path, one in node.live(node).items() if one.type == "Exchange"]


async def agree(federation, one, other, account=APRIL):
    done = await record(one, other, account)
    await meet(federation, one, other)
    await confirm(other, done.ref)
    await meet(federation, one, other)
    assert row(one).state is row(other).state is State.CONFIRMED
    return done.ref


async def test_what_is_recorded_is_seen_by_the_other_alone_and_publishes_nothing(two):
    """LF-EXCH-6."""
    federation, grocer, baker = two

    done = await record(grocer, baker, text="The spring weeks")
    await meet(federation, grocer, baker)

    assert (done.sent, done.mine) == ("Proposal", None)
    assert row(grocer).state is row(baker).state is State.PROPOSED
    assert row(grocer).proposed == row(baker).asked
    assert row(baker).waits
    assert not row(grocer).waits
    assert published(grocer) == published(baker) == []
    digging, bread = row(baker).asked.flows
    assert (digging.giver, digging.taker) == (bread.taker, bread.giver) == (grocer.did, baker.did)
    assert (digging.quantity, digging.unit, digging.category) == ("12.5", "hours", "food")


async def test_what_is_confirmed_is_said_by_both_and_seen_everywhere(two):
    """LF-EXCH-5, LF-EXCH-6: who recorded it keeps its word by itself."""
    federation, grocer, baker = two
    miller = await federation.node("miller")
    for other in (grocer, baker):
        await miller.follow(other)

    ref = await agree(federation, grocer, baker)
    await meet(federation, grocer, baker, miller)

    assert row(grocer).asked is row(grocer).proposed is row(baker).asked is None
    assert [one.figures.ref for one in confirmed(miller)] == [ref]
    assert confirmed(miller) == confirmed(grocer) == confirmed(baker)
    assert rows(miller) == []
    with pytest.raises(BadDraft, match="already"):
        await confirm(baker, ref)


async def test_what_is_disputed_before_it_was_confirmed_is_said_by_nobody(two):
    """LF-EXCH-6."""
    federation, grocer, baker = two
    done = await record(grocer, baker)
    await meet(federation, grocer, baker)

    said = await dispute(baker, done.ref, text="It was less")
    await meet(federation, grocer, baker)

    assert said.sent == "Decline"
    for node, by in ((grocer, "them"), (baker, "us")):
        assert (row(node).state, row(node).disputed_by) == (State.DISPUTED, by)
        assert row(node).declined.ref == done.ref
        assert (row(node).mine, row(node).theirs, published(node)) == (None, None, [])
    with pytest.raises(UnknownExchange, match="correct"):
        await confirm(baker, done.ref)
    for node in (grocer, baker):
        with pytest.raises(BadDraft, match="already"):
            await dispute(node, done.ref)
    await exchanges.withdraw(grocer.ports, grocer.did, done.ref)
    assert rows(grocer) == []


async def test_what_was_disputed_can_still_be_corrected_by_either(two):
    """LF-EXCH-6."""
    federation, grocer, baker = two
    for one, other in ((grocer, baker), (baker, grocer)):
        done = await record(grocer, baker)
        await meet(federation, grocer, baker)
        await dispute(baker, done.ref)
        await meet(federation, grocer, baker)

        way = "gave" if one is grocer else "received"
        thing = Given(what="Digging", quantity="9", unit="hours")
        await correct(one, done.ref, Account(**{way: (thing,)}))
        await meet(federation, grocer, baker)
        found = next(found for found in rows(other) if found.ref == done.ref)
        assert (found.state, found.disputed_by) == (State.PROPOSED, None)
        await confirm(other, done.ref)
        await meet(federation, grocer, baker)
        assert {one.state for one in rows(grocer)} == {State.CONFIRMED}


async def test_what_is_corrected_before_it_was_confirmed_is_confirmed_as_corrected(two):
    """LF-EXCH-6: and what was said first counts no more."""
    federation, grocer, baker = two
    done = await record(grocer, baker, gave("12"))
    await meet(federation, grocer, baker)

    said = await correct(
        baker, done.ref, Account(received=(Given(what="Digging", quantity="10", unit="hours"),))
    )
    await meet(federation, grocer, baker)
    assert (said.sent, said.mine, published(baker)) == ("Proposal", None, [])
    assert row(grocer).asked.flows[0].quantity == "10"
    await confirm(grocer, done.ref)
    await meet(federation, grocer, baker)

    assert row(grocer).state is row(baker).state is State.CONFIRMED
    (one,) = confirmed(baker)
    assert (one.figures.ref, one.figures.flows[0].quantity) == (done.ref, "10")
    assert one.figures.flows[0].giver == grocer.did
    assert one.figures.period.end == "2026-04-30"


async def test_what_is_corrected_afterwards_is_disputed_until_the_other_says_the_same(two):
    """LF-EXCH-5, LF-EXCH-6: a correction is a new half with the same ref."""
    federation, grocer, baker = two
    ref = await agree(federation, grocer, baker)
    before = published(grocer)

    await correct(grocer, ref, gave("9"))
    await meet(federation, grocer, baker)

    assert row(grocer).state is row(baker).state is State.DISPUTED
    assert (row(grocer).corrected_by, row(baker).corrected_by) == ("us", "them")
    assert (row(grocer).waits, row(baker).waits) == (False, True)
    assert await told(grocer) == []
    assert confirmed(baker) == []
    with pytest.raises(BadDraft, match="corrected it"):
        await confirm(grocer, ref)
    await confirm(baker, ref)
    await meet(federation, grocer, baker)
    assert row(grocer).state is row(baker).state is State.CONFIRMED
    (one,) = confirmed(grocer)
    assert [flow.quantity for flow in one.figures.flows] == ["9"]
    assert published(grocer) == before


async def test_what_is_taken_back_or_disputed_afterwards_is_not_counted(two):
    """LF-EXCH-5, LF-EXCH-6: either can, alone; who disputes tells the other."""
    federation, grocer, baker = two
    ref = await agree(federation, grocer, baker)

    done = await dispute(baker, ref, text="We looked again")
    await meet(federation, grocer, baker)

    assert done.sent == "Enquiry"
    assert row(grocer).state is row(baker).state is State.DISPUTED
    assert (row(grocer).disputed_by, row(baker).disputed_by) == ("them", "us")
    assert (row(grocer).waits, row(baker).waits) == (True, False)
    assert confirmed(grocer) == confirmed(baker) == []
    assert await told(baker) == []
    ((_, text),) = await told(grocer)
    assert text.startswith(f"Baker ({baker.host}) disputes 1 exchange: correct or withdraw")
    with pytest.raises(BadDraft, match="already"):
        await dispute(baker, ref)
    (message,) = grocer.store.messages(MessageState.NEW)
    assert row(grocer).id.encode() in message.body
    await exchanges.withdraw(grocer.ports, grocer.did, ref)
    await meet(federation, grocer, baker)
    assert rows(grocer) == rows(baker) == []
    assert await told(grocer) == []
    with pytest.raises(UnknownExchange):
        await exchanges.withdraw(grocer.ports, grocer.did, ref)


async def test_a_half_taken_back_without_a_word_is_no_dispute(two):
    """LF-EXCH-6: and what was disputed once is not disputed for ever."""
    federation, grocer, baker = two
    ref = await agree(federation, grocer, baker)
    await dispute(baker, ref)
    await meet(federation, grocer, baker)
    await correct(grocer, ref, gave("9"))
    await meet(federation, grocer, baker)
    assert row(baker).waits
    await confirm(baker, ref)
    await meet(federation, grocer, baker)
    assert row(grocer).state is State.CONFIRMED

    await exchanges.withdraw(baker.ports, baker.did, ref)
    await meet(federation, grocer, baker)

    assert (row(grocer).state, row(grocer).disputed_by) == (State.OURS, None)
    assert (row(baker).state, row(baker).disputed_by) == (State.THEIRS, None)


async def test_who_said_yes_is_known_before_its_half_is_read(two):
    """LF-EXCH-6: by its message; until the other's feed was read and says otherwise."""
    federation, grocer, baker = two
    done = await record(grocer, baker)
    await meet(federation, grocer, baker)

    await confirm(baker, done.ref)
    assert (row(baker).state, row(baker).is_agreed) == (State.OURS, True)
    await delivery.deliver_due(baker.ports)
    await exchanges.settle(grocer.ports, grocer.did, language="en")
    assert (row(grocer).state, row(grocer).is_agreed) == (State.OURS, True)
    await meet(federation, grocer, baker)
    assert [(row(node).state, row(node).is_agreed) for node in (grocer, baker)] == [
        (State.CONFIRMED, False)
    ] * 2

    await exchanges.withdraw(baker.ports, baker.did, done.ref)
    await meet(federation, grocer, baker)
    assert (row(grocer).state, row(grocer).is_agreed) == (State.OURS, False)


async def test_a_third_cannot_dispute_what_two_others_say(two):
    """LF-EXCH-6: nor does an enquiry about something else."""
    federation, grocer, baker = two
    done = await exchanges.record(
        grocer.ports, grocer.did, baker.did, APRIL, language="en", at_once=True
    )
    miller = await federation.node("miller")
    await miller.follow(grocer)
    await miller.sync(grocer)
    half = row(grocer).id
    for sender, about in ((miller, half), (baker, f"{grocer.did}/org.json")):
        draft = messages.Draft(type="Enquiry", language="en", text="Was it so?", about=about)
        await messages.send(sender.ports, sender.did, grocer.did, draft)
        await delivery.deliver_due(sender.ports)

    assert len(grocer.store.messages(MessageState.NEW)) == 2
    assert (row(grocer).ref, row(grocer).state) == (done.ref, State.OURS)


async def test_a_partner_without_an_inbox_confirms_what_it_reads(two):
    """LF-EXCH-6: said by one, it is no fact; said by both, it is."""
    federation, grocer, baker = two
    done = await record(grocer, baker, at_once=True, text="The spring weeks")
    await meet(federation, grocer, baker)
    assert grocer.store.outbox() == [] or all(one.body is None for one in grocer.store.outbox())
    assert (row(grocer).state, row(baker).state) == (State.OURS, State.THEIRS)
    assert confirmed(baker) == []
    with pytest.raises(UnknownExchange, match="wait"):
        await confirm(grocer, done.ref)

    said = await confirm(baker, done.ref)
    await meet(federation, grocer, baker)

    assert said.sent is None
    assert row(grocer).state is row(baker).state is State.CONFIRMED


async def test_an_exchange_confirmed_with_other_figures_is_not_counted(two):
    """LF-EXCH-5: whoever answers yes and publishes something else confirms nothing."""
    federation, grocer, baker = two
    done = await record(grocer, baker, gave("2"))
    await meet(federation, grocer, baker)
    await confirm(baker, done.ref)
    (half,) = [one for one in baker.live(baker).values() if one.type == "Exchange"]
    said = msgspec.json.decode(half.body)
    said["flows"][0]["quantity"] = "2000"
    await baker.publish(
        {name: said[name] for name in ("id", "type", "partner", "ref", "flows", "period")}
    )

    await meet(federation, grocer, baker)

    assert row(grocer).state is State.DISPUTED
    assert row(grocer).mine.flows[0].quantity == "2"
    assert confirmed(grocer) == confirmed(baker) == []


async def test_an_exchange_is_not_said_twice_by_hand(two):
    """LF-EXCH-5: neither half would count any more."""
    federation, grocer, baker = two
    ref = await agree(federation, grocer, baker)
    (half,) = [one for one in baker.live(baker).values() if one.type == "Exchange"]
    said = msgspec.json.decode(half.body)
    said["flows"][0]["quantity"] = "2000"
    again = {name: said[name] for name in ("type", "partner", "ref", "flows", "period")}

    with pytest.raises(BadDraft, match=f"localfed exchange correct {ref}"):
        await baker.publish(again)

    await meet(federation, grocer, baker)
    assert row(grocer).state is row(baker).state is State.CONFIRMED


async def test_figures_that_nobody_saw_are_not_confirmed_by_the_name_of_others(two):
    """LF-EXCH-7: a second proposal with the same ref does not slip in under the first."""
    federation, grocer, baker = two
    done = await record(grocer, baker, gave("2"))
    await meet(federation, grocer, baker)
    (first,) = row(baker).messages
    bomb = row(baker).asked
    flows = (msgspec.structs.replace(bomb.flows[0], quantity="2000"),)
    draft = messages.Draft(
        type="Proposal",
        language="en",
        exchange=msgspec.to_builtins(msgspec.structs.replace(bomb, flows=flows)),
    )
    await messages.send(grocer.ports, grocer.did, baker.did, draft)
    await meet(federation, grocer, baker)

    with pytest.raises(BadDraft, match="different"):
        await confirm(baker, done.ref)
    assert published(baker) == []

    await confirm(baker, first)
    assert row(baker).mine.flows[0].quantity == "2"


async def test_an_answer_counts_once_and_does_not_bring_back_what_was_taken_back(two):
    """LF-EXCH-7: the same answer posted again, and a late one."""
    federation, grocer, baker = two
    ref = await agree(federation, grocer, baker)
    (sent,) = [one for one in baker.store.outbox() if one.body and b'"Accept"' in one.body]
    await exchanges.withdraw(grocer.ports, grocer.did, ref)

    outcome = await inbox.receive(grocer.ports, baker.file("/did.jsonl") + sent.body + b"\n")
    await exchanges.settle(grocer.ports, grocer.did, language="en")

    assert outcome is inbox.Outcome.IGNORED
    assert published(grocer) == []


@pytest.mark.parametrize("how", ["withdraws", "corrects"])
async def test_a_late_answer_binds_nobody_who_has_thought_again(two, how):
    """LF-EXCH-7."""
    federation, grocer, baker = two
    done = await record(grocer, baker, gave("12"))
    await meet(federation, grocer, baker)
    (number,) = row(baker).messages

    if how == "withdraws":
        await exchanges.withdraw(grocer.ports, grocer.did, done.ref)
    else:
        await correct(grocer, done.ref, gave("8"))
    await confirm(baker, number)
    await meet(federation, grocer, baker)

    assert published(grocer) == []
    assert confirmed(grocer) == []


async def test_a_proposal_replayed_asks_nobody_again(two):
    """LF-INBOX-6, LF-EXCH-6: not after it was confirmed, nor after it was disputed."""
    federation, grocer, baker = two
    refs = []
    for answer in (confirm, dispute):
        refs.append((await record(grocer, baker)).ref)
        await meet(federation, grocer, baker)
        await answer(baker, refs[-1])
    await meet(federation, grocer, baker)
    before = rows(baker)
    sent = [one for one in grocer.store.outbox() if one.body and b'"Proposal"' in one.body]

    for one in sent:
        body = grocer.file("/did.jsonl") + one.body + b"\n"
        assert await inbox.receive(baker.ports, body) is inbox.Outcome.IGNORED

    assert len(sent) == 2
    assert rows(baker) == before
    assert {one.ref: (one.state, one.waits) for one in before} == {
        refs[0]: (State.CONFIRMED, False),
        refs[1]: (State.DISPUTED, False),
    }


async def test_an_answer_from_somebody_else_publishes_nothing(two):
    """LF-EXCH-7: only whom it was sent to can confirm, and only what was recorded."""
    federation, grocer, baker = two
    miller = await federation.node("miller")
    for one, other in ((miller, grocer), (grocer, miller)):
        await one.follow(other)
        await one.sync(other)
    await record(grocer, baker)
    (proposal,) = grocer.store.outbox()
    for one, what in ((miller, proposal.digest), (baker, "zQm" + "a" * 44)):
        draft = messages.Draft(type="Accept", language="en", in_reply_to=what)
        await messages.send(one.ports, one.did, grocer.did, draft)

    await meet(federation, grocer, baker, miller)

    assert published(grocer) == []


async def test_a_third_cannot_use_the_ref_of_two_others(two):
    """LF-EXCH-5."""
    federation, grocer, baker = two
    miller = await federation.node("miller")
    for one, other in ((miller, grocer), (grocer, miller)):
        await one.follow(other)
        await one.sync(other)
    ref = await agree(federation, grocer, baker)
    flow = {"from": miller.did, "to": grocer.did, "what": "x", "quantity": "9", "unit": "hours"}
    period = {"start": "2026-04-01", "end": "2026-04-30"}
    half = {"type": "Exchange", "ref": ref, "flows": [flow], "period": period}
    await miller.publish({**half, "partner": grocer.did})
    await meet(federation, grocer, baker, miller)

    assert [one.figures.flows[0].what for one in confirmed(grocer)] == ["Digging"]
    states = {one.partner: one.state for one in rows(grocer)}
    assert states == {baker.did: State.CONFIRMED, miller.did: State.THEIRS}
    with pytest.raises(BadDraft, match="several"):
        await exchanges.withdraw(grocer.ports, grocer.did, ref)


async def test_proposals_of_partnership_and_of_exchange_do_not_answer_each_other(two):
    """LF-MSG-7."""
    federation, grocer, baker = two
    await record(grocer, baker)
    await partnerships.propose(grocer.ports, grocer.did, baker.did, "promotion", language="en")
    await meet(federation, grocer, baker)
    (number,) = row(baker).messages

    with pytest.raises(UnknownMessage, match="exchange"):
        await partnerships.accept(baker.ports, baker.did, number, language="en")
    await confirm(baker, number)
    await partnerships.end(grocer.ports, grocer.did, baker.did)
    await meet(federation, grocer, baker)

    assert row(grocer).state is State.CONFIRMED
    assert [path for path in grocer.live(grocer) if path.startswith("p/")] == []


@pytest.mark.parametrize(
    "account, words",
    [
        (gave("0"), "more than nothing"),
        (gave("10001"), "at most 10000"),
        (gave("1000001", "loaves"), "at most 1000000"),
        (gave("-1"), "no number"),
        (gave("many"), "no number"),
        (gave("1e9"), "no number"),
        (gave("NaN"), "no number"),
        (gave("2,5"), "no number"),
        (gave("1" * 11), "no number"),
        (gave("1", ""), "cannot be recorded"),
        (gave("1", "x" * 301), "cannot be recorded"),
        (gave("1", "loaves\nof"), "cannot be recorded"),
        (gave("1", start="2026-04-30", end="2026-04-01"), "ends before it begins"),
        (gave("1", start="2026-05-01", end="2026-05-03"), "not over"),
        (gave("1", start="2026-04-31", end="2026-04-31"), "does not exist"),
        (gave("1", start="2025-01-01", end="2026-04-30"), "366 days"),
        (gave("1", start="2022-01-01", end="2022-04-30"), "three years"),
        (Account(start="2026-04-01"), "what you gave"),
        (Account(gave=APRIL.gave * 21, start="2026-04-01"), "cannot be recorded"),
    ],
)
async def test_what_cannot_be_is_refused_in_words_and_changes_nothing(two, account, words):
    """LF-EXCH-1, LF-EXCH-2, LF-EXCH-3, LF-EXCH-4."""
    _, grocer, baker = two
    head = grocer.publisher(grocer).head

    for at_once in (False, True):
        with pytest.raises(BadDraft, match=words):
            await record(grocer, baker, account, at_once=at_once)

    assert grocer.store.outbox() == []
    assert grocer.publisher(grocer).head == head


@pytest.mark.parametrize("name", ["did", "base", "host"])
async def test_nobody_exchanges_with_themselves(two, name):
    """LF-EXCH-2."""
    _, grocer, _ = two

    with pytest.raises(BadDraft, match="somebody else"):
        await exchanges.record(
            grocer.ports, grocer.did, getattr(grocer, name), APRIL, language="en"
        )
    with pytest.raises(UnknownOrganisation):
        await exchanges.record(grocer.ports, grocer.did, "nobody.example", APRIL, language="en")


async def test_an_exchange_is_renewed_for_three_years_and_then_deleted(two):
    """LF-EXCH-4, LF-DOC-14: without anybody having to look at it again."""
    federation, grocer, baker = two
    await agree(federation, grocer, baker)
    over = read_time(
        "2029-04-30T00:00:00Z"
    )  # 1,096 days after the last day, one of them in a leap year
    (path,) = published(grocer)
    while federation.clock.now() < over - timedelta(days=21):
        federation.clock.advance(days=20)
        for node in (grocer, baker):
            await renewals.renew(node.ports, node.did)
            assert await exchanges.let_go(node.ports, node.did) == 0
        await meet(federation, grocer, baker)
        assert len(confirmed(grocer)) == 1
    assert grocer.live(grocer)[path].expires == "2029-04-30T00:00:00Z"
    assert grocer.live(grocer)[path].renew_at is None

    federation.clock.moment = over

    assert confirmed(grocer) == []
    assert await exchanges.let_go(grocer.ports, grocer.did) == 1
    await renewals.renew(grocer.ports, grocer.did)
    await baker.sync(grocer)
    assert published(grocer) == []
    assert path not in baker.live(grocer)


async def told(node):
    await exchange_notices.refresh(node.ports)
    unseen = notices.unseen(node.store, node.did)
    return [(one.about, one.text) for one in unseen if one.kind == exchange_notices.KIND]


async def test_the_operator_is_told_what_waits_until_nothing_does(two):
    """LF-EXCH-6: who recorded it has nothing to do."""
    federation, grocer, baker = two
    first = await record(grocer, baker)
    second = await record(grocer, baker, gave("3"))
    await meet(federation, grocer, baker)
    assert await told(grocer) == []
    ((about, text),) = await told(baker)
    assert about == grocer.did
    assert text.startswith("2 exchanges with Grocer (grocer.example) to confirm")
    await notices.mark_seen(baker.ports, notices.unseen(baker.store)[0].number)
    assert await told(baker) == []

    await confirm(baker, first.ref)
    assert [text[:10] for _, text in await told(baker)] == ["1 exchange"]
    await dispute(baker, second.ref)
    assert await told(baker) == []
    assert baker.store.notices() == []

    await meet(federation, grocer, baker)
    await correct(baker, first.ref, gave("9"))
    await meet(federation, grocer, baker)
    assert [about for about, _ in await told(grocer)] == [baker.did]
    await confirm(grocer, first.ref)
    await meet(federation, grocer, baker)
    ((_, text),) = await told(grocer)
    assert text.startswith(f"Baker ({baker.host}) disputes 1 exchange")
    await exchanges.withdraw(grocer.ports, grocer.did, second.ref)
    assert await told(grocer) == await told(baker) == []
