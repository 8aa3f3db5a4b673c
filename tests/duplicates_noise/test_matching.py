"""Our matcher on the seen half: precision at least 0.98 at recall 0.9. The unseen half: docs/learn/duplicates.md."""

from __future__ import annotations

import pytest

from duplicates_noise.matching import DATA, entry_of, found_in
from duplicates_noise.population import population, two_editions
from duplicates_noise.scoring import measure
from localfed.app.duplicates import SAME, find_pairs

pytestmark = pytest.mark.skipif(
    not (DATA / "coops-uk").is_dir(), reason=f"no real records at {DATA}"
)


def test_the_same_organisation_is_found_and_others_are_left_apart():
    some = population(DATA, "seen")

    figures = measure(some, found_in(some.records), threshold=SAME)

    assert figures.overall.precision >= 0.98
    assert figures.overall.recall >= 0.9


def test_what_is_left_out_early_would_not_have_been_found():
    entries = [entry_of(one) for one in population(DATA, "seen").records]

    thorough = [one for one in find_pairs(entries, least=1e-12) if one.score >= SAME]

    assert len(thorough) > 2_000
    assert find_pairs(entries) == thorough


@pytest.mark.parametrize("trading", [False, True])
def test_the_edition_of_2017_is_found_in_that_of_2023(trading):
    some = two_editions(DATA, trading=trading)

    figures = measure(some, found_in(some.records), threshold=SAME)

    assert figures.overall.precision >= 0.98
    assert figures.overall.recall >= 0.9
