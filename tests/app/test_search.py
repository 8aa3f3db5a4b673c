"""Search as a use case: what the index is told, when, and what a person's search finds."""

from __future__ import annotations

import asyncio
import re

import msgspec
import pytest

from app.makers import import_many
from localfed.app import indexing, search
from localfed.app.describing import describe
from localfed.app.values import DocumentState, Kind, Point
from localfed.gazetteer.gazetteer import OfflinePlaces
from localfed.protocol.errors import BadCursor, BadQuery
from localfed.protocol.times import write_time
from localfed.server.wiring import read_lexicon

DRAFT = {
    "type": "Offer",
    "name": {"en": "Veg box", "cy": "Bocs llysiau"},
    "description": {"en": "Fresh every Thursday"},
    "category": ["Food"],
    "keywords": ["organic"],
    "location": [
        {
            "name": {"en": "The old bakery"},
            "address": {"addressLocality": "Leith", "postalCode": "EH6 7AA"},
            "latitude": "55.975",
            "longitude": "-3.17",
        },
        {"latitude": "55.86", "longitude": "-4.25"},
    ],
}


def read(federation, **parts):
    return search.read_query(now=federation.clock.now(), **parts)


async def find(node, **parts):
    await search.catch_up(node.ports)
    return search.find(node.ports, search.read_query(now=node.clock.now(), **parts))


async def stored(node, draft=DRAFT):
    return node.store.document(node.did, (await node.publish(draft)).removeprefix(node.did + "/"))


# --- what the index is told ------------------------------------------------------------------


async def test_the_index_is_told_all_that_people_search_by(federation):
    document = await stored(await federation.node("grocer"))

    told = describe(
        document,
        now=federation.clock.now(),
        gazetteer=OfflinePlaces(),
        lexicon=read_lexicon(),
    )

    assert told.kind is Kind.OFFER
    assert told.title in {"Veg box Bocs llysiau", "Bocs llysiau Veg box"}
    for word in ("Thursday", "organic", "bakery", "Leith", "EH6 7AA", "Food"):
        assert word in told.text
    assert told.categories == ("food",)
    assert told.points == (Point(55.975, -3.17), Point(55.86, -4.25))
    assert write_time(federation.clock.now()) < document.expires


async def test_a_listing_ends_when_it_says_so_even_if_it_expires_later(federation):
    grocer = await federation.node("grocer")
    await grocer.publish(DRAFT | {"validUntil": "2026-05-03T00:00:00Z"})
    assert (await find(grocer, q="veg")).total == 1

    federation.clock.advance(days=2)

    assert (await find(grocer, q="veg")).total == 0


@pytest.mark.parametrize(
    "change",
    [
        {"is_shown": False},
        {"state": DocumentState.WANTED},
        {"state": DocumentState.REJECTED},
        {"body": None},
        {"type": "Parade"},
        {"body": b'{"type":"Offer"}'},
        {"body": b"\xff"},
        {"body": b""},
    ],
)
async def test_the_index_is_told_nothing_of_what_is_not_shown(federation, change):
    document = await stored(await federation.node("grocer"))

    assert (
        describe(
            msgspec.structs.replace(document, **change),
            now=federation.clock.now(),
            gazetteer=OfflinePlaces(),
            lexicon=read_lexicon(),
        )
        is None
    )


async def test_the_index_follows_the_log_of_the_store(federation):
    grocer = await federation.node("grocer")
    offer = await grocer.publish(DRAFT)
    assert await search.catch_up(grocer.ports) >= 2
    assert await search.catch_up(grocer.ports) == 0
    assert grocer.index.position() == grocer.store.log_position()
    assert (await find(grocer, q="veg")).total == 1

    await grocer.publish(DRAFT | {"id": offer, "name": "Honey", "description": "Sweet"})
    assert (await find(grocer, q="veg")).total == 0
    assert (await find(grocer, q="honey")).total == 1

    await grocer.withdraw(offer)
    assert (await find(grocer, q="honey")).total == 0


async def test_more_rows_than_one_commit_takes_are_followed(federation, monkeypatch):
    monkeypatch.setattr(indexing, "_ROWS", 7)
    grocer = await federation.node("grocer")
    await import_many(grocer, 40)

    assert await search.catch_up(grocer.ports) >= 40

    assert (await find(grocer, q="shop")).total == 40


async def test_large_documents_are_committed_sooner(federation, monkeypatch):
    monkeypatch.setattr(indexing, "_CHARACTERS", 30)
    grocer = await federation.node("grocer")
    await import_many(grocer, 20)

    await search.catch_up(grocer.ports)

    assert grocer.index.position() == grocer.store.log_position()
    assert (await find(grocer, q="shop")).total == 20


async def test_an_index_ahead_of_its_store_is_built_anew(federation):
    """A store put back from a backup: the index knows of documents that were never published."""
    grocer = await federation.node("grocer")
    await grocer.publish(DRAFT)
    grocer.index.try_to_write()
    grocer.index.apply([], [], 10_000)

    await search.catch_up(grocer.ports)

    assert grocer.index.position() == grocer.store.log_position()
    assert (await find(grocer, q="veg")).total == 1


async def test_two_at_once_index_everything_once(federation):
    grocer = await federation.node("grocer")
    await import_many(grocer, 30)

    await asyncio.gather(*(search.catch_up(grocer.ports) for _ in range(4)))

    assert grocer.index.position() == grocer.store.log_position()
    assert (await find(grocer, q="shop")).total == 30


async def test_waiting_brings_the_index_up_or_gives_up(federation, monkeypatch):
    grocer = await federation.node("grocer")
    await grocer.publish(DRAFT)
    assert await search.wait_until_current(grocer.ports, 5.0)
    await grocer.publish(DRAFT)
    monkeypatch.setattr(grocer.index, "try_to_write", lambda: False)

    assert not await search.wait_until_current(grocer.ports, 0.1)


# --- what a search finds ---------------------------------------------------------------------


async def test_a_result_has_its_document_its_publisher_and_its_distance(federation):
    grocer = await federation.node("grocer")
    offer = await grocer.publish(DRAFT)

    found = await find(grocer, q="veg", near="55.95,-3.19", radius="10", kind="offer")

    (result,) = found.results
    assert result.document.id == offer
    assert result.publisher.host == "grocer.example"
    assert result.kind is Kind.OFFER
    assert 3.0 < result.km < 3.1
    assert found.kinds == {"offer": 1}
    assert found.categories == {"food": 1}
    assert found.next_cursor is None


async def test_what_was_published_elsewhere_is_found_until_two_weeks_after_its_head(federation):
    grocer, kitchen = await federation.node("grocer"), await federation.node("kitchen")
    await grocer.publish(DRAFT)
    await kitchen.follow(grocer)
    await kitchen.sync(grocer)
    assert len((await find(kitchen, q="veg")).results) == 1

    federation.clock.advance(days=27)
    assert len((await find(kitchen, q="veg")).results) == 1

    federation.clock.advance(days=2)
    assert (await find(kitchen, q="veg")).results == ()


async def test_what_went_since_the_index_was_told_is_left_out(federation):
    grocer = await federation.node("grocer")
    offer = await grocer.publish(DRAFT)
    await search.catch_up(grocer.ports)
    await grocer.withdraw(offer)

    assert search.find(grocer.ports, read(federation, q="veg")).results == ()


async def test_pages_lead_through_all_results(federation):
    grocer = await federation.node("grocer")
    await import_many(grocer, 45)
    seen, cursor, pages = [], None, 0

    while cursor is not None or not pages:
        found = await find(grocer, q="shop", near="55.9,-3.1", limit=20, cursor=cursor)
        seen += [result.document.path for result in found.results]
        cursor, pages = found.next_cursor, pages + 1

    assert pages == 3
    assert len(seen) == len(set(seen)) == 45


async def test_a_cursor_is_of_one_search_only(federation):
    grocer = await federation.node("grocer")
    await import_many(grocer, 30)
    cursor = (await find(grocer, q="shop")).next_cursor
    assert re.fullmatch("[A-Za-z0-9_-]{11}", cursor)
    # The number of results of a page may change on the way.
    assert read(federation, q="shop", cursor=cursor, limit=5).offset == 20

    for parts in ({"q": "shops"}, {"q": "shop", "kind": "need"}, {"q": "shop", "near": "1,1"}, {}):
        with pytest.raises(BadCursor, match="another search"):
            read(federation, cursor=cursor, **parts)


@pytest.mark.parametrize(
    "cursor",
    ["x", "a" * 10, "a" * 11, "A" * 11, "a" * 12, "é" * 11, "../../../..", "=" * 11, "a" * 100_000],
)
def test_a_made_up_cursor_is_refused(federation, cursor):
    with pytest.raises(BadCursor):
        read(federation, q="shop", cursor=cursor)


# --- a search as a person wrote it -----------------------------------------------------------


def test_everything_that_can_be_asked_is_read(federation):
    query = read(
        federation, q="veg", near=" 55.95 , -3.19 ", radius="2.5", kind="need", category="Food"
    )

    assert query.words == "veg"
    assert query.near == Point(55.95, -3.19)
    assert query.radius_km == 2.5
    assert query.kind is Kind.NEED
    assert query.category == "food"
    assert (query.offset, query.limit) == (0, 20)


def test_what_is_empty_was_not_asked_for(federation):
    query = read(federation, q="", near="", radius="", kind="", category="", cursor="")

    assert query == read(federation)


@pytest.mark.parametrize(
    "parts, says",
    [
        ({"near": "Edinburgh"}, "LAT,LON"),
        ({"near": "55.95"}, "LAT,LON"),
        ({"near": "55.95,-3.19,7"}, "LAT,LON"),
        ({"near": "nan,nan"}, "LAT,LON"),
        ({"near": "inf,0"}, "LAT,LON"),
        ({"near": "1e1,1e1"}, "LAT,LON"),
        ({"near": "５５,３"}, "LAT,LON"),
        ({"near": "1_0,2"}, "LAT,LON"),
        ({"near": "9" * 100_000 + ",1"}, "LAT,LON"),
        ({"near": "90.01,0"}, "-90 to 90"),
        ({"near": "0,-180.5"}, "-180 to 180"),
        ({"radius": "5"}, "give near"),
        ({"near": "1,1", "radius": "far"}, "kilometres"),
        ({"near": "1,1", "radius": "nan"}, "kilometres"),
        ({"near": "1,1", "radius": "0"}, "more than 0"),
        ({"near": "1,1", "radius": "-5"}, "more than 0"),
        ({"near": "1,1", "radius": "20041"}, "at most 20040"),
        ({"kind": "shop"}, "organisation, offer, need"),
        ({"kind": "OFFER"}, "organisation, offer, need"),
        ({"category": "x" * 301}, "300 characters"),
        ({"limit": 0}, "1 to 100"),
        ({"limit": 101}, "1 to 100"),
    ],
)
def test_a_search_that_cannot_be_understood_says_how_to_write_it(federation, parts, says):
    with pytest.raises(BadQuery, match=says):
        read(federation, **parts)


@pytest.mark.parametrize(
    "radius", ["abc", "0", "0.0", "-5", "1e9", "1000000000", "20041", "nan", "5 km"]
)
def test_whatever_is_wrong_with_a_radius_all_that_can_be_written_is_said(federation, radius):
    with pytest.raises(BadQuery) as caught:
        read(federation, near="1,1", radius=radius)

    assert caught.value.message == (
        "radius is kilometres, such as 10 or 2.5: more than 0 and at most "
        f"{search.RADIUS_KM_MAX}; leave it out for any distance"
    )


async def test_a_hostile_query_is_cut_and_answered(federation):
    grocer = await federation.node("grocer")

    for text in ("(" * 3_000, "a" * 100_000, "\ud800", "w " * 50_000):
        assert len(read(federation, q=text).words) <= 1_000
        assert (await find(grocer, q=text)).total == 0


@pytest.mark.parametrize(
    "parts, says",
    [
        ({"cost": "cheap"}, "cost is one of free, pay"),
        ({"open": "yes"}, "open is now or nothing"),
        ({"language": "English!"}, "language tag"),
        ({"organisation": "grocer.example"}, "SCID or the DID"),
        ({"organisation": "did:webvh:x"}, "SCID or the DID"),
        ({"audience": "x" * 301}, "300 characters"),
        ({"accessibility": "x" * 301}, "300 characters"),
        ({"near": "1,1", "radius": "1000000000"}, "kilometres"),
    ],
)
def test_a_choice_that_cannot_be_understood_says_what_can(federation, parts, says):
    with pytest.raises(BadQuery, match=says):
        read(federation, **parts)


async def test_choices_of_every_facet_find_and_are_counted(federation):
    grocer = await federation.node("grocer")
    await grocer.publish(
        DRAFT
        | {
            "cost": [{"basis": "free"}],
            "audience": ["children"],
            "accessibility": ["step-free"],
            "availableLanguage": ["en-GB"],
        }
    )
    await grocer.publish(DRAFT | {"name": "Honey"})
    wishes = {
        "cost": "free",
        "audience": "Children",
        "accessibility": "step-free",
        "language": "en",
        "category": "food and drink",
        "organisation": grocer.did,
    }

    found = await find(grocer, **wishes)

    assert found.total == 1
    assert found.facets["cost"] == {"free": 1}
    assert found.facets["language"] == {"en": 1}
    assert (await find(grocer, language="en-GB")).total == 1
    assert (await find(grocer, language="cy")).total == 0


async def test_a_mistyped_search_says_what_was_looked_for(federation):
    grocer = await federation.node("grocer")
    await grocer.publish(DRAFT)

    found = await find(grocer, q="Thrusday box")

    assert found.corrected == "thursday box"
    assert found.total == 1


async def test_suggestions_are_words_and_names_of_what_is_shown(federation):
    grocer = await federation.node("grocer")
    offer = await grocer.publish(DRAFT)
    await search.catch_up(grocer.ports)

    found = search.suggest(grocer.ports, read(federation, q="veg bo"))

    words = {one.text: one.count for one in found if not one.names}
    assert words == {"veg box": 1, "veg bocs": 1}
    assert [one.names for one in found if one.names] == [DRAFT["name"]]
    await grocer.withdraw(offer)
    gone = search.suggest(grocer.ports, read(federation, q="veg bo"))
    assert [one for one in gone if one.names] == []
    await search.catch_up(grocer.ports)
    assert search.suggest(grocer.ports, read(federation, q="veg bo")) == ()


# --- what the words are about -------------------------------------------------------------------


async def test_a_search_finds_what_is_about_the_same_in_other_words(federation):
    node = await federation.node("church")
    await node.publish({"type": "Offer", "name": "Bereavement café"})
    await node.publish({"type": "Offer", "name": "Cycle repairs"})

    found = await find(node, q="widower")

    assert [one.document.body is not None for one in found.results] == [True]
    assert b"Bereavement" in (found.results[0].document.body or b"")
    assert found.about == ("widows", "bereavement-cafe", "bereavement")
    assert search.count(node.ports, read(federation, q="widower")) == 1
    assert (await find(node, q="mourning", kind="need")).total == 0


async def test_organisations_are_found_by_what_they_are_about_too(federation):
    node = await federation.node("church")
    await import_many(node, 2, "Grief circle")
    await node.publish({"type": "Offer", "name": "Bread"})

    found = await find(node, q="bereaved")

    assert [one.kind for one in found.results] == [Kind.ORGANISATION] * 2


async def test_words_that_are_about_nothing_leave_a_search_as_it_is(federation):
    node = await federation.node("church")
    await node.publish({"type": "Offer", "name": "Bereavement café"})

    found = await find(node, q="xylophones")

    assert found.total == 0
    assert found.about == ()


async def test_a_page_goes_on_where_subjects_widened_the_search(federation):
    node = await federation.node("church")
    for number in range(5):
        await node.publish({"type": "Offer", "name": f"Bereavement group {number}"})
    first = await find(node, q="widower", limit=3)

    second = await find(node, q="widower", limit=3, cursor=first.next_cursor)

    ids = {one.document.id for one in (*first.results, *second.results)}
    assert (len(first.results), len(second.results), len(ids)) == (3, 2, 5)


async def test_newest_first_what_says_it_is_not_buried_by_what_is_about_it(federation):
    node = await federation.node("church")
    await node.publish({"type": "Offer", "name": "Bereavement café"})

    about = await find(node, q="widower", sort="newest")
    await node.publish({"type": "Offer", "name": "Club of widowers"})
    says = await find(node, q="widower", sort="newest")

    assert (about.total, about.about[0]) == (1, "widows")
    assert (says.total, says.about) == (1, ())
    assert (await find(node, q="widower")).total == 2


async def test_what_a_misspelled_word_is_about_is_found_as_well(federation):
    node = await federation.node("church")
    await node.publish({"type": "Offer", "name": "Club of widowers"})
    await node.publish({"type": "Offer", "name": "Bereavement café"})

    found = await find(node, q="widdowers")

    assert (found.corrected, found.total) == ("widowers", 2)
    assert found.about[0] == "widows"
    assert b"Club" in (found.results[0].document.body or b"")


async def test_whatever_word_of_the_lexicon_is_looked_for_is_answered(federation):
    node = await federation.node("church")
    await node.publish({"type": "Offer", "name": "Bread", "online": True})
    labels = [
        word.removeprefix("~")
        for subject in read_lexicon().subjects.values()
        for words in subject.words.values()
        for word in words
    ]
    little = [word for word in labels if len(word) < 5]

    await search.catch_up(node.ports)

    for word in little:
        for near in (None, "51.5,-3.1"):
            query = read(federation, q=word, near=near)
            assert search.find(node.ports, query).total == search.count(node.ports, query), word
