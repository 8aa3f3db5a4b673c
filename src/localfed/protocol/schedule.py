"""The schedule: when something happens or is open, as recurrences in the local time of a place.

Here: the form of one recurrence and what a pattern cannot say of it. Not here: on which days it falls
(`interop.recurrence`). Spec: 05-documents (LF-WHEN). Source: RFC 5545 for `repeat`, a part of its RRULE
in one order; schema.org Schedule, where the meaning is the same.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from localfed.protocol import limits
from localfed.protocol.errors import BadTime, WrongShape
from localfed.protocol.forms import NameMap

_COUNTED_DAY: Final = r"(-1|[1-5])?(MO|TU|WE|TH|FR|SA|SU)"
_DAY_OF_MONTH: Final = r"(-1|[1-9]|[12][0-9]|3[01])"
_MONTH: Final = r"([1-9]|1[0-2])"
_RULE: Final = (
    r"^FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;INTERVAL=[1-9][0-9]?)?(;COUNT=[1-9][0-9]{0,2})?"
    rf"(;BYMONTH={_MONTH}(,{_MONTH}){{0,11}})?(;BYMONTHDAY={_DAY_OF_MONTH}(,{_DAY_OF_MONTH}){{0,30}})?"
    rf"(;BYDAY={_COUNTED_DAY}(,{_COUNTED_DAY}){{0,34}})?(;BYSETPOS=(-1|[1-5]))?\Z"
)

LocalTime = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}\Z")]
"""A moment on the clocks of a place, `YYYY-MM-DDTHH:MM`."""

LocalDate = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
"""A day in the calendar of a place."""

ZoneName = Annotated[
    str, Meta(max_length=64, pattern=r"^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*){0,2}\Z")
]
"""A name of the IANA time zone database; a reader that does not know it says no times."""


class Recurrence(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One time at which something is on, once or again and again."""

    start: LocalTime
    """When it begins the first time; with `repeat` also which days and what time of day."""
    minutes: Annotated[int, Meta(ge=1, le=limits.RECURRENCE_MINUTES)]
    """How long it lasts each time."""
    time_zone: ZoneName
    repeat: Annotated[str, Meta(max_length=200, pattern=_RULE)] | None = None
    """How it repeats; absent: it is once."""
    until: LocalDate | None = None
    """The last day on which it can begin."""
    except_date: Annotated[tuple[LocalDate, ...], Meta(max_length=limits.EXCEPT_DATES)] = ()
    """Days on which it does not begin."""
    name: NameMap | None = None


Schedule = Annotated[tuple[Recurrence, ...], Meta(max_length=limits.RECURRENCES)]


def rule_parts(repeat: str) -> dict[str, str]:
    """Read a `repeat` of the right form as its parts, by name."""
    return dict(part.split("=", 1) for part in repeat.split(";"))


def read_local(text: str) -> datetime:
    """Read a local time or a local date, without a zone.

    Raises:
        BadTime: there is no such day or time, or it is not between 1970 and 2999.

    """
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"{text} does not exist"
        raise BadTime(message) from error
    if not limits.YEAR_MIN <= value.year <= limits.YEAR_MAX:
        message = f"{text} is not between {limits.YEAR_MIN} and {limits.YEAR_MAX}"
        raise BadTime(message)
    return value


def read_date(text: str) -> date:
    """Read a local date; raises what `read_local` raises."""
    return read_local(text).date()


def check_schedule(schedule: tuple[Recurrence, ...]) -> None:
    """Check what a pattern cannot say of recurrences (LF-WHEN-2 to LF-WHEN-5).

    Raises:
        BadTime: a day or time that does not exist; an end before the beginning.
        WrongShape: parts of a rule that do not go together.

    """
    for one in schedule:
        start = read_local(one.start)
        for day in one.except_date:
            read_date(day)
        if one.until is not None and read_date(one.until) < start.date():
            message = "until is earlier than the start"
            raise BadTime(message)
        if one.repeat is None:
            if one.until is not None or one.except_date:
                message = "until and exceptDate need a repeat"
                raise WrongShape(message)
            continue
        _check_rule(rule_parts(one.repeat), one)


def _check_rule(parts: dict[str, str], one: Recurrence) -> None:
    frequency = parts["FREQ"]
    if "COUNT" in parts and one.until is not None:
        message = "a recurrence ends by COUNT or by until, not by both"
        raise WrongShape(message)
    if "BYMONTHDAY" in parts and frequency not in {"MONTHLY", "YEARLY"}:
        message = "BYMONTHDAY goes with MONTHLY and YEARLY"
        raise WrongShape(message)
    if re.search(r"[0-9]", parts.get("BYDAY", "")) and frequency != "MONTHLY":
        message = "a numbered BYDAY goes with MONTHLY"
        raise WrongShape(message)
    if "BYSETPOS" in parts and (frequency != "MONTHLY" or "BYDAY" not in parts):
        message = "BYSETPOS goes with MONTHLY and BYDAY"
        raise WrongShape(message)
