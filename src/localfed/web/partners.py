"""Partners as a reader sees them: who delivers what of a joint offer, who works with whom, names chosen.

Here: values made for templates. Not here: what is in force (`app.halves`, `app.joint`), the API (`api_partners`).
"""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import web

from localfed.app import joint
from localfed.app.joint import Part
from localfed.protocol.listing import Offer
from localfed.protocol.partnership import Role
from localfed.web.cards import Origin, Reader, make_origin
from localfed.web.languages import Said
from localfed.web.node import NODE
from localfed.web.views import Shown

ROLES: Final[dict[Role, str]] = {
    "lead": "leads",
    "contributor": "contributes",
    "mentor": "mentors",
    "referrer": "sends people on",
}


class PartLine(msgspec.Struct, frozen=True, kw_only=True):
    """What one contributor delivers of a joint offer."""

    origin: Origin
    delivers: Said | None
    roles: str


def make_parts(request: web.Request, shown: Shown | None, reader: Reader) -> list[PartLine]:
    """Say who delivers what of an offer; only of those who say so themselves (LF-JOINT-3)."""
    if not isinstance(shown, Offer) or not shown.contributors:
        return []
    parts = joint.parts_of(request.app[NODE].ports.store, shown, reader.now)
    return [_line(request, one, shown, reader) for one in parts]


def say_roles(roles: tuple[Role, ...]) -> str:
    """Say in words what somebody is in a partnership or an offer."""
    return ", ".join(ROLES[role] for role in dict.fromkeys(roles))


def _line(request: web.Request, part: Part, offer: Offer, reader: Reader) -> PartLine:
    said = part.contributor
    return PartLine(
        origin=make_origin(request, part.publisher, reader),
        delivers=reader.choose(said.delivers, offer.language) if said.delivers else None,
        roles=say_roles(said.roles),
    )
