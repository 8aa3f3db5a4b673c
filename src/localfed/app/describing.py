"""Describing: what the index is told of a document.

Here: the words, places, choices and times of opening of a record or listing, its labels as codes of the
vocabulary where they mean one (LF-VOC-2), with what these are a part of (LF-VOC-3). Not here: when (`search`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import Final, NamedTuple, TypedDict

import msgspec

from localfed.app import placing
from localfed.app.index_values import IndexDocument
from localfed.app.ports import Gazetteer, Lexicon
from localfed.app.subjects import subjects_of
from localfed.app.values import DocumentState, Kind, Point, StoredDocument
from localfed.interop.listing_times import validity_of
from localfed.interop.recurrence import occurrences
from localfed.interop.vocabulary import Scheme, concept_of, concepts, notations_of, words_of
from localfed.protocol.errors import BadTime
from localfed.protocol.forms import Place
from localfed.protocol.listing import Listing, Need, Offer
from localfed.protocol.organisation import Organization
from localfed.protocol.schedule import Recurrence, read_local
from localfed.protocol.times import read_time

OPENINGS: Final = timedelta(days=15)
"""How far ahead the index knows when something is open; a week before that ends it is told again."""

_BEHIND: Final = timedelta(
    days=1
)  # a search may be of a moment before its documents were described
_DAY: Final = timedelta(days=1)
_MINUTE: Final = 60

KINDS: Final = {"Organization": Kind.ORGANISATION, "Offer": Kind.OFFER, "Need": Kind.NEED}
# What is stored was checked when it came: here it is only read.
_READERS: Final[dict[str, msgspec.json.Decoder[Organization | Offer | Need]]] = {
    "Organization": msgspec.json.Decoder(Organization),
    "Offer": msgspec.json.Decoder(Offer),
    "Need": msgspec.json.Decoder(Need),
}


class Together(msgspec.Struct, frozen=True, kw_only=True):
    """Those who deliver a joint offer: it is found by what they say of themselves (LF-JOINT-5)."""

    contributors: tuple[str, ...] = ()
    """DIDs of those that count."""
    records: tuple[Organization, ...] = ()
    """Of the lead and of those that count; without those that are not here."""
    delivered: tuple[str, ...] = ()
    """What contributors that count deliver, in all languages."""


def describe(
    document: StoredDocument,
    together: Together = Together(),  # noqa: B008 - frozen
    *,
    behind: tuple[Organization, ...] = (),
    now: datetime,
    gazetteer: Gazetteer,
    lexicon: Lexicon,
) -> IndexDocument | None:
    """Tell the index what a document says; None for what is not shown.

    Where no point is given, its postcode or town stands for one. When it is open is said from `now` on, as far ahead as `OPENINGS`. A joint offer is found by the names and places of its lead and of those of its contributors that count, and by what these deliver (LF-JOINT-5).

    Args: `behind` is what other entries say about the same organisation: it is found by their words too, and by their places and
    choices where it has none of its own.
    """
    if document.state is not DocumentState.LIVE or not document.is_shown or document.body is None:
        return None
    reader = _READERS.get(document.type)
    if reader is None:
        return None
    try:
        value = reader.decode(document.body)
        end = read_time(value.expires)
        if isinstance(value, Listing) and value.valid_until is not None:
            end = min(end, read_time(value.valid_until))
    except (msgspec.DecodeError, UnicodeDecodeError, BadTime):
        return None  # written by a version that knew more
    theirs = value.location or next((one.location for one in behind if one.location), ())
    places = [
        place
        for locations in (theirs, *(one.location for one in together.records))
        for place in placing.place(gazetteer, locations)
        if place.latitude is not None and place.longitude is not None
    ]
    return IndexDocument(
        did=document.did,
        path=document.path,
        contributors=together.contributors,
        kind=KINDS[document.type],
        title=" ".join(value.name.values()),
        text=" ".join(
            chain(
                _texts(value),
                together.delivered,
                *map(_record_texts, together.records),
                *map(_behind_texts, behind),
            )
        ),
        categories=choices_of(
            Scheme.CATEGORIES, value.category or [label for one in behind for label in one.category]
        ),
        audiences=choices_of(
            Scheme.AUDIENCES, value.audience or [label for one in behind for label in one.audience]
        ),
        **_listing_choices(value, now),
        subjects=tuple(
            dict.fromkeys(code for one in (value, *behind) for code in subjects_of(one, lexicon))
        ),
        points=tuple(
            Point(float(place.latitude or 0), float(place.longitude or 0)) for place in places
        ),
        reaches=tuple(place.reach or 0 for place in places),
        online=value.online,
        assured=int(read_time(value.assured).timestamp()),
        expires=int(end.timestamp()),
    )


def _texts(value: Organization | Offer | Need) -> Iterator[str]:
    """Yield what is searched beside name and categories, which the index knows apart."""
    if value.description:
        yield from value.description.values()
    yield from value.keywords
    if isinstance(value, Organization):
        if value.legal_form:
            yield value.legal_form
        for label in value.kinds:
            yield label
            kind = concept_of(Scheme.KINDS, label)
            if kind is not None:  # without its other words: no church is to be found as a mosque
                yield from kind.labels.values()
        for identifier in value.identifier:
            yield identifier.number
    for label in value.category:
        yield label
        concept = concepts(Scheme.CATEGORIES).get(label)
        if concept is not None:  # nobody searches by a code
            yield words_of(concept)
    for place in value.location:
        yield from _place_texts(place)


def _record_texts(record: Organization) -> Iterator[str]:
    yield from record.name.values()
    for place in record.location:
        yield from _place_texts(place)


def _behind_texts(record: Organization) -> Iterator[str]:
    yield from record.name.values()
    yield from _texts(record)


def _place_texts(place: Place) -> Iterator[str]:
    if place.name:
        yield from place.name.values()
    address = place.address
    if address is not None:
        for part in (
            address.street_address,
            address.address_locality,
            address.address_region,
            address.postal_code,
        ):
            if part:
                yield part


# --- what is chosen by ------------------------------------------------------------------------


def choices_of(scheme: Scheme, labels: Iterable[str]) -> tuple[str, ...]:
    """Give labels as they are counted and chosen: codes, those above them too, and plain words as written."""
    labels = tuple(labels)
    plain = (label for label in labels if concept_of(scheme, label) is None)
    return tuple(dict.fromkeys((*notations_of(scheme, labels), *plain)))


def choice_of(scheme: Scheme, label: str) -> str:
    """Give a label that somebody asks for as `choices_of` gives those of documents."""
    concept = concept_of(scheme, label)
    return concept.notation if concept is not None else label


def languages_of(tags: Iterable[str]) -> tuple[str, ...]:
    """Give language tags in small letters, each with what it is a part of: `en-gb` and `en`."""
    found: dict[str, None] = {}
    for tag in tags:
        parts = tag.lower().split("-")
        found |= dict.fromkeys("-".join(parts[:end]) for end in range(1, len(parts) + 1))
    return tuple(found)


class _Choices(TypedDict, total=False):
    costs: tuple[str, ...]
    accessibility: tuple[str, ...]
    languages: tuple[str, ...]
    open: tuple[tuple[int, int], ...]
    open_until: int | None


def _listing_choices(value: Organization | Offer | Need, now: datetime) -> _Choices:
    """Give what only listings say."""
    if not isinstance(value, Listing):
        return {}
    openings, until = _openings(value, now) if value.schedule else ((), None)
    return {
        "costs": tuple(dict.fromkeys(cost.basis for cost in value.cost)),
        "accessibility": choices_of(Scheme.ACCESSIBILITY, value.accessibility),
        "languages": languages_of(value.available_language),
        "open": openings,
        "open_until": until,
    }


def _openings(value: Listing, now: datetime) -> tuple[tuple[tuple[int, int], ...], int | None]:
    """Work out when a listing is on, in minutes, and until when that is known; None: for ever."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since, until = day - _BEHIND, day + OPENINGS
    validity = validity_of(value)
    # Rounded to within it: it never looks open a minute before it begins, nor after it ended.
    first = -(-int(validity.begins.timestamp()) // _MINUTE) if validity.begins else 0
    last = _minute(validity.ends or until + _BEHIND)
    found = sorted(
        (max(opens, first), min(closes, last))
        for one in value.schedule
        for opens, closes in _openings_of(_Times.of(one), since)
    )
    merged: list[tuple[int, int]] = []
    for opens, closes in found:
        if opens >= closes:
            continue
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(closes, merged[-1][1]))
        else:
            merged.append((opens, closes))
    goes_on = any(_may_be_after(one, until) for one in value.schedule)
    return tuple(merged), int(until.timestamp()) if goes_on else None


class _Times(NamedTuple):
    """What of a recurrence says when it is on: the same for many shops of a street."""

    start: str
    minutes: int
    time_zone: str
    repeat: str | None
    until: str | None
    except_date: tuple[str, ...]

    @classmethod
    def of(cls, one: Recurrence) -> _Times:
        return cls(one.start, one.minutes, one.time_zone, one.repeat, one.until, one.except_date)


@lru_cache(maxsize=1024)
def _openings_of(times: _Times, since: datetime) -> tuple[tuple[int, int], ...]:
    recurrence = Recurrence(**times._asdict())
    until = since + _BEHIND + OPENINGS
    return tuple(
        # What is cut off at the end was asked for until then.
        (_minute(one.start), min(_minute(one.end), _minute(until)))
        for one in occurrences([recurrence], since=since, until=until)
    )


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // _MINUTE


def _may_be_after(one: Recurrence, moment: datetime) -> bool:
    """Whether anything of a recurrence may still be on after a moment, or begin."""
    try:
        if one.repeat is None:
            last = read_local(one.start)
        elif one.until is not None:
            last = read_local(one.until) + _DAY
        else:
            return True
    except BadTime:
        return False
    ends = last + timedelta(minutes=one.minutes) + _DAY  # a day: wherever on Earth
    return ends > moment.replace(tzinfo=None)
