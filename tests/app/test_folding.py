"""Folding: entries of several listers about one organisation, and claims that hold."""

from __future__ import annotations

import msgspec
import pytest

from app.makers import host_another
from judged.town import publish_all
from localfed.app import duplicates, folding
from localfed.app.duplicates import Entry, find_pairs
from localfed.app.folding import Known, claim_holds, fold, read_known

HALL = {
    "type": "Organization",
    "listed": True,
    "name": "Millbrook Community Bakery Co-operative Limited",
    "location": [
        {
            "latitude": "53.74",
            "longitude": "-2.01",
            "address": {"postalCode": "ZZ1 1ZZ", "addressLocality": "Millbrook"},
        }
    ],
}
AGAIN = HALL | {
    "name": "The Millbrook Community Bakery Coop",
    "location": [
        {"latitude": "53.741", "longitude": "-2.011", "address": {"postalCode": "zz11zz"}}
    ],
}
OTHER = HALL | {"name": "Millbrook Bowls Club"}


NOBODY = None
"""No store: nobody claims anything."""


async def known(node, *ids):
    found = [node.store.document(*identifier.split("/", 1)) for identifier in ids]
    return [read_known(one) for one in found]


def named(folded):
    return [(one.front.id, [behind.id for behind in one.behind]) for one in folded]


async def test_entries_of_one_organisation_are_one_and_others_stay_apart(federation):
    node = await federation.node("lister")
    ids = await publish_all(node, node.did, [HALL, OTHER, AGAIN])

    folded = fold(node.store, await known(node, *ids))

    assert named(folded) == [(ids[0], [ids[2]]), (ids[1], [])]


async def test_the_own_record_stands_in_front_whoever_was_found_first(federation):
    node = await federation.node("lister")
    bakery = await host_another(node, "https://bakery.example", "Bakery")
    [hall] = await publish_all(node, node.did, [HALL])
    own = {key: value for key, value in AGAIN.items() if key != "listed"}
    await node.publish(own)
    del bakery

    folded = fold(node.store, await known(node, hall, f"{node.did}/org.json"))

    assert named(folded) == [(f"{node.did}/org.json", [hall])]


async def test_two_identities_are_never_folded_into_one(federation):
    node, other = await federation.node("one"), await federation.node("two")
    own = {key: value for key, value in HALL.items() if key != "listed"}
    await node.publish(own)
    await other.publish(own)
    [first] = await known(node, f"{node.did}/org.json")
    [second] = await known(other, f"{other.did}/org.json")

    assert len(fold(node.store, [first, second])) == 2


@pytest.mark.parametrize(
    "claims, claimed_by, url, holds",
    [
        (True, True, None, True),
        (True, False, "https://one.example/", True),
        (True, False, "https://one.example", True),
        (True, False, "https://one.example/page", False),
        (True, False, "https://two.example/", False),
        (True, False, None, False),
        (False, True, "https://one.example/", False),
    ],
)
async def test_a_claim_holds_when_both_sides_say_so(federation, claims, claimed_by, url, holds):
    """LF-ORG-5."""
    node = await federation.node("one")
    lister = await host_another(node, "https://lister.example", "Lister")
    listed = {**HALL, "name": "Something else altogether"}
    listed |= {"claimedBy": node.did} if claimed_by else {}
    listed |= {"url": url} if url else {}
    [record] = await publish_all(node, lister, [listed])
    await node.publish(
        {"type": "Organization", "name": "We", **({"claims": [record]} if claims else {})}
    )
    own, theirs = await known(node, f"{node.did}/org.json", record)

    assert claim_holds(node.store, node.did, theirs) is holds
    assert (len(fold(node.store, [theirs, own])) == 1) is holds


def test_a_number_in_common_joins_what_has_little_else():
    one = Entry(name="Alder Grocers Ltd", numbers=(("GB-COH", "01234567"),))
    other = Entry(name="Alder Grocery", numbers=(("GB-COH", "1234567"),))

    [pair] = find_pairs([one, other])

    assert (pair.one, pair.other) == (0, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Friends of the Alder Grocers"},
        {"name": "Alder Grocers Trading Limited"},
        {"numbers": (("GB-COH", "98800055"),)},
        {"postcode": "YY9 9YY", "latitude": 52.0, "longitude": 0.5},
    ],
)
def test_what_makes_another_body_keeps_them_apart(changes):
    one = Entry(
        name="Alder Grocers Limited",
        numbers=(("GB-COH", "01234567"),),
        postcode="ZZ1 1ZZ",
        latitude=53.74,
        longitude=-2.01,
    )
    other = msgspec.structs.replace(one, **({"numbers": ()} | changes))

    assert find_pairs([one, other]) == []


def test_nothing_and_odd_addresses_are_no_reason_to_fail():
    assert find_pairs([]) == []
    assert find_pairs([Entry(name="..."), Entry(name="///", website="http://[bad")]) == []


async def test_what_one_publisher_keeps_apart_stays_apart_whatever_others_list(federation):
    """Two lists of the same neighbours: each is one with itself, and not with its neighbour."""
    node = await federation.node("lister")
    second = await host_another(node, "https://second.example", "Second")
    neighbour = HALL | {"name": "Millbrook Community Dairy Co-operative Limited"}
    first = await publish_all(node, node.did, [HALL, neighbour])
    others = await publish_all(node, second, [neighbour, HALL])
    some = await known(node, *first, *others)
    assert find_pairs([some[0].entry, some[1].entry]), "else this test could not fail"

    folded = fold(node.store, some)

    assert named(folded) == [(first[0], [others[1]]), (first[1], [others[0]])]


def listed(at, **parts):
    """A record of another lister each."""
    return Known(did=f"did:{at}", path="d/a.json", entry=Entry(**parts))


def test_numbers_that_differ_keep_apart_what_a_third_entry_is_like():
    where = {"name": "Alder Grocers", "postcode": "ZZ1 1ZZ", "street": "1 High Street"}
    some = [
        listed("one", **where, numbers=(("GB-COH", "01234567"),)),
        listed("two", **where),
        listed("three", **where, numbers=(("GB-COH", "98800055"),)),
    ]
    assert len(find_pairs([one.entry for one in some])) == 2

    folded = fold(NOBODY, some)

    assert [len(one.behind) for one in folded] == [1, 0]


def test_no_more_entries_are_one_than_can_be_looked_up(monkeypatch):
    monkeypatch.setattr(folding, "MOST", 3)
    where = {"name": "Alder Grocers", "postcode": "ZZ1 1ZZ", "street": "1 High Street"}

    folded = fold(NOBODY, [listed(at, **where) for at in range(5)])

    assert max(1 + len(one.behind) for one in folded) == 3
    assert sum(1 + len(one.behind) for one in folded) == 5


def test_what_was_found_counts_where_comparing_is_broken_off_or_too_much(monkeypatch):
    where = {"name": "Alder Grocers", "postcode": "ZZ1 1ZZ", "street": "1 High Street"}
    entries = [Entry(**where) for _ in range(4)]
    assert len(find_pairs(entries)) == 6

    assert find_pairs(entries, goes_on=lambda: False) == []
    monkeypatch.setattr(duplicates, "_MOST", 2)
    assert len(find_pairs(entries)) == 2
