"""The lexicon: its tables are sound, and it finds what texts are about however they say it."""

from __future__ import annotations

from collections import Counter

import pytest

from localfed.interop.lexicon import read_tables
from localfed.server.wiring import read_lexicon

LEXICON = read_lexicon()


def about(text):
    return LEXICON.read(LEXICON.stems(text))


def test_every_code_stands_once_and_what_is_broader_is_there():
    subjects = list(read_tables())
    codes = Counter(one.code for one in subjects)

    assert len(subjects) > 2_000
    assert [code for code, times in codes.items() if times > 1] == []
    assert [one.code for one in subjects for broader in one.broader if broader not in codes] == []


def test_nothing_is_broader_than_itself():
    broader = {one.code: one.broader for one in read_tables()}

    def climb(code, path=()):
        assert code not in path, path
        for above in broader[code]:
            climb(above, (*path, code))

    for code in broader:
        climb(code)


def test_every_subject_has_a_word_that_is_more_than_a_hint_or_a_name_made_of_its_code():
    for one in read_tables():
        assert one.words["en"], one.code
        assert LEXICON.label(one.code)
        assert not LEXICON.label(one.code).startswith("~")


@pytest.mark.parametrize(
    "one, other",
    [
        ("A widower on our street", "Bereavement café"),
        ("Red letters from the bailiffs", "Debt advice"),
        ("A puncture", "Bicycles mended"),
        ("My husband has Alzheimer's", "Dementia friends"),
        ("Telly on the blink", "Television repairs"),
        ("Cylch galar", "For people who grieve"),
    ],
)
def test_what_is_said_in_other_words_has_a_subject_in_common(one, other):
    mine, theirs = LEXICON.widen(about(one)), LEXICON.widen(about(other))

    assert mine.keys() & theirs.keys()


def test_the_longest_words_win():
    machine = about("washing machine")

    assert machine == about("a washing machine")
    assert not machine.keys() & about("sewing machine").keys()


def test_a_hint_is_less_than_a_word():
    hinted = {
        word: one.code
        for one in read_tables()
        for word in one.words["en"]
        if word.startswith("~") and " " not in word
    }
    word, code = next(iter(hinted.items()))

    assert about(word.removeprefix("~"))[code] < 1
    assert about(LEXICON.label(code))[code] == 1


def test_a_word_of_which_the_stem_leaves_too_little_is_taken_whole():
    assert about("an AED on the wall").keys() - about("an on the wall").keys()
    assert "defibrillator" not in about("a wall")


def test_a_text_without_such_words_is_about_nothing():
    assert about("") == {}
    assert about("xyzzy of the and") == {}


def test_what_is_broader_is_said_half_as_much_for_each_step():
    [trumpet] = [one for one in read_tables() if one.code == "trumpet"]
    wide = LEXICON.widen({"trumpet": 1.0})

    assert wide["trumpet"] == 1
    assert {wide[one] for one in trumpet.broader} == {0.5}
    assert min(wide.values()) >= 0.125


def test_what_much_is_about_tells_less():
    assert 0 < LEXICON.rarity("free") <= 1
    assert LEXICON.rarity("no such subject") == 1
    assert LEXICON.rarity("musical-instrument") < LEXICON.rarity("trumpet")


def test_a_label_is_in_the_language_of_the_reader_where_there_is_one():
    assert LEXICON.label("trumpet", ("cy-GB",)) == "trwmped"
    assert LEXICON.label("trumpet", ("fr",)) == LEXICON.label("trumpet")
