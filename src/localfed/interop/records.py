"""What reading somebody's table gives: records to list, and a report of what did not fit.

Here: the values that `csv_table` and `geojson` return, and the ledger in which reports are collected.
Not here: reading (`csv_table`, `geojson`), choosing columns (`guessing`, `mapping`), making a signed
document of a record (`app`). Spec: 05-documents (LF-ORG, LF-FORM).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final, Literal

import msgspec

from localfed.interop.mapping import Mapping, SourceParts
from localfed.protocol.forms import Identifier, Source

EMAIL: Final = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")

Outcome = Literal["left-out", "mended", "noted"]
"""A field was not taken over; or changed so that it could be; or taken over with a doubt."""

REASONS: Final[dict[str, str]] = {
    "bad-characters": "held invisible or control characters; they were taken out",
    "damaged": "holds U+FFFD: the file lost a character; kept as it is",
    "email-in-text": "a text held an e-mail address; it was taken out",
    "far-off": "the point is far from every other point of the table",
    "half-a-point": "one of latitude and longitude is missing",
    "has-user-name": "the web address holds a user name",
    "maybe-damaged": "a question mark stands where the file may have lost a character",
    "mended-country": "the name of the country is misspelled; the point confirms which is meant",
    "mended-identifier": "the number had lost its leading zeros",
    "mended-url": "the web address was not complete",
    "not-a-coordinate": "not a number of degrees",
    "not-a-country": "not the name or code of a country that is known here",
    "not-a-point": "the geometry is not a point",
    "not-a-url": "not a web address",
    "not-a-value": "a list of objects or an over-large number where a text is expected",
    "not-an-identifier": "not a number of that register",
    "null-island": "the point 0, 0 means that there is none",
    "off-the-earth": "outside of ±90 and ±180 degrees",
    "outside-country": "the point lies outside the country of its row",
    "personal": "a personal contact stands in a field for something else",
    "scheme": "not an http or https address",
    "several-urls": "several web addresses; the first was taken",
    "swapped": "latitude and longitude seem to be exchanged",
    "too-long": "longer than the protocol allows; shortened, an address or number left out",
    "too-many": "more values than the protocol allows; the first were taken",
    "twice": "the same language twice with different texts; the first was taken",
    "no-name": "the row has no name, so it was left out",
    "ragged-row": "the row has more fields than the header, so it was left out",
    "short-row": "the row has fewer fields than the header; what is missing counts as empty",
    "same-key": "a row before has the same key, so it was left out",
}
"""Every code of a report, with its sentence."""

FIELDS_KEPT: Final = 5_000
"""Field reports that are kept one by one; beyond, they are only counted."""

CELLS_MOST: Final = 20_000_000
"""Fields of one table, empty ones too: what a machine with 1 GB can hold. 10,000 rows may have 2,000
columns."""

_SHOWN_CHARACTERS: Final = 60


class PlaceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Where a record is: an address as far as it is known, and a point, if any."""

    name: str | None = None
    street: str | None = None
    """May hold line feeds."""
    locality: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    latitude: str | None = None
    longitude: str | None = None


class ListedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation of a table, every value in the form that the protocol asks for."""

    key: str
    """The same at each reading of the same table: its own identifier, else made of its content."""
    line: int
    """Where the row starts: a line of a CSV file, the number of a GeoJSON feature; from 1."""
    name: dict[str, str]
    description: dict[str, str] | None = None
    url: str | None = None
    legal_form: str | None = None
    category: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    identifier: tuple[Identifier, ...] = ()
    places: tuple[PlaceRecord, ...] = ()


class FieldReport(msgspec.Struct, frozen=True, kw_only=True):
    """One field, or one row (`column` is empty), that did not go through as it stood."""

    line: int
    column: str
    value: str
    """Shortened; never a personal contact."""
    code: str
    outcome: Outcome

    @property
    def reason(self) -> str:
        """The sentence of the code."""
        return REASONS[self.code]


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How often something happened."""

    what: str
    count: int


class TableReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a table."""

    rows: int
    records: int
    without_point: int
    """Records without coordinates."""
    rows_left_out: int
    duplicates: int
    """Rows left out because a row before has the same key; counted in `rows_left_out` too."""
    left_out: tuple[Count, ...]
    """Fields, by code."""
    mended: tuple[Count, ...]
    noted: tuple[Count, ...]
    personal: tuple[Count, ...]
    """Filled fields of `email`, `phone`, `person` and `social` columns, and what stood elsewhere."""
    notes: tuple[str, ...]
    """Sentences about the whole file: its encoding, its delimiter."""
    fields: tuple[FieldReport, ...]
    """In the order of the file, at most FIELDS_KEPT; the counts are complete."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table as it stands in its file, before anybody knows what its columns mean."""

    file_name: str
    header: tuple[str, ...]
    """Names of the columns, each once."""
    rows: list[tuple[int, tuple[str, ...]]]
    """Where each row starts, and as many fields as the header has."""
    source: SourceParts = SourceParts()
    """What the file itself says of where it comes from."""


class ImportTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table, read."""

    mapping: Mapping
    """As used: with examples and the columns that are not used."""
    source: Source
    language: str
    records: tuple[ListedRecord, ...]
    report: TableReport


class Ledger:
    """Collects reports while a table is read."""

    def __init__(self) -> None:
        self.fields: list[FieldReport] = []
        self.personal: Counter[str] = Counter()
        self.notes: list[str] = []
        self.rows_left_out: list[int] = []
        """Lines of rows that never became rows of the table."""
        self._counts: dict[Outcome, Counter[str]] = {
            "left-out": Counter(),
            "mended": Counter(),
            "noted": Counter(),
        }

    def leave_out(self, line: int, column: str, value: str, code: str) -> None:
        """A field that is not taken over."""
        self._add(line, column, value, code, "left-out")

    def mend(self, line: int, column: str, value: str, code: str) -> None:
        """A field that is taken over changed."""
        self._add(line, column, value, code, "mended")

    def note(self, line: int, column: str, value: str, code: str) -> None:
        """A field that is taken over with a doubt."""
        self._add(line, column, value, code, "noted")

    def leave_out_personal(self, line: int, column: str, kind: str) -> None:
        """A personal contact found in a field for something else: counted, its value never shown."""
        self.personal[kind] += 1
        self._add(line, column, "", "personal", "left-out")

    def report(
        self, *, rows: int, records: int, without_point: int, rows_left_out: int, duplicates: int
    ) -> TableReport:
        """Close the ledger."""
        return TableReport(
            rows=rows,
            records=records,
            without_point=without_point,
            rows_left_out=rows_left_out,
            duplicates=duplicates,
            left_out=_counts(self._counts["left-out"]),
            mended=_counts(self._counts["mended"]),
            noted=_counts(self._counts["noted"]),
            personal=_counts(self.personal),
            notes=tuple(self.notes),
            fields=tuple(sorted(self.fields, key=lambda field: field.line)),
        )

    def _add(self, line: int, column: str, value: str, code: str, outcome: Outcome) -> None:
        self._counts[outcome][code] += 1
        if len(self.fields) < FIELDS_KEPT:
            self.fields.append(
                FieldReport(
                    line=line, column=column, value=shown(value), code=code, outcome=outcome
                )
            )


def shown(value: str) -> str:
    """Shorten a value for a report: one line, printable for any terminal, no e-mail address."""
    cut = EMAIL.sub("[…]", " ".join(value[: 4 * _SHOWN_CHARACTERS].split()))
    printable = "".join(character if character.isprintable() else "�" for character in cut)
    if len(printable) <= _SHOWN_CHARACTERS:
        return printable
    return printable[: _SHOWN_CHARACTERS - 1] + "…"


def _counts(counter: Counter[str]) -> tuple[Count, ...]:
    return tuple(Count(what=what, count=count) for what, count in sorted(counter.items()))
