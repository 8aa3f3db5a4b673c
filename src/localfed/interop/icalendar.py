"""iCalendar: schedules as a file that calendar programs take.

Here: a time at which something is on as VEVENT, the zones that its times are in, a calendar of them. Not here: on
which days a schedule falls (`recurrence`), which records (`web.calendars`).
Source: RFC 5545, RFC 7986 (name, source and refresh of a calendar). Escaping, folding and zones are the library's;
it is imported when the first calendar is asked for (4 MB).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import msgspec

from localfed.interop.listing_times import Validity, first_time
from localfed.interop.outgoing_text import clean, clean_line
from localfed.interop.recurrence import Occurrence, count_begins
from localfed.protocol.schedule import Recurrence, read_date
from localfed.protocol.times import read_time

if TYPE_CHECKING:
    from icalendar import Calendar, Event, Timezone

MEDIA_TYPE: Final = "text/calendar; charset=utf-8"

_PRODUCT: Final = "-//LocalFed//LocalFed 1.0//EN"
_REFRESH: Final = timedelta(hours=12)
_YEARS_AHEAD: Final = 12
"""So far ahead the clocks of a zone are written out; programs that know the zone go by its name."""
_FURTHEST_YEARS: Final = 30
_UTC_NAMES: Final = frozenset({"UTC", "Etc/UTC", "Etc/UCT", "Etc/Zulu", "UCT", "Zulu"})


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One time at which something is on, once or again and again, and what a calendar says of it."""

    uid: str
    """Never changes: by it a calendar knows the same again."""
    recurrence: Recurrence
    validity: Validity = Validity()
    """From when to when the listing itself counts: it does not begin later, nor end before."""
    summary: str
    description: str = ""
    location: str = ""
    point: tuple[float, float] | None = None
    """Latitude and longitude; None for none, or for one that is vague on purpose."""
    url: str
    categories: tuple[str, ...] = ()
    updated: str
    """When it was signed (time of the wire): by it a calendar knows the newer of two."""


def write_calendar(
    name: str, happenings: Iterable[Happening], *, source: str, now: datetime
) -> bytes:
    """Write a calendar; what never falls on a day while it counts, or is in a zone that is not known here, is left out.

    `source` is where the file can be had again. The same happenings give the same bytes all year.
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    name = clean_line(name)
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("source", source, parameters={"VALUE": "URI"})
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT12H")
    firsts = [
        (one, first)
        for one in happenings
        if (first := first_time(one.recurrence, one.validity)) is not None
    ]
    _add_zones(calendar, [first for _, first in firsts], [one for one, _ in firsts], now)
    for happening, first in firsts:
        calendar.add_component(_event(happening, first))
    return bytes(calendar.to_ical(sorted=False))


def _add_zones(
    calendar: Calendar, firsts: Sequence[Occurrence], happenings: Sequence[Happening], now: datetime
) -> None:
    """Say what the clocks of each zone do, from the first time in it to some years ahead."""
    starts: dict[str, list[int]] = {}
    for happening, first in zip(happenings, firsts, strict=True):
        starts.setdefault(happening.recurrence.time_zone, []).append(first.start.year)
    # A calendar of nothing is no calendar (RFC 5545 3.6): a zone is something, and nobody sees it.
    for name, years in sorted(starts.items()) or [("Etc/UTC", [now.year])]:
        if name in _UTC_NAMES and starts:
            continue  # written with a Z
        last = min(max(*years, now.year), now.year + _FURTHEST_YEARS) + _YEARS_AHEAD
        calendar.add_component(_zone(name, min(years), max(last, min(years) + 1)))


@lru_cache(maxsize=64)
def _zone(name: str, first_year: int, last_year: int) -> Timezone:
    from icalendar import Timezone

    return Timezone.from_tzinfo(
        ZoneInfo(name),
        name,
        first_date=date(first_year, 1, 1),
        last_date=date(last_year, 1, 1),
    )


def _event(happening: Happening, first: Occurrence) -> Event:
    from icalendar import Event, vRecur

    one, event = happening.recurrence, Event()
    updated = read_time(happening.updated)
    is_utc = one.time_zone in _UTC_NAMES
    event.add("uid", happening.uid)
    event.add("dtstamp", updated)
    event.add("last-modified", updated)
    event.add("summary", clean_line(happening.summary))
    event.add("dtstart", _moment(first.start, is_utc=is_utc))
    event.add("dtend", _moment(first.end, is_utc=is_utc))
    if one.repeat is not None:
        rule = vRecur.from_ical(one.repeat)
        last = _last_begin(happening)
        if "COUNT" in rule:
            rule["COUNT"] = [_count(happening, first, int(rule["COUNT"][0]))]
        elif last is not None:
            rule["UNTIL"] = [last]
        event.add("rrule", rule)
        left_out = [
            _moment(
                datetime.combine(read_date(day), first.start.time(), first.start.tzinfo),
                is_utc=is_utc,
            )
            for day in one.except_date
        ]
        if left_out:
            event.add("exdate", left_out)
    if happening.description:
        event.add("description", clean(happening.description))
    if happening.location:
        event.add("location", clean_line(happening.location))
    if happening.point is not None:
        event.add("geo", happening.point)
    event.add("url", happening.url)
    if happening.categories:
        event.add("categories", [clean_line(category) for category in happening.categories])
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # it is on; that nobody is busy because of it
    return event


def _moment(value: datetime, *, is_utc: bool) -> datetime:
    return value.astimezone(UTC) if is_utc else value


def _count(happening: Happening, first: Occurrence, count: int) -> int:
    """Count how often it begins from its first time on, to the end of the listing."""
    one, ends = happening.recurrence, happening.validity.ends
    before = count_begins(one, first.start - timedelta(minutes=1))
    return (count if ends is None else min(count, count_begins(one, ends))) - before


def _last_begin(happening: Happening) -> datetime | None:
    """Return the last moment at which it can begin; None: there is none."""
    found = []
    if happening.recurrence.until is not None:
        day = read_date(happening.recurrence.until)
        local = datetime.combine(day, time(23, 59, 59), ZoneInfo(happening.recurrence.time_zone))
        found.append(local.astimezone(UTC))
    if happening.validity.ends is not None:
        found.append(happening.validity.ends)
    return min(found) if found else None
