"""Setting a node up: everything of a new node appears at once, or nothing does.

Here: `init` as the roof sees it (folder, keys, kit, store). Not here: what an organisation is
(`app.organisations`).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack
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
from localfed.server.kit_page import KitPage
from localfed.server.kits import check_free, lock, write_kit
from localfed.server.wiring import open_node
from localfed.store.keyfiles import KeyFiles
from localfed.store.settings import write_settings
from localfed.store.sqlite import SqliteStore

_SEED_BYTES = 32


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A node that was set up."""

    did: str
    url: str
    kit: Path
    """The kit as a text file."""
    kit_page: Path
    """The kit as a page to print."""
    trustee_kit: Path | None
    trustee_page: Path | None
    secret: Kit
    """The kit itself, to ask for it once; it writes itself nowhere."""
    kit_text: str
    """The kit as it is written on the paper."""


async def initialise(
    folder: Path,
    *,
    name: str,
    url: str,
    language: str,
    allow_loopback: bool,
    is_remembered: bool = False,
    passphrase: str | None = None,
    has_trustee: bool = False,
) -> Made:
    """Set up a node in a new or empty folder, and write its recovery kit beside it.

    All of it is made in a folder beside, which then takes the name: an interruption leaves nothing
    that looks like a node. `is_remembered`: loopback addresses are allowed for good. `passphrase`
    locks the kit; `has_trustee`: a second kit is made for somebody outside (never locked: it is theirs).

    Raises:
        AlreadyInitialised: the folder, or a kit of that name, is there already.
        BadUrl, LoopbackNotAllowed, BadDraft, BadFile, DiskFull: by name; nothing was made.

    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100, ASYNC240 - reads no disk
    _check_free(folder)
    check_free(folder, has_trustee=has_trustee)
    _check_words(name, language)
    chance = SystemChance()
    kit = Kit(chance.random_bytes(_SEED_BYTES))
    key = SigningKey(chance.random_bytes(_SEED_BYTES))
    trustee = Kit(chance.random_bytes(_SEED_BYTES)) if has_trustee else None
    now = SystemClock().now()
    new = organisations.new_identity(
        kit, key, url=url, now=now, allow_loopback=allow_loopback, trustee=trustee
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
        page = KitPage(text=lock(kit, passphrase), name=name, did=new.did, base=new.base, made=now)
        with ExitStack() as undo:
            files = _write_kit(undo, folder, page)
            trustee_files: tuple[Path | None, Path | None] = (None, None)
            if trustee is not None:
                second = msgspec.structs.replace(page, text=trustee.text, is_trustees=True)
                trustee_files = _write_kit(undo, folder, second)
            _take_name(made, folder)
            undo.pop_all()
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return Made(
        did=new.did,
        url=new.base,
        kit=files[0],
        kit_page=files[1],
        trustee_kit=trustee_files[0],
        trustee_page=trustee_files[1],
        secret=kit,
        kit_text=page.text,
    )


def _write_kit(undo: ExitStack, folder: Path, page: KitPage) -> tuple[Path, Path]:
    """Write the files of a kit, to be taken away again should anything go wrong afterwards."""
    files = write_kit(folder, page)
    for path in files:
        undo.callback(path.unlink, missing_ok=True)
    return files


def _take_name(made: Path, folder: Path) -> None:
    try:
        if folder.exists():
            folder.rmdir()
        made.rename(folder)
    except OSError as error:
        message = f"{folder} cannot be made: {error.strerror}"
        raise BadFile(message) from error


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


def _check_free(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        message = f"{folder} is there already and is not empty"
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
