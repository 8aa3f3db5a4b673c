"""Ways to tamper with a signed document, and the words in which each side refuses it.

Here: a table written by hand, and one that changes every member and every name of a document by one
bit. Not here: asking (`test_both_refuse.py`), what one side alone refuses (`test_where_we_differ.py`).
"""

from __future__ import annotations

import copy
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256, sha512
from typing import Any

from agreement.verdicts import FORGER, KEY, LOG, NEW_KEY, OURS, RECORD, forged, unsigned
from localfed.protocol import base58
from localfed.protocol.canonical import encode, parse_object
from localfed.protocol.proofs import hash_data, read_signature, write_signature
from protocol.spec_vectors import document_named, identity_of

Json = dict[str, Any]
GOOD: Json = parse_object(document_named("offer-full"))
"""The document that is tampered with: nearly every member that an offer may have."""

# What the other implementation says.
INVALID = "Invalid signature"
NO_PROOF = "No matching proofs"
NO_MATCH = "Did not verify any proofs"
NO_METHOD = 'No "verificationMethod"'
NO_VALUE = 'valid "proofValue"'
UNKNOWN = "nothing is known of"
CONTEXT = "does not start with proof.@context"
NOT_ASSERTED = "not authorized by controller"
NO_KEY = '"publicKeyMultibase" property is required'

_ORDER = 2**252 + 27742317777372353535851937790883648493


@dataclass(frozen=True)
class Tampered:
    """A document that must not verify."""

    name: str
    body: bytes = field(repr=False)
    code: str
    """With which we refuse the proof."""
    words: str
    """Some of those with which they do."""
    log: str = LOG


def by_hand() -> Iterator[Tampered]:
    """Give the table."""
    for table in (_proofs(), _values(), _methods(), _signed_otherwise(), _documents()):
        yield from table


def by_one_bit() -> Iterator[Tampered]:
    """Change each value and each name of the document by one bit."""
    for path in _paths(GOOD):
        changed = copy.deepcopy(GOOD)
        parent = _at(changed, path[:-1])
        parent[path[-1]] = _flip(parent[path[-1]])
        yield _flipped("value", path, changed)
    for path in _paths(GOOD, names=True):
        changed = copy.deepcopy(GOOD)
        parent = _at(changed, path[:-1])
        old = path[-1]
        parent[old[:-1] + chr(ord(old[-1]) ^ 1)] = parent.pop(old)
        yield _flipped("name", path, changed)


# By what was flipped: our code and their words. Everything else breaks the signature alone.
_SPECIAL = {
    ("value", "@context"): ("bad-proof", CONTEXT),
    ("value", "proof", "@context"): ("bad-proof", CONTEXT),
    ("value", "proof", "type"): ("bad-proof", NO_MATCH),
    ("value", "proof", "cryptosuite"): ("bad-proof", NO_MATCH),
    ("value", "proof", "proofPurpose"): ("bad-proof", NO_MATCH),
    ("value", "proof", "verificationMethod"): ("unknown-key", UNKNOWN),
    ("name", "@context"): ("bad-member-name", CONTEXT),
    ("name", "proof"): ("bad-proof", NO_PROOF),
    ("name", "proof", "@context"): ("bad-member-name", INVALID),
    ("name", "proof", "type"): ("bad-proof", NO_MATCH),
    ("name", "proof", "cryptosuite"): ("bad-proof", NO_MATCH),
    ("name", "proof", "proofPurpose"): ("bad-proof", NO_MATCH),
    ("name", "proof", "verificationMethod"): ("bad-proof", NO_METHOD),
    ("name", "proof", "proofValue"): ("bad-proof", NO_VALUE),
}


def _flipped(what: str, path: tuple[Any, ...], changed: Json) -> Tampered:
    code, words = _SPECIAL.get((what, *path), ("bad-signature", INVALID))
    name = "-".join(str(step) for step in ("bit-of", what, *path))
    return Tampered(name, encode(changed), code, words)


def _flip(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value ^ 1
    middle = len(value) // 2
    # Of the letter in the middle; what comes out is a sign that can be printed.
    return value[:middle] + chr(ord(value[middle]) ^ 2) + value[middle + 1 :]


def _paths(value: Any, *, names: bool = False, at: tuple[Any, ...] = ()) -> Iterator[Any]:
    """Walk to every value that holds no other, or to every member that has a name."""
    if isinstance(value, dict):
        for name, item in value.items():
            if names:
                yield (*at, name)
            yield from _paths(item, names=names, at=(*at, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _paths(item, names=names, at=(*at, number))
    elif not names:
        yield at


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def _without(value: Json, name: str) -> Json:
    return {key: item for key, item in value.items() if key != name}


def _with_proof(name: str, proof: Any, code: str, words: str) -> Tampered:
    return Tampered(name, encode({**GOOD, "proof": proof}), code, words)


def _proofs() -> Iterator[Tampered]:
    """The proof as an object: lacking, of another form, with more or fewer members."""
    proof = GOOD["proof"]
    yield Tampered("no-proof", encode(unsigned(GOOD)), "bad-proof", NO_PROOF)
    yield _with_proof("proof-empty", {}, "bad-proof", NO_MATCH)
    yield _with_proof("proof-a-text", "eddsa-jcs-2022", "bad-proof", NO_MATCH)
    yield _with_proof("proof-in-two-arrays", [[proof]], "bad-proof", NO_MATCH)
    inside = {**unsigned(GOOD), "ext": {"https://vocab.example/x": {"proof": proof}}}
    yield Tampered("proof-elsewhere", encode(inside), "bad-proof", NO_PROOF)
    lacking = {
        "@context": INVALID,
        "type": NO_MATCH,
        "cryptosuite": NO_MATCH,
        "verificationMethod": NO_METHOD,
        "proofPurpose": NO_MATCH,
        "proofValue": NO_VALUE,
    }
    for member, words in lacking.items():
        yield _with_proof(f"proof-without-{member}", _without(proof, member), "bad-proof", words)
    added = {
        "created": GOOD["updated"],
        "expires": GOOD["expires"],
        "domain": "https://grocer.example",
        "challenge": "1",
        "previousProof": "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544",
    }
    for member, value in added.items():
        changed = {**proof, member: value}
        yield _with_proof(f"proof-with-{member}-added", changed, "bad-proof", INVALID)
    other = {
        "cryptosuite": ("eddsa-rdfc-2022", "ecdsa-jcs-2019", "EDDSA-JCS-2022", "eddsa-jcs-2022 "),
        "type": ("Ed25519Signature2020", "dataIntegrityProof"),
        "proofPurpose": ("authentication", "capabilityInvocation", "AssertionMethod"),
    }
    for member, values in other.items():
        for value in values:
            changed = {**proof, member: value}
            yield _with_proof(f"{member}-{value}", changed, "bad-proof", NO_MATCH)
    reordered = [proof["@context"], GOOD["@context"]]
    yield _with_proof(
        "proof-context-longer", {**proof, "@context": reordered}, "bad-proof", CONTEXT
    )


def _values() -> Iterator[Tampered]:
    """The signature: other bytes, and other spellings that are none."""
    value = GOOD["proof"]["proofValue"]
    signature = read_signature(value)
    scalar = int.from_bytes(signature[32:], "little")
    texts = {
        "of-zeros": (write_signature(bytes(64)), INVALID),
        "cut-by-a-byte": ("z" + base58.encode(signature[:63]), INVALID),
        "longer-by-a-byte": ("z" + base58.encode(signature + b"\0"), INVALID),
        "with-zero-in-front": ("z1" + value[1:], INVALID),
        "halves-swapped": (write_signature(signature[32:] + signature[:32]), INVALID),
        # The same signature to a verifier that does not ask for the smaller of two scalars.
        "with-larger-scalar": (
            write_signature(signature[:32] + (scalar + _ORDER).to_bytes(32, "little")),
            INVALID,
        ),
        "with-top-bit": (write_signature(signature[:-1] + bytes([signature[63] | 0x80])), INVALID),
        "without-prefix": (value[1:], "multibase"),
        "in-hexadecimal": ("f" + signature.hex(), "multibase"),
        "not-base58": (value[:-1] + "0", '"signature" argument'),
        "empty": ("", NO_VALUE),
    }
    for name, (text, words) in texts.items():
        changed = {**GOOD["proof"], "proofValue": text}
        yield _with_proof(f"value-{name}", changed, "bad-signature", words)
    for name, item in {"a-number": 7, "a-list": [value], "null": None}.items():
        changed = {**GOOD["proof"], "proofValue": item}
        yield _with_proof(f"value-{name}", changed, "bad-proof", NO_VALUE)


def _methods() -> Iterator[Tampered]:
    """The key: another one under the right name, or the right one under another name."""
    did = OURS.did
    yield Tampered("key-of-a-forger", _forged(key=FORGER), "bad-signature", INVALID)
    for name, method in {
        "of-nobody": f"{did}#{FORGER.multikey}",
        "a-did-key": f"did:key:{KEY.multikey}#{KEY.multikey}",
        "without-fragment": did,
        "without-did": f"#{KEY.multikey}",
        "with-query": f"{did}?versionId=1#{KEY.multikey}",
    }.items():
        # A DID alone is known, but it is no key.
        words = NO_KEY if name == "without-fragment" else UNKNOWN
        body = _forged(verificationMethod=method)
        yield Tampered(f"method-{name}", body, "unknown-key", words)
    key_added = "../identity/valid/key-added.jsonl"
    swapped = {**GOOD["proof"], "verificationMethod": f"{did}#{NEW_KEY.multikey}"}
    yield Tampered(
        "method-the-other-key-of-the-issuer",
        encode({**GOOD, "proof": swapped}),
        "bad-signature",
        INVALID,
        key_added,
    )
    key_removed = "../identity/valid/key-removed.jsonl"
    yield Tampered("key-that-was-removed", encode(GOOD), "unknown-key", UNKNOWN, key_removed)
    # Its log keeps a second key that signs nothing any more.
    kept = "../identity/valid/revoked-key.jsonl"
    its = identity_of(kept).did
    by_it = forged({**GOOD, "issuer": its, "id": f"{its}/{RECORD}"}, key=NEW_KEY)
    yield Tampered("key-not-for-assertions", encode(by_it), "unknown-key", NOT_ASSERTED, kept)


def _forged(**more: Any) -> bytes:
    """Sign the document anew; its method stays ours unless `more` names another."""
    return encode(forged(GOOD, **{"verificationMethod": f"{OURS.did}#{KEY.multikey}", **more}))


def _signed_otherwise() -> Iterator[Tampered]:
    """By the right key, but over other bytes than the suite says."""
    other: dict[str, Callable[[Any, Any], bytes]] = {
        "hashes-swapped": lambda document, proof: (
            hash_data(document, proof)[32:] + hash_data(document, proof)[:32]
        ),
        "document-alone": lambda document, proof: hash_data(document, proof)[32:],
        "proof-alone": lambda document, proof: hash_data(document, proof)[:32],
        "hash-of-both": lambda document, proof: sha256(hash_data(document, proof)).digest(),
        "not-hashed": lambda document, proof: encode(proof) + encode(document),
        "by-sha-512": lambda document, proof: (
            sha512(encode(proof)).digest() + sha512(encode(document)).digest()
        ),
        "without-context-in-the-options": lambda document, proof: hash_data(
            document, _without(proof, "@context")
        ),
        "with-an-empty-value": lambda document, proof: hash_data(
            document, {**proof, "proofValue": ""}
        ),
        "not-canonical": lambda document, proof: (
            sha256(encode(proof)).digest() + sha256(encode(document) + b"\n").digest()
        ),
    }
    for name, hashes in other.items():
        yield Tampered(f"signed-{name}", _forged(hashes=hashes), "bad-signature", INVALID)


def _documents() -> Iterator[Tampered]:
    """What is said, changed after it was signed."""
    name = GOOD["name"]["en"]
    later = "https://w3id.org/localfed/1.1"
    changes: dict[str, Json] = {
        "another-name": {"name": {"en": name + "!"}},
        "white-space-at-the-end": {"name": {"en": name + " "}},
        "letter-of-another-script": {"name": {"en": name.replace("e", "\u0435")}},
        "another-language": {"name": {"cy": name}},
        "text-as-list": {"name": [name]},
        "member-added": {"note": "x"},
        "known-member-added": {"critical": ["location"]},
        "order-of-a-list": {"keywords": GOOD["keywords"][::-1]},
        "element-twice": {"keywords": [*GOOD["keywords"], GOOD["keywords"][0]]},
        "list-emptied": {"category": []},
        "number-as-text": {"revision": str(GOOD["revision"])},
        "later-revision": {"revision": GOOD["revision"] + 60_000},
        "offer-as-need": {"type": "Need"},
        "type-as-list": {"type": ["Offer"]},
        "id-of-another-record": {"id": GOOD["id"].replace("aaaa", "bbbb")},
        "issuer-another": {"issuer": OURS.did.replace("grocer", "forger")},
        "lives-longer": {"expires": GOOD["expires"].replace("2026", "2027")},
        "extension-added": {"ext": {"https://vocab.example/x": 1}},
        # In both places, so that they still agree with each other.
        "later-context": {"@context": later, "proof": {**GOOD["proof"], "@context": later}},
    }
    for case, change in changes.items():
        yield Tampered(case, encode({**GOOD, **change}), "bad-signature", INVALID)
    yield Tampered("member-removed", encode(_without(GOOD, "location")), "bad-signature", INVALID)
    composed = forged({**GOOD, "name": {"en": "Café"}})
    composed["name"] = {"en": unicodedata.normalize("NFD", "Café")}
    yield Tampered("decomposed-letter", encode(composed), "bad-signature", INVALID)
    elsewhere = {**parse_object(document_named("need-vague-place")), "proof": GOOD["proof"]}
    yield Tampered("proof-of-another-document", encode(elsewhere), "bad-signature", INVALID)
