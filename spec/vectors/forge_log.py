"""Forge identity logs, entry by entry: what no honest function of ours would write.

Here: the keys and times of the vectors, and a log that takes any change at any step. Not here: which
changes (`hostile_logs.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit
from localfed.protocol.proofs import hash_data, write_signature
from localfed.protocol.times import write_time
from localfed.protocol.webvh_entry import hash_entry, hash_first, hash_key, sign_entry

BASE: Final = "https://grocer.example/"
NOW: Final = datetime(2026, 12, 1, tzinfo=UTC)
FIRST_MOMENT: Final = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
KIT: Final = Kit(bytes(range(32)))
TRUSTEE: Final = Kit(bytes(range(32, 64)))
DOCUMENT_KEY: Final = SigningKey(b"\x01" * 32)
NEW_KEY: Final = SigningKey(b"\x02" * 32)
FORGER: Final = SigningKey(b"\x03" * 32)

SMALL_ORDER: Final = "z6MkeXATEjyXENzBXBxgC5EHk2JE5aqd7qMGGtDpLUH1e2Sj"
"""The neutral element as a Multikey."""
MIXED_ORDER: Final = "z6MkfMhN6DieFm3vvm5cH5R2fceJXTt4KVMjgS2YZND5ytVf"
"""A good key and a point of order 8 together, as a Multikey."""
UNREDUCED: Final = "z6Mkvg2JPc7mj3oXZCpWHB9ScRB6BvScZqnrR4Ew9Gjrd75G"
"""A point whose y is written as y + p, as a Multikey."""

Entry = dict[str, Any]
Change = Callable[[Entry], object]


def moment(day: int) -> datetime:
    """Give the time of the entry written that many days after the first."""
    return FIRST_MOMENT + timedelta(days=day)


def hash_of(number: int) -> str:
    """Commit to update key `number` of the kit."""
    return hash_key(KIT.update_key(number).multikey)


class Forged:
    """A log being forged: every entry is right but for what `change` and `after` do to it.

    `change` sees the entry before it is hashed and signed, `after` when it is done.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def first(
        self,
        change: Change | None = None,
        *,
        host: str = "grocer.example",
        base: str = BASE,
        after: Change | None = None,
        key: SigningKey | None = None,
    ) -> Forged:
        """Put the first entry."""
        did = f"did:webvh:{{SCID}}:{host}"
        entry: Entry = {
            "versionId": "{SCID}",
            "versionTime": write_time(moment(0)),
            "parameters": {
                "method": "did:webvh:1.0",
                "scid": "{SCID}",
                "updateKeys": [KIT.update_key(0).multikey],
                "nextKeyHashes": [hash_of(1)],
                "portable": True,
            },
            "state": {
                "@context": [
                    "https://www.w3.org/ns/did/v1",
                    "https://w3id.org/security/multikey/v1",
                ],
                "id": did,
                "verificationMethod": [method_entry(did, DOCUMENT_KEY.multikey)],
                "assertionMethod": [f"{did}#{DOCUMENT_KEY.multikey}"],
                "service": [
                    {"id": "#localfed-1", "type": "LocalFedNode", "serviceEndpoint": base},
                    {"id": "#files", "type": "relativeRef", "serviceEndpoint": base},
                ],
            },
        }
        if change:
            change(entry)
        scid = hash_first(entry, "{SCID}")
        entry = json.loads(json.dumps(entry).replace("{SCID}", scid))
        entry["versionId"] = f"1-{hash_entry(entry, scid)}"
        return self._put(entry, key or KIT.update_key(0), after)

    def then(
        self,
        change: Change | None = None,
        *,
        after: Change | None = None,
        key: SigningKey | None = None,
    ) -> Forged:
        """Put the next entry: the state of the one before, the next update key."""
        last, number = self.entries[-1], len(self.entries)
        entry: Entry = json.loads(json.dumps({n: v for n, v in last.items() if n != "proof"}))
        entry["versionTime"] = write_time(moment(number))
        entry["parameters"] = {
            "updateKeys": [KIT.update_key(number).multikey],
            "nextKeyHashes": [hash_of(number + 1)],
        }
        if change:
            change(entry)
        entry["versionId"] = f"{number + 1}-{hash_entry(entry, last['versionId'])}"
        return self._put(entry, key or KIT.update_key(number), after)

    def close(self) -> Forged:
        """Put the entry that closes."""
        return self.then(
            lambda entry: entry["parameters"].update(nextKeyHashes=[], deactivated=True)
        )

    @property
    def scid(self) -> str:
        """The SCID, once the first entry is there."""
        return str(self.entries[0]["parameters"]["scid"])

    @property
    def did(self) -> str:
        """The first DID."""
        return str(self.entries[0]["state"]["id"])

    @property
    def log(self) -> bytes:
        """The log in canonical form."""
        return b"".join(canonical(entry) + b"\n" for entry in self.entries)

    def _put(self, entry: Entry, key: SigningKey, after: Change | None) -> Forged:
        signed: Entry = json.loads(sign_entry(entry, key, write_time(moment(len(self.entries)))))
        if after:
            after(signed)
        self.entries.append(signed)
        return self


def canonical(entry: Entry) -> bytes:
    """Write an entry without asking whether canonical form allows what it says."""
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def method_entry(did: str, multikey: str) -> dict[str, Any]:
    """Write a verification method as the profile has it."""
    return {
        "id": f"{did}#{multikey}",
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": multikey,
    }


def parameters(**values: object) -> Change:
    """Change parameters: `name=None` takes one out."""

    def change(entry: Entry) -> None:
        for name, value in values.items():
            if value is None:
                entry["parameters"].pop(name, None)
            else:
                entry["parameters"][name] = value

    return change


def state(**values: object) -> Change:
    """Change members of the state: `name=None` takes one out."""

    def change(entry: Entry) -> None:
        for name, value in values.items():
            if value is None:
                entry["state"].pop(name, None)
            else:
                entry["state"][name] = value

    return change


def time(text: str) -> Change:
    """Change versionTime."""
    return lambda entry: entry.update(versionTime=text)


def proof(**values: object) -> Change:
    """Change members of the one proof, after signing."""
    return lambda entry: entry["proof"][0].update(values)


def move(host: str) -> Change:
    """Move to another host, as our own function would."""

    def change(entry: Entry) -> None:
        document = entry["state"]
        document["alsoKnownAs"] = [document["id"]]
        document["id"] = f"did:webvh:{document['id'].split(':')[2]}:{host}"
        for service in document["service"]:
            service["serviceEndpoint"] = f"https://{host}/"

    return change


def both(*changes: Change) -> Change:
    """Make several changes, one after the other."""

    def change(entry: Entry) -> None:
        for one in changes:
            one(entry)

    return change


def sign_again(entry: Entry, more: dict[str, str], *, created: bool) -> None:
    """Sign a first entry again, with other members in its proof."""
    left_out = {"proofValue"} if created else {"proofValue", "created"}
    options = {n: v for n, v in entry["proof"][0].items() if n not in left_out} | more
    unsigned = {n: v for n, v in entry.items() if n != "proof"}
    value = write_signature(KIT.update_key(0).sign(hash_data(unsigned, options)))
    entry["proof"] = [{**options, "proofValue": value}]
