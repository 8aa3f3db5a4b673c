"""Folding: entries about one organisation shown as one, the others behind it.

Here: which of some records are about the same organisation, by a claim that holds or by likeness, and which of them
stands in front. Nothing is changed by it: each entry stays a record of its own, and all who list it are
named. Not here: likeness itself (`duplicates`). Spec: 05-documents (LF-ORG-5).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

import msgspec

from localfed.app.duplicates import Entry, find_pairs
from localfed.app.ports import Reads
from localfed.app.values import DocumentState, StoredDocument
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.organisation import Organization

_read: Final = msgspec.json.Decoder(Organization).decode


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A record of an organisation, read."""

    document: StoredDocument
    record: Organization

    @property
    def is_own(self) -> bool:
        """Whether it is the organisation's own word."""
        return self.document.path == ORGANISATION_PATH


class Folded(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation: the entry in front, and those behind it."""

    front: Known
    behind: tuple[Known, ...] = ()


def read_known(document: StoredDocument) -> Known | None:
    """Read a stored record of an organisation; None for anything else."""
    if document.type != "Organization" or document.body is None:
        return None
    try:
        return Known(document=document, record=_read(document.body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def fold(reads: Reads, some: Sequence[Known]) -> list[Folded]:
    """Fold records that are about the same organisation; in the order of the first of each.

    An organisation's own record stands in front; then what it claims; then what came first. Two own records are two
    identities and are never folded, and what only likeness joins is joined with one own record at most.
    """
    groups = [{index} for index in range(len(some))]
    ties = [(one, other) for one, other in _claimed(reads, some)]
    ties += [(pair.one, pair.other) for pair in find_pairs([entry_of(one.record) for one in some])]
    for one, other in ties:
        left, right = groups[one], groups[other]
        if left is right or sum(some[index].is_own for index in left | right) > 1:
            continue
        left |= right
        for index in right:
            groups[index] = left
    claimed = {other for _, other in _claimed(reads, some)}
    found, done = [], set()
    for index, group in enumerate(groups):
        if index in done:
            continue
        done |= group
        order = sorted(group, key=lambda one: (not some[one].is_own, one not in claimed, one))
        found.append(Folded(front=some[order[0]], behind=tuple(some[one] for one in order[1:])))
    return found


def entry_of(record: Organization) -> Entry:
    """See a record as what tells who it is about."""
    point = next((one for one in record.location if one.latitude and one.longitude), None)
    address = next((one.address for one in record.location if one.address), None)
    return Entry(
        name=record.name.get(record.language or "") or next(iter(record.name.values())),
        numbers=tuple((one.scheme, one.number) for one in record.identifier),
        latitude=float(point.latitude) if point and point.latitude else None,
        longitude=float(point.longitude) if point and point.longitude else None,
        postcode=(address.postal_code or "") if address else "",
        website=record.url or "",
        street=(address.street_address or "") if address else "",
        locality=(address.address_locality or "") if address else "",
    )


def claim_holds(reads: Reads, claimant: str, listed: Known) -> bool:
    """Whether a listed record is about an organisation by the word of both sides (LF-ORG-5).

    The claimant's own record names it, and it names the claimant, or its website is the root of the host where
    the claimant's log is.
    """
    own = reads.document(claimant, ORGANISATION_PATH)
    publisher = reads.publisher(claimant)
    if own is None or own.state is not DocumentState.LIVE or publisher is None:
        return False
    known = read_known(own)
    if known is None or listed.document.id not in known.record.claims:
        return False
    if listed.record.claimed_by == claimant:
        return True
    url, base = urlsplit(listed.record.url or ""), urlsplit(publisher.base)
    is_root = url.path in {"", "/"} and not url.query
    return is_root and base.path == "/" and url.netloc == base.netloc and bool(url.netloc)


def _claimed(reads: Reads, some: Sequence[Known]) -> list[tuple[int, int]]:
    """List (own record, listed record) of each claim that holds among some."""
    places = {one.document.id: index for index, one in enumerate(some)}
    return [
        (index, places[claimed])
        for index, one in enumerate(some)
        if one.is_own
        for claimed in one.record.claims
        if claimed in places and claim_holds(reads, one.document.did, some[places[claimed]])
    ]
