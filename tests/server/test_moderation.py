"""block, unblock, blocks, quota: between real nodes."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def grocer(localfed, node, serve):
    grocer = node()
    localfed("publish", "--data", grocer, "-", stdin=json.dumps({"type": "Offer", "name": "Box"}))
    grocer.process = serve(grocer)
    return grocer


@pytest.fixture
def reader(localfed, node, grocer):
    reader = node("reader")
    localfed("follow", "--data", reader, grocer.url)
    localfed("sync", "--data", reader, "--once")
    return reader


def found(localfed, reader):
    return localfed("search", "--data", reader, "box", "--json").json()["total"]


def test_an_organisation_is_blocked_and_comes_back(localfed, grocer, reader):
    """LF-ACCEPT-10."""
    done = localfed(
        "block", "organisation", grocer.url, "--note", "spam", "--data", reader, "--json"
    )

    assert done.exit_code == 0, done.stderr
    assert done.json()["hidden"] == [grocer.did]
    assert found(localfed, reader) == 0
    refused = localfed("follow", "--data", reader, grocer.url)
    assert refused.exit_code == 1
    assert "blocked" in refused.stderr
    listed = localfed("blocks", "--data", reader, "--json").json()
    assert [(one["kind"], one["note"]) for one in listed] == [("organisation", "spam")]

    back = localfed("unblock", "organisation", grocer.did, "--data", reader)

    assert back.exit_code == 0, back.stderr
    assert "shown again" in back.stdout
    assert found(localfed, reader) == 1
    assert localfed("blocks", "--data", reader).stdout == ""


def test_who_blocks_a_partner_is_told_that_its_own_half_stays_and_how_to_end_it(
    localfed, grocer, reader
):
    half = {"type": "Partnership", "partner": grocer.did, "stage": "guidance"}
    localfed("publish", "-", "--data", reader, stdin=json.dumps(half))

    done = localfed("block", "organisation", grocer.url, "--data", reader)

    assert done.exit_code == 0, done.stderr
    assert "stays published and says guidance" in done.stdout
    command = done.stdout.partition("to end it, localfed ")[2].split()
    again = localfed("block", "organisation", grocer.url, "--data", reader, "--json")
    assert again.json()["halves"] == []
    localfed("unblock", "organisation", grocer.url, "--data", reader)
    again = localfed("block", "organisation", grocer.url, "--data", reader, "--json")
    assert [(one["partner"], one["stage"]) for one in again.json()["halves"]] == [
        (grocer.did, "guidance")
    ]

    assert localfed(*command, "--data", reader).exit_code == 0
    assert localfed("partner", "list", "--data", reader, "--json").json() == []


def test_a_host_is_blocked(localfed, grocer, reader):
    done = localfed("block", "host", grocer.url.removeprefix("http://"), "--data", reader)

    assert done.exit_code == 0, done.stderr
    assert "hidden" in done.stdout
    assert found(localfed, reader) == 0
    assert "blocked" in localfed("blocks", "--data", reader).stderr


@pytest.mark.parametrize("what", ["https://x.example/y", "word", ""])
def test_what_is_no_host_is_refused_with_its_code(localfed, reader, what):
    done = localfed("block", "host", what, "--data", reader)

    assert done.exit_code == 1
    assert "bad-query" in done.stderr


def test_a_quota_is_shown_set_and_taken_back(localfed, grocer, reader):
    """LF-FOLLOW-5."""
    usual = localfed("quota", grocer.url, "--data", reader, "--json").json()
    fewer = localfed("quota", grocer.url, "1", "--data", reader, "--json").json()

    assert (usual["quota"], usual["over_quota"]) == (10_000, 0)
    assert (fewer["quota"], fewer["over_quota"]) == (1, 1)
    assert found(localfed, reader) == 0

    localfed("quota", grocer.url, "--usual", "--data", reader)
    localfed("sync", "--once", "--data", reader)

    assert found(localfed, reader) == 1
    assert localfed("quota", grocer.url, "1", "--usual", "--data", reader).exit_code == 2
    assert localfed("quota", "nobody.example", "--data", reader).exit_code == 1
