"""Fuzzing: real bytes, changed by chance, knocked at a door until the time is over.

Here: the changes, the loop, and how it can be run again. Not here: the doors (`test_fuzz`).

Each try has a chance of its own, made of the seed, the door and the number of the try: what failed is
tried again with the seed and the number that the failure names, however fast the machine is.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import random
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

from attacks.frame import check_error
from localfed.protocol.errors import LocalFedError

SECONDS: Final = float(os.environ.get("LOCALFED_FUZZ_SECONDS") or 2)
"""For each door; all together stay below a minute."""
IS_CAMPAIGN: Final = "LOCALFED_FUZZ_SECONDS" in os.environ
SEED: Final = os.environ.get("LOCALFED_FUZZ_SEED") or (secrets.token_hex(4) if IS_CAMPAIGN else "1")
"""Always the same where nobody asked for more: a change is then judged by what it changes."""
FIRST: Final = int(os.environ.get("LOCALFED_FUZZ_FIRST") or 0)
"""The number of the try to begin with: the one that failed."""
TRIES_LEAST: Final = 40
"""However slow the machine is."""

_BYTES_MOST: Final = 300_000
_SHOWN: Final = 3_000

Knock = Callable[[bytes], Any]
"""Takes bytes to a door; whatever it raises outside the tree of errors is a finding."""
Make = Callable[[random.Random], bytes]


async def fuzz(door: str, make: Make, knock: Knock) -> Counter[str]:
    """Knock until the time is over; returns how often which code came, "" where nothing was refused.

    Both may fail in any way: the failure tells the seed, the try and the bytes.
    """
    came: Counter[str] = Counter()
    end, number = time.monotonic() + SECONDS, FIRST
    while number < FIRST + TRIES_LEAST or time.monotonic() < end:
        sent = make(random.Random(f"{SEED}/{door}/{number}"))
        try:
            code = ""
            try:
                done = knock(sent)
                if inspect.isawaitable(done):
                    await done
            except LocalFedError as error:
                check_error(error)
                code = error.code
        except (Exception, asyncio.CancelledError) as error:
            told = f"LOCALFED_FUZZ_SEED={SEED} LOCALFED_FUZZ_FIRST={number}"
            message = f"{told}: {door}: {type(error).__name__}: {error}: {sent[:_SHOWN]!r}"
            raise AssertionError(message) from error
        came[code] += 1
        number += 1
        if number % 20 == 0:
            await asyncio.sleep(0)  # the site of the victim answers meanwhile
    return came


# --- changes of bytes ------------------------------------------------------------------------

TOKENS: Final = [
    b"null", b"true", b"false", b"0", b"-0", b"-1", b"1.5", b"1e999", b"1E400", b"NaN", b"Infinity",
    b"9007199254740991", b"9007199254740992", b"9" * 400, b"9" * 5_000, b'""', b"[]", b"{}", b"[", b"{", b"]", b"}",
    b"[" * 200, b'{"a":' * 60, b'"', b"'", b"\\", b"\\u0000", b"\\ud800", b"\\udc00\\ud800", b"\\/", b"\x00",
    b"\r", b"\n", b"\r\n", b"\n\n", b"\t", b" ", b",", b";", b":", b"|", b"=", b"#", b"%", b"%00", b"%ff", b"+",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80",
    "\u202e".encode(), "\u200b".encode(), "\u2028".encode(), "\ufeff".encode(), "a\u0301".encode() * 40,
    "\U0001f3f4".encode(), "\u0661\u0660".encode(), b"2026-02-30T00:00:00Z", b"0000-00-00T00:00:00Z",
    b"9999-12-31T23:59:59Z", b"2026-05-01T09:00:60Z", b"@context", b"proof", b"type", b"id", b"__proto__",
    b"did:webvh:", b"https://", b"http://127.0.0.1/", b"javascript:", b"../", b"//", b"z", b"zQm", b"Qm",
    b"=cmd|' /C calc'!A0", b"<script>", b"A" * 5_000,
]  # fmt: skip
"""What often stands where a reader forgot that it can."""

_PIECE: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|[A-Za-z_]+|[^\sA-Za-z0-9]')


def changed(chance: random.Random, corpus: Sequence[bytes]) -> bytes:
    """Take one of the corpus and change it a few times; what comes is never one of the corpus."""
    known = set(corpus)
    while True:
        data = chance.choice(corpus)
        for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
            data = chance.choice(_CHANGES)(chance, data, corpus)[:_BYTES_MOST]
        if data not in known:
            return data


def _place(chance: random.Random, data: bytes) -> tuple[int, int]:
    start = chance.randint(0, len(data))
    return start, min(len(data), start + chance.choice((1, 1, 2, 4, 16, 64, 1_000)))


def _flip(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(data)) if data else 0
    return (
        data[:at] + bytes([(data[at] if data else 0) ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    )


def _put(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _place(chance, data)
    return data[:start] + chance.choice(TOKENS) + data[chance.choice((start, end)) :]


def _put_piece(chance: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """Put something where a whole piece stood: a string, a number, a word, a sign."""
    pieces = list(_PIECE.finditer(data[:20_000]))
    if not pieces:
        return _put(chance, data, corpus)
    piece = chance.choice(pieces)
    other = list(_PIECE.finditer(chance.choice(corpus)[:20_000]))
    new = chance.choice(other).group() if other and chance.random() < 0.5 else chance.choice(TOKENS)
    return data[: piece.start()] + new + data[piece.end() :]


def _cut(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _place(chance, data)
    return data[:start] + (data[end:] if chance.random() < 0.8 else b"")


def _again(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _place(chance, data)
    return data[:end] + data[start:end] * chance.choice((1, 1, 2, 100)) + data[end:]


def _swap(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return b"\n".join(lines)


def _mix(chance: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    other = chance.choice(corpus)
    start, end = _place(chance, other)
    at = chance.randint(0, len(data))
    return data[:at] + (other[start:] if chance.random() < 0.3 else other[start:end]) + data[at:]


def _json(chance: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """Change what a line says, in canonical form: what looks at spelling lets it through."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    try:
        value = json.loads(lines[at])
    except (ValueError, RecursionError):
        return _put_piece(chance, data, corpus)
    lines[at] = written(other_value(chance, value))
    return b"\n".join(lines)


_CHANGES: Final = (
    _flip,
    _put,
    _put_piece,
    _put_piece,
    _cut,
    _again,
    _swap,
    _mix,
    _json,
    _json,
    _json,
)


# --- changes of values -----------------------------------------------------------------------

VALUES: Final[list[Any]] = [
    None, True, False, 0, 1, -1, 1.5, 2**53 - 1, 2**53, -(2**53), 10**40, "", " ", "x", "x" * 301,
    "x" * 10_001, "\u202eabc", "a\u200bb", "\ud800", "\x00", "\n", [], {}, [[]], [None], {"": ""}, [0] * 300,
    "2026-05-01T09:30:00Z", "2026-02-30T00:00:00Z", "2026-05-01T09:30:00+00:00", "9999-12-31T23:59:59Z",
    "1e5", "55.95", "-0", "91", "+1", "1.0000000", "en", "en-GB-oxendict-x-long", "xx-", "https://x.example/",
    "https://x@y.example/", "javascript:alert(1)", "http://[::1]/", "did:webvh:x", "head.json", "d/../x.json",
    "feed/1.json", "snapshot/1-1.json", "https://w3id.org/localfed/1.0", "https://w3id.org/localfed/1.999",
    "https://w3id.org/localfed/2.0", {"en": "x"}, {"en": ""}, {"xx": None}, {"@context": {}}, "Head", "Offer",
    "Organization", "Partnership", "Enquiry", "Event", "zQm" + "1" * 44, "Qm" + "1" * 44,
]  # fmt: skip
NAMES: Final = [
    "", "@context", "@id", "@graph", "proof", "proofs", "ext", "critical", "type", "id", "constructor", "Name",
    "n\u0061me", "a b", "ä", "https://x.example/a", "x" * 65,
]  # fmt: skip


def written(value: Any) -> bytes:
    """Write a value as canonical form has it, and what it does not allow as near as can be."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8", "surrogatepass")


def other_value(chance: random.Random, value: Any) -> Any:
    """Return a copy of a JSON value with one place in it changed: never the value itself."""
    value = json.loads(json.dumps(value))
    holders = [one for one in _containers(value) if one]
    if not holders or chance.random() < 0.02:
        return chance.choice(VALUES)
    holder = chance.choice(holders)
    key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    match chance.randrange(8):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[chance.choice(NAMES)] = holder[key]
        case 1:
            holder.insert(key, holder[key])
        case 2 if isinstance(holder, dict):
            holder[chance.choice(NAMES)] = chance.choice(VALUES)
        case 2:
            holder.append(chance.choice(VALUES))
        case 3:
            holder[key] = chance.choice(([holder[key]], {"en": holder[key]}, [holder[key]] * 60))
        case 4:
            holder[key] = _near(chance, holder[key])
        case 5:
            other = chance.choice(holders)
            holder[key] = json.loads(json.dumps(chance.choice(_children(other))))
        case _:
            holder[key] = chance.choice(VALUES)
    return value


def _near(chance: random.Random, value: Any) -> Any:
    """Return something of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return chance.choice((value + 1, value - 1, -value, value * 1_000, 0))
    if isinstance(value, str) and value:
        at = chance.randrange(len(value))
        return (
            value[:at]
            + chance.choice(("", value[at] * 2, "0", "z", "/", "%", "é"))
            + value[at + 1 :]
        )
    if isinstance(value, list):
        return list(reversed(value)) * chance.choice((1, 2))
    return value


def _containers(value: Any) -> list[Any]:
    found, stack = [], [value]
    while stack:
        one = stack.pop()
        if isinstance(one, dict | list):
            found.append(one)
            stack += _children(one)
    return found


def _children(holder: Any) -> list[Any]:
    return list(holder.values()) if isinstance(holder, dict) else list(holder)
