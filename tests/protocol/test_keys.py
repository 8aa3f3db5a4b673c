"""Ed25519 keys: Multikeys, strict verification."""

from __future__ import annotations

import json

import pytest

from localfed.protocol import base58
from localfed.protocol.errors import BadKey, BadSignature
from localfed.protocol.keys import SigningKey, read_multikey, verify, write_multikey
from protocol.identity_vectors import read_json

MULTIKEYS = read_json("multikeys.json")
SIGNATURES = read_json("signatures.json")


@pytest.mark.parametrize("case", MULTIKEYS["valid"], ids=lambda case: case["multikey"][:8])
def test_a_key_has_one_multikey(case):
    """LF-KEY-1."""
    key = SigningKey(bytes.fromhex(case["seed"]))

    assert key.public.hex() == case["public"]
    assert key.multikey == write_multikey(key.public) == case["multikey"]
    assert read_multikey(case["multikey"]) == key.public


@pytest.mark.parametrize("case", MULTIKEYS["invalid"], ids=lambda case: case["multikey"][:60])
def test_what_is_no_multikey_of_a_good_point_is_refused(case):
    """LF-KEY-1, LF-KEY-2."""
    with pytest.raises(BadKey):
        read_multikey(case["multikey"])


def test_a_signature_under_the_right_key_verifies():
    """LF-KEY-3."""
    (case,) = SIGNATURES["valid"]

    verify(*(bytes.fromhex(case[name]) for name in ("public", "signature", "message")))


@pytest.mark.parametrize("case", SIGNATURES["invalid"], ids=lambda case: case["why"])
def test_a_signature_that_is_not_strict_is_refused(case):
    """LF-KEY-3."""
    with pytest.raises(BadSignature):
        verify(*(bytes.fromhex(case[name]) for name in ("public", "signature", "message")))


def test_wycheproof_agrees_with_us_on_every_signature(vectors_dir):
    """LF-KEY-3."""
    suite = json.loads((vectors_dir / "ed25519/wycheproof-ed25519_test.json").read_bytes())
    disagreements = []
    count = 0
    for group in suite["testGroups"]:
        public = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            count += 1
            try:
                verify(public, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
                said = "valid"
            except BadSignature:
                said = "invalid"
            if said != case["result"]:
                disagreements.append((case["tcId"], case["comment"]))

    assert count == suite["numberOfTests"] > 100
    assert disagreements == []


def test_the_multikeys_of_did_key_round_trip(vectors_dir):
    """LF-KEY-1."""
    suite = json.loads((vectors_dir / "did-key/ed25519-x25519.json").read_bytes())

    assert suite
    for did, case in suite.items():
        multikey = did.removeprefix("did:key:")
        public = SigningKey(bytes.fromhex(case["seed"])).public
        assert read_multikey(multikey) == public
        assert write_multikey(public) == multikey
        plain = case["verificationKeyPair"].get("publicKeyBase58", base58.encode(public))
        assert base58.decode(plain) == public
        # The X25519 key beside it is a Multikey too, but not one of ours.
        with pytest.raises(BadKey):
            read_multikey(case["keyAgreementKeyPair"]["id"].removeprefix("#"))


def test_a_signing_key_never_prints_its_seed():
    key = SigningKey(b"\x07" * 32)

    assert key.seed.hex() not in repr(key)
    with pytest.raises(BadKey):
        SigningKey(b"short")
