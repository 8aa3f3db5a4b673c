"""Readings: what was read as sentences, looked up, and likeness by it.

Here: which vector belongs to which text, likeness of words and of readings as one. Not here: reading itself (`reader`), which
texts are read when (`app/reading.py`), the file (`store/shelf.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from localfed.app.ports import Likeness, Meaning, Reading, Shelf, Side, Wording
from localfed.index.meaning import WordVectors
from localfed.index.reader import WIDTH, Reader
from localfed.protocol.errors import IndexBroken

_UNIT: Final = 127.0


class Readings(Meaning, Reading):
    """Likeness by word vectors, and by what was read where all of it was."""

    def __init__(self, shelf: Shelf, words: WordVectors, reader: Reader) -> None:
        self._shelf = shelf
        self._words = words
        self._reader = reader

    def likenesses(
        self, needs: Sequence[Wording], offers: Sequence[Wording]
    ) -> list[list[Likeness]]:
        """Say of each need how alike each offer is to it: by readings too where each of them was read."""
        by_words = self._words.likenesses(needs, offers)
        rows = self._rows(needs, Side.NEED), self._rows(offers, Side.OFFER)
        if rows[0] is None or rows[1] is None:
            return by_words
        return [
            [
                msgspec.structs.replace(one, of_both=(one.of_both + read) / 2, is_read=True)
                for one, read in zip(row, of_need, strict=True)
            ]
            for row, of_need in zip(by_words, (rows[0] @ rows[1].T).tolist(), strict=True)
        ]

    def unread(self, texts: Iterable[tuple[Side, str]]) -> list[tuple[Side, str]]:
        """Say which of some texts were not read yet; each once.

        Raises:
            IndexBroken: what was read cannot be looked up.

        """
        keys = {self.key(one): one for one in texts}
        known = self._find(keys)
        return [one for key, one in keys.items() if key not in known]

    def read(self, texts: Sequence[tuple[Side, str]]) -> None:
        """Read texts and keep what they are as vectors.

        Raises:
            IndexBroken: it cannot be kept.

        """
        rows = self._reader.read([f"{side}: {text}" for side, text in texts])
        vectors = (rows * _UNIT).round().astype("int8")
        self._shelf.put(
            {self.key(one): row.tobytes() for one, row in zip(texts, vectors, strict=True)}
        )

    def key(self, text: tuple[Side, str]) -> bytes:
        """Give the key of a text: 16 bytes, of its side, of itself and of the edition of the reader."""
        told = f"{self._reader.edition} {text[0]}: {text[1]}".encode()
        return hashlib.blake2b(told, digest_size=16).digest()

    def forget_others(self, keys: Iterable[bytes]) -> None:
        """Forget what has none of some keys.

        Raises:
            IndexBroken: it cannot be written.

        """
        self._shelf.keep_only(keys)

    def rest(self) -> None:
        """Let go of what is only needed to read."""
        self._reader.rest()

    @property
    def is_sound(self) -> bool:
        """Whether the model is the one that is known; looked at once."""
        return self._reader.is_sound

    def _find(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Look up vectors; what is none is not there."""
        found = self._shelf.find(list(keys))
        return {key: one for key, one in found.items() if len(one) == WIDTH and any(one)}

    def _rows(self, texts: Sequence[Wording], side: Side) -> Any:
        """Give the vectors of texts; None where one of them was not read."""
        import numpy

        keys = [self.key((side, one.text)) for one in texts]
        try:
            found = self._find(set(keys))
        except IndexBroken:
            return None  # what is derived is no reason to answer nothing
        if any(key not in found for key in keys):
            return None
        joined = b"".join(found[key] for key in keys)
        rows = numpy.frombuffer(joined, numpy.int8).reshape(-1, WIDTH).astype(numpy.float32)
        return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)
