"""The site map and robots.txt: what is published here, in parts that search engines take."""

from __future__ import annotations

import re
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest

from localfed.web import site_map

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ROOT = "https://kitchen.example"


async def read(client, path, **headers):
    answer = await client.get(path, headers=headers)
    assert answer.status == 200, path
    assert answer.content_type == "application/xml"
    root = ElementTree.fromstring(await answer.read())  # noqa: S314 - our own
    return [
        (one.find(f"{MAP}loc").text, getattr(one.find(f"{MAP}lastmod"), "text", None))
        for one in root
    ]


async def pages(client, **headers):
    """Follow the index to every address that it leads to."""
    found = []
    for part, _ in await read(client, "/sitemap.xml", **headers):
        found += await read(client, "/" + part.split("/", 3)[3], **headers)
    return found


async def test_every_page_of_an_organisation_hosted_here_is_in_it_and_no_other(town, client):
    found = dict(await pages(client))

    scid = town.kitchen.did.split(":")[2]
    assert found.keys() == {
        *(ROOT + path for path in ("/", "/about", "/organisations", "/report", "/ties")),
        f"{ROOT}/organisations/{scid}",
        ROOT + town.page_of("veg"),
        ROOT + town.page_of("drivers"),
    }
    assert found[ROOT + town.page_of("veg")] == "2026-05-01T09:00:00Z"
    for url in found:
        assert (await client.get(url.removeprefix(ROOT))).status == 200


async def test_its_addresses_are_canonical(town, client):
    for url, date in await pages(client):
        if date:
            text = await (await client.get(url.removeprefix(ROOT))).text()
            assert f'<link rel="canonical" href="{url}">' in text


async def test_what_is_withdrawn_expired_or_of_another_is_not_in_it(town, client):
    tools = town.tools.did.split(":")[2]
    assert (await client.get(f"/sitemap/{tools}-1.xml")).status == 404
    assert tools not in await (await client.get("/sitemap.xml")).text()
    town.federation.clock.advance(days=200)

    assert [one for one, date in await pages(client) if date] == []


async def test_a_large_directory_is_in_parts_that_leave_nothing_out(town, client, monkeypatch):
    for number in range(25):
        await town.kitchen.publish({"type": "Offer", "name": f"Offer {number}"})
    whole = await pages(client)
    monkeypatch.setattr(site_map, "ADDRESSES_MAX", 10)
    monkeypatch.setattr(site_map, "_PIECE", 3)

    parts = await read(client, "/sitemap.xml")

    assert len(parts) == 4
    assert await pages(client) == whole
    scid = town.kitchen.did.split(":")[2]
    sizes = [len(await read(client, f"/sitemap/{scid}-{number}.xml")) for number in (1, 2, 3)]
    assert sizes == [10, 10, 8]


@pytest.mark.parametrize(
    "part", ["x", "pages-1", "{scid}", "{scid}-0", "{scid}-01", "{scid}-2", "{scid}-99999", "Q-1"]
)
async def test_there_are_no_other_parts(town, client, part):
    path = f"/sitemap/{part.format(scid=town.kitchen.did.split(':')[2])}.xml"

    assert (await client.get(path)).status == 404


async def test_an_unchanged_map_is_not_sent_again_and_a_changed_one_is(town, client):
    scid = town.kitchen.did.split(":")[2]
    for path in ("/sitemap.xml", "/sitemap/pages.xml", f"/sitemap/{scid}-1.xml", "/robots.txt"):
        tag = (await client.get(path)).headers["ETag"]
        assert (await client.get(path, headers={"If-None-Match": tag})).status == 304
        await town.kitchen.publish({"type": "Offer", "name": f"One more at {path[:9]}"})
        again = await client.get(path, headers={"If-None-Match": tag})
        assert again.status == (304 if path == "/robots.txt" else 200)


async def test_each_host_has_the_pages_of_who_publishes_there(town, client):
    did = await town.host("https://library.example/", "Library", 9)
    scid = did.split(":")[2]

    there = dict(await pages(client, Host="library.example"))
    here = dict(await pages(client))

    assert f"https://library.example/organisations/{scid}" in there
    assert not [url for url in there if url.startswith(ROOT)]
    assert not [url for url in here if scid in url]
    strange = await (await client.get("/sitemap.xml", headers={"Host": "evil.example"})).text()
    assert "evil.example" not in strange
    robots = await (await client.get("/robots.txt", headers={"Host": "library.example"})).text()
    assert "Sitemap: https://library.example/sitemap.xml" in robots


async def test_robots_may_read_pages_and_are_kept_out_of_what_is_endless(town, client):
    text = await (await client.get("/robots.txt")).text()
    rules = RobotFileParser()
    rules.parse(text.splitlines())
    lines = [line.split(": ", 1) for line in text.splitlines() if ": " in line]
    patterns = [(path, name == "Allow") for name, path in lines if name in {"Allow", "Disallow"}]

    def may_read(path):
        """As RFC 9309 says: the longest pattern that matches decides."""
        found = [
            (len(pattern), allows)
            for pattern, allows in patterns
            if re.match(re.escape(pattern).replace(r"\*", ".*"), path)
        ]
        return max(found, default=(0, True))[1]

    scid = town.kitchen.did.split(":")[2]
    for path in ("/", "/about", f"/organisations/{scid}", town.page_of("veg"), "/sitemap.xml"):
        assert may_read(path), path
        # Parsers that know no asterisks keep nobody from a page either.
        assert rules.can_fetch("*", ROOT + path), path
    assert may_read("/?lang=cy")
    for path in (
        "/?q=veg",
        "/api/v1/search",
        "/feed.atom",
        "/calendar.ics?q=x",
        "/embed?q=x",
        f"/enquiries/{scid}/org",
    ):
        assert not may_read(path), path
    assert rules.site_maps() == [f"{ROOT}/sitemap.xml"]
    assert re.match("#", text)
