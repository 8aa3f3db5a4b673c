"""Commands for messages between organisations: inbox list, show, open, dismiss; send; outbox."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from localfed.app import messages, organisations
from localfed.app.message_values import MessageState, OutboxKind, StoredMessage
from localfed.app.ports import Reads
from localfed.protocol.canonical import parse_object
from localfed.protocol.errors import UnknownOrganisation
from localfed.protocol.partnership import STAGES
from localfed.server.commands.own import as_option
from localfed.server.console import command, data_option, json_option, note, print_json, say
from localfed.server.wiring import open_node

_TYPES = ("enquiry", "proposal", "accept", "decline")


@click.group()
def inbox() -> None:
    """See what others wrote. Nothing is asked of a stranger before you open what it sent."""


@inbox.command("list")
@data_option
@click.option("--all", "is_all", is_flag=True, help="Also what was opened or dismissed.")
@json_option
@command
async def list_inbox(folder: str, is_all: bool, as_json: bool) -> None:
    """List the messages that wait."""
    async with open_node(Path(folder)) as node:
        kept = node.ports.store.messages(None if is_all else MessageState.NEW)
    if as_json:
        print_json([_line(one) for one in kept])
        return
    for one in kept:
        who = "a stranger" if one.is_stranger else "followed"
        say(f"{one.number:>4}  {one.type:<9} {one.received}  {_host(one)} ({who})")
    note(f"{len(kept)} messages")


@inbox.command("show")
@data_option
@click.argument("number", type=int)
@json_option
@command
async def show_message(folder: str, number: int, as_json: bool) -> None:
    """Show a message, without opening it."""
    async with open_node(Path(folder)) as node:
        message = messages.find(node.ports.store, number)
    _show(message, as_json=as_json)


@inbox.command("open")
@data_option
@click.argument("number", type=int)
@json_option
@command
async def open_message(folder: str, number: int, as_json: bool) -> None:
    """Show a message and keep it."""
    async with open_node(Path(folder)) as node:
        message = await messages.mark(node.ports, number, MessageState.OPENED)
    _show(message, as_json=as_json)


@inbox.command("dismiss")
@data_option
@click.argument("number", type=int)
@json_option
@command
async def dismiss_message(folder: str, number: int, as_json: bool) -> None:
    """Put a message away; it is deleted when its time is over."""
    async with open_node(Path(folder)) as node:
        message = await messages.mark(node.ports, number, MessageState.DISMISSED)
    if as_json:
        print_json(_line(message))
    else:
        say(f"dismissed: {number}")


@click.command()
@data_option
@as_option
@click.argument("to", metavar="HOST|DID")
@click.option("--type", "kind", type=click.Choice(_TYPES), default="enquiry", show_default=True)
@click.option("--text", help="What it says.")
@click.option("--stage", type=click.Choice(STAGES), help="The stage that is proposed.")
@click.option("--about", metavar="ID", help="The document that is asked about.")
@click.option("--reply-to", type=int, metavar="NUMBER", help="The message that it answers.")
@json_option
@command
async def send(
    folder: str,
    organisation: str | None,
    to: str,
    kind: str,
    text: str | None,
    stage: str | None,
    about: str | None,
    reply_to: int | None,
    as_json: bool,
) -> None:
    """Write to another organisation; a running node delivers it, again and again if need be."""
    async with open_node(Path(folder)) as node:
        publisher = organisations.the_hosted(node.ports.store, organisation)
        answered = messages.find(node.ports.store, reply_to) if reply_to is not None else None
        draft = messages.Draft(
            type=kind.capitalize(),
            language=node.settings.language,
            text=text,
            stage=stage,
            about=about,
            in_reply_to=answered.digest if answered is not None else None,
        )
        recipient = _recipient(node.ports.store, to)
        sent = await messages.send(node.ports, publisher.did, recipient, draft)
    if as_json:
        print_json(sent)
    else:
        say(f"on its way to {sent.url}")


@click.command()
@data_option
@json_option
@command
async def outbox(folder: str, as_json: bool) -> None:
    """Show what is on its way to others, and what could not be delivered."""
    async with open_node(Path(folder)) as node:
        items = node.ports.store.outbox()
    if as_json:
        print_json(
            [
                {
                    "kind": one.kind.value,
                    "to": one.recipient,
                    "url": one.url,
                    "digest": one.digest or None,
                    "state": one.state.value,
                    "problem": one.problem,
                    "failures": one.failures,
                    "next_try": one.next_try,
                    "expires": one.expires,
                }
                for one in items
            ]
        )
        return
    for one in items:
        what = "ping" if one.kind is OutboxKind.PING else "message"
        problem = f": {one.problem}" if one.problem else ""
        say(f"{one.state.value:<10} {what:<8} {one.url}{problem}")
    note(f"{len(items)} in the outbox")


def _recipient(reads: Reads, to: str) -> str:
    """Find the DID that a person means: a DID, the host of somebody followed, or of a sender."""
    if to.startswith("did:"):
        return to
    name = to.strip().rstrip("/").removeprefix("https://")
    found = {one.did for one in reads.publishers(hosted=False) if name in {one.host, one.base}}
    found |= {one.sender for one in reads.messages() if _host(one) == name}
    if len(found) != 1:
        message = "nobody of that host is known here" if not found else "several are; give the DID"
        raise UnknownOrganisation(message)
    return found.pop()


def _host(message: StoredMessage) -> str:
    """Name where a sender lives now, by the last entry of the log that came with the message."""
    last = message.log.rstrip(b"\n").rpartition(b"\n")[2]
    state = msgspec.json.decode(last)["state"]
    return str(state["id"]).split(":")[3]


def _line(message: StoredMessage) -> dict[str, object]:
    return {
        "number": message.number,
        "type": message.type,
        "from": message.sender,
        "host": _host(message),
        "to": message.recipient,
        "received": message.received,
        "expires": message.expires,
        "state": message.state.value,
        "stranger": message.is_stranger,
        "digest": message.digest,
    }


def _show(message: StoredMessage, *, as_json: bool) -> None:
    value = parse_object(message.body)
    if as_json:
        print_json({**_line(message), "message": value})
        return
    say(f"{message.type} from {_host(message)}, received {message.received}")
    if message.is_stranger:
        say("  a stranger: whatever it says of itself was checked by nobody")
    for name in ("stage", "about", "inReplyTo"):
        if name in value:
            say(f"  {name}: {value[name]}")
    texts = value.get("text")
    for text in texts.values() if isinstance(texts, dict) else ():
        say()
        say(str(text))
