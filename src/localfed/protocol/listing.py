"""The listing: an offer or a need, equals in everything.

Spec: 05-documents (LF-LIST). Source: schema.org Offer and Demand, where the meaning is the same.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from localfed.protocol import limits
from localfed.protocol.document import Assured, is_record_path
from localfed.protocol.errors import WrongPath
from localfed.protocol.forms import Label, NameMap, Place, TextMap, Time, Url, check_places
from localfed.protocol.times import read_time


class Listing(Assured, frozen=True, kw_only=True):
    """What an offer and a need have in common, which is all of it."""

    name: NameMap
    description: TextMap | None = None
    url: Url | None = None
    category: Annotated[tuple[Label, ...], Meta(max_length=limits.CATEGORIES)] = ()
    keywords: Annotated[tuple[Label, ...], Meta(max_length=limits.CATEGORIES)] = ()
    location: Annotated[tuple[Place, ...], Meta(max_length=limits.PLACES)] = ()
    online: bool = False
    valid_until: Time | None = None
    """The listing itself ends then, whatever `expires` says."""


class Offer(Listing, frozen=True, kw_only=True):
    """Something that the issuer offers."""

    type: Literal["Offer"]


class Need(Listing, frozen=True, kw_only=True):
    """Something that the issuer needs, asks or seeks partners for."""

    type: Literal["Need"]


def check_listing(listing: Listing, path: str) -> None:
    """Check what the form cannot say (LF-LIST-2, LF-LIST-3).

    Raises:
        WrongPath: not under `d/`.
        WrongShape, BadTime: a wrong place; an end that does not exist.

    """
    if not is_record_path(path):
        message = "an offer or a need lies under d/"
        raise WrongPath(message)
    if listing.valid_until is not None:
        read_time(listing.valid_until)
    check_places(listing.location)
