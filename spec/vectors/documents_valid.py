"""Documents that every reader accepts, and whether this version shows them.

Here: a table of cases. Not here: writing them (`make_documents.py`), forging (`forge_document.py`).
"""

from __future__ import annotations

from typing import Any, Final

from forge_document import (
    AT,
    CONTACT,
    DID,
    HALF,
    OTHER_RECORD,
    OWN,
    PARTNER,
    RECORD,
    Json,
    contact,
    exchange,
    flow,
    half,
    listed,
    offer,
    own,
    signed,
)
from forge_log import NEW_KEY
from listings_invalid import when
from pictures_invalid import picture

PLACE: Final[Json] = {
    "name": {"en": "The shop"},
    "address": {
        "streetAddress": "3 High Street\nBackyard",
        "addressLocality": "Millbrook",
        "addressRegion": "Northshire",
        "postalCode": "ZZ1 1ZZ",
        "addressCountry": "GB",
    },
    "latitude": "55.95",
    "longitude": "-3.19",
}
LISTED: Final[Json] = listed(
    identifier=[{"scheme": "GB-COH", "number": "00000000"}],
    legalForm="Charity",
    location=[{"latitude": "55.95", "longitude": "-3.2", "name": {"en": "Millbrook"}}],
    source={
        "name": "Register of halls",
        "url": "https://register.example/halls.csv",
        "edition": "Q2 2026",
        "license": "Open Government Licence",
        "record": "R-17",
    },
)
NEW_METHOD: Final = f"{DID}#{NEW_KEY.multikey}"


def cases() -> dict[str, Json]:
    """Give every case by its name: the bytes, and what is not as usual."""
    return {
        "own-record": _case(own(), OWN),
        "own-record-full": _case(
            own(
                description={"en": "Fruit and vegetables.\nOpen daily.", "cy": "Ffrwythau."},
                url="https://grocer.example/",
                legalForm="Co-operative",
                kinds=["co-operative", "shop that we all own"],
                aims={"en": "Good food for everybody near."},
                audience=["everybody", "older-people"],
                memberOf=[
                    {"name": "Northshire Food Network"},
                    {
                        "name": "The bakers",
                        "url": "https://baker.example/",
                        "organisation": PARTNER,
                    },
                ],
                category=["food", "shop"],
                keywords=["organic"],
                identifier=[{"scheme": "GB-COH", "number": "00000000"}],
                location=[PLACE],
                online=False,
                claims=[f"{DID}/{OTHER_RECORD}"],
                logo=picture("png"),
                language="en",
            ),
            OWN,
        ),
        "offer-smallest": _case(offer()),
        "offer-full": _case(
            offer(
                description={"und": "A box of what is ripe."},
                url="https://grocer.example/box?size=small#price",
                category=["food"],
                keywords=["vegetables", "weekly"],
                location=[PLACE],
                online=True,
                form="goods",
                image=[
                    picture(alt={"en": "A box of leeks", "cy": "Bocs o gennin"}),
                    picture("webp", of=b"another"),
                ],
                audience=["families", "people who cook"],
                eligibility={"en": "Members, and their neighbours."},
                cost=[
                    {
                        "basis": "pay",
                        "amount": "7.50",
                        "currency": "GBP",
                        "description": {"en": "a box"},
                    },
                    {"basis": "pay-what-you-can", "amount": "3", "currency": "GBP"},
                    {"basis": "time"},
                ],
                schedule=[
                    when(
                        until="2026-12-31",
                        exceptDate=["2026-12-24", "2026-12-28"],
                        name={"en": "Collection"},
                    ),
                    when(repeat=..., start="2026-05-09T09:00", minutes=10_080),
                ],
                accessibility=["step-free", "somebody carries it to your car"],
                availableLanguage=["en", "cy", "pl"],
                howToGet={"en": "Order by Wednesday."},
                quantity="40",
                unit="boxes",
                validFrom="2026-05-01T00:00:00Z",
                validUntil="2026-09-01T00:00:00Z",
                language="en-GB",
            )
        ),
        "need-for-partners": _case(
            offer(
                type="Need",
                name={"en": "What keeps the buses away from our road?"},
                form="project",
                seeks="partners",
                cost=[{"basis": "exchange"}],
                category=["transport"],
            )
        ),
        "open-question": _case(offer(type="Need", seeks="answers")),
        "seeks-of-an-offer": _case(offer(seeks="nobody reads this here")),
        "reach": _case(
            offer(
                location=[
                    {"latitude": "55.9123", "longitude": "-3.25", "reach": 5000},
                    {"latitude": "55.9", "longitude": "-3.25", "radius": 2000, "reach": 100},
                ]
            )
        ),
        "rule-of-all-parts": _case(
            offer(
                schedule=[
                    when(
                        repeat="FREQ=MONTHLY;INTERVAL=2;COUNT=999;BYMONTH=1,12;BYDAY=MO,FR;BYSETPOS=-1"
                    ),
                    when(repeat="FREQ=MONTHLY;BYDAY=-1SU,5MO"),
                    when(repeat="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"),
                    when(repeat="FREQ=MONTHLY;BYMONTHDAY=-1,31"),
                    when(repeat="FREQ=DAILY;INTERVAL=99"),
                ]
            )
        ),
        "rule-that-never-comes": _case(
            offer(schedule=[when(repeat="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31")])
        ),
        "zone-that-nobody-knows": _case(offer(schedule=[when(timeZone="Mars/Olympus_Mons")])),
        "need-vague-place": _case(
            offer(
                type="Need",
                name={"en": "A van on Thursdays"},
                location=[{"latitude": "55.9", "longitude": "-3.25", "radius": 2000}],
            )
        ),
        "listed-record": _case(LISTED),
        "listed-and-claimed": _case(listed(claimedBy=DID)),
        "eight-languages": _case(
            offer(name=dict.fromkeys(("en", "cy", "gd", "fr", "de", "pl", "ur", "und"), "X"))
        ),
        "texts-with-joiners": _case(offer(description={"fa": "کتاب‌ها"})),
        "beyond-the-basic-plane": _case(offer(name={"en": "Veg 🥕 box"})),
        "false-written-out": _case(offer(online=False)),
        "empty-arrays": _case(offer(category=[], location=[])),
        "later-context": _case(offer(context="https://w3id.org/localfed/1.999")),
        "partnership": _case(half(), HALF),
        "partnership-full": _case(
            half(
                stage="integrated",
                roles=["lead", "contributor", "mentor", "referrer"],
                promotes=True,
                jointOffers=[f"{PARTNER}/{RECORD}", f"{DID}/{RECORD}"],
                description={"en": "We sell their bread."},
            ),
            HALF,
        ),
        "contact": _case(contact(), CONTACT),
        "contact-full": _case(
            contact(
                name={"en": "Office", "cy": "Swyddfa"},
                email="the.office+shop@mail.grocer.example",
                telephone="+44 (0)1632 960-123",
                url="https://grocer.example/ask",
                hours={"en": "Tuesdays and Thursdays, 10 to 12"},
                availableLanguage=["en", "cy"],
                language="en",
            ),
            CONTACT,
        ),
        "contact-by-telephone": _case(contact(email=..., telephone="999"), CONTACT),
        "exchange": _case(exchange()),
        "exchange-full": _case(
            exchange(
                license="https://creativecommons.org/licenses/by/4.0/",
                flows=[
                    flow(category="food", quantity="10000"),
                    flow(giver=PARTNER, to=DID, what="Bread", quantity="1000000", unit="loaves"),
                    flow(what="The hall & the yard", unit="evenings", quantity="0.000001"),
                    flow(what="🥕", unit="Hours", quantity="10000.5"),
                ],
                note={"en": "The spring digging weeks.", "cy": "Wythnosau palu'r gwanwyn."},
                language="en",
            )
        ),
        "exchange-of-one-day": _case(
            exchange(period={"start": "2026-05-03", "end": "2026-05-03"}),
        ),
        "exchange-of-a-year": _case(exchange(period={"start": "2024-01-01", "end": "2024-12-31"})),
        "exchange-of-twenty-flows": _case(exchange(flows=[flow()] * 20)),
        "exchange-at-the-end-of-three-years": _case(
            exchange(
                period={"start": "2023-06-01", "end": "2023-06-30"}, expires="2026-06-30T00:00:00Z"
            )
        ),
        "unknown-member": _case(offer(price="3", later={"a": [1, 2, 3]})),
        "extension": _case(
            offer(
                ext={
                    "https://vocab.example/box#size": {"@type": "x", "@id": None, "~1!": 1},
                    "https://vocab.example/flag": True,
                }
            )
        ),
        "extension-beside-null-text": _case(offer(name={"en": "null"})),
        "joint-offer": _case(
            offer(
                contributors=[
                    {
                        "organisation": PARTNER,
                        "delivers": {"en": "The bread", "cy": "Y bara"},
                        "roles": ["contributor"],
                    },
                    {"organisation": f"did:webvh:Qm{'2' * 44}:miller.example"},
                ]
            )
        ),
        "known-critical": _case(offer(critical=["location", "proof"], location=[PLACE])),
        "unknown-critical": _case(offer(critical=["terms"], terms="swap"), shown=False),
        "unknown-type": _case(
            offer(type="Workshop", name=..., assured=..., license=..., seats=12), shown=False
        ),
        "unknown-type-elsewhere": _case(
            offer(type="Workshop", id=f"{DID}/w/spring.json"), "w/spring.json", shown=False
        ),
        "unknown-type-at-a-partner": _case(
            offer(type="Workshop", id=f"{DID}/{HALF}"),
            HALF,
            shown=False,
        ),
        "assured-a-little-later": _case(offer(assured="2026-05-02T09:35:00Z")),
        "assured-long-ago": _case(offer(assured="2025-09-24T09:30:00Z")),
        "ahead-by-five-minutes": _case(offer(), at="2026-05-02T09:25:00Z"),
        "last-second": _case(offer(), at="2026-10-29T09:29:59Z"),
        "poles-and-date-line": _case(
            offer(location=[{"latitude": "-90", "longitude": "180.000000"}])
        ),
        "signed-with-the-new-key": {
            **_case(offer()),
            "body": signed(offer(), key=NEW_KEY, method=NEW_METHOD),
            "log": "valid/moved.jsonl",
        },
        "revision-zero": _case(offer(revision=0)),
        "largest-integer": _case(offer(revision=9_007_199_254_740_991)),
        "deepest": _case(offer(ext={"https://vocab.example/deep": nested(30)})),
        "most-values": _case(offer(ext={"https://vocab.example/many": [0] * values_left()})),
        "most-members": _case(
            offer(ext={"https://vocab.example/wide": {f"m{n}": n for n in range(256)}})
        ),
        "largest": _case(_of_size(65_536)),
    }


def nested(depth: int) -> Any:
    """Nest so many arrays."""
    value: Any = []
    for _ in range(depth - 1):
        value = [value]
    return value


def values_left() -> int:
    """Say how many elements an array in `ext` of the smallest offer may have."""
    # 10 members and ext and proof; one name; six of the proof; the array itself.
    return 5_000 - 12 - 1 - 6 - 1


def _of_size(size: int) -> Json:
    """Fill an offer up until its bytes, signed, have exactly this size."""
    texts = dict.fromkeys(("en", "cy", "gd", "fr", "de", "pl", "ur"), "x" * 9000)
    short = size - len(signed(offer(description=texts)))
    texts["en"] += "x" * min(short, 1_000)
    short = size - len(signed(offer(description=texts)))
    return offer(description=texts, note="x" * (short - len(',"note":""')))


def _case(
    document: Json, path: str = RECORD, *, at: str = AT, shown: bool = True
) -> dict[str, Any]:
    return {"body": signed(document), "path": path, "at": at, "shown": shown}
