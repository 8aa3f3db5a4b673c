"""Names: the language that is wanted, else the organisation's own; an address that means one alone."""

from __future__ import annotations

import msgspec
import pytest

from app.makers import host_another
from localfed.app.names import Names, choose, name_in, name_on
from localfed.app.values import DocumentState

NAMES = {"cy": "Y Neuadd", "de": "Das Haus", "en-GB": "The Hall"}


@pytest.mark.parametrize(
    "wanted, original, chosen",
    [
        ((), "en-GB", "en-GB"),
        ((), None, "cy"),
        ((), "fr", "cy"),
        (("de-at",), "en-GB", "de"),
        (("en",), "cy", "en-GB"),
        (("en-us",), "cy", "en-GB"),
        (("fr", "de"), "cy", "de"),
        (("fr",), "de", "de"),
    ],
)
def test_a_name_is_said_in_the_language_that_is_wanted_else_in_its_own(wanted, original, chosen):
    assert choose(NAMES, wanted, original) == (NAMES[chosen], chosen)
    assert name_in({"name": NAMES, "language": original}, wanted) == NAMES[chosen]


@pytest.mark.parametrize("value", [{}, {"name": "Hall"}, {"name": {}}, {"name": None}])
def test_what_has_no_name_has_none(value):
    assert name_in(value) == ""


async def test_who_lives_alone_at_a_host_is_told_by_it_and_who_does_not_by_the_whole_address(
    federation,
):
    grocer = await federation.node("grocer")
    assert Names(grocer.store).of(grocer.did) == "Grocer (grocer.example)"

    second = await host_another(grocer, "https://grocer.example/second/")

    names = Names(grocer.store)
    assert names.of(grocer.did) == "Grocer (https://grocer.example/)"
    assert names.of(second) == "Second (https://grocer.example/second/)"


async def test_whom_nobody_knows_here_is_told_by_the_did(federation):
    grocer = await federation.node("grocer")
    did = f"did:webvh:Qm{'2' * 44}:nobody.example"

    assert Names(grocer.store).of(did) == Names(grocer.store).address_of(did) == did
    assert not Names(grocer.store).is_known(did)


@pytest.mark.parametrize(
    "change", [{"body": b"{"}, {"body": None}, {"state": DocumentState.REJECTED}]
)
async def test_a_record_that_cannot_be_read_has_no_name(federation, change):
    grocer = await federation.node("grocer")
    record = grocer.store.document(grocer.did, "org.json")
    assert name_on(record) == "Grocer"

    assert name_on(msgspec.structs.replace(record, **change)) == ""
    assert name_on(None) == ""
