"""What lies at an address that is somebody else's, or says whose it is: restores, hints, neighbours, mirrors.

Here: making it, with the code that it is refused with. Not here: by which way it comes in (`test_identity`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from app.makers import host_another
from attacks.frame import Victim
from attacks.identity_logs import Make, take_keys
from attacks.identity_statements import PATH, copied
from attacks.lies import (
    MALLORY,
    MALLORY_KIT,
    Edit,
    again,
    files_of,
    first,
    last_version,
    log_of,
    longer,
    mirror_of,
    next_head,
    scid_of,
)
from localfed.protocol.identity import close_log
from localfed.protocol.kit import Kit

# --- what a restore finds -------------------------------------------------------------------------


async def _feed_by_mallory(victim: Victim) -> dict[str, bytes]:
    return next_head(victim.node, victim.node.head()["seq"] + 60_000, key=MALLORY)


async def _feed_of_another(victim: Victim) -> dict[str, bytes]:
    return files_of(victim.other)


async def _feed_with_mallorys_log(victim: Victim) -> dict[str, bytes]:
    """A longer log that says Mallory's key, and a head that names its entry."""
    key = MALLORY_KIT.update_key(1)

    def edit(entry: dict[str, Any]) -> None:
        entry["parameters"]["updateKeys"] = [key.multikey]
        take_keys(MALLORY.multikey)(entry)

    node = victim.node
    log = longer(log_of(node), node.kit, node.clock.now(), edit, by=key)
    seq = node.head()["seq"] + 60_000
    files = next_head(node, seq, key=MALLORY, identity=last_version(log))
    return files | {"did.jsonl": log}


async def _feed_with_another_scid(victim: Victim) -> dict[str, bytes]:
    node = victim.node
    log = first(node.base, node.clock.now())
    seq = node.head()["seq"] + 60_000
    files = next_head(node, seq, key=MALLORY, identity=last_version(log))
    return files | {"did.jsonl": log}


async def _feed_of_before(victim: Victim) -> dict[str, bytes]:
    old = files_of(victim.node)
    await victim.node.publish({"type": "Need", "name": "A van"})
    return old


async def _feed_with_a_forged_page(victim: Victim) -> dict[str, bytes]:
    files = next_head(victim.node, victim.node.head()["seq"] + 60_000)
    return {path: body.replace(b"Organization", b"Offer") for path, body in files.items()} | {
        "head.json": files["head.json"]
    }


def _feed_listing(make: Make, *, other_bytes: bytes | None = None) -> Make:
    """A head of our own key, ahead of us, that lists a document which is not ours."""

    async def build(victim: Victim) -> dict[str, bytes]:
        path, kind, body = await make(victim)
        seq = victim.node.head()["seq"] + 60_000
        files = next_head(victim.node, seq, rows=((path, kind, body),))
        return files | ({path: other_bytes} if other_bytes is not None else {})

    return build


def _our_offer(edit: Callable[[Victim], dict[str, Any]]) -> Make:
    async def make(victim: Victim) -> tuple[str, str, bytes]:
        node, options = victim.node, edit(victim)
        veg = node.live(node)[victim.ids["veg"].removeprefix(node.did + "/")].body
        assert veg is not None
        members = {"id": f"{node.did}/{PATH}", **options}
        return PATH, "Offer", again(veg, members.pop("key", node.key), **members)

    return make


RESTORES: dict[str, tuple[Make, str]] = {
    "a feed by another's key": (_feed_by_mallory, "nothing-to-restore"),
    "a feed of another": (_feed_of_another, "nothing-to-restore"),
    "a feed with a log that the forger went on with": (
        _feed_with_mallorys_log,
        "nothing-to-restore",
    ),
    "a feed with a log of another SCID": (_feed_with_another_scid, "nothing-to-restore"),
    "a feed of before": (_feed_of_before, "nothing-to-restore"),
    "a true head over a forged page": (_feed_with_a_forged_page, "bad-feed"),
    "a document of a friend's": (
        _feed_listing(copied(lambda v: v.friend, "bread")),
        "no-answer",
    ),
    "a document by another's key": (
        _feed_listing(_our_offer(lambda v: {"key": MALLORY})),
        "no-answer",
    ),
    "a document in a friend's name": (
        _feed_listing(
            _our_offer(lambda v: {"issuer": v.friend.did, "id": f"{v.friend.did}/{PATH}"})
        ),
        "no-answer",
    ),
    "a document that says another path": (
        _feed_listing(_our_offer(lambda v: {"id": v.ids["veg"]})),
        "no-answer",
    ),
    "other bytes than listed": (
        _feed_listing(_our_offer(lambda v: {}), other_bytes=b"{}"),
        "no-answer",
    ),
}
"""Files at our own address, or in our folder on a mirror."""


# --- hints, neighbours, introductions -------------------------------------------------------------


def hint_of(*organisations: tuple[str, str]) -> bytes:
    """Write a localfed.json that names these: DID and BASE."""
    named = [{"did": did, "base": base} for did, base in organisations]
    return json.dumps({"localfed": {"versions": ["1.0"]}, "organizations": named}).encode()


def _hint(edit: Callable[[Victim], list[tuple[str, str]]]) -> Make:
    async def make(victim: Victim) -> bytes:
        return hint_of(*edit(victim))

    return make


HINTS: dict[str, tuple[Make, str]] = {
    "a friend's DID at its own address": (
        _hint(lambda v: [(v.friend.did, v.stranger.base)]),
        "wrong-identity",
    ),
    "its own DID at a friend's address": (
        _hint(lambda v: [(v.stranger.did, v.friend.base)]),
        "wrong-identity",
    ),
    "a friend's SCID on its own host": (
        _hint(lambda v: [(f"did:webvh:{scid_of(v.friend)}:stranger.example", v.friend.base)]),
        "wrong-identity",
    ),
    "two friends, exchanged": (
        _hint(lambda v: [(v.friend.did, v.other.base), (v.other.did, v.friend.base)]),
        "wrong-identity",
    ),
    "our own organisation": (
        _hint(lambda v: [(v.node.did, v.node.base)]),
        "wrong-identity",
    ),
    "our own organisation at its address": (
        _hint(lambda v: [(v.node.did, v.stranger.base)]),
        "wrong-identity",
    ),
    "five hundred folders of a friend's": (
        _hint(lambda v: [(v.friend.did, f"{v.friend.base}x{n}/") for n in range(500)]),
        "unexpected-answer",
    ),
}
"""What lies at the stranger's /.well-known/localfed.json."""

SECOND = "https://friend.example/second/"
SECOND_KIT = Kit(b"k" * 32)


async def _neighbour(victim: Victim) -> tuple[str, bytes, bytes]:
    did = await host_another(victim.friend, SECOND)
    row = victim.friend.store.publisher(did)
    assert row is not None
    assert row.head is not None
    return did, row.log, row.head


async def _neighbours_head(victim: Victim) -> tuple[dict[str, Any], str | None]:
    _, _, head = await _neighbour(victim)
    return {victim.friend.base + "head.json": head}, None


async def _neighbours_log(victim: Victim) -> tuple[dict[str, Any], str | None]:
    _, log, _ = await _neighbour(victim)
    return {victim.friend.base + ".well-known/did.jsonl": log}, None


async def _neighbours_base(victim: Victim) -> tuple[dict[str, Any], str | None]:
    """The neighbour's log says that the friend's folder is its own."""
    _, log, _ = await _neighbour(victim)

    def edit(entry: dict[str, Any]) -> None:
        for service in entry["state"]["service"]:
            service["serviceEndpoint"] = victim.friend.base

    claimed = longer(log, SECOND_KIT, victim.friend.clock.now(), edit)
    return {SECOND + "did.jsonl": claimed}, SECOND


async def _neighbours_hint(victim: Victim) -> tuple[dict[str, Any], str | None]:
    did, log, _ = await _neighbour(victim)
    hint = hint_of((did, victim.friend.base), (victim.friend.did, SECOND))
    return {
        SECOND + "did.jsonl": log,
        victim.friend.base + ".well-known/localfed.json": hint,
    }, victim.friend.base


async def _neighbours_whole_host(victim: Victim) -> tuple[dict[str, Any], str | None]:
    """A log for the whole host, with the folder that its writer really has as BASE."""

    def edit(entry: dict[str, Any]) -> None:
        for service in entry["state"]["service"]:
            service["serviceEndpoint"] = SECOND

    log = first(victim.friend.base, victim.friend.clock.now(), edit)
    return {SECOND + "did.jsonl": log}, SECOND


NEIGHBOURS: dict[str, tuple[Make, str]] = {
    "its head at the other's address": (_neighbours_head, "wrong-issuer"),
    "its log at the other's home": (_neighbours_log, "log-forked"),
    "its log claims the other's folder": (_neighbours_base, "wrong-identity"),
    "a hint that exchanges the two": (_neighbours_hint, "wrong-identity"),
    "its log claims the whole host": (_neighbours_whole_host, "bad-log"),
}
"""A second organisation on the friend's host: what it serves, and where it is followed, if it is."""


def _introduced(edit: Callable[[Victim, bytes], tuple[Any, Any]]) -> Make:
    """What two mirrors have as the log of the stranger."""

    async def make(victim: Victim) -> tuple[dict[str, Any], list[str]]:
        friends, others = edit(victim, log_of(victim.stranger))
        mirrors = [mirror_of(one, victim.stranger) for one in (victim.friend, victim.other)]
        files = {mirrors[0] + "did.jsonl": friends, mirrors[1] + "did.jsonl": others}
        return files, [victim.friend.base, victim.other.base]

    return make


def _of_mallory(victim: Victim) -> bytes:
    return first(victim.stranger.base, victim.stranger.clock.now())


def _gone_on(victim: Victim, edit: Edit | None = None) -> bytes:
    stranger = victim.stranger
    return longer(log_of(stranger), stranger.kit, stranger.clock.now(), edit)


async def _one_mirror_twice(victim: Victim) -> tuple[dict[str, Any], list[str]]:
    folder = mirror_of(victim.friend, victim.stranger)
    return {folder + "did.jsonl": log_of(victim.stranger)}, [
        "https://friend.example",
        "https://friend.example/",
        "https://FRIEND.example:443/",
    ]


async def _one_host_twice(victim: Victim) -> tuple[dict[str, Any], list[str]]:
    """Two folders on one host: whoever has the host has both."""
    log = log_of(victim.stranger)
    scid = scid_of(victim.stranger)
    files = {f"{base}mirror/{scid}/did.jsonl": log for base in (victim.friend.base, SECOND)}
    return files, [victim.friend.base, SECOND]


INTRODUCTIONS: dict[str, tuple[Make, str]] = {
    "another identity on both": (
        _introduced(lambda v, log: (_of_mallory(v), _of_mallory(v))),
        "home-not-confirmed",
    ),
    "another identity on one": (
        _introduced(lambda v, log: (log, _of_mallory(v))),
        "home-not-confirmed",
    ),
    "nothing on one": (_introduced(lambda v, log: (log, None)), "home-not-confirmed"),
    "an entry by another's kit on one": (
        _introduced(
            lambda v, log: (
                log,
                longer(
                    log,
                    v.stranger.kit,
                    v.stranger.clock.now(),
                    take_keys(MALLORY.multikey),
                    by=MALLORY,
                ),
            )
        ),
        "home-not-confirmed",
    ),
    "two that contradict each other": (
        _introduced(
            lambda v, log: (_gone_on(v), _gone_on(v, take_keys(MALLORY.multikey))),
        ),
        "log-forked",
    ),
    "one that has seen the end": (
        _introduced(
            lambda v, log: (
                log,
                close_log(log, kit=v.stranger.kit, now=v.stranger.clock.now()),
            )
        ),
        "identity-closed",
    ),
    "one mirror, named three times": (_one_mirror_twice, "home-not-confirmed"),
    "one host with two folders": (_one_host_twice, "home-not-confirmed"),
}
"""What mirrors say of the stranger, whose home is away: files, and the mirrors that an operator names."""
