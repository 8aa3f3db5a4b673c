"""Counts beside the choices, and what is open: compared with looking at every document."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.entries import DID, EDINBURGH, LEITH, LONDON, NOW, ask, entry, fill, names
from index.test_order import WAYS, take_way
from localfed.app.index_values import Facet, IndexDocument
from localfed.app.values import Kind, Point
from localfed.index import fields
from localfed.index.cells import Centre, name_cells, pack
from localfed.index.reach import cover
from localfed.index.spans import name_moment, name_spans
from localfed.index.tantivy_index import FOLDER, TantivyIndex

MINUTE = NOW // 60
CHOICES = {
    Facet.KIND: list(Kind),
    Facet.CATEGORY: ["food", "energy", "Our street"],
    Facet.COST: ["free", "pay", "time"],
    Facet.AUDIENCE: ["children", "Neighbours"],
    Facet.ACCESSIBILITY: ["step-free", "lift"],
    Facet.LANGUAGE: ["en", "cy", "en-gb"],
}
MEMBERS = {
    Facet.CATEGORY: "categories",
    Facet.COST: "costs",
    Facet.AUDIENCE: "audiences",
    Facet.ACCESSIBILITY: "accessibility",
    Facet.LANGUAGE: "languages",
}
OPENINGS = [(), ((MINUTE - 5, MINUTE + 5),), ((MINUTE, MINUTE + 1),), ((MINUTE - 9, MINUTE),)]

documents = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(list(Kind)), "open": st.sampled_from(OPENINGS)}
        | {"online": st.booleans()}
        | {
            member: st.lists(st.sampled_from(CHOICES[facet]), max_size=2, unique=True)
            for facet, member in MEMBERS.items()
        }
    ),
    min_size=8,
    max_size=40,
)
chosen = st.fixed_dictionaries(
    {facet: st.one_of(st.none(), st.none(), st.sampled_from(CHOICES[facet])) for facet in CHOICES}
    | {Facet.OPEN: st.sampled_from([None, None, "now"])}
    | {Facet.WHERE: st.sampled_from([None, None, "online"])}
)


def told(number, made):
    lists = {member: tuple(made[member]) for member in MEMBERS.values()}
    return IndexDocument(
        did=DID,
        path=f"d/{number}.json",
        kind=made["kind"],
        title="Bread",
        text="",
        points=(LEITH,) if number % 2 else (LONDON,),
        open=made["open"],
        online=made.get("online", False),
        expires=NOW + 9,
        **lists,
    )


def values_of(one):
    """What a document has of each facet, by its members."""
    values = {facet: set(getattr(one, member)) for facet, member in MEMBERS.items()}
    values[Facet.KIND] = {one.kind}
    is_open = any(first <= MINUTE < end for first, end in one.open)
    values[Facet.WHERE] = {"online"} if one.online else set()
    return values | {Facet.OPEN: {"now"} if is_open else set()}


def expect(entries, wanted):
    has = [values_of(one) for one in entries]
    found = {facet: {} for facet in Facet}
    for one in has:
        for facet in Facet:
            others = {name: value for name, value in wanted.items() if name is not facet and value}
            if all(value in one[name] for name, value in others.items()):
                for value in one[facet]:
                    found[facet][str(value)] = found[facet].get(str(value), 0) + 1
    total = sum(all(value in one[name] for name, value in wanted.items() if value) for one in has)
    return total, found


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=20)
@given(made=documents, wishes=st.lists(chosen, min_size=3, max_size=6))
def test_counts_are_what_looking_at_every_document_gives(way, made, wishes):
    with pytest.MonkeyPatch.context() as monkeypatch, tempfile.TemporaryDirectory() as place:
        take_way(way, monkeypatch)
        index = TantivyIndex.open(Path(place))
        entries = [told(number, one) for number, one in enumerate(made)]
        index.apply(entries, [], 1)
        searches = [{}, {"words": "bread"}, {"near": EDINBURGH}]
        searches += [{"words": "bread", "near": EDINBURGH, "radius_km": 20.0}]
        for wish in wishes:
            members = {
                str(facet): value
                for facet, value in wish.items()
                if facet not in {Facet.OPEN, Facet.WHERE}
            }
            for search in searches:
                among = [
                    one
                    for one in entries
                    if "radius_km" not in search or LEITH in one.points or one.online
                ]
                total, facets = expect(among, wish)

                answer = ask(
                    index,
                    is_open=wish[Facet.OPEN] is not None,
                    is_online=wish[Facet.WHERE] is not None,
                    **search,
                    **members,
                )

                assert answer.total == total
                assert answer.facets == facets
                if way == "few" or "near" in search:
                    assert len(answer.hits) == total
        index.close()


def test_only_what_an_organisation_publishes_is_found_and_counted(index):
    other = DID.replace("QmT1", "QmT2")
    mine = [
        told(n, {"kind": Kind.OFFER, "open": ()} | dict.fromkeys(MEMBERS.values(), ()))
        for n in range(3)
    ]
    fill(index, *mine, entry("another"))
    index.apply([_of(other, mine[0])], [], 2)

    answer = ask(index, organisation=other.split(":")[2])

    assert [hit.did for hit in answer.hits] == [other]
    assert answer.facets["kind"] == {"offer": 1}
    assert ask(index, organisation=DID.split(":")[2]).total == 4
    assert ask(index, organisation="QmNobody").total == 0


def _of(did, one):
    members = {name: getattr(one, name) for name in one.__struct_fields__}
    return IndexDocument(**members | {"did": did})


# --- what is open -----------------------------------------------------------------------------


@given(
    opens=st.integers(0, 50_000_000),
    length=st.integers(1, 30_000),
    offsets=st.lists(st.floats(-0.2, 1.2), min_size=5, max_size=20),
)
def test_a_minute_lies_in_exactly_one_span_of_a_time_of_opening_and_in_none_beyond(
    opens, length, offsets
):
    spans = name_spans([(opens, opens + length)])

    for minute in (
        opens - 1,
        opens,
        opens + length - 1,
        opens + length,
        *(opens + int(offset * length) for offset in offsets),
    ):
        if minute < 0:
            continue
        held = len(set(name_moment(minute)) & set(spans))
        assert held == (1 if opens <= minute < opens + length else 0)


def test_a_day_of_nine_to_five_takes_few_spans():
    assert len(name_spans([(9 * 60, 17 * 60)])) <= 6
    assert len(name_spans([(0, 7 * 1_440)])) == 1


def test_what_runs_out_is_named_until_it_is_told_again(index):
    ends = NOW + 100
    one = _of(DID, entry("shop"))
    fill(index, one, entry("always"))
    index.apply([_with(one, open=((MINUTE, MINUTE + 3),), open_until=ends)], [], 2)

    assert index.running_out(ends, 10) == []
    assert index.running_out(ends + 1, 10) == [(DID, "d/shop.json")]
    index.apply([_with(one, open=((MINUTE, MINUTE + 3),), open_until=ends + 50)], [], 3)
    assert index.running_out(ends + 1, 10) == []


def _with(one, **changes):
    members = {name: getattr(one, name) for name in one.__struct_fields__}
    return IndexDocument(**members | changes)


def test_an_index_of_another_version_is_built_anew(folder):
    index = TantivyIndex.open(folder)
    assert index.try_to_write()
    fill(index, entry("a"))
    index.close()
    (folder / FOLDER / "version").write_text("1\n", encoding="ascii")

    again = TantivyIndex.open(folder)

    assert again.try_to_write()
    assert again.position() == 0
    assert ask(again).total == 0
    assert (folder / FOLDER / "version").read_text(encoding="ascii").strip() == fields.VERSION
    again.close()


def test_an_index_made_with_other_things_is_built_anew(folder):
    for made_with, total in (("a", 0), ("a", 1), ("b", 0), ("b", 1)):
        index = TantivyIndex.open(folder, made_with=made_with)
        assert ask(index).total == total
        fill(index, entry("a"))
        index.close()


# --- who comes to a place ---------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_who_comes_to_the_place_counts_as_there(index, way, monkeypatch):
    take_way(way, monkeypatch)
    fill(
        index,
        *(_with(entry(f"far{n}", "Bread", points=[LONDON])) for n in range(8)),
        *(_with(entry(f"near{n}", "Bread", points=[LEITH])) for n in range(4)),
        _with(entry("comes", "Bread", points=[LONDON]), reaches=(600_000,)),
        _with(entry("stays", "Bread", points=[LONDON]), reaches=(300_000,)),
        _with(entry("both", "Bread", points=[Point(0, 0), LONDON]), reaches=(0, 600_000)),
    )

    for words in ("", "bread"):
        answer = ask(index, words, near=EDINBURGH)
        close = ask(index, words, near=EDINBURGH, radius_km=10.0)

        assert set(names(answer)[:2]) == {"comes", "both"}
        covers = {name: hit.covers for name, hit in zip(names(answer), answer.hits, strict=True)}
        assert {name for name, one in covers.items() if one} == {"comes", "both"}
        comes = answer.hits[names(answer).index("comes")]
        assert 530 < comes.km < 540
        assert sorted(names(close)) == ["both", "comes", "near0", "near1", "near2", "near3"]
        assert close.total == 6
        assert ask(index, words, near=EDINBURGH, limit=2).hits == answer.hits[:2]


spots = st.builds(Point, st.floats(-85, 85), st.floats(-180, 180))


@settings(max_examples=60)
@given(here=spots, there=spots, metres=st.integers(100, 1_000_000), nearby=st.floats(-1, 1))
def test_every_place_within_reach_is_in_its_cover(here, there, metres, nearby):
    beside = Point(max(min(here.latitude + nearby * metres / 222_000, 90), -90), here.longitude)
    for place in (pack(there), pack(beside), pack(here)):
        (km,) = Centre(here).measure([place])
        if km * 1000 <= metres:
            assert set(name_cells(place)) & set(cover(pack(here), metres))
    assert len(cover(pack(here), metres)) <= 24
