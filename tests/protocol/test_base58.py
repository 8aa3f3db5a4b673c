"""Base58btc: the codec, at its edges; a property test compares it with a plain one."""

from __future__ import annotations

import pytest

from localfed.protocol import base58
from localfed.protocol.errors import WrongShape

# From draft-msporny-base58-03, section 5.
KNOWN = [
    (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
    (
        b"The quick brown fox jumps over the lazy dog.",
        "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
    ),
    (bytes.fromhex("0000287fb4cd"), "11233QC4"),
    (b"", ""),
    (b"\0", "1"),
    (b"\0\0", "11"),
]


@pytest.mark.parametrize("data, text", KNOWN)
def test_known_values_are_written_and_read(data, text):
    """LF-BYTES-10."""
    assert base58.encode(data) == text
    assert base58.decode(text) == data


def test_every_length_up_to_the_longest_comes_back():
    for size in range(94):
        data = bytes(range(255, 255 - size, -1))
        assert base58.decode(base58.encode(data)) == data


def test_as_many_characters_as_a_signature_needs_and_no_more():
    longest = "z" * 128

    assert base58.encode(base58.decode(longest)) == longest
    with pytest.raises(WrongShape):
        base58.decode("1" * 129)


@pytest.mark.parametrize("character", ["0", "O", "I", "l", "+", "/", " ", "\n", "?", "é", "１"])
def test_a_character_outside_the_alphabet_is_refused(character):
    """LF-BYTES-10."""
    for text in (character, "2" + character, character + "2", "2" * 70 + character):
        with pytest.raises(WrongShape):
            base58.decode(text)
