"""A mutator for bytes of any kind: seeded, so that a failure can be had again, and bounded in time.

Here: mutations by bytes, by tokens, by lines and by JSON structure, and the loop. Not here: the doors
(`test_fuzz`).
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

SECONDS: Final = float(os.environ.get("LOCALFED_FUZZ_SECONDS", "4"))
"""For each door."""

SEED: Final = int(os.environ.get("LOCALFED_FUZZ_SEED", "20260501"))

LEAST: Final = 50
"""Mutations of a door on any machine, however slow: fewer is no fuzzing."""

TOKENS: Final = (
    b"null",
    b"true",
    b"-0",
    b"1e999",
    b"NaN",
    b"9007199254740992",
    b"9" * 500,
    b"{}",
    b"[]",
    b'""',
    b"[" * 3_000,
    b'{"":' * 3_000,
    b"(" * 3_000,
    b'"@context":"x",',
    b'"@graph":[],',
    b'"proof":{},',
    b"\\u0000",
    b"\\ud83d",
    b"\xed\xa0\xbd",
    b"\xc0\x80",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    "\u202e".encode(),
    "\u200b".encode(),
    b"\0",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"%00",
    b"%ff",
    b"../",
    b"zQm" + b"1" * 44,
    b"did:webvh:",
    b"A" * 70_000,
    b";",
    b'"',
)

VALUES: Final = (
    None,
    True,
    False,
    0,
    -1,
    2**53,
    "",
    "x",
    "\0",
    [],
    {},
    [None],
    {"en": "x"},
    "x" * 400,
)


class Fuzz:
    """Mutations of a corpus until the time is over."""

    def __init__(self, door: str, corpus: Sequence[bytes]) -> None:
        self.door = door
        self.corpus = [one for one in corpus if one]
        self.random = random.Random(f"{SEED} {door}")
        self.tried = 0
        self.last = b""
        """What was sent last: what to look at when something broke."""

    def __iter__(self) -> Iterator[bytes]:
        """Give mutations until the time is over, but a few in any case."""
        sys.stdout.write(f"{self.door}: LOCALFED_FUZZ_SEED={SEED}\n")
        end = time.monotonic() + SECONDS
        while time.monotonic() < end or self.tried < LEAST:
            self.tried += 1
            self.last = self.mutation()
            yield self.last

    def mutation(self) -> bytes:
        """Give something that is near one of the corpus."""
        chance, body = self.random, self.random.choice(self.corpus)
        if chance.random() < 0.4:
            body = self._by_structure(body)
        for _ in range(chance.choice((0, 1, 1, 2, 5))):
            body = self._by_bytes(body)
        return body

    def _by_bytes(self, body: bytes) -> bytes:
        chance = self.random
        at = chance.randrange(len(body) + 1)
        end = min(len(body), at + int(chance.expovariate(0.05)))
        match chance.randrange(9):
            case 0:
                return body[:at]
            case 1:
                return body[:at] + body[end:]
            case 2:
                return body[:end] + body[at:]
            case 3:
                return body[:at] + chance.choice(TOKENS) + body[at:]
            case 4:
                return body[:at] + chance.choice(TOKENS) + body[end:]
            case 5:
                return body[:at] + chance.randbytes(end - at) + body[end:]
            case 6:
                other = chance.choice(self.corpus)
                return body[:at] + other[chance.randrange(len(other)) :]
            case 7:
                lines = body.split(b"\n")
                chance.shuffle(lines)
                return b"\n".join(lines)
            case _:
                if at == len(body):
                    return body
                return body[:at] + bytes([body[at] ^ 1 << chance.randrange(8)]) + body[at + 1 :]

    def _by_structure(self, body: bytes) -> bytes:
        """Change a value of one line, and write it as canonical form has it."""
        lines = body.split(b"\n")
        number = self.random.randrange(len(lines))
        try:
            value = json.loads(lines[number])
        except (ValueError, RecursionError):
            return body
        value = self._changed(value)
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        lines[number] = text.encode("utf-8", "surrogatepass")
        return b"\n".join(lines)

    def _changed(self, value: Any) -> Any:
        """Change one value somewhere inside."""
        chance = self.random
        if isinstance(value, dict) and value and chance.random() < 0.85:
            name = chance.choice(list(value))
            match chance.randrange(8):
                case 0:
                    return {key: one for key, one in value.items() if key != name}
                case 1:
                    return {**value, name + "x": value[name]}
                case 2:
                    return {**value, name: chance.choice(list(value.values()))}
                case _:
                    return {**value, name: self._changed(value[name])}
        if isinstance(value, list) and value and chance.random() < 0.85:
            at = chance.randrange(len(value))
            match chance.randrange(6):
                case 0:
                    return value[:at] + value[at + 1 :]
                case 1:
                    return value + value[at:]
                case _:
                    return [*value[:at], self._changed(value[at]), *value[at + 1 :]]
        if isinstance(value, str) and chance.random() < 0.6:
            at = chance.randrange(len(value) + 1)
            return (
                value[:at] + chance.choice(("x", "\n", "\0", "é", "", ":", "/..", "#")) + value[at:]
            )
        if type(value) is int and chance.random() < 0.6:
            return value + chance.choice((-1, 1, 2**31, 2**53))
        return chance.choice(VALUES)
