"""The map for programs: points of a search, what is under them, and the map file in parts."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
from pathlib import Path

import jsonschema
import pytest

from localfed.protocol.errors import BadFile
from localfed.server.config import Settings, ground_of
from localfed.web.ground import GroundKind, file_ground, server_ground
from localfed.web.mapping import AT_ONCE, POINTS, WAITING
from localfed.web.ranges import Span, read_range
from web.map_grounds import builder, grounded
from web.maps_made import write_map
from web.test_openapi import schema_for
from web.test_partners import agree

VAGUE = [{"latitude": "54.61", "longitude": "-2.31", "radius": 2000}]
CREDIT = 'Made by <a href="https://map.example/">the map makers</a>'
TILES = "https://{s}.tile.example/{z}/{x}/{y}.png"


async def map_of(client, status=200, headers=None, **asked):
    answer = await client.get("/api/v1/map", params=asked, headers=headers)
    assert answer.status == status, await answer.text()
    return await answer.json(content_type=None)


def names(answer):
    return sorted(one["properties"]["name"] for one in answer["features"])


async def test_a_map_has_the_places_of_what_a_search_finds(town, client):
    answer = await map_of(client)
    found = await (await client.get("/api/v1/search")).json()

    assert names(answer) == ["Cycle club", "Drivers", "Veg box"]
    assert answer["total"] == found["total"]
    assert answer["on_map"] == 3
    assert answer["without_place"] == found["total"] - 3
    assert answer["left_out"] == 0
    jsonschema.validate(
        answer,
        schema_for("/api/v1/map", kind="application/geo+json"),
        cls=jsonschema.Draft202012Validator,
    )


async def test_a_point_says_what_it_is_in_the_language_that_was_asked_for(town, client):
    answer = await map_of(client, q="veg", headers={"Accept-Language": "cy"})

    feature = answer["features"][0]
    assert feature["geometry"] == {"type": "Point", "coordinates": [-2.3014, 54.6021]}
    assert feature["properties"] == {
        "id": town.ids["veg"],
        "kind": "offer",
        "name": "Bocs llysiau",
        "language": "cy",
        "page": "https://kitchen.example" + town.page_of("veg"),
        "publisher": "Kitchen",
        "distance_km": None,
        "radius_metres": None,
        "by_address": False,
    }


async def test_a_map_takes_the_searchs_own_parameters_and_refuses_what_it_does_not_know(client):
    near = await map_of(client, near="54.6,-2.3", radius="5", kind="organisation")

    assert names(near) == ["Cycle club"]
    assert near["near"] == [-2.3, 54.6]
    assert near["radius_km"] == 5
    assert near["features"][0]["properties"]["distance_km"] == pytest.approx(0.3, abs=0.1)
    limited = await map_of(client, limit="1")
    assert len(limited["features"]) == 3
    for asked in ({"raduis": "5"}, {"near": "nowhere at all;"}, {"limit": "x"}, {"cursor": "x"}):
        assert (await map_of(client, status=400, **asked))["code"]


async def test_other_sites_may_read_it_and_it_is_geojson(client):
    answer = await client.get("/api/v1/map", headers={"Origin": "https://grocer.example"})

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.content_type == "application/geo+json"
    tag = answer.headers["ETag"]
    again = await client.get("/api/v1/map", headers={"If-None-Match": tag})
    assert again.status == 304


async def test_a_vague_place_says_how_vague_it_is(town, client):
    await town.publish("hidden", {"type": "Offer", "name": "Safe house", "location": VAGUE})

    answer = await map_of(client, q="safe")

    assert answer["features"][0]["properties"]["radius_metres"] == 2000


async def test_what_gives_a_postcode_and_no_point_is_a_circle_around_it(town, client):
    address = {"addressLocality": "Hebden Bridge", "postalCode": "HX7 8AH"}
    await town.publish("jam", {"type": "Offer", "name": "Jam", "location": [{"address": address}]})

    (feature,) = (await map_of(client, q="jam"))["features"]

    assert feature["properties"]["by_address"] is True
    assert 500 < feature["properties"]["radius_metres"] < 3_000
    assert feature["geometry"]["coordinates"] == pytest.approx([-2.01, 53.74], abs=0.03)


async def test_a_map_has_at_most_a_thousand_points_and_says_what_it_leaves_out(town, client):
    places = [{"latitude": f"54.{1000 + n}", "longitude": "-2.5"} for n in range(10)]
    for number in range(POINTS // 10 + 3):
        await town.kitchen.publish({"type": "Offer", "name": f"Stall {number}", "location": places})
    await town.publish("last", {"type": "Offer", "name": "Stall", "location": places})

    answer = await map_of(client, q="stall")

    packed = await client.get("/api/v1/map", params={"q": "stall"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < len(await packed.read()) / 5
    plain = await client.get(
        "/api/v1/map", params={"q": "stall"}, headers={"Accept-Encoding": "identity"}
    )
    assert "Content-Encoding" not in plain.headers
    assert await plain.read() == await packed.read()
    assert plain.headers["ETag"] != packed.headers["ETag"]
    assert len(answer["features"]) == POINTS
    assert answer["on_map"] == POINTS // 10
    assert answer["left_out"] == 4
    assert answer["total"] == answer["on_map"] + answer["left_out"] + answer["without_place"]


async def test_a_crowd_that_asks_for_maps_is_answered_in_turns_and_the_rest_turned_away(client):
    async def ask():
        return (await client.get("/api/v1/map")).status

    statuses = await asyncio.gather(*(ask() for _ in range(80)))

    assert set(statuses) == {200, 429}
    assert statuses.count(200) >= AT_ONCE + WAITING
    assert await ask() == 200


async def test_ties_are_lines_where_nothing_is_under_the_points(town, client, tmp_path):
    for node, name, place in ((town.kitchen, "Kitchen", "54.60"), (town.tools, "Tools", "54.62")):
        await node.publish(
            {
                "type": "Organization",
                "name": name,
                "location": [{"latitude": place, "longitude": "-2.3"}],
            }
        )
    await town.kitchen.sync(town.tools)
    await agree(town)

    plain = await map_of(client)
    async with grounded(town, file_ground(write_map(tmp_path / "m.pmtiles"), "")) as other:
        drawn = await map_of(other)

    assert len(plain["ties"]) == 1
    ends = dict(zip(plain["ties"][0]["names"], plain["ties"][0]["coordinates"], strict=True))
    assert ends == {"Kitchen": [-2.3, 54.60], "Tools": [-2.3, 54.62]}
    assert plain["tiles"]["kind"] == "plain"
    assert drawn["ties"] == []
    assert drawn["tiles"]["kind"] == "file"
    assert drawn["tiles"]["attribution"] == [
        {"text": "© OpenStreetMap", "url": "https://www.openstreetmap.org/copyright"}
    ]
    assert (drawn["tiles"]["min_zoom"], drawn["tiles"]["max_zoom"]) == (0, 5)


# --- pages -----------------------------------------------------------------------------------


async def test_only_a_page_with_a_map_may_load_pictures_of_the_tile_server(town, map_files):
    async with grounded(town, server_ground(TILES, CREDIT)) as client:
        listed = await client.get("/?q=veg")
        mapped = await client.get("/?q=veg&view=map")
        record = await client.get(town.page_of("veg"))
        placeless = await client.get(town.page_of("advice"))

    assert "tile.example" not in listed.headers["Content-Security-Policy"]
    assert "tile.example" not in placeless.headers["Content-Security-Policy"]
    hosts = " ".join(f"https://{one}.tile.example" for one in "abc")
    for page in (mapped, record):
        policy = page.headers["Content-Security-Policy"]
        assert f"img-src 'self' {hosts};" in policy
        assert "script-src 'self'" in policy
        assert "connect-src 'self'" in policy
        assert page.headers["Referrer-Policy"] == "no-referrer"


async def test_the_page_with_a_map_keeps_the_search_and_leads_back_to_the_list(client, map_files):
    listed = await (await client.get("/?q=veg&kind=offer")).text()
    mapped = await (await client.get("/?q=veg&kind=offer&view=map")).text()

    assert 'href="/?q=veg&amp;kind=offer&amp;view=map#map"' in listed
    assert "data-map" not in listed
    assert 'data-map="/api/v1/map?q=veg&amp;kind=offer"' in mapped
    assert 'href="/?q=veg&amp;kind=offer"' in mapped
    assert 'href="geo:54.6021,-2.3014"' in mapped


# --- the file, in parts ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, span",
    [
        (None, None),
        ("bytes=0-9", Span(0, 10)),
        ("bytes=0-", Span(0, 100)),
        ("bytes=90-200", Span(90, 10)),
        ("bytes=-10", Span(90, 10)),
        ("bytes=-500", Span(0, 100)),
        ("bytes=99-99", Span(99, 1)),
        ("BYTES= 0-9 ", Span(0, 10)),
        ("bytes=00000000000000000000000000001-2", Span(1, 2)),
        (f"bytes=0-{'9' * 5000}", Span(0, 100)),
        # Nothing of it is there.
        ("bytes=100-", Span(0, 0)),
        ("bytes=-0", Span(100, 0)),
        (f"bytes={'9' * 5000}-", Span(0, 0)),
        ("bytes=18446744073709551616-18446744073709551617", Span(0, 0)),
        # No range at all: the whole.
        ("bytes=9-0", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=a-b", None),
        ("bytes=-1-2", None),
        ("bytes=0x0-0x9", None),
        ("bytes=٠-٩", None),
        ("lines=0-9", None),
        ("bytes=0-9,20-29", None),
        ("bytes=" + ",".join(f"{n}-" for n in range(1000)), None),
    ],
)
def test_a_range_is_read_as_the_rfc_says(text, span):
    assert read_range(text, 100) == span


@pytest.fixture
async def filed(town, tmp_path):
    path = write_map(tmp_path / "map.pmtiles", zoom=3)
    async with grounded(town, file_ground(path, "")) as client:
        client.map_path = path
        yield client


async def test_a_part_of_the_map_file_is_given_as_asked(filed):
    whole = filed.map_path.read_bytes()

    async def ask(text, **more):
        return await filed.get("/map.pmtiles", headers={"Range": text, **more})

    part = await ask("bytes=0-126")
    assert part.status == 206
    assert await part.read() == whole[:127]
    assert part.headers["Content-Range"] == f"bytes 0-126/{len(whole)}"
    assert part.headers["Accept-Ranges"] == "bytes"
    assert "ETag" in part.headers["Access-Control-Expose-Headers"]
    tag = part.headers["ETag"]
    assert await (await ask("bytes=-5")).read() == whole[-5:]
    beyond = await ask(f"bytes={len(whole)}-")
    assert beyond.status == 416
    assert beyond.headers["Content-Range"] == f"bytes */{len(whole)}"
    many = await ask("bytes=" + ",".join(["0-"] * 500))
    assert (many.status, await many.read()) == (200, whole)

    # If-Range: the part only of the very same file, by its strong tag.
    assert (await ask("bytes=0-9", **{"If-Range": tag})).status == 206
    for other in ('"other"', f"W/{tag}", "Wed, 21 Oct 2026 07:28:00 GMT", "nonsense"):
        assert (await ask("bytes=0-9", **{"If-Range": other})).status == 200, other
    assert (await ask("bytes=0-9", **{"If-None-Match": tag})).status == 304

    head = await filed.head("/map.pmtiles", headers={"Range": "bytes=0-9"})
    assert (head.status, head.headers["Content-Length"]) == (200, str(len(whole)))


async def test_a_file_that_is_replaced_has_another_tag_and_one_that_went_is_gone(filed):
    ask = {"Range": "bytes=0-9"}
    before = (await filed.get("/map.pmtiles", headers=ask)).headers["ETag"]

    other = write_map(filed.map_path.with_name("other"), zoom=2)
    os.replace(other, filed.map_path)  # noqa: PTH105
    after = await filed.get("/map.pmtiles", headers={**ask, "If-Range": before})
    filed.map_path.unlink()
    gone = await filed.get("/map.pmtiles", headers=ask)

    assert after.headers["ETag"] != before
    assert after.status == 200
    assert await after.read() != b""
    assert gone.status == 404


async def test_a_map_file_that_became_a_folder_or_a_pipe_is_not_served(filed):
    filed.map_path.unlink()
    filed.map_path.mkdir()
    assert (await filed.get("/map.pmtiles")).status == 404
    filed.map_path.rmdir()
    os.mkfifo(filed.map_path)

    assert (await filed.get("/map.pmtiles")).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/static/vendor/..%2f..%2fnode.py",
        "/static/vendor/%2e%2e%2fpackage.json",
        "/static/vendor/lock.sha256",
        "/static/vendor/package.json",
        "/widget/..%2fweb%2fnode.py",
        "/widget/map.js%00",
        "/map.pmtiles%2f..%2fnode.toml",
    ],
)
async def test_no_other_file_is_to_be_had_by_these_ways(filed, path):
    answer = await filed.get(path, allow_redirects=False)

    assert answer.status == 404
    assert b"import" not in await answer.read()


async def test_a_node_without_a_map_file_says_that_there_is_none(client):
    answer = await client.get("/map.pmtiles")

    assert answer.status == 404
    assert (await answer.json(content_type=None))["code"]


# --- settings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "template",
    [
        "https://tile.example/map.png",
        "https://tile.example/{z}/{x}.png",
        "https://tile.example/{z}/{x}/{y}/{secret}.png",
        "http://tile.example/{z}/{x}/{y}.png",
        "https://user:word@tile.example/{z}/{x}/{y}.png",
        "https://tile.example; script-src *//{z}/{x}/{y}.png",
        "https://tile.example/{z}/{x}/{y}.png; script-src *",
        "https://tile.example/{z}/{x}/{y}.png https://other.example",
        "https://tile.example/{s}/{z}/{x}/{y}.png",
        "https://*/{z}/{x}/{y}.png",
        "//tile.example/{z}/{x}/{y}.png",
        "javascript:alert(1)//{z}/{x}/{y}",
        "",
    ],
)
def test_an_address_that_is_no_tile_server_is_refused(template):
    with pytest.raises(BadFile):
        server_ground(template, CREDIT)


def test_a_tile_server_needs_its_makers_named():
    with pytest.raises(BadFile, match="map_attribution"):
        server_ground(TILES, " ")

    ground = server_ground(TILES, CREDIT)
    assert [(one.text, one.url) for one in ground.credits] == [
        ("Made by", ""),
        ("the map makers", "https://map.example/"),
    ]


def test_the_environment_says_it_in_place_of_the_settings(tmp_path, monkeypatch):
    settings = Settings(name="n", url="https://n.example/", map_tiles=TILES, map_attribution=CREDIT)
    assert ground_of(settings).kind is GroundKind.SERVER

    monkeypatch.setenv("LOCALFED_MAP_FILE", str(write_map(tmp_path / "map.pmtiles")))
    with pytest.raises(BadFile, match="both"):
        ground_of(settings)

    plain = Settings(name="n", url="https://n.example/")
    assert ground_of(plain).kind is GroundKind.FILE


@pytest.mark.parametrize(
    "damage, reason",
    [
        (lambda data: b"", "no PMTiles file"),
        (lambda data: b"PK\x03\x04" + data[4:], "no PMTiles file"),
        (lambda data: data[:7] + b"\x02" + data[8:], "no PMTiles file"),
        (lambda data: data[:100], "no PMTiles file"),
        (lambda data: data[:99] + b"\x02" + data[100:], "pictures"),
        (lambda data: data[:97] + b"\x03" + data[98:], "compressed"),
        (lambda data: data[:100] + b"\x09\x02" + data[102:], "header is damaged"),
        (lambda data: data[:32] + b"\xff" * 8 + data[40:], "header is damaged"),
        (lambda data: data[:24] + b"\x00" * 8 + data[32:], "metadata is damaged"),
    ],
)
def test_a_map_file_that_cannot_be_used_leaves_the_ground_plain_and_says_why(
    tmp_path, damage, reason
):
    path = write_map(tmp_path / "map.pmtiles")
    path.write_bytes(damage(path.read_bytes()))

    ground = file_ground(path, "")

    assert ground.kind is GroundKind.PLAIN
    assert reason in ground.problem


def test_metadata_that_unpacks_to_gigabytes_is_cut(tmp_path):
    path = write_map(tmp_path / "map.pmtiles")
    data = bytearray(path.read_bytes())
    bomb = gzip.compress(b'{"attribution": "' + b" " * 50_000_000 + b'"}')
    data[24:40] = len(data).to_bytes(8, "little") + len(bomb).to_bytes(8, "little")
    path.write_bytes(bytes(data) + bomb)

    assert "metadata is damaged" in file_ground(path, "").problem
    assert file_ground(path, CREDIT).kind is GroundKind.FILE


def test_nothing_of_a_files_html_is_kept_but_text_and_links(tmp_path):
    hostile = (
        '<script>bad()</script><b onclick="x()">Map &amp; co</b> <a href="javascript:bad()">x</a>'
        '<a href="https://ok.example/">ok</a><img src=x onerror=bad()>' + "long " * 1000
    )

    ground = file_ground(write_map(tmp_path / "map.pmtiles", attribution=hostile), "")

    assert [(one.text, one.url) for one in ground.credits[:3]] == [
        ("Map & co", ""),
        ("x", ""),
        ("ok", "https://ok.example/"),
    ]
    assert sum(len(one.text) for one in ground.credits) <= 300


def test_what_ships_is_what_the_lock_file_names_with_its_licences(map_files):
    made = builder()

    assert made.is_there()
    for package in ("leaflet", "leaflet.markercluster", "protomaps-leaflet"):
        text = (made.PLACE / f"{package}.LICENSE.txt").read_text(encoding="utf-8")
        assert "ermission is hereby granted" in text or "Redistribution and use" in text
    lock = json.loads((made.FOLDER / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert all(one["integrity"].startswith("sha512-") for one in packages.values())
    assert not any("resolved" in one for one in packages.values())
    wanted = json.loads((made.FOLDER / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert wanted == {name: packages[f"node_modules/{name}"]["version"] for name in wanted}


def test_a_checkout_without_npm_has_no_map_and_keeps_what_it_had(tmp_path, map_files, monkeypatch):
    made = builder()
    folder = tmp_path / "vendor"
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_bytes((Path(made.FOLDER) / name).read_bytes())
    broken = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    broken["packages"]["node_modules/leaflet"]["version"] = "9.9.9"
    (folder / "package-lock.json").write_text(json.dumps(broken), encoding="utf-8")
    monkeypatch.setattr(made, "FOLDER", folder)
    monkeypatch.setattr(made, "PLACE", folder / "dist")
    monkeypatch.setattr(made, "STAMP", folder / "dist" / "lock.sha256")

    with pytest.raises(RuntimeError, match="npm could not install"):
        made.install()

    assert sorted(path.name for path in folder.iterdir()) == ["package-lock.json", "package.json"]
