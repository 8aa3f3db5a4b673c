"""Setting a node up, and adding organisations to it: everything of a new one appears at once, or nothing does.

Here: `init` as the roof sees it (folder, keys, kit, store). Not here: what an organisation is
(`app.organisations`).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import msgspec

from localfed.app import bases, organisations
from localfed.app.organisations import NewIdentity
from localfed.protocol.errors import AlreadyInitialised, BadDraft, BadFile
from localfed.protocol.forms import Label, Language
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit
from localfed.server.clock import SystemChance, SystemClock
from localfed.server.config import Settings, default_port
from localfed.server.kit_page import KitPage
from localfed.server.kits import check_free, label_of, lock, write_kit
from localfed.server.wiring import Node, open_node
from localfed.store.keyfiles import KeyFiles
from localfed.store.settings import is_node, write_settings
from localfed.store.sqlite import SqliteStore

_SEED_BYTES = 32


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that was set up."""

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
    is_first: bool
    """The node was begun with it."""
    namesake: str | None = None
    """Address of an organisation of the node that has this name already."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator said of a new organisation."""

    name: str
    url: str
    language: str
    allow_loopback: bool
    is_remembered: bool = False
    """Loopback addresses are allowed for good, where it begins the node."""
    passphrase: str | None = None
    """What locks the kit."""
    has_trustee: bool = False
    """A second kit is made for somebody outside (never locked: it is theirs)."""


class _Making(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that is being made: what there is of it before anything is written."""

    wanted: Wanted
    new: NewIdentity
    key: SigningKey
    kit: Kit
    trustee: Kit | None
    now: datetime


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
    """Set up a node in a new or empty folder, or add an organisation to the node that is in it.

    Its recovery kit is written beside the folder. See `Wanted` for the rest.

    Raises:
        AlreadyInitialised: the folder holds something else, the node has an organisation at that address, or
            a kit of that name is there already.
        BadUrl, LoopbackNotAllowed, BadDraft, BadFile, DiskFull: by name; nothing was made.

    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100, ASYNC240 - reads no disk
    wanted = Wanted(
        name=name,
        url=url,
        language=language,
        allow_loopback=allow_loopback,
        is_remembered=is_remembered,
        passphrase=passphrase,
        has_trustee=has_trustee,
    )
    if is_node(folder):
        return await _add(folder, wanted)
    return await _begin(folder, wanted)


async def _begin(folder: Path, wanted: Wanted) -> Made:
    """Set up a node with its first organisation.

    All of it is made in a folder beside, which then takes the name: an interruption leaves nothing
    that looks like a node.
    """
    _check_free(folder)
    check_free(folder, has_trustee=wanted.has_trustee)
    making = _make(wanted)
    settings = Settings(
        name=wanted.name,
        url=making.new.base,
        language=wanted.language,
        # The word of the environment counts while it is there; only a node that is itself at a
        # loopback address, or the option, is remembered.
        allow_loopback=wanted.is_remembered or making.new.base.startswith("http://"),
        port=default_port(making.new.base),
    )
    made = _make_folder_beside(folder)
    try:
        await _fill(made, making, settings)
        with ExitStack() as undo:
            told = _write_kits(undo, folder, making, label=None)
            _take_name(made, folder)
            undo.pop_all()
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return told


async def _add(folder: Path, wanted: Wanted) -> Made:
    """Add an organisation to a node, which may be running; the others are not touched.

    Kit and key are on disk before anything is published. An interruption leaves files of an identity that
    nobody has seen.
    """
    async with open_node(folder) as node:
        allowed = wanted.allow_loopback or node.settings.allow_loopback
        making = _make(msgspec.structs.replace(wanted, allow_loopback=allowed))
        new, label = making.new, label_of(making.new.base)
        bases.check_free(node.ports.store, new.base, making.now)
        check_free(folder, has_trustee=wanted.has_trustee, label=label)
        namesake = _namesake(node, wanted.name)
        files = KeyFiles(folder)
        with ExitStack() as undo:
            told = _write_kits(undo, folder, making, label=label)
            files.create(new.did, making.key.seed)
            undo.callback(files.discard, new.did)
            try:
                await _host(node, making)
            except Exception:
                raise
            except BaseException:
                undo.pop_all()  # cut off: it may be published by now, and then needs its key and its kit
                raise
            undo.pop_all()
    return msgspec.structs.replace(told, namesake=namesake)


def _namesake(node: Node, name: str) -> str | None:
    """Find an organisation of the node that is called so: perhaps the same was meant, and is made twice."""
    store = node.ports.store
    return next(
        (
            one.base
            for one in store.publishers(hosted=True)
            if not one.is_closed and organisations.name_of(store, one) == name
        ),
        None,
    )


def _make(wanted: Wanted) -> _Making:
    """Make keys and identity of an organisation; nothing is written."""
    _check_words(wanted.name, wanted.language)
    chance = SystemChance()
    kit = Kit(chance.random_bytes(_SEED_BYTES))
    key = SigningKey(chance.random_bytes(_SEED_BYTES))
    trustee = Kit(chance.random_bytes(_SEED_BYTES)) if wanted.has_trustee else None
    now = SystemClock().now()
    new = organisations.new_identity(
        kit, key, url=wanted.url, now=now, allow_loopback=wanted.allow_loopback, trustee=trustee
    )
    return _Making(wanted=wanted, new=new, key=key, kit=kit, trustee=trustee, now=now)


def _write_kits(undo: ExitStack, folder: Path, making: _Making, label: str | None) -> Made:
    """Write the kit and the trustee's, and tell what was made."""
    new, wanted = making.new, making.wanted
    text = lock(making.kit, wanted.passphrase)
    page = KitPage(text=text, name=wanted.name, did=new.did, base=new.base, made=making.now)
    files = _write_kit(undo, folder, page, label)
    trustee_files: tuple[Path | None, Path | None] = (None, None)
    if making.trustee is not None:
        second = msgspec.structs.replace(page, text=making.trustee.text, is_trustees=True)
        trustee_files = _write_kit(undo, folder, second, label)
    return Made(
        did=new.did,
        url=new.base,
        kit=files[0],
        kit_page=files[1],
        trustee_kit=trustee_files[0],
        trustee_page=trustee_files[1],
        secret=making.kit,
        kit_text=page.text,
        is_first=label is None,
    )


def _write_kit(
    undo: ExitStack, folder: Path, page: KitPage, label: str | None
) -> tuple[Path, Path]:
    """Write the files of a kit, to be taken away again should anything go wrong afterwards."""
    files = write_kit(folder, page, label)
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


async def _fill(folder: Path, making: _Making, settings: Settings) -> None:
    KeyFiles(folder).create(making.new.did, making.key.seed)
    write_settings(folder, settings)
    SqliteStore.open(folder, create=True).close()
    async with open_node(folder) as node:
        await _host(node, making)


async def _host(node: Node, making: _Making) -> None:
    await organisations.host(
        node.ports,
        making.new,
        name=making.wanted.name,
        language=making.wanted.language,
        url=making.new.base,
        allow_loopback=making.new.base.startswith("http://"),
    )


def _check_free(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        message = f"{folder} is there already and is not empty"
        raise AlreadyInitialised(message)


def _check_words(name: str, language: str) -> None:
    try:
        msgspec.convert(name, Label)
    except msgspec.ValidationError as error:
        message = (
            "the name is one line of text without invisible characters, such as Corner Grocer"
            if name
            else "the name is empty: say what the organisation is called, such as Corner Grocer"
        )
        raise BadDraft(message) from error
    try:
        msgspec.convert(language, Language)
    except msgspec.ValidationError as error:
        message = (
            f"{language[:40]!a} is no language tag (BCP 47): write en for English, cy for Welsh"
        )
        raise BadDraft(message) from error


def _make_folder_beside(folder: Path) -> Path:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        message = f"{folder.parent} cannot be written: {os.strerror(error.errno or 0)}"
        raise BadFile(message) from error
