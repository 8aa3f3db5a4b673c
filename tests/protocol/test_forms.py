"""Forms of values: what a pattern cannot say, and where a pattern ends."""

from __future__ import annotations

import msgspec
import pytest

from localfed.protocol import limits
from localfed.protocol.errors import WrongShape
from localfed.protocol.forms import (
    Address,
    DecimalText,
    Digest,
    DocumentId,
    Label,
    Language,
    NameMap,
    Place,
    TextMap,
    Url,
    check_places,
    check_point,
)

DID = f"did:webvh:Qm{'1' * 44}:grocer.example"


def fits(value, kind):
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "kind, good, bad",
    [
        (Label, ["x", " ", "x" * 300, "👍" * 300], ["", "x" * 301, "a\n", "\ufeff", "\u200e", 1]),
        (
            Language,
            ["en", "und", "en-GB", "zh-Hant-TW", "sgn-BE-FR"],
            ["", "e", "EN", "engl", "en_GB", "en-", "-en", "en-GB-x-y-z-a-b", "i-klingon"],
        ),
        (NameMap, [{"en": "x"}], [{}, {"en": ""}, {"en": None}, "x", [["en", "x"]]]),
        (
            TextMap,
            [{"en": "a\nb"}, {"en": "x" * limits.TEXT_CHARACTERS}],
            [{"en": ""}, {"en": "x" * (limits.TEXT_CHARACTERS + 1)}],
        ),
        (
            Url,
            [
                "http://a.example",
                "https://a.example:8080/x?y=%20#z",
                "https://[2001:db8::1]/",
                "https://a.example/a@b",
            ],
            [
                "",
                "a.example",
                "HTTPS://a.example/",
                "https://u@a.example/",
                "https://a.example/\n",
                "https://a.example/<b>",
                "https://a.example/{b}",
                "https://a.example\\@b.example/",
                "//a.example/",
                "data:text/plain,x",
            ],
        ),
        (
            DecimalText,
            ["0", "-1", "0.000001", "9999999999.999999", "1.50"],
            ["", "-", "+1", "01", "1.", ".5", "1.0000001", "12345678901", "1e3", "1,5", "NaN", 1],
        ),
        (
            Digest,
            ["zQm" + "1" * 44],
            ["", "zQm" + "1" * 43, "zQm" + "1" * 45, "zQm" + "0" * 44, "Qm" + "1" * 44],
        ),
        (
            DocumentId,
            [f"{DID}/org.json", f"{DID}:shop/d/{'a' * 26}.json", f"{DID}/w/x/y/z.json"],
            [
                DID,
                f"{DID}/",
                f"{DID}/head.json",
                f"{DID}/feed/1.json",
                f"{DID}/../x.json",
                f"{DID}/a/b/c/d/e.json",
                f"{DID}/{'a' * 196}.json",
                "did:web:grocer.example/org.json",
                "https://grocer.example/org.json",
            ],
        ),
    ],
    ids=["label", "language", "name", "text", "url", "decimal", "digest", "id"],
)
def test_a_form_takes_what_it_names_and_nothing_else(kind, good, bad):
    """LF-FORM-1, LF-FORM-2, LF-FORM-3, LF-FORM-4, LF-FORM-5, LF-BYTES-6, LF-BYTES-10."""
    assert [value for value in good if not fits(value, kind)] == []
    assert [value for value in bad if fits(value, kind)] == []


@pytest.mark.parametrize(
    "latitude, longitude",
    [("0", "0"), ("90", "-180"), ("-90.000000", "180.0"), ("0.000001", "-0.000001")],
)
def test_a_point_on_the_earth_is_taken(latitude, longitude):
    """LF-FORM-7."""
    check_point(latitude, longitude)
    check_places((Place(latitude=latitude, longitude=longitude),))


@pytest.mark.parametrize(
    "latitude, longitude",
    [
        ("90.000001", "0"),
        ("-90.1", "0"),
        ("0", "180.000001"),
        ("0", "-181"),
        ("-0", "0"),
        ("0", "-0.0"),
        ("-0.000000", "0"),
        ("9999999999", "0"),
    ],
)
def test_a_point_off_the_earth_or_a_negative_zero_is_refused(latitude, longitude):
    """LF-FORM-7, LF-BYTES-6."""
    with pytest.raises(WrongShape):
        check_point(latitude, longitude)


@pytest.mark.parametrize(
    "place",
    [
        Place(),
        Place(latitude="1"),
        Place(longitude="1"),
        Place(name={"en": "X"}, latitude="1"),
        Place(radius=2_000),
        Place(name={"en": "X"}, radius=2_000),
        Place(latitude="1.001", longitude="1", radius=2_000),
        Place(latitude="1", longitude="1.001", radius=2_000),
        Place(latitude="1", longitude="1.000", radius=2_000),
        Place(address=Address()),
        Place(latitude="1", longitude="1", address=Address()),
    ],
)
def test_a_place_that_says_half_of_something_is_refused(place):
    """LF-FORM-6, LF-FORM-7, LF-FORM-8, LF-FORM-9."""
    with pytest.raises(WrongShape):
        check_places((Place(name={"en": "Good"}), place))


def test_places_of_each_kind_are_taken():
    """LF-FORM-6, LF-FORM-8, LF-FORM-9."""
    check_places(
        (
            Place(name={"en": "The valley"}),
            Place(address=Address(postal_code="ZZ1 1ZZ")),
            Place(latitude="1.123456", longitude="1"),
            Place(latitude="1.12", longitude="-1.1", radius=1_000),
        )
    )
