"""Digests: the names of bytes."""

from __future__ import annotations

from hashlib import sha256

import pytest

from localfed.protocol import base58
from localfed.protocol.digest import digest, is_digest_of, read_digest, write_digest
from localfed.protocol.errors import WrongShape

EMPTY = "zQmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n"
"""The digest of no bytes, known to everybody who uses multihash."""


def test_the_digest_of_no_bytes_is_the_known_one():
    """LF-BYTES-10."""
    assert digest(b"") == EMPTY
    assert read_digest(EMPTY) == sha256(b"").digest()


def test_a_digest_has_one_length_and_one_beginning():
    """LF-BYTES-10: also at both ends of what a hash can be."""
    for raw in (b"\0" * 32, b"\xff" * 32, sha256(b"x").digest()):
        text = write_digest(raw)
        assert (len(text), text[:3]) == (47, "zQm")
        assert read_digest(text) == raw


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        EMPTY[1:],
        "Z" + EMPTY[1:],
        EMPTY + "1",
        EMPTY[:-1],
        "z1" + EMPTY[1:],
        EMPTY.replace("Q", "0", 1),
        "zQm" + "z" * 44,
        "z" + base58.encode(b"\x12\x20" + b"\0" * 31),
        "z" + base58.encode(b"\x13\x20" + b"\0" * 32),
        "u" + "A" * 46,
    ],
)
def test_what_is_not_a_digest_is_refused(text):
    """LF-BYTES-10."""
    with pytest.raises(WrongShape):
        read_digest(text)


def test_a_digest_belongs_to_its_bytes_alone():
    """LF-BYTES-10, LF-BYTES-12."""
    assert is_digest_of(EMPTY, b"")
    assert not is_digest_of(EMPTY, b"\n")
    assert not is_digest_of(EMPTY.lower(), b"")
    assert not is_digest_of("nonsense", b"")
