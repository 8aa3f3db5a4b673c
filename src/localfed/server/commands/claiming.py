"""The command by which an organisation says which listed records are about it: claim."""

from __future__ import annotations

from pathlib import Path

import click

from localfed.app import claim_notices, claiming, organisations
from localfed.server.commands.own import as_option
from localfed.server.console import command, data_option, json_option, note, print_json, say
from localfed.server.wiring import open_node


@click.command("claim")
@data_option
@as_option
@click.argument("document_id", metavar="ID")
@click.option("--withdraw", "is_back", is_flag=True, help="Say so no longer.")
@json_option
@command
async def claim(
    folder: str, organisation: str | None, document_id: str, is_back: bool, as_json: bool
) -> None:
    """Say that a record by which somebody lists your organisation is about you: yours is shown in front of it."""
    async with open_node(Path(folder)) as node:
        ours = organisations.the_hosted(node.ports.store, organisation)
        change = claiming.withdraw_claim if is_back else claiming.claim
        done = await change(node.ports, ours.did, document_id)
        await claim_notices.refresh(node.ports)
    if as_json:
        print_json(done)
        return
    say(f"{'claimed' if done.is_claimed else 'claimed no longer'}: {done.id}")
    if done.is_claimed and not done.holds:
        note(
            f"it does not name you yet, so nothing is shown of it: ask {done.lister or 'who lists it'} to write"
            f' "claimedBy": "{ours.did}" into it, or as its website the address of your node'
        )
