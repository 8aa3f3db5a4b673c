"""The parameters of an identity log: what each entry sets, and what is then in force.

Here: the parameters of did:webvh 1.0, one by one. Not here: who may sign (`webvh`).
Spec: 03-identity (LF-LOG). Source: did:webvh 1.0, "did:webvh DID Method Parameters" and "Pre-Rotation
Key Hash Generation and Verification".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from localfed.protocol.canonical import Json, JsonObject
from localfed.protocol.errors import BadKey, BadLog
from localfed.protocol.keys import read_multikey
from localfed.protocol.webvh_entry import hash_key

METHOD: Final = "did:webvh:1.0"
_TTL_MAX: Final = 2**31


class Parameters(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The parameters in force after an entry."""

    method: str = METHOD
    scid: str
    update_keys: tuple[str, ...] = ()
    next_key_hashes: tuple[str, ...] = ()
    portable: bool = False
    deactivated: bool = False
    ttl: int = 3600
    watchers: tuple[str, ...] = ()


# What an early implementation meant by null: did:webvh asks readers to be forgiving there.
_NULL: Final[dict[str, Json]] = {
    "updateKeys": [],
    "nextKeyHashes": [],
    "witness": {},
    "watchers": [],
    "ttl": 3600,
}


def first_parameters(given: Json) -> Parameters:
    """Read the parameters of a first entry (LF-LOG-11, LF-LOG-12).

    Raises:
        BadLog: one is missing, unknown or has a value that did:webvh does not allow.

    """
    values = _read(given)
    for name in ("method", "scid", "updateKeys"):
        if name not in values:
            raise BadLog(f"the first entry has no parameter {name}")
    return msgspec.convert(values, Parameters)


def next_parameters(before: Parameters, given: Json) -> Parameters:
    """Read the parameters of a later entry, by those in force before it (LF-LOG-11 to LF-LOG-13).

    Raises:
        BadLog: as `first_parameters`; or the scid again, portable again after it was given up, or
            an update key that the entry before did not commit to.

    """
    values = _read(given)
    if "scid" in values:
        raise BadLog("only the first entry has the parameter scid")
    if values.get("portable") and not before.portable:
        raise BadLog("portable can only be set in the first entry")
    if before.next_key_hashes:
        if "updateKeys" not in values or "nextKeyHashes" not in values:
            raise BadLog("under pre-rotation every entry sets updateKeys and nextKeyHashes")
        if not all(hash_key(key) in before.next_key_hashes for key in values["updateKeys"]):
            raise BadLog("an update key was not committed to by the entry before")
    return msgspec.convert({**msgspec.to_builtins(before), **values}, Parameters)


def _read(given: Json) -> dict[str, Any]:
    """Check every parameter by itself; witness is left out, because it can only be none."""
    if not isinstance(given, dict):
        raise BadLog("parameters is an object")
    values: JsonObject = {}
    for name, value in given.items():
        check = _CHECKS.get(name)
        if check is None:
            raise BadLog(f"did:webvh 1.0 has no parameter {name[:40]!a}")
        plain = _NULL[name] if value is None and name in _NULL else value
        check(plain)
        values[name] = plain
    values.pop("witness", None)
    return values


def _check_method(value: Json) -> None:
    if value != METHOD:
        raise BadLog(f"only {METHOD} is understood")


def _check_text(value: Json) -> None:
    if not isinstance(value, str):
        raise BadLog("scid is a string")


def _check_texts(value: Json) -> None:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadLog("nextKeyHashes and watchers are lists of strings")


def _check_keys(value: Json) -> None:
    if not isinstance(value, list):
        raise BadLog("updateKeys is a list of Multikeys")
    for key in value:
        try:
            read_multikey(key if isinstance(key, str) else "")
        except BadKey as error:
            raise BadLog(f"an update key: {error.message}") from error


def _check_flag(value: Json) -> None:
    if not isinstance(value, bool):
        raise BadLog("portable and deactivated are true or false")


def _check_ttl(value: Json) -> None:
    if type(value) is not int or not 0 <= value <= _TTL_MAX:
        raise BadLog("ttl is a number of seconds, 0 to 2^31")


def _check_witness(value: Json) -> None:
    # LF-LOG-15. Accepting such a log without checking its witnesses would drop a promise that it makes.
    if value != {}:
        raise BadLog("logs with witnesses are not supported")


_CHECKS: Final[dict[str, Callable[[Json], None]]] = {
    "method": _check_method,
    "scid": _check_text,
    "updateKeys": _check_keys,
    "nextKeyHashes": _check_texts,
    "portable": _check_flag,
    "deactivated": _check_flag,
    "ttl": _check_ttl,
    "watchers": _check_texts,
    "witness": _check_witness,
}
