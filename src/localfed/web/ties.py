"""The web of ties: who works with whom, as a picture and as the same in words.

Here: /ties, and reading what is asked for. Not here: ties (`app.ties`), how they are drawn (`ties_picture`), JSON (`api_ties`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlencode

import msgspec
from aiohttp import hdrs, web

from localfed.app import ties
from localfed.app.ports import Ports
from localfed.app.search import read_query
from localfed.app.ties import Tie, Tied, Web
from localfed.app.values import Point
from localfed.app.whereabouts import place_asked
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.partnership import Role
from localfed.web.answers import (
    ASK_AGAIN,
    HTML,
    answer_bytes,
    hash_tag,
    headers_of,
    scripted_headers_of,
)
from localfed.web.cards import Reader, reader_of
from localfed.web.choices import radius_options, usual_radius
from localfed.web.languages import Said, say_day
from localfed.web.node import DIRECTORY, NODE
from localfed.web.partners import say_roles
from localfed.web.rendering import render
from localfed.web.ties_picture import (
    MOVES,
    ZOOMS,
    Picture,
    View,
    draw,
    legend_of,
    say_move,
    say_style,
    style_of,
)
from localfed.web.translating import _, ngettext, spoken
from localfed.web.views import page_of
from localfed.web.webs import webs_of

_SCRIPTED: Final = scripted_headers_of()
_PLAIN: Final = headers_of(HTML, ASK_AGAIN)

RADIUS_KM: Final = 25.0
"""How far around a place, where it is not said."""

_PER_PAGE: Final = 100
_VIEW: Final = re.compile(r"([0-9]{1,4}),([0-9]{1,4}),([0-9]{1,2})", re.ASCII)
_UNKNOWN_LANGUAGE: Final = "und"


class Asked(NamedTuple):
    """Which ties are asked for; all, those in a place, or those around one organisation."""

    near: Point | None
    radius_km: float
    of: str | None
    """DID."""

    def of_all(self, web_: Web) -> Web:
        """Take these out of all ties."""
        if self.of is not None:
            web_ = ties.around(web_, self.of)
        if self.near is not None:
            web_ = ties.within(web_, self.near, self.radius_km)
        return ties.cut(web_)


class TieLine(msgspec.Struct, frozen=True, kw_only=True):
    """A tie in words, below one of its sides."""

    what: str
    name: Said
    href: str
    more: str
    """Roles, and whether it is confirmed; empty where there is nothing to say."""


class TiedLine(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation in the list below the picture."""

    name: Said
    href: str
    is_inside: bool
    ties: tuple[TieLine, ...]


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """A picture and the list that says the same."""

    picture: Picture
    lines: tuple[TiedLine, ...]
    ties: int
    has_unconfirmed: bool
    left_out: int


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A link to another part of the picture, which a script uses as a button."""

    name: str
    label: str
    href: str


async def show_ties(request: web.Request) -> web.Response:
    """Answer with the web of ties: the picture, and below it the same in words.

    Raises:
        BadQuery: it cannot be understood.
        UnknownOrganisation: nobody such is shown here.

    """
    reader = reader_of(request)
    parts = _read_parts(request, reader)
    asked = read_asked(request, parts)
    view, number = _read_view(request), _read_page(request)
    key = ("page", asked, reader.languages, spoken())
    drawn = await webs_of(request).make(key, lambda all_: _draw(asked.of_all(all_), reader))
    start = (number - 1) * _PER_PAGE
    body = render(
        request,
        "ties.html",
        drawn=drawn,
        lines=drawn.lines[start : start + _PER_PAGE],
        box=drawn.picture.box(view),
        letter=f"{drawn.picture.letter / view.zoom:.0f}",
        view=view,
        legend=[legend_of(name) for name in drawn.picture.styles],
        moves=_moves(view, parts),
        move_labels={name: say_move(name) for name in MOVES},
        near=request.query.get("near", ""),
        radius_options=radius_options(parts.get("radius") or _usual_radius(reader), reader)[1:],
        of=_who(request, asked),
        json_href="/api/v1/ties" + _query(parts),
        next_href=_query({**parts, "page": str(number + 1)})
        if start + _PER_PAGE < len(drawn.lines)
        else "",
    )
    headers = _SCRIPTED if drawn.ties else _PLAIN
    answer = answer_bytes(request, body, hash_tag(body), headers)
    answer.headers[hdrs.VARY] = hdrs.ACCEPT_LANGUAGE
    return answer


def _usual_radius(reader: Reader) -> str:
    return usual_radius(RADIUS_KM, reader)


def _read_parts(request: web.Request, reader: Reader) -> dict[str, str]:
    """Read what the address of the page asks for; its form sends a radius where the place was left empty too."""
    asked = {name: request.query.get(name, "").strip() for name in ("near", "radius", "of")}
    if not asked["near"]:
        asked["radius"] = ""
    elif not asked["radius"]:
        asked["radius"] = _usual_radius(reader)
    return {name: text for name, text in asked.items() if text}


def read_asked(request: web.Request, asked: Mapping[str, str]) -> Asked:
    """Read which ties are asked for.

    Raises:
        BadQuery: it cannot be understood; the message says how to write it.
        UnknownOrganisation: nobody such is shown here.

    """
    ports = request.app[NODE].ports
    near, radius_km = read_place(ports, asked.get("near"), asked.get("radius"))
    of = asked.get("of")
    did = request.app[DIRECTORY].named("of", of).did if of else None
    return Asked(near=near, radius_km=radius_km, of=did)


def read_place(ports: Ports, near: str | None, radius: str | None) -> tuple[Point | None, float]:
    """Read a place and how far around it, as a search does.

    Raises:
        BadQuery: it cannot be understood; the message says how to write it.

    """
    place = place_asked(ports.gazetteer, near)
    query = read_query(near=place.near if place else None, radius=radius, now=ports.clock.now())
    return query.near, query.radius_km or RADIUS_KM


def _read_view(request: web.Request) -> View:
    match = _VIEW.fullmatch(request.query.get("view", ""))
    if match is None:
        return View()
    x, y, zoom = (int(one) for one in match.groups())
    return View(min(x, 1000), min(y, 1000), zoom if zoom in ZOOMS else 1)


def _read_page(request: web.Request) -> int:
    text = request.query.get("page", "1")
    is_number = text.isascii() and text.isdigit() and len(text) <= 4  # noqa: PLR2004
    return max(1, int(text)) if is_number else 1


def _draw(part: Web, reader: Reader) -> Drawn:
    names = {did: name_of(one, reader) for did, one in part.organisations.items()}
    hrefs = {did: page_of(did, ORGANISATION_PATH) for did in part.organisations}
    by_side: dict[str, list[TieLine]] = {did: [] for did in part.organisations}
    for tie in part.ties:
        for did, other, roles in (
            (tie.one, tie.other, tie.other_roles),
            (tie.other, tie.one, tie.one_roles),
        ):
            by_side[did].append(_line(tie, names[other], hrefs[other], roles))
    order = sorted(
        part.organisations, key=lambda did: (-len(by_side[did]), names[did].text.casefold(), did)
    )
    return Drawn(
        picture=draw(part, {did: said.text for did, said in names.items()}, hrefs),
        lines=tuple(
            TiedLine(
                name=names[did],
                href=hrefs[did],
                is_inside=part.organisations[did].is_inside,
                ties=tuple(by_side[did]),
            )
            for did in order
        ),
        ties=len(part.ties),
        has_unconfirmed=any(tie.unconfirmed_since is not None for tie in part.ties),
        left_out=part.left_out,
    )


def _line(tie: Tie, name: Said, href: str, roles: tuple[Role, ...]) -> TieLine:
    what = say_style(style_of(tie))
    more = [say_roles(roles)] if roles else []
    if tie.is_promotion:
        more.append(_("each shows the other"))
    if tie.count > 1:
        more.append(
            ngettext("%(number)s time", "%(number)s times", tie.count) % {"number": tie.count}
        )
    if tie.unconfirmed_since is not None:
        day = say_day(tie.unconfirmed_since)
        more.append(_("not confirmed since %(day)s") % {"day": day})
    return TieLine(what=what, name=name, href=href, more="; ".join(more))


def name_of(one: Tied, reader: Reader | None) -> Said:
    """Say what an organisation calls itself: to a reader, else in its own language."""
    if not one.names:
        return Said(one.host, _UNKNOWN_LANGUAGE)
    if reader is None:
        text = one.names.get(one.language or "") or next(iter(one.names.values()))
        return Said(text, one.language or _UNKNOWN_LANGUAGE)
    return reader.choose(one.names, one.language)


def _who(request: web.Request, asked: Asked) -> Said | None:
    if asked.of is None:
        return None
    publisher = request.app[NODE].ports.store.publisher(asked.of)
    return Said(publisher.host, _UNKNOWN_LANGUAGE) if publisher is not None else None


def _moves(view: View, kept: dict[str, str]) -> list[Move]:
    """Link to the parts beside, to the same closer and from further away; only where there is something."""
    step = max(1, round(300 / view.zoom))
    wanted = [
        ("in", View(view.x, view.y, view.zoom * 2)),
        ("out", View(view.x, view.y, view.zoom // 2)),
        ("left", View(view.x - step, view.y, view.zoom)),
        ("right", View(view.x + step, view.y, view.zoom)),
        ("up", View(view.x, view.y - step, view.zoom)),
        ("down", View(view.x, view.y + step, view.zoom)),
        ("whole", View()),
    ]
    return [
        Move(
            name=name,
            label=say_move(name),
            href=_query({**kept, "view": f"{one.x},{one.y},{one.zoom}"}) + "#picture",
        )
        for name, one in wanted
        if one.zoom in ZOOMS and 0 <= one.x <= 1000 and 0 <= one.y <= 1000 and one != view  # noqa: PLR2004
    ]


def _query(said: dict[str, str]) -> str:
    return "?" + urlencode(said) if said else ""
