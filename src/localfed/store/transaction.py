"""The writing half of the store's port: one transaction, whose reads see its own writes.

Here: `SqliteTransaction`. Not here: SQL, and when it begins and ends (`sqlite`).
"""

from __future__ import annotations

from collections.abc import Sequence

from localfed.app.message_values import MessageState, Notice, OutboxItem, Peer, StoredMessage
from localfed.app.values import (
    Block,
    BlockKind,
    ClockReading,
    Evidence,
    FeedFile,
    ImportRecord,
    MirrorState,
    Publisher,
    StoredDocument,
)
from localfed.store import (
    blocks,
    clock_readings,
    facts,
    feed_files,
    imports,
    log,
    messages,
    mirrors,
    notices,
    pictures,
    publishers,
)
from localfed.store import documents as document_rows
from localfed.store import evidence as evidence_rows
from localfed.store import outbox as outbox_rows
from localfed.store.connection import Connection
from localfed.store.enquiries import EnquiryWrites
from localfed.store.pictures import PictureWrites
from localfed.store.reads import StoreReads


class SqliteTransaction(StoreReads, EnquiryWrites, PictureWrites):
    """One transaction, good as long as the function that it was handed to runs.

    Writing to an organisation that is not here raises UnknownOrganisation.
    What hosted organisations say and what others say have methods of their own (`app.store_port`).
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

    # --- hosted organisations ----------------------------------------------------------------

    def save_publisher(self, publisher: Publisher) -> None:
        """Insert or replace a hosted publisher."""
        _check(is_hosted=publisher.is_hosted, wanted=True)
        publishers.save(self._connection(), publisher)

    def put_document(self, document: StoredDocument) -> None:
        """Insert or replace a document of a hosted organisation; logs it."""
        self.put_documents((document,))

    def put_documents(self, documents: Sequence[StoredDocument]) -> None:
        """Do `put_document` for many, as fast as the disk takes them."""
        self._put(documents, hosted=True)

    def delete_document(self, did: str, path: str) -> None:
        """Delete a document of a hosted organisation, its path retired; nothing there: nothing."""
        self._delete(did, (path,), hosted=True)

    def put_feed_file(self, file: FeedFile) -> None:
        """Insert or replace a feed file of a hosted organisation."""
        feed_files.put(self._connection(), self._number(file.did, hosted=True), file)

    def delete_feed_files(self, did: str, now: str) -> int:
        """Remove the feed files whose `remove_after` has come; returns how many."""
        connection = self._connection()
        return feed_files.delete_replaced(connection, publishers.id_of(connection, did), now)

    def delete_all_feed_files(self, did: str) -> None:
        """Remove every feed file of a hosted organisation: it has closed."""
        feed_files.delete_all(self._connection(), self._number(did, hosted=True))

    def save_import_records(self, records: Sequence[ImportRecord]) -> None:
        """Insert or replace import records."""
        numbers = {did: self._number(did, hosted=True) for did in {one.did for one in records}}
        imports.save(self._connection(), [(numbers[one.did], one) for one in records])

    def delete_import_records(self, did: str, source: str, keys: Sequence[str]) -> None:
        """Forget import records."""
        imports.delete(self._connection(), self._number(did, hosted=True), source, keys)

    # --- other organisations -----------------------------------------------------------------

    def accept_publisher(self, publisher: Publisher) -> None:
        """Insert or replace a publisher that is not hosted here."""
        held = publishers.get(self._connection(), publisher.did)
        _check(is_hosted=publisher.is_hosted or (held is not None and held.is_hosted), wanted=False)
        publishers.save(self._connection(), publisher)

    def accept_documents(
        self, documents: Sequence[StoredDocument], *, is_logged: bool = True
    ) -> None:
        """Insert or replace what is known of paths of others, as fast as the disk takes them."""
        self._put(documents, hosted=False, is_logged=is_logged)

    def accept_deletions(self, did: str, paths: Sequence[str]) -> None:
        """Delete paths of another's; logs them."""
        self._delete(did, paths, hosted=False)

    def accept_feed_file(self, file: FeedFile) -> None:
        """Insert or replace a feed file of another's, to be mirrored."""
        feed_files.put(self._connection(), self._number(file.did, hosted=False), file)

    def delete_publisher(self, did: str) -> None:
        """Forget a publisher and every document of it; logs each of its paths.

        Its retired paths stay known: they count whenever it comes back.
        """
        connection = self._connection()
        number = publishers.id_of(connection, did)
        log.add_all(connection, number)
        document_rows.delete_all(connection, number)
        feed_files.delete_all(connection, number)
        pictures.delete_all(connection, number)
        imports.delete_all(connection, number)
        publishers.delete(connection, number)

    def accept_message(self, message: StoredMessage) -> None:
        """Insert a message of somebody else's; the same again changes nothing."""
        messages.add(self._connection(), message)

    # --- the node ----------------------------------------------------------------------------

    def set_message_state(self, number: int, state: MessageState) -> None:
        """Note what a person did with a message."""
        messages.set_state(self._connection(), number, state)

    def delete_messages_over(self, now: str, opened_before: str) -> int:
        """Delete messages that have expired, of those opened what had before a time."""
        return messages.delete_over(self._connection(), now, opened_before)

    def enqueue(self, item: OutboxItem) -> None:
        """Put something in the outbox; what waits there already for that address goes on waiting."""
        outbox_rows.add(self._connection(), item)

    def update_outbox(self, item: OutboxItem) -> None:
        """Note how sending went, or where it goes now."""
        outbox_rows.update(self._connection(), item)

    def delete_from_outbox(self, number: int) -> None:
        """Delete an item of the outbox."""
        outbox_rows.delete(self._connection(), number)

    def delete_old_outbox(self, before: str) -> int:
        """Delete what is done since before a time; returns how many."""
        return outbox_rows.delete_old(self._connection(), before)

    def save_peer(self, peer: Peer) -> None:
        """Remember how a host answers."""
        outbox_rows.save_peer(self._connection(), peer)

    def touch(self, did: str, path: str) -> None:
        """Log a path without changing it: the index looks at it again."""
        connection = self._connection()
        log.add(connection, ((publishers.id_of(connection, did), path),))

    def touch_all(self, did: str) -> None:
        """Log every path of a publisher: whether it is shown has changed."""
        connection = self._connection()
        log.add_all(connection, publishers.id_of(connection, did))

    def add_evidence(self, evidence: Evidence) -> None:
        """Keep evidence; the same again only counts once more."""
        connection = self._connection()
        evidence_rows.add(connection, publishers.id_of(connection, evidence.did), evidence)

    def save_block(self, block: Block) -> None:
        """Insert or replace a block."""
        blocks.save(self._connection(), block)

    def delete_block(self, kind: BlockKind, value: str) -> bool:
        """Delete a block; says whether there was one."""
        return blocks.delete(self._connection(), kind, value)

    def save_mirror(self, mirror: MirrorState) -> None:
        """Insert or replace what was seen of a mirror."""
        mirrors.save(self._connection(), mirror)

    def save_clock_reading(self, reading: ClockReading) -> None:
        """Insert or replace what time it is at a host."""
        clock_readings.save(self._connection(), reading)

    def delete_clock_readings(self, before: str) -> None:
        """Forget what was seen before a time."""
        clock_readings.delete(self._connection(), before)

    def save_fact(self, name: str, value: str | None) -> None:
        """Remember a fact about the node itself; None forgets it."""
        facts.save(self._connection(), name, value)

    def save_notice(self, notice: Notice) -> None:
        """Insert a notice; the same again with another text takes its place, unseen."""
        notices.save(self._connection(), notice)

    def delete_notice(self, did: str, kind: str, about: str) -> None:
        """Delete a notice."""
        notices.delete(self._connection(), did, kind, about)

    def see_notice(self, number: int, now: str) -> None:
        """Note when a person saw a notice; the first time counts."""
        notices.see(self._connection(), number, now)

    def delete_seen_notices(self, before: str) -> None:
        """Delete the notices that were seen before a time."""
        notices.delete_seen(self._connection(), before)

    # --- what they share ---------------------------------------------------------------------

    def _put(
        self, documents: Sequence[StoredDocument], *, hosted: bool, is_logged: bool = True
    ) -> None:
        numbers = {did: self._number(did, hosted=hosted) for did in {one.did for one in documents}}
        numbered = [(numbers[one.did], one) for one in documents]
        connection = self._connection()
        document_rows.put(connection, numbered)
        if is_logged:
            log.add(connection, ((number, one.path) for number, one in numbered))

    def _delete(self, did: str, paths: Sequence[str], *, hosted: bool) -> None:
        connection = self._connection()
        number = self._number(did, hosted=hosted)
        gone = [path for path in paths if document_rows.delete(connection, number, path)]
        log.add(connection, ((number, path) for path in gone))

    def _number(self, did: str, *, hosted: bool) -> int:
        connection = self._connection()
        number = publishers.id_of(connection, did)
        _check(is_hosted=publishers.is_hosted(connection, number), wanted=hosted)
        return number


def _check(*, is_hosted: bool, wanted: bool) -> None:
    """Keep the two apart: what a stranger sent never lands among what is said here, nor the reverse."""
    if is_hosted != wanted:
        raise RuntimeError("rows of hosted and of other organisations have writers of their own")
