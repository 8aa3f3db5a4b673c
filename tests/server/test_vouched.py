"""Shown by way of a partner: three real nodes, one of whom nobody follows."""

from __future__ import annotations

import json

import pytest


def publish(localfed, node, draft):
    done = localfed("publish", "--data", node, "-", stdin=json.dumps(draft))
    assert done.exit_code == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def three(localfed, node, serve):
    """A reader who follows a grocer; the grocer and a baker say that they work together."""
    grocer, baker, reader = node("grocer"), node("baker"), node("reader")
    publish(localfed, baker, {"type": "Offer", "name": "Rye bread"})
    for one, other in ((grocer, baker), (baker, grocer)):
        half = {"type": "Partnership", "partner": other.did, "stage": "promotion"}
        one.half = publish(localfed, one, half)
    grocer.process, baker.process = serve(grocer), serve(baker)
    localfed("follow", "--data", reader, grocer.url)
    return grocer, baker, reader


def results(localfed, reader):
    return localfed("search", "--data", reader, "rye", "--json").json()["results"]


def test_one_round_of_sync_reads_the_partners_too(localfed, three):
    """LF-VIA-1."""
    grocer, baker, reader = three

    done = localfed("sync", "--data", reader, "--once", "--json")

    assert done.exit_code == 0, done.stderr
    assert {one["did"] for one in done.json()} == {grocer.did, baker.did}
    assert [one["publisher"]["did"] for one in results(localfed, reader)] == [baker.did]
    assert results(localfed, reader)[0]["publisher"]["via"] == grocer.did
    said = localfed("search", "--data", reader, "rye").stdout
    assert f"(via {grocer.url.removeprefix('http://')})" in said
    told = localfed("status", "--data", reader, "--json").json()["publishers"]
    assert {one["did"]: one["via"] for one in told}[baker.did] == grocer.did
    assert "via a partner" in localfed("status", "--data", reader).stdout


def test_a_running_node_shows_a_partner_and_says_by_whom(localfed, three, serve, ask):
    """LF-VIA-1, LF-VIA-3: in the API and on the page; and ends it when the half is withdrawn."""
    grocer, baker, reader = three
    serve(reader)

    found = ask(
        reader.url + "/api/v1/search?q=rye", until=lambda answer: answer["total"] == 1, seconds=60
    )

    publisher = found["results"][0]["publisher"]
    assert (publisher["relation"], publisher["via"]["did"]) == ("via a partner", grocer.did)
    page = ask(reader.url + "/?q=rye").decode()
    assert ', via <a href="/organisations/' in page
    assert "Grocer" in page
    listed = ask(reader.url + "/api/v1/organisations")["organisations"]
    assert baker.did in [one["did"] for one in listed]


def test_a_node_that_shows_nobody_by_way_of_a_partner(localfed, three):
    _, _, reader = three
    settings = reader.folder / "node.toml"
    settings.write_text(settings.read_text().replace("via_steps = 1", "via_steps = 0"))

    localfed("sync", "--data", reader, "--once")

    assert results(localfed, reader) == []


@pytest.mark.parametrize("steps", [-1, 3, '"one"', 1.5])
def test_how_far_it_goes_is_0_1_or_2(localfed, three, steps):
    settings = three[2].folder / "node.toml"
    settings.write_text(settings.read_text().replace("via_steps = 1", f"via_steps = {steps}"))

    refused = localfed("status", "--data", three[2])

    assert refused.exit_code == 1
    assert "bad-file" in refused.stderr
    assert "via_steps" in refused.stderr


def test_whom_one_unfollows_may_stay_by_way_of_a_partner_and_is_told_so(localfed, three):
    """LF-VIA-1."""
    _, baker, reader = three
    localfed("follow", "--data", reader, baker.url)
    localfed("sync", "--data", reader, "--once")

    done = localfed("unfollow", "--data", reader, baker.url)

    assert "still shown" in done.stderr
    assert len(results(localfed, reader)) == 1


def test_what_waits_is_told_and_released(localfed, three):
    """LF-VIA-6."""
    _, baker, reader = three
    localfed("sync", "--data", reader, "--once")
    host = baker.url.removeprefix("http://")
    table = "Identifier,Name\n" + "".join(f"{n},Rye shop {n}\n" for n in range(60))
    done = localfed("import", "csv", "-", "--data", baker, stdin=table)
    assert done.exit_code == 0, done.stderr
    localfed("sync", "--data", reader, "--once")

    told = localfed("quota", host, "--data", reader, "--json").json()
    assert told["quota"] == 100
    assert told["held_back"] == 30  # ten times the three that it had may come
    assert "wait" in localfed("quota", host, "--data", reader).stdout
    assert "localfed quota" in localfed("status", "--data", reader).stdout

    released = localfed("quota", host, "--release", "--data", reader, "--json").json()
    localfed("sync", "--data", reader, "--once")

    assert released["held_back"] == 0
    assert localfed("search", "--data", reader, "rye", "--json").json()["total"] == 61
