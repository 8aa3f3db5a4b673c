"""Documents that are wrong in what sections 5.2 to 5.4 say of listings and organisations.

Here: a table of cases, each as `(rule, code, document)`. Not here: all other wrong documents
(`documents_invalid.py`), signing them.
"""

from __future__ import annotations

from typing import Any, Final

from forge_document import DID, PARTNER, Json, offer, own

Wrong = tuple[str, str, Json]

WEEKLY: Final[Json] = {
    "start": "2026-05-04T10:00",
    "minutes": 120,
    "timeZone": "Europe/London",
    "repeat": "FREQ=WEEKLY;BYDAY=MO,TH",
}


def when(**changes: Any) -> Json:
    """Give one recurrence, changed; a member that is `...` is left out."""
    everything = {**WEEKLY, **changes}
    return {name: value for name, value in everything.items() if value is not ...}


def _when(rule: str, code: str = "wrong-shape", **changes: Any) -> Wrong:
    return rule, code, offer(schedule=[when(**changes)])


def _listing(rule: str, code: str = "wrong-shape", **changes: Any) -> Wrong:
    return rule, code, offer(**changes)


def _joint(*contributors: Any, rule: str = "LF-JOINT-1") -> Wrong:
    return _listing(rule, contributors=list(contributors))


def _cost(rule: str, **members: Any) -> Wrong:
    return rule, "wrong-shape", offer(cost=[members])


def listings() -> dict[str, Wrong]:
    """Give the cases of offers and needs by their names."""
    return {
        "form-of-another-vocabulary": _listing("LF-LIST-1", form="thing"),
        "form-an-array": _listing("LF-LIST-1", form=["service"]),
        "need-that-seeks-money": _listing("LF-LIST-1", type="Need", seeks="money"),
        "audience-a-string": _listing("LF-LIST-1", audience="children"),
        "51-audiences": _listing("LF-FORM-12", audience=["children"] * 51),
        "eligibility-a-string": _listing("LF-FORM-3", eligibility="members"),
        "accessibility-with-line-feed": _listing("LF-FORM-1", accessibility=["step\nfree"]),
        "available-language-in-words": _listing("LF-FORM-2", availableLanguage=["Welsh"]),
        "how-to-get-without-language": _listing("LF-FORM-3", howToGet={}),
        "quantity-a-number": _listing("LF-LIST-1", quantity=3),
        "quantity-less-than-nothing": _listing("LF-LIST-1", quantity="-1"),
        "quantity-with-exponent": _listing("LF-LIST-1", quantity="1e3"),
        "unit-without-quantity": _listing("LF-LIST-4", unit="chairs"),
        "valid-from-no-time": _listing("LF-LIST-3", validFrom="spring"),
        "valid-from-never-was": _listing("LF-LIST-3", "bad-time", validFrom="2026-02-30T00:00:00Z"),
        "ended-before-it-began": _listing(
            "LF-LIST-3",
            "bad-time",
            validFrom="2026-06-02T00:00:00Z",
            validUntil="2026-06-01T00:00:00Z",
        ),
        "ended-as-it-began": _listing(
            "LF-LIST-3",
            "bad-time",
            validFrom="2026-06-01T00:00:00Z",
            validUntil="2026-06-01T00:00:00Z",
        ),
        "cost-without-basis": _cost("LF-COST-1", amount="3", currency="GBP"),
        "cost-of-another-basis": _cost("LF-COST-1", basis="barter"),
        "cost-a-string": _listing("LF-COST-1", cost=["free"]),
        "eleven-costs": _listing("LF-FORM-12", cost=[{"basis": "free"}] * 11),
        "amount-without-currency": _cost("LF-COST-2", basis="pay", amount="3"),
        "currency-without-amount": _cost("LF-COST-2", basis="pay", currency="GBP"),
        "amount-of-what-is-free": _cost("LF-COST-2", basis="free", amount="3", currency="GBP"),
        "amount-less-than-nothing": _cost("LF-COST-1", basis="pay", amount="-3", currency="GBP"),
        "amount-a-number": _cost("LF-COST-1", basis="pay", amount=3, currency="GBP"),
        "currency-by-sign": _cost("LF-COST-1", basis="pay", amount="3", currency="£"),
        "contributor-of-oneself": _joint({"organisation": DID}, rule="LF-JOINT-2"),
        "contributor-twice": _joint(
            {"organisation": PARTNER},
            {"organisation": PARTNER, "delivers": {"en": "Bread"}},
            rule="LF-JOINT-2",
        ),
        "contributor-without-organisation": _joint({"delivers": {"en": "Bread"}}),
        "contributor-a-host": _joint({"organisation": "baker.example"}),
        "contributor-a-string": _joint(PARTNER),
        "contributor-delivers-a-string": _joint({"organisation": PARTNER, "delivers": "Bread"}),
        "contributor-of-another-role": _joint({"organisation": PARTNER, "roles": ["boss"]}),
        "contributor-with-five-roles": _joint({"organisation": PARTNER, "roles": ["lead"] * 5}),
        "21-contributors": _listing(
            "LF-FORM-12",
            contributors=[
                {"organisation": f"did:webvh:Qm{letter * 44}:baker.example"}
                for letter in "ABCDEFGHJKLMNPQRSTUVW"
            ],
        ),
        "reach-without-point": _listing(
            "LF-FORM-13", location=[{"name": {"en": "X"}, "reach": 500}]
        ),
        "reach-of-nothing": _place(reach=99),
        "reach-round-the-world": _place(reach=1_000_001),
        "reach-a-string": _place(reach="5 km"),
    }


def _place(**members: Any) -> Wrong:
    return _listing("LF-FORM-6", location=[{"latitude": "55.9", "longitude": "-3.25", **members}])


def schedules() -> dict[str, Wrong]:
    """Give the cases of schedules by their names."""
    rule = "LF-WHEN-3"
    return {
        "schedule-not-an-array": _listing("LF-WHEN-1", schedule=WEEKLY),
        "schedule-of-21": _listing("LF-FORM-12", schedule=[WEEKLY] * 21),
        "when-without-start": _when("LF-WHEN-1", start=...),
        "when-without-minutes": _when("LF-WHEN-1", minutes=...),
        "when-without-zone": _when("LF-WHEN-1", timeZone=...),
        "start-in-utc": _when("LF-WHEN-1", start="2026-05-04T10:00:00Z"),
        "start-with-seconds": _when("LF-WHEN-1", start="2026-05-04T10:00:00"),
        "no-minutes": _when("LF-WHEN-1", minutes=0),
        "minutes-of-a-fortnight": _when("LF-WHEN-1", minutes=20160),
        "zone-an-offset": _when("LF-WHEN-1", timeZone="+01:00"),
        "zone-a-path": _when("LF-WHEN-1", timeZone="../../etc/passwd"),
        "zone-of-four-parts": _when("LF-WHEN-1", timeZone="A/B/C/D"),
        "101-exceptions": _when("LF-FORM-12", exceptDate=["2026-05-04"] * 101),
        "start-never-was": _when("LF-WHEN-2", "bad-time", start="2026-02-30T10:00"),
        "start-at-25-o-clock": _when("LF-WHEN-2", "bad-time", start="2026-05-04T25:00"),
        "start-before-1970": _when("LF-WHEN-2", "bad-time", start="1969-12-31T10:00"),
        "start-in-the-year-3000": _when("LF-WHEN-2", "bad-time", start="3000-01-01T10:00"),
        "until-before-start": _when("LF-WHEN-2", "bad-time", until="2026-05-03"),
        "until-never-is": _when("LF-WHEN-2", "bad-time", until="2026-06-31"),
        "exception-never-is": _when("LF-WHEN-2", "bad-time", exceptDate=["2027-02-29"]),
        "every-second": _when(rule, repeat="FREQ=SECONDLY"),
        "every-hour": _when(rule, repeat="FREQ=HOURLY;INTERVAL=1"),
        "many-times-a-day": _when(rule, repeat="FREQ=DAILY;BYHOUR=0,1,2,3,4,5"),
        "interval-of-nothing": _when(rule, repeat="FREQ=DAILY;INTERVAL=0"),
        "interval-of-a-century": _when(rule, repeat="FREQ=YEARLY;INTERVAL=100"),
        "a-thousand-times": _when(rule, repeat="FREQ=DAILY;COUNT=1000"),
        "until-within-the-rule": _when(rule, repeat="FREQ=DAILY;UNTIL=20270101"),
        "part-twice": _when(rule, repeat="FREQ=WEEKLY;BYDAY=MO;BYDAY=TU"),
        "parts-in-another-order": _when(rule, repeat="FREQ=WEEKLY;BYDAY=MO;INTERVAL=2"),
        "no-frequency": _when(rule, repeat="INTERVAL=2"),
        "rule-in-lower-case": _when(rule, repeat="freq=weekly"),
        "rule-with-its-name": _when(rule, repeat="RRULE:FREQ=WEEKLY"),
        "rule-of-two-lines": _when(rule, repeat="FREQ=WEEKLY\nFREQ=DAILY"),
        "sixth-monday": _when(rule, repeat="FREQ=MONTHLY;BYDAY=6MO"),
        "month-of-thirteen": _when(rule, repeat="FREQ=YEARLY;BYMONTH=13"),
        "day-of-32": _when(rule, repeat="FREQ=MONTHLY;BYMONTHDAY=32"),
        "day-of-month-of-a-week": _when("LF-WHEN-4", repeat="FREQ=WEEKLY;BYMONTHDAY=1"),
        "numbered-day-of-a-week": _when("LF-WHEN-4", repeat="FREQ=WEEKLY;BYDAY=1MO"),
        "position-without-days": _when("LF-WHEN-4", repeat="FREQ=MONTHLY;BYSETPOS=1"),
        "position-of-a-week": _when("LF-WHEN-4", repeat="FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1"),
        "count-and-until": _when("LF-WHEN-4", repeat="FREQ=DAILY;COUNT=3", until="2026-06-01"),
        "until-without-repeat": _when("LF-WHEN-4", repeat=..., until="2026-06-01"),
        "exception-without-repeat": _when("LF-WHEN-4", repeat=..., exceptDate=["2026-06-01"]),
    }


def organisations() -> dict[str, Wrong]:
    """Give the cases of own records by their names."""
    return {
        "eleven-kinds": ("LF-FORM-12", "wrong-shape", own(kinds=["charity"] * 11)),
        "kinds-a-string": ("LF-ORG-1", "wrong-shape", own(kinds="charity")),
        "aims-a-string": ("LF-FORM-3", "wrong-shape", own(aims="to feed people")),
        "network-without-name": (
            "LF-ORG-6",
            "wrong-shape",
            own(memberOf=[{"url": "https://network.example/"}]),
        ),
        "network-by-name-alone": ("LF-ORG-6", "wrong-shape", own(memberOf=["The Network"])),
        "network-of-oneself": (
            "LF-ORG-6",
            "wrong-shape",
            own(memberOf=[{"name": "Us", "organisation": DID}]),
        ),
        "21-networks": ("LF-FORM-12", "wrong-shape", own(memberOf=[{"name": "N"}] * 21)),
    }
