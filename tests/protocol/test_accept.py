"""The door: the order of checks, and that two ways through it are one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from localfed.protocol import accept, limits
from localfed.protocol.accept import open_document, open_head
from localfed.protocol.canonical import encode, parse_object
from localfed.protocol.digest import digest
from localfed.protocol.errors import (
    BadProof,
    BadSignature,
    BadTime,
    Closed,
    Expired,
    NotCanonical,
    Rejected,
    TooLarge,
    UnknownKey,
    WrongDigest,
    WrongIssuer,
    WrongPath,
    WrongShape,
)
from localfed.protocol.keys import SigningKey
from localfed.protocol.proofs import sign
from protocol.spec_vectors import DOCUMENTS, FEED, at, documents, identity_of, name_of

IDENTITY = identity_of("../identity/valid/created.jsonl")
CLOSED = identity_of("../identity/valid/closed.jsonl")
KEY = SigningKey(b"\x01" * 32)
NOW = datetime(2026, 5, 3, tzinfo=UTC)
BODY = (DOCUMENTS / "valid" / "offer-smallest.json").read_bytes()
PATH = f"d/{'a' * 26}.json"


def offer(**changes):
    value = {**parse_object(BODY), **changes}
    del value["proof"]
    return {name: item for name, item in value.items() if item is not ...}


def signed(key=KEY, **changes):
    return sign(offer(**changes), key, f"{IDENTITY.did}#{key.multikey}")


def refusal(body, *, identity=IDENTITY, now=NOW, path=PATH, listed=None):
    with pytest.raises(Rejected) as caught:
        open_document(body, identity=identity, now=now, path=path, digest=listed)
    return type(caught.value)


def test_each_step_of_the_door_comes_before_the_next():
    """LF-ACCEPT-1, LF-ACCEPT-2, LF-ACCEPT-3, LF-ACCEPT-4, LF-ACCEPT-5, LF-ACCEPT-6, LF-ACCEPT-8.

    One body with a fault at every step; the faults are mended one by one, the first first.
    """
    stranger = SigningKey(b"\x07" * 32)
    late = NOW + timedelta(days=400)
    faults = {"license": 7, "issuer": "did:x", "expires": "2029-01-01T00:00:00Z"}
    formed = {"issuer": faults["issuer"], "expires": faults["expires"]}
    wrong = "zQm" + "1" * 44

    steps = [
        refusal(b" " + b"x" * limits.DOCUMENT_BYTES, listed=wrong),
        refusal(b" " + signed(stranger, **faults), listed=wrong),
        refusal(b" " + signed(stranger, **faults)),
        refusal(signed(stranger, **faults)),
        refusal(signed(stranger, **formed)),
        refusal(signed(stranger, expires=faults["expires"]), path="d/x.json"),
        refusal(encode({**offer(expires=faults["expires"]), "proof": {}})),
        refusal(signed(stranger, expires=faults["expires"])),
        refusal(signed(expires=faults["expires"]).replace(b"Veg", b"Leg")),
        refusal(signed(expires=faults["expires"]), now=late),
        refusal(signed(), now=late),
    ]

    assert steps == [
        TooLarge,
        WrongDigest,
        NotCanonical,
        WrongShape,
        WrongIssuer,
        WrongPath,
        BadProof,
        UnknownKey,
        BadSignature,
        BadTime,
        Expired,
    ]


def test_what_passes_is_told_with_its_bytes_as_they_came():
    """LF-BYTES-11, LF-ACCEPT-9."""
    checked = open_document(BODY, identity=IDENTITY, now=NOW, path=PATH, digest=digest(BODY))

    assert checked.body is BODY
    assert (checked.path, checked.digest) == (PATH, digest(BODY))
    assert checked.document.name == {"en": "Veg box"}
    assert checked.is_shown


def test_a_document_says_its_own_path_where_none_was_listed():
    """LF-DOC-6, LF-DOC-7."""
    assert open_document(BODY, identity=IDENTITY, now=NOW).path == PATH
    assert refusal(signed(type="Workshop", id=f"{IDENTITY.did}/../x.json"), path=None) is WrongPath


def test_a_closed_identity_has_no_documents_any_more():
    """LF-DOC-5, LF-ID-8: and a document of somebody else is just that."""
    assert refusal(BODY, identity=CLOSED) is Closed
    assert refusal(BODY.replace(b"grocer", b"butcher"), identity=CLOSED) is WrongIssuer


def test_a_key_is_taken_from_the_log_and_never_from_the_document():
    """LF-PROOF-4, LF-ACCEPT-6, LF-ACCEPT-7."""
    forger = SigningKey(b"\x09" * 32)
    by_forger = sign(offer(), forger, f"{IDENTITY.did}#{KEY.multikey}")

    assert refusal(signed(forger)) is UnknownKey
    assert refusal(by_forger) is BadSignature


def test_nothing_is_told_of_a_document_whose_proof_fails():
    """LF-PROOF-6, LF-ACCEPT-7: the error holds nothing that only the document said."""
    body = BODY.replace(b"Veg box", b"Buy now")

    with pytest.raises(BadSignature) as caught:
        open_document(body, identity=IDENTITY, now=NOW)

    assert "Buy now" not in caught.value.message + caught.value.detail


@pytest.mark.parametrize("case", documents(valid=True), ids=name_of)
def test_the_quick_way_and_the_long_way_see_the_same(case, monkeypatch):
    """LF-ACCEPT-4: known documents are decoded in one step; that must change nothing."""
    body = (DOCUMENTS / case["file"]).read_bytes()
    identity = identity_of(case["log"])
    quick = open_document(body, identity=identity, now=at(case), path=case["path"])

    monkeypatch.setattr(accept, "_see_quickly", lambda _: None)
    long = open_document(body, identity=identity, now=at(case), path=case["path"])

    seen = {name: getattr(quick.document, name) for name in long.document.__struct_fields__}
    assert seen == {name: getattr(long.document, name) for name in long.document.__struct_fields__}
    assert (quick.path, quick.digest, quick.is_shown) == (long.path, long.digest, long.is_shown)


@pytest.mark.parametrize("case", documents(valid=False), ids=name_of)
def test_the_quick_way_refuses_with_the_same_code(case, monkeypatch):
    """LF-ACCEPT-4."""
    monkeypatch.setattr(accept, "_see_quickly", lambda _: None)

    with pytest.raises(Rejected) as caught:
        open_document(
            (DOCUMENTS / case["file"]).read_bytes(),
            identity=identity_of(case["log"]),
            now=at(case),
            path=case["path"],
            digest=case["digest"],
        )

    assert caught.value.code == case["code"]


def test_common_documents_do_go_the_quick_way():
    """Else the two tests above would compare the long way with itself."""
    quick = [
        case["name"]
        for case in documents(valid=True)
        if accept._see_quickly((DOCUMENTS / case["file"]).read_bytes()) is not None
    ]

    assert {"offer-smallest", "offer-full", "own-record", "listed-record"} <= set(quick)
    assert not {"unknown-type", "unknown-critical", "extension"} & set(quick)


def test_any_changed_byte_of_a_document_is_seen():
    """LF-PROOF-3, LF-BYTES-1: one bit anywhere, and it is not this document."""
    for position in range(len(BODY)):
        changed = bytearray(BODY)
        changed[position] ^= 1
        refusal(bytes(changed))


def test_a_document_that_cannot_be_shown_is_stored_all_the_same():
    """LF-DOC-4, LF-DOC-12."""
    known = open_document(signed(critical=["name", "proof"]), identity=IDENTITY, now=NOW)
    unknown = open_document(signed(critical=["later"], later=1), identity=IDENTITY, now=NOW)
    later = open_document(
        signed(type="Workshop", id=f"{IDENTITY.did}/w/x.json", name=7), identity=IDENTITY, now=NOW
    )

    assert (known.is_shown, unknown.is_shown, later.is_shown) == (True, False, False)
    assert later.body == signed(type="Workshop", id=f"{IDENTITY.did}/w/x.json", name=7)


def test_an_expired_head_still_is_one():
    """LF-HEAD-8, LF-READ-12."""
    body = (FEED / "heads" / "before-any-snapshot.json").read_bytes()
    late = NOW + timedelta(days=1_000)

    checked = open_head(body, identity=IDENTITY, now=late)

    assert checked.body is body
    assert checked.state.seq == json.loads(body)["seq"]
    assert checked.state.chain == json.loads(body)["chain"]


def test_a_document_is_no_head_and_a_head_no_document():
    """LF-HEAD-1, LF-DOC-13."""
    head = (FEED / "heads" / "before-any-snapshot.json").read_bytes()

    with pytest.raises(WrongShape):
        open_head(BODY, identity=IDENTITY, now=NOW)
    assert refusal(head, path="head.json") is WrongShape
