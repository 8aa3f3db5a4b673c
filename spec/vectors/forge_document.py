"""Forge documents: signed by whoever and saying whatever, so that one thing at a time is wrong.

Here: the organisation of the vectors, its times and paths, a smallest document of each type, and
signing without any check. Not here: which documents (`documents_valid.py`, `documents_invalid.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from forge_log import DOCUMENT_KEY

from localfed.protocol.canonical import encode
from localfed.protocol.identity import Identity, read_identity
from localfed.protocol.keys import SigningKey
from localfed.protocol.proofs import hash_data, write_signature
from localfed.protocol.times import milliseconds, read_time

Json = dict[str, Any]

IDENTITY: Final = Path(__file__).resolve().parent / "identity"
LOG: Final = "valid/created.jsonl"
"""The log that documents are checked against, where a case names no other."""

CONTEXT: Final = "https://w3id.org/localfed/1.0"
LICENSE: Final = "https://creativecommons.org/licenses/by/4.0/"
UPDATED: Final = "2026-05-02T09:30:00Z"
EXPIRES: Final = "2026-10-29T09:30:00Z"
AT: Final = "2026-05-03T12:00:00Z"
OWN: Final = "org.json"
CONTACT: Final = "contact.json"
CONTACT_EXPIRES: Final = "2026-07-31T09:30:00Z"
RECORD: Final = "d/aaaaaaaaaaaaaaaaaaaaaaaaaa.json"
REF: Final = "r" * 26
OTHER_RECORD: Final = "d/bbbbbbbbbbbbbbbbbbbbbbbbbb.json"

PARTNER_SCID: Final = f"Qm{'1' * 44}"
PARTNER: Final = f"did:webvh:{PARTNER_SCID}:baker.example"
HALF: Final = f"p/{PARTNER_SCID}.json"


def identity_of(log: str) -> Identity:
    """Read one of the identity logs beside this folder."""
    now = datetime(2026, 12, 1, tzinfo=UTC)
    return read_identity((IDENTITY / log).read_bytes(), now=now, allow_loopback=True)


DID: Final = identity_of(LOG).did
METHOD: Final = f"{DID}#{DOCUMENT_KEY.multikey}"


def envelope(kind: str, path: str) -> Json:
    """Give the members that every record has."""
    return {
        "@context": CONTEXT,
        "id": f"{DID}/{path}",
        "type": kind,
        "issuer": DID,
        "revision": milliseconds(read_time(UPDATED)),
        "updated": UPDATED,
        "expires": EXPIRES,
        "assured": UPDATED,
        "license": LICENSE,
    }


def offer(**changes: Any) -> Json:
    """Give the smallest offer, changed; a member that is `...` is left out."""
    return _changed({**envelope("Offer", RECORD), "name": {"en": "Veg box"}}, changes)


def own(**changes: Any) -> Json:
    """Give the smallest own record, changed."""
    return _changed({**envelope("Organization", OWN), "name": {"en": "The Grocer"}}, changes)


def listed(**changes: Any) -> Json:
    """Give the smallest listed record, changed."""
    members = {"name": {"en": "The Chapel Hall"}, "listed": True}
    return _changed({**envelope("Organization", RECORD), **members}, changes)


def half(**changes: Any) -> Json:
    """Give the smallest half of a partnership, changed."""
    return _changed(
        {**envelope("Partnership", HALF), "partner": PARTNER, "stage": "promotion"}, changes
    )


def contact(**changes: Any) -> Json:
    """Give the smallest contact, changed."""
    members = {**envelope("Contact", CONTACT), "expires": CONTACT_EXPIRES}
    members = {name: value for name, value in members.items() if name not in {"assured", "license"}}
    return _changed({**members, "email": "office@grocer.example"}, changes)


def flow(**changes: Any) -> Json:
    """Give one thing that the issuer gave its partner, changed."""
    members = {"from": DID, "to": PARTNER, "what": "Digging", "quantity": "12.5", "unit": "hours"}
    names = {"giver": "from"}
    members |= {names.get(name, name): value for name, value in changes.items()}
    return {name: value for name, value in members.items() if value is not ...}


def exchange(**changes: Any) -> Json:
    """Give the smallest half of an exchange, changed."""
    members: Json = envelope("Exchange", RECORD)
    members = {name: value for name, value in members.items() if name not in {"assured", "license"}}
    members |= {
        "partner": PARTNER,
        "ref": REF,
        "flows": [flow()],
        "period": {"start": "2026-04-01", "end": "2026-04-30"},
    }
    return _changed(members, changes)


def _changed(document: Json, changes: Json) -> Json:
    everything = {
        **document,
        **{"@context" if n == "context" else n: v for n, v in changes.items()},
    }
    return {name: value for name, value in everything.items() if value is not ...}


def signed(
    document: Json,
    *,
    key: SigningKey = DOCUMENT_KEY,
    method: str = METHOD,
    options: Json | None = None,
    after: Json | None = None,
) -> bytes:
    """Sign whatever this is; `options` change the proof before it signs, `after` afterwards."""
    proof = {
        "@context": document.get("@context", CONTEXT),
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
        **(options or {}),
    }
    proof = {name: value for name, value in proof.items() if value is not ...}
    proof["proofValue"] = write_signature(key.sign(hash_data(document, proof)))
    proof |= after or {}
    proof = {name: value for name, value in proof.items() if value is not ...}
    return encode({**document, "proof": proof})
