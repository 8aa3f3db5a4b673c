"""Joint offers between nodes: a lead names contributors, each says so itself, a seeker sees one offer.

Spec: 05-documents (LF-JOINT). Messages and feeds go over the fake network; everything else is real.
"""

from __future__ import annotations

import pytest

from localfed.app import joining, joint
from localfed.protocol.did import parse_did
from localfed.protocol.errors import BadDraft, Rejected, UnknownDocument
from stories.partners import agree, end, known_to_each_other, look_again, unfollow

HAMPER = {"type": "Offer", "name": "Sunday hamper", "description": "Delivered before ten."}


@pytest.fixture
async def three(federation):
    """A grocer who leads, a baker who delivers the bread, and a reader who follows both."""
    grocer, baker = await known_to_each_other(federation, "grocer", "baker")
    reader = await federation.node("reader")
    for one in (grocer, baker):
        await reader.follow(one)
        await reader.sync(one)
    await agree(federation, grocer, baker, "integrated")
    return federation, grocer, baker, reader


async def lead_offers(grocer, *contributors, **members):
    offer = await grocer.publish({**HAMPER, "contributors": list(contributors), **members})
    for node in grocer.federation.all:
        if node.store.publisher(grocer.did) and node is not grocer:
            await node.sync(grocer)
    return offer


async def read(reader, *nodes):
    reader.clock.advance(minutes=20)
    for node in nodes:
        await reader.sync(node)
        for other in nodes:
            if other is not node:
                await node.sync(other)


def parts(node, offer):
    """Hosts of those who are shown in an offer at a node, with what they deliver."""
    now = node.clock.now()
    found = joint.live_offer(node.store, offer, now)
    assert found is not None
    return {
        one.publisher.host: (one.contributor.delivers or {}).get("en")
        for one in joint.parts_of(node.store, found[1], now)
    }


async def join(node, offer):
    return await joining.join(node.ports, node.did, offer, language="en")


async def leave(node, offer):
    return await joining.leave(node.ports, node.did, offer, language="en")


async def test_a_contributor_is_shown_once_both_say_so(three):
    """LF-JOINT-1, LF-JOINT-3."""
    _, grocer, baker, reader = three
    offer = await lead_offers(grocer, {"organisation": "baker.example", "delivers": "The bread"})
    await read(reader, grocer, baker)
    assert parts(reader, offer) == {}
    assert parts(grocer, offer) == {}

    done = await join(baker, offer)
    await read(reader, grocer, baker)

    assert (done.is_in, done.is_named, done.lead) == (True, True, grocer.did)
    for node in (grocer, baker, reader):
        assert parts(node, offer) == {"baker.example": "The bread"}


async def test_who_leaves_is_gone_by_its_own_word(three):
    """LF-JOINT-3: the lead need do nothing, and the offer stays."""
    _, grocer, baker, reader = three
    offer = await lead_offers(grocer, baker.did)
    await join(baker, offer)
    await read(reader, grocer, baker)

    done = await leave(baker, offer)
    assert parts(baker, offer) == {}  # at once, where it says so
    await read(reader, grocer, baker)

    assert (done.is_in, done.is_named) == (False, True)
    assert parts(reader, offer) == parts(grocer, offer) == {}


@pytest.mark.parametrize(
    "how", ["ends the partnership", "expires", "falls silent", "is unfollowed"]
)
async def test_a_contributor_counts_only_while_its_half_does(three, how):
    """LF-JOINT-3."""
    federation, grocer, baker, reader = three
    offer = await lead_offers(grocer, baker.did)
    await join(baker, offer)
    await read(reader, grocer, baker)
    assert parts(reader, offer) == {"baker.example": None}

    if how == "ends the partnership":
        await end(baker, grocer)
        await read(reader, grocer, baker)
    elif how == "expires":
        half = next(one for path, one in reader.live(baker).items() if path.startswith("p/"))
        federation.clock.advance(days=179)
        await grocer.publish({"id": offer, **HAMPER, "contributors": [baker.did]})
        federation.clock.advance(days=2)
        assert half.expires <= "2026-11-01"
        await read(reader, grocer)
    elif how == "falls silent":
        federation.clock.advance(days=40)
        await grocer.publish({"id": offer, **HAMPER, "contributors": [baker.did]})
        await read(reader, grocer)
    else:
        await unfollow(reader, baker)

    assert parts(reader, offer) == {}


async def test_a_lead_alone_adds_nobody(three):
    """LF-JOINT-3: neither does a contributor that the lead does not name, nor another offer."""
    _, grocer, baker, reader = three
    named, other = await lead_offers(grocer, baker.did), await lead_offers(grocer)

    done = await join(baker, other)
    await read(reader, grocer, baker)

    assert not done.is_named
    assert parts(reader, named) == parts(reader, other) == {}


async def test_what_cannot_be_joined_is_refused_and_changes_nothing(three):
    _, grocer, baker, reader = three
    offer = await lead_offers(grocer, baker.did)
    own = await baker.publish({"type": "Offer", "name": "Bread"})
    need = await grocer.publish({"type": "Need", "name": "A van"})
    await read(reader, grocer, baker)
    halves = {path: one.digest for path, one in baker.live(baker).items() if path[0] == "p"}

    for document, error in (
        (own, BadDraft),
        (need, UnknownDocument),
        ("nonsense", UnknownDocument),
        (f"{grocer.did}/d/{'a' * 26}.json", UnknownDocument),
    ):
        with pytest.raises(error):
            await join(baker, document)
    with pytest.raises(BadDraft, match="partnership"):
        await join(reader, offer)
    with pytest.raises(BadDraft):
        await leave(baker, offer)

    assert halves == {path: one.digest for path, one in baker.live(baker).items() if path[0] == "p"}
    await join(baker, offer)
    with pytest.raises(BadDraft, match="already"):
        await join(baker, offer)


@pytest.mark.parametrize(
    "contributors",
    [["grocer.example"], ["baker.example", "https://baker.example/"], ["nobody.example"]],
)
async def test_a_lead_cannot_name_itself_anybody_twice_or_somebody_unknown(three, contributors):
    """LF-JOINT-2."""
    _, grocer, _, _ = three
    before = set(grocer.live(grocer))

    with pytest.raises((BadDraft, Rejected)):
        await lead_offers(grocer, *contributors)

    assert set(grocer.live(grocer)) == before


async def test_search_finds_an_offer_under_each_contributor(three):
    """LF-JOINT-5: by name and place, and no longer once it left."""
    _, grocer, baker, reader = three
    await baker.publish(
        {
            "type": "Organization",
            "name": "Rosewell Bakehouse",
            "location": {"latitude": "54.6", "longitude": "-2.3"},
        }
    )
    offer = await lead_offers(grocer, baker.did)
    await read(reader, grocer, baker)
    assert "Sunday hamper" not in await reader.names("Rosewell", kind="offer")

    await join(baker, offer)
    await read(reader, grocer, baker)
    await look_again(reader)

    assert await reader.names("Rosewell", kind="offer") == ["Sunday hamper"]

    await leave(baker, offer)
    await read(reader, grocer, baker)
    await look_again(reader)

    assert await reader.names("Rosewell", kind="offer") == []
    assert await reader.names("hamper") == ["Sunday hamper"]


async def test_search_finds_an_offer_under_its_lead_and_by_what_is_delivered(three):
    """LF-JOINT-5: of those contributors that count; without any it is an offer like others."""
    _, grocer, baker, reader = three
    offer = await lead_offers(grocer, {"organisation": baker.did, "delivers": "Soda farls"})
    await read(reader, grocer, baker)
    assert await reader.names("grocer", kind="offer") == []
    assert await reader.names("farls") == []

    await join(baker, offer)
    await read(reader, grocer, baker)
    await look_again(reader)

    assert await reader.names("grocer", kind="offer") == ["Sunday hamper"]
    assert await reader.names("farls") == ["Sunday hamper"]

    await leave(baker, offer)
    await read(reader, grocer, baker)
    await look_again(reader)

    assert await reader.names("grocer", kind="offer") == []
    assert await reader.names("farls") == []


async def test_a_search_among_what_one_organisation_does_finds_it_under_each(three):
    """LF-JOINT-3, LF-JOINT-5."""
    _, grocer, baker, reader = three
    offer = await lead_offers(grocer, baker.did)
    await read(reader, grocer, baker)
    whose = {one: parse_did(one.did).scid for one in (grocer, baker, reader)}

    async def found_under(node):
        return await reader.names(kind="offer", organisation=whose[node])

    assert await found_under(baker) == []

    await join(baker, offer)
    await read(reader, grocer, baker)
    await look_again(reader)

    assert await found_under(grocer) == await found_under(baker) == ["Sunday hamper"]
    assert await found_under(reader) == []

    await leave(baker, offer)
    await read(reader, grocer, baker)
    await look_again(reader)

    assert await found_under(grocer) == ["Sunday hamper"]
    assert await found_under(baker) == []


async def test_who_joins_at_once_reads_the_lead_by_itself(three):
    """LF-JOINT-3: what was published a moment ago, or names us since then, need not be polled before."""
    federation, grocer, baker, _ = three
    offer = await grocer.publish({**HAMPER, "contributors": [baker.did]})

    assert (await join(baker, offer)).is_named

    later = await lead_offers(grocer)
    await grocer.publish({**HAMPER, "id": later, "contributors": [baker.did]})
    federation.clock.advance(minutes=2)
    assert (await join(baker, later)).is_named


async def test_a_lead_that_cannot_be_read_is_told_so(three):
    federation, grocer, baker, _ = three
    offer = await grocer.publish({**HAMPER, "contributors": [baker.did]})
    federation.network.down.add(grocer.host)

    with pytest.raises(UnknownDocument, match="could not be read"):
        await join(baker, offer)
