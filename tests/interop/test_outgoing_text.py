"""Texts for files of other formats: nothing in them that the format forbids or that hides what is there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from localfed.interop.outgoing_text import clean, clean_line


def test_controls_halves_of_pairs_and_overrides_are_left_out():
    assert clean("a\x00b\x1b[31mc\x7fd\ud800e\u202ef\u2066g\ufffeh") == "ab[31mcdefgh"


def test_every_end_of_a_line_is_one_and_a_line_has_none():
    assert clean("a\r\nb\rc\u2028d\u2029e\x85f") == "a\nb\nc\nd\ne\nf"
    assert clean_line(" a\r\nb\t c\u2028") == "a b c"


def test_letters_of_every_script_stay():
    assert clean_line("Ynys Môn – שלום مرحبا 👩🏽‍🚀") == "Ynys Môn – שלום مرحبا 👩🏽‍🚀"


@given(st.text())
def test_what_is_clean_stays_as_it_is(text):
    assert clean(clean(text)) == clean(text)
    assert clean_line(clean_line(text)) == clean_line(text)
    assert "\n" not in clean_line(text)
