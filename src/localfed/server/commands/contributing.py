"""Commands for what partners do together and for each other: partner join, leave, mentors."""

from __future__ import annotations

from pathlib import Path

import click

from localfed.app import joining, organisations, ties
from localfed.app.joining import Joined
from localfed.app.names import Names, choose
from localfed.app.placing import say_km
from localfed.app.whereabouts import place_asked
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


@click.command("mentors")
@data_option
@as_option
@click.option("--near", metavar="PLACE", help="Near this place; your own if not given.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, help="At most so many.")
@json_option
@command
async def list_mentors(
    folder: str, organisation: str | None, near: str | None, limit: int, as_json: bool
) -> None:
    """List who mentors others, by what both sides of a partnership say; the nearest first."""
    async with open_node(Path(folder)) as node:
        reads, gazetteer = node.ports.store, node.ports.gazetteer
        now = node.ports.clock.now()
        ours = organisations.the_hosted(reads, organisation)
        given = place_asked(gazetteer, near)
        place = given.point if given else ties.place_of(reads, gazetteer, ours.did, now)
        web = ties.gather(reads, gazetteer, now)
        found = ties.mentors(web, place, frozenset({ours.did}))[:limit]
        names = Names(reads)
        addresses = {one.organisation.did: names.address_of(one.organisation.did) for one in found}
    if as_json:
        print_json(found)
        return
    for one in found:
        who = one.organisation
        name = choose(who.names, wanted_languages(), who.language)[0] if who.names else who.host
        far = f", {say_km(one.km, is_about=who.is_about)}" if one.km is not None else ""
        say(f"{name} ({addresses[who.did]}{far}): mentors {one.partners}")
    note(f"{counted(len(found), 'mentor')}")


def _tell(done: Joined, *, as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    say(f"{'you contribute to' if done.is_in else 'you left'} {done.offer}")
