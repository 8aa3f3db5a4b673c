"""From rows to records: a bad field is left out, the row still counts."""

from __future__ import annotations

import json

from interop.protocol_form import document_of
from localfed.interop.csv_table import read_csv
from localfed.interop.mapping import mapping_from_json
from localfed.protocol import limits
from localfed.protocol.forms import Identifier


def read(text, **mapping):
    given = mapping_from_json(json.dumps(mapping).encode()) if mapping else None
    return read_csv(text.encode(), file_name="groups-2025.csv", mapping=given)


def codes(table):
    return [(field.line, field.column, field.code) for field in table.report.fields]


def counts(counted):
    return {count.what: count.count for count in counted}


def test_a_row_becomes_a_record_with_all_that_it_says():
    table = read(
        "ID,Name,About,Website,Legal form,Sector,Tags,Company number,Venue,Address,Town,County,"
        "Postcode,Country,Lat,Lon\n"
        'G1,Tool Library,"We lend\ntools",tools.example,Society,Sharing;Repair,"saws, drills",'
        "1234567,Mill Hall,1 Mill Lane,Dale,Dalesh,EH1 1AA,UK,55.950000,-3.19\n"
    )

    record = table.records[0]
    place = record.places[0]
    assert record.key == "G1"
    assert record.description == {"und": "We lend\ntools"}
    assert record.url == "http://tools.example"
    assert record.legal_form == "Society"
    assert record.category == ("Sharing", "Repair")
    assert record.keywords == ("saws", "drills")
    assert record.identifier == (Identifier(scheme="GB-COH", number="01234567"),)
    assert (place.name, place.street, place.locality) == ("Mill Hall", "1 Mill Lane", "Dale")
    assert (place.region, place.postal_code, place.country) == ("Dalesh", "EH1 1AA", "GB")
    assert (place.latitude, place.longitude) == ("55.95", "-3.19")
    assert document_of(record, table.source).name == {"und": "Tool Library"}


def test_a_bad_field_is_left_out_with_its_line_and_the_row_still_counts():
    table = read(
        "Name,Website,Lat,Lon,Country,Company number\n"
        "Choir,http://choir.example,55.9,-3.2,GB,01234567\n"
        "Tools,update6,0,0,GB,none of it\n"
        "Seeds,http://seeds.example,155,-3.2,Atlantis,SC123456\n"
    )

    assert [record.name["und"] for record in table.records] == ["Choir", "Tools", "Seeds"]
    assert codes(table) == [
        (3, "Website", "not-a-url"),
        (3, "Company number", "not-an-identifier"),
        (3, "Lat", "null-island"),
        (4, "Lat", "swapped"),
        (4, "Country", "not-a-country"),
    ]
    assert table.report.without_point == 2
    assert table.records[1].places[0].country == "GB"


def test_a_row_without_a_name_is_left_out_and_shows_nothing_of_itself():
    table = read("Name,Town,Phone\nChoir,Dale,\n  ,Mill,+44 1632 960000\n")

    assert table.report.records == 1
    assert table.report.rows_left_out == 1
    assert codes(table) == [(3, "", "no-name")]
    assert table.report.fields[0].value == ""


def test_a_row_with_the_key_of_a_row_before_is_left_out():
    table = read("Ref,Name\nA,Choir\nB,Tools\nA,Seeds\n", columns={"key": "Ref", "name": "Name"})

    assert [record.key for record in table.records] == ["A", "B"]
    assert (table.report.duplicates, table.report.rows_left_out) == (1, 1)
    assert codes(table) == [(4, "", "same-key")]


def test_without_an_identifier_the_key_is_made_of_name_and_address():
    first = read("Name,Town,Colour\nChoir,Dale,red\nChoir,Mill,red\n")
    second = read("Town,Name,Colour\nMill,Choir,blue\nDale, CHOIR ,green\n")

    assert first.records[0].key == second.records[1].key
    assert first.records[1].key == second.records[0].key
    assert first.records[0].key != first.records[1].key


def test_personal_columns_are_counted_also_with_a_given_mapping():
    text = "Name,Email,Phone,Chair\nChoir,a@example.org,1,A\nTools,b@example.org,,B\n"

    guessed = read(text)
    given = read(text, columns={"name": "Name"})

    assert counts(guessed.report.personal) == {"email": 2, "person": 2, "phone": 1}
    assert guessed.report.personal == given.report.personal
    assert "example.org" not in repr(guessed) + repr(given)


def test_a_mapping_that_points_at_personal_contacts_does_not_publish_addresses():
    table = read(
        "Name,Email\nChoir,a@example.org\n",
        columns={"name": "Name", "url": "Email", "keywords": "Email"},
    )

    assert table.records[0].url is None
    assert table.records[0].keywords == ()
    assert counts(table.report.personal) == {"email": 2}


def test_a_mapping_gives_language_country_source_and_other_words():
    table = read(
        "Group,Grŵp,Theme\nChoir,Côr,Songs\nTools,,Other\n",
        columns={"name": "Group", "name:cy": "Grŵp", "category": "Theme"},
        language="en",
        country="GB",
        source={"name": "Dale groups", "license": "CC0-1.0"},
        categories={"Songs": "Music", "Other": None},
    )

    assert table.records[0].name == {"en": "Choir", "cy": "Côr"}
    assert [record.category for record in table.records] == [("Music",), ()]
    assert table.records[0].places[0].country == "GB"
    assert (table.source.name, table.source.edition) == ("Dale groups", "2025")
    assert table.source.license == "CC0-1.0"


def test_the_number_of_a_house_stands_where_its_country_puts_it():
    table = read(
        "Name,Street,House number,House name,Country\n"
        "Choir,Mill Lane,7,,GB\nTools,Mühlgasse,7a,,DE\nSeeds,Mill Lane,The Barn,Dale Park,GB\n"
        "Songs,,3,,GB\n"
    )

    assert [record.places[0].street for record in table.records] == [
        "7 Mill Lane",
        "Mühlgasse 7a",
        "Dale Park\nThe Barn\nMill Lane",
        "3",
    ]


def test_the_first_column_that_holds_an_address_is_the_website():
    table = read(
        "Name,Website,Homepage\nChoir,,http://a.example\nTools,http://b.example,http://c.example\n"
        "Seeds,no,http://d.example\n",
        columns={"name": "Name", "url": ["Website", "Homepage"]},
    )

    assert [record.url for record in table.records] == [
        "http://a.example",
        "http://b.example",
        "http://d.example",
    ]


def test_the_same_language_twice_takes_the_first_text():
    table = read("name,description:de,description_de\nChoir,Chor,Chor\nTools,Werkzeug,Geräte\n")

    assert [record.description for record in table.records] == [{"de": "Chor"}, {"de": "Werkzeug"}]
    assert codes(table) == [(3, "description_de", "twice")]


def test_what_exceeds_a_limit_is_shortened_or_cut_and_reported():
    many = ";".join(f"word {n}" for n in range(limits.CATEGORIES + 5))
    table = read(f"Name,Sector,About\n{'n' * 400},{many},{'t ' * 6_000}\n")

    record = table.records[0]
    assert len(record.name["und"]) == limits.NAME_CHARACTERS
    assert len(record.category) == limits.CATEGORIES
    assert len(record.description["und"]) <= limits.TEXT_CHARACTERS
    assert counts(table.report.mended) == {"too-long": 2, "too-many": 1}
    document_of(record, table.source)


def test_a_misspelled_country_is_mended_where_the_point_confirms_it():
    table = read(
        "Name,Country,Lat,Lon\nA,France,48.8,2.3\nB,Frannce,48.8,2.3\nC,Frannce,,\nD,FR,,\n"
    )

    assert [record.places[0].country if record.places else None for record in table.records] == [
        "FR",
        "FR",
        None,
        "FR",
    ]
    assert codes(table) == [(3, "Country", "mended-country"), (4, "Country", "not-a-country")]


def test_a_point_outside_its_country_is_left_out_and_reported():
    table = read("Name,Country,Lat,Lon\nA,GB,55.9,-3.2\nB,GB,40.64,-80.51\nC,LV,24.1,56.9\n")

    assert [place.latitude for record in table.records for place in record.places] == [
        "55.9",
        None,
        None,
    ]
    assert codes(table) == [(3, "Lat", "outside-country"), (4, "Lat", "swapped")]


def test_a_record_that_says_no_place_has_none():
    assert read("Name,Sector\nChoir,Music\n").records[0].places == ()
