"""The forms that member values take: names, texts, URLs, decimals, places, sources.

Here: annotated types that msgspec checks, and the small objects that several documents hold.
Not here: characters forbidden everywhere (`canonical`). Spec: 05-documents (LF-FORM).
"""

from __future__ import annotations

import re
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from localfed.protocol import limits
from localfed.protocol.errors import WrongShape

# What ends a line, and what nobody sees: two names that look alike are alike, but for their letters.
# Variation selectors and tags stay: emoji, flags and ideographs of names need them.
_NO_INVISIBLE: Final = (
    r"^[^\n\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2060-\u206f\u3164\ufeff\uffa0]+\Z"
)
_TAG: Final = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}\Z|^und\Z"
# No white space, quotes, controls, backslash or user name; ASCII, so that one spelling is one URL.
_URL: Final = r"^https?://[A-Za-z0-9.\-:\[\]]+([/?#][!#-;=?-\[\]_a-z~]*)?\Z"

Label = Annotated[str, Meta(max_length=limits.NAME_CHARACTERS, pattern=_NO_INVISIBLE)]
"""One line in no particular language: a category, a legal form, a number in a register."""

Language = Annotated[str, Meta(max_length=35, pattern=_TAG)]
"""A BCP 47 language tag; `und` where it is not known."""

Url = Annotated[str, Meta(max_length=limits.URL_CHARACTERS, pattern=_URL)]
"""An http or https URL in ASCII, without user name."""

Text = Annotated[str, Meta(min_length=1, max_length=limits.TEXT_CHARACTERS)]
"""A text in one language; line feeds allowed."""

NameMap = Annotated[dict[Language, Label], Meta(min_length=1, max_length=limits.LANGUAGES)]
"""A name, by language."""

TextMap = Annotated[dict[Language, Text], Meta(min_length=1, max_length=limits.LANGUAGES)]
"""A text, by language."""

Tags = Annotated[tuple[Language, ...], Meta(max_length=limits.CATEGORIES)]
"""Languages that are spoken."""

Labels = Annotated[tuple[Label, ...], Meta(max_length=limits.CATEGORIES)]
"""Codes of the vocabulary (`interop.vocabulary`) or plain words (LF-VOC-1)."""

DecimalText = Annotated[str, Meta(pattern=r"^-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,6})?\Z")]
"""A decimal number written as a string; `-0` in any form is refused (LF-BYTES-6)."""

Time = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")]
"""A moment, `YYYY-MM-DDTHH:MM:SSZ`; `times.read_time` checks that it exists."""

Digest = Annotated[str, Meta(pattern=r"^zQm[1-9A-HJ-NP-Za-km-z]{44}\Z")]
"""A digest in form; `digest.read_digest` checks that it is one of SHA-256."""

Number = Annotated[int, Meta(ge=0, le=limits.INTEGER)]
"""A sequence number or revision."""

Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")]
"""ISO 3166-1 alpha-2."""

_DID: Final = (
    r"did:webvh:[1-9A-HJ-NP-Za-km-z]{46}:[a-z0-9.-]+(%3A[1-9][0-9]{1,4})?(:[A-Za-z0-9._-]+)*"
)

_PATH: Final = (
    r"(?=.{1,200}\Z)(?!head\.json\Z|feed/|snapshot/|mirror/|messages/|m/|api/)"
    r"[a-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*){0,3}\.json"
)

DidText = Annotated[str, Meta(max_length=limits.DID_CHARACTERS, pattern=rf"^{_DID}\Z")]
"""The first DID of an organisation; `did.parse_did` checks it whole."""

DocumentId = Annotated[
    str,
    Meta(
        max_length=limits.DID_CHARACTERS + 201,
        pattern=rf"^{_DID}/{_PATH}\Z",
    ),
]
"""The id of a document: a first DID, a slash, a path."""


class Address(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A postal address, in the words of schema.org."""

    street_address: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    address_locality: Label | None = None
    address_region: Label | None = None
    postal_code: Label | None = None
    address_country: Country | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Where something is: an address, a point, a deliberately vague circle, a named area."""

    name: NameMap | None = None
    address: Address | None = None
    latitude: DecimalText | None = None
    longitude: DecimalText | None = None
    radius: Annotated[int, Meta(ge=limits.VAGUE_METRES_MIN, le=limits.VAGUE_METRES_MAX)] | None = (
        None
    )
    """Metres; makes the point the middle of a vague circle, on a grid of 0.01 degrees."""
    reach: Annotated[int, Meta(ge=limits.REACH_METRES_MIN, le=limits.VAGUE_METRES_MAX)] | None = (
        None
    )
    """Metres around the point that are served: who offers something there comes so far."""


class Identifier(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A number in a register; `scheme` is a code of org-id.guide, such as `GB-COH`."""

    scheme: Annotated[str, Meta(pattern=r"^[A-Z0-9]{2,10}(-[A-Za-z0-9_]{1,30}){1,3}\Z")]
    number: Label


class Source(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Where a listed record was taken from."""

    name: Label
    url: Url | None = None
    edition: Label | None = None
    license: Label | None = None
    record: Label | None = None
    """The record's own identifier there."""


_GRID = re.compile(r"-?[0-9]+(\.[0-9]{1,2})?")


def check_places(places: tuple[Place, ...]) -> None:
    """Check what a pattern cannot say of places: LF-FORM-6 to LF-FORM-9.

    Raises:
        WrongShape: half a point, a point off the Earth, a vague place that is too exact, no content.

    """
    for place in places:
        if place.address is not None and place.address == Address():
            message = "an address says something"
            raise WrongShape(message)
        if (place.latitude is None) != (place.longitude is None):
            message = "a point needs both latitude and longitude"
            raise WrongShape(message)
        if place.latitude is None or place.longitude is None:
            if place.radius is not None or place.reach is not None:
                message = "a radius and a reach need a point"
                raise WrongShape(message)
            if place.name is None and place.address is None:
                message = "a place needs a name, an address or a point"
                raise WrongShape(message)
            continue
        check_point(place.latitude, place.longitude)
        if place.radius is not None and not (
            _GRID.fullmatch(place.latitude) and _GRID.fullmatch(place.longitude)
        ):
            message = "a vague place lies on the grid of 0.01 degrees"
            raise WrongShape(message)


def check_point(latitude: str, longitude: str) -> None:
    """Check that a point is on the Earth and written without `-0` (LF-FORM-7)."""
    # Ten digits and six places at most (DecimalText): floats tell these apart.
    north, east = float(latitude), float(longitude)
    if not -90 <= north <= 90 or (not north and latitude[0] == "-"):  # noqa: PLR2004
        message = f"{latitude} is not a latitude"
        raise WrongShape(message)
    if not -180 <= east <= 180 or (not east and longitude[0] == "-"):  # noqa: PLR2004
        message = f"{longitude} is not a longitude"
        raise WrongShape(message)
