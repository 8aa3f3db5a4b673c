"""The learner: what is learnt of the word vectors, by gradient in numpy.

Here: the turn of the vectors, the weight and the shift of each word and subject, what likeness is none at all; the slopes of two
losses (which offer meets a need; what a teacher finds alike). Not here: which texts are learnt from, in what order (`teach`).
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np

from localfed.app.comparing import Side

_HELD: Final = 0.01
"""How strongly what is learnt is held to what it was before."""
_SHIFTS_HELD: Final = 2e-5
_NEVER: Final = -1e4
_BY_NEEDS: Final = 0.5
"""What the question the other way round counts: which need an offer is for."""


class Texts:
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

    def drop(self, chance: Any, share: float) -> None:
        """Leave words and subjects out by chance."""
        self.weight = self.weight * (chance.random(len(self.weight)) >= share)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Which of many offers meets each of some needs?"""

    needs: Texts
    offers: Texts
    wanted: Any
    """Needs × offers, and a last column for none: adds up to 1 for each need."""
    of_need: Any
    """For each offer the need that it was written for."""
    beside: Any
    """Of the shape of `wanted`: added to what is compared, much less than nothing for what is not to be compared."""


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """How alike a teacher finds the texts of a question, as powers."""

    of_offers: Any
    """Needs × offers."""
    of_needs: Any
    """Needs × needs."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """Texts as rows of length 1, and what they were made of."""

    texts: Texts
    rows: Any
    before: Any
    """Their words, before the turn."""
    lengths: Any


class Learner:
    """What is learnt."""

    def __init__(self, vectors: Any, usual: Any, may_shift: Any) -> None:
        self._vectors = vectors
        self._before = usual.astype(np.float32)
        self._may_shift = may_shift[:, None].astype(np.float32)
        self._first_turn = np.eye(vectors.shape[1], dtype=np.float32)
        self.turn = self._first_turn.copy()
        self.more = np.zeros(len(vectors), np.float32)
        self.shifts: Any = None
        """Of each word and subject, after the turn; none are learnt before `narrow`."""
        self.none, self.scale = 0.4, 2.5
        self._rates = {"turn": 0.002, "more": 0.03, "none": 0.01, "scale": 0.01}
        self._start()

    def _start(self) -> None:
        shapes = {"turn": self.turn.shape, "more": self.more.shape, "none": (), "scale": ()}
        if self.shifts is not None:
            shapes["shifts"] = self.shifts.shape
        self._steps = {name: _Adam(shape) for name, shape in shapes.items()}

    def narrow(self, directions: int) -> None:
        """Go on with fewer directions, those that matter most, and learn shifts from now on."""
        left, strength, _ = np.linalg.svd(self.turn)
        self.turn = (left * strength)[:, :directions]
        self._first_turn = self.turn.copy()
        self.shifts = np.zeros((len(self._vectors), directions), np.float32)
        self._rates = {"turn": 0.001, "more": 0.02, "shifts": 0.01, "none": 0.01, "scale": 0.01}
        self._start()

    @property
    def weights(self) -> Any:
        """How much each word and subject counts."""
        return self._before * np.exp(self.more)

    def write(self, texts: Texts) -> Written:
        """Write texts."""
        share = texts.weight * self.weights[texts.at]
        before = _add_up(texts, share[:, None] * self._vectors[texts.at])
        turned = before @ self.turn
        if self.shifts is not None:
            turned += _add_up(texts, texts.weight[:, None] * self.shifts[texts.at])
        lengths = np.linalg.norm(turned, axis=1, keepdims=True) + 1e-9
        return Written(texts=texts, rows=turned / lengths, before=before, lengths=lengths)

    def step(self, asked: Question, lesson: Lesson | None = None, pace: float = 1.0) -> float:
        """Go one step; returns how wrong it was.

        Args: `pace` is a share of the usual rates.

        """
        loss, slopes = self.judge(asked, lesson)
        slopes.turn += 0.2 * _HELD * (self.turn - self._first_turn)
        slopes.more += 0.02 * _HELD * self.more
        if self.shifts is not None:
            slopes.shifts = (slopes.shifts + _SHIFTS_HELD * self.shifts) * self._may_shift
        for name, step in self._steps.items():
            change = self._rates[name] * pace * step(getattr(slopes, name))
            setattr(self, name, getattr(self, name) - change)
        return loss

    def judge(self, asked: Question, lesson: Lesson | None = None) -> tuple[float, Slopes]:
        """Say how wrong the answer to a question is, and which way is worse."""
        need, offer = self.write(asked.needs), self.write(asked.offers)
        slopes = Slopes(self)
        loss = self._answer(asked, need, offer, slopes)
        if lesson is not None:
            loss += self._imitate(lesson, need, offer, slopes)
        return loss, slopes

    def _answer(self, asked: Question, need: Written, offer: Written, slopes: Slopes) -> float:
        scale, some = float(np.exp(self.scale)), np.flatnonzero(asked.wanted[:, :-1].sum(0))
        likeness = need.rows @ offer.rows.T
        none = np.full((len(likeness), 1), self.none, np.float32)
        to_offers = _softmax(np.hstack([likeness, none]) * scale + asked.beside)
        to_needs = _softmax(likeness.T[some] * scale)
        right = np.zeros_like(to_needs)
        right[np.arange(len(some)), asked.of_need[some]] = 1.0
        loss = -(asked.wanted * np.log(to_offers + 1e-12)).sum() / len(likeness)
        loss -= _BY_NEEDS * (right * np.log(to_needs + 1e-12)).sum() / len(some)
        by_offers = (to_offers - asked.wanted) / len(likeness)
        slope = by_offers[:, :-1].copy()
        slope[:, some] += (_BY_NEEDS * (to_needs - right) / len(some)).T
        slopes.scale += scale * ((slope * likeness).sum() + by_offers[:, -1].sum() * self.none)
        slopes.none += scale * by_offers[:, -1].sum()
        slopes.add(need, scale * slope @ offer.rows)
        slopes.add(offer, scale * slope.T @ need.rows)
        return float(loss)

    def _imitate(self, lesson: Lesson, need: Written, offer: Written, slopes: Slopes) -> float:
        """Take texts for as alike as the teacher does."""
        scale, likeness = float(np.exp(self.scale)), need.rows @ offer.rows.T
        loss, by_offers = _differ(likeness * scale, lesson.of_offers)
        of_needs, by_needs = _differ(likeness.T * scale, lesson.of_offers.T)
        slope = by_offers + _BY_NEEDS * by_needs.T
        # Needs among themselves, each but with itself.
        never = _NEVER * np.eye(len(need.rows), dtype=np.float32)
        among = need.rows @ need.rows.T
        of_others, by_others = _differ(among * scale + never, lesson.of_needs + never)
        slopes.scale += scale * ((slope * likeness).sum() + _BY_NEEDS * (by_others * among).sum())
        slopes.add(offer, scale * slope.T @ need.rows)
        slopes.add(
            need,
            scale * (slope @ offer.rows + _BY_NEEDS * (by_others + by_others.T) @ need.rows),
        )
        return loss + _BY_NEEDS * (of_needs + of_others)

    def carry_back(self, of: Written, slope: Any) -> tuple[Any, Any, Any]:
        """Carry the slope of written texts back to the turn, the weights and the shifts."""
        texts = of.texts
        turned = (slope - of.rows * (slope * of.rows).sum(1, keepdims=True)) / of.lengths
        before = turned @ self.turn.T
        each = np.einsum("ij,ij->i", before[texts.text], self._vectors[texts.at])
        each *= texts.weight * self.weights[texts.at]
        more = np.bincount(texts.at, weights=each, minlength=len(self.more))
        shifts: Any = 0.0
        if self.shifts is not None:
            order = np.argsort(texts.at, kind="stable")
            at = texts.at[order]
            rows = texts.weight[order, None] * turned[texts.text[order]]
            edges = np.flatnonzero(np.r_[True, at[1:] != at[:-1]])
            shifts = np.zeros_like(self.shifts)
            shifts[at[edges]] = np.add.reduceat(rows, edges, axis=0)
        return of.before.T @ turned, more, shifts


class Slopes:
    """Of all that is learnt."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self.turn: Any = 0.0
        self.more: Any = 0.0
        self.shifts: Any = 0.0
        self.none: Any = 0.0
        self.scale: Any = 0.0

    def add(self, of: Written, slope: Any) -> None:
        """Add what the slope of written texts says of all."""
        turn, more, shifts = self._learner.carry_back(of, slope)
        self.turn, self.more, self.shifts = self.turn + turn, self.more + more, self.shifts + shifts


class _Adam:
    def __init__(self, shape: Any) -> None:
        self._step = 0
        self._mean, self._square = np.zeros(shape, np.float32), np.zeros(shape, np.float32)

    def __call__(self, slope: Any) -> Any:
        self._step += 1
        self._mean = 0.9 * self._mean + 0.1 * slope
        self._square = 0.999 * self._square + 0.001 * slope**2
        mean = self._mean / (1 - 0.9**self._step)
        square = self._square / (1 - 0.999**self._step)
        return mean / (np.sqrt(square) + 1e-8)


def _add_up(texts: Texts, parts: Any) -> Any:
    """Add up the parts of each text; they come in order."""
    rows = np.zeros((texts.count, parts.shape[1]), np.float32)
    edges = np.flatnonzero(np.r_[True, texts.text[1:] != texts.text[:-1]])
    rows[texts.text[edges]] = np.add.reduceat(parts, edges, axis=0)
    return rows


def _softmax(rows: Any) -> Any:
    powers = np.exp(rows - rows.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def _differ(found: Any, wanted: Any) -> tuple[float, Any]:
    """Say how much what is found alike differs from what is wanted, row by row (Kullback-Leibler), and its slope."""
    of_found, of_wanted = _softmax(found), _softmax(wanted)
    loss = (of_wanted * (np.log(of_wanted + 1e-12) - np.log(of_found + 1e-12))).sum()
    return float(loss) / len(found), (of_found - of_wanted) / len(found)
