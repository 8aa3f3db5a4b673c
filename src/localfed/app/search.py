"""Search: what the index is told, and what a search finds.

Here: describing a document for the index, following the store's log, reading a user's search, turning
hits into documents that are live now. Not here: ranking (`index`).
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from localfed.app.ports import (
    DocumentState,
    IndexDocument,
    IndexQuery,
    Kind,
    Point,
    Ports,
    Publisher,
    Reads,
    StoredDocument,
)
from localfed.protocol import limits
from localfed.protocol.canonical import encode
from localfed.protocol.digest import digest
from localfed.protocol.errors import BadCursor, BadQuery
from localfed.protocol.forms import Place
from localfed.protocol.listing import Listing, Need, Offer
from localfed.protocol.organisation import Organization
from localfed.protocol.times import read_time

_DECODERS: dict[str, msgspec.json.Decoder[Organization | Offer | Need]] = {
    "Organization": msgspec.json.Decoder(Organization),
    "Offer": msgspec.json.Decoder(Offer),
    "Need": msgspec.json.Decoder(Need),
}
_BATCH = 2_000
_LOOK_SECONDS = 0.05
_RESULTS_MAX = 1_000
_EARTH_HALF_KM = 20_040


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
    total: int
    kinds: dict[str, int]
    categories: dict[str, int]
    next_cursor: str | None


def describe(document: StoredDocument) -> IndexDocument | None:
    """Tell the index what a document says; None for what is not shown."""
    if document.state is not DocumentState.LIVE or not document.is_shown or document.body is None:
        return None
    decoder = _DECODERS.get(document.type)
    if decoder is None:
        return None
    try:
        value = decoder.decode(document.body)  # checked when it came in: only seen again here
    except msgspec.DecodeError:
        return None  # written by a version that knew more
    words = [*value.category, *value.keywords]
    words += list(value.description.values()) if value.description else []
    if isinstance(value, Organization) and value.legal_form:
        words.append(value.legal_form)
    for place in value.location:
        words += _place_words(place)
    end = read_time(value.expires)
    if isinstance(value, Listing) and value.valid_until is not None:
        end = min(end, read_time(value.valid_until))
    return IndexDocument(
        did=document.did,
        path=document.path,
        kind=_kind_of(value),
        title=" ".join(value.name.values()),
        text=" ".join(words),
        categories=value.category,
        points=tuple(
            Point(float(place.latitude), float(place.longitude))
            for place in value.location
            if place.latitude is not None and place.longitude is not None
        ),
        expires=int(end.timestamp()),
    )


async def catch_up(ports: Ports) -> int:
    """Bring the index up to the store's log, if no other process does; returns how many rows."""
    if not ports.index.try_to_write():
        return 0
    done = 0
    if ports.index.position() > ports.store.log_position():
        ports.index.reset()  # a restored or new store: what the index knows is of another one
    while True:
        position = ports.index.position()
        rows = ports.store.log_after(position, _BATCH)
        if not rows:
            return done
        paths = dict.fromkeys((row.did, row.path) for row in rows)
        await asyncio.to_thread(_apply, ports, paths, rows[-1].position)
        done += len(rows)


async def keep_current(ports: Ports, is_over: asyncio.Event) -> None:
    """Index what comes while it comes, if no other process does, until it is over.

    Set the event and wait for this; never cancel it: a commit under way has a thread of its own.
    """
    while not is_over.is_set():
        await catch_up(ports)
        await asyncio.sleep(_LOOK_SECONDS)


async def wait_until_current(ports: Ports, seconds: float) -> bool:
    """Wait until the index has all of the store's log, doing it ourselves if nobody else does."""
    for _ in range(max(int(seconds / _LOOK_SECONDS), 1)):
        if ports.index.position() == ports.store.log_position():
            return True
        if not await catch_up(ports):
            await asyncio.sleep(_LOOK_SECONDS)
    return ports.index.position() == ports.store.log_position()


def read_query(
    *,
    q: str = "",
    near: str | None = None,
    radius: str | None = None,
    kind: str | None = None,
    category: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
    now: datetime,
) -> IndexQuery:
    """Read a search as a person wrote it.

    Raises:
        BadQuery: a part of it cannot be understood; the message says how to write it.
        BadCursor: the cursor is not of this search.

    """
    point = _read_point(near) if near else None
    radius_km = _read_radius(radius) if radius else None
    if radius_km is not None and point is None:
        raise BadQuery("radius needs near=LAT,LON as well")
    if kind and kind not in set(Kind):
        raise BadQuery(f"kind is one of {', '.join(Kind)}")
    query = IndexQuery(
        words=q[: limits.QUERY_CHARACTERS],
        near=point,
        radius_km=radius_km,
        kind=Kind(kind) if kind else None,
        category=category or None,
        now=int(now.timestamp()),
        limit=limit,
    )
    return msgspec.structs.replace(query, offset=_read_cursor(cursor, query) if cursor else 0)


def find(ports: Ports, query: IndexQuery) -> Found:
    """Answer a search with documents that are live now."""
    answer = ports.index.search(query)
    now = ports.clock.now()
    publishers: dict[str, Publisher | None] = {}
    results = []
    for hit in answer.hits:
        document = ports.store.document(hit.did, hit.path)
        if hit.did not in publishers:
            publishers[hit.did] = ports.store.publisher(hit.did)
        publisher = publishers[hit.did]
        if document is None or document.body is None or publisher is None:
            continue  # gone since the index was told
        if not is_shown(publisher, now):
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
        next_cursor=_write_cursor(end, query) if end < min(answer.total, _RESULTS_MAX) else None,
    )


def is_shown(publisher: Publisher, now: datetime) -> bool:
    """Whether documents of a publisher are shown: up to 14 days after its head expired."""
    if publisher.head_expires is None:
        return False
    return now < read_time(publisher.head_expires) + timedelta(days=limits.HEAD_GRACE_DAYS)


_KINDS = {"Organization": Kind.ORGANISATION, "Offer": Kind.OFFER, "Need": Kind.NEED}


def _apply(ports: Ports, paths: dict[tuple[str, str], None], position: int) -> None:
    puts, deletes = [], []
    for did, path in paths:
        document = ports.store.document(did, path)
        told = describe(document) if document is not None else None
        if told is not None:
            puts.append(told)
        else:
            deletes.append((did, path))
    ports.index.apply(puts, deletes, position)


def _kind_of(value: Organization | Listing) -> Kind:
    if isinstance(value, Organization):
        return Kind.ORGANISATION
    return Kind.OFFER if isinstance(value, Offer) else Kind.NEED


def _place_words(place: Place) -> Iterator[str]:
    if place.name:
        yield from place.name.values()
    if place.address:
        for part in (
            place.address.street_address,
            place.address.address_locality,
            place.address.address_region,
            place.address.postal_code,
        ):
            if part:
                yield part


def _read_point(text: str) -> Point:
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadQuery("near is LAT,LON in degrees, such as 55.95,-3.19") from error
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # noqa: PLR2004
        raise BadQuery("near is LAT,LON: at most 90 and 180 degrees")
    return Point(latitude, longitude)


def _read_radius(text: str) -> float:
    try:
        radius = float(text)
    except ValueError as error:
        raise BadQuery("radius is a number of kilometres, such as 10") from error
    if not 0 < radius <= _EARTH_HALF_KM:
        raise BadQuery(f"radius is more than 0 and at most {_EARTH_HALF_KM} km")
    return radius


def _tag(query: IndexQuery) -> str:
    told = [query.words, query.near, query.radius_km, query.kind, query.category]
    return digest(encode(msgspec.to_builtins(repr(told))))[-8:]


def _write_cursor(offset: int, query: IndexQuery) -> str:
    return base64.urlsafe_b64encode(f"{offset}.{_tag(query)}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str, query: IndexQuery) -> int:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        offset, tag = base64.urlsafe_b64decode(padded.encode()).decode().split(".")
        number = int(offset)
    except ValueError as error:
        raise BadCursor("that cursor was not made by this node") from error
    if tag != _tag(query) or not 0 < number <= _RESULTS_MAX:
        raise BadCursor("that cursor belongs to another search")
    return number


def live_documents(reads: Reads, did: str) -> Iterator[StoredDocument]:
    """Yield the live documents of a publisher."""
    for document in reads.documents(did):
        if document.state is DocumentState.LIVE:
            yield document
