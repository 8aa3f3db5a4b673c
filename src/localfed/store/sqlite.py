"""The store on SQLite: one database file, one writing thread, readers wherever they are.

Here: `SqliteStore`, which opens it and sees to threads and connections. Not here: SQL (one file per
noun), the settings of a connection (`connection`).

Several processes may have the same folder open, each with a store of its own. Every read sees what
was committed before it, by whichever process.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final, TypeVar

import apsw

from localfed.app.ports import Transaction
from localfed.protocol.errors import StoreBroken
from localfed.store import bundles, documents, migrations, publishers
from localfed.store.connection import DATABASE, Connection, check_library, create_file
from localfed.store.reads import StoreReads
from localfed.store.transaction import SqliteTransaction

T = TypeVar("T")

_CHECK: Final = "PRAGMA quick_check"


class SqliteStore(StoreReads):
    """The disk of a node. Made by `open`.

    Reads run on the caller's thread: a point read takes microseconds, less than the way to another
    thread. Each thread that reads gets a connection of its own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / DATABASE
        self._local = threading.local()
        # Weak: the connection of a thread that has ended is closed with it.
        self._readers: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._writer: Connection | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-writer")
        self._is_closed = False

    @classmethod
    def open(cls, folder: Path, *, create: bool = False) -> SqliteStore:
        """Open the store in a folder, brought to the present version; `create` makes both.

        Raises:
            NotInitialised: there is none, and none shall be made.
            NewerDatabase: a newer LocalFed wrote it.
            StoreBroken: it is damaged, somebody else's, or SQLite itself is too old to be trusted.
            StoreBusy, DiskFull, BadFile: by name.

        """
        check_library(apsw.sqlite_lib_version())
        if create:
            create_file(folder)
        store = cls(folder)
        with ExitStack() as undo:
            undo.callback(store.close)
            store._begin(create=create)
            undo.pop_all()
        return store

    def _begin(self, *, create: bool) -> None:
        if migrations.needs_migration(self._connection(), create=create):
            self._thread.submit(self._migrate).result()
        self.counts()  # touches most tables: what is damaged is found now, not by a visitor

    # --- reading -----------------------------------------------------------------------------

    def _connection(self) -> Connection:
        held: Connection | None = getattr(self._local, "connection", None)
        if held is None:
            if self._is_closed:
                raise RuntimeError("the store is closed")
            held = Connection(self._path, may_write=False)
            self._local.connection = held
            self._readers.add(held)
        return held

    def data_version(self) -> int:
        """Return a number that changes with every commit of anybody, publishers included.

        Compare it only with what it was before on the same thread. (The log's position tells of
        documents alone, and is the same number for everybody.)
        """
        return int(self._connection().pragma("data_version"))

    def check(self) -> None:
        """Read the whole database and check its structure: about 1 s for each GB.

        Raises:
            StoreBroken: it is damaged.

        """
        findings = self._connection().rows(_CHECK)
        if findings != [("ok",)]:
            raise StoreBroken("the database is damaged", detail=repr(findings[:5]))

    # --- writing -----------------------------------------------------------------------------

    async def write(self, change: Callable[[Transaction], T]) -> T:
        """Run a function within one immediate transaction, on the store's own thread.

        When it returns, what it did is on disk. When it raises, nothing of it happened. Who is
        cancelled while waiting does not know which: it may yet be carried out.

        Raises:
            DiskFull, StoreBusy, StoreBroken: by name; nothing was written.
            NewerDatabase: a newer LocalFed has changed the tables meanwhile; nothing was written.

        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._write, change)

    def _write(self, change: Callable[[Transaction], T]) -> T:
        connection = self._open_writer()
        transaction = SqliteTransaction(connection)
        with connection.transaction():
            # A newer program may have come while this one was running.
            migrations.check_version(connection.pragma("user_version"))
            try:
                return change(transaction)
            finally:
                transaction.finish()

    def _open_writer(self) -> Connection:
        # When first needed: commands that only read neither pay for it nor checkpoint.
        if self._writer is None:
            self._writer = Connection(self._path, may_write=True)
        return self._writer

    def _migrate(self) -> None:
        migrations.migrate(self._open_writer())

    # --- bundles -----------------------------------------------------------------------------

    async def write_bundle(self, did: str, digests: Sequence[str]) -> None:
        """Write bundle.jsonl of a hosted organisation: the live bodies of these digests, in order.

        Atomic: readers see the old file or the new one. On a thread of its own, from one moment of
        the database; digests that are not live by then are left out.

        Raises:
            UnknownOrganisation: it is not here.
            DiskFull, BadFile, StoreBroken: by name; the old file is as it was.

        """
        await asyncio.to_thread(self._write_bundle, did, digests)

    def _write_bundle(self, did: str, digests: Sequence[str]) -> None:
        connection = self._connection()
        publishers.id_of(connection, did)
        with bundles.one_writer(self._folder), connection.snapshot():
            bodies = documents.live_bodies(connection, did, digests)
            bundles.write_bundle_file(bundles.bundle_file(self._folder, did), bodies)

    def bundle_path(self, did: str) -> Path | None:
        """Say where the bundle of a hosted organisation lies; None if there is none."""
        publisher = self.publisher(did)
        if publisher is None or not publisher.is_hosted:
            return None
        path = bundles.bundle_file(self._folder, did)
        return path if path.is_file() else None

    # --- the end -----------------------------------------------------------------------------

    def close(self) -> None:
        """Finish the writes under way, then close everything; twice does no harm."""
        if self._is_closed:
            return
        self._is_closed = True
        self._thread.submit(self._close_connections)
        self._thread.shutdown(wait=True)

    def _close_connections(self) -> None:
        # Readers first: the writer's checkpoint cannot finish while they are there.
        for reader in list(self._readers):
            reader.close()
        if self._writer is not None:
            self._writer.checkpoint()
            self._writer.close()
            self._writer = None
