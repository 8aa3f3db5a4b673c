"""The demo town: what three made-up organisations of a made-up town publish.

Here: the drafts, about thirty. The town lies on an empty moor; none of it exists.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

Draft = dict[str, Any]

TOWN: Final = "Aldwater"


class Townsfolk(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation of the town and its drafts."""

    folder: str
    name: str
    drafts: tuple[Draft, ...]


def _place(latitude: str, longitude: str, street: str) -> list[Draft]:
    address = {"streetAddress": street, "addressLocality": TOWN, "addressCountry": "GB"}
    return [{"latitude": latitude, "longitude": longitude, "address": address}]


def _listing(
    kind: str, name: str, text: str, category: list[str], place: list[Draft], **more: Any
) -> Draft:
    return {
        **more,
        "type": kind,
        "name": {"en": name},
        "description": {"en": text},
        "category": category,
        "location": place,
    }


def _neighbour(name: str, text: str, category: list[str], place: list[Draft]) -> Draft:
    draft = _listing("Organization", name, text, category, place)
    source = {"name": f"{TOWN} noticeboard", "edition": "spring", "license": "CC BY 4.0"}
    return {**draft, "listed": True, "source": source}


_KITCHEN = _place("54.6021", "-2.3014", "4 Mill Lane")
_TOOLS = _place("54.6052", "-2.2968", "The Old Forge, Bridge Street")
_HALL = _place("54.5989", "-2.3102", "Chapel Row")

TOWN_ORGANISATIONS: Final = (
    Townsfolk(
        folder="kitchen",
        name="Aldwater Community Kitchen",
        drafts=(
            {
                "type": "Organization",
                "name": {"en": "Aldwater Community Kitchen"},
                "description": {"en": "Cooking and eating together, twice a week, for everyone."},
                "category": ["Food", "Community"],
                "legalForm": "Community interest company",
                "kinds": ["social-enterprise", "community-group"],
                "aims": {"en": "That nobody in the town eats alone or goes without."},
                "audience": ["everybody"],
                "location": _KITCHEN,
            },
            _listing(
                "Offer",
                "Veg box",
                "A weekly box of vegetables from allotments around the town. Pay what you can.",
                ["Food"],
                _KITCHEN,
            ),
            _listing(
                "Offer",
                "Community lunch",
                "A hot meal every Tuesday and Friday at noon. Nobody is asked for money.",
                ["Food", "Community"],
                _KITCHEN,
                form="service",
                cost="pay-what-you-can",
                schedule="Tu,Fr 12:00-14:00 Europe/London",
                audience="everybody",
                howToGet="Just come.",
            ),
            _listing(
                "Offer",
                "Kitchen to borrow in the evening",
                "A kitchen with six hobs for small food businesses and classes.",
                ["Space", "Food"],
                _KITCHEN,
            ),
            _listing(
                "Offer",
                "Cookery course for beginners",
                "Six evenings on soup, bread and cooking with what there is.",
                ["Learning", "Food"],
                _KITCHEN,
            ),
            _listing(
                "Need",
                "A hall on Thursdays",
                "We look for a warm room for forty people on Thursday afternoons.",
                ["Space"],
                _KITCHEN,
                form="space",
                seeks="help",
                cost="free",
                schedule="Th 14:00-16:00 Europe/London",
            ),
            _listing(
                "Need",
                "Someone to mend our bread oven",
                "The thermostat has gone; we can pay for parts.",
                ["Repair"],
                _KITCHEN,
            ),
            _listing(
                "Need",
                "Drivers for veg boxes",
                "Two hours on Wednesday mornings, with our cargo bicycle or your own car.",
                ["Volunteering", "Transport"],
                _KITCHEN,
            ),
            _neighbour(
                "Moorside Allotments",
                "Forty plots, a shared shed, an open day in June.",
                ["Food", "Gardening"],
                _place("54.6090", "-2.3150", "Moorside Road"),
            ),
            _neighbour(
                "Aldwater Bakery Co-operative",
                "Bread and rolls, owned by the bakers.",
                ["Food", "Retail"],
                _place("54.6009", "-2.2991", "11 Market Place"),
            ),
        ),
    ),
    Townsfolk(
        folder="tools",
        name="Old Forge Tool Library",
        drafts=(
            {
                "type": "Organization",
                "name": {"en": "Old Forge Tool Library"},
                "description": {"en": "Borrow it, mend it, learn how: tools for everyone."},
                "category": ["Repair", "Community"],
                "legalForm": "Community benefit society",
                "kinds": ["community-benefit-society", "co-operative"],
                "location": _TOOLS,
            },
            _listing(
                "Offer",
                "Tools to borrow",
                "Drills, saws, ladders, a cement mixer: a week at a time.",
                ["Equipment"],
                _TOOLS,
            ),
            _listing(
                "Offer",
                "Repair café",
                "Bring what is broken on the first Saturday; we mend it with you.",
                ["Repair", "Community"],
                _TOOLS,
            ),
            _listing(
                "Offer",
                "Bicycle repair",
                "Punctures, brakes and gears while you wait. Second-hand bicycles too.",
                ["Repair", "Transport"],
                _TOOLS,
            ),
            _listing(
                "Offer",
                "Advice on insulating an old house",
                "An hour at your home with somebody who has done it.",
                ["Advice", "Energy"],
                [
                    {
                        "name": {"en": f"{TOWN} and the villages around"},
                        "latitude": "54.60",
                        "longitude": "-2.30",
                        "radius": 10000,
                    }
                ],
            ),
            {
                **_listing(
                    "Offer",
                    "Repair advice by video",
                    "Show us what is broken; we tell you whether it is worth mending.",
                    ["Advice", "Repair"],
                    [],
                ),
                "online": True,
            },
            _listing(
                "Need",
                "Garden tools nobody uses",
                "Spades, forks and a mower; we clean and mend them.",
                ["Equipment", "Gardening"],
                _TOOLS,
            ),
            _listing(
                "Need",
                "A bookkeeper for two hours a month",
                "Our accounts are simple, but nobody here likes them.",
                ["Skills", "Volunteering"],
                _TOOLS,
            ),
            _neighbour(
                "Bridge Street Cycle Club",
                "Rides on Sundays, all speeds, no sports clothes needed.",
                ["Sport", "Transport"],
                _place("54.6060", "-2.2955", "22 Bridge Street"),
            ),
            _neighbour(
                "Aldwater Energy Co-operative",
                "Solar panels on the school roof, owned by ninety neighbours.",
                ["Energy"],
                _place("54.6031", "-2.3057", "School Lane"),
            ),
        ),
    ),
    Townsfolk(
        folder="hall",
        name="Chapel Row Hall",
        drafts=(
            {
                "type": "Organization",
                "name": {"en": "Chapel Row Hall"},
                "description": {"en": "A hall, a garden and a kettle, run by the congregation."},
                "category": ["Space", "Faith"],
                "legalForm": "Charity",
                "kinds": ["charity", "faith-group"],
                "location": _HALL,
            },
            _listing(
                "Offer",
                "Hall to hire, free on Thursdays",
                "A warm room that seats sixty people, level access, hearing loop, a small kitchen.",
                ["Space"],
                _HALL,
                form="space",
                cost=["free", "12 GBP an hour on other days"],
                schedule="Th 09:00-21:00 Europe/London",
                accessibility=["step-free", "hearing-loop"],
                howToGet="Ring the bell, or write to us.",
            ),
            _listing(
                "Offer",
                "Warm room",
                "Open every weekday in winter, with tea and a chess board.",
                ["Community"],
                _HALL,
            ),
            _listing(
                "Offer",
                "Welsh conversation",
                "An hour on Monday evenings for learners of every level.",
                ["Learning"],
                _HALL,
            ),
            _listing(
                "Offer",
                "Toddler group",
                "Songs, toys and coffee on Wednesday mornings.",
                ["Children", "Community"],
                _HALL,
            ),
            _listing(
                "Need",
                "Soup for the warm room",
                "Twenty bowls on Mondays from December to March.",
                ["Food"],
                _HALL,
            ),
            _listing(
                "Need",
                "Help to make our website readable",
                "It is from another age; the words are there, the look is not.",
                ["Skills"],
                _HALL,
            ),
            _listing(
                "Need",
                "Ideas for the empty garden house",
                "Dry, four metres by three, no electricity. What would you do with it?",
                ["Space", "Community"],
                _HALL,
            ),
            _neighbour(
                "Aldwater Choir",
                "Sings on Tuesdays, reads no notes.",
                ["Arts and culture"],
                _place("54.5989", "-2.3102", "Chapel Row"),
            ),
            _neighbour(
                "Riverside Credit Union",
                "Small savings and fair loans for people who live here.",
                ["Finance"],
                _place("54.6015", "-2.2980", "3 Market Place"),
            ),
        ),
    ),
)
