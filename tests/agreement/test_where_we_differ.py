"""What the other implementation accepts and we refuse: by design, each with its reason.

Nothing here is a fault of the library. It checks a proof, for whoever reads JSON-LD in any spelling;
we check a document of one protocol. The other way round nothing was found: what it refuses, we refuse.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from agreement.manipulations import GOOD
from agreement.other import sign, verify
from agreement.verdicts import (
    AT,
    KEY,
    LOG,
    OURS,
    RECORD,
    documents_of,
    forged,
    refused_at_the_door,
    unsigned,
)
from localfed.protocol.canonical import encode
from localfed.protocol.proofs import read_signature, write_signature
from localfed.protocol.times import write_time
from protocol.spec_vectors import identity_of

TEXT = encode(GOOD).decode()
PROOF: dict[str, Any] = GOOD["proof"]
METHOD = f"{OURS.did}#{KEY.multikey}"
STRANGER = "../identity/valid/no-trustee.jsonl"
REVOKER = "../identity/valid/asserted-key-revoked.jsonl"
EXT = "https://vocab.example/x"


@dataclass(frozen=True)
class Difference:
    """A document that they accept and we refuse."""

    name: str
    code: str
    """With which our door refuses it."""
    why: str
    text: str = field(repr=False)
    logs: tuple[str, ...] = (LOG,)
    """The first is the issuer's; they know the DID documents of all."""
    is_signed: bool = True
    """False: it is theirs to sign, because our own code cannot even write it."""


def spelled(name: str, text: str) -> Difference:
    """Spell the good document in another way."""
    why = "a value has one spelling, so that a digest names a document (LF-BYTES-1)"
    return Difference(name, "not-canonical", why, text)


def proven(name: str, why: str, proof: Any, code: str = "bad-proof") -> Difference:
    """Give the good document another proof that holds."""
    return Difference(name, code, why, encode({**GOOD, "proof": proof}).decode())


def said(name: str, code: str, why: str, /, **members: Any) -> Difference:
    """Sign honestly, by the right key, what a document must not say."""
    document = forged({**GOOD, **members}, verificationMethod=METHOD)
    return Difference(name, code, why, encode(document).decode())


def said_by_them(name: str, code: str, why: str, /, **members: Any) -> Difference:
    text = json.dumps({**unsigned(GOOD), **members})
    return Difference(name, code, why, text, is_signed=False)


def spellings() -> list[Difference]:
    shadowed = TEXT.replace('"name":', '"name":{"en":"Gold"},"name":', 1)
    return [
        spelled("with-spaces", json.dumps(json.loads(TEXT), ensure_ascii=False)),
        spelled("in-another-order", "{" + ",".join(reversed(members(GOOD))) + "}"),
        spelled("needless-escape", TEXT.replace("Veg box", "V\\u0065g box")),
        spelled("escaped-slash", TEXT.replace("https://", "https:\\/\\/", 1)),
        spelled("line-feed-at-the-end", TEXT + "\n"),
        # Readers differ in which of the two they see: one shows gold, the other checked a box.
        spelled("member-twice", shadowed),
    ]


def members(value: dict[str, Any]) -> list[str]:
    return [encode({name: value[name]}).decode()[1:-1] for name in sorted(value)]


def proofs() -> list[Difference]:
    six = "the proof has six members and no other (LF-PROOF-1)"
    signature = base64.urlsafe_b64encode(read_signature(PROOF["proofValue"])).decode().rstrip("=")
    extra = {
        "created": {"created": GOOD["updated"]},
        "expires-long-ago": {"expires": "2020-01-01T00:00:00Z"},
        "domain": {"domain": "https://elsewhere.example"},
        "nonce": {"nonce": "u123"},
        "id": {"id": "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544"},
    }
    broken = {**PROOF, "proofValue": write_signature(bytes(64))}
    return [
        *(
            proven(f"signed-with-{name}", six, forged(GOOD, **options)["proof"])
            for name, options in extra.items()
        ),
        proven("signed-without-context", six, forged(GOOD, **{"@context": ...})["proof"]),
        # The code is that of an @context in a place where none may be: in a list.
        proven(
            "proof-in-an-array", "one form for a proof (LF-PROOF-1)", [PROOF], "bad-member-name"
        ),
        proven(
            "two-proofs-one-of-them-broken",
            "they take one that holds for enough; exactly one is ours (LF-PROOF-1)",
            [broken, PROOF],
            "bad-member-name",
        ),
        proven(
            "method-as-object",
            "each member is a string (LF-PROOF-1)",
            forged(GOOD, verificationMethod={"id": METHOD})["proof"],
        ),
        proven(
            "value-in-base64url",
            "a signature has one spelling (LF-PROOF-5)",
            {**PROOF, "proofValue": f"u{signature}"},
            "bad-signature",
        ),
        proven(
            "value-with-a-space",
            "likewise (LF-PROOF-5)",
            {**PROOF, "proofValue": f"{PROOF['proofValue']} "},
            "bad-signature",
        ),
    ]


def contexts() -> list[Difference]:
    evil = "https://evil.example/remap"
    longer = {**GOOD, "@context": [GOOD["@context"], evil]}
    one = "the context is one string, so nobody can give terms another meaning (LF-DOC-2)"
    return [
        # The suite has it so (step 4 of verifying): the proof's context replaces the document's. So
        # whoever passes a document on may append contexts, and the signature still holds.
        Difference(
            "context-appended-after-signing",
            "wrong-shape",
            one,
            encode({**longer, "proof": {**PROOF, "@context": GOOD["@context"]}}).decode(),
        ),
        said("two-contexts-signed", "wrong-shape", one, **{"@context": [GOOD["@context"], evil]}),
        said("another-context-signed", "unknown-context", one, **{"@context": evil}),
        said(
            "context-inside",
            "bad-member-name",
            "@context stands at the top and in the proof alone (LF-DOC-2)",
            location=[{"@context": evil, "name": {"en": "Here"}}],
        ),
    ]


def people() -> list[Difference]:
    stranger, revoker = identity_of(STRANGER).did, identity_of(REVOKER).did
    theirs = {**GOOD, "issuer": stranger, "id": f"{stranger}/{RECORD}"}
    revoked = {**GOOD, "issuer": revoker, "id": f"{revoker}/{RECORD}"}
    return [
        Difference(
            "signed-by-another-organisation",
            "unknown-key",
            "a proof says which key; only the issuer's own keys speak for it (LF-PROOF-4)",
            encode(forged(theirs, verificationMethod=METHOD)).decode(),
            (STRANGER, LOG),
        ),
        said("issuer-another", "wrong-issuer", "likewise (LF-DOC-5)", issuer=stranger),
        said("id-of-another", "wrong-issuer", "likewise (LF-DOC-6)", id=f"{stranger}/{RECORD}"),
        Difference(
            "key-that-was-revoked",
            "unknown-key",
            "they do not look at `revoked` (LF-PROOF-4)",
            encode(forged(revoked)).decode(),
            (REVOKER,),
        ),
    ]


def meanings() -> list[Difference]:
    then = "2025-01-01T00:00:00Z"
    old = {"assured": then, "updated": then, "expires": "2025-02-01T00:00:00Z"}
    late = {
        "updated": write_time(AT + timedelta(days=1)),
        "expires": write_time(AT + timedelta(days=2)),
    }
    number = "numbers that not every reader reads alike (LF-BYTES-6)"
    deep: Any = []
    for _ in range(40):
        deep = [deep]
    return [
        said("expired", "expired", "a proof has no end, a document has (LF-DOC-11)", **old),
        said("from-tomorrow", "too-early", "likewise (LF-DOC-10)", **late),
        said("null-for-absent", "wrong-shape", "one way to say nothing (LF-DOC-3)", url=None),
        said("name-as-text", "wrong-shape", "a form for each member (LF-DOC-1)", name="Veg box"),
        said("nested-too-deep", "too-deep", "bounds (LF-BYTES-3)", ext={EXT: deep}),
        said("too-large", "too-large", "bounds (LF-BYTES-8)", ext={EXT: "x" * 66_000}),
        said(
            "text-turned-round",
            "bad-character",
            "what is read is what is signed (LF-BYTES-7)",
            name={"en": "Veg \u202exob"},
        ),
        said_by_them("fraction", "bad-number", number, ext={EXT: 0.1}),
        said_by_them("integer-too-large", "bad-number", number, ext={EXT: 2**53 + 2}),
        said_by_them(
            "half-a-surrogate-pair",
            "bad-character",
            "not text; UTF-8 cannot say it (LF-BYTES-7)",
            name={"en": "Veg \ud83e"},
        ),
    ]


DIFFERENCES = [*spellings(), *proofs(), *contexts(), *people(), *meanings()]


@pytest.fixture(scope="module")
def asked(ask):
    """By the name of each difference: the text, signed, and what they say of it."""
    unsigned_ones = [case for case in DIFFERENCES if not case.is_signed]
    made = ask(sign(case.text.encode(), KEY.seed, METHOD) for case in unsigned_ones)
    texts = {case.name: case.text for case in DIFFERENCES}
    texts |= {case.name: one["text"] for case, one in zip(unsigned_ones, made, strict=True)}
    answers = ask(
        verify(texts[case.name], {d: s for log in case.logs for d, s in documents_of(log).items()})
        for case in DIFFERENCES
    )
    return {
        case.name: (texts[case.name], answer)
        for case, answer in zip(DIFFERENCES, answers, strict=True)
    }


@pytest.mark.parametrize("case", DIFFERENCES, ids=lambda case: case.name)
def test_they_accept_and_we_refuse_for_the_reason_given(case, asked):
    """LF-BYTES-1, LF-BYTES-6, LF-BYTES-7, LF-PROOF-1, LF-PROOF-4, LF-PROOF-5, LF-DOC-2, LF-DOC-5."""
    text, answer = asked[case.name]

    assert answer["verified"], answer["error"]
    assert refused_at_the_door(text.encode(), identity_of(case.logs[0])) == case.code, case.why
