"""Fitting: how well an offer meets a need, and why, in words.

Here: what the comparisons of two listings are worth together with the words that both say and their
meaning. Not here: the comparisons (`comparing`), where candidates come from (`matching`).

The weights were fitted (logistic regression, L2) to the seen half of the judged set by tests/judged/fit.py, and are
the same for everybody: docs/learn/matching.md tells how, and how well they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from localfed.app.comparing import (
    REACH_KM,
    Reason,
    Side,
    Terms,
    compare_ages,
    compare_audience,
    compare_categories,
    compare_cost,
    compare_forms,
    compare_languages,
    compare_places,
    compare_time,
)

SHOWN: Final = -1.7
"""Score from which on a match is shown, with meaning."""

SHOWN_WITHOUT: Final = -2.1
"""The same, where likeness of meaning is not to be had."""

CONFIDENT: Final = 0.5
"""Score from which on an operator is told."""

WEIGHTS: Final = {
    "base": -8.583,
    "rarest": 4.826,
    "likeness": 9.745,
    "same_category": 1.632,
    "other_category": -2.048,
    "same_form": 2.532,
    "other_form": -1.479,
    "far": -1.225,
    "audience": 2.166,
    "other_ages": -5.327,
    "shares_one": -2.269,
    "shares_two": 1.058,
}
"""Of the features, with meaning: what tests/judged/fit.py prints."""

WEIGHTS_WITHOUT: Final = {
    "base": -7.940,
    "words": 6.191,
    "rarest": 5.843,
    "same_category": 1.647,
    "other_category": -2.225,
    "same_form": 2.561,
    "other_form": -1.530,
    "far": -1.065,
    "audience": 2.462,
    "other_ages": -4.390,
    "shares_one": -3.088,
    "shares_two": 1.170,
}
"""The same, where likeness of meaning is not to be had."""

_WORDS_SAID: Final = 5
_K1: Final = 1.2
_B: Final = 0.75
_USUAL_LENGTH: Final = 19.0


class Features(msgspec.Struct, frozen=True, kw_only=True):
    """What of an offer and a need counts, in numbers."""

    words: float
    """How much of what the need says the offer says too, by BM25."""
    rarest: float
    """How rare the rarest word is that both say: 0 where there is none, 1 for one that nobody else says."""
    likeness: float | None
    """The cosine of their meaning; None where it is not to be had."""
    same_category: bool
    other_category: bool
    same_form: bool
    other_form: bool
    far: float
    """0 to 1: as a share of how far people go."""
    audience: bool
    """Whether an audience is named by both."""
    other_ages: bool
    """Whether they speak of people of different ages."""
    shares_one: bool
    shares_two: bool


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """How well an offer meets a need."""

    score: float
    """A log-odds: 0 is as likely as not, by the judged set."""
    km: float | None
    is_about: bool
    """Whether `km` is only about so much."""
    why: tuple[Reason, ...]
    features: Features
    """What the score was made of."""


def compare(
    need: Side, offer: Side, *, rarity: Mapping[str, float], likeness: float | None
) -> Fit | None:
    """Compare a need with an offer; None where the offer cannot meet it, whatever it is.

    `rarity` gives the weight of a stem, about 1 for the rarest; `likeness` is the cosine of their meaning, or
    None where there is none to be had.
    """
    place = compare_places(need.listing, offer.listing)
    hard = [compare_time(need, offer), compare_cost(need.listing, offer.listing)]
    hard += [compare_audience(need, offer), compare_languages(need, offer)]
    if place is None or any(one is not None and not one.fits for one in hard):
        return None
    km, where = place.km, place.why
    shared = [stem for stem in need.terms.weights if stem in offer.terms.weights]
    category = compare_categories(need, offer)
    form = compare_forms(need.listing, offer.listing)
    ages = compare_ages(need, offer)
    features = Features(
        words=_words_score(need.terms, offer.terms, rarity),
        # At most 1: the index may not know one of the two yet.
        rarest=min(1.0, max((rarity.get(stem, 0.0) for stem in shared), default=0.0)),
        likeness=likeness,
        same_category=category is not None and category.fits,
        other_category=category is not None and not category.fits,
        same_form=form is not None and form.fits,
        other_form=form is not None and not form.fits,
        far=min(km or 0.0, REACH_KM) / REACH_KM,
        audience=bool(need.audience & offer.audience),
        other_ages=ages is not None,
        shares_one=bool(shared),
        shares_two=len(shared) > 1,
    )
    why = [*_say_words(shared, offer.terms, rarity), *_say_meaning(likeness)]
    why += [one for one in (category, form, where, *hard, ages) if one is not None]
    return Fit(
        score=_score(features),
        km=km,
        is_about=place.is_about,
        why=tuple(why),
        features=features,
    )


def _score(of: Features) -> float:
    weights = WEIGHTS_WITHOUT if of.likeness is None else WEIGHTS
    return weights["base"] + sum(
        weight * float(getattr(of, name)) for name, weight in weights.items() if name != "base"
    )


def _words_score(need: Terms, offer: Terms, rarity: Mapping[str, float]) -> float:
    """Say how much of what the need says the offer says too: BM25, as a share of what is said."""
    norm = _K1 * (1 - _B + _B * offer.length / _USUAL_LENGTH)
    said = shared = 0.0
    for stem, weight in need.weights.items():
        worth = weight * rarity.get(stem, 0.0)
        said += worth
        there = offer.weights.get(stem)
        if there is not None:
            shared += worth * there * (_K1 + 1) / (there + norm)
    return shared / said if said else 0.0


def _say_words(shared: list[str], offer: Terms, rarity: Mapping[str, float]) -> list[Reason]:
    if not shared:
        return []
    rarest = sorted(shared, key=lambda stem: (-rarity.get(stem, 0.0), stem))[:_WORDS_SAID]
    written = [offer.written[stem] for stem in rarest]
    return [
        Reason(
            of="words",
            fits=True,
            says="both say " + ", ".join(written),
            values=tuple(written),
        )
    ]


def _say_meaning(likeness: float | None) -> list[Reason]:
    if likeness is None or likeness < 0.3:  # noqa: PLR2004 - what any two texts have
        return []
    percent = f"{likeness:.0%}"
    says = f"alike in meaning ({percent})"
    return [Reason(of="meaning", fits=True, says=says, values=(percent,))]
