"""Make the vectors of 03-identity: `python spec/vectors/make_identity.py [FOLDER]`.

Here: the files under `spec/vectors/identity/`, byte for byte the same at every run, because every key
comes from a fixed seed and every time is written here. The hostile logs are forged entry by entry in
`forge_log.py` by the tables beside it. A test runs this and compares. The vectors are CC0.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import bad_dids
import foreign_logs
import hostile_logs
import nacl.bindings as sodium
import unusual_logs
from forge_log import BASE, DOCUMENT_KEY, FIRST_MOMENT, KIT, NEW_KEY, NOW, TRUSTEE, moment

from localfed.protocol.canonical import encode
from localfed.protocol.did import base_url, log_url, parse_did
from localfed.protocol.errors import LocalFedError
from localfed.protocol.identity import (
    close_log,
    compare_logs,
    create_log,
    move_log,
    read_identity,
    rotate_log,
)
from localfed.protocol.keys import SigningKey, write_multikey
from localfed.protocol.kit import Kit, print_kit
from localfed.protocol.times import write_time
from localfed.protocol.webvh import resolve_log
from localfed.protocol.webvh_entry import hash_entry, hash_first, hash_key

HERE: Final = Path(__file__).resolve().parent
SCID: Final = "Qm" + "1" * 44
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493


def honest_logs() -> dict[str, bytes]:
    """Logs as our own functions write them."""
    a, b = DOCUMENT_KEY.multikey, NEW_KEY.multikey
    trustee = hash_key(TRUSTEE.update_key(0).multikey)
    created = create_log(kit=KIT, base=BASE, keys=[a], now=FIRST_MOMENT, trustee_hash=trustee)
    added = rotate_log(created, kit=KIT, keys=[a, b], now=moment(1))
    removed = rotate_log(added, kit=KIT, keys=[b], now=moment(2))
    moved = move_log(removed, kit=KIT, base="https://bücher.example/shop/", now=moment(3))
    alone = create_log(kit=Kit(bytes(32)), base=BASE, keys=[a, b], now=FIRST_MOMENT)
    return {
        "created": created,
        "key-added": added,
        "key-removed": removed,
        "moved": moved,
        "moved-back": move_log(moved, kit=KIT, base=BASE, now=moment(4)),
        "trustee-signed": rotate_log(removed, kit=TRUSTEE, keys=[a], now=moment(3)),
        "closed": close_log(moved, kit=KIT, now=moment(4)),
        "no-trustee": alone,
        "stolen-key": rotate_log(alone, kit=Kit(bytes(32)), keys=[b], now=moment(1)),
        "loopback": create_log(
            kit=KIT,
            base="http://localhost:8001/",
            keys=[a],
            now=FIRST_MOMENT,
            allow_loopback=True,
        ),
    }


def logs(folder: Path) -> None:
    """Write every log and the index that says what a reader makes of it."""
    index: list[dict[str, Any]] = []
    honest = {
        name: {"log": log, "check": "profile", "rule": "LF-ID-1"}
        for name, log in honest_logs().items()
    }
    for name, case in {**honest, **unusual_logs.tolerated()}.items():
        index.append(_describe(f"valid/{name}.jsonl", name, case))
        _write(folder / index[-1]["file"], case["log"])
    for name, case in {**hostile_logs.refused(), **foreign_logs.refused()}.items():
        index.append(_describe(f"invalid/{name}.jsonl", name, case))
        _write(folder / index[-1]["file"], case["log"])
    _write_json(folder / "index.json", index)
    _write_json(folder / "forks.json", _forks(honest))


def _describe(file: str, name: str, case: dict[str, Any]) -> dict[str, Any]:
    """Say what a reader must make of a log; the code must be the one that the table expects."""
    said = {"name": name, "file": file, "check": case["check"], "rule": case["rule"]}
    asked = {"did": case["did"]} if "did" in case else {}
    loopback = {"allowLoopback": True} if name == "loopback" else {}
    code = _code(case["log"], case["check"], asked.get("did"), allow_loopback=bool(loopback))
    if code != case.get("code"):
        message = f"{name}: {code}, not {case.get('code')}"
        raise SystemExit(message)
    result: dict[str, Any] = {"code": code} if code else {"result": _result(case, loopback)}
    return {**said, **asked, **loopback, "now": write_time(NOW), **result}


def _code(log: bytes, check: str, did: str | None, *, allow_loopback: bool) -> str | None:
    try:
        if check == "resolver":
            resolve_log(log, now=NOW, did=did)
        else:
            read_identity(log, now=NOW, did=did, allow_loopback=allow_loopback)
    except LocalFedError as error:
        return error.code
    return None


def _result(case: dict[str, Any], loopback: dict[str, bool]) -> dict[str, Any]:
    if case["check"] == "resolver":
        resolution = resolve_log(case["log"], now=NOW)
        return {
            "scid": resolution.scid,
            "versionIds": [version.version_id for version in resolution.versions],
            "deactivated": resolution.deactivated,
        }
    identity = read_identity(case["log"], now=NOW, allow_loopback=bool(loopback))
    return {
        "did": identity.did,
        "currentDid": identity.current_did,
        "home": identity.home,
        "base": identity.base,
        "host": identity.host,
        "versionIds": list(identity.version_ids),
        "eras": list(identity.eras),
        "keys": sorted(identity.keys),
        "closed": identity.closed,
    }


def _forks(honest: dict[str, dict[str, Any]]) -> list[dict[str, str]]:
    """Pairs of logs and what the second is to someone who holds the first (LF-ID-19)."""
    pairs = [
        ("created", "created"),
        ("created", "moved"),
        ("moved", "created"),
        ("moved", "trustee-signed"),
        ("trustee-signed", "moved"),
        ("moved-back", "closed"),
        ("created", "no-trustee"),
    ]
    identities = {
        name: read_identity(case["log"], now=NOW, allow_loopback=True)
        for name, case in honest.items()
    }
    return [
        {
            "held": f"valid/{held}.jsonl",
            "offered": f"valid/{offered}.jsonl",
            "comparison": compare_logs(identities[held], identities[offered]).value,
        }
        for held, offered in pairs
    ]


def dids(folder: Path) -> None:
    """Write DIDs and what they stand for, and texts that are none."""
    good = [
        f"did:webvh:{SCID}:example.com",
        f"did:webvh:{SCID}:example.com:dids:issuer",
        f"did:webvh:{SCID}:example.com%3A3000:dids:issuer",
        f"did:webvh:{SCID}:jp納豆.例.jp:用户",
        f"did:webvh:{SCID}:Example.COM",
        f"did:webvh:{SCID}:localhost%3A8001",
        f"did:webvh:{SCID}:a.example:x.y_z-1:~tilde",
        f"did:webvh:{SCID}:127.0.0.1.example",
    ]
    valid = []
    for text in good:
        did = parse_did(text)
        parts = {"did": text, "scid": did.scid, "host": did.host, "path": list(did.path)}
        valid.append({**parts, "logUrl": log_url(did), "baseUrl": base_url(did)})
    invalid = [{"did": text, "rule": rule, "code": "bad-did"} for text, rule in bad_dids.BAD_DIDS]
    _write_json(folder / "dids.json", {"valid": valid, "invalid": invalid})


def kits(folder: Path) -> None:
    """Write recovery kits, their texts and keys, and texts that are none."""
    valid = []
    for seed in (bytes(range(32)), bytes(32), b"\xff" * 32):
        kit = Kit(seed)
        keys = [
            {
                "number": number,
                "seed": kit.update_key(number).seed.hex(),
                "multikey": kit.update_key(number).multikey,
                "hash": hash_key(kit.update_key(number).multikey),
            }
            for number in (0, 1, 2, 1000)
        ]
        valid.append(
            {
                "seed": seed.hex(),
                "text": kit.text,
                "alsoRead": [kit.printed, kit.text.upper(), f"  {kit.printed.upper()}\n"],
                "keys": keys,
            }
        )
    text = KIT.text
    invalid = {
        "another first word": text.replace("lfk1", "lfk2"),
        "a character short": text[:-1],
        "a character more": text + "a",
        "a digit that base32 does not have": text[:10] + "0" + text[11:],
        "one character mistyped": text[:10] + ("a" if text[10] != "a" else "b") + text[11:],
        "two characters exchanged": text[:5] + text[9] + text[6:9] + text[5] + text[10:],
        "spare bits that are set": text[:-1] + chr(ord(text[-1]) + 1),
        "an underscore": text.replace("lfk1-", "lfk1_"),
        "nothing": "",
    }
    bad = [{"why": why, "text": item, "code": "bad-kit"} for why, item in invalid.items()]
    locked, bad_locked = locked_kits()
    value = {"valid": valid, "invalid": bad, "locked": locked, "invalidLocked": bad_locked}
    _write_json(folder / "kits.json", value)


def locked_kits() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Lock a kit with passphrases, and write texts that they do not open (LF-KIT-7, LF-KIT-8)."""
    salt = bytes(range(64, 80))
    composed, decomposed = "Caf\u00e9 am Fluss 7", "Cafe\u0301 am Fluss 7"
    locked = []
    for phrase, others in (("four words on paper", []), (composed, [decomposed])):
        text = KIT.lock(phrase, salt=salt)
        locked.append(
            {
                "seed": KIT.seed.hex(),
                "salt": salt.hex(),
                "passphrase": phrase,
                "samePassphrases": others,
                "text": text,
                "alsoRead": [print_kit(text), text.upper(), f"  {print_kit(text)}\n"],
            }
        )
    text = locked[0]["text"]
    other = "a" if text[40] != "a" else "b"
    texts = {
        "another passphrase": (text, "four words in paper"),
        "no passphrase": (text, ""),
        "one character mistyped": (text[:40] + other + text[41:], "four words on paper"),
        "a character short": (text[:-1], "four words on paper"),
        "a spare bit that is not 0": (text[:-1] + _next_character(text[-1]), "four words on paper"),
        "a kit that is not locked": (KIT.text, "four words on paper"),
    }
    bad = [{"why": why, "text": one, "passphrase": by} for why, (one, by) in texts.items()]
    return locked, bad


def _next_character(character: str) -> str:
    """Give the character whose lowest bit alone differs: the last one has one bit to spare."""
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    return alphabet[alphabet.index(character) ^ 1]


def keys(folder: Path) -> None:
    """Write Multikeys and signatures, good and bad."""
    good = [SigningKey(bytes([number]) * 32) for number in range(3)]
    valid = [{"seed": k.seed.hex(), "public": k.public.hex(), "multikey": k.multikey} for k in good]
    small = [
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "00" * 32,
        "00" * 31 + "80",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ee" + "ff" * 30 + "7f",
        "02" + "00" * 31,
        # The other spellings of points of small order, the canonical ones first.
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "01" + "00" * 30 + "80",
        "ec" + "ff" * 31,
        "ed" + "ff" * 30 + "7f",
        "ed" + "ff" * 31,
        "ee" + "ff" * 31,
        # y + p of points that are not of small order.
        "f0" + "ff" * 30 + "7f",
        "f1" + "ff" * 31,
    ]
    # A good key and a point of order 8, 4 and 2: some readers take what its owner signs, and others do not.
    mixed = [
        "0d6ed48f1ae0526a6c637a50fee3e67fb7d24c141054453a969793e673473d6a",
        "bf4aea407dcb15b51b7e06d1113788c508f26eaa8747197dc939e2ca1a1781ee",
        "ecc270022cdbc1a2976176792183c7be14cf12e430cf6d0d68bfe4885659a3ee",
    ]
    key = good[1]
    other = write_multikey(key.public)
    invalid = [
        {
            "why": "small order, not canonical or no point",
            "multikey": write_multikey(bytes.fromhex(p)),
        }
        for p in small
    ]
    invalid += [
        {"why": "a part of small order", "multikey": write_multikey(bytes.fromhex(p))}
        for p in mixed
    ]
    invalid += [
        {"why": "base64url instead of base58btc", "multikey": "u" + other[1:]},
        {"why": "an X25519 key", "multikey": "z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc"},
        {"why": "a character short", "multikey": other[:-1]},
        {"why": "a leading 1", "multikey": "z1" + other[1:]},
        {"why": "a character outside the alphabet", "multikey": other[:-1] + "0"},
        {"why": "nothing", "multikey": ""},
    ]
    for case in invalid:
        case["code"] = "bad-key"
    _write_json(folder / "multikeys.json", {"valid": valid, "invalid": invalid})
    _write_json(folder / "signatures.json", _signatures(key))


def _signatures(key: SigningKey) -> dict[str, list[dict[str, str]]]:
    message = b"a record that an organisation published"
    signature = key.sign(message)
    s = int.from_bytes(signature[32:], "little") + _ORDER
    # R the neutral element: the equation holds, but any two such signatures say nothing of a nonce.
    expanded = bytearray(sodium.crypto_hash_sha512(key.seed)[:32])
    expanded[0] &= 248
    expanded[31] = expanded[31] & 127 | 64
    neutral = b"\x01" + bytes(31)
    challenge = int.from_bytes(sodium.crypto_hash_sha512(neutral + key.public + message), "little")
    product = challenge * int.from_bytes(expanded, "little") % _ORDER
    cases = {
        "S + L: the same signature in another spelling": signature[:32] + s.to_bytes(32, "little"),
        "R of small order": neutral + product.to_bytes(32, "little"),
        "one bit of R changed": bytes([signature[0] ^ 1]) + signature[1:],
        "one bit of S changed": signature[:32] + bytes([signature[32] ^ 1]) + signature[33:],
        "63 bytes": signature[:63],
        "65 bytes": signature + b"\0",
        "of another message": key.sign(message + b"."),
    }
    common = {"public": key.public.hex(), "message": message.hex()}
    return {
        "valid": [{**common, "signature": signature.hex()}],
        "invalid": [
            {"why": why, **common, "signature": item.hex(), "code": "bad-signature"}
            for why, item in cases.items()
        ],
    }


def example(folder: Path) -> None:
    """Write every step of the worked example of 03-identity."""
    log = honest_logs()["created"]
    entry = json.loads(log)
    scid = entry["parameters"]["scid"]
    unsigned = {name: value for name, value in entry.items() if name != "proof"}
    draft = encode({**unsigned, "versionId": scid}).decode().replace(scid, "{SCID}")
    hashed = encode({**unsigned, "versionId": scid}).decode()
    (proof,) = entry["proof"]
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if (hash_first(entry, scid), entry["versionId"]) != (scid, f"1-{hash_entry(entry, scid)}"):
        raise SystemExit("the example does not hold together")
    steps = {
        "kitSeed": KIT.seed.hex(),
        "kit": KIT.text,
        "kitPrinted": KIT.printed,
        "updateKey0": KIT.update_key(0).multikey,
        "updateKey1": KIT.update_key(1).multikey,
        "updateKey1Hash": hash_key(KIT.update_key(1).multikey),
        "trusteeKey0Hash": hash_key(TRUSTEE.update_key(0).multikey),
        "documentKeySeed": DOCUMENT_KEY.seed.hex(),
        "documentKey": DOCUMENT_KEY.multikey,
        "draft": draft,
        "scid": scid,
        "hashed": hashed,
        "versionId": entry["versionId"],
        "proofOptions": encode(options).decode(),
        "proofValue": proof["proofValue"],
        "line": log.decode().removesuffix("\n"),
    }
    _write_json(folder / "example.json", steps)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _write_json(path: Path, value: object) -> None:
    _write(path, (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode())


def make(folder: Path) -> None:
    """Write all files into a folder."""
    parts: list[Callable[[Path], None]] = [logs, dids, kits, keys, example]
    for part in parts:
        part(folder)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "identity")
