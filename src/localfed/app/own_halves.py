"""Our halves: what an organisation of this node says of its partnerships, published anew with what changes.

Here: reading ours, and publishing it at a stage. Not here: when (`partnerships`, `joining`), those of others
(`halves`). Spec: 05-documents (LF-PART-1, LF-PART-3).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from localfed.app import halves, listings
from localfed.app.halves import PROMOTION
from localfed.app.names import Names
from localfed.app.ports import Ports, Reads
from localfed.protocol.did import split_id
from localfed.protocol.partnership import Partnership, Role, Stage, half_path, reaches

_HALF: Final = msgspec.json.Decoder(Partnership)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What a half of ours is to say beside its stage; what is not given stays as it was."""

    roles: tuple[Role, ...] = ()
    promotes: bool | None = None
    """None: as before; from `promotion` on yes, where it was less far before."""


def own_half(reads: Reads, did: str, partner: str) -> Partnership | None:
    """Return what our half towards a partner says; None: there is none."""
    held = reads.document(did, half_path(partner))
    return _HALF.decode(held.body) if held is not None and held.body is not None else None


async def publish_half(
    ports: Ports,
    did: str,
    partner: str,
    stage: Stage,
    *,
    language: str,
    part: Part = Part(),  # noqa: B008 - frozen
    joint_offers: tuple[str, ...] | None = None,
) -> None:
    """Publish our half at a stage; what it said beside that stays, but for what is given."""
    kept = own_half(ports.store, did, partner)
    joined = kept.joint_offers if kept is not None and joint_offers is None else joint_offers
    members: dict[str, object] = {
        "type": "Partnership",
        "partner": partner,
        "stage": stage,
        "roles": part.roles or (kept.roles if kept is not None else None) or None,
        "promotes": will_promote(kept, stage, part) or None,
        "jointOffers": joined or None,
        "description": kept.description if kept is not None else None,
    }
    await listings.publish_draft(ports, did, msgspec.json.encode(members), language=language)


def explain(reads: Reads, document_id: str, now: datetime) -> str:
    """Say where a half of ours says more than that of the other, so that less holds; empty for all else (LF-PART-4)."""
    did, path = split_id(document_id)
    document = reads.document(did, path)
    if document is None or document.type != "Partnership" or document.body is None:
        return ""
    mine = _HALF.decode(document.body)
    theirs = halves.read_half(reads, mine.partner, did, now)
    said = theirs.stage if theirs is not None else None
    ask = f"localfed partner propose {Names(reads).address_of(mine.partner)} --stage {mine.stage}"
    if not reaches(said, mine.stage):
        held = said or "nothing"
        return f"their half says {held} as far as is known here, so {held} is in force; to ask them: {ask}"
    if theirs is not None and mine.promotes and not theirs.promotes:
        return "their half does not say that they show you, so neither is shown by the other"
    return ""


def will_promote(kept: Partnership | None, stage: Stage, part: Part) -> bool:
    """Whether our half will say that we show the other: who comes to that stage means it, unless told."""
    if part.promotes is not None:
        return part.promotes
    if reaches(stage, PROMOTION) and (kept is None or not reaches(kept.stage, PROMOTION)):
        return True
    return kept is not None and kept.promotes
