"""Listening: the application on an address of this machine.

Here: beginning to listen, and which port it became. Not here: signals and the end (`server`).
"""

from __future__ import annotations

import errno
import os

from aiohttp import web

from localfed.protocol.errors import BadFile
from localfed.web.runner import Runner


async def listen(runner: Runner, host: str, port: int) -> int:
    """Begin to answer on an address; port 0 takes a free one. Returns the port.

    Raises:
        BadFile: the address cannot be listened on: in use, not of this machine, or not allowed.

    """
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=512)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        reason = os.strerror(error.errno) if error.errno else "no such address"
        message = f"{host} port {port} cannot be listened on: {reason}"
        raise BadFile(message, detail=str(error), next_step=_next_of(error, port)) from error
    address = runner.addresses[0]
    return int(address[1])


def _next_of(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Another program uses port {port}: end that, or choose another port with --port."
    return "Choose an address of this machine with --host, and a port above 1023 with --port."
