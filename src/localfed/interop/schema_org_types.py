"""Types of schema.org, as far as a page of ours says anything in them.

Here: values that are written as JSON-LD. Not here: what is said with them (`schema_org`). Source: schema.org.
"""

from __future__ import annotations

import msgspec


class _Node(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag_field="@type"
):
    """Anything of schema.org; its class is its type."""


class PostalAddress(_Node, frozen=True, kw_only=True, tag="PostalAddress"):
    """An address."""

    street_address: str | None = None
    address_locality: str | None = None
    address_region: str | None = None
    postal_code: str | None = None
    address_country: str | None = None


class GeoCoordinates(_Node, frozen=True, kw_only=True, tag="GeoCoordinates"):
    """A point."""

    latitude: float
    longitude: float


class GeoCircle(_Node, frozen=True, kw_only=True, tag="GeoCircle"):
    """What lies around a point, in metres."""

    geo_midpoint: GeoCoordinates
    geo_radius: int


class Spot(_Node, frozen=True, kw_only=True, tag="Place"):
    """A place."""

    name: str | None = None
    address: PostalAddress | None = None
    geo: GeoCoordinates | GeoCircle | None = None


class VirtualLocation(_Node, frozen=True, kw_only=True, tag="VirtualLocation"):
    """Online."""

    url: str


class PropertyValue(_Node, frozen=True, kw_only=True, tag="PropertyValue"):
    """A number in a register."""

    property_id: str = msgspec.field(name="propertyID")
    value: str


class Price(_Node, frozen=True, kw_only=True, tag="Offer"):
    """What something costs."""

    price: str
    price_currency: str | None = None
    description: str | None = None


class OpeningHours(_Node, frozen=True, kw_only=True, tag="OpeningHoursSpecification"):
    """When it is open, each week."""

    day_of_week: tuple[str, ...]
    opens: str
    closes: str
    valid_from: str | None = None
    valid_through: str | None = None


class Audience(_Node, frozen=True, kw_only=True, tag="Audience"):
    """For whom it is."""

    audience_type: str


class Crumb(_Node, frozen=True, kw_only=True, tag="ListItem"):
    """One step of a way, or one result of a list."""

    position: int
    name: str
    item: str | None = None
    url: str | None = None


class BreadcrumbList(_Node, frozen=True, kw_only=True, tag="BreadcrumbList"):
    """The way from the first page to this one."""

    item_list_element: tuple[Crumb, ...]


class ItemList(_Node, frozen=True, kw_only=True, tag="ItemList"):
    """Results."""

    number_of_items: int
    item_list_element: tuple[Crumb, ...]


class EntryPoint(_Node, frozen=True, kw_only=True, tag="EntryPoint"):
    """Where a search is asked."""

    url_template: str


class SearchAction(_Node, frozen=True, kw_only=True, tag="SearchAction"):
    """How to search."""

    target: EntryPoint
    query_input: str = msgspec.field(name="query-input")


class WebSite(_Node, frozen=True, kw_only=True, tag="WebSite"):
    """A node."""

    name: str
    url: str
    in_language: str
    potential_action: SearchAction


class Thing(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An organisation, an offer, a need, a service, an event: the type is a value."""

    type: str = msgspec.field(name="@type")
    id: str | None = msgspec.field(name="@id", default=None)
    name: str
    description: str | None = None
    url: str | None = None
    main_entity_of_page: str | None = None
    image: tuple[str, ...] = ()
    logo: str | None = None
    category: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    # Organisations.
    address: PostalAddress | tuple[PostalAddress, ...] | None = None
    geo: GeoCoordinates | GeoCircle | None = None
    identifier: tuple[PropertyValue, ...] = ()
    member_of: tuple[Thing, ...] = ()
    seeks: Thing | None = None
    # Offers, services and needs.
    provider: Thing | None = None
    offered_by: Thing | None = None
    offers: tuple[Price, ...] | Price | None = None
    price: str | None = None
    price_currency: str | None = None
    item_offered: Thing | None = None
    area_served: tuple[Spot, ...] = ()
    available_at_or_from: tuple[Spot, ...] = ()
    hours_available: tuple[OpeningHours, ...] = ()
    audience: tuple[Audience, ...] = ()
    valid_from: str | None = None
    valid_through: str | None = None
    # Events.
    start_date: str | None = None
    end_date: str | None = None
    event_status: str | None = None
    event_attendance_mode: str | None = None
    location: tuple[Spot | VirtualLocation, ...] | Spot | VirtualLocation | None = None
    organizer: Thing | None = None
    is_accessible_for_free: bool | None = None
