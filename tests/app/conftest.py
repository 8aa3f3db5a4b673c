"""What tests of use cases begin with: a federation of nobody yet."""

import pytest

from federation import Federation


@pytest.fixture
def federation(tmp_path):
    federation = Federation(tmp_path)
    yield federation
    federation.close()
