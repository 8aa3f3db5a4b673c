"""Particulars: what an offer, a need or an organisation says beyond its name and text, in words.

Here: costs, times, audiences and the rest, as lines for a page and as the gist for a card, codes of the vocabulary
in the reader's language. Not here: HTML (`templates/`), name, text and places (`pages`, `cards`).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from localfed.interop.listing_times import is_on
from localfed.interop.vocabulary import Scheme, label_of
from localfed.protocol.listing import Cost, Listing, Need
from localfed.protocol.organisation import Network, Organization
from localfed.web.languages import Said, name_of_language, say_money
from localfed.web.readers import Reader
from localfed.web.schedules import say_next_day, say_schedule, say_soon
from localfed.web.translating import _

_UNKNOWN: Final = "und"
_GIST_VALUES: Final = 3
"""Audiences and costs on a card; its page has all."""


class Named(Said, frozen=True):
    """The name of an organisation, and where it leads."""

    home: str
    """Its page here; empty where it is not known."""
    url: str
    """Its own page, as a stranger wrote it; may be empty."""


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


def read_particulars(
    record: Listing | Organization, reader: Reader, homes: Mapping[str, str]
) -> Particulars:
    """Say what a record says, for one reader; `homes` has the pages of organisations that are known here, by DID."""
    if isinstance(record, Organization):
        lines = _of_organisation(record, reader, homes)
        return Particulars(lines=tuple(_kept(lines)), is_open=False)
    return Particulars(
        lines=tuple(_kept(_of_listing(record, reader))),
        is_open=bool(record.schedule) and is_on(record, reader.now),
    )


def read_gist(record: Listing | Organization, reader: Reader) -> Gist:
    """Say in short what a record says, for one reader."""
    audience = _coded(Scheme.AUDIENCES, record.audience[:_GIST_VALUES], reader)
    if isinstance(record, Organization):
        return Gist(audience=audience)
    when, is_open = say_soon(record, reader.now)
    return Gist(
        audience=audience,
        when=when,
        is_open=is_open,
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
        (_("When"), say_schedule(record, reader)),
        (_("Next"), _plain(list(filter(None, [say_next_day(record, reader.now)])))),
        (_("How much"), _plain([amount] if amount else [])),
        (_("How to get it"), _text(record.how_to_get, said, reader)),
        (_("Accessibility"), _coded(Scheme.ACCESSIBILITY, record.accessibility, reader)),
        (_("Languages"), _plain([spoken] if spoken else [])),
    ]


def _of_organisation(
    record: Organization, reader: Reader, homes: Mapping[str, str]
) -> list[tuple[str, tuple[Said, ...]]]:
    return [
        (_("What it is"), _coded(Scheme.KINDS, record.kinds, reader)),
        (_("Aims"), _text(record.aims, record.language, reader)),
        (_("For whom"), _coded(Scheme.AUDIENCES, record.audience, reader)),
        (_("Says it belongs to"), tuple(_network(one, homes) for one in record.member_of)),
    ]


def _network(one: Network, homes: Mapping[str, str]) -> Named:
    return Named(one.name, _UNKNOWN, homes.get(one.organisation or "", ""), one.url or "")


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
