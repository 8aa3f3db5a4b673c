"""Promotions: what the pages of an organisation show of its partners, because they show it.

Here: which partners, and what they offer and need now; for pages, the API and a widget. Not here: when promotion is
mutual (`halves`), telling that it lapsed (`lapses`). Spec: 05-documents (LF-PART-6).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final

import msgspec

from localfed.app import halves
from localfed.app.halves import InForce
from localfed.app.ports import Reads
from localfed.app.values import DocumentState, Publisher, StoredDocument
from localfed.interop.listing_times import is_all_over
from localfed.protocol.listing import Listing, Need, Offer
from localfed.protocol.times import write_time

PARTNERS: Final = 50
"""Partners that one organisation's pages show."""

_LOOKED_AT: Final = 200
"""Listings of one partner that are looked at for some that are not over."""

_READERS: Final[dict[str, msgspec.json.Decoder[Listing]]] = {
    "Offer": msgspec.json.Decoder(Offer),
    "Need": msgspec.json.Decoder(Need),
}


class Promoted(msgspec.Struct, frozen=True, kw_only=True):
    """A partner that is shown, and some of what it offers and needs now."""

    publisher: Publisher
    partnership: InForce
    listings: tuple[StoredDocument, ...]
    has_more: bool


def promoted_by(reads: Reads, did: str, now: datetime, *, listings: int) -> list[Promoted]:
    """Say whom the pages of an organisation show, with at most so many listings of each (LF-PART-6)."""
    found = []
    for one in halves.in_force_of(reads, did, now):
        publisher = reads.publisher(one.partner) if one.is_promotion else None
        if publisher is None or not publisher.is_shown:
            continue
        current = list(islice(current_listings(reads, one.partner, now), listings + 1))
        found.append(
            Promoted(
                publisher=publisher,
                partnership=one,
                listings=tuple(current[:listings]),
                has_more=len(current) > listings,
            )
        )
        if len(found) == PARTNERS:
            break
    return found


def current_listings(reads: Reads, did: str, now: datetime) -> Iterator[StoredDocument]:
    """Yield the offers, then the needs, of an organisation that are not over; each in the order of the paths."""
    moment = write_time(now)
    rows = reads.rows(did)
    for wanted in _READERS:
        live = (
            path for path, kind, _, state in rows if (kind, state) == (wanted, DocumentState.LIVE)
        )
        for path in islice(live, _LOOKED_AT):
            document = reads.document(did, path)
            if document is not None and _is_current(document, moment, now):
                yield document


def _is_current(document: StoredDocument, moment: str, now: datetime) -> bool:
    if not document.is_shown or document.body is None or document.expires <= moment:
        return False
    try:
        listing = _READERS[document.type].decode(document.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    if listing.valid_until is not None and listing.valid_until <= moment:
        return False
    return not is_all_over(listing, now)
