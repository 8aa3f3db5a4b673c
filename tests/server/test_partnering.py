"""partner propose, accept, decline, step, end, list: between two real nodes."""

from __future__ import annotations

import json
import time

import pytest


@pytest.fixture
def two(localfed, node, serve):
    """A grocer and a baker, both served, who follow each other."""
    grocer, baker = node("grocer"), node("baker")
    grocer.process, baker.process = serve(grocer), serve(baker)
    for one, other in ((grocer, baker), (baker, grocer)):
        done = localfed("follow", "--data", one, other.url)
        assert done.exit_code == 0, done.stderr
    localfed("sync", "--data", grocer, "--once")
    localfed("sync", "--data", baker, "--once")
    return grocer, baker


def rows(localfed, one):
    return localfed("partner", "list", "--data", one, "--json").json()


def wait(localfed, one, other, condition, seconds=60):
    end = time.monotonic() + seconds
    while True:
        found = [row for row in rows(localfed, one) if row["partner"] == other.did]
        if found and condition(found[0]):
            return found[0]
        assert time.monotonic() < end, found
        time.sleep(0.3)


def test_a_proposal_is_accepted_on_the_other_node_and_in_force_on_both(localfed, two):
    """LF-PART-4, LF-PART-5: two processes, by themselves after each word of a person."""
    grocer, baker = two

    done = localfed(
        "partner", "propose", baker.url, "--stage", "promotion", "--text", "Hi", "--data", grocer
    )
    assert done.exit_code == 0, done.stderr
    assert "Proposal on its way" in done.stdout
    asked = wait(localfed, baker, grocer, lambda row: row["asked"] == "promotion")
    assert "they propose promotion" in localfed("partner", "list", "--data", baker).stdout
    done = localfed(
        "partner", "accept", asked["message"], "--role", "mentor", "--data", baker, "--json"
    )
    assert done.exit_code == 0, done.stderr
    assert done.json()["mine"] == "promotion"
    wait(localfed, grocer, baker, lambda row: row["mine"] == "promotion")
    localfed("sync", "--data", baker, "--once")
    localfed("sync", "--data", grocer, "--once")

    wait(localfed, grocer, baker, lambda row: row["in_force"] == "promotion")
    wait(localfed, baker, grocer, lambda row: row["in_force"] == "promotion")

    assert localfed("partner", "end", grocer.url, "--data", baker).exit_code == 0
    localfed("sync", "--data", grocer, "--once")
    wait(localfed, grocer, baker, lambda row: row["in_force"] is None)
    assert "theirs: none" in localfed("partner", "list", "--data", grocer).stdout


def test_who_is_asked_sees_all_that_it_accepts(localfed, two):
    """LF-PART-5: the stage, the roles, and whether each shows the other."""
    grocer, baker = two
    words = ("propose", baker.url, "--role", "mentor", "--role", "lead", "--data", grocer)
    assert localfed("partner", *words, "--stage", "promotion").exit_code == 0
    asked = wait(localfed, baker, grocer, lambda row: row["asked"])
    whole = "promotion, they as mentor, lead, each shows the other's offers"

    assert (asked["asked_roles"], asked["asked_promotes"]) == (["mentor", "lead"], True)
    assert f"they propose {whole}: " in localfed("partner", "list", "--data", baker).stdout
    shown = localfed("inbox", "show", asked["message"], "--data", baker).stdout
    assert f"  stage: {whole}\n" in shown

    assert localfed("partner", *words, "--stage", "integrated", "--no-promotes").exit_code == 0
    asked = wait(localfed, baker, grocer, lambda row: row["asked"] == "integrated")
    assert asked["asked_promotes"] is False
    listed = localfed("partner", "list", "--data", baker).stdout
    assert "they would not show your offers" in listed
    assert localfed("partner", *words, "--stage", "guidance").exit_code == 0
    wait(localfed, baker, grocer, lambda row: row["asked"] == "guidance")
    listed = localfed("partner", "list", "--data", baker).stdout
    assert "they propose guidance, they as mentor, lead: " in listed


def test_what_is_declined_is_gone(localfed, two):
    grocer, baker = two
    localfed("partner", "propose", baker.url, "--stage", "guidance", "--data", grocer)
    asked = wait(localfed, baker, grocer, lambda row: row["asked"])

    done = localfed("partner", "decline", asked["message"], "--data", baker)

    assert done.exit_code == 0, done.stderr
    assert rows(localfed, baker) == []


@pytest.mark.parametrize(
    "words, code",
    [
        (["propose", "https://nobody.example", "--stage", "guidance"], "unknown-organisation"),
        (["propose", "SELF", "--stage", "guidance"], "bad-draft"),
        (["accept", "9"], "unknown-message"),
        (["decline", "9"], "unknown-message"),
        (["end", "OTHER"], "bad-draft"),
        (["step", "OTHER", "--stage", "guidance"], "bad-draft"),
    ],
)
def test_what_cannot_be_is_told_with_its_code(localfed, two, state_of, words, code):
    grocer, baker = two
    before = state_of(grocer)
    names = {"SELF": grocer.url, "OTHER": baker.url}

    done = localfed("partner", *[names.get(one, one) for one in words], "--data", grocer)

    assert done.exit_code == 1
    assert code in done.stderr
    assert state_of(grocer) == before


def test_partners_deliver_together_mentor_and_are_told_what_lapses(localfed, two, tmp_path):
    """LF-PART-6, LF-JOINT-3: by commands, between two served nodes."""
    grocer, baker = two

    def run(*words, data):
        done = localfed(*words, "--data", data)
        assert done.exit_code == 0, done.stderr
        return done

    def read():
        for one in (grocer, baker):
            run("sync", "--once", data=one)

    run("partner", "propose", baker.url, "--stage", "guidance", data=grocer)
    asked = wait(localfed, baker, grocer, lambda row: row["asked"] == "guidance")
    countered = run(
        "partner",
        "counter",
        asked["message"],
        "--stage",
        "promotion",
        "--role",
        "mentor",
        data=baker,
    )
    assert "Proposal on its way" in countered.stdout
    answer = wait(localfed, grocer, baker, lambda row: row["is_counter"])
    run("partner", "accept", answer["message"], data=grocer)
    wait(localfed, baker, grocer, lambda row: row["mine"] == "promotion")
    read()
    row = wait(localfed, grocer, baker, lambda row: row["promotes"])
    assert row["their_roles"] == ["mentor"]
    assert "each shows the other" in run("partner", "list", data=grocer).stdout
    (mentor,) = run("partner", "mentors", "--json", data=grocer).json()
    assert mentor["organisation"]["did"] == baker.did
    assert "mentors 1" in run("partner", "mentors", data=grocer).stdout

    draft = tmp_path / "hamper.json"
    hamper = {"type": "Offer", "name": "Hamper", "contributors": [baker.url]}
    draft.write_text(json.dumps(hamper), encoding="utf-8")
    offer = run("publish", draft, "--json", data=grocer).json()["id"]
    read()
    joined = run("partner", "join", offer, "--json", data=baker).json()
    assert (joined["is_in"], joined["is_named"]) == (True, True)
    assert "you left" in run("partner", "leave", offer, data=baker).stdout

    run("partner", "end", grocer.url, data=baker)
    read()
    for one, words in ((grocer, "they ended"), (baker, "you ended")):
        (notice,) = run("notices", "--json", data=one).json()
        assert words in notice["text"]
        assert "1 notice for you" in run("status", data=one).stdout
        assert words in run("notices", "--seen", str(notice["number"]), "--all", data=one).stdout
        assert run("notices", "--json", data=one).json() == []


@pytest.mark.parametrize(
    "words, code",
    [
        (["partner", "join", "nonsense"], "unknown-document"),
        (["partner", "leave", "did:webvh:x/d/y.json"], "unknown-document"),
        (["partner", "counter", "9", "--stage", "guidance"], "unknown-message"),
        (["partner", "mentors", "--near", "here"], "unknown-place"),
        (["notices", "--seen", "9"], "unknown-notice"),
    ],
)
def test_what_partners_cannot_do_is_told_with_its_code(localfed, node, state_of, words, code):
    grocer = node("grocer")
    before = state_of(grocer)

    done = localfed(*words, "--data", grocer)

    assert done.exit_code == 1
    assert code in done.stderr
    assert state_of(grocer) == before
