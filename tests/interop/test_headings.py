"""Headings in several languages."""

from __future__ import annotations

import pytest

from localfed.interop.headings import (
    CLOSE,
    ENDING,
    EXACT,
    heading_says,
    language_of,
    parts_at_commas,
    personal_kind,
    register_of,
)


@pytest.mark.parametrize(
    "heading,target",
    [
        ("Name", "name"),
        ("Organisation Name", "name"),
        ("Enw", "name"),
        ("Bezeichnung", "name"),
        ("PLZ", "postal_code"),
        ("Code postal", "postal_code"),
        ("Código Postal", "postal_code"),
        ("postalCode", "postal_code"),
        ("Straße", "street"),
        ("Rue", "street"),
        ("addr:city", "locality"),
        ("Ort", "locality"),
        ("Ciudad", "locality"),
        ("Tref", "locality"),
        ("Gwefan", "url"),
        ("contact:website", "url"),
        ("Rechtsform", "legal_form"),
        ("Legal_Form", "legal_form"),
        ("Lledred", "latitude"),
        ("Längengrad", "longitude"),
        ("Geo Container Latitude", "latitude"),
        ("Registered Postcode", "postal_code"),
    ],
)
def test_a_heading_says_its_target_in_many_spellings(heading, target):
    said = heading_says(heading)

    assert said is not None
    assert said[0] == target


def test_a_heading_is_surer_when_it_is_the_word_itself():
    assert heading_says("Latitude") == ("latitude", EXACT)
    assert heading_says("Venue latitude") == ("latitude", ENDING)
    assert heading_says("descripiton") == ("description", CLOSE)


@pytest.mark.parametrize(
    "heading", ["Opening hours URL", "Image description", "Logo link", "Member count", "a", ""]
)
def test_a_heading_about_something_else_says_nothing(heading):
    assert heading_says(heading) is None


@pytest.mark.parametrize(
    "heading,kind",
    [
        ("Email", "email"),
        ("contact:email", "email"),
        ("E-Mail-Adresse", "email"),
        ("Telephone", "phone"),
        ("Mobile phone", "phone"),
        ("Rhif ffôn", "phone"),
        ("Contact name", "person"),
        ("Director name", "person"),
        ("Ansprechpartner", "person"),
        ("Facebook URL", "social"),
        ("Twitter", "social"),
    ],
)
def test_a_heading_announces_a_personal_contact(heading, kind):
    assert personal_kind(heading) == kind


@pytest.mark.parametrize("heading", ["contact:website", "Contact address", "Ownership", "Name"])
def test_a_heading_of_the_organisation_is_not_personal(heading):
    assert personal_kind(heading) is None


def test_a_register_is_known_by_the_heading_of_its_numbers():
    assert register_of("Companies House Number") == "GB-COH"
    assert register_of("charityNumber") == "GB-CHC"
    assert register_of("Number") is None


@pytest.mark.parametrize(
    "heading,parted",
    [
        ("description:de", ("description", "de", False)),
        ("description_de", ("description", "de", False)),
        ("Name (cy)", ("Name", "cy", False)),
        ("description:gr", ("description", "el", True)),
        ("name:id", ("name", "id", False)),
    ],
)
def test_a_heading_names_the_language_of_its_text(heading, parted):
    assert language_of(heading) == parted


@pytest.mark.parametrize("heading", ["name_id", "name_no", "description:url", "Name", "de"])
def test_an_ending_that_is_a_word_of_its_own_is_no_language(heading):
    assert language_of(heading) is None


def test_only_keywords_are_parted_at_commas():
    assert parts_at_commas("free-keywords")
    assert parts_at_commas("Tags")
    assert not parts_at_commas("Sector")
