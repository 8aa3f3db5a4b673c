"""Reading queries: a search as a person wrote it, in an address or on the command line.

Here: every part of a search checked, cursors. Not here: what is found (`search`).
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime
from typing import Final, get_args

import msgspec

from localfed.app.describing import choice_of
from localfed.app.index_values import HERE, ONLINE, OPEN_NOW, IndexQuery, Sort
from localfed.app.values import Kind, Point
from localfed.interop.vocabulary import Scheme
from localfed.protocol import limits
from localfed.protocol.did import parse_did
from localfed.protocol.errors import BadCursor, BadDid, BadQuery
from localfed.protocol.listing import Basis
from localfed.protocol.worded import Worded

RESULTS_MAX: Final = 1_000
"""Results that can be paged to; the index ranks no more."""

LIMIT_MAX: Final = 100
"""Results of one page."""

RADIUS_KM_MAX: Final = 20_040
"""Half way round the Earth, rounded up."""

COSTS: Final[tuple[str, ...]] = get_args(Basis)
"""What can be given for something."""

_DECIMAL: Final = r"[+-]?[0-9]{1,5}(?:\.[0-9]{1,15})?"
_POINT: Final = re.compile(rf"\s*({_DECIMAL})\s*,\s*({_DECIMAL})\s*", re.ASCII)
_RADIUS: Final = re.compile(rf"\s*({_DECIMAL})\s*", re.ASCII)
_CURSOR: Final = re.compile(r"[A-Za-z0-9_-]{11}", re.ASCII)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}", re.ASCII)
_SCID: Final = re.compile(r"[1-9A-HJ-NP-Za-km-z]{46}", re.ASCII)
_OFFSET_BYTES: Final = 2


_ALLOWED: Final[dict[str, tuple[str, ...]]] = {
    "kind": tuple(Kind),
    "cost": COSTS,
    "open": (OPEN_NOW,),
    "where": (HERE, ONLINE),
    "sort": tuple(Sort),
}


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A search as a person wrote it: what the address of the page and of the API say. Empty: not asked for."""

    q: str = ""
    near: str = ""
    radius: str = ""
    kind: str = ""
    category: str = ""
    cost: str = ""
    open: str = ""
    audience: str = ""
    accessibility: str = ""
    language: str = ""
    organisation: str = ""
    where: str = ""
    sort: str = ""
    cursor: str = ""


WISHES: Final = Wish.__struct_fields__


def read_query(*, now: datetime, limit: int = 20, **parts: str | None) -> IndexQuery:
    """Read a search as a person wrote it, in the parts of a `Wish`; what is empty or None was not asked for.

    Raises:
        BadQuery: a part of it cannot be understood; the message says how to write it.
        BadCursor: the cursor is not of this search.

    """
    wish = Wish(**{name: text for name, text in parts.items() if text})
    point = _read_point(wish.near) if wish.near else None
    radius_km = _read_radius(wish.radius) if wish.radius else None
    if radius_km is not None and point is None:
        raise BadQuery("a radius needs a place: give near as well, such as 55.95,-3.19")
    if wish.sort == Sort.NEAREST and point is None:
        raise BadQuery("to sort by distance needs a place: give near as well, or leave sort out")
    for name, allowed in _ALLOWED.items():
        asked = getattr(wish, name)
        if asked and asked not in allowed:
            if len(allowed) == 1:
                raise BadQuery(Worded("{name} is {only} or nothing", name=name, only=allowed[0]))
            raise BadQuery(
                Worded("{name} is one of {choices}", name=name, choices=", ".join(allowed))
            )
    if not 1 <= limit <= LIMIT_MAX:
        raise BadQuery(Worded("limit is a number from 1 to {most}", most=LIMIT_MAX))
    query = IndexQuery(
        words=wish.q[: limits.QUERY_CHARACTERS],
        near=point,
        radius_km=radius_km,
        kind=Kind(wish.kind) if wish.kind else None,
        category=_read_label(Scheme.CATEGORIES, "category", wish.category),
        cost=wish.cost or None,
        audience=_read_label(Scheme.AUDIENCES, "audience", wish.audience),
        accessibility=_read_label(Scheme.ACCESSIBILITY, "accessibility", wish.accessibility),
        language=_read_language(wish.language),
        is_open=bool(wish.open),
        organisation=read_scid("organisation", wish.organisation) if wish.organisation else None,
        is_online=wish.where == ONLINE,
        is_here=wish.where == HERE,
        sort=Sort(wish.sort or Sort.BEST),
        now=int(now.timestamp()),
        limit=limit,
    )
    if not wish.cursor:
        return query
    return msgspec.structs.replace(query, offset=_read_cursor(wish.cursor, query))


def _read_label(scheme: Scheme, what: str, text: str) -> str | None:
    if len(text) > limits.NAME_CHARACTERS:
        most = limits.NAME_CHARACTERS
        raise BadQuery(Worded("{name} has at most {most} characters", name=what, most=most))
    return choice_of(scheme, text) if text else None


def _read_language(text: str) -> str | None:
    if not text:
        return None
    if not _LANGUAGE.fullmatch(text):
        raise BadQuery("language is a language tag, such as cy or en-GB")
    return text.lower()


def read_scid(parameter: str, text: str) -> str:
    """Read which organisation a parameter names, by its SCID or DID; whether anybody has it is not asked.

    Raises:
        BadQuery: it is neither.

    """
    if _SCID.fullmatch(text):
        return text
    try:
        return parse_did(text).scid
    except BadDid as error:
        message = "{name} is the SCID or the DID of an organisation"
        raise BadQuery(Worded(message, name=parameter)) from error


def _read_point(text: str) -> Point:
    match = _POINT.fullmatch(text)
    if match is None:
        raise BadQuery("near is LAT,LON in degrees, such as 55.95,-3.19")
    latitude, longitude = float(match[1]), float(match[2])
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # noqa: PLR2004
        raise BadQuery("near is LAT,LON: latitude from -90 to 90, longitude from -180 to 180")
    return Point(latitude, longitude)


def _read_radius(text: str) -> float:
    match = _RADIUS.fullmatch(text)
    radius = float(match[1]) if match else 0.0
    if not 0 < radius <= RADIUS_KM_MAX:
        # One answer to words, nothing, less and too much: whoever reads it knows all that can be written.
        raise BadQuery(
            Worded(
                "radius is kilometres, such as 10 or 2.5: more than 0 and at most {most}; "
                "leave it out for any distance",
                most=RADIUS_KM_MAX,
            )
        )
    return radius


def write_cursor(offset: int, query: IndexQuery) -> str:
    """Write where to go on: an offset, and a tag of the search that it is of."""
    written = offset.to_bytes(_OFFSET_BYTES) + _tag(query)
    return base64.urlsafe_b64encode(written).decode().rstrip("=")


def _read_cursor(cursor: str, query: IndexQuery) -> int:
    if not _CURSOR.fullmatch(cursor):
        raise BadCursor("that cursor was not made by this node")
    decoded = base64.urlsafe_b64decode(cursor + "=")
    offset = int.from_bytes(decoded[:_OFFSET_BYTES])
    # Compared as written: the last character has bits to spare, and one page has one cursor.
    if not 0 < offset < RESULTS_MAX or cursor != write_cursor(offset, query):
        raise BadCursor("that cursor belongs to another search")
    return offset


def _tag(query: IndexQuery) -> bytes:
    # All but the moment and the page; who comes first is no part of what is asked.
    asked = msgspec.structs.astuple(
        msgspec.structs.replace(query, now=0, offset=0, limit=0, first=())
    )
    return hashlib.blake2b(repr(asked).encode(errors="replace"), digest_size=6).digest()
