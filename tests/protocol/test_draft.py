"""Drafts: read forgivingly but exactly, completed and signed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from localfed.protocol import limits
from localfed.protocol.accept import open_document
from localfed.protocol.canonical import parse_object
from localfed.protocol.draft import assured_at, read_draft, write_document
from localfed.protocol.errors import (
    BadCharacter,
    BadDraft,
    NotJson,
    NotUtf8,
    TooDeep,
    TooLarge,
)
from localfed.protocol.keys import SigningKey
from localfed.protocol.short_forms import write_decimal
from protocol.spec_vectors import document_named, identity_of

IDENTITY = identity_of("../identity/valid/created.jsonl")
KEY = SigningKey(b"\x01" * 32)
NOW = datetime(2026, 5, 2, 9, 30, 0, 500_000, tzinfo=UTC)
PATH = f"d/{'a' * 26}.json"
DAY = timedelta(days=1)


def draft(text, language="en"):
    return read_draft(
        text if isinstance(text, bytes) else json.dumps(text).encode(), language=language
    )


def written(members, *, assured=NOW, path=PATH):
    return write_document(
        members, did=IDENTITY.did, path=path, revision=7, key=KEY, now=NOW, assured=assured
    )


def test_the_smallest_draft_becomes_a_document_in_the_language_of_its_organisation():
    read = draft({"type": "Offer", "name": "Bocs llysiau"}, "cy")
    body = written(read.members)

    checked = open_document(body, identity=IDENTITY, now=NOW, path=PATH)

    assert (read.id, read.type) == (None, "Offer")
    assert checked.document.name == {"cy": "Bocs llysiau"}
    assert (checked.document.language, checked.document.revision) == ("cy", 7)
    assert checked.document.license == "https://creativecommons.org/licenses/by/4.0/"


def test_what_may_be_said_short_is_written_in_full():
    read = draft(
        {
            "type": "Need",
            "name": {"en": "Van"},
            "description": "On Thursdays",
            "category": "transport",
            "location": {"name": "Millbrook", "latitude": 55.95, "longitude": -3},
        }
    )

    assert read.members["description"] == {"en": "On Thursdays"}
    assert read.members["category"] == ["transport"]
    assert read.members["location"] == [
        {"name": {"en": "Millbrook"}, "latitude": "55.95", "longitude": "-3"}
    ]
    assert open_document(written(read.members), identity=IDENTITY, now=NOW).is_shown


def test_a_draft_may_say_its_own_language():
    read = draft({"type": "Offer", "name": "Gemüse", "language": "de"})

    assert read.members["name"] == {"de": "Gemüse"}


def test_a_document_as_it_is_shown_is_a_draft_as_well():
    body = document_named("own-record-full")

    read = draft(body)
    again = written(read.members, path="org.json")

    assert read.id == parse_object(body)["id"]
    said = {"issuer", "revision", "updated", "expires", "assured", "proof"}
    assert {name: item for name, item in parse_object(again).items() if name not in said} == {
        name: item for name, item in parse_object(body).items() if name not in said
    }


def test_null_in_a_draft_means_that_there_is_nothing():
    """LF-DOC-3."""
    read = draft(
        {
            "type": "Offer",
            "id": None,
            "name": "Box",
            "url": None,
            "location": [{"name": "X", "address": None}],
        }
    )

    assert read.id is None
    assert "url" not in read.members
    assert read.members["location"] == [{"name": {"en": "X"}}]
    assert open_document(written(read.members), identity=IDENTITY, now=NOW).is_shown


@pytest.mark.parametrize(
    "text, error",
    [
        (b"", NotJson),
        (b"{", NotJson),
        (b"[]", BadDraft),
        (b'"Offer"', BadDraft),
        (b"\xff", NotUtf8),
        (b'{"type":"Offer","name":NaN}', BadDraft),
        (b'{"type":"Offer","name":"a","name":"b"}', BadDraft),
        (b'{"type":"Offer","name":{"en":"a","en":"b"}}', BadDraft),
        (b'{"type":"Offer","n\\u0061me":"a","name":"b"}', BadDraft),
        (b'{"name":"a"}', BadDraft),
        (b'{"type":"Shop","name":"a"}', BadDraft),
        (b'{"type":["Offer"],"name":"a"}', BadDraft),
        (b'{"type":"Offer","name":"a","price":3}', BadDraft),
        (b'{"type":"Offer","name":"a","@id":"x"}', BadDraft),
        (b'{"type":"Offer","name":"a","@graph":[]}', BadDraft),
        (b'{"type":"Offer","name":"a","id":7}', BadDraft),
        (b'{"type":"Offer","name":1.5}', BadDraft),
        (b'{"type":"Offer","name":"\\ud800"}', BadCharacter),
        (b'{"type":"Offer","name":{"\\ud800":"x"}}', BadCharacter),
        (b'{"type":"Offer","ext":' + b"[" * 40 + b"]" * 40 + b"}", TooDeep),
        (b'{"type":"Offer","ext":' + b"[" * 20_000 + b"]" * 20_000 + b"}", TooDeep),
        (b'{"type":"Offer","location":{"latitude":1e999,"longitude":0}}', BadDraft),
        (b'{"type":"Offer","location":{"latitude":' + b"9" * 60 + b',"longitude":0}}', BadDraft),
        (b" " * (limits.DOCUMENT_BYTES + 1), TooLarge),
    ],
)
def test_a_draft_that_cannot_be_meant_is_refused(text, error):
    with pytest.raises(error):
        draft(text)


@pytest.mark.parametrize(
    "members",
    [
        {"name": "Box"},
        {"name": {}},
        {"name": {"en": "Box"}, "url": "grocer.example"},
        {"name": {"en": "Box"}, "location": ["Millbrook"]},
        {"name": {"en": "Box"}, "online": "yes"},
    ],
)
def test_members_of_another_form_are_refused_before_anything_is_signed(members):
    with pytest.raises(BadDraft):
        written({"type": "Offer", **members})


@pytest.mark.parametrize(
    "value, text",
    [
        ("0", "0"),
        ("-0.0", "0"),
        ("-0.0000001", "0"),
        ("100", "100"),
        ("55.950000", "55.95"),
        ("1e1", "10"),
        ("1.2345678", "1.234568"),
        ("-3.1", "-3.1"),
        ("10.50", "10.5"),
    ],
)
def test_numbers_are_written_as_the_wire_writes_them(value, text):
    """LF-BYTES-6."""
    assert write_decimal(Decimal(value)) == text


def test_a_document_lives_half_a_year_and_no_longer_than_somebody_looked_at_it():
    """LF-DOC-8, LF-DOC-9."""
    members = draft({"type": "Offer", "name": "Box"}).members
    fresh = parse_object(written(members))
    old = parse_object(written(members, assured=NOW - 300 * DAY))

    assert (fresh["updated"], fresh["expires"]) == ("2026-05-02T09:30:00Z", "2026-10-29T09:30:00Z")
    assert (old["assured"], old["expires"]) == ("2025-07-06T09:30:00Z", "2026-08-10T09:30:00Z")
    assert assured_at(old) == NOW.replace(microsecond=0) - 300 * DAY


def test_a_listing_said_short_is_written_in_full():
    read = draft(
        {
            "type": "Offer",
            "name": "Hall",
            "form": "space",
            "cost": ["free", "7.50 GBP an hour", {"basis": "pay", "amount": 3, "currency": "EUR"}],
            "schedule": "Mo-We,Su 18:30-01:00 Europe/London",
            "howToGet": "Phone first.",
            "audience": "children",
            "quantity": 2.50,
            "unit": "rooms",
        }
    )

    checked = open_document(written(read.members), identity=IDENTITY, now=NOW, path=PATH)

    offer = checked.document
    assert [(one.basis, one.amount, one.currency) for one in offer.cost] == [
        ("free", None, None),
        ("pay", "7.5", "GBP"),
        ("pay", "3", "EUR"),
    ]
    assert offer.cost[1].description == {"en": "an hour"}
    [hours] = offer.schedule
    assert (hours.start, hours.minutes) == ("2024-01-01T18:30", 390)
    assert hours.repeat == "FREQ=WEEKLY;BYDAY=MO,TU,WE,SU"
    assert (offer.how_to_get, offer.audience, offer.quantity) == (
        {"en": "Phone first."},
        ("children",),
        "2.5",
    )


@pytest.mark.parametrize(
    "hours",
    ["daily", "Mo-Xx 09:00-17:00 Europe/London", "Mo 09:00-25:00 Europe/London", "Mo 9-5", ""],
)
def test_hours_that_nobody_can_read_are_refused_with_an_example(hours):
    with pytest.raises(BadDraft, match="Mo-Fr 09:00-17:00 Europe/London"):
        draft({"type": "Offer", "name": "Hall", "schedule": hours})


def test_a_network_and_aims_may_be_said_short():
    read = draft(
        {"type": "Organization", "name": "Us", "aims": "Food for all", "memberOf": "The Network"}
    )

    assert read.members["memberOf"] == [{"name": "The Network"}]
    assert read.members["aims"] == {"en": "Food for all"}
