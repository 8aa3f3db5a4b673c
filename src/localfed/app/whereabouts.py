"""Whereabouts: what somebody typed as a place, made into a point: coordinates, a postcode, the name of a place.

Here: in which order the ways are tried, which of several places of one name is meant, what helps where none is found.
Not here: the places themselves (the port `Gazetteer`). What is typed says where somebody lives: it is used for the answer,
put into no log and no message but the one that goes back.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from localfed.app.ports import Gazetteer
from localfed.app.values import Point, Spot
from localfed.protocol.errors import BadQuery, UnknownPlace
from localfed.protocol.worded import Worded

TYPED: Final = 80
"""Characters of a place that are looked at."""

SUGGESTED: Final = 8
"""Suggestions while somebody types."""

_DECIMAL: Final = r"[+-]?[0-9]{1,5}(?:\.[0-9]{1,15})?"
_POINT: Final = re.compile(rf"\s*({_DECIMAL})\s*[,;\s]\s*({_DECIMAL})\s*", re.ASCII)
_LATITUDE: Final = 90
_LONGITUDE: Final = 180
_AREAS: Final = {
    "BT": "Northern Ireland",
    "JE": "Jersey",
    "GY": "Guernsey",
    "IM": "the Isle of Man",
    "BFPO": "the forces",
}
_ELSEWHERE: Final = re.compile(r"(BFPO|BT|JE|GY|IM)[0-9]")
_HINTS: Final = 3
_SURE: Final = 8


def find_place(gazetteer: Gazetteer, text: str) -> Spot:
    """Find the place that is meant: the most peopled where several have one name, the others beside it.

    Raises:
        BadQuery: coordinates that lie nowhere on the Earth.
        UnknownPlace: it is no place that is known here; the message has what is spelled nearly so.

    """
    typed = " ".join(text[: TYPED + 1].split())
    if len(typed) <= TYPED:
        coordinates = _POINT.fullmatch(typed)
        if coordinates is not None:
            return _at(float(coordinates[1]), float(coordinates[2]))
        code = gazetteer.code(typed)
        if code is not None:
            return code
        named = gazetteer.named(typed)
        if named:
            others = tuple(dict.fromkeys(one.label for one in named[1:]))[:SUGGESTED]
            return msgspec.structs.replace(named[0], others=others)
    close = gazetteer.like(typed, _HINTS) if len(typed) <= TYPED else []
    if close and len(typed) >= _SURE:
        # A long name with a slip or two: nothing else is spelled so.
        others = tuple(one.label for one in close[1:])
        return msgspec.structs.replace(close[0], others=others)
    area = _ELSEWHERE.match(typed.upper().replace(" ", ""))
    if area is not None:
        raise UnknownPlace(
            Worded(
                "postcodes of {area} are not among the open data: give a town, or a point",
                area=_AREAS[area[1]],
            )
        )
    said = f"“{typed[:40]}” is no postcode, town or place that is known here"
    if close:
        said += "; did you mean " + " or ".join(one.label for one in close) + "?"
    error = UnknownPlace(said)
    error.suggestions = tuple(one.label for one in close)
    raise error


def tidy(text: str) -> str:
    """Write what was typed as it stands in an address: a point with a comma alone, spaces once."""
    coordinates = _POINT.fullmatch(text)
    if coordinates is not None:
        return f"{coordinates[1]},{coordinates[2]}"
    return " ".join(text.split())


def place_asked(gazetteer: Gazetteer, text: str | None) -> Spot | None:
    """Find the place of a question that may name none.

    Raises:
        BadQuery, UnknownPlace: as `find_place`.

    """
    return find_place(gazetteer, text) if text and text.strip() else None


def suggest_places(gazetteer: Gazetteer, text: str, limit: int = SUGGESTED) -> list[Spot]:
    """Suggest places while somebody types: what begins so, else what is spelled nearly so."""
    typed = " ".join(text[:TYPED].split())
    if not typed:
        return []
    return gazetteer.beginning(typed, limit) or gazetteer.like(typed, limit)


def _at(latitude: float, longitude: float) -> Spot:
    if abs(latitude) > _LATITUDE or abs(longitude) > _LONGITUDE:
        message = (
            "a point is latitude from -90 to 90 and longitude from -180 to 180, such as 55.95,-3.19"
        )
        raise BadQuery(message)
    return Spot(
        label=f"{latitude:g}, {longitude:g}",
        point=Point(latitude, longitude),
        radius_km=0.0,
        kind="point",
    )
