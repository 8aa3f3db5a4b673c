"""The command for what an operator should know: notices."""

from __future__ import annotations

from pathlib import Path

import click

from localfed.app import notices, organisations
from localfed.app.names import Names
from localfed.server.commands.own import as_option
from localfed.server.console import (
    command,
    counted,
    data_option,
    json_option,
    note,
    print_json,
    say,
    wanted_languages,
)
from localfed.server.wiring import open_node


@click.command("notices")
@data_option
@as_option
@click.option(
    "--seen",
    "numbers",
    type=int,
    multiple=True,
    metavar="NUMBER",
    help="You have seen this one: list it no more; may be given several times.",
)
@click.option("--all", "is_all", is_flag=True, help="Also what you have seen.")
@json_option
@command
async def notices_(
    folder: str, organisation: str | None, numbers: tuple[int, ...], is_all: bool, as_json: bool
) -> None:
    """Show what you should know and nobody wrote to you: what lapsed, fits, or waits."""
    async with open_node(Path(folder)) as node:
        reads = node.ports.store
        ours = organisations.the_hosted(reads, organisation) if organisation is not None else None
        did = ours.did if ours is not None else None
        for number in numbers:
            await notices.mark_seen(node.ports, number, did)
        kept = reads.notices() if is_all else notices.unseen(reads, did)
        kept = [one for one in kept if did in {None, one.did}]
        names = Names(reads, wanted_languages())
        whose = {one.did: f" (to {names.of(one.did)})" for one in reads.publishers(hosted=True)}
    if as_json:
        print_json(kept)
        return
    for one in kept:
        to = whose.get(one.did, "") if len(whose) > 1 else ""
        say(f"{one.number:>4}  {one.since}  {one.text}{to}")
    note(f"{counted(len(kept), 'notice')}")
