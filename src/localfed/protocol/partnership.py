"""The partnership: one half of it, by which an organisation says how far it goes with another.

Here: the form of a half, and what holds by two of them. Not here: proposing one (`message`), showing one.
Spec: 05-documents (LF-PART). There is no document with two signatures: what both say, holds.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from localfed.protocol import limits
from localfed.protocol.did import parse_did
from localfed.protocol.document import Assured
from localfed.protocol.errors import WrongPath, WrongShape
from localfed.protocol.forms import DidText, DocumentId, TextMap

Stage = Literal["guidance", "collaboration", "promotion", "integrated"]
Role = Literal["lead", "contributor", "mentor", "referrer"]

STAGES: Final[tuple[Stage, ...]] = ("guidance", "collaboration", "promotion", "integrated")
"""How far a partnership goes, lowest first."""


class Partnership(Assured, frozen=True, kw_only=True):
    """What the issuer says of its partnership with another: of its own part only."""

    type: Literal["Partnership"]
    partner: DidText
    """First DID of the other."""
    stage: Stage
    roles: Annotated[tuple[Role, ...], Meta(max_length=4)] = ()
    promotes: bool = False
    """The issuer shows what the partner offers."""
    joint_offers: Annotated[tuple[DocumentId, ...], Meta(max_length=limits.CATEGORIES)] = ()
    """Offers of a lead to which the issuer contributes."""
    description: TextMap | None = None


class Half(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """As much of a half as what holds by it needs; for reading bytes that were checked before, by the thousand."""

    issuer: str
    partner: str
    stage: Stage
    expires: str
    roles: tuple[Role, ...] = ()
    promotes: bool = False
    joint_offers: tuple[str, ...] = ()


def half_path(did: str) -> str:
    """Name the path of the half towards an organisation, by its first DID."""
    return f"p/{parse_did(did).scid}.json"


def check_partnership(half: Partnership, path: str) -> None:
    """Check what the form cannot say (LF-PART-2, LF-PART-3).

    Raises:
        BadDid: the partner is none.
        WrongShape: the partner is the issuer.
        WrongPath: not at the path of the partner.

    """
    if half.partner == half.issuer:
        message = "a partner is somebody else"
        raise WrongShape(message)
    if path != half_path(half.partner):
        message = "a partnership lies at p/ and the SCID of the partner"
        raise WrongPath(message)


def in_force(mine: Partnership | Half | None, theirs: Partnership | Half | None) -> Stage | None:
    """Say at which stage a partnership holds by two live halves; None: it does not (LF-PART-4).

    The lower of the two counts: either side can step down or end alone, neither can claim more.
    """
    if mine is None or theirs is None:
        return None
    if (mine.issuer, mine.partner) != (theirs.partner, theirs.issuer):
        return None
    return min(mine.stage, theirs.stage, key=STAGES.index)


def reaches(stage: Stage | None, least: Stage) -> bool:
    """Whether a partnership in force goes at least so far."""
    return stage is not None and STAGES.index(stage) >= STAGES.index(least)
