"""What we sign verifies with the other implementation."""

from __future__ import annotations

import json

import pytest

from agreement import drafts
from agreement.other import verify
from agreement.verdicts import documents_of, refused_at_the_door
from localfed.protocol.accept import DOCUMENT_TYPES
from protocol import identity_vectors
from protocol.spec_vectors import DOCUMENTS, FEED, documents, feed_cases, name_of

VALID = documents(valid=True)
HEADS = [case for case in feed_cases("head") if "code" not in case]
LOGS = [
    *identity_vectors.cases("profile", valid=True),
    *identity_vectors.cases("resolver", valid=True),
]


@pytest.fixture(scope="module")
def said_of_vectors(ask):
    cases = [(DOCUMENTS, case) for case in VALID] + [(FEED, case) for case in HEADS]
    answers = ask(
        verify((folder / case["file"]).read_bytes(), documents_of(case["log"]))
        for folder, case in cases
    )
    return {case["file"]: answer for (_, case), answer in zip(cases, answers, strict=True)}


@pytest.mark.parametrize("case", [*VALID, *HEADS], ids=name_of)
def test_a_valid_vector_verifies_with_the_other_implementation(case, said_of_vectors):
    """LF-PROOF-1, LF-PROOF-2, LF-PROOF-3, LF-PROOF-5."""
    answer = said_of_vectors[case["file"]]

    assert answer["verified"], answer["error"]


def test_the_other_implementation_asks_for_the_key_and_its_controller_alone(said_of_vectors):
    """No context is loaded: the JSON is signed as it is (section 4)."""
    for answer in said_of_vectors.values():
        method, controller = answer["loaded"]
        assert method.startswith(f"{controller}#z6Mk")


def test_a_hundred_varied_records_and_some_heads_verify_with_the_other_implementation(ask):
    """LF-PROOF-3: texts of many scripts, language maps, extensions, numbers at their ends."""
    written = [*drafts.records(), *drafts.heads()]

    answers = ask(verify(one.body, drafts.known()) for one in written)

    assert {one.kind for one in written} == {*DOCUMENT_TYPES, "Head"}
    assert (
        len({one.body for one in written})
        == drafts.RECORDS + drafts.HALVES + drafts.CONTACTS + drafts.EXCHANGES + drafts.HEADS
    )
    assert [
        (one.name, answer["error"])
        for one, answer in zip(written, answers, strict=True)
        if not answer["verified"]
    ] == []
    assert {one.name: refused_at_the_door(one.body, drafts.identity()) for one in written} == (
        dict.fromkeys((one.name for one in written), None)
    )


def did_key(method):
    """The DID document that a did:key stands for."""
    did, _, multikey = method.partition("#")
    entry = {"id": method, "type": "Multikey", "controller": did, "publicKeyMultibase": multikey}
    return {
        did: {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": did,
            "verificationMethod": [entry],
            "assertionMethod": [method],
        }
    }


def test_every_proof_of_every_valid_log_verifies_with_the_other_implementation(ask):
    """LF-LOG-8: also of logs that are not of our profile, each proof by itself."""
    asked, names = [], []
    for case in LOGS:
        for line in identity_vectors.read_log(case).splitlines():
            entry = json.loads(line)
            proofs = entry["proof"] if isinstance(entry["proof"], list) else [entry["proof"]]
            for proof in proofs:
                text = json.dumps({**entry, "proof": proof})
                asked.append(verify(text, did_key(proof["verificationMethod"])))
                names.append((case["name"], entry["versionId"]))

    answers = ask(asked)

    assert len(asked) > len(LOGS)
    assert [
        (name, answer["error"])
        for name, answer in zip(names, answers, strict=True)
        if not answer["verified"]
    ] == []
