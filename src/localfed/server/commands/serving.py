"""Commands that run for long: serve, demo."""

from __future__ import annotations

from pathlib import Path

import click

from localfed.server.console import command, data_option
from localfed.server.demo import run_demo
from localfed.server.serve import serve_node


@click.command()
@data_option
@click.option("--host", help="The address to listen on. [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen on; 0 finds one.")
@command
async def serve(folder: str, host: str | None, port: int | None) -> None:
    """Serve the node until Ctrl-C: its files, its API, its pages; follow the others."""
    await serve_node(Path(folder), host=host, port=port)


@click.command()
@click.option("--check", is_flag=True, help="Play the story unattended, check it, and end.")
@command
async def demo(check: bool) -> None:
    """Run three nodes of a made-up town on this machine, to look around and try."""
    await run_demo(is_check=check)
