"""The recovery kit: one secret on paper, from which every update key of an identity follows.

Here: the kit's text and its keys. Not here: the log entries that it signs (`identity`), making its
seed (randomness is the roof's). Spec: 03-identity (LF-KIT). Source: RFC 5869 (HKDF), RFC 4648,
RFC 7914 (scrypt), RFC 8439 (ChaCha20-Poly1305).
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from localfed.protocol import limits
from localfed.protocol.errors import BadKit
from localfed.protocol.keys import SigningKey
from localfed.protocol.webvh_entry import hash_key

_PREFIX: Final = "lfk1"
_SALT: Final = b"localfed-kit-1"
_SEED_BYTES: Final = 32
_CHECK_BYTES: Final = 4
_TEXT: Final = re.compile(r"[a-z2-7]{58}")
_LOCKED: Final = "lfkp1"
_LOCKED_TEXT: Final = re.compile(r"[a-z2-7]{109}")
_BEGIN: Final = re.compile(r"\s*lfkp?1", re.IGNORECASE)
_SALT_BYTES: Final = 16
# The key is of one salt and so of one message: a nonce that is always the same repeats nothing.
_NONCE: Final = bytes(12)
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
        return print_kit(self.text)

    @classmethod
    def parse(cls, text: str) -> Kit:
        """Read a kit as a person typed it: case, spaces, line ends and hyphens do not matter.

        Rules: LF-KIT-2, LF-KIT-3.

        Raises:
            BadKit: not a kit, or mistyped.

        """
        characters = _squeeze(text)
        if characters.startswith(_LOCKED):
            raise BadKit("that recovery kit is locked: its passphrase is needed")
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

    def lock(self, passphrase: str, *, salt: bytes) -> str:
        """Write the kit so that only who knows a passphrase can read it; `salt` is 16 random bytes.

        Rules: LF-KIT-7, LF-KIT-8.
        """
        if len(salt) != _SALT_BYTES:
            raise BadKit("the salt of a locked kit has 16 bytes")
        key = _stretch(passphrase, salt)
        sealed = ChaCha20Poly1305(key).encrypt(_NONCE, self.seed, _LOCKED.encode())
        raw = salt + sealed
        return f"{_LOCKED}-{_base32(raw + sha256(raw).digest()[:_CHECK_BYTES])}"

    @classmethod
    def unlock(cls, text: str, passphrase: str) -> Kit:
        """Read a locked kit; case, spaces, line ends and hyphens of its text do not matter.

        Rules: LF-KIT-7, LF-KIT-8.

        Raises:
            BadKit: not a locked kit, mistyped, or another passphrase.

        """
        characters = _squeeze(text)
        body = characters.removeprefix(_LOCKED)
        if body == characters or not _LOCKED_TEXT.fullmatch(body):
            raise BadKit("a locked recovery kit is lfkp1- and 109 letters a to z and digits 2 to 7")
        raw = base64.b32decode(body.upper() + "===")
        sealed = raw[:-_CHECK_BYTES]
        if _base32(sealed + sha256(sealed).digest()[:_CHECK_BYTES]) != body:
            raise BadKit("the recovery kit is mistyped: its check does not match")
        key = _stretch(passphrase, sealed[:_SALT_BYTES])
        try:
            seed = ChaCha20Poly1305(key).decrypt(_NONCE, sealed[_SALT_BYTES:], _LOCKED.encode())
        except InvalidTag as error:
            raise BadKit("that is not the passphrase of this recovery kit") from error
        return cls(seed)

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
        return _base32(self.seed + sha256(self.seed).digest()[:_CHECK_BYTES])


def is_locked(text: str) -> bool:
    """Whether this is the text of a kit that a passphrase locks, as far as its beginning tells."""
    return _squeeze(text).startswith(_LOCKED)


def print_kit(text: str) -> str:
    """Write the text of a kit, locked or not, in groups of four (LF-KIT-3)."""
    prefix, _, characters = text.partition("-")
    groups = (characters[at : at + _GROUP] for at in range(0, len(characters), _GROUP))
    return " ".join((f"{prefix}-", *groups))


def find_kit(text: str) -> str:
    """Find the text of a kit in what people keep it in: a file with words around it, a printed page.

    Raises:
        BadKit: there is none, or more than one.

    """
    lines = re.sub(r"<[^>]*>", "\n", text).splitlines()
    found = {_squeeze(line) for line in lines if _BEGIN.match(line)}
    if len(found) != 1:
        message = (
            "there is no recovery kit in it" if not found else "there is more than one kit in it"
        )
        raise BadKit(message)
    return found.pop()


def _squeeze(text: str) -> str:
    # Every white space, because word processors put U+00A0 between groups.
    return re.sub(r"[\s-]+", "", text).lower()


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()


def _stretch(passphrase: str, salt: bytes) -> bytes:
    """Make a key of a passphrase, slowly (RFC 7914): 32 MiB, half a second on a small machine."""
    plain = unicodedata.normalize("NFKC", passphrase).encode()
    return Scrypt(salt=salt, length=_SEED_BYTES, n=2**15, r=8, p=3).derive(plain)
