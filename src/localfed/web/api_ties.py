"""The web of ties as JSON, for programs.

Here: /api/v1/ties. Not here: the page and its picture, reading what is asked for (`ties`).
"""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import web

from localfed.app.ties import Tied, Web
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.partnership import Role, Stage
from localfed.web.api import answer_json
from localfed.web.node import NODE
from localfed.web.parameters import check_parameters
from localfed.web.ties import name_of, read_asked
from localfed.web.views import origin_of, page_of
from localfed.web.webs import webs_of

_PARAMETERS: Final = frozenset({"near", "radius", "of"})


class TiedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that has ties."""

    did: str
    scid: str
    name: str
    host: str
    latitude: float | None
    longitude: float | None
    approximate: bool
    """The point is only about there."""
    inside: bool
    """In the place that was asked about."""
    page: str


class TieAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What there is between two organisations."""

    organisations: tuple[str, str]
    """DIDs."""
    kind: str
    stage: Stage | None
    roles: tuple[tuple[Role, ...], tuple[Role, ...]]
    """What each says that it is in it, in the same order."""
    promotion: bool
    """Each shows the other."""
    confirmed: bool
    count: int


class TiesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A web of ties."""

    organisations: tuple[TiedAnswer, ...]
    ties: tuple[TieAnswer, ...]
    left_out: int
    """Organisations beyond the most that one answer has."""


async def list_ties(request: web.Request) -> web.Response:
    """Answer with the ties in a place, around an organisation, or all that are known here.

    Raises:
        BadQuery: it cannot be understood.
        UnknownOrganisation: nobody such is shown here.

    """
    check_parameters(request, _PARAMETERS)
    asked = read_asked(request, request.query)
    root = origin_of(request.app[NODE].url)

    def make(everything: Web) -> TiesAnswer:
        return _answer(asked.of_all(everything), root)

    return answer_json(request, await webs_of(request).make(("json", asked), make))


def _answer(part: Web, root: str) -> TiesAnswer:
    return TiesAnswer(
        organisations=tuple(tied_answer(one, root) for one in part.organisations.values()),
        ties=tuple(
            TieAnswer(
                organisations=(tie.one, tie.other),
                kind=tie.kind,
                stage=tie.stage,
                roles=(tie.one_roles, tie.other_roles),
                promotion=tie.is_promotion,
                confirmed=tie.unconfirmed_since is None,
                count=tie.count,
            )
            for tie in part.ties
        ),
        left_out=part.left_out,
    )


def tied_answer(one: Tied, root: str) -> TiedAnswer:
    """Say who an organisation is that has ties."""
    return TiedAnswer(
        did=one.did,
        scid=one.scid,
        name=name_of(one, None).text,
        host=one.host,
        latitude=one.point.latitude if one.point is not None else None,
        longitude=one.point.longitude if one.point is not None else None,
        approximate=one.is_about,
        inside=one.is_inside,
        page=root + page_of(one.did, ORGANISATION_PATH),
    )
