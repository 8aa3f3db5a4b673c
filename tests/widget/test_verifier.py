"""What the widget checks in a browser, against the vectors of the specification and the official ones.

In Node, which has the same WebCrypto as browsers; `test_verify_in_chromium.py` shows it on a page.
"""

from __future__ import annotations

import base64
import json
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from node_packages import NODE
from protocol.spec_vectors import DOCUMENTS, VECTORS, read_json

PROGRAM = Path(__file__).with_name("verifying.mjs")
IDENTITY = VECTORS / "identity"

# What a proof is about. Everything else that is wrong with a document the node refuses (`accept`).
OF_THE_PROOF = {
    *("bad-proof", "bad-signature", "unknown-key", "wrong-issuer", "identity-closed"),
    *("expired", "too-early", "unknown-context"),
}
OF_THE_BYTES = {
    *("not-utf8", "not-json", "not-canonical", "bad-number", "bad-character"),
    *("bad-member-name", "too-deep", "too-many-values"),
}


def ask(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [NODE, PROGRAM],
        input="".join(json.dumps(one) + "\n" for one in requests),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
        env={},
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(requests)
    return answers


def coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def milliseconds(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp() * 1000)


def document_request(case: dict[str, Any], *, exact: bool) -> dict[str, Any]:
    return {
        "do": "document",
        "text": coded((DOCUMENTS / case["file"]).read_bytes()),
        "log": coded((DOCUMENTS / case["log"]).read_bytes()),
        "now": milliseconds(case["at"]),
        "exact": exact,
    }


def test_canonical_form_is_that_of_the_official_vectors(vectors_dir):
    inputs = sorted((vectors_dir / "jcs" / "input").glob("*.json"))

    answers = ask([{"do": "canonical", "text": coded(path.read_bytes())} for path in inputs])

    assert len(answers) == 6
    for path, answer in zip(inputs, answers, strict=True):
        expected = (path.parents[1] / "output" / path.name).read_text(encoding="utf-8")
        assert answer["canonical"] == expected, path.name


def test_every_valid_document_of_the_specification_is_found_signed():
    cases = [one for one in read_json(DOCUMENTS / "index.json") if "code" not in one]

    answers = ask([document_request(one, exact=True) for one in cases])

    assert len(cases) > 50
    assert {case["name"]: answer["error"] for case, answer in zip(cases, answers, strict=True)} == {
        case["name"]: None for case in cases
    }


@pytest.mark.parametrize("exact", [True, False], ids=["as bytes", "as parsed"])
def test_whatever_the_proof_is_about_is_refused_in_the_browser_too(exact):
    codes = OF_THE_PROOF | (OF_THE_BYTES if exact else set())
    cases = [one for one in read_json(DOCUMENTS / "index.json") if one.get("code") in codes]

    answers = ask([document_request(one, exact=exact) for one in cases])

    assert len(cases) > 80
    accepted = [
        (case["name"], case["code"])
        for case, answer in zip(cases, answers, strict=True)
        if answer["error"] is None
    ]
    assert accepted == []


def test_every_identity_of_the_profile_is_read_alike():
    index = read_json(IDENTITY / "index.json")
    cases = [one for one in index if one["check"] == "profile" and "code" not in one]

    answers = ask([log_request(one) for one in cases])

    assert len(cases) > 10
    for case, answer in zip(cases, answers, strict=True):
        assert answer["error"] is None, (case["name"], answer)
        found, expected = answer["identity"], case["result"]
        for name in ("did", "currentDid", "base", "host", "versionIds", "closed"):
            assert found[name] == expected[name], (case["name"], name)
        assert sorted(found["keys"]) == sorted(expected["keys"]), case["name"]


def log_request(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "do": "log",
        "text": coded((IDENTITY / case["file"]).read_bytes()),
        "now": milliseconds(case["now"]),
    }


def test_every_hostile_log_is_refused_in_the_browser_too():
    # By which DID one asks is the business of who asks (`verify.js` compares); and a browser fetches nothing
    # from where a log says it lives, so that names of this machine, as in the demo, do no harm.
    cases = [
        one
        for one in read_json(IDENTITY / "index.json")
        if one.get("code", "wrong-identity") not in {"wrong-identity", "loopback-not-allowed"}
    ]

    answers = ask([log_request(one) for one in cases])

    assert len(cases) > 150
    accepted = [
        (case["name"], case["code"])
        for case, answer in zip(cases, answers, strict=True)
        if answer["error"] is None
    ]
    assert accepted == []


def test_keys_and_signatures_count_by_the_same_strict_rules():
    keys = read_json(IDENTITY / "multikeys.json")
    signatures = read_json(IDENTITY / "signatures.json")

    good = ask([{"do": "multikey", "text": one["multikey"]} for one in keys["valid"]])
    bad = ask([{"do": "multikey", "text": one["multikey"]} for one in keys["invalid"]])
    fit = ask([signature_request(one) for one in signatures["valid"]])
    unfit = ask([signature_request(one) for one in signatures["invalid"]])

    assert [one["key"] for one in good] == [one["public"] for one in keys["valid"]]
    assert [one["error"] is None for one in bad] == [False] * len(keys["invalid"])
    assert [one["error"] for one in fit] == [None] * len(signatures["valid"])
    assert [one["error"] is None for one in unfit] == [False] * len(signatures["invalid"])


def signature_request(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "do": "signature",
        "key": case["public"],
        "signature": case["signature"],
        "message": case["message"],
    }
