"""Profiles: all that is counted of a document as one number, so that few documents are counted quickly.

Here: reading what a profile stands for, once, and counting by it. Not here: counting many (`counting`).
Most documents of a directory share their profile with others: a hundred hits have a handful of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from tantivy import DocAddress, Searcher

from localfed.app.index_values import Facet
from localfed.index import fields

_REMEMBERED: Final = 8_192

Counted = dict[Facet, list[tuple[int, int]]]
"""For each facet the numbers of its values with their counts, most first."""


class Profile(msgspec.Struct, frozen=True):
    """What a profile stands for."""

    values: dict[Facet, frozenset[int]]


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

    def read(self, searcher: Searcher, address: DocAddress, number: int) -> Profile:
        """Read what a profile stands for, at a document that has it."""
        found = self._profiles.get(number)
        if found is None:
            values: dict[Facet, set[int]] = {}
            for facet, value in fields.read_values(searcher, address):
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
    numbers = searcher.fast_field_values(fields.PROFILE, list(addresses))
    keys = list(zip(numbers, opens or [False] * len(numbers), strict=True))
    first = dict(zip(reversed(numbers), reversed(addresses), strict=True))
    counts: dict[Facet, Counter[int]] = {facet: Counter() for facet in fields.COUNTED}
    kept: set[tuple[object, bool]] = set()
    open_now = 0
    for key, count in Counter(keys).items():
        number, is_open = key
        profile = profiles.read(searcher, first[number], int(number or 0))
        fails = _failing(profile, is_open, choices)
        if not fails:
            kept.add(key)
        if len(fails) > 1:
            continue
        if is_open and fails in ([], [Facet.OPEN]):
            open_now += count
        for facet, values in profile.values.items():
            if not fails or fails == [facet]:
                tally = counts[facet]
                for value in values:
                    tally[value] += count
    return Sifted(
        kept=[key in kept for key in keys],
        counted={facet: order_counts(tally.items()) for facet, tally in counts.items()},
        open_now=open_now,
    )


def order_counts(counts: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Put counts in their order: most first, ties by the value's number."""
    return sorted(counts, key=lambda one: (-one[1], one[0]))


def _failing(profile: Profile, is_open: bool, choices: Choices) -> list[Facet]:  # noqa: FBT001
    nothing: frozenset[int] = frozenset()
    fails = [
        facet
        for facet, value in choices.values.items()
        if value not in profile.values.get(facet, nothing)
    ]
    if choices.is_open and not is_open:
        fails.append(Facet.OPEN)
    return fails
