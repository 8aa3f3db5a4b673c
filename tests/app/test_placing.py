"""Placing: what gives no point is found by its postcode or its town, and said to be about there."""

import msgspec
import pytest

from app.makers import host_another
from app.test_matching import HALL, NEED, OTHERS
from judged.town import publish_all
from localfed.app import matching, search
from localfed.app.placing import explain, place, say_km, says_no_point, spot_of
from localfed.gazetteer.gazetteer import OfflinePlaces
from localfed.protocol.forms import Address, Place

PLACES = OfflinePlaces()
HEBDEN = "53.743,-2.013"  # the town of HX7


def at(**members):
    return Place(address=Address(**members))


@pytest.mark.parametrize(
    "members, label",
    [
        ({"postal_code": "HX7 8AH"}, "HX7 8"),
        ({"postal_code": "hx78ah", "address_country": "GB"}, "HX7 8"),
        ({"postal_code": "HX7"}, "HX7"),
        ({"postal_code": "HX7 8AH", "address_locality": "London"}, "HX7 8"),
        ({"postal_code": "XX99 9ZZ", "address_locality": "Todmorden"}, "Todmorden, England"),
        ({"postal_code": "BT1 1AA", "address_locality": "Belfast"}, "Belfast, Northern Ireland"),
        ({"address_locality": "Newport", "address_region": "Wales"}, "Newport, Wales"),
        ({"address_locality": "Leeds"}, "Leeds, England"),
        (
            {
                "address_locality": "Todmorden",
                "address_region": "The Dales",
                "address_country": "GB",
            },
            "Todmorden, England",
        ),
    ],
)
def test_an_address_is_found_by_its_postcode_and_else_by_its_town(members, label):
    assert spot_of(PLACES, Address(**members)).label == label


@pytest.mark.parametrize(
    "members",
    [
        {"postal_code": "XX99 9ZZ"},
        {"postal_code": "BT1 1AA"},
        {"postal_code": "HX7 8AH", "address_country": "DE"},
        {"postal_code": "10115"},
        {"address_locality": "Newport"},  # Wales, Shropshire, the Isle of Wight
        {"address_locality": "Boston", "address_region": "MA"},
        {"address_locality": "Leeds", "address_country": "US"},
        {"address_locality": "Nowhere at all"},
        {"street_address": "1 High Street"},
    ],
)
def test_what_may_be_several_places_or_none_is_not_guessed(members):
    assert spot_of(PLACES, Address(**members)) is None


def test_a_large_town_is_not_a_point():
    small, large = (
        spot_of(PLACES, Address(address_locality=name)) for name in ("Todmorden", "London")
    )

    assert small.radius_km == 2.0
    assert 20 < large.radius_km < 30


def test_a_point_that_is_given_stays_as_it_is():
    exact = Place(latitude="55.975", longitude="-3.17", address=Address(postal_code="HX7 8AH"))
    vague = Place(latitude="55.97", longitude="-3.17", radius=5_000)
    given = (exact, vague)

    assert place(PLACES, given) is given
    found = place(PLACES, (exact, at(postal_code="HX7 8AH"), Place(name={"en": "Everywhere"})))
    assert found[0] == exact
    assert found[1].latitude.startswith("53.7")
    assert 500 < found[1].radius < 3_000
    assert found[2].latitude is None


def test_only_an_exact_point_is_exact():
    exact = Place(latitude="55.975", longitude="-3.17")

    assert not says_no_point([exact, at(postal_code="HX7 8AH")])
    assert says_no_point([msgspec.structs.replace(exact, radius=1_000)])
    assert says_no_point([at(postal_code="HX7 8AH")])


def test_whoever_publishes_is_told_how_it_is_found():
    assert "HX7 8 (within about " in explain(PLACES, (at(postal_code="HX7 8AH"),))
    assert "do not find it" in explain(PLACES, (at(address_locality="Newport"),))
    assert not explain(PLACES, ())
    assert not explain(PLACES, (Place(latitude="55.97", longitude="-3.17"),))


# --- in a node -------------------------------------------------------------------------------


def offer(name, **address):
    return {"type": "Offer", "name": name, "location": [{"address": address}]}


async def find(node, **parts):
    await search.catch_up(node.ports)
    return search.find(node.ports, search.read_query(now=node.clock.now(), **parts))


async def test_a_search_near_a_place_finds_what_gives_a_postcode_or_a_town(federation):
    grocer = await federation.node("grocer")
    await grocer.publish(offer("Veg box", postalCode="HX7 8AH"))
    await grocer.publish(offer("Bread", addressLocality="Todmorden"))
    await grocer.publish(offer("Cider", addressLocality="Newport"))
    exact = {"latitude": "53.7431", "longitude": "-2.0131"}
    await grocer.publish({"type": "Offer", "name": "Soup", "location": [exact]})

    found = await find(grocer, near=HEBDEN, radius="15")

    told = {one.document.body.partition(b'"name":{"en":"')[2][:3]: one for one in found.results}
    assert set(told) == {b"Veg", b"Bre", b"Sou"}
    assert told[b"Veg"].km < 3
    assert told[b"Veg"].is_about
    assert told[b"Bre"].is_about
    assert not told[b"Sou"].is_about
    (document,) = [one.document for one in found.results if one is told[b"Veg"]]
    assert b"latitude" not in document.body


async def test_an_offer_and_a_need_meet_by_their_postcodes(federation):
    choir = await federation.node("choir")
    chapel = await host_another(choir, "https://chapel.example", "Chapel")

    def at_code(listing, code):
        return listing | {"location": [{"address": {"postalCode": code}}]}

    needs = [at_code(NEED, code) for code in ("HX7 6LT", "EH1 1AD")]
    near, far = await publish_all(choir, choir.did, needs)
    await publish_all(choir, chapel, [at_code(HALL, "HX7 8AH"), *OTHERS])
    await search.catch_up(choir.ports)

    (match,) = matching.find_matches(choir.ports, near)

    assert 0 < match.km < 10
    assert matching.find_matches(choir.ports, far) == ()


def test_what_is_only_about_there_is_at_least_about_a_kilometre_away():
    """As pages say it: nearer nobody knows."""
    said = [say_km(km, is_about=is_about) for km in (0.04, 3.26) for is_about in (False, True)]

    assert said == ["0.0 km", "about 1.0 km", "3.3 km", "about 3.3 km"]
