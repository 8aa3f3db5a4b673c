"""What a command says to do next: to whoever typed it, so that it can be typed."""

from __future__ import annotations

import shlex
import socket
import sys

import pytest

from localfed.protocol.errors import BadDraft, BadQuery, UnknownOrganisation, WrongShape
from localfed.server.hints import next_of, own_draft, program


def told(done):
    """The message and the next step of a command that was refused."""
    assert done.exit_code == 1, done.stdout
    message, then = done.stderr.strip().splitlines()[-2:]
    return message, then


@pytest.mark.parametrize(
    "data",
    [
        b'{"type":"Offer","name":"caf\xe9"}',
        b"",
        b'{"type":',
        b'{"type":"Offer","name":"x","location":[{"latitude":"154.6","longitude":"2"}]}',
        b'{"type":"Offer","name":"x","validFrom":"2026-12-12T17:00:00Z","validUntil":"2026-12-02T17:00:00Z"}',
        b'{"type":"Offer"}',
    ],
)
def test_what_is_wrong_in_ones_own_draft_is_to_be_changed_there(localfed, node, tmp_path, data):
    file = tmp_path / "draft.json"
    file.write_bytes(data)

    _, then = told(localfed("publish", "--data", node(), file))

    assert "Change that in the draft" in then
    assert "whoever made these bytes" not in then


def test_what_is_wrong_in_somebody_elses_bytes_is_theirs_to_mend():
    error = WrongShape("x")

    assert "whoever made these bytes" in next_of(error)


def test_a_draft_is_spoken_of_only_where_there_is_one():
    with pytest.raises(BadDraft) as caught, own_draft():
        raise BadDraft("x")
    inside = next_of(caught.value)

    assert "in the draft" in inside
    assert "draft" not in next_of(BadDraft("x"))


def test_a_next_step_that_was_said_with_the_error_goes_before_that_of_its_kind():
    known = UnknownOrganisation("x", next_step="Ask Anna.")

    assert next_of(known) == "Ask Anna."
    assert "localfed follow URL" in next_of(UnknownOrganisation("x"))
    assert "openapi" not in next_of(BadQuery("x"))


def test_a_port_that_is_in_use_is_told_with_what_helps(localfed, node):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        _, then = told(localfed("serve", "--data", node(), "--port", port))

    assert f"Another program uses port {port}" in then
    assert "--port" in then


@pytest.mark.parametrize("command", ["send", "partner propose", "partner end"])
def test_whoever_is_unknown_is_to_be_followed_first(localfed, node, command):
    rest = {"send": ("--text", "x"), "partner propose": ("--stage", "promotion")}.get(command, ())

    _, then = told(localfed(*command.split(), "baker.example", *rest, "--data", node()))

    assert "localfed follow URL" in then


def test_a_command_without_a_folder_names_the_variable_that_gives_one(localfed):
    done = localfed("list")

    assert done.exit_code == 2
    assert "LOCALFED_DATA" in done.stderr


def test_a_command_that_is_printed_has_the_folder_that_was_typed(localfed, node, monkeypatch):
    folder = node()

    typed = localfed("status", "--data", folder).stdout
    monkeypatch.setenv("LOCALFED_DATA", str(folder))
    set_before = localfed("status").stdout

    assert f"localfed keys check --kit FILE --data {folder}" in typed
    assert "localfed keys check --kit FILE\n" in set_before


def test_a_folder_with_a_space_is_printed_so_that_a_shell_reads_it(localfed, tmp_path):
    folder = tmp_path / "my node"
    url = ("--url", "http://localhost:8080")

    said = localfed("init", "--data", folder, "--name", "Grocer", *url).stdout

    (line,) = [line for line in said.splitlines() if line.startswith("Next: ")]
    assert shlex.split(line.removeprefix("Next: "))[1:] == ["serve", "--data", str(folder)]


def test_the_program_is_named_as_it_can_be_started(monkeypatch, tmp_path):
    started = tmp_path / "bin" / "localfed"
    started.parent.mkdir()
    started.write_text("#!/bin/sh\n", encoding="utf-8")
    started.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(started), "demo"])

    monkeypatch.setenv("PATH", "/nowhere")
    elsewhere = program()
    monkeypatch.setenv("PATH", str(started.parent))
    on_the_path = program()

    assert (elsewhere, on_the_path) == (str(started), "localfed")


def test_the_program_that_is_a_module_is_named_as_one(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/localfed/__main__.py", "demo"])

    assert program() == f"{shlex.quote(sys.executable)} -m localfed"


def test_a_second_organisation_of_the_same_name_is_warned_of_with_how_to_undo_it(localfed, node):
    grocer = node()
    again = ("init", "--data", grocer, "--url", f"{grocer.url}/again/", "--json")

    other = localfed(*again[:-2], f"{grocer.url}/chapel/", "--name", "Chapel")
    same = localfed(*again, "--name", "Grocer")
    kit = same.json()["kit"]
    undone = localfed(
        "close", "--data", grocer, "--as", f"{grocer.url}/again/", "--kit", kit, "--yes"
    )

    assert other.exit_code == 0, other.stderr
    assert "warning" not in other.stderr
    assert f"{grocer.url}/ of this node is called 'Grocer' too" in same.stderr
    assert f"close --as {grocer.url}/again/ --kit {kit} --data {grocer}" in same.stderr
    assert undone.exit_code == 0, undone.stderr


@pytest.mark.parametrize(
    "words, said",
    [
        (("--name", ""), "the name is empty"),
        (("--name", "a\u200bb"), "without invisible characters"),
        (("--name", "x", "--language", "english"), "write en for English"),
    ],
)
def test_init_says_which_word_is_wrong_and_what_to_write(localfed, tmp_path, words, said):
    url = ("--url", "http://localhost:8080")

    message, _ = told(localfed("init", "--data", tmp_path / "node", *url, *words))

    assert said in message
    assert "regex" not in message


@pytest.mark.parametrize(
    "words, said",
    [
        ((), "--text"),
        (("--text", "x", "--about", "nonsense"), 'about: "nonsense" is not the id of a document'),
        (("--type", "accept"), "--reply-to"),
    ],
)
def test_what_cannot_be_sent_is_told_in_words_of_the_command(localfed, node, words, said):
    grocer = node()
    chapel = f"{grocer.url}/chapel/"
    localfed("init", "--data", grocer, "--name", "Chapel", "--url", chapel)

    message, _ = told(localfed("send", chapel, *words, "--as", grocer.url, "--data", grocer))

    assert said in message
    assert "regex" not in message
    assert "specification" not in message


@pytest.mark.parametrize(
    "words, code, said",
    [
        (("--gave", "digging", "3", "hours"), 1, "--since 2026-11-01"),
        (("--gave", "digging", "3", "--since", "2026-11-01"), 2, "--gave digging 3 hours"),
        (
            ("--gave", "digging", "3", "hours", "--since", "01/11/2026"),
            2,
            "no day such as 2026-11-01",
        ),
        (("--gave", "", "3", "hours", "--since", "2026-04-01"), 1, "one line of text"),
    ],
)
def test_an_exchange_that_cannot_be_recorded_is_told_in_words_of_the_command(
    localfed, node, words, code, said
):
    grocer = node()
    chapel = f"{grocer.url}/chapel/"
    localfed("init", "--data", grocer, "--name", "Chapel", "--url", chapel)

    done = localfed("exchange", "record", chapel, *words, "--as", grocer.url, "--data", grocer)

    assert done.exit_code == code
    assert said in done.stderr
    assert "Expected `str`" not in done.stderr
