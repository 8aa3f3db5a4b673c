"""The JSON API: search, with every record exactly as its publisher signed it.

Here: /api/v1/search. Not here: what is found and in what order (`app.search`), the rest (`api`).
"""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import hdrs, web

from localfed.app import joint
from localfed.app.index_values import Facets, IndexQuery, Sort
from localfed.app.search import WISHES, Result, find, read_query
from localfed.app.values import Kind, Publisher, Spot, StoredDocument
from localfed.app.whereabouts import place_asked
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.partnership import Role
from localfed.web.api import (
    PublisherAnswer,
    VoucherAnswer,
    answer_json,
    next_link,
    publisher_answer,
    read_limit,
    voucher_answer,
)
from localfed.web.languages import choose
from localfed.web.node import NODE, Node
from localfed.web.parameters import check_parameters
from localfed.web.pictures import PictureAnswer, picture_answers
from localfed.web.views import checked_at, is_confirmed, origin_of, page_of, raw_json, source_of

PARAMETERS: Final = frozenset({*WISHES, "limit"})

RANKING: Final = {
    Sort.BEST: (
        "score, 0 to 1: how well the words fit times how near the nearest place is, half of it where nobody "
        "said for a year that it is right; without q and near by publisher, the node's own first, then by title"
    ),
    Sort.NEAREST: "distance: what comes to the place counts as there, what has no place comes last",
    Sort.NEWEST: "when a person last said that it is right, the newest first",
}


class ContributorAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Who delivers a part of a joint offer, by its own word as well."""

    organisation: VoucherAnswer
    delivers: str | None
    roles: tuple[Role, ...]


class BehindAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Another entry about the same organisation, which is found by this one."""

    id: str
    publisher: VoucherAnswer
    listed: bool
    page: str


class ResultAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One result."""

    id: str
    kind: Kind
    score: float
    distance_km: float | None
    approximate: bool
    """The distance is only about so much: it is deliberately vague, or gives a postcode or town and no point."""
    covers: bool
    """Who offers it comes to the place that was asked: it counts as there."""
    publisher: PublisherAnswer
    contributors: tuple[ContributorAnswer, ...]
    """Of a joint offer: those that count."""
    listed: bool
    """About somebody else than its publisher."""
    behind: tuple[BehindAnswer, ...]
    checked: str | None
    confirmed: bool
    page: str
    source: str
    """The file at its publisher."""
    pictures: tuple[PictureAnswer, ...]
    """Those that are here, our own copies."""
    document: msgspec.Raw


class PlaceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The place that `near` was taken for."""

    label: str
    latitude: float
    longitude: float
    precision_km: float
    """How far off the point may be from what was meant."""
    others: tuple[str, ...]
    """Other places of that name."""


class SearchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to a search."""

    total: int
    place: PlaceAnswer | None
    results: tuple[ResultAnswer, ...]
    facets: Facets
    """Counts by facet and value; each facet as if nothing of it were chosen."""
    corrected: str | None
    """The search as it was understood, where a word was written as hardly anything has it."""
    about: tuple[str, ...]
    """As too little has the words, what is about these was looked for, too: subjects that the node knows, in English."""
    ranking: str
    next: str | None


async def search(request: web.Request) -> web.Response:
    """Answer a search.

    Raises:
        BadQuery, BadCursor: it cannot be understood; the message says which part.

    """
    node, query = request.app[NODE], read_search(request)
    place = place_asked(node.ports.gazetteer, request.query.get("near"))
    found = find(node.ports, query)
    publishers: dict[str, _Publisher] = {}
    results = []
    for one in found.results:
        publisher = publishers.get(one.publisher.did)
        if publisher is None:
            publisher = publishers[one.publisher.did] = _look_at(node, one.publisher)
        document = raw_json(one.document.body)
        if document is not None:
            results.append(_result(node, one, document, publisher))
    answer = answer_json(
        request,
        SearchAnswer(
            total=found.total,
            place=place_answer(place) if place is not None else None,
            results=tuple(results),
            facets=found.facets,
            corrected=found.corrected,
            about=tuple(map(node.ports.lexicon.label, found.about)),
            ranking=RANKING[query.sort],
            next=found.next_cursor,
        ),
    )
    if found.next_cursor is not None:
        answer.headers[hdrs.LINK] = next_link(request, found.next_cursor)
    return answer


def read_search(request: web.Request, *, beside: frozenset[str] = frozenset()) -> IndexQuery:
    """Read the search that the address of a request asks for; `beside` names what else may stand there.

    Raises:
        BadQuery, BadCursor: it cannot be understood; the message says which part.

    """
    asked = request.query
    check_parameters(request, PARAMETERS | beside)
    ports = request.app[NODE].ports
    place = place_asked(ports.gazetteer, asked.get("near"))
    return read_query(
        **{name: asked.get(name) for name in WISHES} | {"near": place.near if place else None},
        limit=read_limit(request),
        now=ports.clock.now(),
    )


def place_answer(spot: Spot) -> PlaceAnswer:
    """Say what a place was taken for."""
    return PlaceAnswer(
        label=spot.label,
        latitude=round(spot.point.latitude, 5),
        longitude=round(spot.point.longitude, 5),
        precision_km=spot.radius_km,
        others=spot.others,
    )


class _Publisher(msgspec.Struct, frozen=True, kw_only=True):
    """What all results of one publisher say alike: worked out once."""

    answer: PublisherAnswer
    checked: str | None
    confirmed: bool


def _look_at(node: Node, publisher: Publisher) -> _Publisher:
    now = node.ports.clock.now()
    return _Publisher(
        answer=publisher_answer(node, publisher),
        checked=checked_at(publisher, now),
        confirmed=is_confirmed(publisher, now),
    )


def _contributors(node: Node, document: StoredDocument) -> tuple[ContributorAnswer, ...]:
    """Say who contributes to an offer and counts (LF-JOINT-3)."""
    if document.type != "Offer" or b'"contributors"' not in (document.body or b""):
        return ()
    offer, now = joint.read_offer(document), node.ports.clock.now()
    parts = joint.parts_of(node.ports.store, offer, now) if offer is not None else []
    return tuple(
        ContributorAnswer(
            organisation=voucher_answer(node.ports.store, one.publisher),
            delivers=choose(said, (), offer.language).text
            if offer is not None and (said := one.contributor.delivers)
            else None,
            roles=one.contributor.roles,
        )
        for one in parts
    )


def _is_listed(organisation: StoredDocument) -> bool:
    # org.json is the own record, and every other organisation is a listed one (LF-ORG-2).
    return organisation.path != ORGANISATION_PATH


def _result(node: Node, one: Result, raw: msgspec.Raw, publisher: _Publisher) -> ResultAnswer:
    document, root = one.document, origin_of(node.url)
    return ResultAnswer(
        id=document.id,
        kind=one.kind,
        score=one.score,
        distance_km=one.km,
        approximate=one.is_about,
        covers=one.covers,
        publisher=publisher.answer,
        contributors=_contributors(node, document),
        listed=one.kind is Kind.ORGANISATION and _is_listed(document),
        behind=tuple(
            BehindAnswer(
                id=other.document.id,
                publisher=voucher_answer(node.ports.store, other.publisher),
                listed=_is_listed(other.document),
                page=root + page_of(other.document.did, other.document.path),
            )
            for other in one.behind
        ),
        checked=publisher.checked,
        confirmed=publisher.confirmed,
        page=root + page_of(document.did, document.path),
        source=source_of(one.publisher, document.path),
        pictures=picture_answers(node.ports.store, document, root),
        document=raw,
    )
