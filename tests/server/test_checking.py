"""verify, resolve, status: what can be checked without the network."""

import json

import pytest

from protocol.spec_vectors import VECTORS, read_json

OFFER = '{"type":"Offer","name":{"en":"Veg box"}}'


@pytest.fixture
def offer(localfed, node, tmp_path):
    grocer = node()
    document_id = localfed("publish", "--data", grocer, "-", stdin=OFFER).stdout.strip()
    file = tmp_path / "offer.json"
    file.write_text(localfed("show", "--data", grocer, document_id).stdout)
    grocer.offer, grocer.file = document_id, file
    return grocer


def test_verify_accepts_what_show_prints(localfed, offer):
    done = localfed("verify", offer.file, "--data", offer, "--json")

    assert done.exit_code == 0, done.stderr
    told = done.json()
    assert (told["valid"], told["listed"], told["id"]) == (True, True, offer.offer)


def test_verify_needs_to_know_the_issuer(localfed, offer, node):
    assert "identity-needed" in localfed("verify", offer.file).stderr
    assert "identity-needed" in localfed("verify", offer.file, "--data", node("other")).stderr


def test_verify_tells_that_an_older_revision_is_not_listed(localfed, offer):
    draft = {"type": "Offer", "id": offer.offer, "name": "Other"}
    localfed("publish", "--data", offer, "-", stdin=json.dumps(draft))

    done = localfed("verify", offer.file, "--data", offer, "--json")

    assert (done.exit_code, done.json()["listed"]) == (0, False)


@pytest.mark.parametrize(
    "change,code",
    [
        (lambda text: text.replace("Veg", "Vex"), "bad-signature"),
        (lambda text: text + "\n", "not-canonical"),
        (lambda text: text.replace('{"@', '{ "@', 1), "not-canonical"),
        (lambda text: text[:-1], "not-json"),
        (lambda text: text.replace("/d/", "/e/", 1), "wrong-path"),
        (lambda text: text.replace('"Offer"', '"Head"'), "wrong-shape"),
        (lambda text: text.replace("localfed/1.0", "localfed/2.0"), "unknown-context"),
        (lambda text: text.replace('"revision":', '"revision":-'), "wrong-shape"),
    ],
)
def test_verify_refuses_every_change(localfed, offer, change, code):
    offer.file.write_text(change(offer.file.read_text()))

    done = localfed("verify", offer.file, "--data", offer)

    assert done.exit_code == 1
    assert f"localfed: {code}:" in done.stderr


def test_verify_as_of_another_time_sees_that_it_expired(localfed, offer):
    done = localfed("verify", offer.file, "--data", offer, "--at", "2099-01-01T00:00:00Z")

    assert (done.exit_code, "localfed: expired:" in done.stderr) == (1, True)


def test_status_does_not_change_with_the_clock(localfed, offer):
    first = localfed("status", "--data", offer, "--json").stdout
    second = localfed("status", "--data", offer, "--json").stdout

    assert first == second
    assert json.loads(first)["counts"]["documents_live"] == 2


def test_resolve_tells_whose_log_it_is(localfed, tmp_path):
    from localfed.store.sqlite import SqliteStore

    localfed("init", "--data", tmp_path / "n", "--name", "N", "--url", "https://n.example/shop")
    store = SqliteStore.open(tmp_path / "n")
    publisher = store.publishers()[0]
    (tmp_path / "did.jsonl").write_bytes(publisher.log)
    store.close()

    done = localfed("resolve", tmp_path / "did.jsonl", "--did", publisher.did, "--json")

    assert done.exit_code == 0, done.stderr
    assert done.json()["didDocument"]["id"] == publisher.did
    assert done.json()["localfedProfile"] == {"holds": True, "problem": None}


@pytest.mark.parametrize("data", [b"", b"{}\n", b"[]\n", b"\xff\n", b"x" * 2_000_000])
def test_resolve_refuses_what_is_no_log(localfed, tmp_path, data):
    (tmp_path / "did.jsonl").write_bytes(data)

    done = localfed("resolve", tmp_path / "did.jsonl")

    assert done.exit_code == 1
    assert done.stderr.startswith("localfed: ")


def test_verify_says_whether_a_document_is_the_one_that_was_listed(localfed, offer):
    path = offer.offer.partition("/")[2]
    told = localfed("verify", offer.file, "--data", offer, "--json").json()
    other = told["digest"][:-1] + ("2" if told["digest"].endswith("1") else "1")

    for options, code in (
        (["--path", path, "--digest", told["digest"]], None),
        (["--path", "d/" + "a" * 26 + ".json"], "wrong-path"),
        (["--digest", other], "wrong-digest"),
    ):
        done = localfed("verify", offer.file, "--data", offer, *options)
        assert done.exit_code == (1 if code else 0)
        assert code is None or f"localfed: {code}:" in done.stderr


def test_verify_takes_nothing_for_another_kind_than_it_was_asked_for(localfed, offer):
    for kind in ("head", "message"):
        done = localfed("verify", offer.file, "--data", offer, "--as", kind)
        assert (done.exit_code, "localfed: wrong-shape:" in done.stderr) == (1, True)


def test_verify_opens_a_message_as_the_inbox_does_that_it_came_to(localfed):
    case = read_json(VECTORS / "messages" / "index.json")[0]
    file = VECTORS / "messages" / case["file"]
    log = ("--identity", VECTORS / "identity" / case["log"], "--at", case["at"])
    to = ("--to", case["hosted"][0])

    done = localfed("verify", file, *log, *to, "--json")
    nobody = localfed("verify", file, *log)
    document = localfed("verify", file, *log, "--as", "document")

    assert (done.exit_code, done.json()["type"], done.json()["listed"]) == (0, "Enquiry", None)
    assert "localfed: wrong-recipient:" in nobody.stderr
    assert "localfed: wrong-shape:" in document.stderr


def test_verify_reads_what_nobody_signs(localfed):
    for kind, text, holds in (
        ("clock", "{}", "0 organisations"),
        ("post", "{}\n", "a ping"),
        ("post", "{}\n{}\n", "a log and a message"),
    ):
        done = localfed("verify", "--as", kind, "-", "--json", stdin=text)
        assert (done.exit_code, done.json()["holds"]) == (0, holds)


def test_verify_asks_for_what_it_needs(localfed, tmp_path):
    (tmp_path / "a").write_bytes(b"{}")

    page = localfed("verify", "--as", "page", tmp_path / "a")
    two = localfed("verify", tmp_path / "a", tmp_path / "a")

    assert (page.exit_code, "--path" in page.stderr) == (2, True)
    assert (two.exit_code, "only a snapshot" in two.stderr) == (2, True)


def test_resolve_refuses_a_did_that_is_none(localfed, tmp_path):
    (tmp_path / "did.jsonl").write_bytes(b"")

    done = localfed("resolve", tmp_path / "did.jsonl", "--did", "did:web:grocer.example")

    assert (done.exit_code, "localfed: bad-did:" in done.stderr) == (1, True)
