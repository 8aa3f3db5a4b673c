"""Web addresses as people type them."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localfed.interop.records import Ledger
from localfed.interop.text_values import Cell
from localfed.interop.web_address import host_of, looks_like_address, web_address
from localfed.protocol.forms import Url


def read(text):
    ledger = Ledger()
    return web_address(Cell(ledger, 2, "Website", text)), [field.code for field in ledger.fields]


@pytest.mark.parametrize(
    "text", ["https://mill.example/", "http://mill.example:8080/a?b=c#d", "http://mill.example"]
)
def test_an_address_that_is_one_is_taken_as_it_stands(text):
    assert read(text) == (text, [])


def test_capital_letters_of_the_host_are_no_difference():
    assert read("HTTP://WWW.Mill.Example/About") == ("http://www.mill.example/About", [])


@pytest.mark.parametrize(
    "text,url",
    [
        ("www.mill.example", "http://www.mill.example"),
        ("mill.example/tools", "http://mill.example/tools"),
        ("http//mill.example", "http://mill.example"),
        ("https:/mill.example/", "https://mill.example/"),
        ("www.http://mill.example/a", "http://mill.example/a"),
        ("www.mill.example.", "http://www.mill.example"),
        (
            "http://mühle.example/über uns".replace(" ", "-"),
            "http://xn--mhle-0ra.example/%C3%BCber-uns",
        ),
        ("http://mill.example/a|b".replace("|", "^"), "http://mill.example/a%5Eb"),
    ],
)
def test_an_incomplete_address_is_mended_and_reported(text, url):
    assert read(text) == (url, ["mended-url"])


@pytest.mark.parametrize(
    "text",
    [
        "http://mill.example; http://dale.example",
        "http://mill.example dale.example/x",
        "http://mill.example @milldale",
        "http://mill.example and www.dale.example",
    ],
)
def test_of_several_addresses_the_first_is_taken(text):
    assert read(text) == ("http://mill.example", ["several-urls"])


@pytest.mark.parametrize(
    "text,code",
    [
        ("update6", "not-a-url"),
        ("Tool Library Mill", "not-a-url"),
        ("http://mill.example/tools and- things/", "not-a-url"),
        ("mill.example is our page", "not-a-url"),
        ("http://localhost/", "not-a-url"),
        ("http://[::1]/", "not-a-url"),
        ("www.mill.e", "not-a-url"),
        ("http://", "not-a-url"),
        ("javascript:alert(1)", "scheme"),
        ("ftp://mill.example/", "scheme"),
        ("http://user:secret@mill.example/", "has-user-name"),
        ("http://mill.example/" + "a" * 3_000, "too-long"),
    ],
)
def test_what_is_no_address_is_left_out_and_reported(text, code):
    assert read(text) == (None, [code])


@pytest.mark.parametrize("text", ["hall@example.org", "mailto:hall@example.org"])
def test_an_email_address_is_personal_and_left_out(text):
    assert read(text) == (None, ["personal"])


def test_an_email_address_behind_the_address_is_left_out():
    assert read("http://mill.example hall@mill.example") == ("http://mill.example", ["personal"])


@pytest.mark.parametrize("text", ["", " ", "-", "n/a"])
def test_nothing_is_no_address_and_no_report(text):
    assert read(text) == (None, [])


def test_a_host_is_found_in_an_address():
    assert host_of("https://Mill.example:8080/a") == "mill.example"
    assert host_of("Mill") == ""
    assert looks_like_address("mill.example")
    assert not looks_like_address("Mill and Dale")


@given(
    st.one_of(
        st.text(max_size=80),
        st.from_regex(
            r"(https?:?/{0,3})?[a-zß-ž0-9.\-@:]{1,20}([/?#][ -~é]{0,20})?", fullmatch=True
        ),
    )
)
def test_any_text_gives_an_address_of_the_protocol_or_none(text):
    url, _ = read(text)

    if url is not None:
        assert msgspec.convert(url, Url) == url
