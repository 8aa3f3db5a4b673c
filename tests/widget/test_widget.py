"""The widget in somebody's page: what a visitor finds, what a page sets, what it is told."""

from __future__ import annotations

import asyncio
from html import escape
from urllib.parse import parse_qs, urlsplit

import pytest

from widget.conftest import settled, told

FALLBACK = '<p class="fallback"><a href="https://market.example/">Our market</a></p>'


def directory(attributes: str = "", content: str = FALLBACK) -> str:
    return f"<localfed-directory {attributes}>{content}</localfed-directory>"


def titles(page):
    return page.locator("[part~=title]").all_inner_texts()


def searches(website):
    return [one.url for one in website.requests if "/api/v1/search" in one.url]


async def test_two_lines_in_a_page_show_what_the_node_knows(embed, website):
    page = await embed(directory('near="54.6,-2.3" kind="offer"'))

    first = await page.locator("[part~=card]").first.inner_text()
    assert sorted(await titles(page)) == ["Repair advice", "Veg box"]
    assert "Veg box" in first
    assert "0.2 miles away" in first
    assert "Published by Kitchen (kitchen.example)" in first
    assert "checked 1 May 2026" in first
    assert f"on {website.node.removeprefix('http://')}" in first
    href = await page.locator("[part=link]").first.get_attribute("href")
    assert href == website.node + website.town.page_of("veg")
    assert not await page.locator(".fallback").is_visible()
    [results] = await told(page, "results")
    assert results["total"] == 2
    assert [one["kind"] for one in results["results"]] == ["offer", "offer"]


async def test_words_of_the_page_are_searched_from_the_start_and_a_visitor_may_write_others(
    embed, website
):
    page = await embed(directory('q=" veg "'))

    assert await titles(page) == ["Veg box"]
    assert await page.locator("input[name=q]").input_value() == "veg"
    assert "q=veg&" in searches(website)[0]
    await page.locator("input[name=q]").fill("")
    await page.locator("input[name=q]").press("Enter")
    await settled(page, 2)
    assert len(await titles(page)) > 1


async def test_how_a_search_was_understood_is_said(embed, website):
    page = await embed(directory('q="vegg"'))
    status = page.locator("[part=status]")

    assert await status.inner_text() == "1 result. Understood as “veg”."
    await page.locator("input[name=q]").fill("mending")
    await page.locator("input[name=q]").press("Enter")
    await page.locator("[part=status]", has_text="Few say this").wait_for()

    assert await titles(page) == ["Repair advice"]


async def test_hostile_words_of_the_page_stay_words(embed, website):
    words = """\"><img src=x onerror=alert(1)>&kind=need#'"""
    page = await embed(directory(f'q="{escape(words)}"'))

    assert await page.locator("input[name=q]").input_value() == words
    asked = parse_qs(urlsplit(searches(website)[0]).query)
    assert asked["q"] == [words]
    assert "kind" not in asked
    assert await page.locator("img").count() == 0


async def test_words_narrow_what_a_compact_list_shows(embed):
    page = await embed(directory('q="veg" view="compact"'))

    assert await titles(page) == ["Veg box"]


async def test_without_scripts_there_is_what_the_page_says(embed):
    page = await embed(directory(), java_script_enabled=False, waits=False)

    assert await page.locator(".fallback").is_visible()
    assert await page.locator(".fallback a").get_attribute("href") == "https://market.example/"


async def test_a_changed_attribute_changes_what_is_shown(embed, website):
    page = await embed(directory('kind="need"'))
    assert await titles(page) == ["Drivers"]
    asked = len(searches(website))

    await page.evaluate(
        "const one = document.querySelector('localfed-directory');"
        "one.setAttribute('kind', 'offer'); one.setAttribute('category', 'Repair');"
        "one.setAttribute('limit', '5'); one.setAttribute('limit', '5')"
    )
    await settled(page, 2)

    assert await titles(page) == ["Repair advice"]
    assert len(searches(website)) == asked + 1, "several changes at once are one question"
    assert "kind=offer&category=Repair&limit=5" in searches(website)[-1]


async def test_several_on_a_page_share_what_they_ask(embed, website):
    page = await embed(directory('kind="offer"') * 3 + directory('kind="need"'))
    await settled(page, 4)

    assert await page.locator("[part~=card]").count() == 3 * 2 + 1
    assert len(searches(website)) == 2


async def test_taken_out_and_put_back_it_works_as_before(embed):
    page = await embed(directory())

    await page.evaluate(
        "const one = document.querySelector('localfed-directory'); one.remove();"
        "document.body.append(one)"
    )
    await settled(page, 2)

    assert await page.locator("[part~=card]").count() == 6


WRONG = {
    'radius="5"': "radius needs near",
    'near="54.6,-2.3" radius="0"': 'radius="0" is no distance',
    'near="54.6,-2.3" radius="1000000000"': "is no distance",
    'near="54.6,-2.3" radius="five"': 'radius="five" is no distance',
    'kind="offers"': 'kind="offers" is none of: offer, need, organisation',
    'view="grid"': 'view="grid" is none of: list, cards, compact',
    'limit="0"': 'limit="0" is no number from 1 to 100',
    'limit="ten"': 'limit="ten" is no number from 1 to 100',
    'lang="!"': 'lang="!" is no language',
    'heading-level="1"': 'heading-level="1" is no number from 2 to 6',
    'organisation="kitchen.example"': "is neither a SCID",
    "partners-only": "partners-only needs organisation",
    'node="javascript:alert(1)"': "is no address of a node",
    'theme="pink"': 'theme="pink" is none of: auto, light, dark',
    f'category="{"x" * 10_000}"': "category has more than 300 characters",
    f'q="{"x" * 1_001}"': "q has more than 1000 characters",
    f'near="{"x" * 10_000}"': "near has more than 300 characters",
}


async def test_a_wrong_attribute_is_named_and_nothing_is_asked(embed, website):
    page = await embed("".join(directory(one) for one in WRONG))
    await settled(page, len(WRONG))

    for at, message in enumerate(WRONG.values()):
        one = page.locator("localfed-directory").nth(at)
        assert message in await one.locator("[part=message]").inner_text()
        assert await one.locator(".fallback").is_visible()
    errors = await told(page, "error")
    assert {one["code"] for one in errors} == {"bad-attribute"}
    assert searches(website) == []


async def test_a_wrong_attribute_put_right_shows_results(embed):
    page = await embed(directory('kind="offers"'))

    await page.evaluate(
        "document.querySelector('localfed-directory').setAttribute('kind', 'offer')"
    )
    await settled(page, 2)

    assert len(await titles(page)) == 2
    assert not await page.locator("[part=message]").is_visible()
    assert not await page.locator(".fallback").is_visible()


async def test_a_radius_may_be_in_miles(embed, website):
    await embed(directory('near="54.6,-2.3" radius="10 miles"'))

    assert "radius=16.093" in searches(website)[0]


async def test_a_node_that_does_not_answer_leaves_what_the_page_says(embed, website):
    website.expected = ["ERR_FAILED", "net::"]
    page = await embed("", waits=False)
    await page.route("**/api/v1/search**", lambda route: route.abort())
    await page.evaluate(
        "html => { document.body.innerHTML = html }", directory() + directory("", "")
    )
    await settled(page, 2)

    one = page.locator("localfed-directory").first
    assert "did not answer" in await one.locator("[part=message]").inner_text()
    assert await one.locator(".fallback").is_visible()
    # Where the page says nothing there is a link of our own: never an empty box.
    other = page.locator("localfed-directory").nth(1)
    assert await other.locator("slot a").is_visible()
    assert (await told(page, "error"))[0]["code"] == "unreachable"

    await page.unroute("**/api/v1/search**")
    await one.locator("[part~=retry]").click()
    await settled(page, 3)

    assert await one.locator("[part~=card]").count() == 6
    assert not await one.locator(".fallback").is_visible()


@pytest.mark.parametrize(
    "status, says, can_retry",
    [
        (503, "is busy", True),
        (429, "is busy", True),
        (500, "did not answer", True),
        (404, "could not answer", False),
    ],
)
async def test_what_a_node_answers_instead_of_results_is_said(
    embed, website, status, says, can_retry
):
    website.expected = [f"status of {status}"]
    page = await embed("", waits=False)
    body = '{"code": "some-code", "title": "T", "detail": "The <b>detail</b>."}'
    await page.route("**/api/v1/search**", lambda route: route.fulfill(status=status, body=body))
    await page.evaluate("html => { document.body.innerHTML = html }", directory())
    await settled(page)

    message = await page.locator("[part=message]").inner_text()
    assert says in message
    assert ("The <b>detail</b>." in message) == (not can_retry)
    assert await page.locator("[part~=retry]").count() == int(can_retry)
    assert (await told(page, "error"))[0]["code"] == "some-code"


@pytest.mark.parametrize(
    "body", ["", "{}", "[]", "null", '{"results": 7}', "<html>", '{"results": [null, {}]}']
)
async def test_an_answer_that_is_none_breaks_nothing(embed, website, body):
    page = await embed("", waits=False)
    await page.route("**/api/v1/search**", lambda route: route.fulfill(status=200, body=body))
    await page.evaluate("html => { document.body.innerHTML = html }", directory())
    await settled(page)

    assert (
        await page.locator(".fallback").is_visible()
        or "Nothing" in await page.locator("[part=status]").inner_text()
    )


async def test_a_place_that_the_node_does_not_know_is_told_to_the_visitor(embed, website):
    website.expected = ["status of 400"]
    page = await embed(directory())

    await page.locator("input[name=near]").fill("?!")
    await page.locator("input[name=near]").press("Enter")
    await settled(page, 2)

    assert "could not answer this" in await page.locator("[part=message]").inner_text()
    assert "could not answer this" in await page.locator("[part=status]").text_content()
    await page.locator("input[name=near]").fill("54.6,-2.3")
    await page.locator("input[name=near]").press("Enter")
    await settled(page, 3)
    assert await page.locator("[part~=card]").count() == 6


async def test_a_visitor_finds_something_with_the_keyboard_alone(embed, website):
    page = await embed(directory())

    await page.keyboard.press("Tab")
    await page.keyboard.type("vegetables")
    await page.keyboard.press("Enter")
    await settled(page, 2)
    assert await page.locator("[part=status]").text_content() == "1 result"
    for _ in range(2):
        await page.keyboard.press("Tab")
    assert await focused(page) == "Search"
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowRight")
    await settled(page, 3)
    assert "q=vegetables&kind=offer" in searches(website)[-1]
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    assert await focused(page) == "Veg box"
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{website.node}/documents/**")


async def focused(page):
    return await page.evaluate("document.activeElement.shadowRoot.activeElement.textContent")


async def test_everything_is_reached_and_named_for_who_does_not_see(embed):
    page = await embed(directory('heading-level="4" limit="5"'))

    region = page.get_by_role("region", name="Local directory")
    assert await region.get_by_role("search").count() == 1
    assert await region.get_by_role("searchbox", name="What do you need?").count() == 1
    assert await region.get_by_role("searchbox", name="Postcode, town or place").count() == 1
    assert await region.get_by_role("radio", name="Offers 2").count() == 1
    assert await region.get_by_role("group", name="What to show").count() == 1
    assert await region.get_by_role("combobox", name="Category").count() == 1
    assert await region.get_by_role("heading", level=4).count() == 5
    assert await region.get_by_role("list").first.get_by_role("article").count() == 5
    assert await region.get_by_role("status").text_content() == "5 of 6 results shown"


async def test_more_goes_on_where_the_list_ended(embed):
    page = await embed(directory('limit="4"'))
    assert await page.locator("[part=status]").text_content() == "4 of 6 results shown"

    await page.get_by_role("button", name="Show more").click()
    await settled(page, 2)

    assert len(set(await titles(page))) == 6
    assert await focused(page) == (await titles(page))[4]
    assert await page.locator("[part=status]").text_content() == "6 results"
    assert not await page.get_by_role("button", name="Show more").is_visible()


async def test_a_category_is_chosen_from_those_that_there_are(embed, website):
    page = await embed(directory())

    await page.get_by_role("combobox", name="Category").select_option("Food and drink (2)")
    await settled(page, 2)

    assert sorted(await titles(page)) == ["Drivers", "Veg box"]
    assert await page.locator("select").input_value() == "food"
    assert "category=food" in searches(website)[-1]


async def test_an_organisation_alone_is_shown_with_what_it_published(embed, website):
    page = await embed(directory(f'organisation="{website.town.tools.did}"'))

    assert sorted(await titles(page)) == ["Cycle club", "Repair advice", "Tools"]


async def test_only_the_last_of_several_questions_is_answered(embed):
    page = await embed("", waits=False)

    async def late(route):
        await asyncio.sleep(0.4)
        await route.continue_()

    await page.route("**/api/v1/search?kind=need**", late)
    await page.evaluate("html => { document.body.innerHTML = html }", directory('kind="need"'))
    await asyncio.sleep(0.1)
    await page.evaluate(
        "document.querySelector('localfed-directory').setAttribute('kind', 'offer')"
    )
    await settled(page)
    await asyncio.sleep(0.6)

    assert len(await told(page, "results")) == 1
    assert sorted(await titles(page)) == ["Repair advice", "Veg box"]


async def test_a_page_is_told_what_is_chosen_and_may_take_it_over(embed):
    page = await embed(
        directory()
        + "<script>addEventListener('localfed:select', event => event.preventDefault())</script>"
    )
    before = page.url

    await page.get_by_role("link", name="Drivers").click()

    [chosen] = await told(page, "select")
    assert chosen["kind"] == "need"
    assert chosen["title"] == "Drivers"
    assert page.url == before


async def test_a_page_may_ask_again_and_see_the_settings(embed, website):
    page = await embed(directory('near="54.6,-2.3" radius="5 km"'))

    await page.evaluate("document.querySelector('localfed-directory').refresh()")
    await settled(page, 2)

    settings = await page.evaluate("document.querySelector('localfed-directory').settings.radius")
    assert settings == 5
    assert len(searches(website)) == 2


async def test_partners_who_show_each_other_are_shown(embed, website):
    town = website.town
    for one, other in ((town.kitchen, town.tools), (town.tools, town.kitchen)):
        half = {"type": "Partnership", "partner": other.did, "stage": "promotion", "promotes": True}
        await one.publish(half)
    await town.kitchen.sync(town.tools)
    scid = town.kitchen.did.split(":")[2]

    page = await embed(
        directory(f'organisation="{town.kitchen.did}" partners-only view="cards"')
        + directory(f'organisation="{scid}" partners-only kind="need"')
    )
    await settled(page, 2)

    first, second = (page.locator("localfed-directory").nth(at) for at in (0, 1))
    assert await first.locator("[part~=title]").all_inner_texts() == ["Repair advice"]
    assert "Published by Tools (tools.example)" in await first.locator("[part=root]").inner_text()
    assert await second.locator("[part=status]").text_content() == "No partners are shown here yet."
    link = await first.locator("[part=home]").get_attribute("href")
    assert link == f"{website.node}/organisations/{scid}"


async def test_a_map_is_drawn_when_somebody_asks_for_it(embed, website, map_files):
    page = await embed(directory('map kind="offer" near="54.6,-2.3"'))
    asked = [one.url for one in website.requests]
    assert not [url for url in asked if "map" in url or "vendor" in url]

    await page.get_by_role("button", name="Show on a map").click()
    point = page.get_by_role("button", name="Veg box, Offer", exact=True)
    await point.wait_for()

    assert (
        "1 of 2 results" in await page.locator("[part=map] ~ *, p[role=status]").nth(1).inner_text()
    )
    assert (
        await page.get_by_role("button", name="Hide the map").get_attribute("aria-expanded")
        == "true"
    )
    await page.get_by_role("button", name="Hide the map").click()
    assert not await point.is_visible()


async def test_a_map_that_cannot_be_loaded_says_that_the_list_has_it_all(embed, website):
    website.expected = ["net::"]
    page = await embed(directory("map"))
    await page.route("**/widget/map.js", lambda route: route.abort())

    await page.get_by_role("button", name="Show on a map").click()
    await settled(page, 2)

    assert "could not be loaded" in await page.locator("[part=root]").inner_text()
    assert (await told(page, "error"))[0]["code"] == "map-not-loaded"
    assert len(await titles(page)) == 6
