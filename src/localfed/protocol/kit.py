"""The recovery kit: one secret on paper, from which every update key of an identity follows.

Here: the kit's text and its keys. Not here: the log entries that it signs (`identity`), making its
seed (randomness is the roof's). Spec: 03-identity (LF-KIT). Source: RFC 5869 (HKDF), RFC 4648.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from localfed.protocol import limits
from localfed.protocol.errors import BadKit
from localfed.protocol.keys import SigningKey
from localfed.protocol.webvh_entry import hash_key

_PREFIX: Final = "lfk1"
_SALT: Final = b"localfed-kit-1"
_SEED_BYTES: Final = 32
_CHECK_BYTES: Final = 4
_TEXT: Final = re.compile(r"[a-z2-7]{58}")
_GROUP: Final = 4


class Kit:
    """A recovery kit, made from its seed of 32 random bytes. It serves one identity (LF-KIT-1)."""

    __slots__ = ("seed",)

    def __init__(self, seed: bytes) -> None:
        if len(seed) != _SEED_BYTES:
            raise BadKit("the seed of a recovery kit has 32 bytes")
        self.seed = seed

    def __repr__(self) -> str:
        return "Kit(...)"  # never the seed: this ends up in logs

    @property
    def text(self) -> str:
        """The kit as people keep it: `lfk1-` and 58 lower-case characters (LF-KIT-2)."""
        return f"{_PREFIX}-{self._characters()}"

    @property
    def printed(self) -> str:
        """The same in groups of four, for paper; `parse` reads it as well (LF-KIT-3)."""
        characters = self._characters()
        groups = (characters[at : at + _GROUP] for at in range(0, len(characters), _GROUP))
        return " ".join((f"{_PREFIX}-", *groups))

    @classmethod
    def parse(cls, text: str) -> Kit:
        """Read a kit as a person typed it: case, spaces, line ends and hyphens do not matter.

        Rules: LF-KIT-2, LF-KIT-3.

        Raises:
            BadKit: not a kit, or mistyped.

        """
        # Every white space, because word processors put U+00A0 between groups.
        characters = re.sub(r"[\s-]+", "", text).lower()
        if not characters.startswith(_PREFIX):
            raise BadKit("a recovery kit starts with lfk1-")
        characters = characters[len(_PREFIX) :]
        if not _TEXT.fullmatch(characters):
            raise BadKit("a recovery kit has 58 letters a to z and digits 2 to 7 after lfk1-")
        raw = base64.b32decode(characters.upper() + "======")
        kit = cls(raw[:_SEED_BYTES])
        # Comparing the text, not the checksum alone: the last character has two bits to spare.
        if kit._characters() != characters:
            raise BadKit("the recovery kit is mistyped: its check does not match")
        return kit

    def update_key(self, number: int) -> SigningKey:
        """Derive update key `number`, counted from 0 (LF-KIT-4)."""
        info = number.to_bytes(4)
        hkdf = HKDF(algorithm=SHA256(), length=_SEED_BYTES, salt=_SALT, info=info)
        return SigningKey(hkdf.derive(self.seed))

    def find_key(self, hashes: Iterable[str]) -> tuple[int, SigningKey] | None:
        """Find the key of this kit that one of these `nextKeyHashes` commits to (LF-KIT-5).

        Returns its number and the key; None if the kit belongs to another identity.
        """
        wanted = frozenset(hashes)
        for number in range(limits.KIT_TRIES + 1):
            key = self.update_key(number)
            if hash_key(key.multikey) in wanted:
                return number, key
        return None

    def _characters(self) -> str:
        raw = self.seed + sha256(self.seed).digest()[:_CHECK_BYTES]
        return base64.b32encode(raw).decode().rstrip("=").lower()
