"""Reading CSV in the forms in which it comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interop.protocol_form import document_of
from localfed.interop.csv_table import read_csv
from localfed.interop.records import ImportTable
from localfed.protocol.errors import BadMapping, BadTable

PLAIN = "Name,Town,Website\nTool Library,Dale,http://tools.example\nCafé Mill,Mill,\n"


def names(table):
    return [record.name["und"] for record in table.records]


def read(text, encoding="utf-8"):
    return read_csv(text.encode(encoding), file_name="groups.csv")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    table = read(PLAIN.replace(",", delimiter))

    assert names(table) == ["Tool Library", "Café Mill"]
    assert table.records[0].places[0].locality == "Dale"


def test_a_comma_within_the_words_does_not_part_a_table_of_semicolons():
    table = read("Name;Town\nTools, Seeds, Songs;Dale\nChoir;Mill, near Dale\n")

    assert names(table) == ["Tools, Seeds, Songs", "Choir"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_end_of_line_ends_a_row(ending):
    table = read(PLAIN.replace("\n", ending))

    assert names(table) == ["Tool Library", "Café Mill"]
    assert [record.line for record in table.records] == [2, 3]


@pytest.mark.parametrize(
    "encoding,noted",
    [("utf-8", 0), ("utf-8-sig", 0), ("utf-16", 1), ("cp1252", 1), ("latin-1", 1)],
)
def test_the_encoding_is_found_and_another_than_utf8_is_noted(encoding, noted):
    table = read(PLAIN, encoding)

    assert names(table) == ["Tool Library", "Café Mill"]
    assert len(table.report.notes) == noted


def test_a_byte_that_cp1252_lacks_is_read_as_latin1():
    table = read_csv(b"Name,Town\nCaf\xe9 \x81Mill,Dale\n", file_name="a.csv")

    assert names(table) == ["Café Mill"]
    assert "latin-1" in table.report.notes[0]


def test_a_quoted_field_may_hold_line_breaks_and_the_lines_are_counted():
    table = read(
        'Name,Address,Town\n"Tool\nLibrary","1 Mill Lane\r\nOld Town",Dale\nChoir,2,Mill\n'
    )

    assert names(table) == ["Tool Library", "Choir"]
    assert table.records[0].places[0].street == "1 Mill Lane\nOld Town"
    assert [record.line for record in table.records] == [2, 5]


def test_quotes_in_the_wrong_place_are_read_as_they_stand():
    table = read('Name,Town\n"Tool" Library,Dale\nThe "Mill",Mill\n')

    assert names(table) == ["Tool Library", 'The "Mill"']
    assert "RFC 4180" in table.report.notes[0]


def test_blank_lines_are_no_rows():
    table = read("\n\nName,Town\n\nTool Library,Dale\n,\n  , \n")

    assert table.report.rows == 1
    assert table.records[0].line == 5


def test_a_short_row_is_filled_up_and_noted():
    table = read("Name,Town,Region\nTool Library,Dale\n")

    assert names(table) == ["Tool Library"]
    assert [(field.line, field.code) for field in table.report.fields] == [(2, "short-row")]


def test_a_row_with_a_field_too_many_is_left_out_and_reported():
    table = read("Name,Town\nTool Library,Dale\nMill, Choir,Mill\nSeed Swap,Dale,,\n")

    assert names(table) == ["Tool Library", "Seed Swap"]
    assert table.report.rows == 3
    assert table.report.rows_left_out == 1
    assert [(field.line, field.code) for field in table.report.fields] == [(3, "ragged-row")]


def test_a_column_without_a_name_is_called_by_its_number():
    table = read("Name,,Town\nTool Library,x,Dale\n")

    assert [column.column for column in table.mapping.unused] == ["column 2"]


@pytest.mark.parametrize(
    "data,words",
    [
        (b"", "empty"),
        (b"  \n\n", "empty"),
        (b"\xef\xbb\xbf", "no columns"),
        (b",,,\n,,,\n", "no values"),
        (b"Name\nTool Library\n", "no columns"),
        (b"Name,Town\n", "no row below"),
        (b"PK\x03\x04 rest of a spreadsheet", "save it as CSV"),
        (b"Name,Town\nTool\x00Library,Dale\n", "not text"),
        (b"\xff\xfeN\x00a", "not text"),
        (b"\xff\xfeN\x00a\x00\x00\xd8", "not text"),
        (b"Name,Town,Name\na,b,c\n", "twice: Name"),
        (b"http://tools.example,Dale\nhttp://mill.example,Mill\n", "not the names"),
        (b"Tool Library,55.95,-3.19\nChoir,55.9,-3.2\n", "not the names"),
        (b'Name,Town\n"Tool Library,Dale\nChoir,Mill\n', "opened on line 2 and never closed"),
        (
            b'Name,Town\r\n"a ""b""\r\n\r\nc","d\r\n"\r\ne,"f ""g""\r\nh,i\r\n',
            "opened on line 6 and never closed",
        ),
        (b'Name;Town\n"a";b\nc;"d, ""e"\nf;"g\n"";h\n', "opened on line 4 and never closed"),
        (b"Name,Town\n" + b"a" * 200_000 + b",Dale\n", "131,072"),
        (b'Name,Town\nThe "x" y,a\n"b"c,d\n"' + b"x,y\n" * 300 + b'",e\n', "never seems to end"),
        (b"Town,Colour\nDale,red\n", "no column looks like the name"),
        (b"," * 5_000 + b"\n" + b"," * 5_000 + b"x\n", "columns"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(data, words):
    with pytest.raises(BadTable) as refused:
        read_csv(data, file_name="groups.csv")

    assert words in refused.value.message


def test_a_second_reading_gives_the_same_records():
    assert read(PLAIN).records == read(PLAIN).records


HEADINGS = st.sampled_from(
    [
        "Name",
        "Website",
        "Latitude",
        "Longitude",
        "Country",
        "Postcode",
        "Sector",
        "Keywords",
        "ID",
        "Email",
        "Address",
        "Company Number",
        "description:de",
        "Town",
        "Legal form",
    ]
)
VALUES = st.text(max_size=12) | st.sampled_from(
    ["GB", "55.95", "-3.19", "http://a.example", "a@example.org", "01234567", "Frannce", "x;y"]
)


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))
    | st.text(alphabet='Name,;"\n\r\t ab1.@', max_size=200).map(str.encode)
)
def test_any_bytes_give_a_table_or_our_error(data):
    try:
        table = read_csv(data, file_name="any.csv")
    except (BadTable, BadMapping):
        return

    assert isinstance(table, ImportTable)
    for record in table.records:
        document_of(record, table.source)


@given(
    st.lists(HEADINGS, min_size=2, max_size=9, unique=True).flatmap(
        lambda header: st.tuples(
            st.just(header), st.lists(st.lists(VALUES, min_size=1, max_size=9), max_size=8)
        )
    )
)
def test_any_values_give_records_that_the_protocol_takes(content):
    header, rows = content
    lines = [header, *rows]
    text = "\n".join(
        ",".join('"' + field.replace('"', '""') + '"' for field in line) for line in lines
    )
    try:
        table = read_csv(text.encode("utf-8", "replace"), file_name="any.csv")
    except (BadTable, BadMapping):
        return

    assert table.report.rows == table.report.records + table.report.rows_left_out
    assert len({record.key for record in table.records}) == len(table.records)
    for record in table.records:
        document_of(record, table.source)
