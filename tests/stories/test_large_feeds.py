"""Long feeds: pages, snapshots, bundles, interruptions."""

import random

import msgspec
import pytest

from localfed.app.imports import import_table
from localfed.interop.csv_table import read_csv
from localfed.protocol import limits


def table(count, *, word="Shop"):
    rows = "".join(
        f"{n},{word} {n},{50 + n % 90 / 100:.4f},{-3 + n % 70 / 100:.4f},Retail\n"
        for n in range(count)
    )
    return read_csv(
        ("Identifier,Name,Latitude,Longitude,Sector\n" + rows).encode(),
        file_name="shops.csv",
        mapping=None,
    )


def same(reader, publisher):
    """Whether a reader holds exactly what the publisher publishes, byte for byte."""
    ours = {path: one.body for path, one in reader.live(publisher).items()}
    theirs = {path: one.body for path, one in publisher.live(publisher).items()}
    return ours == theirs and len(ours) > 0


async def test_a_first_sync_of_a_long_list_takes_the_bundle(federation):
    """LF-READ, LF-FEED: head, parts and bundle instead of one request for each document."""
    lister, reader = await federation.node("lister"), await federation.node("reader")
    await import_table(lister.ports, lister.did, table(4_500), withdraw_missing=False)
    await reader.follow(lister)
    federation.network.requests.clear()

    report = await reader.sync(lister)

    assert (report.problem, report.changed, report.lacking) == (None, 4_501, 0)
    assert same(reader, lister)
    files = {url.rsplit("/", 1)[1] for url in federation.network.requests}
    assert "bundle.jsonl" in files
    assert sum(file.endswith(("-1.json", "-2.json")) for file in files) == 2
    assert not any("/d/" in url for url in federation.network.requests)


async def test_a_second_import_of_the_same_table_changes_nothing(federation):
    lister = await federation.node("lister")
    await import_table(lister.ports, lister.did, table(300), withdraw_missing=False)
    before = lister.publisher(lister)

    done = await import_table(lister.ports, lister.did, table(300), withdraw_missing=False)

    assert (done.new, done.changed, done.unchanged) == (0, 0, 300)
    assert lister.publisher(lister) == before


async def test_of_a_changed_table_only_what_changed_is_published(federation):
    lister = await federation.node("lister")
    await import_table(lister.ports, lister.did, table(300), withdraw_missing=False)

    done = await import_table(lister.ports, lister.did, table(280), withdraw_missing=True)

    assert (done.new, done.changed, done.withdrawn) == (0, 0, 20)
    assert len(lister.live(lister)) == 281


async def test_a_small_change_to_a_long_list_costs_few_requests(federation):
    lister, reader = await federation.node("lister"), await federation.node("reader")
    await import_table(lister.ports, lister.did, table(1_000), withdraw_missing=False)
    await reader.follow(lister)
    await reader.sync(lister)
    federation.network.requests.clear()
    federation.clock.advance(minutes=1)

    await lister.publish({"type": "Offer", "name": "One more"})
    report = await reader.sync(lister)

    assert report.changed == 1
    assert len(federation.network.requests) == 3  # head, page, document


@pytest.mark.parametrize("seed", range(6))
async def test_a_sync_that_is_cut_off_goes_on_where_it_was(federation, seed):
    """LF-READ: nothing is lost and nothing half done, wherever the line breaks."""
    chance = random.Random(seed)
    lister, reader = await federation.node("lister"), await federation.node("reader")
    await import_table(lister.ports, lister.did, table(400), withdraw_missing=False)
    for number in range(20):
        await lister.publish({"type": "Need", "name": f"Need {number}"})
    await reader.follow(lister)

    for _ in range(40):
        federation.network.break_after = chance.randrange(1, 12)
        await reader.sync(lister)
        assert set(reader.live(lister)) <= set(lister.live(lister))
    federation.network.break_after = None
    report = await reader.sync(lister)

    assert (report.problem, report.lacking) == (None, 0)
    assert same(reader, lister)


@pytest.mark.parametrize("seed", range(4))
async def test_followers_converge_whenever_they_look(federation, seed):
    """Whatever was published, changed and withdrawn between two looks, the state is the same."""
    chance = random.Random(seed)
    lister = await federation.node("lister")
    readers = [await federation.node(name) for name in ("often", "seldom", "never")]
    for reader in readers:
        await reader.follow(lister)
    live = []
    for step in range(400):
        what = chance.random()
        if what < 0.6 or not live:
            live.append(await lister.publish({"type": "Offer", "name": f"Offer {step}"}))
        elif what < 0.8:
            offer = chance.choice(live)
            await lister.publish({"type": "Offer", "id": offer, "name": f"Changed {step}"})
        else:
            await lister.withdraw(live.pop(chance.randrange(len(live))))
        federation.clock.advance(seconds=chance.randrange(600))
        if step % 7 == 0:
            await readers[0].sync(lister)
        if step % 150 == 0:
            await readers[1].sync(lister)

    for reader in readers:
        report = await reader.sync(lister)
        assert (report.problem, report.lacking) == (None, 0)
        assert same(reader, lister)


async def test_old_feed_files_stay_two_days_and_then_go(federation):
    """LF-WRITE: readers that are still at an old snapshot can finish."""
    from localfed.app.renewals import renew

    lister = await federation.node("lister")
    await import_table(lister.ports, lister.did, table(300), withdraw_missing=False)
    first = msgspec.json.decode(lister.publisher(lister).head)["snapshot"]["parts"][0]["name"]
    await import_table(lister.ports, lister.did, table(300, word="Store"), withdraw_missing=False)

    assert lister.store.feed_file(lister.did, first) is not None
    federation.clock.advance(hours=limits.OLD_FILES_HOURS + 1)
    await renew(lister.ports, lister.did)

    assert lister.store.feed_file(lister.did, first) is None
