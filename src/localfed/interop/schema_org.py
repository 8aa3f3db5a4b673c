"""schema.org: records, lists and ways to a page as the structured data that search engines read.

Here: what is said of an organisation, an offer, a need, a list of results and a node, and writing it so that it can
stand within HTML. Not here: its types (`schema_org_types`), which page it is on (`web.linked_data`), linked data of
whole documents (`rdf`).
Source: schema.org; which members a search engine asks for is in docs/learn/search_engines.md, with the pages that
say so. What a record does not say is not made up: where a required member is missing, the type is not claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from localfed.interop.listing_times import next_time
from localfed.interop.outgoing_text import clean, clean_line
from localfed.interop.recurrence import is_known_zone
from localfed.interop.schema_org_types import (
    Audience,
    BreadcrumbList,
    Crumb,
    EntryPoint,
    GeoCircle,
    GeoCoordinates,
    ItemList,
    OpeningHours,
    PostalAddress,
    Price,
    PropertyValue,
    SearchAction,
    Spot,
    Thing,
    VirtualLocation,
    WebSite,
)
from localfed.interop.vocabulary import Scheme, concept_of
from localfed.protocol.forms import Address, Place
from localfed.protocol.listing import Cost, Listing, Need
from localfed.protocol.organisation import Organization
from localfed.protocol.schedule import read_local, rule_parts

CONTEXT: Final = "https://schema.org"

Say = Callable[[dict[str, str]], str]
"""Chooses from texts in several languages."""

_DAYS: Final = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
_MINUTES_OF_DAY: Final = 1_440
_DATE_LENGTH: Final = 10
_THINGS: Final = frozenset({"goods", "equipment", "space", "data"})
"""Forms of what is had; the others are done."""
_NEEDS_ADDRESS: Final = frozenset({"LocalBusiness", "Library"})
_PLAIN_TYPE: Final = "Organization"

# Within a script element of HTML none of these may stand as it is: "<" ends the element or opens a comment,
# U+2028 and U+2029 ended a line of JavaScript for a long time.
_ESCAPES: Final = str.maketrans(
    {
        "<": "\\u003c",
        ">": "\\u003e",
        "&": "\\u0026",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
    }
)


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a record beside what it says."""

    say: Say
    page: str
    """URL of its page here."""
    publisher: Thing
    """Who publishes it, in short."""
    images: tuple[str, ...] = ()
    """URLs of our copies of its pictures."""
    now: datetime


def write_data(things: Sequence[Any]) -> str:
    """Write structured data as JSON that may stand within a script element of HTML, whatever is in it."""
    data = msgspec.json.encode({"@context": CONTEXT, "@graph": list(things)})
    return data.decode().translate(_ESCAPES)


def name_organisation(name: str, url: str) -> Thing:
    """Say who an organisation is, in short."""
    return Thing(type=_PLAIN_TYPE, name=clean_line(name), url=url)


def describe_organisation(record: Organization, around: Around) -> Thing:
    """Say of an organisation what its record says; no way to reach it, which is not to live so long."""
    addresses = tuple(_address(place.address) for place in record.location if place.address)
    type_ = _type_of(record, has_address=any(map(_is_whole, addresses)))
    points = [geo for place in record.location if (geo := _geo(place)) is not None]
    return Thing(
        type=type_,
        id=record.id,
        name=clean_line(around.say(record.name)),
        description=clean(around.say(record.description)) if record.description else None,
        url=record.url or around.page,
        main_entity_of_page=around.page,
        image=around.images,
        logo=around.images[0] if around.images else None,
        keywords=_labels((*record.category, *record.keywords)),
        address=(addresses[0] if len(addresses) == 1 else addresses) or None,
        geo=points[0] if points and type_ in _NEEDS_ADDRESS else None,
        identifier=tuple(
            PropertyValue(property_id=one.scheme, value=clean_line(one.number))
            for one in record.identifier
        ),
        member_of=tuple(
            Thing(type=_PLAIN_TYPE, name=clean_line(one.name), url=one.url)
            for one in record.member_of
        ),
    )


def describe_listing(record: Listing, around: Around) -> list[Thing]:
    """Say of an offer or a need what it is, and of its single times that they are events."""
    if isinstance(record, Need):
        return [_with_seeks(around.publisher, _listing(record, around, type_="Demand"))]
    events = _events(record, around)
    if record.form in _THINGS:
        return [_listing(record, around, type_="Offer"), *events]
    service = _listing(record, around, type_="Service")
    return [service, *events]


def describe_way(steps: Sequence[tuple[str, str]]) -> BreadcrumbList:
    """Say how a page is reached: names and URLs, from the first page to this one."""
    last = len(steps)
    return BreadcrumbList(
        item_list_element=tuple(
            # The last is the page itself, which needs no URL.
            Crumb(position=number, name=clean_line(name), item=url if number < last else None)
            for number, (name, url) in enumerate(steps, 1)
        )
    )


def describe_results(results: Sequence[tuple[str, str]]) -> ItemList:
    """Say what a page of results lists: names and URLs, in order."""
    return ItemList(
        number_of_items=len(results),
        item_list_element=tuple(
            Crumb(position=number, name=clean_line(name), url=url)
            for number, (name, url) in enumerate(results, 1)
        ),
    )


def describe_node(name: str, root: str, language: str) -> WebSite:
    """Say what a node is called and how it is searched; `root` is its scheme and host."""
    return WebSite(
        name=clean_line(name),
        url=f"{root}/",
        in_language=language,
        potential_action=SearchAction(
            target=EntryPoint(url_template=f"{root}/?q={{search_term_string}}"),
            query_input="required name=search_term_string",
        ),
    )


def _with_seeks(publisher: Thing, need: Thing) -> Thing:
    return msgspec.structs.replace(publisher, seeks=need)


def _listing(record: Listing, around: Around, *, type_: str) -> Thing:
    is_service, is_need = type_ == "Service", type_ == "Demand"
    prices = () if is_need else tuple(_prices(record.cost, around.say))
    price = prices[0] if prices else None
    places = tuple(filter(None, map(_spot, record.location)))
    return Thing(
        type=type_,
        id=record.id,
        name=clean_line(around.say(record.name)),
        description=clean(around.say(record.description)) if record.description else None,
        url=around.page,
        image=around.images,
        category=_labels(record.category),
        provider=around.publisher if is_service else None,
        offered_by=around.publisher if type_ == "Offer" else None,
        offers=prices or None if is_service else None,
        price=price.price if price and not is_service else None,
        price_currency=price.price_currency if price and not is_service else None,
        area_served=places if is_service else (),
        available_at_or_from=() if is_service else places,
        hours_available=tuple(_hours(record)) if is_service else (),
        audience=tuple(Audience(audience_type=one) for one in _labels(record.audience))
        if is_service
        else (),
        valid_from=None if is_service else record.valid_from,
        valid_through=None if is_service else record.valid_until,
    )


def _events(record: Listing, around: Around) -> list[Thing]:
    """Make events of what is on at single times still to come; what is open each week is no event."""
    places = tuple(filter(None, map(_spot, record.location)))
    # A search engine asks for an address; what is online has its page.
    at: tuple[Spot | VirtualLocation, ...] = tuple(one for one in places if one.address)
    mode = "OfflineEventAttendanceMode"
    if record.online:
        mode = "MixedEventAttendanceMode" if at else "OnlineEventAttendanceMode"
        at = (*at, VirtualLocation(url=record.url or around.page))
    if not at:
        return []
    found = []
    for one in record.schedule:
        if one.repeat is not None and "COUNT" not in rule_parts(one.repeat):
            continue
        following = next_time(msgspec.structs.replace(record, schedule=(one,)), around.now)
        if following is None:
            continue
        name = clean_line(around.say(record.name))
        if one.name:
            name = f"{name}: {clean_line(around.say(one.name))}"
        found.append(
            Thing(
                type="Event",
                name=name,
                description=clean(around.say(record.description)) if record.description else None,
                url=around.page,
                image=around.images,
                start_date=following.start.isoformat(timespec="minutes"),
                end_date=following.end.isoformat(timespec="minutes"),
                event_status=f"{CONTEXT}/EventScheduled",
                event_attendance_mode=f"{CONTEXT}/{mode}",
                location=at[0] if len(at) == 1 else at,
                organizer=around.publisher,
                offers=tuple(_prices(record.cost, around.say)) or None,
                is_accessible_for_free=True
                if record.cost and all(cost.basis == "free" for cost in record.cost)
                else None,
            )
        )
    return found


def _prices(costs: Sequence[Cost], say: Say) -> list[Price]:
    return [
        Price(
            price=cost.amount or "0",
            price_currency=cost.currency,
            description=clean(say(cost.description)) if cost.description else None,
        )
        for cost in costs
        if cost.amount is not None or cost.basis == "free"
    ]


def _hours(record: Listing) -> list[OpeningHours]:
    """Say what is the same every week; what else a schedule says has no word there."""
    begins = (record.valid_from or "")[:_DATE_LENGTH]
    ends = record.valid_until[:_DATE_LENGTH] if record.valid_until else None
    found = []
    for one in record.schedule:
        if one.repeat is None or one.minutes >= _MINUTES_OF_DAY or not is_known_zone(one.time_zone):
            continue
        parts = rule_parts(one.repeat)
        frequency = parts.pop("FREQ")
        named = parts.pop("BYDAY", "")
        if parts or frequency not in {"WEEKLY", "DAILY"}:
            continue
        start = read_local(one.start)
        days = tuple(_DAYS[name] for name in named.split(",") if name)
        if not days:
            days = tuple(_DAYS.values())
            if frequency == "WEEKLY":
                days = (days[start.weekday()],)
        found.append(
            OpeningHours(
                day_of_week=days,
                opens=f"{start:%H:%M}",
                closes=f"{start + timedelta(minutes=one.minutes):%H:%M}",
                valid_from=max(start.date().isoformat(), begins),
                valid_through=min(filter(None, (one.until, ends)), default=None),
            )
        )
    return found


def _type_of(record: Organization, *, has_address: bool) -> str:
    """Choose a type by what the record says that it is; one that needs an address only with one."""
    for label in record.kinds:
        concept = concept_of(Scheme.KINDS, label)
        for term in concept.close_match if concept is not None else ():
            name = term.removeprefix("schema:")
            if has_address or name not in _NEEDS_ADDRESS:
                return name
    return _PLAIN_TYPE


def _is_whole(address: PostalAddress) -> bool:
    return bool(address.street_address and (address.address_locality or address.postal_code))


def _address(address: Address) -> PostalAddress:
    def line(text: str | None) -> str | None:
        return clean_line(text) if text else None

    return PostalAddress(
        street_address=line(address.street_address),
        address_locality=line(address.address_locality),
        address_region=line(address.address_region),
        postal_code=line(address.postal_code),
        address_country=address.address_country,
    )


def _geo(place: Place) -> GeoCoordinates | GeoCircle | None:
    if place.latitude is None or place.longitude is None:
        return None
    point = GeoCoordinates(latitude=float(place.latitude), longitude=float(place.longitude))
    if place.radius is None:
        return point
    return GeoCircle(geo_midpoint=point, geo_radius=place.radius)


def _spot(place: Place) -> Spot | None:
    return Spot(
        name=clean_line(next(iter(place.name.values()))) if place.name else None,
        address=_address(place.address) if place.address else None,
        geo=_geo(place),
    )


def _labels(labels: Sequence[str]) -> tuple[str, ...]:
    return tuple(clean_line(label) for label in labels)
