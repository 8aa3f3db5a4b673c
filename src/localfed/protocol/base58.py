"""Base58btc, as multibase `z` uses it.

Here: the codec. Own code because it runs several times for every document and the packages on PyPI
are three times as slow (docs/learn/performance.md); a property test compares it with a plain one.
Spec: 02-bytes. Source: the multibase registry; the Bitcoin alphabet.
"""

from __future__ import annotations

from typing import Final

from localfed.protocol.errors import WrongShape

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
# Two characters at a time: half the divisions of large integers.
_PAIRS: Final = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
_LETTERS: Final = _ALPHABET.encode()
_VALUES: Final = bytes.maketrans(_LETTERS, bytes(range(58)))
_DIGITS_MAX: Final = 128
# For each doubling: how many bits the lanes have, which of them are the low ones, what the high count.
_LANES: Final = tuple(
    (
        8 * digits,
        int.from_bytes((b"\0" * digits + b"\xff" * digits) * (_DIGITS_MAX // 2 // digits)),
        58**digits,
    )
    for digits in (1, 2, 4, 8, 16, 32, 64)
)
_SHORT_MAX: Final = 64
_SHORT_LANES: Final = tuple(
    (bits, mask >> 8 * _SHORT_MAX, power) for bits, mask, power in _LANES[:-1]
)
_SQUARE: Final = 58 * 58
_CHUNK: Final = 58**10
_CHUNK_PAIRS: Final = 5


def encode(data: bytes) -> str:
    """Write bytes in base58btc, without the multibase letter."""
    number = int.from_bytes(data)
    pairs: list[str] = []
    # Divide the large number rarely and the small rests often.
    while number:
        number, rest = divmod(number, _CHUNK)
        for _ in range(_CHUNK_PAIRS):
            rest, pair = divmod(rest, _SQUARE)
            pairs.append(_PAIRS[pair])
    pairs.reverse()
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(pairs).lstrip("1")


def decode(text: str) -> bytes:
    """Read base58btc, without the multibase letter.

    Raises:
        WrongShape: a character outside the alphabet, or more than 128 characters.

    """
    digits = text.encode("ascii", "replace")
    # Whatever is left when the alphabet is taken out does not belong there ("?" among it).
    if len(digits) > _DIGITS_MAX or digits.translate(None, _LETTERS):
        message = "not base58btc of a key, a hash or a signature"
        raise WrongShape(message)
    # All digits at once, in one large integer: lanes of 8 bits are joined two by two, low + 58 * high,
    # then lanes of 16, 32, … bits. Seven steps instead of 88: a third of the time of a loop.
    number = int.from_bytes(digits.translate(_VALUES))
    for bits, mask, power in _SHORT_LANES if len(digits) <= _SHORT_MAX else _LANES:
        number = ((number >> bits) & mask) * power + (number & mask)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)
