"""The values that cross the port of the index: what it is told of documents, asked, and answers.

Here: plain frozen structs and the names of the facets. Not here: how they are made (`describing`, `search`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from localfed.app.values import Kind, Point


class Facet(StrEnum):
    """What the results of a search are counted by, and what can be chosen of them."""

    KIND = "kind"
    CATEGORY = "category"
    COST = "cost"
    AUDIENCE = "audience"
    ACCESSIBILITY = "accessibility"
    LANGUAGE = "language"
    OPEN = "open"
    WHERE = "where"


class Sort(StrEnum):
    """In what order results come."""

    BEST = "best"
    """By how good and how near they are; without words and place by who publishes them, then by title."""
    NEAREST = "nearest"
    """By distance alone; only with a place."""
    NEWEST = "newest"
    """By when a person last said that they are right."""


ONLINE: Final = "online"
"""The one value of the facet `where` that is counted."""

HERE: Final = "here"
"""What can be asked for instead: only what has a place, and with a radius only what lies in it or comes there."""

OLD_SECONDS: Final = 366 * 86_400
"""After so long without anybody saying that it is right, something comes lower."""

OPEN_NOW: Final = "now"
"""The one value of the facet `open`."""

Key = tuple[str, str]
"""DID and path of a document."""

Facets = dict[str, dict[str, int]]
"""Counts by facet and value, most first, at most 30 values of each."""


class Fold(msgspec.Struct, frozen=True, kw_only=True):
    """Entries about one organisation, as the index has them."""

    front: Key
    behind: tuple[Key, ...]
    """Found by the one in front, and by nothing of their own."""


class IndexDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What the index is told of one document."""

    did: str
    path: str
    contributors: tuple[str, ...] = ()
    """DIDs of those who deliver it together with who publishes it."""
    kind: Kind
    title: str
    """Names in all languages."""
    text: str
    """Everything else that is searched."""
    categories: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    """Of the lexicon: what it is found for, beside its words."""
    costs: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    accessibility: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    """Those that are spoken, each with what it is a part of: `en-gb` and `en`."""
    points: tuple[Point, ...] = ()
    reaches: tuple[int, ...] = ()
    """Metres around each of the points that are served; 0 or absent: the point alone."""
    online: bool = False
    """It can be had from anywhere."""
    open: tuple[tuple[int, int], ...] = ()
    """When it is open or on, earliest first and apart: first minute since 1970, and the one after the last."""
    open_until: int | None = None
    """Seconds since 1970: until when `open` says everything; None: it says all there will be."""
    assured: int = 0
    """Seconds since 1970: when a person last said that it is right; by it one is newer than another; 0: not known."""
    expires: int
    """Seconds since 1970: not found afterwards."""
    behind: tuple[Key, ...] = ()
    """Entries about the same organisation that it is found for, too."""
    front: Key | None = None
    """The entry that it stands behind: nothing of its own is searched or counted."""


class Meant(msgspec.Struct, frozen=True, kw_only=True):
    """What words of a search are about."""

    words: tuple[str, ...]
    """Folded."""
    subjects: tuple[str, ...]
    """Of the lexicon, the most telling first: one of them is enough."""


class IndexQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A search, checked. Without words everything matches."""

    words: str = ""
    is_any_word: bool = False
    """One of the words is enough, whatever else there is: for comparing, not for people's searches."""
    meant: tuple[Meant, ...] = ()
    """What some of the words are about: where too little has these, what is about it is found, too."""
    subjects: tuple[str, ...] = ()
    """With `is_any_word`: one of these is as good as a word."""
    known: tuple[str, ...] = ()
    """Words that are no misspelling, folded."""
    near: Point | None = None
    radius_km: float | None = None
    """Leaves out what is further away, unless it comes to the place or can be had online."""
    is_online: bool = False
    """Only what can be had online."""
    is_here: bool = False
    """Only what has a place; a radius then leaves out what is online, too."""
    kind: Kind | None = None
    category: str | None = None
    cost: str | None = None
    audience: str | None = None
    accessibility: str | None = None
    language: str | None = None
    is_open: bool = False
    """Only what is open or on at `now`."""
    organisation: str | None = None
    """Only what the organisation of this SCID publishes, in front of others or behind one, or contributes to."""
    sort: Sort = Sort.BEST
    first: tuple[tuple[str, ...], ...] = ()
    """SCIDs, group after group: what these offer and need comes first where there are no words and no place."""
    now: int
    """Seconds since 1970."""
    offset: int = 0
    limit: int = 20


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One result: which document, how good, how far."""

    did: str
    path: str
    score: float
    """The blend, 0 to 1."""
    km: float | None
    """Distance of its nearest point; None without `near` or without a point."""
    covers: bool = False
    """What it offers comes to the place that was asked: it counts as there."""
    behind: tuple[Key, ...] = ()
    """Entries about the same organisation."""


class IndexAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of the index."""

    hits: tuple[Hit, ...]
    total: int
    facets: Facets
    """Each facet is counted as if nothing of it were chosen."""
    corrected: str | None = None
    """The words that were looked for instead, where one was written as hardly anything has it."""
    is_wider: bool = False
    """Whether what is only about the subjects was looked for, too."""

    @property
    def kinds(self) -> dict[str, int]:
        """Counts by kind."""
        return self.facets.get(Facet.KIND, {})

    @property
    def categories(self) -> dict[str, int]:
        """Counts by category."""
        return self.facets.get(Facet.CATEGORY, {})


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """How a search may go on while it is typed."""

    words: tuple[tuple[str, int], ...] = ()
    """The search with its last word complete, and how many documents have all of it."""
    hits: tuple[Hit, ...] = ()
    """Documents whose name has a word that begins so, and the other words anywhere."""
