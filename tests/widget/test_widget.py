"""The widget in somebody's page: found, shown, asked, told."""

from __future__ import annotations

FALLBACK = '<p id="fallback"><a href="https://market.example/">Our market</a></p>'


def directory(attributes: str = "", content: str = FALLBACK) -> str:
    return f"<localfed-directory {attributes}>{content}</localfed-directory>"


async def told(page, name):
    return [detail for event, detail in await page.evaluate("told") if event == name]


async def test_a_page_with_two_lines_shows_what_the_node_knows(embed, website):
    page = await embed(directory('near="54.6,-2.3" kind="offer"'))

    cards = page.locator("localfed-directory [part~=card]")
    assert await cards.count() == 2
    first = await cards.first.inner_text()
    assert "Veg box" in first
    assert "0.2 miles away" in first
    assert "Published by Kitchen (kitchen.example)" in first
    link = cards.first.locator("a")
    assert (await link.get_attribute("href")).startswith(f"{website.node}/documents/")
    assert not await page.locator("#fallback").is_visible()
    [results] = await told(page, "results")
    assert results["total"] == 2
    assert [one["kind"] for one in results["results"]] == ["offer", "offer"]
