"""Entries about one organisation, folded in the index: one is found, the others behind it, on every page and in every count."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from app.makers import host_another
from judged.town import publish_all
from localfed.app import follows, indexing, listings, search
from localfed.app.index_values import Key, Sort
from localfed.protocol.times import read_time

WORDS = [
    "Alder",
    "Beech",
    "Cedar",
    "Damson",
    "Elder",
    "Fir",
    "Gorse",
    "Hazel",
    "Ivy",
    "Juniper",
    "Kelp",
    "Laurel",
    "Maple",
    "Nettle",
    "Oak",
    "Pine",
    "Quince",
    "Rowan",
    "Sorrel",
    "Thyme",
]
TRADES = ("Bakery", "Bikes")
NAMES = [f"{word} {trade} Co-operative" for word in WORDS for trade in TRADES]


def listing(name, number=0, **more):
    return {
        "type": "Organization",
        "listed": True,
        "name": name,
        "category": ["Food"],
        "location": [
            {
                "latitude": f"53.{700 + number}",
                "longitude": "-2.01",
                "address": {"postalCode": f"ZZ{number} 1ZZ", "addressLocality": "Millbrook"},
            }
        ],
        **more,
    }


def asked(node, **parts):
    return search.read_query(now=node.clock.now(), **parts)


async def find(node, **parts):
    await search.catch_up(node.ports)
    return search.find(node.ports, asked(node, **parts))


async def walk(node, **parts):
    """All results of a search, page by page."""
    found, cursor = [], None
    while True:
        page = await find(node, cursor=cursor, **parts)
        found.append(page)
        cursor = page.next_cursor
        if cursor is None:
            return found


def names(found):
    return [
        one.document.path if one.document.path == "org.json" else one.document.id
        for one in found.results
    ]


def key_of(document_id: str) -> Key:
    did, _, path = document_id.partition("/")
    return did, path


async def publish_as(node, did, draft, **more):
    data = msgspec.json.encode(draft | more)
    return (await listings.publish_draft(node.ports, did, data, language="en")).id


async def claimed_stall(federation):
    """Millbrook Veg says that it is the Green Veg Stall that another lists, and that one says so too."""
    node = await federation.node("veg")
    lister = await host_another(node, "https://lister.example", "Lister")
    [stall] = await publish_all(
        node, lister, [listing("Green Veg Stall", description="Turnips", claimedBy=node.did)]
    )
    await node.publish({"type": "Organization", "name": "Millbrook Growers", "claims": [stall]})
    return node, lister, stall


@pytest.mark.parametrize("sort", [Sort.BEST, Sort.NEWEST])
async def test_what_two_list_is_found_once_on_all_pages_and_counted_once(federation, sort):
    node = await federation.node("one")
    for host in ("second", "third"):
        lister = await host_another(node, f"https://{host}.example", host)
        await publish_all(node, lister, [listing(name, at) for at, name in enumerate(NAMES)])

    pages = await walk(node, sort=sort, limit=10, kind="organisation", category="Food")

    found = [one for page in pages for one in page.results]
    assert [len(page.results) for page in pages] == [10] * 4
    assert {page.total for page in pages} == {len(NAMES)}
    assert {len(one.behind) for one in found} == {1}
    assert len({one.document.id for one in found}) == len(NAMES)
    assert pages[0].facets["category"]["food"] == len(NAMES)
    assert search.count(node.ports, asked(node, category="Food")) == len(NAMES)


async def test_a_claimants_record_is_found_by_what_only_the_listed_one_says(federation):
    """LF-ORG-5."""
    node, _, stall = await claimed_stall(federation)

    for words in ("stall", "turnips", "growers"):
        found = await find(node, q=words)
        assert names(found) == ["org.json"]
        assert [one.document.id for one in found.results[0].behind] == [stall]
    assert (await find(node, category="Food")).total == 1
    [near] = (await find(node, near="53.7,-2.01", radius="5")).results
    assert near.document.path == "org.json"


async def test_names_of_the_one_in_front_weigh_more_than_those_behind_it(federation):
    node, _, _ = await claimed_stall(federation)
    await publish_all(node, node.did, [listing("Stall of books", 9)])

    found = await find(node, q="stall")

    assert [one.document.path == "org.json" for one in found.results] == [False, True]


async def test_what_an_organisation_lists_is_found_as_it_lists_it_where_only_its_entries_are_asked_for(
    federation,
):
    node, lister, stall = await claimed_stall(federation)

    [theirs] = (await find(node, organisation=lister, q="stall")).results
    [ours] = (await find(node, organisation=node.did, q="stall")).results

    assert theirs.document.id == stall
    assert [one.document.path for one in theirs.behind] == ["org.json"]
    assert ours.document.path == "org.json"


async def test_a_claim_taken_back_is_two_entries_again(federation):
    node, _, stall = await claimed_stall(federation)
    assert (await find(node, kind="organisation")).total == 2, "the lister has a record of its own"

    await node.publish({"type": "Organization", "name": "Millbrook Growers"})

    assert names(await find(node, q="stall")) == [stall]
    assert names(await find(node, q="growers")) == ["org.json"]


async def test_what_stood_behind_is_found_at_once_when_its_front_is_gone(federation):
    """However long a node that runs waits until it folds anew."""
    node = await federation.node("one")
    second = await host_another(node, "https://second.example", "Second")
    [first] = await publish_all(node, node.did, [listing("Alder Bakery")])
    [other] = await publish_all(node, second, [listing("Alder Bakery")])
    assert names(await find(node, q="alder")) == [first]

    await node.withdraw(first)
    await indexing.catch_up(node.ports, folds=False)

    found = search.find(node.ports, asked(node, q="alder"))
    assert names(found) == [other]
    assert found.results[0].behind == ()


async def test_what_stood_behind_is_found_when_its_front_has_expired(federation):
    node = await federation.node("one")
    second = await host_another(node, "https://second.example", "Second")
    first = await publish_as(node, node.did, listing("Alder Bakery"))
    ends = read_time(node.store.document(*key_of(first)).expires)
    federation.clock.moment = ends - timedelta(days=5)
    await publish_as(node, node.did, {"type": "Offer", "name": "Bread"})  # its head is of that day
    other = await publish_as(node, second, listing("Alder Bakery"))
    assert names(await find(node, q="alder")) == [first]

    federation.clock.advance(days=6)

    assert names(await find(node, q="alder")) == [other]


async def test_a_changed_entry_stays_where_it_is_until_folded_anew(federation):
    node, lister, stall = await claimed_stall(federation)
    await search.catch_up(node.ports)
    await publish_as(node, lister, listing("Blue Leek Stall", claimedBy=node.did), id=stall)

    await indexing.catch_up(node.ports, folds=False)

    found = search.find(node.ports, asked(node, q="leek"))
    assert names(found) == ["org.json"]
    assert search.find(node.ports, asked(node, q="turnips")).total == 0
    assert indexing.is_folding_due(node.ports)


async def test_what_came_in_while_it_was_worked_out_makes_folding_due_again(federation):
    node = await federation.node("one")
    await publish_all(node, node.did, [listing("Alder Bakery")])
    await search.catch_up(node.ports)
    folds = await indexing.work_out_folds(node.ports)
    second = await host_another(node, "https://second.example", "Second")
    await publish_all(node, second, [listing("Alder Bakery")])
    await indexing.catch_up(node.ports, folds=False)

    await indexing.put_folds(node.ports, folds)

    assert indexing.is_folding_due(node.ports)
    assert (await find(node, q="alder")).total == 1
    assert not indexing.is_folding_due(node.ports)


async def test_nothing_is_told_where_working_out_was_broken_off(federation):
    node, _, _ = await claimed_stall(federation)

    assert await indexing.work_out_folds(node.ports, lambda: False) is None


async def test_nothing_is_told_anew_where_nothing_is_folded_otherwise(federation):
    node, _, _ = await claimed_stall(federation)
    await search.catch_up(node.ports)
    folds = await indexing.work_out_folds(node.ports)

    assert len(folds.behind) == 1
    assert await indexing.put_folds(node.ports, folds) == 0


async def test_an_index_built_anew_folds_the_same(federation):
    node, _, stall = await claimed_stall(federation)
    await search.catch_up(node.ports)
    before = node.index.folds()

    node.index.reset()
    node.index.apply([], [], 0)
    await search.catch_up(node.ports)

    assert node.index.folds() == before
    assert node.index.fold_of(*key_of(stall)).front == (node.did, "org.json")
    assert node.index.fold_of(node.did, "d/nothing.json") is None


async def test_what_stood_behind_one_who_is_followed_no_more_is_found_at_once(federation):
    home, far = await federation.node("home"), await federation.node("far")
    await publish_as(far, far.did, listing("Alder Bakery"))
    await home.follow(far)
    await home.sync(far)
    second = await host_another(home, "https://second.example", "Second")
    ours = await publish_as(home, second, listing("Alder Bakery"))
    assert len((await find(home, q="alder")).results[0].behind) == 1

    await follows.unfollow(home.ports, far.did)
    await indexing.catch_up(home.ports, folds=False)

    assert names(search.find(home.ports, asked(home, q="alder"))) == [ours]
