"""Mutual promotion: each shows the other because the other shows it; when it lapses, both operators are told.

Spec: 05-documents (LF-PART-6).
"""

from __future__ import annotations

import pytest

from localfed.app import halves, notices
from localfed.app.own_halves import Part
from localfed.protocol.errors import UnknownNotice
from stories.partners import (
    accept,
    agree,
    end,
    exchange,
    known_to_each_other,
    look_again,
    propose,
    read_each_other,
    standing,
    step,
    unfollow,
)


@pytest.fixture
async def two(federation):
    grocer, baker = await known_to_each_other(federation, "grocer", "baker")
    return federation, grocer, baker


def promoted(node):
    found = halves.in_force_of(node.store, node.did, node.clock.now())
    return [one.partner for one in found if one.is_promotion]


def told(node):
    return [(one.kind, one.about, one.text) for one in notices.unseen(node.store, node.did)]


async def test_who_agrees_on_promotion_shows_the_other(two):
    """LF-PART-6."""
    federation, grocer, baker = two

    await agree(federation, grocer, baker)

    assert promoted(grocer) == [baker.did]
    assert promoted(baker) == [grocer.did]
    assert standing(grocer, baker).promotes


@pytest.mark.parametrize("who", ["proposes", "accepts"])
async def test_it_takes_both(two, who):
    """LF-PART-6: in force at promotion, and one does not show the other."""
    federation, grocer, baker = two
    quiet, plain = Part(promotes=False), Part()
    await propose(grocer, baker, part=quiet if who == "proposes" else plain)
    await exchange(federation, grocer, baker)
    number = standing(baker, grocer).message
    await accept(baker, number, part=quiet if who == "accepts" else plain)
    await exchange(federation, grocer, baker)

    row = standing(grocer, baker)
    assert (row.in_force, row.promotes) == ("promotion", False)
    assert promoted(grocer) == promoted(baker) == []


async def test_less_than_promotion_shows_nobody_whatever_the_halves_say(two):
    """LF-PART-6."""
    _, grocer, baker = two
    for one, other in ((grocer, baker), (baker, grocer)):
        half = {"type": "Partnership", "partner": other.did, "promotes": True}
        await one.publish({**half, "stage": "collaboration" if one is grocer else "integrated"})
    await read_each_other(grocer, baker)

    assert promoted(grocer) == promoted(baker) == []


@pytest.mark.parametrize(
    "how, at_grocer, at_baker",
    [
        ("ends", "you ended", "they ended"),
        ("steps down", "you went back to guidance", "they went back to guidance"),
        ("shows no more", "you no longer show them", "they no longer show you"),
    ],
)
async def test_a_lapse_is_told_to_both(two, how, at_grocer, at_baker):
    """LF-PART-6."""
    federation, grocer, baker = two
    await agree(federation, grocer, baker)
    await look_again(grocer, baker)
    assert told(grocer) == told(baker) == []

    if how == "ends":
        await end(grocer, baker)
    elif how == "steps down":
        await step(grocer, baker, "guidance")
    else:
        await step(grocer, baker, "promotion", part=Part(promotes=False))
    await exchange(federation, grocer, baker)
    await look_again(grocer, baker)
    await look_again(grocer, baker)

    for node, other, words in ((grocer, baker, at_grocer), (baker, grocer, at_baker)):
        ((kind, about, text),) = told(node)
        assert (kind, about) == ("promotion-lapsed", other.did)
        assert words in text
        assert other.host in text


async def test_silence_ends_it_after_a_fortnight_and_is_told(two):
    """LF-PART-4, LF-PART-6, LF-READ-12: until then it is not confirmed."""
    federation, grocer, baker = two
    await agree(federation, grocer, baker)
    await look_again(baker)

    federation.clock.advance(days=16)
    await baker.publish({"type": "Offer", "name": "Rolls"})
    await look_again(baker)
    assert promoted(baker) == [grocer.did]
    assert standing(baker, grocer).unconfirmed_since is not None
    assert told(baker) == []

    federation.clock.advance(days=13)
    await baker.publish({"type": "Offer", "name": "Buns"})
    await look_again(baker)

    assert promoted(baker) == []
    assert standing(baker, grocer).in_force is None
    assert "two weeks" in told(baker)[0][2]


async def test_unfollowing_a_partner_is_a_lapse_too(two):
    federation, grocer, baker = two
    await agree(federation, grocer, baker)
    await look_again(grocer)

    await unfollow(grocer, baker)
    await look_again(grocer)

    assert promoted(grocer) == []
    assert "takes nothing from them" in told(grocer)[0][2]


async def test_a_notice_goes_when_a_person_saw_it_or_it_is_over(two):
    federation, grocer, baker = two
    await agree(federation, grocer, baker)
    await look_again(grocer)
    await step(grocer, baker, "guidance")
    await look_again(grocer)
    (notice,) = notices.unseen(grocer.store)

    await notices.mark_seen(grocer.ports, notice.number)

    assert notices.unseen(grocer.store) == []
    assert len(grocer.store.notices()) == 1
    for number, did in ((notice.number + 1, None), (notice.number, baker.did)):
        with pytest.raises(UnknownNotice):
            await notices.mark_seen(grocer.ports, number, did)

    await step(grocer, baker, "promotion")
    await look_again(grocer)
    assert promoted(grocer) == [baker.did]
    assert grocer.store.notices() == []

    await step(grocer, baker, "guidance")
    await look_again(grocer)
    assert len(notices.unseen(grocer.store)) == 1


async def test_a_proposal_says_what_the_half_will_say(two):
    """LF-PART-5."""
    federation, grocer, baker = two
    await propose(grocer, baker, part=Part(roles=("mentor",), promotes=True))
    await exchange(federation, grocer, baker)
    await accept(baker, standing(baker, grocer).message, part=Part(roles=("contributor",)))
    await exchange(federation, grocer, baker)

    row = standing(grocer, baker)
    assert (row.my_roles, row.their_roles, row.promotes) == (("mentor",), ("contributor",), True)
