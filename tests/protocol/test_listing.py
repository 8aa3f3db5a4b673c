"""Offers and needs: equals in nearly everything."""

from __future__ import annotations

import msgspec
import pytest

from localfed.protocol.document import CONTEXT
from localfed.protocol.errors import BadTime, WrongPath, WrongShape
from localfed.protocol.forms import Place
from localfed.protocol.joint import Contributor
from localfed.protocol.listing import Cost, Need, Offer, check_listing

RECORD = f"d/{'a' * 26}.json"


def listing(kind, **members):
    return kind(
        context=CONTEXT,
        id="x",
        type=kind.__name__,
        issuer="x",
        revision=1,
        updated="2026-05-02T09:30:00Z",
        expires="2026-10-01T00:00:00Z",
        assured="2026-05-02T09:30:00Z",
        license="https://creativecommons.org/licenses/by/4.0/",
        name={"en": "Veg box"},
        **members,
    )


def test_an_offer_and_a_need_have_the_same_members_but_for_what_a_need_seeks():
    """LF-LIST-1."""
    offer, need = (
        {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
        for kind in (Offer, Need)
    )

    assert need.keys() - offer.keys() == {"seeks"}
    assert offer.keys() - need.keys() == {"contributors"}
    assert {name for name in offer.keys() & need.keys() if offer[name] != need[name]} == {"type"}


@pytest.mark.parametrize("kind", [Offer, Need])
@pytest.mark.parametrize("path", ["org.json", "d/box.json", "x.json", f"p/Qm{'1' * 44}.json"])
def test_a_listing_lies_among_the_records(kind, path):
    """LF-LIST-2."""
    check_listing(listing(kind), RECORD)

    with pytest.raises(WrongPath):
        check_listing(listing(kind), path)


def test_a_listing_ends_at_a_time_that_exists():
    """LF-LIST-3."""
    check_listing(listing(Offer, valid_until="2028-02-29T00:00:00Z"), RECORD)

    with pytest.raises(BadTime):
        check_listing(listing(Offer, valid_until="2027-02-29T00:00:00Z"), RECORD)


def test_places_of_a_listing_are_checked():
    """LF-FORM-7."""
    with pytest.raises(WrongShape):
        check_listing(listing(Need, location=(Place(latitude="1"),)), RECORD)


def test_a_listing_does_not_end_before_it_begins():
    """LF-LIST-3."""
    check_listing(
        listing(Offer, valid_from="2026-06-01T00:00:00Z", valid_until="2026-06-02T00:00:00Z"),
        RECORD,
    )

    with pytest.raises(BadTime, match="before it began"):
        check_listing(
            listing(Offer, valid_from="2026-06-02T00:00:00Z", valid_until="2026-06-01T00:00:00Z"),
            RECORD,
        )


@pytest.mark.parametrize(
    "members",
    [
        {"unit": "chairs"},
        {"quantity": "-3"},
    ],
)
def test_a_unit_is_of_a_quantity_which_is_not_less_than_nothing(members):
    """LF-LIST-4."""
    check_listing(listing(Need, quantity="3", unit="chairs"), RECORD)

    with pytest.raises(WrongShape):
        check_listing(listing(Need, **members), RECORD)


@pytest.mark.parametrize(
    "cost",
    [
        Cost(basis="pay", amount="3"),
        Cost(basis="pay", currency="GBP"),
        Cost(basis="free", amount="3", currency="GBP"),
        Cost(basis="time", amount="3", currency="GBP"),
        Cost(basis="pay", amount="-3", currency="GBP"),
    ],
)
def test_an_amount_of_money_has_its_currency_where_money_is_given(cost):
    """LF-COST-1, LF-COST-2."""
    check_listing(listing(Offer, cost=(Cost(basis="pay", amount="3", currency="GBP"),)), RECORD)

    with pytest.raises(WrongShape):
        check_listing(listing(Offer, cost=(cost,)), RECORD)


def test_who_comes_to_others_says_from_where():
    """LF-FORM-13."""
    check_listing(listing(Offer, location=(Place(latitude="1", longitude="2", reach=500),)), RECORD)

    with pytest.raises(WrongShape, match="reach"):
        check_listing(listing(Offer, location=(Place(name={"en": "X"}, reach=500),)), RECORD)


def test_a_contributor_is_somebody_else_and_named_once():
    """LF-JOINT-2."""
    baker, miller = (Contributor(organisation=f"did:webvh:{name}") for name in ("baker", "miller"))
    check_listing(listing(Offer, contributors=(baker, miller)), RECORD)

    for wrong in ((Contributor(organisation="x"),), (baker, miller, baker)):
        with pytest.raises(WrongShape, match="contributor"):
            check_listing(listing(Offer, contributors=wrong), RECORD)
