"""Make the vectors of section 10: `python spec/vectors/make_messages.py [FOLDER]`.

Here: `messages/` beside this file: messages with the code that they are refused with, and bodies of posts.
Every key comes from a fixed seed and every time is written down. The vectors are CC0.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from forge_document import AT, DID, LOG, REF, UPDATED, flow, identity_of, offer, signed
from forge_log import KIT

from localfed.protocol import limits
from localfed.protocol.canonical import encode
from localfed.protocol.digest import digest
from localfed.protocol.document import CONTEXT
from localfed.protocol.errors import LocalFedError
from localfed.protocol.keys import SigningKey
from localfed.protocol.message import Letter, open_message, read_post
from localfed.protocol.times import read_time

HERE: Final = Path(__file__).resolve().parent
Json = dict[str, Any]

BAKER: Final = "did:webvh:Qm" + "B" * 44 + ":baker.example"
ELSEWHERE: Final = "did:webvh:Qm" + "E" * 44 + ":elsewhere.example"
NAME: Final = "a" * 26
STRANGER: Final = SigningKey(b"\x09" * 32)
UPDATE_KEY: Final = KIT.update_key(0)
ANSWERED: Final = digest(b"the message that is answered")


def message(**changes: Any) -> Json:
    """Give an enquiry that is right but for the changes; `...` leaves a member out."""
    value: Json = {
        "@context": CONTEXT,
        "id": f"{DID}/messages/{NAME}.json",
        "type": "Enquiry",
        "issuer": DID,
        "to": BAKER,
        "updated": UPDATED,
        "expires": "2026-05-20T09:30:00Z",
        "language": "en",
        "text": {"en": "Have you bread on Sundays?"},
        **{"@context" if name == "context" else name: one for name, one in changes.items()},
    }
    return {name: one for name, one in value.items() if one is not ...}


def cases() -> list[Json]:
    """Give every message, valid ones first."""
    proposal: Json = {"type": "Proposal", "stage": "promotion"}
    answer: Json = {"inReplyTo": ANSWERED, "text": ...}
    figures: Json = {
        "ref": REF,
        "flows": [flow(to=BAKER), flow(giver=BAKER, to=DID, what="Bread", unit="loaves")],
        "period": {"start": "2026-04-01", "end": "2026-04-30"},
    }

    def proposed(**changes: Any) -> Json:
        said = {name: one for name, one in {**figures, **changes}.items() if one is not ...}
        return message(type="Proposal", exchange=said)

    valid = {
        "enquiry": message(),
        "enquiry-about-a-document": message(about=f"{BAKER}/d/{'b' * 26}.json"),
        "enquiry-in-reply": message(inReplyTo=ANSWERED),
        "proposal": message(**proposal, text=...),
        "proposal-with-words": message(**proposal),
        "proposal-of-a-mentor": message(**proposal, roles=["mentor", "referrer"], promotes=True),
        "proposal-that-counters": message(**proposal, inReplyTo=ANSWERED),
        "proposal-of-an-exchange": message(type="Proposal", exchange=figures, text=...),
        "proposal-of-an-exchange-with-words": proposed(),
        "proposal-that-corrects": message(type="Proposal", exchange=figures, inReplyTo=ANSWERED),
        "accept": message(type="Accept", **answer),
        "decline": message(type="Decline", **answer),
        "decline-with-words": message(type="Decline", inReplyTo=ANSWERED),
        "unknown-member": message(priority="high"),
        "with-ext": message(ext={"https://example.org/thread": 7}),
        "as-long-as-it-may-live": message(expires="2026-06-01T09:30:00Z"),
    }
    wrong: dict[str, tuple[str, str, Json]] = {
        "no-text": ("LF-MSG-1", "wrong-shape", message(text=...)),
        "stage-and-exchange": (
            "LF-MSG-7",
            "wrong-shape",
            message(**proposal, exchange=figures),
        ),
        "exchange-with-roles": (
            "LF-MSG-7",
            "wrong-shape",
            message(type="Proposal", exchange=figures, roles=["lead"]),
        ),
        "exchange-that-promotes": (
            "LF-MSG-7",
            "wrong-shape",
            message(type="Proposal", exchange=figures, promotes=True),
        ),
        "exchange-a-ref": ("LF-MSG-1", "wrong-shape", message(type="Proposal", exchange=REF)),
        "exchange-without-ref": ("LF-EXCH-1", "wrong-shape", proposed(ref=...)),
        "exchange-of-nothing": ("LF-EXCH-1", "wrong-shape", proposed(flows=[])),
        "exchange-with-a-third": (
            "LF-EXCH-2",
            "wrong-shape",
            proposed(flows=[flow(to=ELSEWHERE)]),
        ),
        "exchange-with-oneself": ("LF-EXCH-2", "wrong-shape", proposed(flows=[flow(to=DID)])),
        "exchange-of-zero": (
            "LF-EXCH-2",
            "wrong-shape",
            proposed(flows=[flow(to=BAKER, quantity="0")]),
        ),
        "exchange-ends-before-it-begins": (
            "LF-EXCH-3",
            "bad-time",
            proposed(period={"start": "2026-04-30", "end": "2026-04-01"}),
        ),
        "exchange-that-has-not-been": (
            "LF-EXCH-3",
            "bad-time",
            proposed(period={"start": "2026-04-30", "end": "2026-05-04"}),
        ),
        "no-stage": ("LF-MSG-7", "wrong-shape", message(type="Proposal")),
        "unknown-stage": ("LF-MSG-1", "wrong-shape", message(type="Proposal", stage="marriage")),
        "unknown-role": (
            "LF-MSG-1",
            "wrong-shape",
            message(**proposal, roles=["boss"]),
        ),
        "promotes-in-words": ("LF-MSG-1", "wrong-shape", message(**proposal, promotes="yes")),
        "counters-an-id": (
            "LF-MSG-1",
            "wrong-shape",
            message(**proposal, inReplyTo=f"{BAKER}/messages/{NAME}.json"),
        ),
        "accept-of-nothing": ("LF-MSG-1", "wrong-shape", message(type="Accept")),
        "decline-of-nothing": ("LF-MSG-1", "wrong-shape", message(type="Decline")),
        "a-document": ("LF-MSG-6", "wrong-shape", message(type="Offer")),
        "a-head": ("LF-MSG-6", "wrong-shape", message(type="Head")),
        "unknown-type": ("LF-MSG-6", "wrong-shape", message(type="Gossip")),
        "text-a-string": ("LF-MSG-1", "wrong-shape", message(text="Bread?")),
        "to-nobody": ("LF-MSG-1", "wrong-shape", message(to=...)),
        "to-a-host": ("LF-MSG-1", "wrong-shape", message(to="baker.example")),
        "about-a-page": ("LF-MSG-1", "wrong-shape", message(about="https://baker.example/")),
        "reply-to-an-id": (
            "LF-MSG-1",
            "wrong-shape",
            message(inReplyTo=f"{BAKER}/messages/x.json"),
        ),
        "id-of-a-document": ("LF-MSG-2", "wrong-path", message(id=f"{DID}/d/{NAME}.json")),
        "id-too-short": ("LF-MSG-2", "wrong-path", message(id=f"{DID}/messages/a.json")),
        "id-of-somebody-else": (
            "LF-MSG-2",
            "wrong-issuer",
            message(id=f"{BAKER}/messages/{NAME}.json"),
        ),
        "to-oneself": ("LF-MSG-3", "wrong-issuer", message(to=DID)),
        "to-somebody-else": ("LF-MSG-4", "wrong-recipient", message(to=ELSEWHERE)),
        "issuer-of-another-log": ("LF-DOC-5", "wrong-issuer", message(issuer=ELSEWHERE)),
        "lives-too-long": ("LF-MSG-5", "bad-time", message(expires="2026-06-01T09:30:01Z")),
        "over-before-it-began": ("LF-MSG-5", "bad-time", message(expires=UPDATED)),
        "from-the-future": (
            "LF-MSG-5",
            "too-early",
            message(updated="2026-05-03T12:05:01Z", expires="2026-05-20T09:30:00Z"),
        ),
        "null-for-nothing": ("LF-DOC-3", "wrong-shape", message(about=None)),
        "another-context": (
            "LF-DOC-2",
            "unknown-context",
            message(context="https://w3id.org/localfed/2.0"),
        ),
        "critical-that-is-not-there": ("LF-DOC-4", "wrong-shape", message(critical=["stage"])),
    }
    found: list[Json] = [
        {"name": name, "rule": "LF-MSG-1", "body": signed(value)} for name, value in valid.items()
    ]
    found += [
        {"name": name, "rule": rule, "code": code, "body": signed(value)}
        for name, (rule, code, value) in wrong.items()
    ]
    good = signed(message())
    found += [
        _bad("signed-by-a-stranger", "LF-PROOF-4", "unknown-key", _by_a_stranger()),
        _bad(
            "signed-in-another-name", "LF-PROOF-5", "bad-signature", signed(message(), key=STRANGER)
        ),
        _bad(
            "one-word-changed", "LF-PROOF-5", "bad-signature", good.replace(b"Sundays", b"Mondays")
        ),
        _bad("no-proof", "LF-PROOF-1", "bad-proof", encode(message())),
        _bad(
            "two-proofs",
            "LF-PROOF-1",
            "bad-member-name",
            encode({**message(), "proof": [json.loads(good)["proof"]] * 2}),
        ),
        _bad(
            "proof-with-domain",
            "LF-PROOF-1",
            "bad-proof",
            signed(message(), options={"domain": "baker.example"}),
        ),
        _bad("proof-of-a-document", "LF-PROOF-3", "bad-signature", _with_proof_of_an_offer()),
        _bad(
            "context-appended",
            "LF-DOC-2",
            "wrong-shape",
            signed(message(context=[CONTEXT, "https://evil.example/"])),
        ),
        _bad("graph-keyword", "LF-BYTES-5", "bad-member-name", signed(message(**{"@graph": []}))),
        _bad(
            "recipient-twice",
            "LF-BYTES-1",
            "not-canonical",
            good.replace(b'"to":', b'"to":"' + ELSEWHERE.encode() + b'","to":'),
        ),
        _bad(
            "recipient-twice-escaped",
            "LF-BYTES-1",
            "not-canonical",
            good.replace(b'"to":', b'"t\\u006f":"' + ELSEWHERE.encode() + b'","to":'),
        ),
        _bad("null-character", "LF-BYTES-7", "bad-character", signed(message(text={"en": "a\0b"}))),
        _bad(
            "override-to-the-left",
            "LF-BYTES-7",
            "bad-character",
            signed(message(text={"en": "a\u202eb"})),
        ),
        _bad("too-deep", "LF-BYTES-3", "too-deep", b"[" * 30_000),
        _bad(
            "for-somebody-else-after-signing",
            "LF-PROOF-5",
            "bad-signature",
            signed(message(to=ELSEWHERE)).replace(ELSEWHERE.encode(), BAKER.encode()),
        ),
        _bad(
            "a-decline-made-an-accept",
            "LF-PROOF-5",
            "bad-signature",
            signed(message(type="Decline", **answer)).replace(b'"Decline"', b'"Accept"'),
        ),
        _bad(
            "proof-of-another-purpose",
            "LF-PROOF-2",
            "bad-proof",
            signed(message(), options={"proofPurpose": "authentication"}),
        ),
        _bad(
            "signed-by-an-update-key",
            "LF-PROOF-4",
            "unknown-key",
            signed(message(), key=UPDATE_KEY, method=f"{DID}#{UPDATE_KEY.multikey}"),
        ),
        {
            **_bad("signed-by-a-key-that-was-removed", "LF-PROOF-4", "unknown-key", good),
            "log": "valid/key-removed.jsonl",
        },
        {
            **_bad("of-a-closed-identity", "LF-DOC-5", "identity-closed", good),
            "log": "valid/closed.jsonl",
            "at": "2026-05-06T12:00:00Z",
        },
        _bad("not-utf8", "LF-BYTES-8", "not-utf8", good.replace(b"Sundays", b"Sunday\xff")),
        _bad("white-space", "LF-BYTES-1", "not-canonical", good.replace(b'","', b'", "', 1)),
        _bad(
            "too-large",
            "LF-BYTES-8",
            "too-large",
            signed(
                message(
                    text={"en": "x" * 9_000, **{f"a{chr(98 + at)}": "y" * 9_900 for at in range(7)}}
                )
            ),
        ),
        _bad("a-list", "LF-MSG-1", "wrong-shape", b"[]"),
        _bad("no-json", "LF-BYTES-8", "not-json", b"Have you bread?"),
        {**_bad("expired", "LF-MSG-5", "expired", good), "at": "2026-05-20T09:30:00Z"},
        {
            **_bad("under-a-name-hosted-here", "LF-MSG-3", "wrong-issuer", good),
            "hosted": [BAKER, DID],
        },
        {**_bad("nobody-hosted", "LF-MSG-4", "wrong-recipient", good), "hosted": []},
    ]
    return found


def _bad(name: str, rule: str, code: str, body: bytes) -> Json:
    return {"name": name, "rule": rule, "code": code, "body": body}


def _with_proof_of_an_offer() -> bytes:
    return encode({**message(), "proof": json.loads(signed(offer()))["proof"]})


def _by_a_stranger() -> bytes:
    return signed(message(), key=STRANGER, method=f"{DID}#{STRANGER.multikey}")


def posts() -> list[Json]:
    """Give bodies of posts: what they are read as, or the code (LF-INBOX-1)."""
    small = {
        "a-ping": ("{}\n", "ping"),
        "a-message": ("{}\n{}\n", "message"),
        "a-long-log": ("{}\n" * 200 + "{}\n", "message"),
        "nothing": ("", None),
        "a-line-feed-alone": ("\n", None),
        "no-line-feed-at-the-end": ("{}\n{}", None),
        "an-empty-line": ("{}\n\n{}\n", None),
        "an-empty-line-at-the-end": ("{}\n{}\n\n", None),
    }
    found: list[Json] = [
        {"name": name, "text": text, **({"kind": kind} if kind else {"code": "not-json"})}
        for name, (text, kind) in small.items()
    ]
    return [
        *found,
        {"name": "too-large", "text": "x" * limits.INBOX_BYTES + "\n", "code": "too-large"},
    ]


def write(folder: Path) -> None:
    """Write every file, each checked against what its case says."""
    folder.mkdir(parents=True, exist_ok=True)
    index = []
    for case in cases():
        said = {"log": LOG, "at": AT, "hosted": [BAKER], **case}
        body = said.pop("body")
        assert _code(body, said) == said.get("code"), (said["name"], _code(body, said))
        folder_name = "invalid" if "code" in said else "valid"
        suffix = ".json" if said.get("code") != "not-utf8" else ".bytes"
        said["file"] = f"{folder_name}/{said['name']}{suffix}"
        (folder / folder_name).mkdir(exist_ok=True)
        (folder / said["file"]).write_bytes(body)
        index.append(said)
    for case in posts():
        code, kind = None, None
        try:
            kind = "message" if isinstance(read_post(case["text"].encode()), Letter) else "ping"
        except LocalFedError as error:
            code = error.code
        assert (code, kind) == (case.get("code"), case.get("kind")), case["name"]
    for name, value in (("index.json", index), ("posts.json", posts())):
        text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
        (folder / name).write_text(text, encoding="utf-8")


def _code(body: bytes, case: Json) -> str | None:
    try:
        open_message(
            body,
            identity=identity_of(case["log"]),
            now=read_time(case["at"]),
            hosted=case["hosted"],
        )
    except LocalFedError as error:
        return error.code
    return None


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "messages")
    print("spec/vectors/messages")
