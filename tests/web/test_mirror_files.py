"""The files of others, over HTTP: byte for byte, with ETags, below every BASE, and nothing else."""

from __future__ import annotations

import json

import pytest

from localfed.protocol.digest import digest
from localfed.protocol.mirror import read_clock


@pytest.fixture
def scid(town):
    return town.tools.did.split(":")[2]


async def read(client, path, **headers):
    answer = await client.get(path, headers=headers)
    return answer, await answer.read()


async def test_the_clock_names_whom_this_node_mirrors_and_no_host_of_its_own(town, client, scid):
    """LF-MIRROR-2."""
    answer, body = await read(client, "/mirror/clock.json")

    assert answer.status == 200
    clock = read_clock(body)
    assert scid in clock
    assert town.kitchen.did.split(":")[2] not in clock


async def test_an_unchanged_clock_costs_a_304(client, scid):
    first, _ = await read(client, "/mirror/clock.json")

    again, body = await read(
        client, "/mirror/clock.json", **{"If-None-Match": first.headers["ETag"]}
    )

    assert (again.status, body) == (304, b"")


async def test_every_file_is_served_as_it_came(town, client, scid):
    """LF-MIRROR-1."""
    store = town.node.ports.store
    publisher = store.publisher(town.tools.did)
    _, log = await read(client, f"/mirror/{scid}/did.jsonl")
    _, head = await read(client, f"/mirror/{scid}/head.json")

    assert (log, head) == (publisher.log, publisher.head)
    paths = [one for one in store.documents(town.tools.did) if one.body is not None]
    assert paths
    for one in paths:
        answer, body = await read(client, f"/mirror/{scid}/{one.path}")
        assert (answer.status, digest(body)) == (200, one.digest)
        assert answer.headers["Content-Type"] == "application/ld+json"
    page = json.loads(head)["page"]
    answer, _ = await read(client, f"/mirror/{scid}/{page}")
    assert answer.status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/mirror/",
        "/mirror/clock.jsonl",
        "/mirror/Qm/head.json",
        "/mirror/{own}/head.json",
        "/mirror/{scid}/",
        "/mirror/{scid}/node.toml",
        "/mirror/{scid}/mirror/clock.json",
        "/mirror/{scid}/../../node.toml",
        "/mirror/{scid}/feed/1.json",
        "/mirror/{scid}/bundle.jsonl",
        "/elsewhere/mirror/clock.json",
        "/elsewhere/mirror/{scid}/head.json",
    ],
)
async def test_nothing_else_lies_below_a_mirror(town, client, scid, path):
    own = town.kitchen.did.split(":")[2]

    answer, body = await read(client, path.format(scid=scid, own=own))

    assert answer.status == 404
    assert json.loads(body)["code"] == "unknown-page"


async def test_a_hidden_publisher_is_not_mirrored(town, client, scid):
    """LF-MIRROR-6."""
    import msgspec

    store = town.node.ports.store
    held = store.publisher(town.tools.did)
    await store.write(lambda tx: tx.accept_publisher(msgspec.structs.replace(held, is_shown=False)))

    answer, _ = await read(client, f"/mirror/{scid}/head.json")
    _, clock = await read(client, "/mirror/clock.json")

    assert answer.status == 404
    assert scid not in read_clock(clock)
