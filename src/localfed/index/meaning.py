"""Meaning: how alike two texts are beyond the words that they share, by a table of word vectors and what was learnt of it.

Here: reading the table, a text as the sum of its words and subjects, cosines. The table is that of WordLlama (MIT), inside
its wheel: nothing is downloaded and its code is not run. It is an extra (`pip install localfed[meaning]`): without it,
matching goes by words, subjects, place and what is said in fields. What of the table matters in a town, how much each word and
subject counts and where it means something else there, was learnt by `tests/judged/teach.py` and lies beside this file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from threading import Lock
from typing import Any, Final

import msgspec

from localfed.app.ports import Likeness, Meaning, Wording

TAUGHT: Final = Path(__file__).with_name("taught.npz")
"""What was learnt."""

_TABLE: Final = "weights/l2_supercat_256.safetensors"
_TOKENS: Final = "tokenizers/l2_supercat_tokenizer_config.json"
_DIMENSIONS: Final = 256
_REMEMBERED: Final = 40_000  # words: 15 MB at most, and no town has so many
_UNIT: Final = 127.0
_STEP: Final = 0.25
"""How coarsely shifts are kept, as a share of how much they differ."""
_NEAREST: Final = 5
_PARTS: Final = ("numpy", "safetensors", "tokenizers")

Labels = Callable[[str], Iterable[tuple[Sequence[str], float]]]
"""Gives the words of a subject, each label as words and how sure it is."""


class Taught(msgspec.Struct, frozen=True, kw_only=True):
    """What was learnt."""

    turn: Any
    """256 × n: which directions of the table matter."""
    words: dict[str, float]
    """How much a word counts, by its stem; 1 for any other."""
    subjects: dict[str, float]
    """How much a subject of the lexicon counts."""
    shifts: Any
    """What is added to each of these words, then of these subjects, after the turn: (words + subjects) × n."""
    needs: Any
    offers: Any
    """Some that were learnt from, as rows of length 1: m × n."""

    def write(self, path: Path) -> None:
        """Write it."""
        import numpy

        arrays: dict[str, Any] = {"turn": self.turn.astype(numpy.float16)}
        for name, weights in (("words", self.words), ("subjects", self.subjects)):
            arrays[name] = numpy.frombuffer("\n".join(weights).encode(), numpy.uint8)
            arrays[f"of_{name}"] = numpy.array(list(weights.values()), numpy.float16)
        for name, rows in (("needs", self.needs), ("offers", self.offers)):
            arrays[name] = numpy.round(rows * _UNIT).astype(numpy.int8)
        # Coarse, so that the file stays small: that is far below what they differ by from one learning to the next.
        step = numpy.float32(max(_STEP * self.shifts.std(), numpy.abs(self.shifts).max() / _UNIT))
        arrays["step"] = step
        arrays["shifts"] = numpy.round(self.shifts / (step or 1.0)).astype(numpy.int8)
        numpy.savez_compressed(path, **arrays)

    @classmethod
    def read(cls, path: Path) -> Taught:
        """Read it."""
        import numpy

        with numpy.load(path, allow_pickle=False) as found:
            words, subjects = (
                dict(
                    zip(
                        found[name].tobytes().decode().split("\n"),
                        found[f"of_{name}"].tolist(),
                        strict=True,
                    )
                )
                for name in ("words", "subjects")
            )
            turn, needs, offers = (
                found[name].astype(numpy.float32) for name in ("turn", "needs", "offers")
            )
            shifts = found["shifts"] * found["step"].astype(numpy.float16)
        return cls(
            turn=turn,
            words=words,
            subjects=subjects,
            shifts=shifts,
            needs=needs / _UNIT,
            offers=offers / _UNIT,
        )


class WordVectors(Meaning):
    """Likeness by word vectors. Made by `find`; the table is read at the first question."""

    def __init__(self, folder: Path, labels: Labels) -> None:
        self._folder = folder
        self._labels = labels
        self._places: dict[str, int] = {}
        self._lock = Lock()

    @classmethod
    def find(cls, labels: Labels) -> WordVectors | None:
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
        return cls(folder, labels) if is_whole else None

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

    @cached_property
    def _taught(self) -> Taught:
        return Taught.read(TAUGHT)

    @cached_property
    def _shifted(self) -> dict[str, int]:
        """Say which row of the shifts is whose."""
        keys = (*self._taught.words, *map(_key_of, self._taught.subjects))
        return {key: at for at, key in enumerate(keys)}

    @cached_property
    def _rows(self) -> Any:
        """Make room for words and subjects as they come: turned and weighed."""
        shape = (_REMEMBERED, self._taught.turn.shape[1])
        return self._numpy.zeros(shape, self._numpy.float32)

    def likenesses(
        self, needs: Sequence[Wording], offers: Sequence[Wording]
    ) -> list[list[Likeness]]:
        """Say of each need how alike each offer is to it."""
        with self._lock:
            if len(self._places) > _REMEMBERED // 2:
                self._places.clear()
            rows = self._write((*needs, *offers))
        need_rows, offer_rows = rows[: len(needs)], rows[len(needs) :]
        of_needs = self._nearest(need_rows, self._taught.offers)
        of_offers = self._nearest(offer_rows, self._taught.needs)
        return [
            [
                Likeness(of_both=both, of_need=of_need, of_offer=of_offer)
                for both, of_offer in zip(row, of_offers, strict=True)
            ]
            for row, of_need in zip((need_rows @ offer_rows.T).tolist(), of_needs, strict=True)
        ]

    def _nearest(self, rows: Any, known: Any) -> list[float]:
        """Say how alike each row is to the nearest of what is known."""
        likenesses = self._numpy.partition(rows @ known.T, -_NEAREST, axis=1)
        nearest: list[float] = likenesses[:, -_NEAREST:].mean(axis=1).tolist()
        return nearest

    def word(self, word: str) -> Any:
        """Give the vector of a word as the table has it: the mean of its pieces, of length 1, or nothing."""
        numpy = self._numpy
        ids = [one for one in self._tokenizer.encode(word, add_special_tokens=False).ids if one]
        if not ids:
            return numpy.zeros(_DIMENSIONS, numpy.float32)
        return self._unit(self._table[ids].astype(numpy.float32).mean(0))

    def subject(self, code: str) -> Any:
        """Give the vector of a subject: the mean of its labels, of length 1."""
        total = self._numpy.zeros(_DIMENSIONS, self._numpy.float32)
        for words, sure in self._labels(code):
            total += sure * self._numpy.mean([self.word(word) for word in words], axis=0)
        return self._unit(total)

    def _write(self, texts: Sequence[Wording]) -> Any:
        """Write texts as rows of length 1: one after the other is added up."""
        numpy = self._numpy
        places: list[int] = []
        weights: list[float] = []
        edges: list[int] = []
        for text in texts:
            edges.append(len(places))
            # Nothing at all, so that a text without words is a row, too.
            places.append(0)
            weights.append(0.0)
            for stem, word, weight in text.words:
                places.append(self._place_word(stem, word))
                weights.append(weight)
            for code, weight in text.subjects.items():
                places.append(self._place_subject(code))
                weights.append(weight)
        rows = self._rows[places] * numpy.array(weights, numpy.float32)[:, None]
        total = numpy.add.reduceat(rows, edges, axis=0)
        lengths = numpy.linalg.norm(total, axis=1, keepdims=True)
        return total / numpy.where(lengths, lengths, 1.0)

    def _place_word(self, stem: str, word: str) -> int:
        place = self._places.get(stem)
        if place is None:
            place = self._keep(stem, self.word(word) * self._taught.words.get(stem, 1.0))
        return place

    def _place_subject(self, code: str) -> int:
        key = _key_of(code)
        place = self._places.get(key)
        if place is None:
            place = self._keep(key, self.subject(code) * self._taught.subjects.get(code, 0.0))
        return place

    def _keep(self, key: str, vector: Any) -> int:
        place = self._places[key] = len(self._places)
        self._rows[place] = vector @ self._taught.turn
        shifted = self._shifted.get(key)
        if shifted is not None:
            self._rows[place] += self._taught.shifts[shifted]
        return place

    def _unit(self, vector: Any) -> Any:
        length = self._numpy.linalg.norm(vector)
        return vector / length if length else vector


def _key_of(code: str) -> str:
    return f"={code}"  # no stem begins so
