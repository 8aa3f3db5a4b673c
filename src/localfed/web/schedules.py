"""Schedules: when an offer or a need is on, in words.

Here: each recurrence as a line, the next time, which zone its clocks are in. What the words cannot say exactly is said
roughly, with its next days: never something that is not so. Not here: on which days it falls (`interop.recurrence`),
the other lines of a page (`particulars`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from localfed.interop.listing_times import (
    is_all_over,
    is_over,
    next_time,
    next_times,
    on_until,
    validity_of,
)
from localfed.interop.recurrence import Occurrence, is_known_zone
from localfed.protocol.listing import Listing
from localfed.protocol.schedule import Recurrence, read_local, rule_parts
from localfed.web.languages import (
    Said,
    name_of_month,
    name_of_weekday,
    name_of_zone,
    only_zone_of,
    say_day,
    say_next,
    say_open,
)
from localfed.web.readers import Reader
from localfed.web.translating import _, ngettext

_UNKNOWN: Final = "und"
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WORKING_DAYS: Final = "MO,TU,WE,TH,FR"
_DAY_MINUTES: Final = 1_440
_NEXT_DAYS: Final = 3
"""Days that are named where a rule cannot be said in words."""
_NAMED: Final = 6
"""Days of a year, or days left out, that are named; more are hard to read."""


def say_schedule(record: Listing, reader: Reader) -> tuple[Said, ...]:
    """Say when a listing is on, a line for each recurrence."""
    return tuple(_say(one, record, reader) for one in record.schedule)


def say_next_day(record: Listing, now: datetime) -> str:
    """Say when it begins next: `Tuesday 5 May, 10:00`; empty where there is no such time."""
    found = next_time(record, now) if record.schedule else None
    if found is None:
        return ""
    day = f"{name_of_weekday(found.start.weekday())} {_say_date(found.start, now)}"
    return in_zone(f"{day}, {found.start:%H:%M}", record, found)


def say_soon(record: Listing, now: datetime) -> tuple[str, bool]:
    """Say in short when it is on, for a card, and whether that is now; empty where it does not say."""
    until = on_until(record, now)
    if until is not None:
        return _with_zone(say_open(until, now), _zone_of(record, until)), True
    found = next_time(record, now)
    if found is not None:
        return in_zone(say_next(found.start, now), record, found), False
    if is_all_over(record, now):
        return _("over"), False
    if not validity_of(record).has_begun(now):
        return _("from %(day)s") % {"day": say_day(record.valid_from or "")}, False
    return "", False


def in_zone(words: str, record: Listing, found: Occurrence) -> str:
    """Add to a time the zone that it is in, where a reader might take it for another."""
    return _with_zone(words, _zone_of(record, found.start))


def _zone_of(record: Listing, moment: datetime) -> str:
    return _zone_to_say(record, getattr(moment.tzinfo, "key", ""))


def _zone_to_say(record: Listing, zone: str) -> str:
    """Name the zone of a time; empty only where it is that of the whole country that each of its places is in."""
    if not is_known_zone(zone):
        return zone
    countries = {
        place.address.address_country if place.address else None for place in record.location
    }
    if not record.online and countries and all(only_zone_of(one) == zone for one in countries):
        return ""
    return name_of_zone(zone)


def _with_zone(words: str, zone: str) -> str:
    return f"{words} ({zone})" if zone else words


def _say(one: Recurrence, record: Listing, reader: Reader) -> Said:
    now = reader.now
    start = read_local(one.start)
    if one.repeat is None:
        words = f"{_say_full_date(start)}, {_times(one, start)}"
    else:
        words = _repeats(one, start) or _roughly(one, record, now)
        words = ", ".join((words, _times(one, start), *_bounds(one, start, now)))
    words = _with_zone(words, _zone_to_say(record, one.time_zone))
    if is_over(one, validity_of(record), now):
        words = _("over: %(when)s") % {"when": words}
    if not one.name:
        return Said(words, _UNKNOWN)
    name = reader.choose(one.name, record.language)
    return Said(f"{name.text}: {words}", name.lang)


def _times(one: Recurrence, start: datetime) -> str:
    minutes = start.hour * 60 + start.minute + one.minutes
    times = {"start": f"{start:%H:%M}", "end": f"{minutes % 1440 // 60:02}:{minutes % 60:02}"}
    if one.minutes < _DAY_MINUTES:
        return _("%(start)s to %(end)s") % times
    days = minutes // _DAY_MINUTES
    wording = ngettext(
        "%(start)s to %(end)s on the next day", "%(start)s to %(end)s, %(number)s days later", days
    )
    return wording % {**times, "number": days}


def _bounds(one: Recurrence, start: datetime, now: datetime) -> list[str]:
    """Say from when, how often and until when it repeats, and on which days to come it does not."""
    found = []
    count = rule_parts(one.repeat or "")["COUNT"] if "COUNT=" in (one.repeat or "") else None
    here = now.replace(tzinfo=None)
    if count is not None:
        wording = ngettext("once, from %(day)s", "%(number)s times, from %(day)s", int(count))
        found.append(wording % {"number": count, "day": _say_full_date(start)})
    elif start > here:
        found.append(_("from %(day)s") % {"day": _say_full_date(start)})
    if one.until:
        found.append(_("until %(day)s") % {"day": _say_full_date(read_local(one.until))})
    # A day is over at another time elsewhere: yesterday is named rather than today left out.
    days = sorted({day for day in one.except_date if read_local(day) > here - timedelta(days=2)})
    if days:
        named = ", ".join(_say_full_date(read_local(day)) for day in days[:_NAMED])
        more = len(days) - _NAMED
        if more > 0:
            wording = ngettext(
                "not on %(days)s and %(number)s more day",
                "not on %(days)s and %(number)s more days",
                more,
            )
            found.append(wording % {"days": named, "number": more})
        else:
            found.append(_("not on %(days)s") % {"days": named})
    return found


def _roughly(one: Recurrence, record: Listing, now: datetime) -> str:
    """Say a rule that there are no words for: on which days it falls next."""
    alone = msgspec.structs.replace(record, schedule=(one,))
    days = [_say_date(each.start, now) for each in next_times(alone, now, _NEXT_DAYS)]
    if not days:
        return _("on days that follow a rule")
    return _("on days that follow a rule, next %(days)s") % {"days": ", ".join(days)}


def _say_full_date(day: datetime) -> str:
    return f"{day.day} {name_of_month(day.month)} {day.year}"


def _say_date(day: datetime, now: datetime) -> str:
    return f"{day.day} {name_of_month(day.month)}" if day.year == now.year else _say_full_date(day)


# --- rules -------------------------------------------------------------------------------------


def _repeats(one: Recurrence, start: datetime) -> str:
    """Say a rule; empty where it would be something else in words."""
    parts = rule_parts(one.repeat or "")
    frequency, interval = parts["FREQ"], int(parts.get("INTERVAL", "1"))
    months = [int(month) for month in parts.get("BYMONTH", "").split(",") if month]
    days = _named_days(parts, start)
    if days is None or (frequency in {"MONTHLY", "YEARLY"} and months and interval > 1):
        return ""
    if frequency == "YEARLY":
        return _yearly(parts, start, months, days, interval)
    if frequency == "DAILY" and days and interval > 1:
        return ""
    every = _say_every(frequency, interval)
    if days and interval == 1 and frequency != "MONTHLY":
        words = ", ".join(days)
    else:
        words = (
            _("%(every)s on %(days)s") % {"every": every, "days": ", ".join(days)}
            if days
            else every
        )
    return _only_in(words, months)


def _yearly(
    parts: dict[str, str], start: datetime, months: list[int], days: list[str], interval: int
) -> str:
    if days:  # all of these days of the week in the year
        return _only_in(", ".join(days), months) if interval == 1 else ""
    numbers = [int(day) for day in parts.get("BYMONTHDAY", str(start.day)).split(",")]
    if "BYMONTHDAY" in parts and not months:
        return ""
    dates = [
        _say_day_of(month, number)
        for month in sorted(set(months)) or [start.month]
        for number in sorted(set(numbers), key=lambda number: (number < 0, number))
    ]
    if len(dates) > _NAMED:
        return ""
    every = _say_every("YEARLY", interval)
    return _("%(every)s on %(days)s") % {"every": every, "days": ", ".join(dates)}


def _named_days(parts: dict[str, str], start: datetime) -> list[str] | None:
    """Name the days of a week or a month that a rule names; None where words cannot."""
    named, position = parts.get("BYDAY", ""), parts.get("BYSETPOS")
    if named and "BYMONTHDAY" in parts:
        return None
    if position is not None:
        if named == _WORKING_DAYS and position in {"1", "-1"}:
            first = position == "1"
            return [
                _("the first day from Monday to Friday")
                if first
                else _("the last day from Monday to Friday")
            ]
        # One day of the week, not numbered itself: the same as a numbered one.
        return [_each(position, named)] if named in _WEEKDAYS else None
    if named:
        return [_each(day[:-2], day[-2:]) for day in named.split(",")]
    if parts["FREQ"] == "WEEKLY":
        return [_each("", _WEEKDAYS[start.weekday()])]
    if parts["FREQ"] == "MONTHLY":
        numbers = {int(day) for day in parts.get("BYMONTHDAY", str(start.day)).split(",")}
        return [_say_number(day) for day in sorted(numbers, key=lambda day: (day < 0, day))]
    return []


def _say_number(day: int) -> str:
    return _("the last day") if day < 0 else _("day %(number)s") % {"number": day}


def _say_day_of(month: int, day: int) -> str:
    if day < 0:
        return _("the last day of %(month)s") % {"month": name_of_month(month)}
    return f"{day} {name_of_month(month)}"


def _only_in(words: str, months: list[int]) -> str:
    if not months:
        return words
    named = ", ".join(name_of_month(month) for month in sorted(set(months)))
    return _("%(when)s, only in %(months)s") % {"when": words, "months": named}


def _say_every(frequency: str, interval: int) -> str:
    words = {
        "DAILY": ngettext("every day", "every %(number)s days", interval),
        "WEEKLY": ngettext("every week", "every %(number)s weeks", interval),
        "MONTHLY": ngettext("every month", "every %(number)s months", interval),
        "YEARLY": ngettext("every year", "every %(number)s years", interval),
    }[frequency]
    return words % {"number": interval} if "%(number)s" in words else words


def _each(number: str, day: str) -> str:
    """Name a day that comes again: `Tuesdays`, `second Tuesdays`."""
    named = {
        "MO": _("Mondays"),
        "TU": _("Tuesdays"),
        "WE": _("Wednesdays"),
        "TH": _("Thursdays"),
        "FR": _("Fridays"),
        "SA": _("Saturdays"),
        "SU": _("Sundays"),
    }[day]
    if not number:
        return named
    wording = {
        "-1": _("last %(days)s"),
        "1": _("first %(days)s"),
        "2": _("second %(days)s"),
        "3": _("third %(days)s"),
        "4": _("fourth %(days)s"),
    }.get(number, _("fifth %(days)s"))
    return wording % {"days": named}
