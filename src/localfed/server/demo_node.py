"""A node of the demo: its folder, its `serve` process, and commands run on it as anyone would type them.

Here: starting, asking and ending one. Not here: the town (`demo_town`), what is played (`demo`, `demo_market`).
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

from localfed.app import listings, organisations
from localfed.protocol.errors import DemoFailed, NoAnswer, TooSlow
from localfed.server.demo_town import Draft, Townsfolk
from localfed.server.setup import initialise
from localfed.server.wiring import open_node

_START_SECONDS: Final = 20
_COMMAND_SECONDS: Final = 60


_GROUPS: Final = frozenset({"partner", "exchange"})
"""Commands that have commands of their own."""


class DemoNode:
    """One node of the demo: its folder, its address, its `serve` process."""

    def __init__(self, town: Path, folk: Townsfolk, port: int) -> None:
        self.folk = folk
        self.folder = town / folk.folder
        self.port = port
        self.url = f"http://localhost:{port}"
        self.did = ""
        """Once it is set up."""
        self.process: asyncio.subprocess.Process | None = None

    async def run(self, *arguments: str, stdin: bytes | None = None, code: int | None = 0) -> bytes:
        """Run a command of `localfed` on this node's folder; returns its stdout. `code` None: any."""
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
        if code is not None and process.returncode != code:
            message = f"localfed {arguments[0]} ended with {process.returncode}, not {code}"
            raise DemoFailed(f"{message}: {error.decode(errors='replace')[-500:]}")
        return out

    async def json(self, *arguments: str, stdin: bytes | None = None) -> Any:
        """Run a command with `--json` and read what it printed."""
        words = 2 if arguments[0] in _GROUPS else 1
        data = ("--data", str(self.folder), "--json")
        return msgspec.json.decode(
            await self.run(*arguments[:words], *data, *arguments[words:], stdin=stdin)
        )

    async def set_up(self) -> None:
        """Set the node up and publish what the organisation has to say.

        In this process: thirty commands would take a quarter of a minute to start.
        """
        made = await initialise(
            self.folder, name=self.folk.name, url=self.url, language="en", allow_loopback=True
        )
        self.did = made.did
        await self.publish(*self.folk.drafts)

    async def publish(self, *drafts: Draft) -> None:
        """Publish drafts, in this process."""
        async with open_node(self.folder) as node:
            publisher = organisations.the_hosted(node.ports.store)
            for draft in drafts:
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
