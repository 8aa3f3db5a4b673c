"""What is signed in a name that is not the signer's: heads, documents, messages.

Here: making them, each wrong in one way, with the code that it is refused with. Not here: logs
(`identity_logs`), by which way they come in (`test_identity`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from attacks.frame import Victim
from attacks.identity_logs import Make, line_of
from attacks.lies import (
    MALLORY,
    again,
    first,
    last_version,
    letter,
    log_of,
    longer,
    message,
    method_of,
    next_head,
    scid_of,
)
from localfed.protocol.identity import close_log
from localfed.protocol.partnership import half_path
from localfed.protocol.proofs import write_signature

# --- heads in the name of the friend --------------------------------------------------------------


def _head(edit: Callable[[Victim], dict[str, Any]]) -> Make:
    async def make(victim: Victim) -> bytes:
        friend, options = victim.friend, edit(victim)
        key = options.pop("key", friend.key)
        body = next_head(friend, friend.head()["seq"] + 60_000)["head.json"]
        return again(body, key, **options)

    return make


def _moved_name(victim: Victim) -> str:
    return f"did:webvh:{scid_of(victim.friend)}:mallory.example"


async def _unasserted(victim: Victim, **members: Any) -> bytes:
    """A key that the log lists, for something else than signing; or that it has revoked."""
    friend = victim.friend

    def edit(entry: dict[str, Any]) -> None:
        method = method_of(friend.did, MALLORY.multikey) | members
        entry["state"]["verificationMethod"].append(method)
        name = "assertionMethod" if members else "authentication"
        entry["state"].setdefault(name, []).append(method["id"])

    await friend.take_log(longer(log_of(friend), friend.kit, friend.clock.now(), edit))
    await friend.publish({"type": "Need", "name": "A van"})
    await victim.node.sync(friend)
    body = next_head(friend, friend.head()["seq"] + 60_000)["head.json"]
    return again(body, MALLORY)


async def _revoked(victim: Victim) -> bytes:
    return await _unasserted(victim, revoked="2026-05-01T09:00:00Z")


async def _taken_out(victim: Victim) -> bytes:
    """The key of before a change in peace, in a head that knows of the change."""
    friend, old = victim.friend, victim.friend.key
    await friend.rotate()
    await victim.node.sync(friend)
    return again(next_head(friend, friend.head()["seq"] + 60_000)["head.json"], old)


async def _of_the_old_era(victim: Victim) -> bytes:
    """The stolen key after a recovery, in a head that knows of nothing."""
    friend = victim.friend
    old, version = friend.key, friend.head()["identity"]
    await friend.recover()
    await victim.node.sync(friend)
    body = next_head(friend, friend.head()["seq"] + 60_000)["head.json"]
    return again(body, old, identity=version)


async def _old_era_by_the_new_key(victim: Victim) -> bytes:
    """Whichever key signed it: what names the old era has stopped counting."""
    friend = victim.friend
    version = friend.head()["identity"]
    await friend.recover()
    await victim.node.sync(friend)
    return again(
        next_head(friend, friend.head()["seq"] + 60_000)["head.json"], friend.key, identity=version
    )


async def _others(victim: Victim) -> bytes:
    return victim.other.file("/head.json") or b""


async def _own(victim: Victim) -> bytes:
    return victim.node.file("/head.json") or b""


async def own_record(victim: Victim) -> bytes:
    return victim.node.file("/org.json") or b""


async def _a_document(victim: Victim) -> bytes:
    return victim.friend.file("/org.json") or b""


async def _small_signature(victim: Victim) -> bytes:
    """R of small order and S = 0: good for any message under a weak key, and under no other."""
    body = await _head(lambda v: {})(victim)
    value = json.loads(body)
    value["proof"]["proofValue"] = write_signature(b"\x01" + bytes(63))
    return line_of(value).strip()


HEADS: dict[str, tuple[Make, str]] = {
    "by another's key": (_head(lambda v: {"key": v.other.key}), "unknown-key"),
    "by another's key under its own name": (
        _head(
            lambda v: {
                "key": v.other.key,
                "method": f"{v.other.did}#{v.other.key.multikey}",
            }
        ),
        "unknown-key",
    ),
    "by another's key under our name": (
        _head(lambda v: {"key": MALLORY, "method": f"{v.friend.did}#{v.friend.key.multikey}"}),
        "bad-signature",
    ),
    "by a did:key": (
        _head(
            lambda v: {
                "key": MALLORY,
                "method": f"did:key:{MALLORY.multikey}#{MALLORY.multikey}",
            }
        ),
        "unknown-key",
    ),
    "by the right key without its DID": (
        _head(lambda v: {"method": f"#{v.friend.key.multikey}"}),
        "unknown-key",
    ),
    "by the right key under another's DID": (
        _head(lambda v: {"method": f"{v.other.did}#{v.friend.key.multikey}"}),
        "unknown-key",
    ),
    "by an update key": (_head(lambda v: {"key": v.friend.kit.update_key(0)}), "unknown-key"),
    "by a key that is listed for something else": (_unasserted, "unknown-key"),
    "by a key that was revoked": (_revoked, "unknown-key"),
    "by a key that was taken out": (_taken_out, "unknown-key"),
    "by a stolen key after the recovery": (_of_the_old_era, "stale"),
    "of the old era by the new key": (_old_era_by_the_new_key, "stale"),
    "with a signature of small order": (_small_signature, "bad-signature"),
    "another's own": (_others, "wrong-issuer"),
    "our own": (_own, "wrong-issuer"),
    "in another's name by the right key": (
        _head(lambda v: {"issuer": v.other.did, "id": f"{v.other.did}/head.json"}),
        "wrong-issuer",
    ),
    "with the id of another's": (
        _head(lambda v: {"id": f"{v.other.did}/head.json"}),
        "wrong-issuer",
    ),
    "with the issuer of another": (_head(lambda v: {"issuer": v.other.did}), "wrong-issuer"),
    "of the same SCID on another host": (
        _head(lambda v: {"issuer": _moved_name(v), "id": f"{_moved_name(v)}/head.json"}),
        "wrong-issuer",
    ),
    "with a DID that only begins like the right one": (
        _head(lambda v: {"id": f"{v.friend.did}.mallory.example/head.json"}),
        "wrong-issuer",
    ),
    "with the id of a document": (
        _head(lambda v: {"id": f"{v.friend.did}/org.json"}),
        "wrong-path",
    ),
    "that is a document": (_a_document, "wrong-shape"),
    "that names an entry of another's log": (
        _head(lambda v: {"identity": last_version(log_of(v.other))}),
        "unknown-identity-version",
    ),
    "that names an entry to come": (
        _head(lambda v: {"identity": f"2-Qm{'a' * 44}"}),
        "unknown-identity-version",
    ),
}
"""Heads at the friend's address with a higher number than any before."""


# --- documents in the feed of the friend ----------------------------------------------------------


PATH = "d/mallorymallorymallorymallo.json"


def _document(edit: Callable[[Victim], dict[str, Any]]) -> Make:
    """The friend's bread, said anew in another way, listed at a path of the friend's."""

    async def make(victim: Victim) -> tuple[str, str, bytes]:
        friend, options = victim.friend, edit(victim)
        key = options.pop("key", friend.key)
        path, kind = options.pop("path", PATH), options.pop("listed", "")
        bread = friend.live(friend)[victim.ids["bread"].removeprefix(friend.did + "/")].body
        assert bread is not None
        members = {"id": f"{friend.did}/{path}", "name": {"en": "Forged"}, **options}
        return path, kind or members.get("type", "Offer"), again(bread, key, **members)

    return make


def copied(who: Callable[[Victim], Any], which: str) -> Make:
    """A true document of somebody else, byte for byte, at the same path of the friend's."""

    async def make(victim: Victim) -> tuple[str, str, bytes]:
        node = who(victim)
        path = victim.ids[which].removeprefix(node.did + "/")
        one = node.live(node)[path]
        return path, one.type, one.body

    return make


def _half(edit: Callable[[Victim], dict[str, Any]]) -> Make:
    def members(victim: Victim) -> dict[str, Any]:
        return {
            "type": "Partnership",
            "name": None,
            "partner": victim.other.did,
            "stage": "integrated",
            "path": half_path(victim.other.did),
            **edit(victim),
        }

    return _document(members)


async def _by_the_old_key(victim: Victim) -> tuple[str, str, bytes]:
    old = victim.friend.key
    await victim.friend.rotate()
    await victim.node.sync(victim.friend)
    return await _document(lambda v: {"key": old})(victim)


DOCUMENTS: dict[str, tuple[Make, str]] = {
    "another's, copied": (copied(lambda v: v.other, "tools"), "wrong-issuer"),
    "our own, copied": (copied(lambda v: v.node, "veg"), "wrong-issuer"),
    "a stranger's, copied": (copied(lambda v: v.stranger, "strange"), "wrong-issuer"),
    "an update of another's": (
        _document(lambda v: {"id": v.ids["tools"], "path": v.ids["tools"].partition("/")[2]}),
        "wrong-issuer",
    ),
    "an update of another's in its name": (
        _document(
            lambda v: {
                "issuer": v.other.did,
                "id": v.ids["tools"],
                "path": v.ids["tools"].partition("/")[2],
            }
        ),
        "wrong-issuer",
    ),
    "under our own identity": (
        _document(
            lambda v: {
                "issuer": v.node.did,
                "id": v.ids["veg"],
                "path": v.ids["veg"].partition("/")[2],
            }
        ),
        "wrong-issuer",
    ),
    "our own record, written by another": (
        _document(lambda v: {"issuer": v.node.did, "id": f"{v.node.did}/{PATH}"}),
        "wrong-issuer",
    ),
    "of the same SCID on another host": (
        _document(lambda v: {"issuer": _moved_name(v), "id": f"{_moved_name(v)}/{PATH}"}),
        "wrong-issuer",
    ),
    "saying another path": (
        _document(lambda v: {"id": v.ids["bread"]}),
        "wrong-path",
    ),
    "a head": (
        _document(lambda v: {"type": "Head", "id": f"{v.friend.did}/{PATH}"}),
        "wrong-shape",
    ),
    "by another's key": (_document(lambda v: {"key": v.other.key}), "unknown-key"),
    "by another's key under its own name": (
        _document(
            lambda v: {
                "key": v.other.key,
                "method": f"{v.other.did}#{v.other.key.multikey}",
            }
        ),
        "unknown-key",
    ),
    "by another's key under the friend's name": (
        _document(lambda v: {"key": MALLORY, "method": f"{v.friend.did}#{v.friend.key.multikey}"}),
        "bad-signature",
    ),
    "by an update key": (
        _document(lambda v: {"key": v.friend.kit.update_key(0)}),
        "unknown-key",
    ),
    "by the key that was taken out": (_by_the_old_key, "unknown-key"),
    "listed as another type": (
        _document(lambda v: {"type": "Need", "listed": "Offer"}),
        "wrong-shape",
    ),
    "a half in the name of the partner": (
        _half(lambda v: {"issuer": v.other.did, "partner": v.friend.did}),
        "wrong-issuer",
    ),
    "a half in our name": (
        _half(lambda v: {"issuer": v.node.did, "id": f"{v.node.did}/{half_path(v.other.did)}"}),
        "wrong-issuer",
    ),
    "a half with oneself": (
        _half(lambda v: {"partner": v.friend.did, "path": half_path(v.friend.did)}),
        "wrong-shape",
    ),
    "a half at the path of another partner": (
        _half(lambda v: {"partner": v.stranger.did}),
        "wrong-path",
    ),
}
"""Listed, with their true digest, by a head that is really the friend's: path, type and bytes."""


# --- messages -------------------------------------------------------------------------------------


def _enquiry(edit: Callable[[Victim], dict[str, Any]]) -> Make:
    """A letter of the stranger's, with its true log."""

    async def make(victim: Victim) -> bytes:
        stranger = victim.stranger
        return letter(log_of(stranger), message(stranger, victim.node, **edit(victim)))

    return make


async def _from_us(victim: Victim) -> bytes:
    return letter(log_of(victim.node), message(victim.node, victim.node))


async def _from_us_to_others(victim: Victim) -> bytes:
    return letter(log_of(victim.node), message(victim.node, victim.other))


async def _the_old_key(victim: Victim) -> bytes:
    """A stolen key with the log of before the recovery, which says that it is good."""
    friend = victim.friend
    body = letter(log_of(friend), message(friend, victim.node))
    await friend.recover()
    await victim.node.sync(friend)
    return body


async def _the_old_key_and_the_new_log(victim: Victim) -> bytes:
    friend, old = victim.friend, victim.friend.key
    await friend.recover()
    await victim.node.sync(friend)
    return letter(log_of(friend), message(friend, victim.node, key=old))


async def _closed(victim: Victim) -> bytes:
    stranger = victim.stranger
    log = close_log(log_of(stranger), kit=stranger.kit, now=stranger.clock.now())
    return letter(log, message(stranger, victim.node))


async def _closed_with_the_old_log(victim: Victim) -> bytes:
    """The log in the letter says nothing of the end, which the victim has seen."""
    friend = victim.friend
    body = letter(log_of(friend), message(friend, victim.node))
    await friend.take_log(close_log(log_of(friend), kit=friend.kit, now=friend.clock.now()))
    victim.federation.clock.advance(days=1)
    await victim.node.sync(friend)
    return body


async def _two_logs(victim: Victim) -> bytes:
    body = message(victim.friend, victim.node)
    return letter(log_of(victim.stranger) + log_of(victim.friend), body)


async def _of_the_friend_with_mallorys_log(victim: Victim) -> bytes:
    friend = victim.friend
    body = message(friend, victim.node, key=MALLORY)
    return letter(first(friend.base, friend.clock.now()), body)


async def _a_head_as_message(victim: Victim) -> bytes:
    return letter(log_of(victim.stranger), victim.stranger.file("/head.json") or b"")


async def _an_offer_as_message(victim: Victim) -> bytes:
    stranger = victim.stranger
    path = victim.ids["strange"].removeprefix(stranger.did + "/")
    return letter(log_of(stranger), stranger.file("/" + path) or b"")


MESSAGES: dict[str, tuple[Make, str]] = {
    "in the name of another": (
        _enquiry(
            lambda v: {
                "issuer": v.friend.did,
                "id": f"{v.friend.did}/messages/{'a' * 26}.json",
            }
        ),
        "wrong-issuer",
    ),
    "with the id of another": (
        _enquiry(lambda v: {"id": f"{v.friend.did}/messages/{'a' * 26}.json"}),
        "wrong-issuer",
    ),
    "in the name of another with a log of the forger's": (
        _of_the_friend_with_mallorys_log,
        "wrong-issuer",
    ),
    "in our name to us": (_from_us, "wrong-issuer"),
    "in our name to others": (_from_us_to_others, "wrong-issuer"),
    "to oneself": (_enquiry(lambda v: {"to": v.stranger.did}), "wrong-issuer"),
    "for somebody else": (_enquiry(lambda v: {"to": v.other.did}), "wrong-recipient"),
    "for our SCID on another host": (
        _enquiry(lambda v: {"to": f"did:webvh:{scid_of(v.node)}:mallory.example"}),
        "wrong-recipient",
    ),
    "by another's key": (_enquiry(lambda v: {"key": MALLORY}), "unknown-key"),
    "by another's key under its own name": (
        _enquiry(
            lambda v: {"key": v.friend.key, "method": f"{v.friend.did}#{v.friend.key.multikey}"}
        ),
        "unknown-key",
    ),
    "by another's key under the right name": (
        _enquiry(
            lambda v: {"key": MALLORY, "method": f"{v.stranger.did}#{v.stranger.key.multikey}"}
        ),
        "bad-signature",
    ),
    "by an update key": (
        _enquiry(lambda v: {"key": v.stranger.kit.update_key(0)}),
        "unknown-key",
    ),
    "by a stolen key with the log of before": (_the_old_key, "unknown-key"),
    "by a stolen key with the log of after": (_the_old_key_and_the_new_log, "unknown-key"),
    "by a closed identity": (_closed, "identity-closed"),
    "by a closed identity with the log of before": (_closed_with_the_old_log, "identity-closed"),
    "with two logs": (_two_logs, "bad-log"),
    "at the path of a document": (
        _enquiry(lambda v: {"id": f"{v.stranger.did}/d/{'a' * 26}.json"}),
        "wrong-path",
    ),
    "that is a head": (_a_head_as_message, "wrong-shape"),
    "that is an offer": (_an_offer_as_message, "wrong-shape"),
}
"""What is posted to the victim's inbox, each with a log."""


# --- heads in our own name ------------------------------------------------------------------------


def _own_head(edit: Callable[[Victim], dict[str, Any]]) -> Make:
    async def make(victim: Victim) -> bytes:
        node, options = victim.node, edit(victim)
        key = options.pop("key", node.key)
        return again(next_head(node, node.head()["seq"] + 60_000)["head.json"], key, **options)

    return make


async def _own_of_before(victim: Victim) -> bytes:
    old = victim.node.file("/head.json")
    await victim.node.publish({"type": "Need", "name": "A van"})
    return old or b""


OWN_HEADS: dict[str, tuple[Make, str]] = {
    "by another's key": (_own_head(lambda v: {"key": MALLORY}), "unknown-key"),
    "by another's key under our name": (
        _own_head(lambda v: {"key": MALLORY, "method": f"{v.node.did}#{v.node.key.multikey}"}),
        "bad-signature",
    ),
    "by a friend's key under the friend's name": (
        _own_head(
            lambda v: {"key": v.friend.key, "method": f"{v.friend.did}#{v.friend.key.multikey}"}
        ),
        "unknown-key",
    ),
    "by our update key": (_own_head(lambda v: {"key": v.node.kit.update_key(0)}), "unknown-key"),
    "with the id of another": (
        _own_head(lambda v: {"id": f"{v.friend.did}/head.json"}),
        "wrong-issuer",
    ),
    "that names an entry to come": (
        _own_head(lambda v: {"identity": f"2-Qm{'a' * 44}"}),
        "unknown-identity-version",
    ),
    "that is our own record": (own_record, "wrong-shape"),
    "our own of before": (_own_of_before, ""),
    "our own": (_own, ""),
}
"""Heads in the victim's name; an empty code: it says nothing new, and is no offence."""
