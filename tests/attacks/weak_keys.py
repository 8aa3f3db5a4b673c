"""Signatures that hold under weak keys, by the equation of RFC 8032 and nothing more.

Here: keys of small order, keys with a part of small order, other spellings of points; signing with them by
whoever knows what there is to know; logs, documents and messages so signed. Not here: which points these
are (`small_order`), any attack (`test_vectors`).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256, sha512
from typing import Any, Final

import nacl.bindings
from forge_log import Change, Forged, method_entry, parameters, state

from attacks.small_order import POINTS, P, Point, add, of_order_8, x_of
from localfed.protocol.canonical import encode
from localfed.protocol.document import CONTEXT
from localfed.protocol.keys import write_multikey
from localfed.protocol.proofs import hash_data, write_signature
from localfed.protocol.webvh_entry import hash_key

L: Final = 2**252 + 27742317777372353535851937790883648493
NEUTRAL: Final = (0, 1)


def times(number: int, point: Point) -> Point:
    """Add a point to itself so many times."""
    total = NEUTRAL
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def decode(raw: bytes) -> Point | None:
    """Read a point as a reader does that does not care how it is spelled."""
    number = int.from_bytes(raw, "little")
    y, sign = number % 2**255 % P, number >> 255
    x = x_of(y)
    if x is None:
        return None
    return (x if x & 1 == sign else (P - x) % P), y


def write(point: Point) -> bytes:
    """Write a point as it has to be written."""
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


UNREDUCED: Final = [
    (y + P | sign << 255).to_bytes(32, "little")
    for y in range(2, 19)
    if x_of(y) is not None
    for sign in (0, 1)
]
"""All points but those of small order that have a second spelling: y + p still fits in 255 bits."""

NO_POINTS: Final = [y.to_bytes(32, "little") for y in range(2, 40) if x_of(y) is None][:3]
"""Heights at which there is no point."""


@dataclass(frozen=True)
class WeakKey:
    """A key `scalar`·B + a point of small order, in one of its spellings, and its owner's secret."""

    public: bytes
    scalar: int = 0
    part: Point = NEUTRAL
    """What of it is of small order."""

    @property
    def multikey(self) -> str:
        return write_multikey(self.public)

    def sign(self, message: bytes) -> bytes:
        """Find an R with which the part of small order falls out of the equation; it takes a few."""
        for number in range(1, 10_000):
            r = (
                int.from_bytes(sha512(self.public + message + number.to_bytes(2, "big")).digest())
                % L
            )
            point = nacl.bindings.crypto_scalarmult_ed25519_base_noclamp(r.to_bytes(32, "little"))
            h = _challenge(point, self.public, message)
            if times(h % 8, self.part) == NEUTRAL:
                return point + ((r + h * self.scalar) % L).to_bytes(32, "little")
        raise AssertionError("no signature found")


def holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether S·B = R + H(R ‖ A ‖ M)·A: all that a careless reader asks."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    at_r, at_a = decode(r), decode(public)
    assert at_r is not None
    assert at_a is not None
    base = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    assert base is not None
    return times(s, base) == add(at_r, times(_challenge(r, public, message), at_a))


def _challenge(r: bytes, public: bytes, message: bytes) -> int:
    return int.from_bytes(sha512(r + public + message).digest(), "little") % L


def _weak() -> dict[str, WeakKey]:
    """Keys under which everybody can sign, and keys whose owner's signatures only some readers take."""
    found = {}
    for name, raw in POINTS.items():
        part = decode(raw)
        assert part is not None
        found[name] = WeakKey(raw, part=part)
    scalar = int.from_bytes(sha256(b"a key with a part of small order").digest(), "little") % L
    whole = decode(
        nacl.bindings.crypto_scalarmult_ed25519_base_noclamp(scalar.to_bytes(32, "little"))
    )
    assert whole is not None
    for number in range(1, 8):
        part = times(number, of_order_8())
        found[f"a good one and {number} times"] = WeakKey(write(add(whole, part)), scalar, part)
    return found


WEAK: Final = _weak()


# --- what is signed with them ----------------------------------------------------------------


def asserted_by(multikey: str) -> Forged:
    """A log, right in all else, that asserts this key for documents."""
    did = "did:webvh:{SCID}:grocer.example"
    methods = {
        "verificationMethod": [method_entry(did, multikey)],
        "assertionMethod": [f"{did}#{multikey}"],
    }
    return Forged().first(state(**methods))


def updated_by(key: WeakKey, *, later: bool) -> bytes:
    """A log that this key may change: from its first entry on, or by its second."""
    if not later:
        forged = Forged().first(parameters(updateKeys=[key.multikey]), after=_signed_by(key))
        return forged.log
    committed = parameters(nextKeyHashes=[hash_key(key.multikey)])
    revealed = parameters(updateKeys=[key.multikey])
    return Forged().first(committed).then(revealed, after=_signed_by(key)).log


def _signed_by(key: WeakKey) -> Change:
    def change(entry: dict[str, Any]) -> None:
        unsigned = {name: value for name, value in entry.items() if name != "proof"}
        options = {n: v for n, v in entry["proof"][0].items() if n != "proofValue"}
        options["verificationMethod"] = f"did:key:{key.multikey}#{key.multikey}"
        entry["proof"] = [_proof(key, unsigned, options)]

    return change


def _proof(key: WeakKey, unsigned: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    data = hash_data(unsigned, options)
    signature = key.sign(data)
    assert holds(key.public, signature, data)
    return {**options, "proofValue": write_signature(signature)}


def forged(key: WeakKey, did: str, document: dict[str, Any]) -> bytes:
    """Sign a document or a message of this organisation."""
    options = {
        "@context": CONTEXT,
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": f"{did}#{key.multikey}",
        "proofPurpose": "assertionMethod",
    }
    return encode({**document, "proof": _proof(key, document, options)})
