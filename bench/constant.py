"""A server that answers constant bytes: what aiohttp can do at best, with the same settings.

Run by `load`: `python -m bench.constant PORT BYTES`; says one line when it answers.
"""

from __future__ import annotations

import asyncio
import sys

from aiohttp import web

from localfed.web.runner import Runner


async def serve(port: int, body_bytes: int) -> None:
    """Answer `/` with so many bytes until the process is ended."""
    body = b"x" * body_bytes

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_get("/", answer)
    runner = Runner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
