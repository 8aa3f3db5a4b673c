"""In what order results come: the best, the nearest or the newest first, on pages and for programs."""

import pytest

from localfed.app import renewals, search

HERE = "54.60,-2.30"
BREAD = {"type": "Offer", "name": "Bread"}


def placed(latitude, **more):
    return BREAD | {"location": [{"latitude": latitude, "longitude": "-2.30"}]} | more


async def names(client, **asked):
    answer = await client.get("/api/v1/search", params=asked)
    assert answer.status == 200, await answer.text()
    return [one["document"]["name"]["en"] for one in (await answer.json())["results"]]


@pytest.fixture
async def bakers(town):
    """A near one that says less, a far one that says it all, one online."""
    await town.publish("near", placed("54.61", name="Bread and cakes of many kinds"))
    await town.publish("far", placed("55.30", name="Sourdough bread"))
    await town.publish(
        "online", {"type": "Offer", "name": "Sourdough bread course", "online": True}
    )
    return town


async def test_nearness_outweighs_a_few_words_more(bakers, client):
    assert (await names(client, q="bread", near=HERE))[0] == "Bread and cakes of many kinds"


async def test_the_nearest_come_first_where_that_is_asked(bakers, client):
    found = await names(client, q="sourdough bread", near=HERE, sort="nearest")

    assert found.index("Sourdough bread") < found.index("Sourdough bread course")


async def test_the_newest_come_first_where_that_is_asked(bakers, client):
    bakers.federation.clock.advance(days=1)
    await bakers.publish("new", placed("55.9", name="Bread of today"))

    assert (await names(client, q="bread", sort="newest"))[0] == "Bread of today"
    assert (await names(client, q="bread", near=HERE, sort="newest"))[0] == "Bread of today"


@pytest.mark.parametrize("sort", ["best", "nearest", "newest"])
async def test_pages_of_every_order_follow_each_other(bakers, client, sort):
    asked = {"near": HERE, "sort": sort}
    whole = await (await client.get("/api/v1/search", params=asked)).json()
    found, cursor = [], None
    while cursor is not None or not found:
        more = {"cursor": cursor} if cursor else {}
        page = await (await client.get("/api/v1/search", params=asked | {"limit": 2} | more)).json()
        found += [one["id"] for one in page["results"]]
        cursor = page["next"]

    assert found == [one["id"] for one in whole["results"]]


async def test_a_cursor_of_another_order_is_told(bakers, client):
    page = await (await client.get(f"/api/v1/search?near={HERE}&limit=2")).json()

    answer = await client.get(
        "/api/v1/search",
        params={"near": HERE, "limit": 2, "sort": "newest", "cursor": page["next"]},
    )

    assert (answer.status, (await answer.json())["code"]) == (400, "bad-cursor")


@pytest.mark.parametrize("wrong", [{"sort": "nearest"}, {"sort": "prettiest"}, {"where": "there"}])
async def test_an_order_that_there_is_not_is_answered_with_what_to_do(client, wrong):
    answer = await client.get("/api/v1/search", params={"q": "bread"} | wrong)
    problem = await answer.json()

    assert (answer.status, problem["code"]) == (400, "bad-query")
    assert next(iter(wrong)) in problem["detail"]


async def test_the_page_asks_for_a_place_where_the_nearest_are_wanted_without_one(bakers, client):
    page = await (await client.get("/?q=bread&sort=nearest")).text()

    assert "To see the nearest first, write a postcode, town or place above." in page


async def test_the_page_offers_the_orders_and_keeps_the_one_chosen(bakers, client):
    page = await (await client.get(f"/?q=bread&near={HERE}&sort=nearest")).text()

    assert 'aria-current="true">Nearest</a>' in page
    assert 'type="hidden" name="sort" value="nearest"' in page


async def test_a_radius_keeps_what_is_online_and_says_so(bakers, client):
    page = await (await client.get(f"/?q=bread&near={HERE}&radius=20")).text()

    assert "1 of these can be had online, wherever you are." in page
    assert "Sourdough bread course" in await names(client, q="bread", near=HERE, radius="20")
    assert "Sourdough bread course" not in await names(
        client, q="bread", near=HERE, radius="20", where="here"
    )
    assert await names(client, q="bread", where="online") == ["Sourdough bread course"]


async def test_the_start_shows_our_own_before_what_others_list(town, client):
    for number in range(8):
        await town.kitchen.publish(
            {"type": "Organization", "name": f"A listed {number}", "listed": True}
        )
    await town.publish("zucchini", {"type": "Offer", "name": "Zucchini"})

    page = await (await client.get("/")).text()

    assert "Zucchini" in page


async def test_what_nobody_confirmed_for_a_year_comes_after_what_is_fresh(town, client):
    await town.publish("old", placed("54.61", name="Old bread"))
    for _ in range(38):
        town.federation.clock.advance(days=10)
        while not (await renewals.renew(town.kitchen.ports, town.kitchen.did)).is_done:
            pass
    await town.publish("new", placed("54.61", name="New bread and cakes"))
    await search.catch_up(town.kitchen.ports)

    assert await names(client, q="bread", near=HERE, limit="1") == ["New bread and cakes"]
