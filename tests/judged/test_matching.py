"""Matching on the judged set: what it must reach, on the half that it was fitted to.

docs/learn/matching.md has the figures of the unseen half, and how often it was looked at.
"""

from __future__ import annotations

import pytest
import pytest_asyncio

from federation import Federation
from judged.fit import (
    CONDITIONS,
    curve,
    fit,
    fit_conditions,
    gather,
    names_of,
    score_left_out,
)
from judged.town import COOPS, Town, distractors, read
from localfed.app.fitting import WEIGHTS, WEIGHTS_WITHOUT
from localfed.server.wiring import find_meaning

pytestmark = pytest.mark.skipif(
    not COOPS.is_file(), reason=f"no real records to distract at {COOPS}"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory):
    federation = Federation(tmp_path_factory.mktemp("town"))
    yield await Town.open(federation)
    federation.close()


def weights_of(weights, names):
    return [weights[name] for name in ("base", *names)]


def test_the_extra_for_meaning_is_installed_for_the_tests():
    assert find_meaning() is not None


def test_there_are_as_many_distractors_as_the_set_says():
    found = distractors()

    assert len(found) == 2_000
    assert sum("description" in one for one in found) > 1_000


@pytest.mark.asyncio(loop_scope="module")
async def test_most_offers_that_meet_a_need_are_among_its_first_five(town):
    figures = town.measure(read("split")["seen"], with_meaning=True)

    assert figures.recall >= 0.78
    assert figures.needs_with_false <= 0.22
    assert figures.false <= 0.30


@pytest.mark.asyncio(loop_scope="module")
async def test_without_the_extra_as_many_are_found_and_more_that_are_wrong(town):
    figures = town.measure(read("split")["seen"], with_meaning=False)

    assert figures.recall >= 0.76
    assert figures.false <= 0.48


@pytest.mark.asyncio(loop_scope="module")
async def test_the_weights_are_those_that_fitting_gives_and_do_nearly_as_well_on_needs_left_out(
    town,
):
    names = names_of(WEIGHTS)
    pairs = gather(town, read("split")["seen"], names, with_meaning=True)

    recall, false, _ = curve(
        pairs, score_left_out(pairs, 1) + pairs.conditions, range(len(pairs.wanted))
    )

    assert fit(pairs.features, pairs.is_match) == pytest.approx(weights_of(WEIGHTS, names), abs=0.2)
    assert false[(recall >= 0.75).argmax()] <= 0.30


@pytest.mark.asyncio(loop_scope="module")
async def test_the_weights_without_the_extra_are_those_that_fitting_gives(town):
    names = names_of(WEIGHTS_WITHOUT)
    pairs = gather(town, read("split")["seen"], names, with_meaning=False)

    fitted = fit(pairs.features, pairs.is_match)

    assert fitted == pytest.approx(weights_of(WEIGHTS_WITHOUT, names), abs=0.2)


@pytest.mark.asyncio(loop_scope="module")
async def test_matching_finds_more_than_search_and_says_less_that_is_wrong(town):
    seen = read("split")["seen"]

    matched, searched = town.measure(seen, with_meaning=True), town.search_alone(seen)

    assert matched.recall > searched.recall + 0.3
    assert matched.extra < searched.extra / 4
    assert matched.false < searched.false / 3


def test_the_weights_of_the_conditions_are_those_that_the_pairs_give():
    fitted = fit_conditions()

    assert fitted == pytest.approx({name: WEIGHTS[name] for name in CONDITIONS}, abs=0.05)
    assert all(weight < 0 for weight in fitted.values())
