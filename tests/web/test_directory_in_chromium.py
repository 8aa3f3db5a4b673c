"""The two boxes of the directory page in a real browser: suggestions by keyboard, one's own position, paper."""

from __future__ import annotations

import pytest

HERE = {"latitude": 54.60213, "longitude": -2.30142}


async def options(page):
    return await page.locator("[role=option]").all_inner_texts()


async def test_somebody_finds_something_by_suggestions_with_the_keyboard_alone(visit):
    page = await visit("/", java_script_enabled=True)
    box = page.get_by_role("combobox", name="What do you need?")

    await box.focus()
    await page.keyboard.type("veget")
    await page.locator("#q-suggestions [role=option]").first.wait_for()
    assert await box.get_attribute("aria-expanded") == "true"
    assert "Use the arrow keys" in await page.locator(".box-q [role=status]").inner_text()
    await page.keyboard.press("ArrowDown")
    chosen = await box.get_attribute("aria-activedescendant")
    assert await page.locator(f"#{chosen}").get_attribute("aria-selected") == "true"
    await page.keyboard.press("Enter")
    assert await box.input_value() == "vegetables"
    assert await box.get_attribute("aria-expanded") == "false"

    await page.keyboard.press("Tab")
    await page.keyboard.type("newpor")
    await page.locator("#near-suggestions [role=option]").first.wait_for()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    assert (await page.locator("#near").input_value()).startswith("Newport")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/?q=vegetables&near=Newport**")

    await page.locator(".card h3 a").first.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/documents/**")
    assert await page.locator("h1").inner_text() == "Veg box"


async def test_escape_and_the_end_of_the_list_lead_back_to_what_was_typed(visit):
    page = await visit("/", java_script_enabled=True)
    box = page.locator("#near")
    await box.focus()
    await page.keyboard.type("newport")
    await page.locator("#near-suggestions [role=option]").first.wait_for()

    for _ in await options(page):
        await page.keyboard.press("ArrowDown")
    assert await box.get_attribute("aria-activedescendant")
    await page.keyboard.press("ArrowDown")
    assert await box.get_attribute("aria-activedescendant") is None
    await page.keyboard.press("ArrowUp")
    assert await box.get_attribute("aria-activedescendant")
    await page.keyboard.press("Escape")

    assert await box.input_value() == "newport"
    assert await box.get_attribute("aria-expanded") == "false"
    assert not await page.locator("#near-suggestions").is_visible()


async def test_a_suggestion_is_taken_by_a_finger(visit):
    page = await visit("/", java_script_enabled=True, has_touch=True)
    await page.locator("#near").focus()
    await page.keyboard.type("newpor")

    await page.locator("#near-suggestions [role=option]").first.tap()

    assert (await page.locator("#near").input_value()).startswith("Newport")


async def test_a_position_is_rounded_before_it_leaves_the_browser(visit):
    page = await visit("/", java_script_enabled=True, geolocation=HERE, permissions=["geolocation"])
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    assert "rounded to about a kilometre" in await page.locator(".box-near").inner_text()

    await page.get_by_role("button", name="Use my position").click()
    await page.wait_for_url("**/?q=&near=54.60%2C+-2.30**")

    assert "0.2 miles" in await page.locator("main").inner_text()
    assert not any("54.602" in url for url in asked)


async def test_the_button_copies_the_link(visit):
    page = await visit(
        "/?q=veg",
        java_script_enabled=True,
        permissions=["clipboard-read", "clipboard-write"],
    )

    await page.get_by_role("button", name="Copy").click()
    await page.get_by_text("Copied").wait_for()

    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == await page.locator("#link").input_value()


async def test_without_scripts_the_boxes_are_plain_and_offer_nothing_that_does_not_work(visit):
    page = await visit("/?q=veg")

    assert await page.locator("[role=combobox], [role=listbox]").count() == 0
    assert await page.get_by_role("button").all_inner_texts() == ["Search"]


@pytest.mark.parametrize("view", ["", "&view=print"])
async def test_paper_has_the_results_and_nothing_to_press(visit, view):
    page = await visit(f"/?q=veg{view}", java_script_enabled=True)
    await page.emulate_media(media="print", color_scheme="dark")

    assert await page.locator(".card").first.is_visible()
    for hidden in (".search", ".narrow", ".reply", ".take", "nav", ".only-screen"):
        for one in await page.locator(hidden).all():
            assert not await one.is_visible(), hidden
    assert await page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    if view:
        box = await page.locator("svg.code").bounding_box()
        assert box["width"] == box["height"] > 100


async def test_the_page_is_right_to_left_without_scrolling_sideways(visit):
    page = await visit(
        "/?q=veg&near=54.6,-2.3", viewport={"width": 320, "height": 640}, java_script_enabled=True
    )

    await page.evaluate("document.documentElement.dir = 'rtl'")

    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    box = await page.locator("h1").bounding_box()
    assert box["x"] + box["width"] > 300


@pytest.mark.parametrize("width", [320, 770, 800, 960, 1280])
async def test_every_label_of_the_form_has_its_line_in_welsh_and_no_box_is_cut(visit, width):
    page = await visit("/?q=veg&near=54.6,-2.3&lang=cy", viewport={"width": width, "height": 900})

    assert await page.locator("html").get_attribute("lang") == "cy"
    for label in await page.locator(".finder label").all():
        height = await label.evaluate("one => one.getBoundingClientRect().height")
        line = await label.evaluate("one => parseFloat(getComputedStyle(one).lineHeight)")
        assert height < 1.5 * line, await label.inner_text()
    has, needs = await page.locator("#radius").evaluate(
        """one => {
          const free = one.cloneNode(true);
          free.style.cssText = 'position: absolute; width: auto';
          one.after(free);
          const widths = [one.offsetWidth, free.offsetWidth];
          free.remove();
          return widths;
        }"""
    )
    assert has >= needs
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_no_sign_between_links_is_left_at_the_end_of_a_line(visit):
    page = await visit("/?q=veg&near=54.6,-2.3&lang=cy", viewport={"width": 320, "height": 900})

    for part in await page.locator(".foot .links, .card .reply, .card .who").all():
        assert "·" not in await part.inner_text()
