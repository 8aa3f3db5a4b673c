"""When something is on, in words: what they say is so, in every language of the pages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from interop.listings_made import offer_on
from localfed.protocol.forms import Address, Place
from localfed.protocol.schedule import Recurrence
from localfed.web.readers import Reader
from localfed.web.schedules import say_next_day, say_schedule, say_soon
from web.pages_read import Page

NOW = datetime(2026, 11, 27, 17, 29, tzinfo=UTC)  # a Friday
READER = Reader(languages=("en",), miles=False, now=NOW)
BRITAIN = (Place(address=Address(address_country="GB")),)


def recurrence(**changes):
    members = {
        "start": "2026-01-05T10:00",
        "minutes": 60,
        "time_zone": "Europe/London",
        "repeat": "FREQ=WEEKLY;BYDAY=MO",
    }
    return Recurrence(**{**members, **changes})


def say(**changes):
    [said] = say_schedule(offer_on(recurrence(**changes), location=BRITAIN), READER)
    return said.text


RULES = {
    "FREQ=WEEKLY;BYDAY=MO": "Mondays",
    "FREQ=WEEKLY": "Mondays",
    "FREQ=WEEKLY;INTERVAL=2": "every 2 weeks on Mondays",
    "FREQ=WEEKLY;BYMONTH=5,6,7;BYDAY=MO": "Mondays, only in May, June, July",
    "FREQ=DAILY": "every day",
    "FREQ=DAILY;INTERVAL=3": "every 3 days",
    "FREQ=DAILY;BYMONTH=8": "every day, only in August",
    "FREQ=DAILY;BYDAY=SA,SU": "Saturdays, Sundays",
    "FREQ=MONTHLY": "every month on day 5",
    "FREQ=MONTHLY;INTERVAL=3": "every 3 months on day 5",
    "FREQ=MONTHLY;BYMONTHDAY=15": "every month on day 15",
    "FREQ=MONTHLY;BYMONTHDAY=15,-1": "every month on day 15, the last day",
    "FREQ=MONTHLY;BYDAY=2TU": "every month on second Tuesdays",
    "FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2": "every month on second Tuesdays",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": (
        "every month on the last day from Monday to Friday"
    ),
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1": (
        "every month on the first day from Monday to Friday"
    ),
    "FREQ=MONTHLY;BYMONTH=6;BYDAY=1SA": "every month on first Saturdays, only in June",
    "FREQ=YEARLY": "every year on 5 January",
    "FREQ=YEARLY;INTERVAL=2": "every 2 years on 5 January",
    "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25": "every year on 25 December",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1": "every year on the last day of February",
    "FREQ=YEARLY;BYMONTH=3,9": "every year on 5 March, 5 September",
    "FREQ=YEARLY;BYMONTH=5;BYDAY=MO": "Mondays, only in May",
    # What has no words: its next days, which are so.
    "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR": ("on days that follow a rule, next 13 August 2027"),
    "FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=2": (
        "on days that follow a rule, next 6 December, 3 January 2027, 7 February 2027"
    ),
    "FREQ=DAILY;INTERVAL=3;BYDAY=MO": (
        "on days that follow a rule, next 7 December, 28 December, 18 January 2027"
    ),
    "FREQ=YEARLY;BYMONTHDAY=1": (
        "on days that follow a rule, next 1 December, 1 January 2027, 1 February 2027"
    ),
    "FREQ=YEARLY;BYMONTHDAY=30;BYDAY=MO;BYMONTH=2": "on days that follow a rule",
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_said_whole_or_by_its_next_days(rule):
    assert say(repeat=rule) == f"{RULES[rule]}, 10:00 to 11:00"


@pytest.mark.parametrize(
    "changes, words",
    [
        (
            {"repeat": "FREQ=DAILY", "until": "2026-11-29", "except_date": ("2026-11-28",)},
            "every day, 10:00 to 11:00, until 29 November 2026, not on 28 November 2026",
        ),
        ({"except_date": ("2026-06-01",)}, "Mondays, 10:00 to 11:00"),
        ({"start": "2027-01-04T10:00"}, "Mondays, 10:00 to 11:00, from 4 January 2027"),
        (
            {"start": "2026-11-26T10:00", "repeat": "FREQ=DAILY;COUNT=3"},
            "every day, 10:00 to 11:00, 3 times, from 26 November 2026",
        ),
        (
            {"repeat": "FREQ=DAILY;COUNT=3"},
            "over: every day, 10:00 to 11:00, 3 times, from 5 January 2026",
        ),
        ({"repeat": None}, "over: 5 January 2026, 10:00 to 11:00"),
        ({"repeat": None, "start": "2026-12-05T10:00"}, "5 December 2026, 10:00 to 11:00"),
        ({"start": "2026-01-05T22:00", "minutes": 240}, "Mondays, 22:00 to 02:00"),
        (
            {"start": "2026-01-05T22:00", "minutes": 1440},
            "Mondays, 22:00 to 22:00 on the next day",
        ),
        (
            {"start": "2026-01-05T22:00", "minutes": 2880},
            "Mondays, 22:00 to 22:00, 2 days later",
        ),
        (
            {"except_date": tuple(f"2026-12-0{day}" for day in range(1, 9))},
            "Mondays, 10:00 to 11:00, not on "
            + ", ".join(f"{day} December 2026" for day in range(1, 7))
            + " and 2 more days",
        ),
    ],
)
def test_how_long_it_lasts_when_it_ends_and_what_is_left_out_is_said(changes, words):
    assert say(**changes) == words


def test_a_name_stands_before_its_time():
    assert say(name={"en": "Drop-in"}) == "Drop-in: Mondays, 10:00 to 11:00"


# --- zones -------------------------------------------------------------------------------------

LUNCH = recurrence(
    start="2026-01-05T12:00", repeat="FREQ=DAILY", time_zone="America/New_York", minutes=60
)


@pytest.mark.parametrize(
    "more, zone, words",
    [
        ({"location": BRITAIN}, "Europe/London", ""),
        ({"location": BRITAIN}, "Europe/Dublin", " (Dublin time)"),
        ({"location": BRITAIN, "online": True}, "Europe/London", " (London time)"),
        ({}, "Europe/London", " (London time)"),
        ({"location": (Place(name={"en": "Hall"}),)}, "Europe/London", " (London time)"),
        (
            {"location": (Place(address=Address(address_country="US")),)},
            "America/New_York",
            " (New York time)",
        ),
        ({"location": BRITAIN}, "America/New_York", " (New York time)"),
        ({"location": BRITAIN}, "UTC", " (UTC time)"),
        ({"location": BRITAIN}, "Mars/Olympus", " (Mars/Olympus)"),
    ],
)
def test_the_zone_is_said_but_where_it_is_that_of_the_country_that_it_is_in(more, zone, words):
    [said] = say_schedule(offer_on(recurrence(time_zone=zone), **more), READER)

    assert said.text == "Mondays, 10:00 to 11:00" + words


def test_what_is_open_elsewhere_says_by_which_clocks():
    offer = offer_on(LUNCH)

    assert say_soon(offer, NOW) == ("open now until 13:00 (New York time)", True)
    assert say_next_day(offer, NOW) == "Saturday 28 November, 12:00 (New York time)"
    assert say_soon(offer, NOW.replace(hour=19)) == ("tomorrow 12:00 (New York time)", False)


# --- the listing around them -------------------------------------------------------------------


def test_what_has_not_begun_says_when_it_does():
    lido = offer_on(
        recurrence(start="2024-01-01T00:00", minutes=1439, repeat="FREQ=DAILY"),
        valid_from="2027-06-01T00:00:00Z",
        valid_until="2027-09-01T00:00:00Z",
        location=BRITAIN,
    )

    assert say_soon(lido, NOW) == ("next on Tuesday 1 June 2027, 01:00", False)
    assert say_next_day(lido, NOW) == "Tuesday 1 June 2027, 01:00"
    assert say_soon(offer_on(valid_from="2027-06-01T00:00:00Z"), NOW) == (
        "from 1 June 2027",
        False,
    )


def test_what_ends_before_its_next_time_is_over():
    ending = offer_on(recurrence(), valid_until="2026-11-28T12:00:00Z", location=BRITAIN)

    assert say_next_day(ending, NOW) == ""
    assert say_soon(ending, NOW) == ("over", False)
    assert say_schedule(ending, READER)[0].text == "over: Mondays, 10:00 to 11:00"


def test_a_listing_without_times_says_none():
    assert say_soon(offer_on(), NOW) == ("", False)
    assert say_next_day(offer_on(), NOW) == ""


async def test_a_page_says_from_when_how_far_and_by_which_clocks(town, client):
    await town.publish(
        "lido",
        {
            "type": "Offer",
            "name": "Summer lido",
            "schedule": ["Mo-Su 00:00-23:59 Europe/London"],
            "validFrom": "2026-06-01T00:00:00Z",
            "validUntil": "2026-09-01T00:00:00Z",
            "location": [{"latitude": "54.6021", "longitude": "-2.3014", "reach": 5000}],
        },
    )

    page = Page(await (await client.get(town.page_of("lido"))).text())
    welsh = Page(await (await client.get(town.page_of("lido") + "?lang=cy")).text())
    found = await (await client.get("/api/v1/search?q=lido&open=now")).json()

    assert page.faults == []
    assert "open now" not in page.text
    assert "This begins on 1 June 2026." in page.text
    assert "From 1 June 2026 Until 1 September 2026" in page.text
    assert "Next Monday 1 June, 01:00 (London time)" in page.text
    assert "comes to you, up to 5.0 km away" in page.text
    assert "(amser Llundain)" in welsh.text
    assert "hyd at" in welsh.text
    assert found["results"] == []
