"""Search: what the index is told, and what a search finds.

Here: describing a document for the index, following the store's log, reading a user's search, turning
hits into documents that are live now. Not here: ranking (`index`).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Final

import msgspec

from localfed.app import joint, policy
from localfed.app.ports import Ports, Reads
from localfed.app.values import (
    DocumentState,
    IndexDocument,
    IndexQuery,
    Kind,
    Point,
    Publisher,
    StoredDocument,
)
from localfed.protocol import limits
from localfed.protocol.errors import BadCursor, BadQuery, BadTime
from localfed.protocol.forms import Place
from localfed.protocol.listing import Listing, Need, Offer
from localfed.protocol.organisation import Organization
from localfed.protocol.times import read_time, write_time

RESULTS_MAX: Final = 1_000
"""Results that can be paged to; the index ranks no more."""

LIMIT_MAX: Final = 100
"""Results of one page."""

RADIUS_KM_MAX: Final = 20_040
"""Half way round the Earth, rounded up."""

_ROWS: Final = 4_000  # of the log at a time: each commit takes 15 ms and leaves a segment
_CHARACTERS: Final = 8_000_000  # at a time, whichever comes first: documents may be large
_WAIT_SECONDS: Final = 0.05

_DECIMAL: Final = r"[+-]?[0-9]{1,5}(?:\.[0-9]{1,15})?"
_POINT: Final = re.compile(rf"\s*({_DECIMAL})\s*,\s*({_DECIMAL})\s*", re.ASCII)
_RADIUS: Final = re.compile(rf"\s*({_DECIMAL})\s*", re.ASCII)
_CURSOR: Final = re.compile(r"[A-Za-z0-9_-]{11}", re.ASCII)
_OFFSET_BYTES: Final = 2

_KINDS: Final = {"Organization": Kind.ORGANISATION, "Offer": Kind.OFFER, "Need": Kind.NEED}
# What is stored was checked when it came: here it is only read.
_READERS: Final[dict[str, msgspec.json.Decoder[Organization | Offer | Need]]] = {
    "Organization": msgspec.json.Decoder(Organization),
    "Offer": msgspec.json.Decoder(Offer),
    "Need": msgspec.json.Decoder(Need),
}


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One result, with what it takes to show it."""

    document: StoredDocument
    publisher: Publisher
    kind: Kind
    score: float
    km: float | None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a search."""

    results: tuple[Result, ...]
    """One page; those that went since the index was told are left out of it."""
    total: int
    kinds: dict[str, int]
    """Counts by kind, of the search without its own `kind`."""
    categories: dict[str, int]
    """Counts by category, most first, at most 30, of the search without its own `category`."""
    next_cursor: str | None


# --- what the index is told ------------------------------------------------------------------


def describe(
    document: StoredDocument, contributors: tuple[Organization, ...] = ()
) -> IndexDocument | None:
    """Tell the index what a document says; None for what is not shown.

    A joint offer is found by the names and places of those of its contributors that count (LF-JOINT-5).
    """
    if document.state is not DocumentState.LIVE or not document.is_shown or document.body is None:
        return None
    reader = _READERS.get(document.type)
    if reader is None:
        return None
    try:
        value = reader.decode(document.body)
        end = read_time(value.expires)
        if isinstance(value, Listing) and value.valid_until is not None:
            end = min(end, read_time(value.valid_until))
    except (msgspec.DecodeError, UnicodeDecodeError, BadTime):
        return None  # written by a version that knew more
    return IndexDocument(
        did=document.did,
        path=document.path,
        kind=_KINDS[document.type],
        title=" ".join(value.name.values()),
        text=" ".join(chain(_texts(value), *map(_contributor_texts, contributors))),
        categories=value.category,
        points=tuple(
            Point(float(place.latitude), float(place.longitude))
            for one in (value, *contributors)
            for place in one.location
            if place.latitude is not None and place.longitude is not None
        ),
        expires=int(end.timestamp()),
    )


def _texts(value: Organization | Offer | Need) -> Iterator[str]:
    """Yield what is searched beside name and categories, which the index knows apart."""
    if value.description:
        yield from value.description.values()
    yield from value.keywords
    if isinstance(value, Organization):
        if value.legal_form:
            yield value.legal_form
        for identifier in value.identifier:
            yield identifier.number
    for place in value.location:
        yield from _place_texts(place)


def _contributor_texts(record: Organization) -> Iterator[str]:
    yield from record.name.values()
    for place in record.location:
        yield from _place_texts(place)


def _place_texts(place: Place) -> Iterator[str]:
    if place.name:
        yield from place.name.values()
    address = place.address
    if address is not None:
        for part in (
            address.street_address,
            address.address_locality,
            address.address_region,
            address.postal_code,
        ):
            if part:
                yield part


async def catch_up(ports: Ports) -> int:
    """Bring the index up to the store's log, if no other process does; returns how many rows.

    Raises:
        IndexBroken: it cannot be written; what was done until then is kept.
        StoreBusy, StoreBroken: by name.

    """
    return await asyncio.to_thread(_catch_up, ports)


def _catch_up(ports: Ports) -> int:
    index, store = ports.index, ports.store
    if not index.try_to_write():
        return 0
    if index.position() > store.log_position():
        index.reset()  # a store put back from a backup: the index knows of what came after
    done = 0
    while rows := _take_rows(ports):
        done += rows
    return done


def _take_rows(ports: Ports) -> int:
    """Index what the next rows of the log name, as it is now; returns how many rows."""
    rows = ports.store.log_after(ports.index.position(), _ROWS)
    now = ports.clock.now()
    told: dict[tuple[str, str], IndexDocument | None] = {}
    shown: dict[str, bool] = {}
    characters = taken = 0
    for row in rows:
        key = (row.did, row.path)
        if row.did not in shown:
            publisher = ports.store.publisher(row.did)
            shown[row.did] = publisher is not None and publisher.is_shown
        if key not in told:
            document = ports.store.document(row.did, row.path) if shown[row.did] else None
            told[key] = one = _tell(ports, document, now) if document is not None else None
            characters += len(one.title) + len(one.text) if one is not None else 0
        taken += 1
        if characters > _CHARACTERS:
            break
    if taken:
        ports.index.apply(
            [one for one in told.values() if one is not None],
            [key for key, one in told.items() if one is None],
            rows[taken - 1].position,
        )
    return taken


def _tell(ports: Ports, document: StoredDocument, now: datetime) -> IndexDocument | None:
    return describe(document, joint.records_of(ports.store, document, now))


async def wait_until_current(ports: Ports, seconds: float) -> bool:
    """Wait until the index has all of the store's log, doing it ourselves if nobody else does.

    Returns whether it has: another process that writes it may take longer than we wait.
    """
    for _ in range(max(int(seconds / _WAIT_SECONDS), 1)):
        if ports.index.position() == ports.store.log_position():
            return True
        if not await catch_up(ports):
            await asyncio.sleep(_WAIT_SECONDS)
    return ports.index.position() == ports.store.log_position()


# --- what a search finds ---------------------------------------------------------------------


def find(ports: Ports, query: IndexQuery) -> Found:
    """Answer a search with documents that are live now.

    Raises:
        IndexBroken: the index cannot be read.

    """
    answer = ports.index.search(query)
    now = ports.clock.now()
    moment = write_time(now)
    publishers: dict[str, Publisher | None] = {}
    results = []
    for hit in answer.hits:
        if hit.did not in publishers:
            publishers[hit.did] = _shown_publisher(ports.store, hit.did, now)
        publisher = publishers[hit.did]
        if publisher is None:
            continue
        document = ports.store.document(hit.did, hit.path)
        # The index may be a moment behind the store.
        if (
            document is None
            or document.state is not DocumentState.LIVE
            or not document.is_shown
            or document.expires <= moment
        ):
            continue
        results.append(
            Result(
                document=document,
                publisher=publisher,
                kind=_KINDS[document.type],
                score=hit.score,
                km=hit.km,
            )
        )
    end = query.offset + query.limit
    return Found(
        results=tuple(results),
        total=answer.total,
        kinds=answer.kinds,
        categories=answer.categories,
        next_cursor=_write_cursor(end, query) if end < min(answer.total, RESULTS_MAX) else None,
    )


def is_shown(publisher: Publisher, now: datetime) -> bool:
    """Whether documents of a publisher are shown: up to 14 days after its head expired."""
    return publisher.is_shown and policy.still_counts(publisher, now)


def _shown_publisher(reads: Reads, did: str, now: datetime) -> Publisher | None:
    publisher = reads.publisher(did)
    return publisher if publisher is not None and is_shown(publisher, now) else None


# --- a search as a person wrote it -----------------------------------------------------------


def read_query(
    *,
    q: str | None = None,
    near: str | None = None,
    radius: str | None = None,
    kind: str | None = None,
    category: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
    now: datetime,
) -> IndexQuery:
    """Read a search as a person wrote it; what is empty was not asked for.

    Raises:
        BadQuery: a part of it cannot be understood; the message says how to write it.
        BadCursor: the cursor is not of this search.

    """
    point = _read_point(near) if near else None
    radius_km = _read_radius(radius) if radius else None
    if radius_km is not None and point is None:
        raise BadQuery("a radius needs a place: add near=LAT,LON, such as near=55.95,-3.19")
    if kind and kind not in set(Kind):
        raise BadQuery(f"kind is one of {', '.join(Kind)}")
    if category and len(category) > limits.NAME_CHARACTERS:
        raise BadQuery(f"a category has at most {limits.NAME_CHARACTERS} characters")
    if not 1 <= limit <= LIMIT_MAX:
        raise BadQuery(f"limit is a number from 1 to {LIMIT_MAX}")
    query = IndexQuery(
        words=(q or "")[: limits.QUERY_CHARACTERS],
        near=point,
        radius_km=radius_km,
        kind=Kind(kind) if kind else None,
        category=category or None,
        now=int(now.timestamp()),
        limit=limit,
    )
    return msgspec.structs.replace(query, offset=_read_cursor(cursor, query)) if cursor else query


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
    if match is None:
        raise BadQuery("radius is a number of kilometres, such as 10 or 2.5")
    radius = float(match[1])
    if not 0 < radius <= RADIUS_KM_MAX:
        raise BadQuery(f"radius is more than 0 and at most {RADIUS_KM_MAX} km")
    return radius


def _write_cursor(offset: int, query: IndexQuery) -> str:
    """Write where to go on: an offset, and a tag of the search that it is of."""
    written = offset.to_bytes(_OFFSET_BYTES) + _tag(query)
    return base64.urlsafe_b64encode(written).decode().rstrip("=")


def _read_cursor(cursor: str, query: IndexQuery) -> int:
    if not _CURSOR.fullmatch(cursor):
        raise BadCursor("that cursor was not made by this node")
    decoded = base64.urlsafe_b64decode(cursor + "=")
    offset = int.from_bytes(decoded[:_OFFSET_BYTES])
    # Compared as written: the last character has bits to spare, and one page has one cursor.
    if not 0 < offset < RESULTS_MAX or cursor != _write_cursor(offset, query):
        raise BadCursor("that cursor belongs to another search")
    return offset


def _tag(query: IndexQuery) -> bytes:
    asked = (query.words, query.near, query.radius_km, query.kind, query.category)
    return hashlib.blake2b(repr(asked).encode(errors="replace"), digest_size=6).digest()
