"""Wiring: the parts of a node plugged together, and let go of in order."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import msgspec

from localfed.app import organisations
from localfed.app.ports import Ports
from localfed.app.standing import offset_of
from localfed.app.values import Publisher
from localfed.gazetteer.gazetteer import OfflinePlaces
from localfed.index.meaning import WordVectors
from localfed.index.reader import Reader
from localfed.index.readings import Readings
from localfed.index.tantivy_index import TantivyIndex
from localfed.index.words import Analysis
from localfed.interop.lexicon import Lexicon
from localfed.net.discover import Discoverer
from localfed.net.fetch import GuardedFetch
from localfed.server.clock import SystemChance, SystemClock
from localfed.server.config import Settings, mail_of
from localfed.server.picture_process import PictureProcess
from localfed.store.keyfiles import KeyFiles
from localfed.store.settings import read_settings
from localfed.store.shelf import FileShelf
from localfed.store.sqlite import SqliteStore


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """An open node: its settings, and the ports that use cases need."""

    folder: Path
    settings: Settings
    ports: Ports
    store: SqliteStore
    """The store itself, for what only the roof needs of it: where bundles lie."""

    def language_of(self, publisher: Publisher) -> str:
        """Return the language of a hosted organisation's plain strings (BCP 47)."""
        return organisations.language_of(self.store, publisher, self.settings.language)


@cache
def read_lexicon() -> Lexicon:
    """Return the lexicon of this process; its tables are read at the first question."""
    return Lexicon(Analysis().read_stems)


@cache
def find_meaning() -> WordVectors | None:
    """Return the word vectors of this process; None where the extra is not installed."""
    # numpy reads it once: what is compared and read in the background leaves the other cores to who asks.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return WordVectors.find(read_lexicon().labels)


@cache
def find_reader() -> Reader | None:
    """Return the sentence transformer of this process; None where it is not installed."""
    return Reader.find()


def find_readings(folder: Path) -> Readings | None:
    """Return what was read in a folder; None where one of both extras is not installed."""
    words, reader = find_meaning(), find_reader()
    if words is None or reader is None:
        return None
    return Readings(FileShelf(folder), words, reader)


@asynccontextmanager
async def open_node(folder: Path) -> AsyncIterator[Node]:
    """Open the node in a folder for the time of one command, or of `serve`.

    Raises:
        NotInitialised: the folder holds no node.
        NewerDatabase, StoreBroken, StoreBusy, BadFile: by name.

    """
    settings = read_settings(folder)
    mail = mail_of(settings)
    store = SqliteStore.open(folder)
    try:
        # Where something lies that gives no point depends on the places that are known.
        gazetteer = OfflinePlaces(folder)
        readings = find_readings(folder)
        index = TantivyIndex.open(folder, made_with=gazetteer.edition())
        try:
            async with GuardedFetch() as fetch:
                ports = Ports(
                    store=store,
                    index=index,
                    fetch=fetch,
                    keys=KeyFiles(folder),
                    pictures=PictureProcess(),
                    clock=SystemClock(lambda: offset_of(store)),
                    chance=SystemChance(),
                    gazetteer=gazetteer,
                    discover=Discoverer(fetch),
                    lexicon=read_lexicon(),
                    meaning=readings or find_meaning(),
                    reading=readings,
                    mail=mail,
                )
                yield Node(folder=folder, settings=settings, ports=ports, store=store)
        finally:
            index.close()
    finally:
        store.close()
