"""Embeds in a real browser: in a sandbox as WordPress makes it, with our own script, narrow and wide, dark; the maker."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import expect

from web.browsing import failures_of

# What the page of WordPress does with a frame, as far as a frame can tell: it hears messages.
LISTENING = """
<script>
window.heard = [];
window.addEventListener("message", (event) => window.heard.push({
  ...event.data, origin: event.origin,
  from: [...document.querySelectorAll("iframe")].findIndex((one) => one.contentWindow === event.source),
}));
</script>
"""
SANDBOXED = """
<iframe class="wp-embedded-content" sandbox="allow-scripts" security="restricted"
  src="{src}#?secret=abcDEF1234" data-secret="abcDEF1234" width="{width}" height="200"
  frameborder="0" marginwidth="0" marginheight="0" scrolling="no" title="x"></iframe>
"""


@pytest.fixture
async def outer(town, browser):
    """`await outer(html, **options)` opens a page of another site; what the browser complains of fails."""
    complaints = []

    pages = {}

    async def answer(_):
        return web.Response(text=pages["/"], content_type="text/html")

    site = web.Application()
    site.router.add_get("/", answer)

    async def open_page(html, **options):
        own = str(town.client.make_url("/")).rstrip("/")
        pages["/"] = (
            f'<!doctype html><title>x</title><link rel="icon" href="data:,">{html.replace("NODE", own)}'
        )
        context = await browser.new_context(**options)
        page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.extend(failures_of(request)))
        await page.goto(str(server.make_url("/")))
        return page

    # Another port is another origin.
    async with TestServer(site) as server:
        yield open_page
    assert complaints == []


async def content_height(frame):
    return await frame.evaluate(
        "Math.ceil(document.documentElement.getBoundingClientRect().height)"
    )


async def test_in_the_sandbox_of_wordpress_a_frame_says_its_height_and_where_its_links_lead(
    town, outer
):
    page = await outer(
        LISTENING + SANDBOXED.format(src="NODE/embed?q=veg&near=54.6,-2.3", width=600)
    )

    await page.wait_for_function("window.heard.length > 0")
    frame = page.frames[1]
    heights = [one for one in await page.evaluate("window.heard") if one["message"] == "height"]
    assert heights[-1] == {
        "message": "height",
        "value": await content_height(frame),
        "secret": "abcDEF1234",
        "origin": "null",
        "from": 0,
    }
    assert heights[-1]["value"] > 150
    assert await frame.evaluate("getComputedStyle(document.body).paddingTop") == "12px"

    assert "page of their own" not in await frame.locator("footer").inner_text()

    await frame.locator("article a").click()
    await page.wait_for_function("window.heard.some((one) => one.message === 'link')")

    link = [one for one in await page.evaluate("window.heard") if one["message"] == "link"][-1]
    assert link["value"] == str(town.client.make_url(town.page_of("veg")))
    assert link["secret"] == "abcDEF1234"
    assert await page.evaluate("document.activeElement.tagName") == "IFRAME"
    assert len(page.context.pages) == 1


async def test_a_frame_says_its_height_again_to_a_page_that_was_late(outer):
    page = await outer(SANDBOXED.format(src="NODE/embed", width=600))
    await page.wait_for_load_state("load")

    await page.evaluate(
        """() => {
          window.heard = [];
          window.addEventListener("message", (event) => window.heard.push(event.data));
          document.querySelector("iframe").contentWindow.postMessage(
            {message: "ready", secret: "abcDEF1234"}, "*");
        }"""
    )

    await page.wait_for_function("window.heard.length > 0")


FRAMES = """
<iframe id="one" src="NODE/embed?limit=1" width="300" height="50" title="x"></iframe>
<iframe id="two" src="NODE/embed?limit=6" width="600" height="50" title="x" sandbox="allow-scripts"></iframe>
<iframe id="three" src="about:blank" width="300" height="50" title="x"></iframe>
<script src="NODE/embed.js" async></script>
"""


async def test_each_frame_of_a_page_gets_the_height_of_what_it_shows(outer):
    page = await outer(FRAMES)

    for number, name in ((1, "one"), (2, "two")):
        await page.wait_for_function(f"document.getElementById('{name}').offsetHeight > 100")
        frame = page.frames[number]
        inner = await frame.evaluate("innerHeight")
        assert abs(inner - await content_height(frame)) <= 1
    assert await page.evaluate("document.getElementById('three').height") == "50"


async def test_the_script_of_the_outer_page_believes_nobody_else(outer):
    page = await outer(FRAMES)
    await page.wait_for_function("document.getElementById('two').offsetHeight > 100")
    before = await page.evaluate(
        "[...document.querySelectorAll('iframe')].map((one) => one.height)"
    )

    # A frame of somebody else, the page itself, and what is no height.
    await page.evaluate(
        """() => {
          const frame = document.getElementById("three");
          const script = frame.contentDocument.createElement("script");
          script.textContent = 'parent.postMessage({message: "height", value: 7777}, "*")';
          frame.contentDocument.body.append(script);
          window.postMessage({message: "height", value: 7777}, "*");
        }"""
    )
    for value in ("-5", "0", "1e9", "'a'", "null", "{}", "NaN"):
        await page.frames[1].evaluate(
            f"parent.postMessage({{message: 'height', value: {value}}}, '*')"
        )
    await page.wait_for_timeout(200)

    after = await page.evaluate("[...document.querySelectorAll('iframe')].map((one) => one.height)")
    assert after == before


async def test_links_of_a_frame_without_a_sandbox_open_a_page_of_their_own(town, outer):
    page = await outer(
        '<iframe src="NODE/embed?q=veg" width="600" height="400" title="x"></iframe>'
    )

    async with page.context.expect_page() as opened:
        await page.frames[1].locator("article a").click()

    other = await opened.value
    await other.wait_for_load_state()
    assert other.url == str(town.client.make_url(town.page_of("veg")))
    assert await other.evaluate("window.opener") is None


@pytest.mark.parametrize("width", [200, 320, 600, 1000])
@pytest.mark.parametrize("view", ["list", "cards", "compact"])
async def test_a_frame_of_any_width_scrolls_not_sideways(town, outer, width, view, tmp_path):
    await town.publish(
        "long",
        {
            "type": "Offer",
            "name": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamter" * 2,
            "description": "Something long. " * 30,
            "location": [{"latitude": "54.61", "longitude": "-2.31"}],
        },
    )
    page = await outer(
        f'<iframe src="NODE/embed?near=54.6,-2.3&amp;view={view}" width="{width}" title="x"></iframe>'
        '<script src="NODE/embed.js" async></script>',
        viewport={"width": 1100, "height": 1200},
        java_script_enabled=True,
    )
    await page.wait_for_function("document.querySelector('iframe').offsetHeight > 300")

    frame = page.frames[1]
    assert await frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await frame.locator("article").count() == 7


@pytest.mark.parametrize(
    "scheme, theme, is_dark",
    [
        ("light", "auto", False),
        ("dark", "auto", True),
        ("dark", "light", False),
        ("light", "dark", True),
    ],
)
async def test_a_frame_is_dark_where_the_visitor_or_the_page_wants_it(
    outer, scheme, theme, is_dark
):
    page = await outer(
        f'<iframe src="NODE/embed?theme={theme}" width="600" title="x"></iframe>',
        color_scheme=scheme,
    )

    background = await page.frames[1].evaluate("getComputedStyle(document.body).backgroundColor")

    assert background == ("rgb(21, 25, 27)" if is_dark else "rgb(250, 248, 244)")


async def test_a_frame_is_all_there_without_scripts(outer):
    page = await outer(
        '<iframe src="NODE/embed?q=veg" width="600" height="400" title="x"></iframe>',
        java_script_enabled=False,
    )

    assert await page.frame_locator("iframe").locator("article").count() == 1


# --- the page of snippets --------------------------------------------------------------------


async def test_the_maker_follows_as_one_types(town, visit):
    page = await visit("/embed/make", java_script_enabled=True)
    assert await page.frame_locator("#preview").locator("article").count() == 6

    await page.locator("#q").fill("veg")
    await page.locator("#limit").fill("3")

    await expect(page.locator("#frame")).to_contain_text("q=veg&amp;limit=3")
    await page.frame_locator("#preview").locator("text=All results (1)").wait_for()
    await expect(page.locator("#preview")).not_to_have_attribute("height", "480")
    assert "?q=veg&limit=3&" in page.url

    await page.locator("#limit").fill("99")

    await expect(page.locator("#wrong")).to_contain_text("from 1 to 50")


async def test_the_maker_works_without_scripts(visit):
    page = await visit("/embed/make")

    await page.locator("#q").fill("veg")
    await page.locator("#theme").select_option("dark")
    await page.locator("form#make button").click()
    await page.wait_for_url("**/embed/make?q=veg**")

    assert "theme=dark" in await page.locator("#frame").inner_text()
    assert await page.frame_locator("#preview").locator("article").count() == 1
    assert not await page.locator("[data-copies]").first.is_visible()


async def test_a_snippet_is_copied_as_it_stands(visit):
    page = await visit(
        "/embed/make?q=veg",
        java_script_enabled=True,
        permissions=["clipboard-read", "clipboard-write"],
    )

    await page.locator("[data-copies=frame]").click()
    await expect(page.locator("#done")).to_have_text("Copied.")

    assert await page.evaluate("navigator.clipboard.readText()") == (
        await page.locator("#frame").text_content()
    )


async def test_the_maker_scrolls_not_sideways_on_a_narrow_screen(visit):
    page = await visit(
        "/embed/make?near=54.6,-2.3",
        viewport={"width": 320, "height": 640},
        java_script_enabled=True,
    )

    assert await page.evaluate("document.documentElement.scrollWidth") == 320
