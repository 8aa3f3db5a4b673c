"""Languages, distances and days, as readers are used to them."""

from __future__ import annotations

import pytest

from localfed.web.languages import choose, say_day, say_distance, uses_miles
from localfed.web.translating import read_languages


@pytest.mark.parametrize(
    "header, tags",
    [
        ("", ()),
        ("en", ("en",)),
        ("en-GB,en;q=0.9", ("en-gb", "en")),
        ("de;q=0.5, cy, *;q=0.1", ("cy", "de")),
        ("fr;q=0", ()),
        (" CY ; q = 0.8 , en ", ("en", "cy")),
        ("nonsense!!,en", ("en",)),
        ("en;q=2", ()),
        ("x" * 5_000, ()),
        (",".join(["en"] * 1_000), ("en",) * 20),
    ],
)
def test_a_header_is_read_best_first_and_nonsense_passed_over(header, tags):
    assert read_languages(header) == tags


@pytest.mark.parametrize(
    "wanted, original, lang",
    [
        (("cy",), "en", "cy"),
        (("cy-gb",), "en", "cy"),
        (("de",), "en", "en"),
        ((), "cy", "cy"),
        (("de",), None, "en"),
        (("de",), "fr", "en"),
        (("de", "pt"), "en", "pt-BR"),
        (("en-gb", "cy"), "cy", "en"),
    ],
)
def test_a_reader_gets_the_language_asked_for_or_the_original(wanted, original, lang):
    texts = {"en": "Hello", "cy": "Helo", "pt-BR": "Olá"}

    assert choose(texts, wanted, original).lang == lang


def test_a_text_of_unknown_language_says_nothing_of_its_language():
    said = choose({"und": "Hm"}, (), None)

    assert (said.tag, said.dir) == ("", "auto")


def test_a_text_written_from_right_to_left_says_so():
    assert choose({"ar": "مرحبا"}, (), None).dir == "rtl"
    assert choose({"he-IL": "שלום"}, (), None).dir == "rtl"


@pytest.mark.parametrize(
    "km, miles, words",
    [
        (0.0, False, "under 100 m"),
        (0.0, True, "under 100 yards"),
        (0.6, True, "0.4 miles"),
        (1.61, True, "1.0 mile"),
        (0.6, False, "0.6 km"),
        (12.4, False, "12 km"),
        (9.99, False, "10 km"),
        (4000, False, "4,000 km"),
        (20000.4, True, "12,428 miles"),
    ],
)
def test_distances_are_said_in_words(km, miles, words):
    assert say_distance(km, miles=miles) == words


@pytest.mark.parametrize(
    "header, miles",
    [
        ("en-GB,en;q=0.5", True),
        ("cy", True),
        ("en-US", True),
        ("en", False),
        ("de", False),
        ("", False),
    ],
)
def test_miles_are_for_those_who_are_used_to_them(header, miles):
    assert uses_miles(read_languages(header)) is miles


def test_a_day_is_said_in_words():
    assert say_day("2026-10-12T23:59:59Z") == "12 October 2026"
