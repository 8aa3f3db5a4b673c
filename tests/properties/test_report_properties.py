"""Whatever is confirmed: months, categories and the whole add up to the same."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from localfed.app.report import Question, add_up, choose
from localfed.protocol.exchange import Confirmed, Figures, Flow, Period

DAY, LAST, ONE = date(2025, 1, 1), date(2026, 4, 30), timedelta(days=1)
PAIRS = (("a", "b"), ("a", "c"), ("b", "c"))


@st.composite
def exchanges(draw):
    found = []
    for number in range(draw(st.integers(0, 6))):
        giver, taker = parties = draw(st.sampled_from(PAIRS))
        flows = tuple(
            Flow(
                giver=giver,
                taker=taker,
                what="Help",
                category=draw(st.sampled_from([None, "food", "tools", "walks"])),
                quantity=draw(st.sampled_from(["0.000001", "0.1", "2.5", "9999", "1000000"])),
                unit=draw(st.sampled_from(["hours", "kg", "loaves"])),
            )
            for _ in range(draw(st.integers(1, 3)))
        )
        end = draw(st.dates(min_value=DAY, max_value=LAST)).isoformat()
        figures = Figures(
            ref=chr(ord("a") + number) * 26, flows=flows, period=Period(start=end, end=end)
        )
        expires = "2027-01-01T00:00:00Z"
        found.append(Confirmed(parties=parties, figures=figures, ids=("x", "y"), expires=expires))
    return found


def amounts(things):
    return {thing.unit: Decimal(thing.quantity) for thing in things}


def together(lines):
    found: dict[str, Decimal] = {}
    for line in lines:
        for unit, quantity in amounts(line.things).items():
            found[unit] = found.get(unit, Decimal(0)) + quantity
    return found


@given(exchanges())
def test_every_way_to_add_up_gives_the_same(some):
    """LF-EXCH-5."""
    report = add_up(some, Question())

    for lines in (report.months, report.categories):
        assert sum(Decimal(line.hours) for line in lines) == Decimal(report.hours)
        assert together(lines) == amounts(report.things)
    assert sum(line.exchanges for line in report.months) == report.exchanges == len(some)
    assert report.ties == len({one.parties for one in some})
    assert Decimal(report.most_of_one_tie) <= Decimal(report.hours)


@given(exchanges(), st.randoms(use_true_random=False))
def test_figures_do_not_depend_on_the_order(some, random):
    mixed = list(some)
    random.shuffle(mixed)

    assert add_up(mixed, Question()) == add_up(some, Question())


@given(exchanges(), st.dates(min_value=DAY, max_value=LAST))
def test_before_a_day_and_from_it_on_are_all(some, day):
    """LF-EXCH-5: no exchange falls between two questions, nor into both."""
    before = Question(until="2024-12-31" if day == DAY else (day - ONE).isoformat())
    after = Question(since=day.isoformat())

    parts = [list(choose(some, one, lambda _: ())) for one in (before, after)]

    assert len(parts[0]) + len(parts[1]) == len(some)
    hours = [Decimal(add_up(part, Question()).hours) for part in parts]
    assert sum(hours) == Decimal(add_up(some, Question()).hours)
