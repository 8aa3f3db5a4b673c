"""The baseline of verifying: PyNaCl's own loop over messages of 64 bytes."""

from __future__ import annotations

import os
from time import perf_counter

from nacl.signing import SigningKey

_SIGNED = 500


class Bare:
    """Bare Ed25519: 500 messages of 64 bytes with their signatures."""

    def __init__(self) -> None:
        key = SigningKey(bytes(range(32)))
        self._verify = key.verify_key.verify
        self._signed = [
            (signed.message, signed.signature)
            for signed in (key.sign(os.urandom(64)) for _ in range(_SIGNED))
        ]

    def seconds_each(self, count: int) -> float:
        """Verify so many and say how long one took."""
        verify, signed = self._verify, self._signed
        whole, rest = divmod(count, len(signed))
        start = perf_counter()
        for _ in range(whole):
            for message, signature in signed:
                verify(message, signature)
        for message, signature in signed[:rest]:
            verify(message, signature)
        return (perf_counter() - start) / count
