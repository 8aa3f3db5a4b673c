"""Base58 as we write it is base58 as everybody writes it; forbidden characters are found as before."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from localfed.protocol import base58
from localfed.protocol.canonical import check_characters, encode_plain
from localfed.protocol.errors import BadCharacter, WrongShape

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def encode_plainly(data):
    number, text = int.from_bytes(data), ""
    while number:
        number, rest = divmod(number, 58)
        text = ALPHABET[rest] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


@given(st.binary(max_size=90))
@example(b"")
@example(b"\0\0")
@example(b"\xff" * 64)
def test_bytes_are_written_as_plain_division_writes_them_and_read_again(data):
    text = base58.encode(data)

    assert text == encode_plainly(data)
    assert base58.decode(text) == data


@given(st.text(ALPHABET, max_size=128))
@example("z" * 64)
@example("z" * 65)
@example("z" * 128)
def test_every_text_of_the_alphabet_is_read_as_one_value(text):
    assert base58.encode(base58.decode(text)) == text


@pytest.mark.parametrize("text", ["0", "O", "I", "l", " ", "?", "é", "\ud800", "1\n", "2" * 129])
def test_what_is_not_base58_is_refused(text):
    with pytest.raises(WrongShape):
        base58.decode(text)


@given(st.text(st.sampled_from('ab\\"n\n/\t\x00\x08\x7f\x80\u2028é'), max_size=12))
def test_a_control_character_is_found_behind_any_backslashes(text):
    data = encode_plain({"a": text})
    is_bad = re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text) is not None

    try:
        check_characters(data)
    except BadCharacter:
        found = True
    else:
        found = False

    assert found == is_bad
