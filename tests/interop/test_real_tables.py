"""The real tables: what issue 2 asks of them. Skipped where the real data is absent."""

from __future__ import annotations

import json

import pytest

from interop.protocol_form import document_of
from localfed.interop.csv_table import read_csv
from localfed.interop.geojson import read_geojson
from localfed.interop.mapping import describe_mapping, mapping_from_json, mapping_to_json

COOPS = "standard.Q2-2023.postcodes.csv"


@pytest.fixture(scope="module")
def coops_bytes(data_dir):
    return (data_dir / "coops-uk" / COOPS).read_bytes()


@pytest.fixture(scope="module")
def coops(coops_bytes):
    return read_csv(coops_bytes, file_name=COOPS)


@pytest.fixture(scope="module")
def susy(data_dir):
    name = "susy-sse-europe.geojson"
    return read_geojson((data_dir / "susy" / name).read_bytes(), file_name=name)


def counts(counted):
    return {count.what: count.count for count in counted}


def test_every_row_of_the_co_operatives_becomes_a_record(coops):
    assert coops.report.rows == coops.report.records == len(coops.records) == 7_387
    assert coops.report.without_point == 7_387 - 7_090
    assert len({record.key for record in coops.records}) == 7_387


def test_the_columns_of_the_co_operatives_are_guessed_from_headings_and_values(coops):
    assert {column.label: column.column for column in coops.mapping.columns} == {
        "key": "Identifier",
        "name": "Name",
        "url": "Website",
        "legal_form": "Legal Form",
        "category": "Sector",
        "keywords": "SIC Section",
        "identifier:GB-COH": "Companies House Number",
        "street": "Street Address",
        "locality": "Locality",
        "region": "Region",
        "postal_code": "Postcode",
        "country": "Country ID",
        "latitude": "Geo Container Latitude",
        "longitude": "Geo Container Longitude",
    }
    why = {column.column: column.why for column in coops.mapping.unused}
    assert why["Latitude"] == why["Longitude"] == "empty"
    assert why["Primary Activity"] == why["Organisational Structure"] == "identifiers without words"
    assert coops.source.edition == "Q2-2023"


def test_the_co_operatives_keep_words_websites_numbers_and_lines(coops):
    records = coops.records
    streets = [place.street or "" for record in records for place in record.places]

    assert sum(1 for record in records if record.legal_form) == 7_367
    assert sum(1 for record in records if record.category) == 7_374
    assert len({word for record in records for word in record.category}) == 15 + 1
    assert sum(1 for record in records if record.url) == 4_658
    assert sum(1 for record in records if record.identifier) == 918
    assert sum(1 for street in streets if "\n" in street) == 4_745
    assert not any("http" in word for record in records for word in record.category)


def test_damaged_names_of_the_co_operatives_are_reported_with_their_line(coops):
    damaged = [field for field in coops.report.fields if field.code == "damaged"]

    assert sum(1 for field in damaged if field.column == "Name") == 7
    assert all(field.line > 1 and "\ufffd" in field.value for field in damaged)
    assert counts(coops.report.left_out) == {}


def test_edinburgh_has_its_bicycle_co_operative(coops):
    found = [record for record in coops.records if "Edinburgh Bicycle" in record.name["und"]]

    assert len(found) == 1
    assert found[0].places[0].latitude is not None


def test_every_record_of_the_co_operatives_passes_the_protocol(coops):
    for record in coops.records:
        document_of(record, coops.source)


def test_a_second_reading_of_the_co_operatives_changes_nothing(coops, coops_bytes):
    again = read_csv(
        coops_bytes, file_name=COOPS, mapping=mapping_from_json(mapping_to_json(coops.mapping))
    )

    assert again.records == coops.records
    assert again.mapping.columns == coops.mapping.columns


def test_the_guess_for_the_co_operatives_is_shown_with_examples(coops):
    lines = describe_mapping(coops.mapping)

    assert any(line.startswith("latitude") and "Geo Container Latitude" in line for line in lines)
    assert any(line.startswith("not used (empty)") and "Latitude" in line for line in lines)


def test_the_small_samples_of_the_co_operatives_are_read(data_dir):
    small = data_dir / "coops-uk" / "small"
    name, outlets = "open_data_organisations.csv", "open_data_outlets.csv"

    organisations = read_csv((small / name).read_bytes(), file_name=name)
    places = read_csv((small / outlets).read_bytes(), file_name=outlets)

    assert organisations.report.records == 17
    assert places.report.rows == places.report.records + places.report.duplicates
    assert counts(places.report.personal)["phone"] > 0
    for table in (organisations, places):
        for record in table.records:
            document_of(record, table.source)


def test_every_initiative_of_the_european_map_becomes_a_record(susy):
    assert susy.report.rows == susy.report.records == 1_794
    for record in susy.records:
        document_of(record, susy.source)


def test_points_of_the_european_map_that_cannot_be_right_are_left_out(susy):
    left_out = counts(susy.report.left_out)

    assert left_out["far-off"] == 2
    assert left_out["swapped"] == 4
    assert susy.report.without_point == 6


def test_personal_contacts_of_the_european_map_are_left_out_and_counted(susy, data_dir):
    raw = json.loads((data_dir / "susy" / "susy-sse-europe.geojson").read_bytes())
    personal = counts(susy.report.personal)
    addresses = {
        feature["properties"]["contact:email"].strip()
        for feature in raw["features"]
        if "@" in feature["properties"].get("contact:email", "")
    }
    said = repr(susy.records) + repr(susy.report) + repr(susy.mapping)

    assert personal["email"] >= 1_403
    assert personal["phone"] == 1_122
    assert not [address for address in addresses if address in said]


def test_languages_countries_and_sources_of_the_european_map_are_told(susy):
    languages = {tag for record in susy.records for tag in record.description or ()}
    countries = {place.country for record in susy.records for place in record.places}

    assert {"de", "es", "el", "hu", "fr", "ro", "fi", "bg", "und"} <= languages
    assert "gr" not in languages
    assert {"AT", "GB", "SK", "GR", "FR", "UG"} <= countries
    assert "SR" not in countries
    assert susy.source.license == "Public Domain"
    assert susy.source.url is not None


def test_websites_of_the_european_map_are_mended_or_reported(susy):
    left_out = [field for field in susy.report.fields if field.code == "not-a-url"]

    assert (1, "update6") in [(field.line, field.value) for field in left_out]
    assert counts(susy.report.mended)["mended-url"] > 100
    assert not any("image" in column.column for column in susy.mapping.columns)
