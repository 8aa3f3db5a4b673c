"""The report: what is added up, what is left out, and the same as a table."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import msgspec
import pytest

from localfed.app import ledger, moderation, report
from localfed.app.report import LINES_MAX, Question, add_up, make_report, read_question, write_csv
from localfed.app.values import BlockKind, Point
from localfed.protocol.errors import BadQuery
from localfed.protocol.exchange import Confirmed, Figures, Flow, Period

NOW = report.datetime.fromisoformat("2026-05-01T09:00:00+00:00")
REFS = iter(f"{number:026d}".translate(str.maketrans("0189", "wxyz")) for number in range(10_000))


def flow(quantity="1", unit="hours", category=None, *, back=False, parties=("a", "b")):
    giver, taker = reversed(parties) if back else parties
    return Flow(
        giver=giver, taker=taker, what="Help", category=category, quantity=quantity, unit=unit
    )


def one(*flows, end="2026-04-30", parties=("a", "b")):
    figures = Figures(ref=next(REFS), flows=flows, period=Period(start=end, end=end))
    return Confirmed(
        parties=parties, figures=figures, ids=("x", "y"), expires="2026-10-01T00:00:00Z"
    )


def test_hours_and_things_are_added_by_unit_month_and_category():
    """LF-EXCH-5: hours and loaves are not added to each other."""
    found = add_up(
        [
            one(flow("12.5", category="food"), flow("40", "loaves", "food", back=True)),
            one(flow("0.25", category="Repair"), end="2026-02-01", parties=("a", "c")),
            one(flow("2", "Loaves "), flow("3", "chairs"), end="2026-02-28"),
        ],
        Question(),
    )

    assert (found.exchanges, found.organisations, found.ties) == (3, 3, 2)
    assert found.hours == "12.75"
    assert {thing.unit: thing.quantity for thing in found.things} == {
        "Loaves": "42",
        "chairs": "3",
    }
    assert [(line.name, line.exchanges, line.hours) for line in found.months] == [
        ("2026-02", 2, "0.25"),
        ("2026-03", 0, "0"),
        ("2026-04", 1, "12.5"),
    ]
    assert [(line.name, line.exchanges, line.hours) for line in found.categories] == [
        ("food", 1, "12.5"),
        ("repair", 1, "0.25"),
        ("", 1, "0"),
    ]
    assert [(line.organisations, line.ties) for line in found.months] == [(3, 2), (0, 0), (2, 1)]
    assert [(line.organisations, line.ties) for line in found.categories] == [(2, 1)] * 3
    assert found.most_of_one_tie == "12.5"


def test_a_category_is_the_code_that_its_words_mean():
    """LF-VOC-1: and words that only look different are the same."""
    labels = ["food", "Food and drink", "our  street", "Our street"]

    found = add_up([one(flow(category=label)) for label in labels], Question())

    assert {line.name: line.exchanges for line in found.categories} == {"food": 2, "Our street": 2}


def test_nothing_is_nothing():
    found = add_up([], Question())

    assert (found.exchanges, found.hours, found.months, found.categories) == (0, "0", (), ())
    assert write_csv(found).count("\r\n") == 5


def test_one_pair_cannot_push_what_others_share_out_of_the_figures():
    """LF-EXCH-2: a thousand units of two organisations have no more room than fifty."""
    flood = [
        one(*(flow("9", f"unit {at}-{n}", f"about {at}-{n}") for n in range(20))) for at in range(9)
    ]
    shared = [one(flow("1", "kg", "tools"), parties=pair) for pair in (("a", "c"), ("c", "d"))]

    found = add_up([*flood, *shared], Question())

    assert len(found.things) == len(found.categories) == LINES_MAX
    assert (found.things[0].unit, found.things[0].quantity) == ("kg", "2")
    assert "tools" in {line.name for line in found.categories}
    assert (found.further_units, found.further_categories) == (181 - 50, 181 - 50)
    assert found.exchanges == 11


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＠x", '=HYPERLINK("//x.example")'],
)
def test_a_cell_that_a_spreadsheet_would_calculate_is_text(cell):
    """What an organisation calls a unit or a category is its own words: formula injection."""
    found = add_up([one(flow("2", cell), flow(category=cell))], Question())

    rows = list(csv.reader(io.StringIO(write_csv(found))))

    assert rows[0] == ["of", "name", "measure", "unit", "value"]
    assert ["all", "", "quantity", f"'{cell}", "2"] in rows
    assert ["category", f"'{cell}", "exchanges", "", "1"] in rows
    assert not [one for row in rows for one in row if one.lstrip().startswith(tuple("=+-@＝＠"))]


def test_the_table_says_what_the_report_says():
    found = add_up([one(flow("1.5", category="food"), flow("2", "kg"))], Question())

    rows = {tuple(row[:4]): row[4] for row in csv.reader(io.StringIO(write_csv(found)))}

    assert rows["all", "", "quantity", "hours"] == "1.5"
    assert rows["all", "", "ties", ""] == "1"
    assert rows["month", "2026-04", "quantity", "kg"] == "2"
    assert rows["category", "food", "quantity", "hours"] == "1.5"


@pytest.mark.parametrize(
    "asked, words",
    [
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-02-30"}, "since"),
        ({"until": "2026-4-1"}, "until"),
        ({"until": "20260401"}, "until"),
        ({"until": "2026-W14-3"}, "until"),
        ({"since": "2026-04-02", "until": "2026-04-01"}, "before"),
        ({"near": "here"}, "near"),
        ({"near": "91,0"}, "near"),
        ({"near": "54,-2", "radius": "0"}, "radius"),
        ({"near": "54,-2", "radius": "1e9"}, "radius"),
        ({"radius": "5"}, "radius"),
    ],
)
def test_a_question_that_cannot_be_understood_is_refused_in_words(asked, words):
    said = {"since": None, "until": None, "near": None, "radius": None, **asked}

    with pytest.raises(BadQuery, match=words):
        read_question(**said, now=NOW)


def test_a_place_without_a_radius_reaches_ten_kilometres():
    found = read_question(since="", until="", near="54.6,-2.3", radius=None, now=NOW)

    assert found == Question(near=Point(54.6, -2.3), radius_km=10.0)


@pytest.fixture
async def town(federation):
    """Three that follow each other and exchanged: a grocer in the town, a baker near, a miller far away."""
    nodes = [await federation.node(name) for name in ("grocer", "baker", "miller")]
    for node, latitude in zip(nodes, ("54.60", "54.63", "56.00"), strict=True):
        point = {"latitude": latitude, "longitude": "-2.30"}
        name = node.host.partition(".")[0].capitalize()
        await node.publish({"type": "Organization", "name": name, "location": [point]})
    grocer, baker, miller = nodes
    for pair, end, quantity in (
        ((grocer, baker), "2026-03-31", "1"),
        ((grocer, baker), "2026-04-30", "10"),
        ((baker, miller), "2026-04-15", "100"),
    ):
        await say(*pair, end, quantity)
    for node in nodes:
        for other in nodes:
            if node is not other:
                await node.follow(other)
                await node.sync(other)
    return federation, grocer, baker, miller


async def say(giver, taker, end, quantity, *, both=True):
    ref = next(REFS)
    thing = {"from": giver.did, "to": taker.did, "what": "Help", "quantity": quantity}
    half = {
        "type": "Exchange",
        "ref": ref,
        "flows": [{**thing, "unit": "hours"}],
        "period": {"start": "2026-03-01", "end": end},
    }
    await giver.publish({**half, "partner": taker.did})
    if both:
        await taker.publish({**half, "partner": giver.did})


def hours(node, **asked):
    said = {"since": None, "until": None, "near": None, "radius": None, **asked}
    question = read_question(**said, now=node.clock.now())
    return make_report(node.store, node.ports.gazetteer, question, node.clock.now()).hours


async def test_time_and_place_choose_what_is_counted(town):
    _, grocer, _, _ = town

    assert hours(grocer) == "111"
    assert hours(grocer, since="2026-04-01") == "110"
    assert hours(grocer, until="2026-04-15") == "101"
    assert hours(grocer, since="2026-04-15", until="2026-04-15") == "100"
    assert hours(grocer, near="54.60,-2.30", radius="1") == "11"
    assert hours(grocer, near="54.60,-2.30", radius="5") == "111"
    assert hours(grocer, near="56,-2.3", radius="5") == "100"
    assert hours(grocer, near="40,-2.3") == "0"


async def test_who_gives_a_postcode_and_no_point_is_near_it(town):
    """As a search finds it."""
    _, grocer, baker, _ = town
    place = {"address": {"postalCode": "EH1 1AD", "addressCountry": "GB"}}
    await grocer.publish({"type": "Organization", "name": "Grocer", "location": [place]})
    await baker.publish({"type": "Organization", "name": "Baker", "location": [{"name": "Barn"}]})
    await grocer.sync(baker)

    assert hours(grocer, near="55.9495,-3.1892", radius="1") == "11"
    assert hours(grocer, near="54.60,-2.30", radius="5") == "0"


async def test_every_node_adds_up_the_same(town):
    """LF-EXCH-5."""
    assert [hours(node) for node in town[1:]] == ["111"] * 3


async def test_what_one_side_alone_says_is_not_counted(town):
    """LF-EXCH-5."""
    _, grocer, baker, miller = town
    await say(miller, grocer, "2026-04-20", "5000", both=False)
    for node in (grocer, baker):
        await node.sync(miller)

    assert hours(miller) == hours(grocer) == hours(baker) == "111"


async def test_who_is_blocked_or_has_been_silent_for_too_long_is_not_counted(town):
    """LF-READ-12, LF-EXCH-5."""
    federation, grocer, baker, miller = town

    await moderation.block(grocer.ports, BlockKind.ORGANISATION, miller.did)
    assert hours(grocer) == "11"
    assert hours(baker) == "111"
    assert len(list(ledger.live_halves(grocer.store, grocer.clock.now()))) == 5

    federation.clock.advance(days=40)
    assert hours(baker) == "0"


async def test_the_record_that_says_where_somebody_is_may_not_be_here(town):
    _, grocer, _, miller = town
    await miller.publish({"type": "Organization", "name": "Miller"})
    await grocer.sync(miller)

    assert hours(grocer, near="56,-2.3", radius="5") == "0"


def test_quantities_are_added_exactly():
    found = add_up([one(flow("0.1")) for _ in range(1000)], Question())

    assert Decimal(found.hours) == 100
    assert msgspec.json.decode(msgspec.json.encode(found))["hours"] == "100"
