"""Noticing what has changed between organisations: cheap where nothing has, bounded whatever is claimed."""

from __future__ import annotations

import pytest

from federation import Federation
from localfed.app import lapses, search
from stories.partners import known_to_each_other, read_each_other


@pytest.fixture
async def two(tmp_path):
    federation = Federation(tmp_path)
    yield federation, *await known_to_each_other(federation, "grocer", "baker")
    federation.close()


async def test_nothing_is_written_where_nothing_has_changed(two):
    _, grocer, _ = two
    await lapses.refresh(grocer.ports)
    fact = grocer.store.fact("lapses")

    await grocer.publish({"type": "Offer", "name": "Jam"})
    assert await lapses.refresh(grocer.ports) == lapses.Changes()

    assert grocer.store.fact("lapses") == fact


async def test_what_another_version_remembered_is_no_fault(two):
    _, grocer, _ = two
    await grocer.store.write(lambda tx: tx.save_fact("lapses", "1 2 3"))

    assert await lapses.refresh(grocer.ports) == lapses.Changes()


async def test_a_contributor_under_another_name_is_found_under_it(two):
    """LF-JOINT-5."""
    _, grocer, baker = two
    offer = await grocer.publish(
        {"type": "Offer", "name": "Hamper", "contributors": ["baker.example"]}
    )
    half = {"type": "Partnership", "partner": grocer.did, "stage": "guidance"}
    await baker.publish({**half, "jointOffers": [offer]})
    await read_each_other(grocer, baker)
    await lapses.refresh(grocer.ports)
    await search.catch_up(grocer.ports)
    assert await grocer.names("Rosewell", kind="offer") == []

    await baker.publish({"type": "Organization", "name": "Rosewell"})
    grocer.clock.advance(minutes=20)
    await grocer.sync(baker)
    assert (await lapses.refresh(grocer.ports)).touched == 1

    assert await grocer.names("Rosewell", kind="offer") == ["Hamper"]


async def test_a_lead_under_another_name_is_found_under_it(two):
    """LF-JOINT-5."""
    _, grocer, baker = two
    offer = await grocer.publish(
        {"type": "Offer", "name": "Hamper", "contributors": ["baker.example"]}
    )
    half = {"type": "Partnership", "partner": grocer.did, "stage": "guidance"}
    await baker.publish({**half, "jointOffers": [offer]})
    await read_each_other(grocer, baker)
    await lapses.refresh(grocer.ports)
    assert await grocer.names("Greengage", kind="offer") == []

    await grocer.publish({"type": "Organization", "name": "Greengage"})
    assert (await lapses.refresh(grocer.ports)).touched == 1

    assert await grocer.names("Greengage", kind="offer") == ["Hamper"]


async def test_a_lead_whose_offer_a_stranger_alone_names_is_not_looked_at_again(two):
    """LF-JOINT-5: strangers cause no work."""
    _, grocer, baker = two
    offer = await grocer.publish(
        {"type": "Offer", "name": "Hamper", "contributors": [f"did:webvh:Qm{'2' * 44}:a.example"]}
    )
    half = {"type": "Partnership", "partner": grocer.did, "stage": "guidance"}
    await baker.publish({**half, "jointOffers": [offer]})
    await read_each_other(grocer, baker)
    assert (await lapses.refresh(grocer.ports)).touched == 0

    await grocer.publish({"type": "Organization", "name": "Greengage"})

    assert (await lapses.refresh(grocer.ports)).touched == 0


async def test_an_offer_that_comes_after_the_half_loses_its_contributor_all_the_same(two):
    """LF-JOINT-3, LF-JOINT-5."""
    federation, grocer, baker = two
    reader = await federation.node("reader")
    offer = await grocer.publish(
        {"type": "Offer", "name": "Hamper", "contributors": ["baker.example"]}
    )
    half = {"type": "Partnership", "partner": grocer.did, "stage": "guidance"}
    await baker.publish({**half, "jointOffers": [offer]})
    for one in (baker, grocer):
        await reader.follow(one)
    await reader.sync(baker)
    await lapses.refresh(reader.ports)
    await reader.sync(grocer)
    assert await reader.names("baker", kind="offer") == ["Hamper"]

    await baker.publish(half)
    federation.clock.advance(minutes=20)
    await reader.sync(baker)
    await lapses.refresh(reader.ports)

    assert await reader.names("baker", kind="offer") == []


async def test_one_that_claims_very_much_is_remembered_in_part(two, monkeypatch):
    monkeypatch.setattr(lapses, "_OF_ONE", 3)
    _, grocer, baker = two
    offers = [f"{grocer.did}/d/{letter * 26}.json" for letter in "abcdefgh"]
    half = {"type": "Partnership", "partner": grocer.did, "stage": "guidance"}
    await baker.publish({**half, "jointOffers": offers})
    await read_each_other(grocer, baker)

    await lapses.refresh(grocer.ports)

    assert sum(offer in (grocer.store.fact("lapses") or "") for offer in offers) == 3
