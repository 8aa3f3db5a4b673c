"""Picture files: JPEG, PNG and WebP of strangers and of cameras, made into pictures that hold nothing but their points.

Here: what a file is by its own first bytes, and its points encoded anew. Not here: in which process that happens
(`server.picture_process`), where pictures lie. The only module that imports Pillow.
Spec: 05-documents (LF-IMG). Source: ISO 10918-1 (markers of JPEG), the PNG specification, RFC 9649 (WebP).

Dangers met here: files that are two things at once; a few bytes that unpack to gigabytes; scans by the thousand;
files that end early; where a photograph was taken. Never trusted: names, MIME types, EXIF, colour profiles.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from functools import cache
from typing import TYPE_CHECKING, Final

import msgspec

from localfed.protocol import limits
from localfed.protocol.digest import digest
from localfed.protocol.errors import BadPicture
from localfed.protocol.image import Named, Picture, picture_digest

if TYPE_CHECKING:
    from PIL import Image as Pillow

FILE_BYTES: Final = 33_554_432
"""A file that an operator publishes: the largest of today's telephones write 25 MB."""

FILE_PIXELS: Final = 64_000_000
"""Its points: of those cameras, nearly all."""

EDGE: Final = 1_600
"""The longer side of a picture that we write: a screen's width, and about 250 KB."""

ENDINGS: Final = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
"""The formats, and what a browser is told."""

_FORMATS: Final = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}
_QUALITIES: Final = (85, 70, 55)
_PNG_BYTES: Final = limits.PICTURE_BYTES // 2
"""What is larger as a PNG was a photograph."""
_SHRINK: Final = 0.75
_LEAST_EDGE: Final = 64
_GREY_16: Final = ("I", "I;16", "I;16B", "I;16L", "F")

# Segments of a JPEG that say its size: every "start of frame".
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_SCAN: Final = b"\xff\xda"
_START_OF_SCAN: Final = 0xDA
_SEGMENTS: Final = 500
_END_OF_PNG: Final = b"\x00\x00\x00\x00IEND"
_MOVES: Final = 0x02

# What Pillow and its codecs raise for files that are no pictures; warnings are errors here.
_BROKEN: Final = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,
    struct.error,
    zlib.error,
)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says it is, in its first bytes."""

    ending: str
    width: int
    height: int


def read_facts(data: bytes) -> Facts:
    """Read format and size of a picture from its first bytes; nothing is decoded.

    Raises:
        BadPicture: neither JPEG nor PNG nor WebP, or its size is not said.

    """
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg_facts(data)
        if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
            width, height = struct.unpack_from(">II", data, 16)
            return Facts(ending="png", width=width, height=height)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp_facts(data)
    except (struct.error, IndexError) as error:
        raise BadPicture("the file breaks off before it says how large it is") from error
    raise BadPicture("the file is neither a JPEG nor a PNG nor a WebP")


@cache
def load_codecs() -> None:
    """Load the codecs of the three formats, and none of the forty others."""
    from PIL import Image as Pillow
    from PIL import (  # EXIF is written like a TIFF
        ImageCms,
        ImageOps,
        JpegImagePlugin,
        MpoImagePlugin,
        PngImagePlugin,
        TiffImagePlugin,
        WebPImagePlugin,
    )

    assert all(
        (
            ImageCms,
            ImageOps,
            TiffImagePlugin,
            JpegImagePlugin,
            MpoImagePlugin,
            PngImagePlugin,
            WebPImagePlugin,
        )
    )
    Pillow.preinit()
    # Judged by us, by the first bytes, before Pillow opens anything.
    Pillow.MAX_IMAGE_PIXELS = None


def make_picture(data: bytes) -> Picture:
    """Make the picture that is published from a file of the operator: upright, smaller, without a word about its origin.

    Rules: LF-IMG-4.

    Raises:
        BadPicture: no such file, too large, broken or moving.

    """
    if len(data) > FILE_BYTES:
        raise BadPicture(f"the file has more than {FILE_BYTES} bytes")
    facts = read_facts(data)
    if not 1 <= facts.width * facts.height <= FILE_PIXELS:
        raise BadPicture(f"the picture has more than {FILE_PIXELS} points, or none")
    return _remake(data, facts, may_be_of_a_camera=True)


def copy_picture(data: bytes, named: Named) -> Picture:
    """Make our own copy of a stranger's picture, if it is the one that its document names.

    Rules: LF-IMG-4, LF-IMG-7, LF-IMG-8.

    Raises:
        BadPicture: other bytes, another format or size, broken, moving, or too much work.

    """
    if len(data) != named.bytes or digest(data) != picture_digest(named.path):
        raise BadPicture("the file is not the one that the document names")
    facts = read_facts(data)
    if not named.path.endswith("." + facts.ending):
        raise BadPicture("the picture has another format than its name says")
    if (facts.width, facts.height) != (named.width, named.height):
        raise BadPicture("the picture has another size than the document says")
    if facts.width * facts.height > limits.PICTURE_PIXELS:
        raise BadPicture("the picture has too many points")
    return _remake(data, facts, may_be_of_a_camera=False)


def _remake(data: bytes, facts: Facts, *, may_be_of_a_camera: bool) -> Picture:
    if facts.ending == "jpg" and data.count(_SCAN) > limits.PICTURE_SCANS:
        raise BadPicture("the JPEG has more scans than any real one")
    if facts.ending == "png" and _END_OF_PNG not in data:
        raise BadPicture("the picture is cut short")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            points = _decode(data, facts, may_be_of_a_camera=may_be_of_a_camera)
            return _encode(points, facts.ending)
    except _BROKEN as error:
        raise BadPicture("the picture is broken, or cut short") from error


def _decode(data: bytes, facts: Facts, *, may_be_of_a_camera: bool) -> Pillow.Image:
    """Decode into points of one of three modes, at most EDGE a side: grey, colour, colour that can be seen through."""
    load_codecs()
    from PIL import Image as Pillow
    from PIL import ImageOps

    with Pillow.open(io.BytesIO(data), formats=(_FORMATS[facts.ending],)) as picture:
        if picture.size != (facts.width, facts.height):
            raise BadPicture("the picture says its size twice, and differently")
        # Two photographs in one file (MPO) are what telephones write; the first is the photograph.
        is_one = picture.format == _FORMATS[facts.ending] or may_be_of_a_camera
        if not is_one or (facts.ending != "jpg" and getattr(picture, "n_frames", 1) != 1):
            raise BadPicture("the picture moves: only a still one can be shown")
        profile = picture.info.get("icc_profile") if may_be_of_a_camera else None
        if facts.ending == "jpg":
            # Lets the codec make it smaller while it decodes.
            picture.thumbnail((EDGE, EDGE), Pillow.Resampling.LANCZOS)
        upright = ImageOps.exif_transpose(picture) if may_be_of_a_camera else picture
        points = _plain(upright)
        points.thumbnail((EDGE, EDGE), Pillow.Resampling.LANCZOS)
        points = _in_srgb(points, profile) if profile else points
    # A new picture of the points alone: what else the file said is left behind.
    return Pillow.frombytes(points.mode, points.size, points.tobytes())


def _plain(picture: Pillow.Image) -> Pillow.Image:
    """See a picture as grey, as colour, or as colour that can be seen through."""
    if picture.mode in _GREY_16:
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in {"L", "1"} and "transparency" not in picture.info:
        return picture.convert("L")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    return seen.convert("RGB") if seen.getchannel("A").getextrema()[0] == 255 else seen  # noqa: PLR2004 - of a byte


def _in_srgb(points: Pillow.Image, profile: object) -> Pillow.Image:
    """Say the colours of a camera in those of screens; what cannot be read of its profile changes nothing."""
    from PIL import ImageCms

    if points.mode != "RGB" or not isinstance(profile, bytes):
        return points
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        changed = ImageCms.profileToProfile(points, source, target)
    except (ImageCms.PyCMSError, *_BROKEN):
        return points
    return changed if changed is not None else points


def _encode(points: Pillow.Image, ending: str) -> Picture:
    """Encode points within the limit, at the best quality that fits."""
    while True:
        for body, made in _tries(points, ending):
            if len(body) <= limits.PICTURE_BYTES:
                return Picture(body=body, ending=made, width=points.width, height=points.height)
        edge = int(max(points.size) * _SHRINK)
        if edge < _LEAST_EDGE:
            raise BadPicture("the picture cannot be made small enough")
        points.thumbnail((edge, edge))


def _tries(points: Pillow.Image, ending: str) -> list[tuple[bytes, str]]:
    """Encode in the format that suits, from better to smaller, until one fits."""
    made: list[tuple[bytes, str]] = []
    if ending == "png":
        body = _written(points, "PNG")
        if len(body) <= _PNG_BYTES:
            return [(body, "png")]
    is_jpeg = ending == "jpg" or (ending == "png" and points.mode != "RGBA")
    for quality in _QUALITIES:
        if is_jpeg:
            body = _written(points, "JPEG", quality=quality, optimize=True, progressive=True)
        else:
            body = _written(points, "WEBP", quality=quality)
        made.append((body, "jpg" if is_jpeg else "webp"))
        if len(body) <= limits.PICTURE_BYTES:
            break
    return made


def _written(points: Pillow.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    points.save(file, kind, **options)
    return file.getvalue()


def _jpeg_facts(data: bytes) -> Facts:
    """Walk the segments of a JPEG to the one that says its size."""
    at = 2
    for _ in range(_SEGMENTS):
        while data[at] == 0xFF and data[at + 1] == 0xFF:  # noqa: PLR2004 - fill bytes
            at += 1
        if data[at] != 0xFF:  # noqa: PLR2004 - every marker begins so
            break
        marker = data[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return Facts(ending="jpg", width=width, height=height)
        if marker == _START_OF_SCAN:
            break
        at += 2 if marker in _ALONE else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    raise BadPicture("the JPEG does not say how large it is")


def _webp_facts(data: bytes) -> Facts:
    """Read the size from the first chunk of a WebP: plain, lossless, or extended."""
    kind = data[12:16]
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    elif kind == b"VP8L" and data[20] == 0x2F:  # noqa: PLR2004 - its signature
        bits = struct.unpack_from("<I", data, 21)[0]
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8X":
        if data[20] & _MOVES:
            raise BadPicture("the picture moves: only a still one can be shown")
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
    else:
        raise BadPicture("the WebP does not say how large it is")
    return Facts(ending="webp", width=width, height=height)
