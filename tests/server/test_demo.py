"""demo: three real nodes, the story that checks itself, and nothing left behind however it ends."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest


def hear_ctrl_c():
    """Have a child end at SIGINT: one that is started in the background is born ignoring it, and Python leaves it so."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def demo(tmp_path):
    """Start the demo with its town in a folder of the test's own."""
    processes = []
    town = tmp_path / "town"
    town.mkdir()

    def start(*options):
        process = subprocess.Popen(
            [sys.executable, "-m", "localfed", "demo", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=hear_ctrl_c,  # noqa: PLW1509 - nothing here runs threads
            env={**os.environ, "TMPDIR": str(town), "PYTHONUNBUFFERED": "1"},
        )
        processes.append(process)
        process.town = town
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)


def processes_in(folder):
    """Which processes of this machine were started with this folder in their words."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in words:
            found.append(words)
    return found


def test_the_story_of_the_demo_goes_as_it_should(demo):
    process = demo("--check")

    out, _ = process.communicate(timeout=240)

    assert process.returncode == 0, out
    steps = [
        "published on the first, found on the second, with a valid proof",
        "changed on the first, changed on the second and the third",
        "proposed on one node, accepted on the other: in force on both, and each promotes the other",
        "a joint offer is found under its contributor, until the contributor leaves",
        "a need of one meets an offer of another, and the node says why",
        "an exchange is recorded by one, confirmed by the other, and both count it",
        "one steps down by itself; both nodes show the lower stage, and nobody promotes alone",
        "withdrawn on the first, gone on the second",
        "the first is stopped; the second still answers, and what it says still verifies",
        "demo: every step of the story went as it should",
    ]
    assert [step for step in steps if step not in out] == []
    assert list(process.town.iterdir()) == []
    assert processes_in(process.town) == []


def test_the_town_has_partners_who_gave_each_other_something_from_the_start(demo):
    process = demo()
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl-C" in line:
            break
    address = re.findall(r"^  (http://localhost:\d+)", said, re.MULTILINE)[2]

    with urlopen(f"{address}/ties", timeout=20) as answer:
        page = answer.read().decode()
    with urlopen(f"{address}/api/v1/exchanges", timeout=20) as answer:
        exchanges = json.load(answer)

    assert "Aldwater Community Kitchen" in page
    assert "Nobody is known here" not in page
    assert len(exchanges["exchanges"]) == 1
    assert f"{shlex.quote(sys.executable)} -m localfed publish --data {process.town}" in said


def test_ctrl_c_again_and_again_leaves_nothing_behind_either(demo):
    process = demo()
    for line in process.stdout:
        if "Ctrl-C" in line:
            break

    process.send_signal(signal.SIGINT)
    for _ in range(5):
        time.sleep(0.05)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)

    assert process.returncode == 130, out
    assert "Traceback" not in out
    assert list(process.town.iterdir()) == []
    assert processes_in(process.town) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_however_it_is_ended_nothing_stays_behind(demo, number):
    process = demo()
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl-C" in line:
            break
    assert "Ctrl-C" in said, said
    ports = [int(port) for port in re.findall(r"^  http://localhost:(\d+)", said, re.MULTILINE)]
    running = processes_in(process.town)
    for port in ports:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass

    process.send_signal(number)
    process.communicate(timeout=30)

    assert (len(ports), len(running)) == (3, 3)
    assert process.returncode == 130
    assert list(process.town.iterdir()) == []
    assert processes_in(process.town) == []
    for port in ports:
        with socket.socket() as one:
            assert one.connect_ex(("127.0.0.1", port)) != 0


def test_ended_while_it_sets_up_nothing_stays_behind(demo):
    process = demo()
    for line in process.stdout:
        if "Setting up" in line:
            break
    time.sleep(0.5)

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)

    assert process.returncode == 130
    assert list(process.town.iterdir()) == []
    assert processes_in(process.town) == []
