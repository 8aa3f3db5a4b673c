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
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from localfed.app import listings, organisations
from localfed.protocol.errors import DemoFailed, NoAnswer, TooSlow
from localfed.server.console import note, say
from localfed.server.demo_town import TOWN, TOWN_ORGANISATIONS, Townsfolk
from localfed.server.setup import initialise
from localfed.server.wiring import open_node

_START_SECONDS = 20
_COMMAND_SECONDS = 60


class _Node:
    """One node of the demo: its folder, its address, its `serve` process."""

    def __init__(self, town: Path, folk: Townsfolk, port: int) -> None:
        self.folk = folk
        self.folder = town / folk.folder
        self.port = port
        self.url = f"http://localhost:{port}"
        self.process: asyncio.subprocess.Process | None = None

    async def run(self, *arguments: str, stdin: bytes | None = None, code: int = 0) -> bytes:
        """Run a command of `localfed` on this node's folder; returns its stdout."""
        process = await _spawn(*arguments, stdin=stdin is not None)
        try:
            out, error = await asyncio.wait_for(process.communicate(stdin), _COMMAND_SECONDS)
        except TimeoutError as late:
            message = f"localfed {arguments[0]} took longer than {_COMMAND_SECONDS} s"
            raise TooSlow(message) from late
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != code:
            message = f"localfed {arguments[0]} ended with {process.returncode}, not {code}"
            raise DemoFailed(f"{message}: {error.decode(errors='replace')[-500:]}")
        return out

    async def json(self, *arguments: str, stdin: bytes | None = None) -> Any:
        """Run a command with `--json` and read what it printed."""
        command, *rest = arguments
        data = ("--data", str(self.folder))
        return msgspec.json.decode(await self.run(command, *data, "--json", *rest, stdin=stdin))

    async def set_up(self) -> None:
        """Set the node up and publish what the organisation has to say.

        In this process: thirty commands would take a quarter of a minute to start.
        """
        await initialise(
            self.folder, name=self.folk.name, url=self.url, language="en", allow_loopback=True
        )
        async with open_node(self.folder) as node:
            publisher = organisations.the_hosted(node.ports.store)
            for draft in self.folk.drafts:
                data = msgspec.json.encode(draft)
                await listings.publish_draft(node.ports, publisher.did, data, language="en")

    async def serve(self) -> None:
        """Start `serve` and wait for the line that says that it answers."""
        self.process = await _spawn("serve", "--data", str(self.folder), "--port", str(self.port))
        assert self.process.stdout is not None
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), _START_SECONDS)
        except TimeoutError as late:
            message = f"{self.folk.name} did not start within {_START_SECONDS} s"
            raise TooSlow(message) from late
        if not line:
            message = f"{self.folk.name} did not start"
            raise NoAnswer(message)

    async def stop(self) -> None:
        """End `serve`, gently first."""
        process, self.process = self.process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()


async def run_demo(*, is_check: bool) -> None:
    """Run the demo until Ctrl-C, SIGTERM or SIGHUP; or play the story, check it and end.

    Raises:
        DemoFailed: with `is_check`, a step of the story did not go as it should.

    """
    _end_on_signals()
    town = Path(tempfile.mkdtemp(prefix="localfed-demo-"))
    nodes = [
        _Node(town, folk, port)
        for folk, port in zip(TOWN_ORGANISATIONS, _free_ports(3), strict=True)
    ]
    try:
        note(f"Setting up three nodes of {TOWN} in {town} …")
        await asyncio.gather(*(node.set_up() for node in nodes))
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
        await asyncio.gather(*(node.stop() for node in nodes))
        shutil.rmtree(town, ignore_errors=True)


def _end_on_signals() -> None:
    """Let other ends of a demo than Ctrl-C clean up as well: the nodes are processes of their own."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def _invite(nodes: list[_Node]) -> None:
    """Tell what to open and what to try."""
    one, two, _ = nodes
    say(f"\nThree organisations of {TOWN}, each on a node of its own:\n")
    for node in nodes:
        say(f"  {node.url}  {node.folk.name}")
    say("\nOpen one of them and search for something that another one published: soup, or a hall.")
    say("\nOr publish something on the first, and find it on the second:\n")
    say("""  echo '{"type":"Offer","name":{"en":"Apple juice"}}' \\""")
    say(f"    | {_PROGRAM} publish --data {one.folder} -")
    say(f"  {_PROGRAM} sync --data {two.folder} --once")
    say(f"  {_PROGRAM} search --data {two.folder} apple --near 54.60,-2.30")
    data = _real_data()
    if data is not None:
        say("\nReal data is at hand; list 7,387 co-operatives and see them everywhere:\n")
        say(f"  {_PROGRAM} import csv {data} --data {one.folder}")
        say(f"  {_PROGRAM} sync --data {two.folder} --once")
        say(f"  {_PROGRAM} search --data {two.folder} bicycle --near 55.95,-3.19")
    say("\nCtrl-C ends the town and forgets it.")


async def _play(nodes: list[_Node]) -> None:
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
    await two.run("sync", "--data", str(two.folder), "--once", code=1)
    await _expect_valid(two, found[0]["id"])
    say("the first is stopped; the second still answers, and what it says still verifies")


async def _search(node: _Node, text: str) -> list[dict[str, Any]]:
    found = await node.json("search", text, "--near", "54.60,-2.30")
    results: list[dict[str, Any]] = found["results"]
    return results


async def _expect_found(node: _Node, text: str, offer: str, name: str) -> None:
    if not any(
        result["id"] == offer and result["name"] == {"en": name}
        for result in await _search(node, text)
    ):
        message = f"{node.folk.name} does not find {name!r}"
        raise DemoFailed(message)


async def _expect_valid(node: _Node, document_id: str) -> None:
    data = ("--data", str(node.folder))
    body = await node.run("show", *data, document_id)
    told = msgspec.json.decode(await node.run("verify", "-", *data, "--json", stdin=body))
    if not (told["valid"] and told["listed"] and told["id"] == document_id):
        message = f"{node.folk.name} cannot verify {document_id}"
        raise DemoFailed(message)


async def _spawn(*arguments: str, stdin: bool = False) -> asyncio.subprocess.Process:
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    is_long = arguments[0] == "serve"
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "localfed",
        *arguments,
        stdin=pipe if stdin else nothing,
        stdout=pipe,
        # What `serve` logs is for the person who looks; what a command says, for its error.
        stderr=None if is_long else pipe,
        # Ctrl-C is for us: we end the nodes one by one.
        start_new_session=True,
    )


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


_PROGRAM = Path(sys.argv[0]).name if Path(sys.argv[0]).name == "localfed" else "localfed"
