"""Fitting: how well an offer meets a need, and why, in words.

Here: what the comparisons of two listings are worth together with the words that both say and their
meaning. Not here: the comparisons (`comparing`), where candidates come from (`matching`).

The weights were fitted (logistic regression, L2) to the seen half of the judged set in tests/judged, and are
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
    compare_audience,
    compare_categories,
    compare_cost,
    compare_forms,
    compare_languages,
    compare_places,
    compare_time,
)

SHOWN: Final = -1.8
"""Score from which on a match is shown, with meaning."""

SHOWN_WITHOUT: Final = -2.2
"""The same, where likeness of meaning is not to be had."""

CONFIDENT: Final = 0.5
"""Score from which on an operator is told."""

_WORDS_SAID: Final = 5
_K1: Final = 1.2
_B: Final = 0.75
_USUAL_LENGTH: Final = 19.0


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """How well an offer meets a need."""

    score: float
    """A log-odds: 0 is as likely as not, by the judged set."""
    km: float | None
    why: tuple[Reason, ...]


def compare(
    need: Side, offer: Side, *, rarity: Mapping[str, float], likeness: float | None
) -> Fit | None:
    """Compare a need with an offer; None where the offer cannot meet it, whatever it is.

    `rarity` gives the weight of a stem, more for rarer ones; `likeness` is the cosine of their meaning, or
    None where there is none to be had.
    """
    place = compare_places(need.listing, offer.listing)
    hard = [compare_time(need, offer), compare_cost(need.listing, offer.listing)]
    hard += [compare_audience(need, offer), compare_languages(need, offer)]
    if place is None or any(one is not None and not one.fits for one in hard):
        return None
    km, where = place
    shared = [stem for stem in need.terms.weights if stem in offer.terms.weights]
    category = compare_categories(need, offer)
    form = compare_forms(need.listing, offer.listing)
    features = _Features(
        words=_words_score(need.terms, offer.terms, rarity),
        shares_one=bool(shared),
        shares_two=len(shared) > 1,
        category=category,
        form=form,
        far=min(km or 0.0, REACH_KM) / REACH_KM,
        online=offer.listing.online,
        audience=bool(need.audience & offer.audience),
        likeness=likeness,
    )
    why = [*_say_words(shared, offer.terms, rarity), *_say_meaning(likeness)]
    why += [one for one in (category, form, where, *hard) if one is not None]
    return Fit(score=_score(features), km=km, why=tuple(why))


class _Features(msgspec.Struct, frozen=True, kw_only=True):
    words: float
    shares_one: bool
    shares_two: bool
    category: Reason | None
    form: Reason | None
    far: float
    online: bool
    audience: bool
    likeness: float | None


def _score(of: _Features) -> float:
    category = 0 if of.category is None else 1 if of.category.fits else -1
    form = 0 if of.form is None else 1 if of.form.fits else -1
    if of.likeness is None:
        return (
            -9.270
            + 8.491 * of.words
            + (1.852, 0.0, -2.292)[1 - category]
            + (3.424, 0.0, -0.763)[1 - form]
            - 1.345 * of.far
            - 0.105 * of.online
            + 2.551 * of.audience
            + 1.628 * of.shares_one
            + 1.250 * of.shares_two
        )
    return (
        -9.799
        + 2.571 * of.words
        + 10.331 * of.likeness
        + (1.779, 0.0, -2.052)[1 - category]
        + (3.235, 0.0, -0.769)[1 - form]
        - 1.500 * of.far
        - 0.183 * of.online
        + 2.262 * of.audience
        + 1.460 * of.shares_one
        + 0.856 * of.shares_two
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
