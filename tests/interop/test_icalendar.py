"""Calendars as calendar programs read them: every time is where our own reader says it is, and no text adds a line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from localfed.interop.icalendar import Happening, write_calendar
from localfed.interop.listing_times import Validity
from localfed.interop.recurrence import first_occurrence, occurrences
from localfed.protocol.schedule import Recurrence

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
FIRST, LAST = datetime.fromisoformat("2025-01-01"), datetime.fromisoformat("2027-06-01")
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


def weekly(**changes):
    members = {
        "start": "2026-01-05T10:00",
        "minutes": 120,
        "time_zone": "Europe/London",
        "repeat": "FREQ=WEEKLY;BYDAY=MO,TH",
    }
    return Recurrence(**{**members, **changes})


def happening(recurrence, **changes):
    members = {
        "uid": "scid/d/a/1",
        "recurrence": recurrence,
        "summary": "Yoga",
        "url": "https://kitchen.example/documents/scid/d/a",
        "updated": "2026-05-01T09:00:00Z",
    }
    return Happening(**{**members, **changes})


def until(moment):
    return Validity(ends=moment)


def write(*happenings, name="Kitchen"):
    return write_calendar(name, happenings, source="https://kitchen.example/c.ics", now=NOW)


def read(*happenings, **changes):
    return icalendar.Calendar.from_ical(write(*happenings, **changes))


def events(calendar):
    return calendar.walk("VEVENT")


def expanded(event, until=UNTIL):
    """Work out the times of an event as dateutil does, on the clocks that the file names."""
    start, end = event.decoded("dtstart"), event.decoded("dtend")
    length = end.astimezone(UTC) - start.astimezone(UTC)
    begins = [start.replace(tzinfo=None)]
    if "rrule" in event:
        rule = dict(event["rrule"])
        last = rule.pop("UNTIL", [None])[0]
        text = icalendar.vRecur(rule).to_ical().decode()
        naive = rrulestr(text, dtstart=begins[0])
        begins = naive.between(
            begins[0] - timedelta(days=1), until.replace(tzinfo=None) + timedelta(days=1), inc=True
        )
        if last is not None:
            begins = [one for one in begins if one.replace(tzinfo=start.tzinfo) <= last]
    left_out = set()
    listed = event.get("exdate", [])
    for one in listed if isinstance(listed, list) else [listed]:
        left_out |= {each.dt.replace(tzinfo=None) for each in one.dts}
    found = []
    for begin in begins:
        if begin in left_out:
            continue
        opens = begin.replace(tzinfo=start.tzinfo)
        closes = (opens.astimezone(UTC) + length).astimezone(start.tzinfo)
        if opens < until and closes > SINCE:
            found.append((opens.astimezone(UTC), closes.astimezone(UTC)))
    return sorted(found)


def ours(recurrence):
    found = occurrences([recurrence], since=SINCE, until=UNTIL)
    return [(one.start.astimezone(UTC), one.end.astimezone(UTC)) for one in found]


SCHEDULES = {
    "twice a week": weekly(),
    "once": weekly(start="2026-06-06T14:30", repeat=None),
    "every second week": weekly(repeat="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"),
    "a start that is no day of its own": weekly(start="2026-01-07T10:00"),
    "a start in the wrong half": weekly(
        start="2026-01-09T10:00", repeat="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"
    ),
    "ten times": weekly(repeat="FREQ=WEEKLY;COUNT=10;BYDAY=MO,TH"),
    "ten times, two of them left out": weekly(
        repeat="FREQ=WEEKLY;COUNT=10;BYDAY=MO,TH", except_date=("2026-01-05", "2026-01-15")
    ),
    "until the clocks change": weekly(repeat="FREQ=DAILY", until="2026-03-29"),
    "the last day counts to its end": weekly(
        start="2026-06-01T23:30", repeat="FREQ=DAILY", until="2026-06-05"
    ),
    "left out on days": weekly(except_date=("2026-05-04", "2026-08-31", "2026-12-24")),
    "over the change of clocks": weekly(start="2026-01-01T23:00", minutes=300, repeat="FREQ=DAILY"),
    "in the hour that is not": weekly(start="2026-01-01T01:30", repeat="FREQ=DAILY"),
    "the first Tuesday of the month": weekly(repeat="FREQ=MONTHLY;BYDAY=1TU"),
    "the last Friday of each second month": weekly(repeat="FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR"),
    "the last working day": weekly(repeat="FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
    "the last day of the month": weekly(repeat="FREQ=MONTHLY;BYMONTHDAY=-1"),
    "on the 31st": weekly(start="2026-01-31T10:00", repeat="FREQ=MONTHLY"),
    "every year": weekly(repeat="FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24"),
    "in summer": weekly(repeat="FREQ=WEEKLY;BYMONTH=6,7,8;BYDAY=SA"),
    "in New York": weekly(time_zone="America/New_York"),
    "where it is summer in winter": weekly(time_zone="Australia/Sydney", minutes=600),
    "where clocks move by half an hour": weekly(time_zone="Australia/Lord_Howe"),
    "where clocks stay": weekly(time_zone="Asia/Kolkata"),
    "by the clock of nobody": weekly(time_zone="UTC"),
    "a week long": weekly(minutes=10_080, repeat="FREQ=MONTHLY;BYDAY=1MO"),
    "long ago": weekly(start="1999-02-01T10:00"),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_two_years_of_every_schedule_are_the_same_read_by_others(name):
    """LF-WHEN-5."""
    recurrence = SCHEDULES[name]

    [event] = events(read(happening(recurrence)))

    assert expanded(event) == ours(recurrence)
    assert ours(recurrence)


RULES = st.builds(
    lambda frequency, interval, count, days: ";".join(
        [
            f"FREQ={frequency}",
            *([f"INTERVAL={interval}"] if interval > 1 else []),
            *([f"COUNT={count}"] if count else []),
            *([f"BYDAY={','.join(days)}"] if days else []),
        ]
    ),
    st.sampled_from(["DAILY", "WEEKLY"]),
    st.integers(1, 9),
    st.integers(0, 40),
    st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), unique=True),
)


@settings(max_examples=150, deadline=None)
@given(
    RULES,
    st.datetimes(FIRST, LAST),
    st.integers(1, 2_000),
    st.sampled_from(["Europe/London", "America/New_York", "Pacific/Chatham", "Africa/Casablanca"]),
    st.lists(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=5),
)
def test_any_rule_is_the_same_read_by_others(rule, start, minutes, zone, left_out):
    """LF-WHEN-5."""
    recurrence = weekly(
        start=start.strftime("%Y-%m-%dT%H:%M"),
        minutes=minutes,
        time_zone=zone,
        repeat=rule,
        except_date=tuple(day.isoformat() for day in left_out),
    )

    written = events(read(happening(recurrence)))

    # What never comes (each seventh day from a Wednesday on, if it is a Monday) is no event.
    assert [expanded(event) for event in written] == ([ours(recurrence)] if written else [])
    assert written or not ours(recurrence)


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe"])
def test_a_program_that_knows_no_zones_finds_the_clocks_of_each_in_the_file(zone):
    calendar = read(happening(weekly(time_zone=zone)))

    [written] = calendar.walk("VTIMEZONE")
    assert written["tzid"] == zone
    theirs = written.to_tz(lookup_tzid=False)
    for number in range(730):
        moment = datetime(2026, 1, 2, 12, tzinfo=ZoneInfo(zone)) + timedelta(days=number)
        assert moment.replace(tzinfo=theirs).utcoffset() == moment.utcoffset(), moment


def test_what_never_comes_or_is_in_no_zone_that_is_known_is_left_out():
    never = weekly(repeat="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31")
    nowhere = weekly(time_zone="Middle/Earth")
    no_day = weekly(start="2026-02-30T10:00")

    calendar = read(*(happening(one) for one in (never, nowhere, no_day)))

    assert events(calendar) == []
    # A calendar without a component is none (RFC 5545 3.6).
    assert len(calendar.subcomponents) == 1


def test_a_rule_that_begins_on_no_day_of_its_own_begins_on_its_first():
    first = first_occurrence(weekly(start="2026-01-07T10:00"))

    assert first is not None
    assert first.start == datetime(2026, 1, 8, 10, tzinfo=ZoneInfo("Europe/London"))


def test_the_end_of_the_listing_ends_a_rule():
    [event] = events(read(happening(weekly(), validity=until(datetime(2026, 2, 2, 9, tzinfo=UTC)))))

    assert event["rrule"]["UNTIL"] == [datetime(2026, 2, 2, 9, tzinfo=UTC)]


def test_the_end_of_the_listing_ends_a_rule_that_counts():
    ten = weekly(repeat="FREQ=WEEKLY;COUNT=10;BYDAY=MO,TH")
    [event] = events(read(happening(ten, validity=until(datetime(2026, 1, 12, 11, tzinfo=UTC)))))

    assert event["rrule"]["COUNT"] == [3]


def test_an_event_begins_with_its_first_time_in_the_listing():
    begins = datetime(2026, 1, 12, 11, tzinfo=UTC)
    ten = weekly(repeat="FREQ=WEEKLY;COUNT=10;BYDAY=MO,TH")
    [event] = events(read(happening(ten, validity=Validity(begins=begins))))
    [endless] = events(read(happening(weekly(), validity=Validity(begins=begins))))
    once = happening(weekly(repeat=None), validity=Validity(begins=begins))

    # On the 12th it is on from ten to twelve: the listing begins while it is.
    assert event.decoded("dtstart") == datetime(2026, 1, 12, 10, tzinfo=ZoneInfo("Europe/London"))
    assert event["rrule"]["COUNT"] == [8]
    assert expanded(event)[-1] == ours(ten)[-1]
    assert endless.decoded("dtstart") == event.decoded("dtstart")
    assert events(read(once)) == []


def test_what_ends_before_its_first_time_is_no_event():
    early = until(datetime(2026, 1, 5, 10, tzinfo=UTC))

    assert events(read(happening(weekly(), validity=early))) == []


def test_an_event_says_what_a_calendar_shows():
    [event] = events(
        read(
            happening(
                weekly(),
                description="With mats.\nBring socks.",
                location="Hall, 1 High Street",
                point=(54.6, -2.3),
                categories=("sport, indoors", "health"),
            )
        )
    )

    assert event["uid"] == "scid/d/a/1"
    assert event["summary"] == "Yoga"
    assert event["description"] == "With mats.\nBring socks."
    assert event["location"] == "Hall, 1 High Street"
    assert (event["geo"].latitude, event["geo"].longitude) == (54.6, -2.3)
    assert event["url"] == "https://kitchen.example/documents/scid/d/a"
    assert [str(one) for one in event["categories"].cats] == ["sport, indoors", "health"]
    assert event.decoded("last-modified") == event.decoded("dtstamp") == NOW


HOSTILE = (
    "Yoga\r\nATTACH:https://evil.example/\r\nBEGIN:VALARM\r\nACTION:PROCEDURE",
    "Yoga\nEND:VEVENT\nBEGIN:VEVENT\nUID:x",
    "Yoga\rEND:VCALENDAR",
    "Yoga\u2028ATTENDEE:mailto:a@b.example",
    "Yoga\x85END:VEVENT\x0bX:y\x0cZ:w\x00",
    "Yoga; VALUE=URI:https://evil.example/, \\n \\; \\",
    '";X=":Yoga',
    "\u202eagoY\u2066",
    "é" * 500,
    "👩🏽‍🚀" * 100,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_adds_a_line_or_a_component(text):
    one = happening(
        weekly(), summary=text, description=text, location=text, categories=(text, text)
    )
    body = write(one, name=text)

    names = re.findall(rb"(?m)^([A-Z-]+)[;:]", body.replace(b"\r\n ", b""))
    innocent = write(
        happening(weekly(), summary="a", description="a", location="a", categories=("a", "a"))
    )
    assert names == re.findall(rb"(?m)^([A-Z-]+)[;:]", innocent.replace(b"\r\n ", b""))
    for line in body.split(b"\r\n"):
        assert len(line) <= 75
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line)
        line.decode()  # folded between characters, so that each line is text by itself
    [event] = events(icalendar.Calendar.from_ical(body))
    assert "\u202e" not in event["summary"]


def test_five_hundred_events_in_as_many_zones_are_written_in_a_moment():
    zones = ("Europe/London", "America/New_York", "Asia/Tokyo", "Australia/Sydney")
    many = [
        happening(weekly(time_zone=zones[number % 4]), uid=f"u{number}") for number in range(500)
    ]

    calendar = read(*many)

    assert len(events(calendar)) == 500
    assert len(calendar.walk("VTIMEZONE")) == 4
