"""Folding: entries about one organisation shown as one, the others behind it.

Here: which of some records are about the same organisation, by a claim that holds or by likeness, and which of them
stands in front. Nothing is changed by it: each entry stays a record of its own, and all who list it are
named. Not here: likeness itself (`duplicates`), what the index is told of it (`indexing`). Spec: 05-documents (LF-ORG-5).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final
from urllib.parse import urlsplit

import msgspec

from localfed.app.duplicates import Entry, Named, differ_in_number, find_pairs, name_of
from localfed.app.ports import Reads
from localfed.app.values import DocumentState, StoredDocument
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.organisation import Organization

MOST: Final = 60
"""Entries of one organisation that are folded; each is looked up whenever it is found."""

_read: Final = msgspec.json.Decoder(Organization).decode


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What tells of a record which organisation it is about."""

    did: str
    path: str
    entry: Entry
    claims: tuple[str, ...] = ()
    claimed_by: str | None = None
    url: str = ""

    @property
    def id(self) -> str:
        """The document's id."""
        return f"{self.did}/{self.path}"

    @property
    def is_own(self) -> bool:
        """Whether it is the organisation's own word."""
        return self.path == ORGANISATION_PATH


class Folded(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation: the entry in front, and those behind it."""

    front: Known
    behind: tuple[Known, ...] = ()


def read_record(document: StoredDocument) -> Organization | None:
    """Read a stored record of an organisation; None for anything else."""
    if document.type != "Organization" or document.body is None:
        return None
    try:
        return _read(document.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def read_known(document: StoredDocument) -> Known | None:
    """Read of a stored record who it is about; None for anything else."""
    record = read_record(document)
    if record is None:
        return None
    return Known(
        did=document.did,
        path=document.path,
        entry=entry_of(record),
        claims=record.claims,
        claimed_by=record.claimed_by,
        url=record.url or "",
    )


def fold(
    reads: Reads, some: Sequence[Known], goes_on: Callable[[], bool] = lambda: True
) -> list[Folded]:
    """Fold records that are about the same organisation; in the order of the first of each.

    An organisation's own record stands in front; then what it claims; then what came first. Two own records are two
    identities and are never folded, and what only likeness joins is joined with one own record at most. What one
    publisher keeps apart stays apart, unless name or number are the same: whoever lists both knows both.

    Args: `goes_on` is asked now and then; where it says no, what was found until then counts.
    """
    claims = _claimed(reads, some)
    groups = [{index} for index in range(len(some))]
    names = cache(lambda index: name_of(some[index].entry))
    for one, other in claims:
        if not _are_two(some, groups[one] | groups[other]):
            _join(groups, one, other)
    for pair in find_pairs([one.entry for one in some], goes_on=goes_on):
        left, right = groups[pair.one], groups[pair.other]
        if not _are_two(some, left | right) and not _are_kept_apart(some, names, left, right):
            _join(groups, pair.one, pair.other)
    claimed = {other for _, other in claims}
    found, done = [], set()
    for index, group in enumerate(groups):
        if index in done:
            continue
        done |= group
        order = sorted(group, key=lambda one: (not some[one].is_own, one not in claimed, one))
        found.append(Folded(front=some[order[0]], behind=tuple(some[one] for one in order[1:])))
    return found


def _are_two(some: Sequence[Known], group: set[int]) -> bool:
    """Whether a group would be more than one identity, or too many to look up."""
    return len(group) > MOST or sum(some[index].is_own for index in group) > 1


def _are_kept_apart(
    some: Sequence[Known], names: Callable[[int], Named], left: set[int], right: set[int]
) -> bool:
    """Whether two groups have numbers that differ, or somebody has an entry in each that are not named alike."""
    return any(
        differ_in_number(some[one].entry, some[other].entry)
        or (some[one].did == some[other].did and not names(one).is_like(names(other)))
        for one in left
        for other in right
    )


def _join(groups: list[set[int]], one: int, other: int) -> None:
    left, right = groups[one], groups[other]
    if left is right:
        return
    left |= right
    for index in right:
        groups[index] = left


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
    if own is None or own.state is not DocumentState.LIVE:
        return False
    known = read_known(own)
    if known is None or listed.id not in known.claims:
        return False
    return is_answered(reads, claimant, listed)


def is_answered(reads: Reads, claimant: str, listed: Known) -> bool:
    """Whether a listed record says the same as a claim to it: the half of a claim that is not the claimant's (LF-ORG-5)."""
    if listed.claimed_by == claimant:
        return True
    publisher = reads.publisher(claimant)
    if publisher is None:
        return False
    url, base = urlsplit(listed.url), urlsplit(publisher.base)
    is_root = url.path in {"", "/"} and not url.query
    return is_root and base.path == "/" and url.netloc == base.netloc and bool(url.netloc)


def _claimed(reads: Reads, some: Sequence[Known]) -> list[tuple[int, int]]:
    """List (own record, listed record) of each claim that holds among some."""
    places = {one.id: index for index, one in enumerate(some)}
    return [
        (index, places[claimed])
        for index, one in enumerate(some)
        if one.is_own
        for claimed in one.claims
        if claimed in places and is_answered(reads, one.did, some[places[claimed]])
    ]
