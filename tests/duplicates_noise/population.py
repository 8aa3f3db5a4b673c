"""The test population: records in an order that says nothing, and the truth about them apart.

`Population.records` is what a matcher is given; everything else of it is for the scorer.
"""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import msgspec

from duplicates_noise.entries import (
    Organisation,
    Record,
    chance,
    own_site,
    plain,
    read_2017,
    read_2023,
    without_made_up_numbers,
)
from duplicates_noise.lookalikes import lookalikes
from duplicates_noise.noise import Surroundings, another_entry

LISTED_TWICE = 0.25
COPIES = [1, 2, 3]
COPIES_WEIGHTS = [60, 30, 10]
HERE = Path(__file__).parent


class Population(msgspec.Struct, frozen=True, kw_only=True):
    """Records with their truth; all lists are as long as `records`."""

    records: list[Record]
    organisations: list[str]  # which organisation each record is of
    noise: list[frozenset[str]]  # what is different in it; empty for the first entry
    known: dict[str, Organisation]
    undecided: frozenset[frozenset[str]]  # pairs of organisations that are not counted
    editions: list[int] | None = None  # if given, only pairs of two editions are counted


def undecided_pairs() -> frozenset[frozenset[str]]:
    """Pairs of rows of the file that may be one organisation; README.md says why each is there."""
    read = json.loads((HERE / "undecided.json").read_text(encoding="utf-8"))
    return frozenset(frozenset(pair) for pair in read["pairs"])


class _Groups:
    """Which organisations belong together, whatever ties them."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._of = {one: one for one in ids}

    def first(self, one: str) -> str:
        while self._of[one] != one:
            one = self._of[one]
        return one

    def tie(self, ids: Iterable[str]) -> None:
        first, *others = map(self.first, ids)
        for other in others:
            self._of[self.first(other)] = self.first(first)

    def all(self) -> list[list[str]]:
        groups = defaultdict(list)
        for one in sorted(self._of):
            groups[self.first(one)].append(one)
        return [groups[first] for first in sorted(groups)]


def related(organisations: list[Organisation]) -> list[list[str]]:
    """Groups of organisations of one door or one website, with what was made to look like them."""
    groups = _Groups(one.id for one in organisations)
    ties = defaultdict(set)
    for one in organisations:
        made_like = one.like or one.id
        ties["like", made_like] |= {one.id, made_like}
        if one.how is None:
            ties["door", plain(one.entry.postcode or one.id)].add(one.id)
            ties["site", own_site(one.entry.website) or one.id].add(one.id)
    for ids in ties.values():
        groups.tie(sorted(ids))
    for pair in sorted(map(sorted, undecided_pairs())):
        groups.tie(pair)
    return groups.all()


def with_near_relatives(organisations: list[Organisation]) -> set[str]:
    """Those with a name that begins as a relative's does: cut short, it would fit both."""
    entries = {one.id: one.entry for one in organisations}
    near = {one.id for one in organisations if one.how} | {
        one.like for one in organisations if one.like
    }
    for group in related(organisations):
        begins = defaultdict(list)
        for one in group:
            words = [word for word in plain(entries[one].name).split() if word != "the"]
            begins[words[0] if words else ""].append(one)
        near |= {one for same in begins.values() if len(same) > 1 for one in same}
    return near


def halves(organisations: list[Organisation]) -> dict[str, str]:
    """`seen` or `unseen` for each organisation; relatives are in the same half."""
    groups = related(organisations)
    chance("halves").shuffle(groups)
    sizes = {"seen": 0, "unseen": 0}
    half_of = {}
    for group in sorted(groups, key=len, reverse=True):
        half = min(sizes, key=lambda name: sizes[name])
        sizes[half] += len(group)
        half_of |= dict.fromkeys(group, half)
    return half_of


@functools.cache
def _everything(data: Path) -> tuple[dict[str, Organisation], dict[str, list], dict[str, str]]:
    real = read_2023(data)
    organisations = real + lookalikes(real)
    around = Surroundings(one.entry for one in real)
    near = with_near_relatives(organisations)
    entered = {}
    for one in organisations:
        rng = chance("copies", one.id)
        copies = 0
        if rng.random() < LISTED_TWICE:
            copies = rng.choices(COPIES, COPIES_WEIGHTS)[0]
        entered[one.id] = [(one.entry, frozenset())] + [
            another_entry(one.entry, rng, around, careful=one.id in near) for _ in range(copies)
        ]
    return {one.id: one for one in organisations}, entered, halves(organisations)


def population(data: Path, half: str | None) -> Population:
    """The records of one half, `seen` or `unseen`, or of both.

    Args:
        half: `unseen` and None are for the last measurement alone.
    """
    known, entered, half_of = _everything(data)
    lines = [
        (entry, one, noise)
        for one, entries in entered.items()
        if half in (None, half_of[one])
        for entry, noise in entries
    ]
    chance("order", half).shuffle(lines)
    return Population(
        records=[entry for entry, _, _ in lines],
        organisations=[one for _, one, _ in lines],
        noise=[noise for _, _, noise in lines],
        known={one: known[one] for one in entered if half in (None, half_of[one])},
        undecided=undecided_pairs(),
    )


def two_editions(data: Path, *, trading: bool) -> Population:
    """The 17 records of 2017 among all of 2023; the truth is the table in `edition-2017.json`.

    Args:
        trading: the records of 2017 stand under their trading names, not the registered ones.
    """
    truth = json.loads((HERE / "edition-2017.json").read_text(encoding="utf-8"))
    newer = without_made_up_numbers(read_2023(data))
    older = [
        one if one.id in truth["same"] else msgspec.structs.replace(one, id=f"2017-{one.id}")
        for one in read_2017(data, trading=trading)
    ]
    lines = [(one, 2017) for one in older] + [(one, 2023) for one in newer]
    chance("editions").shuffle(lines)
    return Population(
        records=[one.entry for one, _ in lines],
        organisations=[one.id for one, _ in lines],
        noise=[frozenset()] * len(lines),
        known={one.id: one for one, _ in lines},
        undecided=frozenset(frozenset([f"2017-{one}", one]) for one in truth["undecided"]),
        editions=[edition for _, edition in lines],
    )
