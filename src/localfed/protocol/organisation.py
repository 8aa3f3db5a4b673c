"""The organisation: an organisation's own record, and records of others that it lists.

Spec: 05-documents (LF-ORG). Source: schema.org Organization, where the meaning is the same.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from localfed.protocol import limits
from localfed.protocol.document import ORGANISATION_PATH, Assured, is_record_path
from localfed.protocol.errors import WrongPath, WrongShape
from localfed.protocol.forms import (
    DidText,
    DocumentId,
    Identifier,
    Label,
    Labels,
    NameMap,
    Place,
    Source,
    TextMap,
    Url,
    check_places,
)
from localfed.protocol.image import Image, check_images


class Network(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A network that an organisation says it belongs to; whether the network says so too is another thing."""

    name: Label
    url: Url | None = None
    organisation: DidText | None = None
    """First DID of the network, where it has a node."""


class Organization(Assured, frozen=True, kw_only=True):
    """An organisation, by its own word (`org.json`) or listed by another (`listed`)."""

    type: Literal["Organization"]
    name: NameMap
    description: TextMap | None = None
    url: Url | None = None
    legal_form: Label | None = None
    kinds: Annotated[tuple[Label, ...], Meta(max_length=limits.KINDS)] = ()
    """What kinds of organisation it is: several may overlap, none is asked for."""
    aims: TextMap | None = None
    audience: Labels = ()
    """Whom it is there for."""
    member_of: Annotated[tuple[Network, ...], Meta(max_length=limits.NETWORKS)] = ()
    category: Labels = ()
    keywords: Labels = ()
    identifier: Annotated[tuple[Identifier, ...], Meta(max_length=limits.CATEGORIES)] = ()
    location: Annotated[tuple[Place, ...], Meta(max_length=limits.PLACES)] = ()
    online: bool = False
    listed: bool = False
    source: Source | None = None
    claims: Annotated[tuple[DocumentId, ...], Meta(max_length=limits.CATEGORIES)] = ()
    claimed_by: DidText | None = None
    logo: Image | None = None


def check_organisation(organisation: Organization, path: str) -> None:
    """Check what the form cannot say: own record or listed (LF-ORG-2 to LF-ORG-4), places.

    Raises:
        WrongPath: an own record elsewhere than at `org.json`, a listed one elsewhere than under `d/`.
        WrongShape: a source without `listed`, a wrong place or logo, a network that is the organisation itself.

    """
    is_in_place = is_record_path(path) if organisation.listed else path == ORGANISATION_PATH
    if not is_in_place:
        message = "the own record is org.json, and a listed one lies under d/"
        raise WrongPath(message)
    if organisation.source is not None and not organisation.listed:
        message = "only a listed record has a source"
        raise WrongShape(message)
    if any(one.organisation == organisation.issuer for one in organisation.member_of):
        message = "a network is somebody else"
        raise WrongShape(message)
    check_places(organisation.location)
    check_images((organisation.logo,))
