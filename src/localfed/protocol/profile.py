"""The profile: what LocalFed asks of an identity log on top of did:webvh 1.0.

Here: the checks on verified versions, one function for one part of an entry. Not here: verifying them
(`webvh`), what the log then means (`identity`).
Spec: 03-identity (LF-ID). Source: our own decisions; the forms are those of did:webvh 1.0, DID Core
and Controlled Identifiers 1.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from localfed.protocol import base58, limits
from localfed.protocol.canonical import Json, JsonObject, parse_object
from localfed.protocol.did import base_url, check_profile_did, is_base_of, parse_did
from localfed.protocol.errors import BadKey, BadTime, OutsideProfile, Rejected, WrongShape
from localfed.protocol.keys import read_multikey
from localfed.protocol.times import read_time
from localfed.protocol.webvh import Version

KEY_TYPE: Final = "Multikey"
NODE_ID: Final = "#localfed-1"
NODE_TYPE: Final = "LocalFedNode"
FILES_ID: Final = "#files"
FILES_TYPE: Final = "relativeRef"

_FIRST_PARAMETERS: Final = frozenset({"method", "scid", "updateKeys", "nextKeyHashes", "portable"})
_PARAMETERS: Final = frozenset({"updateKeys", "nextKeyHashes"})
_CLOSING_PARAMETERS: Final = frozenset({*_PARAMETERS, "deactivated"})
_PROOF: Final = frozenset(
    {"type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue"}
)
_METHOD: Final = frozenset({"id", "type", "controller", "publicKeyMultibase"})
_SERVICE: Final = frozenset({"id", "type", "serviceEndpoint"})
_COMMITTED_MAX: Final = 2
_SHA_256: Final = b"\x12\x20"
_MULTIHASH_BYTES: Final = 34


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What one version of an identity says, by our profile."""

    base: str
    """The folder of its files, a URL with a slash at the end."""
    keys: dict[str, bytes]
    """Verification method (`DID#multikey`) to public key (32 bytes), of those that may sign."""


def check_length(lines: Sequence[bytes]) -> None:
    """Check the number of entries, before anything that costs (LF-ID-3).

    Raises:
        OutsideProfile: more than 200.

    """
    if len(lines) > limits.LOG_ENTRIES:
        raise OutsideProfile(f"the log has more than {limits.LOG_ENTRIES} entries")


def check_versions(
    lines: Sequence[bytes], versions: Sequence[Version], *, allow_loopback: bool
) -> tuple[State, ...]:
    """Check every version against the profile; returns what each of them says.

    `lines` are those that the versions were verified from, without their line feeds.
    Rules: LF-ID-2 to LF-ID-16.

    Raises:
        OutsideProfile: a rule of the profile is broken; the message says which.
        LoopbackNotAllowed: an address of this machine, without the operator's word.

    """
    first = versions[0].did
    states = []
    for line, version in zip(lines, versions, strict=True):
        _check_line(line, version.number)
        check_profile_did(parse_did(version.did), allow_loopback=allow_loopback)
        _check_parameters(version)
        _check_proof(version)
        _check_names(versions[: version.number])
        keys = _read_keys(version.state, first)
        states.append(State(base=_read_base(version, first), keys=keys))
    _check_separation(versions)
    return tuple(states)


def _check_line(line: bytes, number: int) -> None:
    """Every line is its own canonical form (LF-ID-2)."""
    try:
        parse_object(line, limit=limits.LOG_BYTES)
    except Rejected as error:
        raise OutsideProfile(f"entry {number}: {error.message}", detail=error.code) from error


def _check_parameters(version: Version) -> None:
    """Each entry sets exactly the parameters that its place allows (LF-ID-5 to LF-ID-8)."""
    given = version.entry["parameters"]
    names = given.keys() if isinstance(given, dict) else frozenset()
    closes = version.parameters.deactivated
    if version.number == 1:
        if names != _FIRST_PARAMETERS or not version.parameters.portable:
            raise OutsideProfile(
                "entry 1 sets method, scid, updateKeys, nextKeyHashes and portable true"
            )
    elif names != (_CLOSING_PARAMETERS if closes else _PARAMETERS):
        raise OutsideProfile("a later entry sets updateKeys and nextKeyHashes, or closes")
    # LF-ID-7.
    if len(version.parameters.update_keys) != 1:
        raise OutsideProfile("an entry has one update key")
    hashes = version.parameters.next_key_hashes
    if closes:
        if hashes:
            raise OutsideProfile("the entry that closes commits to no further key")
        return
    if version.number == limits.LOG_ENTRIES:
        raise OutsideProfile(f"entry {limits.LOG_ENTRIES} can only close the identity")
    if not 1 <= len(hashes) <= _COMMITTED_MAX or len(set(hashes)) != len(hashes):
        raise OutsideProfile("an entry commits to one or two further keys")
    if not all(_is_hash(text) for text in hashes):
        raise OutsideProfile("nextKeyHashes holds SHA-256 hashes of Multikeys")


def _is_hash(text: str) -> bool:
    try:
        raw = base58.decode(text)
    except WrongShape:
        return False
    return len(raw) == _MULTIHASH_BYTES and raw.startswith(_SHA_256)


def _check_proof(version: Version) -> None:
    """Times in the one form, and one proof with the members of the suite (LF-ID-4, LF-ID-9)."""
    try:
        read_time(str(version.entry["versionTime"]))
    except BadTime as error:
        raise OutsideProfile(f"versionTime: {error.message}") from error
    listed = version.entry["proof"]
    if not isinstance(listed, list) or len(listed) != 1:
        raise OutsideProfile("an entry has an array of exactly one proof")
    proof = listed[0]
    if not isinstance(proof, dict) or proof.keys() - {"created"} != _PROOF:
        raise OutsideProfile("the proof of an entry has another member than the profile allows")


def _check_names(versions: Sequence[Version]) -> None:
    """The last of these versions names every earlier DID that is not its own (LF-ID-10)."""
    *earlier, last = versions
    known = last.state.get("alsoKnownAs", [])
    if not isinstance(known, list) or not all(isinstance(item, str) for item in known):
        raise OutsideProfile("alsoKnownAs is a list of strings")
    if any(version.did != last.did and version.did not in known for version in earlier):
        raise OutsideProfile("an entry lists every earlier DID in alsoKnownAs")


def _read_keys(state: JsonObject, first: str) -> dict[str, bytes]:
    """Read the keys that may sign after an entry (LF-ID-11 to LF-ID-14)."""
    methods = state.get("verificationMethod")
    if not isinstance(methods, list) or len(methods) > limits.LOG_KEYS:
        raise OutsideProfile(f"verificationMethod is a list of at most {limits.LOG_KEYS} keys")
    known: dict[str, bytes | None] = {}
    for method in methods:
        identifier, public = _read_method(method, first)
        if identifier in known:
            raise OutsideProfile("a key is in verificationMethod twice")
        known[identifier] = public
    asserted = state.get("assertionMethod")
    if not isinstance(asserted, list):
        raise OutsideProfile("assertionMethod is a list of ids of keys")
    keys: dict[str, bytes] = {}
    for reference in asserted:
        # Methods embedded in assertionMethod are refused too: one place to look a key up.
        if not isinstance(reference, str) or reference not in known or reference in keys:
            raise OutsideProfile("assertionMethod names each of its keys once, by its id")
        found = known[reference]
        if found is not None:
            keys[reference] = found
    return keys


def _read_method(method: Json, first: str) -> tuple[str, bytes | None]:
    """Read one verification method: its id, and its public key unless it is revoked (LF-ID-12)."""
    if not isinstance(method, dict) or method.keys() - {"revoked"} != _METHOD:
        raise OutsideProfile("a key has id, type, controller, publicKeyMultibase, perhaps revoked")
    multikey = method["publicKeyMultibase"]
    if not isinstance(multikey, str):
        raise OutsideProfile("publicKeyMultibase is a string")
    if (
        method["type"] != KEY_TYPE
        or method["controller"] != first
        or method["id"] != f"{first}#{multikey}"
    ):
        raise OutsideProfile(
            "a key is a Multikey, its id and controller written with the first DID"
        )
    try:
        public = read_multikey(multikey)
    except BadKey as error:
        raise OutsideProfile(f"verificationMethod: {error.message}") from error
    return f"{first}#{multikey}", None if "revoked" in method else public


def _read_base(version: Version, first: str) -> str:
    """Read BASE out of the two services (LF-ID-15, LF-ID-16)."""
    services = version.state.get("service")
    if not isinstance(services, list) or not all(
        isinstance(service, dict) and service.keys() == _SERVICE for service in services
    ):
        raise OutsideProfile("service holds objects of id, type and serviceEndpoint")
    # The id may be written relative, as did:webvh writes it, or with the first DID.
    seen = sorted((str(s["id"]).removeprefix(first), str(s["type"])) for s in services)  # type: ignore[index,call-overload]
    if seen != [(FILES_ID, FILES_TYPE), (NODE_ID, NODE_TYPE)]:
        raise OutsideProfile(
            f"the services are {NODE_ID} ({NODE_TYPE}) and {FILES_ID} ({FILES_TYPE})"
        )
    base, other = (service["serviceEndpoint"] for service in services)  # type: ignore[index,call-overload]
    if not isinstance(base, str) or base != other:
        raise OutsideProfile("both services name the same URL")
    if not is_base_of(base, parse_did(version.did)):
        did_base = base_url(parse_did(version.did))
        raise OutsideProfile(f"the services name a folder on the host of {did_base}")
    return base


def _check_separation(versions: Sequence[Version]) -> None:
    """No key of a node is an update key: a stolen node must not own the identity (LF-ID-13)."""
    update_keys = {key for version in versions for key in version.parameters.update_keys}
    for version in versions:
        methods = version.state["verificationMethod"]
        named = {method["publicKeyMultibase"] for method in methods}  # type: ignore[index,call-overload,union-attr]
        if named & update_keys:
            raise OutsideProfile("a key of verificationMethod is an update key of the log")
