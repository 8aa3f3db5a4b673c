"""What was tampered with is refused by both sides, each for the reason that the table gives."""

from __future__ import annotations

import json
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agreement.manipulations import GOOD, by_hand, by_one_bit
from agreement.other import verify
from agreement.verdicts import (
    KEY,
    LOG,
    OURS,
    documents_of,
    refused_at_the_door,
    refused_by_proof,
    unsigned,
)
from localfed.protocol.canonical import encode
from localfed.protocol.errors import BadKey, BadSignature
from localfed.protocol.keys import read_multikey, write_multikey
from localfed.protocol.keys import verify as verify_bytes
from localfed.protocol.proofs import hash_data, write_signature
from protocol.spec_vectors import DOCUMENTS, documents, identity_of

TAMPERED = [*by_hand(), *by_one_bit()]

# Vectors whose only fault is one of the proof, and that the other side takes: test_where_we_differ.py.
TAKEN_BY_THEM = {
    "key-that-was-revoked",
    "proof-in-array",
    "proof-of-a-previous-one",
    "proof-with-challenge",
    "proof-with-created",
    "proof-with-expires",
    "proof-with-id",
    "proof-with-nonce",
    "two-proofs",
    "value-with-space",
}


@pytest.fixture(scope="module")
def said(ask):
    answers = ask(verify(case.body, documents_of(case.log)) for case in TAMPERED)
    return {case.name: answer for case, answer in zip(TAMPERED, answers, strict=True)}


def test_what_is_tampered_with_is_good_before(ask):
    (answer,) = ask([verify(encode(GOOD), documents_of(LOG))])

    assert answer["verified"]
    assert refused_by_proof(encode(GOOD), OURS) is None
    assert refused_at_the_door(encode(GOOD), OURS) is None


def test_the_table_of_manipulations_names_each_once():
    assert len({case.name for case in TAMPERED}) == len(TAMPERED)
    assert len({(case.body, case.log) for case in TAMPERED}) == len(TAMPERED)


@pytest.mark.parametrize("case", TAMPERED, ids=lambda case: case.name)
def test_a_document_that_was_tampered_with_is_refused_by_both(case, said):
    """LF-PROOF-1, LF-PROOF-2, LF-PROOF-3, LF-PROOF-4, LF-PROOF-5."""
    answer = said[case.name]
    identity = identity_of(case.log)

    assert not answer["verified"]
    assert case.words in answer["error"]
    assert refused_by_proof(case.body, identity) == case.code
    assert refused_at_the_door(case.body, identity) is not None


def test_one_bit_anywhere_in_the_bytes_is_enough_for_both(ask):
    """LF-PROOF-3: at each byte of a document one bit is turned, by the seed another one each time."""
    good = encode(GOOD)
    chance = random.Random(20260505)
    turned = [
        good[:at] + bytes([good[at] ^ 1 << chance.randrange(7)]) + good[at + 1 :]
        for at in range(len(good))
    ]

    answers = ask(verify(body, documents_of(LOG)) for body in turned)

    assert len(turned) > 1_000
    # Most still are JSON, so that it is the signature that says no.
    assert sum("Invalid signature" in answer["error"] for answer in answers) > len(turned) / 2
    assert [body for body, answer in zip(turned, answers, strict=True) if answer["verified"]] == []
    assert [body for body in turned if refused_at_the_door(body, OURS) is None] == []


def test_invalid_vectors_of_the_section_on_proofs_are_refused_by_both(ask):
    """LF-PROOF-1 to LF-PROOF-5: all of them but for those of the table, which we alone refuse."""
    cases = [case for case in documents(valid=False) if case["rule"].startswith("LF-PROOF-")]

    answers = ask(
        verify((DOCUMENTS / case["file"]).read_bytes(), documents_of(case["log"])) for case in cases
    )

    assert len(cases) > 30
    taken = {
        case["name"] for case, answer in zip(cases, answers, strict=True) if answer["verified"]
    }
    assert taken == TAKEN_BY_THEM


def test_a_key_of_small_order_verifies_nothing_for_either(ask):
    """LF-KEY-2, LF-KEY-3: with the neutral element as the key, one signature would fit every text.

    It does for OpenSSL, asked through `cryptography`. Node asks OpenSSL too, but looks at the key first.
    """
    neutral = b"\1" + bytes(31)
    # R the neutral element, S zero: S·B = R + k·A, whatever was hashed into k.
    anything = neutral + bytes(32)
    multikey = write_multikey(neutral)
    options = {
        **{name: value for name, value in GOOD["proof"].items() if name != "proofValue"},
        "verificationMethod": f"{OURS.did}#{multikey}",
    }
    state = json.loads(json.dumps(documents_of(LOG)[OURS.did]).replace(KEY.multikey, multikey))
    body = encode({**GOOD, "proof": {**options, "proofValue": write_signature(anything)}})
    hashed = hash_data(unsigned(GOOD), options)

    (answer,) = ask([verify(body, {OURS.did: state})])

    assert "Invalid signature" in answer["error"]
    with pytest.raises(BadSignature):
        verify_bytes(neutral, anything, hashed)
    with pytest.raises(BadKey):
        read_multikey(multikey)
    Ed25519PublicKey.from_public_bytes(neutral).verify(anything, hashed)
