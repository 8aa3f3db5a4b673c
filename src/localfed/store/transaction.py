"""The writing half of the store's port: one transaction, whose reads see its own writes.

Here: `SqliteTransaction`. Not here: SQL, and when it begins and ends (`sqlite`).
"""

from __future__ import annotations

from collections.abc import Sequence

from localfed.app.values import FeedFile, ImportRecord, Publisher, StoredDocument
from localfed.store import documents as document_rows
from localfed.store import feed_files, imports, log, publishers
from localfed.store.connection import Connection
from localfed.store.reads import StoreReads


class SqliteTransaction(StoreReads):
    """One transaction, good as long as the function that it was handed to runs.

    Writing to an organisation that is not here raises UnknownOrganisation.
    """

    def __init__(self, connection: Connection) -> None:
        self._open_connection: Connection | None = connection

    def finish(self) -> None:
        """Make it useless: whoever kept it cannot write outside a transaction."""
        self._open_connection = None

    def _connection(self) -> Connection:
        if self._open_connection is None:
            raise RuntimeError("this transaction is over")
        return self._open_connection

    def save_publisher(self, publisher: Publisher) -> None:
        """Insert or replace a publisher."""
        publishers.save(self._connection(), publisher)

    def delete_publisher(self, did: str) -> None:
        """Forget a publisher and every document of it; logs each of its paths.

        Its retired paths stay known: they count whenever it comes back.
        """
        connection = self._connection()
        number = publishers.id_of(connection, did)
        log.add_all(connection, number)
        document_rows.delete_all(connection, number)
        feed_files.delete_all(connection, number)
        imports.delete_all(connection, number)
        publishers.delete(connection, number)

    def put_document(self, document: StoredDocument) -> None:
        """Insert or replace what is known of a path; logs it."""
        self.put_documents((document,))

    def put_documents(self, documents: Sequence[StoredDocument], *, is_logged: bool = True) -> None:
        """Do `put_document` for many, as fast as the disk takes them."""
        connection = self._connection()
        numbers = self._numbers({one.did for one in documents})
        numbered = [(numbers[one.did], one) for one in documents]
        document_rows.put(connection, numbered)
        if is_logged:
            log.add(connection, ((number, one.path) for number, one in numbered))

    def delete_document(self, did: str, path: str) -> None:
        """Delete a path, remember it as retired where hosted; logs it. Nothing there: nothing."""
        connection = self._connection()
        number = publishers.id_of(connection, did)
        if document_rows.delete(connection, number, path):
            log.add(connection, ((number, path),))

    def put_feed_file(self, file: FeedFile) -> None:
        """Insert or replace a feed file."""
        connection = self._connection()
        feed_files.put(connection, publishers.id_of(connection, file.did), file)

    def delete_feed_files(self, did: str, now: str) -> int:
        """Remove the feed files whose `remove_after` has come; returns how many."""
        connection = self._connection()
        return feed_files.delete_replaced(connection, publishers.id_of(connection, did), now)

    def touch(self, did: str, path: str) -> None:
        """Log a path without changing it: the index looks at it again."""
        connection = self._connection()
        log.add(connection, ((publishers.id_of(connection, did), path),))

    def save_import_records(self, records: Sequence[ImportRecord]) -> None:
        """Insert or replace import records."""
        numbers = self._numbers({one.did for one in records})
        imports.save(self._connection(), [(numbers[one.did], one) for one in records])

    def delete_import_records(self, did: str, source: str, keys: Sequence[str]) -> None:
        """Forget import records."""
        connection = self._connection()
        imports.delete(connection, publishers.id_of(connection, did), source, keys)

    def _numbers(self, dids: set[str]) -> dict[str, int]:
        connection = self._connection()
        return {did: publishers.id_of(connection, did) for did in dids}
