"""The map in a real browser: drawn on every ground, by keyboard, without scripts, in the dark and small."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import expect

from localfed.web.ground import file_ground, server_ground
from web.map_grounds import grounded, tile_server
from web.maps_made import write_map
from web.test_partners import agree

pytestmark = pytest.mark.usefixtures("map_files")

SCRIPTS = {"java_script_enabled": True}
VAGUE = [{"latitude": "54.61", "longitude": "-2.31", "radius": 2000}]
HOSTILE = '<img src=x onerror="window.bad=1"><script>window.bad=1</script>" onfocus="window.bad=1'

# The colours that are on the canvases of the map.
COLOURS = """() => [...new Set([...document.querySelectorAll("canvas")].flatMap((one) => {
  const copy = Object.assign(document.createElement("canvas"), { width: one.width, height: one.height });
  const context = copy.getContext("2d", { willReadFrequently: true });
  if (one.width) context.drawImage(one, 0, 0);
  const { data } = context.getImageData(0, 0, Math.max(1, one.width), Math.max(1, one.height));
  const seen = new Set();
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3]) seen.add(data.slice(at, at + 3).join());
  }
  return [...seen];
}))]"""
FOCUSED = (
    "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
)


async def until(page, script, is_well):
    """Ask again until it is well; Playwright's own waiting evaluates strings, which the policy forbids."""
    value = None
    for _ in range(100):
        value = await page.evaluate(script)
        if is_well(value):
            return value
        await asyncio.sleep(0.1)
    raise AssertionError(value)


def point(page, name):
    return page.get_by_role("button", name=name, exact=True)


async def on_map(visit, path="/?q=veg&view=map", **options):
    page = await visit(path, **{**SCRIPTS, **options})
    await page.locator(".lf-map .leaflet-marker-icon").first.wait_for()
    return page


@pytest.fixture
async def on_file(town, tmp_path):
    """Before `visit` in a test, so that it is there as long as the page is."""
    async with grounded(town, file_ground(write_map(tmp_path / "map.pmtiles"), "")):
        yield town


async def test_points_are_drawn_on_a_map_file_of_the_node(on_file, visit):
    page = await visit("/about", **SCRIPTS)
    asked = []
    page.on("request", lambda one: asked.append((one.url, one.headers.get("range"))))

    await page.goto("/?q=veg&view=map")
    await expect(point(page, "Veg box, Offer")).to_be_visible()
    for _ in range(11):
        await page.get_by_role("button", name="Further away").click()
        await asyncio.sleep(0.35)  # while it moves, it takes no other click
    await until(page, COLOURS, lambda seen: len(seen) > 1)

    assert {one for url, one in asked if url.endswith("/map.pmtiles")} - {None}
    credit = page.locator(".lf-credits a")
    assert await credit.get_attribute("href") == "https://www.openstreetmap.org/copyright"
    assert await credit.get_attribute("onclick") is None
    await expect(page.locator(".leaflet-control-scale-line")).to_have_count(1)


async def test_pictures_of_a_tile_server_are_drawn_and_it_learns_no_more_than_the_host(
    town, browser
):
    async with tile_server() as (root, asked):
        ground = server_ground(root + "/{z}/{x}/{y}.png", 'By <a href="https://m.example/">M</a>')
        async with grounded(town, ground) as client:
            context = await browser.new_context(base_url=str(client.make_url("/")))
            page = await context.new_page()
            complaints, hosts = [], set()
            page.on("console", lambda one: complaints.append(one.text))
            page.on("request", lambda one: hosts.add(one.url.split("/")[2]))

            await page.goto("/?q=veg&view=map")
            await expect(page.locator("img.leaflet-tile-loaded").first).to_be_visible()

            assert await page.locator(".lf-credits").inner_text() == "By M"
            own = str(client.make_url("/"))
            assert {one.headers.get("Referer") for one in asked} == {own}
            assert hosts == {own.split("/")[2], root.split("/")[2]}
            assert complaints == []
            await context.close()


async def test_without_either_the_ground_is_plain_with_ties_a_scale_and_what_it_is(town, visit):
    for node, name, place in ((town.kitchen, "Kitchen", "54.60"), (town.tools, "Tools", "54.64")):
        await node.publish(
            {
                "type": "Organization",
                "name": name,
                "location": [{"latitude": place, "longitude": "-2.3"}],
            }
        )
    await town.kitchen.sync(town.tools)
    await agree(town)

    page = await on_map(visit, "/?near=54.6,-2.3&view=map")

    await expect(page.locator("path.lf-tie")).to_have_count(1)
    await expect(page.locator(".leaflet-control-scale-line")).to_be_visible()
    below = await page.locator(".lf-below").inner_text()
    assert below.startswith("No map is set up on this node")
    assert below.endswith("Lines join organisations that work together.")
    await expect(page.get_by_role("img", name="The place that you asked about")).to_be_visible()


async def test_the_map_is_walked_and_read_by_keyboard_alone(town, visit):
    page = await on_map(visit)
    # A link passes by the whole map, to the first card.
    await page.get_by_role("link", name="Skip the map").press("Enter")
    await page.keyboard.press("Tab")
    assert await page.evaluate(FOCUSED) == "Veg box"
    await page.get_by_role("link", name="Skip the map").focus()
    await page.keyboard.press("Tab")
    assert (await page.evaluate(FOCUSED)).startswith("Map, 1 point")
    await page.keyboard.press("Tab")
    assert await page.evaluate(FOCUSED) == "Veg box, Offer"

    for key in ("Enter", " "):
        await page.keyboard.press(key)
        dialog = page.get_by_role("dialog", name="Veg box")
        await expect(dialog).to_be_visible()
        assert await page.evaluate(FOCUSED) == "Veg box"
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        assert await page.evaluate(FOCUSED) == "Veg box, Offer"

    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**" + town.page_of("veg"))


async def test_the_list_and_the_map_show_each_other(town, visit):
    page = await on_map(visit, "/?category=Food&view=map")
    card = page.locator(".card", has_text="Drivers")

    await card.get_by_role("button", name="Show on the map").click()
    dialog = page.get_by_role("dialog", name="Drivers")
    await expect(dialog).to_be_visible()
    await expect(card).to_have_class("card chosen")
    link = dialog.get_by_role("link", name="Drivers")
    assert await link.get_attribute("href") == await page.evaluate(
        "path => new URL(path, location).href", town.page_of("drivers")
    )
    await dialog.get_by_role("button", name="In the list").click()

    assert await page.evaluate(FOCUSED) == "Drivers"
    assert await page.locator(".map [role=status]").inner_text() == "All 2 results are on the map."


async def test_what_has_no_place_is_counted_and_nothing_is_drawn_of_nothing(town, visit):
    page = await on_map(visit, "/?view=map&radius=&kind=offer")
    status = page.locator(".map [role=status]")

    assert await status.inner_text() == "1 of 2 results are on the map. 1 have no place."
    await page.goto("/?q=repair&view=map")
    await expect(status).to_have_text(
        "Nothing of what was found has a place, so there is nothing to draw."
    )


async def test_a_vague_place_is_a_circle_of_its_size_and_no_point(town, visit):
    await town.publish("hidden", {"type": "Offer", "name": "Safe house", "location": VAGUE})
    page = await on_map(visit, "/?q=safe&view=map")
    circle = page.locator(".lf-point.vague")

    await expect(circle).to_have_css("border-style", "dashed")
    assert await circle.evaluate("one => getComputedStyle(one).color") == "rgba(0, 0, 0, 0)"
    metres = "() => document.querySelector('.leaflet-control-scale-line').offsetWidth"
    before = (await circle.bounding_box())["width"]
    assert before > 60
    assert await page.evaluate(metres) > 0
    await page.get_by_role("button", name="Closer").click()
    await asyncio.sleep(0.5)

    assert (await circle.bounding_box())["width"] == pytest.approx(2 * before, rel=0.02)
    name = await circle.get_attribute("aria-label")
    assert name == (
        "Safe house, Offer. Somewhere in this circle: its publisher is deliberately vague"
    )


async def test_what_strangers_write_stays_text_on_the_map(town, visit):
    place = [{"latitude": "54.62", "longitude": "-2.32"}]
    await town.publish("bad", {"type": "Offer", "name": HOSTILE, "location": place})
    page = await on_map(visit, "/?q=onerror&view=map")

    await page.locator(".lf-point.offer").click()
    await expect(page.get_by_role("dialog")).to_be_visible()

    assert await page.locator(".lf-name").inner_text() == " ".join(HOSTILE.split())
    assert await page.locator(".lf-map img, .lf-map script").count() == 0
    assert await page.evaluate("window.bad") is None


async def test_a_thousand_points_are_clusters_that_keys_open(town, visit):
    for number in range(100):
        places = [
            {"latitude": f"{54.2 + number / 500:.4f}", "longitude": f"{-2.9 + n / 13:.4f}"}
            for n in range(10)
        ]
        await town.kitchen.publish({"type": "Offer", "name": f"Stall {number}", "location": places})
    await town.publish("one", {"type": "Offer", "name": "Stall alone"})
    page = await on_map(visit, "/?q=stall&view=map")

    clusters = page.locator(".lf-point.cluster")
    total = await page.locator(".lf-point").evaluate_all(
        "all => all.reduce((sum, one) => sum + (Number(one.textContent) || 1), 0)"
    )
    assert total == 1000
    assert 1 < await clusters.count() < 200
    assert (await clusters.first.get_attribute("aria-label")).endswith(" points")
    zoom = page.locator(".leaflet-control-scale-line")
    before = await zoom.inner_text()
    await clusters.first.focus()
    await page.keyboard.press("Enter")
    await expect(zoom).not_to_have_text(before)
    assert (await page.evaluate(FOCUSED)).startswith("Map,")


async def test_without_scripts_the_page_says_what_a_map_needs_and_names_the_places(town, visit):
    page = await visit("/?q=veg")

    await page.get_by_role("link", name="Show on a map").click()
    await page.wait_for_url("**/?q=veg&view=map#map")

    await expect(page.get_by_text("drawn by your browser with JavaScript")).to_be_visible()
    position = page.get_by_role("link", name="54.6021, -2.3014")
    assert await position.get_attribute("href") == "geo:54.6021,-2.3014"
    await expect(page.locator(".card")).to_have_count(1)
    await page.get_by_role("link", name="Show the list alone").click()
    await page.wait_for_url("**/?q=veg")


async def test_a_record_with_a_place_has_a_small_map_when_it_is_asked_for(town, visit):
    page = await visit(town.page_of("veg"), **SCRIPTS)
    assert await page.locator(".lf-map").count() == 0

    button = page.get_by_role("button", name="Show on a map")
    await button.click()
    await expect(point(page, "Veg box, Offer")).to_be_visible()
    hide = page.get_by_role("button", name="Hide the map")
    assert await hide.get_attribute("aria-expanded") == "true"
    await hide.click()

    await expect(page.locator(".lf-map")).to_have_count(0)
    await page.goto(town.page_of("advice"))
    await expect(button).to_have_count(0)


async def test_it_fits_a_narrow_screen_and_paper_has_the_list_alone(town, visit):
    page = await on_map(visit, viewport={"width": 320, "height": 640})

    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    box = await point(page, "Veg box, Offer").bounding_box()
    assert min(box["width"], box["height"]) >= 24
    await point(page, "Veg box, Offer").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    await page.emulate_media(media="print")
    await expect(page.locator(".lf-map")).to_be_hidden()
    await expect(page.locator(".card")).to_be_visible()


async def test_in_the_dark_and_without_motion_it_is_dark_and_still(town, visit):
    page = await on_map(visit, color_scheme="dark", reduced_motion="reduce")

    ground = await page.locator(".lf-map").evaluate("one => getComputedStyle(one).backgroundColor")
    assert sum(map(int, ground.removeprefix("rgb(").rstrip(")").split(","))) < 200
    assert await page.locator(".leaflet-zoom-anim").count() == 0


async def test_on_another_site_it_is_drawn_within_a_shadow_root(town, browser):
    """As the widget does it: the module, its style and its scripts are the node's, and all say so."""
    own = str(town.client.make_url("/"))

    async def answer(request):
        # A policy as a careful site has it: the node, and nothing inline.
        policy = f"default-src 'none'; script-src {own}; style-src {own}; connect-src {own}; img-src data:"
        page = "<!doctype html><title>A site</title><link rel=icon href=data:,><div id=host></div>"
        headers = {"Content-Security-Policy": policy}
        return web.Response(text=page, content_type="text/html", headers=headers)

    site = web.Application()
    site.router.add_get("/", answer)
    context = await browser.new_context()
    page = await context.new_page()
    complaints = []
    page.on("console", lambda one: complaints.append(one.text))
    page.on("pageerror", lambda one: complaints.append(str(one)))
    server = TestServer(site, host="localhost")
    await server.start_server()
    await page.goto(str(server.make_url("/")))
    await page.evaluate(
        """async (node) => {
          const root = document.getElementById("host").attachShadow({ mode: "open" });
          const place = root.appendChild(document.createElement("div"));
          const { showMap } = await import(new URL("widget/map.js", node));
          const answer = await fetch(new URL("api/v1/map?q=veg", node));
          await showMap(place, { features: await answer.json(), lang: "cy" });
        }""",
        own,
    )

    marker = page.get_by_role("button", name="Veg box, Cynnig")
    await marker.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Veg box")).to_be_visible()
    await page.keyboard.press("Escape")
    assert (
        await page.evaluate("document.getElementById('host').shadowRoot.activeElement.ariaLabel")
        == "Veg box, Cynnig"
    )
    assert complaints == []
    await context.close()
    await server.close()
