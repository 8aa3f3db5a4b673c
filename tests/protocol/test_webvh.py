"""The resolver: did:webvh 1.0 without witnesses, on the official vectors and on our own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from localfed.protocol import limits
from localfed.protocol.errors import (
    BadLog,
    LocalFedError,
    Rejected,
    TooEarly,
    TooLarge,
    UnknownIdentityVersion,
    WrongIdentity,
)
from localfed.protocol.webvh import resolve_log, resolve_version, write_resolution
from protocol.identity_vectors import cases, log_named, name_of, now_of, read_log

NOW = datetime(2026, 12, 1, tzinfo=UTC)
GENERATORS = ("java", "java-eecc", "python", "rust", "ts")
SCENARIOS = (
    "basic-create",
    "basic-update",
    "deactivate",
    "key-rotation",
    "multi-update",
    "multiple-update-keys",
    "portable",
    "portable-move",
    "pre-rotation",
    "pre-rotation-consume",
    "services",
)
# One generator wrote no log for one scenario.
ABSENT = {("multiple-update-keys", "java")}
POSITIVE = [
    (scenario, generator)
    for scenario in SCENARIOS
    for generator in GENERATORS
    if (scenario, generator) not in ABSENT
]
NEGATIVE = (
    "negative-cross-did-witness-replay",
    "negative-duplicate-witness-ids",
    "negative-fragment-leaks-into-domain",
    "negative-path-traversal-did",
    "negative-pct-encoded-ip-host",
    "negative-scid-mismatch-genesis",
    "negative-unknown-method-version",
    "negative-versiontime-future",
    "negative-wrong-cryptosuite",
    "negative-zero-witness-threshold",
)
RULES = [
    "LF-LOG-1",
    "LF-LOG-2",
    "LF-LOG-3",
    "LF-LOG-4",
    "LF-LOG-5",
    "LF-LOG-6",
    "LF-LOG-7",
    "LF-LOG-8",
    "LF-LOG-9",
    "LF-LOG-10",
    "LF-LOG-11",
    "LF-LOG-12",
    "LF-LOG-13",
    "LF-LOG-14",
    "LF-LOG-15",
    "LF-LOG-16",
    "LF-LOG-17",
    "LF-KEY-2",
]


def official(vectors_dir: Path, scenario: str, generator: str, name: str = "did.jsonl") -> bytes:
    return (vectors_dir / "didwebvh" / scenario / generator / name).read_bytes()


def parted(document: dict) -> tuple[dict, dict]:
    """A document without its implicit services, and those: fragment to endpoint without slash."""
    implicit, rest = {}, []
    for service in document.get("service", []):
        fragment = service["id"][service["id"].find("#") :]
        if fragment in {"#files", "#whois"}:
            implicit[fragment] = (service["type"], service["serviceEndpoint"].rstrip("/"))
        else:
            rest.append(service)
    return {**document, "service": rest}, implicit


def assert_same_resolution(ours: dict, theirs: dict) -> None:
    """Compare what is normative.

    The generators differ in what did:webvh leaves open: whether the ids of implicit services are
    relative, whether their folder ends with a slash, whether a deactivated DID has them, null for
    what is not used, and whether metadata that has its default is there.
    """
    document, implicit = parted(ours["didDocument"])
    expected_document, expected_implicit = parted(theirs["didDocument"])
    assert document == expected_document
    assert implicit.items() >= expected_implicit.items()
    metadata = ours["didDocumentMetadata"]
    empty = {"watchers": [], "witness": {}}
    for name, value in theirs["didDocumentMetadata"].items():
        assert metadata[name] == (empty[name] if value is None else value), name


@pytest.mark.parametrize("scenario, generator", POSITIVE)
def test_the_official_logs_resolve_to_the_official_results(vectors_dir, scenario, generator):
    """LF-LOG-1, LF-LOG-19."""
    log = official(vectors_dir, scenario, generator)
    theirs = json.loads(official(vectors_dir, scenario, generator, "resolutionResult.json"))

    ours = write_resolution(resolve_log(log, now=NOW, did=theirs["didDocument"]["id"]))

    assert_same_resolution(ours, theirs)


# The files of `python` hold version 3 for every number, so they say nothing of earlier ones.
@pytest.mark.parametrize("generator", sorted(set(GENERATORS) - {"python"}))
@pytest.mark.parametrize("number", [1, 2])
def test_an_earlier_version_resolves_to_the_official_document(vectors_dir, generator, number):
    """LF-LOG-18."""
    log = official(vectors_dir, "multi-update", generator)
    name = f"resolutionResult.{number}.json"
    theirs = json.loads(official(vectors_dir, "multi-update", generator, name))

    ours = write_resolution(resolve_version(log, now=NOW, version_number=number))

    document, _ = parted(ours["didDocument"])
    assert document == parted(theirs["didDocument"])[0]
    metadata = ours["didDocumentMetadata"]
    assert metadata["versionId"].startswith(f"{number}-")
    assert metadata["created"] == theirs["didDocumentMetadata"]["created"]
    # Three generators give the version's own time as `updated`, two (as did:webvh) the last one's.
    last = json.loads(log.splitlines()[-1])["versionTime"]
    assert metadata["updated"] == last


@pytest.mark.parametrize("scenario", NEGATIVE)
def test_the_official_negative_logs_are_refused(vectors_dir, scenario):
    """LF-LOG-4, LF-LOG-5, LF-LOG-8, LF-LOG-11, LF-LOG-15."""
    with pytest.raises(Rejected):
        resolve_log(official(vectors_dir, scenario, "ts"), now=NOW)


@pytest.mark.parametrize("scenario", ["witness-threshold", "witness-update"])
@pytest.mark.parametrize("generator", GENERATORS)
def test_official_logs_with_witnesses_are_refused_in_words(vectors_dir, scenario, generator):
    """LF-LOG-15."""
    with pytest.raises(BadLog, match="witnesses"):
        resolve_log(official(vectors_dir, scenario, generator), now=NOW)


def test_every_official_scenario_is_tried(vectors_dir):
    folders = {path.name for path in (vectors_dir / "didwebvh").iterdir() if path.is_dir()}
    logs = {
        (path.parent.parent.name, path.parent.name)
        for path in (vectors_dir / "didwebvh").glob("*/*/did.jsonl")
    }

    tried = {*SCENARIOS, *NEGATIVE, "witness-threshold", "witness-update"}
    assert folders - tried == {"schema"}
    assert {pair for pair in logs if pair[0] in SCENARIOS} == set(POSITIVE)


@pytest.mark.parametrize("case", cases("resolver", valid=True), ids=name_of)
def test_unusual_logs_that_are_right_resolve(case):
    """LF-LOG-1, LF-LOG-4, LF-LOG-11."""
    resolution = resolve_log(read_log(case), now=now_of(case))

    assert resolution.scid == case["result"]["scid"]
    assert [v.version_id for v in resolution.versions] == case["result"]["versionIds"]
    assert resolution.deactivated == case["result"]["deactivated"]


@pytest.mark.parametrize("rule", RULES)
def test_a_log_that_breaks_a_rule_of_did_webvh_is_refused(rule):
    tried = cases("resolver", valid=False, rule=rule)

    assert tried
    for case in tried:
        with pytest.raises(LocalFedError) as refusal:
            resolve_log(read_log(case), now=now_of(case), did=case.get("did"))
        assert refusal.value.code == case["code"], case["name"]


def test_every_refused_log_is_tried_under_its_rule():
    assert {case["rule"] for case in cases("resolver", valid=False)} == set(RULES)
    assert len(cases("resolver", valid=False)) >= 80


def test_a_log_of_more_than_one_mebibyte_is_refused():
    """LF-LOG-1."""
    with pytest.raises(TooLarge):
        resolve_log(b" " * (limits.LOG_BYTES + 1), now=NOW)


def test_the_last_entry_may_be_five_minutes_ahead_and_no_more():
    """LF-LOG-4."""
    log = log_named("created")
    written = resolve_log(log, now=NOW).versions[0].time

    resolve_log(log, now=written - timedelta(seconds=300))
    with pytest.raises(TooEarly):
        resolve_log(log, now=written - timedelta(seconds=301))


def test_a_did_counts_that_any_version_had():
    """LF-LOG-17."""
    log = log_named("moved")
    first, *_, last = resolve_log(log, now=NOW).versions

    assert first.did != last.did
    assert resolve_log(log, now=NOW, did=first.did).selected == last
    assert resolve_log(log, now=NOW, did=last.did).selected == last
    with pytest.raises(WrongIdentity):
        resolve_log(log, now=NOW, did=first.did + ":elsewhere")


def test_a_version_is_found_by_id_number_and_time():
    """LF-LOG-18."""
    log = log_named("moved")
    versions = resolve_log(log, now=NOW).versions
    second = versions[1]
    between = second.time + timedelta(hours=1)

    for asked in (
        {"version_id": second.version_id},
        {"version_number": 2},
        {"version_time": second.time},
        {"version_time": between},
    ):
        assert resolve_version(log, now=NOW, **asked).selected == second
    assert resolve_version(log, now=NOW, version_time=NOW).selected == versions[-1]


@pytest.mark.parametrize(
    "asked",
    [
        {"version_id": "2-Qm"},
        {"version_number": 9},
        {"version_number": 0},
        {"version_time": datetime(2026, 1, 1, tzinfo=UTC)},
        {},
    ],
    ids=str,
)
def test_a_version_that_is_not_there_is_not_found(asked):
    """LF-LOG-18."""
    with pytest.raises(UnknownIdentityVersion):
        resolve_version(log_named("moved"), now=NOW, **asked)


def test_a_valid_version_before_an_invalid_one_is_found_but_not_by_time():
    """LF-LOG-18."""
    log = log_named("moved")
    versions = resolve_log(log, now=NOW).versions
    lines = log.splitlines(keepends=True)
    broken = b"".join([*lines[:2], lines[2].replace(b'"3-Qm', b'"3-Qn'), lines[3]])

    assert resolve_version(broken, now=NOW, version_number=2).selected == versions[1]
    assert resolve_version(broken, now=NOW, version_time=versions[0].time).selected == versions[0]
    for asked in ({"version_number": 3}, {"version_time": versions[1].time}):
        with pytest.raises(BadLog):
            resolve_version(broken, now=NOW, **asked)
    with pytest.raises(BadLog):
        resolve_log(broken, now=NOW)


def test_the_metadata_say_what_did_webvh_asks_for():
    """LF-LOG-19."""
    log = log_named("closed")
    first, *_, last = (json.loads(line) for line in log.splitlines())

    metadata = write_resolution(resolve_log(log, now=NOW))["didDocumentMetadata"]

    assert metadata == {
        "versionId": last["versionId"],
        "versionNumber": 5,
        "versionTime": last["versionTime"],
        "created": first["versionTime"],
        "updated": last["versionTime"],
        "scid": first["parameters"]["scid"],
        "portable": True,
        "deactivated": True,
        "ttl": "3600",
        "witness": {},
        "watchers": [],
    }


def test_a_service_that_is_there_keeps_its_place():
    """LF-LOG-19."""
    for name in ("created", "services-with-first-did"):
        log = log_named(name)
        state = resolve_log(log, now=NOW).selected.state

        document = write_resolution(resolve_log(log, now=NOW))["didDocument"]

        assert document["service"][:2] == state["service"]
        assert [service["id"] for service in document["service"][2:]] == ["#whois"]
