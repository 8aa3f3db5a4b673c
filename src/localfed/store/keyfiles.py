"""Key files: the keys that sign documents, one private file for each hosted organisation.

Here: `KeyFiles`. Not here: update keys, which are on the recovery kit and never on this disk.
"""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import msgspec

from localfed.protocol.did import parse_did
from localfed.protocol.errors import BadFile, BadKey
from localfed.protocol.keys import SigningKey
from localfed.store.files import (
    OTHERS,
    make_private_folder,
    replace_private_file,
    write_private_file,
)

_FOLDER: Final = "keys"
_BYTES_MAX: Final = 65_536


class _StoredKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One key; `key` is the Multikey that the seed must give."""

    key: str
    seed: str
    """base64url of 32 bytes, without padding."""


class _StoredKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key file; of its keys the newest that the identity log asserts signs."""

    did: str
    keys: list[_StoredKey]


class KeyFiles:
    """The folder `keys/` in the data folder.

    A key is kept in memory for as long as its file is the same; the file's mode is looked at every
    time, for a key that others can read must not sign on.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _FOLDER
        self._held: dict[str, tuple[tuple[int, int, int], tuple[SigningKey, ...]]] = {}

    def create(self, did: str, seed: bytes) -> None:
        """Write the first key file of an organisation; `seed` has 32 bytes.

        Raises:
            BadFile: there is one already, or it cannot be written.
            DiskFull: no space for it; nothing was left behind.

        """
        make_private_folder(self._folder)
        write_private_file(self._path(did), _write(did, [SigningKey(seed)]))

    def add(self, did: str, seed: bytes) -> SigningKey:
        """Add a key to an organisation's file; it signs once its identity log asserts it.

        Raises:
            BadFile: the file is missing, damaged or readable by others; it is as it was.
            DiskFull: no space; the file is as it was.

        """
        key = SigningKey(seed)
        self._replace(did, [*self.signing_keys(did), key])
        return key

    def drop(self, did: str, multikeys: Collection[str]) -> None:
        """Take keys out of an organisation's file, whose log asserts them no longer.

        Raises:
            BadFile, DiskFull: by name; the file is as it was.

        """
        held = self.signing_keys(did)
        kept = [key for key in held if key.multikey not in multikeys]
        if kept and len(kept) < len(held):
            self._replace(did, kept)

    def discard(self, did: str) -> None:
        """Take the key file of an organisation away that was not hosted after all."""
        self._path(did).unlink(missing_ok=True)
        self._held.pop(did, None)

    def signing_keys(self, did: str) -> tuple[SigningKey, ...]:
        """Return every key of a hosted organisation that is on this disk, the newest last.

        Raises:
            BadFile: the key file is missing, damaged or readable by others.

        """
        path = self._path(did)
        mark = self._check(path)
        held = self._held.get(did)
        if held is not None and held[0] == mark:
            return held[1]
        keys = _read(path, did)
        self._held[did] = (mark, keys)
        return keys

    def _replace(self, did: str, keys: Sequence[SigningKey]) -> None:
        replace_private_file(self._path(did), (_write(did, keys),))
        self._held.pop(did, None)

    def _path(self, did: str) -> Path:
        return self._folder / f"{parse_did(did).scid}.json"

    def _check(self, path: Path) -> tuple[int, int, int]:
        """Check that nobody else can read it; returns what changes when the file does."""
        try:
            folder = self._folder.stat()
            file = path.lstat()
        except OSError as error:
            raise BadFile(f"the key file {_name(path)} is missing", detail=str(error)) from error
        if not stat.S_ISREG(file.st_mode):
            raise BadFile(f"the key file {_name(path)} is no regular file", detail=str(path))
        for status, name, mode in ((folder, _FOLDER, "700"), (file, _name(path), "600")):
            if stat.S_IMODE(status.st_mode) & OTHERS:
                raise BadFile(
                    f"{name} in the data folder can be read by others: chmod {mode} it, and if"
                    " others use this machine, change the key",
                    detail=str(path),
                )
        return file.st_ino, file.st_mtime_ns, file.st_size


def _name(path: Path) -> str:
    return f"{_FOLDER}/{path.name}"


def _write(did: str, keys: Sequence[SigningKey]) -> bytes:
    stored = _StoredKeys(
        did=did,
        keys=[
            _StoredKey(
                key=key.multikey,
                seed=base64.urlsafe_b64encode(key.seed).rstrip(b"=").decode(),
            )
            for key in keys
        ],
    )
    return msgspec.json.format(msgspec.json.encode(stored)) + b"\n"


def _read(path: Path, did: str) -> tuple[SigningKey, ...]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(_BYTES_MAX)
    except OSError as error:
        raise BadFile(f"the key file {_name(path)} cannot be read", detail=str(error)) from error
    try:
        stored = msgspec.json.decode(data, type=_StoredKeys)
        keys = tuple(
            SigningKey(base64.b64decode(one.seed + "=", altchars=b"-_", validate=True))
            for one in stored.keys
        )
    except (msgspec.DecodeError, ValueError, BadKey) as error:
        # No word of the content in the message: it is a secret.
        raise _damaged(path, type(error).__name__) from None
    if not keys:
        raise _damaged(path, "no key")
    if stored.did != did or [key.multikey for key in keys] != [one.key for one in stored.keys]:
        raise BadFile(f"the key file {_name(path)} holds another key", detail=str(path))
    return keys


def _damaged(path: Path, detail: str) -> BadFile:
    message = f"the key file {_name(path)} is damaged; take it from the last backup"
    return BadFile(message, detail=detail)
