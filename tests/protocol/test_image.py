"""Pictures, as documents name them."""

from __future__ import annotations

import msgspec
import pytest

from localfed.protocol import limits
from localfed.protocol.digest import digest
from localfed.protocol.errors import WrongShape
from localfed.protocol.image import Image, check_images, picture_digest, picture_path

NAME = digest(b"a picture")


def an_image(**changes):
    value = {
        "path": f"m/{NAME}.jpg",
        "digest": NAME,
        "bytes": 48_213,
        "width": 1200,
        "height": 800,
        "alt": {"en": "A box of leeks"},
        **changes,
    }
    return msgspec.convert({k: v for k, v in value.items() if v is not None}, Image)


@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_a_picture_lies_at_its_digest(ending):
    """LF-IMG-1, LF-IMG-2."""
    path = picture_path(NAME, ending)

    assert picture_digest(path) == NAME
    check_images([an_image(path=path), None])


@pytest.mark.parametrize("name", ["path", "digest", "bytes", "width", "height", "alt"])
def test_every_member_of_an_image_is_required(name):
    """LF-IMG-1: a picture without a description is none."""
    with pytest.raises(msgspec.ValidationError):
        an_image(**{name: None})


@pytest.mark.parametrize(
    "path",
    [
        f"m/{NAME}.svg",
        f"m/{NAME}.JPG",
        f"m/{NAME}.jpg\n",
        f"m/../{NAME}.jpg",
        f"/m/{NAME}.jpg",
        f"m/{NAME}.jpg?x",
        f"m/{NAME}.html.jpg",
        f"https://elsewhere.example/m/{NAME}.jpg",
        "m/hall.jpg",
    ],
)
def test_a_picture_lies_nowhere_else(path):
    """LF-IMG-1."""
    assert picture_digest(path) is None
    with pytest.raises(msgspec.ValidationError):
        an_image(path=path)


def test_the_path_and_the_digest_name_the_same_bytes():
    """LF-IMG-2."""
    with pytest.raises(WrongShape):
        check_images([an_image(digest=digest(b"another"))])


def test_a_picture_has_at_most_four_million_points():
    """LF-IMG-3."""
    check_images([an_image(width=2048, height=limits.PICTURE_PIXELS // 2048)])

    with pytest.raises(WrongShape):
        check_images([an_image(width=2048, height=limits.PICTURE_PIXELS // 2048 + 1)])


def test_a_picture_is_named_once():
    """LF-IMG-3."""
    with pytest.raises(WrongShape):
        check_images([an_image(), an_image(alt={"en": "The same again"})])
