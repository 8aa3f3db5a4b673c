"""Calendars: the times of a record, or of everything that a search finds, as a file for calendar programs.

Here: `/calendar.ics`, and `.ics` after the address of a record's page. Not here: the format (`interop.icalendar`).
"""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import hdrs, web

from localfed.app.values import StoredDocument
from localfed.interop.icalendar import MEDIA_TYPE, Happening, write_calendar
from localfed.interop.listing_times import validity_of
from localfed.protocol.errors import UnknownDocument
from localfed.protocol.forms import Place
from localfed.protocol.listing import Listing
from localfed.web.answers import ASK_AGAIN, headers_of
from localfed.web.cards import Origin, Reader, address_lines, make_origin, reader_of
from localfed.web.feeds import answer_in_language
from localfed.web.heads import calendar_href, calendar_of, has_calendar
from localfed.web.node import DIRECTORY, NODE
from localfed.web.particulars import category_labels
from localfed.web.translating import _
from localfed.web.views import is_hidden, live_document, origin_of, page_of, read_shown
from localfed.web.whole_search import find_all, read_whole

EVENTS_MAX: Final = 500
"""Of one calendar: more than anybody looks at, written in a tenth of a second."""

_HEADERS: Final = headers_of(MEDIA_TYPE, ASK_AGAIN)


async def show_record(request: web.Request) -> web.Response:
    """Answer with the times of one record.

    Raises:
        UnknownOrganisation, UnknownDocument, Expired: by name; it names no times.

    """
    publisher = request.app[DIRECTORY].with_scid(request.match_info["scid"])
    reader = reader_of(request)
    document = live_document(request, publisher.did, request.match_info["path"] + ".json")
    record = read_shown(document)
    if not has_calendar(record) or is_hidden(publisher, reader.now):
        message = "that record names no times that a calendar could show"
        raise UnknownDocument(message)
    assert isinstance(record, Listing)
    origin = make_origin(request, publisher, reader)
    found = _happenings(request, document, record, origin, reader)
    source = origin_of(request.app[NODE].url) + calendar_href(document)
    return await _answer(
        request, reader.choose(record.name, record.language).text, found, source, reader
    )


async def show_search(request: web.Request) -> web.Response:
    """Answer with the times of everything that a search finds.

    Raises:
        BadQuery: it cannot be understood.

    """
    reader = reader_of(request)
    asked = read_whole(request)
    found: list[Happening] = []
    origins: dict[str, Origin] = {}
    for one in await find_all(request, asked, reader):
        # Most have no times: those are not even read.
        if b'"schedule"' not in (one.document.body or b""):
            continue
        record = read_shown(one.document)
        if not isinstance(record, Listing):
            continue
        origin = origins.get(one.publisher.did)
        if origin is None:
            origin = origins[one.publisher.did] = make_origin(request, one.publisher, reader)
        found += _happenings(request, one.document, record, origin, reader)
        if len(found) >= EVENTS_MAX:
            break
    node = request.app[NODE]
    name = f"{node.name}: {asked.q[:200]}" if asked.q else node.name
    source = origin_of(node.url) + calendar_of(asked.href())
    return await _answer(request, name, found[:EVENTS_MAX], source, reader)


async def _answer(
    request: web.Request, name: str, found: list[Happening], source: str, reader: Reader
) -> web.Response:
    body = await asyncio.to_thread(write_calendar, name, found, source=source, now=reader.now)
    answer = answer_in_language(request, body, _HEADERS)
    answer.headers[hdrs.CONTENT_DISPOSITION] = 'inline; filename="calendar.ics"'
    return answer


def _happenings(
    request: web.Request,
    document: StoredDocument,
    record: Listing,
    origin: Origin,
    reader: Reader,
) -> list[Happening]:
    root, scid = origin_of(request.app[NODE].url), document.did.split(":")[2]
    name = reader.choose(record.name, record.language).text
    place = record.location[0] if record.location else None
    page = root + page_of(document.did, document.path)
    said = [_("Published by {name} ({host})").format(name=origin.name.text, host=origin.host), page]
    if record.description:
        said.insert(0, reader.choose(record.description, record.language).text + "\n")
    found = []
    for number, one in enumerate(record.schedule, 1):
        summary = name
        if one.name:
            summary = f"{name}: {reader.choose(one.name, record.language).text}"
        found.append(
            Happening(
                # Not the DID, which can be longer than calendars take (255).
                uid=f"{scid}/{document.path.removesuffix('.json')}/{number}",
                recurrence=one,
                validity=validity_of(record),
                summary=summary,
                description="\n".join(said),
                location=_where(place, record.language, reader) if place else "",
                point=_point(place),
                url=page,
                categories=tuple(
                    label.text for _term, label in category_labels(record.category, reader)
                ),
                updated=document.updated,
            )
        )
    return found


def _where(place: Place, original: str | None, reader: Reader) -> str:
    parts = [reader.choose(place.name, original).text] if place.name else []
    parts += address_lines(place.address) if place.address else []
    return ", ".join(parts)


def _point(place: Place | None) -> tuple[float, float] | None:
    if place is None or place.radius is not None or not (place.latitude and place.longitude):
        return None
    return float(place.latitude), float(place.longitude)
