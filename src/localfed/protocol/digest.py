"""Digests: how one file names the exact bytes of another.

Spec: 02-bytes (LF-BYTES-10). Source: multihash (sha2-256), multibase (base58btc).
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from localfed.protocol import base58
from localfed.protocol.errors import WrongShape

_PREFIX: Final = b"\x12\x20"
_MULTIHASH_BYTES: Final = 34
_TEXT_MAX: Final = 48


def digest(data: bytes) -> str:
    """Name these bytes: `z` + base58btc(0x12 0x20 ‖ SHA-256)."""
    return write_digest(sha256(data).digest())


def write_digest(raw: bytes) -> str:
    """Write a SHA-256 hash (32 bytes) as a digest."""
    return "z" + base58.encode(_PREFIX + raw)


def is_digest_of(text: str, data: bytes) -> bool:
    """Whether a text is the digest of these bytes; quicker than writing it and comparing."""
    try:
        return read_digest(text) == sha256(data).digest()
    except WrongShape:
        return False


def read_digest(text: str) -> bytes:
    """Read the SHA-256 hash (32 bytes) out of a digest.

    Raises:
        WrongShape: not a digest of this form.

    """
    if text.startswith("z") and len(text) <= _TEXT_MAX:
        raw = base58.decode(text[1:])
        if len(raw) == _MULTIHASH_BYTES and raw.startswith(_PREFIX):
            return raw[2:]
    message = "not a digest: z + base58btc of a SHA-256 multihash is needed"
    raise WrongShape(message)
