"""Halves of exchanges: what they may say, until when, and which exchanges two of them confirm."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from forge_document import AT, DID, HALF, LOG, PARTNER, RECORD, exchange, flow, identity_of, signed

from localfed.protocol import limits
from localfed.protocol.accept import open_document
from localfed.protocol.errors import BadTime, WrongPath, WrongShape
from localfed.protocol.exchange import (
    Confirmed,
    Exchange,
    Period,
    check_exchange,
    find_confirmed,
    is_confirmed,
    kept_until,
)
from localfed.protocol.times import read_time

ELSE = PARTNER.replace("baker", "miller")


def half(**changes):
    return msgspec.json.decode(signed(exchange(**changes)), type=Exchange)


OURS = half()
THEIRS = msgspec.structs.replace(OURS, issuer=PARTNER, partner=DID)


def test_a_half_lies_under_d():
    """LF-EXCH-4."""
    check_exchange(OURS, RECORD)

    with pytest.raises(WrongPath):
        check_exchange(OURS, HALF)


@pytest.mark.parametrize("giver, taker", [(DID, DID), (PARTNER, PARTNER), (ELSE, DID), (DID, ELSE)])
def test_a_flow_goes_from_one_of_the_two_to_the_other(giver, taker):
    """LF-EXCH-2."""
    with pytest.raises(WrongShape, match="one of the two"):
        check_exchange(half(flows=[flow(giver=giver, to=taker)]), RECORD)


def test_nobody_exchanges_with_themselves():
    """LF-EXCH-2."""
    with pytest.raises(WrongShape, match="somebody else"):
        check_exchange(half(partner=DID, flows=[flow(to=DID)]), RECORD)


@pytest.mark.parametrize(
    "quantity, unit",
    [
        ("0", "hours"),
        ("0.000000", "loaves"),
        ("-3", "hours"),
        ("10000.000001", "hours"),
        ("1000000.1", "loaves"),
        ("9999999999.999999", "Hours"),
    ],
)
def test_a_quantity_that_would_drown_every_other_is_refused(quantity, unit):
    """LF-EXCH-2: nor is nothing an exchange."""
    with pytest.raises(WrongShape, match="quantity"):
        check_exchange(half(flows=[flow(quantity=quantity, unit=unit)]), RECORD)


@pytest.mark.parametrize(
    "start, end",
    [
        ("2026-05-01", "2026-04-30"),
        ("2026-04-30", "2026-05-04"),
        ("2026-02-30", "2026-04-01"),
        ("2026-04-01", "2026-04-31"),
        ("0000-04-01", "2026-04-01"),
        ("2025-01-01", "2026-01-02"),
    ],
)
def test_a_period_is_of_days_that_have_been(start, end):
    """LF-EXCH-3."""
    with pytest.raises(BadTime):
        check_exchange(half(period={"start": start, "end": end}), RECORD)


def test_an_exchange_is_kept_for_three_years_after_its_last_day():
    """LF-EXCH-4."""
    period = Period(start="2023-01-01", end="2023-06-30")
    assert kept_until(period) == datetime(2026, 6, 30, tzinfo=UTC)
    wire = {"start": period.start, "end": period.end}

    check_exchange(half(period=wire, expires="2026-06-30T00:00:00Z"), RECORD)
    with pytest.raises(BadTime, match="three years"):
        check_exchange(half(period=wire, expires="2026-06-30T00:00:01Z"), RECORD)


def test_a_half_passes_the_door_without_a_licence_and_without_being_assured():
    """LF-EXCH-1, LF-DOC-1."""
    checked = open_document(
        signed(exchange()), identity=identity_of(LOG), now=read_time(AT), path=RECORD
    )

    assert isinstance(checked.document, Exchange)
    assert checked.is_shown
    assert checked.document.lifetime_days == limits.LIFETIME_DAYS


def test_what_both_say_alike_is_confirmed_once():
    """LF-EXCH-5: whatever else each says beside it."""
    theirs = msgspec.structs.replace(THEIRS, note={"en": "Thanks"}, expires="2026-07-01T00:00:00Z")

    assert find_confirmed([OURS, theirs]) == [
        Confirmed(
            parties=tuple(sorted((DID, PARTNER))),
            figures=OURS.figures,
            ids=(OURS.id, OURS.id),
            expires="2026-07-01T00:00:00Z",
        )
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"ref": "s" * 26},
        {"flows": (msgspec.structs.replace(OURS.flows[0], quantity="13"),)},
        {"flows": (msgspec.structs.replace(OURS.flows[0], quantity="12.50"),)},
        {"flows": (msgspec.structs.replace(OURS.flows[0], category="food"),)},
        {"flows": (msgspec.structs.replace(OURS.flows[0], giver=PARTNER, taker=DID),)},
        {"flows": OURS.flows * 2},
        {"period": Period(start="2026-04-01", end="2026-04-29")},
        {"issuer": ELSE},
        {"partner": ELSE},
    ],
)
def test_what_differs_in_anything_is_not_confirmed(changes):
    """LF-EXCH-5: a half alone is no fact, nor is one that the other tells otherwise."""
    other = msgspec.structs.replace(THEIRS, **changes)

    assert not is_confirmed(OURS, other)
    assert find_confirmed([OURS, other]) == []


def test_one_side_alone_confirms_nothing():
    """LF-EXCH-5: not even twice."""
    assert not is_confirmed(OURS, None)
    assert not is_confirmed(None, None)
    assert not is_confirmed(OURS, OURS)
    assert find_confirmed([OURS]) == find_confirmed([OURS, OURS]) == []


def test_who_says_one_exchange_twice_confirms_none():
    """LF-EXCH-5: else one exchange would be counted under every half of it."""
    assert find_confirmed([OURS, THEIRS, OURS]) == []
    assert find_confirmed([OURS, THEIRS, THEIRS]) == []


def test_a_ref_is_of_one_pair():
    """LF-EXCH-5: whoever uses somebody else's ref takes nothing away from them."""
    stranger = msgspec.structs.replace(OURS, issuer=ELSE)

    assert len(find_confirmed([OURS, stranger, THEIRS])) == 1
