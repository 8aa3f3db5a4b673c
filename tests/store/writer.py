"""Another process with the same store: what it does is its second argument.

batches N   N transactions of 40 documents each; says each number once it is acknowledged
counter N   N times: read the revision of one document, write it plus one
together N  N transactions, each of which gives the same digest to ten documents
hold        begins a transaction, says so, and waits for a line before it ends it
limit N     writes until the system allows no file of more than N bytes; says what is raised
"""

from __future__ import annotations

import asyncio
import resource
import sys
from pathlib import Path

import msgspec

from localfed.protocol.errors import DiskFull
from localfed.store.sqlite import SqliteStore
from store.records import DID, document, state_hash


def say(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def batches(store, number):
    for batch in range(number):
        many = [document(f"b/{batch:04}-{one:02}.json", body=b"x" * 1200) for one in range(40)]
        await store.write(lambda tx, many=many: [tx.put_document(one) for one in many])
        say(batch)


async def counter(store, number):
    def add_one(tx):
        held = tx.document(DID, "d/counter.json")
        tx.put_document(msgspec.structs.replace(held, revision=held.revision + 1))

    for _ in range(number):
        await store.write(add_one)


async def together(store, number):
    for turn in range(number):
        many = [document(f"t/{one}.json", body=b"turn %d" % turn) for one in range(10)]
        await store.write(lambda tx, many=many: [tx.put_document(one) for one in many])


async def hold(store, _number):
    def wait(tx):
        tx.put_document(document("d/held.json"))
        say("holding")
        sys.stdin.readline()

    await store.write(wait)
    say("done")


async def limit(store, number):
    resource.setrlimit(resource.RLIMIT_FSIZE, (number, number))
    folder = Path(sys.argv[1])
    before = state_hash(folder)
    many = [document(f"l/{one}.json", body=b"x" * 5000) for one in range(400)]
    try:
        await store.write(lambda tx: tx.put_documents(many))
    except DiskFull as error:
        say(error.code)
    say(before == state_hash(folder))
    await store.write(lambda tx: tx.put_document(document("d/small.json")))
    say(store.document(DID, "d/small.json") is not None)


async def main():
    what, number = sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0
    store = SqliteStore.open(Path(sys.argv[1]))
    work = {
        "batches": batches,
        "counter": counter,
        "together": together,
        "hold": hold,
        "limit": limit,
    }
    try:
        await work[what](store, number)
    finally:
        store.close()


asyncio.run(main())
