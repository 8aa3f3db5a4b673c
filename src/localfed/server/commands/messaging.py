"""Commands for messages between organisations: inbox list, show, open, dismiss; send; outbox list, retry."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from localfed.app import messages, organisations
from localfed.app.halves import PROMOTION
from localfed.app.message_values import MessageState, OutboxItem, OutboxState, Peer, StoredMessage
from localfed.app.names import Names
from localfed.app.ports import Reads
from localfed.app.proposals import read_message
from localfed.app.values import Publisher
from localfed.protocol.canonical import parse_object
from localfed.protocol.did import base_url, parse_did
from localfed.protocol.errors import BadDid, BadDraft, UnknownOrganisation
from localfed.protocol.message import Proposal
from localfed.protocol.partnership import STAGES, Role, Stage, reaches
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
from localfed.server.wiring import Node, open_node

_TYPES = ("enquiry", "proposal", "accept", "decline")


class _Box(click.Group):
    """A group whose name alone means its list."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `list` in front of options that no command's name precedes."""
        first = args[0] if args else "-"
        if first.startswith("-") and first not in self.get_help_option_names(ctx):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Box)
def inbox() -> None:
    """See what others wrote. Nothing is asked of a stranger before you open what it sent."""


@inbox.command("list")
@data_option
@as_option
@click.option("--all", "is_all", is_flag=True, help="Also what was opened or dismissed.")
@json_option
@command
async def list_inbox(folder: str, organisation: str | None, is_all: bool, as_json: bool) -> None:
    """List the messages that wait, of every organisation of the node or of one."""
    async with open_node(Path(folder)) as node:
        reads = node.ports.store
        hosted = {one.did: one for one in reads.publishers(hosted=True)}
        did = _owner(node, organisation)
        state = None if is_all else MessageState.NEW
        kept = [one for one in reads.messages(state) if did in {None, one.recipient}]
        names = Names(reads, wanted_languages())
        whom = {did: f" to {names.of(did)}" for did in hosted if len(hosted) > 1}
        called = {one.number: _sender(names, one) for one in kept}
    if as_json:
        print_json([_line(one) for one in kept])
        return
    for one in kept:
        is_neighbour = one.sender in hosted
        who = "a stranger" if one.is_stranger else "on this node" if is_neighbour else "followed"
        to = whom.get(one.recipient, "")
        say(f"{one.number:>4}  {one.type:<9} {one.received}  {called[one.number]}, {who}{to}")
    note(f"{counted(len(kept), 'message')}")


@inbox.command("show")
@data_option
@as_option
@click.argument("number", type=int)
@json_option
@command
async def show_message(folder: str, organisation: str | None, number: int, as_json: bool) -> None:
    """Show a message, without opening it."""
    async with open_node(Path(folder)) as node:
        message = messages.find(node.ports.store, number, _owner(node, organisation))
        correction = _correction(node.ports.store, message)
        sender = _sender(Names(node.ports.store, wanted_languages()), message)
    _show(message, sender, correction, as_json=as_json)


@inbox.command("open")
@data_option
@as_option
@click.argument("number", type=int)
@json_option
@command
async def open_message(folder: str, organisation: str | None, number: int, as_json: bool) -> None:
    """Show a message and keep it."""
    async with open_node(Path(folder)) as node:
        did = _owner(node, organisation)
        message = await messages.mark(node.ports, number, MessageState.OPENED, did)
        correction = _correction(node.ports.store, message)
        sender = _sender(Names(node.ports.store, wanted_languages()), message)
    _show(message, sender, correction, as_json=as_json)


@inbox.command("dismiss")
@data_option
@as_option
@click.argument("number", type=int)
@json_option
@command
async def dismiss_message(
    folder: str, organisation: str | None, number: int, as_json: bool
) -> None:
    """Put a message away; it is deleted when its time is over."""
    async with open_node(Path(folder)) as node:
        did = _owner(node, organisation)
        message = await messages.mark(node.ports, number, MessageState.DISMISSED, did)
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
    if kind == "enquiry" and not (text and text.strip()):
        message = 'there is nothing to send: say it with --text "…"'
        raise BadDraft(message)
    if kind in {"accept", "decline"} and reply_to is None:
        message = "say which message it answers: --reply-to and its number in localfed inbox"
        raise BadDraft(message)
    async with open_node(Path(folder)) as node:
        publisher = the_addressed(node.ports.store, organisation, reply_to)
        answered = (
            messages.find(node.ports.store, reply_to, publisher.did)
            if reply_to is not None
            else None
        )
        draft = messages.Draft(
            type=kind.capitalize(),
            language=node.language_of(publisher),
            text=text,
            stage=stage,
            about=about,
            in_reply_to=answered.digest if answered is not None else None,
        )
        recipient = _recipient(node.ports.store, publisher.did, to)
        sent = await messages.send(node.ports, publisher.did, recipient, draft)
    if as_json:
        print_json(sent)
    else:
        say(f"on its way to {sent.url}")


@click.group(cls=_Box)
def outbox() -> None:
    """See what is on its way to others, and try again what could not be delivered."""


@outbox.command("list")
@data_option
@as_option
@json_option
@command
async def list_outbox(folder: str, organisation: str | None, as_json: bool) -> None:
    """List what is on its way to others, and what could not be delivered."""
    async with open_node(Path(folder)) as node:
        reads = node.ports.store
        did = _owner(node, organisation)
        items = [(one, reads.peer(one.host)) for one in reads.outbox() if did in {None, one.sender}]
    if as_json:
        print_json([_sent_line(one, peer) for one, peer in items])
        return
    for one, peer in items:
        problem = f": {one.problem}" if one.problem else ""
        is_waiting = one.state is OutboxState.WAITING
        when = f" (next try {_next_try(one, peer)})" if is_waiting and one.failures else ""
        say(f"{one.number:>4}  {one.state.value:<10} {one.kind.value:<8} {one.url}{problem}{when}")
    note(f"{len(items)} in the outbox")


@outbox.command("retry")
@data_option
@as_option
@click.argument("number", type=int, required=False)
@json_option
@command
async def retry_outbox(
    folder: str, organisation: str | None, number: int | None, as_json: bool
) -> None:
    """Try now what waits or was given up: all of it, or what has that number."""
    async with open_node(Path(folder)) as node:
        did = _owner(node, organisation)
        tried = await messages.retry(node.ports, number, did)
        lines = [_sent_line(one, node.ports.store.peer(one.host)) for one in tried]
    if as_json:
        print_json(lines)
        return
    for one in tried:
        say(f"{one.number:>4}  {one.kind.value:<8} {one.url}")
    again = "is tried" if len(tried) == 1 else "are tried"
    note(f"{len(tried)} {again} again; a running node does it at once")


def say_proposal(stage: Stage, roles: tuple[Role, ...], *, promotes: bool) -> str:
    """Say all of a proposal that accepting it agrees to: the stage, what they would be, whom their pages show."""
    parts: list[str] = [stage]
    if roles:
        parts.append(f"they as {', '.join(roles)}")
    if reaches(stage, PROMOTION):
        shows = "each shows the other's offers" if promotes else "they would not show your offers"
        parts.append(shows)
    return ", ".join(parts)


def _owner(node: Node, organisation: str | None) -> str | None:
    """Return the DID of the organisation that was named; None: none was, so any is meant."""
    if organisation is None:
        return None
    return organisations.the_hosted(node.ports.store, organisation).did


def the_addressed(reads: Reads, which: str | None, number: int | None) -> Publisher:
    """Return the hosted organisation that a command means, which a message says as well: whom it came to.

    Raises:
        UnknownOrganisation, WhichOrganisation: as `organisations.the_hosted`.

    """
    message = reads.message(number) if number is not None and which is None else None
    return organisations.the_hosted(reads, which or (message.recipient if message else None))


def _recipient(reads: Reads, did: str, to: str) -> str:
    """Find the DID that a person means: a DID, another one of this node, the host of somebody followed, or of a sender."""
    if to.startswith("did:"):
        return to
    near = organisations.neighbour(reads, did, to)
    if near is not None:
        return near.did
    name = _bare(to.strip())
    found = {one.did for one in reads.publishers(hosted=False) if _bare(one.base) == name}
    if not found:
        found = {one.did for one in reads.publishers(hosted=False) if one.host == name}
    for one in reads.messages():
        host, base = _home(one)
        if name in {host, _bare(base)}:
            found.add(one.sender)
    called = None if found else organisations.neighbour(reads, did, to, by_name=True)
    if called is not None:
        return called.did
    if len(found) != 1:
        message = "nobody of that host is known here" if not found else "several are; give the DID"
        raise UnknownOrganisation(message)
    return found.pop()


def _bare(url: str) -> str:
    """Leave out what a person does who writes an address down."""
    return url.rpartition("://")[2].rstrip("/")


def _home(message: StoredMessage) -> tuple[str, str]:
    """Give host and BASE of a sender now, by the last entry of the log that came with the message."""
    last = message.log.rstrip(b"\n").rpartition(b"\n")[2]
    try:
        did = parse_did(str(msgspec.json.decode(last)["state"]["id"]))
    except (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError, BadDid):
        return "?", "?"  # one damaged row must not hide the other messages
    return did.host, base_url(did)


def _sender(names: Names, message: StoredMessage) -> str:
    """Say who wrote: of somebody known here the name as well, of a stranger where it lives."""
    if names.is_known(message.sender):
        return names.of(message.sender)
    host, base = _home(message)
    is_part = _bare(base) != host  # of strangers nothing says how many live there
    return base if is_part else names.address(message.sender, host, base)


def _line(message: StoredMessage) -> dict[str, object]:
    return {
        "number": message.number,
        "type": message.type,
        "from": message.sender,
        "host": _home(message)[0],
        "to": message.recipient,
        "received": message.received,
        "expires": message.expires,
        "state": message.state.value,
        "stranger": message.is_stranger,
        "digest": message.digest,
    }


def _sent_line(item: OutboxItem, peer: Peer | None) -> dict[str, object]:
    return {
        "number": item.number,
        "kind": item.kind.value,
        "to": item.recipient,
        "url": item.url,
        "digest": item.digest or None,
        "state": item.state.value,
        "problem": item.problem,
        "failures": item.failures,
        "next_try": _next_try(item, peer) if item.state is OutboxState.WAITING else None,
        "expires": item.expires,
    }


def _next_try(item: OutboxItem, peer: Peer | None) -> str:
    """Say when it is posted at the earliest: it waits for its host as well."""
    return max(item.next_try, peer.next_try) if peer is not None else item.next_try


def _correction(reads: Reads, message: StoredMessage) -> int | None:
    """Say under which number a message waits in the tray, as it is about a record that is listed here."""
    found = (one for one in reads.enquiries() if one.message == message.digest and one.text)
    return next((one.number for one in found), None)


def _show(message: StoredMessage, sender: str, correction: int | None, *, as_json: bool) -> None:
    value = parse_object(message.body)
    if as_json:
        print_json({**_line(message), "correction": correction, "message": value})
        return
    say(f"{message.type} from {sender}, received {message.received}")
    if message.is_stranger:
        say("  a stranger: whatever it says of itself was checked by nobody")
    said = read_message(message.type, message.body)
    if isinstance(said, Proposal) and said.stage is not None:
        say(f"  stage: {say_proposal(said.stage, said.roles, promotes=said.promotes)}")
    for name in ("about", "inReplyTo"):
        if name in value:
            say(f"  {name}: {value[name]}")
    texts = value.get("text")
    for text in texts.values() if isinstance(texts, dict) else ():
        say()
        say(str(text))
    if correction is not None:
        say()
        say(f"You list that record. To take it off: localfed enquiries withdraw {correction}")
