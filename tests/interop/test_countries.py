"""Countries and languages as people write them."""

from __future__ import annotations

import pytest

from localfed.interop.countries import (
    country_code,
    country_meant,
    knows_box,
    language_tag,
    lies_in,
    may_be_abbreviated,
)


@pytest.mark.parametrize(
    "text,code",
    [
        ("GB", "GB"),
        ("gb", "GB"),
        ("UK", "GB"),
        ("Scotland", "GB"),
        ("Cymru", "GB"),
        ("ÖSterreich", "AT"),
        ("România", "RO"),
        ("Ελλάδα", "GR"),
        ("Κύπρος", "CY"),
        ("Česká republika", "CZ"),
        (" Isle of Man ", "IM"),
        ("VN", "VN"),
    ],
)
def test_a_country_is_known_by_its_names_and_codes(text, code):
    assert country_code(text) == code


@pytest.mark.parametrize("text", ["", "Atlantis", "XX", "Middletown", "?"])
def test_what_names_no_country_has_no_code(text):
    assert country_code(text) is None


def test_a_misspelled_country_is_meant_only_where_the_point_lies_in_it():
    assert country_meant("Frannce", 48.8, 2.3) == "FR"
    assert country_meant("Frannce", 52.5, 13.4) is None


def test_a_home_made_code_is_meant_only_where_the_point_lies_there():
    assert may_be_abbreviated("SR")
    assert country_meant("SR", 48.7, 19.1) == "SK"
    assert country_meant("SR", 4.0, -56.0) is None


def test_islands_far_away_lie_in_their_country():
    assert lies_in("PT", 37.8, -25.6)
    assert lies_in("ES", 28.1, -15.4)
    assert not lies_in("GB", 40.0, -80.0)


def test_a_country_without_a_box_refuses_no_point():
    assert not knows_box("VN")
    assert lies_in("VN", 0, 0)


@pytest.mark.parametrize(
    "suffix,tag",
    [("de", "de"), ("DE", "de"), ("gr", "el"), ("cz", "cs"), ("pt_BR", "pt-BR"), ("cy", "cy")],
)
def test_a_suffix_is_read_as_a_language(suffix, tag):
    assert language_tag(suffix) == tag


@pytest.mark.parametrize("suffix", ["xx", "url", "type", "de-", "de-Latn-AT", ""])
def test_a_suffix_that_is_no_language_is_none(suffix):
    assert language_tag(suffix) is None
