"""The mapping file, and a mapping told in words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localfed.interop.csv_table import read_csv
from localfed.interop.mapping import (
    TARGETS,
    describe_mapping,
    mapping_from_json,
    mapping_to_json,
)
from localfed.protocol.errors import BadMapping

WHOLE = {
    "columns": {
        "key": "No",
        "name": "Group",
        "name:cy": "Grŵp",
        "category": ["Theme", "Branch"],
        "identifier:GB-COH": "Company",
        "latitude": "North",
        "longitude": "East",
    },
    "language": "en",
    "country": "GB",
    "source": {
        "name": "Dale groups",
        "url": "https://dale.example/groups",
        "edition": "2026",
        "license": "CC0-1.0",
    },
    "categories": {"Allotments": "Growing food", "Other": None},
}


def written(value):
    return json.dumps(value).encode()


def changed(**members):
    return written(WHOLE | members)


def test_a_mapping_file_reads_back_as_it_was_written():
    mapping = mapping_from_json(written(WHOLE))

    assert json.loads(mapping_to_json(mapping)) == WHOLE
    assert mapping_from_json(mapping_to_json(mapping)) == mapping


def test_a_mapping_file_says_column_language_and_register():
    mapping = mapping_from_json(written(WHOLE))

    assert [(c.target, c.column) for c in mapping.columns_of("category")] == [
        ("category", "Theme"),
        ("category", "Branch"),
    ]
    assert mapping.columns_of("name")[1].language == "cy"
    assert mapping.columns_of("identifier")[0].scheme == "GB-COH"


@pytest.mark.parametrize(
    "data,words",
    [
        (b"columns: name", "not JSON"),
        (b"[" * 100_000, "not JSON that can be read"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "form"),
        (b"{}", "columns"),
        (changed(column={}), "column"),
        (changed(columns={"name": 7}), "columns"),
        (changed(columns={"category": "Theme"}), 'no column for "name"'),
        (changed(columns={"name": "Group", "colour": "Theme"}), '"colour" is no target'),
        (changed(columns={"name": "Group", "name:xx": "Theme"}), '"xx" is no language'),
        (changed(columns={"name": "Group", "url:en": "Theme"}), '"en" is no language'),
        (changed(columns={"name": "Group", "identifier": "Theme"}), "names no register"),
        (changed(columns={"name": "Group", "identifier:x": "Theme"}), "names no register"),
        (changed(columns={"name": "Group", "country": ["A", "B"]}), "one column only"),
        (changed(columns={"name": "Group", "latitude": "North"}), "latitude and longitude"),
        (changed(language="english language"), "language"),
        (changed(country="Britain"), "country"),
        (changed(source={"url": "not a url"}), "source.url"),
        (changed(source={"publisher": "x"}), "publisher"),
        (changed(categories={"Other": 7}), "categories"),
    ],
)
def test_a_wrong_mapping_file_is_refused_with_the_place(data, words):
    with pytest.raises(BadMapping) as refused:
        mapping_from_json(data)

    assert words in refused.value.message


def test_a_mapping_with_a_column_that_the_table_lacks_is_refused():
    mapping = mapping_from_json(written({"columns": {"name": "Group"}}))

    with pytest.raises(BadMapping, match=r'column "Group".*it has: Name, Town'):
        read_csv(b"Name,Town\nTool Library,Dale\n", file_name="a.csv", mapping=mapping)


def test_a_mapping_is_told_with_examples_and_with_what_is_not_used():
    table = read_csv(
        b"Name,Town,Colour,Email,Fax,Kind\n"
        b"Tool Library,Dale,red,,x,http://v.example/1\n"
        b"Seed Swap,Mill,blue,a@example.org,y,http://v.example/2\n"
        b"Repair Cafe,Mill,green,b@example.org,z,http://v.example/3\n",
        file_name="dale.csv",
    )

    lines = describe_mapping(table.mapping)

    assert lines == [
        "name      Name  Tool Library, Seed Swap",
        "locality  Town  Dale, Mill",
        "source of all  dale.csv",
        "not used (no target): Colour, Kind",
        "not used (personal): Fax, Email",
    ]


def test_a_mapping_file_is_readable_by_people():
    text = mapping_to_json(mapping_from_json(written(WHOLE))).decode()

    assert text.startswith('{\n  "columns": {\n')
    assert '"name:cy": "Grŵp"' in text


@given(
    st.binary(max_size=60)
    | st.builds(
        written,
        st.fixed_dictionaries(
            {
                "columns": st.dictionaries(
                    st.sampled_from([*TARGETS, "name:cy", ":", "x"]), st.text()
                )
            }
        ),
    )
)
def test_any_bytes_give_a_mapping_or_our_error(data):
    try:
        mapping = mapping_from_json(data)
    except BadMapping:
        return

    assert mapping_from_json(mapping_to_json(mapping)) == mapping
