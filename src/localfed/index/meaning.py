"""Meaning: how alike two texts are beyond the words that they share, by a table of word vectors.

Here: reading the table, a text as the mean of its words, cosines. The table is that of WordLlama (MIT), inside its
wheel: nothing is downloaded and its code is not run. It is an extra (`pip install localfed[meaning]`):
without it, matching goes by words, place and what is said in fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

from localfed.app.ports import Meaning

_TABLE: Final = "weights/l2_supercat_256.safetensors"
_TOKENS: Final = "tokenizers/l2_supercat_tokenizer_config.json"
_DIMENSIONS: Final = 256
_REMEMBERED: Final = 50_000  # words: 50 MB at most, and no town has so many

Weighted = Sequence[tuple[str, float]]


_PARTS: Final = ("numpy", "safetensors", "tokenizers")


class WordVectors(Meaning):
    """Likeness by word vectors. Made by `find`; the table is read at the first question."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._vector = lru_cache(maxsize=_REMEMBERED)(self._read_vector)

    @classmethod
    def find(cls) -> WordVectors | None:
        """Find the table on this machine; None where the extra is not installed. Reads nothing yet."""
        try:
            found = distribution("wordllama")
            for part in _PARTS:
                distribution(part)
        except PackageNotFoundError:
            return None
        folder = Path(str(found.locate_file("wordllama")))
        # Another version may have other files: it goes without.
        is_whole = (folder / _TABLE).is_file() and (folder / _TOKENS).is_file()
        return cls(folder) if is_whole else None

    @cached_property
    def _numpy(self) -> Any:
        import numpy

        return numpy

    @cached_property
    def _table(self) -> Any:
        """Read the table: 0.3 s and 50 MB."""
        from safetensors.numpy import load_file

        [table] = load_file(self._folder / _TABLE).values()
        return table

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self._folder / _TOKENS))

    def likenesses(self, one: Weighted, others: Sequence[Weighted]) -> list[float]:
        """Give the cosine of one text with each of others; their words come with weights."""
        numpy = self._numpy
        rows = numpy.stack([self._text(other) for other in others])
        return [float(cosine) for cosine in rows @ self._text(one)]

    def _text(self, words: Weighted) -> Any:
        numpy = self._numpy
        total = numpy.zeros(_DIMENSIONS, numpy.float32)
        for word, weight in words:
            total += self._vector(word) * weight
        return self._unit(total)

    def _read_vector(self, word: str) -> Any:
        numpy = self._numpy
        ids = [one for one in self._tokenizer.encode(word, add_special_tokens=False).ids if one]
        if not ids:
            return numpy.zeros(_DIMENSIONS, numpy.float32)
        return self._unit(self._table[ids].astype(numpy.float32).mean(0))

    def _unit(self, vector: Any) -> Any:
        length = self._numpy.linalg.norm(vector)
        return vector / length if length else vector
