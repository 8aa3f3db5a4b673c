"""The head of a page: its one address, the same in other forms, and structured data for search engines.

Here: values for `templates/base.html`, addresses of a search in other forms. Not here: what those forms say
(`feeds`, `calendars`, `linked_data`).
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlencode

import msgspec
from aiohttp import web
from markupsafe import Markup

from localfed.app.values import StoredDocument
from localfed.interop.listing_times import first_time, validity_of
from localfed.protocol.listing import Listing
from localfed.web.node import NODE
from localfed.web.translating import _
from localfed.web.views import origin_of, page_of

# Where one is in a list, in what order, how it is looked at, and in which language, make no other search.
_NO_PART: Final = frozenset({"cursor", "lang", "page", "sort", "view"})


class Alternate(msgspec.Struct, frozen=True, kw_only=True):
    """The same in another form."""

    href: str
    type: str
    title: str


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the head of a page beside its title."""

    canonical: str = ""
    """The one URL of this page; empty where the template says it."""
    alternates: tuple[Alternate, ...] = ()
    calendar: str = ""
    """Address of a record's calendar; empty where it has no times."""
    data: Markup | None = None
    """JSON for a block of data, escaped for it."""


def asked_of(address: str) -> str:
    """Return what an address of the search asks for, as a query in the order that it has; may be empty."""
    pairs = parse_qsl(address.partition("?")[2])
    return urlencode([(name, value) for name, value in pairs if name not in _NO_PART])


def feed_of(address: str) -> str:
    """Name the feed of a search, from the address of its page (`/?q=…`)."""
    return _join("/feed.atom", asked_of(address))


def calendar_of(address: str) -> str:
    """Name the calendar of a search, from the address of its page."""
    return _join("/calendar.ics", asked_of(address))


def canonical_of(request: web.Request, address: str) -> str:
    """Name the one URL of a search: its parameters in one order, without language and cursor."""
    return origin_of(request.app[NODE].url) + _join("/", asked_of(address))


def head_of_search(request: web.Request, address: str, data: str) -> Head:
    """Make the head of a page of results; `data` is escaped for HTML already (`schema_org.write_data`)."""
    return Head(
        canonical=canonical_of(request, address),
        alternates=(
            Alternate(
                href=feed_of(address), type="application/atom+xml", title=_("This search as a feed")
            ),
            Alternate(
                href=calendar_of(address), type="text/calendar", title=_("Its times as a calendar")
            ),
        ),
        data=Markup(data) if data else None,  # noqa: S704 - write_data left no character of markup
    )


def make_head(data: str, calendar: str) -> Head:
    """Make the head of a record's page; `data` is escaped for HTML already, `calendar` may be empty."""
    form = Alternate(href=calendar, type="text/calendar", title=_("Its times as a calendar"))
    return Head(
        alternates=(form,) if calendar else (),
        calendar=calendar,
        data=Markup(data),  # noqa: S704 - write_data left no character of markup
    )


def has_calendar(record: object) -> bool:
    """Whether a record has times that a calendar can show."""
    return isinstance(record, Listing) and any(
        first_time(one, validity_of(record)) is not None for one in record.schedule
    )


def calendar_href(document: StoredDocument) -> str:
    """Name the calendar of a record."""
    return f"{page_of(document.did, document.path)}.ics"


def _join(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
