"""The table of forged logs: what did:webvh refuses.

Here: one line for one log, with the rule that it tries. Not here: logs that are right
(`unusual_logs.py`), logs that only our profile refuses (`foreign_logs.py`), how entries are forged
(`forge_log.py`), the files (`make_identity.py`).
"""

from __future__ import annotations

import json
from typing import Any, Final

from forge_log import (
    FORGER,
    KIT,
    MIXED_ORDER,
    SMALL_ORDER,
    UNREDUCED,
    Change,
    Entry,
    Forged,
    both,
    canonical,
    move,
    parameters,
    proof,
    state,
    time,
)

from localfed.protocol.webvh_entry import hash_entry, hash_first, sign_entry

Case = dict[str, Any]

_OTHER_SCID: Final = "Qm" + "2" * 44


def _resolver(log: bytes, rule: str, code: str = "bad-log", **more: object) -> Case:
    return {"log": log, "check": "resolver", "rule": rule, "code": code, **more}


def refused() -> dict[str, Case]:
    """Logs that a reader must refuse, by the first rule that they break."""
    return {
        **_broken_lines(),
        **_broken_hashes(),
        **_broken_proofs(),
        **_broken_parameters(),
        **_broken_states(),
    }


def _broken_lines() -> dict[str, Case]:
    log = Forged().first().log
    deep = b"[" * 40 + b"]" * 40
    return {
        "empty": _resolver(b"", "LF-LOG-1"),
        "blank-line": _resolver(log + b"\n", "LF-LOG-1", "not-json"),
        "byte-order-mark": _resolver(b"\xef\xbb\xbf" + log, "LF-LOG-2", "not-json"),
        "not-json": _resolver(log[:-2] + b"\n", "LF-LOG-2", "not-json"),
        "not-utf8": _resolver(log.replace(b"Multikey", b"Multi\xffkey"), "LF-LOG-2", "not-utf8"),
        "not-an-object": _resolver(b"[]\n", "LF-LOG-2"),
        "not-a-number": _resolver(log.replace(b"true", b"NaN"), "LF-LOG-2", "not-json"),
        "duplicate-name": _resolver(
            log.replace(b'"portable":true', b'"portable":true,"portable":true'), "LF-LOG-2"
        ),
        "duplicate-name-escaped": _resolver(
            log.replace(b'"portable":true', b'"portable":true,"port\\u0061ble":true'), "LF-LOG-2"
        ),
        "duplicate-name-in-state": _resolver(
            log.replace(b'"type":"Multikey"', b'"type":"Multikey","type":"Multikey"'), "LF-LOG-2"
        ),
        "half-a-surrogate": _resolver(
            log.replace(b"Multikey", b"\\ud800"), "LF-LOG-2", "bad-character"
        ),
        "integer-too-large": _resolver(
            log.replace(b'"portable":true', b'"ttl":9007199254740993'), "LF-LOG-2", "bad-number"
        ),
        "nested-too-deep": _resolver(
            log.replace(b'"portable":true', b'"watchers":' + deep), "LF-LOG-2", "too-deep"
        ),
        "member-too-much": _resolver(Forged().first(lambda e: e.update(x=1)).log, "LF-LOG-3"),
        "member-lacking": _resolver(Forged().first(after=lambda e: e.pop("proof")).log, "LF-LOG-3"),
        "time-equal": _resolver(
            Forged().first().then(time("2026-05-01T09:30:00Z")).log, "LF-LOG-4"
        ),
        "time-going-back": _resolver(
            Forged().first().then(time("2026-04-30T09:30:00Z")).log, "LF-LOG-4"
        ),
        "time-from-the-future": _resolver(
            Forged().first().then(time("2026-12-01T00:05:01Z")).log, "LF-LOG-4", "too-early"
        ),
        "time-not-utc": _resolver(
            Forged().first(time("2026-05-01T09:30:00+01:00")).log, "LF-LOG-4", "bad-time"
        ),
        "time-that-does-not-exist": _resolver(
            Forged().first(time("2026-02-30T09:30:00Z")).log, "LF-LOG-4", "bad-time"
        ),
        "time-not-a-string": _resolver(
            Forged().first(lambda e: e.update(versionTime=0)).log, "LF-LOG-4", "bad-time"
        ),
    }


def _broken_hashes() -> dict[str, Case]:
    other = Forged().first(time("2026-04-01T09:30:00Z"))
    grafted = Forged().first().then().then()
    grafted.entries[1] = Forged().first().then(state(note="another")).entries[1]
    strange = Forged().first().then()
    strange.entries[0] = other.entries[0]
    swapped = Forged().first()
    swapped_log = swapped.log.replace(swapped.scid.encode(), other.scid.encode())
    left = Forged().first()
    left.entries[0]["state"]["note"] = "{SCID}"
    return {
        "first-entry-changed": _resolver(Forged().first(after=state(note="later")).log, "LF-LOG-5"),
        "placeholder-left-in": _resolver(left.log, "LF-LOG-5"),
        "placeholder-left-in-hashed": _resolver(_placeholder_left(), "LF-LOG-5"),
        "scid-of-another-log": _resolver(swapped_log, "LF-LOG-5"),
        "scid-made-up": _resolver(_scid_made_up(), "LF-LOG-5"),
        "number-skipped": _resolver(
            Forged().first().then(after=_renumber("2-", "3-")).log, "LF-LOG-6"
        ),
        "number-from-zero": _resolver(Forged().first(after=_renumber("1-", "0-")).log, "LF-LOG-6"),
        "number-with-zeros": _resolver(
            Forged().first(after=_renumber("1-", "01-")).log, "LF-LOG-6"
        ),
        "entry-hash-wrong": _resolver(
            Forged().first().then(after=state(note="later")).log, "LF-LOG-7"
        ),
        "entry-of-another-branch": _resolver(grafted.log, "LF-LOG-7"),
        "entry-of-another-log": _resolver(strange.log, "LF-LOG-14"),
        "entry-left-out": _resolver(_without_second(), "LF-LOG-7"),
    }


def _broken_proofs() -> dict[str, Case]:
    plain = parameters(nextKeyHashes=None)
    update, forger = KIT.update_key(0).multikey, FORGER.multikey
    fragment = f"did:key:{forger}#{update}"
    body = f"did:key:{update}#{forger}"
    return {
        "no-proof": _resolver(Forged().first(after=lambda e: e.update(proof=[])).log, "LF-LOG-8"),
        "proof-not-an-object": _resolver(
            Forged().first(after=lambda e: e.update(proof=["x"])).log, "LF-LOG-8"
        ),
        "another-suite": _resolver(
            Forged().first(after=proof(cryptosuite="eddsa-rdfc-2022")).log, "LF-LOG-8"
        ),
        "another-purpose": _resolver(
            Forged().first(after=proof(proofPurpose="authentication")).log, "LF-LOG-8"
        ),
        "proof-with-context": _resolver(
            Forged().first(after=proof(**{"@context": "https://w3id.org/security/v2"})).log,
            "LF-LOG-8",
        ),
        "created-not-a-time": _resolver(Forged().first(after=proof(created="May")).log, "LF-LOG-8"),
        "signature-wrong": _resolver(
            Forged().first(after=proof(created="2026-05-02T09:30:00Z")).log,
            "LF-LOG-8",
            "bad-signature",
        ),
        "signature-not-a-signature": _resolver(
            Forged().first(after=proof(proofValue="z" + "1" * 80)).log, "LF-LOG-8", "bad-signature"
        ),
        "signature-not-a-string": _resolver(
            Forged().first(after=proof(proofValue=1)).log, "LF-LOG-8", "bad-signature"
        ),
        "signed-by-nobody-known": _resolver(Forged().first(key=FORGER).log, "LF-LOG-9"),
        "signed-by-its-own-new-key": _resolver(
            Forged()
            .first(plain)
            .then(parameters(updateKeys=[forger], nextKeyHashes=None), key=FORGER)
            .log,
            "LF-LOG-9",
        ),
        "signed-by-the-key-before": _resolver(
            Forged().first().then(key=KIT.update_key(0)).log, "LF-LOG-9"
        ),
        "no-keys-left": _resolver(
            Forged()
            .first(plain)
            .then(parameters(updateKeys=[], nextKeyHashes=None), key=KIT.update_key(0))
            .then(parameters(updateKeys=None, nextKeyHashes=None), key=KIT.update_key(0))
            .log,
            "LF-LOG-9",
        ),
        "key-from-fragment": _resolver(
            Forged().first(key=FORGER, after=proof(verificationMethod=fragment)).log, "LF-LOG-10"
        ),
        "key-from-body": _resolver(
            Forged().first(key=FORGER, after=proof(verificationMethod=body)).log, "LF-LOG-10"
        ),
        "key-without-fragment": _resolver(
            Forged().first(after=proof(verificationMethod=f"did:key:{update}")).log, "LF-LOG-10"
        ),
        "second-proof-wrong": _resolver(
            Forged().first(after=_second_proof_wrong).log, "LF-LOG-10", "bad-signature"
        ),
    }


def _broken_parameters() -> dict[str, Case]:
    plain = parameters(nextKeyHashes=None)
    old = KIT.update_key(0)
    first = {
        "parameters-not-an-object": (lambda e: e.update(parameters=[]), "LF-LOG-11"),
        "unknown-parameter": (parameters(prerotation=True), "LF-LOG-11"),
        "method-unknown": (parameters(method="did:webvh:2.0"), "LF-LOG-11"),
        "method-null": (lambda e: e["parameters"].update(method=None), "LF-LOG-11"),
        "method-lacking": (parameters(method=None), "LF-LOG-12"),
        "update-keys-lacking": (parameters(updateKeys=None), "LF-LOG-12"),
        "scid-not-a-string": (parameters(scid=1), "LF-LOG-11"),
        "update-keys-not-an-array": (parameters(updateKeys=old.multikey), "LF-LOG-11"),
        "update-key-not-a-string": (parameters(updateKeys=[old.multikey, 1]), "LF-LOG-11"),
        "update-key-not-a-multikey": (parameters(updateKeys=[old.multikey, "key"]), "LF-LOG-11"),
        "update-key-of-small-order": (
            parameters(updateKeys=[old.multikey, SMALL_ORDER]),
            "LF-KEY-2",
        ),
        "update-key-with-a-part-of-small-order": (
            parameters(updateKeys=[old.multikey, MIXED_ORDER]),
            "LF-KEY-2",
        ),
        "update-key-in-another-spelling": (
            parameters(updateKeys=[old.multikey, UNREDUCED]),
            "LF-KEY-2",
        ),
        "commitments-not-strings": (parameters(nextKeyHashes=[1]), "LF-LOG-11"),
        "portable-not-a-boolean": (parameters(portable=1), "LF-LOG-11"),
        "ttl-negative": (parameters(ttl=-1), "LF-LOG-11"),
        "ttl-a-string": (parameters(ttl="3600"), "LF-LOG-11"),
        "witnesses": (parameters(witness=_witness(1)), "LF-LOG-15"),
        "witnesses-of-threshold-zero": (parameters(witness=_witness(0)), "LF-LOG-15"),
    }
    committed = parameters(updateKeys=[FORGER.multikey])
    return {
        **{name: _resolver(Forged().first(c).log, rule) for name, (c, rule) in first.items()},
        "scid-given-again": _resolver(
            Forged().first().then(parameters(scid=_OTHER_SCID)).log, "LF-LOG-12"
        ),
        "scid-repeated": _resolver(
            Forged().first().then(lambda e: e["parameters"].update(scid=_scid_of(e))).log,
            "LF-LOG-12",
        ),
        "portable-later": _resolver(
            Forged()
            .first(parameters(nextKeyHashes=None, portable=False))
            .then(parameters(updateKeys=None, nextKeyHashes=None, portable=True), key=old)
            .log,
            "LF-LOG-12",
        ),
        "witnesses-later": _resolver(
            Forged().first().then(parameters(witness=_witness(1))).log, "LF-LOG-15"
        ),
        "inherited-keys": _resolver(
            Forged().first().then(parameters(updateKeys=None), key=old).log, "LF-LOG-13"
        ),
        "inherited-commitments": _resolver(
            Forged().first().then(parameters(nextKeyHashes=None)).log, "LF-LOG-13"
        ),
        "key-not-committed": _resolver(
            Forged().first().then(committed, key=FORGER).log, "LF-LOG-13"
        ),
        "second-key-not-committed": _resolver(
            Forged()
            .first()
            .then(parameters(updateKeys=[KIT.update_key(1).multikey, FORGER.multikey]))
            .log,
            "LF-LOG-13",
        ),
        "entry-after-closing": _resolver(Forged().first().close().then().log, "LF-LOG-16"),
        "entry-after-closing-without-pre-rotation": _resolver(
            Forged()
            .first(plain)
            .then(parameters(updateKeys=None, nextKeyHashes=None, deactivated=True), key=old)
            .then(parameters(updateKeys=None, nextKeyHashes=None), key=old)
            .log,
            "LF-LOG-16",
        ),
        "reopened": _resolver(
            Forged().first().close().then(parameters(deactivated=False)).log, "LF-LOG-16"
        ),
    }


def _broken_states() -> dict[str, Case]:
    first = {
        "state-not-an-object": (lambda e: e.update(state=[]), "bad-log"),
        "state-without-id": (state(id=None), "bad-log"),
        "id-of-another-scid": (state(id=f"did:webvh:{_OTHER_SCID}:grocer.example"), "bad-log"),
        "id-of-another-method": (state(id="did:web:grocer.example"), "bad-did"),
        "id-with-encoded-address": (state(id="did:webvh:{SCID}:127%2E0%2E0%2E1"), "bad-did"),
        "id-with-address": (state(id="did:webvh:{SCID}:127.0.0.1"), "bad-did"),
        "id-stepping-upwards": (state(id="did:webvh:{SCID}:grocer.example:..:x"), "bad-did"),
        "id-with-fragment": (state(id="did:webvh:{SCID}:grocer.example#x"), "bad-did"),
    }
    elsewhere = state(id=f"did:webvh:{_OTHER_SCID}:grocer.example", alsoKnownAs=["x"])
    return {
        **{
            name: _resolver(Forged().first(change).log, "LF-LOG-14", code)
            for name, (change, code) in first.items()
        },
        "scid-swapped-later": _resolver(Forged().first().then(elsewhere).log, "LF-LOG-14"),
        "moved-not-portable": _resolver(
            Forged().first(parameters(portable=None)).then(move("chapel.example")).log,
            "LF-LOG-14",
        ),
        "moved-while-giving-portable-up": _resolver(
            Forged().first().then(both(move("chapel.example"), parameters(portable=False))).log,
            "LF-LOG-14",
        ),
        "moved-without-a-word": _resolver(
            Forged().first().then(both(move("chapel.example"), state(alsoKnownAs=None))).log,
            "LF-LOG-14",
        ),
        "another-did-asked-for": _resolver(
            Forged().first().log,
            "LF-LOG-17",
            "wrong-identity",
            did=f"did:webvh:{_OTHER_SCID}:grocer.example",
        ),
    }


def _witness(threshold: int) -> dict[str, object]:
    return {"threshold": threshold, "witnesses": [{"id": f"did:key:{FORGER.multikey}"}]}


def _renumber(old: str, new: str) -> Change:
    return lambda entry: entry.update(versionId=entry["versionId"].replace(old, new, 1))


def _without_second() -> bytes:
    old = KIT.update_key(0)
    forged = Forged().first(parameters(nextKeyHashes=None))
    for _ in range(2):
        forged.then(parameters(updateKeys=None, nextKeyHashes=None), key=old)
    _renumber("3-", "2-")(forged.entries[2])
    del forged.entries[1]
    return forged.log


def _scid_of(entry: Entry) -> str:
    return str(entry["state"]["id"]).split(":")[2]


def _scid_made_up() -> bytes:
    """Make a log that is right but for its SCID, which is the hash of nothing."""
    forged = Forged().first()
    text = canonical(forged.entries[0]).decode().replace(forged.scid, _OTHER_SCID)
    entry = json.loads(text)
    del entry["proof"]
    entry["versionId"] = f"1-{hash_entry(entry, _OTHER_SCID)}"
    return sign_entry(entry, KIT.update_key(0), entry["versionTime"])


def _placeholder_left() -> bytes:
    """Make a log whose SCID and hashes are right, with the placeholder in one place still."""
    entry = dict(Forged().first(state(note="{SCID}")).entries[0])
    del entry["proof"]
    scid = entry["parameters"]["scid"]
    entry["state"] = {**entry["state"], "note": "{SCID}"}
    if hash_first(entry, scid) != scid:
        raise SystemExit("the placeholder should hide from the SCID")
    entry["versionId"] = f"1-{hash_entry(entry, scid)}"
    return sign_entry(entry, KIT.update_key(0), entry["versionTime"])


def _second_proof_wrong(entry: Entry) -> None:
    entry["proof"].append({**entry["proof"][0], "created": "2026-05-02T09:30:00Z"})
