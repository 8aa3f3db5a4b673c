"""Asking in a real browser: by keyboard, without scripts, narrow; the hidden field is not met."""

from __future__ import annotations

import os

from localfed.app.contacts import NewContact, set_contact


async def shot(page, name):
    """Keep a picture for whoever wants to look at it."""
    folder = os.environ.get("LOCALFED_SHOTS")
    if folder:
        await page.screenshot(path=f"{folder}/{name}.png", full_page=True)


async def test_a_visitor_asks_with_the_keyboard_alone(town, visit):
    await set_contact(
        town.kitchen.ports,
        town.kitchen.did,
        NewContact(
            language="en",
            email="office@kitchen.example",
            telephone="01632 960123",
            hours="Mondays, 10 to 12",
        ),
    )
    page = await visit(town.page_of("veg"))
    await shot(page, "document")
    await page.get_by_role("link", name="Ask about this").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/enquiries/**")
    await shot(page, "form")
    town.federation.clock.advance(seconds=10)

    await page.locator("#text").focus()
    await page.keyboard.type("Is there a box for one?")
    await page.keyboard.press("Tab")
    await page.keyboard.type("ann@mail.example")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Ann")
    await page.keyboard.press("Tab")
    assert await page.locator(":focus").inner_text() == "Send"
    await page.keyboard.press("Enter")
    await page.wait_for_url("**sent=tray")

    assert await page.locator("h1").inner_text() == "Thank you"
    await shot(page, "thanks")
    (one,) = town.kitchen.store.enquiries()
    assert (one.text, one.name, one.reply_to) == (
        "Is there a box for one?",
        "Ann",
        "ann@mail.example",
    )


async def test_what_is_wrong_is_seen_on_a_narrow_screen_and_nothing_is_lost(town, visit):
    page = await visit(town.page_of("cycles"))
    await page.set_viewport_size({"width": 320, "height": 700})
    await page.get_by_role("link", name="This is wrong, take us off").click()
    await page.locator("#text").fill("We have closed")
    await page.get_by_role("button").click()

    assert "very quick" in await page.get_by_role("alert").inner_text()
    assert await page.locator("#text").input_value() == "We have closed"
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    await shot(page, "narrow")


async def test_the_button_behind_a_link_withdraws(town, visit):
    from web.test_enquiring import asked_off

    _, link = await asked_off(town)
    page = await visit(link)
    await shot(page, "withdraw")

    await page.get_by_role("button", name="Withdraw it").click()

    await page.get_by_role("heading", name="Withdrawn").wait_for()
    assert (await town.client.get(town.page_of("hall"))).status == 404
