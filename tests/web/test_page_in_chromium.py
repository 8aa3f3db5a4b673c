"""The pages in a real browser: by keyboard, without scripts, narrow, dark."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page


async def width_of_content(page: Page) -> int:
    return await page.evaluate("document.documentElement.scrollWidth")


async def test_a_visitor_finds_something_with_the_keyboard_alone(visit):
    page = await visit("/")

    await page.keyboard.press("Tab")
    assert await page.locator(":focus").inner_text() == "Skip to the content"
    await page.locator("#q").focus()
    await page.keyboard.type("vegetables")
    await page.keyboard.press("Tab")
    await page.keyboard.type("54.6, -2.3")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Within 5 miles")
    await page.keyboard.press("Tab")
    assert await page.locator(":focus").inner_text() == "Search"
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/?q=vegetables&near=54.6%2C+-2.3&radius=8.0")
    assert await page.locator("h1").inner_text() == "1 result for “vegetables”"
    assert "0.2 miles" in await page.locator(".card").first.inner_text()

    await page.locator(".card h3 a").first.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/documents/**")

    assert await page.locator("h1").inner_text() == "Veg box"
    assert "Published by Kitchen" in await page.locator("main").inner_text()


async def test_enter_in_the_first_box_searches(visit):
    page = await visit("/")

    await page.locator("#q").fill("repair")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/?q=repair**")

    assert await page.locator(".card").count() == 1


async def test_no_page_scrolls_sideways_on_a_narrow_screen(town, visit):
    await town.publish(
        "long",
        {
            "type": "Offer",
            "name": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamter" * 2,
            "category": ["Unreasonablylongcategorynamewithoutanyspacewhatsoever" * 2],
            "url": "https://a-very-long-host-name-that-somebody-really-has-registered.example/",
            "description": "x" * 300,
        },
    )
    page = await visit("/", viewport={"width": 320, "height": 640}, java_script_enabled=True)
    scid = town.kitchen.did.split(":")[2]

    for path in (
        "/",
        "/?q=veg&near=54.6,-2.3",
        "/?q=nothing&near=54.6,-2.3&radius=1",
        "/?near=54.6,-2.3&radius=0",
        "/?near=54.6,-2.3&view=print",
        town.page_of("long"),
        town.page_of("cycles"),
        f"/organisations/{scid}",
        "/organisations",
        "/about",
    ):
        await page.goto(path)
        for summary in await page.locator("summary").all():
            await summary.click()

        assert await width_of_content(page) == 320, path


async def test_targets_are_large_enough_to_hit(visit):
    page = await visit("/?q=&near=54.6,-2.3", viewport={"width": 320, "height": 640})

    boxes = [
        await one.bounding_box()
        for one in await page.locator(
            "input:not([type=hidden]), select, button, .choices a, nav a"
        ).all()
        if await one.is_visible()
    ]

    assert len(boxes) > 8
    assert min(box["height"] for box in boxes) >= 24
    assert min(box["width"] for box in boxes) >= 24


LUMINANCE = """
element => {
  const read = text => text.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  let behind = element;
  while (behind && read(getComputedStyle(behind).backgroundColor)[3] === 0) {
    behind = behind.parentElement;
  }
  const front = light(read(getComputedStyle(element).color));
  const back = light(read(getComputedStyle(behind || document.body).backgroundColor));
  return (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_can_be_read_in_light_and_dark(town, visit, scheme):
    page = await visit("/", color_scheme=scheme, java_script_enabled=True)
    backgrounds = set()

    for path in ("/?q=&near=54.6,-2.3&category=Food", "/?near=x", town.page_of("cycles"), "/about"):
        answer = await page.context.request.get(path)
        text = re.sub("<script .*></script>", "", await answer.text())
        await page.set_content(
            text.replace('href="/static/', f'href="{town.client.make_url("/static/")}')
        )
        backgrounds.add(await page.evaluate("getComputedStyle(document.body).backgroundColor"))
        for element in await page.locator(
            "h1, h2, h3, p, a, label, .kind, .facts span, dt, dd, button, input:not([type=hidden]),"
            " select, summary, .number, .hint, .notice, code"
        ).all():
            if await element.is_visible():
                ratio = await element.evaluate(LUMINANCE)

                assert ratio >= 4.5, (path, await element.inner_text(), ratio)

    assert len(backgrounds) == 1


async def test_the_page_works_at_four_hundred_percent(visit):
    # 1280 pixels at 400 % are 320 wide and very low.
    page = await visit(
        "/?q=veg&near=54.6,-2.3", viewport={"width": 320, "height": 256}, device_scale_factor=4
    )

    await page.locator(".card h3 a").first.click()
    await page.wait_for_url("**/documents/**")

    assert await page.locator("h1").is_visible()


async def test_hostile_text_runs_nothing_even_with_scripts_switched_on(town, visit):
    bad = "</title><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    await town.publish("bad", {"type": "Offer", "name": bad, "description": bad, "category": [bad]})
    page = await visit(town.page_of("bad"), java_script_enabled=True)

    await page.goto("/")

    assert "owned" not in await page.title()
    assert await page.locator("img, script:not([src], [type='application/ld+json'])").count() == 0
