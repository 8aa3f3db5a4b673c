"""Languages: which language of a text a reader gets, distances, days and moments in words.

Here: choosing from a language map, words for distances and times in the language of now. Not here: which
language was asked for (`translating`), where the words stand (`templates/`).
Source: RFC 4647 3.4 (lookup).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from localfed.app import names
from localfed.app.placing import LEAST_KM
from localfed.protocol.times import read_time
from localfed.web.translating import _, ngettext, spoken

# Where road signs show miles; the plain language is left with kilometres, as most of the world.
_MILES: Final = frozenset({"en-gb", "en-us", "en-lr", "cy", "cy-gb", "gd", "gd-gb", "kw", "gv"})
_KM_PER_MILE: Final = 1.609344
_NEAR_KM: Final = 0.1
_EXACT_BELOW: Final = 9.95
_WEEK: Final = 7
_MANY: Final = 100

_RIGHT_TO_LEFT: Final = frozenset(
    {"ar", "arc", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"}
)


class Said(msgspec.Struct, frozen=True):
    """A text in the language that was chosen."""

    text: str
    lang: str

    @property
    def tag(self) -> str:
        """Value of the `lang` attribute; empty says "unknown" (HTML), which `und` would not."""
        return "" if self.lang == "und" else self.lang

    @property
    def dir(self) -> str:
        """Direction of writing, for the `dir` attribute."""
        language = self.lang.partition("-")[0]
        if language == "und":
            return "auto"
        return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def choose(texts: Mapping[str, str], wanted: tuple[str, ...], original: str | None) -> Said:
    """Choose from a language map: what the reader asked for, else the original, else the first."""
    return Said(*names.choose(texts, wanted, original))


def uses_miles(wanted: tuple[str, ...]) -> bool:
    """Whether a reader is used to miles."""
    return bool(wanted) and wanted[0] in _MILES


def say_distance(km: float, *, miles: bool, is_about: bool = False) -> str:
    """Say a distance in words: `under 100 m`, `0.4 miles`, `about 12 km`."""
    if is_about:
        return _("about %(distance)s") % {"distance": _say_exact(max(km, LEAST_KM), miles=miles)}
    return _say_exact(km, miles=miles)


def _say_exact(km: float, *, miles: bool) -> str:
    if km < _NEAR_KM:
        return _("under 100 yards") if miles else _("under 100 m")
    number = km / _KM_PER_MILE if miles else km
    shown = f"{number:.1f}" if number < _EXACT_BELOW else f"{number:,.0f}"
    if miles:
        # What is not whole has the form of many.
        how_many = round(number) if shown.endswith(".0") or number >= _EXACT_BELOW else _MANY
        return ngettext("%(number)s mile", "%(number)s miles", how_many) % {"number": shown}
    return _("%(number)s km") % {"number": shown}


def say_day(time: str) -> str:
    """Say the day of a time of the wire: `12 October 2026`."""
    moment = read_time(time)
    return f"{moment.day} {name_of_month(moment.month)} {moment.year}"


def say_near_day(time: str, now: datetime) -> str:
    """Say the day of a time of the wire, without a year where it is this one: `12 October`."""
    moment = read_time(time)
    if moment.year == now.year:
        return f"{moment.day} {name_of_month(moment.month)}"
    return say_day(time)


def say_date(day: str) -> str:
    """Say a day of the wire, `2026-10-12`: `12 October 2026`."""
    return f"{int(day[8:])} {say_month(day)}"


def say_month(month: str) -> str:
    """Say a month, `2026-10` or a day in it: `October 2026`."""
    return f"{name_of_month(int(month[5:7]))} {month[:4]}"


def say_next(at: datetime, now: datetime) -> str:
    """Say when something begins, in the zone that its moment has: `tomorrow 10:00`, `next Tuesday 10:00`."""
    days = (at.date() - now.astimezone(at.tzinfo).date()).days
    time = f"{at:%H:%M}"
    if days == 0:
        return _("today %(time)s") % {"time": time}
    if days == 1:
        return _("tomorrow %(time)s") % {"time": time}
    day = name_of_weekday(at.weekday())
    if days < _WEEK:
        return _("next %(day)s %(time)s") % {"day": day, "time": time}
    date = f"{at.day} {name_of_month(at.month)}"
    if at.year != now.year:
        date = f"{date} {at.year}"
    return _("next on %(day)s %(date)s, %(time)s") % {"day": day, "date": date, "time": time}


def say_open(until: datetime, now: datetime) -> str:
    """Say that something is on and until when, in the zone that the moment has: `open now until 17:00`."""
    days = (until.date() - now.astimezone(until.tzinfo).date()).days
    if days == 0 or (days == 1 and f"{until:%H:%M}" == "00:00"):
        return _("open now until %(time)s") % {"time": f"{until:%H:%M}"}
    if days < _WEEK:
        day = name_of_weekday(until.weekday())
        return _("open now until %(day)s %(time)s") % {"day": day, "time": f"{until:%H:%M}"}
    return _("open now")


def name_of_weekday(number: int) -> str:
    """Name a day of the week; 0 is Monday."""
    return (
        *(_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday")),
        *(_("Friday"), _("Saturday"), _("Sunday")),
    )[number]


def name_of_month(number: int) -> str:
    """Name a month; 1 is January."""
    return (
        *(_("January"), _("February"), _("March"), _("April"), _("May"), _("June"), _("July")),
        *(_("August"), _("September"), _("October"), _("November"), _("December")),
    )[number - 1]


def name_of_language(tag: str) -> str:
    """Name a language in the language of now, as CLDR has it; the tag itself where it has none."""
    from babel import Locale

    names = Locale.parse(spoken()).languages
    return str(names.get(tag.partition("-")[0].lower(), tag))


def name_of_zone(zone: str) -> str:
    """Name a time zone that is known here by its city, as CLDR has it: `London time`; one of no city as it is: `UTC`."""
    from babel.core import get_global
    from babel.dates import get_timezone_location

    if (
        get_global("zone_territories").get(get_global("zone_aliases").get(zone, zone), "001")
        == "001"
    ):
        return zone
    city = get_timezone_location(zone, locale=spoken(), return_city=True)
    return _("%(city)s time") % {"city": city}


def only_zone_of(country: str | None) -> str | None:
    """Return the one time zone of a country (ISO 3166); None where it has several, or is not known."""
    from babel.core import get_global

    zones = get_global("territory_zones").get(country or "", ())
    return str(zones[0]) if len(zones) == 1 else None


def say_money(amount: Decimal, currency: str) -> str:
    """Say an amount of money as it is written in the language of now: `£9`, `£12.50`."""
    from babel import Locale
    from babel.numbers import format_currency

    whole = amount == amount.to_integral_value()
    locale = Locale.parse(spoken())
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "") if whole else None
    return str(
        format_currency(
            amount,
            currency,
            pattern,
            locale=locale,
            currency_digits=not whole,
            decimal_quantization=False,
        )
    )
