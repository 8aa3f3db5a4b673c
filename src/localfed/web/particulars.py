"""Particulars: what an offer, a need or an organisation says beyond its name and text, as lines for a page.

Here: costs, times, audiences and the rest in words, codes of the vocabulary in the reader's language. Not
here: HTML (`templates/`), name, text and places (`pages`).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from localfed.interop.recurrence import is_known_zone, is_on, next_occurrence
from localfed.interop.vocabulary import Scheme, label_of
from localfed.protocol.listing import Cost, Listing, Need
from localfed.protocol.organisation import Organization
from localfed.protocol.schedule import Recurrence, read_local, rule_parts
from localfed.web.cards import Reader
from localfed.web.languages import Said

_UNKNOWN: Final = "und"
_FORMS: Final = {
    "service": "a service",
    "goods": "goods",
    "space": "a space",
    "equipment": "equipment",
    "skill": "a skill",
    "advice": "advice",
    "volunteering": "volunteering",
    "data": "data",
    "project": "a project",
}
_SEEKS: Final = {
    "partners": "a problem looking for partners",
    "answers": "an open question",
    "help": "a call for help",
}
_BASES: Final = {
    "free": "free",
    "pay": "to be paid",
    "pay-what-you-can": "pay what you can",
    "exchange": "in exchange for something",
    "time": "in exchange for time",
}
_DAYS: Final = {
    "MO": "Mondays",
    "TU": "Tuesdays",
    "WE": "Wednesdays",
    "TH": "Thursdays",
    "FR": "Fridays",
    "SA": "Saturdays",
    "SU": "Sundays",
}
_EVERY: Final = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a record says: what of, and what, one or several."""

    of: str
    values: tuple[Said, ...]


class Particulars(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, in the order in which people ask."""

    lines: tuple[Line, ...]
    is_open: bool
    """It is on at this moment."""


def read_particulars(record: Listing | Organization, reader: Reader) -> Particulars:
    """Say what a record says, for one reader."""
    if isinstance(record, Organization):
        return Particulars(lines=tuple(_kept(_of_organisation(record, reader))), is_open=False)
    return Particulars(
        lines=tuple(_kept(_of_listing(record, reader))),
        is_open=bool(record.schedule) and is_on(record.schedule, reader.now),
    )


def _kept(lines: list[tuple[str, tuple[Said, ...]]]) -> list[Line]:
    return [Line(of=of, values=values) for of, values in lines if values]


def _of_listing(record: Listing, reader: Reader) -> list[tuple[str, tuple[Said, ...]]]:
    said = record.language
    what = [_FORMS[record.form]] if record.form else []
    if isinstance(record, Need) and record.seeks:
        what.append(_SEEKS[record.seeks])
    return [
        ("What", _plain(what)),
        ("For whom", _coded(Scheme.AUDIENCES, record.audience, reader)),
        ("On what terms", _text(record.eligibility, said, reader)),
        ("Cost", tuple(_cost(one, said, reader) for one in record.cost)),
        ("When", tuple(_when(one, said, reader) for one in record.schedule)),
        ("Next", _plain(_next(record, reader.now))),
        (
            "How much",
            _plain([f"{record.quantity} {record.unit or ''}".strip()] if record.quantity else []),
        ),
        ("How to get it", _text(record.how_to_get, said, reader)),
        ("Accessibility", _coded(Scheme.ACCESSIBILITY, record.accessibility, reader)),
        (
            "Languages",
            _plain([", ".join(record.available_language)] if record.available_language else []),
        ),
    ]


def _of_organisation(record: Organization, reader: Reader) -> list[tuple[str, tuple[Said, ...]]]:
    return [
        ("What it is", _coded(Scheme.KINDS, record.kinds, reader)),
        ("Aims", _text(record.aims, record.language, reader)),
        ("For whom", _coded(Scheme.AUDIENCES, record.audience, reader)),
        ("Says it belongs to", _plain([one.name for one in record.member_of])),
    ]


def category_labels(labels: tuple[str, ...], reader: Reader) -> list[tuple[str, Said]]:
    """Pair each category as written with what the reader is shown for it."""
    return list(zip(labels, _coded(Scheme.CATEGORIES, labels, reader), strict=True))


def _plain(values: list[str]) -> tuple[Said, ...]:
    return tuple(Said(value, _UNKNOWN) for value in values)


def _coded(scheme: Scheme, labels: tuple[str, ...], reader: Reader) -> tuple[Said, ...]:
    found = (label_of(scheme, label, reader.languages) for label in labels)
    return tuple(Said(text, language or _UNKNOWN) for text, language in found)


def _text(texts: dict[str, str] | None, original: str | None, reader: Reader) -> tuple[Said, ...]:
    return (reader.choose(texts, original),) if texts else ()


def _cost(cost: Cost, original: str | None, reader: Reader) -> Said:
    words = _BASES[cost.basis]
    if cost.amount is not None:
        amount = Decimal(cost.amount)
        shown = f"{amount:.2f}" if amount != amount.to_integral_value() else f"{amount:f}"
        words = f"{cost.currency} {shown}" + (
            " or what you can" if cost.basis == "pay-what-you-can" else ""
        )
    if not cost.description:
        return Said(words, _UNKNOWN)
    more = reader.choose(cost.description, original)
    return Said(f"{words}, {more.text}", more.lang)


def _when(one: Recurrence, original: str | None, reader: Reader) -> Said:
    """Say a recurrence in words; what the words do not hold is in the calendar of "next"."""
    start = read_local(one.start)
    hours, minutes = divmod(start.hour * 60 + start.minute + one.minutes, 60)
    times = f"{start:%H:%M} to {hours % 24:02}:{minutes:02}"
    if one.repeat is None:
        words = f"{start.day} {start:%B %Y}, {times}"
    else:
        words = f"{_repeats(one.repeat, start)}, {times}"
        if one.until:
            last = read_local(one.until)
            words += f", until {last.day} {last:%B %Y}"
    if not is_known_zone(one.time_zone):
        words += f" ({one.time_zone})"
    if not one.name:
        return Said(words, _UNKNOWN)
    name = reader.choose(one.name, original)
    return Said(f"{name.text}: {words}", name.lang)


def _repeats(repeat: str, start: datetime) -> str:
    parts = rule_parts(repeat)
    every, interval = _EVERY[parts["FREQ"]], int(parts.get("INTERVAL", "1"))
    days = [
        f"{_ordinal(day[:-2])}{_DAYS[day[-2:]]}" for day in parts.get("BYDAY", "").split(",") if day
    ]
    if parts["FREQ"] == "WEEKLY" and not days:
        days = [f"{start:%A}s"]
    if interval > 1:
        words = f"every {interval} {every}s"
        return f"{words} on {', '.join(days)}" if days else words
    if days and parts["FREQ"] in {"WEEKLY", "DAILY"}:
        return ", ".join(days)
    return f"every {every} on {', '.join(days)}" if days else f"every {every}"


def _ordinal(number: str) -> str:
    if not number:
        return ""
    return {"-1": "last ", "1": "first ", "2": "second ", "3": "third ", "4": "fourth "}.get(
        number, "fifth "
    )


def _next(record: Listing, now: datetime) -> list[str]:
    if not record.schedule:
        return []
    found = next_occurrence(record.schedule, now)
    return [f"{found.start:%A} {found.start.day} {found.start:%B, %H:%M}"] if found else []
