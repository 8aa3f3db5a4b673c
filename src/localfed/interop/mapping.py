"""The mapping: which column of a table means what; and its file, and how it is shown.

Here: the value, reading and writing the mapping file (docs/run/import.md), telling it in words.
Not here: guessing it (`guessing`), using it (`rows`).
"""

from __future__ import annotations

import json
import re
from typing import Final, Literal

import msgspec

from localfed.interop.countries import language_tag
from localfed.protocol import limits
from localfed.protocol.canonical import Json, parse_loose
from localfed.protocol.errors import BadMapping, Rejected
from localfed.protocol.forms import Country, Label, Language, Url

TARGETS: Final[dict[str, str]] = {
    "key": "what identifies the record in the table for ever",
    "name": "the name of the organisation (name:cy for one language)",
    "description": "a text about it (description:cy for one language)",
    "url": "its website; of several columns the first that holds a web address",
    "legal_form": "its legal form, in words",
    "category": "what it does, in words; several parted by ; or |",
    "keywords": "further words for searching",
    "identifier": "its number in a register: identifier:GB-COH for Companies House",
    "place_name": "the name of the place, such as a hall",
    "street": "street and house number, several lines allowed",
    "house_number": "the house number, where it has a column of its own",
    "house_name": "the name of the house, where it has a column of its own",
    "locality": "town or village",
    "region": "county, district, region",
    "postal_code": "postcode",
    "country": "country, as a name or code",
    "latitude": "degrees north",
    "longitude": "degrees east",
    "point": "latitude and longitude in one column",
}
"""Every target, in the order in which it is shown."""

WITH_LANGUAGE: Final = frozenset({"name", "description"})
SEVERAL: Final = frozenset(
    {"url", "category", "keywords", "street", "identifier", "name", "description"}
)
"""Targets that may have more than one column."""

REGISTERS: Final[dict[str, re.Pattern[str]]] = {
    "GB-COH": re.compile(r"[A-Z]{2}[0-9]{6}|[0-9]{8}|[A-Z]{2}[0-9]{5}[A-Z]"),
    "GB-CHC": re.compile(r"[0-9]{6,7}(-[0-9]{1,4})?"),
    "GB-SC": re.compile(r"SC[0-9]{6}"),
    "GB-NIC": re.compile(r"(NIC)?[0-9]{6}"),
    "GB-MPR": re.compile(r"[0-9]{1,6}[A-Z]{0,4}|[A-Z]{1,4}[0-9]{1,6}[A-Z]{0,4}"),
    "GB-UKPRN": re.compile(r"1[0-9]{7}"),
    "XI-LEI": re.compile(r"[A-Z0-9]{18}[0-9]{2}"),
    "IE-CRO": re.compile(r"[0-9]{4,7}"),
    "NL-KVK": re.compile(r"[0-9]{8}"),
    "DK-CVR": re.compile(r"[0-9]{8}"),
}
"""The form of a number in registers of org-id.guide; numbers of other registers are not checked."""

Unused = Literal["empty", "personal", "identifiers without words", "no target", "another column"]

_SCHEME: Final = re.compile(r"[A-Z0-9]{2,10}(-[A-Za-z0-9_]{1,30}){1,3}")
_EXAMPLES: Final = 2
_LISTED: Final = 12
"""Unused columns shown by name; a map may have hundreds of stray properties."""


class MappedColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column that is used."""

    target: str
    """A name of TARGETS."""
    column: str
    language: str | None = None
    """Of a name or description; None is the language of the table."""
    scheme: str | None = None
    """Of an identifier: a code of org-id.guide."""
    examples: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The target as the mapping file writes it: `name:cy`, `identifier:GB-COH`."""
        part = self.language or self.scheme
        return f"{self.target}:{part}" if part else self.target


class UnusedColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column that is not used, and why."""

    column: str
    why: Unused
    filled: int
    """Rows in which it holds something."""
    personal: str | None = None
    """`email`, `phone`, `person` or `social`."""


class SourceParts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a mapping says of where the table comes from; what it does not say is guessed."""

    name: Label | None = None
    url: Url | None = None
    edition: Label | None = None
    license: Label | None = None


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """Which column means what, and what holds for every row."""

    columns: tuple[MappedColumn, ...]
    unused: tuple[UnusedColumn, ...] = ()
    """Known once the mapping has met its table."""
    language: str | None = None
    country: str | None = None
    """Of rows that name none."""
    source: SourceParts = SourceParts()
    categories: dict[str, str | None] = {}
    """Other words for categories of the table; None leaves a category out."""

    def columns_of(self, target: str) -> tuple[MappedColumn, ...]:
        """The columns of one target, first choice first."""
        return tuple(column for column in self.columns if column.target == target)


class _MappingFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    columns: dict[str, str | list[str]]
    language: Language | None = None
    country: Country | None = None
    source: SourceParts = SourceParts()
    categories: dict[str, Label | None] = {}
    comment: str | None = None


def mapping_from_json(data: bytes) -> Mapping:
    """Read a mapping file. Whether its columns exist is seen when it meets its table.

    Raises:
        BadMapping: not JSON, a member or target that does not exist, a value of another form.

    """
    try:
        value = parse_loose(data.removeprefix(b"\xef\xbb\xbf"))
    except Rejected as error:
        message = f"the mapping is not JSON that can be read: {error.message}"
        raise BadMapping(message) from error
    try:
        written = msgspec.convert(value, _MappingFile)
    except msgspec.ValidationError as error:
        message = f"the mapping does not have the form of docs/run/import.md: {error}"
        raise BadMapping(message) from error
    columns: list[MappedColumn] = []
    for label, names in written.columns.items():
        columns.extend(_read_columns(label, [names] if isinstance(names, str) else names))
    if not any(column.target == "name" for column in columns):
        message = 'the mapping has no column for "name"'
        raise BadMapping(message)
    targets = {column.target for column in columns}
    if ("latitude" in targets) != ("longitude" in targets):
        message = "latitude and longitude need a column each, or point one for both"
        raise BadMapping(message)
    return Mapping(
        columns=tuple(columns),
        language=written.language,
        country=written.country,
        source=written.source,
        categories=written.categories,
    )


def mapping_to_json(mapping: Mapping) -> bytes:
    """Write a mapping file, to be kept beside the table and changed by hand."""
    columns: dict[str, Json] = {}
    for column in mapping.columns:
        held = columns.get(column.label)
        if held is None:
            columns[column.label] = column.column
        elif isinstance(held, list):
            held.append(column.column)
        else:
            columns[column.label] = [held, column.column]
    value: dict[str, Json] = {"columns": columns}
    if mapping.language is not None:
        value["language"] = mapping.language
    if mapping.country is not None:
        value["country"] = mapping.country
    source = {name: part for name, part in msgspec.to_builtins(mapping.source).items() if part}
    if source:
        value["source"] = source
    if mapping.categories:
        value["categories"] = dict(mapping.categories)
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def describe_mapping(mapping: Mapping) -> list[str]:
    """Tell a mapping in lines of text: each target, its column and two examples; what is not used."""
    order = list(TARGETS)
    used = sorted(mapping.columns, key=lambda column: order.index(column.target))
    width = max((len(column.label) for column in used), default=0)
    wide = max((len(column.column) for column in used), default=0)
    lines = [
        f"{column.label:<{width}}  {column.column:<{wide}}  {', '.join(column.examples)}".rstrip()
        for column in used
    ]
    for name, part in (
        ("language", mapping.language),
        ("country", mapping.country),
        ("source", mapping.source.name),
        ("url", mapping.source.url),
        ("edition", mapping.source.edition),
        ("licence", mapping.source.license),
    ):
        if part:
            lines.append(f"{name + ' of all':<{width}}  {part}")
    why: dict[str, list[str]] = {}
    for column in sorted(mapping.unused, key=lambda column: -column.filled):
        why.setdefault(column.why, []).append(column.column)
    for reason, names in why.items():
        more = f", and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        lines.append(f"not used ({reason}): {', '.join(names[:_LISTED])}{more}")
    return lines


def meet_table(
    mapping: Mapping, *, header: tuple[str, ...], examples: dict[str, tuple[str, ...]]
) -> Mapping:
    """Check that the columns of a mapping exist, and take examples from the table.

    Raises:
        BadMapping: a column that the header does not have.

    """
    for column in mapping.columns:
        if column.column not in header:
            message = (
                f'the mapping gives "{column.label}" the column "{column.column[:80]}", which the '
                f"header does not have; it has: {', '.join(header)[:600]}"
            )
            raise BadMapping(message)
    columns = tuple(
        msgspec.structs.replace(column, examples=examples.get(column.column, ())[:_EXAMPLES])
        for column in mapping.columns
    )
    return msgspec.structs.replace(mapping, columns=columns)


def _read_columns(label: str, names: list[str]) -> list[MappedColumn]:
    target, colon, part = label.partition(":")
    if target not in TARGETS:
        message = f'"{label[:80]}" is no target; the targets are: {", ".join(TARGETS)}'
        raise BadMapping(message)
    if len(names) > limits.CATEGORIES or (len(names) > 1 and target not in SEVERAL):
        message = f'"{label[:80]}" can have one column only'
        raise BadMapping(message)
    language = scheme = None
    if target == "identifier":
        if not _SCHEME.fullmatch(part):
            message = (
                f'"{label[:80]}" names no register: write identifier:GB-COH, with a code of '
                "org-id.guide"
            )
            raise BadMapping(message)
        scheme = part
    elif colon:
        language = language_tag(part) if target in WITH_LANGUAGE else None
        if language is None:
            message = f'"{label[:80]}": "{part[:80]}" is no language of that target'
            raise BadMapping(message)
    return [
        MappedColumn(target=target, column=name, language=language, scheme=scheme) for name in names
    ]
