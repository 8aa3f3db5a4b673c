"""Picture files for tests: of cameras, of people who drew something, and of those who mean harm.

Everything is made here, from points that are computed; no file lies in the repository.
"""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image, PngImagePlugin

from localfed.interop.picture_file import read_facts
from localfed.protocol.digest import digest

ENDINGS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}


def points(width=64, height=48, mode="RGB"):
    """A picture whose left half is darker and whose top is bluer, so that turning it is seen."""
    picture = Image.linear_gradient("L").resize((width, height))
    across = picture.rotate(90).resize((width, height))
    colour = Image.merge("RGB", (across, across, picture.point(lambda value: 255 - value)))
    return colour.convert(mode)


def written(picture, kind="JPEG", **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def a_jpeg(width=64, height=48, **options):
    return written(points(width, height), "JPEG", **options)


def a_png(width=64, height=48, mode="RGB", **options):
    return written(points(width, height, mode), "PNG", **options)


def a_webp(width=64, height=48, **options):
    return written(points(width, height), "WEBP", **options)


def noise(width, height):
    """Points that no format makes smaller."""
    return Image.effect_noise((width, height), 120).convert("RGB")


def camera_exif(orientation=1):
    """What a telephone writes into a photograph: its maker, how it was held, and where it was."""
    exif = Image.Exif()
    exif[0x010F] = "Maker of cameras"
    exif[0x0112] = orientation
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", (55.0, 57.0, 1.0)
    place[3], place[4] = "W", (3.0, 11.0, 2.0)
    return exif


def with_texts():
    """A PNG with a comment, and a WebP and a JPEG with records of their own."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "12 Secret Lane")
    info.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>12 Secret Lane</x:xmpmeta>")
    return {
        "png": a_png(pnginfo=info),
        "webp": a_webp(xmp=b"<x>12 Secret Lane</x>", exif=camera_exif()),
        "jpg": a_jpeg(comment=b"12 Secret Lane", exif=camera_exif()),
    }


def moving(kind):
    """Two pictures that take turns."""
    first, second = points(), points().rotate(180)
    return written(first, kind, save_all=True, append_images=[second], duration=100)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_saying(width, height, *, scanlines=b"", depth=8, colour=2):
    """A PNG that says that it is so large, whatever follows."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = zlib.compress(scanlines, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def jpeg_saying(width, height):
    """A JPEG whose frame says that it is so large."""
    data = bytearray(a_jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def webp_saying(width, height):
    """An extended WebP whose canvas is so large, round a small picture."""
    inner = a_webp()[12:]
    head = (
        struct.pack("<I", 0)
        + (width - 1).to_bytes(3, "little")
        + (height - 1).to_bytes(3, "little")
    )
    body = b"WEBPVP8X" + struct.pack("<I", 10) + head + inner
    return b"RIFF" + struct.pack("<I", len(body)) + body


def many_scans(count):
    """A progressive JPEG whose last scan is there again and again."""
    data = a_jpeg(400, 300, progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * count + b"\xff\xd9"


def image_of(body, ending=None, **changes):
    """The member that names these bytes."""
    name = digest(body)
    try:
        facts = read_facts(body)
        said = {"width": facts.width, "height": facts.height}
        ending = ending or facts.ending
    except Exception:  # noqa: BLE001 - it is no picture, which is what some tests want
        said = {"width": 64, "height": 48}
        ending = ending or "jpg"
    return {
        "path": f"m/{name}.{ending}",
        "digest": name,
        "bytes": len(body),
        **said,
        "alt": {"en": "A hall with its stage", "cy": "Neuadd"},
        **changes,
    }
