"""Halves of partnerships: where they lie, and what holds by two of them."""

from __future__ import annotations

from itertools import product

import msgspec
import pytest
from forge_document import HALF, PARTNER, half, signed

from localfed.protocol.errors import WrongPath, WrongShape
from localfed.protocol.partnership import (
    STAGES,
    Partnership,
    check_partnership,
    half_path,
    in_force,
    reaches,
)

OURS = msgspec.json.decode(signed(half()), type=Partnership)
THEIRS = msgspec.structs.replace(OURS, issuer=OURS.partner, partner=OURS.issuer)


def test_a_half_lies_at_its_partner():
    """LF-PART-3."""
    assert half_path(PARTNER) == HALF
    check_partnership(OURS, HALF)

    with pytest.raises(WrongPath):
        check_partnership(OURS, half_path(OURS.issuer))


def test_nobody_is_their_own_partner():
    """LF-PART-2."""
    with pytest.raises(WrongShape):
        check_partnership(
            msgspec.structs.replace(OURS, partner=OURS.issuer), half_path(OURS.issuer)
        )


@pytest.mark.parametrize("mine, theirs", list(product(STAGES, STAGES)))
def test_the_lower_stage_holds(mine, theirs):
    """LF-PART-4."""
    stage = in_force(
        msgspec.structs.replace(OURS, stage=mine), msgspec.structs.replace(THEIRS, stage=theirs)
    )

    assert STAGES.index(stage) == min(STAGES.index(mine), STAGES.index(theirs))
    assert [reaches(stage, least) for least in STAGES] == [
        STAGES.index(least) <= STAGES.index(stage) for least in STAGES
    ]


def test_one_half_is_no_partnership():
    """LF-PART-4: nor are two that name somebody else."""
    other = msgspec.structs.replace(THEIRS, partner=PARTNER.replace("1", "2"))

    assert in_force(OURS, None) is None
    assert in_force(None, THEIRS) is None
    assert in_force(OURS, other) is None
    assert in_force(OURS, OURS) is None
    assert not reaches(None, "guidance")
