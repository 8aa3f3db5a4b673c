"""CSV: the tables that people keep, with the delimiters, encodings and quotes that they come in.

Here: bytes to a table of fields. Not here: what the columns mean (`guessing`, `mapping`), records
(`rows`). Source: RFC 4180, and what spreadsheets write instead.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from localfed.interop.mapping import Mapping
from localfed.interop.records import CELLS_MOST, EMAIL, ImportTable, Ledger, Table
from localfed.interop.rows import read_table
from localfed.protocol.errors import BadTable

_DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_COLUMNS_MOST: Final = 1_000
"""No directory has as many; a file of one endless line is refused early."""
_LOOKED_AT: Final = 50
_LINES_OF_A_ROW: Final = 200
_HEADER_CHARACTERS: Final = 200
_DATA: Final = re.compile(r"https?://\S+|[+-]?[0-9]+[.,][0-9]+")
_SPREADSHEETS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")


def read_csv(data: bytes, *, file_name: str, mapping: Mapping | None = None) -> ImportTable:
    """Read a CSV file as records to list.

    Args:
        data: The whole file.
        file_name: Where name and edition of the source are guessed from; it is not opened.
        mapping: Which column means what; None to guess it.

    Raises:
        BadTable: it cannot be read as a CSV file with a header.
        BadMapping: the mapping does not fit the file.

    """
    ledger = Ledger()
    text = _decode(data, ledger)
    delimiter = _delimiter(text)
    if delimiter != ",":
        ledger.notes.append(f"The fields are parted by the {_DELIMITERS[delimiter]}.")
    records = _records(text, delimiter, ledger)
    if not records:
        message = "the file holds no values; check that it is the right file"
        raise BadTable(message)
    header = _header(records[0][1])
    rows = _rows(records[1:], header, ledger)
    if not rows:
        message = "the file has a header but no row below it; check that it is the right file"
        raise BadTable(message)
    return read_table(Table(file_name=file_name, header=header, rows=rows), mapping, ledger)


def _decode(data: bytes, ledger: Ledger) -> str:
    if not data.strip():
        message = "the file is empty; check that it is the right file"
        raise BadTable(message)
    if data.startswith(_SPREADSHEETS):
        message = "this is no CSV file; open it in a spreadsheet and save it as CSV (UTF-8)"
        raise BadTable(message)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        ledger.notes.append("The file is UTF-16; it was read as such.")
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    text = None
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding in {"cp1252", "latin-1"}:
            ledger.notes.append(
                f"The file is not UTF-8; it was read as {encoding}. Check the accents."
            )
        break
    if text is None or "\0" in text:
        message = "the file is not text; open it in a spreadsheet and save it as CSV (UTF-8)"
        raise BadTable(message)
    return text.removeprefix("\ufeff")


def _delimiter(text: str) -> str:
    """The delimiter that gives the most rows of the same number of fields, and more than one."""
    best, best_score = "", 0.0
    for delimiter in _DELIMITERS:
        widths: list[int] = []
        try:
            for _, row in _parse(text, delimiter, strict=False):
                if row:
                    widths.append(len(row))
                if len(widths) >= _LOOKED_AT:
                    break
        except csv.Error:
            # Judge by the rows before it; what is wrong is said when the whole file is read.
            pass
        if not widths or widths[0] < 2:  # noqa: PLR2004 -- one field is no delimiter found
            continue
        same = Counter(widths)[widths[0]] / len(widths)
        score = same + min(widths[0], 20) / 100
        if score > best_score:
            best, best_score = delimiter, score
    if not best:
        message = (
            "no columns were found: the fields must be parted by comma, semicolon, tab or |, and "
            "every quote that is opened must be closed"
        )
        raise BadTable(message)
    return best


def _parse(text: str, delimiter: str, *, strict: bool) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins: a field may hold line breaks."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    line = 1
    for row in reader:
        yield line, row
        line = reader.line_num + 1


def _records(text: str, delimiter: str, ledger: Ledger) -> list[tuple[int, list[str]]]:
    """Every row that holds something; by RFC 4180 if possible, else as far as quotes can be told."""
    try:
        return _filled(_parse(text, delimiter, strict=True))
    except csv.Error as error:
        # The only sign of a quote that is never closed: read leniently it swallows the rest.
        if "end of data" in str(error):
            opened = _open_quote(text, delimiter)
            message = f'a quote (") is opened on line {opened} and never closed: close it, or take it away'
            raise BadTable(message, detail=str(error)) from error
    ledger.notes.append("Some quotes are not as RFC 4180 asks; they were read as they stand.")
    try:
        records = _filled(_parse(text, delimiter, strict=False))
    except csv.Error as error:
        message = "a field is longer than 131,072 characters: a quote is probably not closed"
        raise BadTable(message, detail=str(error)) from error
    for line, row in records:
        if sum(field.count("\n") for field in row) > _LINES_OF_A_ROW:
            message = f"the row at line {line} never seems to end: a quote is probably not closed"
            raise BadTable(message)
    return records


def _open_quote(text: str, delimiter: str) -> int:
    """Return the line on which the quote that is never closed was opened; every one before it was closed."""
    opened = line = 1
    is_open, before = False, "\n"
    # A quote within a quoted field is doubled: the first closes it, the second opens it again where it was.
    for one in text.replace("\r\n", "\n").replace("\r", "\n"):
        if one == '"':
            is_open = not is_open
            if is_open and before in {"\n", delimiter}:
                opened = line
        line += one == "\n"
        before = one
    return opened


def _filled(rows: Iterator[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    return [(line, row) for line, row in rows if any(field.strip() for field in row)]


def _header(names: list[str]) -> tuple[str, ...]:
    """The names of the columns; one without a name gets its number.

    Raises:
        BadTable: one column, far too many, a name twice, or a first row of data.

    """
    if not 2 <= len(names) <= _COLUMNS_MOST:  # noqa: PLR2004 -- one column tells nothing
        message = f"the header has {len(names)} columns, where 2 to {_COLUMNS_MOST} can be read"
        raise BadTable(message)
    clean = [
        " ".join("".join(c if c.isprintable() else " " for c in name).split())[:_HEADER_CHARACTERS]
        for name in names
    ]
    if any(_DATA.fullmatch(name) or EMAIL.fullmatch(name) for name in clean):
        message = (
            "the first row holds values, not the names of the columns; put a row of names above it"
        )
        raise BadTable(message)
    header = tuple(name or f"column {number}" for number, name in enumerate(clean, 1))
    twice = sorted(name for name, count in Counter(header).items() if count > 1)
    if twice:
        message = f"the header has a name twice: {', '.join(twice)[:300]}; rename one of each"
        raise BadTable(message)
    return header


def _rows(
    records: list[tuple[int, list[str]]], header: tuple[str, ...], ledger: Ledger
) -> list[tuple[int, tuple[str, ...]]]:
    """Rows as long as the header: what is missing is empty, what is too much leaves the row out.

    A field too many has shifted all behind it, so a telephone number could stand as a town.
    """
    width = len(header)
    if width * len(records) > CELLS_MOST:
        message = f"the table has more than {CELLS_MOST:,} fields; split it in several files"
        raise BadTable(message)
    rows: list[tuple[int, tuple[str, ...]]] = []
    for line, row in records:
        if len(row) == width:
            rows.append((line, tuple(row)))
        elif len(row) < width:
            ledger.note(line, "", "", "short-row")
            rows.append((line, (*row, *[""] * (width - len(row)))))
        elif any(field.strip() for field in row[width:]):
            ledger.leave_out(line, "", "", "ragged-row")
            ledger.rows_left_out.append(line)
        else:
            rows.append((line, tuple(row[:width])))
    return rows
