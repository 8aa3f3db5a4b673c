"""Reading GeoJSON as a table."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interop.protocol_form import document_of
from localfed.interop.geojson import read_geojson
from localfed.interop.mapping import mapping_from_json
from localfed.protocol.errors import BadMapping, BadTable


def feature(name, point=(-3.19, 55.95), **properties):
    geometry = {"type": "Point", "coordinates": list(point)} if point else None
    return {"type": "Feature", "properties": {"name": name} | properties, "geometry": geometry}


def collection(*features, **members):
    return json.dumps({"type": "FeatureCollection", "features": list(features)} | members).encode()


def read(*features, **members):
    return read_geojson(collection(*features, **members), file_name="map-2025.geojson")


def codes(table):
    return [(field.line, field.column, field.code) for field in table.report.fields]


def test_a_feature_becomes_a_record_with_its_point():
    table = read(
        feature(
            "Tool Library",
            **{
                "addr:street": "Mill Lane",
                "addr:housenumber": "7",
                "addr:city": "Dale",
                "addr:country": "Österreich",
                "type_of_initiative": "tool_library; repair_cafe",
                "free_keywords": "saws;drills",
                "image": "https://pictures.example/1.jpg",
            },
            point=(15.4395021, 47.07071449),
        ),
        feature("Choir", **{"addr:country": "Atlantis"}),
    )

    record = table.records[0]
    assert record.name == {"und": "Tool Library"}
    assert record.category == ("tool library", "repair cafe")
    assert record.keywords == ("saws", "drills")
    assert record.places[0].street == "Mill Lane 7"
    assert record.places[0].country == "AT"
    assert (record.places[0].latitude, record.places[0].longitude) == ("47.070714", "15.439502")
    assert "pictures.example" not in repr(table.records)
    assert codes(table) == [(2, "addr:country", "not-a-country")]


def test_texts_keep_their_languages_and_a_country_code_is_mended():
    table = read(
        feature(
            "Choir", **{"description:gr": "χορωδία", "description_de": "Chor", "description": "s"}
        )
    )

    assert table.records[0].description == {"und": "s", "el": "χορωδία", "de": "Chor"}
    assert "description:gr" in table.report.notes[0]


def test_the_file_says_its_source_and_licence():
    table = read(feature("Choir"), source="https://maps.example/choirs", license="Public Domain")

    assert table.source.name == "maps.example"
    assert table.source.url == "https://maps.example/choirs"
    assert table.source.license == "Public Domain"
    assert table.source.edition == "2025"


def test_a_mapping_counts_before_what_the_file_says():
    mapping = mapping_from_json(
        b'{"columns": {"name": "name"}, "language": "de", "source": {"license": "CC0-1.0"}}'
    )

    table = read_geojson(
        collection(feature("Chor"), license="Public Domain"), file_name="a.json", mapping=mapping
    )

    assert table.source.license == "CC0-1.0"
    assert table.records[0].name == {"de": "Chor"}
    assert table.report.without_point == 1


def test_the_id_of_a_feature_is_its_key():
    one, two = feature("Choir") | {"id": 17}, feature("Choir") | {"id": "b"}

    table = read(one, two)

    assert [record.key for record in table.records] == ["17", "b"]


def test_a_geometry_that_is_no_point_is_left_out_and_the_record_counts():
    line = feature("Choir") | {"geometry": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}}
    odd = feature("Tools") | {"geometry": {"type": "Point", "coordinates": ["a"]}}
    none = feature("Seeds", point=None)
    empty = feature("Songs", point=())

    table = read(line, odd, none, empty)

    assert table.report.records == 4
    assert table.report.without_point == 4
    assert codes(table) == [
        (1, "geometry.latitude", "not-a-point"),
        (2, "geometry.latitude", "not-a-point"),
    ]


def test_values_of_json_are_read_as_texts():
    table = read(
        feature("Choir", tags=["songs", "evening"], postcode=10115, town=True, region={"a": 1}),
        feature("Tools", tags=None, postcode=10**400, town=1.5, region="Dale"),
    )

    assert table.records[0].keywords == ("songs", "evening")
    assert table.records[0].places[0].postal_code == "10115"
    assert table.records[1].places[0].region == "Dale"
    assert (1, "region", "not-a-value") in codes(table)


def test_personal_properties_are_left_out_and_counted():
    table = read(feature("Choir", **{"contact:email": "a@example.org", "contact:phone": "+44 1"}))

    assert {count.what: count.count for count in table.report.personal} == {"email": 1, "phone": 1}
    assert "example.org" not in repr(table)


def test_a_file_of_the_old_form_in_another_system_is_refused():
    system = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}

    with pytest.raises(BadTable, match="WGS 84"):
        read(feature("Choir"), crs=system)


def test_a_file_that_names_the_right_system_is_read():
    system = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}

    assert read(feature("Choir"), crs=system).report.records == 1


@pytest.mark.parametrize(
    "data,words",
    [
        (b"", "not JSON"),
        (b"Name,Town", "not JSON"),
        (b'{"type":"FeatureCollection","features":[' + b"[" * 100_000, "not JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "deep"),
        (b"\xff", "not JSON"),
        (b"[]", "FeatureCollection"),
        (b'{"type":"Topology"}', "FeatureCollection"),
        (b'{"type":"FeatureCollection"}', "no features"),
        (b'{"type":"FeatureCollection","features":[]}', "no features"),
        (b'{"type":"FeatureCollection","features":[7]}', "feature 1"),
        (b'{"type":"FeatureCollection","features":[{"type":"Feature"}]}', "no column looks"),
    ],
)
def test_what_is_no_geojson_is_refused_with_what_to_do(data, words):
    with pytest.raises(BadTable) as refused:
        read_geojson(data, file_name="map.geojson")

    assert words in refused.value.message


def test_too_many_different_properties_are_refused():
    with pytest.raises(BadTable, match="properties"):
        read(feature("Choir", **{f"property {n}": "x" for n in range(3_000)}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
PROPERTIES = st.dictionaries(
    st.sampled_from(["name", "website", "addr:country", "tags", "id", "description:de"])
    | st.text(max_size=5),
    JSON,
    max_size=6,
)
FEATURES = st.fixed_dictionaries(
    {
        "type": st.just("Feature"),
        "properties": PROPERTIES,
        "geometry": JSON
        | st.fixed_dictionaries(
            {"type": st.just("Point"), "coordinates": JSON | st.lists(st.floats(-200, 200))}
        ),
    }
)


@given(
    st.binary(max_size=100)
    | st.builds(
        lambda features, rest: json.dumps(
            rest | {"type": "FeatureCollection", "features": features}
        ).encode("utf-8", "replace"),
        st.lists(FEATURES, max_size=4),
        st.dictionaries(
            st.sampled_from(["source", "license", "name", "crs", "x"]), JSON, max_size=3
        ),
    )
)
def test_any_bytes_give_a_table_or_our_error(data):
    try:
        table = read_geojson(data, file_name="any.geojson")
    except (BadTable, BadMapping):
        return

    for record in table.records:
        document_of(record, table.source)
