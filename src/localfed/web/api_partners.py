"""The JSON API: partnerships in force, what an organisation's pages show of its partners, mentors near a place.

Here: /api/v1/partnerships, /api/v1/promotions, /api/v1/mentors. Not here: ties as a whole (`ties`), what is in
force (`app.halves`).
"""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import hdrs, web

from localfed.app import halves, promotions, ties
from localfed.app.halves import InForce
from localfed.app.values import Kind, Point, Publisher, StoredDocument
from localfed.protocol.errors import BadCursor, BadQuery
from localfed.protocol.partnership import STAGES, Role, Stage, half_path, reaches
from localfed.web.api import (
    PublisherAnswer,
    answer_json,
    next_link,
    publisher_answer,
    read_limit,
)
from localfed.web.api_ties import TiedAnswer, tied_answer
from localfed.web.node import DIRECTORY, NODE
from localfed.web.parameters import check_parameters
from localfed.web.ties import read_place
from localfed.web.views import KINDS, origin_of, page_of, raw_json, source_of
from localfed.web.webs import webs_of

_CURSOR_CHARACTERS: Final = 9


class PartnershipAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A partnership in force."""

    organisation: PublisherAnswer
    partner: PublisherAnswer
    stage: Stage
    roles: tuple[Role, ...]
    """What the organisation says that it is in it."""
    partner_roles: tuple[Role, ...]
    promotion: bool
    """Each shows the other."""
    confirmed: bool
    """Whether the heads of both still hold."""
    unconfirmed_since: str | None
    halves: tuple[str, str]
    """The two halves, where they lie."""


class PartnershipsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page of partnerships."""

    total: int
    partnerships: tuple[PartnershipAnswer, ...]
    next: str | None


class ListingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An offer or a need of a partner."""

    id: str
    kind: Kind
    page: str
    source: str
    document: msgspec.Raw


class PromotedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A partner that the pages of an organisation show, and what it offers and needs now."""

    partner: PublisherAnswer
    stage: Stage
    confirmed: bool
    listings: tuple[ListingAnswer, ...]
    more: bool
    """There are others: a search finds them."""


class PromotionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the pages of an organisation show, because they show it."""

    organisation: PublisherAnswer
    partners: tuple[PromotedAnswer, ...]


class MentorAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that mentors others."""

    organisation: TiedAnswer
    distance_km: float | None
    approximate: bool
    """`distance_km` is only about so much."""
    partners: int


class MentorsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Mentors, the nearest first."""

    total: int
    mentors: tuple[MentorAnswer, ...]


async def list_partnerships(request: web.Request) -> web.Response:
    """Answer with the partnerships that are in force: of one organisation, or all that are known here.

    Raises:
        BadQuery, BadCursor: it cannot be understood.
        UnknownOrganisation: nobody such is shown here.

    """
    asked, limit = _asked(request, "organisation", "stage", "limit", "cursor"), read_limit(request)
    stage = _read_stage(asked.get("stage"))
    cursor = asked.get("cursor", "0")
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _CURSOR_CHARACTERS):
        message = "that cursor is not of this list"
        raise BadCursor(message)
    reads, now = request.app[NODE].ports.store, request.app[NODE].ports.clock.now()
    if asked.get("organisation"):
        did = _the_organisation(request).did
        pairs = [
            (did, held.partner)
            for held in halves.in_force_of(reads, did, now)
            if reaches(held.stage, stage) and _is_shown(reads.publisher(held.partner))
        ]
    else:
        everything = await webs_of(request).all()
        pairs = [(tie.one, tie.other) for tie in everything.ties if reaches(tie.stage, stage)]
    start = int(cursor)
    more = str(start + limit) if start + limit < len(pairs) else None
    rows = (halves.between(reads, *pair, now) for pair in pairs[start : start + limit])
    answer = answer_json(
        request,
        PartnershipsAnswer(
            total=len(pairs),
            partnerships=tuple(_partnership(request, one) for one in rows if one is not None),
            next=more,
        ),
    )
    if more is not None:
        answer.headers[hdrs.LINK] = next_link(request, more)
    return answer


async def list_promotions(request: web.Request) -> web.Response:
    """Answer with whom the pages of an organisation show, and what they offer and need now (LF-PART-6).

    Raises:
        BadQuery: it cannot be understood, or no organisation is named.
        UnknownOrganisation: nobody such is shown here.

    """
    _asked(request, "organisation", "limit")
    publisher, limit = _the_organisation(request), read_limit(request)
    node = request.app[NODE]
    found = promotions.promoted_by(
        node.ports.store, publisher.did, node.ports.clock.now(), listings=limit
    )
    root = origin_of(node.url)
    return answer_json(
        request,
        PromotionsAnswer(
            organisation=publisher_answer(node, publisher),
            partners=tuple(
                PromotedAnswer(
                    partner=publisher_answer(node, one.publisher),
                    stage=one.partnership.stage,
                    confirmed=one.partnership.unconfirmed_since is None,
                    listings=tuple(
                        listing
                        for document in one.listings
                        if (listing := _listing(one.publisher, document, root)) is not None
                    ),
                    more=one.has_more,
                )
                for one in found
            ),
        ),
    )


async def list_mentors(request: web.Request) -> web.Response:
    """Answer with those who mentor in a partnership in force, the nearest first.

    Raises:
        BadQuery: it cannot be understood.
        UnknownOrganisation: nobody such is shown here.

    """
    asked, limit = _asked(request, "organisation", "near", "limit"), read_limit(request)
    node = request.app[NODE]
    reads, now = node.ports.store, node.ports.clock.now()
    near: Point | None = read_place(request.app[NODE].ports, asked.get("near"), None)[0]
    but: frozenset[str] = frozenset()
    if asked.get("organisation"):
        publisher = _the_organisation(request)
        near = near or ties.place_of(reads, node.ports.gazetteer, publisher.did, now)
        but = frozenset({publisher.did})
    found = ties.mentors(await webs_of(request).all(), near, but)
    root = origin_of(node.url)
    return answer_json(
        request,
        MentorsAnswer(
            total=len(found),
            mentors=tuple(
                MentorAnswer(
                    organisation=tied_answer(one.organisation, root),
                    distance_km=round(one.km, 2) if one.km is not None else None,
                    approximate=one.km is not None and one.organisation.is_about,
                    partners=one.partners,
                )
                for one in found[:limit]
            ),
        ),
    )


def _asked(request: web.Request, *known: str) -> dict[str, str]:
    check_parameters(request, known)
    return dict(request.query)


def _the_organisation(request: web.Request) -> Publisher:
    """Return the organisation that is asked about, by its SCID or DID."""
    which = request.query.get("organisation", "")
    if not which:
        message = "say which organisation: organisation=SCID, or its DID"
        raise BadQuery(message)
    return request.app[DIRECTORY].named("organisation", which)


def _read_stage(text: str | None) -> Stage:
    for stage in STAGES:
        if (text or STAGES[0]) == stage:
            return stage
    message = f"stage is one of {', '.join(STAGES)}: that one and above"
    raise BadQuery(message)


def _is_shown(publisher: Publisher | None) -> bool:
    return publisher is not None and publisher.is_shown


def _partnership(request: web.Request, held: InForce) -> PartnershipAnswer:
    node = request.app[NODE]
    ours, partner = (node.ports.store.publisher(did) for did in (held.did, held.partner))
    assert ours is not None
    assert partner is not None
    return PartnershipAnswer(
        organisation=publisher_answer(node, ours),
        partner=publisher_answer(node, partner),
        stage=held.stage,
        roles=held.my_roles,
        partner_roles=held.their_roles,
        promotion=held.is_promotion,
        confirmed=held.unconfirmed_since is None,
        unconfirmed_since=held.unconfirmed_since,
        halves=(
            source_of(ours, half_path(held.partner)),
            source_of(partner, half_path(held.did)),
        ),
    )


def _listing(publisher: Publisher, document: StoredDocument, root: str) -> ListingAnswer | None:
    raw = raw_json(document.body)
    if raw is None:
        return None
    return ListingAnswer(
        id=document.id,
        kind=KINDS[document.type],
        page=root + page_of(document.did, document.path),
        source=source_of(publisher, document.path),
        document=raw,
    )
