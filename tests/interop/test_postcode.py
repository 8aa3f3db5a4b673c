"""Postcodes in any spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localfed.interop.postcode import OUTWARD, SECTOR, read_codes, write_code

AREAS = st.from_regex(r"[A-PR-UWYZ][A-HK-Y]?", fullmatch=True)
OUTWARDS = st.builds(
    lambda area, rest: area + rest, AREAS, st.from_regex(r"[0-9][0-9]?", fullmatch=True)
)
INWARDS = st.from_regex(r"[0-9][ABD-HJLNP-UW-Z]{2}", fullmatch=True)


@pytest.mark.parametrize(
    "typed, key",
    [
        ("EH1 1AD", "EH1 1AD"),
        ("eh11ad", "EH1 1AD"),
        ("  e h 1  1 a d ", "EH1 1AD"),
        ("EH1.1AD", "EH1 1AD"),
        ("EHI IAD", "EH1 1AD"),
        ("W1A OAX", "W1A 0AX"),
        ("SW1A 1AA", "SW1A1AA"),
        ("sw1a", "SW1A"),
        ("EH1", "EH1 "),
        ("EH1 1", "EH1 1"),
        ("EH1 1A", "EH1 1"),
    ],
)
def test_a_postcode_is_understood_however_it_is_written(typed, key):
    assert next(read_codes(typed)) == key


def test_what_may_be_two_things_is_first_the_one_and_then_the_other():
    assert list(read_codes("EH11"))[:2] == ["EH11", "EH1 1"]


@pytest.mark.parametrize(
    "typed",
    ["", " ", "1", "12", "123456", "Edinburgh", "55.95", "É1 1AA", "A" * 10_000, "EH1 1AD EH1 1AD"],
)
def test_what_is_no_postcode_is_none(typed):
    assert [key for key in read_codes(typed) if len(key) > SECTOR] == []


@given(OUTWARDS, INWARDS, st.booleans(), st.sampled_from(["", " ", "  ", "-"]))
def test_every_postcode_is_read_back_from_any_spelling(outward, inward, is_lower, between):
    written = f"{outward}{between}{inward}"

    key = next(read_codes(written.lower() if is_lower else written))

    assert key == outward.ljust(OUTWARD) + inward
    assert write_code(key) == f"{outward} {inward}"


@given(st.text(max_size=40))
def test_no_text_breaks_it(text):
    for key in read_codes(text):
        assert key.isascii()
