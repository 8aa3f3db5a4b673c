"""Pictures between nodes: published without a word too many, copied when they are shown, gone with their document."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from itertools import pairwise

import msgspec
import pytest
from PIL import Image

from interop import pictures_made as made
from localfed.app import follows, listings, moderation, picture_fetching, pictures, tidying
from localfed.app.picture_values import PictureState
from localfed.app.values import BlockKind
from localfed.protocol import limits
from localfed.protocol.canonical import parse_object
from localfed.protocol.digest import digest
from localfed.protocol.errors import BadDraft, BadPicture, WrongShape

HALL = made.a_jpeg(900, 600, exif=made.camera_exif(6), quality=95)
FILES = {"hall.jpg": HALL, "stage.png": made.a_png(320, 200), "sign.webp": made.a_webp(200, 100)}


def load(name):
    return FILES[name]


async def publish(node, *names, **members):
    """Publish an offer with pictures; returns its id."""
    images = [{"file": name, "alt": f"What {name} shows"} for name in names]
    draft = {"type": "Offer", "name": "A hall", "image": images, **members}
    data = msgspec.json.encode(draft)
    return (await listings.publish_draft(node.ports, node.did, data, language="en", load=load)).id


def document_of(node, document_id):
    did, _, path = document_id.partition("/")
    return node.store.document(did, path)


def images_of(node, document_id):
    return json.loads(document_of(node, document_id).body)["image"]


async def look(reader):
    """What the worker of a reader does: sees what is named, and asks for what is due."""
    await pictures.follow(reader.ports)
    return await picture_fetching.fetch_due(reader.ports)


async def a_reader(federation, grocer, name="reader"):
    reader = await federation.node(name)
    await reader.follow(grocer)
    await reader.sync(grocer)
    return reader


def asked(federation, node):
    return [url for url in federation.network.requests if url.startswith(f"{node.base}m/")]


def shown(node, document_id):
    return pictures.shown_of(node.store, document_of(node, document_id))


async def test_a_picture_is_published_copied_and_shown(federation):
    """LF-IMG-1 to LF-IMG-8: the whole way, without a word about where it was taken."""
    grocer = await federation.node("grocer")
    offer = await publish(grocer, "hall.jpg", "stage.png")
    first, second = images_of(grocer, offer)

    assert (first["width"], first["height"]) == (600, 900)
    assert first["alt"] == {"en": "What hall.jpg shows"}
    for image in (first, second):
        body = grocer.file("/" + image["path"])
        assert digest(body) == image["digest"]
        assert len(body) == image["bytes"]
        assert b"Maker" not in body
        assert not Image.open(io.BytesIO(body)).getexif()

    reader = await a_reader(federation, grocer)
    assert asked(federation, grocer) == []
    done = await look(reader)

    assert done == picture_fetching.Fetched(held=2)
    assert asked(federation, grocer) == [grocer.base + one["path"] for one in (first, second)]
    found = shown(reader, offer)
    assert [one.image.path for one in found] == [first["path"], second["path"]]
    for one in found:
        copy = reader.store.shown_picture(one.copy)
        assert one.copy.startswith(digest(copy))
        assert Image.open(io.BytesIO(copy)).size == (one.image.width, one.image.height)
    assert await look(reader) == picture_fetching.Fetched()
    assert len(asked(federation, grocer)) == 2


async def test_a_sign_is_a_picture_of_an_organisation(federation):
    """LF-IMG-1, LF-ORG-1."""
    grocer = await federation.node("grocer")
    draft = {"type": "Organization", "name": "Grocer"}
    await listings.publish_draft(
        grocer.ports,
        grocer.did,
        msgspec.json.encode(draft),
        language="en",
        attached=[pictures.Attached(data=FILES["sign.webp"], alt="A leek")],
    )
    reader = await a_reader(federation, grocer)
    await look(reader)

    (sign,) = shown(reader, f"{grocer.did}/org.json")
    assert sign.image.alt == {"en": "A leek"}
    assert sign.copy is not None


async def test_a_picture_goes_with_the_document_that_named_it(federation):
    """LF-IMG-5, LF-IMG-9: at its publisher and at everybody who copied it."""
    grocer = await federation.node("grocer")
    one, other = await publish(grocer, "hall.jpg"), await publish(grocer, "hall.jpg", "stage.png")
    reader = await a_reader(federation, grocer)
    await look(reader)
    hall, stage = images_of(grocer, other)
    copies = [one.copy for one in shown(reader, other)]

    await grocer.withdraw(other)
    await pictures.follow(grocer.ports)
    await reader.sync(grocer)
    await look(reader)

    assert grocer.file("/" + stage["path"]) is None
    assert grocer.file("/" + hall["path"]) is not None
    assert [reader.store.shown_picture(copy) is None for copy in copies] == [False, True]

    await grocer.withdraw(one)
    await pictures.follow(grocer.ports)
    await reader.sync(grocer)
    await look(reader)

    assert grocer.file("/" + hall["path"]) is None
    assert reader.store.shown_picture(copies[0]) is None
    assert reader.store.picture_bytes(grocer.did) == 0


async def test_a_document_that_changes_keeps_the_pictures_that_it_names_still(federation):
    grocer = await federation.node("grocer")
    offer = await publish(grocer, "hall.jpg")
    reader = await a_reader(federation, grocer)
    await look(reader)

    # As `show` prints it, edited and published again: the picture is named and not given anew.
    value = parse_object(document_of(grocer, offer).body) | {"name": {"en": "The great hall"}}
    await grocer.publish(value)
    await pictures.follow(grocer.ports)
    federation.network.missing.add(grocer.base + offer.partition("/")[2])
    await reader.sync(grocer)  # listed, and its new bytes are not here yet
    await look(reader)
    federation.network.missing.clear()
    await reader.sync(grocer)
    await look(reader)

    assert [one.copy is not None for one in shown(reader, offer)] == [True]
    assert len(asked(federation, grocer)) == 1
    assert grocer.file("/" + value["image"][0]["path"]) is not None


async def test_a_draft_names_only_pictures_that_are_here(federation):
    """LF-IMG-5: nobody is told of a picture that is not there."""
    grocer = await federation.node("grocer")
    value = parse_object(document_of(grocer, await publish(grocer, "hall.jpg")).body)
    image = value["image"][0]
    away = digest(b"elsewhere")
    before = grocer.head()

    for wrong in (
        {**image, "digest": away, "path": f"m/{away}.jpg"},
        {**image, "bytes": image["bytes"] + 1},
        {**image, "width": image["width"] + 1},
        {"file": "hall.jpg"},
        {"file": "hall.jpg", "alt": "A hall", "width": 3},
        {"file": 7, "alt": "A hall"},
    ):
        with pytest.raises(BadDraft):
            await grocer.publish({**value, "image": [wrong]})
    with pytest.raises(WrongShape, match="once"):
        await publish(grocer, *["hall.jpg"] * 2)
    with pytest.raises(BadDraft):
        await publish(grocer, "hall.jpg", type="Contact", email="office@grocer.example")

    assert grocer.head() == before


async def test_a_file_that_is_no_picture_publishes_nothing(federation, monkeypatch):
    grocer = await federation.node("grocer")
    before = grocer.head()
    monkeypatch.setitem(FILES, "page.html", b"<!doctype html><script>alert(1)</script>")

    with pytest.raises(BadPicture):
        await publish(grocer, "hall.jpg", "page.html")

    assert grocer.head() == before
    assert grocer.store.picture_bytes(grocer.did) == 0


async def test_a_document_is_shown_while_its_pictures_are_away(federation):
    """LF-IMG-6, LF-IMG-7: asked for again, after longer and longer waits."""
    grocer = await federation.node("grocer")
    offer = await publish(grocer, "hall.jpg")
    reader = await a_reader(federation, grocer)
    url = grocer.base + images_of(grocer, offer)[0]["path"]
    federation.network.missing.add(url)

    waits = []
    for _ in range(9):
        await look(reader)
        (one,) = shown(reader, offer)
        assert one.stored.state is PictureState.WANTED
        assert one.stored.problem == "unexpected-answer"
        began = federation.clock.moment
        while len(asked(federation, grocer)) == len(waits) + 1:
            federation.clock.advance(minutes=5)
            await look(reader)
        waits.append(federation.clock.moment - began)
        await reader.sync(grocer)

    assert "A hall" in await reader.names()
    assert timedelta(minutes=10) <= waits[0] <= timedelta(minutes=25)
    assert all(later > wait for wait, later in pairwise(waits[:6]))
    assert max(waits) <= timedelta(days=1.3)
    federation.network.missing.clear()
    federation.clock.advance(days=2)
    await reader.sync(grocer)
    await look(reader)
    assert shown(reader, offer)[0].copy is not None


async def test_who_does_not_answer_is_left_alone_whatever_it_publishes(federation):
    grocer = await federation.node("grocer")
    for _ in range(3):
        await publish(grocer, "hall.jpg", "stage.png", "sign.webp")
    reader = await a_reader(federation, grocer)
    federation.network.down.add(grocer.host)
    before = len(federation.network.requests)

    for _ in range(5):
        await look(reader)
        federation.clock.advance(minutes=1)

    assert len(federation.network.requests) == before + 1
    assert all(
        one.problem == "no-answer" for one in reader.store.pictures_of(grocer.did, path_of(grocer))
    )


def path_of(node):
    return next(path for path in node.live(node) if path.startswith("d/"))


async def test_pictures_take_turns(federation, monkeypatch):
    """LF-IMG-6: who publishes many holds up nobody."""
    many, few = await federation.node("many"), await federation.node("few")
    for number in range(12):
        monkeypatch.setitem(FILES, f"n{number}.png", made.a_png(80 + number, 40))
        await publish(many, f"n{number}.png")
    offer = await publish(few, "hall.jpg")
    reader = await a_reader(federation, many)
    await reader.follow(few)
    await reader.sync(few)

    done = await look(reader)

    assert done.held == picture_fetching.EACH + 1
    assert shown(reader, offer)[0].copy is not None


@pytest.mark.parametrize("by", ["block", "unfollow", "expiry"])
async def test_nothing_is_fetched_of_who_is_not_shown(federation, by):
    """LF-IMG-6."""
    grocer = await federation.node("grocer")
    offer = await publish(grocer, "hall.jpg")
    reader = await a_reader(federation, grocer)
    await pictures.follow(reader.ports)
    if by == "block":
        await moderation.block(reader.ports, BlockKind.HOST, grocer.host)
    elif by == "unfollow":
        await follows.unfollow(reader.ports, grocer.did)
    else:
        federation.clock.advance(days=limits.LIFETIME_DAYS + 1)

    await look(reader)

    assert asked(federation, grocer) == []
    assert reader.store.picture(grocer.did, images_of(grocer, offer)[0]["path"]) is not None


async def test_a_copy_is_not_served_of_who_is_blocked_and_goes_with_it(federation):
    """LF-IMG-8, LF-IMG-9."""
    grocer = await federation.node("grocer")
    offer = await publish(grocer, "hall.jpg")
    reader = await a_reader(federation, grocer)
    await look(reader)
    copy = shown(reader, offer)[0].copy

    await moderation.block(reader.ports, BlockKind.HOST, grocer.host)
    assert reader.store.shown_picture(copy) is None
    await tidying.tidy(reader.ports)
    for _ in range(limits.REMOVAL_DAYS + 1):
        federation.clock.advance(hours=23)
        await tidying.tidy(reader.ports)
    federation.clock.advance(days=1)
    await tidying.tidy(reader.ports)

    assert reader.store.publisher(grocer.did) is None
    assert reader.store.picture(grocer.did, images_of(grocer, offer)[0]["path"]) is None


async def test_pictures_of_one_publisher_take_so_much_of_the_disk_and_no_more(
    federation, monkeypatch
):
    """LF-IMG-6."""
    monkeypatch.setattr(limits, "PUBLISHER_PICTURE_BYTES", 1)
    grocer = await federation.node("grocer")
    offer = await publish(grocer, "hall.jpg", "stage.png")
    reader = await a_reader(federation, grocer)

    await look(reader)
    await look(reader)

    states = [one.stored.state for one in shown(reader, offer)]
    assert sorted(states) == [PictureState.HELD, PictureState.WANTED]
    assert shown(reader, offer)[1].stored.problem == "over-quota"
    assert len(asked(federation, grocer)) == 1


async def test_a_mirror_has_no_pictures_and_is_not_broken_for_that(federation):
    """LF-IMG-10: who reads from it sees the documents."""
    grocer = await federation.node("grocer")
    offer = await publish(grocer, "hall.jpg")
    mirror = await a_reader(federation, grocer, "mirror")
    await look(mirror)
    reader = await federation.node("reader")
    for other in (grocer, mirror):
        await reader.follow(other)
        await reader.sync(other)
    federation.network.down.add(grocer.host)
    federation.clock.advance(days=1)
    await reader.sync(grocer)
    await look(reader)

    scid = grocer.did.split(":")[2]
    path = images_of(grocer, offer)[0]["path"]
    assert mirror.mirrored_file(f"{scid}/org.json") is not None
    assert mirror.mirrored_file(f"{scid}/{path}") is None
    assert "A hall" in await reader.names()
    assert [one.copy for one in shown(reader, offer)] == [None]
