"""Setting a node up: everything of a new node appears at once, or nothing does.

Here: `init` as the roof sees it (folder, keys, kit, store). Not here: what an organisation is
(`app.organisations`).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import msgspec

from localfed.app import organisations
from localfed.app.organisations import NewIdentity
from localfed.protocol.errors import AlreadyInitialised, BadDraft, BadFile
from localfed.protocol.forms import Label, Language
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit
from localfed.server.clock import SystemChance, SystemClock
from localfed.server.config import Settings, default_port
from localfed.server.wiring import open_node
from localfed.store.keyfiles import KeyFiles, write_private_file
from localfed.store.settings import write_settings
from localfed.store.sqlite import SqliteStore

_SEED_BYTES = 32


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A node that was set up."""

    did: str
    url: str
    kit: Path


def kit_path(folder: Path) -> Path:
    """Where the recovery kit of a new node is written: beside its folder, never in it."""
    return folder.parent / f"{folder.name}-recovery-kit.txt"


async def initialise(
    folder: Path,
    *,
    name: str,
    url: str,
    language: str,
    allow_loopback: bool,
    is_remembered: bool = False,
) -> Made:
    """Set up a node in a new or empty folder, and write its recovery kit beside it.

    All of it is made in a folder beside, which then takes the name: an interruption leaves nothing
    that looks like a node. `is_remembered`: loopback addresses are allowed for good.

    Raises:
        AlreadyInitialised: the folder, or a kit of that name, is there already.
        BadUrl, LoopbackNotAllowed, BadDraft, BadFile, DiskFull: by name; nothing was made.

    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100, ASYNC240 - reads no disk
    kit_file = kit_path(folder)
    _check_free(folder, kit_file)
    _check_words(name, language)
    chance = SystemChance()
    kit = Kit(chance.random_bytes(_SEED_BYTES))
    key = SigningKey(chance.random_bytes(_SEED_BYTES))
    new = organisations.new_identity(
        kit, key, url=url, now=SystemClock().now(), allow_loopback=allow_loopback
    )
    settings = Settings(
        name=name,
        url=new.base,
        language=language,
        # The word of the environment counts while it is there; only a node that is itself at a
        # loopback address, or the option, is remembered.
        allow_loopback=is_remembered or new.base.startswith("http://"),
        port=default_port(new.base),
    )
    made = _make_folder_beside(folder)
    try:
        await _fill(made, new, key, settings)
        write_private_file(kit_file, _kit_text(kit, name, new))
        try:
            if folder.exists():
                folder.rmdir()
            made.rename(folder)
        except OSError as error:
            kit_file.unlink()
            message = f"{folder} cannot be made: {error.strerror}"
            raise BadFile(message) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return Made(did=new.did, url=new.base, kit=kit_file)


async def _fill(folder: Path, new: NewIdentity, key: SigningKey, settings: Settings) -> None:
    KeyFiles(folder).create(new.did, key.seed)
    write_settings(folder, settings)
    SqliteStore.open(folder, create=True).close()
    async with open_node(folder) as node:
        await organisations.host(
            node.ports,
            new,
            name=settings.name,
            language=settings.language,
            url=settings.url,
            allow_loopback=new.base.startswith("http://"),
        )


def _check_free(folder: Path, kit_file: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        message = f"{folder} is there already and is not empty"
        raise AlreadyInitialised(message)
    if kit_file.exists():
        message = f"{kit_file} is the recovery kit of another node; move it away first"
        raise AlreadyInitialised(message)


def _check_words(name: str, language: str) -> None:
    try:
        msgspec.convert(name, Label)
        msgspec.convert(language, Language)
    except msgspec.ValidationError as error:
        message = f"the name or the language cannot be used: {error}"
        raise BadDraft(message) from error


def _make_folder_beside(folder: Path) -> Path:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        message = f"{folder.parent} cannot be written: {os.strerror(error.errno or 0)}"
        raise BadFile(message) from error


def _kit_text(kit: Kit, name: str, new: NewIdentity) -> bytes:
    return (
        f"LocalFed recovery kit of {name}\n\n"
        f"{kit.printed}\n\n"
        f"identity: {new.did}\n"
        f"address:  {new.base}\n\n"
        "Whoever has this kit can rotate the keys of this identity, move it or close it.\n"
        "Without it nobody can. Print it or keep it on a stick, away from the machine of the\n"
        "node, and delete this file. It serves this one identity.\n"
    ).encode()
