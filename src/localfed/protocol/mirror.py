"""The mirror: the one file of its own that a mirror has, its clock.

Here: writing and reading `mirror/clock.json`. Not here: which files a mirror serves and where a reader
looks (`app.mirrors`). Spec: 08-following (LF-MIRROR-2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from localfed.protocol import limits
from localfed.protocol.canonical import encode_plain, parse_loose
from localfed.protocol.errors import NotCanonical, TooLarge, WrongShape
from localfed.protocol.forms import Number

FOLDER: Final = "mirror/"
CLOCK: Final = "clock.json"

_Scid = Annotated[str, Meta(pattern=r"^[1-9A-HJ-NP-Za-km-z]{46}\Z")]


def write_clock(clock: Mapping[str, int]) -> bytes:
    """Write the clock of a mirror: SCID to seq."""
    return encode_plain(dict(clock))


def read_clock(data: bytes) -> dict[str, int]:
    """Read the clock of a mirror.

    Raises:
        TooLarge, NotUtf8, NotJson: by name.
        WrongShape: not SCIDs and numbers.
        NotCanonical: in another spelling, a SCID there twice among them.

    """
    if len(data) > limits.FETCH_BYTES:
        message = f"{len(data)} bytes, where {limits.FETCH_BYTES} are allowed"
        raise TooLarge(message)
    # Flat, and of nothing but SCIDs and numbers: thousands of members do no harm here.
    try:
        clock = msgspec.convert(parse_loose(data), dict[_Scid, Number])
    except msgspec.ValidationError as error:
        message = f"not the clock of a mirror: {error}"
        raise WrongShape(message) from error
    if write_clock(clock) != data:
        message = "the bytes are not the canonical form of what they say"
        raise NotCanonical(message)
    return clock
