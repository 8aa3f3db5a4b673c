"""follow --mirror, follow --via, mirrors: between three real nodes."""

from __future__ import annotations

import json

import pytest

OFFER = {"type": "Offer", "name": "Veg box"}


def publish(localfed, node, name):
    draft = json.dumps({"type": "Offer", "name": name})
    assert localfed("publish", "--data", node, "-", stdin=draft).exit_code == 0


def read(localfed, reader, url):
    done = localfed("follow", "--data", reader, url)
    assert done.exit_code == 0, done.stderr
    synced = localfed("sync", "--data", reader, "--once")
    assert synced.exit_code == 0, synced.stderr


def found(localfed, reader, text="veg"):
    return localfed("search", "--data", reader, text, "--json").json()["total"]


@pytest.fixture
def grocer(localfed, node, serve):
    grocer = node("grocer")
    publish(localfed, grocer, "Veg box")
    grocer.process = serve(grocer)
    return grocer


@pytest.fixture
def library(localfed, node, serve, grocer):
    """A node that follows the grocer, and so mirrors it."""
    library = node("library")
    read(localfed, library, grocer.url)
    serve(library)
    return library


@pytest.fixture
def reader(node):
    return node("reader")


def stop(node):
    node.process.terminate()
    node.process.wait(20)


def test_who_is_read_by_a_mirror_is_read_there_though_the_home_is_away(
    localfed, grocer, library, reader
):
    """LF-MIRROR-1, LF-MIRROR-5."""
    done = localfed("follow", "--data", reader, grocer.url, "--mirror", library.url, "--json")
    assert done.exit_code == 0, done.stderr
    stop(grocer)

    synced = localfed("sync", "--data", reader, "--once", "--json")

    assert [one["problem"] for one in synced.json()] == [None]
    assert found(localfed, reader) == 1


def test_the_home_is_read_again_at_ones_word(localfed, grocer, library, reader):
    localfed("follow", "--data", reader, grocer.url, "--mirror", library.url)
    localfed("sync", "--data", reader, "--once")

    done = localfed("follow", "--data", reader, grocer.url, "--mirror", "home")
    publish(localfed, grocer, "Veg crate")
    localfed("sync", "--data", reader, "--once")

    assert done.exit_code == 0, done.stderr
    assert found(localfed, reader) == 2


@pytest.mark.parametrize(
    "mirror", ["", "somewhere", "ftp://library.example/", "https://u@x.example/"]
)
def test_what_is_no_address_of_a_mirror_is_refused(localfed, grocer, reader, mirror):
    done = localfed("follow", "--data", reader, grocer.url, "--mirror", mirror)

    assert (done.exit_code, done.stdout) == (1, "")
    assert "localfed: bad-url:" in done.stderr


@pytest.fixture
def second(localfed, node, serve, grocer):
    """Another node that mirrors the grocer."""
    second = node("second")
    read(localfed, second, grocer.url)
    serve(second)
    return second


def test_two_mirrors_together_vouch_for_whose_home_is_away(
    localfed, grocer, library, second, reader
):
    """LF-FOLLOW-1: shown as not confirmed at its home, and read where it can be."""
    stop(grocer)
    via = ("--via", library.url, "--via", second.url)
    mirror = ("--mirror", library.url)

    one = localfed("follow", "--data", reader, grocer.did, "--via", library.url)
    done = localfed("follow", "--data", reader, grocer.did, *via, *mirror)
    localfed("sync", "--data", reader, "--once")

    assert one.exit_code == 1
    assert done.exit_code == 0, done.stderr
    assert "not confirmed at its home" in done.stdout
    assert found(localfed, reader) == 1
    assert localfed("follow", "--data", reader, grocer.url, *via).exit_code == 2


def test_mirrors_tell_whether_they_have_what_this_node_published(localfed, grocer, library):
    """LF-MIRROR-2: the receipt."""
    read(localfed, grocer, library.url)

    whole = localfed("mirrors", "--data", grocer, "--json").json()
    told = localfed("mirrors", "--data", grocer)
    publish(localfed, grocer, "Veg crate")
    behind = localfed("mirrors", "--data", grocer, "--json").json()

    base = grocer.url + "/"
    assert [one["has_ours"] for one in whole] == [{base: "all of it"}]
    assert (told.exit_code, "all of it" in told.stdout) == (0, True)
    assert [one["has_ours"][base] for one in behind] in (["not the newest yet"], ["all of it"])


def test_who_mirrors_nothing_of_ours_says_so_and_who_is_away_is_told(
    localfed, grocer, reader, serve, node
):
    other = node("other")
    other.process = serve(other)
    read(localfed, reader, other.url)

    there = localfed("mirrors", "--data", reader, "--json").json()
    stop(other)
    away = localfed("mirrors", "--data", reader)

    assert [list(one["has_ours"].values()) for one in there] == [["not mirrored"]]
    assert away.exit_code == 0
    assert localfed("mirrors", "--data", grocer, "--json").json() == []
