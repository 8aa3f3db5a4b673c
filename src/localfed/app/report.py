"""The report: what organisations of a place gave each other, added up from confirmed exchanges alone.

Here: which exchanges are asked about, the figures, the figures as CSV. Not here: which are confirmed
(`protocol.exchange`, `ledger`), charts and pages (`web`). Spec: 05-documents (LF-EXCH-5).

An exchange counts where its period ended: on that day, in that month. Different units are never added to each other.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

import msgspec

from localfed.app import placing
from localfed.app.comparing import distance_km
from localfed.app.ledger import confirmed_exchanges
from localfed.app.ports import Gazetteer, Reads
from localfed.app.search import read_query
from localfed.app.values import DocumentState, Point
from localfed.interop.vocabulary import Scheme, concept_of
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.errors import BadQuery, BadTime
from localfed.protocol.exchange import HOURS, Confirmed, Flow
from localfed.protocol.forms import Place
from localfed.protocol.organisation import Organization
from localfed.protocol.schedule import read_date
from localfed.protocol.short_forms import write_decimal
from localfed.protocol.worded import Worded

RADIUS_KM: Final = 10.0
"""How far a place reaches where nobody says it."""

LINES_MAX: Final = 50
"""Categories, and units, that are told apart. One pair could name thousands; those of most ties come first."""

_RECORD: Final = msgspec.json.Decoder(Organization)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_DATE_CHARACTERS: Final = 10
_NAMES: Final = 4_096
"""Names whose plain form is kept: most flows have one of few."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Which exchanges are asked about; None: all of them."""

    since: str | None = None
    """The first day on which a period may have ended, `YYYY-MM-DD`."""
    until: str | None = None
    near: Point | None = None
    """One of the two is within `radius_km` of it."""
    radius_km: float | None = None


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """How much of one unit."""

    unit: str
    quantity: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What one month or one category adds up to."""

    name: str
    """`YYYY-MM`, or a code of the vocabulary or plain words; empty: nothing was said."""
    exchanges: int
    organisations: int
    """That gave or got something of it."""
    ties: int
    """Pairs of organisations."""
    hours: str
    things: tuple[Thing, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The figures."""

    asked: Question
    exchanges: int
    organisations: int
    """That gave or got something."""
    ties: int
    """Pairs of organisations."""
    hours: str
    things: tuple[Thing, ...]
    """Everything but hours, by unit; of most ties first."""
    months: tuple[Line, ...]
    """In their order, none left out between the first and the last."""
    categories: tuple[Line, ...]
    """Of most hours first."""
    further_units: int
    """Units that are not told apart: more than there is room for."""
    further_categories: int
    most_of_one_tie: str
    """Hours of the pair that has most: figures that rest on two alone are seen to."""


Points = Callable[[str], Sequence[Place]]
"""Gives the points of an organisation, by its DID."""


def read_question(
    *,
    since: str | None,
    until: str | None,
    near: str | None,
    radius: str | None,
    now: datetime,
) -> Question:
    """Read what a person asks; what is empty was not asked for.

    Raises:
        BadQuery: a part of it cannot be understood; the message says how to write it.

    """
    first, last = _day("since", since), _day("until", until)
    if first is not None and last is not None and last < first:
        message = "until is before since"
        raise BadQuery(message)
    place = read_query(near=near, radius=radius, now=now)
    radius_km = place.radius_km or RADIUS_KM
    return Question(
        since=first,
        until=last,
        near=place.near,
        radius_km=radius_km if place.near is not None else None,
    )


def points_of(reads: Reads, gazetteer: Gazetteer) -> Points:
    """Make what gives the points of an organisation, as a search knows them: of its own record, read once each.

    Where that gives no point, its postcode or town stands for one.
    """
    held: dict[str, tuple[Place, ...]] = {}

    def look(did: str) -> tuple[Place, ...]:
        if did not in held:
            held[did] = _points(reads, gazetteer, did)
        return held[did]

    return look


def make_report(reads: Reads, gazetteer: Gazetteer, question: Question, now: datetime) -> Report:
    """Add up what is confirmed here now."""
    found = choose(confirmed_exchanges(reads, now), question, points_of(reads, gazetteer))
    return add_up(found, question)


def choose(
    confirmed: Iterable[Confirmed], question: Question, points: Points
) -> Iterator[Confirmed]:
    """Yield those that are asked about, in their order."""
    centre = None
    if question.near is not None:
        centre = Place(latitude=str(question.near.latitude), longitude=str(question.near.longitude))
    for one in confirmed:
        end = one.figures.period.end
        if (question.since or "") > end or (question.until or "9999") < end:
            continue
        if centre is None or any(
            distance_km(place, centre) <= (question.radius_km or RADIUS_KM)
            for did in one.parties
            for place in points(did)
        ):
            yield one


def add_up(confirmed: Iterable[Confirmed], question: Question) -> Report:
    """Add up exchanges, each of which is confirmed and counted once."""
    total = _Sum()
    months: dict[str, _Sum] = {}
    categories: dict[str, _Sum] = {}
    spelled: dict[str, str] = {}
    hours_of_ties: dict[tuple[str, str], Decimal] = {}
    for one in confirmed:
        month = months.setdefault(one.figures.period.end[:7], _Sum())
        for flow in one.figures.flows:
            name = _category(flow.category)
            category = categories.setdefault(_plain(name), _Sum())
            spelled[_plain(name)] = min(name, spelled.get(_plain(name), name))
            for place in (total, month, category):
                place.add(one, flow)
            if flow.unit == HOURS:
                before = hours_of_ties.get(one.parties, Decimal(0))
                hours_of_ties[one.parties] = before + Decimal(flow.quantity)
    units = total.units()
    kept = units[:LINES_MAX]
    ranked = sorted(categories.items(), key=lambda item: (-len(item[1].ties), item[0]))[:LINES_MAX]
    ranked.sort(key=lambda item: (-item[1].hours, -len(item[1].exchanges), item[0]))
    return Report(
        asked=question,
        exchanges=len(total.exchanges),
        organisations=total.organisations,
        ties=len(total.ties),
        hours=write_decimal(total.hours),
        things=total.things(kept),
        months=tuple(months.get(name, _Sum()).line(name, kept) for name in _months(months)),
        categories=tuple(one.line(spelled[name], kept) for name, one in ranked),
        further_units=len(units) - len(kept),
        further_categories=len(categories) - len(ranked),
        most_of_one_tie=write_decimal(max(hours_of_ties.values(), default=Decimal(0))),
    )


class _Sum:
    """What is being added up."""

    def __init__(self) -> None:
        self.exchanges: set[tuple[tuple[str, str], str]] = set()
        self.ties: set[tuple[str, str]] = set()
        self.hours = Decimal(0)
        self._spelled: dict[str, str] = {}
        self._quantities: dict[str, Decimal] = {}
        self._ties_of: dict[str, set[tuple[str, str]]] = {}

    def add(self, one: Confirmed, flow: Flow) -> None:
        self.exchanges.add((one.parties, one.figures.ref))
        self.ties.add(one.parties)
        if flow.unit == HOURS:
            self.hours += Decimal(flow.quantity)
            return
        unit = _plain(flow.unit)
        spelled = " ".join(flow.unit.split())
        self._spelled[unit] = min(spelled, self._spelled.get(unit, spelled))
        self._quantities[unit] = self._quantities.get(unit, Decimal(0)) + Decimal(flow.quantity)
        self._ties_of.setdefault(unit, set()).add(one.parties)

    @property
    def organisations(self) -> int:
        return len({did for tie in self.ties for did in tie})

    def units(self) -> list[str]:
        return sorted(self._quantities, key=lambda unit: (-len(self._ties_of[unit]), unit))

    def things(self, units: Sequence[str]) -> tuple[Thing, ...]:
        return tuple(
            Thing(unit=self._spelled[unit], quantity=write_decimal(self._quantities[unit]))
            for unit in units
            if unit in self._quantities
        )

    def line(self, name: str, units: Sequence[str]) -> Line:
        return Line(
            name=name,
            exchanges=len(self.exchanges),
            organisations=self.organisations,
            ties=len(self.ties),
            hours=write_decimal(self.hours),
            things=self.things(units),
        )


@lru_cache(maxsize=_NAMES)
def _category(label: str | None) -> str:
    """Name a category: the code that the words mean, else the words as they are."""
    if label is None:
        return ""
    concept = concept_of(Scheme.CATEGORIES, label)
    return concept.notation if concept is not None else " ".join(label.split())


@lru_cache(maxsize=_NAMES)
def _plain(words: str) -> str:
    """Make words that only look different the same."""
    return " ".join(words.split()).casefold()


def _months(months: Mapping[str, object]) -> list[str]:
    """Name every month from the first to the last: an empty one is a figure too."""
    if not months:
        return []
    first, last = min(months), max(months)
    numbers = [int(one[:4]) * 12 + int(one[5:]) - 1 for one in (first, last)]
    return [f"{at // 12:04d}-{at % 12 + 1:02d}" for at in range(numbers[0], numbers[1] + 1)]


def _points(reads: Reads, gazetteer: Gazetteer, did: str) -> tuple[Place, ...]:
    document = reads.document(did, ORGANISATION_PATH)
    if document is None or document.body is None or document.state is not DocumentState.LIVE:
        return ()
    try:
        record = _RECORD.decode(document.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ()
    places = placing.place(gazetteer, record.location)
    return tuple(place for place in places if place.latitude is not None)


def _day(name: str, text: str | None) -> str | None:
    if not text:
        return None
    message = Worded("{name} is a day such as 2026-04-01", name=name)
    try:
        day = read_date(text) if len(text) == _DATE_CHARACTERS else None
    except BadTime as error:
        raise BadQuery(message) from error
    if day is None or day.isoformat() != text:
        raise BadQuery(message)
    return text


# --- as a table ------------------------------------------------------------------------------


def write_csv(report: Report) -> str:
    """Write the figures as a table: one figure a line, for a spreadsheet.

    A cell of other people's words that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(("of", "name", "measure", "unit", "value"))
    for of, name, measure, unit, value in _figures(report):
        table.writerow((of, _harmless(name), measure, _harmless(unit), value))
    return out.getvalue()


def _figures(report: Report) -> Iterator[tuple[str, str, str, str, str]]:
    for name, number in (
        ("exchanges", report.exchanges),
        ("organisations", report.organisations),
        ("ties", report.ties),
    ):
        yield "all", "", name, "", str(number)
    yield "all", "", "quantity", HOURS, report.hours
    for thing in report.things:
        yield "all", "", "quantity", thing.unit, thing.quantity
    for of, lines in (("month", report.months), ("category", report.categories)):
        for line in lines:
            yield of, line.name, "exchanges", "", str(line.exchanges)
            yield of, line.name, "organisations", "", str(line.organisations)
            yield of, line.name, "ties", "", str(line.ties)
            yield of, line.name, "quantity", HOURS, line.hours
            for thing in line.things:
                yield of, line.name, "quantity", thing.unit, thing.quantity


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) or cell.startswith(_FORMULA) else cell
