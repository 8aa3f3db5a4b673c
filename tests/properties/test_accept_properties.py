"""The quick way through the door says what the long way says, whatever the bytes are."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from localfed.protocol import accept
from localfed.protocol.canonical import encode_plain
from localfed.protocol.document import CONTEXT
from localfed.protocol.draft import write_document
from localfed.protocol.errors import Rejected
from localfed.protocol.identity import create_log, read_identity
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit
from localfed.protocol.proofs import sign

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
KEY = SigningKey(bytes(range(32)))
LOG = create_log(kit=Kit(b"k" * 32), base="https://grocer.example/", keys=[KEY.multikey], now=NOW)
IDENTITY = read_identity(LOG, now=NOW)
METHOD = f"{IDENTITY.did}#{KEY.multikey}"
PATH = "d/aaaaaaaaaaaaaaaaaaaaaaaaaa.json"
MEMBERS = {
    "type": "Offer",
    "language": "en",
    "name": {"en": "Veg box", "gd": "Bogsa glasraich"},
    "description": {"en": 'Leeks,\n"kale" and \\ more'},
    "category": ["Food"],
    "url": "https://grocer.example/box?a=b#c",
    "location": [
        {
            "address": {"streetAddress": "1 Mill Lane\nUnit 2", "postalCode": "ZZ1 1ZZ"},
            "latitude": "54.601",
            "longitude": "-2.3",
        }
    ],
}
BODY = write_document(
    MEMBERS, did=IDENTITY.did, path=PATH, revision=7, key=KEY, now=NOW, assured=NOW
)
SIGNED = json.loads(BODY)
UNSIGNED = {name: value for name, value in SIGNED.items() if name != "proof"}

ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
MEMBER = st.sampled_from(
    [*UNSIGNED, "ext", "critical", "online", "keywords", "validUntil", "listed", "proof", "x"]
)


def result_of(body, now=NOW):
    try:
        checked = accept.open_document(body, identity=IDENTITY, now=now)
    except Rejected as error:
        return type(error)
    document = checked.document
    members = {name: getattr(document, name) for name in DOCUMENT_FIELDS[document.type]}
    return checked.path, checked.digest, checked.is_shown, str(members)


DOCUMENT_FIELDS = {name: kind.__struct_fields__ for name, kind in accept.DOCUMENT_TYPES.items()}


@pytest.fixture(scope="module")
def both_ways():
    """Open bytes as they are opened, and by the long way alone; returns both results."""
    quick = accept._QUICK_DECODERS

    def open_both(body, now=NOW):
        one = result_of(body, now)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(accept, "_QUICK_DECODERS", ())
            other = result_of(body, now)
        assert accept._QUICK_DECODERS is quick
        return one, other

    return open_both


def test_an_ordinary_document_goes_the_quick_way():
    assert accept._see_quickly(BODY) is not None


@given(MEMBER, ANY_JSON)
@example(name="online", value=False)
@example("keywords", [])
@example("ext", {"https://x.example/a": 1.5})
@example("critical", ["name"])
@example("critical", ["x"])
@example("validUntil", "2026-05-01T09:30:00Z")
@example("name", {"en": "a\u200bb"})
@example("name", {"en": "two\nlines"})
@example("description", {"en": "a\u0001b"})
@example("description", {"en": "a\u2028b"})
@example("description", {"en": ',"proof":{"@context":"' + CONTEXT})
@example("revision", 2**53)
@example("revision", 1.0)
def test_a_signed_document_with_any_member_changed_is_judged_alike(both_ways, name, value):
    members = {**UNSIGNED, name: value}
    body = sign({"@context": CONTEXT, **members}, KEY, METHOD) if name != "proof" else None
    if body is None:
        body = encode_plain({**UNSIGNED, "proof": value})

    quick, long = both_ways(body)

    assert quick == long


@given(st.sampled_from(list(SIGNED["proof"])), ANY_JSON | st.just(CONTEXT))
@example("@context", "https://w3id.org/localfed/1.1")
@example("proofValue", SIGNED["proof"]["proofValue"][:-1] + "1")
@example("proofValue", 'z","type":"')
def test_a_document_with_any_member_of_its_proof_changed_is_judged_alike(both_ways, name, value):
    body = encode_plain({**SIGNED, "proof": {**SIGNED["proof"], name: value}})

    quick, long = both_ways(body)

    assert quick == long


@given(st.integers(0, len(BODY) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_bytes_changed_anywhere_are_judged_alike(both_ways, at, inserted, cut):
    body = BODY[:at] + inserted + BODY[at + cut :]

    quick, long = both_ways(body)

    assert quick == long


@given(st.timedeltas(timedelta(days=-400), timedelta(days=800)))
def test_a_document_is_judged_alike_at_any_time(both_ways, span):
    quick, long = both_ways(BODY, NOW + span)

    assert quick == long
