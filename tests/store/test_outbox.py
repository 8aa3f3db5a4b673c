"""The outbox in the database: what is due, in which order, and what putting something in again does."""

from __future__ import annotations

import time

import msgspec
import pytest

from localfed.app.message_values import OutboxItem, OutboxKind, OutboxState, Peer
from store.records import DID, LATER, LATEST, NOW, OTHER


def item(**members):
    host = members.get("host", "grocer.example")
    return OutboxItem(
        **{
            "sender": DID,
            "recipient": OTHER,
            "url": f"https://{host}/inbox",
            "host": host,
            "allow_loopback": False,
            "kind": OutboxKind.MESSAGE,
            "digest": "z1",
            "created": NOW,
            "next_try": NOW,
            "expires": LATEST,
            "body": b"{}",
        }
        | members
    )


def ping(**members):
    return item(kind=OutboxKind.PING, digest="", expires=None, body=None, **members)


async def put(store, *items, peers=()):
    def change(tx):
        for one in items:
            tx.enqueue(one)
        for peer in peers:
            tx.save_peer(peer)

    await store.write(change)


async def test_an_item_comes_out_as_it_was_put_in(store):
    whole = item(allow_loopback=True, problem="no-answer", failures=3, state=OutboxState.FAILED)
    await put(store, whole)

    (kept,) = store.outbox()

    assert msgspec.structs.replace(kept, number=0) == whole
    assert store.outbox_item(kept.number) == kept
    assert store.outbox_item(kept.number + 1) is None


async def test_hosts_are_due_when_something_is_and_their_own_time_has_come(store):
    await put(
        store,
        item(host="b.example", digest="1", next_try=LATER),
        item(host="a.example", digest="2", next_try=LATER),
        item(host="a.example", digest="3", next_try=NOW),
        item(host="c.example", digest="4", next_try="2026-05-02T21:00:00Z"),
        item(host="d.example", digest="5"),
        item(host="e.example", digest="6"),
        item(host="f.example", digest="7", state=OutboxState.FAILED),
        peers=(
            Peer(host="d.example", failures=4, next_try=LATEST),
            Peer(host="e.example", failures=2, next_try=LATER),
        ),
    )

    due = store.outbox_hosts_due(LATER)

    assert [(one.host, one.failures, one.next_try) for one in due] == [
        ("a.example", 0, NOW),
        ("e.example", 2, NOW),
        ("b.example", 0, LATER),
    ]
    assert store.outbox_hosts_due("2026-05-01T08:59:59Z") == []


async def test_what_waits_for_longer_than_anything_can_is_due(store):
    """A clock that was wrong said so."""
    await put(
        store,
        item(host="a.example", digest="1", next_try="2036-05-01T09:00:00Z"),
        item(host="b.example", digest="2"),
        peers=(Peer(host="b.example", failures=1, next_try="2036-05-01T09:00:00Z"),),
    )

    assert {one.host for one in store.outbox_hosts_due(LATER)} == {"a.example", "b.example"}
    assert [one.digest for one in store.outbox_due("a.example", LATER, 9)] == ["1"]


async def test_nothing_is_due_where_nothing_waits(store):
    assert store.outbox_hosts_due(LATER) == []


async def test_what_is_due_at_a_host_comes_longest_due_first_and_only_so_much(store):
    await put(
        store,
        item(digest="1", next_try=LATER),
        item(digest="2", next_try=NOW),
        item(digest="3", next_try=NOW),
        item(digest="4", next_try=LATEST),
        item(digest="5", host="other.example"),
        item(digest="6", state=OutboxState.DELIVERED),
    )

    assert [one.digest for one in store.outbox_due("grocer.example", LATER, 9)] == ["2", "3", "1"]
    assert [one.digest for one in store.outbox_due("grocer.example", LATER, 2)] == ["2", "3"]


async def test_a_ping_that_waits_goes_on_waiting_as_long_as_it_was_told(store):
    await put(store, ping(next_try=LATER, failures=2, problem="no-answer"))

    await put(store, ping(next_try=NOW))

    (kept,) = store.outbox()
    assert (kept.next_try, kept.failures, kept.problem) == (LATER, 2, "no-answer")


async def test_a_ping_for_another_address_begins_anew(store):
    await put(store, ping(next_try=LATEST, failures=9, problem="no-answer"))

    await put(store, ping(host="moved.example", next_try=NOW))

    (kept,) = store.outbox()
    assert (kept.url, kept.host) == ("https://moved.example/inbox", "moved.example")
    assert (kept.next_try, kept.failures, kept.problem) == (NOW, 0, None)


async def test_what_was_given_up_waits_again_when_it_is_put_in_again(store):
    await put(store, ping(state=OutboxState.FAILED, next_try=NOW, failures=3, problem="gone"))

    await put(store, ping(next_try=LATER))

    (kept,) = store.outbox()
    assert (kept.state, kept.next_try, kept.failures) == (OutboxState.WAITING, LATER, 0)
    assert kept.problem is None


async def test_only_what_is_done_and_old_is_deleted(store):
    await put(
        store,
        item(digest="1", state=OutboxState.DELIVERED, created=NOW),
        item(digest="2", state=OutboxState.FAILED, created=NOW),
        item(digest="3", state=OutboxState.DELIVERED, created=LATEST),
        item(digest="4", state=OutboxState.WAITING, created=NOW),
    )

    assert await store.write(lambda tx: tx.delete_old_outbox(LATER)) == 2
    assert [one.digest for one in store.outbox()] == ["3", "4"]


async def test_a_peer_is_remembered_while_it_fails(store):
    failing = Peer(host="grocer.example", failures=2, next_try=LATER)
    await put(store, peers=(failing,))
    assert store.peer("grocer.example") == failing

    await put(store, peers=(msgspec.structs.replace(failing, failures=0),))

    assert store.peer("grocer.example") is None


@pytest.mark.parametrize("name", ["hosts", "due"])
async def test_who_is_dead_for_weeks_costs_nothing_each_second(store, name):
    """What is asked every second goes from host to host, not over all that waits for each."""
    await put(
        store,
        *(item(host=f"h{n % 20}.example", digest=f"{n}") for n in range(10_000)),
        peers=[Peer(host=f"h{n}.example", failures=20, next_try=LATEST) for n in range(20)],
    )
    ask = {
        "hosts": lambda: store.outbox_hosts_due(LATER),
        "due": lambda: store.outbox_due("h7.example", LATER, 20),
    }[name]

    times = []
    for _ in range(5):
        begun = time.perf_counter()
        found = ask()
        times.append(time.perf_counter() - begun)

    assert len(found) == (0 if name == "hosts" else 20)
    # Ten times what is measured: walking over all ten thousand takes longer.
    assert min(times) < 0.002
