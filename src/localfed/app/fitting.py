"""Fitting: how well an offer meets a need, and why, in words.

Here: what the comparisons of two listings are worth together with the words that both say and their
meaning. Not here: the comparisons (`comparing`), where candidates come from (`matching`).

The weights were fitted (logistic regression, L2) to three judged sets by tests/judged/fit.py, and are
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
    compare_ages,
    compare_audience,
    compare_categories,
    compare_cost,
    compare_days,
    compare_forms,
    compare_languages,
    compare_left_out,
    compare_numbers,
    compare_places,
    compare_subjects,
    compare_time,
)
from localfed.app.ports import Lexicon, Likeness
from localfed.app.terms import Terms

SHOWN: Final = -0.9
"""Score from which on a match is shown, with meaning."""

SHOWN_READ: Final = -0.1
"""The same, where both were read as sentences."""

SHOWN_WITHOUT: Final = -0.9
"""The same, where likeness of meaning is not to be had."""

CONFIDENT: Final = 0.5
"""Score from which on an operator is told."""

_CONDITIONS: Final = {
    "left_out": -2.301,
    "too_few": -0.994,
    "other_days": -1.440,
    "other_teaching": -0.427,
}
"""Of what stands against a match, too rare in the judged set: fitted to the pairs that `teach` learns from."""

WEIGHTS: Final = {
    "base": -2.837,
    "rarest": 4.084,
    "likeness": 13.448,
    "same_category": 0.927,
    "other_category": -1.197,
    "same_form": 2.776,
    "other_form": 0.045,
    "far": -0.815,
    "audience": 1.453,
    "other_ages": -3.121,
    "shares_one": -3.302,
    "shares_two": 0.398,
    "subject": 0.511,
    "usual_need": -10.572,
    "usual_offer": -4.161,
    **_CONDITIONS,
}
"""Of the features, with meaning: what tests/judged/fit.py prints."""

WEIGHTS_READ: Final = {
    "base": -3.353,
    "rarest": 3.350,
    "likeness": 18.308,
    "same_category": 0.763,
    "other_category": -1.134,
    "same_form": 2.902,
    "other_form": 0.332,
    "far": -1.111,
    "audience": 0.901,
    "other_ages": -2.537,
    "shares_one": -2.901,
    "shares_two": -0.103,
    "subject": 1.193,
    "usual_need": -10.813,
    "usual_offer": -5.026,
    **_CONDITIONS,
}
"""The same, where both were read as sentences."""

WEIGHTS_WITHOUT: Final = {
    "base": -7.476,
    "words": 1.729,
    "rarest": 5.884,
    "same_category": 1.380,
    "other_category": -1.848,
    "same_form": 3.234,
    "other_form": 0.161,
    "far": -0.867,
    "audience": 2.261,
    "other_ages": -2.578,
    "shares_one": -4.058,
    "shares_two": 1.211,
    "subject": 5.565,
    **_CONDITIONS,
}
"""The same, where likeness of meaning is not to be had."""

_WORDS_SAID: Final = 5
_TELLING: Final = 0.2
"""What a common subject must tell to be named: below it is so broad that it is no reason."""
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
    is_read: bool
    """Whether `likeness` is that of sentences, too."""
    usual_need: float
    usual_offer: float
    """How alike each is to what is needed and offered elsewhere: what everything is like tells less."""
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
    subject: float
    """How much the rarest subject tells that both speak of, by the lexicon: 0 where there is none."""
    left_out: bool
    """Whether the offer says that it is not for what the need is about."""
    too_few: bool
    other_days: bool
    other_teaching: bool
    """Whether one of the two alone is about learning something."""


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

    @property
    def is_shown(self) -> bool:
        """Whether it is more than nonsense."""
        if self.features.likeness is None:
            return self.score >= SHOWN_WITHOUT
        return self.score >= (SHOWN_READ if self.features.is_read else SHOWN)

    @property
    def is_confident(self) -> bool:
        """Whether it is so likely that it is worth telling somebody who did not ask."""
        return self.score >= CONFIDENT


def compare(
    need: Side,
    offer: Side,
    *,
    lexicon: Lexicon,
    rarity: Mapping[str, float],
    likeness: Likeness | None,
) -> Fit | None:
    """Compare a need with an offer; None where the offer cannot meet it, whatever it is.

    `rarity` gives the weight of a stem, about 1 for the rarest; `likeness` is that of their meaning, or None where there
    is none to be had.
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
    subject, code = compare_subjects(need, offer, lexicon)
    against = [
        compare_left_out(need, offer, lexicon),
        compare_numbers(need, offer),
        compare_days(need, offer),
    ]
    features = Features(
        words=_words_score(need.terms, offer.terms, rarity),
        # At most 1: the index may not know one of the two yet.
        rarest=min(1.0, max((rarity.get(stem, 0.0) for stem in shared), default=0.0)),
        likeness=likeness.of_both if likeness is not None else None,
        is_read=likeness is not None and likeness.is_read,
        usual_need=likeness.of_need if likeness is not None else 0.0,
        usual_offer=likeness.of_offer if likeness is not None else 0.0,
        same_category=category is not None and category.fits,
        other_category=category is not None and not category.fits,
        same_form=form is not None and form.fits,
        other_form=form is not None and not form.fits,
        far=min(km or 0.0, REACH_KM) / REACH_KM,
        audience=bool(need.audience & offer.audience),
        other_ages=ages is not None,
        shares_one=bool(shared),
        shares_two=len(shared) > 1,
        subject=subject,
        left_out=against[0] is not None,
        too_few=against[1] is not None,
        other_days=against[2] is not None,
        other_teaching=need.teaches != offer.teaches,
    )
    why = [*_say_words(shared, offer.terms, rarity), *_say_subject(subject, code, lexicon)]
    why += _say_meaning(likeness.of_both if likeness is not None else None)
    why += [one for one in (category, form, where, *hard, ages, *against) if one is not None]
    return Fit(
        score=_score(features),
        km=km,
        is_about=place.is_about,
        why=tuple(why),
        features=features,
    )


def _score(of: Features) -> float:
    with_meaning = WEIGHTS_READ if of.is_read else WEIGHTS
    weights = WEIGHTS_WITHOUT if of.likeness is None else with_meaning
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


def _say_subject(subject: float, code: str, lexicon: Lexicon) -> list[Reason]:
    if subject < _TELLING:
        return []
    says = f"both about {lexicon.label(code)}"
    return [Reason(of="subject", fits=True, says=says, values=(code,))]


def _say_meaning(likeness: float | None) -> list[Reason]:
    if likeness is None or likeness < 0.3:  # noqa: PLR2004 - what any two texts have
        return []
    percent = f"{likeness:.0%}"
    says = f"alike in meaning ({percent})"
    return [Reason(of="meaning", fits=True, says=says, values=(percent,))]
