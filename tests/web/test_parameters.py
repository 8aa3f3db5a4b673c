"""Parameters of addresses: an unknown one, or one twice, is never passed over in silence."""

import pytest

PATHS = ["/api/v1/search", "/api/v1/suggest", "/api/v1/places", "/api/v1/map", "/api/v1/ties"]


@pytest.mark.parametrize("path", PATHS)
async def test_one_that_there_is_not_is_refused_with_those_that_there_are(client, path):
    answer = await client.get(f"{path}?zzzz=1")
    problem = await answer.json()

    assert (answer.status, problem["code"]) == (400, "bad-query")
    assert "there is no parameter 'zzzz'; there are: " in problem["detail"]
    assert problem["title"] == "A question that cannot be understood."
    assert "parameter that the message names" in problem["next"]


async def test_a_slip_is_answered_with_what_was_meant(client):
    problem = await (await client.get("/api/v1/search?raduis=2")).json()

    assert problem["detail"] == "there is no parameter 'raduis': did you mean radius?"


@pytest.mark.parametrize("path", ["/api/v1/search", "/api/v1/map", "/embed", "/"])
async def test_two_answers_to_one_question_are_refused(client, path):
    for query, status in (("near=Leeds&near=York", 400), ("near=Leeds&near=Leeds", 200)):
        answer = await client.get(f"{path}?{query}")

        assert answer.status == status
        if status == 400:
            assert "near stands in the address twice" in (await answer.text()).casefold()


async def test_what_others_add_to_the_address_of_a_page_is_let_be(client):
    assert (await client.get("/?utm_source=a&utm_source=b&q=veg")).status == 200
