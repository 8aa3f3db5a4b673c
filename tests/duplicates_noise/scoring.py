"""How good the pairs are that a matcher has found, against what is known of a population.

Nothing here finds pairs. What is counted is in README.md.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from duplicates_noise.entries import Organisation, own_site
from duplicates_noise.population import Population

Found = Iterable[tuple[int, int, float]]


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """What is reached if every pair of at least that score is taken."""

    threshold: float
    precision: float
    recall: float


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Of the pairs in which a record has one kind of noise: how many, and how well they were found."""

    pairs: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.pairs if self.pairs else 1.0


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    overall: Part
    parts: dict[str, Part]
    wrong: dict[str, int]  # pairs of two organisations that were found, by what makes them alike
    best: Point | None  # the highest precision at a recall of at least `wanted`; None: not reached
    wanted: float

    def lines(self) -> Iterator[str]:
        """The figures as a table, one line each."""
        for name, part in [("all pairs", self.overall), *sorted(self.parts.items())]:
            yield (
                f"{name:32} {part.pairs:6} pairs  recall {part.recall:.3f}"
                f"  found {part.found:6}  precision {part.precision:.4f}"
            )
        for name, count in sorted(self.wrong.items()):
            yield f"wrong: {name:25} {count:6}"
        if self.best is None:
            yield f"recall {self.wanted} is not reached"
        else:
            yield (
                f"best precision at recall {self.wanted}: {self.best.precision:.4f}"
                f" (recall {self.best.recall:.4f}, threshold {self.best.threshold})"
            )


def pairs_of_clusters(clusters: Iterable[Iterable[int]]) -> Found:
    """What folding each cluster into one entry says of its pairs."""
    for cluster in clusters:
        for one, two in itertools.combinations(sorted(set(cluster)), 2):
            yield one, two, 1.0


def true_pairs(population: Population) -> set[tuple[int, int]]:
    """Every pair of records, lower index first, that are of the same organisation."""
    of_organisation = defaultdict(list)
    for index, one in enumerate(population.organisations):
        of_organisation[one].append(index)
    return {
        pair
        for indexes in of_organisation.values()
        for pair in itertools.combinations(indexes, 2)
        if _is_counted(population, *pair)
    }


def _is_counted(population: Population, one: int, two: int) -> bool:
    if population.editions and population.editions[one] == population.editions[two]:
        return False
    pair = frozenset([population.organisations[one], population.organisations[two]])
    return pair not in population.undecided


def _distinct(population: Population, found: Found) -> dict[tuple[int, int], float]:
    """Each pair once, with its highest score."""
    scores: dict[tuple[int, int], float] = {}
    for first, second, score in found:
        if first == second:
            raise ValueError(f"record {first} is paired with itself")
        pair = (min(first, second), max(first, second))
        if pair[0] < 0 or pair[1] >= len(population.records):
            raise ValueError(f"there are no two records {pair}")
        if _is_counted(population, *pair):
            scores[pair] = max(score, scores.get(pair, score))
    return scores


def what_is_alike(one: Organisation, two: Organisation) -> str:
    """What two organisations have in common, of which a matcher made one."""
    if two.like == one.id or (one.like and one.like == two.like):
        return f"made {two.how}"
    if one.like == two.id:
        return f"made {one.how}"
    same_door = one.entry.postcode and one.entry.postcode == two.entry.postcode
    same_site = own_site(one.entry.website) and own_site(one.entry.website) == own_site(
        two.entry.website
    )
    named = {
        (1, 1): "real same door and website",
        (1, 0): "real same door",
        (0, 1): "real same website",
    }
    return named.get((int(bool(same_door)), int(bool(same_site))), "neither door nor website")


def best_point(
    scores: dict[tuple[int, int], float], truth: set[tuple[int, int]], wanted: float
) -> Point | None:
    """The threshold of the highest precision among those that reach the recall."""
    best, right, taken = None, 0, 0
    in_order = sorted(scores, key=lambda pair: scores[pair], reverse=True)
    for score, pairs in itertools.groupby(in_order, key=lambda pair: scores[pair]):
        for pair in pairs:
            taken += 1
            right += pair in truth
        recall = right / len(truth)
        if recall >= wanted and (best is None or right / taken > best.precision):
            best = Point(threshold=score, precision=right / taken, recall=recall)
    return best


def _labels(population: Population, pair: tuple[int, int]) -> set[str]:
    noises = [population.noise[index] for index in pair]
    kind = (
        "two copies" if all(noises) else "first entry and copy" if any(noises) else "first entries"
    )
    return {f"({kind})"}.union(*noises)


def measure(
    population: Population, found: Found, *, threshold: float = 0.0, wanted: float = 0.9
) -> Figures:
    """Precision and recall of the found pairs, for all and for each kind of noise.

    Args:
        found: `(index, index, score)` of `population.records`, in any order; a higher score is surer.
        threshold: pairs of a lower score are left out of all figures but `best`.
        wanted: the recall at which `best` is looked for.

    Raises:
        ValueError: a pair is no pair of two records of the population.
    """
    truth = true_pairs(population)
    scores = _distinct(population, found)
    taken = {pair for pair, score in scores.items() if score >= threshold}
    pairs_of, found_of, right_of = Counter[str](), Counter[str](), Counter[str]()
    wrong: Counter[str] = Counter()
    for pair in truth | taken:
        labels = _labels(population, pair)
        pairs_of.update(labels if pair in truth else ())
        found_of.update(labels if pair in taken else ())
        right_of.update(labels if pair in truth and pair in taken else ())
        if pair not in truth:
            ids = [population.organisations[index] for index in pair]
            wrong[what_is_alike(*(population.known[one] for one in ids))] += 1
    return Figures(
        overall=Part(pairs=len(truth), found=len(taken), right=len(truth & taken)),
        parts={
            label: Part(pairs=pairs_of[label], found=found_of[label], right=right_of[label])
            for label in pairs_of | found_of
        },
        wrong=dict(wrong),
        best=best_point(scores, truth, wanted),
        wanted=wanted,
    )
