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
        keys = {self._key(*one): one for one in texts}
        known = self._shelf.find(list(keys))
        return [one for key, one in keys.items() if key not in known]

    def read(self, texts: Sequence[tuple[Side, str]]) -> None:
        """Read texts and keep what they are as vectors.

        Raises:
            IndexBroken: it cannot be kept.

        """
        rows = self._reader.read([f"{side}: {text}" for side, text in texts])
        vectors = (rows * _UNIT).round().astype("int8")
        self._shelf.put(
            {self._key(*one): row.tobytes() for one, row in zip(texts, vectors, strict=True)}
        )

    def forget_others(self, texts: Iterable[tuple[Side, str]]) -> None:
        """Forget what is none of some texts.

        Raises:
            IndexBroken: it cannot be written.

        """
        self._shelf.keep_only(self._key(*one) for one in texts)

    @property
    def is_sound(self) -> bool:
        """Whether the model is the one that is known; looked at once."""
        return self._reader.is_sound

    def _key(self, side: Side, text: str) -> bytes:
        told = f"{self._reader.edition} {side}: {text}".encode()
        return hashlib.blake2b(told, digest_size=16).digest()

    def _rows(self, texts: Sequence[Wording], side: Side) -> Any:
        """Give the vectors of texts; None where one of them was not read."""
        import numpy

        keys = [self._key(side, one.text) for one in texts]
        try:
            found = self._shelf.find(list(set(keys)))
        except IndexBroken:
            return None  # what is derived is no reason to answer nothing
        if any(key not in found for key in keys):
            return None
        joined = b"".join(found[key] for key in keys)
        rows = numpy.frombuffer(joined, numpy.int8).reshape(-1, WIDTH).astype(numpy.float32)
        return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)
