"""The learner: its slopes are those of its losses, and it comes to find alike what a teacher does."""

from __future__ import annotations

import numpy as np
import pytest

from judged.learner import Learner
from judged.teach import Asking, Lessons, read_lines, teach
from localfed.index.meaning import WordVectors
from localfed.server.wiring import find_meaning, read_lexicon

GROUPS = 4


@pytest.fixture(scope="module")
def lines():
    return read_lines()[:200:5]


@pytest.fixture(scope="module")
def lessons(lines):
    """A teacher to whom all texts of a group are the same, and nothing else is alike."""
    groups = np.eye(GROUPS, dtype=np.float32)
    of_offers = [number % GROUPS for number, line in enumerate(lines) for _ in line.offers]
    return Lessons(
        needs=groups[np.arange(len(lines)) % GROUPS], offers=groups[of_offers], scale=10.0
    )


@pytest.mark.parametrize("name", ["turn", "more", "shifts", "none", "scale"])
@pytest.mark.parametrize("is_taught", [False, True])
def test_slopes_are_those_of_what_is_wrong(lines, lessons, name, is_taught):
    asking = Asking(lines, lessons)
    learner = Learner(asking.places.vectors, asking.places.usual, asking.places.may_shift)
    learner.narrow(8)
    question, lesson = asking.draw(20)
    lesson = lesson if is_taught else None
    for _ in range(3):
        learner.step(question, lesson)
    _, slopes = learner.judge(question, lesson)
    before, slope = getattr(learner, name), getattr(slopes, name)
    way = np.random.default_rng(0).normal(size=np.shape(before))
    way += np.sign(slope) * np.abs(way)  # not across the slope
    step = 1e-3

    losses = []
    for side in (1, -1):
        setattr(learner, name, np.asarray(before + side * step * way, np.float64))
        losses.append(learner.judge(question, lesson)[0])

    assert (losses[0] - losses[1]) / (2 * step) == pytest.approx((slope * way).sum(), rel=0.05)


def test_what_a_teacher_finds_alike_becomes_alike(lines, lessons):
    before, after = apart(find_meaning(), lines), []
    for said in (None, lessons):
        learnt = WordVectors(find_meaning()._folder, read_lexicon().labels)
        learnt.__dict__["_taught"] = teach(lines, said, rounds=(1, 60))
        after.append(apart(learnt, lines))

    assert abs(before) < 0.1
    assert after[1] > after[0] + 0.3


def apart(meaning, lines):
    """How much more alike needs and offers of one group are than those of two."""
    found = meaning.likenesses(
        [line.need.terms.wording for line in lines],
        [one.terms.wording for line in lines for one in line.offers],
    )
    likeness = np.array([[one.of_both for one in row] for row in found])
    needs = np.arange(len(lines)) % GROUPS
    offers = [number % GROUPS for number, line in enumerate(lines) for _ in line.offers]
    is_same = needs[:, None] == np.array(offers)[None, :]
    return likeness[is_same].mean() - likeness[~is_same].mean()
