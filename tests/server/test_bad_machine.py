"""The machine lets a node down: a full disk, a newer or damaged database, a folder that cannot be written,
a key that others can read. Each gets its code, exit 1, no stack trace, and nothing has changed.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import suppress

import apsw
import pytest

OFFER = '{"type":"Offer","name":"Veg box"}'
CSV = "Identifier,Name\n" + "".join(f"{n},Shop {n} {'x' * 200}\n" for n in range(3_000))


@pytest.fixture
def disk(tmp_path):
    """A file system of its own of 6 MiB, made `full()` or `read_only()` at will."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        reason = "only root can mount a small file system"
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI needs everything: {reason}", pytrace=False)
        pytest.skip(reason)
    yield Disk(place)
    subprocess.run(["umount", "--lazy", str(place)], check=True)


class Disk:
    """The small file system."""

    def __init__(self, place):
        self.place = place
        self.ballast = place / "ballast"

    def fill(self):
        # Without a buffer: what does not fit would be tried again when it is closed.
        with self.ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x" * 4096)

    def free(self):
        self.ballast.unlink()

    def remount(self, mode):
        subprocess.run(["mount", "-o", f"remount,{mode}", str(self.place)], check=True)


@pytest.fixture
def run(monkeypatch):
    """Run a command as a process: what goes wrong there must not show a stack trace."""
    monkeypatch.setenv("LOCALFED_ALLOW_LOOPBACK", "1")

    def start(*words, stdin=""):
        done = subprocess.run(
            [sys.executable, "-m", "localfed", *(str(word) for word in words)],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return start


@pytest.fixture
def grocer(run, disk):
    """A node with one offer on the small disk."""
    folder = disk.place / "grocer"
    url = "https://grocer.example"
    assert run("init", "--data", folder, "--name", "Grocer", "--url", url).returncode == 0
    assert run("publish", "--data", folder, "-", stdin=OFFER).returncode == 0
    return folder


def files_in(folder):
    """Names of what lies in a folder: nothing half-written may stay there."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.tmp"))


def test_on_a_full_disk_nothing_is_acknowledged_that_is_not_there(run, disk, grocer):
    """Promise 1: whatever printed an id is published, whatever did not changed nothing."""
    disk.fill()
    printed = []
    refused = []
    for _ in range(4):
        done = run("publish", "--data", grocer, "-", stdin=OFFER)
        (printed if done.returncode == 0 else refused).append(done)

    disk.free()
    listed = run("list", "--data", grocer, "--json").stdout

    assert refused
    for done in refused:
        assert (done.returncode, done.stdout) == (1, "")
        assert "localfed: disk-full:" in done.stderr
        assert "next:" in done.stderr
    for done in printed:
        assert done.stdout.strip() in listed
    assert listed.count('"Offer"') == 1 + len(printed)
    assert run("publish", "--data", grocer, "-", stdin=OFFER).returncode == 0


def test_an_import_that_does_not_fit_changes_nothing(run, disk, grocer, tmp_path):
    before = run("status", "--data", grocer, "--json").stdout
    table = tmp_path / "shops.csv"
    table.write_text(CSV)

    done = run("import", "csv", table, "--data", grocer)

    assert (done.returncode, done.stdout) == (1, "")
    assert "localfed: disk-full:" in done.stderr
    assert run("status", "--data", grocer, "--json").stdout == before
    assert files_in(grocer) == []


def test_a_node_that_does_not_fit_is_not_made(run, disk):
    disk.fill()

    done = run("init", "--data", disk.place / "n", "--name", "N", "--url", "https://n.example")

    assert (done.returncode, done.stdout) == (1, "")
    assert "localfed: disk-full:" in done.stderr
    assert [path.name for path in disk.place.iterdir()] == ["ballast"]


@pytest.fixture
def url(serve, grocer, ask, free_port):
    """Where the node on the small disk is served, its index up to date."""
    port = free_port()
    serve(grocer, "--port", str(port))
    url = f"http://localhost:{port}"
    ask(f"{url}/api/v1/search?q=veg", until=lambda answer: answer["results"])
    return url


def test_a_running_node_goes_on_answering_when_the_disk_is_full(run, disk, grocer, url, ask):
    """Reading needs no space; and the first with space is heard."""
    disk.fill()

    refused = run("publish", "--data", grocer, "-", stdin=OFFER)
    found = ask(f"{url}/api/v1/search?q=veg")
    head = ask(f"{url}/head.json")
    listed = run("list", "--data", grocer, "--json")

    assert (refused.returncode, "disk-full" in refused.stderr) == (1, True)
    assert (len(found["results"]), head["type"]) == (1, "Head")
    assert (listed.returncode, listed.stdout.count('"Offer"')) == (0, 1)
    disk.free()
    assert run("publish", "--data", grocer, "-", stdin=OFFER).returncode == 0
    ask(f"{url}/api/v1/search?q=veg", until=lambda answer: len(answer["results"]) == 2)


def test_a_folder_that_cannot_be_written_is_told(run, disk, grocer):
    before = run("status", "--data", grocer, "--json").stdout
    disk.remount("ro")
    try:
        refused = [
            run("publish", "--data", grocer, "-", stdin=OFFER),
            run("serve", "--data", grocer, "--port", "0"),
            run("init", "--data", disk.place / "n", "--name", "N", "--url", "https://n.example"),
        ]
    finally:
        disk.remount("rw")

    for done in refused:
        assert (done.returncode, done.stdout) == (1, ""), done.stderr
        assert "localfed: " in done.stderr
        assert "next:" in done.stderr
    assert run("status", "--data", grocer, "--json").stdout == before
    assert run("publish", "--data", grocer, "-", stdin=OFFER).returncode == 0


@pytest.fixture
def baker(localfed, node):
    """A node with one offer, on an ordinary disk."""
    baker = node("baker")
    localfed("publish", "--data", baker, "-", stdin=OFFER)
    baker.database = baker.folder / "node.sqlite3"
    return baker


COMMANDS = [
    ("publish", "-"),
    ("list",),
    ("status",),
    ("search", "veg"),
    ("sync", "--once"),
    ("serve", "--port", "0"),
]


def test_a_database_of_a_newer_version_is_left_alone(localfed, baker):
    with sqlite3.connect(baker.database) as database:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        database.execute(f"PRAGMA user_version = {version + 1}")
    database.close()
    before = baker.database.read_bytes()

    for name, *words in COMMANDS:
        done = localfed(name, "--data", baker, *words, stdin=OFFER)
        assert (done.exit_code, done.stdout) == (1, ""), name
        assert "localfed: newer-database:" in done.stderr
        assert "Upgrade" in done.stderr

    assert baker.database.read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"x" * len(data),
        lambda data: data[: len(data) // 2],
        lambda data: data[:100] + b"\x00" * (len(data) - 100),
        lambda _: b"SQLite format 3\x00" + b"\xff" * 200,
    ],
    ids=["other bytes", "cut in half", "zeros", "a header alone"],
)
def test_a_damaged_database_is_told_by_every_command(localfed, baker, damage):
    damaged = damage(baker.database.read_bytes())
    baker.database.write_bytes(damaged)

    for name, *words in COMMANDS:
        done = localfed(name, "--data", baker, *words, stdin=OFFER)
        assert (done.exit_code, done.stdout) == (1, ""), (name, done.stdout)
        assert "localfed: store-broken:" in done.stderr, name
        assert "backup" in done.stderr

    assert baker.database.read_bytes() == damaged


def test_somebody_elses_database_is_not_taken_for_a_node(localfed, baker):
    baker.database.unlink()
    with sqlite3.connect(baker.database) as database:
        database.execute("CREATE TABLE cake (name TEXT)")
    database.close()
    before = baker.database.read_bytes()

    done = localfed("status", "--data", baker)

    assert (done.exit_code, "localfed: store-broken:" in done.stderr) == (1, True)
    assert baker.database.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_can_read_signs_nothing(localfed, baker, state_of, mode):
    before = state_of(baker)
    (key,) = (baker.folder / "keys").iterdir()
    key.chmod(mode)

    done = localfed("publish", "--data", baker, "-", stdin=OFFER)

    assert (done.exit_code, done.stdout) == (1, "")
    assert "localfed: bad-file:" in done.stderr
    assert "chmod 600" in done.stderr
    assert state_of(baker) == before
    key.chmod(0o600)
    assert localfed("publish", "--data", baker, "-", stdin=OFFER).exit_code == 0


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff" * 100, b'{"did":"x","keys":[]}'])
def test_a_damaged_key_signs_nothing_and_is_not_shown(localfed, baker, state_of, content):
    before = state_of(baker)
    (key,) = (baker.folder / "keys").iterdir()
    key.write_bytes(content)

    done = localfed("publish", "--data", baker, "-", stdin=OFFER)

    assert (done.exit_code, done.stdout) == (1, "")
    assert "localfed: bad-file:" in done.stderr
    assert state_of(baker) == before


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"name = 1\n", b"nonsense = true\n", b"x" * 99_999]
)
def test_settings_that_cannot_be_read_are_told(localfed, baker, content):
    (baker.folder / "node.toml").write_bytes(content)

    for name, *words in COMMANDS:
        done = localfed(name, "--data", baker, *words, stdin=OFFER)
        assert (done.exit_code, done.stdout) == (1, ""), name
        assert "localfed: bad-file:" in done.stderr
        assert "node.toml" in done.stderr


def test_a_damaged_index_is_told_with_what_to_do(localfed, baker):
    for file in (baker.folder / "index").rglob("*"):
        if file.is_file() and not file.name.endswith(".lock"):
            file.write_bytes(b"nonsense")

    done = localfed("search", "--data", baker, "veg")

    if done.exit_code:
        assert "localfed: index-broken:" in done.stderr
        assert "rebuilt" in done.stderr
        shutil.rmtree(baker.folder / "index")
        done = localfed("search", "--data", baker, "veg")
    assert (done.exit_code, "Veg box" in done.stdout) == (0, True)


def test_a_document_that_cannot_be_read_hides_no_other(localfed, baker):
    for name in ("Rye bread", "Rye rolls"):
        draft = json.dumps({"type": "Offer", "name": name})
        localfed("publish", "--data", baker, "-", stdin=draft)
    found = localfed("search", "rye", "--data", baker, "--json").json()["results"]
    bad = found[0]["id"].partition("/")[2]
    connection = apsw.Connection(str(baker.folder / "node.sqlite3"))
    connection.execute(
        "UPDATE body SET bytes = x'7b' WHERE document_id = (SELECT id FROM document WHERE path = ?)",
        (bad,),
    )
    connection.close()

    said = localfed("search", "rye", "--data", baker)
    told = localfed("search", "rye", "--data", baker, "--json")

    assert (said.exit_code, told.exit_code) == (0, 0)
    assert [one["id"] for one in told.json()["results"]] == [found[1]["id"]]
    assert found[1]["id"] in said.stdout
