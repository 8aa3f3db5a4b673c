"""Commands for an identity over the years: keys rotate, keys recover, keys check, keys show, move, close.

All but `show` take the recovery kit. The node never has it; it is in memory while a command runs.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from localfed.app import keyring, organisations, sightings
from localfed.app.keyring import Rekeyed
from localfed.app.values import Publisher
from localfed.protocol.errors import BadKit
from localfed.protocol.identity import kit_fits, read_identity
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit
from localfed.server.commands.own import as_option
from localfed.server.config import may_use_loopback
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
from localfed.server.kits import kit_option, passphrase_option, read_kit
from localfed.server.wiring import Node, open_node
from localfed.store.keyfiles import KeyFiles
from localfed.store.settings import write_settings


@click.group()
def keys() -> None:
    """Change the keys that sign, check the recovery kit, see which keys count."""


@keys.command("rotate")
@data_option
@as_option
@kit_option
@passphrase_option
@json_option
@command
async def rotate(
    folder: str, organisation: str | None, given: str, passphrase_file: str | None, as_json: bool
) -> None:
    """Change the signing key in peace: everything is signed anew, then the old key counts no more."""
    async with _changing_keys(folder, organisation, given, passphrase_file) as (
        node,
        who,
        kit,
        key,
    ):
        done = await keyring.rotate(node.ports, who.did, kit, key)
        KeyFiles(node.folder).drop(who.did, done.dropped)
    _tell(done, as_json=as_json)


@keys.command("recover")
@data_option
@as_option
@kit_option
@passphrase_option
@json_option
@command
async def recover(
    folder: str, organisation: str | None, given: str, passphrase_file: str | None, as_json: bool
) -> None:
    """After a theft: the stolen key is out at once, and everything is signed with a new one."""
    async with _changing_keys(folder, organisation, given, passphrase_file) as (
        node,
        who,
        kit,
        key,
    ):
        found = await sightings.find_longer_log(node.ports, who.did)
        done = await keyring.recover(node.ports, who.did, kit, key, public_log=found)
        KeyFiles(node.folder).drop(who.did, done.dropped)
    _tell(done, as_json=as_json)
    if not as_json:
        say(
            "Find out how it was stolen before you go on: whoever could read it once may do so again."
        )


@keys.command("check")
@data_option
@as_option
@kit_option
@passphrase_option
@json_option
@command
async def check(
    folder: str, organisation: str | None, given: str, passphrase_file: str | None, as_json: bool
) -> None:
    """Check that the recovery kit at hand is that of the organisation; do it once, soon."""
    kit = read_kit(given, passphrase_file)
    async with open_node(Path(folder)) as node:
        publisher = organisations.the_hosted(node.ports.store, organisation)
        await keyring.check(node.ports, publisher.did, kit)
    if as_json:
        print_json({"did": publisher.did, "fits": True})
    else:
        say(f"It is the recovery kit of {publisher.host}. Put it back where it is kept.")


@keys.command("show")
@data_option
@as_option
@json_option
@command
async def show_keys(folder: str, organisation: str | None, as_json: bool) -> None:
    """Show which keys count, which of them are on this machine, and what the log says."""
    async with open_node(Path(folder)) as node:
        publisher = organisations.the_hosted(node.ports.store, organisation)
        here = [key.multikey for key in node.ports.keys.signing_keys(publisher.did)]
    identity = read_identity(publisher.log, now=datetime.now(UTC), allow_loopback=True)
    counting = [method.partition("#")[2] for method in identity.keys]
    signing = next((key for key in reversed(here) if key in counting), None)
    if as_json:
        print_json(
            {
                "did": publisher.did,
                "entries": len(identity.version_ids),
                "era": identity.era,
                "counting": counting,
                "here": here,
                "signing": signing,
                "kit_checked": publisher.kit_checked,
                "closed": publisher.is_closed,
            }
        )
        return
    say(publisher.did)
    count = len(identity.version_ids)
    say(f"  {count} log {'entry' if count == 1 else 'entries'}, era {identity.era}")
    for key in counting:
        say(
            f"  {key}{' signs here' if key == signing else ''}{'' if key in here else ' is elsewhere'}"
        )
    say(f"  recovery kit: {_say_checked(publisher)}")


@click.command()
@data_option
@as_option
@click.option("--url", required=True, help="The new address, such as https://grocer.example.")
@kit_option
@passphrase_option
@click.option(
    "--allow-loopback", is_flag=True, help="Allow http://localhost:PORT, for development."
)
@json_option
@command
async def move(
    folder: str,
    organisation: str | None,
    url: str,
    given: str,
    passphrase_file: str | None,
    allow_loopback: bool,
    as_json: bool,
) -> None:
    """Move the organisation to another address: the same identity, and its followers come along."""
    kit = read_kit(given, passphrase_file)
    async with open_node(Path(folder)) as node:
        publisher = organisations.the_hosted(node.ports.store, organisation)
        allowed = node.settings.allow_loopback or may_use_loopback(given=allow_loopback)
        moved = await keyring.move(node.ports, publisher.did, kit, url=url, allow_loopback=allowed)
        # After the identity: cut off in between, the same command again does the rest.
        is_the_nodes = node.settings.url in {publisher.base, moved.before}
        if is_the_nodes and node.settings.url != moved.base:
            settings = msgspec.structs.replace(node.settings, url=moved.base)
            write_settings(Path(folder), settings)
    if as_json:
        print_json(moved)
        return
    say(f"{publisher.host} is now at {moved.base}")
    if moved.before != moved.base:
        say(
            f"Keep {moved.before} leading to this node as long as you can: followers look there, read"
        )
        say(
            "the longer log and come along. Where it can only be a folder of files, put the files of"
        )
        say("the new address there: did.jsonl and head.json above all. Restart a running node.")


@click.command()
@data_option
@as_option
@kit_option
@passphrase_option
@click.option("--yes", is_flag=True, help="Do not ask again.")
@json_option
@command
async def close(
    folder: str,
    organisation: str | None,
    given: str,
    passphrase_file: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Close the organisation for good: everything is withdrawn, and nothing can follow."""
    kit = read_kit(given, passphrase_file)
    async with open_node(Path(folder)) as node:
        publisher = organisations.the_hosted(node.ports.store, organisation)
        if not yes:
            if not sys.stdin.isatty():
                message = "closing cannot be undone: say --yes"
                raise click.UsageError(message)
            click.confirm(
                f"Close {publisher.host} for good? This cannot be undone", abort=True, err=True
            )
        count = await keyring.close(node.ports, publisher.did, kit)
    if as_json:
        print_json({"did": publisher.did, "withdrawn": count, "closed": True})
        return
    say(f"{publisher.host} is closed; withdrawn with it: {counted(count, 'document')}")
    say(
        "Keep the node running, or its log and head on the web, until followers have seen it: some weeks."
    )


@asynccontextmanager
async def _changing_keys(
    folder: str, organisation: str | None, given: str, passphrase_file: str | None
) -> AsyncIterator[tuple[Node, Publisher, Kit, SigningKey]]:
    """Open a node, with the kit read and a new key on disk, or one that an interruption left there."""
    kit = read_kit(given, passphrase_file)
    async with open_node(Path(folder)) as node:
        publisher = organisations.the_hosted(node.ports.store, organisation)
        if not kit_fits(publisher.log, kit, now=node.ports.clock.now()):
            # Before a key is made for nothing. A longer public log may still know it.
            found = await sightings.find_longer_log(node.ports, publisher.did)
            if found is None or not kit_fits(found, kit, now=node.ports.clock.now()):
                message = "the recovery kit is not that of this identity"
                raise BadKit(message)
        files = KeyFiles(node.folder)
        identity = read_identity(publisher.log, now=node.ports.clock.now(), allow_loopback=True)
        left = [
            key
            for key in files.signing_keys(publisher.did)
            if f"{publisher.did}#{key.multikey}" not in identity.keys
        ]
        key = left[-1] if left else files.add(publisher.did, node.ports.chance.random_bytes(32))
        note("signing everything anew ...")
        yield node, publisher, kit, key


def _say_checked(publisher: Publisher) -> str:
    if publisher.kit_checked is not None:
        return f"checked {publisher.kit_checked}"
    return f"never checked: {how_to('keys check --kit FILE')}"


def _tell(done: Rekeyed, *, as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    say(f"{done.key} signs from now on")
    say(f"{counted(done.signed, 'document')} signed anew")
    if done.withdrawn:
        say(f"{done.withdrawn} withdrawn: nobody had looked at them for over a year")
