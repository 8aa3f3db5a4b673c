"""Profiles: what is counted of a document as a few numbers, so that few documents are counted quickly.

Here: reading what a profile stands for, once, and counting by it. Not here: counting many (`counting`).
Most documents of a directory share their profiles with others: a hundred hits have a handful of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from operator import and_
from typing import Final, cast

import msgspec
from tantivy import DocAddress, Searcher

from localfed.app.index_values import ONLINE, Facet, IndexQuery
from localfed.index import fields

_REMEMBERED: Final = 8_192

Counted = dict[Facet, list[tuple[int, int]]]
"""For each facet the numbers of its values with their counts, most first."""


class Profile(msgspec.Struct, frozen=True):
    """What a profile stands for."""

    values: dict[Facet, frozenset[int]]


_NO_VALUES: Final[frozenset[int]] = frozenset()
_EMPTY: Final = Profile({})


class Profiles:
    """What was read of profiles and labels; the same number always means the same, whatever is committed."""

    def __init__(self) -> None:
        self._profiles: dict[int, Profile] = {}
        self._labels: dict[tuple[Facet, int], str] = {}

    def label(self, facet: Facet, number: int) -> str | None:
        """Name a value as a document does that was read."""
        return self._labels.get((facet, number))

    def keep_label(self, facet: Facet, number: int, label: str) -> None:
        """Remember how a value is written."""
        if len(self._labels) < _REMEMBERED:
            self._labels.setdefault((facet, number), label)

    def read(
        self, searcher: Searcher, address: DocAddress, number: int, facets: Sequence[Facet]
    ) -> Profile:
        """Read what a profile of some facets stands for, at a document that has it."""
        found = self._profiles.get(number) if number else _EMPTY
        if found is None:
            values: dict[Facet, set[int]] = {}
            for facet, value in fields.read_values(searcher, address):
                if facet not in facets:
                    continue
                of_value = fields.number_value(value)
                values.setdefault(facet, set()).add(of_value)
                self.keep_label(facet, of_value, value)
            found = Profile({facet: frozenset(numbers) for facet, numbers in values.items()})
            if len(self._profiles) >= _REMEMBERED:
                self._profiles.clear()
            self._profiles[number] = found
        return found


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What is chosen of the facets."""

    values: Mapping[Facet, int]
    is_open: bool

    @classmethod
    def of(cls, query: IndexQuery) -> Choices:
        """Read what a search chooses."""
        chosen = {
            Facet.KIND: query.kind,
            Facet.CATEGORY: query.category,
            Facet.COST: query.cost,
            Facet.AUDIENCE: query.audience,
            Facet.ACCESSIBILITY: query.accessibility,
            Facet.LANGUAGE: query.language,
            Facet.WHERE: ONLINE if query.is_online else None,
        }
        return cls(
            values={facet: fields.number_value(value) for facet, value in chosen.items() if value},
            is_open=query.is_open,
        )

    @property
    def are_any(self) -> bool:
        """Whether anything is chosen."""
        return bool(self.values) or self.is_open


class Sifted(msgspec.Struct, frozen=True, kw_only=True):
    """What few documents came to."""

    kept: list[bool]
    """For each document whether all choices hold."""
    counted: Counted
    open_now: int


def sift(
    profiles: Profiles,
    searcher: Searcher,
    addresses: Sequence[DocAddress],
    *,
    choices: Choices,
    opens: Sequence[bool] | None,
) -> Sifted:
    """Choose among documents, and count each facet as if nothing of it were chosen.

    Args: `opens`, for each document whether it is open; None where nothing is.
    """
    read = [
        _Column(profiles, searcher, addresses, name, facets)
        for name, facets in fields.PROFILES.items()
    ]
    holds: dict[Facet, Sequence[bool]] = {
        facet: column.which_have(facet, choices.values[facet])
        for column in read
        for facet in column.facets
        if facet in choices.values
    }
    nobody = [False] * len(addresses)
    if choices.is_open:
        holds[Facet.OPEN] = opens or nobody
    kept = _all_hold(holds, None, len(addresses))
    counted: Counted = {}
    for column in read:
        for facet in column.facets:
            among = _all_hold(holds, facet, len(addresses)) if facet in holds else kept
            counted[facet] = column.count(facet, among if holds else None)
    among = _all_hold(holds, Facet.OPEN, len(addresses))
    open_now = sum(map(and_, opens, among)) if opens else 0
    return Sifted(kept=kept, counted=counted, open_now=open_now)


def _all_hold(holds: Mapping[Facet, Sequence[bool]], but: Facet | None, count: int) -> list[bool]:
    """Say of each document whether all choices hold but one."""
    kept = [True] * count
    for facet, one in holds.items():
        if facet is not but:
            kept = list(map(and_, kept, one))
    return kept


class _Column:
    """One profile of each document."""

    def __init__(
        self,
        profiles: Profiles,
        searcher: Searcher,
        addresses: Sequence[DocAddress],
        name: str,
        facets: Sequence[Facet],
    ) -> None:
        self.facets = facets
        self._numbers = cast("list[int]", searcher.fast_field_values(name, list(addresses)))
        first = dict(zip(self._numbers, addresses, strict=True))
        self._profiles = {
            number: profiles.read(searcher, address, number, facets)
            for number, address in first.items()
        }

    def which_have(self, facet: Facet, value: int) -> list[bool]:
        have = {
            number: value in one.values.get(facet, _NO_VALUES)
            for number, one in self._profiles.items()
        }
        return [have[number] for number in self._numbers]

    def count(self, facet: Facet, among: Sequence[bool] | None) -> list[tuple[int, int]]:
        numbers = self._numbers if among is None else compress(self._numbers, among)
        tally: Counter[int] = Counter()
        for number, count in Counter(numbers).items():
            for value in self._profiles[number].values.get(facet, _NO_VALUES):
                tally[value] += count
        return order_counts(tally.items())


def order_counts(counts: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Put counts in their order: most first, ties by the value's number."""
    return sorted(counts, key=lambda one: (-one[1], one[0]))
