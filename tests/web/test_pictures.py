"""Pictures on the web: own copies, inert, described, on pages and in the API."""

from __future__ import annotations

import msgspec
import pytest

from interop import pictures_made as made
from localfed.app import listings, moderation, picture_fetching, pictures
from localfed.app.values import BlockKind
from localfed.protocol.digest import digest
from web.test_openapi import check, schema_for

ALTS = {"en": "A hall & its <stage>", "cy": "Neuadd"}
FILES = {"hall.jpg": made.a_jpeg(1200, 800), "sign.png": made.a_png(300, 200)}


async def publish(node, draft):
    return (
        await listings.publish_draft(
            node.ports, node.did, msgspec.json.encode(draft), language="en", load=FILES.__getitem__
        )
    ).id


@pytest.fixture
async def pictured(town):
    """The tool library shows a hall and its own sign, and the kitchen has copies."""
    town.ids["hall"] = await publish(
        town.tools,
        {"type": "Offer", "name": "A hall", "image": [{"file": "hall.jpg", "alt": ALTS}]},
    )
    await publish(
        town.tools,
        {
            "type": "Organization",
            "name": "Tools",
            "logo": {"file": "sign.png", "alt": "Two crossed saws"},
        },
    )
    await town.kitchen.sync(town.tools)
    await pictures.follow(town.kitchen.ports)
    await picture_fetching.fetch_due(town.kitchen.ports)
    return town


def shown(town, name):
    did, _, path = town.ids[name].partition("/")
    return pictures.shown_of(town.kitchen.store, town.kitchen.store.document(did, path))


async def test_a_copy_is_served_and_can_do_nothing(pictured, client):
    """LF-IMG-8."""
    (one,) = shown(pictured, "hall")

    answer = await client.get(f"/media/{one.copy}")
    body = await answer.read()

    assert answer.status == 200
    assert one.copy.startswith(digest(body))
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "immutable" in answer.headers["Cache-Control"]
    again = await client.get(
        f"/media/{one.copy}", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status == 304
    assert again.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


async def test_what_is_published_lies_below_its_base(town, client):
    """LF-IMG-5."""
    offer = await publish(
        town.kitchen,
        {"type": "Offer", "name": "A hall", "image": [{"file": "hall.jpg", "alt": ALTS}]},
    )
    did, _, path = offer.partition("/")
    image = pictures.images_of(town.kitchen.store.document(did, path))[0]

    answer = await client.get("/" + image.path)
    body = await answer.read()

    assert (digest(body), len(body)) == (image.digest, image.bytes)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "immutable" in answer.headers["Cache-Control"]
    await town.kitchen.withdraw(offer)
    await pictures.follow(town.kitchen.ports)
    assert (await client.get("/" + image.path)).status == 404
    assert (await client.get(f"/media/{image.path[2:]}")).status == 404


async def test_an_organisation_at_a_path_has_its_own_pictures(town, client):
    """LF-IMG-5."""
    did = await town.host("https://kitchen.example/bakers/", "Bakers", 7)
    draft = {"type": "Offer", "name": "Bread", "image": [{"file": "sign.png", "alt": "A loaf"}]}
    await listings.publish_draft(
        town.kitchen.ports,
        did,
        msgspec.json.encode(draft),
        language="en",
        load=FILES.__getitem__,
    )
    (document,) = [one for one in town.kitchen.store.documents(did) if one.type == "Offer"]
    (image,) = pictures.images_of(document)

    assert (await client.get(f"/bakers/{image.path}")).status == 200
    assert (await client.get(f"/{image.path}")).status == 404


async def test_pictures_of_others_are_not_served_as_if_they_were_published_here(pictured, client):
    (one,) = shown(pictured, "hall")

    assert (await client.get("/" + one.image.path)).status == 404
    assert (
        await client.get(f"/mirror/{pictured.tools.did.split(':')[2]}/{one.image.path}")
    ).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/media/",
        "/media/x.jpg",
        "/media/..%2fhead.json",
        "/media/{copy}.svg",
        "/media/{copy}%00",
        "/media/{name}.png",
        "/media/{name}.JPG",
        "/media/{name}.html",
        "/media/{name}",
        "/media/{name}.jpg/",
        "/media/{name}.jpg%0a",
        "/m/x.jpg",
        "/m/{name}.html",
        "/m/{name}.jpg%0a",
    ],
)
async def test_nothing_else_is_there(pictured, client, path):
    (one,) = shown(pictured, "hall")
    name = one.copy.partition(".")[0]

    answer = await client.get(path.format(copy=one.copy, name=name), allow_redirects=False)

    assert answer.status in {400, 404}


async def test_the_page_shows_our_copies_with_their_descriptions(pictured, client):
    """LF-IMG-8: in the language that the reader reads, and nothing is loaded from elsewhere."""
    (one,) = shown(pictured, "hall")

    welsh = await (
        await client.get(pictured.page_of("hall"), headers={"Accept-Language": "cy"})
    ).text()
    english = await (await client.get(pictured.page_of("hall"))).text()
    organisation = await (
        await client.get(f"/organisations/{pictured.tools.did.split(':')[2]}")
    ).text()

    assert f'<img src="/media/{one.copy}" width="1200" height="800" alt="Neuadd" lang="cy"' in welsh
    assert 'alt="A hall &amp; its &lt;stage&gt;" lang="en"' in english
    assert 'loading="lazy"' in english
    assert 'alt="Two crossed saws"' in organisation
    for page in (welsh, english, organisation):
        assert pictured.tools.base + "m/" not in page
        assert 'src="http' not in page


async def test_a_page_is_whole_without_its_pictures(town, client):
    """LF-IMG-6."""
    town.ids["hall"] = await publish(
        town.tools,
        {"type": "Offer", "name": "A hall", "image": [{"file": "hall.jpg", "alt": ALTS}]},
    )
    await town.kitchen.sync(town.tools)
    before = len(town.federation.network.requests)

    page = await (await client.get(town.page_of("hall"))).text()

    assert "A hall" in page
    assert "<img" not in page
    assert len(town.federation.network.requests) == before  # a visitor makes nobody ask


async def test_the_api_names_our_copies(pictured, client):
    """LF-IMG-8."""
    (one,) = shown(pictured, "hall")
    url = f"https://kitchen.example/media/{one.copy}"

    listed = await (
        await client.get("/api/v1/pictures", params={"of": pictured.ids["hall"]})
    ).json()
    found = await (await client.get("/api/v1/search?q=hall")).json()
    scid = pictured.tools.did.split(":")[2]
    organisation = await (await client.get(f"/api/v1/organisations/{scid}")).json()

    said = {"path": one.image.path, "url": url, "width": 1200, "height": 800, "alt": ALTS}
    assert listed == {"of": pictured.ids["hall"], "pictures": [said]}
    check(listed, schema_for("/api/v1/pictures"))
    check(organisation, schema_for("/api/v1/organisations/{scid}"))
    check(found, schema_for("/api/v1/search"))
    assert organisation["pictures"][0]["alt"] == {"en": "Two crossed saws"}
    assert all("pictures" in result for result in found["results"])


@pytest.mark.parametrize(
    "query,status",
    [("", 400), ("?of=", 400), ("?of=x&near=1,1", 400), ("?of=x", 404), ("?of=" + "x" * 800, 400)],
)
async def test_pictures_are_asked_for_by_the_id_of_a_document(client, query, status):
    assert (await client.get("/api/v1/pictures" + query)).status == status


async def test_nothing_is_shown_of_who_is_blocked(pictured, client):
    """LF-IMG-8."""
    (one,) = shown(pictured, "hall")
    await moderation.block(pictured.kitchen.ports, BlockKind.HOST, pictured.tools.host)

    assert (await client.get(f"/media/{one.copy}")).status == 404
    answer = await client.get("/api/v1/pictures", params={"of": pictured.ids["hall"]})
    assert answer.status == 404


async def test_a_browser_shows_them(pictured, visit, tmp_path):
    page = await visit(pictured.page_of("hall"), viewport={"width": 320, "height": 640})

    picture = page.locator(".pictures img")
    await picture.scroll_into_view_if_needed()
    await page.wait_for_function("document.querySelector('.pictures img').naturalWidth == 1200")

    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    await page.goto(f"/organisations/{pictured.tools.did.split(':')[2]}")
    await page.locator(".logo img").scroll_into_view_if_needed()
    await page.wait_for_function("document.querySelector('.logo img').naturalWidth == 300")
