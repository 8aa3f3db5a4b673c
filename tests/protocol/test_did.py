"""DIDs and the URLs that they stand for."""

from __future__ import annotations

import pytest

from localfed.protocol.did import (
    base_url,
    check_profile_did,
    did_text,
    is_base_of,
    log_url,
    parse_base,
    parse_did,
    split_id,
)
from localfed.protocol.errors import BadDid, BadUrl, LoopbackNotAllowed, OutsideProfile
from protocol.identity_vectors import read_json

SCID = "Qm" + "1" * 44
DIDS = read_json("dids.json")


def did(rest: str) -> str:
    return f"did:webvh:{SCID}:{rest}"


@pytest.mark.parametrize("case", DIDS["valid"], ids=lambda case: case["did"][58:])
def test_a_did_stands_for_its_parts_and_its_urls(case):
    """LF-DID-1, LF-DID-2, LF-DID-6."""
    read = parse_did(case["did"])

    assert (read.text, read.scid, read.host) == (case["did"], case["scid"], case["host"])
    assert list(read.path) == case["path"]
    assert log_url(read) == case["logUrl"]
    assert base_url(read) == case["baseUrl"]


@pytest.mark.parametrize("rule", ["LF-DID-1", "LF-DID-2", "LF-DID-3", "LF-DID-4", "LF-DID-5"])
def test_what_breaks_a_rule_of_dids_is_no_did(rule):
    texts = [case["did"] for case in DIDS["invalid"] if case["rule"] == rule]

    assert texts
    for text in texts:
        with pytest.raises(BadDid):
            parse_did(text)


@pytest.mark.parametrize(
    "rest",
    [
        "example.com:..:..:admin",
        "127%2E0%2E0%2E1",
        "127%2e0%2e0%2e1",
        "169%2E254%2E169%2E254",
        "127.0.0.1#x",
    ],
)
def test_the_official_negative_dids_are_refused(rest):
    """LF-DID-3, LF-DID-4, LF-DID-5: the negative scenarios of the suite that have no log."""
    with pytest.raises(BadDid):
        parse_did(did(rest))


@pytest.mark.parametrize(
    "rest", ["Grocer.example", "bücher.example", "grocer.example%3A8443", "xn--a.example"]
)
def test_the_profile_wants_one_spelling_of_a_host(rest):
    """LF-DID-7."""
    with pytest.raises(OutsideProfile):
        check_profile_did(parse_did(did(rest)), allow_loopback=False)


@pytest.mark.parametrize("rest", ["a.example:a~b", "a.example:.well-known", "a.example:%C3%A9"])
def test_the_profile_wants_plain_paths(rest):
    """LF-DID-8."""
    with pytest.raises(OutsideProfile):
        check_profile_did(parse_did(did(rest)), allow_loopback=False)


@pytest.mark.parametrize("rest", ["a.example", "xn--bcher-kva.example", "a.example:b:C_d-1.2"])
def test_the_profile_takes_plain_hosts_and_paths(rest):
    """LF-DID-7, LF-DID-8."""
    check_profile_did(parse_did(did(rest)), allow_loopback=False)


def test_loopback_needs_the_word_of_the_operator():
    """LF-DID-9."""
    local = parse_did(did("localhost%3A8001"))

    check_profile_did(local, allow_loopback=True)
    assert base_url(local) == "http://localhost:8001/"
    with pytest.raises(LoopbackNotAllowed):
        check_profile_did(local, allow_loopback=False)
    with pytest.raises(OutsideProfile):
        check_profile_did(parse_did(did("localhost%3a8001")), allow_loopback=True)


@pytest.mark.parametrize(
    "given, base, rest",
    [
        ("https://grocer.example", "https://grocer.example/", "grocer.example"),
        ("https://grocer.example/", "https://grocer.example/", "grocer.example"),
        ("https://grocer.example:443/", "https://grocer.example/", "grocer.example"),
        ("https://Grocer.Example/A", "https://grocer.example/A/", "grocer.example:A"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/", "xn--bcher-kva.example"),
        ("https://a.example/b/c_d/", "https://a.example/b/c_d/", "a.example:b:c_d"),
        ("http://localhost:8001", "http://localhost:8001/", "localhost%3A8001"),
    ],
)
def test_an_address_that_a_person_types_gets_its_one_form(given, base, rest):
    """LF-DID-10."""
    assert parse_base(given, allow_loopback=True) == base
    assert did_text(SCID, given, allow_loopback=True) == did(rest)
    assert base_url(parse_did(did(rest))) == base


@pytest.mark.parametrize(
    "given",
    [
        "",
        "grocer.example",
        "ftp://grocer.example/",
        "http://grocer.example/",
        "http://localhost/",
        "https://localhost:8001/",
        "http://127.0.0.1:8001/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://user@grocer.example/",
        "https://grocer.example:8443/",
        "https://grocer.example/?a=1",
        "https://grocer.example/#a",
        "https://grocer.example/a:b/",
        "https://grocer.example/a%20b/",
        "https://grocer.example/../",
        "https://grocer.example//",
        "https://grocer.example/.well-known/",
        "https://grocer/",
        "https://gro cer.example/",
        "https://" + "a." * 200 + "example/",
    ],
)
def test_an_address_without_a_did_is_refused(given):
    """LF-DID-10."""
    with pytest.raises(BadUrl):
        parse_base(given, allow_loopback=True)


def test_a_loopback_address_is_refused_without_permission():
    """LF-DID-9, LF-DID-10."""
    with pytest.raises(LoopbackNotAllowed):
        did_text(SCID, "http://localhost:8001/", allow_loopback=False)


def test_an_id_is_a_did_and_a_path():
    """LF-DID-1."""
    assert split_id(did("a.example:b") + "/d/x.json") == (did("a.example:b"), "d/x.json")
    for text in (did("a.example"), did("a.example") + "/", "x/y", "/y", did("10.1") + "/y"):
        with pytest.raises(BadDid):
            split_id(text)


@pytest.mark.parametrize("rest", ["/", "//", "/x/", "x//", "./", "../", ".well-known/", "x"])
def test_a_base_that_is_not_in_its_one_form_is_none(rest):
    """LF-ID-16, LF-DID-5."""
    did = parse_did("did:webvh:" + "Q" * 46 + ":b.example")

    assert is_base_of("https://b.example/x/", did)
    assert not is_base_of(f"https://b.example/{rest}", did)
