"""Running `localfed` as a shell does, in this process; and whole nodes as processes."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from click.testing import CliRunner

from localfed.server.cli import main


@pytest.fixture
def localfed(monkeypatch):
    """Run a command; returns its result, with `stdout`, `stderr`, `exit_code` and `json()`."""
    monkeypatch.setenv("LOCALFED_ALLOW_LOOPBACK", "1")

    def run(*arguments, stdin=None):
        result = CliRunner().invoke(main, [str(one) for one in arguments], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        result.json = lambda: json.loads(result.stdout)
        return result

    return run


@pytest.fixture
def free_port():
    def find():
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            return one.getsockname()[1]

    return find


@pytest.fixture
def node(localfed, tmp_path, free_port):
    """Make a node in a folder of its own; returns the folder, with `url` and `did`."""

    def make(name="grocer"):
        folder = tmp_path / name
        url = f"http://localhost:{free_port()}"
        made = localfed(
            "init", "--data", folder, "--name", name.capitalize(), "--url", url, "--json"
        )
        assert made.exit_code == 0, made.stderr
        return Made(folder, url, made.json()["did"])

    return make


class Made:
    """A node that `init` made."""

    def __init__(self, folder, url, did):
        self.folder, self.url, self.did = folder, url, did

    def __fspath__(self):
        return str(self.folder)

    def __str__(self):
        return str(self.folder)


@pytest.fixture
def serve():
    """Serve a node as a process of its own; ended with the test."""
    processes = []

    def start(folder, *options):
        process = subprocess.Popen(
            [sys.executable, "-m", "localfed", "serve", "--data", str(folder), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        line = process.stdout.readline()
        assert re.search(r"http://localhost:\d+/", line), (line, process.stderr.read())
        return process

    yield start
    for process in processes:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture
def ask():
    """Ask a node over HTTP; returns the body, read as JSON where it is JSON."""

    def get(url, *, until=None, seconds=20):
        """`until` is what the answer has to satisfy: asked again until then."""
        end = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(url, timeout=10) as answer:
                    body = answer.read()
                    if "json" in answer.headers["Content-Type"] and b"\n" not in body:
                        body = json.loads(body)
            except OSError as error:
                body = error
            if until is None and not isinstance(body, Exception):
                return body
            if until is not None and not isinstance(body, Exception) and until(body):
                return body
            assert time.monotonic() < end, (url, body)
            time.sleep(0.1)

    return get


@pytest.fixture
def state_of(localfed):
    """Return all that must not change when a command is refused: what the node holds and its log."""

    def read(folder):
        status = localfed("status", "--data", folder, "--json").stdout
        return status, localfed("list", "--data", folder, "--json").stdout

    return read
