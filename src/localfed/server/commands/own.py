"""Commands for what this node publishes: init, publish, withdraw, show, list."""

from __future__ import annotations

import re
import shlex
import sys
from functools import partial
from pathlib import Path

import click

from localfed.app import keyring, listings, organisations, own_halves
from localfed.app.names import name_in
from localfed.app.ports import Reads
from localfed.protocol import limits
from localfed.protocol.canonical import parse_object
from localfed.protocol.errors import BadDraft, BadUrl, LocalFedError
from localfed.protocol.times import write_time
from localfed.server import setup
from localfed.server.commands import picturing
from localfed.server.config import may_use_loopback
from localfed.server.console import (
    command,
    counted,
    data_option,
    json_option,
    note,
    print_json,
    read_file,
    say,
    wanted_languages,
)
from localfed.server.hints import how_to, own_draft
from localfed.server.kits import read_passphrase
from localfed.server.wiring import Node, open_node

_LOOPBACK = re.compile(
    r"(?:https?://)?(?:localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[::1\])(?::(?P<port>\d{1,5}))?(?:/.*)?\Z",
    re.ASCII | re.IGNORECASE,
)
_PORT = 8080  # where a node listens if nothing else is said

as_option = click.option(
    "--as",
    "organisation",
    metavar="NAME|URL|DID",
    help="Which organisation, where the node hosts several.",
)


@click.command()
@data_option
@click.option("--name", required=True, help="The organisation's name.")
@click.option("--url", required=True, help="Its address, such as https://grocer.example.")
@click.option(
    "--language", default="en", show_default=True, help="The language of plain strings (BCP 47)."
)
@click.option(
    "--allow-loopback", is_flag=True, help="Allow http://localhost:PORT, for development."
)
@click.option(
    "--passphrase-file", metavar="FILE", help="Lock the recovery kit with this passphrase."
)
@click.option("--trustee", is_flag=True, help="Make a second recovery kit for somebody outside.")
@json_option
@command
async def init(
    folder: str,
    name: str,
    url: str,
    language: str,
    allow_loopback: bool,
    passphrase_file: str | None,
    trustee: bool,
    as_json: bool,
) -> None:
    """Begin a node: an identity, its keys, and the organisation's own record.

    In the folder of a node it adds an organisation, with an identity and keys of its own.
    """
    passphrase = read_passphrase(passphrase_file, is_new=True) if passphrase_file else None
    try:
        made = await setup.initialise(
            Path(folder),
            name=name,
            url=url,
            language=language,
            allow_loopback=may_use_loopback(given=allow_loopback),
            is_remembered=allow_loopback,
            passphrase=passphrase,
            has_trustee=trustee,
        )
    except BadUrl as error:
        raise _at_loopback(url, error) from error
    if made.namesake is not None:
        note(
            f"warning: {made.namesake} of this node is called {name!r} too: another one was ADDED."
        )
        undo = how_to(f"close --as {made.url} --kit {shlex.quote(str(made.kit))}")
        note(f"  If that was not meant, close the new one for good: {undo}")
    if as_json:
        print_json(
            {
                "did": made.did,
                "url": made.url,
                "kit": str(made.kit),
                "kit_page": str(made.kit_page),
                "trustee_kit": str(made.trustee_kit) if made.trustee_kit else None,
                "trustee_page": str(made.trustee_page) if made.trustee_page else None,
            }
        )
        return
    say(f"identity:     {made.did}")
    say(f"address:      {made.url}")
    say(f"recovery kit: {made.kit}")
    say(f"  to print:   {made.kit_page}")
    if made.trustee_kit is not None:
        say(f"trustee's:    {made.trustee_kit}")
        say(f"  to print:   {made.trustee_page}")
    say()
    say(
        "Print the recovery kit, or put it on a stick, and delete both files from this machine now:"
    )
    say("it alone can change keys, move or close this identity, and there is no other copy.")
    await _ask_for_kit(Path(folder), made)
    if made.is_first:
        say(f"Next: {how_to('serve')}")
    else:
        say(f"A running node serves it at once. Commands name it: --as {made.url}")


def _at_loopback(url: str, error: BadUrl) -> BadUrl:
    """Say how this machine's own address is written, where it is what was meant."""
    meant = _LOOPBACK.match(url)
    if meant is None:
        return error
    return BadUrl(
        f"{url[:80]!a} is no address of a node: on this machine, for development, write "
        f"--url http://localhost:{meant['port'] or _PORT} --allow-loopback"
    )


async def _ask_for_kit(folder: Path, made: setup.Made) -> None:
    """Ask once for the end of the kit, where there is somebody to ask."""
    whose = "" if made.is_first else f" --as {made.url}"
    again = how_to(f"keys check{whose} --kit FILE")
    if not sys.stdin.isatty():
        say(f"Check once that you have it: {again}")
        return
    typed = click.prompt(
        "Its last eight letters, from the paper (Enter to do that later)",
        default="",
        show_default=False,
    )
    if "".join(typed.split()).lower() != made.kit_text[-8:]:
        say(f"Not checked yet. Later: {again}")
        return
    async with open_node(folder) as node:
        await keyring.check(node.ports, made.did, made.secret)
    say("Checked.")


@click.command()
@data_option
@as_option
@click.argument("drafts", metavar="FILE|-", nargs=-1, required=True)
@click.option(
    "--picture", "files", metavar="FILE", multiple=True, help="A picture of it; may be repeated."
)
@click.option(
    "--alt", "alts", metavar="TEXT", multiple=True, help="What is to be seen on that picture."
)
@json_option
@command
async def publish(
    folder: str,
    organisation: str | None,
    drafts: tuple[str, ...],
    files: tuple[str, ...],
    alts: tuple[str, ...],
    as_json: bool,
) -> None:
    """Publish drafts (JSON): each a new offer, need or record, or with an id its next revision.

    Several are published together: all of them, or none where one cannot be.
    """
    if len(drafts) > 1:
        await _publish_several(
            folder, organisation, drafts, has_pictures=bool(files or alts), as_json=as_json
        )
        return
    (file,) = drafts
    data = read_file(file, limit_bytes=limits.DOCUMENT_BYTES)
    pictures = picturing.attached(files, alts)
    async with open_node(Path(folder)) as node:
        publisher = organisations.the_hosted(node.ports.store, organisation)
        with own_draft():
            done = await listings.publish_draft(
                node.ports,
                publisher.did,
                data,
                language=node.language_of(publisher),
                load=picturing.beside(file),
                attached=pictures,
            )
        notes = _explain(node, done.id)
    for said in notes:
        note(said)
    if as_json:
        print_json({"id": done.id, "revision": done.revision, "new": done.is_new})
    else:
        say(done.id)


def _explain(node: Node, document_id: str) -> list[str]:
    """Say what is to be known of what was published: how it is found, that a half says more than the other."""
    half = own_halves.explain(node.ports.store, document_id, node.ports.clock.now())
    return [*listings.explain(node.ports, document_id), *([half] if half else [])]


async def _publish_several(
    folder: str,
    organisation: str | None,
    drafts: tuple[str, ...],
    *,
    has_pictures: bool,
    as_json: bool,
) -> None:
    if has_pictures:
        message = "--picture goes with one draft; where there are several, each names its own"
        raise BadDraft(message)
    sheets = [
        listings.Sheet(
            read=partial(read_file, file, limit_bytes=limits.DOCUMENT_BYTES),
            load=picturing.beside(file),
        )
        for file in drafts
    ]
    async with open_node(Path(folder)) as node:
        publisher = organisations.the_hosted(node.ports.store, organisation)
        outcomes = await listings.publish_drafts(
            node.ports, publisher.did, sheets, language=node.language_of(publisher)
        )
        done = [one for one in outcomes if isinstance(one, listings.Published)]
        is_published = len(done) == len(outcomes)
        notes = {one.id: _explain(node, one.id) for one in (done if is_published else ())}
    if not is_published:
        for file, one in zip(drafts, outcomes, strict=True):
            said = f"{one.code}: {one.message}" if isinstance(one, LocalFedError) else ""
            note(f"{file}: {said or 'nothing wrong, not published'}")
        wrong = len(outcomes) - len(done)
        message = f"{wrong} of {len(outcomes)} drafts cannot be published, so none was"
        raise BadDraft(message)
    for file, one in zip(drafts, done, strict=True):
        for said in notes[one.id]:
            note(f"{file}: {said}")
        if not as_json:
            say(f"{file}: {'published' if one.is_new else 'changed'}: {one.id}")
    if as_json:
        print_json(
            [
                {"file": file, "id": one.id, "revision": one.revision, "new": one.is_new}
                for file, one in zip(drafts, done, strict=True)
            ]
        )


@click.command()
@data_option
@as_option
@click.argument("document_id", metavar="ID")
@json_option
@command
async def withdraw(folder: str, organisation: str | None, document_id: str, as_json: bool) -> None:
    """Withdraw a document: followers delete it, and its id is never used again."""
    async with open_node(Path(folder)) as node:
        # An id says whose it is.
        which = organisation or _hosted_issuer(node.ports.store, document_id)
        publisher = organisations.the_hosted(node.ports.store, which)
        await listings.withdraw(node.ports, publisher.did, document_id)
    if as_json:
        print_json({"id": document_id, "withdrawn": True})
    else:
        say(f"withdrawn: {document_id}")


@click.command()
@data_option
@click.argument("document_id", metavar="ID")
@click.option("--json", "_as_json", is_flag=True, help="Changes nothing: it is JSON already.")
@command
async def show(folder: str, document_id: str, _as_json: bool) -> None:
    """Print the stored bytes of a document, own or followed, exactly as they were signed."""
    async with open_node(Path(folder)) as node:
        document = listings.find_document(node.ports.store, document_id)
    assert document.body is not None
    sys.stdout.buffer.write(document.body)
    sys.stdout.flush()
    if sys.stdout.isatty():
        note("")  # the bytes end without a line feed; a terminal needs one


def _hosted_issuer(reads: Reads, document_id: str) -> str | None:
    """Return the DID of a document's id, if it is of an organisation hosted here."""
    did = document_id.partition("/")[0]
    publisher = reads.publisher(did)
    return did if publisher is not None and publisher.is_hosted else None


@click.command("list")
@data_option
@as_option
@json_option
@command
async def list_(folder: str, organisation: str | None, as_json: bool) -> None:
    """List what is published here."""
    async with open_node(Path(folder)) as node:
        publisher = organisations.the_hosted(node.ports.store, organisation)
        now = write_time(node.ports.clock.now())
        rows = []
        for document in node.ports.store.documents(publisher.did):
            if document.body is None:
                continue
            value = parse_object(document.body)
            ends = value.get("validUntil")
            rows.append(
                {
                    "id": document.id,
                    "type": document.type,
                    "name": value.get("name"),
                    "language": value.get("language"),
                    "listed": value.get("listed", False),
                    "revision": document.revision,
                    "updated": document.updated,
                    "expires": document.expires,
                    "ended": isinstance(ends, str) and ends <= now,
                }
            )
    if as_json:
        print_json(rows)
        return
    for row in rows:
        name = name_in(row, wanted_languages())
        kind = "listed" if row["listed"] else str(row["type"])
        ended = " (ended)" if row["ended"] else ""
        say(f"{kind:<13} {name}{ended}\n              {row['id']}")
    note(f"{counted(len(rows), 'document')}")
