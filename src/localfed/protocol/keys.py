"""Ed25519 keys and their Multikey names.

Here: signing, strict verification, Multikeys. Not here: which key counts (`identity`), randomness
(seeds are arguments). Spec: 03-identity (LF-KEY). Source: RFC 8032; libsodium's rules, which refuse
the small-order keys that RFC 8032 leaves open; W3C Controlled Identifiers 1.0 for Multikey.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import nacl.bindings
import nacl.exceptions

from localfed.protocol import base58
from localfed.protocol.errors import BadKey, BadSignature, WrongShape

_PREFIX: Final = b"\xed\x01"
_KEY_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
_MULTIKEY_MAX: Final = 50


class SigningKey:
    """An Ed25519 key that can sign, made from its seed of 32 bytes."""

    __slots__ = ("_secret", "multikey", "public", "seed")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != _KEY_BYTES:
            message = "the seed of a key has 32 bytes"
            raise BadKey(message)
        self.seed = seed
        self.public, self._secret = nacl.bindings.crypto_sign_seed_keypair(seed)
        self.multikey = write_multikey(self.public)

    def __repr__(self) -> str:
        return f"SigningKey({self.multikey})"  # never the seed: this ends up in logs

    def sign(self, message: bytes) -> bytes:
        """Sign; returns 64 bytes."""
        return nacl.bindings.crypto_sign(message, self._secret)[:_SIGNATURE_BYTES]


def write_multikey(public: bytes) -> str:
    """Name a public key (32 bytes): `z` + base58btc(0xed 0x01 ‖ key)."""
    return "z" + base58.encode(_PREFIX + public)


@lru_cache(maxsize=4_096)
def read_multikey(text: str) -> bytes:
    """Read the public key (32 bytes) out of its Multikey.

    Rules: LF-KEY-1, LF-KEY-2.

    Raises:
        BadKey: not Ed25519, not 32 bytes, not the one spelling, not a point of the main subgroup.

    """
    try:
        raw = base58.decode(text[1:]) if text[:1] == "z" and len(text) <= _MULTIKEY_MAX else b""
    except WrongShape:
        raw = b""
    public = raw[2:]
    if not raw.startswith(_PREFIX) or len(public) != _KEY_BYTES or write_multikey(public) != text:
        message = "not an Ed25519 Multikey"
        raise BadKey(message)
    if not nacl.bindings.crypto_core_ed25519_is_valid_point(public):
        message = "the key is not a point that can sign"
        raise BadKey(message)
    return public


def verify(public: bytes, signature: bytes, message: bytes) -> None:
    """Check a signature (64 bytes) of a message under a public key (32 bytes), strictly.

    Rules: LF-KEY-3.

    Raises:
        BadSignature: it is not one.

    """
    if len(signature) != _SIGNATURE_BYTES:
        text = "a signature has 64 bytes"
        raise BadSignature(text)
    try:
        nacl.bindings.crypto_sign_open(signature + message, public)
    except (nacl.exceptions.BadSignatureError, nacl.exceptions.ValueError) as error:
        text = "the signature does not verify"
        raise BadSignature(text) from error
