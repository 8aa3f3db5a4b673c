"""The identity: who an organisation is, read out of its log; making and extending that log.

Here: reading a log as an identity, comparing two logs, and the entries that create, rotate, move and
close. Not here: did:webvh itself (`webvh`), each check of the profile (`profile`), the kit (`kit`).
Spec: 03-identity (LF-ID).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import pairwise
from typing import Final

import msgspec

from localfed.protocol.canonical import Json, JsonObject
from localfed.protocol.did import did_text, log_url, parse_base, parse_did
from localfed.protocol.errors import BadKit, Closed, LogForked, OutsideProfile
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit
from localfed.protocol.profile import (
    FILES_ID,
    FILES_TYPE,
    KEY_TYPE,
    NODE_ID,
    NODE_TYPE,
    check_length,
    check_versions,
)
from localfed.protocol.times import write_time
from localfed.protocol.webvh import resolve_log, split_lines
from localfed.protocol.webvh_entry import (
    PLACEHOLDER,
    hash_entry,
    hash_first,
    hash_key,
    sign_entry,
)
from localfed.protocol.webvh_parameters import METHOD

CONTEXTS: Final = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1")


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation's identity, as its log proves it."""

    did: str
    """The DID of the first entry: what every document is written with, for ever."""
    scid: str
    version_ids: tuple[str, ...]
    eras: tuple[int, ...]
    """The era that each entry begins or goes on with."""
    current_did: str
    """`id` of the last entry: where the identity lives now."""
    home: str
    """Where the log is published: the log URL of `current_did`."""
    base: str
    """The folder of the files, with a slash at the end."""
    bases: tuple[str, ...]
    """BASE of every entry, the first first: where it lived, its files go on being served."""
    host: str
    """What people are shown, never the host of `did`."""
    keys: dict[str, bytes]
    """Verification method (`did#multikey`) to public key (32 bytes), of those that may sign now."""
    closed: bool
    updated: datetime
    """The time of the last entry."""

    @property
    def era(self) -> int:
        """How many entries took a key away (LF-ID-17)."""
        return self.eras[-1]

    def era_at(self, version_id: str) -> int | None:
        """Say the era of an entry; None if the log does not have it."""
        try:
            return self.eras[self.version_ids.index(version_id)]
        except ValueError:
            return None


class Comparison(Enum):
    """What an offered log is to the one held (LF-ID-19)."""

    SAME = "same"
    EXTENDS = "extends"
    """The offered one goes on where the one held ends: take it."""
    SHORTER = "shorter"
    """The offered one is an earlier state of the one held: ignore it."""
    FORKED = "forked"
    """They contradict each other: keep the one held, and both as evidence."""


def read_identity(
    log: bytes, *, now: datetime, allow_loopback: bool = False, did: str | None = None
) -> Identity:
    """Verify a log by did:webvh and by our profile, and say whose it is.

    `did`, if given, is the DID asked for: one that any version of the log had.
    Rules: LF-ID-1 to LF-ID-18.

    Raises:
        OutsideProfile: valid for did:webvh, but not of our profile; the message says why.
        LoopbackNotAllowed: it lives on a loopback address.
        WrongIdentity: not the DID asked for.
        Rejected: not valid for did:webvh; by the kinds of `resolve_log`.

    """
    lines = split_lines(log)
    check_length(lines)
    versions = resolve_log(log, now=now, did=did).versions
    if not log.endswith(b"\n"):
        raise OutsideProfile("the last line of the log ends with a line feed")
    states = check_versions(lines, versions, allow_loopback=allow_loopback)
    eras = [0]
    for before, after in pairwise(states):
        eras.append(eras[-1] + (not before.keys.keys() <= after.keys.keys()))
    last = versions[-1]
    current = parse_did(last.did)
    closed = last.parameters.deactivated
    return Identity(
        did=versions[0].did,
        scid=current.scid,
        version_ids=tuple(version.version_id for version in versions),
        eras=tuple(eras),
        current_did=last.did,
        home=log_url(current),
        base=states[-1].base,
        bases=tuple(state.base for state in states),
        host=current.host,
        keys={} if closed else states[-1].keys,
        closed=closed,
        updated=last.time,
    )


def compare_logs(held: Identity, offered: Identity) -> Comparison:
    """Say what an offered log is to the one held, by their versionIds (LF-ID-19).

    Proofs play no part: they are not under the entry hash.
    """
    shorter = min(len(held.version_ids), len(offered.version_ids))
    if held.version_ids[:shorter] != offered.version_ids[:shorter]:
        return Comparison.FORKED
    if len(offered.version_ids) > len(held.version_ids):
        return Comparison.EXTENDS
    return (
        Comparison.SAME if len(offered.version_ids) == len(held.version_ids) else Comparison.SHORTER
    )


def extends(held: Identity, offered: Identity) -> bool:
    """Say whether an offered log goes further than the one held, and so is to be taken (LF-ID-19).

    Raises:
        LogForked: it contradicts the one held, which is kept.

    """
    relation = compare_logs(held, offered)
    if relation is Comparison.FORKED:
        message = "the publisher's identity log contradicts the one held"
        raise LogForked(message)
    return relation is Comparison.EXTENDS


def confirms_home(held: Identity, found: Identity, url: str) -> bool:
    """Whether a log found at a URL shows that the identity held lives there (LF-ID-21)."""
    return found.home == url and compare_logs(held, found) in {
        Comparison.SAME,
        Comparison.EXTENDS,
    }


def kit_fits(log: bytes, kit: Kit, *, now: datetime) -> bool:
    """Whether a kit is one that the last entry of a log commits to (LF-KIT-5)."""
    last = resolve_log(log, now=now).versions[-1]
    return kit.find_key(last.parameters.next_key_hashes) is not None


def create_log(
    *,
    kit: Kit,
    base: str,
    keys: Sequence[str],
    now: datetime,
    allow_loopback: bool = False,
    trustee_hash: str | None = None,
) -> bytes:
    """Make the log of a new identity: one entry, signed by the kit's key 0.

    `keys` are the Multikeys that sign documents; `trustee_hash` is `hash_key` of update key 0 of a
    second kit, kept by somebody else.
    Rules: LF-ID-1 to LF-ID-16, LF-KIT-6.

    Raises:
        BadUrl, LoopbackNotAllowed: BASE is not one.
        OutsideProfile: no key, too many, one twice, or not a Multikey.

    """
    base = parse_base(base, allow_loopback=allow_loopback)
    did = did_text(PLACEHOLDER, base, allow_loopback=allow_loopback)
    key = kit.update_key(0)
    moment = write_time(now)
    hashes: list[Json] = [hash_key(kit.update_key(1).multikey)]
    if trustee_hash is not None:
        hashes.append(trustee_hash)
    draft: JsonObject = {
        "versionId": PLACEHOLDER,
        "versionTime": moment,
        "parameters": {
            "method": METHOD,
            "scid": PLACEHOLDER,
            "updateKeys": [key.multikey],
            "nextKeyHashes": hashes,
            "portable": True,
        },
        "state": _write_state(first=did, current=did, earlier=(), base=base, keys=keys),
    }
    scid = hash_first(draft, PLACEHOLDER)
    entry = _put_scid(draft, scid)
    entry["versionId"] = f"1-{hash_entry(entry, scid)}"
    log = sign_entry(entry, key, moment)
    read_identity(log, now=now, allow_loopback=allow_loopback)
    return log


def rotate_log(log: bytes, *, kit: Kit, keys: Sequence[str], now: datetime) -> bytes:
    """Extend a log by an entry after which exactly these keys (Multikeys) sign documents.

    Routine rotation is two of these: add the new key, sign everything with it, take the old one out.
    Rules: LF-ID-6, LF-ID-17, LF-KIT-6.

    Raises:
        BadKit: the kit is not one that the log's last entry commits to.
        Closed: the identity is closed.
        OutsideProfile: the keys are not of the profile, or entry 200 would not close.

    """
    return _extend(log, kit=kit, now=now, keys=keys)


def move_log(
    log: bytes, *, kit: Kit, base: str, now: datetime, allow_loopback: bool = False
) -> bytes:
    """Extend a log by an entry that moves the identity to another address; its keys stay.

    Rules: LF-ID-10, LF-ID-16, LF-KIT-6.

    Raises:
        BadUrl, LoopbackNotAllowed: BASE is not one.
        BadKit, Closed, OutsideProfile: as `rotate_log`.

    """
    base = parse_base(base, allow_loopback=allow_loopback)
    return _extend(log, kit=kit, now=now, base=base)


def close_log(log: bytes, *, kit: Kit, now: datetime) -> bytes:
    """Extend a log by the entry that closes the identity; nothing can follow.

    Rules: LF-ID-8, LF-KIT-6.

    Raises:
        BadKit, Closed: as `rotate_log`.

    """
    return _extend(log, kit=kit, now=now, closes=True)


def _extend(
    log: bytes,
    *,
    kit: Kit,
    now: datetime,
    keys: Sequence[str] | None = None,
    base: str | None = None,
    closes: bool = False,
) -> bytes:
    # It is our own log: whether loopback was allowed was settled when it was made or moved there.
    identity = read_identity(log, now=now, allow_loopback=True)
    if identity.closed:
        raise Closed("the identity is closed: its log can never change again")
    versions = resolve_log(log, now=now).versions
    last = versions[-1]
    key, hashes = _reveal(kit, last.parameters.next_key_hashes)
    parameters: JsonObject = {"updateKeys": [key.multikey], "nextKeyHashes": hashes}
    if closes:
        parameters |= {"nextKeyHashes": [], "deactivated": True}
    current = did_text(identity.scid, base, allow_loopback=True) if base else last.did
    state = _write_state(
        first=identity.did,
        current=current,
        earlier=tuple(version.did for version in versions),
        base=base or identity.base,
        keys=keys if keys is not None else [_multikey(method) for method in identity.keys],
    )
    # The clock may not have moved on by a second since the last entry; versionTime has to.
    moment = write_time(max(now.astimezone(UTC), last.time + timedelta(seconds=1)))
    entry: JsonObject = {
        "versionId": last.version_id,
        "versionTime": moment,
        "parameters": parameters,
        "state": state,
    }
    entry["versionId"] = f"{last.number + 1}-{hash_entry(entry, last.version_id)}"
    longer = log + sign_entry(entry, key, moment)
    read_identity(longer, now=now, allow_loopback=True)
    return longer


def _reveal(kit: Kit, hashes: Sequence[str]) -> tuple[SigningKey, list[Json]]:
    """Find the kit's committed key, and what to commit to next: its own next key in the same place.

    A second kit's hash is carried on unchanged (LF-KIT-6).
    """
    found = kit.find_key(hashes)
    if found is None:
        raise BadKit("the recovery kit is not that of this identity")
    number, key = found
    spent, following = hash_key(key.multikey), hash_key(kit.update_key(number + 1).multikey)
    return key, [following if text == spent else text for text in hashes]


def _write_state(
    *, first: str, current: str, earlier: Sequence[str], base: str, keys: Sequence[str]
) -> JsonObject:
    methods: list[Json] = [f"{first}#{key}" for key in keys]
    known: list[Json] = [did for did in dict.fromkeys(earlier) if did != current]
    state: JsonObject = {
        "@context": list(CONTEXTS),
        "id": current,
        "verificationMethod": [
            {
                "id": f"{first}#{key}",
                "type": KEY_TYPE,
                "controller": first,
                "publicKeyMultibase": key,
            }
            for key in keys
        ],
        "assertionMethod": methods,
        "service": [
            {"id": NODE_ID, "type": NODE_TYPE, "serviceEndpoint": base},
            {"id": FILES_ID, "type": FILES_TYPE, "serviceEndpoint": base},
        ],
    }
    return {**state, "alsoKnownAs": known} if known else state


def _put_scid(value: JsonObject, scid: str) -> JsonObject:
    """Replace the placeholder throughout a draft of a first entry."""
    return {name: _replace(item, scid) for name, item in value.items()}


def _replace(value: Json, scid: str) -> Json:
    if isinstance(value, str):
        return value.replace(PLACEHOLDER, scid)
    if isinstance(value, list):
        return [_replace(item, scid) for item in value]
    if isinstance(value, dict):
        return _put_scid(value, scid)
    return value


def _multikey(method: str) -> str:
    return method.partition("#")[2]
