"""Matching: which offers are found for a need on a node, what is folded, and that nothing is nothing."""

from __future__ import annotations

import msgspec
import pytest

from app.makers import host_another
from judged.town import publish_all
from localfed.app import match_notices, reading, search
from localfed.app.matching import compare_all, find_matches, matches_of
from localfed.app.ports import Wording
from localfed.index.meaning import WordVectors
from localfed.protocol.errors import UnknownDocument
from localfed.server.wiring import find_readings, read_lexicon

HERE = [{"latitude": "53.74", "longitude": "-2.01"}]
AWAY = [{"latitude": "51.5", "longitude": "-0.12"}]
NEED = {
    "type": "Need",
    "name": "A hall on Thursdays for our choir",
    "form": "space",
    "category": "music",
    "location": HERE,
}
HALL = {
    "type": "Offer",
    "name": "Chapel hall on Thursdays",
    "description": "A hall with a piano, good for a choir.",
    "form": "space",
    "category": "music",
    "location": HERE,
}
OTHERS = [
    {"type": "Offer", "name": "Sourdough loaves", "form": "goods", "location": HERE},
    {"type": "Offer", "name": "Bookkeeping lessons", "form": "skill", "online": True},
]


@pytest.fixture
async def town(federation):
    node = await federation.node("choir")
    chapel = await host_another(node, "https://chapel.example", "Chapel")
    return node, chapel


async def publish(node, did, *drafts):
    ids = await publish_all(node, did, list(drafts))
    await search.catch_up(node.ports)
    return ids


async def test_a_need_finds_the_offer_that_meets_it_and_the_offer_the_need(town):
    node, chapel = town
    [need] = await publish(node, node.did, NEED)
    [hall, *_] = await publish(node, chapel, HALL, *OTHERS)

    [match] = find_matches(node.ports, need)
    [back] = find_matches(node.ports, hall)

    assert (match.need, match.offer, match.is_confident) == (need, hall, True)
    assert (back.need, back.offer, back.score) == (need, hall, match.score)
    assert {one.of for one in match.why} >= {"words", "category", "form", "distance"}
    assert match.km == 0


async def test_nothing_rather_than_nonsense(town):
    node, chapel = town
    [need] = await publish(node, node.did, NEED)
    await publish(node, chapel, *OTHERS, HALL | {"location": AWAY})

    assert find_matches(node.ports, need) == ()


async def test_what_is_about_the_same_is_compared_though_it_shares_no_word_and_others_are_nearer(
    town,
):
    node, chapel = town
    [need] = await publish(node, node.did, NEED)
    crowd = [
        {"type": "Offer", "name": f"Sourdough loaf {number}", "location": HERE}
        for number in range(40)
    ]
    drums = {
        "type": "Offer",
        "name": "Drum kit",
        "category": "music",
        "location": [{"latitude": "53.80", "longitude": "-2.01"}],
    }
    [*_, kit] = await publish(node, chapel, *crowd, drums)

    assert kit in {one.offer for one in compare_all(node.ports, need)}


async def test_what_names_no_place_is_compared_with_what_is_about_the_same_anywhere(town):
    node, chapel = town
    placeless = {"type": "Need", "name": "Rhythm", "category": "music", "online": True}
    [need] = await publish(node, node.did, placeless)
    [lesson] = await publish(
        node, chapel, {"type": "Offer", "name": "Drums", "category": "music", "online": True}
    )

    assert [one.offer for one in compare_all(node.ports, need)] == [lesson]


async def test_near_duplicates_are_folded_into_one(town):
    node, chapel = town
    [need] = await publish(node, node.did, NEED)
    halls = await publish(node, chapel, HALL, HALL, HALL | {"name": "Chapel hall, Thursdays"})

    [match] = find_matches(node.ports, need)

    assert {match.offer, *match.alike} == set(halls)


async def test_ones_own_offers_are_no_match(town):
    node, _ = town
    [need, _] = await publish(node, node.did, NEED, HALL)

    assert find_matches(node.ports, need) == ()


async def test_what_has_ended_is_no_match(town, federation):
    node, chapel = town
    [need] = await publish(node, node.did, NEED)
    await publish(node, chapel, HALL | {"validUntil": "2026-05-03T00:00:00Z"})
    assert len(find_matches(node.ports, need)) == 1

    federation.clock.advance(days=2)

    assert find_matches(node.ports, need) == ()


async def test_all_needs_and_offers_of_an_organisation_are_asked_for_at_once(town):
    node, chapel = town
    [need] = await publish(node, node.did, NEED)
    await publish(node, chapel, HALL, *OTHERS)

    assert [one.need for one in matches_of(node.ports, node.did)] == [need]
    assert [one.need for one in matches_of(node.ports, chapel)] == [need]


@pytest.mark.parametrize("document_id", ["x", "", "did:webvh:x/d/y.json"])
async def test_what_is_no_listing_here_is_an_error(town, document_id):
    node, _ = town

    with pytest.raises(UnknownDocument):
        find_matches(node.ports, document_id)
    with pytest.raises(UnknownDocument):
        find_matches(node.ports, f"{node.did}/org.json")


def said(*words):
    return Wording(words=[(word, word, 1.0) for word in words], subjects={})


async def test_the_table_of_words_knows_what_is_alike():
    found = WordVectors.find(read_lexicon().labels)

    [[alike, other, nothing]] = found.likenesses(
        [said("car")], [said("vehicle"), said("sourdough"), said()]
    )

    assert alike.of_both > other.of_both + 0.1
    assert nothing.of_both == 0
    assert alike.of_need == other.of_need == nothing.of_need


async def test_sentences_are_compared_once_all_that_could_meet_a_need_were_read(town):
    node, chapel = town
    readings = find_readings(node.folder)
    ports = msgspec.structs.replace(node.ports, meaning=readings, reading=readings)
    progress = reading.Progress(ports)
    [need] = await publish(node, node.did, NEED)
    await publish(node, chapel, HALL, *OTHERS)

    def are_read():
        return {one.fit.features.is_read for one in compare_all(ports, need)}

    assert are_read() == {False}
    await progress.catch_up(rest=0)
    assert are_read() == {True}
    [match] = find_matches(ports, need)
    assert match.is_confident

    await publish(node, chapel, HALL | {"name": "Another hall on Thursdays"})
    assert are_read() == {False}
    await progress.catch_up(rest=0)
    assert are_read() == {True}


async def test_an_operator_is_told_of_what_is_likely_once_and_no_longer_than_it_fits(town):
    node, chapel = town
    [need] = await publish(node, node.did, NEED)
    [hall] = await publish(node, chapel, HALL)

    assert await match_notices.refresh(node.ports, node.did) == 1
    assert await match_notices.refresh(node.ports, node.did) == 0
    [told] = node.store.notices()
    assert (told.kind, told.did, told.about, told.seen) == ("match", node.did, hall, None)
    assert "you need 'A hall on Thursdays for our choir'" in told.text
    assert "Chapel (chapel.example) offers 'Chapel hall on Thursdays'" in told.text

    await node.withdraw(need)
    await search.catch_up(node.ports)
    assert await match_notices.refresh(node.ports, node.did) == 0

    assert node.store.notices() == []


async def test_the_operator_of_an_offer_is_told_of_the_need(town):
    node, chapel = town
    [need] = await publish(node, node.did, NEED)
    await publish(node, chapel, HALL)

    await match_notices.refresh(node.ports, chapel)

    [told] = node.store.notices()
    assert (told.did, told.about) == (chapel, need)
    assert "you offer 'Chapel hall on Thursdays'" in told.text


class CountedSearches:
    """The index itself, and how often it was searched."""

    def __init__(self, index):
        self.index = index
        self.count = 0

    def __getattr__(self, name):
        return getattr(self.index, name)

    def search(self, query):
        self.count += 1
        return self.index.search(query)


async def test_a_node_that_ends_does_not_wait_until_all_is_compared(town):
    node, chapel = town
    await publish(node, node.did, NEED)
    await publish(
        node, chapel, *[{**HALL, "name": f"Hall number {number}"} for number in range(60)]
    )
    index = CountedSearches(node.ports.index)
    ports = msgspec.structs.replace(node.ports, index=index)
    await match_notices.refresh(ports, chapel)
    whole, told = index.count, node.store.notices()
    index.count = 0

    count = await match_notices.refresh(ports, chapel, goes_on=lambda: index.count == 0)

    assert (count, node.store.notices()) == (0, told)
    assert 0 < index.count < whole / 3
