"""Commands for what visitors wrote: enquiries list, show, done, withdraw, test-mail."""

from __future__ import annotations

from pathlib import Path

import click

from localfed.app import corrections, mailing, organisations
from localfed.app import enquiries as use
from localfed.app.enquiry_port import EnquiryState, StoredEnquiry
from localfed.app.names import Names
from localfed.app.ports import Reads
from localfed.protocol.did import parse_did, split_id
from localfed.server.commands.own import as_option
from localfed.server.config import desk_of
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
from localfed.server.wiring import Node, open_node

_WORDS = {
    EnquiryState.MAIL: "to be mailed",
    EnquiryState.TRAY: "for you",
    EnquiryState.MESSAGE: "on its way to its publisher",
    EnquiryState.LINK: "mailed",
}


class _Tray(click.Group):
    """A group whose name alone means its list."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `list` in front of options that no command's name precedes."""
        first = args[0] if args else "-"
        if first.startswith("-") and first not in self.get_help_option_names(ctx):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Tray)
def enquiries() -> None:
    """See what visitors of your pages wrote, where it is not mailed, or not yet."""


@enquiries.command("list")
@data_option
@as_option
@json_option
@command
async def list_(folder: str, organisation: str | None, as_json: bool) -> None:
    """List what waits, for every organisation of the node or for one."""
    async with open_node(Path(folder)) as node:
        owner = _owner(node, organisation)
        reads = node.ports.store
        kept = [
            (one, _title(reads, one), _passed_on_by(reads, one))
            for one in use.waiting(reads)
            if owner in {None, one.recipient}
        ]
        names = Names(reads, wanted_languages())
        hosted = reads.publishers(hosted=True)
        whose = {one.did: f" to {names.of(one.did)}" for one in hosted if len(hosted) > 1}
    if as_json:
        print_json([_line(one, title, host) for one, title, host in kept])
        return
    for one, title, host in kept:
        problem = f" ({one.problem})" if one.problem else ""
        say(f"{one.number:>4}  {one.kind.value:<10} {one.received}  {_WORDS[one.state]}{problem}")
        say(f"      about {title}{whose.get(one.recipient, '')}")
        if host:
            say(f"      passed on by {host}")
    note(f"{counted(len(kept), 'enquiry', 'enquiries')}")


@enquiries.command()
@data_option
@as_option
@click.argument("number", type=int)
@json_option
@command
async def show(folder: str, organisation: str | None, number: int, as_json: bool) -> None:
    """Show what a visitor wrote."""
    async with open_node(Path(folder)) as node:
        reads = node.ports.store
        one = use.find(reads, number, _owner(node, organisation))
        title, host = _title(reads, one), _passed_on_by(reads, one)
    if as_json:
        print_json(_line(one, title, host))
        return
    say(f"{one.kind.value} of {one.received}, {_WORDS[one.state]}; nobody checked who wrote it")
    say(f"  about: {title}")
    say(f"  id: {one.about}")
    if host:
        say(f"  passed on by: {host}")
    else:
        say(f"  name: {one.name or 'not given'}")
        say(f"  answer to: {one.reply_to or 'no address given'}")
    if one.problem:
        say(f"  problem: {one.problem}")
    say()
    say(one.text)


@enquiries.command()
@data_option
@as_option
@click.argument("number", type=int)
@json_option
@command
async def done(folder: str, organisation: str | None, number: int, as_json: bool) -> None:
    """Delete what you have dealt with."""
    async with open_node(Path(folder)) as node:
        one = await use.finish(node.ports, number, _owner(node, organisation))
    if as_json:
        print_json({"number": one.number, "deleted": True})
    else:
        say(f"deleted: {number}")


@enquiries.command()
@data_option
@as_option
@click.argument("number", type=int)
@json_option
@command
async def withdraw(folder: str, organisation: str | None, number: int, as_json: bool) -> None:
    """Withdraw the listed record that it is about, for good: later imports leave it out."""
    async with open_node(Path(folder)) as node:
        store = node.ports.store
        found = use.find(store, number, _owner(node, organisation))
        asked_for = use.withdrawal_of(store, found, node.ports.clock.now())
        await use.withdraw(node.ports, asked_for)
    if as_json:
        print_json({"id": asked_for.document.id, "withdrawn": True})
    else:
        say(f"withdrawn: {asked_for.document.id}")


@enquiries.command("test-mail")
@data_option
@as_option
@json_option
@command
async def test_mail(folder: str, organisation: str | None, as_json: bool) -> None:
    """Mail a few words to your own mailbox now, to see whether the settings are right."""
    async with open_node(Path(folder)) as node:
        publisher = organisations.the_hosted(node.ports.store, organisation)
        to = await mailing.try_mail(node.ports, desk_of(node.settings), publisher.did)
    if as_json:
        print_json({"to": to, "taken": True})
    else:
        say(f"the mail server took a mail to {to}")


def _owner(node: Node, organisation: str | None) -> str | None:
    """Say whose tray is meant; None: that of every organisation of the node."""
    if organisation is None:
        return None
    return organisations.the_hosted(node.ports.store, organisation).did


def _title(reads: Reads, one: StoredEnquiry) -> str:
    did, path = split_id(one.about)
    return mailing.title_of(reads.document(did, path))


def _passed_on_by(reads: Reads, one: StoredEnquiry) -> str | None:
    """Name the host of who passed it on to an organisation of this node; None: a visitor wrote it here."""
    message = corrections.message_of(reads, one)
    return parse_did(message.sender).host if message is not None else None


def _line(one: StoredEnquiry, title: str, host: str | None) -> dict[str, object]:
    return {
        "number": one.number,
        "kind": one.kind.value,
        "to": one.recipient,
        "about": one.about,
        "title": title,
        "passed_on_by": host,
        "received": one.received,
        "state": one.state.value,
        "name": one.name or None,
        "reply_to": one.reply_to or None,
        "text": one.text,
        "problem": one.problem,
        "failures": one.failures,
        "expires": one.expires,
    }
