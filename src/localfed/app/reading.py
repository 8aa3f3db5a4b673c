"""Reading: every offer and need that is here is read once by the sentence transformer, where there is one.

Here: which texts, in what order, a few at a time. Not here: the transformer and what it makes of them (the port `Reading`). What
is not read yet is compared by its words: `matching` asks for nothing to be read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import msgspec

from localfed.app.ports import Ports, Reading, Side
from localfed.app.terms import text_of
from localfed.app.values import DocumentState
from localfed.protocol.errors import IndexBroken
from localfed.protocol.listing import Need, Offer

_ROWS: Final = 500
_AT_ONCE: Final = 8
"""Texts between two looks at whether the node goes on: a second at most, on a slow machine."""

_REST: Final = 4
"""How much longer than it works it rests: whoever asks the node meanwhile has the processor."""

_LONGEST_SECONDS: Final = 2.0
"""How long it rests at most: a node that ends waits for it."""

_SIDES: Final[dict[str, tuple[Side, msgspec.json.Decoder[Offer | Need]]]] = {
    "Offer": (Side.OFFER, msgspec.json.Decoder(Offer)),
    "Need": (Side.NEED, msgspec.json.Decoder(Need)),
}


class Progress:
    """How far a process has come with reading."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._position = 0
        self._here: set[bytes] | None = set()
        """The keys of all that is here, until it was gone through once; then None."""
        self._one: tuple[Side, str] | None = None
        """Something that was read: where it is so no more, what was kept is gone."""
        self.times = 0
        """How often something was read."""
        self._has_failed = False
        """Whether what is read could not be kept, the last time: until it can be, there is nothing to wait for."""

    def is_current(self) -> bool:
        """Whether all that is here was read, or nothing is to be waited for."""
        reading = self._ports.reading
        if reading is None or not reading.is_sound or self._has_failed:
            return True
        return self._here is None and self._position >= self._ports.store.log_position()

    async def catch_up(self, goes_on: Callable[[], bool] = lambda: True, rest: int = _REST) -> int:
        """Read what came in since the last time; returns how many texts were read.

        Args: `rest` says how much longer than it works it rests.

        Raises:
            IndexBroken: what was read cannot be kept or looked up.
            StoreBusy, StoreBroken: by name.

        """
        reading = self._ports.reading
        if reading is None or not await asyncio.to_thread(lambda: reading.is_sound):
            return 0
        try:
            count = await self._read(reading, goes_on, rest)
        except IndexBroken:
            self._has_failed = True
            await asyncio.to_thread(reading.rest)
            raise
        self._has_failed = False
        if count:
            self.times += 1
        else:
            await asyncio.to_thread(reading.rest)  # it may be long until something comes
        return count

    async def _read(self, reading: Reading, goes_on: Callable[[], bool], rest: int) -> int:
        count = 0
        if self._one is not None:
            gone = await asyncio.to_thread(reading.unread, [self._one])
            if gone:
                self._position, self._here, self._one = 0, set(), None
        while goes_on() and (found := await _rested(rest, self._look)) is not None:
            position, texts = found
            unread = await asyncio.to_thread(reading.unread, texts)
            for start in range(0, len(unread), _AT_ONCE):
                if not goes_on():
                    return count
                part = unread[start : start + _AT_ONCE]
                await _rested(rest, reading.read, part)
                count += len(part)
            self._position = position
            self._one = texts[0] if texts else self._one
            if self._here is not None:
                self._here.update(map(reading.key, texts))
        if self._here is not None and goes_on():
            await asyncio.to_thread(reading.forget_others, self._here)
            self._here = None
        return count

    def _look(self) -> tuple[int, list[tuple[Side, str]]] | None:
        """Look what the next rows of the log name; None at its end."""
        rows = self._ports.store.log_after(self._position, _ROWS)
        if not rows:
            return None
        keys = dict.fromkeys((row.did, row.path) for row in rows)
        return rows[-1].position, [one for key in keys for one in self._text(*key)]

    def _text(self, did: str, path: str) -> list[tuple[Side, str]]:
        document = self._ports.store.document(did, path)
        if (
            document is None
            or document.type not in _SIDES
            or document.body is None
            or document.state is not DocumentState.LIVE
        ):
            return []
        side, reader = _SIDES[document.type]
        try:
            return [(side, text_of(reader.decode(document.body)))]
        except (msgspec.DecodeError, UnicodeDecodeError):
            return []


async def _rested(rest: int, work: Callable[..., Any], *given: Any) -> Any:
    """Do something on a thread, and rest."""
    time = asyncio.get_running_loop().time
    began = time()
    done = await asyncio.to_thread(work, *given)
    await asyncio.sleep(min(rest * (time() - began), _LONGEST_SECONDS))
    return done
