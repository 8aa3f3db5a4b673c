"""Fields: what the index holds of a document, and how it is laid out.

Here: the schema and its version, and an `IndexDocument` as one of tantivy. Not here: searching.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from itertools import zip_longest
from typing import Final, cast

import tantivy

from localfed.app.index_values import ONLINE, Facet, IndexDocument, Key
from localfed.app.values import Point
from localfed.index.cells import (
    EVERYWHERE,
    HAS_MORE,
    HAS_ONLINE,
    HAS_REACH,
    NOWHERE,
    name_cells,
    pack,
)
from localfed.index.reach import cover
from localfed.index.spans import name_spans
from localfed.index.words import ENGLISH, PLAIN, SPACED, fold, fold_document

VERSION: Final = "8"
"""Of the layout and of the analysis: with any other the index is built anew."""

ID: Final = "id"
"""A number for (DID, path): deletes, and settles ties."""
KEY: Final = "key"
"""Stored: DID and path; in the mark, the position and when entries are to be folded anew."""
MARK: Final = "mark"
"""`DOCUMENT` (with others behind it also `IN_FRONT`), `BEHIND`, or `POSITION` for the one entry that says how far the store's log is in."""
FRONT: Final = "front"
"""Stored: the document that stands in front of this one."""
OTHERS: Final = "others"
"""Stored: the documents behind this one, a line each."""
PUBLISHER: Final = "publisher"
"""The SCID of who publishes it, of each who delivers it together with them, and of who publishes what is behind it."""
PROFILES: Final = {
    "profile": (Facet.KIND, Facet.CATEGORY),
    "terms_profile": (Facet.COST, Facet.LANGUAGE),
    "people_profile": (Facet.AUDIENCE, Facet.ACCESSIBILITY, Facet.WHERE),
}
"""Numbers that each stand for all values of some facets, for counting what few documents have; 0 for none.

Three, because there are far fewer of each than of all that documents say together.
"""
VALUES: Final = "values"
"""Stored: every facet and value, a line each."""
PLACE: Final = "place"
"""The first point, packed, with marks of what else there is; 0 for none."""
MORE_PLACES: Final = "more_places"
"""Stored: all points where there are several, each with its reach (`POINT:METRES`)."""
CELLS: Final = "cells"
METRES: Final = "metres"
"""How far somebody comes from the only point; where there are several it is in `MORE_PLACES`."""
REACH: Final = "reach"
"""The cells that somebody comes to; `EVERYWHERE` for what can be had online."""
OPEN: Final = "open"
"""The spans of time in which it is open."""
OPEN_UNTIL: Final = "open_until"
"""Until when `OPEN` says everything; without it for ever."""
EXPIRES: Final = "expires"
ASSURED: Final = "assured"
ORDER: Final = "order"
"""What is listed in when nothing is asked: by title, and unique."""
SUBJECTS: Final = "subjects"
"""What it is about, as codes of the lexicon."""
TITLE: Final = "title"
TITLE_ENGLISH: Final = "title_english"
TEXT: Final = "text"
WORDS: Final = "words"
"""Every word of title and text as it is written, for completing and correcting."""

DOCUMENT: Final = "d"
IN_FRONT: Final = "f"
BEHIND: Final = "b"
POSITION: Final = "p"

COUNTED: Final = tuple(facet for facet in Facet if facet is not Facet.OPEN)
"""Facets whose values are numbers in a field of their name: "Food" and "food" are one."""

_ORDER_CHARACTERS: Final = 60
_VALUE_BITS: Final = 52  # counting gives numbers back as floats


def make_schema() -> tantivy.Schema:
    """Make the schema."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field(ID, indexed=True, fast=True)
    builder.add_unsigned_field(PLACE, fast=True)
    builder.add_unsigned_field(EXPIRES, fast=True)
    builder.add_unsigned_field(ASSURED, fast=True)
    builder.add_unsigned_field(OPEN_UNTIL, fast=True)
    for name in (*PROFILES, METRES):
        builder.add_unsigned_field(name, fast=True)
    for facet in COUNTED:
        builder.add_unsigned_field(facet, indexed=True, fast=True)
    for name in (MARK, PUBLISHER):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(ORDER, fast=True, tokenizer_name="raw", index_option="basic")
    for name in (KEY, VALUES, MORE_PLACES, FRONT, OTHERS):
        builder.add_bytes_field(name, stored=True)  # text cannot be stored without being indexed
    for name in (CELLS, REACH, OPEN, SUBJECTS):
        builder.add_text_field(name, tokenizer_name=SPACED, index_option="basic")
    builder.add_text_field(TITLE, tokenizer_name=PLAIN, index_option="freq")
    builder.add_text_field(WORDS, tokenizer_name=PLAIN, index_option="basic")
    for name in (TITLE_ENGLISH, TEXT):
        builder.add_text_field(name, tokenizer_name=ENGLISH, index_option="freq")
    return builder.build()


def number_of(did: str, path: str) -> int:
    """Give the number of a document.

    64 bits of a hash: whoever wants to hit another's needs 2^64 tries, and would hide one search result.
    """
    return int.from_bytes(blake2b(f"{did}/{path}".encode(), digest_size=8).digest())


def make_entry(told: IndexDocument) -> tantivy.Document:
    """Make the entry of a document.

    What stands behind another has no words, places or choices, so that no search needs to leave it out.
    """
    number = number_of(told.did, told.path)
    if told.front is not None:
        return _make_behind(number, told, told.front)
    title = fold_document(told.title)
    entry = tantivy.Document()
    entry.add_unsigned(ID, number)
    entry.add_unsigned(EXPIRES, max(told.expires, 0))
    entry.add_unsigned(ASSURED, max(told.assured, 0))
    entry.add_text(MARK, DOCUMENT)
    entry.add_bytes(KEY, f"{told.did}/{told.path}".encode())
    published = (told.did, *told.contributors, *(did for did, _ in told.behind))
    for did in dict.fromkeys(published):
        entry.add_text(PUBLISHER, scid_of(did))
    if told.behind:
        entry.add_text(MARK, IN_FRONT)
        entry.add_bytes(OTHERS, "\n".join(map("/".join, told.behind)).encode())
    entry.add_text(ORDER, f"{title[:_ORDER_CHARACTERS].lower()} {number:016x}")
    entry.add_text(TITLE, title)
    entry.add_text(TITLE_ENGLISH, title)
    text = fold_document(told.text) if told.text else ""
    if text:
        entry.add_text(TEXT, text)
    entry.add_text(WORDS, f"{title} {text}")
    if told.subjects:
        entry.add_text(SUBJECTS, " ".join(told.subjects))
    _add_values(entry, told)
    _add_places(entry, told)
    if told.open:
        entry.add_text(OPEN, " ".join(name_spans(told.open)))
    if told.open_until is not None:
        entry.add_unsigned(OPEN_UNTIL, max(told.open_until, 0))
    return entry


def _make_behind(number: int, told: IndexDocument, front: Key) -> tantivy.Document:
    entry = tantivy.Document()
    entry.add_unsigned(ID, number)
    entry.add_text(MARK, BEHIND)
    entry.add_bytes(KEY, f"{told.did}/{told.path}".encode())
    entry.add_bytes(FRONT, "/".join(front).encode())
    return entry


def scid_of(did: str) -> str:
    """Give the SCID in a DID."""
    return did.split(":", 3)[2] if did.count(":") > 1 else did


def values_of(told: IndexDocument) -> dict[Facet, dict[int, str]]:
    """Give what is counted of a document: for each facet its values by number, as first written."""
    return {
        facet: {number_value(value): value for value in reversed(values)}
        for facet, values in (
            (Facet.KIND, (told.kind,)),
            (Facet.CATEGORY, told.categories),
            (Facet.COST, told.costs),
            (Facet.AUDIENCE, told.audiences),
            (Facet.ACCESSIBILITY, told.accessibility),
            (Facet.LANGUAGE, told.languages),
            (Facet.WHERE, (ONLINE,) if told.online else ()),
        )
    }


def _add_values(entry: tantivy.Document, told: IndexDocument) -> None:
    lines = []
    values = values_of(told)
    for facet, labels in values.items():
        for number, value in sorted(labels.items()):
            entry.add_unsigned(facet, number)
            lines.append(f"{facet}\t{value}")
    entry.add_bytes(VALUES, "\n".join(lines).encode())
    for name, facets in PROFILES.items():
        numbers = [sorted(values[facet]) for facet in facets]
        hashed = blake2b(repr(numbers).encode(), digest_size=8).digest()
        entry.add_unsigned(name, int.from_bytes(hashed) if any(numbers) else 0)


def _add_places(entry: tantivy.Document, told: IndexDocument) -> None:
    marks = HAS_ONLINE if told.online else 0
    everywhere = [EVERYWHERE] if told.online else []
    if not told.points:
        entry.add_unsigned(PLACE, marks)
        entry.add_text(CELLS, NOWHERE)
        entry.add_text(REACH, " ".join(everywhere))
        return
    reaches: dict[int, int] = {}
    for point, reach in zip_longest(told.points, told.reaches, fillvalue=0):
        packed = pack(cast("Point", point))
        reaches[packed] = max(reaches.get(packed, 0), reach)
    places = list(reaches)
    cells = dict.fromkeys(cell for place in places for cell in name_cells(place))
    entry.add_text(CELLS, " ".join(cells))
    reached = [cell for place, reach in reaches.items() if reach for cell in cover(place, reach)]
    entry.add_text(REACH, " ".join(dict.fromkeys(everywhere + reached)))
    first = places[0]
    if len(places) > 1:
        more = " ".join(f"{place}:{reach}" for place, reach in reaches.items())
        entry.add_bytes(MORE_PLACES, more.encode())
        marks |= HAS_MORE
    elif reached:
        entry.add_unsigned(METRES, reaches[first])
        marks |= HAS_REACH
    entry.add_unsigned(PLACE, first | marks)


@lru_cache(maxsize=4096)
def number_value(value: str) -> int:
    """Give the number of a value of a facet, the same for every way to write it; more than 0."""
    folded = " ".join(fold(value).lower().split())
    hashed = blake2b(folded.encode(), digest_size=8).digest()
    return int.from_bytes(hashed) >> (64 - _VALUE_BITS) | 1


def make_mark(position: int, folded_until: int) -> tantivy.Document:
    """Make the entry that says how far the store's log is in."""
    entry = tantivy.Document()
    entry.add_text(MARK, POSITION)
    entry.add_bytes(KEY, f"{position} {folded_until}".encode())
    return entry


def read_bytes(searcher: tantivy.Searcher, address: tantivy.DocAddress, field: str) -> str:
    """Read a stored field; empty where there is none."""
    return bytes(searcher.doc(address).get_first(field) or b"").decode()


def read_keys(document: tantivy.Document, field: str) -> list[Key]:
    """Read documents by their DIDs and paths from a stored field."""
    lines = bytes(document.get_first(field) or b"").decode().split("\n")
    return [(did, path) for did, _, path in (line.partition("/") for line in lines) if path]


def read_values(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> list[tuple[Facet, str]]:
    """Read what is counted of a document, as written."""
    lines = [line.partition("\t") for line in read_bytes(searcher, address, VALUES).split("\n")]
    return [(Facet(facet), value) for facet, _, value in lines]
