"""exchange record, confirm, correct, dispute, withdraw, list: between two real nodes."""

from __future__ import annotations

import time

import pytest

WHEN = ("--since", "2026-01-05", "--until", "2026-02-01")
GAVE = ("--gave", "digging", "12", "hours", "--category", "food")


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
    return localfed("exchange", "list", "--data", one, "--json").json()


def wait(localfed, one, condition, seconds=60):
    end = time.monotonic() + seconds
    while True:
        found = rows(localfed, one)
        if found and condition(found[0]):
            return found[0]
        assert time.monotonic() < end, found
        time.sleep(0.3)


def test_what_one_records_the_other_confirms_and_both_count(localfed, two):
    """LF-EXCH-5, LF-EXCH-6: two processes, by themselves after each word of a person."""
    grocer, baker = two

    done = localfed(
        *("exchange", "record", baker.url, *GAVE, "--received", "bread", "40", "loaves"),
        *("--category", "food", *WHEN, "--text", "Hi", "--data", grocer),
    )
    assert done.exit_code == 0, done.stderr
    assert "Proposal on its way" in done.stdout
    asked = wait(localfed, baker, lambda row: row["asked"])
    listed = localfed("exchange", "list", "--data", baker).stdout
    assert "they propose: got 12 hours of digging (food)" in listed
    assert f"localfed exchange confirm {asked['ref']}" in listed
    done = localfed("exchange", "confirm", asked["ref"], "--data", baker, "--json")
    assert done.exit_code == 0, done.stderr
    assert done.json()["sent"] == "Accept"
    wait(localfed, grocer, lambda row: row["mine"])
    localfed("sync", "--data", baker, "--once")
    localfed("sync", "--data", grocer, "--once")
    wait(localfed, grocer, lambda row: row["state"] == "confirmed")
    wait(localfed, baker, lambda row: row["state"] == "confirmed")
    assert "both say: gave 12 hours" in localfed("exchange", "list", "--data", grocer).stdout

    for one in (grocer, baker):
        report = localfed("report", "--data", one, "--json").json()
        assert (report["exchanges"], report["hours"], report["ties"]) == (1, "12", 1)
        assert report["things"] == [{"unit": "loaves", "quantity": "40"}]

    done = localfed("exchange", "withdraw", asked["ref"], "--data", baker)
    assert done.exit_code == 0, done.stderr
    localfed("sync", "--data", grocer, "--once")
    wait(localfed, grocer, lambda row: row["state"] == "said by us alone")
    assert localfed("report", "--data", grocer, "--json").json()["hours"] == "0"


def test_who_waits_for_a_word_is_in_the_notices(localfed, two):
    """LF-EXCH-6: the running node tells its operator."""
    grocer, baker = two
    localfed("exchange", "record", baker.url, *GAVE, *WHEN, "--data", grocer)

    end = time.monotonic() + 60
    while not (found := localfed("notices", "--data", baker, "--json").json()):
        assert time.monotonic() < end
        time.sleep(0.5)

    (one,) = found
    assert (one["kind"], one["about"]) == ("exchange-waiting", grocer.did)


def test_what_is_corrected_waits_for_the_other(localfed, two):
    """LF-EXCH-6."""
    grocer, baker = two
    localfed("exchange", "record", baker.url, *GAVE, *WHEN, "--data", grocer)
    asked = wait(localfed, baker, lambda row: row["asked"])

    done = localfed(
        *("exchange", "correct", asked["messages"][0], "--received", "digging", "9", "h"),
        *("--data", baker, "--json"),
    )

    assert done.exit_code == 0, done.stderr
    found = wait(localfed, grocer, lambda row: row["asked"])
    assert found["asked"]["flows"][0]["quantity"] == "9"
    assert found["asked"]["flows"][0]["unit"] == "hours"
    assert found["asked"]["period"] == {"start": "2026-01-05", "end": "2026-02-01"}


def test_what_is_disputed_is_told_to_both(localfed, two):
    """LF-EXCH-6: the list says who disputes it, the running node tells the other's operator."""
    grocer, baker = two
    localfed("exchange", "record", baker.url, *GAVE, *WHEN, "--data", grocer)
    asked = wait(localfed, baker, lambda row: row["asked"])

    done = localfed("exchange", "dispute", asked["ref"], "--text", "Less", "--data", baker)

    assert done.exit_code == 0, done.stderr
    wait(localfed, grocer, lambda row: row["disputed_by"] == "them")
    for one, words in (
        (grocer, ("disputed by them", "you proposed: gave 12", f"exchange correct {asked['ref']}")),
        (baker, ("disputed by you", "they proposed: got 12")),
    ):
        listed = localfed("exchange", "list", "--data", one).stdout
        assert [word for word in words if word not in listed] == []
        assert "waits for you" not in listed
    end = time.monotonic() + 60
    while not (found := localfed("notices", "--data", grocer, "--json").json()):
        assert time.monotonic() < end
        time.sleep(0.5)
    assert "disputes 1 exchange" in found[0]["text"]


@pytest.mark.parametrize(
    "words, code",
    [
        (["record", "SELF", *GAVE, *WHEN], "bad-draft"),
        (["record", "https://nobody.example", *GAVE, *WHEN], "unknown-organisation"),
        (["record", "OTHER", *WHEN], "bad-draft"),
        (["record", "OTHER", "--gave", "x", "0", "hours", *WHEN], "bad-draft"),
        (["record", "OTHER", "--gave", "x", "lots", "hours", *WHEN], "bad-draft"),
        (["record", "OTHER", "--gave", "x", "1e99", "hours", *WHEN], "bad-draft"),
        (["record", "OTHER", *GAVE, "--since", "2026-02-01", "--until", "2026-01-01"], "bad-draft"),
        (["record", "OTHER", *GAVE, "--since", "2999-01-01"], "bad-draft"),
        (["record", "OTHER", *GAVE], "bad-draft"),
        (["record", "OTHER", *GAVE, "--category", "x", "--category", "y", *WHEN], "bad-draft"),
        (["confirm", "a" * 26], "unknown-exchange"),
        (["confirm", "9"], "unknown-exchange"),
        (["correct", "9", *GAVE], "unknown-exchange"),
        (["dispute", "9"], "unknown-exchange"),
        (["withdraw", "nothing"], "unknown-exchange"),
    ],
)
def test_what_cannot_be_is_told_with_its_code(localfed, pair, state_of, words, code):
    """LF-EXCH-2, LF-EXCH-3: and nothing is changed."""
    grocer, baker = pair
    before = state_of(grocer)
    names = {"SELF": grocer.url, "OTHER": baker.url}

    done = localfed("exchange", *[names.get(one, one) for one in words], "--data", grocer)

    assert done.exit_code == 1, done.stderr
    assert code in done.stderr
    assert state_of(grocer) == before


@pytest.fixture
def pair(localfed, node, serve):
    """A grocer that follows a baker."""
    grocer, baker = node("grocer"), node("baker")
    process = serve(baker)
    done = localfed("follow", "--data", grocer, baker.url)
    assert done.exit_code == 0, done.stderr
    del process
    return grocer, baker


def test_people_are_told_to_name_no_person(localfed):
    """LF-EXCH-8."""
    for name in ("record", "correct"):
        said = " ".join(localfed("exchange", name, "--help").stdout.split())
        assert said.count("Name no person.") == 2
    assert "names no person" in " ".join(localfed("exchange", "--help").stdout.split())
