"""The judged set for matching is whole: what it says of itself in README.md is so."""

from __future__ import annotations

import datetime
import json
import math
import re
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).parent

FORMS = {
    "advice",
    "data",
    "equipment",
    "goods",
    "project",
    "service",
    "skill",
    "space",
    "volunteering",
}
COSTS = {"free", "pay", "pay-what-you-can", "exchange", "time"}
SEEKS = {"partners", "answers", "help"}
DAYS = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
LABELS = {"category", "keywords", "audience", "availableLanguage", "accessibility"}
REQUIRED = {"id", "by", "name", "form"}
OPTIONAL = LABELS | {
    "description",
    "seeks",
    "location",
    "online",
    "cost",
    "when",
    "schedule",
    "quantity",
    "unit",
}
NEARBY_KM = 15


def read(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"))


OFFERS = {offer["id"]: offer for offer in read("offers.json")}
NEEDS = {need["id"]: need for need in read("needs.json")}
JUDGEMENTS = read("judgements.json")
SPLIT = read("split.json")


def is_text(value):
    return isinstance(value, str) and value == value.strip() != ""


def is_place(place):
    return (
        {"latitude", "longitude"} <= place.keys() <= {"latitude", "longitude", "reach"}
        and abs(Decimal(place["latitude"])) <= 90
        and abs(Decimal(place["longitude"])) <= 180
        and isinstance(place.get("reach", 1), int)
        and place.get("reach", 1) > 0
    )


def is_recurrence(row):
    opens, closes = (datetime.time.fromisoformat(row[name]) for name in ("from", "to"))
    return row.keys() == {"days", "from", "to"} and set(row["days"]) <= DAYS and opens != closes


def faults(listing):
    """Names of the members of an offer or need that are not within the form."""
    wrong = [
        name
        for name in sorted(listing.keys() & (LABELS | {"location", "cost", "schedule"}))
        if not isinstance(listing[name], list) or not listing[name]
    ]
    wrong += [name for name in LABELS & listing.keys() if not all(map(is_text, listing[name]))]
    wrong += [
        name
        for name in ("by", "name", "description", "when", "unit")
        if not is_text(listing.get(name, "absent"))
    ]
    checks = {
        "members": REQUIRED <= listing.keys() <= REQUIRED | OPTIONAL,
        "form": listing["form"] in FORMS,
        "seeks": listing.get("seeks", "help") in SEEKS,
        "place": ("location" in listing) != (listing.get("online") is True),
        "location": all(map(is_place, listing.get("location", []))),
        "cost": all(
            row.keys() == {"basis"} and row["basis"] in COSTS for row in listing.get("cost", [])
        ),
        "schedule": all(map(is_recurrence, listing.get("schedule", []))),
        "quantity": Decimal(listing.get("quantity", "1")) > 0,
    }
    return wrong + [name for name, holds in checks.items() if not holds]


def kilometres(one, other):
    """Along the great circle, between the first places of two listings."""
    a, b = (listing["location"][0] for listing in (one, other))
    lat_a, lon_a, lat_b, lon_b = (
        math.radians(float(place[name])) for place in (a, b) for name in ("latitude", "longitude")
    )
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    )
    return 2 * 6371 * math.asin(math.sqrt(half))


def test_every_offer_and_need_has_an_id_of_its_own():
    offers, needs = read("offers.json"), read("needs.json")

    assert len(OFFERS) == len(offers)
    assert len(NEEDS) == len(needs)
    assert all(re.fullmatch(r"o[0-9]{3}", name) for name in OFFERS)
    assert all(re.fullmatch(r"n[0-9]{3}", name) for name in NEEDS)


def test_every_offer_and_need_is_within_the_form():
    listings = OFFERS | NEEDS

    wrong = {name: faults(listing) for name, listing in listings.items() if faults(listing)}
    seeking = [name for name, offer in OFFERS.items() if "seeks" in offer]

    assert wrong == {}
    assert seeking == [], "only a need seeks"


def test_the_set_is_large_enough_to_measure_with():
    without = [need for need, offers in JUDGEMENTS.items() if not offers]

    assert len(OFFERS) >= 300
    assert len(NEEDS) >= 150
    assert len(without) >= 40


def test_every_need_is_judged_and_only_against_offers_that_exist():
    unknown = {
        need: sorted(set(offers) - OFFERS.keys())
        for need, offers in JUDGEMENTS.items()
        if set(offers) - OFFERS.keys()
    }
    twice = [need for need, offers in JUDGEMENTS.items() if len(set(offers)) < len(offers)]

    assert JUDGEMENTS.keys() == NEEDS.keys()
    assert unknown == {}
    assert twice == []


def test_no_organisation_is_matched_with_itself():
    own = [
        (need, offer)
        for need, offers in JUDGEMENTS.items()
        for offer in offers
        if NEEDS[need]["by"] == OFFERS[offer]["by"]
    ]

    assert own == []


def test_what_is_judged_a_match_is_within_reach():
    far = [
        (need, offer)
        for need, offers in JUDGEMENTS.items()
        for offer in offers
        if "location" in NEEDS[need]
        and "location" in OFFERS[offer]
        and kilometres(NEEDS[need], OFFERS[offer])
        > OFFERS[offer]["location"][0].get("reach", NEARBY_KM * 1000) / 1000
    ]

    assert far == []


def test_what_is_judged_a_match_falls_on_a_day_that_suits_both():
    apart = [
        (need, offer)
        for need, offers in JUDGEMENTS.items()
        for offer in offers
        if "schedule" in NEEDS[need]
        and "schedule" in OFFERS[offer]
        and not {day for row in NEEDS[need]["schedule"] for day in row["days"]}
        & {day for row in OFFERS[offer]["schedule"] for day in row["days"]}
    ]

    assert apart == []


def test_a_need_that_has_no_money_is_never_judged_to_be_met_for_a_price():
    priced = [
        (need, offer)
        for need, offers in JUDGEMENTS.items()
        for offer in offers
        if [row["basis"] for row in NEEDS[need].get("cost", [])] == ["free"]
        and not {row["basis"] for row in OFFERS[offer].get("cost", [{"basis": "free"}])}
        & {"free", "pay-what-you-can"}
    ]

    assert priced == []


def test_the_split_is_complete_and_disjoint_and_has_half_of_each_kind():
    seen, unseen = SPLIT["seen"], SPLIT["unseen"]
    without = {need for need, offers in JUDGEMENTS.items() if not offers}

    assert sorted(seen + unseen) == sorted(NEEDS)
    assert abs(len(seen) - len(unseen)) <= 2
    assert abs(len(without & set(seen)) - len(without & set(unseen))) <= 1
