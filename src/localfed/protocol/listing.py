"""The listing: an offer or a need, equals in almost everything.

Spec: 05-documents (LF-LIST). Source: schema.org Offer and Demand, where the meaning is the same.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from localfed.protocol import limits
from localfed.protocol.document import Assured, is_record_path
from localfed.protocol.errors import BadTime, WrongPath, WrongShape
from localfed.protocol.forms import (
    DecimalText,
    Label,
    Labels,
    NameMap,
    Place,
    Tags,
    TextMap,
    Time,
    Url,
    check_places,
)
from localfed.protocol.image import Images, check_images
from localfed.protocol.joint import Contributors, check_contributors
from localfed.protocol.schedule import Schedule, check_schedule
from localfed.protocol.times import read_time

Form = Literal[
    "service",
    "goods",
    "space",
    "equipment",
    "skill",
    "advice",
    "volunteering",
    "data",
    "project",
]
"""What sort of thing it is."""

Basis = Literal["free", "pay", "pay-what-you-can", "exchange", "time"]
"""What is given for it: nothing, money, what one can, something else, time."""

Seeks = Literal["partners", "answers", "help"]
"""What a need asks for beyond the thing: a problem looking for partners, an open question, a call for help."""


class Cost(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One way to pay for it. In a need: one way in which who needs it could."""

    basis: Basis
    amount: DecimalText | None = None
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")] | None = None
    """ISO 4217; stands with an amount."""
    description: NameMap | None = None
    """In words: "an hour", "for members"."""


class Listing(Assured, frozen=True, kw_only=True):
    """What an offer and a need have in common, which is nearly all of it."""

    name: NameMap
    description: TextMap | None = None
    url: Url | None = None
    form: Form | None = None
    category: Labels = ()
    keywords: Labels = ()
    audience: Labels = ()
    """For whom; empty: for everybody."""
    eligibility: TextMap | None = None
    cost: Annotated[tuple[Cost, ...], Meta(max_length=limits.COSTS)] = ()
    schedule: Schedule = ()
    location: Annotated[tuple[Place, ...], Meta(max_length=limits.PLACES)] = ()
    online: bool = False
    accessibility: Labels = ()
    available_language: Tags = ()
    how_to_get: TextMap | None = None
    quantity: DecimalText | None = None
    unit: Label | None = None
    valid_from: Time | None = None
    valid_until: Time | None = None
    """The listing itself ends then, whatever `expires` says."""
    image: Images = ()


class Offer(Listing, frozen=True, kw_only=True):
    """Something that the issuer offers."""

    type: Literal["Offer"]
    contributors: Contributors = ()


class Need(Listing, frozen=True, kw_only=True):
    """Something that the issuer needs, asks or seeks partners for."""

    type: Literal["Need"]
    seeks: Seeks | None = None


def check_listing(listing: Listing, path: str) -> None:
    """Check what the form cannot say (LF-LIST-2 to LF-LIST-4, LF-COST-2, LF-JOINT-2).

    Raises:
        WrongPath: not under `d/`.
        WrongShape: a wrong place, cost, quantity, picture or contributor; parts of a recurrence that do not go together.
        BadTime: a time that does not exist; an end before the beginning.

    """
    if not is_record_path(path):
        message = "an offer or a need lies under d/"
        raise WrongPath(message)
    _check_validity(listing)
    check_places(listing.location)
    check_schedule(listing.schedule)
    check_images(listing.image)
    if isinstance(listing, Offer):
        check_contributors(listing.contributors, listing.issuer)
    for cost in listing.cost:
        _check_cost(cost)
    if listing.quantity is None:
        if listing.unit is not None:
            message = "a unit needs a quantity"
            raise WrongShape(message)
    elif listing.quantity.startswith("-"):
        message = "a quantity is not less than nothing"
        raise WrongShape(message)


def _check_validity(listing: Listing) -> None:
    begins = read_time(listing.valid_from) if listing.valid_from is not None else None
    ends = read_time(listing.valid_until) if listing.valid_until is not None else None
    if begins is not None and ends is not None and ends <= begins:
        message = "validUntil is not later than validFrom: it would end before it began"
        raise BadTime(message)


def _check_cost(cost: Cost) -> None:
    if (cost.amount is None) != (cost.currency is None):
        message = "an amount of money has a currency, and a currency an amount"
        raise WrongShape(message)
    if cost.amount is not None:
        if cost.basis not in {"pay", "pay-what-you-can"}:
            message = f"what costs {cost.basis} has no amount of money"
            raise WrongShape(message)
        if cost.amount.startswith("-"):
            message = "an amount of money is not less than nothing"
            raise WrongShape(message)
