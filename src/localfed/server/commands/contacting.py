"""Commands for how an organisation is reached: contact set, show, remove."""

from __future__ import annotations

from pathlib import Path

import click

from localfed.app import contacts, organisations
from localfed.app.contacts import NewContact
from localfed.protocol.contact import Contact
from localfed.protocol.errors import UnknownDocument
from localfed.server.commands.own import as_option
from localfed.server.console import command, data_option, json_option, print_json, say
from localfed.server.wiring import open_node


@click.group()
def contact() -> None:
    """Say how your organisation is reached: by the mailbox of a role, never that of a person."""


@contact.command("set")
@data_option
@as_option
@click.option("--email", metavar="ADDRESS", help="The mailbox of a role: office@grocer.example.")
@click.option("--telephone", metavar="NUMBER", help="Its number.")
@click.option("--url", help="A page by which it is reached.")
@click.option("--name", metavar="ROLE", help="What the role is called, such as Office.")
@click.option("--hours", metavar="TEXT", help="When somebody answers, in words.")
@click.option(
    "--speaks", metavar="LANGUAGE", multiple=True, help="A language that is spoken (BCP 47)."
)
@json_option
@command
async def set_(
    folder: str,
    organisation: str | None,
    email: str | None,
    telephone: str | None,
    url: str | None,
    name: str | None,
    hours: str | None,
    speaks: tuple[str, ...],
    as_json: bool,
) -> None:
    """Publish how it is reached; what was said before is replaced as a whole."""
    async with open_node(Path(folder)) as node:
        publisher = organisations.the_hosted(node.ports.store, organisation)
        new = NewContact(
            language=node.language_of(publisher),
            email=email,
            telephone=telephone,
            url=url,
            name=name,
            hours=hours,
            available_language=speaks,
        )
        done = await contacts.set_contact(node.ports, publisher.did, new)
    _print(done, as_json=as_json)


@contact.command()
@data_option
@as_option
@json_option
@command
async def show(folder: str, organisation: str | None, as_json: bool) -> None:
    """Show what is published now."""
    async with open_node(Path(folder)) as node:
        publisher = organisations.the_hosted(node.ports.store, organisation)
        held = contacts.contact_of(node.ports.store, publisher.did, node.ports.clock.now())
    if held is None:
        message = "that organisation publishes no contact"
        raise UnknownDocument(message)
    _print(held, as_json=as_json)


@contact.command()
@data_option
@as_option
@json_option
@command
async def remove(folder: str, organisation: str | None, as_json: bool) -> None:
    """Take it back: followers delete it; it may be published again."""
    async with open_node(Path(folder)) as node:
        publisher = organisations.the_hosted(node.ports.store, organisation)
        await contacts.remove_contact(node.ports, publisher.did)
    if as_json:
        print_json({"removed": True})
    else:
        say("removed")


def _print(held: Contact, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "email": held.email,
                "telephone": held.telephone,
                "url": held.url,
                "name": held.name,
                "hours": held.hours,
                "availableLanguage": held.available_language,
                "updated": held.updated,
                "expires": held.expires,
            }
        )
        return
    for what, value in (
        ("e-mail", held.email),
        ("telephone", held.telephone),
        ("page", held.url),
        ("role", ", ".join(held.name.values()) if held.name else None),
        ("hours", ", ".join(held.hours.values()) if held.hours else None),
        ("languages", ", ".join(held.available_language)),
        ("until", f"{held.expires} (a running node renews it)"),
    ):
        if value:
            say(f"{what + ':':<11}{value}")
