"""Partnerships between nodes: proposed, accepted, declined, gone further, stepped down, ended; what is in force everywhere.

Spec: 05-documents (LF-PART). Messages and feeds go over the fake network; everything else is real.
"""

from __future__ import annotations

import pytest

from localfed.app import inbox, messages, partnerships
from localfed.app.message_values import MessageState
from localfed.app.own_halves import Part
from localfed.protocol.errors import BadDraft, UnknownMessage, UnknownOrganisation
from stories.partners import accept, agree, exchange, known_to_each_other, propose, standing


@pytest.fixture
async def two(federation):
    """A grocer and a baker who follow each other and take messages."""
    grocer, baker = await known_to_each_other(federation, "grocer", "baker")
    return federation, grocer, baker


def says(one, other):
    row = standing(one, other)
    return (row.mine, row.theirs, row.in_force) if row is not None else (None, None, None)


async def test_a_proposal_is_seen_by_the_other_alone_and_publishes_nothing(two):
    """LF-PART-5."""
    federation, grocer, baker = two

    done = await propose(grocer, baker, text="Shall we?")
    await exchange(federation, grocer, baker)

    assert (done.sent, done.mine) == ("Proposal", None)
    assert says(grocer, baker) == says(baker, grocer) == (None, None, None)
    assert standing(grocer, baker).proposed == "promotion"
    assert standing(baker, grocer).asked == "promotion"
    assert not [path for path in grocer.live(grocer) if path.startswith("p/")]


async def test_what_is_accepted_is_in_force_on_both_sides(two):
    """LF-PART-4, LF-PART-5: who proposed keeps its word by itself."""
    federation, grocer, baker = two

    await agree(federation, grocer, baker)

    agreed = ("promotion", "promotion", "promotion")
    assert says(grocer, baker) == says(baker, grocer) == agreed
    assert standing(grocer, baker).proposed is None
    assert standing(baker, grocer).asked is None


async def test_who_said_yes_is_known_before_its_half_is_read(two):
    """LF-PART-5: until the other's feed was read and says otherwise."""
    federation, grocer, baker = two
    await propose(grocer, baker)
    await exchange(federation, grocer, baker)
    assert not standing(baker, grocer).is_agreed

    await accept(baker, standing(baker, grocer).message)
    assert (says(baker, grocer)[1], standing(baker, grocer).is_agreed) == (None, True)
    await exchange(federation, grocer, baker)
    assert not standing(baker, grocer).is_agreed
    await partnerships.end(baker.ports, baker.did, grocer.did)
    await exchange(federation, grocer, baker)

    assert (says(grocer, baker)[1], standing(grocer, baker).is_agreed) == (None, False)


async def test_who_accepts_less_gets_less(two):
    """LF-PART-4."""
    federation, grocer, baker = two
    await propose(grocer, baker, "integrated")
    await exchange(federation, grocer, baker)

    await accept(
        baker, standing(baker, grocer).message, stage="guidance", part=Part(roles=("mentor",))
    )
    await exchange(federation, grocer, baker)

    assert says(grocer, baker) == ("integrated", "guidance", "guidance")


async def test_nobody_accepts_more_than_was_proposed(two):
    federation, grocer, baker = two
    await propose(grocer, baker, "guidance")
    await exchange(federation, grocer, baker)

    with pytest.raises(BadDraft, match="propose"):
        await accept(baker, standing(baker, grocer).message, stage="promotion")

    assert says(baker, grocer) == (None, None, None)
    assert standing(baker, grocer).asked == "guidance"


async def test_what_is_declined_changes_nothing_and_is_told(two):
    """LF-PART-5."""
    federation, grocer, baker = two
    await propose(grocer, baker)
    await exchange(federation, grocer, baker)
    number = standing(baker, grocer).message

    await partnerships.decline(baker.ports, baker.did, number, language="en", text="Not now")
    await exchange(federation, grocer, baker)

    assert standing(grocer, baker) is None
    assert standing(baker, grocer) is None
    with pytest.raises(UnknownMessage):
        await accept(baker, number)


async def test_proposals_that_cross_meet_at_the_lower(two):
    """LF-PART-5."""
    federation, grocer, baker = two
    await propose(grocer, baker, "promotion")
    await propose(baker, grocer, "collaboration")
    await exchange(federation, grocer, baker)
    await accept(grocer, standing(grocer, baker).message)
    await accept(baker, standing(baker, grocer).message)

    await exchange(federation, grocer, baker)

    assert says(grocer, baker)[2] == says(baker, grocer)[2] == "collaboration"


async def test_one_steps_down_alone_and_up_with_the_other(two):
    """LF-PART-4, LF-PART-5."""
    federation, grocer, baker = two
    await agree(federation, grocer, baker)

    down = await partnerships.step(
        baker.ports, baker.did, grocer.did, "collaboration", language="en"
    )
    await exchange(federation, grocer, baker)
    assert (down.mine, down.sent) == ("collaboration", None)
    assert says(grocer, baker) == ("promotion", "collaboration", "collaboration")

    up = await partnerships.step(baker.ports, baker.did, grocer.did, "promotion", language="en")
    await exchange(federation, grocer, baker)
    assert (up.mine, up.sent) == ("promotion", None)  # the grocer never went less far
    assert says(grocer, baker)[2] == "promotion"

    further = await partnerships.step(
        baker.ports, baker.did, grocer.did, "integrated", language="en"
    )
    await exchange(federation, grocer, baker)
    assert further.sent == "Proposal"
    assert says(grocer, baker) == ("promotion", "promotion", "promotion")
    await accept(grocer, standing(grocer, baker).message)
    await exchange(federation, grocer, baker)
    assert says(baker, grocer) == ("integrated", "integrated", "integrated")


async def test_either_ends_it_and_it_can_begin_again(two):
    """LF-PART-5."""
    federation, grocer, baker = two
    await agree(federation, grocer, baker)

    done = await partnerships.end(grocer.ports, grocer.did, baker.did)
    await exchange(federation, grocer, baker)

    assert done.mine is None
    assert says(baker, grocer) == ("promotion", None, None)
    with pytest.raises(BadDraft):
        await partnerships.end(grocer.ports, grocer.did, baker.did)

    await propose(baker, grocer)
    await exchange(federation, grocer, baker)
    await accept(grocer, standing(grocer, baker).message)
    await exchange(federation, grocer, baker)
    assert says(baker, grocer) == ("promotion", "promotion", "promotion")


async def test_an_answer_counts_once_and_does_not_undo_a_step_down(two):
    """LF-PART-5: whoever posts the same answer again brings nothing back."""
    federation, grocer, baker = two
    await propose(grocer, baker)
    await exchange(federation, grocer, baker)
    await accept(baker, standing(baker, grocer).message)
    (sent,) = [one for one in baker.store.outbox() if one.body and b'"Accept"' in one.body]
    await exchange(federation, grocer, baker)
    await partnerships.end(grocer.ports, grocer.did, baker.did)

    log = baker.file("/did.jsonl")
    outcome = await inbox.receive(grocer.ports, log + sent.body + b"\n")
    await partnerships.settle(grocer.ports, grocer.did, language="en")

    assert outcome is inbox.Outcome.IGNORED
    assert says(grocer, baker)[0] is None


async def test_an_answer_from_somebody_else_or_to_something_else_publishes_nothing(two):
    """LF-PART-5: only whom it was sent to can accept, and only what was proposed."""
    federation, grocer, baker = two
    miller = await federation.node("miller")
    for one, other in ((miller, grocer), (grocer, miller)):
        await one.follow(other)
        await one.sync(other)
    await propose(grocer, baker)
    (proposal,) = grocer.store.outbox()
    for one, what in ((miller, proposal.digest), (baker, "zQm" + "a" * 44)):
        draft = messages.Draft(type="Accept", language="en", in_reply_to=what)
        await messages.send(one.ports, one.did, grocer.did, draft)

    await exchange(federation, grocer, baker, miller)

    assert says(grocer, baker)[0] is None
    assert says(grocer, miller)[0] is None
    waiting = grocer.store.messages(MessageState.NEW)
    assert {one.type for one in waiting} == {"Accept"}  # a person may look at them


@pytest.mark.parametrize("name", ["did", "base", "host"])
async def test_a_partner_is_somebody_else(two, name):
    _, grocer, _ = two
    with pytest.raises(BadDraft):
        await partnerships.propose(
            grocer.ports, grocer.did, getattr(grocer, name), "guidance", language="en"
        )


async def test_what_cannot_be_is_refused_and_changes_nothing(two):
    federation, grocer, baker = two
    with pytest.raises(UnknownOrganisation):
        await partnerships.propose(
            grocer.ports, grocer.did, "https://nobody.example", "guidance", language="en"
        )
    with pytest.raises(UnknownMessage):
        await accept(grocer, 99)
    with pytest.raises(BadDraft):
        await partnerships.step(grocer.ports, grocer.did, baker.did, "guidance", language="en")
    assert grocer.store.outbox() == []

    await agree(federation, grocer, baker)
    for stage in ("guidance", "promotion"):
        with pytest.raises(BadDraft, match="already"):
            await propose(grocer, baker, stage)
    with pytest.raises(BadDraft, match="already"):
        await partnerships.step(grocer.ports, grocer.did, baker.did, "promotion", language="en")


async def test_a_step_keeps_what_the_half_says_beside_it(two):
    _, grocer, baker = two
    await grocer.publish(
        {
            "type": "Partnership",
            "partner": baker.did,
            "stage": "promotion",
            "roles": ["mentor"],
            "promotes": True,
            "description": "Since the flood",
        }
    )

    await partnerships.step(grocer.ports, grocer.did, baker.did, "collaboration", language="en")

    (half,) = [one for path, one in grocer.live(grocer).items() if path.startswith("p/")]
    for said in (b'"promotes":true', b'"mentor"', b"Since the flood", b'"stage":"collaboration"'):
        assert said in half.body


async def test_a_half_that_expired_says_nothing(two):
    """LF-PART-4."""
    federation, grocer, baker = two
    await agree(federation, grocer, baker)

    federation.clock.advance(days=400)

    assert says(grocer, baker) == (None, None, None)


@pytest.mark.parametrize("how", ["ends it", "goes less far"])
async def test_a_late_answer_binds_nobody_who_has_thought_again(two, how):
    """LF-PART-5."""
    federation, grocer, baker = two
    await agree(federation, grocer, baker, "collaboration")
    await propose(grocer, baker, "integrated")
    await exchange(federation, grocer, baker)
    number = standing(baker, grocer).message

    if how == "ends it":
        await partnerships.end(grocer.ports, grocer.did, baker.did)
    else:
        await partnerships.step(grocer.ports, grocer.did, baker.did, "guidance", language="en")
    await accept(baker, number)
    await exchange(federation, grocer, baker)

    assert says(grocer, baker)[0] == (None if how == "ends it" else "guidance")
    assert standing(grocer, baker).proposed is None


async def test_a_proposal_that_nobody_answered_is_taken_back(two):
    """LF-PART-5: ending what has not begun."""
    federation, grocer, baker = two
    await propose(grocer, baker)
    await exchange(federation, grocer, baker)

    await partnerships.end(grocer.ports, grocer.did, baker.did)

    assert standing(grocer, baker) is None
    with pytest.raises(BadDraft):
        await partnerships.end(grocer.ports, grocer.did, baker.did)


async def test_a_counter_proposal_takes_the_place_of_what_it_answers(two):
    """LF-PART-5."""
    federation, grocer, baker = two
    await propose(grocer, baker, "guidance")
    await exchange(federation, grocer, baker)
    number = standing(baker, grocer).message

    done = await partnerships.counter(
        baker.ports, baker.did, number, "promotion", language="en", text="Why not all the way?"
    )
    await exchange(federation, grocer, baker)

    assert done.sent == "Proposal"
    assert (standing(baker, grocer).asked, standing(baker, grocer).proposed) == (None, "promotion")
    row = standing(grocer, baker)
    assert (row.proposed, row.asked, row.is_counter) == (None, "promotion", True)
    with pytest.raises(UnknownMessage):
        await accept(baker, number)

    await accept(grocer, row.message)
    await exchange(federation, grocer, baker)
    assert says(baker, grocer) == ("promotion", "promotion", "promotion")


async def test_a_counter_proposal_is_something_else_than_what_was_proposed(two):
    federation, grocer, baker = two
    await propose(grocer, baker, "guidance")
    await exchange(federation, grocer, baker)
    number = standing(baker, grocer).message

    with pytest.raises(BadDraft, match="accept it"):
        await partnerships.counter(baker.ports, baker.did, number, "guidance", language="en")
    with pytest.raises(UnknownMessage):
        await partnerships.counter(baker.ports, baker.did, 99, "promotion", language="en")

    assert standing(baker, grocer).asked == "guidance"


async def test_somebody_elses_counter_answers_nothing(two):
    """LF-PART-5."""
    federation, grocer, baker = two
    miller = await federation.node("miller")
    for one, other in ((miller, grocer), (grocer, miller)):
        await one.follow(other)
        await one.sync(other)
    await propose(grocer, baker)
    (proposal,) = grocer.store.outbox()
    draft = messages.Draft(
        type="Proposal", language="en", stage="guidance", in_reply_to=proposal.digest
    )
    await messages.send(miller.ports, miller.did, grocer.did, draft)

    await exchange(federation, grocer, baker, miller)

    assert standing(grocer, baker).proposed == "promotion"
    assert standing(grocer, miller).asked == "guidance"
