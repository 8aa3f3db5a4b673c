"""What the other implementation signs is accepted by us, and is ours to the byte.

Ed25519 signs the same bytes under the same key to the same signature. So equal documents show more
than that each side verifies what the other made: both canonical forms and both hashes are the same.
"""

from __future__ import annotations

import json

import pytest

from agreement import drafts
from agreement.other import sign, sign_usually
from agreement.verdicts import (
    KEY,
    OURS,
    SEEDS,
    refused_at_the_door,
    refused_by_proof,
    unsigned,
)
from localfed.protocol.canonical import encode
from localfed.protocol.identity import read_identity
from localfed.protocol.kit import Kit
from protocol import identity_vectors
from protocol.spec_vectors import (
    DOCUMENTS,
    FEED,
    at,
    document_named,
    documents,
    feed_cases,
    identity_of,
    name_of,
)

VALID = documents(valid=True)
HEADS = [case for case in feed_cases("head") if "code" not in case]
PROOF_MEMBERS = {
    "@context",
    "type",
    "cryptosuite",
    "verificationMethod",
    "proofPurpose",
    "proofValue",
}


def request(body, seed=None):
    """Ask for a document of ours to be signed anew: they see neither our proof nor our spelling."""
    document = json.loads(body)
    method = document["proof"]["verificationMethod"]
    text = json.dumps(dict(reversed(unsigned(document).items())), indent=1)
    return sign(text.encode(), seed or SEEDS[method.partition("#")[2]], method)


@pytest.fixture(scope="module")
def vectors_by_them(ask):
    cases = [(DOCUMENTS, case) for case in VALID] + [(FEED, case) for case in HEADS]
    answers = ask(request((folder / case["file"]).read_bytes()) for folder, case in cases)
    return {case["file"]: answer for (_, case), answer in zip(cases, answers, strict=True)}


@pytest.mark.parametrize("case", VALID, ids=name_of)
def test_a_document_that_they_sign_is_accepted_and_is_ours_to_the_byte(case, vectors_by_them):
    """LF-PROOF-1, LF-PROOF-2, LF-PROOF-3, LF-PROOF-5, LF-BYTES-1."""
    answer = vectors_by_them[case["file"]]
    body = answer["text"].encode()

    assert set(answer["proof"]) == PROOF_MEMBERS
    assert refused_at_the_door(body, identity_of(case["log"]), at(case)) is None
    assert body == (DOCUMENTS / case["file"]).read_bytes()


@pytest.mark.parametrize("case", HEADS, ids=name_of)
def test_a_head_that_they_sign_is_accepted_and_is_ours_to_the_byte(case, vectors_by_them):
    """LF-HEAD-1, LF-PROOF-3."""
    body = vectors_by_them[case["file"]]["text"].encode()

    assert refused_at_the_door(body, identity_of(case["log"], FEED), at(case)) is None
    assert body == (FEED / case["file"]).read_bytes()


def test_a_hundred_varied_records_and_some_heads_that_they_sign_are_ours_to_the_byte(ask):
    """LF-PROOF-3, LF-BYTES-1: the library's canonical form is ours."""
    written = [*drafts.records(), *drafts.heads()]

    answers = ask(request(one.body, drafts.SEED) for one in written)

    bodies = [answer["text"].encode() for answer in answers]
    assert [refused_at_the_door(body, drafts.identity()) for body in bodies] == [None] * len(bodies)
    assert bodies == [one.body for one in written]


def test_log_entries_that_they_sign_make_a_log_of_ours_to_the_byte(ask):
    """LF-LOG-8, LF-ID-9: `created` is there, `@context` is not."""
    kits = [Kit(bytes(range(32))), Kit(bytes(range(32, 64))), Kit(bytes(32))]
    seeds = {key.multikey: key.seed for kit in kits for key in map(kit.update_key, range(8))}
    names = ["created", "key-added", "moved", "trustee-signed", "closed", "stolen-key"]
    logs = {name: identity_vectors.log_named(name) for name in names}
    entries = [(name, json.loads(line)) for name in names for line in logs[name].splitlines()]

    requests = []
    for _, entry in entries:
        method = entry["proof"][0]["verificationMethod"]
        body, created = encode(unsigned(entry)), entry["proof"][0]["created"]
        requests.append(sign(body, seeds[method.partition("#")[2]], method, created=created))
    answers = ask(requests)

    made = dict.fromkeys(names, b"")
    for (name, entry), answer in zip(entries, answers, strict=True):
        made[name] += encode({**unsigned(entry), "proof": [answer["proof"]]}) + b"\n"
    assert made == logs
    now = identity_vectors.now_of({"now": "2026-12-01T00:00:00Z"})
    assert read_identity(made["moved"], now=now).did == OURS.did


@pytest.fixture(scope="module")
def usual(ask):
    """A document signed as the library's manual shows it: `jsigs.sign` with a date."""
    offer = unsigned(json.loads(document_named("offer-full")))
    method = f"{OURS.did}#{KEY.multikey}"
    (answer,) = ask([sign_usually(encode(offer), KEY.seed, method, created="2026-05-02T09:30:00Z")])
    return answer["text"].encode()


def test_what_their_usual_call_makes_is_refused_for_its_proof_and_its_context(usual):
    """LF-PROOF-1, LF-DOC-2: it adds a context to the document, and `created` to the proof."""
    document = json.loads(usual)

    assert document["@context"] == document["proof"]["@context"]
    assert document["@context"][1] == "https://w3id.org/security/data-integrity/v2"
    assert set(document["proof"]) == PROOF_MEMBERS | {"created"}
    assert refused_by_proof(usual, OURS) == "bad-proof"
    assert refused_at_the_door(usual, OURS) == "wrong-shape"


def test_their_wish_for_created_is_refused_even_where_all_else_is_ours(ask):
    """LF-PROOF-1, LF-PROOF-2."""
    offer = unsigned(json.loads(document_named("offer-full")))
    method = f"{OURS.did}#{KEY.multikey}"

    (answer,) = ask([sign(encode(offer), KEY.seed, method, created="2026-05-02T09:30:00Z")])

    assert set(answer["proof"]) == PROOF_MEMBERS | {"created"}
    assert refused_at_the_door(answer["text"].encode(), OURS) == "bad-proof"
