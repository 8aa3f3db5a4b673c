"""Conditions and clauses: what a listing leaves out, how many, on which days, and whether it teaches."""

from __future__ import annotations

import pytest

from localfed.app.clauses import split_clauses
from localfed.app.conditions import read_conditions
from localfed.server.wiring import read_lexicon

LEXICON = read_lexicon()


def read(*texts, language="en", about=()):
    return read_conditions([(language, text) for text in texts], about, LEXICON)


@pytest.mark.parametrize(
    "text, language, said, left_out",
    [
        ("Toasters and lamps. No fridges.", "en", "Toasters and lamps.  . .", "No fridges"),
        ("We don't act for landlords, ever", "en", "We do . , ever", "n't act for landlords"),
        ("Pob math, dim ceir", "cy", "Pob math,  . ", "dim ceir"),
        ("Dim lights for a stage", "en", "Dim lights for a stage", ""),
        ("Keine Kühlschränke", "de", "Keine Kühlschränke", ""),
    ],
)
def test_what_is_left_out_goes_to_the_next_comma_or_stop(text, language, said, left_out):
    assert split_clauses(text, language) == (said, left_out)


def test_what_is_left_out_is_known_by_its_subject():
    assert "washing-machine" in read("Small things mended. No washing machines.").left_out


def test_what_is_said_as_well_is_not_left_out():
    found = read(
        "Washing machines mended", "No washing machines from abroad", about={"washing-machine"}
    )

    assert "washing-machine" not in found.left_out


@pytest.mark.parametrize(
    "text, numbers",
    [
        ("A house with four bedrooms", {"bedroom": (4,)}),
        ("One-bedroom flat", {"bedroom": (1,)}),
        ("Seats for 200 guests or 2 guests", {"guest": (200, 2)}),
        ("Twenty two", {}),
        ("A thousand and 1234567 chairs", {}),
        ("Pedwar ystafell", {"ystafel": (4,)}),
    ],
)
def test_how_many_is_known_by_what_comes_after(text, numbers):
    assert read(text).numbers == numbers


@pytest.mark.parametrize(
    "text, days",
    [
        ("Monday and Thursdays", {0, 3}),
        ("Weekdays only", {0, 1, 2, 3, 4}),
        ("At the weekend", {5, 6}),
        ("Bob dydd Mercher a nos Wener", {2}),
        ("Ym mis Mawrth", set()),
        ("When you like", set()),
    ],
)
def test_days_are_read_from_the_words(text, days):
    assert read(text).days == days


@pytest.mark.parametrize(
    "text, teaches",
    [
        ("Piano lessons", True),
        ("Gwersi piano", True),
        ("We teach you to mend", True),
        ("Piano to give away", False),
        ("Stamps", False),
    ],
)
def test_whether_somebody_learns_is_read_from_the_words(text, teaches):
    assert read(text).teaches is teaches
