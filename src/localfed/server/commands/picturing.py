"""Commands for pictures: pictures; and the files of pictures that a draft names."""

from __future__ import annotations

from pathlib import Path

import click

from localfed.app import listings
from localfed.app.pictures import Attached, Load, Shown, shown_of
from localfed.interop.picture_file import FILE_BYTES
from localfed.protocol.errors import BadDraft
from localfed.server.console import (
    command,
    counted,
    data_option,
    json_option,
    note,
    print_json,
    read_file,
    say,
)
from localfed.server.wiring import open_node
from localfed.web.views import origin_of


def beside(draft: str) -> Load:
    """Return what reads the files that a draft names: those in its folder or below, no others.

    A draft may come from somebody else; it says nothing about what else is on this machine.
    """
    folder = (Path.cwd() if draft == "-" else Path(draft).parent).resolve()

    def load(name: str) -> bytes:
        try:
            path = (folder / name).resolve()
        except (OSError, ValueError):  # no name of a file at all
            path = folder.parent
        if not path.is_relative_to(folder):
            message = f"the picture {name[:70]!a} does not lie beside the draft, or below"
            raise BadDraft(message)
        return read_file(str(path), limit_bytes=FILE_BYTES)

    return load


def attached(files: tuple[str, ...], alts: tuple[str, ...]) -> list[Attached]:
    """Read pictures that were named beside a draft, each with its description.

    Raises:
        BadDraft: one without a description. BadFile, TooLarge: by name.

    """
    if len(files) != len(alts):
        message = "each --picture has its --alt: what is to be seen, for those who do not see it"
        raise BadDraft(message)
    return [
        Attached(data=read_file(file, limit_bytes=FILE_BYTES), alt=alt)
        for file, alt in zip(files, alts, strict=True)
    ]


@click.command()
@data_option
@click.argument("document_id", metavar="ID")
@json_option
@command
async def pictures(folder: str, document_id: str, as_json: bool) -> None:
    """Show the pictures of a document, own or followed: what each shows, and where its copy is."""
    async with open_node(Path(folder)) as node:
        document = listings.find_document(node.ports.store, document_id)
        found = shown_of(node.ports.store, document)
        root = origin_of(node.settings.url)
    rows = [
        {
            "path": one.image.path,
            "state": one.stored.state.value if one.stored else "unknown",
            "problem": one.stored.problem if one.stored else None,
            "url": f"{root}/media/{one.copy}" if one.copy else None,
            "width": one.stored.copy_width if one.stored and one.copy else one.image.width,
            "height": one.stored.copy_height if one.stored and one.copy else one.image.height,
            "alt": one.image.alt,
        }
        for one in found
    ]
    if as_json:
        print_json(rows)
        return
    for one in found:
        _say(one, root)
    note(f"{counted(len(found), 'picture')}")


def _say(one: Shown, root: str) -> None:
    for language, text in one.image.alt.items():
        say(f"{language}: {text}")
    if one.copy:
        say(f"    {root}/media/{one.copy}")
    else:
        stored = one.stored
        why = f" ({stored.problem})" if stored and stored.problem else ""
        say(f"    not here: {stored.state.value if stored else 'not asked for yet'}{why}")
