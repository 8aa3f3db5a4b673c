"""Ties: who works with whom, of all that is known here or in one place; and mentors near a newcomer.

Here: the web of ties as values, parts of it. Not here: what is in force (`halves`), the picture (`web`). Ties of
another kind, such as confirmed exchanges, are given by whoever knows them. Spec: 05-documents (LF-PART-4).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from localfed.app import halves, placing
from localfed.app.ports import Gazetteer, Reads
from localfed.app.speakers import Speaker
from localfed.app.values import Point
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.forms import Place
from localfed.protocol.partnership import Role, Stage
from localfed.protocol.times import write_time

ORGANISATIONS: Final = 5_000
"""Organisations of one picture: more are not told apart, and it is to be there within a second."""

_RADIUS_KM: Final = 6371.0088


class Tie(msgspec.Struct, frozen=True, kw_only=True):
    """What there is between two organisations, once."""

    one: str
    """The lesser DID."""
    other: str
    kind: str = "partnership"
    stage: Stage | None = None
    """Of a partnership."""
    one_roles: tuple[Role, ...] = ()
    other_roles: tuple[Role, ...] = ()
    is_promotion: bool = False
    unconfirmed_since: str | None = None
    count: int = 1
    """How many of it, where that can be said: confirmed exchanges."""


class Tied(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that has ties."""

    did: str
    scid: str
    host: str
    names: dict[str, str]
    """What it calls itself, by language; empty where its record is not here."""
    language: str | None
    point: Point | None
    """Its first place that has a point, a postcode or a town."""
    is_about: bool = False
    """It gives no exact point."""
    is_inside: bool = True
    """False: it is not in the place that was asked about, but a partner of one that is."""


class Web(msgspec.Struct, frozen=True, kw_only=True):
    """Organisations and the ties between them."""

    organisations: dict[str, Tied]
    """By DID, sorted."""
    ties: tuple[Tie, ...]
    left_out: int = 0
    """Organisations beyond the most."""


class Mentor(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that says it mentors, in a partnership in force."""

    organisation: Tied
    km: float | None
    """How far from whom a mentor is sought for, about so far where it gives no exact point; None: not known."""
    partners: int
    """With how many it works as a mentor."""


Source = Callable[[Reads, Mapping[str, Speaker], datetime], Iterable[Tie]]
"""Gives ties of one kind between those who are shown here, by DID."""


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    """As much of an own record as a picture needs."""

    name: dict[str, str]
    expires: str
    language: str | None = None
    location: tuple[Place, ...] = ()


_RECORD: Final = msgspec.json.Decoder(_Record)


def partnership_ties(reads: Reads, shown: Mapping[str, Speaker], now: datetime) -> list[Tie]:
    """Give the partnerships that are in force between these (LF-PART-4)."""
    return [
        Tie(
            one=held.did,
            other=held.partner,
            stage=held.stage,
            one_roles=held.my_roles,
            other_roles=held.their_roles,
            is_promotion=held.is_promotion,
            unconfirmed_since=held.unconfirmed_since,
        )
        for held in halves.all_in_force(reads, shown, now)
    ]


def gather(
    reads: Reads,
    gazetteer: Gazetteer,
    now: datetime,
    sources: Sequence[Source] = (partnership_ties,),
) -> Web:
    """Gather all ties between organisations that are shown here."""
    shown = halves.speaking(reads, now)
    ties = [
        tie
        for source in sources
        for tie in source(reads, shown, now)
        if tie.one in shown and tie.other in shown
    ]
    ties.sort(key=lambda tie: (tie.one, tie.other, tie.kind))
    tied = {did for tie in ties for did in (tie.one, tie.other)}
    records = _records(reads, tied, now)
    return Web(
        organisations={did: _tied(gazetteer, shown[did], records.get(did)) for did in sorted(tied)},
        ties=tuple(ties),
    )


def within(web: Web, near: Point, radius_km: float) -> Web:
    """Keep the ties of which at least one side is in a place, and both of their sides."""
    inside = {
        did
        for did, one in web.organisations.items()
        if one.point is not None and measure_km(near, one.point) <= radius_km
    }
    return _part(web, inside)


def around(web: Web, did: str) -> Web:
    """Keep an organisation, its partners, and the ties among all of them."""
    near = {did}
    for tie in web.ties:
        if did in {tie.one, tie.other}:
            near |= {tie.one, tie.other}
    ties = tuple(tie for tie in web.ties if tie.one in near and tie.other in near)
    return _kept(web, ties, near)


def cut(web: Web, most: int = ORGANISATIONS) -> Web:
    """Leave out those with the fewest ties, where there are too many for one picture."""
    if len(web.organisations) <= most:
        return web
    ties = Counter(did for tie in web.ties for did in (tie.one, tie.other))
    ranked = sorted(web.organisations, key=lambda did: (-ties[did], did))
    kept = set(ranked[:most])
    part = _kept(web, tuple(tie for tie in web.ties if tie.one in kept and tie.other in kept), kept)
    left_out = len(web.organisations) - len(part.organisations)
    return msgspec.structs.replace(part, left_out=left_out)


def mentors(web: Web, near: Point | None, but: frozenset[str] = frozenset()) -> list[Mentor]:
    """Find those who mentor in a partnership in force, the nearest first; those without a place last."""
    counts: Counter[str] = Counter()
    for tie in web.ties:
        for did, roles in ((tie.one, tie.one_roles), (tie.other, tie.other_roles)):
            if "mentor" in roles and did not in but:
                counts[did] += 1
    found = []
    for did, number in counts.items():
        one = web.organisations[did]
        has_both = near is not None and one.point is not None
        km = measure_km(near, one.point) if has_both and near and one.point else None
        found.append(Mentor(organisation=one, km=km, partners=number))
    return sorted(
        found,
        key=lambda one: (one.km is None, one.km or 0.0, -one.partners, one.organisation.did),
    )


def place_of(reads: Reads, gazetteer: Gazetteer, did: str, now: datetime) -> Point | None:
    """Say where an organisation is, by the first place of its own record that has a point, a postcode or a town."""
    document = reads.document(did, ORGANISATION_PATH)
    if document is None or document.body is None:
        return None
    record = _read(document.body, write_time(now))
    return _point(gazetteer, record)[0]


def measure_km(one: Point, other: Point) -> float:
    """Measure the distance between two points over the Earth (haversine)."""
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(other.longitude - one.longitude)
    half = math.sin((south - north) / 2) ** 2
    half += math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
    return 2 * _RADIUS_KM * math.asin(math.sqrt(min(1.0, half)))


def _part(web: Web, inside: set[str]) -> Web:
    ties = tuple(tie for tie in web.ties if tie.one in inside or tie.other in inside)
    return _kept(web, ties, inside)


def _kept(web: Web, ties: tuple[Tie, ...], inside: set[str]) -> Web:
    dids = sorted({did for tie in ties for did in (tie.one, tie.other)})
    return Web(
        organisations={
            did: msgspec.structs.replace(web.organisations[did], is_inside=did in inside)
            for did in dids
        },
        ties=ties,
    )


def _records(reads: Reads, dids: set[str], now: datetime) -> dict[str, _Record]:
    moment = write_time(now)
    found = {}
    for did, body in reads.at_path(ORGANISATION_PATH):
        record = _read(body, moment) if did in dids else None
        if record is not None:
            found[did] = record
    return found


def _read(body: bytes, moment: str) -> _Record | None:
    try:
        record = _RECORD.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return record if record.expires > moment else None


def _tied(gazetteer: Gazetteer, speaker: Speaker, record: _Record | None) -> Tied:
    point, is_about = _point(gazetteer, record)
    return Tied(
        did=speaker.did,
        scid=speaker.scid,
        host=speaker.host,
        names=record.name if record is not None else {},
        language=record.language if record is not None else None,
        point=point,
        is_about=is_about,
    )


def _point(gazetteer: Gazetteer, record: _Record | None) -> tuple[Point | None, bool]:
    """Find where a record says that it is, and whether that is only about there."""
    for place in placing.place(gazetteer, record.location if record is not None else ()):
        if place.latitude is not None and place.longitude is not None:
            point = Point(float(place.latitude), float(place.longitude))
            return point, place.radius is not None
    return None, False
