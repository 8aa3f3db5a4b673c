"""Old things, things of the future, and things left out: heads, pages and sites that are wrong in time.

Here: making them, with the code that each is refused with. Not here: by which way they come in
(`test_freshness`). What needs the friend's key has it: a publisher, or who stole from it, is the attacker.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from attacks.frame import Victim
from attacks.lies import MALLORY, again, files_of, next_head
from localfed.protocol.canonical import encode, parse_object
from localfed.protocol.digest import digest
from localfed.protocol.limits import INTEGER
from localfed.protocol.proofs import sign
from localfed.protocol.times import write_time

Make = Callable[[Victim], Awaitable[Any]]
Files = dict[str, bytes | None]


def time(victim: Victim, **span: float) -> str:
    """A moment so far from the victim's now."""
    return write_time(victim.federation.clock.moment + timedelta(**span))


async def moved_on(victim: Victim) -> dict[str, bytes]:
    """Let the friend withdraw its bread and change its cake, and the victim see it; returns all that was."""
    friend, ids = victim.friend, victim.ids
    old = files_of(friend)
    victim.federation.clock.advance(minutes=20)
    await friend.withdraw(ids["bread"])
    await friend.publish({"type": "Offer", "id": ids["cake"], "name": "Cake, on Sundays"})
    await victim.node.sync(friend)
    return old


def path_of(victim: Victim, which: str) -> str:
    return victim.ids[which].partition("/")[2]


# --- old sites -------------------------------------------------------------------------------


async def _whole(victim: Victim) -> Files:
    return dict(await moved_on(victim))


async def _old_head(victim: Victim) -> Files:
    return {"head.json": (await moved_on(victim))["head.json"]}


async def _old_head_said_later(victim: Victim) -> Files:
    """The old feed with the newest time: by the friend's own key."""
    old = await moved_on(victim)
    times = {"updated": time(victim), "expires": time(victim, days=14)}
    return dict(old) | {"head.json": again(old["head.json"], victim.friend.key, **times)}


async def _old_head_without_what_came(victim: Victim) -> Files:
    """The first head of all, of which a newcomer would believe everything."""
    await moved_on(victim)
    old = victim.friend.head()
    head = again(
        victim.friend.file("/head.json") or b"",
        victim.friend.key,
        seq=0,
        chain=old["snapshot"]["chain"],
        page=None,
    )
    return {"head.json": value_without_null(head, victim)}


def value_without_null(head: bytes, victim: Victim) -> bytes:
    """`again` takes None for "left out", but a head has a page that is null."""
    value = {**parse_object(head), "page": None}
    del value["proof"]
    key = victim.friend.key
    return sign(value, key, f"{victim.friend.did}#{key.multikey}")


async def _before_a_rotation(victim: Victim) -> Files:
    """All of it, log and keys too, of before a change of keys in peace."""
    old = files_of(victim.friend)
    await victim.friend.rotate()
    await victim.node.sync(victim.friend)
    return dict(old)


async def _before_a_rotation_said_later(victim: Victim) -> Files:
    """By the key that was taken out, with a number and a time of tomorrow."""
    old_key = victim.friend.key
    version = victim.friend.head()["identity"]
    old = files_of(victim.friend)
    await victim.friend.rotate()
    await victim.node.sync(victim.friend)
    files = next_head(victim.friend, victim.friend.head()["seq"] + 86_400_000)
    head = again(files["head.json"], old_key, identity=version)
    return dict(old) | dict(files) | {"head.json": head}


async def _before_a_recovery(victim: Victim) -> Files:
    old = files_of(victim.friend)
    await victim.friend.recover()
    await victim.node.sync(victim.friend)
    return dict(old)


SITES: dict[str, tuple[Make, str]] = {
    "all files of an earlier day": (_whole, "stale"),
    "the head of an earlier day": (_old_head, "stale"),
    "an earlier feed with a later time": (_old_head_said_later, "stale"),
    "the beginning again": (_old_head_without_what_came, "stale"),
    "all files of before a change of keys": (_before_a_rotation, "stale"),
    "a later head by the key of before": (_before_a_rotation_said_later, "stale"),
    "all files of before a recovery": (_before_a_recovery, "stale"),
}
"""What was true once, at a home or on a mirror."""


# --- heads by the friend's own key -----------------------------------------------------------


def _next(edit: Callable[[Victim], dict[str, Any]], seq: int | None = None) -> Make:
    async def make(victim: Victim) -> Files:
        number = seq or victim.friend.head()["seq"] + 60_000
        files = next_head(victim.friend, number)
        return dict(files) | {
            "head.json": again(files["head.json"], victim.friend.key, **edit(victim))
        }

    return make


def _same(edit: Callable[[Victim], dict[str, Any]]) -> Make:
    """The head that the victim holds, said in another way."""

    async def make(victim: Victim) -> Files:
        held = victim.friend.file("/head.json") or b""
        return {"head.json": again(held, victim.friend.key, **edit(victim))}

    return make


def _raw(old: bytes, new: bytes) -> Make:
    """Bytes that no JSON library of ours would write; the signature cannot fit, and is not reached."""

    async def make(victim: Victim) -> Files:
        head = victim.friend.file("/head.json") or b""
        seq = str(victim.friend.head()["seq"]).encode()
        return {"head.json": head.replace(b'"seq":' + seq, old + new, 1)}

    return make


HEADS: dict[str, tuple[Make, str]] = {
    "of another feed with the same number": (
        _same(lambda v: {"chain": digest(b"another feed")}),
        "forked",
    ),
    "of another feed with the same number and a later time": (
        _same(
            lambda v: {
                "chain": digest(b"another feed"),
                "updated": time(v),
                "expires": time(v, days=14),
            }
        ),
        "forked",
    ),
    "of a lower number and a later time": (
        _same(lambda v: {"seq": v.friend.head()["seq"] - 1, "updated": time(v)}),
        "stale",
    ),
    "from five minutes ahead": (
        _next(lambda v: {"updated": time(v, seconds=301), "expires": time(v, days=3)}),
        "too-early",
    ),
    "from next year": (
        _next(lambda v: {"updated": time(v, days=365), "expires": time(v, days=379)}),
        "too-early",
    ),
    "from the end of time": (
        _next(lambda v: {"updated": "9999-12-31T23:59:58Z", "expires": "9999-12-31T23:59:59Z"}),
        "too-early",
    ),
    "that is good for years": (
        _next(lambda v: {"updated": time(v), "expires": time(v, days=3_650)}),
        "bad-time",
    ),
    "that is good for a day too long": (
        _next(lambda v: {"updated": time(v), "expires": time(v, days=101)}),
        "bad-time",
    ),
    "that ends before it begins": (
        _next(lambda v: {"updated": time(v), "expires": time(v, days=-1)}),
        "bad-time",
    ),
    "of a day that does not exist": (
        _next(lambda v: {"updated": "2026-02-30T09:00:00Z"}),
        "bad-time",
    ),
    "with the number after the last": (_raw(b'"seq":', b"9007199254740992"), "bad-number"),
    "with a number that wraps round": (_raw(b'"seq":', b"18446744073709551617"), "bad-number"),
    "with a number below nought": (_raw(b'"seq":', b"-1"), "wrong-shape"),
    "with a number as a fraction": (_raw(b'"seq":', b"1e3"), "bad-number"),
    "with a number as text": (_raw(b'"seq":', b'"1777626000000"'), "wrong-shape"),
    "whose page begins after it": (
        _next(lambda v: {"page": f"feed/{v.friend.head()['seq'] + 99_999}.json"}),
        "wrong-shape",
    ),
    "whose snapshot is ahead of it": (
        _next(
            lambda v: {
                "snapshot": {"seq": INTEGER, "chain": digest(b"later"), "parts": []},
            }
        ),
        "wrong-shape",
    ),
    "that begins with another chain than its identity's": (
        _same(
            lambda v: {
                "seq": v.friend.head()["seq"] + 1,
                "snapshot": {"seq": 0, "chain": digest(b"another"), "parts": []},
            }
        ),
        "bad-feed",
    ),
    "whose snapshot has its own chain at its own number": (
        _next(
            lambda v: {
                "snapshot": {
                    "seq": v.friend.head()["seq"] + 60_000,
                    "chain": digest(b"another"),
                    "parts": [],
                }
            }
        ),
        "wrong-shape",
    ),
    "with the parts of another snapshot": (
        _next(
            lambda v: {
                "snapshot": {
                    "seq": 5,
                    "chain": digest(b"five"),
                    "parts": [{"name": "snapshot/6-1.json", "digest": digest(b"")}],
                }
            }
        ),
        "wrong-shape",
    ),
}
"""Heads that are really by the friend's key."""


# --- pages that were changed on the way ------------------------------------------------------


def _page(edit: Callable[[dict[str, Any], Victim], None]) -> Make:
    """A true newer head over three changes, and the page that brings them, changed by who has no key."""

    async def make(victim: Victim) -> Files:
        friend = victim.friend
        victim.federation.clock.advance(minutes=20)
        await friend.withdraw(victim.ids["bread"])
        await friend.publish({"type": "Offer", "id": victim.ids["cake"], "name": "Cake again"})
        await friend.publish({"type": "Need", "name": "Apples"})
        path = friend.head()["page"]
        value = parse_page(friend.file("/" + path) or b"")
        edit(value, victim)
        # Also numbers that have no canonical form.
        return {path: json.dumps(value, sort_keys=True, separators=(",", ":")).encode()}

    return make


def parse_page(body: bytes) -> dict[str, Any]:
    page = json.loads(body)
    assert isinstance(page, dict)
    return page


def _swap(page: dict[str, Any], _: Victim) -> None:
    rows = page["entries"]
    rows[-1], rows[-2] = [rows[-1][0], *rows[-2][1:]], [rows[-2][0], *rows[-1][1:]]


def _undelete(page: dict[str, Any], victim: Victim) -> None:
    """The deletion becomes a put of what was there."""
    rows = page["entries"]
    at = next(
        n for n, row in enumerate(rows) if row[2] == path_of(victim, "bread") and row[1] == "delete"
    )
    put = next(row for row in rows if row[2] == path_of(victim, "bread") and row[1] == "put")
    rows[at] = [rows[at][0], *put[1:]]


def _drop(page: dict[str, Any], victim: Victim) -> None:
    """The deletion never was."""
    gone = [
        row for row in page["entries"] if row[1] == "delete" and row[2] == path_of(victim, "bread")
    ]
    page["entries"].remove(gone[0])


def _other_digest(page: dict[str, Any], victim: Victim) -> None:
    page["entries"][-1][4] = digest(victim.other.file("/org.json") or b"")


def _last_again(page: dict[str, Any], _: Victim) -> None:
    page["entries"].append(list(page["entries"][-1]))


def _other_number(page: dict[str, Any], _: Victim) -> None:
    page["entries"][-1][0] += 1


async def _page_gone(victim: Victim) -> Files:
    files = await _page(lambda page, _: None)(victim)
    return dict.fromkeys(files)


async def _page_of_another(victim: Victim) -> Files:
    files = await _page(lambda page, _: None)(victim)
    return dict.fromkeys(files, victim.other.file("/" + victim.other.head()["page"]))


async def _page_of_before(victim: Victim) -> Files:
    old = files_of(victim.friend)
    files = await _page(lambda page, _: None)(victim)
    return {path: old[path] for path in files}


PAGES: dict[str, tuple[Make, str]] = {
    "gone": (_page_gone, "bad-feed"),
    "of another publisher": (_page_of_another, "bad-feed"),
    "of before": (_page_of_before, "bad-feed"),
    "without its last entry": (_page(lambda page, _: page["entries"].pop()), "bad-feed"),
    "without its first entry": (_page(lambda page, _: page["entries"].pop(0)), "bad-feed"),
    "without a deletion": (_page(_drop), "bad-feed"),
    "with a deletion taken back": (_page(_undelete), "bad-feed"),
    "with two entries exchanged": (_page(_swap), "bad-feed"),
    "in the other order": (_page(lambda page, _: page["entries"].reverse()), "bad-feed"),
    "with an entry twice": (_page(_last_again), "bad-feed"),
    "with another digest": (_page(_other_digest), "bad-feed"),
    "with another number": (_page(_other_number), "bad-feed"),
    "without entries": (_page(lambda page, _: page["entries"].clear()), "bad-feed"),
    "that goes on from another chain": (
        _page(lambda page, _: page.update(before=digest(b"another"))),
        "bad-feed",
    ),
    "that names itself as the one before": (
        _page(lambda page, v: page.update(previous=v.friend.head()["page"])),
        "bad-feed",
    ),
    "that names a later one as the one before": (
        _page(lambda page, v: page.update(previous=f"feed/{INTEGER}.json")),
        "bad-feed",
    ),
    "that names a document as the one before": (
        _page(lambda page, v: page.update(previous="org.json")),
        "bad-feed",
    ),
    "with an entry of the last number but one too many": (
        _page(lambda page, _: page["entries"].append([INTEGER + 1, "delete", "org.json"])),
        "bad-number",
    ),
}
"""What lies where the page of a true head should."""


# --- documents of a true feed, wrong in time -------------------------------------------------


def _said(edit: Callable[[Victim], dict[str, Any]]) -> Make:
    async def make(victim: Victim) -> bytes:
        friend = victim.friend
        cake = friend.live(friend)[path_of(victim, "cake")].body
        assert cake is not None
        members = {"key": friend.key, "name": {"en": "Forged"}, **edit(victim)}
        return again(cake, members.pop("key"), **members)

    return make


def _number(new: bytes) -> Make:
    async def make(victim: Victim) -> bytes:
        body = await _said(lambda v: {})(victim)
        revision = str(parse_object(body)["revision"]).encode()
        return body.replace(b'"revision":' + revision, b'"revision":' + new)

    return make


DOCUMENTS: dict[str, tuple[Make, str]] = {
    "expired": (
        _said(
            lambda v: {
                "updated": time(v, days=-9),
                "expires": time(v, seconds=-1),
                "assured": time(v, days=-9),
            }
        ),
        "expired",
    ),
    "good for too long": (
        _said(lambda v: {"updated": time(v), "expires": time(v, days=181)}),
        "bad-time",
    ),
    "ending before it begins": (
        _said(lambda v: {"updated": time(v), "expires": time(v, days=-1)}),
        "bad-time",
    ),
    "looked at in the future": (
        _said(lambda v: {"updated": time(v), "assured": time(v, days=1)}),
        "bad-time",
    ),
    "looked at too long ago": (
        _said(
            lambda v: {
                "updated": time(v),
                "expires": time(v, days=100),
                "assured": time(v, days=-301),
            }
        ),
        "bad-time",
    ),
    "from next year": (
        _said(lambda v: {"updated": time(v, days=365), "expires": time(v, days=390)}),
        "",
    ),
    "from next year, and good for too long": (
        _said(lambda v: {"updated": time(v, days=365), "expires": time(v, days=600)}),
        "bad-time",
    ),
    "with the revision after the last": (_number(b"9007199254740992"), "bad-number"),
    "with a revision below nought": (_number(b"-1"), "wrong-shape"),
    "by a key that never was": (
        _said(lambda v: {"key": MALLORY}),
        "unknown-key",
    ),
}
"""Bytes of the friend's cake, listed by a true head; an empty code: it waits for its time."""


# --- clocks of mirrors -----------------------------------------------------------------------


def _clock(edit: Callable[[Victim, str], Any]) -> Make:
    async def make(victim: Victim) -> bytes:
        value = edit(victim, victim.friend.did.split(":")[2])
        return value if isinstance(value, bytes) else encode(value)

    return make


CLOCKS: dict[str, tuple[Make, str]] = {
    "that promises the last number": (_clock(lambda v, scid: {scid: INTEGER}), ""),
    "that promises more than the last number": (
        _clock(lambda v, scid: b'{"%s":9007199254740992}' % scid.encode()),
        "",
    ),
    "that knows nothing": (_clock(lambda v, scid: {}), ""),
    "that is behind": (_clock(lambda v, scid: {scid: 1}), ""),
    "that speaks of ourselves": (
        _clock(lambda v, scid: {v.node.did.split(":")[2]: INTEGER}),
        "",
    ),
    "that speaks of the mirror itself": (
        _clock(lambda v, scid: {v.other.did.split(":")[2]: INTEGER}),
        "",
    ),
    "with thousands of strangers": (
        _clock(
            lambda v, scid: {"Qm" + f"{n:0>44}".replace("0", "z"): INTEGER for n in range(9_000)}
        ),
        "",
    ),
    "that says two things": (
        _clock(lambda v, scid: b'{"%s":1,"%s":9}' % (scid.encode(), scid.encode())),
        "",
    ),
    "that is a head": (_clock(lambda v, scid: v.friend.file("/head.json")), ""),
}
"""mirror/clock.json of the other one, while the friend is away."""
