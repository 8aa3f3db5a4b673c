"""Fitting the weights of matching to what was judged of the towns that may be looked at, and how well they do on needs left out.

Here: logistic regression (Newton's method, L2 on standardised features) and its cross-validation by needs. Not here:
the features (`localfed.app.fitting`). `python -m judged.fit` (with tests/ on the path) prints the weights to be written
there, and the curve from which the bar was chosen.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from operator import mul
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from federation import Federation
from judged.teach import read_lines
from judged.town import Means, Town, halves, read
from localfed.app.fitting import WEIGHTS, WEIGHTS_READ, WEIGHTS_WITHOUT, Features, compare
from localfed.app.matching import compare_all
from localfed.server.wiring import read_lexicon

_FOLDS, _ROUNDS, _FIRST, _STEPS = 5, 20, 5, 30
_WEAK = 1.0  # the L2 penalty: one over C of scikit-learn
_RECALLS = (0.70, 0.75, 0.78, 0.80, 0.82)

ALL_WEIGHTS = {
    Means.WITHOUT: WEIGHTS_WITHOUT,
    Means.WORDS: WEIGHTS,
    Means.READ: WEIGHTS_READ,
}

CONDITIONS = ("left_out", "too_few", "other_days", "other_teaching")
"""Too rare in the seen half: their weights are fitted to the needs and offers that `teach` learns from."""
_BESIDE = ("subject", "same_category", "other_category", "same_form", "other_form", "audience")


def fit_conditions() -> dict[str, float]:
    """Fit the weights of the conditions to the offers that were written for a need, matches and near misses."""
    rows, is_match = [], []
    for line in read_lines():
        for offer, matches in zip(line.offers, line.is_match, strict=True):
            fits = compare(line.need, offer, lexicon=read_lexicon(), rarity={}, likeness=None)
            if fits is not None:
                rows.append(_numbers(fits.features, [*_BESIDE, *CONDITIONS]))
                is_match.append(matches)
    weights = fit(np.array(rows), np.array(is_match))[1 + len(_BESIDE) :]
    return dict(zip(CONDITIONS, weights.tolist(), strict=True))


class Pairs(msgspec.Struct, frozen=True, kw_only=True):
    """All pairs of the needs of a half that are not impossible."""

    features: Any
    """Pairs × features."""
    is_match: Any
    need: Any
    """For each pair the number of its need, ascending."""
    wanted: Any
    """For each need how many offers were judged to match it."""
    conditions: Any
    """For each pair what its conditions add to its score."""


def names_of(weights: Mapping[str, float]) -> list[str]:
    """Name the features whose weights are fitted to the seen half."""
    return [name for name in weights if name != "base" and name not in CONDITIONS]


def gather(town: Town, needs: list[str], means: Means) -> Pairs:
    """Compare every one of some needs with all that is worth it."""
    ports, weights = town.ports(means), ALL_WEIGHTS[means]
    names, judgements = names_of(weights), read("judgements", town.folder)
    rows, is_match, need_of, against = [], [], [], []
    for number, need in enumerate(needs):
        judged = {town.offers[one] for one in judgements[need]}
        for pair in compare_all(ports, town.needs[need]):
            rows.append(_numbers(pair.fit.features, names))
            conditions = _numbers(pair.fit.features, list(CONDITIONS))
            against.append(sum(map(mul, conditions, (weights[one] for one in CONDITIONS))))
            is_match.append(pair.offer in judged)
            need_of.append(number)
    return Pairs(
        features=np.array(rows),
        is_match=np.array(is_match),
        need=np.array(need_of),
        wanted=np.array([len(judgements[need]) for need in needs]),
        conditions=np.array(against),
    )


def join(parts: list[Pairs]) -> Pairs:
    """Take the needs of several towns as those of one."""
    firsts = np.cumsum([0, *(len(one.wanted) for one in parts[:-1])])
    return Pairs(
        features=np.concatenate([one.features for one in parts]),
        is_match=np.concatenate([one.is_match for one in parts]),
        need=np.concatenate([one.need + first for one, first in zip(parts, firsts, strict=True)]),
        wanted=np.concatenate([one.wanted for one in parts]),
        conditions=np.concatenate([one.conditions for one in parts]),
    )


def _numbers(features: Features, names: list[str]) -> list[float]:
    return [float(getattr(features, name)) for name in names]


def fit(features: Any, is_match: Any, beside: Any = 0.0) -> Any:
    """Return the weights: first the base, then one for each feature; `beside` is what else the scores are made of."""
    mean, spread = features.mean(0), features.std(0) + 1e-9
    rows = np.column_stack([np.ones(len(features)), (features - mean) / spread])
    penalty = np.diag([0.0, *[_WEAK] * features.shape[1]])
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-(rows @ weights + beside)))
        slope = rows.T @ (likely - is_match) + penalty @ weights
        bend = (rows * (likely * (1 - likely))[:, None]).T @ rows + penalty
        weights = weights - np.linalg.solve(bend, slope)
    plain = weights[1:] / spread
    return np.array([weights[0] - plain @ mean, *plain])


def score_left_out(pairs: Pairs, seed: int) -> Any:
    """Score each pair with weights that were fitted without its need."""
    chance, fold = np.random.default_rng(seed), np.zeros(len(pairs.wanted), int)
    for some in (pairs.wanted > 0, pairs.wanted == 0):
        numbers = np.flatnonzero(some)
        chance.shuffle(numbers)
        fold[numbers] = np.arange(len(numbers)) % _FOLDS
    scores = np.zeros(len(pairs.need))
    for left_out in range(_FOLDS):
        out = fold[pairs.need] == left_out
        weights = fit_all(pairs, ~out)
        scores[out] = weights[0] + pairs.features[out] @ weights[1:]
    return scores + pairs.conditions


def fit_all(pairs: Pairs, some: Any = slice(None)) -> Any:
    """Fit the weights to some pairs, or to all."""
    return fit(pairs.features[some], pairs.is_match[some], pairs.conditions[some])


def curve(pairs: Pairs, scores: Any, needs: Any) -> tuple[Any, Any, Any]:
    """Return for each bar, high to low: recall in the first five, false for each need without a match, the bar."""
    shown = []
    for need in needs:
        rows = np.flatnonzero(pairs.need == need)
        for row in rows[np.argsort(-scores[rows], kind="stable")[:_FIRST]]:
            is_false = not pairs.wanted[need] and not pairs.is_match[row]
            shown.append((scores[row], pairs.is_match[row], is_false))
    shown.sort(key=lambda one: -one[0])
    found = np.array(shown, float)
    wanted, without = pairs.wanted[needs].sum(), (pairs.wanted[needs] == 0).sum()
    return np.cumsum(found[:, 1]) / wanted, np.cumsum(found[:, 2]) / without, found[:, 0]


def _row(pairs: Pairs, scores: Any, needs: Any) -> list[float]:
    recall, false, bars = curve(pairs, scores, needs)
    found: list[float] = []
    for wanted in _RECALLS:
        at = int(np.argmax(recall >= wanted))
        is_reached = recall[-1] >= wanted
        found += [false[at], bars[at]] if is_reached else [np.nan, np.nan]
    low = recall[false <= 0.25]
    return [*found, low[-1] if len(low) else 0.0, recall[-1]]


def report(pairs: Pairs, towns: dict[str, int], names: list[str]) -> None:
    """Print what a cross-validation gives, for each town and for all, its spread over needs drawn anew, and the weights."""
    chance, all_needs = np.random.default_rng(0), np.arange(len(pairs.wanted))
    rounds = [score_left_out(pairs, seed) for seed in range(_ROUNDS)]
    first = 0
    for town, count in towns.items():
        needs = all_needs[first : first + count]
        first += count
        middle = np.nanmean([_row(pairs, scores, needs) for scores in rounds], 0)
        print(town, np.round(middle, 2).tolist())  # noqa: T201
    middle = np.nanmean([_row(pairs, scores, all_needs) for scores in rounds], 0)
    drawn = [
        _row(pairs, scores, np.sort(chance.choice(all_needs, len(all_needs))))
        for scores in rounds
        for _ in range(_ROUNDS)
    ]
    low, high = np.nanpercentile(drawn, [5, 95], axis=0)
    for number, recall in enumerate(_RECALLS):
        at = 2 * number
        print(  # noqa: T201
            f"recall {recall}: false {middle[at]:.2f} (90% of draws {low[at]:.2f} to {high[at]:.2f}), "
            f"bar {middle[at + 1]:.2f}"
        )
    print(f"false 0.25: recall {middle[-2]:.2f} ({low[-2]:.2f} to {high[-2]:.2f})")  # noqa: T201
    print(f"no bar: recall {middle[-1]:.2f}")  # noqa: T201
    weights = fit_all(pairs)
    for name, weight in zip(["base", *names], weights, strict=True):
        print(f'    "{name}": {weight:.3f},')  # noqa: T201


async def gather_all() -> dict[Means, list[tuple[str, Pairs]]]:
    """Compare the needs of all towns that may be looked at, with each of the means."""
    found: dict[Means, list[tuple[str, Pairs]]] = {means: [] for means in Means}
    for name, folder, needs in halves():
        with tempfile.TemporaryDirectory() as place:
            federation = Federation(Path(place))
            town = await Town.open(federation, folder)
            for means in Means:
                found[means].append((name, gather(town, needs, means)))
            federation.close()
    return found


async def _main() -> None:
    for means, parts in (await gather_all()).items():
        print(means)  # noqa: T201
        towns = {name: len(one.wanted) for name, one in parts}
        report(join([one for _, one in parts]), towns, names_of(ALL_WEIGHTS[means]))
    print("conditions", fit_conditions())  # noqa: T201


if __name__ == "__main__":
    asyncio.run(_main())
