"""One entry of an identity log: its hashes, its proof, and writing it.

Here: what did:webvh computes over one entry. Not here: what an entry may say after another (`webvh`),
which parameters there are (`webvh_parameters`).
Spec: 03-identity (LF-LOG). Source: did:webvh 1.0, "SCID Generation and Verification", "Entry Hash
Generation and Verification", "Authorized Keys"; eddsa-jcs-2022.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from localfed.protocol import base58, limits, proofs
from localfed.protocol.canonical import Json, JsonObject, encode, parse_loose
from localfed.protocol.errors import BadLog, BadSignature, BadTime, TooDeep
from localfed.protocol.keys import SigningKey, read_multikey, verify

PLACEHOLDER: Final = "{SCID}"
"""Stands where the SCID will be, while a log is being made and while its SCID is checked."""

MEMBERS: Final = frozenset({"versionId", "versionTime", "parameters", "state", "proof"})

_SHA_256: Final = b"\x12\x20"
_TIME: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?(Z|\+00:00)", re.ASCII
)
_CREATED: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


def hash_bytes(data: bytes) -> str:
    """Write the SHA-256 of bytes as did:webvh does: base58btc of the multihash, without `z`."""
    return base58.encode(_SHA_256 + sha256(data).digest())


def hash_key(multikey: str) -> str:
    """Compute what `nextKeyHashes` says of a key to come (LF-LOG-13)."""
    return hash_bytes(multikey.encode())


def hash_entry(entry: JsonObject, previous_id: str) -> str:
    """Compute the entry hash: over the entry without proof, carrying its predecessor's name.

    `previous_id` is the versionId before, and the SCID for the first entry. Rules: LF-LOG-7.
    """
    return hash_bytes(encode({**_unsigned(entry), "versionId": previous_id}))


def hash_first(entry: JsonObject, scid: str) -> str:
    """Compute what the SCID of a log must be, from its first entry. Rules: LF-LOG-5."""
    text = encode({**_unsigned(entry), "versionId": PLACEHOLDER}).decode()
    # Canonical again: a member name that held the SCID may have changed its place.
    return hash_bytes(encode(parse_loose(text.replace(scid, PLACEHOLDER).encode())))


def holds_placeholder(entry: JsonObject) -> bool:
    """Whether the text `{SCID}` is left in an entry (LF-LOG-5)."""
    return PLACEHOLDER.encode() in encode(_unsigned(entry))


def sign_entry(entry: JsonObject, key: SigningKey, created: str) -> bytes:
    """Sign an entry that has no proof yet, with an update key; returns its line, LF included."""
    options: JsonObject = {
        "type": proofs.PROOF_TYPE,
        "cryptosuite": proofs.CRYPTOSUITE,
        "created": created,
        "verificationMethod": method_of(key.multikey),
        "proofPurpose": proofs.PURPOSE,
    }
    signature = key.sign(proofs.hash_data(entry, options))
    proof: JsonObject = {**options, "proofValue": proofs.write_signature(signature)}
    return encode({**entry, "proof": [proof]}) + b"\n"


def check_proofs(entry: JsonObject, authorised: Iterable[str]) -> None:
    """Check every proof of an entry under the update keys (Multikeys) that may sign it.

    Rules: LF-LOG-8 to LF-LOG-10.

    Raises:
        BadLog: no proof, another suite or purpose, or a key that may not sign this entry.
        BadSignature: the signature does not verify under the key that it names.

    """
    # A lookup among the keys that count, never a key read out of the proof: the published forgery is
    # a did:key whose fragment is an update key and whose body is the forger's.
    methods = {method_of(key): key for key in authorised}
    given = entry["proof"]
    listed: list[Json] = given if isinstance(given, list) else [given]
    if not listed:
        raise BadLog("an entry has no proof")
    unsigned = _unsigned(entry)
    for proof in listed:
        if not isinstance(proof, dict):
            raise BadLog("a proof is an object")
        _check_options(proof)
        key = methods.get(str(proof.get("verificationMethod")))
        if key is None:
            raise BadLog("an entry is signed by a key that may not sign it")
        value = proof.get("proofValue")
        if not isinstance(value, str):
            raise BadSignature("proofValue is not a string")
        options = {name: item for name, item in proof.items() if name != "proofValue"}
        signature = proofs.read_signature(value)
        verify(read_multikey(key), signature, proofs.hash_data(unsigned, options))


def method_of(multikey: str) -> str:
    """Name an update key as the proof of an entry does: did:key, with itself as the fragment."""
    return f"did:key:{multikey}#{multikey}"


def parse_line(line: bytes) -> JsonObject:
    """Read one line of a log, in any spelling, but with no member name twice (LF-LOG-2).

    Raises:
        BadLog: not an object, or a member name twice.
        NotUtf8, NotJson, BadCharacter, BadNumber, TooDeep: by name.

    """
    value = parse_loose(line)
    _check_depth(value)
    if not isinstance(value, dict):
        raise BadLog("an entry is a JSON object")
    # A line in canonical form has no name twice, or the bytes would differ; other spellings are
    # read a second time with the slower reader that sees duplicates.
    if encode(value) != line:
        json.loads(line, object_pairs_hook=_no_duplicates)
    return value


def read_entry_time(text: Json) -> datetime:
    """Read a versionTime: UTC in ISO 8601, with `Z` or `+00:00` and perhaps a fraction (LF-LOG-4).

    Raises:
        BadTime: another form, or a moment that does not exist.

    """
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise BadTime("versionTime is not a UTC time such as 2026-05-01T09:30:00Z")
    fraction = (match[2] or ".0")[:7]
    try:
        return datetime.fromisoformat(match[1] + fraction).replace(tzinfo=UTC)
    except ValueError as error:
        raise BadTime(f"the versionTime {match[0]} does not exist") from error


def _check_options(proof: JsonObject) -> None:
    if (
        proof.get("type") != proofs.PROOF_TYPE
        or proof.get("cryptosuite") != proofs.CRYPTOSUITE
        or proof.get("proofPurpose") != proofs.PURPOSE
    ):
        raise BadLog("a proof of an entry is eddsa-jcs-2022 for assertionMethod")
    # The suite asks that the document start with the proof's context; an entry has none.
    if "@context" in proof:
        raise BadLog("a proof of an entry has no @context")
    created = proof.get("created", "2000-01-01T00:00:00Z")
    if not isinstance(created, str) or not _CREATED.fullmatch(created):
        raise BadLog("created is not a time")


def _unsigned(entry: JsonObject) -> JsonObject:
    return {name: value for name, value in entry.items() if name != "proof"}


def _check_depth(value: Json) -> None:
    level: list[Json] = [value]
    for _ in range(limits.DEPTH + 1):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise TooDeep(f"nested deeper than {limits.DEPTH}")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise BadLog("an object has a member name twice")
    return names
