"""Search: what the index is told, and what a search finds.

Here: following the store's log, reading a user's search, turning hits into documents that are live now.
Not here: what the index is told of a document (`describing`), ranking (`index`).
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

import msgspec

from localfed.app import halves, joint, policy
from localfed.app.describing import KINDS, describe
from localfed.app.index_values import (
    Facet,
    Facets,
    Hit,
    IndexAnswer,
    IndexDocument,
    IndexQuery,
    Sort,
)
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
from localfed.app.values import DocumentState, Kind, Publisher, StoredDocument
from localfed.protocol.did import parse_did
from localfed.protocol.times import write_time

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
    "find",
    "is_shown",
    "read_query",
    "suggest",
    "wait_until_current",
]

SUGGESTIONS: Final = 8
"""Suggestions of one answer; at least three of them are names where there are so many."""

_NAMES: Final = 3
_ROWS: Final = 4_000  # of the log at a time: each commit takes 15 ms and leaves a segment
_CHARACTERS: Final = 8_000_000  # at a time, whichever comes first: documents may be large
_AHEAD: Final = timedelta(days=7)  # times of opening are known at least so far ahead
_AT_ONCE: Final = 1_000
_WAIT_SECONDS: Final = 0.05
_OWN: Final = 100  # organisations of this node whose partners are looked up
_PARTNERS: Final = 500


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One result, with what it takes to show it."""

    document: StoredDocument
    publisher: Publisher
    kind: Kind
    score: float
    km: float | None
    covers: bool = False
    """Who offers it comes to the place that was asked."""

    @property
    def is_about(self) -> bool:
        """Whether `km` is only about so much: no exact point is given."""
        return self.km is not None and says_no_point(read_places(self.document))


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


# --- telling the index ------------------------------------------------------------------------


async def catch_up(ports: Ports) -> int:
    """Bring the index up to the store's log, if no other process does; returns how many rows.

    Raises:
        IndexBroken: it cannot be written; what was done until then is kept.
        StoreBusy, StoreBroken: by name.

    """
    return await asyncio.to_thread(_catch_up, ports)


def _catch_up(ports: Ports) -> int:
    index, store = ports.index, ports.store
    if not index.try_to_write():
        return 0
    if index.position() > store.log_position():
        index.reset()  # a store put back from a backup: the index knows of what came after
    done = 0
    while rows := _take_rows(ports):
        done += rows
    while _tell_again(ports) == _AT_ONCE:
        pass
    return done


def _take_rows(ports: Ports) -> int:
    """Index what the next rows of the log name, as it is now; returns how many rows."""
    rows = ports.store.log_after(ports.index.position(), _ROWS)
    now = ports.clock.now()
    told: dict[tuple[str, str], IndexDocument | None] = {}
    shown: dict[str, bool] = {}
    characters = taken = 0
    for row in rows:
        key = (row.did, row.path)
        if key not in told:
            told[key] = one = _look(ports, key, shown, now)
            characters += len(one.title) + len(one.text) if one is not None else 0
        taken += 1
        if characters > _CHARACTERS:
            break
    if taken:
        ports.index.apply(
            [one for one in told.values() if one is not None],
            [key for key, one in told.items() if one is None],
            rows[taken - 1].position,
        )
    return taken


def _look(
    ports: Ports, key: tuple[str, str], shown: dict[str, bool], now: datetime
) -> IndexDocument | None:
    """Describe what is at a path now; `shown` remembers of which publishers anything is."""
    did, path = key
    if did not in shown:
        publisher = ports.store.publisher(did)
        shown[did] = publisher is not None and publisher.is_shown
    document = ports.store.document(did, path) if shown[did] else None
    if document is None:
        return None
    together = joint.together_on(ports.store, document, now)
    return describe(document, together, now=now, gazetteer=ports.gazetteer, lexicon=ports.lexicon)


def _tell_again(ports: Ports) -> int:
    """Tell the index anew of what is only known to be open or not for a short while; returns how many."""
    now = ports.clock.now()
    soon = int((now + _AHEAD).timestamp())
    keys = ports.index.running_out(soon, _AT_ONCE)
    if not keys:
        return 0
    shown: dict[str, bool] = {}
    told = {key: _look(ports, key, shown, now) for key in keys}
    ports.index.apply(
        [one for one in told.values() if one is not None],
        [key for key, one in told.items() if one is None],
        ports.index.position(),
    )
    return len(keys)


async def wait_until_current(ports: Ports, seconds: float) -> bool:
    """Wait until the index has all of the store's log, doing it ourselves if nobody else does.

    Returns whether it has: another process that writes it may take longer than we wait.
    """
    for _ in range(max(int(seconds / _WAIT_SECONDS), 1)):
        if ports.index.position() == ports.store.log_position():
            return True
        if not await catch_up(ports):
            await asyncio.sleep(_WAIT_SECONDS)
    return ports.index.position() == ports.store.log_position()


# --- what a search finds ---------------------------------------------------------------------


def find(ports: Ports, query: IndexQuery) -> Found:
    """Answer a search with documents that are live now.

    Raises:
        IndexBroken: the index cannot be read.

    """
    now = ports.clock.now()
    asked, answer = _ask(ports, _with_our_own_first(ports.store, query, now))
    live = _Live(ports.store, now)
    results = []
    for hit in answer.hits:
        publisher, document = live.look(hit)
        if publisher is None or document is None:
            continue
        results.append(
            Result(
                document=document,
                publisher=publisher,
                kind=KINDS[document.type],
                score=hit.score,
                km=hit.km,
                covers=hit.covers,
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


def _ask(ports: Ports, query: IndexQuery) -> tuple[IndexQuery, IndexAnswer]:
    """Ask with what the words are about; of a misspelled one that is known when the index has mended it."""
    asked = ask_with_subjects(query, ports.lexicon)
    answer = ports.index.search(asked)
    if answer.corrected is None:
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


class _Live:
    """Looks up what hits name, as it is now: the index may be a moment behind the store."""

    def __init__(self, reads: Reads, now: datetime) -> None:
        self._reads, self._now, self._moment = reads, now, write_time(now)
        self._publishers: dict[str, Publisher | None] = {}

    def look(self, hit: Hit) -> tuple[Publisher | None, StoredDocument | None]:
        did = hit.did
        if did not in self._publishers:
            self._publishers[did] = _shown_publisher(self._reads, did, self._now)
        publisher = self._publishers[did]
        if publisher is None:
            return None, None
        document = self._reads.document(did, hit.path)
        if (
            document is None
            or document.state is not DocumentState.LIVE
            or not document.is_shown
            or document.expires <= self._moment
        ):
            return None, None
        return publisher, document


def is_shown(publisher: Publisher, now: datetime) -> bool:
    """Whether documents of a publisher are shown: up to 14 days after its head expired."""
    return publisher.is_shown and policy.still_counts(publisher, now)


def _shown_publisher(reads: Reads, did: str, now: datetime) -> Publisher | None:
    publisher = reads.publisher(did)
    return publisher if publisher is not None and is_shown(publisher, now) else None


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
    live = _Live(ports.store, ports.clock.now())
    named: dict[str, Suggestion] = {}
    for hit in completion.hits:
        _, document = live.look(hit)
        if document is None:
            continue
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
