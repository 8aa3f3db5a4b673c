"""The table of logs that look odd and are right: a reader bears with them.

Here: one line for one log. Not here: how entries are forged (`forge_log.py`), the files
(`make_identity.py`).
"""

from __future__ import annotations

import re
from typing import Any

from forge_log import (
    BASE,
    KIT,
    NEW_KEY,
    Entry,
    Forged,
    hash_of,
    method_entry,
    parameters,
    sign_again,
    state,
    time,
)

Case = dict[str, Any]


def tolerated() -> dict[str, Case]:
    """Logs that are unusual and right."""
    plain = parameters(nextKeyHashes=None)
    old = KIT.update_key(0)
    resolver = {
        "other-spelling": re.sub(rb'([:,])"', rb'\1 "', Forged().first().log),
        "no-last-line-feed": Forged().first().log[:-1],
        "carriage-returns": Forged().first().then().log.replace(b"\n", b"\r\n"),
        "without-pre-rotation": Forged()
        .first(plain)
        .then(parameters(updateKeys=None, nextKeyHashes=None), key=old)
        .log,
        "pre-rotation-turned-off": Forged()
        .first()
        .then(parameters(nextKeyHashes=[]))
        .then(parameters(updateKeys=None, nextKeyHashes=None), key=KIT.update_key(1))
        .log,
        "null-parameters": Forged()
        .first(lambda e: e["parameters"].update(witness=None, watchers=None, ttl=None))
        .log,
        "witness-none": Forged().first(parameters(witness={}, watchers=["https://w.example"])).log,
        "time-with-fraction": Forged().first(time("2026-05-01T09:30:00.5+00:00")).log,
        "random-commitments": Forged()
        .first(parameters(nextKeyHashes=[hash_of(1), "only to confuse"]))
        .then()
        .log,
        "fraction-in-state": Forged().first(state(example={"number": 0.5, "text": "☕"})).log,
        "unicode-host": Forged().first(host="bücher.example", base="https://bücher.example/").log,
        "two-proofs": Forged().first(after=lambda e: e["proof"].append(e["proof"][0])).log,
        "proof-not-in-array": Forged().first(after=lambda e: e.update(proof=e["proof"][0])).log,
        "last-update-keys-empty": Forged()
        .first(plain)
        .then(parameters(updateKeys=[], nextKeyHashes=None, deactivated=True), key=old)
        .log,
    }
    first = Forged().first()
    revoked = {**method_entry(first.did, NEW_KEY.multikey), "revoked": "2026-05-01T09:30:00Z"}
    methods = first.entries[0]["state"]["verificationMethod"]
    profile = {
        "services-with-first-did": Forged().first(
            lambda e: [s.update(id=e["state"]["id"] + s["id"]) for s in e["state"]["service"]]
        ),
        "further-members-of-state": Forged().first(
            state(keyAgreement=[], controller="did:webvh:{SCID}:grocer.example")
        ),
        "also-known-elsewhere": Forged().first(state(alsoKnownAs=["did:web:grocer.example"])),
        "folder-on-the-host": Forged().first(base=BASE + "files/localfed/"),
        "proof-without-created": Forged().first(after=_resigned_without_created),
        "revoked-key": first.then(state(verificationMethod=[*methods, revoked])),
        "asserted-key-revoked": Forged()
        .first()
        .then(lambda e: e["state"]["verificationMethod"][0].update(revoked="2026-05-01T09:30:00Z")),
    }
    return {
        **{n: {"log": log, "check": "resolver", "rule": "LF-LOG-1"} for n, log in resolver.items()},
        **{n: {"log": f.log, "check": "profile", "rule": "LF-ID-1"} for n, f in profile.items()},
    }


def _resigned_without_created(entry: Entry) -> None:
    sign_again(entry, {}, created=False)
