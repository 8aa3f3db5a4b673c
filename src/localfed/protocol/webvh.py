"""The resolver: bytes of a did.jsonl in, its verified versions out.

Here: did:webvh 1.0 without witnesses, whole, for the logs of any software. Not here: what our profile
asks on top (`profile`, `identity`), fetching.
Spec: 03-identity (LF-LOG). Source: did:webvh 1.0, "Read (Resolve)"; the official vectors.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from localfed.protocol import limits
from localfed.protocol.canonical import Json, JsonObject
from localfed.protocol.did import PREFIX, base_url, parse_did
from localfed.protocol.errors import (
    BadLog,
    Rejected,
    TooEarly,
    TooLarge,
    UnknownIdentityVersion,
    WrongIdentity,
)
from localfed.protocol.webvh_entry import (
    MEMBERS,
    check_proofs,
    hash_entry,
    hash_first,
    holds_placeholder,
    parse_line,
    read_entry_time,
)
from localfed.protocol.webvh_parameters import Parameters, first_parameters, next_parameters

_WHOIS_CONTEXT: Final = "https://identity.foundation/linked-vp/contexts/v1"


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One verified entry of a log."""

    number: int
    version_id: str
    time: datetime
    parameters: Parameters
    """Those in force after this entry."""
    entry: JsonObject
    """The whole entry as parsed, its proof included."""
    state: JsonObject
    did: str
    """`id` of the state."""


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """A verified log, and the version that was asked for."""

    scid: str
    versions: tuple[Version, ...]
    selected: Version

    @property
    def deactivated(self) -> bool:
        """Whether the log ends with its deactivation."""
        return self.versions[-1].parameters.deactivated


def resolve_log(log: bytes, *, now: datetime, did: str | None = None) -> Resolution:
    """Verify a whole log; the last version is selected.

    Rules: LF-LOG-1 to LF-LOG-17.

    Raises:
        TooLarge: more than 1 MiB.
        WrongIdentity: `did`, the DID asked for, is none of its versions.
        TooEarly: an entry from the future by more than the clock tolerance.
        Rejected: another of its kinds: the log is not one of did:webvh 1.0, or has witnesses.

    """
    versions, failure = _verify(log, now)
    if failure is not None:
        raise failure
    return _select(versions, versions[-1], did)


def resolve_version(
    log: bytes,
    *,
    now: datetime,
    did: str | None = None,
    version_id: str | None = None,
    version_number: int | None = None,
    version_time: datetime | None = None,
) -> Resolution:
    """Resolve the version with this id, this number or in force at this time (give one).

    A version counts also when entries after it are invalid: `versions` then ends before them.
    Rules: LF-LOG-18.

    Raises:
        UnknownIdentityVersion: no such version.
        Rejected: the log is invalid up to there; as `resolve_log`.

    """
    versions, failure = _verify(log, now)
    found = None
    for version, after in zip(versions, (*versions[1:], None), strict=True):
        if version_time is not None:
            # Of a last valid version nobody knows how long it was in force if a broken entry follows.
            end = after.time if after else (version.time if failure else None)
            matches = version.time <= version_time and (end is None or version_time < end)
        else:
            matches = version.version_id == version_id or version.number == version_number
        if matches:
            found = version
    if found is None:
        if failure is not None:
            raise failure
        raise UnknownIdentityVersion("the log has no such version")
    return _select(versions, found, did)


def write_resolution(resolution: Resolution) -> JsonObject:
    """Write what a DID resolver answers: document, metadata of the document and of the resolution.

    The implicit services `#files` and `#whois` are added where the document does not set them, and
    their ids written as did:webvh writes them. Rules: LF-LOG-19.
    """
    version, last = resolution.selected, resolution.versions[-1]
    parameters = last.parameters
    return {
        "didDocument": _with_services(version),
        "didDocumentMetadata": {
            "versionId": version.version_id,
            "versionNumber": version.number,
            "versionTime": version.entry["versionTime"],
            "created": resolution.versions[0].entry["versionTime"],
            # Of the last valid entry, as did:webvh says; some resolvers give the version's own time.
            "updated": last.entry["versionTime"],
            "scid": resolution.scid,
            "portable": parameters.portable,
            "deactivated": parameters.deactivated,
            "ttl": str(parameters.ttl),
            "witness": {},
            "watchers": list(parameters.watchers),
        },
        "didResolutionMetadata": {"contentType": "application/did+ld+json"},
    }


def split_lines(log: bytes) -> list[bytes]:
    """Split a log in its lines; a missing line feed at the end is forgiven here (LF-LOG-1).

    Raises:
        TooLarge: more than 1 MiB.
        BadLog: empty.

    """
    if len(log) > limits.LOG_BYTES:
        raise TooLarge(f"{len(log)} bytes, where {limits.LOG_BYTES} are allowed")
    lines = log.split(b"\n")
    if not lines[-1]:
        lines.pop()
    if not lines:
        raise BadLog("the log is empty")
    return lines


def _verify(log: bytes, now: datetime) -> tuple[list[Version], Rejected | None]:
    """Verify entry after entry; returns the valid ones, and why the next is not."""
    versions: list[Version] = []
    try:
        for line in split_lines(log):
            versions.append(_verify_entry(line, versions, now))
    except Rejected as failure:
        if not versions:
            raise
        return versions, failure
    return versions, None


def _verify_entry(line: bytes, versions: list[Version], now: datetime) -> Version:
    """Verify one entry, given all before it. The cheap checks come first."""
    before = versions[-1] if versions else None
    # LF-LOG-16.
    if before is not None and before.parameters.deactivated:
        raise BadLog("nothing may follow the entry that deactivates a DID")
    entry = parse_line(line)
    # LF-LOG-3.
    if entry.keys() != MEMBERS:
        raise BadLog("an entry has versionId, versionTime, parameters, state and proof")
    time = _check_time(entry, before, now)
    given = entry["parameters"]
    parameters = next_parameters(before.parameters, given) if before else first_parameters(given)
    state = entry["state"]
    did = state.get("id") if isinstance(state, dict) else None
    if not isinstance(state, dict) or not isinstance(did, str):
        raise BadLog("state is a DID document with an id")
    if parse_did(did).scid != parameters.scid:
        raise BadLog("the DID of an entry has another SCID than the log")
    if before is None:
        _check_scid(entry, parameters.scid)
    else:
        _check_move(before, did, state, parameters)
    # LF-LOG-6: the number and the hash together, so that neither has a second spelling.
    number = len(versions) + 1
    version_id = f"{number}-{hash_entry(entry, before.version_id if before else parameters.scid)}"
    if entry["versionId"] != version_id:
        raise BadLog(f"the versionId of entry {number} is not its number and hash")
    check_proofs(entry, _authorised(before, parameters))
    return Version(
        number=number,
        version_id=version_id,
        time=time,
        parameters=parameters,
        entry=entry,
        state=state,
        did=did,
    )


def _check_time(entry: JsonObject, before: Version | None, now: datetime) -> datetime:
    """Times strictly rise and have come (LF-LOG-4).

    did:webvh asks that the last one has passed; clocks differ, so the tolerance of all our times
    holds here too.
    """
    time = read_entry_time(entry["versionTime"])
    if before is not None and time <= before.time:
        raise BadLog("the versionTime of an entry is not later than the one before")
    if time > now + timedelta(seconds=limits.CLOCK_SECONDS):
        raise TooEarly(f"an entry is of {entry['versionTime']}, which has not come yet")
    return time


def _check_scid(entry: JsonObject, scid: str) -> None:
    """The SCID is the hash of the first entry with its placeholder back in place (LF-LOG-5)."""
    # A placeholder left in would be the same text before and after: two entries, one SCID.
    if holds_placeholder(entry):
        raise BadLog("the first entry still holds the text {SCID}")
    if hash_first(entry, scid) != scid:
        raise BadLog("the SCID is not the hash of the first entry")


def _check_move(before: Version, did: str, state: JsonObject, parameters: Parameters) -> None:
    """A DID changes its place only when portable, and names the one before (LF-LOG-14)."""
    if did == before.did:
        return
    if not parameters.portable:
        raise BadLog("the DID changed its place, but is not portable")
    known = state.get("alsoKnownAs")
    if not isinstance(known, list) or before.did not in known:
        raise BadLog("the DID changed its place without the one before in alsoKnownAs")


def _authorised(before: Version | None, parameters: Parameters) -> tuple[str, ...]:
    """Who may sign an entry (LF-LOG-9): under pre-rotation the keys that it reveals itself."""
    if before is None or before.parameters.next_key_hashes:
        return parameters.update_keys
    return before.parameters.update_keys


def _select(versions: list[Version], selected: Version, did: str | None) -> Resolution:
    if did is not None:
        parse_did(did)
        if all(version.did != did for version in versions):
            raise WrongIdentity("the log is not that of the DID asked for")
    return Resolution(scid=selected.parameters.scid, versions=tuple(versions), selected=selected)


def _with_services(version: Version) -> JsonObject:
    services = version.state.get("service", [])
    if not isinstance(services, list):
        return version.state
    base = base_url(parse_did(version.did))
    implicit: list[JsonObject] = [
        {"id": "#files", "type": "relativeRef", "serviceEndpoint": base},
        {
            "@context": _WHOIS_CONTEXT,
            "id": "#whois",
            "type": "LinkedVerifiablePresentation",
            "serviceEndpoint": base + "whois.vp",
        },
    ]
    taken = {_fragment(service) for service in services}
    added: list[Json] = [service for service in implicit if service["id"] not in taken]
    return {**version.state, "service": [*services, *added]}


def _fragment(service: Json) -> str:
    """Name a service by its fragment, whether its id is relative or starts with the DID."""
    identifier = service.get("id") if isinstance(service, dict) else None
    if not isinstance(identifier, str) or not identifier.startswith(("#", PREFIX)):
        return ""
    return identifier[identifier.find("#") :]
