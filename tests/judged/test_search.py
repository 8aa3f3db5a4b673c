"""Search on the judged sets: that subjects find what is asked for in other words."""

from __future__ import annotations

import pytest

from federation import Federation
from judged.town import COOPS, HERE, Town, read
from localfed.app import search

pytestmark = pytest.mark.skipif(
    not COOPS.is_file(), reason=f"no real records to distract at {COOPS}"
)


async def test_by_its_subjects_more_of_what_is_meant_is_among_the_first_five(tmp_path, monkeypatch):
    federation = Federation(tmp_path)
    folder = HERE / "towns" / "borders"
    town, needs = await Town.open(federation, folder, reads=False), list(read("judgements", folder))
    found = town.search_alone(needs)
    monkeypatch.setattr(search, "ask_with_subjects", lambda query, lexicon: query)

    plain = town.search_alone(needs)
    federation.close()

    assert found.recall > 1.25 * plain.recall
    assert found.extra < 1.2 * plain.extra
