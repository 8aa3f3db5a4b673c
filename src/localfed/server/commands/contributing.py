"""Commands for joint offers: partner join, leave."""

from __future__ import annotations

from pathlib import Path

import click

from localfed.app import joining, organisations
from localfed.app.joining import Joined
from localfed.server.commands.own import as_option
from localfed.server.console import command, data_option, json_option, note, print_json, say
from localfed.server.wiring import open_node


@click.command("join")
@data_option
@as_option
@click.argument("offer", metavar="OFFER-ID")
@json_option
@command
async def join(folder: str, organisation: str | None, offer: str, as_json: bool) -> None:
    """Contribute to an offer of a partner: you are shown in it while its lead names you."""
    async with open_node(Path(folder)) as node:
        ours = organisations.the_hosted(node.ports.store, organisation)
        done = await joining.join(node.ports, ours.did, offer, language=node.language_of(ours))
    _tell(done, as_json=as_json)
    if not done.is_named:
        note(
            "the offer does not name you yet, as far as is known here: nobody is shown that you are in it"
        )


@click.command("leave")
@data_option
@as_option
@click.argument("offer", metavar="OFFER-ID")
@json_option
@command
async def leave(folder: str, organisation: str | None, offer: str, as_json: bool) -> None:
    """Contribute to an offer no longer: at once you are gone from it, whatever its lead says."""
    async with open_node(Path(folder)) as node:
        ours = organisations.the_hosted(node.ports.store, organisation)
        done = await joining.leave(node.ports, ours.did, offer, language=node.language_of(ours))
    _tell(done, as_json=as_json)


def _tell(done: Joined, *, as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    say(f"{'you contribute to' if done.is_in else 'you left'} {done.offer}")
