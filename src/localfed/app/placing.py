"""Placing: where something is that gives no point, by its postcode or its town.

Here: addresses made into points that are as exact as is known, for searching and comparing. The document is left as it is
signed: what is worked out here is our own guess, and said to be about so. Not here: what visitors type (`whereabouts`).
"""

from __future__ import annotations

from collections.abc import Iterable
from math import pi, sqrt
from typing import Final

import msgspec

from localfed.app.ports import Gazetteer
from localfed.app.values import Spot, StoredDocument
from localfed.protocol.forms import Address, Place

_GREAT_BRITAIN: Final = "GB"
_MORE_PEOPLED: Final = 20
"""So many times as many people as in any other place of the name: nobody means the other without saying so."""

LEAST_KM: Final = 1.0
"""The least that is said of a distance that is only about so much: nearer nobody knows."""

_APART_KM: Final = 5.0
_DEGREE_KM: Final = 111.2
_PEOPLE_OF_KM2: Final = 4_000
"""In British towns: a town of 100,000 is about 3 km from its middle to its edge."""


class _Located(msgspec.Struct, frozen=True):
    location: tuple[Place, ...] = ()


_LOCATED: Final = msgspec.json.Decoder(_Located)


def place(gazetteer: Gazetteer, places: tuple[Place, ...]) -> tuple[Place, ...]:
    """Give places that have no point the one of their postcode or town, and how far off it may be as `radius`.

    A place that has a point, exact or deliberately vague, stays as it is; so does one that names nothing that is known.
    """
    if all(one.latitude is not None for one in places):
        return places
    return tuple(_place_one(gazetteer, one) for one in places)


def spot_of(gazetteer: Gazetteer, address: Address) -> Spot | None:
    """Find the postcode of an address, else its town; None where neither is known, or several towns may be meant."""
    country = address.address_country
    if address.postal_code:
        spot = gazetteer.code(address.postal_code)
        # Without a country only a postcode of Great Britain tells of itself where it belongs.
        if spot is not None and spot.country == (country or _GREAT_BRITAIN):
            return spot
    if not address.address_locality:
        return None
    region = address.address_region
    named = gazetteer.named(", ".join(filter(None, (address.address_locality, region))))
    found = _the_one([one for one in named if country in {None, one.country}])
    if found is None or country is not None or not region:
        return found
    # "Boston, MA" is not the one in Lincolnshire.
    is_known = region.casefold() in found.label.casefold() or bool(gazetteer.named(region))
    return found if is_known else None


def says_no_point(places: Iterable[Place]) -> bool:
    """Whether none of some places says exactly where it is: what is far from it is about so far."""
    return all(one.latitude is None or one.radius is not None for one in places)


def read_places(document: StoredDocument) -> tuple[Place, ...]:
    """Read the places of a record or listing; none where it has none, or cannot be read."""
    try:
        return _LOCATED.decode(document.body or b"").location
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ()


def say_km(km: float, *, is_about: bool) -> str:
    """Say a distance for a command, as pages do: `0.4 km`, `about 1.0 km`."""
    return f"about {max(km, LEAST_KM):.1f} km" if is_about else f"{km:.1f} km"


def explain(gazetteer: Gazetteer, places: tuple[Place, ...]) -> str:
    """Say by what searches find something that gives no point; empty where there is nothing to say."""
    if not places or any(one.latitude is not None for one in places):
        return ""
    spots = [spot_of(gazetteer, one.address) for one in places if one.address is not None]
    found = next((spot for spot in spots if spot is not None), None)
    if found is None:
        return (
            "it gives neither a point nor a postcode or town that is known here: "
            "searches near a place do not find it"
        )
    return (
        f"it gives no point: searches near a place find it by {found.label} "
        f"(within about {found.radius_km:.1f} km)"
    )


def _place_one(gazetteer: Gazetteer, one: Place) -> Place:
    if one.latitude is not None or one.address is None:
        return one
    spot = spot_of(gazetteer, one.address)
    if spot is None:
        return one
    return msgspec.structs.replace(
        one,
        latitude=f"{spot.point.latitude:.6f}",
        longitude=f"{spot.point.longitude:.6f}",
        radius=round(1000 * spot.radius_km),
    )


def _the_one(found: list[Spot]) -> Spot | None:
    """Choose among towns of one name: all at one place, or one that is far more peopled."""
    if not found:
        return None
    first, *others = sorted(found, key=lambda one: -one.population)
    rivals = [one for one in others if _apart_km(first, one) > _APART_KM]
    if any(_MORE_PEOPLED * one.population > first.population for one in rivals):
        return None
    edge_km = sqrt(first.population / _PEOPLE_OF_KM2 / pi)
    return msgspec.structs.replace(first, radius_km=max(first.radius_km, edge_km))


def _apart_km(one: Spot, other: Spot) -> float:
    """Measure roughly, more than it is."""
    north = abs(one.point.latitude - other.point.latitude)
    return _DEGREE_KM * (north + abs(one.point.longitude - other.point.longitude))
