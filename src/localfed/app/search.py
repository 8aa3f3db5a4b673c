"""Search: what a search finds.

Here: reading a user's search, turning hits into documents that are live now. Not here: keeping the index up to the
store (`indexing`), ranking (`index`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from localfed.app import halves
from localfed.app.describing import KINDS
from localfed.app.index_values import (
    Facet,
    Facets,
    Hit,
    IndexAnswer,
    IndexQuery,
    Sort,
)
from localfed.app.indexing import catch_up, wait_until_current
from localfed.app.live import Live, is_shown
from localfed.app.placing import read_places, says_no_point
from localfed.app.ports import Ports, Reads
from localfed.app.query_reading import (
    LIMIT_MAX,
    RADIUS_KM_MAX,
    RESULTS_MAX,
    WISHES,
    Wish,
    read_query,
    write_cursor,
)
from localfed.app.subjects import ask_with_subjects, name_subjects
from localfed.app.values import Kind, Publisher, StoredDocument
from localfed.protocol.did import parse_did
from localfed.protocol.forms import Place

__all__ = [
    "LIMIT_MAX",
    "RADIUS_KM_MAX",
    "RESULTS_MAX",
    "WISHES",
    "Found",
    "Result",
    "Suggestion",
    "Wish",
    "catch_up",
    "entries_with",
    "find",
    "is_shown",
    "read_query",
    "suggest",
    "wait_until_current",
]

SUGGESTIONS: Final = 8
"""Suggestions of one answer; at least three of them are names where there are so many."""

_NAMES: Final = 3
_ENOUGH: Final = 3  # found with the word as it is meant: nothing is looked for beside it
_OWN: Final = 100  # organisations of this node whose partners are looked up
_PARTNERS: Final = 500


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry about the same organisation as another."""

    document: StoredDocument
    publisher: Publisher


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One result, with what it takes to show it."""

    document: StoredDocument
    publisher: Publisher
    kind: Kind
    score: float
    km: float | None
    covers: bool = False
    """Who offers it comes to the place that was asked."""
    behind: tuple[Entry, ...] = ()
    """Other entries about the same organisation."""

    @property
    def places(self) -> tuple[Place, ...]:
        """Where it is: where it does not say so itself, as the first behind it that does."""
        of_each = (
            read_places(one) for one in (self.document, *(one.document for one in self.behind))
        )
        return next((places for places in of_each if places), ())

    @property
    def is_about(self) -> bool:
        """Whether `km` is only about so much: no exact point is given."""
        return self.km is not None and says_no_point(self.places)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a search."""

    results: tuple[Result, ...]
    """One page; those that went since the index was told are left out of it."""
    total: int
    facets: Facets
    """Counts by facet and value, most first, at most 30 of each; each facet as if nothing of it were
    chosen. Values are codes of the vocabulary where labels mean one, else as somebody wrote them."""
    next_cursor: str | None
    corrected: str | None = None
    """The search as it was understood, where a word was written as hardly anything has it."""
    about: tuple[str, ...] = ()
    """Subjects of the lexicon: too little has the words, so that what is about these is found, too."""

    @property
    def kinds(self) -> dict[str, int]:
        """Counts by kind."""
        return self.facets[Facet.KIND]

    @property
    def categories(self) -> dict[str, int]:
        """Counts by category."""
        return self.facets[Facet.CATEGORY]


# --- what a search finds ---------------------------------------------------------------------


def find(ports: Ports, query: IndexQuery) -> Found:
    """Answer a search with documents that are live now.

    Raises:
        IndexBroken: the index cannot be read.

    """
    now = ports.clock.now()
    asked, answer = _ask(ports, _with_our_own_first(ports.store, query, now))
    live = Live(ports.store, now)
    results = []
    for hit in answer.hits:
        entries = _entries_of(live, hit, query.organisation)
        if not entries:
            continue
        front = entries[0]
        results.append(
            Result(
                document=front.document,
                publisher=front.publisher,
                kind=KINDS[front.document.type],
                score=hit.score,
                km=hit.km,
                covers=hit.covers,
                behind=tuple(entries[1:]),
            )
        )
    end = query.offset + query.limit
    return Found(
        results=tuple(results),
        total=answer.total,
        facets=_facets(answer.facets),
        corrected=answer.corrected,
        about=name_subjects(asked) if answer.is_wider else (),
        next_cursor=write_cursor(end, query) if end < min(answer.total, RESULTS_MAX) else None,
    )


def _entries_of(live: Live, hit: Hit, organisation: str | None) -> list[Entry]:
    """List what is live of a hit, first what it is shown as: where one organisation's are asked for, its own entry."""
    found = [live.look(*key) for key in ((hit.did, hit.path), *hit.behind)]
    entries = [Entry(publisher=one[0], document=one[1]) for one in found if one is not None]
    return sorted(entries, key=lambda one: one.publisher.scid != organisation)


def entries_with(ports: Ports, did: str, path: str) -> list[Entry]:
    """List the other entries about the organisation of one, the one in front first.

    Raises:
        IndexBroken: the index cannot be read.

    """
    fold = ports.index.fold_of(did, path)
    keys = [fold.front, *fold.behind] if fold is not None else []
    live = Live(ports.store, ports.clock.now())
    found = [live.look(*key) for key in keys if key != (did, path)]
    return [Entry(publisher=one[0], document=one[1]) for one in found if one is not None]


def _ask(ports: Ports, query: IndexQuery) -> tuple[IndexQuery, IndexAnswer]:
    """Ask with what the words are about; of a misspelled one that is known when the index has mended it."""
    asked = ask_with_subjects(query, ports.lexicon)
    answer = ports.index.search(asked)
    if answer.corrected is None or answer.total >= _ENOUGH:
        return asked, answer
    mended = ask_with_subjects(
        msgspec.structs.replace(query, words=answer.corrected), ports.lexicon
    )
    if mended.meant == asked.meant:
        return asked, answer
    wider = ports.index.search(mended)
    return mended, msgspec.structs.replace(wider, corrected=answer.corrected)


def _with_our_own_first(reads: Reads, query: IndexQuery, now: datetime) -> IndexQuery:
    """Where nothing says what comes first: what those of this node offer and need, then what their partners do."""
    if query.words.strip() or query.near is not None or query.sort is not Sort.BEST:
        return query
    own = [one for one in reads.publishers(hosted=True) if one.is_shown][:_OWN]
    ties = (tie for one in own for tie in halves.in_force_of(reads, one.did, now))
    partners = dict.fromkeys(parse_did(tie.partner).scid for tie in ties)
    groups = tuple(one.scid for one in own), tuple(partners)[:_PARTNERS]
    return msgspec.structs.replace(query, first=tuple(group for group in groups if group))


def count(ports: Ports, query: IndexQuery) -> int:
    """Say how much a search would find.

    Raises:
        IndexBroken: the index cannot be read.

    """
    return ports.index.count(ask_with_subjects(query, ports.lexicon))


def _facets(counted: Facets) -> Facets:
    facets: Facets = {str(facet): dict(counted.get(facet, {})) for facet in Facet}
    # A language is listed once, not once for every country where it is spoken.
    languages = facets[Facet.LANGUAGE]
    facets[str(Facet.LANGUAGE)] = {tag: n for tag, n in languages.items() if "-" not in tag}
    return facets


# --- while it is typed ------------------------------------------------------------------------


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """How a search may go on: with a word, or as the name of something."""

    text: str
    """The search with its last word complete; empty for a name."""
    count: int
    """How many documents have all of it."""
    names: dict[str, str] | None = None
    """Of a name: in its languages."""
    language: str | None = None
    kind: Kind | None = None
    document: StoredDocument | None = None


class _Named(msgspec.Struct, frozen=True):
    name: dict[str, str]
    language: str | None = None


def suggest(ports: Ports, query: IndexQuery) -> tuple[Suggestion, ...]:
    """Suggest how a search may go on whose last word may be half typed; `near` puts near names first.

    Raises:
        IndexBroken: the index cannot be read.

    """
    asked = msgspec.structs.replace(query, limit=SUGGESTIONS, offset=0)
    completion = ports.index.complete(asked)
    live = Live(ports.store, ports.clock.now())
    named: dict[str, Suggestion] = {}
    for hit in completion.hits:
        found = live.look(hit.did, hit.path)
        if found is None:
            continue
        document = found[1]
        try:
            said = msgspec.json.decode(document.body or b"", type=_Named)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue  # made unreadable by a bad disk: it hides no other
        named.setdefault(
            min(said.name.values(), default="").casefold(),
            Suggestion(
                text="",
                count=1,
                names=said.name,
                language=said.language,
                kind=KINDS[document.type],
                document=document,
            ),
        )
    words = [Suggestion(text=text, count=count) for text, count in completion.words]
    room = max(SUGGESTIONS - len(named), SUGGESTIONS - _NAMES)
    return tuple((words[:room] + list(named.values()))[:SUGGESTIONS])
