"""What tests of the index begin with: an empty one, and documents about nothing in particular."""

import pytest

from localfed.index.tantivy_index import TantivyIndex


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "node"


@pytest.fixture
def index(folder):
    opened = TantivyIndex.open(folder)
    assert opened.try_to_write()
    yield opened
    opened.close()
