"""The Docker files: linted, and their steps run outside Docker in a temporary folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
BIN = Path(sys.executable).parent
START_SECONDS = 30


def run(*command, **environment):
    return subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def compose(program):
    """The command of whichever compose is installed: the plug-in, else the program."""
    if shutil.which("docker") and run("docker", "compose", "version").returncode == 0:
        return ["docker", "compose"]
    return [program("docker-compose", "docker-compose")]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answer_of(url):
    with urllib.request.urlopen(url, timeout=5) as response:
        return response.status, response.read()


def wait_for_page(url, process):
    """The page as soon as it answers; fails with what the process said if it ends first."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the entry script ended: {process.communicate()[1]}")
        try:
            return answer_of(url)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    return pytest.fail(f"no answer at {url} within {START_SECONDS} s")


def start_entry(folder, port):
    return subprocess.Popen(
        ["sh", str(DOCKER / "entry.sh")],
        env={
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "LOCALFED_DATA": str(folder),
            "NAME": "The Chapel Kitchen",
            "URL": f"http://localhost:{port}",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "LOCALFED_ALLOW_LOOPBACK": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stop(process):
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    return process.returncode, out, err


def test_hadolint_finds_nothing_to_say_about_the_dockerfile():
    result = run(BIN / "hadolint", "--failure-threshold", "style", DOCKER / "Dockerfile")

    assert result.stdout + result.stderr == ""
    assert result.returncode == 0


def test_compose_accepts_the_file_with_one_variable(program):
    result = run(*compose(program), "-f", DOCKER / "compose.yaml", "config", DOMAIN="food.example")

    assert result.returncode == 0, result.stderr
    assert result.stdout.count("DOMAIN: food.example") == 2
    assert "condition: service_healthy" in result.stdout


def test_compose_asks_for_the_domain_when_it_is_missing(program):
    result = run(*compose(program), "-f", DOCKER / "compose.yaml", "config", DOMAIN="")

    assert result.returncode != 0
    assert "DOMAIN" in result.stderr


def test_caddy_accepts_the_caddyfile_and_sends_to_the_node(program):
    caddy = program("caddy", "caddy")

    result = run(caddy, "adapt", "--config", DOCKER / "Caddyfile", DOMAIN="food.example")

    assert result.returncode == 0, result.stderr
    adapted = result.stdout
    assert '"food.example"' in adapted
    assert json.loads(adapted)["apps"]["http"]["servers"]
    assert '"dial":"localfed:8080"' in adapted.replace(" ", "")


def test_caddy_finds_every_module_of_the_caddyfile(program, tmp_path):
    caddy = program("caddy", "caddy")

    result = run(
        caddy,
        "validate",
        "--config",
        DOCKER / "Caddyfile",
        DOMAIN="http://localhost:8081",
        HOME=str(tmp_path),
        XDG_DATA_HOME=str(tmp_path),
        XDG_CONFIG_HOME=str(tmp_path),
    )

    assert result.returncode == 0, result.stderr
    assert "Valid configuration" in result.stdout + result.stderr


def test_the_entry_script_is_a_shell_script_without_mistakes():
    result = run("sh", "-n", DOCKER / "entry.sh")

    assert result.returncode == 0, result.stderr


def test_the_entry_script_refuses_a_first_start_without_a_domain(tmp_path):
    result = run("sh", DOCKER / "entry.sh", LOCALFED_DATA=str(tmp_path / "node"), DOMAIN="", URL="")

    assert result.returncode == 2
    assert "DOMAIN" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_entry_script_makes_a_node_once_and_serves_it(tmp_path):
    folder, port = tmp_path / "node", free_port()

    first = start_entry(folder, port)
    try:
        status, page = wait_for_page(f"http://127.0.0.1:{port}/", first)
        _, log = answer_of(f"http://127.0.0.1:{port}/did.jsonl")
    finally:
        code, _, err = stop(first)

    assert status == 200
    assert b"The Chapel Kitchen" in page
    assert code == 0, err

    second = start_entry(folder, port)
    try:
        wait_for_page(f"http://127.0.0.1:{port}/", second)
        _, log_again = answer_of(f"http://127.0.0.1:{port}/did.jsonl")
    finally:
        stop(second)

    assert log_again == log, "a restart must not make another identity"


def test_the_entry_script_leaves_the_kit_in_the_volume_but_not_in_the_node(tmp_path):
    folder, port = tmp_path / "node", free_port()

    process = start_entry(folder, port)
    try:
        wait_for_page(f"http://127.0.0.1:{port}/", process)
    finally:
        stop(process)

    kits = [
        path
        for path in tmp_path.rglob("*")
        if path.is_file()
        and re.search(rb"lfk1-[A-Za-z2-7]{50}", path.read_bytes().replace(b" ", b""))
    ]
    assert {path.parent for path in kits} == {tmp_path}
    assert {path.suffix for path in kits} == {".txt", ".html"}
    assert {path.stat().st_mode & 0o777 for path in kits} == {0o600}


def test_the_health_check_of_the_image_tells_a_node_from_nothing(tmp_path):
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    command = json.loads(re.search(r"HEALTHCHECK.*?CMD (\[.*?\])\n", text, re.DOTALL)[1])
    command[0] = sys.executable
    folder, port = tmp_path / "node", free_port()

    before = run(*command, PORT=str(port))
    process = start_entry(folder, port)
    try:
        wait_for_page(f"http://127.0.0.1:{port}/", process)
        during = run(*command, PORT=str(port))
    finally:
        stop(process)

    assert before.returncode != 0
    assert during.returncode == 0, during.stderr


def test_the_image_is_built_from_files_that_exist():
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    sent = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")

    copied = [
        name
        for line in re.findall(r"^COPY (?!--from)(?:--\S+ )?(.+)$", text, re.MULTILINE)
        for name in line.split()[:-1]
    ]

    assert copied
    for name in copied:
        assert (ROOT / name).exists(), name
        assert f"!{name}" in sent, f".dockerignore holds {name} back"


def test_the_image_runs_a_python_that_the_project_supports_and_no_root():
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    bases = re.findall(r"^FROM python:(\d+\.\d+)-slim-bookworm", text, re.MULTILINE)

    assert len(set(bases)) == 1
    assert f"Programming Language :: Python :: {bases[0]}" in project["classifiers"]
    users = re.findall(r"^USER (\d+):(\d+)$", text[text.rindex("\nFROM ") :], re.MULTILINE)
    assert users
    assert "0" not in users[-1]
