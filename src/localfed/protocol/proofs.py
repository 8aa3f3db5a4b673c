"""Proofs: eddsa-jcs-2022, exactly one, over the JSON as it is.

Here: what is hashed, signing, and checking one proof with a key that the caller found.
Not here: which key counts (`identity`), what the document says (`accept`).
Spec: 04-proofs (LF-PROOF). Source: W3C Data Integrity EdDSA Cryptosuites 1.0, section 3.3.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import Final

from localfed.protocol import base58
from localfed.protocol.canonical import Json, JsonObject, encode, encode_plain
from localfed.protocol.errors import BadProof, BadSignature, WrongShape
from localfed.protocol.keys import SigningKey, verify

CRYPTOSUITE: Final = "eddsa-jcs-2022"
PROOF_TYPE: Final = "DataIntegrityProof"
PURPOSE: Final = "assertionMethod"
_MEMBERS: Final = frozenset(
    {"@context", "type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue"},
)
_VALUE_MAX: Final = 90


def hash_data(document: JsonObject, options: JsonObject) -> bytes:
    """Hash what a proof signs (64 bytes): the options, then the document, both without the value.

    `document` has no `proof`, `options` no `proofValue`; any JSON is allowed in both, because the
    identity log and the official vectors hold more than our documents.
    """
    return sha256(encode(options)).digest() + sha256(encode(document)).digest()


def write_signature(signature: bytes) -> str:
    """Write a signature (64 bytes) as `proofValue`."""
    return "z" + base58.encode(signature)


def read_signature(text: str) -> bytes:
    """Read a `proofValue`.

    Raises:
        BadSignature: not `z` and base58btc of 64 bytes in the one spelling.

    """
    try:
        signature = base58.decode(text[1:]) if text[:1] == "z" and len(text) <= _VALUE_MAX else b""
    except WrongShape:
        signature = b""
    if len(signature) != 64 or (signature[0] == 0 and write_signature(signature) != text):  # noqa: PLR2004
        message = "proofValue is not z + base58btc of 64 bytes"
        raise BadSignature(message)
    return signature


def sign(document: JsonObject, key: SigningKey, method: str) -> bytes:
    """Sign a document of ours (without `proof`) and write it: canonical bytes with the proof.

    `method` is the verification method, `DID#multikey`. Rules: LF-PROOF-1 to LF-PROOF-3.
    """
    options = _options(document["@context"], method)
    signature = key.sign(_hash_plain(document, options))
    proof: JsonObject = {**options, "proofValue": write_signature(signature)}
    return encode_plain({**document, "proof": proof})


def check_options(document: JsonObject) -> str:
    """Check the form of a document's one proof; returns its verification method.

    Rules: LF-PROOF-1, LF-PROOF-2.

    Raises:
        BadProof: no proof, several, or other members or values than the specification gives.

    """
    proof = document.get("proof")
    if not isinstance(proof, dict) or proof.keys() != _MEMBERS:
        message = "exactly one proof, with exactly the six members of the specification, is needed"
        raise BadProof(message)
    method = proof["verificationMethod"]
    if (
        proof["@context"] != document.get("@context")
        or proof["type"] != PROOF_TYPE
        or proof["cryptosuite"] != CRYPTOSUITE
        or proof["proofPurpose"] != PURPOSE
        or not isinstance(method, str)
        or not isinstance(proof["proofValue"], str)
    ):
        message = "a member of the proof is not as the specification gives it"
        raise BadProof(message)
    return method


def check_signature(document: JsonObject, public: bytes) -> None:
    """Check the signature of a document whose proof `check_options` has seen.

    Rules: LF-PROOF-3, LF-PROOF-5.

    Raises:
        BadSignature: it does not verify under this key (32 bytes).

    """
    proof = document["proof"]
    options = {name: value for name, value in proof.items() if name != "proofValue"}  # type: ignore[union-attr]
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    signature = read_signature(proof["proofValue"])  # type: ignore[index,call-overload,arg-type]
    verify(public, signature, _hash_plain(unsigned, options))


def check_canonical(body: bytes, *, context: str, method: str, value: str, public: bytes) -> None:
    """Do what `check_signature` does, for bytes known to be canonical and to have the one proof.

    What a proof signs is then these bytes without the member: nothing has to be written again.
    `context`, `method` and `value` are what the proof says.

    Raises:
        BadSignature: it does not verify under this key (32 bytes).

    """
    signature = read_signature(value)
    before_value, after_value, options = _proof_around(context, method)
    # `@context` sorts before `proof`, so a comma comes before it. Inside a string the quotes would be
    # escaped, and no other member of a known type holds such an object: this is the proof.
    before, proof, after = body.rpartition(before_value + value.encode() + after_value)
    if not proof:
        message = "the proof is not where canonical form puts it"
        raise BadSignature(message)
    verify(public, signature, options + sha256(before + after).digest())


@lru_cache(maxsize=256)
def _proof_around(context: str, method: str) -> tuple[bytes, bytes, bytes]:
    """Write a proof's member up to its value and from there on, and the hash of its options."""
    options = _options(context, method)
    before, _, after = encode_plain({**options, "proofValue": ""}).partition(b'"proofValue":""')
    return (
        b',"proof":' + before + b'"proofValue":"',
        b'"' + after,
        sha256(encode_plain(options)).digest(),
    )


def _options(context: Json, method: str) -> JsonObject:
    return {
        "@context": context,
        "type": PROOF_TYPE,
        "cryptosuite": CRYPTOSUITE,
        "verificationMethod": method,
        "proofPurpose": PURPOSE,
    }


def _hash_plain(document: JsonObject, options: JsonObject) -> bytes:
    """Do what `hash_data` does, for values in our own limits: no fractions, ASCII names."""
    return sha256(encode_plain(options)).digest() + sha256(encode_plain(document)).digest()
