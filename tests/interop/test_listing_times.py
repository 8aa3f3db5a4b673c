"""When a listing is on: its schedule, from its beginning to its end, and whether that is over."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from interop.listings_made import offer_on
from localfed.interop.listing_times import (
    Validity,
    first_time,
    is_all_over,
    is_on,
    is_over,
    next_time,
    next_times,
    on_until,
    times_of,
    validity_of,
)
from localfed.protocol.schedule import Recurrence

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)  # a Saturday


def recurrence(**changes):
    members = {
        "start": "2024-01-01T00:00",
        "minutes": 1_439,
        "time_zone": "Europe/London",
        "repeat": "FREQ=DAILY",
    }
    return Recurrence(**{**members, **changes})


def test_what_has_not_begun_is_not_on_and_is_next_when_it_begins():
    """LF-LIST-3."""
    lido = offer_on(
        recurrence(), valid_from="2027-06-01T12:00:00Z", valid_until="2027-09-01T00:00:00Z"
    )

    assert not is_on(lido, NOW)
    assert next_time(lido, NOW).start == datetime(2027, 6, 1, 13, tzinfo=LONDON)
    assert [one.start for one in next_times(lido, NOW, 2)] == [
        datetime(2027, 6, 1, 13, tzinfo=LONDON),
        datetime(2027, 6, 2, 0, tzinfo=LONDON),
    ]
    assert is_on(lido, datetime(2027, 6, 1, 12, tzinfo=UTC))
    assert times_of(lido, since=NOW, until=datetime(2027, 6, 1, 11, tzinfo=UTC)) == []


def test_what_begins_further_ahead_than_one_looks_is_found_at_its_beginning():
    lido = offer_on(recurrence(), valid_from="2031-06-01T12:00:00Z")

    assert next_time(lido, NOW).start.year == 2031


def test_what_ends_before_its_next_time_has_none():
    mondays = recurrence(minutes=60, start="2024-01-01T10:00", repeat="FREQ=WEEKLY;BYDAY=MO")

    assert next_time(offer_on(mondays, valid_until="2026-11-28T23:00:00Z"), NOW) is None
    assert next_time(offer_on(mondays, valid_until="2026-11-30T10:00:00Z"), NOW) is None
    assert next_time(offer_on(mondays, valid_until="2026-11-30T10:01:00Z"), NOW) is not None


def test_what_is_on_is_on_until_the_listing_ends_at_most():
    shop = offer_on(recurrence(), valid_until="2026-11-28T15:00:00Z")

    assert on_until(shop, NOW) == datetime(2026, 11, 28, 15, tzinfo=UTC)
    assert not is_on(shop, datetime(2026, 11, 28, 15, tzinfo=UTC))


def test_the_hour_that_comes_twice_is_cut_where_it_is():
    """Both hours look the same on the clocks of the place; a comparison of those would drop the second."""
    night = recurrence(start="2026-10-25T00:00", minutes=240, repeat=None)
    listing = offer_on(night, valid_from="2026-10-25T00:30:00Z", valid_until="2026-10-25T01:15:00Z")
    [found] = times_of(listing, since=datetime(2026, 10, 24, tzinfo=UTC), until=NOW)

    assert (found.end.astimezone(UTC) - found.start.astimezone(UTC)).seconds == 45 * 60


def test_the_first_time_of_a_rule_is_that_which_reaches_into_the_listing():
    validity = Validity(begins=datetime(2027, 6, 1, tzinfo=UTC))

    assert first_time(recurrence(), validity).start == datetime(2027, 6, 1, 0, tzinfo=LONDON)
    assert first_time(recurrence(), Validity()).start.year == 2024
    assert first_time(recurrence(until="2026-01-01"), validity) is None
    assert first_time(recurrence(), Validity(ends=datetime(2023, 1, 1, tzinfo=UTC))) is None


OVER = {
    "once": {"repeat": None, "start": "2026-11-20T10:00", "minutes": 60},
    "three times": {"repeat": "FREQ=DAILY;COUNT=3", "start": "2026-11-20T10:00", "minutes": 60},
    "until last week": {"until": "2026-11-20"},
    "until tomorrow, but not then": {
        "start": "2026-11-20T10:00",
        "minutes": 60,
        "until": "2026-11-29",
        "except_date": ("2026-11-28", "2026-11-29"),
    },
}
NOT_OVER = {
    "every day": {},
    "until tomorrow": {"until": "2026-11-29"},
    "on now for the last time": {"repeat": None, "start": "2026-11-28T10:00", "minutes": 240},
    "next year": {"repeat": None, "start": "2027-11-28T10:00"},
    "in three years": {"repeat": None, "start": "2029-11-28T10:00"},
    "each fourth year": {
        "repeat": "FREQ=YEARLY;INTERVAL=4;COUNT=3",
        "start": "2024-11-01T10:00",
    },
    "never": {"repeat": "FREQ=YEARLY;COUNT=3;BYMONTH=2;BYMONTHDAY=30"},
    "nobody knows": {"repeat": None, "start": "2026-11-20T10:00", "time_zone": "Mars/Olympus"},
}


@pytest.mark.parametrize("name", OVER)
def test_what_was_and_does_not_come_again_is_over(name):
    one = recurrence(**OVER[name])

    assert is_over(one, Validity(), NOW)
    assert is_all_over(offer_on(one), NOW)
    assert not is_all_over(offer_on(one, recurrence()), NOW)


@pytest.mark.parametrize("name", NOT_OVER)
def test_what_may_come_yet_is_not_over(name):
    assert not is_over(recurrence(**NOT_OVER[name]), Validity(), NOW)


def test_the_end_of_a_listing_ends_its_times():
    mondays = recurrence(minutes=60, start="2024-01-01T10:00", repeat="FREQ=WEEKLY;BYDAY=MO")
    ended, ending, going_on = (
        offer_on(mondays, valid_until=f"2026-{day}T23:00:00Z")
        for day in ("11-27", "11-28", "11-30")
    )

    assert is_all_over(ended, NOW)
    assert is_all_over(ending, NOW)
    assert not is_all_over(going_on, NOW)


def test_a_listing_without_times_is_not_over_by_them():
    assert not is_all_over(offer_on(), NOW)
    assert validity_of(offer_on()) == Validity()
    assert validity_of(offer_on()).has_begun(NOW)
    assert not validity_of(offer_on()).has_ended(NOW)
