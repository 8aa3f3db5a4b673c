"""Reading: every offer and need that is here is read once by the sentence transformer, where there is one.

Here: which texts, in what order, a few at a time. Not here: the transformer and what it makes of them (the port `Reading`). What
is not read yet is compared by its words: `matching` asks for nothing to be read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec

from localfed.app.ports import Ports, Reading, Side
from localfed.app.terms import text_of
from localfed.app.values import DocumentState
from localfed.protocol.listing import Need, Offer

_ROWS: Final = 500
_AT_ONCE: Final = 8
"""Texts between two looks at whether the node goes on: a quarter of a second at most."""

_REST: Final = 4
"""How much longer than it reads it rests: whoever asks the node meanwhile has the processor."""

_SIDES: Final[dict[str, tuple[Side, msgspec.json.Decoder[Offer | Need]]]] = {
    "Offer": (Side.OFFER, msgspec.json.Decoder(Offer)),
    "Need": (Side.NEED, msgspec.json.Decoder(Need)),
}


class Progress:
    """How far a process has come with reading."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._position = 0
        self._seen: set[tuple[Side, str]] | None = set()
        """All that is here, until it was gone through once; then None."""

    async def catch_up(self, goes_on: Callable[[], bool] = lambda: True, rest: int = _REST) -> int:
        """Read what came in since the last time; returns how many texts were read.

        Args: `rest` says how much longer than it reads it rests.

        Raises:
            IndexBroken: the file of what was read cannot be written.
            StoreBusy, StoreBroken: by name.

        """
        reading, count = self._ports.reading, 0
        if reading is None or not await asyncio.to_thread(lambda: reading.is_sound):
            return 0
        while goes_on() and (rows := await asyncio.to_thread(self._look)) is not None:
            position, texts = rows
            unread = await asyncio.to_thread(reading.unread, texts)
            for start in range(0, len(unread), _AT_ONCE):
                if not goes_on():
                    return count
                part = unread[start : start + _AT_ONCE]
                seconds = await _timed(reading, part)
                count += len(part)
                await asyncio.sleep(rest * seconds)
            self._position = position
            if self._seen is not None:
                self._seen.update(texts)
        if self._seen is not None and goes_on():
            await asyncio.to_thread(reading.forget_others, self._seen)
            self._seen = None
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


async def _timed(reading: Reading, part: list[tuple[Side, str]]) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.to_thread(reading.read, part)
    return loop.time() - began
