"""Guessing what columns mean, from headings and values."""

from __future__ import annotations

import pytest

from localfed.interop.guessing import guess_mapping, guess_source, look_at_unused, number_in


def guessed(**columns):
    header = list(columns)
    rows = list(zip(*columns.values(), strict=True))
    mapping = guess_mapping(header, rows)
    used = {column.label: column.column for column in mapping.columns}
    unused = {column.column: column.why for column in mapping.unused}
    return used, unused


NAMES = ("Tool Library", "Seed Swap", "Repair Café", "Dale Choir")


def test_an_empty_column_never_wins_over_a_filled_one():
    used, unused = guessed(
        Name=NAMES,
        Latitude=("", "", "", " "),
        Longitude=("",) * 4,
        **{
            "Area Latitude": ("55.95", "", "55.9", "56.0"),
            "Area Longitude": ("-3.19", "", "-3.2", "-3.1"),
        },
    )

    assert used["latitude"] == "Area Latitude"
    assert used["longitude"] == "Area Longitude"
    assert unused == {"Latitude": "empty", "Longitude": "empty"}


def test_a_column_of_bare_identifiers_loses_to_one_with_words():
    used, unused = guessed(
        Name=NAMES,
        Activities=tuple(f"https://v.example/activities/{n}" for n in range(4)),
        Structure=("S10", "S20", "S10", "S30"),
        Sector=("Sharing", "Growing", "Repair", "Music"),
        **{"Legal Form": ("Charity", "Group", "Society", "Group")},
    )

    assert used["category"] == "Sector"
    assert used["legal_form"] == "Legal Form"
    assert unused == {
        "Activities": "identifiers without words",
        "Structure": "identifiers without words",
    }


def test_a_heading_never_wins_over_values_of_another_kind():
    used, unused = guessed(
        Name=NAMES,
        Latitude=("412345", "412346", "412347", "412348"),
        Longitude=("812345", "812346", "812347", "812348"),
        Website=("yes", "no", "yes", "no"),
        Country=("Dale", "Mill", "Dale", "Mill"),
    )

    assert set(used) == {"name"}
    assert set(unused.values()) == {"no target"}


def test_names_may_be_short_and_hold_digits():
    used, _ = guessed(Name=("3A", "V8", "42", "B2"), Town=("Dale", "Mill", "Dale", "Mill"))

    assert used == {"name": "Name", "locality": "Town"}


def test_half_a_point_is_no_point():
    used, _ = guessed(Name=NAMES, Latitude=("55.95", "55.9", "56.1", "55.8"))

    assert "latitude" not in used


def test_british_postcodes_are_known_by_their_form_and_say_the_country():
    header = ("Name", "Where")
    rows = list(zip(NAMES, ("EH1 1AA", "eh12bb", "CF10 1XX", "W1A 1HQ"), strict=True))

    mapping = guess_mapping(header, rows)

    assert mapping.columns_of("postal_code")[0].column == "Where"
    assert mapping.country == "GB"


def test_websites_are_known_by_their_form_but_not_names_of_things():
    used, unused = guessed(
        Name=NAMES,
        Online=tuple(f"https://{n}.example/" for n in "abcd"),
        Thing=tuple(f"https://v.example/id/{n}" for n in range(4)),
        Bild=tuple(f"https://v.example/{n}.jpg" for n in range(4)),
    )

    assert used["url"] == "Online"
    assert unused["Thing"] == "no target"


def test_personal_columns_are_known_by_heading_and_by_values():
    mapping = guess_mapping(
        ("Name", "Ask", "Ring", "Founded", "Contact person", "Facebook"),
        [
            (name, f"{n}@example.org", f"+44 1632 96000{n}", f"{n + 1}/2/2001", "A", "B")
            for n, name in enumerate(NAMES)
        ],
    )

    kinds = {column.column: (column.personal, column.filled) for column in mapping.unused}
    assert kinds == {
        "Ask": ("email", 4),
        "Ring": ("phone", 4),
        "Founded": (None, 4),
        "Contact person": ("person", 4),
        "Facebook": ("social", 4),
    }


def test_numbers_of_a_register_are_known_by_heading_and_form():
    used, unused = guessed(
        Name=NAMES,
        **{
            "Companies House Number": ("01234567", "SC123456", "", "234567"),
            "Charity Number": ("none", "none", "none", "x"),
        },
    )

    assert used["identifier:GB-COH"] == "Companies House Number"
    assert unused["Charity Number"] == "no target"


def test_only_a_column_of_different_values_is_a_key():
    used, _ = guessed(Name=NAMES, ID=("1", "2", "3", "4"))
    shared, _ = guessed(Name=NAMES, ID=("1", "2", "2", "4"))

    assert used["key"] == "ID"
    assert "key" not in shared


def test_names_and_texts_in_several_languages_have_a_column_each():
    used, _ = guessed(
        **{
            "name": NAMES,
            "name:cy": NAMES,
            "description": ("a text",) * 4,
            "description_de": ("ein Text",) * 4,
            "description:gr": ("κείμενο",) * 4,
        }
    )

    assert used == {
        "name": "name",
        "name:cy": "name:cy",
        "description": "description",
        "description:de": "description_de",
        "description:el": "description:gr",
    }


def test_numbered_lines_of_an_address_belong_together_in_their_order():
    mapping = guess_mapping(
        ("Name", "Address line 2", "Address line 1", "Address line 3"),
        [(name, "Old Town", "1 Mill Lane", "") for name in NAMES],
    )

    assert [column.column for column in mapping.columns_of("street")] == [
        "Address line 2",
        "Address line 1",
    ]


def test_a_second_column_of_categories_serves_for_searching():
    used, _ = guessed(
        Name=NAMES,
        Sector=("Sharing", "Growing", "Repair", "Music"),
        Industry=("Loans", "Seeds", "", "Songs"),
    )

    assert used["category"] == "Sector"
    assert used["keywords"] == "Industry"


@pytest.mark.parametrize(
    "header,targets",
    [
        (
            ("Name", "Straße", "PLZ", "Ort", "Land", "Breitengrad", "Längengrad"),
            {"name", "street", "postal_code", "locality", "country", "latitude", "longitude"},
        ),
        (
            ("Nom", "Adresse", "Code postal", "Ville", "Pays", "Lat", "Lng"),
            {"name", "street", "postal_code", "locality", "country", "latitude", "longitude"},
        ),
        (
            ("Nombre", "Dirección", "Código postal", "Localidad", "País", "Latitud", "Longitud"),
            {"name", "street", "postal_code", "locality", "country", "latitude", "longitude"},
        ),
        (
            ("Enw", "Cyfeiriad", "Cod post", "Tref", "Gwlad", "Lledred", "Hydred"),
            {"name", "street", "postal_code", "locality", "country", "latitude", "longitude"},
        ),
    ],
)
def test_headings_of_many_languages_are_known(header, targets):
    rows = [(name, "Mill 1", "10115", "Dale", "DE", "52.5", "13.4") for name in NAMES]

    mapping = guess_mapping(header, rows)

    assert {column.target for column in mapping.columns} == targets


def test_one_column_with_both_degrees_is_used_where_there_are_no_two():
    both = ("55.95, -3.19",) * 4
    alone, _ = guessed(Name=NAMES, Coordinates=both)
    beside, unused = guessed(Name=NAMES, Coordinates=both, Lat=("55.95",) * 4, Lon=("-3.19",) * 4)

    assert alone["point"] == "Coordinates"
    assert set(beside) == {"name", "latitude", "longitude"}
    assert unused == {"Coordinates": "another column"}


def test_a_table_without_rows_maps_nothing():
    mapping = guess_mapping(("Name", "Town"), [])

    assert mapping.columns == ()
    assert {column.why for column in mapping.unused} == {"empty"}


def test_what_a_given_mapping_leaves_aside_is_told_with_the_reason():
    rows = [(name, "a@example.org", "", "Dale") for name in NAMES]
    header = ("Name", "Email", "Fax", "Town")
    mapping = guess_mapping(("Name",), [(name,) for name in NAMES])

    unused = look_at_unused(mapping, header, rows)

    assert [(column.column, column.why) for column in unused] == [
        ("Email", "personal"),
        ("Fax", "empty"),
        ("Town", "no target"),
    ]


@pytest.mark.parametrize(
    "scheme,text,number",
    [
        ("GB-COH", "sc123456", "SC123456"),
        ("GB-COH", "123456", "00123456"),
        ("GB-COH", "12", None),
        ("GB-CHC", "1234567-1", "1234567-1"),
        ("GB-SC", "SC0123", None),
        ("XX-ANY", "  A  7 ", "A 7"),
        ("XX-ANY", " ", None),
    ],
)
def test_a_number_is_written_as_its_register_writes_it(scheme, text, number):
    assert number_in(scheme, text) == number


@pytest.mark.parametrize(
    "file_name,edition",
    [
        ("groups.Q2-2023.postcodes.csv", "Q2-2023"),
        ("exports/groups-2024-05-01.csv", "2024-05-01"),
        ("groups_2024.csv", "2024"),
        ("groups v1.2.csv", "v1.2"),
        ("groups.csv", None),
        ("groups12024.csv", None),
    ],
)
def test_a_file_name_tells_the_edition(file_name, edition):
    source = guess_source(file_name)

    assert source.edition == edition
    assert source.name == file_name.rsplit("/", maxsplit=1)[-1]
