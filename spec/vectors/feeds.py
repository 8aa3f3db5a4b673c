"""Feed files and heads, valid and invalid, and readings of whole feeds.

Here: tables of cases, built by a small writer that can be made to write anything. Not here: writing
them to disk (`make_documents.py`).
"""

from __future__ import annotations

from typing import Any, Final

from forge_document import (
    AT,
    CONTEXT,
    DID,
    LOG,
    OTHER_RECORD,
    OWN,
    RECORD,
    UPDATED,
    Json,
    identity_of,
    offer,
    own,
    signed,
)
from forge_log import FORGER, KIT, NEW_KEY

from localfed.protocol.canonical import encode
from localfed.protocol.digest import digest
from localfed.protocol.feed import Entry, chain_over, chain_start

Case = dict[str, Any]

IDENTITY: Final = identity_of(LOG)
START: Final = chain_start(IDENTITY.scid)
NEW_METHOD: Final = f"{DID}#{NEW_KEY.multikey}"
FIRST: Final = 1_777_714_200_000
BODIES: Final = {
    OWN: signed(own()),
    RECORD: signed(offer()),
    OTHER_RECORD: signed(offer(id=f"{DID}/{OTHER_RECORD}", type="Need")),
}
DIGESTS: Final = {path: digest(body) for path, body in BODIES.items()}


def put(seq: int, path: str, kind: str = "Offer", name: str | None = None) -> list[Any]:
    """Write an entry that puts."""
    return [seq, "put", path, kind, name or DIGESTS.get(path) or digest(path.encode())]


def delete(seq: int, path: str) -> list[Any]:
    """Write an entry that deletes."""
    return [seq, "delete", path]


THREE: Final = [
    put(FIRST, OWN, "Organization"),
    put(FIRST + 1, RECORD),
    delete(FIRST + 2, RECORD),
]
"""The feed of the example: an own record, an offer, and the offer taken back."""


def chain_of(entries: list[list[Any]], start: str = START) -> str:
    """Carry a chain over entries as they stand on the wire."""
    return chain_over(start, [Entry(seq=e[0], path=e[2], **_put_of(e)) for e in entries])


def _put_of(entry: list[Any]) -> dict[str, str]:
    return {"type": entry[3], "digest": entry[4]} if entry[1] == "put" else {}


def page(entries: list[list[Any]], before: str = START, previous: str | None = None) -> bytes:
    """Write a page."""
    return encode({"before": before, "previous": previous, "entries": entries})


def page_path(entries: list[list[Any]]) -> str:
    """Name the page that begins with these entries."""
    return f"feed/{entries[0][0]}.json"


def head(entries: list[list[Any]] = THREE, **changes: Any) -> Json:
    """Give an unsigned head at the end of these entries, all on one page, without a snapshot."""
    document: Json = {
        "@context": CONTEXT,
        "id": f"{DID}/head.json",
        "type": "Head",
        "issuer": DID,
        "updated": UPDATED,
        "expires": "2026-05-16T09:30:00Z",
        "seq": entries[-1][0] if entries else 0,
        "chain": chain_of(entries),
        "page": page_path(entries) if entries else None,
        "snapshot": {"seq": 0, "chain": START, "parts": []},
        "identity": IDENTITY.version_ids[-1],
        "poll": 900,
        "versions": ["1.0"],
        **changes,
    }
    return {name: value for name, value in document.items() if value is not ...}


def snapshot_of(entries: list[list[Any]]) -> tuple[Json, bytes]:
    """Write the snapshot after these entries, in one part."""
    live = {entry[2]: entry for entry in entries}
    rows = [[e[2], e[3], e[4]] for _, e in sorted(live.items()) if e[1] == "put"]
    seq, body = entries[-1][0], encode(rows)
    parts = [{"name": f"snapshot/{seq}-1.json", "digest": digest(body)}]
    return {"seq": seq, "chain": chain_of(entries), "parts": parts}, body


def pages() -> dict[str, Case]:
    """Give cases of single pages."""

    def good(body: bytes, path: str = page_path(THREE), rule: str = "LF-FEED-5") -> Case:
        return {"body": body, "path": path, "rule": rule}

    def bad(rule: str, body: bytes, path: str = page_path(THREE), code: str = "bad-feed") -> Case:
        return {"body": body, "path": path, "rule": rule, "code": code}

    def entry(*items: Any) -> bytes:
        return page([list(items)])

    name = DIGESTS[RECORD]
    hundred = [put(FIRST + number, f"x/{number}.json") for number in range(101)]
    value: Json = {"before": START, "previous": None, "entries": THREE}
    return {
        "three-entries": good(page(THREE)),
        "one-deletion": good(page([delete(1, OWN)]), "feed/1.json"),
        "unknown-path-and-type": good(
            page([[7, "put", "w/spring_2.json", "Workshop", name]]), "feed/7.json", "LF-FEED-2"
        ),
        "hundred-entries": good(page(hundred[:100])),
        "gaps-between-numbers": good(
            page([put(1, OWN), put(9_007_199_254_740_991, RECORD)]), "feed/1.json"
        ),
        "with-previous": good(page(THREE, previous="feed/5.json"), rule="LF-FEED-7"),
        "no-entries": bad("LF-FEED-5", page([])),
        "too-many-entries": bad("LF-FEED-5", page(hundred)),
        "further-member": bad("LF-FEED-5", encode({**value, "next": None})),
        "without-previous": bad(
            "LF-FEED-5",
            encode({"before": START, "entries": THREE}),
        ),
        "an-array": bad("LF-FEED-5", encode(THREE)),
        "entries-an-object": bad("LF-FEED-5", encode({**value, "entries": {}})),
        "before-null": bad("LF-FEED-5", encode({**value, "before": None})),
        "before-no-digest": bad("LF-FEED-5", page(THREE, before="zQm")),
        "before-of-another-hash": bad("LF-FEED-5", page(THREE, before="zQm" + "z" * 44)),
        "numbers-equal": bad("LF-FEED-3", page([THREE[0], [FIRST, *THREE[1][1:]]])),
        "numbers-fall": bad("LF-FEED-3", page([THREE[0], [FIRST - 1, *THREE[1][1:]]])),
        "number-zero": bad("LF-FEED-3", page([put(0, OWN)]), "feed/0.json"),
        "number-negative": bad("LF-FEED-3", page([put(-1, OWN)]), "feed/-1.json"),
        "number-a-string": bad("LF-FEED-3", entry(str(FIRST), "delete", OWN)),
        "number-true": bad("LF-FEED-3", entry(True, "delete", OWN), "feed/1.json"),
        "unknown-verb": bad("LF-FEED-3", entry(FIRST, "move", OWN)),
        "deletion-with-digest": bad("LF-FEED-3", entry(FIRST, "delete", OWN, "Offer", name)),
        "put-without-digest": bad("LF-FEED-3", entry(FIRST, "put", OWN, "Offer")),
        "put-with-more": bad("LF-FEED-3", entry(FIRST, "put", OWN, "Offer", name, 1)),
        "entry-an-object": bad("LF-FEED-3", page([{"seq": FIRST}])),
        "type-empty": bad("LF-FEED-3", entry(FIRST, "put", OWN, "", name)),
        "type-with-space": bad("LF-FEED-3", entry(FIRST, "put", OWN, "An Offer", name)),
        "digest-empty": bad("LF-FEED-3", entry(FIRST, "put", OWN, "Offer", "")),
        "digest-too-long": bad("LF-FEED-3", entry(FIRST, "put", OWN, "Offer", name + "1")),
        "digest-in-hexadecimal": bad("LF-FEED-3", entry(FIRST, "put", OWN, "Offer", "ab" * 32)),
        "path-of-head": bad("LF-FEED-2", entry(FIRST, "put", "head.json", "Head", name)),
        "path-of-page": bad("LF-FEED-2", entry(FIRST, "delete", "feed/1.json")),
        "path-upwards": bad("LF-FEED-2", entry(FIRST, "put", "../x.json", "Offer", name)),
        "path-of-media": bad("LF-FEED-2", entry(FIRST, "put", "m/x.json", "Offer", name)),
        "other-path-than-first-number": bad("LF-FEED-6", page(THREE), "feed/1.json"),
        "path-with-leading-zero": bad("LF-FEED-6", page([put(7, OWN)]), "feed/07.json"),
        "previous-itself": bad("LF-FEED-7", page(THREE, previous=page_path(THREE))),
        "previous-later": bad("LF-FEED-7", page(THREE, previous=f"feed/{FIRST + 9}.json")),
        "previous-elsewhere": bad("LF-FEED-7", page(THREE, previous="../feed/1.json")),
        "previous-zero": bad("LF-FEED-7", page(THREE, previous="feed/0.json")),
        "previous-a-number": bad("LF-FEED-7", encode({**value, "previous": 1})),
        "not-utf8": bad(
            "LF-BYTES-8", page(THREE).replace(b'"Offer"', b'"Off\xffer"'), code="not-utf8"
        ),
        "type-with-an-escape-of-a-null": bad(
            "LF-BYTES-7", page(THREE).replace(b'"Offer"', b'"Off\\u0000er"'), code="bad-character"
        ),
        "digest-of-another-alphabet": bad(
            "LF-FEED-3", entry(FIRST, "put", OWN, "Offer", name.replace(name[5], "0"))
        ),
        "path-absolute": bad(
            "LF-FEED-2", entry(FIRST, "put", "https://evil.example/x.json", "Offer", name)
        ),
        "with-space": bad("LF-BYTES-1", page(THREE) + b" ", code="not-canonical"),
        "entries-twice": bad(
            "LF-BYTES-1", page(THREE).replace(b"{", b'{"entries":[],', 1), code="not-canonical"
        ),
        "number-a-fraction": bad(
            "LF-BYTES-6",
            page(THREE).replace(b"[[%d," % FIRST, b"[[%d.0," % FIRST),
            code="bad-number",
        ),
        "number-beyond-all": bad(
            "LF-BYTES-6",
            page(THREE).replace(b"[[%d," % FIRST, b"[[9007199254740992,"),
            code="bad-number",
        ),
        "nested-too-deep": bad("LF-BYTES-3", b"[" * 100_000, code="too-deep"),
        "path-with-null": bad(
            "LF-BYTES-7", entry(FIRST, "put", "d/\0.json", "Offer", name), code="bad-character"
        ),
        "path-percent-encoded": bad("LF-FEED-2", entry(FIRST, "put", "d/%61.json", "Offer", name)),
        "not-json": bad("LF-BYTES-8", b"<!doctype html>", code="not-json"),
    }


def parts() -> dict[str, Case]:
    """Give cases of whole snapshots, each a list of parts."""

    def good(*bodies: Any) -> Case:
        return {"bodies": [encode(body) for body in bodies], "rule": "LF-FEED-9"}

    def bad(rule: str, *bodies: Any) -> Case:
        return {**good(*bodies), "rule": rule, "code": "bad-feed"}

    rows = [[path, "Offer", name] for path, name in sorted(DIGESTS.items())]
    one = rows[0]
    return {
        "three-rows": good(rows),
        "no-parts": good(),
        "no-rows": bad("LF-FEED-9", []),
        "first-part-not-full": bad("LF-FEED-9", rows[:1], rows[1:]),
        "part-an-object": bad("LF-FEED-9", {"rows": rows}),
        "row-of-two": bad("LF-FEED-9", [one[:2]]),
        "row-of-four": bad("LF-FEED-9", [[*one, 1]]),
        "row-an-object": bad("LF-FEED-9", [{"path": one[0]}]),
        "row-with-number": bad("LF-FEED-9", [[one[0], one[1], 7]]),
        "row-with-bad-path": bad("LF-FEED-9", [["feed/1.json", one[1], one[2]]]),
        "row-with-bad-type": bad("LF-FEED-9", [[one[0], "1", one[2]]]),
        "row-with-bad-digest": bad("LF-FEED-9", [[one[0], one[1], one[2][1:]]]),
        "row-of-the-head": bad("LF-FEED-9", [["head.json", "Head", one[2]]]),
        "row-null": bad("LF-FEED-9", [None]),
        "rows-not-sorted": bad("LF-FEED-10", rows[::-1]),
        "path-twice": bad("LF-FEED-10", [one, one]),
    }


def clocks() -> list[Case]:
    """Give clocks of mirrors: what is read, or the code with which they are refused (LF-MIRROR-2)."""
    scid = DID.split(":")[2]
    many = {f"Qm{number:044d}".replace("0", "z"): number + 1 for number in range(3_000)}
    valid = {
        "nobody": {},
        "one": {scid: FIRST + 2},
        "nothing-published": {scid: 0},
        "the-last-number": {scid: 2**53 - 1},
        "many": many,
    }
    text = encode({scid: 1}).decode()
    invalid = {
        "empty-file": ("", "not-json"),
        "a-list": ("[]", "wrong-shape"),
        "white-space": (text.replace(":", ": "), "not-canonical"),
        "twice-the-same": (text[:-1] + f',"{scid}":2}}', "not-canonical"),
        "a-name-that-is-no-scid": (text.replace(scid, "grocer"), "wrong-shape"),
        "a-scid-of-another-alphabet": (text.replace(scid, "0" + scid[1:]), "wrong-shape"),
        "below-zero": (text.replace("1}", "-1}"), "wrong-shape"),
        "one-too-many": (text.replace("1}", "9007199254740992}"), "wrong-shape"),
        "a-fraction": (text.replace("1}", "1.5}"), "wrong-shape"),
        "a-text": (text.replace("1}", '"1"}'), "wrong-shape"),
        "nothing-for-a-number": (text.replace("1}", "null}"), "wrong-shape"),
    }
    good = [
        {"name": name, "text": encode(value).decode(), "result": value}
        for name, value in valid.items()
    ]
    return good + [
        {"name": name, "text": body, "code": code} for name, (body, code) in invalid.items()
    ]


def heads() -> dict[str, Case]:
    """Give cases of single heads."""

    def good(document: Json, rule: str = "LF-HEAD-1", **more: Any) -> Case:
        return {"body": signed(document), "rule": rule, "at": AT, "log": LOG, **more}

    def bad(rule: str, code: str = "wrong-shape", **changes: Any) -> Case:
        return {**good(head(**changes)), "rule": rule, "code": code}

    def snapshot(rule: str, **changes: Any) -> Case:
        return bad(rule, snapshot={**head()["snapshot"], **changes})

    def part(name: str) -> Json:
        return {"name": name, "digest": START}

    whole, _ = snapshot_of(THREE)
    seq = FIRST + 2
    later = identity_of("valid/key-removed.jsonl").version_ids
    at_later = {"log": "valid/key-removed.jsonl", "era": 1}
    by_new: dict[str, Any] = {"key": NEW_KEY, "method": NEW_METHOD}
    return {
        "nothing-published": good(head([])),
        "before-any-snapshot": good(head()),
        "with-snapshot": good(head(snapshot=whole), "LF-HEAD-5"),
        "snapshot-of-nothing": good(
            head(snapshot={"seq": seq, "chain": chain_of(THREE), "parts": []}), "LF-HEAD-6"
        ),
        "with-inbox-and-limits": good(
            head(inbox="inbox", limits={"documents": 10_000, "inboxBytes": 262_144}), "LF-HEAD-2"
        ),
        "with-fifty-parts": good(
            head(
                snapshot={
                    **whole,
                    "parts": [part(f"snapshot/{seq}-{at}.json") for at in range(1, 51)],
                }
            ),
            "LF-HEAD-5",
        ),
        "with-fifty-one-parts": bad(
            "LF-HEAD-2",
            snapshot={**whole, "parts": [part(f"snapshot/{seq}-{at}.json") for at in range(1, 52)]},
        ),
        "expired": good(head(), "LF-HEAD-8", at="2026-06-16T09:30:00Z"),
        "hundred-days": good(head(expires="2026-08-10T09:30:00Z"), "LF-HEAD-8"),
        "of-the-new-era": {
            **good(head()),
            **at_later,
            "body": signed(head(identity=later[2]), **by_new),
            "rule": "LF-HEAD-7",
        },
        "with-unknown-member": good(head(revision=1, later={"a": 1})),
        "not-a-head": {
            **good(offer(id=f"{DID}/head.json")),
            "rule": "LF-HEAD-1",
            "code": "wrong-shape",
        },
        "at-another-path": bad("LF-HEAD-1", "wrong-path", id=f"{DID}/heads/head.json"),
        "of-another-issuer": bad("LF-DOC-5", "wrong-issuer", issuer=DID + ":shop"),
        **{
            f"without-{name}": bad("LF-HEAD-2", **_lacking(name))
            for name in ("seq", "chain", "page", "snapshot", "identity", "poll", "versions")
        },
        "seq-negative": bad("LF-HEAD-2", seq=-1),
        "chain-no-digest": bad("LF-HEAD-2", chain="zQm"),
        "chain-of-another-hash": bad("LF-HEAD-2", chain="zQm" + "z" * 44),
        "poll-zero": bad("LF-HEAD-2", poll=0),
        "poll-a-string": bad("LF-HEAD-2", poll="900"),
        "versions-none": bad("LF-HEAD-2", versions=[]),
        "versions-of-major-2": bad("LF-HEAD-2", versions=["2.0"]),
        "inbox-a-url": bad("LF-HEAD-2", inbox="https://inbox.example/"),
        "inbox-upwards": bad("LF-HEAD-2", inbox="../inbox"),
        "limits-negative": bad("LF-HEAD-2", limits={"documents": -1}),
        "inbox-null": bad("LF-DOC-3", inbox=None),
        "page-without-entries": bad("LF-HEAD-3", seq=0, chain=START),
        "no-page-with-entries": bad("LF-HEAD-3", page=None),
        "page-of-another-form": bad("LF-HEAD-3", page=f"feed/0{FIRST}.json"),
        "page-zero": bad("LF-HEAD-3", page="feed/0.json"),
        "page-elsewhere": bad("LF-HEAD-3", page="https://evil.example/1.json"),
        "page-beyond-the-head": bad("LF-HEAD-3", page=f"feed/{seq + 1}.json"),
        "snapshot-beyond-the-head": snapshot("LF-HEAD-4", seq=seq + 1),
        "snapshot-of-another-chain": snapshot("LF-HEAD-4", seq=seq),
        "parts-from-zero": snapshot("LF-HEAD-5", seq=1, parts=[part("snapshot/1-0.json")]),
        "parts-of-another-seq": snapshot("LF-HEAD-5", seq=1, parts=[part("snapshot/2-1.json")]),
        "parts-out-of-order": snapshot(
            "LF-HEAD-5", seq=1, parts=[part("snapshot/1-2.json"), part("snapshot/1-1.json")]
        ),
        "parts-elsewhere": snapshot("LF-HEAD-5", seq=1, parts=[part("../1-1.json")]),
        "part-without-digest": snapshot("LF-HEAD-5", seq=1, parts=[{"name": "snapshot/1-1.json"}]),
        "parts-at-zero": snapshot("LF-HEAD-6", parts=[part("snapshot/0-1.json")]),
        "identity-unknown": bad("LF-HEAD-7", "unknown-identity-version", identity=later[2]),
        "identity-no-version": bad("LF-HEAD-7", "unknown-identity-version", identity="1"),
        "of-an-earlier-era": {
            **good(head()),
            **at_later,
            "body": signed(head(identity=later[1]), **by_new),
            "rule": "LF-HEAD-7",
            "code": "stale",
        },
        "by-a-stranger": {
            **good(head()),
            "body": signed(head(), key=FORGER, method=f"{DID}#{FORGER.multikey}"),
            "rule": "LF-PROOF-4",
            "code": "unknown-key",
        },
        "without-proof": {
            **good(head()),
            "body": encode(head()),
            "rule": "LF-PROOF-1",
            "code": "bad-proof",
        },
        "poll-a-fraction": {
            **good(head()),
            "body": signed(head()).replace(b'"poll":900', b'"poll":900.0'),
            "rule": "LF-BYTES-6",
            "code": "bad-number",
        },
        "poll-beyond-all": {
            **good(head()),
            "body": signed(head()).replace(b'"poll":900', b'"poll":9007199254740992'),
            "rule": "LF-BYTES-6",
            "code": "bad-number",
        },
        "seq-twice": {
            **good(head()),
            "body": signed(head()).replace(b"{", b'{"seq":1,', 1),
            "rule": "LF-BYTES-1",
            "code": "not-canonical",
        },
        "context-appended": bad(
            "LF-DOC-2", **{"@context": ["https://w3id.org/localfed/1.0", "https://evil.example/"]}
        ),
        "graph-keyword": bad("LF-BYTES-5", "bad-member-name", **{"@graph": []}),
        "by-an-update-key": {
            **good(head()),
            "body": signed(
                head(), key=KIT.update_key(0), method=f"{DID}#{KIT.update_key(0).multikey}"
            ),
            "rule": "LF-PROOF-4",
            "code": "unknown-key",
        },
        "by-a-key-that-was-removed": {
            **good(head()),
            **at_later,
            "body": signed(head(identity=later[2])),
            "rule": "LF-PROOF-4",
            "code": "unknown-key",
        },
        "proof-of-another-purpose": {
            **good(head()),
            "body": signed(head(), options={"proofPurpose": "authentication"}),
            "rule": "LF-PROOF-2",
            "code": "bad-proof",
        },
        "context-of-major-2": {
            **good(head(**{"@context": "https://w3id.org/localfed/2.0"})),
            "rule": "LF-DOC-2",
            "code": "unknown-context",
        },
        "seq-too-large": {
            **good(head()),
            "body": signed(head()).replace(f'"seq":{seq}'.encode(), b'"seq":9007199254740992'),
            "rule": "LF-BYTES-6",
            "code": "bad-number",
        },
        "of-another-seq-after-signing": {
            **good(head()),
            "body": signed(head()).replace(f'"seq":{seq}'.encode(), f'"seq":{seq + 1}'.encode()),
            "rule": "LF-PROOF-3",
            "code": "bad-signature",
        },
        "changed-after-signing": {
            **good(head()),
            "body": signed(head()).replace(b'"poll":900', b'"poll":901'),
            "rule": "LF-PROOF-3",
            "code": "bad-signature",
        },
        "of-a-closed-identity": {
            **good(head()),
            "log": "valid/closed.jsonl",
            "rule": "LF-DOC-5",
            "code": "identity-closed",
        },
        "lives-101-days": bad("LF-HEAD-8", "bad-time", expires="2026-08-11T09:30:00Z"),
        "from-the-future": {
            **good(head(), at="2026-05-02T09:24:59Z"),
            "rule": "LF-HEAD-8",
            "code": "too-early",
        },
        "with-space": {
            **good(head()),
            "body": b" " + signed(head()),
            "rule": "LF-BYTES-1",
            "code": "not-canonical",
        },
    }


def _lacking(name: str) -> dict[str, Any]:
    return {name: ...}


def ratchet() -> list[dict[str, Any]]:
    """Give pairs of heads, by what the ratchet sees of them, and the verdict."""
    a, b = chain_of(THREE[:1]), chain_of(THREE[:2])
    early, late = "2026-05-02T09:30:00Z", "2026-05-09T09:30:00Z"

    def state(era: int, seq: int, chain: str = a, updated: str = early) -> dict[str, Any]:
        return {"era": era, "seq": seq, "chain": chain, "updated": updated}

    held = state(1, 5, updated=late)
    table = [
        ("first-head", None, state(0, 0), "newer", 1),
        ("higher-era-lower-seq", held, state(2, 1), "newer", 2),
        ("higher-era-same-seq-other-chain", held, state(2, 5, b), "newer", 2),
        ("lower-era-higher-seq", held, state(0, 9, b, late), "stale", 3),
        ("lower-era-same-seq", held, state(0, 5, updated=late), "stale", 3),
        ("lower-seq", held, state(1, 4, b, late), "stale", 4),
        ("lower-seq-same-chain", held, state(1, 4, updated=late), "stale", 4),
        ("nothing-again", held, state(1, 0, START, late), "stale", 4),
        ("higher-seq", held, state(1, 6, b), "newer", 5),
        ("higher-seq-earlier-time", held, state(1, 6, b, early), "newer", 5),
        ("higher-seq-same-chain", held, state(1, 6), "newer", 5),
        ("other-chain", held, state(1, 5, b, late), "forked", 6),
        ("other-chain-later", held, state(1, 5, b, "2026-06-01T00:00:00Z"), "forked", 6),
        ("other-chain-earlier", held, state(1, 5, b, early), "forked", 6),
        ("later", held, state(1, 5, updated="2026-05-09T09:30:01Z"), "renewal", 7),
        ("the-same", held, held, "same", 8),
        ("earlier", held, state(1, 5, updated=early), "same", 8),
    ]
    return [
        {"name": name, "held": before, "offered": offered, "verdict": verdict, "row": row}
        for name, before, offered, verdict, row in table
    ]


def live_after(entries: list[list[Any]]) -> dict[str, str]:
    """Say what is live after these entries: the plainest way there is."""
    live: dict[str, str] = {}
    for entry in entries:
        live.pop(entry[2], None)
        if entry[1] == "put":
            live[entry[2]] = entry[4]
    return dict(sorted(live.items()))


class Feed:
    """The files of a feed being written: pages of so many entries, and a head."""

    def __init__(self, entries: list[list[Any]], size: int = 100) -> None:
        self.files: dict[str, bytes] = {}
        self.entries = entries
        before, previous = START, None
        for at in range(0, len(entries), size):
            some = entries[at : at + size]
            previous_path, path = previous, page_path(some)
            self.files[path] = page(some, before, previous_path)
            before, previous = chain_of(some, before), path
        self.changes: Json = {"page": previous}

    def snapshot(self, count: int) -> Feed:
        """Add the snapshot after so many entries."""
        snapshot, body = snapshot_of(self.entries[:count])
        self.changes["snapshot"] = snapshot
        self.files[snapshot["parts"][0]["name"]] = body
        return self

    def without(self, *paths: str) -> Feed:
        """Take files away."""
        for path in paths:
            del self.files[path]
        return self

    def having(self, path: str, body: bytes) -> Feed:
        """Put other bytes at a path."""
        self.files[path] = body
        return self

    def case(self, rule: str, held: int | None = None, **changes: Any) -> Case:
        """Describe reading this feed by someone who read so many entries of it."""
        cursor = None
        if held is not None:
            some = self.entries[:held]
            cursor = {"seq": some[-1][0] if some else 0, "chain": chain_of(some)}
        document = head(self.entries, **{**self.changes, **changes})
        return {
            "rule": rule,
            "log": LOG,
            "at": AT,
            "head": signed(document).decode(),
            "held": cursor,
            "before": live_after(self.entries[: held or 0]),
            "live": live_after(self.entries),
            "files": {path: body.decode() for path, body in self.files.items()},
        }


def readings() -> dict[str, Case]:
    """Give whole feeds to read, those that cannot be read among them."""
    many = [put(number, f"x/{number}.json") for number in range(1, 26)]
    mixed = [
        put(1, OWN, "Organization"),
        put(2, RECORD),
        put(3, OTHER_RECORD, "Need"),
        delete(4, RECORD),
        put(5, OTHER_RECORD, "Need", digest(b"other")),
        put(6, "x/6.json"),
        delete(7, "x/never.json"),
    ]
    another = [put(1, OWN, "Organization"), put(2, "x/other.json")]
    foreign = {"seq": 2, "chain": chain_of(another)}
    more = page([*mixed[6:], put(8, "x/8.json")], chain_of(mixed[:6]), "feed/5.json")
    return {
        "nothing-published": Feed([]).case("LF-READ-3"),
        "first-without-snapshot": Feed(mixed, 2).case("LF-READ-4"),
        "first-with-snapshot": Feed(mixed, 2).snapshot(4).case("LF-READ-8"),
        "first-with-snapshot-at-the-head": Feed(mixed, 2).snapshot(7).case("LF-READ-8"),
        "first-with-old-pages-gone": Feed(mixed, 2)
        .snapshot(4)
        .without("feed/1.json", "feed/3.json")
        .case("LF-READ-8"),
        "one-page-on": Feed(mixed).case("LF-READ-5", held=5),
        "two-pages-on": Feed(mixed, 2).case("LF-READ-5", held=4),
        "within-a-page": Feed(mixed, 3).case("LF-READ-5", held=2),
        "from-nothing": Feed(mixed, 2).case("LF-READ-5", held=0),
        "entries-above-the-head": Feed(mixed, 2)
        .having("feed/7.json", more)
        .case("LF-FEED-8", held=6),
        "page-gone": Feed(mixed, 2).snapshot(5).without("feed/3.json").case("LF-READ-6", held=1)
        | {"notes": ["caught up"]},
        "twenty-pages-on": Feed(many, 1).snapshot(20).case("LF-READ-5", held=5),
        "twenty-one-pages-on": Feed(many, 1).snapshot(20).case("LF-READ-6", held=4)
        | {"notes": ["caught up"]},
        "another-feed-than-before": {
            **Feed(mixed, 2).snapshot(5).case("LF-READ-7"),
            "held": foreign,
            "before": live_after(another),
            "notes": ["restarted"],
        },
        "another-feed-at-the-first-entry": {
            **Feed(mixed).snapshot(5).case("LF-READ-7"),
            "held": foreign,
            "before": live_after(another),
            "notes": ["restarted"],
        },
        "passing-a-false-snapshot": {
            **Feed(mixed).case(
                "LF-READ-14",
                held=2,
                snapshot={"seq": 4, "chain": chain_of(another), "parts": []},
            ),
            "notes": ["other snapshot"],
        },
        **_unreadable(mixed, another, many),
    }


def _unreadable(
    mixed: list[list[Any]], another: list[list[Any]], many: list[list[Any]]
) -> dict[str, Case]:
    unjoined = Feed(mixed, 2)
    cut = page(mixed[2:4], chain_of(another), "feed/1.json")
    last = page(mixed[6:], chain_of(mixed[:6]), "feed/5.json")
    wrong_part = Feed(mixed, 2).snapshot(4)
    part = "snapshot/4-1.json"
    cases = {
        "empty-with-another-chain": Feed([]).case(
            "LF-HEAD-3",
            chain=chain_of(mixed),
            snapshot={"seq": 0, "chain": chain_of(mixed), "parts": []},
        ),
        "snapshot-zero-with-another-chain": Feed(mixed, 1)
        .without("feed/7.json")
        .case("LF-HEAD-6", snapshot={"seq": 0, "chain": chain_of(mixed), "parts": []}),
        "head-of-another-chain": Feed(mixed).case("LF-READ-5", held=5, chain=chain_of(mixed[:6])),
        "head-of-another-number": Feed(mixed).case("LF-READ-5", held=5, seq=8),
        "page-behind-the-head": Feed(mixed, 2)
        .having("feed/5.json", page(mixed[4:5], chain_of(mixed[:4]), "feed/3.json"))
        .case("LF-READ-5", held=2),
        "last-page-behind-the-head": Feed(mixed)
        .having("feed/1.json", page(mixed[:6]))
        .case("LF-READ-5", held=5),
        "pages-do-not-join": unjoined.having("feed/3.json", cut).case("LF-READ-5", held=0),
        "entry-changed": Feed(mixed, 2)
        .having("feed/7.json", last.replace(b"never", b"never2"))
        .case("LF-READ-5", held=5),
        "entry-withheld": Feed(mixed)
        .having("feed/1.json", page([*mixed[:3], *mixed[4:]]))
        .case("LF-READ-5", held=2),
        "page-of-another-path": Feed(mixed, 2)
        .having("feed/7.json", Feed(mixed, 2).files["feed/5.json"])
        .case("LF-FEED-6", held=6),
        "page-gone-without-snapshot": Feed(mixed, 2).without("feed/7.json").case("LF-READ-8"),
        "part-gone": Feed(mixed, 2).snapshot(4).without(part).case("LF-READ-8"),
        "part-with-other-bytes": wrong_part.having(
            part, wrong_part.files[part].replace(b"Need", b"Want")
        ).case("LF-READ-8"),
        "snapshot-of-another-feed": Feed(mixed, 2)
        .snapshot(4)
        .case("LF-READ-8", snapshot={**snapshot_of(mixed[:4])[0], "chain": chain_of(another)}),
        "snapshot-not-reached": Feed(many, 1).snapshot(2).case("LF-READ-8"),
        "gone-and-then-not-reached": Feed(mixed, 2)
        .snapshot(4)
        .without("feed/5.json")
        .case("LF-READ-8", held=1),
    }
    return {name: {**case, "code": "bad-feed"} for name, case in cases.items()}
