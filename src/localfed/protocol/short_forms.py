"""Short forms: what a person may write in a draft instead of the whole of a member.

Here: texts without a language, single values instead of lists, costs and opening hours in one line.
Not here: reading the draft and what it may say at all (`draft`). Spec: none: a draft never travels.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from localfed.protocol.errors import BadDraft

_TEXTS: Final = ("name", "description", "aims", "eligibility", "howToGet", "hours", "note")
_LISTS: Final = (
    "category",
    "keywords",
    "identifier",
    "location",
    "claims",
    "critical",
    "roles",
    "jointOffers",
    "kinds",
    "audience",
    "memberOf",
    "cost",
    "schedule",
    "accessibility",
    "availableLanguage",
    "contributors",
    "image",
)
_POINT: Final = ("latitude", "longitude")
_NAMED: Final = ("location", "schedule")
"""Lists of objects that have a name by language."""

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MONDAY: Final = date(2024, 1, 1)
_HOURS: Final = re.compile(
    r"(?P<days>[A-Za-z]{2}(?:[-,][A-Za-z]{2})*) (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d) (?P<zone>\S+)",
    re.ASCII,
)
_MONEY: Final = re.compile(r"(?P<amount>\d+(?:\.\d+)?) ?(?P<currency>[A-Z]{3})(?: (?P<more>.+))?")


def complete(members: dict[str, Any], language: str) -> None:
    """Write what is said short in its full form, in place; plain strings are in `language`.

    Raises:
        BadDraft: a line that says neither a cost nor opening hours.

    """
    for name in _TEXTS:
        if isinstance(members.get(name), str):
            members[name] = {language: members[name]}
    for name in _LISTS:
        if isinstance(members.get(name), (str, dict)):
            members[name] = [members[name]]
    if isinstance(members.get("quantity"), (int, Decimal)) and members["quantity"] is not True:
        members["quantity"] = _decimal(members["quantity"], "quantity is no number")
    _each(members, "memberOf", lambda one: {"name": one})
    _each(members, "contributors", lambda one: {"organisation": one})
    _parts(members, language)
    _each(members, "cost", lambda one: _cost(one, language))
    _each(members, "schedule", _hours)
    for one in members["cost"] if isinstance(members.get("cost"), list) else []:
        if isinstance(one, dict) and isinstance(one.get("description"), str):
            one["description"] = {language: one["description"]}
        if isinstance(one, dict) and isinstance(one.get("amount"), (int, Decimal)):
            one["amount"] = _decimal(one["amount"], "an amount is no number")
    for name in _NAMED:
        for one in members[name] if isinstance(members.get(name), list) else []:
            if isinstance(one, dict) and isinstance(one.get("name"), str):
                one["name"] = {language: one["name"]}
    _describe_pictures(members, language)
    for place in members["location"] if isinstance(members.get("location"), list) else []:
        for name in _POINT if isinstance(place, dict) else ():
            if isinstance(place.get(name), (int, Decimal)) and place[name] is not True:
                place[name] = _decimal(place[name], "latitude or longitude is no number of degrees")


def _parts(members: dict[str, Any], language: str) -> None:
    """Complete what contributors deliver and are."""
    for one in members["contributors"] if isinstance(members.get("contributors"), list) else []:
        if isinstance(one, dict) and isinstance(one.get("delivers"), str):
            one["delivers"] = {language: one["delivers"]}
        if isinstance(one, dict) and isinstance(one.get("roles"), str):
            one["roles"] = [one["roles"]]


def _describe_pictures(members: dict[str, Any], language: str) -> None:
    pictures = members["image"] if isinstance(members.get("image"), list) else []
    for one in (*pictures, members.get("logo")):
        if isinstance(one, dict) and isinstance(one.get("alt"), str):
            one["alt"] = {language: one["alt"]}


def write_decimal(value: Decimal) -> str:
    """Write a number as the wire does: at most six places, no exponent, no `-0` (LF-BYTES-6)."""
    text = f"{value.quantize(Decimal('0.000001')):f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def _each(members: dict[str, Any], name: str, read: Any) -> None:
    value = members.get(name)
    if isinstance(value, list):
        members[name] = [read(one) if isinstance(one, str) else one for one in value]


def _decimal(value: int | Decimal, otherwise: str) -> str:
    try:
        return write_decimal(Decimal(value))
    except InvalidOperation as error:  # more digits than decimals are calculated with
        raise BadDraft(otherwise) from error


def _cost(text: str, language: str) -> dict[str, Any]:
    """Read "free", or "7.50 GBP an hour"."""
    money = _MONEY.fullmatch(text)
    if money is None:
        return {"basis": text}  # the form says what there is
    cost: dict[str, Any] = {
        "basis": "pay",
        "amount": _decimal(Decimal(money["amount"]), "an amount is no number"),
        "currency": money["currency"],
    }
    if money["more"]:
        cost["description"] = {language: money["more"]}
    return cost


def _hours(text: str) -> dict[str, Any]:
    """Read "Mo-Fr,Su 09:00-17:00 Europe/London" as what repeats every week."""
    match = _HOURS.fullmatch(text.strip())
    days = _days(match["days"]) if match is not None else []
    if match is None or not days:
        raise BadDraft(_no_hours(text))
    try:
        opens, closes = (time.fromisoformat(match[name]) for name in ("opens", "closes"))
    except ValueError as error:
        raise BadDraft(_no_hours(text)) from error
    first = _MONDAY + timedelta(days=days[0])
    start = datetime.combine(first, opens)
    end = datetime.combine(first, closes)
    if end <= start:  # until after midnight
        end += timedelta(days=1)
    return {
        "start": start.strftime("%Y-%m-%dT%H:%M"),
        "minutes": (end - start) // timedelta(minutes=1),
        "timeZone": match["zone"],
        "repeat": "FREQ=WEEKLY;BYDAY=" + ",".join(_DAYS[day] for day in days),
    }


def _no_hours(text: str) -> str:
    return f'{text[:70]!a} is not like "Mo-Fr 09:00-17:00 Europe/London"'


def _days(text: str) -> list[int]:
    """Read "Mo-We,Sa" as numbers of days from Monday, sorted; empty where one of them is no day."""
    found: set[int] = set()
    for part in text.upper().split(","):
        ends = part.split("-")
        if len(ends) > 2 or any(end not in _DAYS for end in ends):  # noqa: PLR2004 - from, to
            return []
        first, last = _DAYS.index(ends[0]), _DAYS.index(ends[-1])
        found.update((first + step) % 7 for step in range((last - first) % 7 + 1))
    return sorted(found)
