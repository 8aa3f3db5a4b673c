"""Recurrence: on which days and at what times a schedule falls, worked out for a bounded span of time.

Here: the part of RFC 5545 that a schedule uses, in the time zone of the place. Not here: the form of a
schedule (`protocol.schedule`), words for people (`web`). Spec: 05-documents (LF-WHEN-5). Written here and
not taken from python-dateutil, which follows a rule that never comes to the year 9999: whatever a stranger
wrote, only the span that is asked for is looked at. A test compares the two.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import msgspec

from localfed.protocol.errors import BadTime
from localfed.protocol.schedule import Recurrence, read_date, read_local, rule_parts

AHEAD: Final = timedelta(days=400)
"""How far ahead the next time is looked for: what happens once a year is found."""

LOOKS: Final = (timedelta(days=8), timedelta(days=35), AHEAD)
"""How far ahead one looks, one after the other: most things come again within a week or a month."""

_LIKE: Final = 0.6
_FIRST_WITHIN: Final = timedelta(days=3_653)

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(weeks=1)
_MONTHS: Final = 12
_LONGEST_MONTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Occurrence(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One time at which something is on."""

    start: datetime
    """In the zone of the place, aware."""
    end: datetime
    """In the same zone."""


def is_known_zone(name: str) -> bool:
    """Whether the times of a zone can be worked out here."""
    return _zone(name) is not None


def zones_like(name: str) -> list[str]:
    """Find the names of time zones that are most like one that is not known, at most three, the likest first."""
    names = {one.lower(): one for one in sorted(available_timezones())}
    return [names[one] for one in get_close_matches(name.lower(), names, 3, _LIKE)]


def occurrences(
    schedule: Iterable[Recurrence], *, since: datetime, until: datetime
) -> list[Occurrence]:
    """Work out what lies in a span of time, or reaches into it, earliest first (LF-WHEN-5).

    `since` and `until` are aware, and at most some years apart. What is in a zone that is not known here is
    left out, and so is a day that never is.
    """
    found: set[Occurrence] = set()
    for one in schedule:
        found.update(_of(one, since, until))
    return sorted(found, key=lambda occurrence: (occurrence.start, occurrence.end))


def is_past(one: Recurrence, now: datetime) -> bool:
    """Whether a recurrence is not on now and never again; False where its zone is not known here."""
    span = _span(one)
    if span is None:
        return False
    zone, start, last = span
    here = _local(now, zone)
    count = rule_parts(one.repeat).get("COUNT") if one.repeat is not None else None
    if start > here or (one.repeat is not None and last is None and count is None):
        return False
    if occurrences([one], since=now, until=now + AHEAD):
        return False
    if count is not None:
        return sum(1 for _ in _begins(one, start, start, here, last)) >= int(count)
    return last is None or last < (here + AHEAD).date()


def first_occurrence(one: Recurrence, *, after: datetime | None = None) -> Occurrence | None:
    """Find the first time of a recurrence, left out or not, within ten years of its start.

    With `after` (aware) the first that ends later, within ten years of it. None: it never comes, its zone is not known
    here, or a day of it does not exist.
    """
    span = _span(one)
    if span is None:
        return None
    zone, start, last = span
    length = timedelta(minutes=one.minutes)
    look = start if after is None else max(start, _local(after, zone) - length - _DAY)
    end = look + _FIRST_WITHIN  # the last year of a schedule is 2999
    for begins in _begins(one, start, look, end, last):
        opens = begins.replace(tzinfo=zone)
        closes = (opens.astimezone(UTC) + length).astimezone(zone)
        if after is None or closes > after:
            return Occurrence(start=opens, end=closes)
    return None


def count_begins(one: Recurrence, until: datetime) -> int:
    """Count how often a recurrence begins up to a moment (aware), left out or not; its zone is known here."""
    start = read_local(one.start)
    last = read_date(one.until) if one.until is not None else None
    return sum(1 for _ in _begins(one, start, start, _local(until, ZoneInfo(one.time_zone)), last))


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _span(one: Recurrence) -> tuple[ZoneInfo, datetime, date | None] | None:
    """Read zone, start and last day; None where one of them is not to be understood here."""
    zone = _zone(one.time_zone)
    if zone is None:
        return None
    try:
        last = read_date(one.until) if one.until is not None else None
        return zone, read_local(one.start), last
    except BadTime:  # an own draft that nobody has checked yet
        return None


def _of(one: Recurrence, since: datetime, until: datetime) -> Iterator[Occurrence]:
    span = _span(one)
    if span is None:
        return
    zone, start, last = span
    try:
        left_out = {read_date(day) for day in one.except_date}
    except BadTime:
        return
    length = timedelta(minutes=one.minutes)
    first = _local(since, zone) - length - timedelta(days=1)  # a day: clocks change
    end = _local(until, zone) + timedelta(days=1)
    for begins in _begins(one, start, first, end, last):
        if begins.date() in left_out:
            continue
        opens = begins.replace(tzinfo=zone)
        closes = (opens.astimezone(UTC) + length).astimezone(zone)
        if opens < until and closes > since:
            yield Occurrence(start=opens, end=closes)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _begins(
    one: Recurrence, start: datetime, first: datetime, end: datetime, last: date | None
) -> Iterator[datetime]:
    if one.repeat is None:
        if first <= start <= end:
            yield start
        return
    if last is not None:
        end = min(end, datetime.combine(last, time.max))
    if end < start:
        return
    rule = _Rule(one.repeat, start)
    if rule.never_comes():
        return
    # What is counted is counted from its beginning; anything else only where it is looked for.
    left = rule.count
    for day in rule.days(start.date() if left else max(start, first).date(), end.date()):
        begins = datetime.combine(day, start.time())
        if begins < start:
            continue
        if first <= begins <= end:
            yield begins
        if left is not None:
            left -= 1
            if not left:
                return


class _Rule:
    """A recurrence rule, read: which days it names."""

    def __init__(self, repeat: str, start: datetime) -> None:
        parts = rule_parts(repeat)
        self.frequency, self.interval = parts["FREQ"], int(parts.get("INTERVAL", "1"))
        self.count = int(parts["COUNT"]) if "COUNT" in parts else None
        self.start = start.date()
        self.position = int(parts["BYSETPOS"]) if "BYSETPOS" in parts else None
        self.months = _numbers(parts, "BYMONTH")
        self.month_days = _numbers(parts, "BYMONTHDAY")
        days = [(one[-2:], one[:-2]) for one in parts.get("BYDAY", "").split(",") if one]
        self.weekdays = {_DAYS.index(name) for name, number in days if not number}
        self.numbered = {(_DAYS.index(name), int(number)) for name, number in days if number}
        self.has_days = bool(days)
        # What RFC 5545 takes from DTSTART where the rule does not say it.
        if not days and not self.month_days:
            if self.frequency == "WEEKLY":
                self.weekdays, self.has_days = {start.weekday()}, True
            elif self.frequency in {"MONTHLY", "YEARLY"}:
                self.month_days = {start.day}
                if self.frequency == "YEARLY" and not self.months:
                    self.months = {start.month}

    def never_comes(self) -> bool:
        """Whether the rule names only days that are in none of its months."""
        months = self.months or range(1, _MONTHS + 1)
        longest = max(_LONGEST_MONTHS[month - 1] for month in months)
        return bool(self.month_days) and all(day > longest for day in self.month_days)

    def days(self, first: date, last: date) -> Iterator[date]:
        """Yield its days, earliest first, from the period that `first` is in to `last`."""
        for period in self._periods(first, last):
            yield from self._within(period)

    def _periods(self, first: date, last: date) -> Iterator[date]:
        """Yield the first day of each day, week, month or year that counts by the interval."""
        if self.frequency in {"DAILY", "WEEKLY"}:
            length = _DAY if self.frequency == "DAILY" else _WEEK
            origin = self.start
            if self.frequency == "WEEKLY":
                origin -= _DAY * origin.weekday()
            step = length * self.interval
            period = origin + max(0, (first - origin) // step) * step
            while period <= last:
                yield period
                period += step
            return
        step_months = self.interval * (1 if self.frequency == "MONTHLY" else _MONTHS)
        begins = self.start.year * _MONTHS
        begins += self.start.month - 1 if self.frequency == "MONTHLY" else 0
        month = first.year * _MONTHS + first.month - 1
        month = begins + max(0, (month - begins) // step_months) * step_months
        while month <= last.year * _MONTHS + last.month - 1:
            yield date(month // _MONTHS, month % _MONTHS + 1, 1)
            month += step_months

    def _within(self, period: date) -> list[date]:
        if self.frequency == "DAILY":
            days = [period]
        elif self.frequency == "WEEKLY":
            days = [period + _DAY * number for number in range(7)]
        elif self.frequency == "MONTHLY":
            days = self._of_month(period.year, period.month)
        else:
            months = sorted(self.months or range(1, _MONTHS + 1))
            return [day for month in months for day in self._of_month(period.year, month)]
        if self.frequency != "MONTHLY":
            return [day for day in days if self._is_named(day)]
        if self.position is not None:
            index = self.position if self.position < 0 else self.position - 1
            return days[index:][:1] if -len(days) <= index < len(days) else []
        return days

    def _of_month(self, year: int, month: int) -> list[date]:
        if self.months and month not in self.months:
            return []
        length = monthrange(year, month)[1]
        wanted = {
            length + 1 + number if number < 0 else number
            for number in self.month_days or range(1, length + 1)
        }
        days = [date(year, month, number) for number in sorted(wanted) if number <= length]
        return [day for day in days if self._is_named(day) or self._is_numbered(day, length)]

    def _is_named(self, day: date) -> bool:
        return (not self.months or day.month in self.months) and (
            not self.has_days or day.weekday() in self.weekdays
        )

    def _is_numbered(self, day: date, length: int) -> bool:
        from_end = -((length - day.day) // 7 + 1)
        return any(
            day.weekday() == weekday and number in {(day.day - 1) // 7 + 1, from_end}
            for weekday, number in self.numbered
        )


def _numbers(parts: dict[str, str], name: str) -> set[int]:
    return {int(one) for one in parts[name].split(",")} if name in parts else set()
