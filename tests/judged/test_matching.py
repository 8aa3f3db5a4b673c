"""Matching on the judged sets: what it must reach, on those that it was fitted to.

docs/learn/matching.md has the figures of those that are kept for last measurements, and how often they were looked at.
"""

from __future__ import annotations

import pytest
import pytest_asyncio

from federation import Federation
from judged.fit import (
    ALL_WEIGHTS,
    CONDITIONS,
    curve,
    fit_all,
    fit_conditions,
    gather,
    join,
    names_of,
    score_left_out,
)
from judged.town import COOPS, Means, Town, distractors, halves
from localfed.app.fitting import WEIGHTS
from localfed.server.wiring import find_meaning, find_reader

pytestmark = pytest.mark.skipif(
    not COOPS.is_file(), reason=f"no real records to distract at {COOPS}"
)

LEAST = {
    (Means.READ, "borders"): (0.48, 0.24),
    (Means.READ, "city"): (0.55, 0.20),
    (Means.READ, "seen"): (0.80, 0.25),
    (Means.WORDS, "borders"): (0.48, 0.30),
    (Means.WORDS, "city"): (0.58, 0.20),
    (Means.WORDS, "seen"): (0.82, 0.60),
    (Means.WITHOUT, "seen"): (0.76, 0.48),
}
"""Recall in the first five, at least; false matches for each need that nothing meets, at most."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def towns(tmp_path_factory):
    """Those that may be looked at, each as a node and its needs."""
    federations, found = [], {}
    for name, folder, needs in halves():
        federations.append(Federation(tmp_path_factory.mktemp(name)))
        found[name] = await Town.open(federations[-1], folder), needs
    yield found
    for one in federations:
        one.close()


@pytest.fixture(scope="module")
def compared(towns):
    """All that is compared, with each of the means."""
    return {
        means: join([gather(town, needs, means) for town, needs in towns.values()])
        for means in Means
    }


def test_both_extras_are_installed_for_the_tests():
    assert find_meaning() is not None
    assert find_reader() is not None


def test_there_are_as_many_distractors_as_the_set_says():
    found = distractors()

    assert len(found) == 2_000
    assert sum("description" in one for one in found) > 1_000


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("means, name", LEAST)
async def test_offers_that_meet_a_need_are_among_its_first_five_and_few_are_wrong(
    towns, means, name
):
    town, needs = towns[name]
    least, most = LEAST[means, name]

    figures = town.measure(needs, means)

    assert figures.recall >= least
    assert figures.false <= most


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("means", Means)
async def test_the_weights_are_those_that_fitting_gives(compared, means):
    weights, pairs = ALL_WEIGHTS[means], compared[means]

    fitted = fit_all(pairs)

    assert fitted == pytest.approx(
        [weights[name] for name in ("base", *names_of(weights))], abs=0.2, rel=0.06
    )


@pytest.mark.asyncio(loop_scope="module")
async def test_on_needs_left_out_of_the_fitting_the_extra_does_better(compared):
    false = {}
    for means, pairs in compared.items():
        recall, wrong, _ = curve(pairs, score_left_out(pairs, 1), range(len(pairs.wanted)))
        false[means] = wrong[(recall >= 0.7).argmax()]

    assert false[Means.WORDS] < 0.6 * false[Means.WITHOUT]
    assert false[Means.READ] < 0.7 * false[Means.WORDS]
    assert false[Means.READ] <= 0.25


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", ["seen", "borders", "city"])
async def test_matching_says_less_that_is_wrong_than_search(towns, name):
    town, needs = towns[name]

    matched, searched = town.measure(needs, Means.WORDS), town.search_alone(needs)

    assert matched.extra < searched.extra / 4
    assert matched.false < searched.false / 3


def test_the_weights_of_the_conditions_are_those_that_the_pairs_give():
    fitted = fit_conditions()

    assert fitted == pytest.approx({name: WEIGHTS[name] for name in CONDITIONS}, abs=0.05)
    assert all(weight < 0 for weight in fitted.values())
