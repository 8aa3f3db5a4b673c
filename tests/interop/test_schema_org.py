"""Structured data: what search engines require is there wherever a type is claimed, and nothing ends its block."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import msgspec
import pytest

from localfed.interop.schema_org import (
    Around,
    describe_listing,
    describe_node,
    describe_organisation,
    describe_results,
    describe_way,
    name_organisation,
    write_data,
)
from localfed.protocol.listing import Need, Offer
from localfed.protocol.organisation import Organization

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)

# What Google requires: docs/learn/search_engines.md names the page of each.
REQUIRED = {
    "Organization": {"name"},
    "NGO": {"name"},
    "LocalBusiness": {"name", "address"},
    "Library": {"name", "address"},
    "Event": {"name", "startDate", "location"},
    "BreadcrumbList": {"itemListElement"},
    "ItemList": {"itemListElement"},
    "WebSite": {"name", "url"},
    "Place": set(),
    "VirtualLocation": {"url"},
}

ENVELOPE = {
    "@context": "https://w3id.org/localfed/1.0",
    "id": "did:webvh:abc:kitchen.example/d/a.json",
    "issuer": "did:webvh:abc:kitchen.example",
    "updated": "2026-05-01T09:00:00Z",
    "expires": "2026-10-01T09:00:00Z",
    "assured": "2026-05-01T09:00:00Z",
    "revision": 1,
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "language": "en",
}
ADDRESS = {"streetAddress": "1 High Street", "addressLocality": "Aldwater", "postalCode": "AL1 1AA"}
PLACE = {"latitude": "54.6", "longitude": "-2.3", "address": ADDRESS}
ONCE = {"start": "2026-06-06T14:30", "minutes": 90, "timeZone": "Europe/London"}
MONDAYS = {**ONCE, "start": "2026-01-05T10:00", "repeat": "FREQ=WEEKLY;BYDAY=MO,TH"}


def around():
    return Around(
        say=lambda texts: next(iter(texts.values())),
        page="https://kitchen.example/documents/abc/d/a",
        publisher=name_organisation("Kitchen", "https://kitchen.example/organisations/abc"),
        images=("https://kitchen.example/media/a.jpg",),
        now=NOW,
    )


def organisation(**members):
    value = {**ENVELOPE, "type": "Organization", "name": {"en": "Kitchen"}, **members}
    return graph([describe_organisation(msgspec.convert(value, Organization), around())])


def listing(kind=Offer, **members):
    value = {**ENVELOPE, "type": kind.__name__, "name": {"en": "Yoga"}, **members}
    return graph(describe_listing(msgspec.convert(value, kind), around()))


def graph(things):
    written = json.loads(write_data(things))
    assert written["@context"] == "https://schema.org"
    for thing in every(written["@graph"]):
        check(thing)
    return written["@graph"]


def every(value):
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from every(item)
    elif isinstance(value, list):
        for item in value:
            yield from every(item)


def check(thing):
    """Hold one thing against what is required of its type."""
    kind = thing["@type"]
    lacking = REQUIRED.get(kind, set()) - thing.keys()
    assert not lacking, (kind, lacking)
    assert all(value not in ({}, [], "", None) for value in thing.values()), thing
    if kind == "Event":
        places = thing["location"]
        for place in places if isinstance(places, list) else [places]:
            assert place["@type"] == "VirtualLocation" or place["address"]
        assert datetime.fromisoformat(thing["startDate"]).utcoffset() is not None
    if kind == "LocalBusiness":
        assert thing["address"]["streetAddress"]
    if kind == "BreadcrumbList":
        steps = thing["itemListElement"]
        assert [one["position"] for one in steps] == list(range(1, len(steps) + 1))
        assert all("item" in one for one in steps[:-1])
        assert all(one["name"] for one in steps)
    if kind == "ItemList":
        urls = [one["url"] for one in thing["itemListElement"]]
        assert len(set(urls)) == len(urls)


def test_an_organisation_says_who_it_is_and_not_how_to_reach_it():
    [thing] = organisation(
        description={"en": "Meals."},
        url="https://kitchen.example/",
        kinds=["charity"],
        location=[PLACE],
        identifier=[{"scheme": "GB-CHC", "number": "123"}],
        memberOf=[{"name": "Network"}],
    )

    assert thing["@type"] == "NGO"
    assert thing["address"]["addressLocality"] == "Aldwater"
    assert thing["identifier"] == [
        {"@type": "PropertyValue", "propertyID": "GB-CHC", "value": "123"}
    ]
    assert thing["memberOf"] == [{"@type": "Organization", "name": "Network"}]
    assert not {"email", "telephone", "contactPoint"} & thing.keys()


def test_a_business_is_one_only_with_the_address_that_is_required():
    [with_one] = organisation(kinds=["small-business"], location=[PLACE])
    [without] = organisation(kinds=["small-business"], location=[{"name": {"en": "Aldwater"}}])

    assert with_one["@type"] == "LocalBusiness"
    assert with_one["geo"] == {"@type": "GeoCoordinates", "latitude": 54.6, "longitude": -2.3}
    assert without["@type"] == "Organization"


def test_what_is_on_once_is_an_event_in_the_time_of_its_place():
    _service, event = listing(
        schedule=[ONCE], location=[PLACE], cost=[{"basis": "pay", "amount": "5", "currency": "GBP"}]
    )

    assert event["@type"] == "Event"
    assert event["startDate"] == "2026-06-06T14:30+01:00"
    assert event["endDate"] == "2026-06-06T16:00+01:00"
    assert event["location"]["address"]["streetAddress"] == "1 High Street"
    assert event["offers"] == [{"@type": "Offer", "price": "5", "priceCurrency": "GBP"}]
    assert event["organizer"]["name"] == "Kitchen"


def test_what_is_on_every_week_is_a_service_with_hours_and_no_event():
    [thing] = listing(schedule=[MONDAYS], location=[PLACE])

    assert thing["@type"] == "Service"
    assert thing["hoursAvailable"] == [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": ["Monday", "Thursday"],
            "opens": "10:00",
            "closes": "11:30",
            "validFrom": "2026-01-05",
        }
    ]


@pytest.mark.parametrize(
    "members",
    [
        {"schedule": [ONCE]},
        {"schedule": [ONCE], "location": [{"name": {"en": "Hall"}}]},
        {"schedule": [{**ONCE, "start": "2026-04-06T14:30"}], "location": [PLACE]},
        {"schedule": [{**ONCE, "timeZone": "Middle/Earth"}], "location": [PLACE]},
    ],
    ids=["nowhere", "without an address", "over", "in no zone"],
)
def test_no_event_is_claimed_where_what_is_required_is_lacking(members):
    assert [one["@type"] for one in listing(**members)] == ["Service"]


def test_an_event_online_is_at_its_page():
    _service, event = listing(schedule=[ONCE], online=True, url="https://talk.example/")

    assert event["location"] == {"@type": "VirtualLocation", "url": "https://talk.example/"}
    assert event["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"


def test_a_vague_place_stays_vague():
    [thing] = listing(location=[{"latitude": "54.6", "longitude": "-2.3", "radius": 1000}])

    assert thing["areaServed"][0]["geo"]["@type"] == "GeoCircle"
    assert thing["areaServed"][0]["geo"]["geoRadius"] == 1000


def test_goods_are_an_offer_and_a_need_is_what_its_publisher_seeks():
    [goods] = listing(form="goods", cost=[{"basis": "free"}])
    [need] = listing(kind=Need)

    assert (goods["@type"], goods["price"]) == ("Offer", "0")
    assert goods["offeredBy"]["name"] == "Kitchen"
    assert need["@type"] == "Organization"
    assert need["seeks"]["@type"] == "Demand"


def test_ways_results_and_nodes_have_what_is_required():
    root = "https://kitchen.example"
    way = describe_way([("Node", f"{root}/"), ("Kitchen", f"{root}/k"), ("Veg", f"{root}/v")])
    results = describe_results([("a", f"{root}/a"), ("b", f"{root}/b")])

    crumbs, items, node = graph([way, results, describe_node("Node", root, "en")])

    assert "item" not in crumbs["itemListElement"][-1]
    assert items["numberOfItems"] == 2
    assert node["potentialAction"]["target"]["urlTemplate"].startswith(f"{root}/?q=")


@pytest.mark.parametrize(
    "text",
    [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "-->",
        "]]>",
        "\u2028\u2029",
        "&lt;/script&gt;",
        "</SCRIPT\n>",
        '"},{"@type":"Event',
    ],
)
def test_no_text_ends_the_block_or_adds_to_it(text):
    written = write_data([name_organisation(text, "https://kitchen.example/")])

    assert not re.search("[<>&\u2028\u2029]", written)
    [thing] = json.loads(written)["@graph"]
    assert thing.keys() == {"@type", "name", "url"}
