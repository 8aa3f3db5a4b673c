"""Importing a table again and again: what is new, changed, the same, missing, withdrawn by hand."""

from __future__ import annotations

import msgspec
import pytest

from app.makers import table
from localfed.app import imports
from localfed.app.imports import count_imported, import_table
from localfed.interop.csv_table import read_csv
from localfed.protocol.canonical import parse_object
from localfed.protocol.errors import OverQuota

HEADER = "Identifier,Name,Sector,Postcode\n"


def rows(*names, file_name="shops.csv", mapping=None, header=HEADER):
    """A table of these organisations; the first word of each is its identifier."""
    lines = "".join(f"{name.split()[0]},{name},Retail,EH1 1AA\n" for name in names)
    return read_csv((header + lines).encode(), file_name=file_name, mapping=mapping)


async def run(node, given, **options):
    done = await import_table(node.ports, node.did, given, **{"withdraw_missing": False, **options})
    return done.new, done.changed, done.unchanged, done.missing, done.withdrawn


def names(node):
    """Names of what is listed, sorted."""
    bodies = [parse_object(one.body) for path, one in node.live(node).items() if path != "org.json"]
    return sorted(name for body in bodies for name in body["name"].values())


async def test_every_record_is_listed_with_its_source(federation):
    """LF-ORG-3, LF-ORG-4."""
    lister = await federation.node("lister")

    assert await run(lister, rows("a1 Shop", "b2 Bakery")) == (2, 0, 0, 0, 0)

    one = next(
        parse_object(one.body) for one in lister.live(lister).values() if b"Bakery" in one.body
    )
    assert (one["listed"], one["source"]["record"]) == (True, "b2")
    assert one["location"][0]["address"]["postalCode"] == "EH1 1AA"


async def test_the_same_table_again_signs_nothing(federation):
    lister = await federation.node("lister")
    await run(lister, table(120))
    before = lister.publisher(lister), lister.store.log_position()
    federation.clock.advance(days=1)

    assert await run(lister, table(120)) == (0, 0, 120, 0, 0)
    assert await run(lister, table(120), withdraw_missing=True) == (0, 0, 120, 0, 0)

    assert (lister.publisher(lister), lister.store.log_position()) == before


async def test_of_a_changed_table_only_what_changed_is_signed(federation):
    lister = await federation.node("lister")
    await run(lister, rows("a1 Shop", "b2 Bakery", "c3 Mill"))
    before = lister.live(lister)

    done = await run(lister, rows("a1 Shop", "b2 New Bakery", "d4 Dairy"))

    assert done == (1, 1, 1, 1, 0)
    assert names(lister) == ["a1 Shop", "b2 New Bakery", "c3 Mill", "d4 Dairy"]
    after = lister.live(lister)
    assert sum(before.get(path) != one for path, one in after.items()) == 2
    assert before.keys() < after.keys(), "a changed record keeps its id"


async def test_what_is_missing_goes_only_when_told(federation):
    lister = await federation.node("lister")
    await run(lister, rows("a1 Shop", "b2 Bakery", "c3 Mill"))

    kept = await run(lister, rows("a1 Shop"))
    gone = await run(lister, rows("a1 Shop"), withdraw_missing=True)
    again = await run(lister, rows("a1 Shop"), withdraw_missing=True)

    assert (kept, gone, again) == ((0, 0, 1, 2, 0), (0, 0, 1, 2, 2), (0, 0, 1, 0, 0))
    assert names(lister) == ["a1 Shop"]
    assert count_imported(lister.store, lister.did, rows("x X").source.name) == 1


async def test_what_comes_back_after_it_was_withdrawn_is_a_new_document(federation):
    """LF-FEED-2: the path of what was deleted is never used again."""
    lister = await federation.node("lister")
    await run(lister, rows("a1 Shop", "b2 Bakery"))
    first = set(lister.live(lister))
    await run(lister, rows("a1 Shop"), withdraw_missing=True)

    assert await run(lister, rows("a1 Shop", "b2 Bakery")) == (1, 0, 1, 0, 0)

    assert names(lister) == ["a1 Shop", "b2 Bakery"]
    assert len(set(lister.live(lister)) - first) == 1


async def test_what_was_withdrawn_by_hand_stays_away_whatever_the_table_says(federation):
    """Whoever asked to be taken off is not listed again by the next edition; only by the operator's word."""
    lister = await federation.node("lister")
    await run(lister, rows("a1 Shop", "b2 Bakery"))
    path = next(path for path, one in lister.live(lister).items() if b"Bakery" in one.body)
    await lister.withdraw(f"{lister.did}/{path}")

    same = await run(lister, rows("a1 Shop", "b2 Bakery"))
    after_same = names(lister)
    changed = await run(lister, rows("a1 Shop", "b2 New Bakery"))
    await run(lister, rows("a1 Shop"), withdraw_missing=True)
    later = await run(lister, rows("a1 Shop", "b2 New Bakery"))
    after_later = names(lister)
    told = await run(lister, rows("a1 Shop", "b2 New Bakery"), with_withdrawn=True)

    assert (same, after_same) == ((0, 0, 1, 0, 0), ["a1 Shop"])
    assert changed == later == same
    assert after_later == ["a1 Shop"]
    assert told == (0, 1, 1, 0, 0)
    assert names(lister) == ["a1 Shop", "b2 New Bakery"]
    assert path not in lister.live(lister)


async def test_what_was_withdrawn_by_hand_and_is_missing_now_is_not_deleted_twice(federation):
    lister = await federation.node("lister")
    await run(lister, rows("a1 Shop", "b2 Bakery"))
    path = next(path for path, one in lister.live(lister).items() if b"Bakery" in one.body)
    await lister.withdraw(f"{lister.did}/{path}")
    before = lister.publisher(lister)

    done = await run(lister, rows("a1 Shop"), withdraw_missing=True)

    assert done == (0, 0, 1, 0, 0)
    assert lister.publisher(lister) == before, "no entry for what is gone already"
    assert count_imported(lister.store, lister.did, rows("x X").source.name) == 1


async def test_a_changed_mapping_changes_the_records_and_not_their_ids(federation):
    lister = await federation.node("lister")
    first = rows("a1 Shop", "b2 Bakery")
    await run(lister, first)
    before = lister.live(lister)
    columns = tuple(
        msgspec.structs.replace(one, target="keywords") if one.column == "Sector" else one
        for one in first.mapping.columns
    )
    mapping = msgspec.structs.replace(first.mapping, columns=columns)

    done = await run(lister, rows("a1 Shop", "b2 Bakery", mapping=mapping))

    assert done == (0, 2, 0, 0, 0)
    assert lister.live(lister).keys() == before.keys()
    bodies = [parse_object(one.body) for path, one in lister.live(lister).items() if "/" in path]
    assert [body.get("keywords") for body in bodies] == [["Retail"], ["Retail"]]


async def test_two_sources_do_not_know_each_other(federation):
    """The same identifier in two tables is two records."""
    lister = await federation.node("lister")
    await run(lister, rows("a1 Shop", "b2 Bakery", file_name="shops.csv"))

    done = await run(lister, rows("a1 Stall", file_name="stalls.csv"), withdraw_missing=True)

    assert done == (1, 0, 0, 0, 0)
    assert names(lister) == ["a1 Shop", "a1 Stall", "b2 Bakery"]


async def test_too_many_records_are_refused_and_nothing_changes(federation, monkeypatch):
    monkeypatch.setattr(imports, "_DOCUMENTS_MAX", 3)
    lister = await federation.node("lister")
    before = lister.publisher(lister), lister.store.log_position()

    with pytest.raises(OverQuota):
        await run(lister, table(4))

    assert (lister.publisher(lister), lister.store.log_position()) == before
    assert (await run(lister, table(3)))[0] == 3


async def test_progress_is_told_and_ends_with_all_of_it(federation):
    lister = await federation.node("lister")
    told = []

    await import_table(
        lister.ports,
        lister.did,
        table(250),
        withdraw_missing=False,
        progress=lambda *step: told.append(step),
    )

    assert told == [(100, 250), (200, 250), (250, 250)]


async def test_followers_see_an_import_as_one_change(federation):
    """LF-WRITE-1: several changes may share one head."""
    lister, reader = await federation.node("lister"), await federation.node("reader")
    await reader.follow(lister)
    await reader.sync(lister)
    await run(lister, table(60))

    report = await reader.sync(lister)

    assert (report.problem, report.changed, report.notes) == (None, 60, ())
