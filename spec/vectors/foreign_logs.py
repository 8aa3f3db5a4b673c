"""The table of logs that did:webvh takes and our profile does not.

Here: one line for one log, with the rule that it tries. Not here: how entries are forged
(`forge_log.py`), the files (`make_identity.py`).
"""

from __future__ import annotations

from typing import Any

from forge_log import (
    BASE,
    DOCUMENT_KEY,
    FORGER,
    KIT,
    MIXED_ORDER,
    NEW_KEY,
    SMALL_ORDER,
    UNREDUCED,
    Entry,
    Forged,
    canonical,
    hash_of,
    method_entry,
    move,
    parameters,
    sign_again,
    state,
    time,
)

Case = dict[str, Any]


def _case(log: bytes, rule: str, code: str = "outside-profile") -> Case:
    return {"log": log, "check": "profile", "rule": rule, "code": code}


def refused() -> dict[str, Case]:
    """Logs of other profiles, or of none."""
    return {**_outside_entries(), **_outside_keys(), **_outside_places()}


def _outside_entries() -> dict[str, Case]:
    log = Forged().first().log
    hashes = [hash_of(1), hash_of(2), hash_of(3)]
    first = {
        "profile-time-with-fraction": (time("2026-05-01T09:30:00.5Z"), "LF-ID-4"),
        "profile-time-with-offset": (time("2026-05-01T09:30:00+00:00"), "LF-ID-4"),
        "profile-further-parameter": (parameters(ttl=60), "LF-ID-5"),
        "profile-witness-none": (parameters(witness={}), "LF-ID-5"),
        "profile-not-portable": (parameters(portable=False), "LF-ID-5"),
        "profile-no-pre-rotation": (parameters(nextKeyHashes=None), "LF-ID-5"),
        "profile-no-commitment": (parameters(nextKeyHashes=[]), "LF-ID-7"),
        "profile-three-commitments": (parameters(nextKeyHashes=hashes), "LF-ID-7"),
        "profile-one-commitment-twice": (parameters(nextKeyHashes=hashes[:1] * 2), "LF-ID-7"),
        "profile-commitment-not-a-hash": (parameters(nextKeyHashes=["x"]), "LF-ID-7"),
        "profile-two-update-keys": (
            parameters(updateKeys=[KIT.update_key(0).multikey, FORGER.multikey]),
            "LF-ID-7",
        ),
    }
    after = {
        "profile-two-proofs": lambda e: e["proof"].append(e["proof"][0]),
        "profile-proof-not-in-array": lambda e: e.update(proof=e["proof"][0]),
    }
    later = {
        "profile-portable-again": (parameters(portable=True), "LF-ID-6"),
        "profile-method-again": (parameters(method="did:webvh:1.0"), "LF-ID-6"),
        "profile-not-deactivated": (parameters(deactivated=False), "LF-ID-6"),
        "profile-pre-rotation-turned-off": (parameters(nextKeyHashes=[]), "LF-ID-7"),
        "profile-closed-with-commitment": (parameters(deactivated=True), "LF-ID-8"),
    }
    return {
        "profile-no-last-line-feed": _case(log[:-1], "LF-ID-2"),
        "profile-carriage-return": _case(log.replace(b"\n", b"\r\n"), "LF-ID-2"),
        "profile-white-space": _case(log.replace(b":true", b": true"), "LF-ID-2"),
        "profile-escape": _case(log.replace(b"Multikey", b"Multike\\u0079"), "LF-ID-2"),
        "profile-order-of-members": _case(_unordered(), "LF-ID-2"),
        "profile-member-name": _case(Forged().first(state(**{"@x": 1})).log, "LF-ID-2"),
        "profile-fraction": _case(Forged().first(state(number=0.5)).log, "LF-ID-2"),
        **{name: _case(Forged().first(c).log, rule) for name, (c, rule) in first.items()},
        **{name: _case(Forged().first(after=c).log, "LF-ID-9") for name, c in after.items()},
        **{name: _case(Forged().first().then(c).log, r) for name, (c, r) in later.items()},
        "profile-member-of-proof": _case(_resigned({"domain": "x"}), "LF-ID-9"),
        "profile-earlier-name-dropped": _case(
            Forged().first().then(move("chapel.example")).then(state(alsoKnownAs=[])).log,
            "LF-ID-10",
        ),
        "profile-names-not-strings": _case(Forged().first(state(alsoKnownAs=[1])).log, "LF-ID-10"),
    }


def _outside_keys() -> dict[str, Case]:
    did = "did:webvh:{SCID}:grocer.example"
    key, new = DOCUMENT_KEY.multikey, NEW_KEY.multikey
    method, update = method_entry(did, key), method_entry(did, KIT.update_key(0).multikey)
    nine = [method_entry(did, KIT.update_key(n).multikey) for n in range(20, 29)]

    def methods(*items: object) -> bytes:
        return Forged().first(state(verificationMethod=list(items))).log

    def asserted(*items: object) -> bytes:
        return Forged().first(state(assertionMethod=list(items))).log

    logs = {
        "profile-nine-keys": (methods(method, *nine[1:]), "LF-ID-11"),
        "profile-no-key-list": (
            Forged().first(state(verificationMethod=None)).log,
            "LF-ID-11",
        ),
        "profile-key-twice": (methods(method, method), "LF-ID-11"),
        "profile-key-type": (methods({**method, "type": "JsonWebKey"}), "LF-ID-11"),
        "profile-key-expires": (
            methods({**method, "expires": "2030-01-01T00:00:00Z"}),
            "LF-ID-11",
        ),
        "profile-key-not-a-string": (
            methods({**method, "publicKeyMultibase": 1, "id": did + "#1"}),
            "LF-ID-11",
        ),
        "profile-key-relative": (methods({**method, "id": f"#{key}"}), "LF-ID-11"),
        "profile-fragment-of-another-key": (
            methods({**method, "publicKeyMultibase": new}),
            "LF-ID-11",
        ),
        "profile-controller-another": (
            methods({**method, "controller": did + ":x"}),
            "LF-ID-11",
        ),
        "profile-key-of-small-order": (
            methods(method, method_entry(did, SMALL_ORDER)),
            "LF-KEY-2",
        ),
        "profile-key-with-a-part-of-small-order": (
            methods(method, method_entry(did, MIXED_ORDER)),
            "LF-KEY-2",
        ),
        "profile-key-in-another-spelling": (
            methods(method, method_entry(did, UNREDUCED)),
            "LF-KEY-2",
        ),
        "profile-update-key-of-a-node": (methods(method, update), "LF-ID-13"),
        "profile-later-update-key-of-a-node": (_later_update_key(), "LF-ID-13"),
        "profile-earlier-update-key-of-a-node": (_earlier_update_key(), "LF-ID-13"),
        "profile-asserts-unknown": (asserted(f"{did}#{new}"), "LF-ID-14"),
        "profile-asserts-twice": (asserted(f"{did}#{key}", f"{did}#{key}"), "LF-ID-14"),
        "profile-asserts-embedded": (asserted(method), "LF-ID-14"),
        "profile-asserts-nothing-said": (
            Forged().first(state(assertionMethod=None)).log,
            "LF-ID-14",
        ),
        "profile-keys-of-the-new-place": (_moved_keys(), "LF-ID-11"),
    }
    return {name: _case(log, rule) for name, (log, rule) in logs.items()}


def _outside_places() -> dict[str, Case]:
    node = {"id": "#localfed-1", "type": "LocalFedNode", "serviceEndpoint": BASE}
    files = {"id": "#files", "type": "relativeRef", "serviceEndpoint": BASE}
    other = {"id": "#other", "type": "Other", "serviceEndpoint": BASE}
    services = {
        "profile-no-services": None,
        "profile-one-service": [node],
        "profile-third-service": [node, files, other],
        "profile-service-twice": [node, node],
        "profile-service-type": [node, {**files, "type": "LinkedDomains"}],
        "profile-service-id": [{**node, "id": "#localfed-2"}, files],
        "profile-service-member": [{**node, "accept": ["x"]}, files],
        "profile-endpoints-differ": [node, {**files, "serviceEndpoint": BASE + "a/"}],
    }
    bases = {
        "profile-base-http": "http://grocer.example/",
        "profile-base-elsewhere": "https://chapel.example/",
        "profile-base-prefix": "https://grocer.example.evil.example/",
        "profile-base-no-slash": "https://grocer.example/a",
        "profile-base-query": "https://grocer.example/?a/",
        "profile-base-upwards": "https://grocer.example/../",
        "profile-base-port": "https://grocer.example:8443/",
        "profile-base-user": "https://user@grocer.example/",
    }
    hosts = {
        "profile-host-upper-case": ("Grocer.example", "LF-DID-7"),
        "profile-host-unicode": ("bücher.example", "LF-DID-7"),
        "profile-host-false-a-label": ("xn--a.example", "LF-DID-7"),
        "profile-host-port": ("grocer.example%3A8443", "LF-DID-7"),
        "profile-path-character": ("grocer.example:a~b", "LF-DID-8"),
        "profile-path-encoded": ("grocer.example:a%41", "LF-DID-8"),
        "profile-path-well-known": ("grocer.example:.well-known", "LF-DID-8"),
    }
    loopback = Forged().first(host="localhost%3A8001", base="http://localhost:8001/").log
    return {
        **{n: _case(Forged().first(state(service=s)).log, "LF-ID-15") for n, s in services.items()},
        **{n: _case(Forged().first(base=base).log, "LF-ID-16") for n, base in bases.items()},
        **{n: _case(Forged().first(host=h).log, rule) for n, (h, rule) in hosts.items()},
        "profile-loopback": _case(loopback, "LF-DID-9", "loopback-not-allowed"),
    }


def _resigned(more: dict[str, str], *, created: bool = True) -> bytes:
    """Sign the first entry again, with other members in its proof."""
    forged = Forged().first()
    sign_again(forged.entries[0], more, created=created)
    return forged.log


def _unordered() -> bytes:
    (entry,) = Forged().first().entries
    line = canonical(entry)
    version = f',"versionTime":"{entry["versionTime"]}"'.encode()
    return b"{" + version[1:] + b"," + line[1:].replace(version, b"") + b"\n"


def _earlier_update_key() -> bytes:
    forged = Forged().first()
    spent = method_entry(forged.did, KIT.update_key(0).multikey)
    methods = forged.entries[0]["state"]["verificationMethod"]
    return forged.then(state(verificationMethod=[*methods, spent])).log


def _later_update_key() -> bytes:
    """Name a key in entry 1 that entry 2 reveals as its update key."""
    did = "did:webvh:{SCID}:grocer.example"
    ours = method_entry(did, DOCUMENT_KEY.multikey)
    coming = method_entry(did, KIT.update_key(1).multikey)
    forged = Forged().first(state(verificationMethod=[ours, coming]))
    kept = forged.entries[0]["state"]["verificationMethod"][:1]
    return forged.then(state(verificationMethod=kept)).log


def _moved_keys() -> bytes:
    """Move, and write the key with the present DID instead of the first."""
    forged = Forged().first()

    def change(entry: Entry) -> None:
        move("chapel.example")(entry)
        did = entry["state"]["id"]
        entry["state"]["verificationMethod"] = [method_entry(did, DOCUMENT_KEY.multikey)]
        entry["state"]["assertionMethod"] = [f"{did}#{DOCUMENT_KEY.multikey}"]

    return forged.then(change).log
