"""Subjects beside words: where too little has the words of a search, what is about the same is found."""

from __future__ import annotations

import pytest

from index.entries import LEITH, LONDON, NOW, ask, entry, fill, names
from localfed.app.index_values import Meant
from localfed.app.values import Kind, Point


def meant(words, *subjects):
    return Meant(words=tuple(words.split()), subjects=subjects)


WIDOWER = (meant("widower", "bereavement"),)
TEAROOM = meant("tearoom", "tearooms", "cafe")


def some(count, **members):
    return [entry(f"word{n}", f"Widower {n}", **members) for n in range(count)]


@pytest.mark.parametrize("count, widens", [(0, True), (1, True), (2, True), (3, False)])
def test_what_is_about_the_same_is_found_where_too_little_has_the_words(index, count, widens):
    fill(index, *some(count), entry("about", "Tea and talk", subjects=("bereavement",)))

    answer = ask(index, "widower", meant=WIDOWER)

    assert ("about" in names(answer)) is widens
    assert answer.is_wider is widens
    assert answer.total == count + widens


def test_what_has_the_words_comes_first(index):
    fill(
        index,
        entry("about", "A", subjects=("bereavement",)),
        entry("text", "B", text="For a widower"),
        entry("name", "Widower", subjects=("bereavement",)),
    )

    answer = ask(index, "widower", meant=WIDOWER)

    assert names(answer) == ["name", "text", "about"]


def test_what_is_about_all_of_it_stands_before_half_of_the_words(index):
    fill(
        index,
        entry("both", subjects=("bereavement", "cafe")),
        *(entry(f"cafe{n}", "Tea", subjects=("cafe",)) for n in range(3)),
        *(entry(f"grief{n}", subjects=("bereavement",)) for n in range(3)),
        *(entry(f"word{n}", f"Widower tearoom {n}") for n in range(2)),
        entry("more", subjects=("bereavement", "cafe")),
    )

    answer = ask(index, "widower tearoom", meant=(*WIDOWER, TEAROOM))

    assert set(names(answer)) == {"both", "more", "word0", "word1"}


def test_where_hardly_anything_is_about_all_of_it_one_subject_and_half_of_the_words_are_enough(
    index,
):
    fill(
        index,
        entry("piano", "Piano tuner"),
        entry("lessons", subjects=("music-lesson",)),
        entry("other", "Bread"),
    )

    answer = ask(
        index,
        "piano accordion",
        meant=(meant("piano", "music-lesson"), meant("accordion", "accordion")),
    )

    assert set(names(answer)) == {"piano", "lessons"}
    assert answer.is_wider


def test_nothing_is_said_to_be_wider_where_nothing_is_about_it(index):
    fill(index, entry("one", "Widower"))

    answer = ask(index, "widower", meant=WIDOWER)

    assert names(answer) == ["one"]
    assert not answer.is_wider


@pytest.mark.parametrize(
    "members, expected",
    [
        ({"kind": Kind.NEED}, {"need"}),
        ({"near": LEITH, "radius_km": 5.0}, {"near"}),
        ({"category": "food"}, {"near"}),
        ({"is_online": True}, {"online"}),
        ({"now": NOW + 100}, set()),
    ],
)
def test_what_is_chosen_narrows_what_is_only_about_it_too(index, members, expected):
    about = {"subjects": ("bereavement",)}
    fill(
        index,
        entry("near", points=[LEITH], categories=["food"], **about),
        entry("far", points=[LONDON], **about),
        entry("need", kind=Kind.NEED, **about),
        entry("online", online=True, **about),
        entry("other", "Bread", points=[LEITH]),
    )
    if members.get("is_online") is None and "radius_km" in members:
        expected = expected | {"online"}  # it is to be had there, too

    assert set(names(ask(index, "widower", meant=WIDOWER, **members))) == expected


def test_many_that_are_about_it_are_counted_as_they_are_listed(index):
    fill(index, *(entry(f"{n}", points=[LEITH], subjects=("cafe",)) for n in range(1_500)))

    answer = ask(index, "tearoom", meant=(TEAROOM,), near=LEITH)

    assert answer.total == 1_500
    assert answer.kinds == {"offer": 1_500}


def test_a_known_word_is_no_misspelling(index):
    fill(index, entry("wider", "Wider doors"), entry("about", subjects=("bereavement",)))

    corrected = ask(index, "widder", meant=(meant("widder", "bereavement"),))
    known = ask(index, "widder", meant=(meant("widder", "bereavement"),), known=("widder",))

    assert corrected.corrected == "wider"
    assert known.corrected is None
    assert names(known) == ["about"]


def test_a_word_that_is_about_nothing_must_be_there_as_well(index):
    fill(
        index,
        entry("named", "Cardiff bike kitchen"),
        *(entry(f"other{n}", subjects=("cycle-repair",)) for n in range(9)),
        entry("there", "In Cardiff", subjects=("cycle-repair",)),
        entry("two", "Cardiff kitchen"),
    )

    answer = ask(index, "cardiff bike kitchen", meant=(meant("bike kitchen", "cycle-repair"),))

    assert names(answer)[0] == "named"
    assert set(names(answer)) == {"named", "there", "two"}


@pytest.mark.parametrize("count", [1_020, 1_024, 1_025, 1_030])
def test_what_is_about_it_is_found_however_many_have_half_of_the_words(index, count):
    fill(
        index,
        *(entry(f"yoga{n}", "Yoga") for n in range(count)),
        *(entry(f"squeeze{n}", "Squeezebox", subjects=("accordion",)) for n in range(5)),
    )

    answer = ask(index, "accordion yoga", meant=(meant("accordion", "accordion"),))

    assert answer.is_wider
    assert answer.total == count + 5


@pytest.mark.parametrize("near", [None, Point(51.5, -3.1)])
def test_words_that_say_little_are_about_nothing_near_a_place(index, near):
    fill(index, entry("one", "Bread", points=[LEITH]), entry("end", subjects=("end-of-life",)))

    answer = ask(index, "die", near=near, meant=(meant("die", "end-of-life"),))

    assert set(names(answer)) == ({"end"} if near is None else {"one", "end"})


def test_what_is_left_out_of_a_search_by_words_is_left_out_of_its_meaning(index):
    fill(index, entry("one", "Bread"), entry("two", subjects=("bread",)))

    # The words of a search are read up to a limit, and those that say little are not.
    answer = ask(index, "bread", meant=(meant("loaf", "loaves"),))

    assert names(answer) == ["one"]
