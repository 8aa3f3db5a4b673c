"""The examples, each run as its page says, against a node of its own."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.async_api import async_playwright

from web.browsing import ARGUMENTS

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NEAR = "54.60,-2.30"


def run(*command, stdin=None):
    """Run a program to its end, as a shell would."""
    return subprocess.run(
        [str(word) for word in command],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "LOCALFED_ALLOW_LOOPBACK": "1"},
    )


def localfed(*words, stdin=None):
    done = run(sys.executable, "-m", "localfed", *words, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout


def example(name, *words):
    return run(sys.executable, EXAMPLES / name, *words)


class Town:
    """A node that is served, with the events of the examples published."""

    def __init__(self, folder):
        self.data = folder / "town"
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.url = f"http://localhost:{one.getsockname()[1]}"
        localfed("init", "--data", self.data, "--name", "The town", "--url", self.url, "--json")
        self.events = folder / "events.csv"
        shutil.copy(EXAMPLES / "events.csv", self.events)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "localfed", "serve", "--data", str(self.data)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdout.readline(), "the node did not start"

    def publish(self):
        done = example("publish_from_a_script.py", self.events, "--data", self.data)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def deal(self):
        """Publish what has no name: two halves of a partnership, an exchange, a contact."""
        to_town = ("--as", self.url, "--data", self.data)
        chapel = f"{self.url}/chapel/"
        to_chapel = ("--as", chapel, "--data", self.data)
        localfed("init", "--data", self.data, "--name", "The chapel", "--url", chapel, "--json")
        localfed("partner", "propose", chapel, "--stage", "guidance", *to_town)
        (row,) = json.loads(localfed("partner", "list", "--json", *to_chapel))
        localfed("partner", "accept", row["message"], *to_chapel)
        gave = ("--gave", "digging", "3", "hours", "--since", "2026-04-01", "--until", "2026-04-01")
        localfed("exchange", "record", self.url, *gave, "--at-once", *to_chapel)
        localfed("contact", "set", "--email", "desk@chapel.example", *to_chapel)
        return chapel

    def listed(self):
        return json.loads(localfed("list", "--data", self.data, "--json"))

    def close(self):
        self.process.terminate()
        self.process.communicate(timeout=30)


@pytest.fixture
def town(tmp_path):
    town = Town(tmp_path)
    yield town
    town.close()


def test_a_script_publishes_each_event_of_a_table_as_an_offer(town):
    said = town.publish()

    offers = {one["name"]["en"] for one in town.listed() if one["type"] == "Offer"}
    assert offers == {"Repair café", "Soup kitchen", "Open choir"}
    assert [line.split(":")[0] for line in said] == ["published"] * 3


def test_a_script_run_again_publishes_nothing_anew(town):
    town.publish()
    before = town.listed()

    said = town.publish()

    assert said == []
    assert town.listed() == before


def test_a_script_publishes_what_changed_and_withdraws_what_is_gone(town):
    town.publish()
    before = {one["name"]["en"]: one for one in town.listed()}
    table = town.events.read_text(encoding="utf-8").replace("Open choir", "Choir for all")
    lines = [line for line in table.splitlines() if not line.startswith("soup,")]
    town.events.write_text("\n".join(lines), encoding="utf-8")

    said = town.publish()

    after = {one["name"]["en"]: one for one in town.listed()}
    assert [line.split(":")[0] for line in said] == ["changed", "withdrawn"]
    assert after.keys() == {"The town", "Repair café", "Choir for all"}
    assert after["Choir for all"]["id"] == before["Open choir"]["id"]
    assert after["Repair café"] == before["Repair café"]


def test_a_script_that_is_refused_says_why(town):
    town.events.write_text("key,name\nempty,\n", encoding="utf-8")

    done = example("publish_from_a_script.py", town.events, "--data", town.data)

    assert done.returncode == 1
    assert "bad-draft" in done.stderr


def test_the_standard_library_alone_reads_a_node_and_sorts_by_distance(town):
    town.publish()

    done = example("read_a_node.py", town.url, "--near", NEAR)

    assert done.returncode == 0, done.stderr
    first, *lines = done.stdout.splitlines()
    assert first == f"{town.url}/: 4 documents, each as the head lists it"
    names = [line.split("  ")[-1].strip() for line in lines]
    assert names == ["Soup kitchen", "Repair café", "Open choir", "The town"]
    assert lines[0].split()[:2] == ["0.2", "km"]


def test_the_standard_library_alone_reads_documents_that_have_no_name(town):
    town.publish()
    host = town.url.removeprefix("http://")
    town.deal()

    done = example("read_a_node.py", town.url, "--near", NEAR)

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    told = [line.split(maxsplit=1) for line in lines[lines.index(_head_of(town, 4)) + 1 :]]
    assert [kind for kind, _ in told] == ["Contact", "Exchange", "Organization", "Partnership"]
    assert told[0][1].endswith("/contact.json")
    assert [name for _, name in told[1:]] == [f"with {host}", "The chapel", f"with {host}"]


def _head_of(town, count):
    return f"{town.url}/chapel/: {count} documents, each as the head lists it"


def test_the_standard_library_alone_reads_a_feed_with_a_snapshot_and_a_bundle(town, tmp_path):
    rows = [f"R{number},Shed {number},54.{6000 + number},-2.3" for number in range(230)]
    table = tmp_path / "sheds.csv"
    table.write_text("\n".join(["Identifier,Name,Latitude,Longitude", *rows]), encoding="utf-8")
    localfed("import", "csv", table, "--data", town.data, "--json")
    # After the snapshot: entries on a page that the reader has to walk.
    town.publish()

    done = example("read_a_node.py", town.url, "--near", NEAR)

    assert done.returncode == 0, done.stderr
    assert "234 documents" in done.stdout
    assert "Shed 229" in done.stdout


def test_a_reader_of_a_node_that_is_not_there_says_so(town):
    town.close()

    done = example("read_a_node.py", town.url)

    assert done.returncode == 1
    assert done.stderr.startswith("not read: ")


def test_the_library_verifies_files_without_a_node(town, tmp_path):
    town.publish()
    offer = next(one for one in town.listed() if one["name"]["en"] == "Open choir")
    for name in ("did.jsonl", "org.json"):
        with urlopen(f"{town.url}/{name}", timeout=10) as answer:
            (tmp_path / name).write_bytes(answer.read())
    shown = localfed("show", "--data", town.data, offer["id"])
    (tmp_path / "offer.json").write_text(shown, encoding="utf-8")
    town.close()

    done = example(
        "verify_with_the_library.py",
        *(tmp_path / name for name in ("did.jsonl", "org.json", "offer.json")),
    )

    host = town.url.removeprefix("http://")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"org.json: valid: {host} says that it is 'The town'" in done.stdout
    assert f"offer.json: valid: {host} has the offer 'Open choir' until" in done.stdout


def test_the_library_tells_what_each_document_without_a_name_is(town, tmp_path):
    chapel = town.deal()
    listed = json.loads(localfed("list", "--as", chapel, "--data", town.data, "--json"))
    files = []
    for one in listed:
        file = tmp_path / f"{one['type']}.json"
        file.write_text(localfed("show", "--data", town.data, one["id"]), encoding="utf-8")
        files.append(file)
    with urlopen(f"{chapel}did.jsonl", timeout=10) as answer:
        (tmp_path / "did.jsonl").write_bytes(answer.read())

    done = example("verify_with_the_library.py", tmp_path / "did.jsonl", *files)

    assert done.returncode == 0, done.stdout + done.stderr
    host = chapel.removeprefix("http://").rstrip("/")
    said = dict(line.split(": valid: ") for line in done.stdout.splitlines())
    assert said.keys() == {f"{one}.json" for one in _WITHOUT_A_NAME | {"Organization"}}
    assert "says 'guidance' of its partnership with did:webvh:" in said["Partnership.json"]
    assert "says what it exchanged with did:webvh:" in said["Exchange.json"]
    assert said["Contact.json"].endswith("says how it is reached")
    assert host.partition("/")[0] in said["Contact.json"]


_WITHOUT_A_NAME = {"Partnership", "Exchange", "Contact"}


def test_the_library_refuses_a_changed_document_by_its_code(town, tmp_path):
    for name in ("did.jsonl", "org.json"):
        with urlopen(f"{town.url}/{name}", timeout=10) as answer:
            (tmp_path / name).write_bytes(answer.read())
    forged = (tmp_path / "org.json").read_bytes().replace(b"The town", b"The Town")
    (tmp_path / "org.json").write_bytes(forged)

    done = example("verify_with_the_library.py", tmp_path / "did.jsonl", tmp_path / "org.json")

    assert done.returncode == 1
    assert done.stdout.startswith("org.json: refused: bad-signature: ")


def test_a_shell_script_searches_the_api(town, program):
    program("curl", "curl")
    town.publish()

    deadline = time.monotonic() + 20
    while True:
        done = run("sh", EXAMPLES / "search_the_api.sh", town.url, "repair", NEAR, "25")
        assert done.returncode == 0, done.stderr
        if not done.stdout.startswith("0 found") or time.monotonic() > deadline:
            break
        time.sleep(0.2)

    host = town.url.removeprefix("http://")
    assert done.stdout.splitlines() == ["1 found", f"Repair café | 0.4 km | {host}"]


def test_a_shell_script_shows_the_problem_that_the_api_names(town, program):
    program("curl", "curl")

    done = run("sh", EXAMPLES / "search_the_api.sh", town.url, "repair", "somewhere")

    assert done.returncode == 1
    assert "unknown-place" in done.stderr


async def test_a_villages_page_shows_what_the_node_of_its_address_knows(town, program):
    town.publish()
    source = (EXAMPLES / "village_page.html").read_text(encoding="utf-8")
    page_file = town.data.parent / "village.html"
    page_file.write_text(source.replace("http://localhost:8080", town.url), encoding="utf-8")

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program("chromium", "chromium"), args=ARGUMENTS
        )
        page = await browser.new_page()
        await page.goto(page_file.as_uri())
        await page.locator("[part=proof]").nth(2).wait_for()

        titles = await page.locator("[part~=title]").all_inner_texts()
        told = await page.locator("#told").inner_text()
        await browser.close()
    assert titles == ["Soup kitchen", "Repair café", "Open choir"]
    assert "found near the green" in told
