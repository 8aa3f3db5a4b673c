"""Teaching: what likeness of meaning is in a town, learnt from needs and offers that were written for it.

Here: the texts, the questions of each round, what a teacher says of them, how usual subjects are, what is written into the
package. Not here: the gradient (`learner`), the teacher (`teacher`), the features and their weights (`fit`), the judged set, of
which nothing is looked at. `python -m judged.teach` (with tests/ on the path, 15 minutes) writes both files; it needs what
`judged.teacher` wrote.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from judged.learner import Learner, Lesson, Question, Texts
from localfed.app.comparing import Side, read_side
from localfed.index.meaning import TAUGHT, Taught
from localfed.interop import lexicon as lexicon_file
from localfed.protocol.listing import Cost, Need, Offer
from localfed.server.wiring import find_meaning, read_lexicon

PAIRS: Final = Path(__file__).parent / "pairs"
USUAL: Final = Path(lexicon_file.__file__).parent / "lexicon" / "usual.tsv"
LESSONS: Final = Path(__file__).parents[2] / "build" / "teacher.npz"
"""What the teacher says: made anew where it is wanted, never committed."""

_NOW: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
_ROUNDS: Final = (240, 1_000)
"""First the turn and the weights; then, in fewer directions, the shifts too."""
_DROPPED: Final = 0.5
"""How many words and subjects are left out in each round, so that none is relied upon."""
_DIRECTIONS: Final = 96
_KEPT: Final = 1_000
_AT_ONCE: Final = (1_000, 800)
"""Needs in a round, with all their offers: an offer of another need is one that does not match."""
_OFTEN: Final = 2
"""In how many texts a word is that may shift."""
_SLOWEST: Final = 0.02
_NEVER: Final = -1e4


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A need with the offers that were written for it."""

    need: Side
    offers: tuple[Side, ...]
    is_match: tuple[bool, ...]


class Lessons(msgspec.Struct, frozen=True, kw_only=True):
    """What the teacher says: its vector of each text, as rows of length 1."""

    needs: Any
    offers: Any
    """Of all needs, one after the other."""
    scale: float
    """How sharp it is: what its likenesses are multiplied by before they are compared as powers."""

    @classmethod
    def read(cls, path: Path) -> Lessons:
        """Read them."""
        with np.load(path, allow_pickle=False) as found:
            rows = {name: found[name].astype(np.float32) for name in found.files}
        return cls(**{**rows, "scale": float(rows["scale"])})


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


class _Places:
    """Of each word and subject the place in what is learnt, and its vector."""

    def __init__(self, sides: list[Side]) -> None:
        meaning = find_meaning()
        if meaning is None:
            message = "the extra for meaning is not installed"
            raise RuntimeError(message)
        written = {stem: word for side in sides for stem, word in side.terms.written.items()}
        self.stems = {stem: at for at, stem in enumerate(written)}
        self.codes = {code: at for at, code in enumerate(read_lexicon().subjects)}
        self.vectors = np.array(
            [meaning.word(word) for word in written.values()]
            + [meaning.subject(code) for code in self.codes],
            np.float32,
        )
        counted = np.zeros(len(self.vectors))
        for side in sides:
            for stem in side.terms.weights:
                counted[self.stems[stem]] += 1
            for code in side.terms.about:
                counted[len(self.stems) + self.codes[code]] += 1
        rarity = np.log(1 + len(sides) / (1 + counted)) / np.log(1 + len(sides) / 2)
        self.usual = np.minimum(rarity, 1.0)
        self.may_shift = counted >= _OFTEN

    def write(self, sides: Iterable[Side]) -> Texts:
        """Write texts as sparse rows."""
        return Texts(list(sides), self.stems, self.codes)


def _pose(lines: list[Line], places: _Places) -> Question:
    """Make the question of a round.

    Near misses of other needs are not compared: they are written in another style than matches (in nine of ten cases an offer
    alone tells which of the two it is), and that style would be learnt instead of meaning.
    """
    of_need = np.repeat(np.arange(len(lines)), [len(line.offers) for line in lines])
    is_match = np.array([one for line in lines for one in line.is_match])
    at = np.arange(len(of_need))
    wanted = np.zeros((len(lines), len(at) + 1), np.float32)
    wanted[of_need, at] = is_match
    wanted[:, -1] = wanted.sum(1) == 0
    wanted /= wanted.sum(1, keepdims=True)
    beside = np.zeros_like(wanted)
    beside[:, :-1] = np.where(is_match, 0.0, _NEVER)
    beside[of_need, at] = 0.0
    return Question(
        needs=places.write(line.need for line in lines),
        offers=places.write(one for line in lines for one in line.offers),
        wanted=wanted,
        of_need=of_need,
        beside=beside,
    )


class Asking:
    """Questions and lessons, drawn by chance."""

    def __init__(self, lines: list[Line], lessons: Lessons | None) -> None:
        self._chance = np.random.default_rng(0)
        self._lines, self._lessons = lines, lessons
        self._first = np.cumsum([0, *(len(line.offers) for line in lines)])
        sides = [side for line in lines for side in (line.need, *line.offers)]
        self.places = _Places(sides)

    def draw(self, count: int) -> tuple[Question, Lesson | None]:
        """Draw some needs, with all their offers, and what the teacher says of them."""
        some = self._chance.choice(len(self._lines), min(count, len(self._lines)), replace=False)
        question = _pose([self._lines[one] for one in some], self.places)
        for texts in (question.needs, question.offers):
            texts.drop(self._chance, _DROPPED)
        if self._lessons is None:
            return question, None
        offers = np.concatenate([np.arange(self._first[one], self._first[one + 1]) for one in some])
        needs = self._lessons.scale * self._lessons.needs[some]
        return question, Lesson(
            of_offers=needs @ self._lessons.offers[offers].T,
            of_needs=needs @ self._lessons.needs[some].T,
        )

    def draw_some(self, sides: list[Side]) -> Texts:
        """Draw some texts to be remembered."""
        some = self._chance.choice(len(sides), min(_KEPT, len(sides)), replace=False)
        return self.places.write(sides[one] for one in some)


def teach(
    lines: list[Line], lessons: Lessons | None = None, rounds: tuple[int, int] = _ROUNDS
) -> Taught:
    """Learn from lines, and from what a teacher says of all of them.

    Raises:
        RuntimeError: the extra is not installed.

    """
    asking = Asking(lines, lessons)
    places = asking.places
    learner = Learner(places.vectors, places.usual, places.may_shift)
    for one in range(rounds[0]):
        _tell(one, learner.step(asking.draw(_AT_ONCE[0])[0]))
    learner.narrow(_DIRECTIONS)
    for one in range(rounds[1]):
        pace = _SLOWEST + 0.5 + 0.5 * math.cos(math.pi * one / rounds[1])
        _tell(one, learner.step(*asking.draw(_AT_ONCE[1]), pace=pace))
    weights, count = learner.weights.tolist(), len(places.stems)
    needs, offers = (
        learner.write(asking.draw_some(some)).rows
        for some in ([line.need for line in lines], [one for line in lines for one in line.offers])
    )
    return Taught(
        turn=learner.turn,
        words=dict(zip(places.stems, weights[:count], strict=True)),
        subjects=dict(zip(places.codes, weights[count:], strict=True)),
        shifts=learner.shifts,
        needs=needs,
        offers=offers,
    )


def _tell(number: int, loss: float) -> None:
    if number % 20 == 19:
        print(f"round {number + 1}: {loss:.3f}", flush=True)  # noqa: T201


def _main() -> None:
    lines = read_lines()
    write_usual(side for line in lines for side in (line.need, *line.offers))
    teach(lines, Lessons.read(LESSONS)).write(TAUGHT)


if __name__ == "__main__":
    _main()
