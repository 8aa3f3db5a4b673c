"""Joining: contributing to the offer of a lead by our own half, and leaving it again.

Here: what a contributor does. Not here: who counts (`joint`), what a lead writes in its offer (`listings`).
Spec: 05-documents (LF-JOINT-3).
"""

from __future__ import annotations

import msgspec

from localfed.app import sync
from localfed.app.joint import live_offer
from localfed.app.own_halves import own_half, publish_half
from localfed.app.ports import Ports
from localfed.protocol.did import split_id
from localfed.protocol.errors import BadDid, BadDraft, UnknownDocument
from localfed.protocol.listing import Offer
from localfed.protocol.partnership import Partnership


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """What joining or leaving did."""

    offer: str
    lead: str
    is_in: bool
    """Our half names the offer now."""
    is_named: bool
    """The offer names us, as far as is known here; we are shown in it while both say so."""


async def join(ports: Ports, did: str, offer: str, *, language: str) -> Joined:
    """Say in our half that we contribute to an offer of a partner.

    What is not here yet, or does not name us, may be newer at its lead: that is read once.

    Raises:
        UnknownDocument: it is no live offer here.
        BadDraft: it is our own, we have no partnership with its lead, or contribute to it already.

    """
    lead, half = _half_towards(ports, did, offer)
    if offer in half.joint_offers:
        message = "your half says so already"
        raise BadDraft(message)
    found = live_offer(ports.store, offer, ports.clock.now())
    problem = None
    if (found is None or not _names(found[1], did)) and not _is_neighbour(ports, lead):
        problem = (await sync.poll(ports, lead)).problem
        found = live_offer(ports.store, offer, ports.clock.now())
    if found is None:
        why = f"could not be read ({problem})" if problem else "has none"
        message = f"no offer of that id is live here, and its lead {why}"
        raise UnknownDocument(message)
    offers = (*half.joint_offers, offer)
    await publish_half(ports, did, lead, half.stage, language=language, joint_offers=offers)
    is_named = _names(found[1], did)
    return Joined(offer=offer, lead=lead, is_in=True, is_named=is_named)


async def leave(ports: Ports, did: str, offer: str, *, language: str) -> Joined:
    """Say no longer that we contribute to an offer: at once we are gone from it, whatever its lead says.

    Raises:
        UnknownDocument: it is not the id of a document.
        BadDraft: our half does not name it.

    """
    lead, half = _half_towards(ports, did, offer)
    if offer not in half.joint_offers:
        message = "your half does not say that you contribute to it"
        raise BadDraft(message)
    offers = tuple(one for one in half.joint_offers if one != offer)
    await publish_half(ports, did, lead, half.stage, language=language, joint_offers=offers)
    found = live_offer(ports.store, offer, ports.clock.now())
    is_named = found is not None and _names(found[1], did)
    return Joined(offer=offer, lead=lead, is_in=False, is_named=is_named)


def _is_neighbour(ports: Ports, did: str) -> bool:
    publisher = ports.store.publisher(did)
    return publisher is not None and publisher.is_hosted


def _names(offer: Offer, did: str) -> bool:
    return any(one.organisation == did for one in offer.contributors)


def _half_towards(ports: Ports, did: str, offer: str) -> tuple[str, Partnership]:
    """Return the lead of an offer, and our half towards it."""
    try:
        lead, _ = split_id(offer)
    except BadDid as error:
        message = f"{offer[:100]!a} is not the id of an offer"
        raise UnknownDocument(message) from error
    if lead == did:
        message = "that offer is your own: name contributors in it"
        raise BadDraft(message)
    half = own_half(ports.store, did, lead)
    if half is None:
        message = "there is no partnership of yours with its lead: propose one first"
        raise BadDraft(message)
    return lead, half
