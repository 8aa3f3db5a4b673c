"""Teaching: the needs and offers that are learnt from, and that learning from some of them helps with others."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest

from judged.teach import PAIRS, USUAL, read_lines, read_rows, teach
from localfed.app.ports import Wording
from localfed.index.meaning import TAUGHT, Taught, WordVectors
from localfed.server.wiring import find_meaning, read_lexicon

MEMBERS = {"name", "description", "form", "category", "keywords", "cost", "audience", "match"}


@pytest.fixture(scope="module")
def lines():
    return read_lines()


def test_every_line_is_a_need_with_offers_that_are_judged():
    rows = list(read_rows())

    assert len(rows) > 8_000
    assert all(row.keys() == {"need", "offers"} and row["offers"] for row in rows)
    listings = [one for row in rows for one in (row["need"], *row["offers"])]
    assert all(one["name"] and one.keys() <= MEMBERS for one in listings)
    assert all(type(one["match"]) is bool for row in rows for one in row["offers"])
    without = sum(not any(one["match"] for one in row["offers"]) for row in rows)
    assert 0.25 < without / len(rows) < 0.45


def test_none_of_it_is_of_the_judged_sets():
    judged = {
        (one["name"], one.get("description"))
        for name in ("needs", "offers")
        for path in (PAIRS.parent / f"{name}.json", *PAIRS.parent.glob(f"towns/*/{name}.json"))
        for one in json.loads(path.read_text(encoding="utf-8"))
        if one.get("description")
    }

    written = {
        (one["name"], one.get("description"))
        for row in read_rows()
        for one in (row["need"], *row["offers"])
    }

    assert judged & written == set()


def test_how_usual_subjects_are_is_counted_from_them(lines):
    counted = Counter(
        code for line in lines for side in (line.need, *line.offers) for code in side.terms.about
    )
    first, *rows = USUAL.read_text(encoding="utf-8").splitlines()
    of = {code: int(number) for code, number in (row.split("\t") for row in rows)}

    assert int(first) == sum(1 + len(line.offers) for line in lines)
    assert of == dict(counted)


def test_what_was_learnt_knows_the_words_and_subjects_and_is_read_as_it_was_written(tmp_path):
    taught = Taught.read(TAUGHT)
    taught.write(tmp_path / "again.npz")
    again = Taught.read(tmp_path / "again.npz")

    assert taught.subjects.keys() == read_lexicon().subjects.keys()
    assert len(taught.words) > 10_000
    assert taught.words == again.words
    assert len(taught.shifts) == len(taught.words) + len(taught.subjects)
    assert np.abs(taught.shifts).max() > 0.1
    assert np.allclose(taught.shifts, again.shifts, atol=0.05)
    assert np.allclose(taught.needs, again.needs, atol=1 / 127)
    assert np.allclose(np.linalg.norm(taught.offers, axis=1), 1, atol=0.05)


def test_what_is_learnt_from_some_helps_with_others(lines, tmp_path):
    some, others = lines[::8], lines[1::8]
    before = likeness_of(find_meaning(), others)
    taught = teach(some, rounds=(40, 20))
    learnt = WordVectors(find_meaning()._folder, read_lexicon().labels)
    learnt.__dict__["_taught"] = taught
    plain = WordVectors(find_meaning()._folder, read_lexicon().labels)
    plain.__dict__["_taught"] = Taught(
        turn=np.eye(256, dtype=np.float32),
        words={},
        subjects={},
        shifts=np.zeros((0, 256), np.float32),
        needs=taught.needs @ np.zeros((taught.needs.shape[1], 256), np.float32),
        offers=taught.offers @ np.zeros((taught.offers.shape[1], 256), np.float32),
    )

    assert before > 0.5
    assert likeness_of(learnt, others) > likeness_of(plain, others) + 0.05


def likeness_of(meaning, lines):
    """How often a matching offer of a need is more like it than its near misses."""
    right = asked = 0
    for line in lines:
        if any(line.is_match) and not all(line.is_match):
            asked += 1
            found = meaning.likenesses(
                [line.need.terms.wording], [one.terms.wording for one in line.offers]
            )[0]
            best = max(range(len(found)), key=lambda at: found[at].of_both)
            right += line.is_match[best]
    return right / asked


def test_texts_without_words_are_like_nothing():
    nothing = Wording(words=[], subjects={})
    something = Wording(words=[("hall", "hall", 1.0)], subjects={})

    [[found]] = find_meaning().likenesses([nothing], [something])

    assert found.of_both == 0
