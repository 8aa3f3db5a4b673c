"""Listings made for tests of their times."""

from __future__ import annotations

from localfed.protocol.listing import Offer


def offer_on(*schedule, **more):
    """Make an offer with these recurrences; nothing of it is signed."""
    return Offer(
        context="https://w3id.org/localfed/1.0",
        id="x",
        type="Offer",
        issuer="x",
        revision=1,
        updated="2026-01-01T00:00:00Z",
        expires="2027-01-01T00:00:00Z",
        assured="2026-01-01T00:00:00Z",
        license="https://creativecommons.org/licenses/by/4.0/",
        name={"en": "Lido"},
        schedule=schedule,
        **more,
    )
