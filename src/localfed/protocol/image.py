"""The image: how a document names a picture that lies beside it, and says what it shows.

Here: the member, what it must be in itself, and pictures as values. Not here: making and reading their bytes
(`interop.picture_file`).
Spec: 05-documents (LF-IMG).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from localfed.protocol import limits
from localfed.protocol.digest import digest
from localfed.protocol.errors import WrongShape
from localfed.protocol.forms import Digest, NameMap

Pixels = Annotated[int, Meta(ge=1, le=limits.PICTURE_EDGE)]
"""Width or height."""

PICTURE_PATH: Final = re.compile(r"m/(zQm[1-9A-HJ-NP-Za-km-z]{44})\.(jpg|png|webp)")
"""Where a picture lies under BASE: its digest, and what format it has."""


class Image(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A picture that a document shows: where it lies, what exactly it is, what is to be seen.

    Rules: LF-IMG-1.
    """

    path: Annotated[str, Meta(pattern=rf"^{PICTURE_PATH.pattern}\Z")]
    digest: Digest
    bytes: Annotated[int, Meta(ge=1, le=limits.PICTURE_BYTES)]
    width: Pixels
    height: Pixels
    alt: NameMap
    """What is to be seen, for those who do not see it."""


Images = Annotated[tuple[Image, ...], Meta(max_length=limits.PICTURES)]
"""The pictures of an offer or a need, the most telling first."""


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that we encoded: its bytes, and what they are."""

    body: bytes
    ending: str
    width: int
    height: int

    @property
    def path(self) -> str:
        """Where it lies, if it is published."""
        return picture_path(digest(self.body), self.ending)

    @property
    def name(self) -> str:
        """What it is called where it is shown."""
        return self.path.removeprefix("m/")


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What a document says of a picture, as far as it can be compared with the bytes."""

    path: str
    bytes: int
    width: int
    height: int


def check_images(images: Sequence[Image | None]) -> None:
    """Check what the form cannot say of pictures (LF-IMG-2, LF-IMG-3).

    Raises:
        WrongShape: a path of another digest, too many points, or one picture twice.

    """
    for image in images:
        if image is None:
            continue
        if picture_digest(image.path) != image.digest:
            message = "the path of a picture names its digest"
            raise WrongShape(message)
        if image.width * image.height > limits.PICTURE_PIXELS:
            message = f"a picture has at most {limits.PICTURE_PIXELS} points"
            raise WrongShape(message)
    paths = [image.path for image in images if image is not None]
    if len(set(paths)) != len(paths):
        message = "a picture is shown once"
        raise WrongShape(message)


def picture_path(name: str, ending: str) -> str:
    """Say where a picture lies; `ending` is `jpg`, `png` or `webp`."""
    return f"m/{name}.{ending}"


def picture_digest(path: str) -> str | None:
    """Return the digest that the path of a picture names; None where it is no such path."""
    match = PICTURE_PATH.fullmatch(path)
    return match[1] if match else None
