"""Comparing: two listings side by side, in place, time, cost, audience, language, form, category and subject.

Here: a listing made ready to be compared, each comparison, and its reason in words. Not here: what the
comparisons are worth together (`fitting`), where candidates come from (`matching`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from localfed.app.ages import Age, ages_of
from localfed.app.conditions import Conditions, read_conditions
from localfed.app.placing import LEAST_KM
from localfed.app.ports import Lexicon
from localfed.app.terms import Terms, read_terms
from localfed.interop.listing_times import Validity, times_of, validity_of
from localfed.interop.recurrence import Occurrence
from localfed.interop.vocabulary import Scheme, label_of, notations_of
from localfed.protocol.forms import Place
from localfed.protocol.listing import Listing, Need, Offer

REACH_KM: Final = 15.0
"""How far people go for a thing, or carry it, where the offer does not say how far it comes."""

_REMEMBERED: Final = 2_048
_TIME_SPAN: Final = timedelta(days=28)
_KM_DECIMALS: Final = 10.0
_OPEN: Final = frozenset({"everybody", "organisations"})


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One listing, made ready to be compared with many."""

    listing: Offer | Need
    terms: Terms
    conditions: Conditions
    categories: frozenset[str]
    audience: frozenset[str]
    ages: frozenset[Age]
    """Of whom it speaks, by audience and words; empty where it does not say."""
    languages: frozenset[str]
    validity: Validity
    since: datetime
    """From when on its times are compared: now, or its beginning where that is later."""
    when: tuple[Occurrence, ...] | None
    """When it is on in the weeks from then; None where it does not say."""

    @property
    def teaches(self) -> bool:
        """Whether somebody is to learn something, by its form or its words."""
        return self.listing.form == "skill" or self.conditions.teaches


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was compared."""

    of: str
    """`words`, `subject`, `meaning`, `category`, `form`, `quantity`, `distance`, `time`, `cost`, `audience` or `language`."""
    fits: bool
    says: str
    """In words, in English."""
    values: tuple[str, ...] = ()
    """The same for programs: words, codes, numbers, tags, a time, in the order in which it says them."""


class Far(msgspec.Struct, frozen=True, kw_only=True):
    """How far apart two listings are that can reach each other."""

    km: float | None
    """Between the nearest two of their places; None online, or where one gives no place."""
    is_about: bool
    """Whether one of the two places is only known to be thereabouts."""
    why: Reason


def read_side(listing: Offer | Need, lexicon: Lexicon, now: datetime) -> Side:
    """Make a listing ready."""
    terms = read_terms(listing, lexicon)
    plain = (" ".join(label.casefold().split()) for label in listing.category)
    audience = frozenset(notations_of(Scheme.AUDIENCES, listing.audience))
    conditions, ages = _read_texts(
        tuple(_texts_of(listing)), frozenset(terms.about), lexicon, audience
    )
    validity = validity_of(listing)
    since = now if validity.begins is None else max(now, validity.begins)
    return Side(
        listing=listing,
        validity=validity,
        since=since,
        terms=terms,
        conditions=conditions,
        categories=frozenset((*plain, *notations_of(Scheme.CATEGORIES, listing.category))),
        audience=audience,
        ages=ages,
        languages=frozenset(tag.split("-")[0] for tag in listing.available_language),
        when=_when(listing, since) if listing.schedule else None,
    )


def _when(listing: Listing, since: datetime) -> tuple[Occurrence, ...]:
    return tuple(times_of(listing, since=since, until=since + _TIME_SPAN))


@lru_cache(maxsize=_REMEMBERED)
def _read_texts(
    texts: tuple[tuple[str, str], ...],
    about: frozenset[str],
    lexicon: Lexicon,
    audience: frozenset[str],
) -> tuple[Conditions, frozenset[Age]]:
    return read_conditions(texts, about, lexicon), ages_of(texts, audience)


def _texts_of(listing: Listing) -> Iterator[tuple[str, str]]:
    """Yield each text after its language."""
    yield from listing.name.items()
    yield from (listing.description or {}).items()


def compare_places(need: Listing, offer: Listing) -> Far | None:
    """Say how far apart they are; None: too far."""
    if offer.online:
        return _nowhere("online", "online") if need.online or need.location else None
    if need.online:
        return None  # what is done in a place is no answer to who asks online
    pairs = [
        (
            distance_km(one, other),
            one.radius is not None or other.radius is not None,
            max(REACH_KM, (other.reach or 0) / 1000, (one.reach or 0) / 1000),
        )
        for one in _points(need.location)
        for other in _points(offer.location)
    ]
    if not pairs:
        return _nowhere("how far it is is not said")
    km, is_about, reach = min(pairs)
    if km > reach:
        return None
    why = _yes("distance", _say_km(km, is_about=is_about), f"{km:.2f}")
    return Far(km=km, is_about=is_about, why=why)


def _nowhere(says: str, *values: str) -> Far:
    return Far(km=None, is_about=False, why=_yes("distance", says, *values))


def _say_km(km: float, *, is_about: bool) -> str:
    if is_about:
        km = max(km, LEAST_KM)
    rounded = f"{round(km * _KM_DECIMALS) / _KM_DECIMALS:g} km away" if km >= 0.1 else "next door"  # noqa: PLR2004
    return f"about {rounded}" if is_about else rounded


def _points(places: tuple[Place, ...]) -> list[Place]:
    return [one for one in places if one.latitude is not None and one.longitude is not None]


def distance_km(one: Place, other: Place) -> float:
    """Measure the distance of two places that have points, on a sphere."""
    north, east = math.radians(float(one.latitude or 0)), math.radians(float(one.longitude or 0))
    to_north = math.radians(float(other.latitude or 0))
    to_east = math.radians(float(other.longitude or 0))
    part = (
        math.sin((to_north - north) / 2) ** 2
        + math.cos(north) * math.cos(to_north) * math.sin((to_east - east) / 2) ** 2
    )
    return 12_742 * math.asin(min(1.0, math.sqrt(part)))


def could_meet(need: Listing, offer: Listing) -> bool:
    """Whether place and cost leave it possible: asked first, as it costs next to nothing."""
    cost = compare_cost(need, offer)
    return (cost is None or cost.fits) and compare_places(need, offer) is not None


def compare_time(need: Side, offer: Side) -> Reason | None:
    """Say whether both are on at one time, once both have begun; None where one does not say."""
    # The earlier of the two is looked at from where the later one begins.
    since = max(need.since, offer.since)
    if need.validity.has_ended(since) or offer.validity.has_ended(since):
        return Reason(of="time", fits=False, says="at other times")
    if need.when is None or offer.when is None:
        return None
    needed, offered = (
        side.when if side.since == since else _when(side.listing, since) for side in (need, offer)
    )
    for one in needed or ():
        for other in offered or ():
            if one.start < other.end and other.start < one.end:
                first = max(one.start, other.start)
                return _yes("time", f"both on {first:%A} at {first:%H:%M}", first.isoformat())
    return Reason(of="time", fits=False, says="at other times")


_SAID: Final = {
    "free": "free",
    "pay": "for money",
    "pay-what-you-can": "for what one can pay",
    "exchange": "in exchange",
    "time": "for time",
}


def compare_cost(need: Listing, offer: Listing) -> Reason | None:
    """Say whether what the need could give is what the offer asks for; None where one does not say."""
    asked, given = ({cost.basis for cost in one.cost} for one in (need, offer))
    if not asked or not given:
        return None
    fitting = given & (asked | {"free", "pay-what-you-can"})
    if fitting:
        return _yes("cost", " or ".join(_SAID[one] for one in sorted(fitting)), *sorted(fitting))
    says = " or ".join(_SAID[one] for one in sorted(given))
    return Reason(of="cost", fits=False, says=says, values=tuple(sorted(given)))


def compare_audience(need: Side, offer: Side) -> Reason | None:
    """Say whether it is for whom it is needed; None where that is everybody or not said."""
    if not need.audience or not offer.audience or offer.audience & _OPEN:
        return None
    both = need.audience & offer.audience
    named = sorted(both or offer.audience)
    says = "for " + ", ".join(label_of(Scheme.AUDIENCES, one, ("en",))[0] for one in named)
    return Reason(of="audience", fits=bool(both), says=says, values=tuple(named))


def compare_ages(need: Side, offer: Side) -> Reason | None:
    """Say that they speak of people of different ages; None where they do not, or one does not say."""
    if not need.ages or not offer.ages or need.ages & offer.ages:
        return None
    named = sorted(offer.ages)
    says = "for " + ", ".join(label_of(Scheme.AUDIENCES, one, ("en",))[0] for one in named)
    return Reason(of="audience", fits=False, says=says, values=tuple(named))


def compare_subjects(need: Side, offer: Side, lexicon: Lexicon) -> tuple[float, str]:
    """Find the rarest subject that both speak of: how much it tells, 0 to 1, and its code; 0 and nothing where there is none."""
    few, many = sorted((need.terms.about, offer.terms.about), key=len)
    return max(
        (
            (sure * many[code] * lexicon.rarity(code), code)
            for code, sure in few.items()
            if code in many
        ),
        default=(0.0, ""),
    )


def compare_left_out(need: Side, offer: Side, lexicon: Lexicon) -> Reason | None:
    """Say what the need is about that the offer leaves out; None where there is nothing."""
    named = sorted(code for code in offer.conditions.left_out if code in need.terms.about)
    if not named:
        return None
    says = "not " + ", ".join(lexicon.label(code) for code in named)
    return Reason(of="subject", fits=False, says=says, values=tuple(named))


def compare_numbers(need: Side, offer: Side) -> Reason | None:
    """Say that the offer has fewer of something than the need speaks of; None where it does not."""
    for stem, asked in need.conditions.numbers.items():
        given = offer.conditions.numbers.get(stem)
        if given and max(given) < min(asked):
            most, least = str(max(given)), str(min(asked))
            says = f"{most}, where {least} are asked for"
            return Reason(of="quantity", fits=False, says=says, values=(most, least))
    return None


def compare_days(need: Side, offer: Side) -> Reason | None:
    """Say that they name different days of the week; None where they do not, or one does not say."""
    if need.when is not None and offer.when is not None:
        return None  # that is compared to the minute: a night may begin on another day
    one, other = _days_of(need), _days_of(offer)
    if not one or not other or one & other:
        return None
    return Reason(of="time", fits=False, says="on other days")


def _days_of(side: Side) -> frozenset[int]:
    if side.when:
        return frozenset(one.start.weekday() for one in side.when)
    return side.conditions.days


def compare_languages(need: Side, offer: Side) -> Reason | None:
    """Say whether a language is spoken in common; None where one does not say."""
    if not need.languages or not offer.languages:
        return None
    both = need.languages & offer.languages
    named = sorted(both or offer.languages)
    return Reason(
        of="language", fits=bool(both), says="in " + ", ".join(named), values=tuple(named)
    )


def compare_categories(need: Side, offer: Side) -> Reason | None:
    """Say whether both are about the same; None where one does not say."""
    if not need.categories or not offer.categories:
        return None
    both = need.categories & offer.categories
    named = sorted(both or offer.categories)
    says = ", ".join(dict.fromkeys(label_of(Scheme.CATEGORIES, one, ("en",))[0] for one in named))
    return Reason(
        of="category",
        fits=bool(both),
        says=f"both about {says}" if both else f"about {says}",
        values=tuple(named),
    )


def compare_forms(need: Listing, offer: Listing) -> Reason | None:
    """Say whether both are of one form; None where one does not say."""
    if need.form is None or offer.form is None:
        return None
    if need.form == offer.form:
        return _yes("form", f"both {offer.form}", offer.form)
    return Reason(
        of="form",
        fits=False,
        says=f"{offer.form}, where {need.form} is asked for",
        values=(offer.form, need.form),
    )


def _yes(of: str, says: str, *values: str) -> Reason:
    return Reason(of=of, fits=True, says=says, values=values)
