"""Cards: a record or a publisher as a reader sees it, words chosen, distances and days written out.

Here: values made for templates. Not here: HTML (`templates/`), which records (`pages`, `results`).
Everything in them was written by strangers: it stays text, and the templates escape it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec
from aiohttp import web

from localfed.app.index_values import OLD_SECONDS
from localfed.app.placing import says_no_point
from localfed.app.ports import Reads
from localfed.app.search import Entry
from localfed.app.values import Kind, Publisher, StoredDocument
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.forms import Address, Place
from localfed.protocol.organisation import Organization
from localfed.protocol.times import read_time
from localfed.web.languages import Said, say_day, say_distance, say_near_day
from localfed.web.node import NODE
from localfed.web.particulars import Gist, read_gist
from localfed.web.pictures import Figure, figures_of
from localfed.web.readers import Reader, reader_of
from localfed.web.views import (
    KINDS,
    Shown,
    checked_at,
    form_of,
    home_note,
    is_confirmed,
    own_record,
    page_of,
    read_shown,
    voucher_of,
)

__all__ = [
    "Behind",
    "Card",
    "Checked",
    "Origin",
    "Reader",
    "Voucher",
    "address_lines",
    "checked_of",
    "is_listed",
    "make_behind",
    "make_card",
    "make_origin",
    "reader_of",
]

_EXCERPT_CHARACTERS: Final = 220
_UNKNOWN_LANGUAGE: Final = "und"
_OLD: Final = timedelta(days=183)
_VERY_OLD: Final = timedelta(seconds=OLD_SECONDS)


class Voucher(msgspec.Struct, frozen=True, kw_only=True):
    """Whose partner a publisher is."""

    name: Said
    href: str


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """A publisher, as it stands under each of its records."""

    name: Said
    host: str
    href: str
    checked: str | None
    """A day in words."""
    unconfirmed: bool
    closed: str
    """The day on which it was seen to have closed its identity; empty where it has not."""
    note: str
    """What else a reader should know of where it was read; empty where all is well."""
    via: Voucher | None
    """Whose partner it is, where that alone is why it is shown."""


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """An entry about the same organisation, behind the one that is shown."""

    title: Said
    href: str
    publisher: Said
    is_own_record: bool


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """When a person last said that a record is right."""

    day: str
    is_old: bool
    """More than six months ago: shown with a warning."""
    is_very_old: bool
    """More than twelve: it comes lower, too."""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A record in a list."""

    kind: Kind
    title: Said
    text: Said | None
    where: str
    distance: str
    is_online: bool
    is_placeless: bool
    """A distance was asked for and there is none to say."""
    href: str
    origin: Origin
    is_own_record: bool
    is_listed: bool
    checked: Checked
    gist: Gist
    """For whom, when, at what cost and how to get it."""
    figure: Figure | None
    """Its first picture, where it has one and the caller could look."""
    form_href: str
    """Where a visitor asks about it, or says that it is wrong."""
    behind: tuple[Behind, ...] = ()
    """Other entries about the same organisation."""
    covers: bool = False
    """Who offers it comes to the place that was asked for."""
    together: tuple[Said, ...] = ()
    """Who contributes to it and counts."""


def make_origin(request: web.Request, publisher: Publisher, reader: Reader) -> Origin:
    """Say who a publisher is and how fresh what it says."""
    record = own_record(request.app[NODE].ports.store, publisher.did)
    checked = checked_at(publisher, reader.now)
    return Origin(
        name=_name_of(record, publisher, reader),
        host=publisher.host,
        href=page_of(publisher.did, ORGANISATION_PATH),
        checked=say_day(checked) if checked else None,
        unconfirmed=not is_confirmed(publisher, reader.now),
        closed=say_day(publisher.keys_changed or "") if publisher.is_closed else "",
        note=home_note(publisher, reader.now),
        via=_via(request, publisher, reader),
    )


def _via(request: web.Request, publisher: Publisher, reader: Reader) -> Voucher | None:
    reads = request.app[NODE].ports.store
    voucher = voucher_of(reads, publisher)
    if voucher is None:
        return None
    return Voucher(
        name=_name_of(own_record(reads, voucher.did), voucher, reader),
        href=page_of(voucher.did, ORGANISATION_PATH),
    )


def _name_of(record: Organization | None, publisher: Publisher, reader: Reader) -> Said:
    if record is None:
        return Said(publisher.host, _UNKNOWN_LANGUAGE)
    return reader.choose(record.name, record.language)


def make_card(
    document: StoredDocument,
    origin: Origin,
    reader: Reader,
    *,
    km: float | None = None,
    is_about: bool = False,
    has_place: bool = False,
    reads: Reads | None = None,
) -> Card | None:
    """Make the card of a stored document; None for a type that this version does not show.

    `has_place` says that distances were asked for, `km` is this one's (`is_about`: from a place that is not exact); `reads` is where its picture is.
    """
    shown = read_shown(document)
    if shown is None:
        return None
    text = reader.choose(shown.description, shown.language) if shown.description else None
    return Card(
        kind=KINDS[document.type],
        title=reader.choose(shown.name, shown.language),
        text=Said(_excerpt(text.text), text.lang) if text else None,
        where=_where(shown.location),
        distance=_far(shown, km, reader, is_about=is_about) if km is not None else "",
        is_online=shown.online,
        is_placeless=has_place and km is None and not shown.online,
        href=page_of(document.did, document.path),
        origin=origin,
        is_own_record=document.path == ORGANISATION_PATH,
        is_listed=is_listed(shown),
        checked=checked_of(shown, reader),
        gist=read_gist(shown, reader),
        figure=_figure(reads, document, reader, shown) if reads is not None else None,
        form_href=form_of(document),
    )


def make_behind(entry: Entry, origin: Origin, reader: Reader) -> Behind | None:
    """Name an entry about the same organisation; None for what this version does not show."""
    shown = read_shown(entry.document)
    if shown is None:
        return None
    return Behind(
        title=reader.choose(shown.name, shown.language),
        href=page_of(entry.document.did, entry.document.path),
        publisher=origin.name,
        is_own_record=entry.document.path == ORGANISATION_PATH,
    )


def _far(shown: Shown, km: float, reader: Reader, *, is_about: bool) -> str:
    is_about = is_about or says_no_point(shown.location)
    return say_distance(km, miles=reader.miles, is_about=is_about)


def checked_of(shown: Shown, reader: Reader) -> Checked:
    """Say when a person last said that a record is right."""
    age = reader.now - read_time(shown.assured)
    return Checked(
        day=say_near_day(shown.assured, reader.now),
        is_old=age > _OLD,
        is_very_old=age > _VERY_OLD,
    )


def _figure(reads: Reads, document: StoredDocument, reader: Reader, shown: Shown) -> Figure | None:
    # Most have none, and a look at the disk costs more than this one at the bytes.
    if b'"image"' not in (document.body or b""):
        return None
    return next(iter(figures_of(reads, document, reader, shown.language)), None)


def is_listed(shown: Shown) -> bool:
    """Whether a record is about somebody else than its publisher."""
    return isinstance(shown, Organization) and shown.listed


def address_lines(address: Address) -> list[str]:
    """Write an address as people do, line by line."""
    parts = [
        *(address.street_address or "").splitlines(),
        address.address_locality or "",
        address.address_region or "",
        address.postal_code or "",
        address.address_country or "",
    ]
    return [part.strip() for part in parts if part.strip()]


def _where(places: tuple[Place, ...]) -> str:
    """Name the first place in a few words."""
    for place in places:
        if place.address is not None:
            address = place.address
            words = [address.address_locality or address.address_region, address.postal_code]
            named = ", ".join(word for word in words if word)
            if named:
                return named
        if place.name:
            return next(iter(place.name.values()))
    return ""


def _excerpt(text: str) -> str:
    """Cut a text at a word."""
    flat = " ".join(text.split())
    if len(flat) <= _EXCERPT_CHARACTERS:
        return flat
    return flat[:_EXCERPT_CHARACTERS].rsplit(" ", 1)[0] + " …"
