"""What every story begins with: a federation of nobody yet; limits so small that short feeds are long."""

import pytest

from federation import Federation
from localfed.protocol import limits


@pytest.fixture
def federation(tmp_path):
    federation = Federation(tmp_path)
    yield federation
    federation.close()


@pytest.fixture
def small_limits(monkeypatch):
    """Pages of 8 entries, parts of 10 rows, a snapshot after 12 entries: files of every kind at once."""
    for name, number in {
        "PAGE_ENTRIES": 8,
        "SNAPSHOT_ROWS": 10,
        "SNAPSHOT_ENTRIES_MIN": 12,
        "BUNDLE_LACKING": 5,
        "WALK_PAGES": 4,
    }.items():
        monkeypatch.setattr(limits, name, number)
