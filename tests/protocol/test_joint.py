"""Joint offers: who counts as a contributor."""

from __future__ import annotations

import msgspec
import pytest
from forge_document import PARTNER, half, signed

from localfed.protocol.joint import contributes
from localfed.protocol.partnership import Partnership

LEAD = PARTNER
OFFER = f"{LEAD}/d/{'a' * 26}.json"
HALF = msgspec.json.decode(signed(half(jointOffers=[OFFER])), type=Partnership)


def test_a_contributor_counts_by_its_own_half_towards_the_lead():
    """LF-JOINT-3."""
    assert contributes(HALF, lead=LEAD, offer=OFFER)


@pytest.mark.parametrize(
    "lead, offer, said",
    [
        (LEAD, OFFER, None),
        (LEAD, OFFER, msgspec.structs.replace(HALF, joint_offers=())),
        (LEAD, OFFER.replace("a.json", "b.json"), HALF),
        (HALF.issuer, OFFER, HALF),
    ],
)
def test_who_does_not_say_so_does_not_contribute(lead, offer, said):
    """LF-JOINT-3."""
    assert not contributes(said, lead=lead, offer=offer)
