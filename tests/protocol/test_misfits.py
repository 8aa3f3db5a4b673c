"""Misfits: whoever writes a draft reads which member is wrong, what may stand there and what to write instead."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from msgspec import inspect

from localfed.protocol.accept import DOCUMENT_TYPES
from localfed.protocol.draft import ENVELOPE, read_draft, write_document
from localfed.protocol.errors import BadDraft
from localfed.protocol.keys import SigningKey
from localfed.protocol.misfits import _FORMS
from protocol.spec_vectors import identity_of

KEY = SigningKey(b"\x01" * 32)
DID = identity_of("../identity/valid/created.jsonl").did
NOW = datetime(2026, 5, 2, 9, 30, tzinfo=UTC)


def refused(**members):
    """What is said of an offer with these members."""
    draft = {"type": "Offer", "name": "Veg box", **members}
    read = read_draft(json.dumps(draft).encode(), language="en")
    with pytest.raises(BadDraft) as caught:
        write_document(
            read.members,
            did=DID,
            path=f"d/{'a' * 26}.json",
            revision=1,
            key=KEY,
            now=NOW,
            assured=NOW,
        )
    return caught.value.message


@pytest.mark.parametrize(
    "members, message",
    [
        (
            {"cost": "cheap"},
            (
                'cost, basis: "cheap" is not one of exchange, free, pay, pay-what-you-can, time; '
                'write for instance "free" or "7.50 GBP an hour"'
            ),
        ),
        (
            {"cost": 5},
            (
                "cost: 5 is not a list of at most 10, of which each is an object with basis, and that may have "
                'amount, currency, description; write for instance "free" or "7.50 GBP an hour"'
            ),
        ),
        (
            {"cost": [{"basis": "free"}, {"amount": "1", "currency": "GBP"}]},
            (
                "cost 2, basis is missing: it is one of exchange, free, pay, pay-what-you-can, time; "
                'write for instance "basis": "free"'
            ),
        ),
        (
            {"cost": {"basis": "pay", "amount": "1", "currency": "pounds"}},
            (
                'cost, currency: "pounds" is not a currency in three capital letters (ISO 4217); '
                'write for instance "GBP"'
            ),
        ),
        (
            {"cost": ["free"] * 11},
            "cost has 11 entries, and may have 10: leave some out",
        ),
        (
            {"name": {"English": "Veg box"}},
            'name: "English" is not a language tag, at most 35 characters; write for instance "en"',
        ),
        (
            {"name": {"cy": "Blwch", "en": "Veg\nbox"}},
            (
                r'name, en: "Veg\nbox" is not one line of text without invisible characters, at most 300 characters; '
                'write for instance "Veg box"'
            ),
        ),
        (
            {"name": "a" * 301},
            "name, en has 301 characters, and may have 300: write it shorter",
        ),
        (
            {"name": None},
            'name is missing: it is a text by language, in 1 to 8 languages; write for instance "name": {"en": "Veg box"}',
        ),
        ({"online": "yes"}, 'online: "yes" is not true or false; write for instance true'),
        (
            {"url": "www.grocer.example"},
            (
                'url: "www.grocer.example" is not an http or https address in ASCII, at most 2000 characters; '
                'write for instance "https://grocer.example/"'
            ),
        ),
        (
            {"location": {"latitude": "54.6", "longitude": "-2.3", "reach": 0}},
            "location, reach: 0 is not a whole number from 100 to 1000000; write for instance 100",
        ),
        ({"ext": 3}, "ext: 3 is not an object; write for instance {}"),
    ],
)
def test_it_says_which_what_may_stand_there_and_what_to_write(members, message):
    assert refused(**members) == message


def test_what_is_shown_of_a_long_value_is_short():
    message = refused(url="w" * 1_000)

    assert f'"{"w" * 59}… is not' in message
    assert len(message) < 250


def test_no_pattern_of_a_draft_is_without_words():
    without = {
        form.pattern
        for kind in DOCUMENT_TYPES.values()
        for member in inspect.type_info(kind).fields
        if member.encode_name not in {*ENVELOPE, "type"}
        for form in strings_in(member.type)
        if form.pattern
    } - set(_FORMS)

    assert without == set()


def strings_in(form):
    """Every form of a string that this one holds."""
    if isinstance(form, inspect.StrType):
        yield form
    parts = []
    if isinstance(form, inspect.UnionType):
        parts = form.types
    elif isinstance(form, inspect.DictType):
        parts = [form.key_type, form.value_type]
    elif isinstance(form, inspect.VarTupleType):
        parts = [form.item_type]
    elif isinstance(form, inspect.StructType):
        parts = [one.type for one in form.fields]
    for part in parts:
        yield from strings_in(part)
