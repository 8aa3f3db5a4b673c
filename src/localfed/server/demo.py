"""The demo: three nodes of a made-up town, as three real processes on real ports.

Here: starting and ending them, the story that `demo --check` plays. Everything it does, it does by
the commands that anyone would type. Not here: what the town publishes (`demo_town`).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from localfed.protocol.errors import DemoFailed
from localfed.server.console import note, say
from localfed.server.demo_market import begin_ties, play_marketplace
from localfed.server.demo_node import DemoNode
from localfed.server.demo_town import TOWN, TOWN_ORGANISATIONS
from localfed.server.hints import program


async def run_demo(*, is_check: bool) -> None:
    """Run the demo until Ctrl-C, SIGTERM or SIGHUP; or play the story, check it and end.

    Raises:
        DemoFailed: with `is_check`, a step of the story did not go as it should.

    """
    ended = _end_on_signals()
    town = Path(tempfile.mkdtemp(prefix="localfed-demo-"))
    nodes = [
        DemoNode(town, folk, port)
        for folk, port in zip(TOWN_ORGANISATIONS, _free_ports(3), strict=True)
    ]
    try:
        note(f"Setting up three nodes of {TOWN} in {town} …")
        await asyncio.gather(*(node.set_up() for node in nodes))
        if not is_check:
            await begin_ties(*nodes[:2])
        await asyncio.gather(*(node.serve() for node in nodes))
        for node in nodes:
            for other in nodes:
                if other is not node:
                    await node.json("follow", other.url)
        for node in nodes:
            await node.json("sync", "--once")
        if is_check:
            await _play(nodes)
            say("demo: every step of the story went as it should")
        else:
            _invite(nodes)
            await asyncio.Event().wait()
    finally:
        ended.set()
        await asyncio.gather(*(node.stop() for node in nodes))
        shutil.rmtree(town, ignore_errors=True)


def _end_on_signals() -> asyncio.Event:
    """End a demo once, however often it is told to: the nodes are processes of their own, and the town is a folder.

    Returns what is set when it is ending: from then on no signal cuts that short.
    """
    task, ending = asyncio.current_task(), asyncio.Event()
    assert task is not None

    def end() -> None:
        if not ending.is_set():
            ending.set()
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, end)
    return ending


def _invite(nodes: list[DemoNode]) -> None:
    """Tell what to open and what to try."""
    one, two, _ = nodes
    how = program()
    say(f"\nThree organisations of {TOWN}, each on a node of its own:\n")
    for node in nodes:
        say(f"  {node.url}  {node.folk.name}")
    say("\nOpen one of them and search for something that another one published: soup, or a hall.")
    say(f"Ties, on any of them, draws that {one.folk.name} and {two.folk.name} work together.")
    say("\nOr publish something on the first, and find it on the second:\n")
    say("""  echo '{"type":"Offer","name":{"en":"Apple juice"}}' \\""")
    say(f"    | {how} publish --data {one.folder} -")
    say(f"  {how} sync --data {two.folder} --once")
    say(f"  {how} search --data {two.folder} apple --near 54.60,-2.30")
    data = _real_data()
    if data is not None:
        say("\nReal data is at hand; list 7,387 co-operatives and see them everywhere:\n")
        say(f"  {how} import csv {data} --data {one.folder}")
        say(f"  {how} sync --data {two.folder} --once")
        say(f"  {how} search --data {two.folder} bicycle --near 55.95,-3.19")
    say("\nCtrl-C ends the town and forgets it.")


async def _play(nodes: list[DemoNode]) -> None:
    """Play the story: publish, find and verify elsewhere; change; withdraw; the origin goes away."""
    one, two, three = nodes
    draft: dict[str, Any] = {
        "type": "Offer",
        "name": {"en": "Apple juice"},
        "location": [{"latitude": "54.6021", "longitude": "-2.3014"}],
    }
    published = await one.json("publish", "-", stdin=msgspec.json.encode(draft))
    offer = published["id"]
    await two.json("sync", "--once")
    await _expect_found(two, "apple", offer, "Apple juice")
    await _expect_valid(two, offer)
    say("published on the first, found on the second, with a valid proof")

    draft |= {"id": offer, "name": {"en": "Apple and pear juice"}}
    changed = await one.json("publish", "-", stdin=msgspec.json.encode(draft))
    if changed["id"] != offer or changed["new"]:
        message = "a change became a new document"
        raise DemoFailed(message)
    await asyncio.gather(two.json("sync", "--once"), three.json("sync", "--once"))
    await _expect_found(two, "pear", offer, "Apple and pear juice")
    await _expect_found(three, "pear", offer, "Apple and pear juice")
    say("changed on the first, changed on the second and the third")

    await play_marketplace(two, three)

    await one.json("withdraw", offer)
    await two.json("sync", "--once")
    if any(result["id"] == offer for result in await _search(two, "pear")):
        message = "a withdrawn offer is still found"
        raise DemoFailed(message)
    say("withdrawn on the first, gone on the second")

    await one.stop()
    found = await _search(two, "veg box")
    if not found or found[0]["name"] != {"en": "Veg box"}:
        message = "the second node forgot the first"
        raise DemoFailed(message)
    await _expect_valid(two, found[0]["id"])
    # It cannot be read at home; whether somebody's mirror of it is up to date is as it happens.
    await two.run("sync", "--data", str(two.folder), "--once", code=None)
    await _expect_valid(two, found[0]["id"])
    say("the first is stopped; the second still answers, and what it says still verifies")


async def _search(node: DemoNode, text: str) -> list[dict[str, Any]]:
    found = await node.json("search", text, "--near", "54.60,-2.30")
    results: list[dict[str, Any]] = found["results"]
    return results


async def _expect_found(node: DemoNode, text: str, offer: str, name: str) -> None:
    if not any(
        result["id"] == offer and result["name"] == {"en": name}
        for result in await _search(node, text)
    ):
        message = f"{node.folk.name} does not find {name!r}"
        raise DemoFailed(message)


async def _expect_valid(node: DemoNode, document_id: str) -> None:
    data = ("--data", str(node.folder))
    body = await node.run("show", *data, document_id)
    told = msgspec.json.decode(await node.run("verify", "-", *data, "--json", stdin=body))
    if not (told["valid"] and told["listed"] and told["id"] == document_id):
        message = f"{node.folk.name} cannot verify {document_id}"
        raise DemoFailed(message)


def _free_ports(count: int) -> list[int]:
    """Find ports that nobody uses now, all at once so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _real_data() -> Path | None:
    folder = Path(os.environ.get("LOCALFED_TEST_DATA", "../shared/data"))
    file = folder / "coops-uk" / "standard.Q2-2023.postcodes.csv"
    return file if file.is_file() else None
