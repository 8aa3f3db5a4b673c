"""From rows to records: every field in the protocol's form, or left out and reported.

Here: using a mapping on a table. Not here: reading files (`csv_table`, `geojson`), choosing columns
(`guessing`). A bad field never costs the row; only a row without a name, with more fields than the
header, or with the key of a row before is left out. Spec: 05-documents (LF-ORG, LF-FORM).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final

import msgspec

from localfed.interop import headings
from localfed.interop.countries import country_code, country_meant, may_be_abbreviated
from localfed.interop.guessing import (
    examples_of,
    guess_mapping,
    guess_source,
    look_at_unused,
    number_in,
)
from localfed.interop.mapping import MappedColumn, Mapping, SourceParts, UnusedColumn, meet_table
from localfed.interop.points import Placed, Point, doubts, read_point, split_point
from localfed.interop.records import ImportTable, Ledger, ListedRecord, PlaceRecord, Table
from localfed.interop.text_values import STREET_CHARACTERS, Cell
from localfed.interop.web_address import web_address
from localfed.protocol import limits
from localfed.protocol.errors import BadTable
from localfed.protocol.forms import Identifier, Source

UNKNOWN_LANGUAGE: Final = "und"

# Where the number of a house stands before the street.
_NUMBER_FIRST: Final = frozenset({"GB", "IE", "IM", "JE", "GG", "FR", "LU", "MT", "US", "CA", "AU"})
_TOKEN: Final = re.compile(r"[^\W_]+(?:_[^\W_]+)+")

_Values = tuple[str, ...]


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row half read: its point waits for all the others."""

    record: ListedRecord
    place: PlaceRecord
    country_text: str
    point: Point | None


def read_table(table: Table, mapping: Mapping | None, ledger: Ledger) -> ImportTable:
    """Read every row of a table.

    Args:
        table: As it stands in its file.
        mapping: Of the operator; None to guess it.
        ledger: What reading the file has noted already.

    Raises:
        BadTable: no column for names was found.
        BadMapping: the mapping names a column that the table does not have.

    """
    used = _mapping_for(table, mapping)
    _count_personal(used.unused, ledger)
    ledger.notes.extend(_languages_mended(used))
    rows, duplicates, left_out = _Reader(table, used, ledger).read()
    records = _settle_places(rows, used, ledger)
    without = sum(1 for record in records if not any(place.latitude for place in record.places))
    return ImportTable(
        mapping=used,
        source=_source(used.source),
        language=used.language or UNKNOWN_LANGUAGE,
        records=tuple(records),
        report=ledger.report(
            rows=len(table.rows) + len(ledger.rows_left_out),
            records=len(records),
            without_point=without,
            rows_left_out=left_out + len(ledger.rows_left_out),
            duplicates=duplicates,
        ),
    )


def _mapping_for(table: Table, given: Mapping | None) -> Mapping:
    values = [row for _, row in table.rows]
    if given is None:
        mapping = guess_mapping(table.header, values)
        if not mapping.columns_of("name"):
            message = (
                "no column looks like the name of an organisation; write a mapping file that says "
                f"which it is (--mapping). The columns are: {', '.join(table.header)[:600]}"
            )
            raise BadTable(message)
    else:
        mapping = meet_table(given, header=table.header, examples=examples_of(table.header, values))
        mapping = msgspec.structs.replace(
            mapping, unused=look_at_unused(mapping, table.header, values)
        )
    return msgspec.structs.replace(
        mapping,
        source=_first_of(mapping.source, table.source, guess_source(table.file_name)),
    )


def _first_of(*parts: SourceParts) -> SourceParts:
    """What the operator says counts before what the file says, and that before its name."""
    return SourceParts(
        name=next((part.name for part in parts if part.name), None),
        url=next((part.url for part in parts if part.url), None),
        edition=next((part.edition for part in parts if part.edition), None),
        license=next((part.license for part in parts if part.license), None),
    )


def _source(parts: SourceParts) -> Source:
    return Source(
        name=parts.name or "table", url=parts.url, edition=parts.edition, license=parts.license
    )


def _count_personal(unused: Sequence[UnusedColumn], ledger: Ledger) -> None:
    for column in unused:
        if column.personal and column.filled:
            ledger.personal[column.personal] += column.filled


def _languages_mended(mapping: Mapping) -> list[str]:
    """Sentences for columns whose language was named by the code of a country."""
    notes: list[str] = []
    for column in mapping.columns:
        parted = headings.language_of(column.column)
        if parted and parted[2] and parted[1] == column.language:
            notes.append(
                f"The column {column.column} names a country, not a language; it was read as "
                f"{column.language}."
            )
    return notes


class _Reader:
    """Reads rows with one mapping: where each target's fields stand is looked up once."""

    def __init__(self, table: Table, mapping: Mapping, ledger: Ledger) -> None:
        self._table = table
        self._mapping = mapping
        self._ledger = ledger
        place_of = {name: place for place, name in enumerate(table.header)}
        self._places: dict[str, list[tuple[int, MappedColumn]]] = {}
        for column in mapping.columns:
            self._places.setdefault(column.target, []).append((place_of[column.column], column))
        self._language = mapping.language or UNKNOWN_LANGUAGE
        self._at_commas = {
            column.column: headings.parts_at_commas(column.column)
            for column in mapping.columns_of("keywords")
        }

    def read(self) -> tuple[list[_Row], int, int]:
        """The rows, how many duplicates there were, and how many rows were left out."""
        rows: list[_Row] = []
        keys: set[str] = set()
        duplicates = nameless = 0
        for line, values in self._table.rows:
            row = self._row(line, values)
            if row is None:
                nameless += 1
                self._ledger.leave_out(line, "", "", "no-name")
            elif row.record.key in keys:
                duplicates += 1
                self._ledger.leave_out(line, "", row.record.key, "same-key")
            else:
                keys.add(row.record.key)
                rows.append(row)
        return rows, duplicates, duplicates + nameless

    def _row(self, line: int, values: _Values) -> _Row | None:
        name = self._by_language(line, values, "name")
        if not name:
            return None
        country_text = self._text(line, values, "country") or ""
        country = country_code(country_text) if country_text else self._mapping.country
        place = PlaceRecord(
            name=self._text(line, values, "place_name"),
            street=self._street(line, values, country),
            locality=self._text(line, values, "locality"),
            region=self._text(line, values, "region"),
            postal_code=self._text(line, values, "postal_code"),
            country=country,
        )
        legal_form = self._text(line, values, "legal_form")
        record = ListedRecord(
            key=self._key(line, values, name, place),
            line=line,
            name=name,
            description=self._by_language(line, values, "description") or None,
            url=self._url(line, values),
            legal_form=_words(legal_form) if legal_form else None,
            category=self._labels(line, values, "category"),
            keywords=self._labels(line, values, "keywords"),
            identifier=self._identifiers(line, values),
        )
        point = self._point(line, values)
        return _Row(record=record, place=place, country_text=country_text, point=point)

    def _cells(self, line: int, values: _Values, target: str) -> list[tuple[Cell, MappedColumn]]:
        """The filled fields of one target."""
        return [
            (Cell(self._ledger, line, column.column, values[place]), column)
            for place, column in self._places.get(target, ())
            if values[place]
        ]

    def _text(self, line: int, values: _Values, target: str) -> str | None:
        for cell, _ in self._cells(line, values, target):
            return cell.one_line(limits.NAME_CHARACTERS)
        return None

    def _by_language(self, line: int, values: _Values, target: str) -> dict[str, str]:
        texts: dict[str, str] = {}
        for cell, column in self._cells(line, values, target):
            if target == "name":
                text = cell.one_line(limits.NAME_CHARACTERS)
            else:
                text = cell.lines(limits.TEXT_CHARACTERS, prose=True)
            language = column.language or self._language
            if text is None or texts.get(language) == text:
                continue
            if language in texts:
                cell.leave_out("twice")
            elif len(texts) >= limits.LANGUAGES:
                cell.leave_out("too-many")
            else:
                texts[language] = text
        return texts

    def _street(self, line: int, values: _Values, country: str | None) -> str | None:
        found = [
            text
            for cell, _ in self._cells(line, values, "street")
            if (text := cell.lines(STREET_CHARACTERS, prose=False))
        ]
        number = self._text(line, values, "house_number")
        before = [self._text(line, values, "house_name")]
        if number and found and number[0].isdigit():
            first = country in _NUMBER_FIRST
            found[0] = f"{number} {found[0]}" if first else f"{found[0]} {number}"
        elif number:
            before.append(number)
        street = "\n".join([part for part in before if part] + found)
        return street[:STREET_CHARACTERS] or None

    def _url(self, line: int, values: _Values) -> str | None:
        for cell, _ in self._cells(line, values, "url"):
            url = web_address(cell)
            if url is not None:
                return url
        return None

    def _labels(self, line: int, values: _Values, target: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        rename = self._mapping.categories if target == "category" else {}
        for cell, column in self._cells(line, values, target):
            apart = r"[;|,\n]" if self._at_commas.get(column.column) else r"[;|\n]"
            for part in re.split(apart, cell.raw):
                label = Cell(self._ledger, line, column.column, part).one_line(
                    limits.NAME_CHARACTERS
                )
                if label is None:
                    continue
                words = _words(label)
                kept = rename.get(label, rename.get(words, words))
                if kept:
                    found[kept] = None
        if len(found) > limits.CATEGORIES:
            self._ledger.mend(line, target, "", "too-many")
        return tuple(found)[: limits.CATEGORIES]

    def _identifiers(self, line: int, values: _Values) -> tuple[Identifier, ...]:
        found: list[Identifier] = []
        for cell, column in self._cells(line, values, "identifier"):
            text = cell.one_line(limits.NAME_CHARACTERS)
            if text is None or column.scheme is None:
                continue
            number = number_in(column.scheme, text)
            if number is None:
                cell.leave_out("not-an-identifier")
                continue
            if len(number) > len(text):
                cell.mend("mended-identifier")
            identifier = Identifier(scheme=column.scheme, number=number)
            if identifier not in found and len(found) < limits.CATEGORIES:
                found.append(identifier)
        return tuple(found)

    def _point(self, line: int, values: _Values) -> Point | None:
        north = self._cells(line, values, "latitude")
        east = self._cells(line, values, "longitude")
        both = self._cells(line, values, "point")
        if north or east:
            cell = (north or east)[0][0]
            latitude = north[0][0].raw if north else ""
            longitude = east[0][0].raw if east else ""
        elif both:
            cell = both[0][0]
            latitude, longitude = split_point(cell.raw)
        else:
            return None
        found = read_point(latitude, longitude)
        if isinstance(found, str):
            self._ledger.leave_out(line, cell.column, _pair(latitude, longitude), found)
            return None
        return found

    def _key(self, line: int, values: _Values, name: dict[str, str], place: PlaceRecord) -> str:
        for cell, _ in self._cells(line, values, "key"):
            # Not cleaned aloud: a key is compared, hardly shown.
            key = Cell(Ledger(), line, cell.column, cell.raw).one_line(limits.NAME_CHARACTERS)
            if key is not None and len(cell.raw) <= limits.NAME_CHARACTERS:
                return key
            if cell.raw.strip():
                return _hashed([cell.raw])
        return _hashed([next(iter(name.values())), place.street, place.postal_code, place.locality])


def _settle_places(rows: list[_Row], mapping: Mapping, ledger: Ledger) -> list[ListedRecord]:
    """Give each record its place, once all points are known and can be compared."""
    countries = [_settle_country(row, mapping, ledger) for row in rows]
    pointed = [position for position, row in enumerate(rows) if row.point is not None]
    placed = [
        Placed(point, countries[position] if rows[position].country_text else None)
        for position in pointed
        if (point := rows[position].point) is not None
    ]
    doubtful = {pointed[at]: code for at, code in doubts(placed).items()}
    records: list[ListedRecord] = []
    column = (mapping.columns_of("latitude") or mapping.columns_of("point"))[:1]
    for position, row in enumerate(rows):
        point = row.point
        if point is not None and position in doubtful:
            value = _pair(point.latitude, point.longitude)
            ledger.leave_out(row.record.line, column[0].column, value, doubtful[position])
            point = None
        place = msgspec.structs.replace(
            row.place,
            country=countries[position],
            latitude=point.latitude if point else None,
            longitude=point.longitude if point else None,
        )
        said = any(getattr(place, field) for field in PlaceRecord.__struct_fields__)
        records.append(msgspec.structs.replace(row.record, places=(place,) if said else ()))
    return records


def _settle_country(row: _Row, mapping: Mapping, ledger: Ledger) -> str | None:
    """The country of a row, a misspelled or home-made name mended where the point confirms it."""
    code = row.place.country
    text = row.country_text
    if not text or (code is not None and not may_be_abbreviated(text)):
        return code
    meant = country_meant(text, *row.point.degrees) if row.point else None
    if meant is not None and meant != code:
        column = mapping.columns_of("country")[0].column
        ledger.mend(row.record.line, column, text, "mended-country")
        return meant
    if code is None:
        column = mapping.columns_of("country")[0].column
        ledger.leave_out(row.record.line, column, text, "not-a-country")
    return code


def _words(label: str) -> str:
    """`community_garden` in words; what is no such token stays as it is."""
    return label.replace("_", " ") if _TOKEN.fullmatch(label) else label


def _pair(latitude: str, longitude: str) -> str:
    return f"{latitude}, {longitude}"


def _hashed(parts: list[str | None]) -> str:
    """A key made of content: the same content gives the same key at the next import."""
    content = "\x1f".join(" ".join((part or "").split()).casefold() for part in parts)
    return "h-" + hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:32]
