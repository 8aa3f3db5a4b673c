"""Pages of records and of those who publish them.

Here: organisations and documents. Not here: the search (`results`), the node itself (`about`), HTML (`templates/`), what a card says
(`cards`). Addresses of pages are stable: they are made of the SCID and the path of a record's id.
"""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import hdrs, web

from localfed.app.values import DocumentState, Kind, Publisher, StoredDocument
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.errors import UnknownDocument, UnknownPage
from localfed.protocol.forms import Identifier, Source
from localfed.protocol.organisation import Organization
from localfed.protocol.times import write_time
from localfed.web.answers import (
    ASK_AGAIN,
    COMMON,
    HTML,
    answer_bytes,
    hash_tag,
    headers_of,
)
from localfed.web.behind import make_others
from localfed.web.cards import (
    Card,
    Checked,
    Origin,
    Reader,
    address_lines,
    checked_of,
    is_listed,
    make_card,
    make_origin,
    reader_of,
)
from localfed.web.contacting import make_reach
from localfed.web.discovery import discovery_of
from localfed.web.exchanged import make_exchanged
from localfed.web.files import serve_file
from localfed.web.languages import Said, say_day, say_distance
from localfed.web.linked_data import head_of_record
from localfed.web.map_views import PlaceMap, allow_map, map_of_record
from localfed.web.matching import match_cards
from localfed.web.mirror_files import is_mirror_path, serve_mirror
from localfed.web.node import DIRECTORY, NODE
from localfed.web.particulars import Particulars, category_labels, read_particulars
from localfed.web.partners import make_partners, make_parts
from localfed.web.pictures import Figure, figures_of
from localfed.web.rendering import render
from localfed.web.translating import _, ngettext
from localfed.web.views import (
    KINDS,
    TALLY,
    Counts,
    Relation,
    Shown,
    form_of,
    homes_of,
    is_hidden,
    live_document,
    origin_of,
    own_record,
    page_of,
    read_shown,
    relation_of,
    shown_publishers,
    source_of,
)

PAGE: Final = headers_of(HTML, ASK_AGAIN)
_PER_PAGE: Final = 50
_PAGE_DIGITS: Final = 6
_ORDER: Final = {"Offer": 0, "Need": 1, "Organization": 2}


class PlaceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A place, written out."""

    name: Said | None
    lines: tuple[str, ...]
    point: str
    about: str
    """How vague the point is, in words; empty for an exact one."""
    reach: str
    """How far they come from there, in words; empty where it is not said."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of a record says beside its name; `record` is None where it is not here."""

    kind: Kind
    record: Shown | None
    document: StoredDocument | None
    text: Said | None = None
    places: tuple[PlaceFacts, ...] = ()
    figures: tuple[Figure, ...] = ()
    particulars: Particulars = Particulars(lines=(), is_open=False)
    categories: list[tuple[str, Said]] = []
    """As written, and as this reader is shown them."""
    begins: str = ""
    has_begun: bool = True
    until: str = ""
    has_ended: bool = False
    legal_form: str = ""
    identifiers: tuple[Identifier, ...] = ()
    source: Source | None = None
    is_listed: bool = False
    looked: Checked | None = None
    """When a person last said that it is right."""
    canonical: str
    raw_href: str = ""
    raw_url: str = ""
    identity_href: str = ""
    identity_url: str = ""
    source_url: str = ""
    map: PlaceMap | None = None
    form_href: str = ""
    """Where a visitor asks about it, or says that it is wrong."""


class PublisherLine(msgspec.Struct, frozen=True, kw_only=True):
    """A publisher in the list of publishers."""

    origin: Origin
    relation: str
    holds: str


def answer_page(request: web.Request, template: str, **values: object) -> web.Response:
    """Answer with a page. It depends on the language asked for, and says so to caches."""
    body = render(request, template, **values)
    answer = answer_bytes(request, body, hash_tag(body), PAGE)
    answer.headers[hdrs.VARY] = hdrs.ACCEPT_LANGUAGE
    return answer


async def show_organisations(request: web.Request) -> web.Response:
    """Answer with everybody who publishes here."""
    reader, number = reader_of(request), _read_page(request)
    publishers = shown_publishers(request.app[NODE].ports.store)
    start = (number - 1) * _PER_PAGE
    lines = [
        PublisherLine(
            origin=make_origin(request, one, reader),
            relation=_say_relation(relation_of(one)),
            holds=say_counts(request.app[TALLY].current(one.did, reader.now)),
        )
        for one in publishers[start : start + _PER_PAGE]
    ]
    has_more = start + _PER_PAGE < len(publishers)
    return answer_page(
        request,
        "organisations.html",
        publishers=lines,
        total=len(publishers),
        next_href=f"/organisations?page={number + 1}" if has_more else "",
    )


async def show_organisation(request: web.Request) -> web.Response:
    """Answer with the page of a publisher: its own record and what it publishes.

    Raises:
        UnknownOrganisation: neither hosted nor followed here.

    """
    publisher = request.app[DIRECTORY].with_scid(request.match_info["scid"])
    return await answer_publisher(request, publisher)


async def show_below(request: web.Request) -> web.StreamResponse:
    """Answer below the root: the page of an organisation at its BASE, else one of its files.

    Raises:
        UnknownPage: no organisation there, or it has no such file.

    """
    path, directory = request.rel_url.raw_path, request.app[DIRECTORY]
    if path.endswith("/"):
        did = directory.hosted_at(path, request)
        publisher = request.app[NODE].ports.store.publisher(did) if did else None
        if publisher is not None:
            return await answer_publisher(request, publisher)
    elif "." not in path and directory.hosted_at(path + "/", request):
        # A person typed it; no file of the protocol has a name without a dot.
        return web.Response(status=308, headers={**dict(COMMON), hdrs.LOCATION: path + "/"})
    if is_mirror_path(path):
        return await serve_mirror(request)
    return await serve_file(request)


async def answer_publisher(request: web.Request, publisher: Publisher) -> web.Response:
    """Answer with the page of a publisher."""
    store, reader = request.app[NODE].ports.store, reader_of(request)
    origin = make_origin(request, publisher, reader)
    number = _read_page(request)
    hidden = is_hidden(publisher, reader.now)
    record = None if hidden else own_record(store, publisher.did)
    document = store.document(publisher.did, ORGANISATION_PATH) if record else None
    cards, has_more = ([], False) if hidden else _cards(request, publisher, origin, reader, number)
    here = page_of(publisher.did, ORGANISATION_PATH)
    discovery = discovery_of(request, here)
    facts = _facts(request, publisher, document, record, reader)
    counts = Counts() if hidden else request.app[TALLY].current(publisher.did, reader.now)
    answer = answer_page(
        request,
        "organisation.html",
        origin=origin,
        head=head_of_record(request, publisher, document, origin, reader, figures=facts.figures),
        facts=facts,
        others=make_others(request, document, reader) if document is not None else [],
        partners=await make_partners(request, publisher, reader),
        reach=make_reach(request, publisher.did, reader),
        holds=_say_rest(counts, record),
        relation=relation_of(publisher),
        exchanged=None if hidden else await make_exchanged(request, publisher, reader),
        cards=cards,
        next_href=f"{here}?page={number + 1}" if has_more else "",
        discovery=discovery,
    )
    answer.headers[hdrs.LINK] = discovery.link
    return allow_map(request, answer, is_wanted=facts.map is not None)


async def show_document(request: web.Request) -> web.Response:
    """Answer with the page of an offer, a need or a listed organisation.

    Raises:
        UnknownOrganisation, UnknownDocument, Expired: by name.

    """
    publisher = request.app[DIRECTORY].with_scid(request.match_info["scid"])
    reader = reader_of(request)
    document = live_document(request, publisher.did, request.match_info["path"] + ".json")
    record = read_shown(document)
    if record is None:
        message = "this version does not know how to show that record; the API has its bytes"
        raise UnknownDocument(message)
    if is_hidden(publisher, reader.now):
        message = "its publisher has not confirmed it for two weeks, so it is not shown any more"
        raise UnknownDocument(message)
    matches = await match_cards(request, document, KINDS[document.type], reader)
    discovery = discovery_of(request, page_of(document.did, document.path))
    origin = make_origin(request, publisher, reader)
    facts = _facts(request, publisher, document, record, reader)
    answer = answer_page(
        request,
        "document.html",
        title=reader.choose(record.name, record.language),
        origin=origin,
        head=head_of_record(request, publisher, document, origin, reader, figures=facts.figures),
        facts=facts,
        others=make_others(request, document, reader),
        parts=make_parts(request, record, reader),
        reach=make_reach(request, publisher.did, reader),
        matches=matches,
        discovery=discovery,
    )
    answer.headers[hdrs.LINK] = discovery.link
    return allow_map(request, answer, is_wanted=facts.map is not None)


def _say_relation(relation: Relation) -> str:
    return {
        Relation.OWN: _("Hosted on this node"),
        Relation.FOLLOWED: _("Followed"),
        Relation.VIA: _("Partner of one that is followed"),
    }[relation]


def say_counts(counts: Counts) -> str:
    """Say in words how much there is."""
    parts = [
        said % {"number": f"{number:,}"}
        for number, said in (
            (
                counts.offers,
                ngettext("%(number)s offer", "%(number)s offers", counts.offers),
            ),
            (counts.needs, ngettext("%(number)s need", "%(number)s needs", counts.needs)),
            (
                counts.organisations,
                ngettext(
                    "%(number)s organisation", "%(number)s organisations", counts.organisations
                ),
            ),
        )
        if number
    ]
    if len(parts) < 2:  # noqa: PLR2004 - one alone is no list
        return "".join(parts)
    return _("%(first)s and %(last)s") % {"first": ", ".join(parts[:-1]), "last": parts[-1]}


def _say_rest(counts: Counts, record: Organization | None) -> str:
    """Say what a publisher publishes beside its own record."""
    listed = counts.organisations - (record is not None)
    rest = say_counts(Counts(offers=counts.offers, needs=counts.needs, organisations=listed))
    return _("%(number)s that it lists.") % {"number": rest} if listed else rest


def _read_page(request: web.Request) -> int:
    text = request.query.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= _PAGE_DIGITS and int(text) > 0):
        message = "there is no such page of this list"
        raise UnknownPage(message)
    return int(text)


def _cards(
    request: web.Request, publisher: Publisher, origin: Origin, reader: Reader, number: int
) -> tuple[list[Card], bool]:
    """Make one page of a publisher's cards: offers and needs that have not ended, then whom it lists."""
    store = request.app[NODE].ports.store
    left_out = {ORGANISATION_PATH, *request.app[TALLY].ended(publisher.did, reader.now)}
    paths = sorted(
        (
            (_ORDER[kind], path)
            for path, kind, _, state in store.rows(publisher.did)
            if kind in _ORDER and state is DocumentState.LIVE and path not in left_out
        ),
    )
    start = (number - 1) * _PER_PAGE
    cards = []
    for _order, path in paths[start : start + _PER_PAGE]:
        document = store.document(publisher.did, path)
        card = make_card(document, origin, reader, reads=store) if document else None
        if card is not None:
            cards.append(card)
    return cards, start + _PER_PAGE < len(paths)


def _facts(
    request: web.Request,
    publisher: Publisher,
    document: StoredDocument | None,
    record: Shown | None,
    reader: Reader,
) -> Facts:
    if document is None or record is None:
        return Facts(kind=Kind.ORGANISATION, record=None, document=None, canonical=publisher.base)
    # The node answers on the host of each that it hosts; of those, the pages are there.
    root = origin_of(publisher.base if publisher.is_hosted else request.app[NODE].url)
    raw = f"/api/v1/documents/{publisher.scid}/{document.path}"
    identity = f"/api/v1/identities/{publisher.scid}"
    own = page_of(publisher.did, document.path)
    source = source_of(publisher, document.path)
    organisation = record if isinstance(record, Organization) else None
    listing = None if isinstance(record, Organization) else record
    begins, ends = (listing.valid_from, listing.valid_until) if listing else (None, None)
    now = write_time(reader.now)
    return Facts(
        kind=KINDS[document.type],
        record=record,
        document=document,
        text=reader.choose(record.description, record.language) if record.description else None,
        places=_places(record, reader),
        figures=figures_of(request.app[NODE].ports.store, document, reader, record.language),
        particulars=read_particulars(
            record, reader, homes_of(request.app[NODE].ports.store, record)
        ),
        categories=category_labels(record.category, reader),
        begins=say_day(begins) if begins else "",
        has_begun=begins is None or begins <= now,
        until=say_day(ends) if ends else "",
        has_ended=ends is not None and ends <= now,
        legal_form=(organisation.legal_form or "") if organisation else "",
        identifiers=organisation.identifier if organisation else (),
        source=organisation.source if organisation else None,
        is_listed=is_listed(record),
        looked=checked_of(record, reader),
        canonical=root + own if publisher.is_hosted else source,
        raw_href=raw,
        raw_url=root + raw,
        identity_href=identity,
        identity_url=root + identity,
        source_url=source,
        map=map_of_record(request, document, record, reader),
        form_href=form_of(document),
    )


def _places(record: Shown, reader: Reader) -> tuple[PlaceFacts, ...]:
    return tuple(
        PlaceFacts(
            name=reader.choose(place.name, record.language) if place.name else None,
            lines=tuple(address_lines(place.address)) if place.address else (),
            point=f"{place.latitude}, {place.longitude}" if place.latitude else "",
            about=say_distance(place.radius / 1000, miles=reader.miles) if place.radius else "",
            reach=say_distance(place.reach / 1000, miles=reader.miles) if place.reach else "",
        )
        for place in record.location
    )
