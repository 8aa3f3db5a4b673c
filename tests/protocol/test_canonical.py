"""Canonical JSON: one spelling, limits, characters."""

from __future__ import annotations

import json

import pytest
import rfc8785

from localfed.protocol import limits
from localfed.protocol.canonical import encode, encode_plain, parse, parse_loose, parse_object
from localfed.protocol.errors import (
    BadCharacter,
    BadMemberName,
    BadNumber,
    NotCanonical,
    NotJson,
    NotUtf8,
    TooDeep,
    TooLarge,
    TooManyValues,
    WrongShape,
)


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_the_official_vectors_of_jcs_come_out_byte_for_byte(vectors_dir, name):
    """LF-BYTES-1: RFC 8785."""
    value = json.loads((vectors_dir / "jcs" / "input" / f"{name}.json").read_bytes())
    expected = (vectors_dir / "jcs" / "output" / f"{name}.json").read_bytes()

    assert encode(value) == expected
    # The bytes in hexadecimal as well: a file may have been touched by an editor.
    digits = (vectors_dir / "jcs" / "outhex" / f"{name}.txt").read_text(encoding="ascii")
    assert encode(value) == bytes.fromhex("".join(digits.split()))


def test_canonical_bytes_are_read_as_they_stand():
    """LF-BYTES-1."""
    body = '{"a":[1,-2,true,null],"é":"\\"\\\\\\n/€😀"}'.replace("é", "b").encode()

    assert parse(body) == {"a": [1, -2, True, None], "b": '"\\\n/€😀'}


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1, "b":2}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":1}',
        b'{"a":"\\/"}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\u00e9"}',
        b'{"a":"\\u000a"}',
        b'{"a":"\\u001F"}',
        b'{"a":-0}',
        b' {"a":1}',
        b'{"a":1}\n',
        b'{"a":"\\ud83d\\ude00"}',
    ],
)
def test_every_other_spelling_is_refused(body):
    """LF-BYTES-1, LF-BYTES-13: an innocent escape is a matter of spelling, not of characters."""
    with pytest.raises(NotCanonical):
        parse(body)


@pytest.mark.parametrize(
    "body, error",
    [
        (b"", NotJson),
        (b"{", NotJson),
        (b"nul", NotJson),
        (b"NaN", NotJson),
        (b"[1,]", NotJson),
        (b"{'a':1}", NotJson),
        (b"\xef\xbb\xbf1", NotJson),
        (b'"\x01"', NotJson),
        (b'"\xff"', NotUtf8),
        (b'"\xed\xa0\x80"', NotUtf8),
        (b'"\xc0\xaf"', NotUtf8),
        (b"1.5", BadNumber),
        (b"1.0", BadNumber),
        (b"1e3", BadNumber),
        (b"1e400", BadNumber),
        (b"9007199254740992", BadNumber),
        (b"-9007199254740992", BadNumber),
        (b"18446744073709551616", BadNumber),
        (b"1" * 5_000, BadNumber),
        (b'"\\ud800"', BadCharacter),
        (b'"\\udfff"', BadCharacter),
        (b'"\\ud800\\u0041"', BadCharacter),
        (b'["\\ud83d\\ude00"', NotJson),
        (b'[NaN,"\\ud800"]', NotJson),
        (b"[" * 33 + b"]" * 33, TooDeep),
        (b"[" * 50_000, TooDeep),
        (b'{"":1}', BadMemberName),
        (b'{"a b":1}', BadMemberName),
        (b'{"@id":1}', BadMemberName),
        (b'{"a":{"@context":1,"@type":2}}', BadMemberName),
        ('{"é":1}'.encode(), BadMemberName),
        (b'{"' + b"a" * 65 + b'":1}', BadMemberName),
    ],
)
def test_what_is_not_for_us_is_refused_by_its_name(body, error):
    """LF-BYTES-3, LF-BYTES-5, LF-BYTES-6, LF-BYTES-7, LF-BYTES-8, LF-BYTES-13."""
    with pytest.raises(error):
        parse(body)


@pytest.mark.parametrize(
    "character",
    [
        "\x00",
        "\x08",
        "\t",
        "\x0b",
        "\r",
        "\x1f",
        "\x7f",
        "\x80",
        "\x9f",
        "\u2028",
        "\u2029",
        "\u202a",
        "\u202e",
        "\u2066",
        "\u2069",
    ],
)
def test_no_string_holds_a_forbidden_character(character):
    """LF-BYTES-7."""
    for value in ([f"a{character}"], {"a": character}, {"ext": {"a": character}}):
        with pytest.raises(BadCharacter):
            parse(rfc8785.dumps(value))


@pytest.mark.parametrize(
    "character",
    ["\n", " ", "\xa0", "\u2027", "\u202f", "\u2065", "\u206a", "\u200d", "\ufeff", "\U0001f600"],
)
def test_the_neighbours_of_forbidden_characters_are_allowed(character):
    """LF-BYTES-7."""
    assert parse(encode([character])) == [character]


def test_backslashes_before_letters_are_no_escapes():
    """LF-BYTES-7: a backslash of its own, however many follow each other."""
    for text in ("\\t", "\\\\t", "\\u0000", "\\\\\\n", 'a\\"\\', "\\\n\\t"):
        assert parse(encode([text])) == [text]


def test_limits_of_numbers_are_met_exactly():
    """LF-BYTES-3, LF-BYTES-4: what is at the limit passes, one more does not."""
    deepest = b"[" * limits.DEPTH + b"]" * limits.DEPTH
    widest = encode({f"m{number}": 0 for number in range(limits.MEMBERS)})
    longest = encode([0] * limits.VALUES)

    assert parse(deepest) is not None
    assert len(parse(widest)) == limits.MEMBERS
    assert len(parse(longest)) == limits.VALUES
    with pytest.raises(TooManyValues):
        parse(encode({f"m{number}": 0 for number in range(limits.MEMBERS + 1)}))
    with pytest.raises(TooManyValues):
        parse(encode([0] * (limits.VALUES + 1)))
    with pytest.raises(TooManyValues):
        parse(encode([[0] * 2_500, [0] * 2_499]))


def test_feed_files_have_no_limit_of_values_but_all_others():
    """LF-BYTES-4, LF-BYTES-7."""
    many = encode([["a", "b", "c"]] * 4_000)

    assert len(parse(many, limit=limits.FEED_FILE_BYTES, lists=True)) == 4_000
    with pytest.raises(BadCharacter):
        parse(encode([["a\t"]]), lists=True)
    with pytest.raises(TooDeep):
        parse(b"[" * 33 + b"]" * 33, lists=True)


def test_size_is_looked_at_before_anything_else():
    """LF-BYTES-8, LF-BYTES-13."""
    with pytest.raises(TooLarge):
        parse(b"\xff" * (limits.DOCUMENT_BYTES + 1))
    with pytest.raises(NotUtf8):
        parse(b"\xff" * limits.DOCUMENT_BYTES)


def test_names_inside_ext_are_freer_and_nowhere_else():
    """LF-BYTES-5."""
    name = "https://vocab.example/a~b!"
    inside = encode({"ext": {name: {"@type": {"1": 2}}}})

    assert parse(inside) == {"ext": {name: {"@type": {"1": 2}}}}
    for wrong in (
        {name: 1},
        {"a": {"ext": {name: 1}}},
        {"a": [{"@type": 1}], "ext": {}},
        {"ext": {'a"b': 1}},
        {"ext": {"a\\b": 1}},
        {"ext": {"a b": 1}},
        {"ext": {"": 1}},
        {"ext": {"a" * 256: 1}},
        {"ext": {"é": 1}},
    ):
        with pytest.raises(BadMemberName):
            parse(rfc8785.dumps(wrong))


def test_a_good_name_seen_before_does_not_open_the_door_for_others():
    """LF-BYTES-5: names that were found good are remembered; those of `ext` are not."""
    name = "https://vocab.example/remembered"
    parse(encode({"ext": {name: 1}}))

    with pytest.raises(BadMemberName):
        parse(encode({name: 1}))


def test_writing_refuses_what_has_no_canonical_form():
    for value, error in (
        (2**53, BadNumber),
        (float("nan"), BadNumber),
        (float("inf"), BadNumber),
        (["\ud800"], BadCharacter),
        ({"\ud800": 1}, BadCharacter),
    ):
        with pytest.raises(error):
            encode(value)


def test_writing_takes_the_slow_way_where_the_fast_one_differs():
    """LF-BYTES-1: names beyond ASCII sort by UTF-16, fractions are written by ECMAScript."""
    value = {"\U0001f600": 1, "\ufb33": 2, "a": 1e21, "b": 0.1}

    assert encode(value) == rfc8785.dumps(value)
    assert encode(value) != encode_plain(value)


def test_an_object_is_needed_where_one_is_asked_for():
    assert parse_object(b'{"a":1}') == {"a": 1}
    with pytest.raises(WrongShape):
        parse_object(b"[1]")


def test_loose_reading_forgives_spelling_and_nothing_else():
    assert parse_loose(b' {"b": 1.5, "a": "\\u0041"}\n') == {"b": 1.5, "a": "A"}
    with pytest.raises(NotJson):
        parse_loose(b"{]")
