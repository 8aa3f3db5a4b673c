"""Partners as a reader sees them: who delivers what of a joint offer, who works with whom, whom partners show.

Here: values made for templates. Not here: what is in force (`app.halves`, `app.joint`), the API (`api_partners`).
"""

from __future__ import annotations

from itertools import islice
from typing import Final

import msgspec
from aiohttp import web

from localfed.app import halves, joint, promotions, ties
from localfed.app.halves import InForce
from localfed.app.joint import Part
from localfed.app.promotions import Promoted
from localfed.app.values import Publisher, StoredDocument
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.listing import Offer
from localfed.protocol.partnership import Role, Stage, reaches
from localfed.web.cards import Card, Origin, Reader, make_card, make_origin
from localfed.web.languages import Said, say_day, say_distance
from localfed.web.node import NODE
from localfed.web.translating import _
from localfed.web.views import Shown, is_hidden, page_of, read_shown
from localfed.web.webs import webs_of

_PARTNERS: Final = 50
_LISTINGS: Final = 3
"""Offers and needs of each partner on one page; a link leads to the rest."""

_CONTRIBUTIONS: Final = 20
_MENTORS: Final = 5


class PartLine(msgspec.Struct, frozen=True, kw_only=True):
    """What one contributor delivers of a joint offer."""

    origin: Origin
    delivers: Said | None
    roles: str


class PartnerLine(msgspec.Struct, frozen=True, kw_only=True):
    """With whom an organisation works, and how far."""

    origin: Origin
    stage: str
    more: tuple[str, ...]
    """Roles of each, and whether each shows the other."""
    since: str
    """Since which day it is not confirmed; empty where it is."""


class PromotedLines(msgspec.Struct, frozen=True, kw_only=True):
    """A partner that is shown, with some of what it offers and needs."""

    origin: Origin
    cards: tuple[Card, ...]
    has_more: bool


class MentorLine(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who mentors others."""

    name: Said
    href: str
    distance: str
    partners: int


class Partners(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of an organisation says of its partners."""

    lines: tuple[PartnerLine, ...] = ()
    left_out: int = 0
    vouchers: tuple[Origin, ...] = ()
    """Partners at promotion or above that this node hosts or follows: they vouch for it."""
    promoted: tuple[PromotedLines, ...] = ()
    contributions: tuple[Card, ...] = ()
    mentors: tuple[MentorLine, ...] = ()
    """For one that works with nobody yet."""
    ties_href: str = ""


def make_parts(request: web.Request, shown: Shown | None, reader: Reader) -> list[PartLine]:
    """Say who delivers what of an offer; only of those who say so themselves (LF-JOINT-3)."""
    if not isinstance(shown, Offer) or not shown.contributors:
        return []
    parts = joint.parts_of(request.app[NODE].ports.store, shown, reader.now)
    return [_part(request, one, shown, reader) for one in parts]


def with_parts(request: web.Request, card: Card, document: StoredDocument, reader: Reader) -> Card:
    """Say on the card of a joint offer who delivers it together with the lead (LF-JOINT-3)."""
    if document.type != "Offer" or b'"contributors"' not in (document.body or b""):
        return card
    parts = make_parts(request, read_shown(document), reader)
    return msgspec.structs.replace(card, together=tuple(one.origin.name for one in parts))


async def make_partners(request: web.Request, publisher: Publisher, reader: Reader) -> Partners:
    """Say with whom an organisation works, what it shows of them, or who could mentor it (LF-PART-4, LF-PART-6)."""
    if is_hidden(publisher, reader.now):
        return Partners()
    reads, did = request.app[NODE].ports.store, publisher.did
    held = [
        (one, partner)
        for one in halves.in_force_of(reads, did, reader.now)
        if (partner := reads.publisher(one.partner)) is not None and partner.is_shown
    ]
    if not held:
        return Partners(mentors=await _mentors(request, publisher, reader))
    vouchers = [
        make_origin(request, partner, reader)
        for one, partner in held
        if reaches(one.stage, halves.PROMOTION) and (partner.is_hosted or partner.is_followed)
    ]
    shown = promotions.promoted_by(reads, did, reader.now, listings=_LISTINGS)
    joined = islice(joint.contributions_of(reads, did, reader.now), _CONTRIBUTIONS)
    cards = (
        (one, make_card(one.document, make_origin(request, one.lead, reader), reader))
        for one in joined
    )
    return Partners(
        lines=tuple(_line(request, one, partner, reader) for one, partner in held[:_PARTNERS]),
        left_out=max(0, len(held) - _PARTNERS),
        vouchers=() if publisher.is_hosted or publisher.is_followed else tuple(vouchers),
        promoted=tuple(_promoted(request, one, reader) for one in shown),
        contributions=tuple(
            with_parts(request, card, one.document, reader)
            for one, card in cards
            if card is not None
        ),
        ties_href=f"/ties?of={publisher.scid}",
    )


def say_roles(roles: tuple[Role, ...]) -> str:
    """Say in words what somebody is in a partnership or an offer."""
    said: dict[Role, str] = {
        "lead": _("leads"),
        "contributor": _("contributes"),
        "mentor": _("mentors"),
        "referrer": _("sends people on"),
    }
    return ", ".join(said[role] for role in dict.fromkeys(roles))


def _say_stage(stage: Stage) -> str:
    return {
        "guidance": _("Guidance"),
        "collaboration": _("Collaboration"),
        "promotion": _("Promotion"),
        "integrated": _("Integrated service"),
    }[stage]


def _part(request: web.Request, part: Part, offer: Offer, reader: Reader) -> PartLine:
    said = part.contributor
    return PartLine(
        origin=make_origin(request, part.publisher, reader),
        delivers=reader.choose(said.delivers, offer.language) if said.delivers else None,
        roles=say_roles(said.roles),
    )


def _line(request: web.Request, held: InForce, partner: Publisher, reader: Reader) -> PartnerLine:
    more = []
    if held.my_roles:
        more.append(_("it %(roles)s") % {"roles": say_roles(held.my_roles)})
    if held.their_roles:
        more.append(_("they: %(roles)s") % {"roles": say_roles(held.their_roles)})
    if held.is_promotion:
        more.append(_("each shows the other"))
    return PartnerLine(
        origin=make_origin(request, partner, reader),
        stage=_say_stage(held.stage),
        more=tuple(more),
        since=say_day(held.unconfirmed_since) if held.unconfirmed_since else "",
    )


def _promoted(request: web.Request, one: Promoted, reader: Reader) -> PromotedLines:
    origin = make_origin(request, one.publisher, reader)
    cards = (make_card(document, origin, reader) for document in one.listings)
    return PromotedLines(
        origin=origin,
        cards=tuple(card for card in cards if card is not None),
        has_more=one.has_more,
    )


async def _mentors(
    request: web.Request, publisher: Publisher, reader: Reader
) -> tuple[MentorLine, ...]:
    ports = request.app[NODE].ports
    near = ties.place_of(ports.store, ports.gazetteer, publisher.did, reader.now)
    found = ties.mentors(await webs_of(request).all(), near, frozenset({publisher.did}))
    return tuple(
        MentorLine(
            name=reader.choose(one.organisation.names, one.organisation.language)
            if one.organisation.names
            else Said(one.organisation.host, "und"),
            href=page_of(one.organisation.did, ORGANISATION_PATH),
            distance=say_distance(one.km, miles=reader.miles, is_about=one.organisation.is_about)
            if one.km is not None
            else "",
            partners=one.partners,
        )
        for one in found[:_MENTORS]
    )
