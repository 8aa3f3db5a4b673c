"""Calendars over HTTP: of one record, of a search, bounded, and nothing where there are no times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from localfed.app import search
from localfed.web import calendars
from web.conftest import PLACE
from web.pages_read import Page

MONDAYS = {
    "start": "2026-01-05T10:00",
    "minutes": 90,
    "timeZone": "Europe/London",
    "repeat": "FREQ=WEEKLY;BYDAY=MO",
    "name": {"en": "drop-in", "cy": "galw heibio"},
}
ONCE = {"start": "2026-06-06T14:30", "minutes": 60, "timeZone": "Europe/London"}


async def read(client, path, **headers):
    answer = await client.get(path, headers=headers)
    assert answer.status == 200, await answer.text()
    assert answer.content_type == "text/calendar"
    return icalendar.Calendar.from_ical(await answer.read())


@pytest.fixture
async def yoga(town):
    await town.publish(
        "yoga",
        {
            "type": "Offer",
            "name": {"en": "Yoga", "cy": "Ioga"},
            "description": "With mats.",
            "location": PLACE,
            "schedule": [MONDAYS, ONCE],
        },
    )
    return town.page_of("yoga")


async def test_a_record_with_times_is_a_calendar_and_its_page_leads_there(town, client, yoga):
    page = Page(await (await client.get(yoga)).text())
    assert f"{yoga}.ics" in page.links()

    calendar = await read(client, f"{yoga}.ics")

    drop_in, once = calendar.walk("VEVENT")
    assert drop_in["summary"] == "Yoga: drop-in"
    assert once["summary"] == "Yoga"
    assert drop_in["location"] == "Aldwater"
    assert (drop_in["geo"].latitude, drop_in["geo"].longitude) == (54.6021, -2.3014)
    assert drop_in["url"] == f"https://kitchen.example{yoga}"
    assert drop_in["uid"] != once["uid"]
    assert "Published by Kitchen (kitchen.example)" in drop_in["description"]


async def test_the_same_is_known_again_when_it_changes(town, client, yoga):
    before = [one["uid"] for one in (await read(client, f"{yoga}.ics")).walk("VEVENT")]
    town.federation.clock.advance(hours=1)
    await town.kitchen.publish(
        {
            "type": "Offer",
            "name": "Yoga, later",
            "schedule": [MONDAYS, ONCE],
            "id": town.ids["yoga"],
        }
    )

    after = (await read(client, f"{yoga}.ics")).walk("VEVENT")

    assert [one["uid"] for one in after] == before
    assert after[0]["summary"] == "Yoga, later: drop-in"
    assert after[0].decoded("last-modified") == datetime(2026, 5, 1, 10, tzinfo=UTC)


async def test_texts_are_in_the_language_asked_for(client, yoga):
    calendar = await read(client, f"{yoga}.ics?lang=cy")

    assert calendar.walk("VEVENT")[0]["summary"] == "Ioga: galw heibio"


async def test_a_search_is_a_calendar_of_what_it_finds(town, client, yoga):
    await town.publish("choir", {"type": "Offer", "name": "Choir", "schedule": [ONCE]})

    everything = await read(client, "/calendar.ics")
    choir = await read(client, "/calendar.ics?q=choir")

    assert len(everything.walk("VEVENT")) == 3
    assert [one["summary"] for one in choir.walk("VEVENT")] == ["Choir"]
    assert choir["x-wr-calname"] == "Kitchen node: choir"
    assert (await read(client, "/calendar.ics?q=drivers")).walk("VEVENT") == []


async def test_a_calendar_is_offered_below_results_that_have_times(client, yoga):
    links = Page(await (await client.get("/?q=yoga")).text()).links()

    assert "/calendar.ics?q=yoga" in links


async def test_a_calendar_of_everything_is_bounded(town, client, monkeypatch):
    monkeypatch.setattr(calendars, "EVENTS_MAX", 30)
    for number in range(4):
        await town.kitchen.publish(
            {"type": "Offer", "name": f"Group {number}", "schedule": [MONDAYS] * 20}
        )
    await search.catch_up(town.kitchen.ports)

    assert len((await read(client, "/calendar.ics")).walk("VEVENT")) == 30


async def test_an_unchanged_calendar_is_not_sent_again(client, yoga):
    for path in (f"{yoga}.ics", "/calendar.ics"):
        tag = (await client.get(path)).headers["ETag"]
        assert (await client.get(path, headers={"If-None-Match": tag})).status == 304


async def test_what_has_no_times_has_no_calendar(town, client, yoga):
    scid = town.kitchen.did.split(":")[2]
    for path in (
        f"{town.page_of('veg')}.ics",
        f"{town.page_of('cycles')}.ics",
        f"/documents/{scid}/d/{'a' * 26}.ics",
        f"/documents/{'Q' * 46}/d/{'a' * 26}.ics",
        f"/documents/{scid}/org.ics",
        f"/documents/{scid}/../org.ics",
    ):
        answer = await client.get(path)

        assert answer.status == 404, path
    assert f"{town.page_of('veg')}.ics" not in await (await client.get(town.page_of("veg"))).text()


async def test_what_has_expired_has_no_calendar(town, client, yoga):
    town.federation.clock.advance(days=200)

    assert (await client.get(f"{yoga}.ics")).status in {404, 410}
    assert (await read(client, "/calendar.ics")).walk("VEVENT") == []


async def test_a_vague_place_has_no_point(town, client):
    vague = [{"latitude": "54.6", "longitude": "-2.3", "radius": 2000}]
    await town.publish(
        "group", {"type": "Offer", "name": "Group", "location": vague, "schedule": [ONCE]}
    )

    [event] = (await read(client, f"{town.page_of('group')}.ics")).walk("VEVENT")

    assert "geo" not in event


async def test_times_stay_on_the_clocks_of_their_place(client, yoga):
    [event, _] = (await read(client, f"{yoga}.ics")).walk("VEVENT")

    start = event.decoded("dtstart")
    assert start.tzinfo.key == "Europe/London"
    assert start.hour == 10
    assert event.decoded("dtend") - start == timedelta(minutes=90)
