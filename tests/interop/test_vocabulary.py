"""The vocabulary: codes and plain words for the same thing, in the languages of the file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from localfed.interop.vocabulary import (
    Scheme,
    concept_of,
    concepts,
    label_of,
    notations_of,
)

SPEC = Path(__file__).resolve().parents[2] / "spec" / "vocabulary" / "1.0.jsonld"
OURS = Path(__file__).resolve().parents[2] / "src/localfed/interop/vocabulary/1.0.jsonld"


def test_the_package_has_the_file_of_the_specification():
    assert OURS.read_bytes() == SPEC.read_bytes()


@pytest.mark.parametrize("scheme", list(Scheme))
def test_every_concept_has_a_code_and_a_label_in_every_language(scheme):
    """LF-VOC-4."""
    found = concepts(scheme)

    assert len(found) >= 16
    for notation, concept in found.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", notation)
        assert set(concept.labels) == {"en", "cy", "fr", "de", "es"}
        assert concept.broader is None or concept.broader in found


def test_no_notation_is_there_twice():
    ids = [one["id"] for one in json.loads(SPEC.read_text("utf-8"))["@graph"]]

    assert len(ids) == len(set(ids))


def test_a_code_is_said_in_the_language_of_the_reader():
    """LF-VOC-1."""
    assert label_of(Scheme.CATEGORIES, "food", ("cy",)) == ("bwyd a diod", "cy")
    assert label_of(Scheme.CATEGORIES, "food", ("de-AT", "en")) == ("Essen und Trinken", "de")
    assert label_of(Scheme.CATEGORIES, "food", ("xx",)) == ("food and drink", "en")


@pytest.mark.parametrize("words", ["Food", "soup for all", "food "])
def test_plain_words_are_shown_as_they_are(words):
    """LF-VOC-1: a code is equal byte for byte."""
    assert label_of(Scheme.CATEGORIES, words, ("cy",)) == (words, None)


def test_plain_words_that_equal_a_label_mean_the_concept():
    """LF-VOC-2."""
    assert concept_of(Scheme.CATEGORIES, "BWYD a diod").notation == "food"
    assert concept_of(Scheme.KINDS, "Charity").notation == "charity"
    assert concept_of(Scheme.KINDS, "a heap of sand") is None


def test_a_concept_brings_those_above_it_and_not_those_below():
    """LF-VOC-3."""
    assert notations_of(Scheme.CATEGORIES, ["food-growing", "sand"]) == ("food-growing", "food")
    assert notations_of(Scheme.CATEGORIES, ["food"]) == ("food",)
