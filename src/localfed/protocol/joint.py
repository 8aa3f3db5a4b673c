"""The joint offer: one offer of a lead to which others contribute, each by its own word.

Here: how an offer names its contributors, and which of them count. Not here: the rest of an offer
(`listing`), the half by which a contributor says it too (`partnership`). Spec: 05-documents (LF-JOINT).
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from localfed.protocol import limits
from localfed.protocol.errors import WrongShape
from localfed.protocol.forms import DidText, NameMap
from localfed.protocol.partnership import Half, Partnership, Role


class Contributor(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An organisation that a lead names as one that delivers a part of its offer."""

    organisation: DidText
    """First DID."""
    delivers: NameMap | None = None
    roles: Annotated[tuple[Role, ...], Meta(max_length=4)] = ()


Contributors = Annotated[tuple[Contributor, ...], Meta(max_length=limits.CONTRIBUTORS)]
"""Those whom an offer names; whether they count is for their own halves to say."""


def check_contributors(contributors: tuple[Contributor, ...], lead: str) -> None:
    """Check what the form cannot say of contributors; `lead` is the issuer of the offer (LF-JOINT-2).

    Raises:
        WrongShape: one is the lead, or is named twice.

    """
    named = [one.organisation for one in contributors]
    if lead in named:
        message = "a contributor is somebody else than the lead"
        raise WrongShape(message)
    if len(set(named)) != len(named):
        message = "a contributor is named once"
        raise WrongShape(message)


def contributes(half: Half | Partnership | None, *, lead: str, offer: str) -> bool:
    """Whether the live half of a contributor says that it contributes to an offer, by id (LF-JOINT-3)."""
    return half is not None and half.partner == lead and offer in half.joint_offers
