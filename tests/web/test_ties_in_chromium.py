"""The web of ties in a real browser: moved by buttons, keys and the mouse, and by links without scripts."""

from __future__ import annotations

import pytest

from web.test_partners import agree, scid


async def box(page):
    text = await page.locator("svg.ties").get_attribute("viewBox")
    return [float(one) for one in text.split()]


@pytest.fixture
async def tied(town):
    await agree(town)
    return town


async def test_buttons_and_keys_move_the_picture_where_it_is(tied, visit):
    page = await visit("/ties", java_script_enabled=True)
    whole = await box(page)

    await page.get_by_role("button", name="Closer").click()
    assert (await box(page))[2] == pytest.approx(whole[2] / 2, abs=1)
    await page.locator(".web").focus()
    await page.keyboard.press("ArrowRight")
    assert (await box(page))[0] > whole[0] + whole[2] / 4
    await page.keyboard.press("+")
    assert await page.locator("svg.ties").get_attribute("data-zoom") == "4"
    await page.keyboard.press("0")

    assert await box(page) == pytest.approx(whole, abs=1)
    assert page.url.endswith("/ties")


async def test_the_mouse_drags_the_picture_and_follows_links_that_it_clicks(tied, visit):
    page = await visit("/ties", java_script_enabled=True)
    before = await box(page)
    await page.locator(".dots circle").first.scroll_into_view_if_needed()
    dot = await page.locator(".dots circle").first.bounding_box()
    x, y = dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2

    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 60, y + 20, steps=4)
    await page.mouse.up()

    assert page.url.endswith("/ties")  # dragging from a dot opens nothing
    assert (await box(page))[0] < before[0] - 10
    await page.locator(".dots circle").first.click()
    await page.wait_for_url("**/organisations/**")


async def test_without_scripts_links_do_the_same(tied, visit):
    page = await visit("/ties")
    whole = await box(page)

    await page.get_by_role("link", name="Closer").click()
    await page.wait_for_url("**/ties?view=**")

    assert (await box(page))[2] == pytest.approx(whole[2] / 2, abs=1)


async def test_the_pages_of_partners_fit_a_narrow_screen(tied, visit):
    page = await visit("/ties", viewport={"width": 320, "height": 640}, java_script_enabled=True)

    for path in ("/ties", f"/ties?of={scid(tied.tools)}", f"/organisations/{scid(tied.kitchen)}"):
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") == 320, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_lines_can_be_told_from_what_is_behind_them(tied, visit, scheme):
    page = await visit("/ties", color_scheme=scheme, java_script_enabled=True)

    stroke = await page.locator(".tie").first.evaluate("one => getComputedStyle(one).stroke")
    behind = await page.locator(".web").evaluate("one => getComputedStyle(one).backgroundColor")

    def light(color):
        parts = [int(one) / 255 for one in color[4:-1].split(",")[:3]]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return sum(v * w for v, w in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))

    low, high = sorted((light(stroke), light(behind)))
    assert (high + 0.05) / (low + 0.05) >= 3  # WCAG 1.4.11
