"""Serving: one process, in the foreground, until it is told to end."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from pathlib import Path

from localfed import __version__
from localfed.server.config import desk_of, ground_of, listen_address, trusted_proxies
from localfed.server.console import LogFormatter, say
from localfed.server.widget_versions import keep_versions
from localfed.server.wiring import Node, open_node
from localfed.server.worker import Worker
from localfed.store.lock import ServeLock
from localfed.web.ground import Ground
from localfed.web.node import Node as WebNode
from localfed.web.routes import make_app
from localfed.web.runner import Runner
from localfed.web.site import listen
from localfed.web.vendored import can_draw
from localfed.web.widget import joined

# Work on threads lets go of the interpreter after so long when an answer waits for it: an answer asks for it some ten
# times, and Python's own 5 ms would be paid each time.
_TURN_SECONDS = 0.0005

_log = logging.getLogger("localfed.server")


async def serve_node(folder: Path, *, host: str | None, port: int | None) -> None:
    """Serve the node in a folder: its files, its API, its pages, and its work in the background.

    Says one line with its URL when it answers; ends on SIGTERM or SIGINT.

    Raises:
        AlreadyServing: another process serves this folder.
        NotInitialised, NewerDatabase, StoreBroken: by name.
        BadFile: the address cannot be listened on.

    """
    handler = logging.StreamHandler()
    handler.setFormatter(LogFormatter("%(asctime)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    async with open_node(folder) as node:
        with ServeLock(folder):
            await _serve(node, *listen_address(node.settings, host, port))


async def _serve(node: Node, host: str, port: int) -> None:
    sys.setswitchinterval(_TURN_SECONDS)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    ground = ground_of(node.settings)
    tell_of_map(ground, draws=can_draw())
    runner = Runner(make_app(_web_node(node, ground)))
    worker = Worker(node.ports, via_steps=node.settings.via_steps, desk=desk_of(node.settings))
    try:
        bound = await listen(runner, host, port)
        worker.start()
        # What is here now stays: looking through all of it for what nobody holds any more would take 40 ms at a time.
        gc.collect()
        gc.freeze()
        name = "localhost" if host == "127.0.0.1" else f"[{host}]" if ":" in host else host
        say(f"{node.settings.name} is served at http://{name}:{bound}/ (Ctrl-C ends it)")
        await ended.wait()
    finally:
        await worker.stop()
        await runner.cleanup()


def tell_of_map(ground: Ground, *, draws: bool) -> None:
    """Say in the log what the maps of this node lack, and how to have it; `draws`, the files that draw them are here."""
    if not draws:
        _log.warning(
            "no page shows a map: this node was built without the files that draw it; build it again where npm "
            "can be reached, with pip install --force-reinstall . (or make, in a checkout)"
        )
    elif ground.problem:
        _log.warning("%s: the map has no ground", ground.problem)


def _web_node(node: Node, ground: Ground) -> WebNode:
    return WebNode(
        ports=node.ports,
        name=node.settings.name,
        url=node.settings.url,
        language=node.settings.language,
        bundle_path=node.store.bundle_path,
        version=__version__,
        trusted_proxies=trusted_proxies(node.settings),
        passes_on=node.settings.passes_on,
        ground=ground,
        widget_versions=keep_versions(node.folder, __version__, joined(__version__)),
    )
