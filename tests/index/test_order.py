"""The order of results is the stated blend: compared with the same computed naively, both ways."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.entries import (
    EDINBURGH,
    GLASGOW,
    LEITH,
    LONDON,
    NOW,
    ask,
    entry,
    fill,
    km_between,
    names,
)
from localfed.app.index_values import OLD_SECONDS, Sort
from localfed.app.values import Kind, Point
from localfed.index import around, circle, few, snapshot
from localfed.index.blend import REACHABLE
from localfed.index.cells import pack, unpack
from localfed.index.fields import number_of
from localfed.index.tantivy_index import TantivyIndex

LONG_AGO = OLD_SECONDS + 86_400
WORDS = ["bread", "garden", "repair", "choir"]
CATEGORIES = ["Food", "food", "Energy", "Arts"]
WAYS = ["few", "many"]


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    """Both ways to answer: reading all that match, and reading no more than is needed.

    For the second the real thresholds, of thousands of documents, are lowered to a few.
    """
    take_way(request.param, monkeypatch)
    return request.param


def take_way(name, monkeypatch):
    if name == "many":
        monkeypatch.setattr(snapshot, "FEW", 3)
        monkeypatch.setattr(snapshot, "FEW_NEARBY", 3)
        monkeypatch.setattr(around, "_LEAF", 1)
        monkeypatch.setattr(around, "_RING", 2)
        monkeypatch.setattr(circle, "_LEAF", 1)


def test_words_count_by_their_root_times_how_near_it_is(index, way):
    fill(
        index,
        *(entry(f"far{n}", "Bread", points=[LONDON]) for n in range(8)),
        entry("here", "Bread", points=[EDINBURGH]),
        entry("near", "Bread", points=[LEITH]),
        entry("nowhere", "Bread"),
    )

    answer = ask(index, "bread", near=EDINBURGH)

    assert names(answer)[:2] == ["here", "near"]
    assert answer.hits[0].score == pytest.approx(1.0)
    assert answer.hits[1].score == pytest.approx(1 / (1 + km_between(EDINBURGH, LEITH) / 10))
    assert answer.hits[-1].km > 500
    (nowhere,) = [hit for hit in answer.hits if hit.km is None]
    assert nowhere.score == pytest.approx(1 / 11)  # as if it were 100 km away
    assert names(answer)[2] == "nowhere"


def test_without_a_radius_nothing_is_cut(index, way):
    fill(index, *(entry(f"far{n}", points=[LONDON]) for n in range(5)), entry("nowhere"))

    assert ask(index, near=EDINBURGH).total == 6
    assert len(ask(index, near=EDINBURGH).hits) == 6
    assert names(ask(index, near=EDINBURGH))[0] == "nowhere"  # it counts as nearer than London


def test_a_radius_cuts_what_is_further_and_what_has_no_point(index, way):
    fill(
        index,
        *(entry(f"leith{n}", points=[LEITH]) for n in range(5)),
        *(entry(f"glasgow{n}", points=[GLASGOW], categories=["Food"]) for n in range(5)),
        *(entry(f"nowhere{n}") for n in range(5)),
    )

    answer = ask(index, near=EDINBURGH, radius_km=50.0)

    assert sorted(names(answer)) == [f"leith{n}" for n in range(5)]
    assert answer.total == 5
    assert answer.kinds == {"offer": 5}
    assert answer.categories == {}


def test_the_nearest_point_of_several_counts(index, way):
    fill(
        index,
        entry("two", points=[LONDON, LEITH]),
        *(entry(f"one{n}", points=[GLASGOW]) for n in range(6)),
    )

    answer = ask(index, near=EDINBURGH)

    assert names(answer)[0] == "two"
    assert answer.hits[0].km == pytest.approx(km_between(EDINBURGH, LEITH), abs=0.001)
    assert names(ask(index, near=LONDON, radius_km=1.0)) == ["two"]
    assert ask(index, near=EDINBURGH, radius_km=10.0).total == 1


@pytest.mark.parametrize(
    "here, there",
    [
        (Point(0.0, 179.99), Point(0.0, -179.99)),
        (Point(0.0, 180.0), Point(0.0, -180.0)),
        (Point(89.99, 0.0), Point(89.99, 180.0)),
        (Point(90.0, 0.0), Point(90.0, 123.0)),
        (Point(-90.0, 0.0), Point(-89.99, -77.0)),
        (Point(65.0, -179.95), Point(65.05, 179.95)),
        (Point(0.0, 0.0), Point(-0.001, -0.001)),
    ],
)
def test_poles_and_the_antimeridian_are_no_edges(index, way, here, there):
    others = [entry(f"other{n}", points=[Point(n * 3.0 - 40, n * 17.0 - 150)]) for n in range(18)]
    fill(index, entry("there", points=[there]), *others)

    assert names(ask(index, near=here))[0] == "there"
    assert names(ask(index, near=here, radius_km=10.0)) == ["there"]


def test_pages_follow_each_other_without_gap_or_overlap(index, way):
    fill(
        index,
        *(
            entry(f"d{n}", "Bread", points=[Point(55 + n % 7 / 10, -3)] if n % 3 else [])
            for n in range(60)
        ),
    )

    searches = [{}, {"near": EDINBURGH}, {"words": "bread", "near": EDINBURGH}]
    if way == "few":  # by words alone no more than this are ever read
        searches.append({"words": "bread"})
    for members in searches:
        whole = names(ask(index, **members))
        pages = [names(ask(index, offset=at, limit=7, **members)) for at in range(0, 63, 7)]

        assert list(itertools.chain.from_iterable(pages)) == whole
        assert len(set(whole)) == 60


def test_beyond_a_thousand_results_there_is_none(index):
    fill(index, *(entry(f"d{n}", "Bread") for n in range(1_100)))

    assert ask(index, "bread").total == 1_100
    assert len(ask(index, "bread", offset=990, limit=20).hits) == 10
    assert ask(index, "bread", offset=1_000, limit=20).hits == ()


def test_without_a_question_everything_is_listed_by_title(index):
    fill(index, entry("1", "Zebra"), entry("2", "álamo"), entry("3", "Bakery"))

    assert names(ask(index)) == ["2", "3", "1"]


# --- compared with the naive way -------------------------------------------------------------

spots = st.one_of(
    st.builds(Point, st.floats(50, 59), st.floats(-6, 2)),
    st.builds(Point, st.floats(-90, 90), st.floats(-180, 180)),
    st.sampled_from([EDINBURGH, LEITH, Point(90, 0), Point(-90, 0), Point(0, 180), Point(0, -180)]),
)
documents = st.lists(
    st.tuples(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
        st.sampled_from(list(Kind)),
        st.lists(st.sampled_from(CATEGORIES), max_size=3),
        st.lists(spots, max_size=3),
        st.fixed_dictionaries(
            {"online": st.booleans(), "assured": st.sampled_from([NOW, NOW - LONG_AGO, 0])}
        ),
    ),
    min_size=12,
    max_size=60,
)
searches = st.lists(
    st.tuples(
        st.sampled_from([*WORDS, "", "bread garden"]),
        st.one_of(st.none(), spots),
        st.one_of(st.none(), st.floats(0.1, 2_000)),
        st.one_of(st.none(), st.sampled_from(list(Kind))),
        st.one_of(st.none(), st.sampled_from(CATEGORIES)),
        st.booleans(),
    ),
    min_size=6,
    max_size=12,
)


def worth(one):
    """What age leaves of a score."""
    return 0.5 if 0 < one.assured < NOW - OLD_SECONDS else 1.0


def expect(entries, relevances, *, near, radius_km, kind, category, is_here):
    """The answer by the words of the port and of `blend`, all documents looked at."""
    rows = []
    for one in entries:
        relevance = relevances.get(one.path) if relevances is not None else 0.0
        if relevance is None:
            continue
        distances = [km_between(near, unpack(pack(spot))) for spot in one.points] if near else []
        km = min(distances, default=None)
        if radius_km is None:
            is_found = bool(one.points) or not is_here
        else:
            is_found = (km is not None and km <= radius_km) or (one.online and not is_here)
        if is_found:
            rows.append((one, relevance, km))
    folded = category.lower() if category else None
    of_kind = [row for row in rows if kind is None or row[0].kind == kind]
    of_category = [
        row for row in rows if folded is None or folded in {c.lower() for c in row[0].categories}
    ]
    found = [row for row in of_kind if row in of_category]
    best = max((relevance for _, relevance, _ in found), default=1.0) or 1.0
    scored = {}
    for one, relevance, km in found:
        away = km if km is not None else 100
        if one.online and not is_here:
            away = min(away, 25)
        share = relevance / best
        if near is None:
            score = share
        else:
            score = (1.0 if relevances is None else share**0.5) / (1 + away / 10)
        scored[one.path] = score * worth(one)
    kinds, categories = {}, {}
    for one, _, _ in of_category:
        kinds[one.kind] = kinds.get(one.kind, 0) + 1
    for one, _, _ in of_kind:
        for name in {c.lower() for c in one.categories}:
            categories[name] = categories.get(name, 0) + 1
    return scored, kinds, categories


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=20)
@given(made=documents, asked=searches)
def test_an_answer_is_what_looking_at_every_document_gives(way, made, asked):
    with pytest.MonkeyPatch.context() as monkeypatch, tempfile.TemporaryDirectory() as place:
        index = TantivyIndex.open(Path(place))
        entries = [
            entry(f"e{n}", " ".join(title), kind=kind, categories=categories, points=points, **more)
            for n, (title, kind, categories, points, more) in enumerate(made)
        ]
        index.apply(entries, [], 1)
        take_way(way, monkeypatch)
        aged = {one.path: worth(one) for one in entries}
        for words, near, radius, kind, category, is_here in asked:
            radius_km = radius if near is not None else None
            if way == "many" and near is None:
                continue  # the lowered threshold would cut what can be paged to
            # What bm25 says is taken from the index itself; all that is made of it is computed here.
            relevances = None
            if words:
                with pytest.MonkeyPatch.context() as all_of_them:
                    all_of_them.setattr(snapshot, "FEW", 2_000)
                    plain = ask(index, words)
                relevances = {hit.path: hit.score / aged[hit.path] for hit in plain.hits}
            members = {"near": near, "radius_km": radius_km, "kind": kind, "category": category}

            answer = ask(index, words, is_here=is_here, **members)

            if relevances and max(relevances.values()) < 0.99:
                continue  # some of the words only: weighed by their share, tested by itself
            scored, kinds, categories = expect(entries, relevances, is_here=is_here, **members)
            assert answer.total == len(scored)
            assert answer.kinds == kinds
            assert {name.lower(): count for name, count in answer.categories.items()} == categories
            assert {hit.path for hit in answer.hits} == scored.keys()
            for hit in answer.hits:
                if words or near:
                    assert hit.score == pytest.approx(scored[hit.path], abs=1e-6)
            order = [(-hit.score, number_of(hit.did, hit.path)) for hit in answer.hits]
            if words or near:
                assert order == sorted(order)
                scores = [scored[hit.path] for hit in answer.hits]
                assert all(a >= b - 1e-6 for a, b in itertools.pairwise(scores))
            first = ask(index, words, is_here=is_here, limit=5, **members)
            assert first.hits == answer.hits[:5]
        index.close()


def test_by_words_alone_as_many_are_read_as_can_be_paged_to():
    assert few.FEW >= REACHABLE


def test_the_first_results_are_exact_where_thousands_match(index, monkeypatch):
    """With the real thresholds, compared with reading everything."""
    kinds = list(Kind)
    fill(
        index,
        *(
            entry(
                f"e{n}",
                "Bread" + " garden" * (n % 5) + " repair" * (n % 3),
                kind=kinds[n % 3],
                categories=[CATEGORIES[n % 4]],
                points=[Point(50 + n * 7919 % 9000 / 1000, -6 + n * 104729 % 8000 / 1000)],
            )
            for n in range(4_000)
        ),
        *(entry(f"n{n}", "Bread") for n in range(50)),
    )
    searches = [
        {"words": words, "near": near, "offset": offset, "limit": 20} | more
        for words in ("", "bread", "garden", "bread repair")
        for near in (EDINBURGH, LONDON, Point(-33.9, 151.2), Point(53.0, -1.0))
        for offset in (0, 300)
        for more in ({}, {"radius_km": 150.0}, {"kind": Kind.NEED}, {"category": "Energy"})
    ]

    quick = [ask(index, **members) for members in searches]
    monkeypatch.setattr(snapshot, "FEW", 10_000)
    whole = [ask(index, **members) for members in searches]

    for members, one, other in zip(searches, quick, whole, strict=True):
        assert (one.total, one.kinds, one.hits) == (other.total, other.kinds, other.hits), members
        assert one.categories == other.categories


def test_expired_documents_are_never_found(index, way):
    fill(
        index,
        *(entry(f"lives{n}", "Bread", points=[LEITH], categories=["Food"]) for n in range(6)),
        *(
            entry(f"ends{n}", "Bread", points=[LEITH], categories=["Food"], expires=NOW)
            for n in range(6)
        ),
    )

    for members in (
        {},
        {"near": EDINBURGH},
        {"words": "bread", "near": EDINBURGH},
        {"near": EDINBURGH, "radius_km": 9.0},
    ):
        before = ask(index, now=NOW - 1, **members)
        after = ask(index, now=NOW, **members)
        later = ask(index, now=NOW + 9, **members)

        assert before.total == 12
        assert sorted(names(after)) == [f"lives{n}" for n in range(6)]
        assert after.kinds == {"offer": 6}
        assert after.categories == {"Food": 6}
        assert later.total == 0
        assert later.hits == ()
        assert later.categories == {}


@pytest.mark.parametrize("members", [{}, {"words": "bread"}, {"words": "bread", "near": EDINBURGH}])
def test_the_newest_are_first_where_that_is_asked(index, way, members):
    fill(
        index,
        *(
            msgspec.structs.replace(
                entry(f"e{number}", "Bread", points=[EDINBURGH]), assured=NOW + number * 7 % 10
            )
            for number in range(10)
        ),
        msgspec.structs.replace(entry("late", "Garden"), assured=NOW + 99),
    )

    answer = ask(index, sort=Sort.NEWEST, **members)

    found = [name for name in names(answer) if name != "late"]
    assert found == sorted(found, key=lambda name: -(int(name[1:]) * 7 % 10))
    assert answer.total == len(names(answer)) == (10 if members else 11)
    assert members or names(answer)[0] == "late"
    second = ask(index, sort=Sort.NEWEST, limit=3, offset=3, **members)
    assert names(second) == names(answer)[3:6]
