"""Particulars: what an offer, a need or an organisation says beyond its name and text, in words.

Here: costs, times, audiences and the rest, as lines for a page and as the gist for a card, codes of the vocabulary
in the reader's language. Not here: HTML (`templates/`), name, text and places (`pages`, `cards`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from localfed.interop.recurrence import is_known_zone, is_on, next_occurrence, occurrences
from localfed.interop.vocabulary import Scheme, label_of
from localfed.protocol.listing import Cost, Listing, Need
from localfed.protocol.organisation import Organization
from localfed.protocol.schedule import Recurrence, Schedule, read_local, rule_parts
from localfed.web.languages import (
    Said,
    name_of_language,
    name_of_month,
    name_of_weekday,
    say_money,
    say_next,
    say_open,
)
from localfed.web.readers import Reader
from localfed.web.translating import _, ngettext

_UNKNOWN: Final = "und"
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_GIST_VALUES: Final = 3
"""Audiences and costs on a card; its page has all."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a record says: what of, and what, one or several."""

    of: str
    values: tuple[Said, ...]


class Particulars(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, in the order in which people ask."""

    lines: tuple[Line, ...]
    is_open: bool
    """It is on at this moment."""


class Gist(msgspec.Struct, frozen=True, kw_only=True):
    """What one looks for on a card; empty where a record does not say it."""

    audience: tuple[Said, ...] = ()
    when: str = ""
    is_open: bool = False
    cost: tuple[Said, ...] = ()
    how: Said | None = None


def read_particulars(record: Listing | Organization, reader: Reader) -> Particulars:
    """Say what a record says, for one reader."""
    if isinstance(record, Organization):
        return Particulars(lines=tuple(_kept(_of_organisation(record, reader))), is_open=False)
    return Particulars(
        lines=tuple(_kept(_of_listing(record, reader))),
        is_open=bool(record.schedule) and is_on(record.schedule, reader.now),
    )


def read_gist(record: Listing | Organization, reader: Reader) -> Gist:
    """Say in short what a record says, for one reader."""
    audience = _coded(Scheme.AUDIENCES, record.audience[:_GIST_VALUES], reader)
    if isinstance(record, Organization):
        return Gist(audience=audience)
    until = _open_until(record.schedule, reader.now)
    found = next_occurrence(record.schedule, reader.now) if until is None else None
    when = ""
    if until is not None:
        when = say_open(until, reader.now)
    elif found is not None:
        when = say_next(found.start, reader.now)
    return Gist(
        audience=audience,
        when=when,
        is_open=until is not None,
        cost=tuple(_cost(one, record.language, reader) for one in record.cost[:_GIST_VALUES]),
        how=reader.choose(record.how_to_get, record.language) if record.how_to_get else None,
    )


def say_basis(basis: str) -> str:
    """Say what is given for something."""
    return {
        "free": _("free"),
        "pay": _("to be paid"),
        "pay-what-you-can": _("pay what you can"),
        "exchange": _("in exchange for something"),
        "time": _("in exchange for time"),
    }[basis]


def _open_until(schedule: Schedule, now: datetime) -> datetime | None:
    moment = timedelta(seconds=1)
    return max(
        (
            one.end
            for one in occurrences(schedule, since=now, until=now + moment)
            if one.start <= now < one.end
        ),
        default=None,
    )


def _kept(lines: list[tuple[str, tuple[Said, ...]]]) -> list[Line]:
    return [Line(of=of, values=values) for of, values in lines if values]


def _of_listing(record: Listing, reader: Reader) -> list[tuple[str, tuple[Said, ...]]]:
    said = record.language
    what = [say_form(record.form)] if record.form else []
    if isinstance(record, Need) and record.seeks:
        what.append(_say_seeks(record.seeks))
    spoken = ", ".join(map(name_of_language, record.available_language))
    amount = f"{record.quantity} {record.unit or ''}".strip() if record.quantity else ""
    return [
        (_("What"), _plain(what)),
        (_("For whom"), _coded(Scheme.AUDIENCES, record.audience, reader)),
        (_("On what terms"), _text(record.eligibility, said, reader)),
        (_("Cost"), tuple(_cost(one, said, reader) for one in record.cost)),
        (_("When"), tuple(_when(one, said, reader) for one in record.schedule)),
        (_("Next"), _plain(_next(record, reader.now))),
        (_("How much"), _plain([amount] if amount else [])),
        (_("How to get it"), _text(record.how_to_get, said, reader)),
        (_("Accessibility"), _coded(Scheme.ACCESSIBILITY, record.accessibility, reader)),
        (_("Languages"), _plain([spoken] if spoken else [])),
    ]


def _of_organisation(record: Organization, reader: Reader) -> list[tuple[str, tuple[Said, ...]]]:
    return [
        (_("What it is"), _coded(Scheme.KINDS, record.kinds, reader)),
        (_("Aims"), _text(record.aims, record.language, reader)),
        (_("For whom"), _coded(Scheme.AUDIENCES, record.audience, reader)),
        (_("Says it belongs to"), _plain([one.name for one in record.member_of])),
    ]


def category_labels(labels: tuple[str, ...], reader: Reader) -> list[tuple[str, Said]]:
    """Pair each category as written with what the reader is shown for it."""
    return list(zip(labels, _coded(Scheme.CATEGORIES, labels, reader), strict=True))


def say_form(form: str) -> str:
    """Say what form an offer or a need has: `a service`, `goods`."""
    return {
        "service": _("a service"),
        "goods": _("goods"),
        "space": _("a space"),
        "equipment": _("equipment"),
        "skill": _("a skill"),
        "advice": _("advice"),
        "volunteering": _("volunteering"),
        "data": _("data"),
        "project": _("a project"),
    }[form]


def _say_seeks(seeks: str) -> str:
    return {
        "partners": _("a problem looking for partners"),
        "answers": _("an open question"),
        "help": _("a call for help"),
    }[seeks]


def _plain(values: list[str]) -> tuple[Said, ...]:
    return tuple(Said(value, _UNKNOWN) for value in values)


def _coded(scheme: Scheme, labels: tuple[str, ...], reader: Reader) -> tuple[Said, ...]:
    found = (label_of(scheme, label, reader.languages) for label in labels)
    return tuple(Said(text, language or _UNKNOWN) for text, language in found)


def _text(texts: dict[str, str] | None, original: str | None, reader: Reader) -> tuple[Said, ...]:
    return (reader.choose(texts, original),) if texts else ()


def _cost(cost: Cost, original: str | None, reader: Reader) -> Said:
    words = say_basis(cost.basis)
    if cost.amount is not None:
        words = say_money(Decimal(cost.amount), cost.currency or "")
        if cost.basis == "pay-what-you-can":
            words = _("%(amount)s or what you can") % {"amount": words}
    if not cost.description:
        return Said(words, _UNKNOWN)
    more = reader.choose(cost.description, original)
    return Said(f"{words}, {more.text}", more.lang)


def _when(one: Recurrence, original: str | None, reader: Reader) -> Said:
    """Say a recurrence in words; what the words do not hold is in the calendar of "next"."""
    start = read_local(one.start)
    hours, minutes = divmod(start.hour * 60 + start.minute + one.minutes, 60)
    times = _("%(start)s to %(end)s") % {
        "start": f"{start:%H:%M}",
        "end": f"{hours % 24:02}:{minutes:02}",
    }
    if one.repeat is None:
        words = f"{_say_date(start)}, {times}"
    else:
        words = f"{_repeats(one.repeat, start)}, {times}"
        if one.until:
            until = _("until %(day)s") % {"day": _say_date(read_local(one.until))}
            words += f", {until}"
    if not is_known_zone(one.time_zone):
        words += f" ({one.time_zone})"
    if not one.name:
        return Said(words, _UNKNOWN)
    name = reader.choose(one.name, original)
    return Said(f"{name.text}: {words}", name.lang)


def _say_date(day: datetime) -> str:
    return f"{day.day} {name_of_month(day.month)} {day.year}"


def _repeats(repeat: str, start: datetime) -> str:
    parts = rule_parts(repeat)
    interval = int(parts.get("INTERVAL", "1"))
    days = [_each(day[:-2], day[-2:]) for day in parts.get("BYDAY", "").split(",") if day]
    if parts["FREQ"] == "WEEKLY" and not days:
        days = [_each("", _WEEKDAYS[start.weekday()])]
    if interval == 1 and days and parts["FREQ"] in {"WEEKLY", "DAILY"}:
        return ", ".join(days)
    every = _say_every(parts["FREQ"], interval)
    if not days:
        return every
    return _("%(every)s on %(days)s") % {"every": every, "days": ", ".join(days)}


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


def _next(record: Listing, now: datetime) -> list[str]:
    found = next_occurrence(record.schedule, now) if record.schedule else None
    if found is None:
        return []
    day = f"{name_of_weekday(found.start.weekday())} {found.start.day}"
    return [f"{day} {name_of_month(found.start.month)}, {found.start:%H:%M}"]
