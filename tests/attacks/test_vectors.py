"""The published vectors through the commands: what is hostile in a file, and an operator asks about.

`localfed verify` and `localfed resolve` refuse every invalid vector of `spec/vectors` with its code, and
take every valid one; the messages are posted to the victim as well. Keys of small order, and keys with a
part of it, are refused wherever a key is read. Only readings of a whole feed and the ratchet need more
than a file: `tests/protocol` has them.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import make_messages
import pytest
from click.testing import CliRunner
from forge_log import Forged, state

from attacks import weak_keys
from attacks.frame import TREE, assert_tells_nothing, check_answer, unmoved
from attacks.small_order import PLACES, POINTS, forged
from attacks.weak_keys import NO_POINTS, UNREDUCED, WEAK
from localfed.protocol.document import CONTEXT
from localfed.protocol.errors import BadKey, BadSignature
from localfed.protocol.keys import SigningKey, read_multikey, verify, write_multikey
from localfed.protocol.proofs import write_signature
from localfed.protocol.times import read_time, write_time
from localfed.server.cli import main
from protocol import identity_vectors
from protocol.spec_vectors import FEED, SPEC, VECTORS, feed_cases, name_of, read_json

IDENTITY = identity_vectors.FOLDER
DOCUMENTS = read_json(VECTORS / "documents" / "index.json")
MESSAGES = read_json(VECTORS / "messages" / "index.json")
POSTS = read_json(VECTORS / "messages" / "posts.json")
CLOCKS = read_json(FEED / "clocks.json")
LOGS = identity_vectors.read_json("index.json")
DIDS = identity_vectors.read_json("dids.json")
KITS = identity_vectors.read_json("kits.json")
LATER = "2026-12-01T00:00:00Z"


@pytest.fixture
def localfed(monkeypatch):
    """Run a command as an operator does who allows nothing that is for development."""
    monkeypatch.delenv("LOCALFED_ALLOW_LOOPBACK", raising=False)

    def run(*arguments: object, stdin: bytes | None = None) -> Any:
        result = CliRunner().invoke(main, [str(one) for one in arguments], input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return result

    return run


def check(done: Any, code: str | None) -> None:
    """Check that a command took it, or refused it with this code and told nothing of ours."""
    if code is None:
        assert (done.exit_code, done.stderr) == (0, "")
        return
    assert (done.exit_code, done.stdout) == (1, ""), done.output
    assert done.stderr.startswith(f"localfed: {code}: "), done.stderr
    assert code in TREE
    # The file that the operator named may be named.
    assert_tells_nothing(done.stderr.replace(str(SPEC), "spec"))


@pytest.mark.parametrize("case", DOCUMENTS, ids=name_of)
def test_verify_says_of_a_document_what_its_vector_says(localfed, case):
    folder = VECTORS / "documents"
    listed = ("--path", case["path"], "--digest", case["digest"])
    log = ("--identity", folder / case["log"], "--at", case["at"])

    check(localfed("verify", folder / case["file"], *listed, *log), case.get("code"))


@pytest.mark.parametrize("case", feed_cases("head"), ids=name_of)
def test_verify_says_of_a_head_what_its_vector_says(localfed, case):
    log = ("--identity", FEED / case["log"], "--at", case["at"])

    check(localfed("verify", "--as", "head", FEED / case["file"], *log), case.get("code"))


@pytest.mark.parametrize("case", feed_cases("page"), ids=name_of)
def test_verify_says_of_a_page_what_its_vector_says(localfed, case):
    done = localfed("verify", "--as", "page", FEED / case["file"], "--path", case["path"])

    check(done, case.get("code"))
    assert "code" in case or f"{case['result']['entries']} entries" in done.stdout


# A snapshot of nothing has no part, and so no file to ask about.
@pytest.mark.parametrize(
    "case", [case for case in feed_cases("parts") if case["files"]], ids=name_of
)
def test_verify_says_of_a_snapshot_what_its_vector_says(localfed, case):
    done = localfed("verify", "--as", "snapshot", *(FEED / file for file in case["files"]))

    check(done, case.get("code"))
    assert "code" in case or f"{case['result']['rows']} rows" in done.stdout


@pytest.mark.parametrize("case", CLOCKS, ids=name_of)
def test_verify_says_of_a_clock_what_its_vector_says(localfed, case):
    done = localfed("verify", "--as", "clock", "-", stdin=case["text"].encode())

    check(done, case.get("code"))


@pytest.mark.parametrize("case", MESSAGES, ids=name_of)
def test_verify_says_of_a_message_what_its_vector_says(localfed, case):
    file, log = VECTORS / "messages" / case["file"], IDENTITY / case["log"]
    to = [word for did in case["hosted"] for word in ("--to", did)]

    done = localfed("verify", "--as", "message", file, "--identity", log, "--at", case["at"], *to)

    check(done, case.get("code"))


@pytest.mark.parametrize("case", POSTS, ids=name_of)
def test_verify_says_of_a_post_what_its_vector_says(localfed, case):
    done = localfed("verify", "--as", "post", "-", stdin=case["text"].encode())

    check(done, case.get("code"))
    assert "code" in case or ("ping" in done.stdout) == (case["kind"] == "ping")


@pytest.mark.parametrize("case", LOGS, ids=name_of)
def test_resolve_says_of_a_log_what_its_vector_says(localfed, case):
    options = ["--at", case["now"]]
    options += ["--profile"] if case["check"] == "profile" else []
    options += ["--did", case["did"]] if "did" in case else []
    options += ["--allow-loopback"] if case.get("allowLoopback") else []

    check(localfed("resolve", IDENTITY / case["file"], *options), case.get("code"))


@pytest.mark.parametrize("case", DIDS["invalid"], ids=lambda case: ascii(case["did"]))
def test_resolve_refuses_what_is_no_did(localfed, case):
    log = IDENTITY / "valid" / "created.jsonl"

    check(localfed("resolve", log, "--did", case["did"]), case["code"])


# One of them holds the placeholder, which a log fills in.
@pytest.mark.parametrize(
    "case",
    [case for case in DIDS["invalid"] if "{SCID}" not in case["did"]],
    ids=lambda case: ascii(case["did"]),
)
def test_resolve_refuses_a_log_that_names_itself_by_no_did(localfed, case):
    """Signed as it must be, its hashes right: only what it calls itself is no DID."""
    named = case["did"].replace("Qm" + "1" * 44, "{SCID}")
    log = Forged().first(state(id=named)).log

    check(localfed("resolve", "-", "--at", LATER, stdin=log), case["code"])


@pytest.mark.parametrize("case", DIDS["valid"], ids=lambda case: ascii(case["did"]))
def test_resolve_takes_a_log_for_no_other_did(localfed, case):
    log = IDENTITY / "valid" / "created.jsonl"

    check(localfed("resolve", log, "--did", case["did"]), "wrong-identity")


def negative(vectors_dir: Any) -> list[Any]:
    return sorted(path for path in (vectors_dir / "didwebvh").glob("negative-*") if path.is_dir())


SCENARIOS = (
    "cross-did-witness-replay",
    "duplicate-witness-ids",
    "fragment-leaks-into-domain",
    "path-traversal-did",
    "pct-encoded-ip-host",
    "scid-mismatch-genesis",
    "unknown-method-version",
    "versiontime-future",
    "wrong-cryptosuite",
    "zero-witness-threshold",
)


def test_every_official_negative_scenario_is_tried(vectors_dir):
    assert [path.name for path in negative(vectors_dir)] == [f"negative-{s}" for s in SCENARIOS]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_resolve_refuses_the_official_negative_logs(localfed, vectors_dir, scenario):
    logs = sorted((vectors_dir / "didwebvh" / f"negative-{scenario}").glob("*/did.jsonl"))

    assert logs
    for log in logs:
        done = localfed("resolve", log)

        check(done, done.stderr.split(": ")[1])


OFFICIAL_DIDS = (
    "example.com:..:..:admin",
    "127%2E0%2E0%2E1",
    "127%2e0%2e0%2e1",
    "169%2E254%2E169%2E254",
    "127.0.0.1#x",
)


@pytest.mark.parametrize("rest", OFFICIAL_DIDS)
def test_resolve_refuses_the_official_negative_dids(localfed, rest):
    log = IDENTITY / "valid" / "created.jsonl"

    check(localfed("resolve", log, "--did", f"did:webvh:Qm{'1' * 44}:{rest}"), "bad-did")


@pytest.mark.parametrize("case", KITS["invalid"], ids=lambda case: case["why"])
def test_what_is_no_recovery_kit_is_no_key_to_an_organisation(localfed, tmp_path, case):
    node = tmp_path / "node"
    made = localfed("init", "--data", node, "--name", "N", "--url", "https://n.example")
    before = localfed("status", "--data", node, "--json").stdout

    done = localfed("keys", "check", "--data", node, "--kit", "-", stdin=case["text"].encode())

    assert made.exit_code == 0, made.stderr
    check(done, case["code"])
    assert localfed("status", "--data", node, "--json").stdout == before


# --- the same messages at an inbox -----------------------------------------------------------

NOT_FOR_THE_VICTIM = {"nobody-hosted", "under-a-name-hosted-here"}
"""What is wrong with these is whom the receiver hosts; the victim hosts itself and nobody else."""


def for_the_victim(victim, monkeypatch, case):
    """Write the message of a vector to the victim; what is wrong with it stays the same."""
    monkeypatch.setattr(make_messages, "BAKER", victim.node.did)
    victim.federation.clock.moment = read_time(case["at"])
    body = next(one["body"] for one in make_messages.cases() if one["name"] == case["name"])
    return (IDENTITY / case["log"]).read_bytes() + body + b"\n", body


@pytest.mark.parametrize(
    "case",
    [case for case in MESSAGES if "code" in case and case["name"] not in NOT_FOR_THE_VICTIM],
    ids=name_of,
)
async def test_an_invalid_message_is_posted_in_vain(victim, monkeypatch, case):
    post, _ = for_the_victim(victim, monkeypatch, case)

    async with unmoved(victim):
        check_answer(await victim.post(post), case["code"])


@pytest.mark.parametrize("case", [case for case in MESSAGES if "code" not in case], ids=name_of)
async def test_a_valid_message_that_is_posted_arrives(victim, monkeypatch, case):
    """So that those above are refused for nothing else."""
    post, body = for_the_victim(victim, monkeypatch, case)

    async with unmoved(victim, may_change={"message", "notice"}):
        assert (await victim.post(post)).status == 202

    assert [one.body for one in victim.node.store.messages()] == [body]


@pytest.mark.parametrize("case", [case for case in POSTS if "code" in case], ids=name_of)
async def test_an_invalid_post_is_answered_with_its_code(victim, case):
    async with unmoved(victim):
        check_answer(await victim.post(case["text"].encode()), case["code"])


# --- keys of small order ---------------------------------------------------------------------


def test_the_points_of_small_order_are_all_there_are():
    """Eight points, and six more spellings of them that some readers take."""
    assert len(set(POINTS.values())) == 14


@pytest.mark.parametrize("name", POINTS)
def test_a_key_of_small_order_is_no_key(name):
    with pytest.raises(BadKey):
        read_multikey(write_multikey(POINTS[name]))


@pytest.mark.parametrize("name", POINTS)
def test_nothing_verifies_under_a_key_of_small_order(name):
    """S = 0 and R = A: a reader that multiplies by the cofactor takes it for every message."""
    with pytest.raises(BadSignature):
        verify(POINTS[name], POINTS[name] + bytes(32), b"whatever")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", POINTS)
def test_a_log_with_a_key_of_small_order_is_refused(localfed, name, place):
    log, code, options = forged(place, POINTS[name])

    check(localfed("resolve", "-", "--at", "2026-06-01T00:00:00Z", *options, stdin=log), code)


@pytest.mark.parametrize("place", sorted(PLACES.keys() - {"the update key"}))
def test_the_same_log_with_an_honest_key_is_taken(localfed, place):
    log, _, options = forged(place, SigningKey(bytes(32)).public)

    check(localfed("resolve", "-", "--at", "2026-06-01T00:00:00Z", *options, stdin=log), None)


@pytest.mark.parametrize("name", POINTS)
def test_a_document_by_a_key_of_small_order_is_refused(localfed, tmp_path, name):
    """The issuer's log does not assert it, and a log that did would be refused."""
    offer = json.loads((VECTORS / "documents" / "valid" / "offer-smallest.json").read_bytes())
    multikey = write_multikey(POINTS[name])
    offer["proof"] |= {
        "verificationMethod": f"{offer['issuer']}#{multikey}",
        "proofValue": write_signature(POINTS[name] + bytes(32)),
    }
    body = json.dumps(offer, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    log = IDENTITY / "valid" / "created.jsonl"

    done = localfed("verify", "-", "--identity", log, "--at", "2026-05-03T12:00:00Z", stdin=body)

    check(done, "unknown-key")


# --- signatures that hold under weak keys ----------------------------------------------------


@pytest.mark.parametrize("name", WEAK)
def test_a_signature_that_holds_under_a_weak_key_is_none(name):
    """What a careless reader takes; LF-KEY-3 stands behind LF-KEY-2 where everybody can sign."""
    key = WEAK[name]
    signature = key.sign(b"a message")

    assert weak_keys.holds(key.public, signature, b"a message")
    with pytest.raises(BadKey):
        read_multikey(key.multikey)
    if name in POINTS:
        with pytest.raises(BadSignature):
            verify(key.public, signature, b"a message")


@pytest.mark.parametrize("name", WEAK)
def test_no_identity_asserts_a_weak_key(localfed, name):
    log = weak_keys.asserted_by(WEAK[name].multikey).log

    done = localfed("resolve", "-", "--profile", "--at", LATER, stdin=log)

    check(done, "outside-profile")


@pytest.mark.parametrize("raw", [*UNREDUCED, *NO_POINTS], ids=lambda raw: raw.hex())
def test_no_identity_asserts_another_spelling_of_a_point_or_none(localfed, raw):
    log = weak_keys.asserted_by(write_multikey(raw)).log

    done = localfed("resolve", "-", "--profile", "--at", LATER, stdin=log)

    check(done, "outside-profile")


@pytest.mark.parametrize("later", [False, True], ids=["at-first", "later"])
@pytest.mark.parametrize("name", WEAK)
def test_no_weak_key_changes_an_identity(localfed, name, later):
    """Its entry is signed so that the equation holds, and the key was committed to."""
    log = weak_keys.updated_by(WEAK[name], later=later)

    check(localfed("resolve", "-", "--at", LATER, stdin=log), "bad-log")


@pytest.mark.parametrize("name", WEAK)
def test_no_document_counts_that_a_weak_key_signed(localfed, tmp_path, name):
    identity = weak_keys.asserted_by(WEAK[name].multikey)
    log = tmp_path / "did.jsonl"
    log.write_bytes(identity.log)
    offer = json.loads((VECTORS / "documents" / "valid" / "offer-smallest.json").read_bytes())
    del offer["proof"]
    own = offer["id"].replace(offer["issuer"], identity.did)
    body = weak_keys.forged(WEAK[name], identity.did, {**offer, "issuer": identity.did, "id": own})

    done = localfed("verify", "-", "--identity", log, "--at", "2026-05-03T12:00:00Z", stdin=body)

    check(done, "outside-profile")


@pytest.mark.parametrize("name", WEAK)
async def test_no_message_arrives_from_a_weak_key(victim, name):
    identity = weak_keys.asserted_by(WEAK[name].multikey)
    victim.federation.clock.advance(days=1)
    moment = victim.node.clock.now()
    asked = {
        "@context": CONTEXT,
        "id": f"{identity.did}/messages/{'a' * 26}.json",
        "type": "Enquiry",
        "issuer": identity.did,
        "to": victim.node.did,
        "updated": write_time(moment),
        "expires": write_time(moment + timedelta(days=7)),
        "text": {"en": "Have you bread on Sundays?"},
    }
    post = identity.log + weak_keys.forged(WEAK[name], identity.did, asked) + b"\n"

    async with unmoved(victim):
        check_answer(await victim.post(post), "outside-profile")
