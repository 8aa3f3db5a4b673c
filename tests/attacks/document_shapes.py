"""A right document of each type with every member that it may have, and every wrong type of each member.

Here: what is generated from the structs of the protocol; a struct that gets a member gets its cases with
it, or the table says that it lacks an example. Not here: who reads it (`test_documents`).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from attacks.document_material import MEMBERS as PROOF_MEMBERS
from attacks.document_material import Forge, Json
from localfed.protocol.contact import Contact
from localfed.protocol.digest import digest
from localfed.protocol.document import Proof, Signed
from localfed.protocol.exchange import Exchange, Figures, Flow, Period
from localfed.protocol.feed import Head, Limits, Part, Snapshot
from localfed.protocol.forms import Address, Identifier, Place, Source
from localfed.protocol.listing import Need, Offer
from localfed.protocol.message import MESSAGE_TYPES, Proposal
from localfed.protocol.organisation import Organization
from localfed.protocol.partnership import Partnership

SCID: Final = f"Qm{'2' * 44}"
PARTNER: Final = f"did:webvh:{SCID}:partner.example"
SOMETHING: Final = digest(b"something")

MESSAGES: Final = {**MESSAGE_TYPES, "Proposal of an exchange": Proposal}

KINDS: Final[dict[str, type[Signed]]] = {
    "Organization": Organization,
    "Offer": Offer,
    "Need": Need,
    "Partnership": Partnership,
    "Contact": Contact,
    "Exchange": Exchange,
    "Head": Head,
    **MESSAGES,
}

NOT_BOTH: Final = {
    "Proposal": {"exchange"},
    "Proposal of an exchange": {"stage", "roles", "promotes"},
}
"""What the one kind of proposal has, the other must not have (LF-MSG-7)."""

INNER: Final = (
    Place,
    Address,
    Identifier,
    Source,
    Snapshot,
    Part,
    Limits,
    Proof,
    Figures,
    Flow,
    Period,
)
"""Structs that stand inside others."""

_PLACE: Final = {
    "name": {"en": "The yard"},
    "address": {
        "streetAddress": "1 High Street",
        "addressLocality": "Leith",
        "addressRegion": "Lothian",
        "postalCode": "EH6 6AA",
        "addressCountry": "GB",
    },
    "latitude": "55.95",
    "longitude": "-3.19",
    "radius": 2000,
    "reach": 5000,
}

_IMAGE: Final = {
    "path": f"m/{SOMETHING}.jpg",
    "digest": SOMETHING,
    "bytes": 7,
    "width": 8,
    "height": 9,
    "alt": {"en": "Loaves"},
}

_LISTING: Final = {
    "description": {"en": "Of today"},
    "url": "https://friend.example/bread",
    "category": ["Food"],
    "keywords": ["rye"],
    "location": [_PLACE],
    "online": True,
    "audience": ["children"],
}

_CONTRIBUTORS: Final = [
    {"organisation": PARTNER, "delivers": {"en": "the flour"}, "roles": ["contributor"]}
]

_OFFERED: Final = {
    "form": "goods",
    "eligibility": {"en": "Neighbours"},
    "cost": [
        {"basis": "pay", "amount": "3", "currency": "GBP", "description": {"en": "a loaf"}},
    ],
    "schedule": [
        {
            "start": "2026-05-04T10:00",
            "minutes": 60,
            "timeZone": "Europe/London",
            "repeat": "FREQ=WEEKLY;BYDAY=MO",
            "until": "2027-01-31",
            "exceptDate": ["2026-12-28"],
            "name": {"en": "Baking day"},
        }
    ],
    "accessibility": ["step-free"],
    "availableLanguage": ["en"],
    "howToGet": {"en": "Come"},
    "quantity": "3",
    "unit": "loaves",
    "image": [_IMAGE],
}

_COMMON: Final = {
    "language": "en",
    "critical": ["name"],
    "ext": {"https://x.example/": 7},
}


def whole(forge: Forge, kind: str) -> Json:
    """Give a document of a type that says all it can."""
    return forge.offer(**_members(forge, kind))


def _members(forge: Forge, kind: str) -> Json:
    if kind in MESSAGES:
        said = {
            **_COMMON,
            "id": f"{forge.did}/messages/{'a' * 26}.json",
            "type": MESSAGES[kind].__name__,
            "to": forge.others,
            "critical": ["to"],
            "text": {"en": "Have you bread?"},
            "inReplyTo": ...,
            **dict.fromkeys(("name", "assured", "license", "revision"), ...),
        }
        own: dict[str, Json] = {
            "Proposal": {
                "stage": "promotion",
                "roles": ["mentor"],
                "promotes": True,
                "inReplyTo": SOMETHING,
            },
            "Proposal of an exchange": {
                "exchange": _figures(forge, forge.others),
                "inReplyTo": SOMETHING,
            },
            "Accept": {"inReplyTo": SOMETHING},
            "Decline": {"inReplyTo": SOMETHING},
            "Enquiry": {"inReplyTo": SOMETHING, "about": f"{PARTNER}/d/{'b' * 26}.json"},
        }
        return {**said, **own[kind]}
    if kind == "Head":
        return {
            "id": f"{forge.did}/head.json",
            "type": "Head",
            "critical": ["seq"],
            "ext": _COMMON["ext"],
            "seq": 7,
            "chain": SOMETHING,
            "page": "feed/7.json",
            "snapshot": {
                "seq": 5,
                "chain": SOMETHING,
                "parts": [{"name": "snapshot/5-1.json", "digest": SOMETHING}],
            },
            "identity": forge.version,
            "poll": 900,
            "versions": ["1.0"],
            "inbox": "inbox",
            "limits": {"documents": 10, "inboxBytes": 10},
            **dict.fromkeys(("name", "assured", "license", "revision", "language"), ...),
        }
    if kind == "Partnership":
        return {
            **_COMMON,
            "id": f"{forge.did}/p/{SCID}.json",
            "type": kind,
            "name": ...,
            "critical": ["partner"],
            "partner": PARTNER,
            "stage": "promotion",
            "roles": ["lead"],
            "promotes": True,
            "jointOffers": [f"{PARTNER}/d/{'b' * 26}.json"],
            "description": {"en": "Together"},
        }
    if kind == "Contact":
        return {
            **_COMMON,
            "assured": ...,
            "id": f"{forge.did}/contact.json",
            "type": kind,
            "expires": forge.time(days=80),
            "name": {"en": "Office"},
            "critical": ["type"],
            "email": "office@friend.example",
            "telephone": "01632 960123",
            "url": "https://friend.example/ask",
            "hours": {"en": "Mondays"},
            "availableLanguage": ["en"],
        }
    if kind == "Exchange":
        return {
            **_COMMON,
            "id": f"{forge.did}/d/{'a' * 26}.json",
            "type": kind,
            "name": ...,
            "assured": ...,
            "critical": ["ref"],
            "partner": PARTNER,
            **_figures(forge, PARTNER),
            "note": {"en": "The autumn"},
        }
    if kind == "Organization":
        return {
            **_COMMON,
            **_LISTING,
            "type": kind,
            "legalForm": "Co-operative",
            "kinds": ["co-operative"],
            "aims": {"en": "Bread for all"},
            "memberOf": [
                {"name": "Bakers", "url": "https://bakers.example/", "organisation": PARTNER}
            ],
            "logo": _IMAGE,
            "identifier": [{"scheme": "GB-COH", "number": "1"}],
            "listed": True,
            "source": {
                "name": "A register",
                "url": "https://register.example/",
                "edition": "2026",
                "license": "OGL",
                "record": "7",
            },
            "claims": [f"{PARTNER}/d/{'b' * 26}.json"],
            "claimedBy": PARTNER,
        }
    return {
        **_COMMON,
        **_LISTING,
        **_OFFERED,
        **({"seeks": "help"} if kind == "Need" else {"contributors": _CONTRIBUTORS}),
        "type": kind,
        "validFrom": forge.time(days=-9),
        "validUntil": forge.time(days=9),
    }


def _figures(forge: Forge, partner: str) -> Json:
    day = forge.time()[:10]
    flow = {
        "from": forge.did,
        "to": partner,
        "what": "Bread",
        "category": "food",
        "quantity": "7",
        "unit": "loaves",
    }
    return {"ref": "r" * 26, "flows": [flow], "period": {"start": day, "end": day}}


def lacking(forge: Forge) -> set[str]:
    """Say which members of a struct no example has."""
    examples = {kind: whole(forge, kind) for kind in KINDS}
    found = {
        f"{kind}.{field.encode_name}"
        for kind, struct in KINDS.items()
        for field in msgspec.structs.fields(struct)
        if field.encode_name not in examples[kind]
        and field.encode_name not in NOT_BOTH.get(kind, ())
    }
    seen = {name for value in examples.values() for at in places(value) for name in at}
    seen |= {*PROOF_MEMBERS}
    return found | {
        f"{struct.__name__}.{field.encode_name}"
        for struct in INNER
        for field in msgspec.structs.fields(struct)
        if field.encode_name not in seen
    }


# --- wrong types -----------------------------------------------------------------------------

Place_ = tuple[str | int, ...]

WRONG: Final[dict[str, Any]] = {
    "null": None,
    "true": True,
    "a number": 7,
    "a text": "x",
    "a list": [],
    "an object": {},
    "a list of null": [None],
    "an object of null": {"en": None},
}

MEMBERS: Final = [
    (kind, field.encode_name)
    for kind, struct in KINDS.items()
    for field in msgspec.structs.fields(struct)
    if field.encode_name not in NOT_BOTH.get(kind, ())
]
"""Every member of every type, out of the structs."""


def required(kind: str) -> set[str]:
    """Say which members of a type cannot be left out."""
    fields = msgspec.structs.fields(KINDS[kind])
    # A listed record that does not say so lies at the wrong path.
    lists = {"listed"} if kind == "Organization" else set()
    # A unit without a quantity is of nothing.
    lists |= {"quantity"} if kind in {"Offer", "Need"} else set()
    one_of = {"Proposal": {"stage"}, "Proposal of an exchange": {"exchange"}}.get(kind, set())
    return {field.encode_name for field in fields if field.required} | lists | one_of


def wrong_values(right: Any) -> Iterator[tuple[str, Any]]:
    """Give what is of another JSON type than the right value, and the right one in something."""
    for name, value in WRONG.items():
        if name == "an object of null" or type(value) is not type(right):
            yield name, value
    yield "itself in a list", [right]
    yield "itself in an object", {"en": right}
    if isinstance(right, int):
        yield "itself as text", str(right)
    if isinstance(right, list) and right:
        yield "its first alone", right[0]


RIGHT: Final = {
    ("ext", "itself in an object"),
    ("ext", "an object of null"),
    ("limits", "itself in an object"),
}
"""What only looks wrong: an extension may hold anything, and nobody knows this member of `limits`."""


def inner_places(value: Json) -> list[Place_]:
    """Give every place inside the members of a document, `ext` apart."""
    return [at for at in places(value) if len(at) > 1 and at[0] != "ext"]


def places(value: Any, at: Place_ = ()) -> Iterator[Place_]:
    if at:
        yield at
    if isinstance(value, dict):
        for name, item in value.items():
            yield from places(item, (*at, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from places(item, (*at, number))


def at_place(value: Json, at: Place_) -> Any:
    item: Any = value
    for step in at:
        item = item[step]
    return item


def with_other(value: Json, at: Place_, other: Any) -> Json:
    """Copy a document with another value at one place."""
    changed = copy.deepcopy(value)
    at_place(changed, at[:-1])[at[-1]] = other
    return changed
