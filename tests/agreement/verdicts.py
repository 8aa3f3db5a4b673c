"""What we say ourselves, and what both sides are given to say it.

Here: the keys of our vectors, the DID documents that a log proves, our verdict on a proof alone and at
the door, a proof made to be wrong in one thing. Not here: the other implementation (`other.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from localfed.protocol.accept import open_document, open_head
from localfed.protocol.canonical import JsonObject, parse_object
from localfed.protocol.errors import Rejected, UnknownKey
from localfed.protocol.identity import Identity
from localfed.protocol.keys import SigningKey
from localfed.protocol.proofs import check_options, check_signature, hash_data, write_signature
from localfed.protocol.times import read_time
from localfed.protocol.webvh import resolve_log
from protocol.spec_vectors import DOCUMENTS, identity_of

KEY = SigningKey(b"\x01" * 32)
NEW_KEY = SigningKey(b"\x02" * 32)
FORGER = SigningKey(b"\x03" * 32)
SEEDS = {key.multikey: key.seed for key in (KEY, NEW_KEY)}
"""The two keys that sign the documents of our vectors, by Multikey."""

LOG = "../identity/valid/created.jsonl"
RECORD = "d/aaaaaaaaaaaaaaaaaaaaaaaaaa.json"
AT = read_time("2026-05-03T12:00:00Z")
OURS = identity_of(LOG)
_LATER = read_time("2026-12-01T00:00:00Z")


def documents_of_log(log: bytes) -> dict[str, JsonObject]:
    """The DID document at the end of a log, by the DID that documents are written with."""
    versions = resolve_log(log, now=_LATER).versions
    return {versions[0].did: versions[-1].state}


@cache
def documents_of(log: str) -> dict[str, JsonObject]:
    """The same for a log that an index of vectors names."""
    return documents_of_log((DOCUMENTS / log).read_bytes())


def refused_by_proof(body: bytes, identity: Identity) -> str | None:
    """The code that a proof alone is refused with, whatever the document says; None: it holds."""
    try:
        value = parse_object(body)
        method = check_options(value)
        public = identity.keys.get(method)
        if public is None:
            raise UnknownKey("signed with a key that the issuer does not assert")
        check_signature(value, public)
    except Rejected as error:
        return error.code
    return None


def refused_at_the_door(body: bytes, identity: Identity, now: datetime = AT) -> str | None:
    """The code that a document is refused with; None: it is accepted."""
    is_head = b'"type":"Head"' in body
    try:
        if is_head:
            open_head(body, identity=identity, now=now)
        else:
            open_document(body, identity=identity, now=now)
    except Rejected as error:
        return error.code
    return None


def unsigned(document: JsonObject) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "proof"}


def forged(
    document: JsonObject,
    *,
    key: SigningKey = KEY,
    hashes: Callable[[JsonObject, JsonObject], bytes] = hash_data,
    **options: Any,
) -> dict[str, Any]:
    """Sign whatever this is; `options` are members of the proof, one that is `...` is left out.

    `hashes` says what is signed.
    """
    proof: dict[str, Any] = {
        "@context": document["@context"],
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": f"{document['issuer']}#{key.multikey}",
        "proofPurpose": "assertionMethod",
        **options,
    }
    proof = {name: value for name, value in proof.items() if value is not ...}
    signed = key.sign(hashes(unsigned(document), proof))
    return {**unsigned(document), "proof": {**proof, "proofValue": write_signature(signed)}}
