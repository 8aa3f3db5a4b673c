"""Picture files: what comes out are points and nothing else, whatever went in."""

from __future__ import annotations

import io
import time

import msgspec
import pytest
from PIL import Image, ImageCms

from interop import pictures_made as made
from localfed.interop import picture_file
from localfed.interop.picture_file import copy_picture, make_picture, read_facts
from localfed.protocol import limits
from localfed.protocol.errors import BadPicture
from localfed.protocol.image import Named

MODES = [
    ("L", "PNG"),
    ("1", "PNG"),
    ("P", "PNG"),
    ("LA", "PNG"),
    ("RGBA", "PNG"),
    ("I;16", "PNG"),
    ("CMYK", "JPEG"),
    ("L", "JPEG"),
    ("RGBA", "WEBP"),
]


def opened(picture):
    return Image.open(io.BytesIO(picture.body))


def named(body, ending=None, **changes):
    return msgspec.convert(made.image_of(body, ending, **changes), Named)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(1, 1), (64, 48), (3000, 20), (2000, 1500)])
def test_a_picture_is_made_again_and_fits(kind, size):
    """LF-IMG-4: what we publish passes every check of ours on what others publish."""
    body = made.written(made.points(*size), kind)

    picture = make_picture(body)

    assert max(picture.width, picture.height) <= picture_file.EDGE
    assert len(picture.body) <= limits.PICTURE_BYTES
    assert opened(picture).size == (picture.width, picture.height)
    facts = read_facts(picture.body)
    assert (facts.ending, facts.width, facts.height) == (
        picture.ending,
        picture.width,
        picture.height,
    )
    copy = copy_picture(picture.body, named(picture.body))
    assert (copy.width, copy.height) == (picture.width, picture.height)


@pytest.mark.parametrize("mode, kind", MODES)
def test_every_mode_of_a_format_is_read(mode, kind):
    if mode == "I;16":
        source = Image.new("I;16", (64, 48), 40_000)
    else:
        source = (
            made.points(mode="RGBA").convert(mode) if mode != "CMYK" else made.points(mode=mode)
        )

    picture = make_picture(made.written(source, kind))

    assert opened(picture).size == (64, 48)
    if mode == "I;16":
        assert opened(picture).convert("L").getpixel((5, 5)) == 156


def test_what_can_be_seen_through_stays_so():
    source = made.points(mode="RGBA")
    source.putalpha(Image.linear_gradient("L").resize(source.size))

    for kind in ("PNG", "WEBP"):
        assert opened(make_picture(made.written(source, kind))).mode == "RGBA"
    assert opened(make_picture(made.a_png(mode="RGBA"))).mode == "RGB"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_turned_upright_and_says_no_more_where_it_was_taken(orientation):
    """LF-IMG-4: EXIF holds where somebody lives."""
    body = made.a_jpeg(1000, 800, exif=made.camera_exif(orientation), quality=95)
    assert b"Maker" in body

    picture = make_picture(body)

    is_turned = orientation >= 5
    assert (picture.width, picture.height) == ((800, 1000) if is_turned else (1000, 800))
    assert b"Maker" not in picture.body
    assert not opened(picture).getexif()
    # What was seen at the top left by whoever held the camera is there still.
    upright = made.points(1000, 800).getpixel((20, 20))
    corner = {1: (20, 20), 2: (-20, 20), 3: (-20, -20), 4: (20, -20)}
    corner |= {5: (20, 20), 6: (-20, 20), 7: (-20, -20), 8: (20, -20)}
    x, y = corner[orientation]
    seen = opened(picture).getpixel((x % picture.width, y % picture.height))
    assert all(abs(one - other) < 30 for one, other in zip(seen, upright, strict=True))


@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_nothing_but_points_is_left(ending):
    """LF-IMG-4, LF-IMG-8."""
    body = made.with_texts()[ending]
    assert b"Secret" in body

    for picture in (make_picture(body), copy_picture(body, named(body))):
        assert b"Secret" not in picture.body
        assert b"Maker" not in picture.body
        info = opened(picture).info
        assert not {"exif", "icc_profile", "comment", "xmp", "Comment", "dpi"} & info.keys()


def test_colours_of_a_camera_become_those_of_screens():
    """LF-IMG-4: a profile is applied, and gone."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    odd = made.a_jpeg(icc_profile=profile)
    srgb = made.a_jpeg(
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    )

    for body in (odd, srgb, made.a_jpeg(icc_profile=b"no profile at all")):
        assert "icc_profile" not in opened(make_picture(body)).info


def test_a_picture_that_no_format_makes_small_is_made_smaller():
    picture = make_picture(made.written(made.noise(1600, 1600), "PNG"))

    assert len(picture.body) <= limits.PICTURE_BYTES
    assert picture.width == picture.height < 1600


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_picture_that_moves_is_refused(kind):
    """LF-IMG-4, LF-IMG-7."""
    body = made.moving(kind)

    with pytest.raises(BadPicture, match="moves"):
        make_picture(body)
    with pytest.raises(BadPicture, match="moves"):
        copy_picture(body, named(body))


def test_two_photographs_in_one_file_are_the_first_of_them():
    """What many telephones write; from others it is refused."""
    body = made.written(made.points(), "MPO", save_all=True, append_images=[made.points(32, 24)])

    assert (make_picture(body).width, make_picture(body).height) == (64, 48)
    with pytest.raises(BadPicture):
        copy_picture(body, named(body))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_is_cut_short_is_refused(kind):
    """LF-IMG-7."""
    body = made.written(made.points(400, 300), kind)

    for share in (0.02, 0.2, 0.5, 0.9, 0.99):
        part = body[: int(len(body) * share)]
        with pytest.raises(BadPicture):
            make_picture(part)
        with pytest.raises(BadPicture):
            copy_picture(part, named(part, {"JPEG": "jpg"}.get(kind, kind.lower())))


@pytest.mark.parametrize(
    "body",
    [
        made.png_saying(30_000, 30_000),
        made.png_saying(2**31 - 1, 2**31 - 1),
        made.png_saying(0, 5),
        made.jpeg_saying(65_500, 65_500),
        made.webp_saying(16_000_000, 16_000_000),
    ],
    ids=["png", "png-of-all-points", "png-of-none", "jpeg", "webp"],
)
def test_what_would_unpack_to_gigabytes_is_refused_before_it_is_opened(body):
    """LF-IMG-7."""
    began = time.perf_counter()

    with pytest.raises(BadPicture):
        make_picture(body)

    assert time.perf_counter() - began < 1


def test_scans_by_the_thousand_are_refused_before_they_are_decoded():
    """LF-IMG-4, LF-IMG-7: half a megabyte that would take a minute."""
    body = made.many_scans(100)
    size = len(body)
    assert size <= limits.PICTURE_BYTES
    began = time.perf_counter()

    with pytest.raises(BadPicture, match="scans"):
        copy_picture(body, named(body))

    assert time.perf_counter() - began < 1
    copy_picture(made.many_scans(0), named(made.many_scans(0)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff" + b"\xff" * 5000,
        b"\xff\xd8" + b"\xff\xe0\x00\x00" * 1000,
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x10\x00\x00\x00WEBPVP8 ",
        b"RIFF\x10\x00\x00\x00WEBPICCP" + b"\x00" * 100,
        b"GIF89a" + b"\x00" * 100,
        b"BM" + b"\x00" * 100,
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"<!doctype html><script>alert(1)</script>",
        b"\x00\x00\x00\x1cftypavif",
    ],
)
def test_nothing_else_is_a_picture(body):
    """LF-IMG-7: not what other formats, documents and pages begin with."""
    with pytest.raises(BadPicture):
        make_picture(body)


def test_a_stranger_gets_exactly_what_was_named():
    """LF-IMG-7."""
    body = made.a_png(400, 300)
    copy_picture(body, named(body))

    for wrong in (
        named(body, width=401),
        named(body, height=1),
        named(body, bytes=len(body) + 1),
        named(body, "jpg"),
        named(body, "webp"),
        named(body + b"\x00"),
    ):
        with pytest.raises(BadPicture):
            copy_picture(body, wrong)
