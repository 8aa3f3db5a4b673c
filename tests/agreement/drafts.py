"""Documents of every type that we write, signed by us, each different, always the same ones.

Here: a hundred records and some heads out of a seed: texts of many scripts, language maps, places,
extensions. Not here: checking them. They are written as a node writes its own: `write_document`, `sign`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from agreement.verdicts import AT, documents_of_log
from localfed.protocol.canonical import JsonObject
from localfed.protocol.digest import digest
from localfed.protocol.document import CONTACT_PATH, CONTEXT
from localfed.protocol.draft import write_document
from localfed.protocol.feed import chain_start
from localfed.protocol.identity import Identity, create_log, read_identity
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit
from localfed.protocol.partnership import STAGES, half_path
from localfed.protocol.proofs import sign
from localfed.protocol.times import write_time

SEED = bytes(range(100, 132))
RECORDS = 100
HEADS = 12
HALVES = 8
CONTACTS = 4
EXCHANGES = 6

_KEY = SigningKey(SEED)
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
# Composed and decomposed, right to left, beyond the basic plane, and what JSON has to escape.
_SCRIPTS = (
    'plain "quoted" back\\slash /slash/ <tag> & \'s',
    "Café Cafe\u0301 naïve Ærøskøbing Łódź ẞ",
    "Ψωμί και ελιές",
    "Овощи с грядки",
    "کتاب\u200cها و سبزی",
    "ירקות טריים",
    "ताज़ी सब्ज़ियाँ",
    "野菜の箱 蔬菜 채소",
    "🥕🧅👩‍🌾 \U0001f9fa\U00020bb7",
    "\ufffd\ue000\U0010fffd\ufb01\uff21",
)
_JOINERS = str.maketrans("", "", "\u200c\u200d")
_LANGUAGES = ("en", "cy", "gd", "fr", "ur", "fa", "he", "hi", "zh-Hans", "sr-Latn-RS", "und")
# Names that a careless reader gives a meaning of its own, and the ends of what is allowed.
_NAMES = ("__proto__", "constructor", "toJSON", "@type", "@id", "proof", "~1!", "A" * 255, "a", "B")
_NUMBERS = (0, -1, 9_007_199_254_740_991, -9_007_199_254_740_991, 1_777_714_200_000)


@dataclass(frozen=True)
class Written:
    """A document as a node of ours wrote it."""

    name: str
    kind: str
    body: bytes


@cache
def log() -> bytes:
    """The log of whoever writes all this."""
    return create_log(
        kit=Kit(bytes(range(200, 232))),
        base="https://many.example/",
        keys=[_KEY.multikey],
        now=AT - timedelta(days=30),
    )


@cache
def identity() -> Identity:
    return read_identity(log(), now=AT)


@cache
def known() -> dict[str, JsonObject]:
    """The DID documents that a verifier of these needs."""
    return documents_of_log(log())


@cache
def records() -> tuple[Written, ...]:
    """A hundred records (organisations by their own word and listed, offers, needs), halves, contacts, exchanges."""
    chance = random.Random(20260503)
    kinds = ("Offer", "Need", "Organization", "listed")
    return (
        *(_record(chance, number, kinds[number % 4]) for number in range(RECORDS)),
        *(_half(chance, number) for number in range(HALVES)),
        *(_contact(chance, number) for number in range(CONTACTS)),
        *(_exchange(chance, number) for number in range(EXCHANGES)),
    )


@cache
def heads() -> tuple[Written, ...]:
    """Heads with and without pages, snapshots, inbox and limits."""
    chance = random.Random(20260504)
    return tuple(_head(chance, number) for number in range(HEADS))


def _record(chance: random.Random, number: int, kind: str) -> Written:
    is_listed = kind == "listed"
    name = "Organization" if is_listed else kind
    members: dict[str, Any] = {"type": name, "name": _label_map(chance)}
    members |= _some(chance, _common(chance))
    if is_listed:
        members |= {"listed": True, "source": {"name": _label(chance), "record": f"R-{number}"}}
    path = "org.json"
    if name != "Organization" or is_listed:
        path = f"d/{''.join(chance.choices(_LETTERS, k=26))}.json"
    body = write_document(
        members,
        did=identity().did,
        path=path,
        revision=chance.randrange(9_007_199_254_740_992),
        key=_KEY,
        now=AT - timedelta(minutes=chance.randrange(10_000)),
        assured=AT - timedelta(days=chance.randrange(10, 200)),
    )
    return Written(name=f"{number}-{kind}", kind=name, body=body)


def _half(chance: random.Random, number: int) -> Written:
    """One half of a partnership, each towards another partner."""
    scid = "Qm" + "".join(chance.choices("123456789ABCDEFGHJKLMNPQRSTUVWXYZ", k=44))
    partner = f"did:webvh:{scid}:partner-{number}.example"
    body = write_document(
        {
            "type": "Partnership",
            "partner": partner,
            "stage": STAGES[number % len(STAGES)],
            "promotes": number % 2 == 0,
            "jointOffers": [f"{partner}/d/{'a' * 26}.json"] * (number % 3),
            "roles": chance.sample(("lead", "contributor", "mentor", "referrer"), number % 5),
            "description": {tag: _text(chance) for tag in _tags(chance)},
        },
        did=identity().did,
        path=half_path(partner),
        revision=chance.randrange(9_007_199_254_740_992),
        key=_KEY,
        now=AT - timedelta(minutes=chance.randrange(10_000)),
        assured=AT - timedelta(days=chance.randrange(10, 200)),
    )
    return Written(name=f"{number}-Partnership", kind="Partnership", body=body)


def _contact(chance: random.Random, number: int) -> Written:
    """How an organisation is reached, each time in other ways."""
    members: dict[str, Any] = {
        "type": "Contact",
        "email": f"office-{number}@many.example",
        "name": _label_map(chance),
        "hours": {tag: _text(chance) for tag in _tags(chance)},
        "availableLanguage": _tags(chance),
        "language": chance.choice(_LANGUAGES),
    }
    at = AT - timedelta(minutes=chance.randrange(10_000))
    body = write_document(
        members,
        did=identity().did,
        path=CONTACT_PATH,
        revision=chance.randrange(9_007_199_254_740_992),
        key=_KEY,
        now=at,
        assured=at,
    )
    return Written(name=f"{number}-Contact", kind="Contact", body=body)


def _exchange(chance: random.Random, number: int) -> Written:
    """One half of an exchange, each with another partner."""
    did = identity().did
    scid = "Qm" + "".join(chance.choices("123456789ABCDEFGHJKLMNPQRSTUVWXYZ", k=44))
    partner = f"did:webvh:{scid}:partner-{number}.example"
    flows = [
        {
            "from": (did, partner)[at % 2],
            "to": (partner, did)[at % 2],
            "what": _label(chance),
            "category": _label(chance),
            "quantity": chance.choice(("0.000001", "12.50", "10000", "7")),
            "unit": chance.choice(("hours", "hours", "loaves", "野菜の箱")),
        }
        for at in range(1 + number * 3)
    ]
    at = AT - timedelta(minutes=chance.randrange(10_000))
    body = write_document(
        {
            "type": "Exchange",
            "partner": partner,
            "ref": "".join(chance.choices(_LETTERS, k=26)),
            "flows": flows,
            "period": {"start": "2026-01-31", "end": "2026-03-01"},
            "note": {tag: _text(chance) for tag in _tags(chance)},
        },
        did=did,
        path=f"d/{''.join(chance.choices(_LETTERS, k=26))}.json",
        revision=chance.randrange(9_007_199_254_740_992),
        key=_KEY,
        now=at,
        assured=at,
    )
    return Written(name=f"{number}-Exchange", kind="Exchange", body=body)


def _common(chance: random.Random) -> dict[str, Any]:
    """What any record may say."""
    return {
        "description": {tag: _text(chance) for tag in _tags(chance)},
        "url": "https://many.example/%C3%A4?a=b&c=d#e",
        "category": [_label(chance) for _ in range(chance.randrange(4))],
        "keywords": [_label(chance) for _ in range(chance.randrange(4))],
        "location": [_place(chance) for _ in range(chance.randrange(4))],
        "online": chance.random() < 0.5,
        "language": chance.choice(_LANGUAGES),
        "ext": {
            f"https://vocab.example/{name}#{n}": _value(chance, 1)
            for n, name in enumerate(chance.sample(("a", "B", "~x", "%C3%A9"), 3))
        },
    }


def _some(chance: random.Random, members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if chance.random() < 0.7}


def _head(chance: random.Random, number: int) -> Written:
    start = chain_start(identity().scid)
    seq = 0 if number == 0 else 1_777_714_200_000 + chance.randrange(10_000)
    chain = start if number == 0 else digest(str(seq).encode())
    at = AT - timedelta(minutes=chance.randrange(1_000))
    document: dict[str, Any] = {
        "@context": CONTEXT,
        "id": f"{identity().did}/head.json",
        "type": "Head",
        "issuer": identity().did,
        "updated": write_time(at),
        "expires": write_time(at + timedelta(days=14)),
        "seq": seq,
        "chain": chain,
        "page": f"feed/{seq - 3}.json" if number else None,
        "snapshot": {"seq": 0, "chain": start, "parts": []},
        "identity": identity().version_ids[-1],
        "poll": chance.randrange(300, 86_400),
        "versions": ["1.0"],
    }
    if number and not number % 3:
        parts = [{"name": f"snapshot/{seq}-{n}.json", "digest": digest(b"%d" % n)} for n in (1, 2)]
        document["snapshot"] = {"seq": seq, "chain": chain, "parts": parts}
    document |= _some(chance, {"inbox": "inbox", "limits": {"documents": 10_000}})
    body = sign(document, _KEY, f"{identity().did}#{_KEY.multikey}")
    return Written(name=f"{number}-Head", kind="Head", body=body)


def _text(chance: random.Random) -> str:
    return "\n".join(chance.choices(_SCRIPTS, k=chance.randrange(1, 4)))


def _label(chance: random.Random) -> str:
    return chance.choice(_SCRIPTS).translate(_JOINERS)


def _tags(chance: random.Random) -> list[str]:
    return chance.sample(_LANGUAGES, chance.randrange(1, 9))


def _label_map(chance: random.Random) -> dict[str, str]:
    return {tag: _label(chance) for tag in _tags(chance)}


def _place(chance: random.Random) -> dict[str, Any]:
    north = f"{chance.randrange(-89, 90)}.{chance.randrange(1, 10)}"
    east = f"{chance.randrange(-179, 180)}.{chance.randrange(1, 10)}"
    place: dict[str, Any] = {"latitude": north, "longitude": east, "name": _label_map(chance)}
    if chance.random() < 0.5:
        place["radius"] = chance.randrange(1_000, 20_000)
    if chance.random() < 0.5:
        place["address"] = {"streetAddress": _text(chance), "addressCountry": "GB"}
    return place


def _value(chance: random.Random, depth: int) -> Any:
    """Give any value that `ext` may hold."""
    if depth < 5 and chance.random() < 0.6:
        count = chance.randrange(5)
        if chance.random() < 0.5:
            return [_value(chance, depth + 1) for _ in range(count)]
        return {name: _value(chance, depth + 1) for name in chance.sample(_NAMES, count)}
    return chance.choice((None, True, False, "", _text(chance), chance.choice(_NUMBERS)))
