"""Which column means what, guessed from its heading and from the values below it.

Here: the guess, for CSV and GeoJSON alike. An empty column never wins over a filled one, a column of
bare identifiers never over one with words, a heading never over values of another kind.
Not here: the words of headings (`headings`), the mapping file (`mapping`), reading rows (`rows`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from localfed.interop import headings
from localfed.interop.countries import country_code
from localfed.interop.mapping import (
    REGISTERS,
    WITH_LANGUAGE,
    MappedColumn,
    Mapping,
    SourceParts,
    Unused,
    UnusedColumn,
)
from localfed.interop.points import LATITUDE_MOST, LONGITUDE_MOST, decimal_degrees, split_point
from localfed.interop.records import EMAIL, shown
from localfed.interop.web_address import host_of, looks_like_address
from localfed.protocol import limits

BRITISH_POSTCODE: Final = re.compile(
    r"(?:GIR ?0AA|[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2})", re.IGNORECASE | re.ASCII
)

_SAMPLE: Final = 200
"""Values of a column that are looked at; whether a column is filled is counted over all rows."""

_MOST: Final = 0.5
_NEARLY_ALL: Final = 0.8
_FILLED_POINTS: Final = 20
_LEAST_ROWS_FOR_VALUES: Final = 3
_LEAST_WORD: Final = 3
_EXAMPLES: Final = 2
_RUNNERS_UP: Final = 3
_POSTCODE: Final = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9 .-]{1,11}")
_PHONE: Final = re.compile(r"(?=.*[ +()/-])\+?[0-9(][0-9 ()/.-]{7,22}")
_DATE: Final = re.compile(r"[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}( .*)?")
_EDITION: Final = re.compile(
    r"(?<![A-Za-z0-9])(Q[1-4][-_]?(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}[-_]?Q[1-4]"
    r"|(?:19|20)[0-9]{2}[-_][0-9]{2}(?:[-_][0-9]{2})?|(?:19|20)[0-9]{6}|(?:19|20)[0-9]{2}"
    r"|v[0-9]{1,3}(?:\.[0-9]{1,3}){0,2})(?![A-Za-z0-9])"
)


class _Column(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    filled: int
    share: float
    """Of all rows."""
    unique: bool
    """Filled in every row, each value once."""
    values: tuple[str, ...]
    """The first filled ones."""

    def share_of(self, fits: Callable[[str], object]) -> float:
        return sum(1 for value in self.values if fits(value)) / max(1, len(self.values))


class _Candidate(msgspec.Struct, frozen=True, kw_only=True):
    target: str
    column: _Column
    total: float
    language: str | None = None
    scheme: str | None = None

    def mapped(self, target: str | None = None) -> MappedColumn:
        return MappedColumn(
            target=target or self.target,
            column=self.column.name,
            language=self.language,
            scheme=self.scheme,
            examples=tuple(shown(value) for value in self.column.values[:_EXAMPLES]),
        )


def guess_mapping(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Mapping:
    """Guess which column means what.

    Args:
        header: The name of each column, each once.
        rows: Rows as long as the header; all of them give the best guess, some are enough.

    """
    columns = _profiles(header, rows)
    unused: dict[str, UnusedColumn] = {}
    candidates: list[_Candidate] = []
    for column in columns:
        found = _candidate(column)
        if isinstance(found, _Candidate):
            candidates.append(found)
        else:
            unused[column.name] = found
    chosen = _choose(candidates)
    used = {column.column for column in chosen}
    for candidate in candidates:
        if candidate.column.name not in used:
            unused[candidate.column.name] = _unused(candidate.column, "another column")
    return Mapping(
        columns=tuple(chosen),
        unused=tuple(unused[name] for name in header if name in unused),
        country=_country_of_all(chosen, columns),
    )


def look_at_unused(
    mapping: Mapping, header: Sequence[str], rows: Iterable[Sequence[str]]
) -> tuple[UnusedColumn, ...]:
    """The columns that a given mapping leaves aside, and why a guess would have."""
    used = {column.column for column in mapping.columns}
    unused: list[UnusedColumn] = []
    for column in _profiles(header, rows):
        if column.name not in used:
            found = _candidate(column)
            unused.append(_unused(column, "no target") if isinstance(found, _Candidate) else found)
    return tuple(unused)


def examples_of(header: Sequence[str], rows: Iterable[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Two examples of each column, shortened for showing."""
    return {
        column.name: tuple(shown(value) for value in column.values[:_EXAMPLES])
        for column in _profiles(header, rows)
    }


def guess_source(file_name: str) -> SourceParts:
    """What a file name tells of where a table comes from: its name, and an edition such as Q2-2023."""
    base = re.split(r"[/\\]", file_name)[-1]
    name = shown(base) or "table"
    edition = _EDITION.search(base)
    return SourceParts(name=name, edition=edition[1] if edition else None)


def _profiles(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[_Column]:
    held = list(rows)
    columns: list[_Column] = []
    for name, values in zip(header, zip(*held, strict=True), strict=True) if held else ():
        filled = [stripped for value in values if (stripped := value.strip())]
        columns.append(
            _Column(
                name=name,
                filled=len(filled),
                share=len(filled) / len(held),
                unique=len(filled) == len(held) == len(set(filled)),
                values=tuple(filled[:_SAMPLE]),
            )
        )
    return columns or [
        _Column(name=name, filled=0, share=0, unique=False, values=()) for name in header
    ]


def _candidate(column: _Column) -> _Candidate | UnusedColumn:
    """The one target that a column may serve, or why it serves none."""
    if not column.filled:
        return _unused(column, "empty")
    register = headings.register_of(column.name)
    if register is not None:
        if column.share_of(lambda value: number_in(register, value) is not None) >= _MOST:
            return _Candidate(target="identifier", column=column, total=0, scheme=register)
        return _unused(column, "no target")
    kind = headings.personal_kind(column.name) or _personal_by_values(column)
    if kind is not None:
        return _unused(column, "personal", kind)
    said = headings.heading_says(column.name)
    language = None
    if said is None or said[1] < headings.EXACT:
        parted = headings.language_of(column.name)
        base = headings.heading_says(parted[0]) if parted else None
        if parted and base and base[0] in WITH_LANGUAGE:
            said, language = base, parted[1]
    if said is None:
        target = _target_by_values(column)
        if target is None:
            return _unused(column, "no target")
        said = target, 0
    target, rank = said
    wrong = _does_not_fit(target, column)
    if wrong is not None:
        return _unused(column, wrong)
    total = rank + _FILLED_POINTS * column.share - headings.order_of(column.name) / 1_000
    return _Candidate(target=target, column=column, total=total, language=language)


def _personal_by_values(column: _Column) -> str | None:
    if column.share_of(EMAIL.fullmatch) >= _MOST:
        return "email"
    said = headings.heading_says(column.name)
    if said is None and column.share_of(_is_phone_number) >= _NEARLY_ALL:
        return "phone"
    return None


def _is_phone_number(value: str) -> bool:
    return bool(_PHONE.fullmatch(value)) and not _DATE.fullmatch(value)


def _target_by_values(column: _Column) -> str | None:
    """What values alone say, whatever stands above them."""
    if column.filled < _LEAST_ROWS_FOR_VALUES or headings.is_about_something_else(column.name):
        return None
    if column.share_of(BRITISH_POSTCODE.fullmatch) >= _NEARLY_ALL:
        return "postal_code"
    if column.share_of(lambda value: value.startswith("http")) >= _NEARLY_ALL:
        hosts = {host_of(value) for value in column.values}
        # Identifiers that are IRIs share a host, websites of organisations do not.
        return "url" if len(hosts) >= _MOST * len(column.values) else None
    return None


def _does_not_fit(target: str, column: _Column) -> Unused | None:
    """Why the values of a column cannot be what its heading says; None if they can."""
    if target == "key":
        return None if column.unique else "no target"
    fits = _FITS.get(target)
    if fits is not None:
        return None if column.share_of(fits) >= _MOST else "no target"
    if column.share_of(_is_bare_identifier) > _MOST:
        return "identifiers without words"
    return None


def _is_no_iri(value: str) -> bool:
    return not re.match(r"https?://|urn:", value)


def _is_bare_identifier(value: str) -> bool:
    return not _is_no_iri(value) or (
        sum(1 for letter in value if letter.isalpha()) < _LEAST_WORD
        and any(letter.isdigit() for letter in value)
    )


def _is_degrees(value: str, most: int) -> bool:
    degrees = decimal_degrees(value)
    return degrees is not None and abs(float(degrees)) <= most


def _is_point(value: str) -> bool:
    latitude, longitude = split_point(value)
    return latitude != longitude and (
        _is_degrees(latitude, LATITUDE_MOST) and _is_degrees(longitude, LONGITUDE_MOST)
    )


_FITS: Final[dict[str, Callable[[str], object]]] = {
    "url": looks_like_address,
    "latitude": lambda value: _is_degrees(value, LATITUDE_MOST),
    "longitude": lambda value: _is_degrees(value, LONGITUDE_MOST),
    "point": _is_point,
    "postal_code": _POSTCODE.fullmatch,
    "country": country_code,
    "house_number": bool,
    "house_name": bool,
    "name": _is_no_iri,
    "street": _is_no_iri,
    "description": _is_no_iri,
}


def number_in(scheme: str, text: str) -> str | None:
    """A number as its register writes it; leading zeros that a spreadsheet dropped are put back."""
    number = re.sub(r"\s", "", text[:100]).upper()
    if scheme == "GB-COH" and number.isascii() and number.isdigit() and 5 <= len(number) < 8:  # noqa: PLR2004 -- eight digits, of which up to three are leading zeros
        number = number.zfill(8)
    form = REGISTERS.get(scheme)
    if form is None:
        kept = " ".join(text.split())
        return kept if 0 < len(kept) <= limits.NAME_CHARACTERS else None
    return number if form.fullmatch(number) else None


def _choose(candidates: list[_Candidate]) -> list[MappedColumn]:
    by_target: dict[str, list[_Candidate]] = defaultdict(list)
    for candidate in sorted(candidates, key=lambda candidate: -candidate.total):
        by_target[candidate.target].append(candidate)
    chosen: list[MappedColumn] = []
    for target, ranked in by_target.items():
        if target == "url":
            chosen += [candidate.mapped() for candidate in ranked[:_RUNNERS_UP]]
        elif target == "keywords":
            chosen += [candidate.mapped() for candidate in ranked[: 2 * _RUNNERS_UP]]
        elif target == "category":
            # What describes the same less well is still good for searching.
            chosen.append(ranked[0].mapped())
            chosen += [item.mapped("keywords") for item in ranked[1 : 1 + _RUNNERS_UP]]
        elif target == "street":
            chosen += _numbered_like(ranked[0], candidates)
        elif target in {"name", "description", "identifier"}:
            chosen += _one_each(ranked)
        else:
            chosen.append(ranked[0].mapped())
    targets = {column.target for column in chosen}
    if {"latitude", "longitude"} <= targets:
        return [column for column in chosen if column.target != "point"]
    return [column for column in chosen if column.target not in {"latitude", "longitude"}]


def _numbered_like(best: _Candidate, candidates: list[_Candidate]) -> list[MappedColumn]:
    """`Address 1` and with it `Address 2`, in the order of the table."""
    stem = re.sub(r"[0-9\s]", "", best.column.name)
    return [
        candidate.mapped()
        for candidate in candidates
        if candidate.target == "street" and re.sub(r"[0-9\s]", "", candidate.column.name) == stem
    ]


def _one_each(ranked: list[_Candidate]) -> list[MappedColumn]:
    """The best column of each language or register; a misspelled heading may stand beside."""
    seen: set[str | None] = set()
    chosen: list[MappedColumn] = []
    for candidate in ranked:
        part = candidate.language or candidate.scheme
        if part not in seen or part is not None:
            chosen.append(candidate.mapped())
        seen.add(part)
    return chosen


def _country_of_all(chosen: list[MappedColumn], columns: list[_Column]) -> str | None:
    """GB where no column names the country and the postcodes are British."""
    if any(column.target == "country" for column in chosen):
        return None
    postcodes = {column.column for column in chosen if column.target == "postal_code"}
    for column in columns:
        if column.name in postcodes and column.share_of(BRITISH_POSTCODE.fullmatch) >= _NEARLY_ALL:
            return "GB"
    return None


def _unused(column: _Column, why: Unused, personal: str | None = None) -> UnusedColumn:
    return UnusedColumn(column=column.name, why=why, filled=column.filled, personal=personal)
