"""init again, --as, organisations: several organisations on one node, which is one real process."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from localfed.protocol.canonical import parse_object

OFFER = '{"type":"Offer","name":"Room"}'


class Several:
    """A node with a hall at the root of its host and a chapel at a path."""

    def __init__(self, localfed, hall, chapel):
        self.localfed, self.folder = localfed, hall.folder
        self.hall, self.chapel = hall.url + "/", chapel["url"]
        self.hall_did, self.chapel_did = hall.did, chapel["did"]
        self.hall_kit = hall.folder.parent / "hall-recovery-kit.txt"
        self.chapel_kit = Path(chapel["kit"])

    def run(self, *words, **options):
        return self.localfed(*words, "--data", self.folder, **options)

    def rows(self):
        return {one["did"]: one for one in self.run("organisations", "--json").json()}

    def publish(self, whom, name):
        draft = json.dumps({"type": "Offer", "name": name})
        done = self.run("publish", "-", "--as", whom, stdin=draft)
        assert done.exit_code == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def several(localfed, node):
    hall = node("hall")
    done = localfed(
        "init", "--data", hall, "--name", "Chapel", "--url", hall.url + "/chapel", "--json"
    )
    assert done.exit_code == 0, done.stderr
    return Several(localfed, hall, done.json())


def files_of(folder):
    """Everything in and beside a data folder that is no part of the database."""
    kept = [path for path in folder.parent.rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in kept if "sqlite" not in path.name}


def test_init_again_adds_one_with_its_own_identity_keys_and_kit(several):
    """LF-SERVE-6."""
    hall, chapel = several.rows().values()

    assert (hall["name"], hall["url"]) == ("Hall", several.hall)
    assert (chapel["name"], chapel["url"]) == ("Chapel", several.chapel)
    assert hall["did"] != chapel["did"]
    keys = sorted((several.folder / "keys").iterdir())
    assert len(keys) == 2
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    assert several.chapel_kit.name.endswith("-chapel-recovery-kit.txt")
    kits = {several.hall_kit.read_text(), several.chapel_kit.read_text()}
    assert len(kits) == 2
    shown = [
        several.run("keys", "show", "--as", one, "--json").json() for one in ("Hall", "Chapel")
    ]
    assert shown[0]["signing"] != shown[1]["signing"]
    for one in shown:
        assert one["counting"] == one["here"] == [one["signing"]]


def test_the_settings_stay_those_of_the_first(several):
    status = several.run("status", "--json").json()

    assert status["name"] == "Hall"
    assert [one["hosted"] for one in status["publishers"]] == [True, True]


WITHOUT = (
    ("publish", "-"),
    ("list",),
    ("contact", "show"),
    ("contact", "set", "--email", "office@hall.example"),
    ("contact", "remove"),
    ("keys", "show"),
    ("partner", "list"),
    ("partner", "propose", "https://other.example", "--stage", "guidance"),
    ("partner", "step", "https://other.example", "--stage", "guidance"),
    ("partner", "end", "https://other.example"),
    ("send", "other.example", "--text", "Hello"),
    ("restored",),
)


@pytest.mark.parametrize("words", WITHOUT, ids=" ".join)
def test_where_several_are_hosted_it_has_to_be_said_which(several, words):
    before = several.run("status", "--json").stdout

    done = several.run(*words, stdin=OFFER)

    assert done.exit_code == 1
    assert "which-organisation: this node hosts several" in done.stderr
    assert several.chapel in done.stderr
    assert several.run("status", "--json").stdout == before


@pytest.mark.parametrize("words", WITHOUT, ids=" ".join)
def test_a_name_that_nobody_here_has_is_refused(several, words):
    before = several.run("status", "--json").stdout

    done = several.run(*words, "--as", "nobody.example", stdin=OFFER)

    assert done.exit_code == 1
    assert "unknown-organisation: no such organisation is hosted here" in done.stderr
    assert several.run("status", "--json").stdout == before


@pytest.mark.parametrize("words", [("keys", "check"), ("keys", "rotate"), ("keys", "recover")])
def test_commands_with_a_kit_have_to_be_told_as_well(several, words):
    done = several.run(*words, "--kit", several.chapel_kit)

    assert done.exit_code == 1
    assert "which-organisation" in done.stderr


def test_the_kit_of_one_changes_nothing_of_another(several):
    before = several.run("status", "--json").stdout

    for words in (
        ("keys", "check"),
        ("keys", "rotate"),
        ("keys", "recover"),
        ("close", "--yes"),
        ("move", "--url", several.hall + "other"),
    ):
        done = several.run(*words, "--as", "Hall", "--kit", several.chapel_kit)
        assert done.exit_code == 1, words
        assert "bad-kit" in done.stderr

    assert several.run("status", "--json").stdout == before
    assert (
        several.run("keys", "check", "--as", "Chapel", "--kit", several.chapel_kit).exit_code == 0
    )
    rows = several.rows()
    assert rows[several.chapel_did]["kit_checked"]
    assert rows[several.hall_did]["kit_checked"] is None
    assert several.chapel not in several.run("status").stdout.partition("documents")[0]
    assert f"keys check --as {several.hall}" in several.run("status").stdout


def test_each_publishes_and_lists_its_own(several):
    room = several.publish("Hall", "Room")
    choir = several.publish("Chapel", "Choir")

    assert room.startswith(several.hall_did)
    assert choir.startswith(several.chapel_did)
    listed = several.run("list", "--as", "Chapel", "--json").json()
    assert [one["id"] for one in listed if one["type"] == "Offer"] == [choir]

    # The id says whose it is; another's is not withdrawn.
    wrong = several.run("withdraw", choir, "--as", "Hall")
    assert (wrong.exit_code, "unknown-document" in wrong.stderr) == (1, True)
    assert several.run("withdraw", choir).exit_code == 0
    assert len(several.run("list", "--as", "Hall", "--json").json()) == 2


@pytest.mark.parametrize(
    "path, code",
    [
        ("", "already-initialised"),
        ("/chapel/", "already-initialised"),
        ("/static", "bad-url"),
        ("/mirror/x", "bad-url"),
    ],
)
def test_an_address_that_is_taken_is_refused_and_leaves_nothing(several, path, code):
    before = files_of(several.folder)

    done = several.run("init", "--name", "Third", "--url", several.hall.rstrip("/") + path)

    assert done.exit_code == 1
    assert code in done.stderr
    assert files_of(several.folder) == before
    assert len(several.rows()) == 2


def test_a_kit_that_lies_there_already_is_not_written_over(several):
    before = files_of(several.folder)
    third = several.hall_kit.with_name(several.chapel_kit.name.replace("chapel", "third"))
    third.write_text("somebody's")

    done = several.run("init", "--name", "Third", "--url", several.hall + "third")

    assert done.exit_code == 1
    assert "already-initialised" in done.stderr
    assert third.read_text() == "somebody's"
    third.unlink()
    assert files_of(several.folder) == before


def test_nobody_moves_to_where_another_one_lives(several):
    before = several.run("status", "--json").stdout

    done = several.run("move", "--as", "Chapel", "--url", several.hall, "--kit", several.chapel_kit)

    assert done.exit_code == 1
    assert "already-initialised" in done.stderr
    assert several.run("status", "--json").stdout == before


def test_plain_strings_are_in_the_language_of_each(several):
    done = several.run(
        "init", "--name", "Eglwys", "--url", several.hall + "eglwys", "--language", "cy"
    )
    assert done.exit_code == 0, done.stderr

    several.publish("Eglwys", "Ystafell")
    several.publish("Hall", "Room")

    assert several.run("list", "--as", "Eglwys", "--json").json()[0]["name"] == {"cy": "Ystafell"}
    assert several.run("list", "--as", "Hall", "--json").json()[0]["name"] == {"en": "Room"}


# --- while it runs -----------------------------------------------------------------------------


def test_a_running_node_serves_each_at_its_address(several, serve, ask):
    serve(several.folder)
    done = several.run("init", "--name", "Club", "--url", several.hall + "club/", "--json")
    club = done.json()["did"]
    choir = several.publish("Chapel", "Choir").partition("/")[2]

    hint = ask(several.hall + ".well-known/localfed.json")
    assert {one["did"] for one in hint["organizations"]} == set(several.rows())
    for base, did in (
        (several.hall, several.hall_did),
        (several.chapel, several.chapel_did),
        (several.hall + "club/", club),
    ):
        log = ask(base + "did.jsonl")
        assert json.loads(log.splitlines()[0])["state"]["id"] == did
        assert ask(base + "head.json")["issuer"] == did
        assert ask(base + "org.json")["issuer"] == did
        assert ask(base + "mirror/clock.json") == {}
    ask(several.chapel + choir, until=lambda body: body["name"] == {"en": "Choir"})
    page = ask(several.hall + "organisations").decode()
    about = ask(several.hall + "about").decode()
    for name in ("Hall", "Chapel", "Club"):
        assert name in page
        assert name in about
    assert "Choir" in ask(several.chapel).decode()
    assert "Choir" not in ask(several.hall + "club/").decode()


def test_another_node_follows_one_or_all_and_their_news_come(several, localfed, node, serve, ask):
    serve(several.folder)
    reader = node("reader")
    done = localfed("follow", "--data", reader, several.chapel, "--json")
    assert [one["did"] for one in done.json()["followed"]] == [several.chapel_did]
    done = localfed("follow", "--data", reader, several.hall, "--json")
    assert {one["did"] for one in done.json()["followed"]} == set(several.rows())

    several.publish("Chapel", "Choir")
    several.publish("Hall", "Room")
    assert localfed("sync", "--data", reader, "--once").exit_code == 0

    found = localfed("search", "--data", reader, "--kind", "offer", "--json").json()["results"]
    assert {(one["name"]["en"], one["publisher"]["did"]) for one in found} == {
        ("Choir", several.chapel_did),
        ("Room", several.hall_did),
    }


def test_two_on_one_node_become_partners_by_their_own_words(several, localfed, node, serve):
    """LF-PART-4, LF-PART-5, LF-MSG-3: a proposal, an answer, two halves; another node reads the same."""
    serve(several.folder)
    reader = node("reader")
    localfed("follow", "--data", reader, several.hall)
    done = several.run("partner", "propose", "Chapel", "--as", "Hall", "--stage", "promotion")
    assert done.exit_code == 0, done.stderr

    def row(whom):
        rows = several.run("partner", "list", "--as", whom, "--json").json()
        return rows[0] if rows else None

    asked = row("Chapel")
    assert (asked["asked"], asked["in_force"], row("Hall")["proposed"]) == (
        "promotion",
        None,
        "promotion",
    )
    listed = several.run("inbox", "list").stdout
    assert f"Hall ({several.hall}), on this node to Chapel ({several.chapel})" in listed
    waits = several.run("partner", "list", "--as", "Chapel").stdout
    assert waits.startswith(f"Hall ({several.hall}): nothing in force; ")
    assert several.run("inbox", "list", "--as", "Hall", "--json").json() == []
    assert len(several.run("inbox", "list", "--as", "Chapel", "--json").json()) == 1
    number = asked["message"]
    for words in (("accept",), ("decline",)):
        wrong = several.run("partner", *words, number, "--as", "Hall")
        assert (wrong.exit_code, "unknown-message" in wrong.stderr) == (1, True)
    for words in (("show",), ("open",), ("dismiss",)):
        wrong = several.run("inbox", *words, number, "--as", "Hall")
        assert (wrong.exit_code, "unknown-message" in wrong.stderr) == (1, True)

    done = several.run("partner", "accept", number)
    assert done.exit_code == 0, done.stderr

    # The running node keeps the word of who proposed.
    end = time.monotonic() + 30
    while row("Hall")["in_force"] != "promotion":
        assert time.monotonic() < end, row("Hall")
        time.sleep(0.3)
    assert row("Chapel")["in_force"] == "promotion"
    assert several.run("outbox", "list", "--json").json()[0]["state"] == "delivered"
    localfed("sync", "--data", reader, "--once")
    halves = {
        one["did"]: parse_object(
            localfed("show", "--data", reader, f"{one['did']}/p/{other}.json").stdout.encode()
        )
        for one, other in (
            ({"did": several.hall_did}, several.chapel_did.split(":")[2]),
            ({"did": several.chapel_did}, several.hall_did.split(":")[2]),
        )
    }
    assert halves[several.hall_did]["partner"] == several.chapel_did
    assert halves[several.chapel_did]["partner"] == several.hall_did
    assert {one["proof"]["verificationMethod"].partition("#")[0] for one in halves.values()} == set(
        several.rows()
    )

    assert several.run("partner", "end", several.hall, "--as", "Chapel").exit_code == 0
    assert row("Hall")["in_force"] is None


def test_closing_one_leaves_the_other_as_it_was(several, serve, ask):
    serve(several.folder)
    several.publish("Hall", "Room")
    several.publish("Chapel", "Choir")
    before = ask(several.hall + "head.json")

    done = several.run("close", "--as", "Chapel", "--kit", several.chapel_kit, "--yes")

    assert done.exit_code == 0, done.stderr
    rows = several.rows()
    assert (rows[several.chapel_did]["closed"], rows[several.hall_did]["closed"]) == (True, False)
    assert ask(several.hall + "head.json") == before
    hint = ask(
        several.hall + ".well-known/localfed.json", until=lambda one: len(one["organizations"]) == 1
    )
    assert hint["organizations"][0]["did"] == several.hall_did
    # Only one is open: it is meant without being named.
    assert several.run("publish", "-", stdin=OFFER).exit_code == 0
    assert "closed" in several.run("publish", "-", "--as", several.chapel, stdin=OFFER).stderr


def test_moving_one_leaves_the_other_as_it_was(several, serve, ask):
    serve(several.folder)
    head = ask(several.hall + "head.json")

    done = several.run(
        "move", "--as", "Chapel", "--url", several.hall + "church", "--kit", several.chapel_kit
    )

    assert done.exit_code == 0, done.stderr
    assert several.rows()[several.chapel_did]["url"] == several.hall + "church/"
    assert several.run("status", "--json").json()["name"] == "Hall"
    assert ask(several.hall + "head.json") == head
    for base in (several.chapel, several.hall + "church/"):
        ask(base + "head.json", until=lambda one: one["issuer"] == several.chapel_did)
    # Followers look there: it stays its own.
    again = several.run("init", "--name", "Other", "--url", several.chapel)
    assert (again.exit_code, "already-initialised" in again.stderr) == (1, True)


def test_rotating_the_keys_of_one_signs_nothing_of_the_other(several):
    several.publish("Hall", "Room")
    before = several.run("keys", "show", "--as", "Hall", "--json").stdout
    listed = several.run("list", "--as", "Hall", "--json").stdout

    done = several.run("keys", "rotate", "--as", "Chapel", "--kit", several.chapel_kit)

    assert done.exit_code == 0, done.stderr
    assert several.run("keys", "show", "--as", "Hall", "--json").stdout == before
    assert several.run("list", "--as", "Hall", "--json").stdout == listed


def test_a_restored_backup_has_both_and_each_signs_on(several, localfed, tmp_path):
    """docs/run/backup.md: one copy of the folder is the backup of all."""
    several.publish("Hall", "Room")
    several.publish("Chapel", "Choir")
    copy = tmp_path / "elsewhere"
    subprocess.run(["cp", "-a", str(several.folder), str(copy)], check=True)

    for whom in ("Hall", "Chapel"):
        told = localfed("restored", "--data", copy, "--as", whom)
        assert "nothing-to-restore" in told.stderr
        done = localfed("publish", "--data", copy, "-", "--as", whom, stdin=OFFER)
        assert done.exit_code == 0, done.stderr


def test_a_second_init_that_is_cut_off_leaves_the_first_as_it_was(several):
    """Whatever there is of it, the node works, and the same command does it again."""
    head = several.run("keys", "show", "--as", "Hall", "--json").stdout
    words = [
        "init",
        "--data",
        str(several.folder),
        "--name",
        "Third",
        "--url",
        several.hall + "third",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "localfed", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "LOCALFED_ALLOW_LOOPBACK": "1"},
    )
    time.sleep(0.35)
    process.kill()
    process.communicate()

    rows = several.rows()
    assert several.run("keys", "show", "--as", "Hall", "--json").stdout == head
    if len(rows) == 2:
        for kit in several.folder.parent.glob("*third*"):
            kit.unlink()
        assert several.run(*words[:1], *words[3:]).exit_code == 0
    third = next(one for one in several.rows().values() if one["name"] == "Third")
    assert several.run("keys", "show", "--as", third["did"]).exit_code == 0
