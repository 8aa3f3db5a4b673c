"""The files of the plugin, without a WordPress."""

from __future__ import annotations

import subprocess

import pytest

from wordpress.site import PLUGIN


@pytest.mark.parametrize(
    "path", sorted(PLUGIN.rglob("*.php")), ids=lambda path: str(path.relative_to(PLUGIN))
)
def test_php_understands_every_file(path, program):
    done = subprocess.run(
        [program("php", "php-cli"), "-l", str(path)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout
