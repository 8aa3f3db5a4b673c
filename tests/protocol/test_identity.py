"""The identity: the profile, what a log means, making and extending logs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from localfed.protocol import limits
from localfed.protocol.errors import (
    BadKit,
    BadUrl,
    Closed,
    LocalFedError,
    LoopbackNotAllowed,
    OutsideProfile,
    TooEarly,
    WrongIdentity,
)
from localfed.protocol.identity import (
    Comparison,
    close_log,
    compare_logs,
    confirms_home,
    create_log,
    move_log,
    read_identity,
    rotate_log,
)
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit
from localfed.protocol.times import write_time
from localfed.protocol.webvh import resolve_log
from localfed.protocol.webvh_entry import hash_entry, hash_key, sign_entry
from protocol.identity_vectors import (
    FOLDER,
    cases,
    log_named,
    name_of,
    now_of,
    read_json,
    read_log,
)

NOW = datetime(2026, 12, 1, 12, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BASE = "https://grocer.example/"
KIT = Kit(bytes(range(32)))
TRUSTEE = Kit(bytes(range(32, 64)))
A, B, C = (SigningKey(bytes([number]) * 32).multikey for number in (1, 2, 3))
RULES = [
    "LF-ID-2",
    "LF-ID-4",
    "LF-ID-5",
    "LF-ID-6",
    "LF-ID-7",
    "LF-ID-8",
    "LF-ID-9",
    "LF-ID-10",
    "LF-ID-11",
    "LF-ID-13",
    "LF-ID-14",
    "LF-ID-15",
    "LF-ID-16",
    "LF-KEY-2",
    "LF-DID-7",
    "LF-DID-8",
    "LF-DID-9",
]


def created(**more):
    return create_log(**{"kit": KIT, "base": BASE, "keys": [A], "now": NOW, **more})


def read(log):
    return read_identity(log, now=NOW + 30 * DAY, allow_loopback=True)


@pytest.mark.parametrize("case", cases("profile", valid=True), ids=name_of)
def test_a_log_of_the_profile_says_who_somebody_is(case):
    """LF-ID-1, LF-ID-12, LF-ID-17, LF-ID-18, LF-ID-22."""
    allowed = case.get("allowLoopback", False)
    identity = read_identity(read_log(case), now=now_of(case), allow_loopback=allowed)

    assert {
        "did": identity.did,
        "currentDid": identity.current_did,
        "home": identity.home,
        "base": identity.base,
        "host": identity.host,
        "versionIds": list(identity.version_ids),
        "eras": list(identity.eras),
        "keys": sorted(identity.keys),
        "closed": identity.closed,
    } == case["result"]


@pytest.mark.parametrize("rule", RULES)
def test_a_log_outside_the_profile_is_refused_though_it_is_valid(rule):
    """LF-ID-1."""
    tried = cases("profile", valid=False, rule=rule)

    assert tried
    for case in tried:
        with pytest.raises(LocalFedError) as refusal:
            read_identity(read_log(case), now=now_of(case))
        assert refusal.value.code == case["code"], case["name"]
        resolve_log(read_log(case), now=now_of(case))


def test_every_log_outside_the_profile_is_tried_under_its_rule():
    assert {case["rule"] for case in cases("profile", valid=False)} == set(RULES)


def test_the_vectors_come_out_of_their_script_byte_for_byte(tmp_path):
    script = FOLDER.parent / "make_identity.py"
    subprocess.run([sys.executable, script, tmp_path], check=True, env=dict(os.environ))

    made = {path.relative_to(tmp_path): path.read_bytes() for path in files_in(tmp_path)}
    kept = {path.relative_to(FOLDER): path.read_bytes() for path in files_in(FOLDER)}
    assert made.keys() == kept.keys()
    assert [str(name) for name in made if made[name] != kept[name]] == []


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_example_of_the_specification_is_what_the_code_makes():
    """LF-LOG-5, LF-LOG-7, LF-LOG-8, LF-KIT-6."""
    text = (FOLDER.parents[1] / "03-identity.md").read_text(encoding="utf-8")
    steps = read_json("example.json")

    for name in steps.keys() - {"kitSeed", "kit", "documentKeySeed"}:
        assert steps[name] in text, name
    kit = Kit(bytes.fromhex(steps["kitSeed"]))
    key = SigningKey(bytes.fromhex(steps["documentKeySeed"]))
    log = create_log(
        kit=kit,
        base=BASE,
        keys=[key.multikey],
        now=datetime(2026, 5, 1, 9, 30, tzinfo=UTC),
        trustee_hash=steps["trusteeKey0Hash"],
    )
    assert log.decode() == steps["line"] + "\n"


def test_a_new_identity_is_signed_by_key_zero_and_commits_to_key_one():
    """LF-KIT-6."""
    entry = json.loads(created())

    assert entry["parameters"]["updateKeys"] == [KIT.update_key(0).multikey]
    assert entry["parameters"]["nextKeyHashes"] == [hash_key(KIT.update_key(1).multikey)]


def test_every_entry_reveals_the_key_that_the_one_before_committed_to():
    """LF-KIT-6, LF-ID-7: and the hash of the second kit is carried on unchanged."""
    trustee = hash_key(TRUSTEE.update_key(0).multikey)
    log = created(trustee_hash=trustee)
    for number in range(1, 4):
        log = rotate_log(log, kit=KIT, keys=[A, B, C][:number], now=NOW + number * DAY)

    for number, line in enumerate(log.splitlines()):
        parameters = json.loads(line)["parameters"]
        assert parameters["updateKeys"] == [KIT.update_key(number).multikey]
        own = hash_key(KIT.update_key(number + 1).multikey)
        assert parameters["nextKeyHashes"] == [own, trustee]


def test_a_trustee_can_take_over_and_the_first_kit_still_counts():
    """LF-KIT-6."""
    log = created(trustee_hash=hash_key(TRUSTEE.update_key(0).multikey))
    log = rotate_log(log, kit=TRUSTEE, keys=[B], now=NOW + DAY)
    log = rotate_log(log, kit=TRUSTEE, keys=[C], now=NOW + 2 * DAY)
    log = rotate_log(log, kit=KIT, keys=[A], now=NOW + 3 * DAY)

    parameters = json.loads(log.splitlines()[-1])["parameters"]
    assert parameters["updateKeys"] == [KIT.update_key(1).multikey]
    assert parameters["nextKeyHashes"] == [
        hash_key(KIT.update_key(2).multikey),
        hash_key(TRUSTEE.update_key(2).multikey),
    ]


def test_a_kit_of_another_identity_can_do_nothing():
    """LF-KIT-1, LF-KIT-5."""
    log = created()

    with pytest.raises(BadKit):
        rotate_log(log, kit=TRUSTEE, keys=[B], now=NOW + DAY)
    with pytest.raises(BadKit):
        move_log(log, kit=TRUSTEE, base="https://chapel.example/", now=NOW + DAY)
    with pytest.raises(BadKit):
        close_log(log, kit=TRUSTEE, now=NOW + DAY)


def test_only_an_entry_that_takes_a_key_away_begins_an_era():
    """LF-ID-17."""
    log = created()
    log = rotate_log(log, kit=KIT, keys=[A, B], now=NOW + DAY)
    log = move_log(log, kit=KIT, base="https://chapel.example/", now=NOW + 2 * DAY)
    log = rotate_log(log, kit=KIT, keys=[B], now=NOW + 3 * DAY)
    log = rotate_log(log, kit=KIT, keys=[C], now=NOW + 4 * DAY)
    log = rotate_log(log, kit=KIT, keys=[C, A], now=NOW + 5 * DAY)
    log = close_log(log, kit=KIT, now=NOW + 6 * DAY)

    identity = read(log)

    assert identity.eras == (0, 0, 0, 1, 2, 2, 2)
    assert identity.era == 2
    assert [identity.era_at(name) for name in identity.version_ids] == list(identity.eras)
    assert identity.era_at("4-QmNever") is None


def test_a_key_that_is_revoked_where_it_stands_begins_an_era():
    """LF-ID-12, LF-ID-17."""
    identity = read(log_named("asserted-key-revoked"))

    assert identity.keys == {}
    assert identity.eras == (0, 1)


def test_a_move_keeps_the_first_did_and_its_keys():
    """LF-ID-10, LF-ID-11, LF-ID-18."""
    before = read(created())
    log = move_log(created(), kit=KIT, base="https://chapel.example/shop/", now=NOW + DAY)

    after = read(log)

    assert (after.did, after.keys) == (before.did, before.keys)
    assert after.current_did == f"did:webvh:{before.scid}:chapel.example:shop"
    assert after.home == "https://chapel.example/shop/did.jsonl"
    assert after.base == "https://chapel.example/shop/"
    assert after.host == "chapel.example"
    assert json.loads(log.splitlines()[-1])["state"]["alsoKnownAs"] == [before.did]


def test_going_back_lists_every_other_place():
    """LF-ID-10."""
    log = created()
    for day, base in enumerate(["https://b.example/", "https://c.example/", BASE], 1):
        log = move_log(log, kit=KIT, base=base, now=NOW + day * DAY)

    identity = read(log)
    state = json.loads(log.splitlines()[-1])["state"]

    assert identity.current_did == identity.did
    assert [name.rpartition(":")[2] for name in state["alsoKnownAs"]] == ["b.example", "c.example"]


def test_a_closed_identity_signs_nothing_and_never_changes():
    """LF-ID-8, LF-ID-18, LF-LOG-16."""
    log = close_log(created(), kit=KIT, now=NOW + DAY)

    identity = read(log)

    assert identity.closed
    assert identity.keys == {}
    for change in (
        lambda: close_log(log, kit=KIT, now=NOW + 2 * DAY),
        lambda: rotate_log(log, kit=KIT, keys=[B], now=NOW + 2 * DAY),
        lambda: move_log(log, kit=KIT, base="https://b.example/", now=NOW + 2 * DAY),
    ):
        with pytest.raises(Closed):
            change()


def test_the_host_of_the_first_did_is_never_shown():
    """LF-ID-18."""
    identity = read(move_log(created(), kit=KIT, base="https://chapel.example/", now=NOW + DAY))

    for shown in (identity.host, identity.home, identity.base):
        assert "grocer" not in shown


def test_entry_two_hundred_can_only_close():
    """LF-ID-3."""
    log = long_log(199)
    read(log)

    with pytest.raises(OutsideProfile, match="200"):
        rotate_log(log, kit=KIT, keys=[A], now=NOW + DAY)
    closed = close_log(log, kit=KIT, now=NOW + DAY)
    assert len(read(closed).version_ids) == 200
    assert len(closed) < limits.LOG_BYTES


def test_a_log_of_more_than_two_hundred_entries_is_refused():
    """LF-ID-3."""
    log = long_log(201)

    resolve_log(log, now=NOW + DAY)
    with pytest.raises(OutsideProfile, match="more than 200"):
        read_identity(log, now=NOW + DAY)


def long_log(count: int) -> bytes:
    """Entries without the checks of our own functions, which would read the log each time."""
    entry = json.loads(created(now=NOW - 300 * DAY))
    lines = [created(now=NOW - 300 * DAY)]
    for number in range(1, count):
        following = {
            "versionId": entry["versionId"],
            "versionTime": write_time(NOW + (number - 300) * DAY),
            "parameters": {
                "updateKeys": [KIT.update_key(number).multikey],
                "nextKeyHashes": [hash_key(KIT.update_key(number + 1).multikey)],
            },
            "state": entry["state"],
        }
        following["versionId"] = f"{number + 1}-{hash_entry(following, entry['versionId'])}"
        lines.append(sign_entry(following, KIT.update_key(number), following["versionTime"]))
        entry = following
    return b"".join(lines)


def test_entries_within_one_second_still_follow_each_other():
    """LF-LOG-4, LF-ID-4."""
    log = created()
    for keys in ([A, B], [B], [B, C]):
        log = rotate_log(log, kit=KIT, keys=keys, now=NOW)

    times = [version.time for version in resolve_log(log, now=NOW).versions]
    assert [later - earlier for earlier, later in pairwise(times)] == [timedelta(seconds=1)] * 3


def test_a_clock_that_fell_far_behind_signs_nothing():
    """LF-LOG-4."""
    with pytest.raises(TooEarly):
        rotate_log(created(), kit=KIT, keys=[B], now=NOW - DAY)


@pytest.mark.parametrize(
    "keys",
    [
        [A, A],
        ["z6MkeXATEjyXENzBXBxgC5EHk2JE5aqd7qMGGtDpLUH1e2Sj"],
        ["key"],
        [KIT.update_key(0).multikey],
        [SigningKey(bytes([number]) * 32).multikey for number in range(1, 10)],
    ],
    ids=["twice", "small order", "no key", "update key", "nine"],
)
def test_keys_that_the_profile_refuses_are_never_written(keys):
    """LF-KEY-1, LF-KEY-2, LF-ID-11, LF-ID-13."""
    with pytest.raises(OutsideProfile):
        created(keys=keys)
    with pytest.raises(OutsideProfile):
        rotate_log(created(), kit=KIT, keys=keys, now=NOW + DAY)


def test_a_base_that_the_profile_refuses_is_never_written():
    """LF-DID-9, LF-DID-10."""
    with pytest.raises(BadUrl):
        created(base="http://grocer.example/")
    with pytest.raises(BadUrl):
        move_log(created(), kit=KIT, base="https://127.0.0.1/", now=NOW + DAY)
    with pytest.raises(LoopbackNotAllowed):
        created(base="http://localhost:8001/")
    with pytest.raises(LoopbackNotAllowed):
        move_log(created(), kit=KIT, base="http://localhost:8001/", now=NOW + DAY)


def test_loopback_is_read_only_where_it_is_allowed():
    """LF-DID-9."""
    log = created(base="http://localhost:8001/", allow_loopback=True)

    assert read_identity(log, now=NOW, allow_loopback=True).base == "http://localhost:8001/"
    with pytest.raises(LoopbackNotAllowed):
        read_identity(log, now=NOW)


def test_a_did_that_was_asked_for_must_be_in_the_log():
    """LF-LOG-17."""
    log = created()
    did = read(log).did

    assert read_identity(log, now=NOW, did=did).did == did
    with pytest.raises(WrongIdentity):
        read_identity(log, now=NOW, did=did + ":other")


@pytest.mark.parametrize("case", read_json("forks.json"), ids=lambda case: case["offered"])
def test_two_logs_are_compared_by_their_version_ids(case):
    """LF-ID-19."""
    held, offered = (read((FOLDER / case[name]).read_bytes()) for name in ("held", "offered"))

    assert compare_logs(held, offered) == Comparison(case["comparison"])


def test_a_log_with_other_proofs_is_still_the_same_log():
    """LF-ID-19: proofs are not under the entry hash."""
    log = created()
    entry = json.loads(log)
    unsigned = {name: value for name, value in entry.items() if name != "proof"}
    again = sign_entry(unsigned, KIT.update_key(0), "2026-12-01T12:00:01Z")

    assert again != log
    assert compare_logs(read(log), read(again)) == Comparison.SAME


def test_the_log_lies_at_its_url_and_in_the_folder_of_its_files():
    """LF-DID-6, LF-ID-16, LF-ID-20: the two places where a publisher serves it."""
    root = read(created())
    below = read(created(base="https://host.example/grocer/"))

    assert root.home == "https://grocer.example/.well-known/did.jsonl"
    assert root.base + "did.jsonl" == "https://grocer.example/did.jsonl"
    assert below.home == below.base + "did.jsonl" == "https://host.example/grocer/did.jsonl"


def test_a_place_counts_only_when_its_log_extends_ours_and_names_that_place():
    """LF-ID-21."""
    log = created()
    moved = move_log(log, kit=KIT, base="https://chapel.example/", now=NOW + DAY)
    old, new = (
        "https://grocer.example/.well-known/did.jsonl",
        ("https://chapel.example/.well-known/did.jsonl"),
    )

    assert confirms_home(read(log), read(log), old)
    assert confirms_home(read(log), read(moved), new)
    assert not confirms_home(read(log), read(moved), old)
    assert not confirms_home(read(moved), read(log), old)
    forked = rotate_log(log, kit=KIT, keys=[B], now=NOW + DAY)
    assert not confirms_home(read(moved), read(forked), old)
