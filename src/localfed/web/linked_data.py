"""Structured data of pages: what this node tells search engines of a record, of results, of itself.

Here: the record of a page and what is around it, handed to `interop.schema_org`. Not here: its words (there), where
it stands in the page (`heads`, `templates/base.html`).
"""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from localfed.app.values import Publisher, StoredDocument
from localfed.interop.schema_org import (
    Around,
    describe_listing,
    describe_node,
    describe_organisation,
    describe_results,
    describe_way,
    name_organisation,
    write_data,
)
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.organisation import Organization
from localfed.web.cards import Card, Origin, Reader
from localfed.web.heads import Head, calendar_href, has_calendar, make_head
from localfed.web.node import NODE
from localfed.web.pictures import Figure
from localfed.web.translating import _, spoken
from localfed.web.views import Shown, origin_of, page_of, read_shown


def data_of_record(
    request: web.Request,
    record: Shown,
    origin: Origin,
    reader: Reader,
    *,
    root: str,
    path: str,
    figures: Sequence[Figure] = (),
) -> str:
    """Write what the page of a record says, as JSON that may stand in HTML; `root` is scheme and host of pages."""
    node = request.app[NODE]
    page = root + page_of(record.issuer, path)
    publisher = (origin.name.text, root + origin.href)

    def say(texts: dict[str, str]) -> str:
        return reader.choose(texts, record.language).text

    around = Around(
        say=say,
        page=page,
        publisher=name_organisation(*publisher),
        images=tuple(root + figure.src for figure in figures),
        now=reader.now,
    )
    way = [(node.name, f"{root}/"), (_("Organisations"), f"{root}/organisations"), publisher]
    if path != ORGANISATION_PATH:
        way.append((say(record.name), page))
    things = (
        [describe_organisation(record, around)]
        if isinstance(record, Organization)
        else describe_listing(record, around)
    )
    return write_data([*things, describe_way(way)])


def head_of_record(
    request: web.Request,
    publisher: Publisher,
    document: StoredDocument | None,
    origin: Origin,
    reader: Reader,
    *,
    figures: Sequence[Figure],
) -> Head:
    """Make the head of a record's page; an empty one where the record is not here."""
    record = read_shown(document) if document is not None else None
    if document is None or record is None:
        return Head()
    # The one address of a record that is published here is on the host of its publisher.
    root = origin_of(publisher.base if publisher.is_hosted else request.app[NODE].url)
    data = data_of_record(
        request, record, origin, reader, root=root, path=document.path, figures=figures
    )
    calendar = calendar_href(document) if has_calendar(record) else ""
    return make_head(data, calendar)


def data_of_results(request: web.Request, cards: Sequence[Card], *, is_first: bool) -> str:
    """Write what a page of results lists; on the first page, what the node is."""
    node = request.app[NODE]
    root = origin_of(node.url)
    things: list[object] = [describe_node(node.name, root, spoken())] if is_first else []
    if cards:
        things.append(describe_results([(card.title.text, root + card.href) for card in cards]))
    return write_data(things) if things else ""
