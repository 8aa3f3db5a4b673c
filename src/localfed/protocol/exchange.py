"""The exchange: one half of it, by which an organisation says what it gave another and what it got.

Here: the form of a half, and which exchanges hold by two of them. Not here: agreeing on one (`message`), adding
them up (`app.report`). Spec: 05-documents (LF-EXCH). What one side alone says is no fact, and never counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from localfed.protocol import limits
from localfed.protocol.document import Document, is_record_path
from localfed.protocol.errors import BadTime, WrongPath, WrongShape
from localfed.protocol.forms import DecimalText, DidText, Label, TextMap
from localfed.protocol.schedule import LocalDate, read_date
from localfed.protocol.times import read_time

HOURS: Final = "hours"
"""The unit of time that people gave; every other unit is a plain word."""

_DAY: Final = timedelta(days=1)

Ref = Annotated[str, Meta(pattern=r"^[a-z2-7]{26}\Z")]
"""What both halves of one exchange call it."""


class Flow(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """So much of one thing that one side gave the other."""

    giver: DidText = msgspec.field(name="from")
    taker: DidText = msgspec.field(name="to")
    what: Label
    category: Label | None = None
    """A code of the vocabulary or plain words."""
    quantity: DecimalText
    unit: Label
    """`hours`, or in plain words what is counted."""


class Period(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """From the first day to the last one, on the calendar of the place."""

    start: LocalDate
    end: LocalDate


class Figures(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the two sides have to say alike: which exchange, what went which way, and when."""

    ref: Ref
    flows: Annotated[tuple[Flow, ...], Meta(min_length=1, max_length=limits.FLOWS)]
    period: Period


class Exchange(Document, frozen=True, kw_only=True):
    """What the issuer says of one exchange with another organisation."""

    type: Literal["Exchange"]
    partner: DidText
    """First DID of the other."""
    ref: Ref
    flows: Annotated[tuple[Flow, ...], Meta(min_length=1, max_length=limits.FLOWS)]
    period: Period
    note: TextMap | None = None
    """The issuer's own words; no person is named there."""

    @property
    def figures(self) -> Figures:
        """What the other half has to say alike."""
        return Figures(ref=self.ref, flows=self.flows, period=self.period)

    def latest_expiry(self) -> datetime | None:
        """When it is over for good: three years after the last day (LF-EXCH-4)."""
        return kept_until(self.period)


class Confirmed(msgspec.Struct, frozen=True, kw_only=True):
    """An exchange that both sides say, alike."""

    parties: tuple[str, str]
    """First DIDs, sorted."""
    figures: Figures
    ids: tuple[str, str]
    """The ids of the two halves, in the order of the parties."""
    expires: str
    """When the first of the two halves does."""


def kept_until(period: Period) -> datetime:
    """Say until when an exchange may be kept (LF-EXCH-4).

    Raises:
        BadTime: the last day does not exist.

    """
    last = datetime.combine(read_date(period.end), time(), UTC)
    return last + timedelta(days=limits.EXCHANGE_DAYS)


def check_exchange(half: Exchange, path: str) -> None:
    """Check what the form cannot say of a half (LF-EXCH-2 to LF-EXCH-4).

    Raises:
        WrongPath: not under `d/`.
        WrongShape: the partner is the issuer; what `check_figures` raises.
        BadTime: it lives longer than three years after its last day; what `check_figures` raises.

    """
    if not is_record_path(path):
        message = "an exchange lies under d/"
        raise WrongPath(message)
    check_figures(half.figures, half.issuer, half.partner, said=half.updated)
    if read_time(half.expires) > kept_until(half.period):
        message = "an exchange is not kept longer than three years"
        raise BadTime(message)


def check_figures(figures: Figures, issuer: str, partner: str, *, said: str) -> None:
    """Check what the form cannot say of figures between two organisations (LF-EXCH-2, LF-EXCH-3).

    `said` is when the issuer says it, a time of the wire.

    Raises:
        WrongShape: the partner is the issuer, a third party, or a quantity of nothing or of far too much.
        BadTime: a day that does not exist or has not come, an end before the beginning, more than a year.

    """
    if issuer == partner:
        message = "the partner of an exchange is somebody else"
        raise WrongShape(message)
    for flow in figures.flows:
        if {flow.giver, flow.taker} != {issuer, partner}:
            message = "what is exchanged goes from one of the two to the other"
            raise WrongShape(message)
        most = limits.FLOW_HOURS if flow.unit == HOURS else limits.FLOW_QUANTITY
        if not 0 < Decimal(flow.quantity) <= most:
            message = f"a quantity of {flow.unit} is more than nothing and at most {most}"
            raise WrongShape(message)
    first, last = read_date(figures.period.start), read_date(figures.period.end)
    if last < first:
        message = "the period ends before it begins"
        raise BadTime(message)
    if last - first > timedelta(days=limits.EXCHANGE_PERIOD_DAYS - 1):
        message = f"a period has at most {limits.EXCHANGE_PERIOD_DAYS} days"
        raise BadTime(message)
    # One day, as the calendar of a place may be ahead of UTC.
    if last > _day(said) + _DAY:
        message = "the period is not over"
        raise BadTime(message)


def is_confirmed(one: Exchange | None, other: Exchange | None) -> bool:
    """Whether two live halves say the same of each other (LF-EXCH-5)."""
    return (
        one is not None
        and other is not None
        and one.issuer != one.partner
        and (one.issuer, one.partner) == (other.partner, other.issuer)
        and one.figures == other.figures
    )


def find_confirmed(halves: Iterable[Exchange]) -> list[Confirmed]:
    """Find the exchanges that both sides say alike, among live halves of whomever (LF-EXCH-5).

    Each pair and `ref` counts once. Of who says one and the same exchange twice none counts: the two could differ.
    """
    said: dict[tuple[str, str, str], list[Exchange]] = {}
    for half in halves:
        said.setdefault((*_pair(half), half.ref), []).append(half)
    found = []
    for (one, other, _), pair in said.items():
        if len(pair) == 2 and is_confirmed(*pair):  # noqa: PLR2004 - the two sides
            ids = {half.issuer: half.id for half in pair}
            found.append(
                Confirmed(
                    parties=(one, other),
                    figures=pair[0].figures,
                    ids=(ids[one], ids[other]),
                    expires=min(half.expires for half in pair),
                )
            )
    return found


def _pair(half: Exchange) -> tuple[str, str]:
    return min(half.issuer, half.partner), max(half.issuer, half.partner)


def _day(moment: str) -> date:
    return read_time(moment).date()
