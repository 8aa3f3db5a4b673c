"""Ages: of whom a listing speaks, by audience, by words in two languages and by figures."""

from __future__ import annotations

import pytest

from localfed.app.ages import Age, ages_of


def ages(text, *audience, language="en"):
    return {one.value for one in ages_of([(language, text)], audience)}


@pytest.mark.parametrize(
    "text, said",
    [
        ("Football boots for children", {"children"}),
        ("Kids' bikes", {"children"}),
        ("A room for teenagers", {"young-people"}),
        ("Walking boots for ADULTS", {"adults"}),
        ("Lunch for older people", {"older-people"}),
        ("A co-op that is older than ours", set()),
        ("Family day out", {"children", "adults"}),
        ("Coats", set()),
        ("Plug plants from the nursery", set()),
    ],
)
def test_words_say_an_age(text, said):
    assert ages(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "Not for adults.",
        "No children, please.",
        "Coats, except for babies",
        "We don't take teenagers",
        "We don’t take teenagers",
    ],
)
def test_who_is_left_out_is_not_meant(text):
    assert ages(text) == set()


def test_what_is_left_out_ends_with_the_clause():
    assert ages("Not for adults: for children. No fee, teenagers welcome.") == {
        "children",
        "young-people",
    }


@pytest.mark.parametrize(
    "text, said",
    [
        ("aged 7", {"children"}),
        ("for 14 to 21 year olds", {"young-people", "adults"}),
        ("a 12-year-old", {"young-people"}),
        ("ages 18 and up", {"adults"}),
        ("someone aged 83", {"older-people"}),
        ("over-60s", {"older-people"}),
        ("a hall for 60, 12 tables", set()),
    ],
)
def test_figures_say_an_age(text, said):
    assert ages(text) == said


def test_words_are_read_in_their_language():
    assert ages("Clwb i blant a phobl ifanc", language="cy") == {"children", "young-people"}
    assert ages("Plant swap", language="en") == set()
    assert ages("Kinder, aged 7", language="de") == {"children"}
    assert ages("Welsh of a region: oedolion", language="cy-GB") == {"adults"}


def test_the_audience_says_it_too():
    assert ages("Coats", "adults", "carers") == {"adults"}
    assert ages("Coats", "families") == {Age.CHILD, Age.ADULT}
