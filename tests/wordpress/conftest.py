"""One node and one WordPress for all tests of this folder that a worker runs; both are made within seconds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import _absent
from web.browsing import browser
from wordpress.site import FILES, Site, free_port

__all__ = ["browser"]

OFFERS = [
    {
        "type": "Offer",
        "name": {"en": "Bread & <em>rolls</em>", "cy": "Bara"},
        "description": {"en": "Baked in the morning. " * 20},
        "category": ["Food"],
        "location": [
            {
                "latitude": "54.6021",
                "longitude": "-2.3014",
                "address": {"addressLocality": "Aldwater"},
            }
        ],
    },
    {"type": "Offer", "name": "Repair advice", "category": ["Repair"], "online": True},
    {"type": "Need", "name": "Drivers", "category": ["Food"]},
]


class ServedNode:
    """A node that is served as a program of its own, and can be away for a while."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "node"
        self.url = f"http://localhost:{free_port()}"
        self.process: subprocess.Popen[bytes] | None = None
        self._localfed("init", "--name", "Our market", "--url", self.url, "--json")
        for number, offer in enumerate(OFFERS):
            draft = folder / f"{number}.json"
            draft.write_text(json.dumps(offer), encoding="utf-8")
            self._localfed("publish", str(draft))
        self.start()

    def _localfed(self, *words: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "localfed", words[0], "--data", str(self.data), *words[1:]],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env={**os.environ, "LOCALFED_ALLOW_LOOPBACK": "1"},
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Serve; returns when it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "localfed", "serve", "--data", str(self.data)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline(), "the node did not start"

    def stop(self) -> None:
        """Be away."""
        if self.process is not None:
            self.process.terminate()
            self.process.communicate(timeout=30)
            self.process = None


@pytest.fixture(scope="session")
def node(tmp_path_factory):
    served = ServedNode(tmp_path_factory.mktemp("node"))
    yield served
    served.stop()


@pytest.fixture(scope="session")
def site(node):
    if not FILES.is_dir():
        _absent("WordPress is not installed (apt-get install wordpress)")
    for name, package in (("php", "php-cli"), ("mariadb-install-db", "mariadb-server-core")):
        if shutil.which(name) is None:
            _absent(f"{name} is not installed (apt-get install {package})")
    made = Site(node.url)
    yield made
    made.close()
