"""Pictures: what a stranger's file can do to who decodes it, to who serves it, and to who looks at it.

The friend, who is followed, turns hostile: it signs whatever it likes, and whatever it likes lies at the path
that it names. Rules: LF-IMG.
"""

from __future__ import annotations

import io
import json
import time
import tracemalloc

import msgspec
import pytest
from PIL import Image

from attacks.frame import assert_tells_nothing, check_answer, unmoved
from attacks.lies import again, list_bytes, serve
from interop import pictures_made as made
from localfed.app import listings, picture_fetching, pictures
from localfed.app.picture_values import PictureState
from localfed.interop import picture_file
from localfed.protocol import limits
from localfed.protocol.digest import digest
from localfed.server.picture_process import PictureProcess

HALL = made.a_jpeg(640, 480)
PAGE = b"<!doctype html><script>alert(document.domain)</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
ZIP = b"PK\x03\x04" + b"\x00" * 26 + PAGE + b"PK\x05\x06" + b"\x00" * 18


def with_chunk(name: bytes, data: bytes) -> bytes:
    """A PNG with one more chunk before its points."""
    body = made.a_png()
    at = body.index(b"IDAT") - 4
    return body[:at] + made.chunk(name, data) + body[at:]


def with_segment(marker: int, data: bytes) -> bytes:
    """A JPEG with one more segment at its beginning."""
    return HALL[:2] + bytes([0xFF, marker]) + (len(data) + 2).to_bytes(2, "big") + data + HALL[2:]


def squeezed(size: int) -> bytes:
    """Zeros by the million in a few thousand bytes."""
    import zlib

    packer = zlib.compressobj(9)
    piece = b"\x00" * 1_000_000
    return b"".join(packer.compress(piece) for _ in range(size // 1_000_000)) + packer.flush()


def bomb() -> bytes:
    """A PNG of honest size whose points go on for gigabytes."""
    body = made.png_saying(64, 48)
    head, _, _ = body.partition(b"IDAT")
    data = squeezed(400_000_000)
    return head[:-4] + made.chunk(b"IDAT", data) + made.chunk(b"IEND", b"")


async def turn_hostile(victim, body, image=None, served=None, kind="Offer", **changes):
    """Let the friend list an offer that names a picture; returns the member, and what is asked for."""
    image = {**(image or made.image_of(body)), **changes}
    path = victim.ids["bread"].partition("/")[2]
    signed = again(
        victim.friend.live(victim.friend)[path].body, victim.friend.key, image=[image], revision=7
    )
    asked = serve(victim, {victim.friend.base + image["path"]: body if served is None else served})
    await list_bytes(victim.friend, path, kind, signed)
    await victim.node.sync(victim.friend)
    await pictures.follow(victim.ports)
    return image, asked


def found(victim, image):
    return victim.node.store.picture(victim.friend.did, image["path"])


async def fetch_and_look(victim, image, **options):
    """Fetch what is due; nothing but what is known of pictures may change. Returns what is known."""
    tables = {"picture", "picture_body", "standing"}
    async with unmoved(victim, may_change=tables, requests=1, **options):
        await picture_fetching.fetch_due(victim.ports)
    return found(victim, image)


# --- what is no picture ----------------------------------------------------------------------

NO_PICTURES = {
    "a-page": PAGE,
    "a-page-with-the-first-bytes-of-a-jpeg": b"\xff\xd8\xff" + PAGE,
    "a-page-with-the-first-bytes-of-a-png": b"\x89PNG\r\n\x1a\n" + PAGE,
    "a-page-with-the-first-bytes-of-a-webp": b"RIFF\x00\x00\x00\x00WEBP" + PAGE,
    "an-svg": SVG,
    "an-svg-with-a-mark": b"\xef\xbb\xbf" + SVG,
    "a-gif-that-is-a-script": b"GIF89a/*" + b"\x00" * 40 + b"*/=alert(1)",
    "a-bitmap": made.written(made.points(), "BMP"),
    "a-gif": made.written(made.points(), "GIF"),
    "a-tiff": made.written(made.points(), "TIFF"),
    "an-icon": made.written(made.points(), "ICO"),
    "postscript": made.written(made.points(), "EPS"),
    "a-pdf": made.written(made.points(), "PDF"),
    "an-archive": ZIP,
    "a-program": b"\x7fELF" + b"\x00" * 60,
    "nothing-much": b"\x00",
    "cut-in-half": HALL[: len(HALL) // 2],
    "without-its-end": made.a_png(300, 300)[:-12],
    "moving-png": made.moving("PNG"),
    "moving-webp": made.moving("WEBP"),
    "two-photographs": made.written(
        made.points(), "MPO", save_all=True, append_images=[made.points()]
    ),
    "scans-by-the-hundred": made.many_scans(200),
    "a-text-that-unpacks-to-a-gigabyte": with_chunk(
        b"zTXt", b"Comment\x00\x00" + squeezed(100_000_000)
    ),
}


@pytest.mark.parametrize("name", NO_PICTURES)
async def test_what_is_no_picture_is_never_shown_and_never_asked_for_again(victim, name):
    """LF-IMG-7: its name, its digest and its length fit."""
    body = NO_PICTURES[name]
    image, asked = await turn_hostile(victim, body)

    known = await fetch_and_look(victim, image)
    victim.federation.clock.advance(days=3)
    await picture_fetching.fetch_due(victim.ports)

    assert (known.state, known.problem) == (PictureState.REFUSED, "bad-picture")
    assert known.copy is None
    assert len(asked) == 1
    answer = await victim.get(f"/media/{image['path'][2:]}")
    check_answer(answer, "unknown-page", 404)


# --- what is a picture and something else ----------------------------------------------------

TWO_THINGS = {
    "a-page-after-it": HALL + PAGE,
    "an-archive-after-it": HALL + ZIP,
    "a-page-in-a-comment": with_segment(0xFE, PAGE),
    "a-page-in-its-exif": with_segment(0xE1, b"Exif\x00\x00" + PAGE),
    "a-page-in-its-xmp": with_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + PAGE),
    "a-page-in-its-profile": with_segment(0xE2, b"ICC_PROFILE\x00\x01\x01" + PAGE),
    "a-page-in-a-text": with_chunk(b"tEXt", b"Comment\x00" + PAGE),
    "a-page-in-a-chunk-of-its-own": with_chunk(b"scRp", PAGE),
    "a-page-after-a-png": made.a_png() + PAGE,
    "a-page-after-a-webp": made.a_webp() + PAGE,
    "a-page-in-the-xmp-of-a-webp": made.a_webp(xmp=PAGE),
    "where-it-was-taken": made.a_jpeg(exif=made.camera_exif()),
}


@pytest.mark.parametrize("name", TWO_THINGS)
async def test_what_is_shown_are_points_and_nothing_else(victim, name):
    """LF-IMG-8: whatever else a file is, our copy is not."""
    body = TWO_THINGS[name]
    image, _ = await turn_hostile(victim, body)

    known = await fetch_and_look(victim, image)

    assert known.state is PictureState.HELD
    answer = await victim.get(f"/media/{known.copy}")
    copy = answer.body
    assert answer.status == 200
    assert copy.startswith(body[:3])
    assert known.copy.startswith(digest(copy))
    for trace in (b"script", b"alert", b"PK\x03\x04", b"Maker", b"Exif", b"ICC_PROFILE"):
        assert trace not in copy
    assert answer.fields["x-content-type-options"] == "nosniff"
    assert answer.fields["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.fields["content-type"].startswith("image/")


# --- other bytes than named ------------------------------------------------------------------


@pytest.mark.parametrize(
    "served",
    [PAGE, HALL[:-1], HALL + b"\x00", HALL[:-1] + b"\x00", made.a_jpeg(641, 480), b""],
    ids=["a-page", "less", "more", "a-byte", "another", "nothing"],
)
async def test_other_bytes_than_named_are_not_decoded(victim, served, monkeypatch):
    """LF-IMG-7: they may be on their way, so they are asked for again, later."""
    image, _ = await turn_hostile(victim, HALL, served=served)
    monkeypatch.setattr(picture_file, "copy_picture", None)  # whoever decodes them fails

    known = await fetch_and_look(victim, image)

    assert known.state is PictureState.WANTED
    assert known.problem in {"wrong-digest", "unexpected-answer"}
    assert known.next_try > "2026-05-01T09:20"


@pytest.mark.parametrize(
    "lie", [{"width": 641}, {"height": 1}, {"width": 4096, "height": 1024}, {"bytes": 524_288}]
)
async def test_a_document_that_lies_about_its_picture_shows_none(victim, lie):
    """LF-IMG-7."""
    image, _ = await turn_hostile(victim, HALL, **lie)

    known = await fetch_and_look(victim, image)

    assert (known.state, known.copy) == (PictureState.REFUSED, None)


@pytest.mark.parametrize("ending", ["png", "webp"])
async def test_a_picture_of_another_format_than_its_name_is_refused(victim, ending):
    """LF-IMG-7."""
    image, _ = await turn_hostile(victim, HALL, made.image_of(HALL, ending))

    assert (await fetch_and_look(victim, image)).state is PictureState.REFUSED


PATHS = [
    "m/../head.json",
    "m/%2e%2e/head.json",
    "../m/x.jpg",
    "//elsewhere.example/m/x.jpg",
    "https://elsewhere.example/x.jpg",
    "m/{name}.jpg?to=elsewhere",
    "m/{name}.jpg#x",
    "m/{name}.jpg/../../head.json",
    "m/{name}.svg",
    "m\\{name}.jpg",
    "file:///etc/passwd",
    "org.json",
    "mirror/{name}.jpg",
]


@pytest.mark.parametrize("path", PATHS)
async def test_a_picture_leads_nowhere_but_to_itself(victim, path):
    """LF-IMG-1, LF-IMG-2: such a document is none, and nobody asks for anything."""
    path = path.format(name=digest(HALL))
    before = len(victim.network.requests)
    await turn_hostile(victim, HALL, path=path)
    await picture_fetching.fetch_due(victim.ports)

    asked = victim.network.requests[before:]
    document = victim.node.store.document(*victim.ids["bread"].split("/", 1))
    assert document.problem == "wrong-shape"
    assert [url for url in asked if "/m/" in url or "elsewhere" in url] == []
    check_answer(await victim.get("/" + victim.ids["bread"].partition("/")[2]), status=404)


# --- what it costs ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        made.png_saying(60_000, 60_000),
        made.jpeg_saying(65_000, 65_000),
        made.webp_saying(16_000, 16_000),
        bomb(),
    ],
    ids=["a-png", "a-jpeg", "a-webp", "points-without-end"],
)
async def test_a_file_that_unpacks_to_gigabytes_costs_little(victim, body):
    """LF-IMG-7: in the real process, whose memory is bounded; and here nothing grows."""
    assert len(body) <= limits.PICTURE_BYTES
    image, _ = await turn_hostile(
        victim, body, made.image_of(HALL) | made.image_of(body), width=64, height=48
    )
    ports = msgspec.structs.replace(victim.ports, pictures=PictureProcess())
    tracemalloc.start()
    began = time.perf_counter()

    await picture_fetching.fetch_due(ports)

    assert time.perf_counter() - began < 10
    assert tracemalloc.get_traced_memory()[1] < 64 * 1024 * 1024
    tracemalloc.stop()
    assert found(victim, image).copy is None or body == bomb()


async def test_a_thousand_pictures_of_one_publisher_are_not_asked_for_at_once(victim):
    """LF-IMG-6: each round some, and others have their turn."""
    bodies = {}
    for number in range(40):
        rows = [made.image_of(b"%d of %d" % (one, number)) for one in range(5)]
        draft = {"type": "Offer", "name": f"Offer {number}"}
        path = (await victim.friend.publish(draft)).partition("/")[2]
        own = victim.friend.live(victim.friend)[path].body
        bodies[path] = again(own, victim.friend.key, image=rows)
    for path, body in bodies.items():
        await list_bytes(victim.friend, path, "Offer", body)
    await victim.node.sync(victim.friend)
    await pictures.follow(victim.ports)
    before = len(victim.network.requests)

    await picture_fetching.fetch_due(victim.ports)

    assert 0 < len(victim.network.requests) - before <= 4


# --- whose pictures --------------------------------------------------------------------------


async def test_nobody_takes_down_the_picture_of_another_by_naming_it(victim):
    """LF-IMG-9: copies are each publisher's, though their bytes are the same."""
    offer = {"type": "Offer", "name": "A hall", "image": [{"file": "x", "alt": "A hall"}]}
    published = await listings.publish_draft(
        victim.other.ports,
        victim.other.did,
        msgspec.json.encode(offer),
        language="en",
        load=lambda _: HALL,
    )
    await victim.node.sync(victim.other)
    await pictures.follow(victim.ports)
    await picture_fetching.fetch_due(victim.ports)
    did, _, path = published.id.partition("/")
    image = json.loads(victim.node.store.document(did, path).body)["image"][0]
    body = victim.other.file("/" + image["path"])
    await turn_hostile(victim, body, image)
    await picture_fetching.fetch_due(victim.ports)
    copy = victim.node.store.picture(did, image["path"]).copy

    await victim.friend.withdraw(victim.ids["bread"])
    await victim.node.sync(victim.friend)
    await pictures.follow(victim.ports)

    assert found(victim, image) is None
    answer = await victim.get(f"/media/{copy}")
    assert Image.open(io.BytesIO(answer.body)).size == (640, 480)


@pytest.mark.parametrize(
    "target",
    [
        "/media/../node.sqlite3",
        "/media/..%2f..%2fnode.sqlite3",
        "/media/%2e%2e/keys",
        "/media//etc/passwd",
        "/media/" + "A" * 5000,
        "/media/%00",
        "/media/zQm%0d%0aSet-Cookie:x.jpg",
        "/media/{name}.jpg%00.html",
        "/media/{name}.jpg;x",
        "/m/..%2forg.json",
        "/m/%2e%2e/%2e%2e/keys",
        "/m/{name}.jpg",
    ],
)
async def test_where_pictures_lie_nothing_else_is_found(victim, target):
    """LF-IMG-8."""
    async with unmoved(victim, requests=0):
        answer = await victim.get(target.format(name=digest(HALL)))

    assert 400 <= answer.status < 500
    assert "set-cookie" not in answer.fields
    assert_tells_nothing(answer.body.decode())


async def test_a_page_with_hostile_words_about_a_picture_stays_a_page(victim):
    """LF-IMG-8."""
    words = "\"><script>alert(1)</script><img src=x onerror='alert(1)'>"
    image, _ = await turn_hostile(victim, HALL, alt={"en": words})
    await picture_fetching.fetch_due(victim.ports)
    scid, path = victim.friend.did.split(":")[2], victim.ids["bread"].partition("/")[2]

    page = (await victim.get(f"/documents/{scid}/{path.removesuffix('.json')}")).body.decode()

    assert found(victim, image).copy in page
    # Data for search engines stands in a block of its own, which is no script.
    assert "<script" not in page.replace('<script type="application/ld+json">', "")
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page
