"""What the index is told: choices as codes of the vocabulary, and when something is open, to the minute."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interop.listings_made import offer_on
from localfed.app import search
from localfed.app.describing import (
    OPENINGS,
    choice_of,
    choices_of,
    describe,
    languages_of,
)
from localfed.app.values import DocumentState, Point, StoredDocument
from localfed.gazetteer.gazetteer import OfflinePlaces
from localfed.interop.listing_times import is_on
from localfed.interop.vocabulary import Scheme
from localfed.protocol.schedule import Recurrence
from localfed.server.wiring import read_lexicon

DID = "did:webvh:QmT1" + "a" * 42 + ":kitchen.example"
SHOP = {
    "start": "2026-03-02T09:00",
    "minutes": 480,
    "timeZone": "Europe/London",
    "repeat": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
}


def stored(**members):
    body = {
        "@context": "https://w3id.org/localfed/1.0",
        "id": f"{DID}/d/shop.json",
        "type": "Offer",
        "issuer": DID,
        "name": {"en": "Shop"},
        "language": "en",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "revision": 1,
        "updated": "2026-01-01T00:00:00Z",
        "assured": "2026-01-01T00:00:00Z",
        "expires": "2030-01-01T00:00:00Z",
        "proof": {
            "@context": "https://w3id.org/localfed/1.0",
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "proofPurpose": "assertionMethod",
            "proofValue": "z" + "1" * 87,
            "verificationMethod": f"{DID}#z6Mk" + "a" * 44,
        },
    } | members
    return StoredDocument(
        did=DID,
        path="d/shop.json",
        type="Offer",
        digest="z",
        state=DocumentState.LIVE,
        body=json.dumps(body).encode(),
    )


def told(now=datetime(2026, 3, 20, 12, tzinfo=UTC), **members):
    found = describe(
        stored(**members),
        now=now,
        gazetteer=OfflinePlaces(),
        lexicon=read_lexicon(),
    )
    assert found is not None
    return found


def told_organisation(**members):
    record = msgspec.structs.replace(
        stored(id=f"{DID}/org.json", type="Organization", **members),
        path="org.json",
        type="Organization",
    )
    found = describe(
        record,
        now=datetime(2026, 3, 20, 12, tzinfo=UTC),
        gazetteer=OfflinePlaces(),
        lexicon=read_lexicon(),
    )
    assert found is not None
    return found


def is_open(one, moment):
    minute = int(moment.timestamp()) // 60
    return any(opens <= minute < closes for opens, closes in one.open)


# --- choices ----------------------------------------------------------------------------------


def test_labels_are_counted_as_codes_with_what_they_are_part_of():
    assert set(choices_of(Scheme.CATEGORIES, ["meals", "Our street"])) == {
        "meals",
        "food",
        "Our street",
    }
    assert choices_of(Scheme.CATEGORIES, ["Food and drink"]) == ("food",)
    assert choice_of(Scheme.CATEGORIES, "Food and Drink") == "food"
    assert choice_of(Scheme.CATEGORIES, "Our street") == "Our street"


def test_a_language_is_spoken_wherever_it_is():
    assert languages_of(["en-GB", "cy", "en"]) == ("en", "en-gb", "cy")


def test_a_code_is_found_by_the_words_that_people_use_for_it():
    one = told(category=["meals"], audience=["older-people"], cost=[{"basis": "free"}])

    assert "cafés" in one.text
    assert one.costs == ("free",)
    assert one.audiences == ("older-people",)


def test_an_organisation_is_found_by_the_kinds_that_it_says_it_is():
    one = told_organisation(kinds=["charity", "Sole trader", "Guild of bakers"])

    for word in ("charity", "elusen", "gemeinnützige", "masnachwr unigol", "Guild of bakers"):
        assert word in one.text


def test_a_kind_is_not_found_by_what_only_some_of_it_are():
    one = told_organisation(kinds=["faith-group"])

    assert "grŵp ffydd" in one.text
    assert "mosque" not in one.text


def test_how_far_somebody_comes_is_told_beside_each_point():
    places = [
        {"name": {"en": "Everywhere"}},
        {"latitude": "55.95", "longitude": "-3.19", "reach": 5000},
        {"latitude": "55.86", "longitude": "-4.25"},
    ]
    one = told(location=places)

    assert one.points == (Point(55.95, -3.19), Point(55.86, -4.25))
    assert one.reaches == (5000, 0)


# --- when it is open --------------------------------------------------------------------------


def test_without_a_schedule_nothing_is_ever_open():
    assert (told().open, told().open_until) == ((), None)


def test_what_is_over_is_never_told_again_and_what_goes_on_is():
    past = {"start": "2026-03-02T09:00", "minutes": 60, "timeZone": "Europe/London"}

    assert told(schedule=[past]).open_until is None
    assert told(schedule=[SHOP | {"until": "2026-03-10"}]).open_until is None
    assert told(schedule=[SHOP]).open_until is not None
    later = past | {"start": "2028-01-01T09:00"}
    assert told(schedule=[later]).open_until is not None


@pytest.mark.parametrize(
    "moment, expected",
    [
        ("2026-03-27T08:59", False),  # GMT
        ("2026-03-27T09:00", True),
        ("2026-03-27T16:59", True),
        ("2026-03-27T17:00", False),
        ("2026-03-30T07:59", False),  # BST since the 29th
        ("2026-03-30T08:00", True),
        ("2026-03-30T16:00", False),
    ],
)
def test_a_shop_is_open_by_the_clock_of_its_place(moment, expected):
    one = told(schedule=[SHOP])

    assert is_open(one, datetime.fromisoformat(moment).replace(tzinfo=UTC)) is expected


zones = st.sampled_from(
    ["Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Nowhere/Here"]
)
recurrences = st.builds(
    lambda day, hour, minute, minutes, zone, rule: (
        {
            "start": f"2026-{day}T{hour:02}:{minute:02}",
            "minutes": minutes,
            "timeZone": zone,
        }
        | ({"repeat": rule} if rule else {})
    ),
    st.sampled_from(["03-20", "03-28", "03-29", "10-24", "10-25", "10-31", "11-01", "01-05"]),
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from([1, 30, 60, 90, 480, 1_440, 10_080]),
    zones,
    st.sampled_from(
        [
            None,
            "FREQ=DAILY",
            "FREQ=WEEKLY;BYDAY=SA,SU",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
            "FREQ=MONTHLY;BYDAY=-1SU",
            "FREQ=DAILY;COUNT=3",
        ]
    ),
)
# Around the days on which clocks change somewhere, and any other.
moments = st.builds(
    lambda day, seconds: datetime(2026, *day, tzinfo=UTC) + timedelta(seconds=seconds),
    st.sampled_from([(3, 7), (3, 28), (4, 4), (10, 3), (10, 24), (10, 31), (6, 10)]),
    st.integers(0, 3 * 86_400),
)


@settings(max_examples=150)
@given(
    schedule=st.lists(recurrences, min_size=1, max_size=3),
    now=moments,
    ahead=st.lists(st.integers(0, 7 * 86_400), min_size=4, max_size=12),
)
def test_open_is_what_the_schedule_says_at_every_moment_for_a_week(schedule, now, ahead):
    one = told(now=now, schedule=schedule)
    rules = [
        Recurrence(
            start=part["start"],
            minutes=part["minutes"],
            time_zone=part["timeZone"],
            repeat=part.get("repeat"),
        )
        for part in schedule
    ]

    for seconds in ahead:
        moment = now + timedelta(seconds=seconds)
        assert is_open(one, moment) == is_on(offer_on(*rules), moment), moment
    assert one.open == tuple(sorted(one.open))
    if one.open_until is not None:
        assert one.open_until >= (now + OPENINGS - timedelta(days=1)).timestamp()


async def test_a_search_for_what_is_open_follows_the_clock_for_months(federation):
    """The index knows two weeks; it is told again before they are over."""
    grocer = await federation.node("grocer")
    await grocer.publish(
        {"type": "Offer", "name": "Veg box", "schedule": [SHOP | {"timeZone": "UTC"}]}
    )
    await grocer.publish({"type": "Offer", "name": "Honey"})
    for _ in range(12):
        await search.catch_up(grocer.ports)
        now = federation.clock.now()
        query = search.read_query(open="now", now=now)
        expected = now.weekday() < 5 and 9 <= now.hour < 17

        found = search.find(grocer.ports, query)

        assert found.total == int(expected), now
        assert found.facets["open"] == ({"now": 1} if expected else {})
        federation.clock.advance(days=5, hours=1)


def test_it_is_open_only_from_the_beginning_of_the_listing_to_its_end():
    now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    one = told(
        now=now,
        schedule=[SHOP | {"repeat": "FREQ=DAILY", "minutes": 1440}],
        validFrom="2026-03-21T10:00:30Z",
        validUntil="2026-03-23T10:00:30Z",
    )

    begins, ends = (datetime(2026, 3, day, 10, tzinfo=UTC) for day in (21, 23))
    assert not is_open(one, now)
    assert not is_open(one, begins)
    assert is_open(one, begins + timedelta(minutes=1))
    assert is_open(one, ends - timedelta(minutes=1))
    assert not is_open(one, ends)
