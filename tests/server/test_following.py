"""follow, unfollow, sync, search, between real nodes: processes, sockets, disks."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from server.liar import lying

OFFER = {
    "type": "Offer",
    "name": "Veg box",
    "location": {"latitude": -33.1, "longitude": 151.2},
}


@pytest.fixture
def grocer(localfed, node, serve):
    """A node that publishes an offer and serves it."""
    grocer = node()
    done = localfed("publish", "--data", grocer, "-", stdin=json.dumps(OFFER))
    grocer.offer = done.stdout.strip()
    grocer.process = serve(grocer)
    return grocer


@pytest.fixture
def reader(node):
    return node("reader")


def search_url(node, text):
    return f"{node.url}/api/v1/search?q={quote(text)}"


def ids(answer):
    return [one["id"] for one in answer["results"]]


def files_of(grocer, ask):
    """Every file of a node, as it serves them."""
    paths = ["/head.json", "/did.jsonl", "/org.json", "/.well-known/did.jsonl"]
    paths += ["/.well-known/localfed.json", "/" + grocer.offer.removeprefix(grocer.did + "/")]
    paths.append("/" + ask(grocer.url + "/head.json")["page"])
    return {path: _raw(grocer.url + path) for path in paths}


def _raw(url):
    import urllib.request

    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read()


def test_what_one_node_publishes_another_finds_and_checks(localfed, grocer, reader):
    """LF-FOLLOW-1, LF-READ-1, LF-SERVE-1, LF-SERVE-2: follow, sync, search, show, verify over HTTP."""
    followed = localfed("follow", "--data", reader, grocer.url, "--json")
    synced = localfed("sync", "--data", reader, "--once", "--json")
    found = localfed("search", "--data", reader, "veg", "--json")
    shown = localfed("show", "--data", reader, grocer.offer)
    verified = localfed("verify", "-", "--data", reader, "--json", stdin=shown.stdout)

    (told,) = followed.json()["followed"]
    assert (told["did"], told["url"]) == (grocer.did, grocer.url + "/")
    assert told["home_confirmed"] is not None
    assert [(one["changed"], one["problem"]) for one in synced.json()] == [(2, None)]
    assert ids(found.json()) == [grocer.offer]
    assert found.json()["results"][0]["publisher"]["did"] == grocer.did
    assert (verified.json()["valid"], verified.json()["listed"]) == (True, True)


def test_a_running_node_finds_what_a_command_does(localfed, grocer, reader, serve, ask):
    """Commands commit to the store; who serves follows its own log, and reads a new follow at once."""
    serve(reader)
    localfed("follow", "--data", reader, grocer.url)
    ask(search_url(reader, "veg"), until=lambda answer: ids(answer) == [grocer.offer])

    draft = {"type": "Need", "name": "A van"}
    need = localfed("publish", "--data", grocer, "-", stdin=json.dumps(draft)).stdout.strip()
    ask(search_url(grocer, "van"), until=lambda answer: ids(answer) == [need], seconds=5)
    localfed("sync", "--data", reader, "--once")
    ask(search_url(reader, "van"), until=lambda answer: ids(answer) == [need], seconds=5)
    localfed("withdraw", "--data", grocer, need)
    localfed("sync", "--data", reader, "--once")
    ask(search_url(reader, "van"), until=lambda answer: ids(answer) == [], seconds=5)
    localfed("unfollow", "--data", reader, grocer.url)
    ask(search_url(reader, "veg"), until=lambda answer: ids(answer) == [], seconds=5)

    assert localfed("status", "--data", reader, "--json").json()["counts"]["documents_live"] == 1


def test_a_publisher_that_stopped_is_told_and_still_found(localfed, grocer, reader):
    localfed("follow", "--data", reader, grocer.url)
    localfed("sync", "--data", reader, "--once")
    grocer.process.terminate()
    grocer.process.wait(20)

    done = localfed("sync", "--data", reader, "--once", "--json")

    assert done.exit_code == 1
    assert [one["problem"] for one in done.json()] == ["no-answer"]
    assert "localfed: no-answer: localhost" in done.stderr
    assert ids(localfed("search", "--data", reader, "veg", "--json").json()) == [grocer.offer]
    status = localfed("status", "--data", reader, "--json").json()
    assert [one["problem"] for one in status["publishers"]] == [None, "no-answer"]


@pytest.mark.parametrize(
    "url,code",
    [
        ("http://localhost:9", "no-answer"),
        ("http://grocer.example", "bad-url"),
        ("ftp://grocer.example", "bad-url"),
        ("did:webvh:x:y", "bad-did"),
        ("https://user@grocer.example", "bad-url"),
        ("", "bad-url"),
        ("https://10.0.0.1/", "forbidden-address"),
        ("https://169.254.169.254/latest/meta-data", "forbidden-address"),
        ("https://localhost:8443/", "bad-url|forbidden-address|no-answer"),
    ],
)
def test_an_address_that_cannot_be_followed_is_refused(localfed, reader, state_of, url, code):
    """LF-FETCH-1, LF-FETCH-2."""
    before = state_of(reader)

    done = localfed("follow", "--data", reader, url)

    assert (done.exit_code, done.stdout) == (1, "")
    assert any(f"localfed: {one}:" in done.stderr for one in code.split("|")), done.stderr
    assert "next:" in done.stderr
    assert state_of(reader) == before


def test_loopback_needs_the_operators_word_which_is_remembered(
    localfed, grocer, tmp_path, monkeypatch
):
    monkeypatch.delenv("LOCALFED_ALLOW_LOOPBACK")
    plain = tmp_path / "plain"
    localfed("init", "--data", plain, "--name", "Plain", "--url", "https://plain.example")

    refused = localfed("follow", "--data", plain, grocer.url)
    allowed = localfed("follow", "--data", plain, grocer.url, "--allow-loopback")
    synced = localfed("sync", "--data", plain, "--once")

    assert (refused.exit_code, "loopback-not-allowed" in refused.stderr) == (1, True)
    assert (allowed.exit_code, synced.exit_code) == (0, 0)


SITES = {
    "nothing": ({}, "not-a-node"),
    "a page": ({"/": b"<title>Shop</title><p>Hello"}, "not-a-node"),
    "a hint that is no JSON": ({"/.well-known/localfed.json": b"{"}, "not-a-node"),
    "a hint of another major version": (
        {"/.well-known/localfed.json": b'{"localfed":{"versions":["2.0"]},"organizations":[]}'},
        "not-a-node",
    ),
    "a hint nested deep": ({"/.well-known/localfed.json": b"[" * 60_000}, "not-a-node"),
    "a log that is none": ({"/did.jsonl": b'{"versionId":"1-x"}\n'}, "bad-log"),
}


@pytest.mark.parametrize("site", SITES)
def test_a_site_that_is_no_node_is_refused(localfed, reader, state_of, site):
    """LF-DISC-1, LF-DISC-3."""
    files, code = SITES[site]
    before = state_of(reader)

    with lying(files) as server:
        done = localfed("follow", "--data", reader, server.url)

    assert server.asked
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"localfed: {code}:" in done.stderr
    assert state_of(reader) == before


def test_a_hint_to_somebody_elses_identity_is_refused(localfed, grocer, reader):
    """LF-DISC-2, LF-FOLLOW-1: a site cannot claim an organisation."""
    hint = {
        "localfed": {"versions": ["1.0"]},
        "organizations": [{"did": grocer.did.replace("Q", "R", 1), "base": grocer.url + "/"}],
    }
    copy = {"/did.jsonl": _raw(grocer.url + "/did.jsonl")}

    with lying({"/.well-known/localfed.json": json.dumps(hint).encode()}) as server:
        other_did = localfed("follow", "--data", reader, server.url)
    with lying(copy) as server:
        other_place = localfed("follow", "--data", reader, server.url)

    assert other_did.exit_code == other_place.exit_code == 1
    assert "localfed: wrong-identity:" in other_place.stderr
    assert "localfed: " in other_did.stderr
    status = localfed("status", "--data", reader, "--json").json()
    assert status["counts"]["publishers_followed"] == 0


LIES = {
    "head.json": "not-json",
    "feed": "not-json",
    "document": None,
}


@pytest.mark.parametrize("kind", LIES)
def test_a_peer_that_lies_is_reported_and_changes_nothing(localfed, grocer, reader, ask, kind):
    """LF-READ-2, LF-READ-9, LF-READ-10: at the very address of the publisher."""
    files = files_of(grocer, ask)
    localfed("follow", "--data", reader, grocer.url)
    grocer.process.terminate()
    grocer.process.wait(20)
    (path,) = (
        path
        for path in files
        if path.startswith({"feed": "/feed/", "document": "/d/"}.get(kind, "/" + kind))
    )

    with lying({**files, path: b"{garbage"}, port=int(grocer.url.rsplit(":", 1)[1])) as server:
        lied = localfed("sync", "--data", reader, "--once", "--json")
        found = localfed("search", "--data", reader, "veg", "--json").json()
        server.files = files
        truth = localfed("sync", "--data", reader, "--once", "--json")

    (report,) = lied.json()
    assert report["problem"] == LIES[kind]
    assert lied.exit_code == (1 if LIES[kind] else 0)
    assert report["lacking"] == (0 if LIES[kind] else 1)
    assert ids(found) == []
    assert truth.exit_code == 0
    assert ids(localfed("search", "--data", reader, "veg", "--json").json()) == [grocer.offer]


def test_with_json_stdout_is_json_and_nothing_else(localfed, grocer, reader):
    """Hosts that were asked, hints and warnings go to stderr."""
    commands = [
        ("follow", grocer.url),
        ("sync", "--once"),
        ("search", "veg"),
        ("status",),
        ("list",),
        ("unfollow", grocer.url),
        ("sync", "--once"),
    ]

    for name, *words in commands:
        done = localfed(name, "--data", reader, "--json", *words)
        assert done.exit_code == 0, done.stderr
        assert json.loads(done.stdout) is not None
        if name == "follow":
            assert grocer.did in done.stderr


def test_options_and_text_come_in_any_order(localfed, grocer):
    words = ["--near", "-33.1,151.2"], ["--radius", "5"], ["--kind", "offer"], ["veg"], ["--json"]
    orders = [
        words,
        words[::-1],
        (words[3], words[0], words[4], words[2], words[1]),
        (words[0], words[3], *words[1:3], words[4]),
    ]

    answers = [
        localfed("search", "--data", grocer, *(word for group in order for word in group))
        for order in orders
    ]

    assert {answer.stdout for answer in answers} == {answers[0].stdout}
    (found,) = answers[0].json()["results"]
    assert (found["id"], found["kind"]) == (grocer.offer, "offer")
    assert found["distance_km"] < 0.1


def test_a_point_far_away_is_told_with_its_distance_or_cut_by_the_radius(localfed, grocer):
    near = ("--near", "-33.1,150.2")

    whole = localfed("search", "--data", grocer, "veg", *near, "--json").json()
    cut = localfed("search", "--data", grocer, "veg", *near, "--radius", "50", "--json").json()

    assert whole["results"][0]["distance_km"] == pytest.approx(93.1, abs=1)
    assert cut["results"] == []


HOSTILE_QUERIES = {
    "brackets": "(" * 3_000,
    "both brackets": "()" * 1_500,
    "operators": "AND OR NOT + - ~ ^ " * 100,
    "quotes": '"' * 2_999,
    "fields": "id:* body:[a TO b] " * 50,
    "wildcards": "*?" * 1_000,
    "backslashes": "\\" * 3_000,
    "zero bytes": "\x00" * 100,
    "emoji": "🥕" * 1_000,
    "one long word": "x" * 100_000,
    "many words": "veg " * 5_000,
    "bidi": "\u202e\u2066veg",
}


def test_no_query_can_harm_a_node(localfed, grocer, ask):
    for query, text in HOSTILE_QUERIES.items():
        done = localfed("search", "--data", grocer, "--json", "--", text)
        answer = ask(search_url(grocer, text[:2_000]))

        assert done.exit_code == 0, (query, done.stderr)
        assert isinstance(done.json()["total"], int), query
        assert "results" in answer, query
        assert grocer.process.poll() is None, query


@pytest.mark.parametrize(
    "words,code",
    [
        (["--near", "here"], "unknown-place"),
        (["--near", "91,0"], "bad-query"),
        (["--near", "nan,nan"], "unknown-place"),
        (["--near", "1,2,3"], "unknown-place"),
        (["--radius", "10"], "bad-query"),
        (["--near", "1,2", "--radius", "-1"], "bad-query"),
        (["--near", "1,2", "--radius", "inf"], "bad-query"),
        (["--kind", "gift"], "bad-query"),
        (["--limit", "0"], "bad-query"),
        (["--limit", "101"], "bad-query"),
        (["--cursor", "x"], "bad-cursor"),
        (["--cursor", "\x00\xff"], "bad-cursor"),
        (["--cursor", "MTAuYWFhYWFhYWE"], "bad-cursor"),
    ],
)
def test_a_search_that_cannot_be_meant_is_refused(localfed, reader, words, code):
    done = localfed("search", "--data", reader, *words, "--json")

    assert (done.exit_code, done.stdout) == (1, "")
    assert f"localfed: {code}:" in done.stderr


def test_results_come_in_pages(localfed, reader):
    for number in range(5):
        draft = {"type": "Offer", "name": f"Jam {number}"}
        localfed("publish", "--data", reader, "-", stdin=json.dumps(draft))

    seen, cursor = [], None
    while cursor is not None or not seen:
        more = ("--cursor", cursor) if cursor else ()
        page = localfed("search", "--data", reader, "jam", "--limit", "2", "--json", *more).json()
        seen += ids(page)
        cursor = page["next"]

    assert len(seen) == len(set(seen)) == 5


def test_unfollowing_somebody_unknown_is_refused(localfed, reader, state_of):
    before = state_of(reader)

    for name in ("https://nobody.example", reader.url, reader.did):
        done = localfed("unfollow", "--data", reader, name)
        assert (done.exit_code, "unknown-organisation" in done.stderr) == (1, True)

    assert state_of(reader) == before


def test_following_oneself_is_refused(localfed, grocer, state_of):
    before = state_of(grocer)

    done = localfed("follow", "--data", grocer, grocer.url)

    assert (done.exit_code, "wrong-identity" in done.stderr) == (1, True)
    assert state_of(grocer) == before
