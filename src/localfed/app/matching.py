"""Matching: for each need the offers that could meet it, and the other way round, with the reasons.

Here: where candidates come from, what is folded, what is not shown. Not here: comparing two of them
(`fitting`), searching by words (`search`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec

from localfed.app import placing
from localfed.app.comparing import REACH_KM, Reason, Side, could_meet, read_side
from localfed.app.fitting import Fit, compare
from localfed.app.index_values import IndexQuery
from localfed.app.policy import still_counts
from localfed.app.ports import Likeness, Ports
from localfed.app.subjects import most_telling
from localfed.app.terms import Terms
from localfed.app.values import DocumentState, Kind, Point, Publisher, StoredDocument
from localfed.protocol.did import split_id
from localfed.protocol.errors import BadDid, UnknownDocument
from localfed.protocol.listing import Need, Offer
from localfed.protocol.times import read_time, write_time

MATCHES: Final = 5
"""How many are shown of each."""

# Candidates: by words anywhere and by words here; by each category here, or else what is nearest.
_BY_WORDS: Final = 60
_BY_CATEGORY: Final = 40
_NEAREST: Final = 60
_CATEGORIES: Final = 3  # of one listing, looked for
_POINTS: Final = 3  # of one listing, looked around
_WORDS: Final = 24
_SUBJECTS: Final = 8
_ALIKE: Final = 0.8
_READERS: Final[dict[str, msgspec.json.Decoder[Offer | Need]]] = {
    "Offer": msgspec.json.Decoder(Offer),
    "Need": msgspec.json.Decoder(Need),
}


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that could meet a need."""

    need: str
    """Id of the need."""
    offer: str
    """Id of the offer."""
    score: float
    """0 to 1: how likely it is that a person would say so."""
    km: float | None
    is_about: bool
    """Whether `km` is only about so much: one of the two gives no exact point."""
    is_confident: bool
    """So likely that it is worth telling somebody who did not ask."""
    why: tuple[Reason, ...]
    alike: tuple[str, ...] = ()
    """Ids of others that say the same, folded into this one."""


class _Candidate(msgspec.Struct, frozen=True, kw_only=True):
    document: StoredDocument
    side: Side


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A pair that is not impossible, whatever its score."""

    need: str
    offer: str
    other: str
    """Which of the two was not asked about."""
    terms: Terms
    """What the other says."""
    fit: Fit


def find_matches(ports: Ports, document_id: str, limit: int = MATCHES) -> tuple[Match, ...]:
    """Find what could meet a need, or what needs an offer could meet; best first, perhaps none.

    Raises:
        UnknownDocument: there is no live offer or need with that id here.
        IndexBroken: the index cannot be read.

    """
    found: list[tuple[Match, Terms, str]] = []
    for one in compare_all(ports, document_id):
        if not one.fit.is_shown:
            continue
        match = Match(
            need=one.need,
            offer=one.offer,
            score=round(1 / (1 + math.exp(-one.fit.score)), 4),
            km=one.fit.km,
            is_about=one.fit.is_about,
            is_confident=one.fit.is_confident,
            why=one.fit.why,
        )
        found.append((match, one.terms, one.other))
    found.sort(key=lambda row: (-row[0].score, row[0].km or 0.0, row[2]))
    return _fold(found)[:limit]


def compare_all(ports: Ports, document_id: str) -> list[Compared]:
    """Compare a need or an offer with all that is worth it; in no order, nothing left out for its score.

    Raises:
        UnknownDocument: there is no live offer or need with that id here.
        IndexBroken: the index cannot be read.

    """
    now = ports.clock.now()
    found_here = _read(ports, document_id, now)
    if found_here is None:
        message = "there is no live offer or need with that id here"
        raise UnknownDocument(message)
    document, listing = found_here
    asked = _Candidate(document=document, side=read_side(listing, ports.lexicon, now))
    is_need = isinstance(asked.side.listing, Need)
    sides = list(_candidates(ports, asked, Kind.OFFER if is_need else Kind.NEED, now))
    if not sides:
        return []
    rarity = ports.index.rarity(
        {stem for one in (asked, *sides) for stem in one.side.terms.weights}
    )
    likenesses = _likenesses(ports, asked, sides, is_need=is_need)
    compared = []
    for one, likeness in zip(sides, likenesses, strict=True):
        need, offer = (asked, one) if is_need else (one, asked)
        fit = compare(
            need.side, offer.side, lexicon=ports.lexicon, rarity=rarity, likeness=likeness
        )
        if fit is not None:
            compared.append(
                Compared(
                    need=need.document.id,
                    offer=offer.document.id,
                    other=one.document.id,
                    terms=one.side.terms,
                    fit=fit,
                )
            )
    return compared


def matches_of(ports: Ports, did: str, limit: int = MATCHES) -> Iterator[Match]:
    """Find matches for every live offer and need of a publisher, document by document.

    Raises:
        IndexBroken: the index cannot be read.

    """
    for document_id in listings_of(ports, did):
        yield from matches_if_live(ports, document_id, limit)


def listings_of(ports: Ports, did: str) -> list[str]:
    """Name the live offers and needs of a publisher."""
    return [
        f"{did}/{path}"
        for path, kind, _, state in ports.store.rows(did)
        if kind in _READERS and state is DocumentState.LIVE
    ]


def matches_if_live(ports: Ports, document_id: str, limit: int = MATCHES) -> tuple[Match, ...]:
    """Find matches for one of them; none where it has expired or was withdrawn meanwhile.

    Raises:
        IndexBroken: the index cannot be read.

    """
    try:
        return find_matches(ports, document_id, limit)
    except UnknownDocument:
        return ()


# --- candidates --------------------------------------------------------------------------------


def _candidates(ports: Ports, asked: _Candidate, kind: Kind, now: datetime) -> Iterator[_Candidate]:
    """Yield what is worth comparing: by words, by category and by place; each once."""
    listing = asked.side.listing
    words = " ".join(list(asked.side.terms.written.values())[:_WORDS])
    subjects = most_telling(asked.side.terms.about, ports.lexicon, _SUBJECTS)
    query = IndexQuery(kind=kind, now=int(now.timestamp()), limit=_NEAREST)
    by_words = msgspec.structs.replace(
        query,
        words=words,
        subjects=subjects,
        is_any_word=True,
        limit=_BY_WORDS,
    )
    by_category = [
        msgspec.structs.replace(query, category=one, limit=_BY_CATEGORY)
        for one in sorted(asked.side.categories)[:_CATEGORIES]
    ]
    said = [by_words] if words or subjects else []
    queries = list(said)
    for place in listing.location[:_POINTS]:
        if place.latitude is None or place.longitude is None:
            continue
        near = Point(float(place.latitude), float(place.longitude))
        radius = max(REACH_KM, (place.reach or 0) / 1000)
        here = [*said, *(by_category or [query])]
        queries += [
            msgspec.structs.replace(one, near=near, radius_km=radius, is_here=True) for one in here
        ]
    if not listing.location:
        queries += by_category
    publishers: dict[str, Publisher | None] = {}
    seen: set[str] = set()
    for one in queries:
        for hit in ports.index.search(one).hits:
            document_id = f"{hit.did}/{hit.path}"
            if hit.did == asked.document.did or document_id in seen:
                continue
            seen.add(document_id)
            found = _read(ports, document_id, now, publishers)
            if found is None:
                continue
            document, other = found
            if could_meet(*((listing, other) if kind is Kind.OFFER else (other, listing))):
                side = read_side(other, ports.lexicon, now)
                yield _Candidate(document=document, side=side)


def _read(
    ports: Ports,
    document_id: str,
    now: datetime,
    publishers: dict[str, Publisher | None] | None = None,
) -> tuple[StoredDocument, Offer | Need] | None:
    """Read a live listing that is shown and has not ended; None for anything else."""
    try:
        did, path = split_id(document_id)
    except BadDid:
        return None
    publishers = publishers if publishers is not None else {}
    if did not in publishers:
        publishers[did] = ports.store.publisher(did)
    publisher = publishers[did]
    document = ports.store.document(did, path)
    if (
        document is None
        or document.body is None
        or document.state is not DocumentState.LIVE
        or not document.is_shown
        or document.expires <= write_time(now)
        or publisher is None
        or not publisher.is_shown
        or not still_counts(publisher, now)
    ):
        return None
    reader = _READERS.get(document.type)
    if reader is None:
        return None
    try:
        listing = reader.decode(document.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if listing.valid_until is not None and read_time(listing.valid_until) <= now:
        return None
    places = placing.place(ports.gazetteer, listing.location)
    if places is not listing.location:
        listing = msgspec.structs.replace(listing, location=places)
    return document, listing


def _likenesses(
    ports: Ports, asked: _Candidate, others: list[_Candidate], *, is_need: bool
) -> Sequence[Likeness | None]:
    if ports.meaning is None:
        return [None] * len(others)
    one, rest = [asked.side.terms.wording], [other.side.terms.wording for other in others]
    if is_need:
        return ports.meaning.likenesses(one, rest)[0]
    return [row[0] for row in ports.meaning.likenesses(rest, one)]


def _fold(found: list[tuple[Match, Terms, str]]) -> tuple[Match, ...]:
    """Fold what says the same into the best of it, so that five lines say five things."""
    kept: list[tuple[Match, frozenset[str], list[str]]] = []
    for match, terms, document_id in found:
        stems = frozenset(terms.weights)
        for _, others, alike in kept:
            if len(stems & others) >= _ALIKE * len(stems | others):
                alike.append(document_id)
                break
        else:
            kept.append((match, stems, []))
    return tuple(msgspec.structs.replace(match, alike=tuple(alike)) for match, _, alike in kept)
