"""What the tests of markup need: the town of the web floor, and the checker."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from node_packages import install, installed
from web.conftest import client, town

__all__ = ["client", "town"]

FOLDER = Path(__file__).parent
SECONDS = 240

NOT_KNOWN = ("“paint-order”", "This document appears to be written in")
"""What the checker does not know: a property of SVG 2 (13.8), and in which language short texts of strangers are."""


@pytest.fixture
def check_markup(program, tmp_path) -> Callable[[dict[str, bytes]], list[str]]:
    """`check_markup({name: bytes})` gives every error and warning of the checker; names end in .html, .svg or .css."""
    java = program("java", "default-jre-headless")
    if os.environ.get("CI") == "true" and not installed(FOLDER).is_dir():
        pytest.fail("the checker is not installed: make .venv/.agreement")
    jar = install(FOLDER) / "node_modules/vnu-jar/build/dist/vnu.jar"

    def check(files: dict[str, bytes]) -> list[str]:
        for name, body in files.items():
            (tmp_path / name).write_bytes(body)
        ran = subprocess.run(
            [
                *(java, "-jar", str(jar), "--format", "json", "--exit-zero-always"),
                *("--also-check-svg", "--also-check-css"),
                *(str(tmp_path / name) for name in files),
            ],
            capture_output=True,
            check=True,
            timeout=SECONDS,
        )
        messages = json.loads(ran.stderr)["messages"]
        return [
            f"{one['url'].rpartition('/')[2]}:{one.get('lastLine')} {one['message']}"
            f" | {one.get('extract', '')!r}"
            for one in messages
            if (one["type"] == "error" or one.get("subType") == "warning")
            and not any(name in one["message"] for name in NOT_KNOWN)
        ]

    return check
