"""Logs that claim to be somebody's, each wrong in one way and right in all others.

Here: `LOGS`, longer, shorter or other logs in the name of the friend whom the victim follows; `NEWCOMERS`,
of an identity of Mallory's own; each with the code that it is refused with. Not here: by which way they
come in (`test_identity`).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from attacks.frame import Victim
from attacks.lies import (
    MALLORY,
    MALLORY_KIT,
    Edit,
    did_of,
    first,
    log_of,
    longer,
    method_of,
    scid_of,
)
from localfed.protocol import base58
from localfed.protocol.identity import close_log, create_log
from localfed.protocol.proofs import hash_data, write_signature
from localfed.protocol.times import write_time
from localfed.protocol.webvh_entry import PLACEHOLDER, hash_key

Make = Callable[[Victim], Awaitable[Any]]

SMALL = "z" + base58.encode(b"\xed\x01" + b"\x01" + bytes(31))
"""The neutral element: with it one signature is good for every message."""
ORDER_8 = "z" + base58.encode(
    b"\xed\x01" + bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
)
UNREDUCED = "z" + base58.encode(b"\xed\x01" + b"\xee" + b"\xff" * 30 + b"\x7f")
"""y = p + 1: another spelling of a point."""
SHORT = "z" + base58.encode(b"\xed\x01" + bytes(31))
P256 = "z" + base58.encode(b"\x80\x24" + b"\x02" + bytes(range(32)))


# --- logs in the name of the friend ---------------------------------------------------------------


def _edited(edit: Edit, **options: Any) -> Make:
    async def make(victim: Victim) -> bytes:
        friend = victim.friend
        return longer(log_of(friend), friend.kit, friend.clock.now(), edit, **options)

    return make


def _state(**members: Any) -> Edit:
    return lambda entry: entry["state"].update(members)


def _parameters(**members: Any) -> Edit:
    return lambda entry: entry["parameters"].update(members)


def take_keys(*multikeys: str) -> Edit:
    """Let an entry assert these keys instead."""

    def edit(entry: dict[str, Any]) -> None:
        did = entry["state"]["verificationMethod"][0]["controller"]
        entry["state"]["verificationMethod"] = [method_of(did, key) for key in multikeys]
        entry["state"]["assertionMethod"] = [f"{did}#{key}" for key in multikeys]

    return edit


def _move(host: str, *, base: str = "", knows: bool = True) -> Edit:
    def edit(entry: dict[str, Any]) -> None:
        before = entry["state"]["id"]
        entry["state"]["id"] = ":".join((*before.split(":")[:3], host))
        if knows:
            entry["state"]["alsoKnownAs"] = [before]
        for service in entry["state"]["service"]:
            service["serviceEndpoint"] = base or f"https://{host}/"

    return edit


async def truncated(victim: Victim) -> bytes:
    """What was there before a change of keys that the victim has seen."""
    old = log_of(victim.friend)
    await victim.friend.rotate()
    await victim.node.sync(victim.friend)
    return old


async def _forked(victim: Victim) -> bytes:
    """The same owner, the same number, another entry: a backup that went its own way."""
    friend = victim.friend
    other = longer(log_of(friend), friend.kit, friend.clock.now(), take_keys(MALLORY.multikey))
    await friend.rotate()
    await victim.node.sync(friend)
    return other


async def _another(victim: Victim) -> bytes:
    return first(victim.friend.base, victim.friend.clock.now())


async def _strangers(victim: Victim) -> bytes:
    return log_of(victim.stranger)


async def _ours(victim: Victim) -> bytes:
    return log_of(victim.node)


async def _swapped_scid(victim: Victim) -> bytes:
    """Mallory's log with the friend's SCID written over its own."""
    mine = await _another(victim)
    return mine.replace(did_of(mine).split(":")[2].encode(), scid_of(victim.friend).encode())


async def _by_the_spent_key(victim: Victim) -> bytes:
    """Update key 0 has signed already; who finds it on an old sheet can do nothing with it."""
    return await _edited(take_keys(MALLORY.multikey), by=victim.friend.kit.update_key(0))(victim)


async def _reusing_the_spent_key(victim: Victim) -> bytes:
    spent = victim.friend.kit.update_key(0)
    return await _edited(_parameters(updateKeys=[spent.multikey]), by=spent)(victim)


async def _by_the_signing_key(victim: Victim) -> bytes:
    """A stolen node: its key tries to own the identity."""
    key = victim.friend.key
    return await _edited(_parameters(updateKeys=[key.multikey]), by=key)(victim)


async def _by_another_kit(victim: Victim) -> bytes:
    key = MALLORY_KIT.update_key(1)
    return await _edited(_parameters(updateKeys=[key.multikey]), by=key)(victim)


async def _intercepted(victim: Victim) -> bytes:
    """A true entry that the victim has not seen yet, its keys exchanged on the way, its proof kept."""
    true = longer(log_of(victim.friend), victim.friend.kit, victim.friend.clock.now())
    entry = json.loads(true.splitlines()[-1])
    take_keys(MALLORY.multikey)(entry)
    forged = longer(
        log_of(victim.friend),
        victim.friend.kit,
        victim.friend.clock.now(),
        take_keys(MALLORY.multikey),
    )
    changed = json.loads(forged.splitlines()[-1])
    changed["proof"] = entry["proof"]
    return log_of(victim.friend) + line_of(changed)


async def _named_like_an_update_key(victim: Victim) -> bytes:
    """The published forgery: a did:key that is the forger's, with the update key as its fragment."""
    log = await _edited(take_keys(MALLORY.multikey), by=MALLORY)(victim)
    entry = json.loads(log.splitlines()[-1])
    update = entry["parameters"]["updateKeys"][0]
    return _resigned(victim, entry, f"did:key:{MALLORY.multikey}#{update}")


async def _under_the_name_of_the_update_key(victim: Victim) -> bytes:
    """The right name of the right key, and the signature of another."""
    log = await _edited(take_keys(MALLORY.multikey), by=MALLORY)(victim)
    entry = json.loads(log.splitlines()[-1])
    update = entry["parameters"]["updateKeys"][0]
    return _resigned(victim, entry, f"did:key:{update}#{update}")


def _resigned(victim: Victim, entry: dict[str, Any], method: str) -> bytes:
    (proof,) = entry.pop("proof")
    del proof["proofValue"]
    proof["verificationMethod"] = method
    value = write_signature(MALLORY.sign(hash_data(entry, proof)))
    return log_of(victim.friend) + line_of({**entry, "proof": [{**proof, "proofValue": value}]})


def line_of(entry: dict[str, Any]) -> bytes:
    return (
        json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        + b"\n"
    )


async def _one_good_proof_of_two(victim: Victim) -> bytes:
    log = await _edited(lambda _: None)(victim)
    entry = json.loads(log.splitlines()[-1])
    entry["proof"].append({**entry["proof"][0], "proofValue": write_signature(bytes(64))})
    return log_of(victim.friend) + line_of(entry)


async def _no_proof(victim: Victim) -> bytes:
    log = await _edited(take_keys(MALLORY.multikey))(victim)
    return log_of(victim.friend) + line_of({**json.loads(log.splitlines()[-1]), "proof": []})


async def _said_twice(victim: Victim) -> bytes:
    """One reader takes the first `state`, another one the last: verified is one, used the other."""
    log = await _edited(lambda _: None)(victim)
    true = log.splitlines()[-1]
    entry = json.loads(true)
    take_keys(MALLORY.multikey)(entry)
    forged = (
        line_of({"st\u0061te": entry["state"]}).strip()[1:-1].replace(b"state", b"st\\u0061te", 1)
    )
    return log_of(victim.friend) + b"{" + forged + b"," + true[1:] + b"\n"


async def _a_key_for_reading_only(victim: Victim) -> bytes:
    """It asserts a key that it does not list."""

    def edit(entry: dict[str, Any]) -> None:
        did = victim.friend.did
        entry["state"]["assertionMethod"] = [f"{did}#{MALLORY.multikey}"]

    return await _edited(edit)(victim)


async def _asserts_anothers_key(victim: Victim) -> bytes:
    method = f"{victim.other.did}#{victim.other.key.multikey}"
    return await _edited(_state(assertionMethod=[method]))(victim)


async def _controlled_by_another(victim: Victim) -> bytes:
    def edit(entry: dict[str, Any]) -> None:
        entry["state"]["verificationMethod"][0]["controller"] = victim.other.did

    return await _edited(edit)(victim)


async def _another_key_under_an_old_name(victim: Victim) -> bytes:
    def edit(entry: dict[str, Any]) -> None:
        entry["state"]["verificationMethod"][0]["publicKeyMultibase"] = MALLORY.multikey

    return await _edited(edit)(victim)


async def _node_key_is_update_key(victim: Victim) -> bytes:
    spent = victim.friend.kit.update_key(0)
    return await _edited(take_keys(spent.multikey))(victim)


async def _committing_to_the_node_key(victim: Victim) -> bytes:
    """Two entries: the second reveals as update key what the first asserts as a key of the node."""
    friend = victim.friend
    now = friend.clock.now()

    def commit(entry: dict[str, Any]) -> None:
        entry["parameters"]["nextKeyHashes"] = [hash_key(MALLORY.multikey)]
        take_keys(MALLORY.multikey)(entry)

    log = longer(log_of(friend), friend.kit, now, commit)

    def reveal(entry: dict[str, Any]) -> None:
        entry["parameters"]["updateKeys"] = [MALLORY.multikey]

    return _second(log, reveal, now)


def _second(log: bytes, edit: Edit, now: Any) -> bytes:
    """Extend a log whose next key is Mallory's signing key."""

    class Fitting:
        def find_key(self, hashes: Any) -> Any:
            return 0, MALLORY

        def update_key(self, number: int) -> Any:
            return MALLORY_KIT.update_key(2)

    return longer(log, Fitting(), now, edit)  # type: ignore[arg-type]


async def _moved_twice_and_forgot(victim: Victim) -> bytes:
    """The second move names only the place just before: readers of the first would be lost."""
    friend, now = victim.friend, victim.friend.clock.now()
    once = longer(log_of(friend), friend.kit, now, _move("a.example"))
    return longer(once, friend.kit, now, _move("b.example"))


async def _too_many(victim: Victim) -> bytes:
    friend, log = victim.friend, log_of(victim.friend)
    for _ in range(200):
        log = longer(log, friend.kit, friend.clock.now() - timedelta(days=1))
    return log


async def _after_the_end(victim: Victim) -> bytes:
    """A closed identity that comes back with one more entry."""
    friend = victim.friend
    now = friend.clock.now()
    closed = close_log(log_of(friend), kit=friend.kit, now=now)
    last = json.loads(closed.splitlines()[-1])
    opened = copy.deepcopy(last)
    del opened["proof"]
    opened["parameters"] = {"updateKeys": [MALLORY.multikey], "nextKeyHashes": []}
    opened["versionTime"] = write_time(now + timedelta(seconds=9))
    return closed + line_of({**opened, "proof": last["proof"]})


async def _joined(victim: Victim) -> bytes:
    """The true log, and then the whole log of another as if it went on with it."""
    return log_of(victim.friend) + first(victim.friend.base, victim.friend.clock.now())


LOGS: dict[str, tuple[Make, str]] = {
    "cut off before the last change of keys": (truncated, "home-not-confirmed"),
    "forked by the owner's own kit": (_forked, "log-forked"),
    "of another SCID at the same address": (_another, "log-forked"),
    "of a stranger": (_strangers, "log-forked"),
    "of our own identity": (_ours, "log-forked"),
    "of another under the same SCID": (_swapped_scid, "bad-log"),
    "of another after the true one": (_joined, "bad-log"),
    "by the update key that is spent": (_by_the_spent_key, "bad-log"),
    "revealing the update key that is spent": (_reusing_the_spent_key, "bad-log"),
    "by the stolen signing key": (_by_the_signing_key, "bad-log"),
    "by a kit that nobody committed to": (_by_another_kit, "bad-log"),
    "with keys exchanged on the way": (_intercepted, "bad-signature"),
    "by a did:key with the update key as fragment": (_named_like_an_update_key, "bad-log"),
    "by another under the name of the update key": (
        _under_the_name_of_the_update_key,
        "bad-signature",
    ),
    "with a good and a bad proof": (_one_good_proof_of_two, "bad-signature"),
    "without a proof": (_no_proof, "bad-log"),
    "with two states": (_said_twice, "bad-log"),
    "without pre-rotation": (_edited(_parameters(nextKeyHashes=[])), "outside-profile"),
    "with inherited update keys": (
        _edited(lambda entry: entry["parameters"].pop("updateKeys")),
        "bad-log",
    ),
    "with two update keys": (
        _edited(
            lambda entry: entry["parameters"]["updateKeys"].append(MALLORY.multikey), by=MALLORY
        ),
        "bad-log",
    ),
    "with the SCID as a new parameter": (
        _edited(lambda entry: entry["parameters"].update(scid=entry["state"]["id"].split(":")[2])),
        "bad-log",
    ),
    "of another method version": (_edited(_parameters(method="did:webvh:0.5")), "bad-log"),
    "no longer portable": (_edited(_parameters(portable=False)), "outside-profile"),
    "with witnesses": (
        _edited(_parameters(witness={"threshold": 1, "witnesses": [{"id": "did:key:z6Mk"}]})),
        "bad-log",
    ),
    "with witnesses that ask for nothing": (
        _edited(_parameters(witness={"threshold": 0})),
        "bad-log",
    ),
    "going back in time": (
        _edited(lambda entry: entry.update(versionTime="2026-05-01T08:59:59Z")),
        "bad-log",
    ),
    "standing still in time": (
        _edited(lambda entry: entry.update(versionTime="2026-05-01T09:00:00Z")),
        "bad-log",
    ),
    "from next year": (
        _edited(lambda entry: entry.update(versionTime="2027-05-01T09:00:00Z")),
        "too-early",
    ),
    "with a key for reading alone asserted": (_a_key_for_reading_only, "outside-profile"),
    "asserting the key of another identity": (_asserts_anothers_key, "outside-profile"),
    "with a key that another controls": (_controlled_by_another, "outside-profile"),
    "with another key under an old name": (_another_key_under_an_old_name, "outside-profile"),
    "with the neutral element as key": (_edited(take_keys(SMALL)), "outside-profile"),
    "with a key of order 8": (_edited(take_keys(ORDER_8)), "outside-profile"),
    "with an update key as the node's": (_node_key_is_update_key, "outside-profile"),
    "with the node's key as update key": (_committing_to_the_node_key, "outside-profile"),
    "moved without naming the place before": (
        _edited(_move("new.example", knows=False)),
        "bad-log",
    ),
    "moved twice and forgetful": (_moved_twice_and_forgot, "outside-profile"),
    "moved to this machine": (_edited(_move("localhost%3A8001")), "loopback-not-allowed"),
    "moved to an address": (_edited(_move("10.0.0.1")), "bad-did"),
    "moved to another port": (_edited(_move("new.example%3A8443")), "outside-profile"),
    "with files on the host of another": (
        _edited(_move("new.example", base="https://other.example/")),
        "outside-profile",
    ),
    "under another SCID": (
        _edited(lambda entry: entry["state"].update(id=f"did:webvh:{'Q' * 46}:friend.example")),
        "bad-log",
    ),
    "with more entries than there may be": (_too_many, "outside-profile"),
    "that comes back after its end": (_after_the_end, "bad-log"),
}
"""Name: how it is made, and the code. Each is in the name of the friend, whom the victim follows."""


# --- new identities of Mallory's -------------------------------------------------------------


def _new(edit: Edit, **options: Any) -> Make:
    async def make(victim: Victim) -> bytes:
        return first(victim.stranger.base, victim.stranger.clock.now(), edit, **options)

    return make


def _key(multikey: str) -> Edit:
    def edit(entry: dict[str, Any]) -> None:
        take_keys(multikey)(entry)

    return edit


async def _two_homes(victim: Victim) -> bytes:
    def edit(entry: dict[str, Any]) -> None:
        entry["state"]["service"][0]["serviceEndpoint"] = victim.friend.base

    return await _new(edit)(victim)


async def _friends_folder(victim: Victim) -> bytes:
    def edit(entry: dict[str, Any]) -> None:
        for service in entry["state"]["service"]:
            service["serviceEndpoint"] = victim.friend.base

    return await _new(edit)(victim)


async def _friends_name(victim: Victim) -> bytes:
    """The friend's whole DID as `id`, in a log of Mallory's."""
    return await _new(lambda entry: entry["state"].update(id=victim.friend.did))(victim)


async def _friends_method(victim: Victim) -> bytes:
    """It names the friend's own method: whose signature is it then?"""

    def edit(entry: dict[str, Any]) -> None:
        friend = victim.friend
        entry["state"]["verificationMethod"] = [method_of(friend.did, friend.key.multikey)]
        entry["state"]["assertionMethod"] = [f"{friend.did}#{friend.key.multikey}"]

    return await _new(edit)(victim)


async def _closed_at_once(victim: Victim) -> bytes:
    now = victim.stranger.clock.now()
    log = create_log(kit=MALLORY_KIT, base=victim.stranger.base, keys=[MALLORY.multikey], now=now)
    return close_log(log, kit=MALLORY_KIT, now=now)


async def _elsewhere(victim: Victim) -> bytes:
    return first("https://mallory.example/", victim.stranger.clock.now())


async def _on_loopback(victim: Victim) -> bytes:
    return first("http://localhost:8001/", victim.stranger.clock.now())


async def _our_own(victim: Victim) -> bytes:
    return log_of(victim.node)


async def _friends(victim: Victim) -> bytes:
    return log_of(victim.friend)


NEWCOMERS: dict[str, tuple[Make, str]] = {
    "the friend's own log, copied": (_friends, "wrong-identity"),
    "our own log, copied": (_our_own, "wrong-identity"),
    "files in the folder of the friend": (_friends_folder, "outside-profile"),
    "two folders, one of them the friend's": (_two_homes, "outside-profile"),
    "the friend's DID as its id": (_friends_name, "bad-log"),
    "the friend's method as its key": (_friends_method, "outside-profile"),
    "living elsewhere": (_elsewhere, "wrong-identity"),
    "living on this machine": (_on_loopback, "loopback-not-allowed"),
    "closed": (_closed_at_once, "identity-closed"),
    "signed by another key": (_new(lambda _: None, by=MALLORY), "bad-log"),
    "with a placeholder left": (
        _new(_state(note=PLACEHOLDER), late=_state(note=PLACEHOLDER)),
        "bad-log",
    ),
    "not portable": (_new(_parameters(portable=False)), "outside-profile"),
    "without the portable flag": (
        _new(lambda entry: entry["parameters"].pop("portable")),
        "outside-profile",
    ),
    "without pre-rotation": (
        _new(lambda entry: entry["parameters"].pop("nextKeyHashes")),
        "outside-profile",
    ),
    "with watchers": (_new(_parameters(watchers=["https://w.example"])), "outside-profile"),
    "with the neutral element as key": (_new(_key(SMALL)), "outside-profile"),
    "with a key of order 8": (_new(_key(ORDER_8)), "outside-profile"),
    "with a key in another spelling of its point": (_new(_key(UNREDUCED)), "outside-profile"),
    "with a key of 31 bytes": (_new(_key(SHORT)), "outside-profile"),
    "with a key of another curve": (_new(_key(P256)), "outside-profile"),
    "with a weak update key": (_new(_parameters(updateKeys=[SMALL])), "bad-log"),
    "with its update key as the node's": (
        _new(_key(MALLORY_KIT.update_key(0).multikey)),
        "outside-profile",
    ),
    "with nine keys": (
        _new(take_keys(*[MALLORY_KIT.update_key(50 + n).multikey for n in range(9)])),
        "outside-profile",
    ),
}
"""Logs that lie at the stranger's address; each is refused when an operator wants to follow it."""
