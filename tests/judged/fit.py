"""Fitting the weights of matching to the seen half of the judged set, and how well they do on needs left out.

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
from judged.town import Town, read
from localfed.app.fitting import WEIGHTS, WEIGHTS_WITHOUT, Features, compare
from localfed.app.matching import compare_all
from localfed.server.wiring import find_meaning, read_lexicon

_FOLDS, _ROUNDS, _FIRST, _STEPS = 5, 20, 5, 30
_WEAK = 1.0  # the L2 penalty: one over C of scikit-learn
_RECALLS = (0.70, 0.75, 0.78, 0.80, 0.82)

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


def gather(town: Town, half: list[str], names: list[str], *, with_meaning: bool) -> Pairs:
    """Compare every need of a half with all that is worth it."""
    meaning = find_meaning() if with_meaning else None
    ports = msgspec.structs.replace(town.node.ports, meaning=meaning)
    judgements, rows, is_match, need_of, against = read("judgements"), [], [], [], []
    weights = WEIGHTS if with_meaning else WEIGHTS_WITHOUT
    for number, need in enumerate(half):
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
        wanted=np.array([len(judgements[need]) for need in half]),
        conditions=np.array(against),
    )


def _numbers(features: Features, names: list[str]) -> list[float]:
    return [float(getattr(features, name)) for name in names]


def fit(features: Any, is_match: Any) -> Any:
    """Return the weights: first the base, then one for each feature."""
    mean, spread = features.mean(0), features.std(0) + 1e-9
    rows = np.column_stack([np.ones(len(features)), (features - mean) / spread])
    penalty = np.diag([0.0, *[_WEAK] * features.shape[1]])
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-(rows @ weights)))
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
        weights = fit(pairs.features[~out], pairs.is_match[~out])
        scores[out] = weights[0] + pairs.features[out] @ weights[1:]
    return scores


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


def report(pairs: Pairs, names: list[str]) -> None:
    """Print what a cross-validation gives, its spread over needs drawn anew, and the weights."""
    chance, all_needs = np.random.default_rng(0), np.arange(len(pairs.wanted))
    rounds = [score_left_out(pairs, seed) + pairs.conditions for seed in range(_ROUNDS)]
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
    weights = fit(pairs.features, pairs.is_match)
    for name, weight in zip(["base", *names], weights, strict=True):
        print(f'    "{name}": {weight:.3f},')  # noqa: T201


async def _main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        federation = Federation(Path(folder))
        town, half = await Town.open(federation), read("split")["seen"]
        for with_meaning, weights in ((True, WEIGHTS), (False, WEIGHTS_WITHOUT)):
            print("with meaning" if with_meaning else "without meaning")  # noqa: T201
            names = names_of(weights)
            report(gather(town, half, names, with_meaning=with_meaning), names)
        federation.close()
    print("conditions", fit_conditions())  # noqa: T201


if __name__ == "__main__":
    asyncio.run(_main())
