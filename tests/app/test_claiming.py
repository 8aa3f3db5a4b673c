"""Claiming a listed record, and telling who lists it. Whether a claim holds is in test_folding."""

from __future__ import annotations

import msgspec
import pytest

from app.makers import host_another
from localfed.app import claim_notices, claiming, listings, search
from localfed.protocol import limits
from localfed.protocol.errors import BadDraft, UnknownDocument

STALL = {"type": "Organization", "listed": True, "name": "Green Veg Stall"}


@pytest.fixture
async def node(federation):
    """A node of growers, who have a record of their own, and of a lister."""
    node = await federation.node("growers")
    await node.publish({"type": "Organization", "name": "Growers", "description": "We grow"})
    node.lister = await host_another(node, "https://lister.example", "Lister")
    return node


async def publish_as(node, did, draft):
    data = msgspec.json.encode(draft)
    return (await listings.publish_draft(node.ports, did, data, language="en")).id


def own_of(node):
    return msgspec.json.decode(node.store.document(node.did, "org.json").body)


def told(node):
    return [one for one in node.store.notices() if one.kind == claim_notices.KIND]


async def test_a_claim_is_one_member_more_of_the_own_record(node):
    """LF-ORG-5. When a person last looked at all of it stays as it was."""
    stall = await publish_as(node, node.lister, STALL | {"claimedBy": node.did})
    before = own_of(node)
    node.clock.advance(hours=1)

    done = await claiming.claim(node.ports, node.did, stall)

    own = own_of(node)
    assert (done.id, done.is_claimed, done.holds, done.lister) == (
        stall,
        True,
        True,
        "lister.example",
    )
    assert own["claims"] == [stall]
    assert own["revision"] > before["revision"]
    changed = {"claims", "revision", "updated", "expires", "proof"}
    assert {name: one for name, one in own.items() if name not in changed} == {
        name: one for name, one in before.items() if name not in changed
    }


async def test_a_claim_that_the_listed_record_does_not_answer_holds_not(node):
    stall = await publish_as(node, node.lister, STALL)

    done = await claiming.claim(node.ports, node.did, stall)

    assert done.is_claimed
    assert not done.holds


async def test_a_claim_taken_back_is_gone_also_when_the_record_is(node):
    stall = await publish_as(node, node.lister, STALL | {"claimedBy": node.did})
    await claiming.claim(node.ports, node.did, stall)
    await listings.withdraw(node.ports, node.lister, stall)

    done = await claiming.withdraw_claim(node.ports, node.did, stall)

    assert not done.is_claimed
    assert not own_of(node).get("claims")


async def test_what_cannot_be_claimed_is_refused_and_nothing_changes(node):
    mine = await publish_as(node, node.did, STALL)
    offer = await publish_as(node, node.lister, {"type": "Offer", "name": "Veg"})
    before = own_of(node)

    for document_id in (mine, offer, f"{node.lister}/org.json", f"{node.did}/org.json"):
        with pytest.raises(BadDraft):
            await claiming.claim(node.ports, node.did, document_id)
    for document_id in ("stall", f"{node.lister}/d/gone.json"):
        with pytest.raises(UnknownDocument, match="localfed sync"):
            await claiming.claim(node.ports, node.did, document_id)
    with pytest.raises(BadDraft, match="does not claim"):
        await claiming.withdraw_claim(node.ports, node.did, mine)

    assert own_of(node) == before


async def test_twice_and_too_many_are_refused(node):
    stall = await publish_as(node, node.lister, STALL)
    await claiming.claim(node.ports, node.did, stall)

    with pytest.raises(BadDraft, match="already"):
        await claiming.claim(node.ports, node.did, stall)
    many = [f"{node.lister}/d/{number:026}.json" for number in range(limits.CATEGORIES)]
    await node.publish({"type": "Organization", "name": "Growers", "claims": many})
    with pytest.raises(BadDraft, match="at most"):
        await claiming.claim(node.ports, node.did, stall)


async def test_a_record_that_nobody_looked_at_for_too_long_has_to_be_published_anew(node):
    stall = await publish_as(node, node.lister, STALL)
    node.clock.advance(days=limits.ASSURED_DAYS + 1)
    stall = await publish_as(node, node.lister, STALL)

    with pytest.raises(BadDraft, match="anew"):
        await claiming.claim(node.ports, node.did, stall)


# --- telling the lister ----------------------------------------------------------------------


async def test_a_lister_is_told_once_of_a_claim_that_holds_and_not_when_it_holds_no_longer(node):
    stall = await publish_as(node, node.lister, STALL | {"claimedBy": node.did})
    await claiming.claim(node.ports, node.did, stall)

    assert await claim_notices.refresh(node.ports) == 1
    assert await claim_notices.refresh(node.ports) == 1

    [notice] = told(node)
    assert (notice.did, notice.about) == (node.lister, stall)
    assert "growers.example" in notice.text
    assert "Green Veg Stall" in notice.text
    await claiming.withdraw_claim(node.ports, node.did, stall)
    assert await claim_notices.refresh(node.ports) == 0
    assert told(node) == []


async def test_a_lister_is_not_told_of_a_claim_of_one_side(node):
    stall = await publish_as(node, node.lister, STALL)
    await claiming.claim(node.ports, node.did, stall)

    assert await claim_notices.refresh(node.ports) == 0


async def test_a_lister_is_told_of_a_claim_on_another_node(federation):
    ours, theirs = await federation.node("ours"), await federation.node("theirs")
    stall = await ours.publish(STALL | {"url": theirs.base})
    await theirs.follow(ours)
    await theirs.sync(ours)
    await theirs.publish({"type": "Organization", "name": "Growers"})

    assert (await claiming.claim(theirs.ports, theirs.did, stall)).holds
    assert await claim_notices.refresh(theirs.ports) == 0  # no lister is there
    await ours.follow(theirs)
    await ours.sync(theirs)

    assert await claim_notices.refresh(ours.ports) == 1
    [found] = (await found_at(ours, "stall")).results
    assert found.document.did == theirs.did


async def found_at(node, words):
    await search.catch_up(node.ports)
    return search.find(node.ports, search.read_query(q=words, now=node.clock.now()))
