"""Teaching: what likeness of meaning is in a town, learnt from needs and offers that were written for it.

Here: the turn of the word vectors and the weights of words and subjects (a softmax over all offers, by Adam in numpy),
how usual subjects are. Not here: the features and their weights (`fit`), the judged set, of which nothing is looked at.
`python -m judged.teach` (with tests/ on the path, 5 minutes) writes both files into the package.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from localfed.app.comparing import Side, read_side
from localfed.index.meaning import TAUGHT, Taught
from localfed.interop import lexicon as lexicon_file
from localfed.protocol.listing import Cost, Need, Offer
from localfed.server.wiring import find_meaning, read_lexicon

PAIRS: Final = Path(__file__).parent / "pairs"
USUAL: Final = Path(lexicon_file.__file__).parent / "lexicon" / "usual.tsv"

_NOW: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
_ROUNDS: Final = 240
_DROPPED: Final = 0.5
"""How many words and subjects are left out in each round, so that none is relied upon."""
_DIRECTIONS: Final = 96
_KEPT: Final = 1_500
_AT_ONCE: Final = 1_000
"""Needs in a round, with all their offers: an offer of another need is one that does not match."""
_NEVER: Final = -1e4
_HELD: Final = 0.01
"""How strongly what is learnt is held to what it was before."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A need with the offers that were written for it."""

    need: Side
    offers: tuple[Side, ...]
    is_match: tuple[bool, ...]


def read_rows() -> Iterator[dict[str, Any]]:
    """Read the lines of all files."""
    for path in sorted(PAIRS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def read_lines() -> list[Line]:
    """Read all needs and offers, ready to be compared."""
    return [
        Line(
            need=read_side(listing_of(Need, row["need"]), read_lexicon(), _NOW),
            offers=tuple(
                read_side(listing_of(Offer, one), read_lexicon(), _NOW) for one in row["offers"]
            ),
            is_match=tuple(one["match"] for one in row["offers"]),
        )
        for row in read_rows()
    ]


def listing_of(kind: type[Need | Offer], row: dict[str, Any]) -> Need | Offer:
    """Make a listing of a row."""
    return kind(
        context="https://w3id.org/localfed/1.0",
        id="x",
        type=kind.__name__,
        issuer="x",
        revision=1,
        updated="2026-01-01T00:00:00Z",
        expires="2027-01-01T00:00:00Z",
        assured="2026-01-01T00:00:00Z",
        license="https://creativecommons.org/licenses/by/4.0/",
        name={"en": row["name"]},
        description={"en": row["description"]} if row.get("description") else None,
        keywords=tuple(row.get("keywords", ())),
        form=row.get("form"),
        category=tuple(row.get("category", ())),
        audience=tuple(row.get("audience", ())),
        cost=tuple(Cost(basis=one) for one in row.get("cost", ())),
    )


def write_usual(sides: Iterable[Side]) -> None:
    """Write of how many texts each subject is."""
    counted: Counter[str] = Counter()
    texts = 0
    for side in sides:
        texts += 1
        counted.update(side.terms.about.keys())
    rows = [f"{code}\t{number}" for code, number in sorted(counted.items())]
    USUAL.write_text("\n".join((str(texts), *rows)) + "\n", encoding="utf-8")


# --- learning ----------------------------------------------------------------------------------


class _Texts:
    """Texts as sparse rows: which word or subject, how much of it, of which text."""

    def __init__(self, sides: list[Side], stems: dict[str, int], codes: dict[str, int]) -> None:
        rows = [
            (text, at, weight)
            for text, side in enumerate(sides)
            for at, weight in (
                *((stems[stem], weight) for stem, weight in side.terms.weights.items()),
                *((len(stems) + codes[code], weight) for code, weight in side.terms.about.items()),
            )
        ]
        self.count = len(sides)
        text, at, weight = zip(*rows, strict=True)
        self.text, self.at, self.weight = np.array(text), np.array(at), np.array(weight, np.float32)


class _Adam:
    def __init__(self, shape: Any, rate: float) -> None:
        self._rate, self._step = rate, 0
        self._mean, self._square = np.zeros(shape, np.float32), np.zeros(shape, np.float32)

    def __call__(self, slope: Any) -> Any:
        self._step += 1
        self._mean = 0.9 * self._mean + 0.1 * slope
        self._square = 0.999 * self._square + 0.001 * slope**2
        mean = self._mean / (1 - 0.9**self._step)
        square = self._square / (1 - 0.999**self._step)
        return self._rate * mean / (np.sqrt(square) + 1e-8)


class Learner:
    """What is learnt: the turn, the weight of each word and subject, what likeness is none at all, and its scale."""

    def __init__(self, vectors: Any, usual: Any) -> None:
        self._vectors = vectors
        self._before = usual.astype(np.float32)
        self.turn = np.eye(vectors.shape[1], dtype=np.float32)
        self.more = np.zeros(len(vectors), np.float32)
        self.none, self.scale = 0.4, 2.5
        self._steps = {
            "turn": _Adam(self.turn.shape, 0.002),
            "more": _Adam(self.more.shape, 0.03),
            "none": _Adam((), 0.01),
            "scale": _Adam((), 0.01),
        }

    @property
    def weights(self) -> Any:
        """How much each word and subject counts."""
        return self._before * np.exp(self.more)

    def write(self, texts: _Texts) -> tuple[Any, Any, Any]:
        """Give texts as rows of length 1; what they were before the turn; and their lengths after it."""
        share = texts.weight * self.weights[texts.at]
        rows = np.zeros((texts.count, self._vectors.shape[1]), np.float32)
        # Texts come in order: one after the other is added up.
        edges = np.flatnonzero(np.r_[True, texts.text[1:] != texts.text[:-1]])
        rows[texts.text[edges]] = np.add.reduceat(
            share[:, None] * self._vectors[texts.at], edges, axis=0
        )
        turned = rows @ self.turn
        lengths = np.linalg.norm(turned, axis=1, keepdims=True) + 1e-9
        return turned / lengths, rows, lengths

    def step(self, needs: _Texts, offers: _Texts, wanted: Any, of_need: Any, beside: Any) -> float:
        """Go one step.

        Args: `wanted` (needs × offers, and a last column for none) adds up to 1 for each need; `beside`, of the same shape, is
        added to what is compared: much less than nothing for what is not to be compared.

        """
        need, need_rows, need_lengths = self.write(needs)
        offer, offer_rows, offer_lengths = self.write(offers)
        scale, some = float(np.exp(self.scale)), np.flatnonzero(wanted[:, :-1].sum(0))
        likeness = need @ offer.T
        to_offers = _softmax(
            np.c_[likeness, np.full(len(need), self.none, np.float32)] * scale + beside
        )
        to_needs = _softmax(likeness.T[some] * scale)
        right = np.zeros_like(to_needs)
        right[np.arange(len(some)), of_need[some]] = 1.0
        loss = -(wanted * np.log(to_offers + 1e-12)).sum() / len(need)
        loss -= 0.5 * (right * np.log(to_needs + 1e-12)).sum() / len(some)
        by_offers = (to_offers - wanted) / len(need)
        by_needs = 0.5 * (to_needs - right) / len(some)
        slope = by_offers[:, :-1].copy()
        slope[:, some] += by_needs.T
        by_scale = (slope * likeness).sum() + by_offers[:, -1].sum() * self.none
        turn, more = self._back(needs, need, need_rows, need_lengths, scale * slope @ offer)
        turn_2, more_2 = self._back(
            offers, offer, offer_rows, offer_lengths, scale * slope.T @ need
        )
        turn_held = 0.2 * _HELD * (self.turn - np.eye(len(self.turn)))
        more_held = 0.02 * _HELD * self.more
        self.turn -= self._steps["turn"](turn + turn_2 + turn_held)
        self.more -= self._steps["more"](more + more_2 + more_held)
        self.none -= float(self._steps["none"](scale * by_offers[:, -1].sum()))
        self.scale -= float(self._steps["scale"](scale * by_scale))
        return float(loss)

    def _back(
        self, texts: _Texts, written: Any, rows: Any, lengths: Any, slope: Any
    ) -> tuple[Any, Any]:
        """Carry the slope of the written texts back to the turn and to the weights."""
        turned = (slope - written * (slope * written).sum(1, keepdims=True)) / lengths
        before = turned @ self.turn.T
        each = np.einsum("ij,ij->i", before[texts.text], self._vectors[texts.at])
        each *= texts.weight * self.weights[texts.at]
        more = np.bincount(texts.at, weights=each, minlength=len(self.more))
        return rows.T @ turned, more


def _softmax(rows: Any) -> Any:
    powers = np.exp(rows - rows.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def _pose(
    lines: list[Line], stems: dict[str, int], codes: dict[str, int]
) -> tuple[_Texts, _Texts, Any, Any, Any]:
    """Make the question of a round: needs, offers, what is wanted of each need, of which need each offer is, and what is compared.

    Near misses of other needs are not: they are written in another style than matches (in nine of ten cases an offer alone tells
    which of the two it is), and that style would be learnt instead of meaning.
    """
    offers = [(number, one) for number, line in enumerate(lines) for one in line.offers]
    wanted = np.zeros((len(lines), len(offers) + 1), np.float32)
    flat = [is_match for line in lines for is_match in line.is_match]
    for at, ((number, _), is_match) in enumerate(zip(offers, flat, strict=True)):
        wanted[number, at] = float(is_match)
    wanted[:, -1] = wanted.sum(1) == 0
    wanted /= wanted.sum(1, keepdims=True)
    of_need = np.array([number for number, _ in offers])
    beside = np.zeros_like(wanted)
    beside[:, :-1] = np.where(np.array(flat), 0.0, _NEVER)
    beside[of_need, np.arange(len(offers))] = 0.0
    return (
        _Texts([line.need for line in lines], stems, codes),
        _Texts([one for _, one in offers], stems, codes),
        wanted,
        of_need,
        beside,
    )


def teach(lines: list[Line], rounds: int = _ROUNDS) -> Taught:
    """Learn from lines.

    Raises:
        RuntimeError: the extra is not installed.

    """
    lexicon, meaning = read_lexicon(), find_meaning()
    if meaning is None:
        message = "the extra for meaning is not installed"
        raise RuntimeError(message)
    sides = [side for line in lines for side in (line.need, *line.offers)]
    written = {stem: word for side in sides for stem, word in side.terms.written.items()}
    stems = {stem: at for at, stem in enumerate(written)}
    codes = {code: at for at, code in enumerate(lexicon.subjects)}
    vectors = np.array(
        [meaning.word(word) for word in written.values()]
        + [meaning.subject(code) for code in codes],
        np.float32,
    )
    counted = np.zeros(len(vectors))
    for side in sides:
        for stem in side.terms.weights:
            counted[stems[stem]] += 1
        for code in side.terms.about:
            counted[len(stems) + codes[code]] += 1
    rarity = np.log(1 + len(sides) / (1 + counted)) / np.log(1 + len(sides) / 2)
    rarity = np.minimum(rarity, 1.0)
    learner, chance = Learner(vectors, rarity), np.random.default_rng(0)
    for one in range(rounds):
        some = [
            lines[at] for at in chance.choice(len(lines), min(_AT_ONCE, len(lines)), replace=False)
        ]
        needs, offers, wanted, of_need, beside = _pose(some, stems, codes)
        for texts in (needs, offers):
            texts.weight = texts.weight * (chance.random(len(texts.weight)) >= _DROPPED)
        loss = learner.step(needs, offers, wanted, of_need, beside)
        if one % 20 == 19:
            print(f"round {one + 1}: {loss:.3f}", flush=True)  # noqa: T201
    weights = learner.weights
    left, strength, _ = np.linalg.svd(learner.turn)
    turn = (left * strength)[:, :_DIRECTIONS]
    taught = Taught(
        turn=turn,
        words=dict(zip(stems, weights[: len(stems)].tolist(), strict=True)),
        subjects=dict(zip(codes, weights[len(stems) :].tolist(), strict=True)),
        needs=None,
        offers=None,
    )
    known = [
        _turned(learner, _Texts([some[at] for at in _draw(chance, some)], stems, codes), turn)
        for some in ([line.need for line in lines], [one for line in lines for one in line.offers])
    ]
    return msgspec.structs.replace(taught, needs=known[0], offers=known[1])


def _draw(chance: Any, some: list[Side]) -> Any:
    return chance.choice(len(some), min(_KEPT, len(some)), replace=False)


def _turned(learner: Learner, texts: _Texts, turn: Any) -> Any:
    _, rows, _ = learner.write(texts)
    turned = rows @ turn
    return turned / (np.linalg.norm(turned, axis=1, keepdims=True) + 1e-9)


def _main() -> None:
    lines = read_lines()
    write_usual(side for line in lines for side in (line.need, *line.offers))
    teach(lines).write(TAUGHT)


if __name__ == "__main__":
    _main()
