"""Proofs: what is signed, and the official vectors of eddsa-jcs-2022."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from localfed.protocol import base58
from localfed.protocol.canonical import encode, parse_object
from localfed.protocol.errors import BadProof, BadSignature
from localfed.protocol.keys import SigningKey, read_multikey, verify
from localfed.protocol.proofs import (
    check_canonical,
    check_options,
    check_signature,
    hash_data,
    read_signature,
    sign,
    write_signature,
)

CONTEXT = "https://w3id.org/localfed/1.0"
KEY = SigningKey(b"\x01" * 32)
METHOD = f"did:example:a#{KEY.multikey}"
DOCUMENT = {"@context": CONTEXT, "name": {"en": 'Veg "box"\n'}, "zebra": [1, 2]}


@pytest.fixture
def official(vectors_dir):
    folder = vectors_dir / "data-integrity"

    def read(name):
        return (folder / name).read_text(encoding="utf-8")

    return read


def test_every_step_of_the_official_vectors_comes_out_byte_for_byte(official):
    """LF-PROOF-3: every intermediate file of the suite's own example."""
    document = json.loads(official("unsigned.json"))
    options = json.loads(official("eddsa-jcs-2022/proofConfigJCS.json"))
    pair = json.loads(official("keyPair.json"))
    seed = base58.decode(pair["privateKeyMultibase"][1:])[2:]
    key = SigningKey(seed)

    both = hash_data(document, options)
    signature = key.sign(both)

    assert key.multikey == pair["publicKeyMultibase"]
    assert encode(document).decode() == official("eddsa-jcs-2022/canonDocJCS.txt")
    assert encode(options).decode() == official("eddsa-jcs-2022/proofCanonJCS.txt")
    assert sha256(encode(document)).hexdigest() == official("eddsa-jcs-2022/docHashJCS.txt")
    assert sha256(encode(options)).hexdigest() == official("eddsa-jcs-2022/proofHashJCS.txt")
    assert both.hex() == official("eddsa-jcs-2022/combinedHashJCS.txt")
    assert signature.hex() == official("eddsa-jcs-2022/sigHexJCS.txt")
    assert write_signature(signature) == official("eddsa-jcs-2022/sigBTC58JCS.txt")
    assert {**document, "proof": {**options, "proofValue": write_signature(signature)}} == (
        json.loads(official("eddsa-jcs-2022/signedJCS.json"))
    )


def test_the_official_signed_document_verifies_and_a_changed_one_does_not(official):
    """LF-PROOF-3, LF-PROOF-5."""
    signed = json.loads(official("eddsa-jcs-2022/signedJCS.json"))
    public = read_multikey(json.loads(official("keyPair.json"))["publicKeyMultibase"])
    proof = signed.pop("proof")
    signature = read_signature(proof.pop("proofValue"))

    verify(public, signature, hash_data(signed, proof))
    signed["name"] += "!"
    with pytest.raises(BadSignature):
        verify(public, signature, hash_data(signed, proof))


def test_what_is_signed_verifies_in_both_ways():
    """LF-PROOF-1, LF-PROOF-2, LF-PROOF-3: by the value and by the bytes alone."""
    body = sign(DOCUMENT, KEY, METHOD)
    value = parse_object(body)
    proof = value["proof"]

    assert check_options(value) == METHOD
    check_signature(value, KEY.public)
    check_canonical(
        body,
        context=CONTEXT,
        method=METHOD,
        value=proof["proofValue"],
        public=KEY.public,
    )
    assert {name: value[name] for name in DOCUMENT} == DOCUMENT
    assert sorted(proof) == sorted(
        ["@context", "type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue"]
    )


def test_bytes_with_their_proof_cut_out_are_the_document():
    """LF-PROOF-3: cutting out the member and a comma gives what was hashed, wherever it stands."""
    for document in (DOCUMENT, {"@context": CONTEXT}, {"@context": CONTEXT, "a": 1}):
        value = parse_object(sign(document, KEY, METHOD))
        body = encode({**value, "zz": 1})
        proof = encode(value["proof"])
        without = body.replace(b',"proof":' + proof, b"")
        assert without == encode({**document, "zz": 1})


def test_another_key_or_another_text_does_not_verify():
    """LF-PROOF-3, LF-PROOF-5."""
    body = sign(DOCUMENT, KEY, METHOD)
    other = SigningKey(b"\x02" * 32)
    changed = body.replace(b"Veg", b"Leg")
    value = parse_object(body)["proof"]["proofValue"]

    for public, text in ((other.public, body), (KEY.public, changed)):
        with pytest.raises(BadSignature):
            check_signature(parse_object(text), public)
        with pytest.raises(BadSignature):
            check_canonical(text, context=CONTEXT, method=METHOD, value=value, public=public)


def test_a_member_of_the_proof_is_signed_too():
    """LF-PROOF-3: the method cannot be exchanged afterwards."""
    value = parse_object(sign(DOCUMENT, KEY, METHOD))
    value["proof"]["verificationMethod"] += "x"

    with pytest.raises(BadSignature):
        check_signature(value, KEY.public)


@pytest.mark.parametrize("proof", [None, [], {}, "x", [{}], {"type": "DataIntegrityProof"}])
def test_a_proof_of_another_form_is_refused(proof):
    """LF-PROOF-1."""
    with pytest.raises(BadProof):
        check_options({**DOCUMENT, "proof": proof})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        base58.encode(bytes(64)),
        "u" + base58.encode(bytes(64)),
        "z" + base58.encode(bytes(63)),
        "z" + base58.encode(bytes(65)),
        "z" + "0" * 87,
        "z" + "z" * 88,
        "z" + "1" * 127,
    ],
)
def test_a_proof_value_of_another_form_is_refused(text):
    """LF-PROOF-5."""
    with pytest.raises(BadSignature):
        read_signature(text)


def test_a_signature_with_zeros_in_front_comes_back():
    """LF-PROOF-5."""
    for signature in (bytes(64), b"\0" + b"\xff" * 63, b"\xff" * 64, bytes(range(64))):
        assert read_signature(write_signature(signature)) == signature
