"""Commands for whom this node takes how much from: block, unblock, blocks, quota."""

from __future__ import annotations

from pathlib import Path

import click

from localfed.app import blocked_partners, moderation, policy
from localfed.app.values import BlockKind
from localfed.server.console import (
    command,
    counted,
    data_option,
    json_option,
    note,
    print_json,
    say,
)
from localfed.server.hints import how_to
from localfed.server.wiring import open_node

_KINDS = click.Choice([kind.value for kind in BlockKind])


@click.command()
@data_option
@click.argument("kind", metavar="KIND", type=_KINDS)
@click.argument("what", metavar="DID|URL|HOST")
@click.option("--note", "why", default="", help="Why, for yourself; nobody else sees it.")
@json_option
@command
async def block(folder: str, kind: str, what: str, why: str, as_json: bool) -> None:
    """Take nothing more from an organisation, a host or a mirror, and hide what is here of it."""
    async with open_node(Path(folder)) as node:
        reads, now = node.ports.store, node.ports.clock.now()
        known = blocked_partners.find(reads, now)
        done = await moderation.block(node.ports, BlockKind(kind), what, why)
        kept = [one for one in blocked_partners.find(reads, now) if one not in known]
        said = [blocked_partners.say(reads, one) for one in kept]
    if as_json:
        halves = [
            {"organisation": one.issuer, "partner": one.partner, "stage": one.stage} for one in kept
        ]
        hidden = [one.did for one in done.changed]
        print_json({"block": done.block, "hidden": hidden, "halves": halves})
        return
    say(f"blocked {done.block.kind.value} {done.block.value}")
    for one in done.changed:
        say(f"    hidden: {one.base}")
    for line in said:
        say(f"    {line}")
    if done.changed:
        note(f"forgotten in seven days; until then: {how_to(f'unblock {kind} {what}')}")


@click.command()
@data_option
@click.argument("kind", metavar="KIND", type=_KINDS)
@click.argument("what", metavar="DID|URL|HOST")
@json_option
@command
async def unblock(folder: str, kind: str, what: str, as_json: bool) -> None:
    """Take a block back."""
    async with open_node(Path(folder)) as node:
        done = await moderation.unblock(node.ports, BlockKind(kind), what)
    if as_json:
        print_json({"block": done.block, "shown": [one.did for one in done.changed]})
        return
    say(f"no longer blocked: {done.block.kind.value} {done.block.value}")
    for one in done.changed:
        say(f"    shown again: {one.base}")


@click.command("blocks")
@data_option
@json_option
@command
async def blocks(folder: str, as_json: bool) -> None:
    """List what is blocked. The list stays on this node."""
    async with open_node(Path(folder)) as node:
        listed = node.ports.store.blocks()
    if as_json:
        print_json(listed)
        return
    for one in listed:
        say(f"{one.kind.value:<12}  {one.value}  since {one.since}  {one.note}".rstrip())
    note(f"{len(listed)} blocked")


@click.command()
@data_option
@click.argument("which", metavar="URL|HOST|DID")
@click.argument("documents", metavar="NUMBER", type=click.IntRange(min=0), required=False)
@click.option("--usual", is_flag=True, help="As many as any other.")
@click.option("--release", is_flag=True, help="Let come what waits because it grew so fast.")
@json_option
@command
async def quota(
    folder: str, which: str, documents: int | None, usual: bool, release: bool, as_json: bool
) -> None:
    """Show or set how many documents of an organisation are kept here."""
    if usual and documents is not None:
        message = "a number or --usual, not both"
        raise click.UsageError(message)
    async with open_node(Path(folder)) as node:
        one = moderation.find(node.ports.store, which)
        if usual or documents is not None:
            one = await moderation.set_quota(node.ports, which, documents)
        if release:
            one = await moderation.release(node.ports, which)
        allowed = policy.quota_of(node.ports.store, one)
    if as_json:
        print_json(
            {
                "did": one.did,
                "quota": allowed,
                "over_quota": one.over_quota,
                "held_back": one.growth.held_back,
            }
        )
        return
    say(f"{one.host}: {counted(allowed, 'document')}, {one.over_quota} left out")
    if one.growth.held_back:
        say(f"    {one.growth.held_back} more wait: it grew faster than usual")
        note(f"if that is as it should be: {how_to(f'quota {which} --release')}")
