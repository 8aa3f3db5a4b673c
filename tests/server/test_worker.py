"""The worker of a running node, in this process, on the fake network with one clock."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import urlsplit

import msgspec
import pytest

from app.makers import host_another
from federation import Federation
from interop.pictures_made import a_jpeg
from localfed.app import accepting, delivery, indexing, listings, messages
from localfed.app.message_values import OutboxState
from localfed.app.ports import Side
from localfed.protocol.errors import DiskFull
from localfed.protocol.times import read_time
from localfed.server import worker
from localfed.server.wiring import find_readings
from localfed.server.worker import Worker
from stories.witness import is_same


@pytest.fixture
def federation(tmp_path, monkeypatch):
    """A federation whose workers look around twenty times a second."""
    pictures = ("PICTURES_SECONDS", "PICTURE_USES_SECONDS")
    for name in ("LOG_SECONDS", "POLL_SECONDS", "RENEW_SECONDS", "DELIVER_SECONDS", *pictures):
        monkeypatch.setattr(worker, name, 0.05)
    federation = Federation(tmp_path)
    yield federation
    federation.close()


async def until(claim):
    """Wait until something holds."""
    for _ in range(400):
        if claim():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it did not come to hold")


@pytest.fixture
async def work():
    """Run the worker of a node until the test ends."""
    workers = []

    def start(node, ports=None):
        workers.append(Worker(ports or node.ports))
        workers[-1].start()

    yield start
    for one in workers:
        await one.stop()


async def test_a_new_follow_is_read_at_once_and_then_when_it_is_due(federation, work):
    """LF-FOLLOW-3."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    work(reader)
    await reader.follow(grocer)
    await until(lambda: is_same(reader, grocer))
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    federation.network.requests.clear()

    await asyncio.sleep(0.4)
    early = list(federation.network.requests)
    federation.clock.advance(minutes=20)
    await until(lambda: is_same(reader, grocer))

    assert early == []


async def test_the_index_follows_the_log(federation, work):
    grocer = await federation.node("grocer")
    work(grocer)

    await grocer.publish({"type": "Offer", "name": "Veg box"})

    await until(lambda: grocer.index.position() == grocer.store.log_position())


async def test_heads_and_documents_are_renewed_while_it_runs(federation, work):
    """LF-HEAD-8."""
    grocer = await federation.node("grocer")
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    first = grocer.publisher(grocer)
    revisions = {path: one.revision for path, one in grocer.live(grocer).items()}
    work(grocer)
    await asyncio.sleep(0.3)
    assert grocer.publisher(grocer) == first

    federation.clock.advance(days=7)
    await until(lambda: grocer.publisher(grocer).head != first.head)
    assert grocer.publisher(grocer).state.seq == first.state.seq
    federation.clock.advance(days=130)
    await until(
        lambda: all(one.revision > revisions[path] for path, one in grocer.live(grocer).items())
    )

    assert read_time(grocer.publisher(grocer).head_expires) > federation.clock.now()


async def test_one_organisation_without_its_key_does_not_stop_the_others(federation, work, caplog):
    grocer = await federation.node("grocer")
    second = await host_another(grocer, "https://grocer.example/second/")
    (grocer.folder / "keys" / f"{grocer.publisher(grocer).scid}.json").unlink()
    before = grocer.store.publisher(second).head
    federation.clock.advance(days=8)

    with caplog.at_level(logging.ERROR):
        work(grocer)
        await until(lambda: grocer.store.publisher(second).head != before)

    assert "bad-file" in caplog.text
    assert grocer.host in caplog.text


async def test_a_peer_that_is_down_does_not_hold_up_the_others(federation, work):
    names = [f"n{number}" for number in range(8)]
    others = [await federation.node(name) for name in names]
    reader = await federation.node("reader")
    for other in others:
        await reader.follow(other)
    federation.network.down |= {other.host for other in others[:6]}

    work(reader)
    await until(lambda: all(is_same(reader, other) for other in others[6:]))

    await until(lambda: all(reader.publisher(one).problem == "no-answer" for one in others[:6]))


# --- delivery --------------------------------------------------------------------------------

ENQUIRY = messages.Draft(type="Enquiry", language="en", text="Have you bread on Sundays?")


class Stalling:
    """Lets posts to some hosts hang until the test ends."""

    def __init__(self, network, hosts):
        self.hosts, self.posted, self._post = hosts, [], network.post
        network.post = self.post

    async def post(self, url, body, *, allow_loopback):
        host = urlsplit(url).netloc
        self.posted.append(host)
        if host in self.hosts:
            await asyncio.sleep(60)
        return await self._post(url, body, allow_loopback=allow_loopback)


async def writing_to(federation, names):
    """A node that follows so many others, and writes to each."""
    others = [await federation.node(name) for name in names]
    grocer = await federation.node("grocer")
    for other in others:
        await grocer.follow(other)
        await grocer.sync(other)
        await messages.send(grocer.ports, grocer.did, other.did, ENQUIRY)
    return grocer, others


async def test_a_host_that_stalls_delays_nothing_that_is_for_others(federation, work):
    """LF-SEND-2: not in this round, and not in any later one."""
    grocer, (_, cook) = await writing_to(federation, ["baker", "cook"])
    Stalling(federation.network, {"baker.example"})
    work(grocer)
    await until(lambda: len(cook.store.messages()) == 1)

    for count in (2, 3, 4):
        await messages.send(grocer.ports, grocer.did, cook.did, ENQUIRY)
        await until(lambda count=count: len(cook.store.messages()) == count)


async def test_a_host_that_stalls_is_asked_by_one_post_at_a_time(federation, work):
    grocer, (baker, cook) = await writing_to(federation, ["baker", "cook"])
    await messages.send(grocer.ports, grocer.did, baker.did, ENQUIRY)
    line = Stalling(federation.network, {"baker.example"})

    work(grocer)
    await until(lambda: len(cook.store.messages()) == 1)
    await asyncio.sleep(0.3)

    assert line.posted.count("baker.example") == 1


async def test_however_many_stalled_before_who_answers_has_its_turn(federation, work):
    """LF-SEND-2: those that did not answer last time have places of their own."""
    dead = [f"dead{number}" for number in range(worker.HOSTS_AT_ONCE + 2)]
    grocer, others = await writing_to(federation, [*dead, "cook"])
    hosts = {f"{name}.example" for name in dead}
    federation.network.down |= hosts
    await delivery.deliver_due(grocer.ports)
    federation.network.down.clear()
    federation.clock.advance(minutes=5)
    await messages.send(grocer.ports, grocer.did, others[-1].did, ENQUIRY)
    line = Stalling(federation.network, hosts)

    work(grocer)
    await until(lambda: len(others[-1].store.messages()) == 2)

    assert len([host for host in line.posted if host in hosts]) == worker.DOUBTFUL_HOSTS_AT_ONCE


async def test_it_ends_in_the_middle_of_a_delivery_and_loses_nothing(federation):
    grocer, _ = await writing_to(federation, ["baker"])
    line = Stalling(federation.network, {"baker.example"})
    one = Worker(grocer.ports)
    one.start()
    await until(lambda: line.posted)

    await asyncio.wait_for(one.stop(), 5)

    assert [item.state for item in grocer.store.outbox() if item.body] == [OutboxState.WAITING]


async def test_a_full_disk_of_ours_is_not_taken_out_on_the_publisher(federation, work, caplog):
    """Asked once, then left alone for a while: nothing could be written that says when."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await reader.follow(grocer)

    class FullStore:
        def __getattr__(self, name):
            return getattr(reader.store, name)

        async def write(self, change):
            raise DiskFull("the disk is full")

    with caplog.at_level(logging.ERROR):
        work(reader, msgspec.structs.replace(reader.ports, store=FullStore()))
        await until(lambda: "disk-full" in caplog.text)
        await asyncio.sleep(0.5)

    assert federation.network.requests.count(grocer.base + "head.json") == 1


async def test_a_fault_in_one_round_does_not_end_the_loop(federation, work, caplog):
    grocer = await federation.node("grocer")
    rounds = []

    class FaultyIndex:
        def __getattr__(self, name):
            return getattr(grocer.index, name)

        def position(self):
            rounds.append(1)
            raise ZeroDivisionError

    work(grocer, msgspec.structs.replace(grocer.ports, index=FaultyIndex()))
    await until(lambda: "index failed" in caplog.text)
    before = grocer.publisher(grocer).head
    federation.clock.advance(days=8)

    await until(lambda: grocer.publisher(grocer).head != before)

    assert rounds


async def test_bundles_that_were_cut_off_are_written_at_the_start(federation, work):
    """LF-FEED-11."""
    from app.makers import import_many

    lister = await federation.node("lister")
    await import_many(lister, 120)
    bundle = lister.store.bundle_path(lister.did)
    whole = bundle.read_bytes()
    bundle.write_bytes(b"")

    work(lister)

    await until(lambda: bundle.read_bytes() == whole)


async def test_it_ends_in_the_middle_of_a_poll(federation):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await reader.follow(grocer)
    real = federation.network.get
    began = asyncio.Event()

    async def get(url, **options):
        began.set()
        await asyncio.sleep(30)
        return await real(url, **options)

    federation.network.get = get
    one = Worker(reader.ports)
    one.start()
    await asyncio.wait_for(began.wait(), 5)

    await asyncio.wait_for(one.stop(), 5)

    assert reader.publisher(grocer).state is None


async def test_pictures_come_and_go_with_their_documents(federation, work):
    """LF-IMG-6, LF-IMG-9."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    draft = {"type": "Offer", "name": "A hall", "image": [{"file": "x", "alt": "A hall"}]}
    done = await listings.publish_draft(
        grocer.ports,
        grocer.did,
        msgspec.json.encode(draft),
        language="en",
        load=lambda _: a_jpeg(),
    )
    path = done.id.partition("/")[2]
    work(grocer)
    work(reader)
    await reader.follow(grocer)

    def copies():
        return [one.copy for one in reader.store.pictures_of(grocer.did, path) if one.copy]

    await until(copies)
    (copy,) = copies()
    (picture,) = grocer.store.pictures_of(grocer.did, path)
    assert reader.store.shown_picture(copy) is not None

    await grocer.withdraw(done.id)
    await until(lambda: grocer.file("/" + picture.path) is None)
    await reader.store.write(lambda tx: accepting.bring_forward(tx, grocer.did, reader.clock.now()))
    federation.clock.advance(minutes=20)
    await until(lambda: reader.store.shown_picture(copy) is None)


async def test_entries_about_one_organisation_are_folded_while_it_runs(
    federation, work, monkeypatch
):
    """LF-ORG-5."""
    monkeypatch.setattr(worker, "FOLD_SECONDS", 0.05)
    monkeypatch.setattr(worker, "FOLD_SHARE", 0)
    node = await federation.node("grocer")
    second = await host_another(node, "https://second.example", "Second")
    work(node)
    draft = {"type": "Organization", "listed": True, "name": "Alder Bakery Co-operative"}

    for did in (node.did, second):
        data = msgspec.json.encode(draft)
        await listings.publish_draft(node.ports, did, data, language="en")

    await until(lambda: len(node.index.folds()) == 2)


async def test_folding_is_left_alone_for_many_times_as_long_as_it_took(
    federation, work, monkeypatch
):
    """Over thousands of organisations it takes seconds, and other work must go on."""
    monkeypatch.setattr(worker, "FOLD_SECONDS", 0.01)
    monkeypatch.setattr(worker, "FOLD_SHARE", 4)
    began = []
    work_out = indexing.work_out_folds

    async def slowly(ports, goes_on):
        began.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.05)
        return await work_out(ports, goes_on)

    monkeypatch.setattr(indexing, "work_out_folds", slowly)
    node = await federation.node("grocer")
    work(node)
    await until(lambda: not indexing.is_folding_due(node.ports))

    draft = {"type": "Organization", "listed": True, "name": "Alder Bakery Co-operative"}
    await node.publish(draft)
    await until(lambda: len(began) > 1)

    assert began[1] - began[0] > 0.05 + 4 * 0.05


async def test_a_lister_is_told_of_a_claim_while_it_runs(federation, work, monkeypatch):
    """LF-ORG-5."""
    monkeypatch.setattr(worker, "CLAIMS_SECONDS", 0.05)
    node = await federation.node("grocer")
    lister = await host_another(node, "https://lister.example", "Lister")
    work(node)
    draft = {"type": "Organization", "listed": True, "name": "Stall", "claimedBy": node.did}
    data = msgspec.json.encode(draft)
    stall = (await listings.publish_draft(node.ports, lister, data, language="en")).id

    await node.publish({"type": "Organization", "name": "Grocer", "claims": [stall]})

    await until(lambda: [one.about for one in node.store.notices()] == [stall])


async def test_what_comes_in_is_read_while_it_runs(federation, work, monkeypatch):
    monkeypatch.setattr(worker, "READ_SECONDS", 0.05)
    node = await federation.node("grocer")
    readings = find_readings(node.folder)
    await node.publish({"type": "Offer", "name": "Veg box"})
    work(node, msgspec.structs.replace(node.ports, reading=readings))

    await until(lambda: readings.unread([(Side.OFFER, "Veg box")]) == [])
    await node.publish({"type": "Need", "name": "Crates"})
    await until(lambda: readings.unread([(Side.NEED, "Crates")]) == [])
