"""Publishing, changing and withdrawing one document at a time."""

from __future__ import annotations

import pytest

from localfed.app.listings import find_document, own_document
from localfed.protocol.canonical import parse_object
from localfed.protocol.errors import BadDraft, Rejected, UnknownDocument, WrongShape


async def test_a_draft_becomes_a_document_of_its_organisation(federation):
    """LF-WRITE-1."""
    grocer = await federation.node("grocer")

    offer = await grocer.publish({"type": "Offer", "name": "Veg box"})

    document = find_document(grocer.store, offer)
    value = parse_object(document.body)
    assert document.id == offer
    assert offer.startswith(grocer.did + "/d/")
    assert (value["name"], value["issuer"]) == ({"en": "Veg box"}, grocer.did)
    assert value["assured"] == value["updated"] == "2026-05-01T09:00:00Z"


async def test_a_change_keeps_the_id_and_renews_the_persons_word(federation):
    grocer = await federation.node("grocer")
    offer = await grocer.publish({"type": "Offer", "name": "Veg box"})
    first = find_document(grocer.store, offer)
    federation.clock.advance(days=30)

    again = await grocer.publish({"type": "Offer", "id": offer, "name": "Fruit box"})

    document = find_document(grocer.store, offer)
    assert again == offer
    assert document.revision > first.revision
    assert parse_object(document.body)["assured"] == "2026-05-31T09:00:00Z"
    assert len(grocer.live(grocer)) == 2


async def test_an_organisation_without_listed_is_ones_own_record(federation):
    """LF-ORG-2, LF-ORG-3."""
    grocer = await federation.node("grocer")

    own = await grocer.publish({"type": "Organization", "name": "Green Grocer"})
    other = await grocer.publish(
        {
            "type": "Organization",
            "name": "Chapel",
            "listed": True,
            "source": {"name": "Town list"},
        }
    )

    assert own == grocer.did + "/org.json"
    assert other.startswith(grocer.did + "/d/")
    assert len(grocer.live(grocer)) == 2


async def test_a_withdrawn_document_is_gone_and_its_path_is_never_used_again(federation):
    """LF-FEED-2, LF-WRITE-8."""
    grocer = await federation.node("grocer")
    offer = await grocer.publish({"type": "Offer", "name": "Veg box"})
    path = offer.removeprefix(grocer.did + "/")

    await grocer.withdraw(offer)

    assert grocer.file("/" + path) is None
    assert grocer.store.is_retired(grocer.did, path)
    with pytest.raises(UnknownDocument):
        find_document(grocer.store, offer)
    for late in (
        grocer.withdraw(offer),
        grocer.publish({"type": "Offer", "id": offer, "name": "Again"}),
    ):
        with pytest.raises(UnknownDocument, match="withdrawn"):
            await late


async def test_the_own_record_stays(federation):
    grocer = await federation.node("grocer")
    before = grocer.publisher(grocer)

    with pytest.raises(BadDraft):
        await grocer.withdraw(grocer.did + "/org.json")

    assert grocer.publisher(grocer) == before


async def test_a_document_keeps_its_type(federation):
    grocer = await federation.node("grocer")
    offer = await grocer.publish({"type": "Offer", "name": "Veg box"})

    for kind in ("Need", "Organization"):
        with pytest.raises(BadDraft, match="Offer"):
            await grocer.publish({"type": kind, "id": offer, "name": "Other"})
    with pytest.raises(BadDraft):
        await grocer.publish({"type": "Offer", "id": grocer.did + "/org.json", "name": "Other"})


async def test_nobody_changes_or_withdraws_what_another_publishes(federation):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    offer = await grocer.publish({"type": "Offer", "name": "Veg box"})
    await reader.follow(grocer)
    await reader.sync(grocer)

    assert find_document(reader.store, offer).did == grocer.did
    for late in (
        reader.withdraw(offer),
        reader.publish({"type": "Offer", "id": offer, "name": "Mine now"}),
    ):
        with pytest.raises(UnknownDocument, match="another organisation"):
            await late


@pytest.mark.parametrize(
    "document_id",
    ["", "x", "did:web:x/d/a.json", "https://grocer.example/", "/", "did:webvh:x:y", "\x00" * 500],
)
async def test_what_is_no_id_is_no_document(federation, document_id):
    grocer = await federation.node("grocer")

    with pytest.raises(UnknownDocument):
        find_document(grocer.store, document_id)
    with pytest.raises(UnknownDocument):
        own_document(grocer.store, grocer.did, document_id)


async def test_a_document_that_is_still_lacking_is_not_shown(federation):
    """LF-READ-10: listed, but its bytes have not come."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    offer = await grocer.publish({"type": "Offer", "name": "Veg box"})
    federation.network.missing.add(grocer.base + offer.removeprefix(grocer.did + "/"))
    await reader.follow(grocer)
    await reader.sync(grocer)

    with pytest.raises(UnknownDocument):
        find_document(reader.store, offer)


@pytest.mark.parametrize(
    "draft",
    [
        {"type": "Offer", "name": "x", "location": {"latitude": "91", "longitude": "0"}},
        {"type": "Offer", "name": "x" * 301},
        {"type": "Offer", "name": {}},
        {"type": "Organization", "name": "x", "source": {"name": "Town list"}},
        {"type": "Offer", "name": "x", "description": "y" * 10_001},
    ],
)
async def test_a_draft_that_breaks_a_rule_changes_nothing(federation, draft):
    """LF-ORG-4, LF-LIST-1, LF-ACCEPT-4."""
    grocer = await federation.node("grocer")
    before = grocer.publisher(grocer), grocer.store.log_position()

    with pytest.raises((BadDraft, Rejected, WrongShape)):
        await grocer.publish(draft)

    assert (grocer.publisher(grocer), grocer.store.log_position()) == before
