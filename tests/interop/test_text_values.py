"""Texts made fit for the protocol."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localfed.interop.records import Ledger
from localfed.interop.text_values import Cell
from localfed.protocol import canonical


def cell(text):
    return Cell(Ledger(), 2, "Name", text)


def codes(found):
    return [field.code for field in found.ledger.fields]


@pytest.mark.parametrize("text", ["Mill\u2028Street", "Mill\tStreet", " Mill \xa0 Street\r\n"])
def test_white_space_of_every_kind_is_folded_silently(text):
    found = cell(text)

    assert found.one_line(100) == "Mill Street"
    assert codes(found) == []


@pytest.mark.parametrize(
    "text", ["Mill\x00 Street", "Mill\u202e Street", "\ufeffMill\u200b Street"]
)
def test_a_forbidden_character_is_taken_out_and_reported(text):
    found = cell(text)

    assert found.one_line(100) == "Mill Street"
    assert codes(found) == ["bad-characters"]


@pytest.mark.parametrize("text", ["", "  ", "-", "n/a", "N/A", "None", "null"])
def test_a_placeholder_is_nothing(text):
    assert cell(text).one_line(100) is None
    assert cell(text).lines(100, prose=True) is None


def test_a_lost_character_is_kept_and_reported():
    found = cell("Caf\ufffd at the Mill")

    assert found.one_line(100) == "Caf\ufffd at the Mill"
    assert codes(found) == ["damaged"]


@pytest.mark.parametrize("text", ["The Bakers? Guild", "St Ann?s Hall", "Mill ? Dale"])
def test_a_question_mark_within_words_is_reported_as_a_doubt(text):
    found = cell(text)

    assert found.one_line(100) == text
    assert codes(found) == ["maybe-damaged"]


@pytest.mark.parametrize("text", ["Who Cares?", "What next?!"])
def test_a_question_is_no_damage(text):
    found = cell(text)

    assert found.one_line(100) == text
    assert codes(found) == []


def test_an_address_keeps_its_lines():
    found = cell("1 Mill Lane\r\n  Old   Town \r\n\r\n\r\n\r\nDale")

    assert found.lines(100, prose=False) == "1 Mill Lane\nOld Town\n\nDale"


def test_a_text_keeps_the_joiners_that_its_script_needs():
    found = cell("می\u200cخواهم")

    assert found.lines(100, prose=True) == "می\u200cخواهم"
    assert found.one_line(100) == "میخواهم"


def test_what_is_too_long_is_shortened_and_reported():
    found = cell("word " * 100)

    text = found.one_line(40)

    assert len(text) <= 40
    assert text.endswith("…")
    assert codes(found) == ["too-long"]


def test_an_email_address_in_place_of_a_text_is_left_out():
    found = cell("write to hall@example.org")

    assert found.one_line(100) is None
    assert found.ledger.personal == {"email": 1}


def test_an_email_address_within_a_text_is_taken_out():
    found = cell("We lend tools. Ask tools@example.org first.")

    assert found.lines(100, prose=True) == "We lend tools. Ask […] first."
    assert found.ledger.personal == {"email": 1}
    assert codes(found) == ["email-in-text"]


@given(st.text(max_size=200))
def test_any_text_becomes_one_that_the_protocol_takes(text):
    name = Cell(Ledger(), 2, "Name", text).one_line(100)
    prose = Cell(Ledger(), 2, "Description", text).lines(100, prose=True)

    for clean in (name, prose):
        if clean is not None:
            assert 0 < len(clean) <= 100
            canonical.parse(canonical.encode({"text": clean}))
    assert name is None or "\n" not in name
