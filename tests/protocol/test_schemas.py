"""The JSON Schemas agree with the code, as far as a schema can say what the code checks."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from localfed.protocol.accept import open_document
from localfed.protocol.errors import Rejected
from localfed.protocol.keys import SigningKey
from localfed.protocol.message import MESSAGE_TYPES, open_message
from localfed.protocol.proofs import sign
from protocol.identity_vectors import cases, read_log
from protocol.spec_vectors import (
    DOCUMENTS,
    FEED,
    SPEC,
    VECTORS,
    document_named,
    documents,
    feed_cases,
    identity_of,
    name_of,
    read_json,
)

SCHEMAS = {
    path.name.removesuffix(".schema.json"): read_json(path)
    for path in sorted((SPEC / "schemas").glob("*.schema.json"))
}
REGISTRY = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()
)
KINDS = {
    "Organization": "organization",
    "Offer": "offer",
    "Need": "need",
    "Partnership": "partnership",
    "Contact": "contact",
    "Exchange": "exchange",
}
KEY = SigningKey(b"\x01" * 32)
NOW = datetime(2026, 5, 3, tzinfo=UTC)

# What only the rules can say: bytes, signatures, times, and what two places say of each other.
BEYOND_A_SCHEMA = {
    "bad-character",
    "bad-number",
    "bad-signature",
    "bad-time",
    "expired",
    "identity-closed",
    "not-canonical",
    "not-json",
    "not-utf8",
    "too-deep",
    "too-early",
    "too-large",
    "too-many-values",
    "unknown-key",
    "wrong-digest",
    "wrong-issuer",
}
BEYOND_BY_NAME = {
    "context-in-ext",
    "contributor-of-oneself",
    "contributor-twice",
    "context-in-place",
    "critical-not-there",
    "name-in-ext-not-ascii",
    "name-in-ext-too-long",
    "name-in-ext-with-backslash",
    "name-in-ext-with-quote",
    "name-in-ext-with-space",
    "name-in-place-with-at",
    "partner-of-oneself",
    "picture-of-another-digest",
    "picture-at-another-digest",
    "picture-of-too-many-points",
    "picture-twice",
    "logo-of-another-digest",
    "exchange-with-oneself",
    "flow-to-oneself",
    "flow-to-a-third",
    "flow-between-others",
    "second-flow-to-a-third",
    "partnership-at-another-partner",
    "path-another-than-listed",
    "proof-inside-ext",
    "count-and-until",
    "day-of-month-of-a-week",
    "exception-without-repeat",
    "network-of-oneself",
    "numbered-day-of-a-week",
    "position-of-a-week",
    "position-without-days",
    "proof-of-another-context",
    # Python's `$` forgives one line feed at the end; that of ECMA-262 does not.
    "context-with-line-feed",
    "decimal-with-line-feed",
    "label-with-line-feed-at-the-end",
    "picture-path-with-line-feed",
    "time-with-line-feed",
}


def validator(name):
    return Draft202012Validator(SCHEMAS[name], registry=REGISTRY)


def validator_of(value):
    kind = value.get("type")
    if isinstance(kind, str) and kind in KINDS:
        return validator(KINDS[kind])
    reference = {"$ref": SCHEMAS["common"]["$id"] + "#/$defs/document"}
    return Draft202012Validator(reference, registry=REGISTRY)


def json_of(body):
    """The value of these bytes as a careless reader sees it; None where it is no object."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_schema_is_a_schema(name):
    Draft202012Validator.check_schema(SCHEMAS[name])

    assert SCHEMAS[name]["$id"].endswith(f"/{name}.schema.json")


@pytest.mark.parametrize("case", documents(valid=True), ids=name_of)
def test_a_valid_document_passes_its_schema(case):
    value = json_of((DOCUMENTS / case["file"]).read_bytes())

    assert [error.message for error in validator_of(value).iter_errors(value)] == []


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in documents(valid=False)
        if case["code"] not in BEYOND_A_SCHEMA
        and case["name"] not in BEYOND_BY_NAME
        and json_of((DOCUMENTS / case["file"]).read_bytes()) is not None
    ],
    ids=name_of,
)
def test_an_invalid_document_fails_its_schema(case):
    """Beside the forms that every document shares: LF-PART-1."""
    value = json_of((DOCUMENTS / case["file"]).read_bytes())

    assert not validator_of(value).is_valid(value)


def test_what_no_schema_can_say_passes_for_that_reason_only():
    """A case that a schema does refuse need not be excused by its name."""
    needless = [
        case["name"]
        for case in documents(valid=False)
        if case["name"] in BEYOND_BY_NAME
        and not validator_of(value := json_of((DOCUMENTS / case["file"]).read_bytes())).is_valid(
            value
        )
    ]

    assert needless == []


@pytest.mark.parametrize("kind", ["page", "head"])
def test_valid_feed_files_pass_and_misshapen_ones_fail(kind):
    wrong = []
    for case in feed_cases(kind):
        value = json_of((FEED / case["file"]).read_bytes())
        if value is None:
            continue
        passes = validator(kind).is_valid(value)
        if "code" not in case and not passes:
            wrong.append(f"{case['name']} is valid")
        if case.get("code") in {"bad-feed", "wrong-shape"} and passes:
            wrong.append(case["name"])

    # Numbers that rise, and what two members say of each other, no schema can compare.
    assert set(wrong) == (
        {
            "before-of-another-hash",
            "numbers-equal",
            "numbers-fall",
            "other-path-than-first-number",
            "path-with-leading-zero",
            "previous-itself",
            "previous-later",
        }
        if kind == "page"
        else {
            "chain-of-another-hash",
            "page-beyond-the-head",
            "parts-of-another-seq",
            "parts-out-of-order",
            "snapshot-beyond-the-head",
            "snapshot-of-another-chain",
        }
    )


def test_valid_snapshots_pass_and_misshapen_ones_fail():
    wrong = []
    for case in feed_cases("parts"):
        values = [json.loads((FEED / file).read_bytes()) for file in case["files"]]
        if all(map(validator("part").is_valid, values)) == ("code" in case):
            wrong.append(case["name"])

    assert set(wrong) == {"first-part-not-full", "path-twice", "rows-not-sorted"}


def test_every_log_of_the_profile_passes_the_schema_of_its_entries():
    logs = [read_log(case) for case in cases("profile", valid=True)]

    failing = [
        error.message
        for log in logs
        for line in log.splitlines()
        for error in validator("log-entry").iter_errors(json.loads(line))
    ]

    assert failing == []
    assert len(logs) >= 10


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in cases("profile", valid=False)
        if case["rule"] in {"LF-ID-5", "LF-ID-6", "LF-ID-7", "LF-ID-8", "LF-ID-9"}
    ],
    ids=name_of,
)
def test_a_log_outside_the_profile_fails_the_schema_of_its_entries(case):
    entries = [json.loads(line) for line in read_log(case).splitlines()]

    assert not all(map(validator("log-entry").is_valid, entries))


def test_the_hint_of_the_text_passes_and_a_wrong_one_fails():
    """LF-DISC-1: the members of localfed.json."""
    text = (SPEC / "08-following.md").read_text(encoding="utf-8")
    hint = json.loads(text.rpartition("```json\n")[2].partition("```")[0])
    later = {**hint, "later": 1, "software": {"name": "x", "version": "1", "more": []}}
    lacking = {name: value for name, value in hint.items() if name != "organizations"}
    half = {**hint, "organizations": [{"did": hint["organizations"][0]["did"]}]}

    passing = [validator("localfed").is_valid(one) for one in (hint, later, lacking, half, [])]

    assert passing == [True, True, False, False, False]


# --- Messages --------------------------------------------------------------------------------

MESSAGES = VECTORS / "messages"
LETTERS = read_json(MESSAGES / "index.json")
BEYOND_FOR_MESSAGES = BEYOND_A_SCHEMA | {"wrong-recipient"}
BEYOND_FOR_MESSAGES_BY_NAME = {
    "critical-that-is-not-there",
    "exchange-with-a-third",
    "exchange-with-oneself",
}


def value_of(case):
    return json_of((MESSAGES / case["file"]).read_bytes())


@pytest.mark.parametrize("case", [one for one in LETTERS if "code" not in one], ids=name_of)
def test_a_valid_message_passes_the_schema_of_its_type_and_no_other(case):
    """LF-MSG-1, LF-MSG-2."""
    value = value_of(case)

    passing = {kind for kind in MESSAGE_TYPES if validator(kind.lower()).is_valid(value)}

    assert [error.message for error in validator("message").iter_errors(value)] == []
    assert passing == {value["type"]}


@pytest.mark.parametrize("case", [one for one in LETTERS if "code" in one], ids=name_of)
def test_an_invalid_message_fails_its_schema_as_far_as_a_schema_can_say(case):
    """LF-MSG-1, LF-MSG-2."""
    value = value_of(case)
    is_beyond = case["code"] in BEYOND_FOR_MESSAGES or case["name"] in BEYOND_FOR_MESSAGES_BY_NAME
    if value is None:
        assert case["code"] in {"not-json", "not-utf8", "too-deep", "wrong-shape"}
    elif not is_beyond:
        assert not validator("message").is_valid(value)
    elif case["name"] in BEYOND_FOR_MESSAGES_BY_NAME:
        assert validator("message").is_valid(value)  # else it would need no excuse


# --- Mutations: schema and code say the same of documents that nobody thought of -------------------

VALUES = (
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    "2026-05-02T09:30:00Z",
    [],
    [[]],
    {},
    {"en": "x"},
    {"en": ""},
    {"EN": "x"},
    ["x"],
    [1],
    "https://grocer.example/",
    "http://",
    {"scheme": "GB-COH", "number": "1"},
    [{"scheme": "GB-COH", "number": "1"}],
    [{"latitude": "1", "longitude": "1"}],
    [{"latitude": "91", "longitude": "1"}],
    [{"latitude": "1.001", "longitude": "1", "radius": 5000}],
    [{"name": {"en": "x"}, "later": 1}],
    [{"address": {"later": 1}}],
)
MEMBERS = (
    "name",
    "description",
    "url",
    "category",
    "identifier",
    "location",
    "online",
    "license",
    "language",
    "revision",
    "updated",
    "source",
    "listed",
    "claims",
    "claimedBy",
    "critical",
    "ext",
    "validUntil",
    "legalForm",
    "later",
)


@pytest.mark.parametrize("name", ["own-record-full", "offer-full", "listed-record"])
@pytest.mark.parametrize("member", MEMBERS)
def test_schema_and_code_agree_on_mutated_documents(name, member):
    whole = json.loads(document_named(name))
    identity = identity_of("../identity/valid/created.jsonl")
    disagreeing = []
    for value in (..., *VALUES):
        document = {**whole, member: value}
        del document["proof"]
        if value is ...:
            document.pop(member)
        body = sign(document, KEY, f"{identity.did}#{KEY.multikey}")
        passes = validator_of(json.loads(body)).is_valid(json.loads(body))
        try:
            open_document(body, identity=identity, now=NOW)
        except Rejected as error:
            if (member, value) == ("critical", ["x"]):
                continue  # whether that member is there, no schema can look up
            if passes and error.code not in BEYOND_A_SCHEMA:
                disagreeing.append((value, error.code))
        else:
            if not passes:
                disagreeing.append((value, "accepted"))

    assert disagreeing == []


@pytest.mark.parametrize(
    "case", read_json(SPEC / "vectors" / "feed" / "clocks.json"), ids=lambda case: case["name"]
)
def test_a_clock_passes_its_schema_as_far_as_a_schema_can_say(case):
    """LF-MIRROR-2: spelling is beyond a schema, and so is a file that is no object."""
    value = json_of(case["text"].encode())
    validator = Draft202012Validator(SCHEMAS["clock"], registry=REGISTRY)

    if "code" not in case:
        assert validator.is_valid(value)
    elif value is not None and case["code"] != "not-canonical":
        assert not validator.is_valid(value)


@pytest.mark.parametrize("name", ["enquiry-about-a-document", "proposal-with-words", "accept"])
@pytest.mark.parametrize(
    "member",
    ["to", "text", "stage", "inReplyTo", "about", "language", "type", "critical", "ext", "later"],
)
def test_schema_and_code_agree_on_mutated_messages(name, member):
    """LF-MSG-1."""
    whole = json.loads((MESSAGES / "valid" / f"{name}.json").read_bytes())
    identity = identity_of("../identity/valid/created.jsonl")
    hosted = {whole["to"]}
    values = (*VALUES, whole["to"], whole["to"] + "/d/" + "a" * 26 + ".json", "zQm" + "a" * 44)
    disagreeing = []
    for value in (..., *values, "promotion", *MESSAGE_TYPES):
        message = {**whole, member: value}
        del message["proof"]
        if value is ...:
            message.pop(member, None)
        body = sign(message, KEY, f"{identity.did}#{KEY.multikey}")
        passes = validator("message").is_valid(json.loads(body))
        try:
            open_message(body, identity=identity, now=NOW, hosted=hosted)
        except Rejected as error:
            if (member, value) == ("critical", ["x"]):
                continue  # whether that member is there, no schema can look up
            if passes and error.code not in BEYOND_FOR_MESSAGES:
                disagreeing.append((value, error.code))
        else:
            if not passes:
                disagreeing.append((value, "accepted"))

    assert disagreeing == []
