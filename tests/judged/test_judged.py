"""The judged sets for matching are whole: what README.md says of them is so."""

from __future__ import annotations

import datetime
import json
import math
import re
from decimal import Decimal
from pathlib import Path

import pytest

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
REQUIRED = {"id", "by", "name"}
OPTIONAL = LABELS | {
    "description",
    "form",
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


TOWNS = ("borders", "city", "coast", "fens")


class Judged:
    """One set: the first, or that of a town."""

    def __init__(self, folder):
        def read(name):
            return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))

        self.all_offers, self.all_needs = read("offers"), read("needs")
        self.offers = {offer["id"]: offer for offer in self.all_offers}
        self.needs = {need["id"]: need for need in self.all_needs}
        self.judgements = read("judgements")

    @property
    def pairs(self):
        """Every need with each offer that was judged to meet it."""
        for need, offers in self.judgements.items():
            for offer in offers:
                yield need, offer, self.needs[need], self.offers[offer]


@pytest.fixture(scope="module", params=["", *TOWNS])
def judged(request):
    return Judged(HERE / "towns" / request.param if request.param else HERE)


SPLIT = json.loads((HERE / "split.json").read_text(encoding="utf-8"))


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
        "form": listing.get("form", "goods") in FORMS,
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


def test_every_offer_and_need_has_an_id_of_its_own(judged):
    assert len(judged.offers) == len(judged.all_offers)
    assert len(judged.needs) == len(judged.all_needs)
    assert all(re.fullmatch(r"o[0-9]{3}", name) for name in judged.offers)
    assert all(re.fullmatch(r"n[0-9]{3}", name) for name in judged.needs)


def test_every_offer_and_need_is_within_the_form(judged):
    listings = judged.offers | judged.needs

    wrong = {name: faults(listing) for name, listing in listings.items() if faults(listing)}
    seeking = [name for name, offer in judged.offers.items() if "seeks" in offer]

    assert wrong == {}
    assert seeking == [], "only a need seeks"


def test_the_first_set_is_large_enough_to_measure_with():
    first = Judged(HERE)
    without = [need for need, offers in first.judgements.items() if not offers]

    assert len(first.offers) >= 300
    assert len(first.needs) >= 150
    assert len(without) >= 40


@pytest.mark.parametrize("town", TOWNS)
def test_a_quarter_of_the_needs_of_each_town_is_met_by_nothing(town):
    judged = Judged(HERE / "towns" / town)

    assert len(judged.needs) == 100
    assert sum(not offers for offers in judged.judgements.values()) == 25
    assert len(judged.offers) >= 110


def test_every_need_is_judged_and_only_against_offers_that_exist(judged):
    judgements = judged.judgements
    unknown = {
        need: sorted(set(offers) - judged.offers.keys())
        for need, offers in judgements.items()
        if set(offers) - judged.offers.keys()
    }
    twice = [need for need, offers in judgements.items() if len(set(offers)) < len(offers)]

    assert judgements.keys() == judged.needs.keys()
    assert unknown == {}
    assert twice == []


def test_no_organisation_is_matched_with_itself(judged):
    own = [(need, offer) for need, offer, one, other in judged.pairs if one["by"] == other["by"]]

    assert own == []


def test_what_is_judged_a_match_is_within_reach(judged):
    far = [
        (need, offer)
        for need, offer, one, other in judged.pairs
        if "location" in one
        and "location" in other
        and kilometres(one, other) > other["location"][0].get("reach", NEARBY_KM * 1000) / 1000
    ]

    assert far == []


def test_what_is_judged_a_match_falls_on_a_day_that_suits_both(judged):
    apart = [
        (need, offer)
        for need, offer, one, other in judged.pairs
        if "schedule" in one
        and "schedule" in other
        and not {day for row in one["schedule"] for day in row["days"]}
        & {day for row in other["schedule"] for day in row["days"]}
    ]

    assert apart == []


def test_a_need_that_has_no_money_is_never_judged_to_be_met_for_a_price(judged):
    priced = [
        (need, offer)
        for need, offer, one, other in judged.pairs
        if [row["basis"] for row in one.get("cost", [])] == ["free"]
        and not {row["basis"] for row in other.get("cost", [{"basis": "free"}])}
        & {"free", "pay-what-you-can"}
    ]

    assert priced == []


def test_the_split_is_complete_and_disjoint_and_has_half_of_each_kind():
    first, seen, unseen = Judged(HERE), SPLIT["seen"], SPLIT["unseen"]
    without = {need for need, offers in first.judgements.items() if not offers}

    assert sorted(seen + unseen) == sorted(first.needs)
    assert abs(len(seen) - len(unseen)) <= 2
    assert abs(len(without & set(seen)) - len(without & set(unseen))) <= 1
