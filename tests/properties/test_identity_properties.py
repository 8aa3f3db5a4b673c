"""Properties of identities: any bytes give a value or an error of ours; what is written is read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from localfed.protocol.did import base_url, log_url, parse_base, parse_did, split_id
from localfed.protocol.errors import BadKey, BadKit, LocalFedError, Rejected
from localfed.protocol.identity import (
    Comparison,
    close_log,
    compare_logs,
    create_log,
    move_log,
    read_identity,
    rotate_log,
)
from localfed.protocol.keys import SigningKey, read_multikey, write_multikey
from localfed.protocol.kit import Kit
from localfed.protocol.webvh import resolve_log, write_resolution
from protocol.identity_vectors import log_named

NOW = datetime(2026, 12, 1, tzinfo=UTC)
KIT = Kit(bytes(range(32)))
LOG = log_named("moved")
SEEDS = st.binary(min_size=32, max_size=32)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=10,
)


def assert_value_or_error_of_ours(log: bytes) -> None:
    """Whatever the bytes: either check returns, or raises an error of our tree for its sender."""
    for check in (resolve_log, read_identity):
        try:
            check(log, now=NOW)
        except Rejected:
            continue


@given(st.binary(max_size=300))
def test_any_bytes_are_a_log_or_refused(log):
    """LF-LOG-1, LF-LOG-2."""
    assert_value_or_error_of_ours(log)


@given(json_values)
def test_any_json_is_a_log_or_refused(value):
    """LF-LOG-2, LF-LOG-3."""
    assert_value_or_error_of_ours(json.dumps(value).encode() + b"\n")


@given(
    st.integers(0, 3),
    st.sampled_from(["versionId", "versionTime", "parameters", "state", "proof"]),
    json_values,
)
def test_any_value_for_any_member_of_any_entry_is_refused_or_read(number, name, value):
    """LF-LOG-3."""
    entries = [json.loads(line) for line in LOG.splitlines()]
    entries[number][name] = value

    assert_value_or_error_of_ours(b"".join(json.dumps(e).encode() + b"\n" for e in entries))


@given(st.data())
def test_any_value_anywhere_inside_an_entry_is_refused_or_read(data):
    """LF-LOG-11, LF-LOG-14, LF-LOG-8."""
    entry = json.loads(LOG.splitlines()[0])
    place = entry
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
            place = place[key]
            continue
        place[key] = data.draw(json_values)
        break

    assert_value_or_error_of_ours(json.dumps(entry).encode() + b"\n")


@settings(max_examples=300)
@given(st.integers(0, len(LOG) - 1), st.integers(1, 255))
def test_no_changed_byte_gives_another_identity(at, change):
    """LF-LOG-5, LF-LOG-7, LF-LOG-8: a log with one byte changed is refused."""
    changed = LOG[:at] + bytes([LOG[at] ^ change]) + LOG[at + 1 :]

    try:
        identity = read_identity(changed, now=NOW)
    except Rejected:
        return
    assert identity == read_identity(LOG, now=NOW)


@given(st.text(max_size=80) | st.text(max_size=30).map(lambda t: f"did:webvh:Qm{'1' * 44}:{t}"))
def test_any_text_is_a_did_with_urls_or_refused(text):
    """LF-DID-1, LF-DID-6."""
    try:
        did = parse_did(text)
    except LocalFedError:
        return
    assert did.text == text
    assert log_url(did).startswith(base_url(did))
    assert base_url(did).isascii()
    assert split_id(f"{text}/org.json") == (text, "org.json")


@given(st.text(max_size=40).map(lambda text: f"https://{text}") | st.text(max_size=40))
def test_any_text_is_a_base_in_its_one_form_or_refused(text):
    """LF-DID-10."""
    try:
        base = parse_base(text, allow_loopback=True)
    except LocalFedError:
        return
    assert parse_base(base, allow_loopback=True) == base


@given(
    SEEDS,
    st.sampled_from(["upper", "lower", "title"]),
    st.integers(1, 9),
    st.text(" \n-", max_size=3),
)
def test_a_kit_survives_paper(seed, case, size, between):
    """LF-KIT-2, LF-KIT-3."""
    text = getattr(Kit(seed).text, case)()
    typed = between.join(text[at : at + size] for at in range(0, len(text), size))

    assert Kit.parse(typed).seed == seed


@given(st.text(max_size=80))
def test_any_text_is_a_kit_or_refused(text):
    """LF-KIT-3."""
    for given_text in (text, "lfk1-" + text):
        try:
            assert len(Kit.parse(given_text).seed) == 32
        except BadKit:
            continue


@given(SEEDS)
def test_a_multikey_and_its_key_are_one_to_one(seed):
    """LF-KEY-1."""
    key = SigningKey(seed)

    assert read_multikey(key.multikey) == key.public
    assert write_multikey(key.public) == key.multikey


@given(st.binary(min_size=32, max_size=32))
def test_any_point_is_a_key_in_one_spelling_or_refused(public):
    """LF-KEY-1, LF-KEY-2."""
    text = write_multikey(public)
    try:
        assert read_multikey(text) == public
    except BadKey:
        return


steps = st.lists(
    st.tuples(st.just("rotate"), st.sets(st.integers(1, 4), min_size=1))
    | st.tuples(st.just("move"), st.sampled_from("abc")),
    max_size=5,
)


@settings(max_examples=40)
@given(steps, st.booleans())
def test_whatever_an_owner_does_the_log_grows_and_reads_as_meant(changes, closes):
    """LF-ID-1, LF-ID-17, LF-ID-19."""
    names = {number: SigningKey(bytes([number]) * 32).multikey for number in range(1, 5)}
    keys, host, era = {1}, "a", 0
    now = NOW - timedelta(days=30)
    log = create_log(kit=KIT, base="https://a.example/", keys=[names[1]], now=now)
    first = read_identity(log, now=NOW)
    for kind, value in changes:
        before = read_identity(log, now=NOW)
        if kind == "rotate":
            era += not keys <= value
            keys = value
            log = rotate_log(log, kit=KIT, keys=[names[n] for n in sorted(keys)], now=now)
        else:
            host = value
            log = move_log(log, kit=KIT, base=f"https://{host}.example/", now=now)
        assert compare_logs(before, read_identity(log, now=NOW)) == Comparison.EXTENDS
    if closes:
        log = close_log(log, kit=KIT, now=now)

    identity = read_identity(log, now=NOW)
    expected = set() if closes else {f"{first.did}#{names[number]}" for number in keys}
    assert (identity.did, identity.era, identity.closed) == (first.did, era, closes)
    assert identity.keys.keys() == expected
    assert identity.host == f"{host}.example"
    assert len(identity.version_ids) == 1 + len(changes) + closes
    assert write_resolution(resolve_log(log, now=NOW))["didDocument"]["id"] == identity.current_did
