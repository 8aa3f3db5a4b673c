"""Steps back: who goes less far need not ask, and the operator of the other side is told, with what to do about it.

Spec: 05-documents (LF-PART-3, LF-JOINT-3).
"""

from __future__ import annotations

import pytest

from app.makers import host_another
from localfed.app import joining, moderation, notices, partnerships, tidying
from localfed.app.values import BlockKind
from localfed.protocol.errors import UnknownOrganisation
from localfed.protocol.partnership import half_path
from stories.partners import (
    agree,
    end,
    known_to_each_other,
    look_again,
    read_each_other,
    step,
)


@pytest.fixture
async def two(federation):
    grocer, baker = await known_to_each_other(federation, "grocer", "baker")
    await agree(federation, grocer, baker, "collaboration")
    await look_again(grocer, baker)
    return federation, grocer, baker


async def read(federation, *nodes):
    federation.clock.advance(minutes=20)
    await read_each_other(*nodes)
    await look_again(*nodes)


def told(node):
    return [(one.kind, one.about, one.text) for one in notices.unseen(node.store, node.did)]


async def test_who_is_left_behind_by_a_step_is_told_from_what_to_what_and_what_to_do(two):
    federation, grocer, baker = two
    assert told(grocer) == told(baker) == []

    await step(baker, grocer, "guidance")
    await read(federation, grocer, baker)

    ((kind, about, text),) = told(grocer)
    assert (kind, about) == ("partner-stepped-back", baker.did)
    assert text == (
        "Baker (baker.example) went back from collaboration to guidance; your half still says "
        "collaboration: localfed partner step baker.example --stage guidance"
    )
    assert told(baker) == []

    await step(grocer, baker, "guidance")
    await read(federation, grocer, baker)
    assert told(grocer) == told(baker) == []


async def test_who_went_less_far_before_is_told_nothing_when_the_other_follows(two):
    federation, grocer, baker = two
    await step(grocer, baker, "guidance")
    await read(federation, grocer, baker)

    await step(baker, grocer, "guidance")
    await read(federation, grocer, baker)

    assert told(grocer) == []


@pytest.mark.parametrize("by", ["grocer", "baker"])
async def test_an_end_is_told_to_the_other_side_whoever_ends_it(two, by):
    federation, grocer, baker = two
    one, other = (grocer, baker) if by == "grocer" else (baker, grocer)

    await end(one, other)
    await read(federation, grocer, baker)

    ((kind, about, text),) = told(other)
    assert (kind, about) == ("partner-stepped-back", one.did)
    assert "it said collaboration, and says nothing now" in text
    assert text.endswith(f"; your half still says collaboration: localfed partner end {one.host}")
    assert told(one) == []

    await end(other, one)
    await read(federation, grocer, baker)
    assert told(other) == told(one) == []


async def test_one_that_goes_as_far_again_is_no_news_any_more(two):
    federation, grocer, baker = two
    await step(baker, grocer, "guidance")
    await read(federation, grocer, baker)
    assert len(told(grocer)) == 1

    await step(baker, grocer, "collaboration")
    await read(federation, grocer, baker)

    assert told(grocer) == []


async def test_a_lapse_of_promotion_says_what_to_do_and_is_told_once(federation):
    """LF-PART-6."""
    grocer, baker = await known_to_each_other(federation, "grocer", "baker")
    await agree(federation, grocer, baker, "promotion")
    await look_again(grocer, baker)

    await step(baker, grocer, "collaboration")
    await read(federation, grocer, baker)

    ((kind, _, text),) = told(grocer)
    assert kind == "promotion-lapsed"
    assert text.endswith(
        "they went back to collaboration; your half still says promotion: "
        "localfed partner step baker.example --stage collaboration"
    )
    ((kind, _, text),) = told(baker)
    assert (kind, "localfed" in text) == ("promotion-lapsed", False)


async def test_silence_is_no_step_back(two):
    federation, grocer, _ = two

    federation.clock.advance(days=16)
    await look_again(grocer)

    assert told(grocer) == []


async def test_where_several_live_the_command_says_for_which_it_is(two):
    federation, grocer, baker = two
    await host_another(grocer, "https://grocer.example/second/")

    await end(baker, grocer)
    await read(federation, grocer, baker)

    ((_, _, text),) = told(grocer)
    assert text.endswith("localfed partner end baker.example --as https://grocer.example/")


async def test_a_lead_is_told_who_left_its_offer_until_it_names_them_no_more(two):
    """LF-JOINT-3."""
    federation, grocer, baker = two
    hamper = {"type": "Offer", "name": "Hamper"}
    offer = await grocer.publish({**hamper, "contributors": [baker.did]})
    await read(federation, grocer, baker)
    await joining.join(baker.ports, baker.did, offer, language="en")
    await read(federation, grocer, baker)
    assert told(grocer) == []

    await joining.leave(baker.ports, baker.did, offer, language="en")
    await read(federation, grocer, baker)

    ((kind, about, text),) = told(grocer)
    assert (kind, about) == ("contributor-left", baker.did)
    assert text.startswith(f"Baker (baker.example) no longer contributes to 'Hamper' ({offer}), ")
    await read(federation, grocer, baker)
    assert len(told(grocer)) == 1

    await grocer.publish({**hamper, "id": offer})
    federation.clock.advance(hours=1)
    await read(federation, grocer, baker)
    assert told(grocer) == []


async def test_who_never_joined_did_not_leave(two):
    """LF-JOINT-3."""
    federation, grocer, baker = two
    await grocer.publish({"type": "Offer", "name": "Hamper", "contributors": [baker.did]})
    await read(federation, grocer, baker)
    await read(federation, grocer, baker)

    assert told(grocer) == []


async def test_a_blocked_partner_is_reminded_of_until_our_half_is_ended(two):
    federation, grocer, baker = two

    await moderation.block(grocer.ports, BlockKind.ORGANISATION, baker.did)
    await look_again(grocer)

    ((kind, about, text),) = told(grocer)
    assert (kind, about) == ("partner-blocked", baker.did)
    assert text.endswith(f"to end it, localfed partner end {baker.did}")
    assert grocer.live(grocer)[half_path(baker.did)]

    federation.clock.advance(days=8)
    await tidying.tidy(grocer.ports)
    await look_again(grocer)
    assert grocer.store.publisher(baker.did) is None
    assert len(told(grocer)) == 1

    await partnerships.end(grocer.ports, grocer.did, baker.did)
    await look_again(grocer)
    assert told(grocer) == []
    with pytest.raises(UnknownOrganisation):
        await partnerships.end(grocer.ports, grocer.did, baker.did)


async def test_a_block_that_is_taken_back_is_no_reminder_any_more(two):
    _, grocer, baker = two
    await moderation.block(grocer.ports, BlockKind.HOST, "baker.example")
    await look_again(grocer)
    assert [kind for kind, _, _ in told(grocer)] == ["partner-blocked"]

    await moderation.unblock(grocer.ports, BlockKind.HOST, "baker.example")
    await look_again(grocer)

    assert told(grocer) == []
    assert baker.did in {one.did for one in grocer.store.publishers()}
