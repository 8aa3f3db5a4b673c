"""Joint offers: who delivers parts of an offer, by its own word as well.

Here: the contributors of an offer that count now, the offers to which an organisation contributes, and naming
contributors in a draft. Not here: joining and leaving (`joining`). Spec: 05-documents (LF-JOINT).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from localfed.app import halves
from localfed.app.describing import Together
from localfed.app.ports import Reads
from localfed.app.values import DocumentState, Publisher, StoredDocument
from localfed.protocol.canonical import Json, JsonObject
from localfed.protocol.did import split_id
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.errors import BadDid, BadDraft
from localfed.protocol.joint import Contributor, contributes
from localfed.protocol.listing import Offer
from localfed.protocol.organisation import Organization
from localfed.protocol.times import write_time

_LOOKED_AT: Final = 200
"""Offers that are looked up for one organisation, however many it names."""

_OFFER: Final = msgspec.json.Decoder(Offer)
_RECORD: Final = msgspec.json.Decoder(Organization)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What one contributor delivers of a joint offer."""

    publisher: Publisher
    contributor: Contributor


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """An offer of somebody else to which an organisation contributes."""

    document: StoredDocument
    offer: Offer
    lead: Publisher
    contributor: Contributor


def parts_of(reads: Reads, offer: Offer, now: datetime) -> list[Part]:
    """Say who contributes to an offer and counts, and is shown here; in the order of the offer.

    Rules: LF-JOINT-3.
    """
    parts = []
    for one in offer.contributors:
        half = halves.read_half(reads, one.organisation, offer.issuer, now)
        if not contributes(half, lead=offer.issuer, offer=offer.id):
            continue
        publisher = reads.publisher(one.organisation)
        if publisher is not None and publisher.is_shown and halves.speaks(publisher, now):
            parts.append(Part(publisher=publisher, contributor=one))
    return parts


def contributions_of(reads: Reads, did: str, now: datetime) -> Iterator[Contribution]:
    """Yield the offers of others to which an organisation contributes and counts (LF-JOINT-3)."""
    publisher = reads.publisher(did)
    if publisher is None or not publisher.is_shown or not halves.speaks(publisher, now):
        return
    looked_at = 0
    for lead, half in halves.halves_of(reads, did, now).items():
        publisher = reads.publisher(lead) if half.joint_offers else None
        if publisher is None or not publisher.is_shown or not halves.speaks(publisher, now):
            continue
        for name in dict.fromkeys(half.joint_offers):
            looked_at += 1
            if looked_at > _LOOKED_AT:
                return
            found = live_offer(reads, name, now)
            if found is None or found[0].did != lead:
                continue
            document, offer = found
            said = next((one for one in offer.contributors if one.organisation == did), None)
            if said is not None:
                yield Contribution(document=document, offer=offer, lead=publisher, contributor=said)


def live_offer(reads: Reads, offer: str, now: datetime) -> tuple[StoredDocument, Offer] | None:
    """Read an offer of anyone here by its id; None: it is not live here."""
    try:
        did, path = split_id(offer)
    except BadDid:
        return None
    document = reads.document(did, path)
    if (
        document is None
        or document.type != "Offer"
        or document.state is not DocumentState.LIVE
        or not document.is_shown
        or document.expires <= write_time(now)
    ):
        return None
    said = read_offer(document)
    return (document, said) if said is not None else None


def read_offer(document: StoredDocument) -> Offer | None:
    """See a stored document as an offer; None for what is none, or what a bad disk made unreadable."""
    if document.type != "Offer" or document.body is None:
        return None
    try:
        return _OFFER.decode(document.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def together_on(reads: Reads, document: StoredDocument, now: datetime) -> Together:
    """Say who delivers an offer, for search (LF-JOINT-5); nobody where no contributor counts."""
    if document.type != "Offer" or b'"contributors"' not in (document.body or b""):
        return Together()
    offer = read_offer(document)
    parts = parts_of(reads, offer, now) if offer is not None else []
    if not parts:
        return Together()
    contributors = tuple(one.publisher.did for one in parts)
    found = (record_of(reads, did)[0] for did in (document.did, *contributors))
    delivers = (one.contributor.delivers or {} for one in parts)
    return Together(
        contributors=contributors,
        records=tuple(record for record in found if record is not None),
        delivered=tuple(text for texts in delivers for text in texts.values()),
    )


def record_of(reads: Reads, did: str) -> tuple[Organization | None, str]:
    """Read what an organisation says of itself, and the digest of that; empty where it is not here."""
    document = reads.document(did, ORGANISATION_PATH)
    if (
        document is None
        or document.body is None
        or document.state is not DocumentState.LIVE
        or not document.is_shown
    ):
        return None, ""
    try:
        return _RECORD.decode(document.body), document.digest
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None, ""


def name_contributors(reads: Reads, members: JsonObject) -> JsonObject:
    """Put DIDs in place of the hosts and addresses by which a draft names contributors.

    Raises:
        BadDraft: nobody such is known here, or several are.

    """
    said = members.get("contributors")
    if not isinstance(said, list):
        return members
    named: list[Json] = []
    for one in said:
        which = one.get("organisation") if isinstance(one, dict) else None
        if isinstance(one, dict) and isinstance(which, str) and not which.startswith("did:"):
            named.append({**one, "organisation": _did_of(reads, which)})
        else:
            named.append(one)
    return {**members, "contributors": named}


def _did_of(reads: Reads, which: str) -> str:
    name = which.strip().rstrip("/")
    found = [
        one.did for one in reads.publishers() if name in {one.host, one.base.rstrip("/"), one.scid}
    ]
    if len(found) == 1:
        return found[0]
    how = "no" if not found else "more than one"
    message = f"{how} organisation at {which[:100]!a} is known here: follow it, or give its DID"
    raise BadDraft(message)
