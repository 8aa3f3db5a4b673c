"""Commands for partnerships: partner propose, accept, counter, decline, step, end, list."""

from __future__ import annotations

from pathlib import Path

import click

from localfed.app import organisations, partnerships
from localfed.app.names import Names
from localfed.app.own_halves import Part
from localfed.app.partnerships import Done, Standing
from localfed.protocol.partnership import STAGES, Role, Stage
from localfed.server.commands.contributing import join, leave, list_mentors
from localfed.server.commands.messaging import say_proposal, the_addressed
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
from localfed.server.hints import how_to
from localfed.server.wiring import open_node

_ROLES: tuple[Role, ...] = ("lead", "contributor", "mentor", "referrer")

_UNREAD = "they said yes, read at the next poll or with localfed sync --once"

_stage = click.Choice(STAGES)
_text_option = click.option("--text", help="What you say with it.")
_roles_option = click.option(
    "--role",
    "roles",
    type=click.Choice(_ROLES),
    multiple=True,
    help="What you are in it; may be given several times.",
)
_promotes_option = click.option(
    "--promotes/--no-promotes",
    default=None,
    help="Whether you show what the other offers; from promotion on yes, if not given.",
)


@click.group()
def partner() -> None:
    """Work with other organisations, step by step: what both sides say, holds."""


for _command in (join, leave, list_mentors):
    partner.add_command(_command)


@partner.command("list")
@data_option
@as_option
@json_option
@command
async def list_partners(folder: str, organisation: str | None, as_json: bool) -> None:
    """List with whom you work, how far, and what waits for an answer."""
    async with open_node(Path(folder)) as node:
        ours = organisations.the_hosted(node.ports.store, organisation)
        now = node.ports.clock.now()
        rows = partnerships.list_partnerships(node.ports.store, ours.did, now)
        names = Names(node.ports.store, wanted_languages())
        called = {one.partner: names.of(one.partner) for one in rows}
    if as_json:
        print_json(rows)
        return
    for one in rows:
        say(f"{called[one.partner]}: {_in_words(one)}")
    note(f"{counted(len(rows), 'partner')}")


@partner.command("propose")
@data_option
@as_option
@click.argument("which", metavar="URL|HOST|DID")
@click.option("--stage", type=_stage, required=True, help="How far you would go.")
@_roles_option
@_promotes_option
@_text_option
@json_option
@command
async def propose(
    folder: str,
    organisation: str | None,
    which: str,
    stage: Stage,
    roles: tuple[Role, ...],
    promotes: bool | None,
    text: str | None,
    as_json: bool,
) -> None:
    """Propose a partnership. It stays between the two of you until the other accepts."""
    async with open_node(Path(folder)) as node:
        ours = organisations.the_hosted(node.ports.store, organisation)
        done = await partnerships.propose(
            node.ports,
            ours.did,
            which,
            stage,
            language=node.language_of(ours),
            text=text,
            part=Part(roles=roles, promotes=promotes),
        )
    _tell(done, as_json=as_json)


@partner.command("accept")
@data_option
@as_option
@click.argument("number", type=int)
@click.option("--stage", type=_stage, help="Go only so far; what was proposed if not given.")
@_roles_option
@_promotes_option
@_text_option
@json_option
@command
async def accept(
    folder: str,
    organisation: str | None,
    number: int,
    stage: Stage | None,
    roles: tuple[Role, ...],
    promotes: bool | None,
    text: str | None,
    as_json: bool,
) -> None:
    """Accept the proposal of that number in the inbox, wholly or less far."""
    async with open_node(Path(folder)) as node:
        ours = the_addressed(node.ports.store, organisation, number)
        done = await partnerships.accept(
            node.ports,
            ours.did,
            number,
            language=node.language_of(ours),
            stage=stage,
            part=Part(roles=roles, promotes=promotes),
            text=text,
        )
        known = node.ports.store.publisher(done.partner)
    _tell(done, as_json=as_json)
    if known is None or not known.is_followed:
        note(f"to see their half as well: {how_to(f'follow {done.partner}')}")


@partner.command("counter")
@data_option
@as_option
@click.argument("number", type=int)
@click.option("--stage", type=_stage, required=True, help="How far you would go instead.")
@_roles_option
@_promotes_option
@_text_option
@json_option
@command
async def counter(
    folder: str,
    organisation: str | None,
    number: int,
    stage: Stage,
    roles: tuple[Role, ...],
    promotes: bool | None,
    text: str | None,
    as_json: bool,
) -> None:
    """Propose another stage in answer to the proposal of that number in the inbox."""
    async with open_node(Path(folder)) as node:
        ours = the_addressed(node.ports.store, organisation, number)
        done = await partnerships.counter(
            node.ports,
            ours.did,
            number,
            stage,
            language=node.language_of(ours),
            part=Part(roles=roles, promotes=promotes),
            text=text,
        )
    _tell(done, as_json=as_json)


@partner.command("decline")
@data_option
@as_option
@click.argument("number", type=int)
@_text_option
@json_option
@command
async def decline(
    folder: str, organisation: str | None, number: int, text: str | None, as_json: bool
) -> None:
    """Decline the proposal of that number in the inbox."""
    async with open_node(Path(folder)) as node:
        ours = the_addressed(node.ports.store, organisation, number)
        done = await partnerships.decline(
            node.ports, ours.did, number, language=node.language_of(ours), text=text
        )
    _tell(done, as_json=as_json)


@partner.command("step")
@data_option
@as_option
@click.argument("which", metavar="URL|HOST|DID")
@click.option("--stage", type=_stage, required=True, help="How far you go from now on.")
@_roles_option
@_promotes_option
@json_option
@command
async def step(
    folder: str,
    organisation: str | None,
    which: str,
    stage: Stage,
    roles: tuple[Role, ...],
    promotes: bool | None,
    as_json: bool,
) -> None:
    """Go less far with a partner, at once; or further, which is proposed to the other."""
    async with open_node(Path(folder)) as node:
        ours = organisations.the_hosted(node.ports.store, organisation)
        done = await partnerships.step(
            node.ports,
            ours.did,
            which,
            stage,
            language=node.language_of(ours),
            part=Part(roles=roles, promotes=promotes),
        )
    _tell(done, as_json=as_json)


@partner.command("end")
@data_option
@as_option
@click.argument("which", metavar="URL|HOST|DID")
@json_option
@command
async def end(folder: str, organisation: str | None, which: str, as_json: bool) -> None:
    """End a partnership; the other need not agree."""
    async with open_node(Path(folder)) as node:
        ours = organisations.the_hosted(node.ports.store, organisation)
        done = await partnerships.end(node.ports, ours.did, which)
    _tell(done, as_json=as_json)


def _tell(done: Done, *, as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    if done.sent is not None:
        say(f"{done.sent} on its way to {done.partner}")
    say(f"your half: {done.mine or 'none'}")


def _in_words(one: Standing) -> str:
    parts = [f"{one.in_force} in force" if one.in_force else "nothing in force"]
    if one.mine != one.in_force or one.theirs != one.in_force:
        theirs = one.theirs or (_UNREAD if one.is_agreed else "none")
        parts.append(f"yours: {one.mine or 'none'}, theirs: {theirs}")
    if one.my_roles:
        parts.append(f"you: {', '.join(one.my_roles)}")
    if one.their_roles:
        parts.append(f"they: {', '.join(one.their_roles)}")
    if one.promotes:
        parts.append("each shows the other")
    if one.unconfirmed_since:
        parts.append(f"not confirmed since {one.unconfirmed_since}")
    if one.proposed:
        parts.append(f"you proposed {one.proposed}")
    if one.asked:
        instead = " instead" if one.is_counter else ""
        what = say_proposal(one.asked, one.asked_roles, promotes=one.asked_promotes)
        accept_it = how_to(f"partner accept {one.message}")
        parts.append(f"they propose {what}{instead}: {accept_it}")
    return "; ".join(parts)
