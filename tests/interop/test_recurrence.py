"""On which days a schedule falls: as RFC 5545 says, in the time of the place, and at bounded cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from interop.listings_made import offer_on
from localfed.interop import listing_times
from localfed.interop.recurrence import _Rule, is_known_zone, occurrences
from localfed.protocol.schedule import Recurrence

LONDON = ZoneInfo("Europe/London")


def weekly(**changes):
    members = {
        "start": "2026-01-05T10:00",
        "minutes": 120,
        "time_zone": "Europe/London",
        "repeat": "FREQ=WEEKLY;BYDAY=MO,TH",
    }
    return Recurrence(**{**members, **changes})


def is_on(schedule, now):
    return listing_times.is_on(offer_on(*schedule), now)


def next_time(schedule, now):
    return listing_times.next_time(offer_on(*schedule), now)


def starts(schedule, since, days):
    return [
        one.start.strftime("%a %d %H:%M")
        for one in occurrences(schedule, since=since, until=since + timedelta(days=days))
    ]


def test_a_weekly_group_is_on_its_days():
    since = datetime(2026, 5, 3, tzinfo=UTC)

    assert starts([weekly()], since, 8) == ["Mon 04 10:00", "Thu 07 10:00"]


def test_ten_o_clock_stays_ten_o_clock_when_the_clocks_change():
    """LF-WHEN-5: in the time of the place."""
    found = occurrences(
        [weekly(repeat="FREQ=DAILY")],
        since=datetime(2026, 3, 28, tzinfo=UTC),
        until=datetime(2026, 3, 30, 12, tzinfo=UTC),
    )

    assert [one.start.astimezone(UTC).hour for one in found] == [10, 9, 9]
    assert {one.start.hour for one in found} == {10}


def test_what_lasts_over_the_change_of_the_clocks_lasts_as_long():
    night = weekly(start="2026-03-28T23:00", minutes=360, repeat=None)
    [found] = occurrences(
        [night], since=datetime(2026, 3, 28, tzinfo=UTC), until=datetime(2026, 3, 30, tzinfo=UTC)
    )

    assert found.end.hour == 6
    assert found.end.astimezone(UTC) - found.start.astimezone(UTC) == timedelta(hours=6)


def test_it_is_on_from_its_beginning_until_its_end_and_not_at_its_end():
    begins = datetime(2026, 5, 4, 10, tzinfo=LONDON)

    assert not is_on([weekly()], begins - timedelta(seconds=1))
    assert is_on([weekly()], begins)
    assert is_on([weekly()], begins + timedelta(minutes=119))
    assert not is_on([weekly()], begins + timedelta(minutes=120))


def test_what_began_days_ago_and_lasts_a_week_is_on():
    fair = weekly(start="2026-05-04T10:00", minutes=10_080, repeat=None)

    assert is_on([fair], datetime(2026, 5, 11, 9, 59, tzinfo=LONDON))
    assert not is_on([fair], datetime(2026, 5, 11, 10, 0, tzinfo=LONDON))


def test_the_next_one_is_found_and_is_not_the_one_that_is_on():
    found = next_time([weekly()], datetime(2026, 5, 4, 10, 30, tzinfo=LONDON))

    assert found is not None
    assert found.start == datetime(2026, 5, 7, 10, tzinfo=LONDON)


def test_what_comes_once_a_year_is_found_and_what_never_comes_is_not():
    yearly = weekly(repeat="FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24")
    never = weekly(repeat="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31")
    now = datetime(2026, 12, 25, tzinfo=LONDON)

    found = next_time([yearly], now)

    assert found is not None
    assert (found.start.year, found.start.month, found.start.day) == (2027, 12, 24)
    assert next_time([never], now) is None


def test_exceptions_and_the_last_day_are_kept():
    schedule = [weekly(until="2026-05-11", except_date=("2026-05-07",))]

    assert starts(schedule, datetime(2026, 5, 3, tzinfo=UTC), 30) == [
        "Mon 04 10:00",
        "Mon 11 10:00",
    ]


def test_a_start_that_does_not_fit_its_rule_is_no_occurrence():
    """LF-WHEN-5: 5 January 2026 is a Monday."""
    tuesdays = weekly(repeat="FREQ=WEEKLY;BYDAY=TU")

    assert starts([tuesdays], datetime(2026, 1, 4, tzinfo=UTC), 4) == ["Tue 06 10:00"]


def test_a_zone_that_nobody_knows_is_never_open():
    """LF-WHEN-5: the times are then words, and nothing is said about now."""
    assert not is_known_zone("Mars/Olympus_Mons")
    assert (
        occurrences(
            [weekly(time_zone="Mars/Olympus_Mons")],
            since=datetime(2026, 5, 3, tzinfo=UTC),
            until=datetime(2026, 5, 30, tzinfo=UTC),
        )
        == []
    )


def test_the_same_time_said_twice_is_one():
    assert starts([weekly(), weekly()], datetime(2026, 5, 3, tzinfo=UTC), 3) == ["Mon 04 10:00"]


@pytest.mark.parametrize(
    "repeat",
    [
        "FREQ=DAILY",
        "FREQ=DAILY;COUNT=999",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=MONTHLY;COUNT=999;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=YEARLY;INTERVAL=99;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=DAILY;INTERVAL=99;BYMONTH=1;BYDAY=MO",
        "FREQ=YEARLY;COUNT=999;BYMONTH=2;BYMONTHDAY=30",
    ],
)
def test_a_recurrence_bomb_costs_little(repeat, monkeypatch):
    """LF-WHEN-5: the days that are looked at are those around now, or as many as are counted."""
    looked_at = []
    within = _Rule._within
    monkeypatch.setattr(
        _Rule, "_within", lambda self, period: looked_at.append(period) or within(self, period)
    )

    next_time([weekly(start="1970-01-01T00:00", repeat=repeat)], datetime(2998, 6, 1, tzinfo=UTC))

    assert len(looked_at) <= 2 * 12 * 1_029


RULES = st.sampled_from(
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=DAILY;INTERVAL=2;BYDAY=MO,WE",
        "FREQ=DAILY;BYMONTH=1,6",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU",
        "FREQ=WEEKLY;INTERVAL=5;BYDAY=FR",
        "FREQ=WEEKLY;BYMONTH=3;BYDAY=TU",
        "FREQ=WEEKLY;COUNT=7;BYDAY=TU,WE",
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;INTERVAL=2",
        "FREQ=MONTHLY;BYMONTHDAY=-1,31",
        "FREQ=MONTHLY;INTERVAL=5;BYDAY=-1SU",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=MONTHLY;COUNT=9;BYDAY=2WE",
        "FREQ=YEARLY",
        "FREQ=YEARLY;INTERVAL=2",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=YEARLY;BYMONTHDAY=1",
        "FREQ=YEARLY;INTERVAL=3;BYMONTH=5,11;BYDAY=MO",
    ]
)


@settings(deadline=None, max_examples=150)
@given(
    repeat=RULES,
    start=st.datetimes(datetime(2020, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001
        lambda one: one.replace(second=0, microsecond=0)
    ),
    since=st.datetimes(datetime(2019, 1, 1), datetime(2032, 1, 1)),  # noqa: DTZ001
)
def test_beginning_near_the_span_gives_what_beginning_at_the_start_gives(repeat, start, since):
    """The whole rule, followed from its start by the library as it stands, is the measure."""
    since = since.replace(microsecond=0)
    until = since + timedelta(days=200)
    one = weekly(start=start.strftime("%Y-%m-%dT%H:%M"), repeat=repeat, time_zone="UTC", minutes=1)

    found = [
        occurrence.start.replace(tzinfo=None)
        for occurrence in occurrences(
            [one], since=since.replace(tzinfo=UTC), until=until.replace(tzinfo=UTC)
        )
    ]

    whole = rrulestr(f"RRULE:{repeat};WKST=MO", dtstart=start)
    expected = [
        begins
        for begins in whole.between(since - timedelta(days=1), until)
        if begins < until and begins + timedelta(minutes=1) > since
    ]
    assert found == expected
