"""Fields: what the index holds of a document, and how it is laid out.

Here: the schema and its version, and an `IndexDocument` as one of tantivy. Not here: searching.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Final

import tantivy

from localfed.app.values import IndexDocument, Kind
from localfed.index.cells import HAS_MORE, NOWHERE, name_cells, pack
from localfed.index.words import ENGLISH, PLAIN, SPACED, fold, fold_document

VERSION: Final = "1"
"""Of the layout and of the analysis: with any other the index is built anew."""

ID: Final = "id"
"""A number for (DID, path): deletes, and settles ties."""
KEY: Final = "key"
"""Stored: DID and path; in the mark, the position."""
MARK: Final = "mark"
"""`DOCUMENT`, or `POSITION` for the one entry that says how far the store's log is in."""
KIND: Final = "kind"
CATEGORY: Final = "category"
"""Categories by number: "Food" and "food" are one."""
FACETS: Final = "facets"
"""Kind and first category in one number, for counting what few documents have."""
LABELS: Final = "labels"
"""Stored: categories as written, a line each."""
PLACE: Final = "place"
"""The first point, packed; 0 for none."""
MORE_PLACES: Final = "more_places"
"""Stored: the other points, packed."""
CELLS: Final = "cells"
EXPIRES: Final = "expires"
ORDER: Final = "order"
"""What is listed in when nothing is asked: by title, and unique."""
TITLE: Final = "title"
TITLE_ENGLISH: Final = "title_english"
TEXT: Final = "text"

DOCUMENT: Final = "d"
POSITION: Final = "p"

HAS_MORE_CATEGORIES: Final = 4
"""Set in `FACETS` where `LABELS` has others."""

KINDS: Final = tuple(Kind)
"""A kind's place here is what the lowest two bits of `FACETS` say."""

KIND_MASK: Final = 3

FACETS_SHIFT: Final = 3

_ORDER_CHARACTERS: Final = 60
_CATEGORY_BITS: Final = 52  # counting gives numbers back as floats


def make_schema() -> tantivy.Schema:
    """Make the schema."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field(ID, indexed=True, fast=True)
    builder.add_unsigned_field(PLACE, fast=True)
    builder.add_unsigned_field(EXPIRES, fast=True)
    builder.add_text_field(MARK, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field(CATEGORY, indexed=True, fast=True)
    builder.add_unsigned_field(FACETS, fast=True)
    for name in (KIND, ORDER):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in (KEY, LABELS, MORE_PLACES):
        builder.add_bytes_field(name, stored=True)  # text cannot be stored without being indexed
    builder.add_text_field(CELLS, tokenizer_name=SPACED, index_option="basic")
    builder.add_text_field(TITLE, tokenizer_name=PLAIN, index_option="freq")
    for name in (TITLE_ENGLISH, TEXT):
        builder.add_text_field(name, tokenizer_name=ENGLISH, index_option="freq")
    return builder.build()


def number_of(did: str, path: str) -> int:
    """Give the number of a document.

    64 bits of a hash: whoever wants to hit another's needs 2^64 tries, and would hide one search result.
    """
    return int.from_bytes(blake2b(f"{did}/{path}".encode(), digest_size=8).digest())


def make_entry(told: IndexDocument) -> tantivy.Document:
    """Make the entry of a document."""
    number = number_of(told.did, told.path)
    title = fold_document(told.title)
    entry = tantivy.Document()
    entry.add_unsigned(ID, number)
    entry.add_unsigned(EXPIRES, max(told.expires, 0))
    entry.add_text(MARK, DOCUMENT)
    entry.add_bytes(KEY, f"{told.did}/{told.path}".encode())
    entry.add_text(KIND, told.kind)
    entry.add_text(ORDER, f"{title[:_ORDER_CHARACTERS].lower()} {number:016x}")
    entry.add_text(TITLE, title)
    entry.add_text(TITLE_ENGLISH, title)
    text = told.text
    facets = KINDS.index(told.kind)
    labels = {number_category(label): label for label in reversed(told.categories)}
    if labels:
        numbers = list(reversed(labels))  # the first spelling of each, as they came
        for category in numbers:
            entry.add_unsigned(CATEGORY, category)
        facets |= numbers[0] << FACETS_SHIFT
        if len(numbers) > 1:
            facets |= HAS_MORE_CATEGORIES
        written = [labels[category] for category in numbers]
        entry.add_bytes(LABELS, "\n".join(written).encode())
        text = f"{text} {' '.join(written)}"
    entry.add_unsigned(FACETS, facets)
    if text:
        entry.add_text(TEXT, fold_document(text))
    _add_places(entry, told)
    return entry


def _add_places(entry: tantivy.Document, told: IndexDocument) -> None:
    if not told.points:
        entry.add_unsigned(PLACE, 0)
        entry.add_text(CELLS, NOWHERE)
        return
    places = list(dict.fromkeys(pack(point) for point in told.points))
    if len(places) == 1:
        entry.add_unsigned(PLACE, places[0])
        entry.add_text(CELLS, " ".join(name_cells(places[0])))
        return
    entry.add_unsigned(PLACE, places[0] | HAS_MORE)
    entry.add_bytes(MORE_PLACES, " ".join(str(place) for place in places[1:]).encode())
    cells = dict.fromkeys(cell for place in places for cell in name_cells(place))
    entry.add_text(CELLS, " ".join(cells))


@lru_cache(maxsize=4096)
def number_category(label: str) -> int:
    """Give the number of a category, the same for every way to write it; more than 0."""
    folded = " ".join(fold(label).lower().split())
    hashed = blake2b(folded.encode(), digest_size=8).digest()
    return int.from_bytes(hashed) >> (64 - _CATEGORY_BITS) | 1


def make_mark(position: int) -> tantivy.Document:
    """Make the entry that says how far the store's log is in."""
    entry = tantivy.Document()
    entry.add_text(MARK, POSITION)
    entry.add_bytes(KEY, str(position).encode())
    return entry


def read_bytes(searcher: tantivy.Searcher, address: tantivy.DocAddress, field: str) -> str:
    """Read a stored field; empty where there is none."""
    return bytes(searcher.doc(address).get_first(field) or b"").decode()


def read_labels(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> list[str]:
    """Read the categories of a document as written, in their order."""
    return read_bytes(searcher, address, LABELS).split("\n")
