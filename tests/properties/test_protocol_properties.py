"""Properties of the protocol: what is written is read, and any bytes give a value or an error of ours."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from localfed.protocol.accept import open_document, open_head
from localfed.protocol.canonical import encode, encode_plain, parse, parse_loose
from localfed.protocol.digest import digest, is_digest_of, read_digest, write_digest
from localfed.protocol.document import is_possible_path
from localfed.protocol.draft import read_draft
from localfed.protocol.errors import LocalFedError, Rejected
from localfed.protocol.feed import (
    Entry,
    Page,
    Row,
    chain_over,
    chain_start,
    page_path,
    read_page,
    read_parts,
    write_page,
    write_parts,
)
from localfed.protocol.keys import SigningKey
from localfed.protocol.proofs import sign
from localfed.protocol.times import read_time, write_time
from protocol.spec_vectors import DOCUMENTS, FEED, documents, feed_cases, identity_of

IDENTITY = identity_of("../identity/valid/created.jsonl")
KEY = SigningKey(b"\x01" * 32)
NOW = datetime(2026, 5, 3, tzinfo=UTC)
VALID = [(DOCUMENTS / case["file"]).read_bytes() for case in documents(valid=True)]
SMALL = [body for body in VALID if len(body) < 2_000]
FEED_FILES = [(FEED / case["file"]).read_bytes() for case in feed_cases("page")]
HEADS = [(FEED / case["file"]).read_bytes() for case in feed_cases("head")]

texts = st.text(max_size=12)
allowed = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"],
        exclude_characters="\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    )
    | st.just("\n"),
    max_size=12,
)
names = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,9}", fullmatch=True)
integers = st.integers(-(2**53) + 1, 2**53 - 1)
ours = st.recursive(
    st.none() | st.booleans() | integers | allowed,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def readers(data):
    """Every public reader of a stranger's bytes, as a call."""
    return [
        lambda: parse(data),
        lambda: parse(data, lists=True),
        lambda: parse_loose(data),
        lambda: open_document(data, identity=IDENTITY, now=NOW),
        lambda: open_document(data, identity=IDENTITY, now=NOW, path="org.json"),
        lambda: open_head(data, identity=IDENTITY, now=NOW),
        lambda: read_page(data, "feed/1.json"),
        lambda: read_parts([data]),
        lambda: read_parts([data, data]),
        lambda: read_draft(data, language="en"),
    ]


def assert_value_or_error_of_ours(data):
    for read in readers(data):
        found = None
        try:
            read()
        except LocalFedError as error:
            found = error
        assert found is None or (found.message and 400 <= found.status < 500)


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_any_bytes_give_a_value_or_an_error_of_ours(data):
    """LF-BYTES-8, LF-BYTES-13."""
    assert_value_or_error_of_ours(data)


@given(anything)
def test_any_json_gives_a_value_or_an_error_of_ours(value):
    assert_value_or_error_of_ours(json.dumps(value).encode())
    assert_value_or_error_of_ours(json.dumps(value, ensure_ascii=False).encode(errors="replace"))


@given(st.sampled_from([*SMALL, *FEED_FILES, *HEADS]), st.data())
@settings(max_examples=300)
def test_any_damage_to_good_bytes_gives_a_value_or_an_error_of_ours(body, data):
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 40)))
    patch = data.draw(st.binary(max_size=8) | st.sampled_from([b'"', b"{", b"\\", b"null", b"9e9"]))

    assert_value_or_error_of_ours(body[:start] + patch + body[end:])


@given(st.sampled_from(SMALL), names, anything)
@settings(max_examples=300)
def test_a_signed_document_with_any_member_is_accepted_or_refused(body, name, value):
    """LF-ACCEPT-9: a publisher who signs nonsense harms nobody."""
    document = {**json.loads(body), name: value}
    document.pop("proof", None)
    document.setdefault("@context", "https://w3id.org/localfed/1.0")
    try:
        signed = sign(document, KEY, f"{IDENTITY.did}#{KEY.multikey}")
    except (UnicodeEncodeError, ValueError):
        return  # half a surrogate pair: our own writer is never given one

    assert_value_or_error_of_ours(signed)


@given(st.sampled_from(["updated", "expires", "assured", "validUntil"]), st.datetimes())
def test_a_signed_document_of_any_time_is_accepted_or_refused(name, moment):
    """LF-BYTES-9, LF-DOC-8, LF-DOC-10."""
    document = {**json.loads(VALID[0]), name: write_time(moment.replace(tzinfo=UTC))}
    del document["proof"]

    assert_value_or_error_of_ours(sign(document, KEY, f"{IDENTITY.did}#{KEY.multikey}"))


@given(ours)
def test_what_is_written_is_read_again(value):
    """LF-BYTES-1: parse and print agree, and printing again changes nothing."""
    body = encode(value)

    assert parse(body) == value
    assert encode(parse(body)) == body


@given(anything)
def test_the_canonical_form_is_that_of_rfc8785(value):
    """LF-BYTES-1: or there is none."""
    try:
        expected = rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        with pytest.raises(Rejected):
            encode(value)
    else:
        assert encode(value) == expected


@given(ours)
def test_the_fast_way_writes_what_rfc8785_writes(value):
    """LF-BYTES-1."""
    assert encode_plain(value) == rfc8785.dumps(value)


@given(ours, st.integers(0, 3), st.booleans())
def test_another_spelling_of_the_same_value_is_refused(value, indent, ascii_only):
    """LF-BYTES-1: one value, one file."""
    other = json.dumps(value, indent=indent or None, ensure_ascii=ascii_only).encode()

    if other == encode(value):
        assert parse(other) == value
    else:
        with pytest.raises(Rejected):
            parse(other)


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_a_digest_names_its_bytes_alone(one, other):
    """LF-BYTES-10."""
    assert read_digest(digest(one)) == sha256(one).digest()
    assert is_digest_of(digest(one), other) == (one == other)


@given(st.binary(min_size=32, max_size=32))
def test_every_hash_can_be_written_as_a_digest(raw):
    assert read_digest(write_digest(raw)) == raw
    assert len(write_digest(raw)) == 47


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31, 23, 59, 59)))  # noqa: DTZ001
def test_every_time_that_is_written_is_read_again(moment):
    """LF-BYTES-9."""
    whole = moment.replace(microsecond=0, tzinfo=UTC)

    assert read_time(write_time(moment.replace(tzinfo=UTC))) == whole


paths = st.from_regex(
    r"[a-z0-9][A-Za-z0-9_-]{0,8}(/[A-Za-z0-9][A-Za-z0-9_-]{0,8}){0,3}\.json", fullmatch=True
).filter(is_possible_path)
digests = st.binary(min_size=32, max_size=32).map(write_digest)
types = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,9}", fullmatch=True)
puts = st.builds(
    Entry,
    seq=st.integers(1, 2**53 - 1),
    path=paths,
    type=types,
    digest=digests,
)
deletes = st.builds(Entry, seq=st.integers(1, 2**53 - 1), path=paths)
feeds = st.lists(puts | deletes, min_size=1, max_size=30, unique_by=lambda entry: entry.seq).map(
    lambda entries: sorted(entries, key=lambda entry: entry.seq)
)


@given(feeds, digests)
def test_every_page_that_is_written_is_read_again(entries, before):
    """LF-FEED-3, LF-FEED-5, LF-FEED-6."""
    page = Page(before=before, previous=None, entries=tuple(entries))

    assert read_page(write_page(page), page_path(entries[0].seq)) == page


@given(feeds, st.data())
def test_two_feeds_with_one_chain_are_one_feed(entries, data):
    """LF-FEED-4: an entry changed, left out or moved changes the chain."""
    start = chain_start("Qm")
    whole = chain_over(start, entries)
    at = data.draw(st.integers(0, len(entries) - 1))
    other = data.draw(puts)

    assert chain_over(start, entries[:at] + entries[at + 1 :]) != whole
    if other != entries[at]:
        assert chain_over(start, [*entries[:at], other, *entries[at + 1 :]]) != whole
    assert chain_over(chain_over(start, entries[:at]), entries[at:]) == whole


@given(st.dictionaries(paths, st.tuples(types, digests), max_size=30))
def test_every_snapshot_that_is_written_is_read_again(live):
    """LF-FEED-9, LF-FEED-10."""
    rows = [Row(path=path, type=kind, digest=name) for path, (kind, name) in live.items()]

    assert read_parts(write_parts(rows)) == sorted(rows, key=lambda row: row.path)
