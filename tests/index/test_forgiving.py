"""Words that are mistyped or half typed: what was meant is found, what is written well is not touched."""

from __future__ import annotations

import itertools
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.entries import DID, EDINBURGH, LEITH, LONDON, NOW, ask, entry, fill, names
from localfed.app.index_values import IndexQuery
from localfed.index.spelling import edits


def complete(index, words, *, now=NOW, limit=8, **members):
    return index.complete(IndexQuery(words=words, now=now, limit=limit, **members))


@pytest.mark.parametrize(
    "typed, meant",
    [
        ("brad", "bread"),
        ("braed", "bread"),
        ("bredd", "bread"),
        ("breadd", "bread"),
        ("rbead", "bread"),
        ("BREDA", "bread"),
        ("bicylce repair", "bicycle repair"),
        ("bicycel repiar", "bicycle repair"),
        ("allotmant", "allotment"),
        ("alotmant", "allotment"),
        ("crèche", None),
        ("creshe", "creche"),
        ("wheelchiar", "wheelchair"),
        ("bicyc", "bicycle"),
    ],
)
def test_a_mistyped_word_finds_what_was_meant(index, typed, meant):
    fill(
        index,
        entry("bread", "Bread"),
        entry("bicycle", "Bicycle repair"),
        entry("plot", "Allotment", text="With wheelchair access"),
        entry("kids", "Crèche"),
    )

    answer = ask(index, typed)

    assert answer.corrected == meant
    assert answer.total >= 1


@pytest.mark.parametrize("typed", ["brxxd", "bre", "zzzzzz", "EH6", "h4ll", "br", "ba", "1234567"])
def test_what_is_no_likely_slip_is_looked_for_as_it_is(index, typed):
    fill(index, entry("bread", "Bread"), entry("hall", "Hall"), entry("eh7", text="EH7"))

    answer = ask(index, typed)

    if typed != "bre":  # half a word is completed
        assert (answer.corrected, answer.total) == (None, 0)


def test_a_word_that_documents_have_is_never_replaced(index):
    fill(
        index,
        entry("card", "Card making"),
        entry("rare", "Cord making"),
        *(entry(f"care{n}", "Care") for n in range(300)),
    )

    assert ask(index, "cart").corrected == "care"
    both = ask(index, "card")
    assert "card" in names(both)
    assert names(both)[0] == "card" or both.corrected is None


def test_a_word_of_what_was_taken_away_is_not_said(index):
    fill(index, entry("secret", "Sanctuary"), entry("soon", "Sanctity", expires=NOW + 1))
    index.apply([], [(DID, "d/secret.json")], 2)

    assert ask(index, "sanctuery", now=NOW + 2).corrected is None
    assert complete(index, "sanc", now=NOW + 2).words == ()
    assert complete(index, "sanc", now=NOW + 2).hits == ()
    assert complete(index, "sanc").words == (("sanctity", 1),)


def test_comparing_by_any_word_corrects_nothing(index):
    fill(index, entry("bread", "Bread"))

    assert ask(index, "braed", is_any_word=True).total == 0


words = st.text("abc", min_size=0, max_size=7)


def slow_edits(one, other):
    """Restricted Damerau-Levenshtein by its definition."""
    if not one or not other:
        return len(one) + len(other)
    ways = [
        slow_edits(one[:-1], other) + 1,
        slow_edits(one, other[:-1]) + 1,
        slow_edits(one[:-1], other[:-1]) + (one[-1] != other[-1]),
    ]
    if len(one) > 1 and len(other) > 1 and one[-2:] == other[-1] + other[-2]:
        ways.append(slow_edits(one[:-2], other[:-2]) + 1)
    return min(ways)


@given(one=st.text("abc", max_size=5), other=st.text("abc", max_size=5))
def test_edits_are_counted_as_they_are_defined(one, other):
    assert edits(one, other) == slow_edits(one, other)


# --- half typed -------------------------------------------------------------------------------


def test_a_half_typed_word_is_completed_with_counts_most_first(index):
    fill(
        index,
        *(entry(f"g{n}", "Garden") for n in range(3)),
        entry("gs", "Gardens and garlic"),
        entry("garage", "Garage", text="Bread"),
    )

    assert complete(index, "gar").words == (("garden", 3), ("garage", 1), ("garlic", 1))
    assert complete(index, "bread gar").words == (("bread garage", 1),)
    assert complete(index, "Bread  GAR").words == (("Bread  garage", 1),)
    assert complete(index, "honey gar").words == ()


def test_words_that_say_nothing_are_not_suggested(index):
    fill(
        index,
        *(entry(f"g{n}", "The garden and the theatre for anyone") for n in range(3)),
        entry("cy", "Y gegin yn yr ardd", text="ymlaen"),
    )

    assert complete(index, "an").words == (("anyone", 3),)
    assert complete(index, "the").words == (("theatre", 3),)
    assert complete(index, "garden th").words == (("garden theatre", 3),)
    assert "yr" not in dict(complete(index, "y").words)
    assert "ymlaen" in dict(complete(index, "y").words)


def test_names_are_found_by_the_beginning_of_any_of_their_words_near_ones_first(index):
    fill(
        index,
        entry("far", "Old forge", points=[LONDON]),
        entry("here", "Old forge tools", points=[LEITH]),
        entry("text", "Shop", text="at the old forge"),
    )

    assert names(complete(index, "old fo", near=EDINBURGH)) == ["here", "far"]
    assert set(names(complete(index, "fo"))) == {"here", "far"}


@pytest.mark.parametrize(
    "typed",
    ["", " ", "(((", "a" * 10_000, "x " * 5_000, "\ud800", "*", ".*", "co-op", '"', "'s", "é"],
)
def test_nothing_that_is_typed_breaks_or_stalls_it(index, typed):
    fill(index, *(entry(f"d{n}", "Shop a e w1 co-op") for n in range(50)))

    started = time.thread_time()
    complete(index, typed)
    ask(index, typed)

    assert time.thread_time() - started < 0.5


def test_many_mistyped_words_take_no_longer_than_they_may(index):
    letters = string.ascii_lowercase
    fill(index, *(entry(f"d{n}", f"w{letters[n % 26]}{letters[n // 26]}stle") for n in range(600)))

    started = time.thread_time()
    ask(index, " ".join(f"w{one}{two}stlx" for one, two in itertools.pairwise(letters)))

    assert time.thread_time() - started < 1.0
