"""Matching on the judged set: what it must reach, on the half that it was fitted to.

The unseen half was measured once, at the end: docs/learn/matching.md has its figures.
"""

from __future__ import annotations

import pytest
import pytest_asyncio

from federation import Federation
from judged.fit import curve, fit, gather, score_left_out
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
    assert figures.needs_with_false <= 0.28
    assert figures.false <= 0.40


@pytest.mark.asyncio(loop_scope="module")
async def test_without_the_extra_as_many_are_found_and_more_that_are_wrong(town):
    figures = town.measure(read("split")["seen"], with_meaning=False)

    assert figures.recall >= 0.78
    assert figures.false <= 0.57


@pytest.mark.asyncio(loop_scope="module")
async def test_the_weights_are_those_that_fitting_gives_and_do_nearly_as_well_on_needs_left_out(
    town,
):
    names = [name for name in WEIGHTS if name != "base"]
    pairs = gather(town, read("split")["seen"], names, with_meaning=True)

    recall, false, _ = curve(pairs, score_left_out(pairs, 1), range(len(pairs.wanted)))

    assert fit(pairs.features, pairs.is_match) == pytest.approx(list(WEIGHTS.values()), abs=0.15)
    assert false[(recall >= 0.75).argmax()] <= 0.42


@pytest.mark.asyncio(loop_scope="module")
async def test_the_weights_without_the_extra_are_those_that_fitting_gives(town):
    names = [name for name in WEIGHTS_WITHOUT if name != "base"]
    pairs = gather(town, read("split")["seen"], names, with_meaning=False)

    fitted = fit(pairs.features, pairs.is_match)

    assert fitted == pytest.approx(list(WEIGHTS_WITHOUT.values()), abs=0.15)


@pytest.mark.asyncio(loop_scope="module")
async def test_matching_finds_more_than_search_and_says_less_that_is_wrong(town):
    seen = read("split")["seen"]

    matched, searched = town.measure(seen, with_meaning=True), town.search_alone(seen)

    assert matched.recall > searched.recall + 0.3
    assert matched.extra < searched.extra / 4
    assert matched.false < searched.false / 3
