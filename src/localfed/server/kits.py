"""Kits: reading a recovery kit that the operator gives, and writing the files of a new one.

Here: `--kit` and its passphrase, the text file and the printable page. Not here: the kit itself
(`protocol.kit`), the page's content (`kit_page`). A kit is never logged and never in the data folder.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from localfed.protocol.errors import AlreadyInitialised, BadFile, BadKit
from localfed.protocol.kit import Kit, find_kit, is_locked, print_kit
from localfed.server.clock import SystemChance
from localfed.server.kit_page import KitPage, write_kit_page
from localfed.store.files import write_private_file

_BYTES = 262_144
_SALT_BYTES = 16
_PASSPHRASE_CHARACTERS = 12
"""The least for a new one: four short words on paper have more."""

kit_option = click.option(
    "--kit",
    "given",
    required=True,
    metavar="FILE|TEXT|-",
    help="The recovery kit: its file, its text, or - to read it from the input.",
)
passphrase_option = click.option(
    "--passphrase-file", metavar="FILE", help="Where the passphrase of a locked kit is written."
)


def read_kit(given: str, passphrase_file: str | None) -> Kit:
    """Read the kit that a command was given; a locked one with its passphrase.

    On a terminal the passphrase is asked for.

    Raises:
        BadKit: no kit, mistyped, or another passphrase.
        BadFile: a file cannot be read.

    """
    text = find_kit(_read(given))
    if not is_locked(text):
        return Kit.parse(text)
    if passphrase_file is not None:
        return Kit.unlock(text, read_passphrase(passphrase_file))
    if not sys.stdin.isatty():
        message = "that recovery kit is locked: give --passphrase-file as well"
        raise BadKit(message)
    return Kit.unlock(text, click.prompt("Passphrase of the kit", hide_input=True, err=True))


def read_passphrase(path: str, *, is_new: bool = False) -> str:
    """Read a passphrase from the first line of a file.

    Raises:
        BadFile: it cannot be read, or a new one is too short.

    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} cannot be read"
        raise BadFile(message, detail=type(error).__name__) from error
    passphrase = lines[0] if lines else ""
    if is_new and len(passphrase) < _PASSPHRASE_CHARACTERS:
        message = f"a passphrase has at least {_PASSPHRASE_CHARACTERS} characters: take four words"
        raise BadFile(message)
    return passphrase


def lock(kit: Kit, passphrase: str | None) -> str:
    """Write the text of a kit, locked if there is a passphrase."""
    if passphrase is None:
        return kit.text
    return kit.lock(passphrase, salt=SystemChance().random_bytes(_SALT_BYTES))


def kit_files(
    folder: Path, *, label: str | None = None, is_trustees: bool = False
) -> tuple[Path, Path]:
    """Where text file and page of a new kit are written: beside the data folder, never in it.

    `label` tells the kits of a node's organisations apart; None: its first.
    """
    stem = "-".join(
        (folder.name, *((label,) if label else ()), "trustee" if is_trustees else "recovery", "kit")
    )
    return folder.parent / f"{stem}.txt", folder.parent / f"{stem}.html"


def label_of(base: str) -> str:
    """Write an address as part of the name of a file: `https://hall.example/chapel/` as `hall.example-chapel`."""
    parts = urlsplit(base)
    return "-".join((parts.netloc, *parts.path.strip("/").split("/"))).strip("-").replace(":", "-")


def check_free(folder: Path, *, has_trustee: bool, label: str | None = None) -> None:
    """Refuse to write over the kit of another organisation.

    Raises:
        AlreadyInitialised: a file of that name is there.

    """
    trustees = kit_files(folder, label=label, is_trustees=True) if has_trustee else ()
    for path in (*kit_files(folder, label=label), *trustees):
        if path.exists():
            message = f"{path} is the recovery kit of another organisation; move it away first"
            raise AlreadyInitialised(message)


def write_kit(folder: Path, page: KitPage, label: str | None = None) -> tuple[Path, Path]:
    """Write the text file and the printable page of a kit; returns both. `label` as for `kit_files`.

    Raises:
        BadFile, DiskFull: one could not be written; then neither is there.

    """
    text_file, page_file = kit_files(folder, label=label, is_trustees=page.is_trustees)
    write_private_file(text_file, _text(page))
    try:
        write_private_file(page_file, write_kit_page(page))
    except BaseException:
        text_file.unlink(missing_ok=True)
        raise
    return text_file, page_file


def _text(page: KitPage) -> bytes:
    title = "recovery kit for a trustee" if page.is_trustees else "recovery kit"
    locked = "It is locked with a passphrase.\n" if is_locked(page.text) else ""
    return (
        f"LocalFed {title} of {page.name}\n\n"
        f"{print_kit(page.text)}\n\n"
        f"identity: {page.did}\n"
        f"address:  {page.base}\n\n"
        "Whoever has this kit can rotate the keys of this identity, move it or close it.\n"
        "Without it nobody can. Print it or keep it on a stick, away from the machine of the\n"
        f"node, and delete this file. It serves this one identity.\n{locked}"
    ).encode()


def _read(given: str) -> str:
    """Read what `--kit` names: the input, a file, or itself."""
    if given == "-":
        return sys.stdin.read(_BYTES)
    if not os.path.lexists(given):
        if given.lower().startswith("lfk"):
            return given
        message = "there is no file of that name, and it is no recovery kit itself"
        raise BadKit(message)
    try:
        with open(given, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - bounded
            return file.read(_BYTES)
    except OSError as error:
        message = f"{given} cannot be read: {(error.strerror or 'error').lower()}"
        raise BadFile(message) from error
