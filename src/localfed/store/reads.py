"""The reading half of the store's port, over whichever connection there is.

Here: `StoreReads`, which the store (outside) and its transactions (inside) share. Not here: SQL.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from localfed.app.message_values import MessageState, Notice, OutboxItem, Peer, StoredMessage
from localfed.app.speakers import Speaker
from localfed.app.values import (
    Block,
    BlockKind,
    ClockReading,
    Counts,
    DocumentState,
    Evidence,
    FeedFile,
    ImportRecord,
    LogRow,
    MirrorState,
    Publisher,
    StoredDocument,
)
from localfed.protocol import limits
from localfed.protocol.times import read_time, write_time
from localfed.store import (
    blocks,
    clock_readings,
    documents,
    evidence,
    facts,
    feed_files,
    imports,
    log,
    messages,
    mirrors,
    notices,
    outbox,
    publishers,
)
from localfed.store.connection import Connection
from localfed.store.enquiries import EnquiryReads
from localfed.store.pictures import PictureReads

_LONGEST_WAIT = timedelta(seconds=2 * limits.POLL_SECONDS_MAX)
"""No wait is longer: a day at most, and some by chance."""


class StoreReads(EnquiryReads, PictureReads, ABC):
    """What can be read. Every method may raise StoreBusy and StoreBroken."""

    @abstractmethod
    def _connection(self) -> Connection:
        """Return the connection to read from, on this thread."""

    def publisher(self, did: str) -> Publisher | None:
        """Return one publisher by its DID."""
        return publishers.get(self._connection(), did)

    def publisher_at(self, base: str) -> Publisher | None:
        """Return the hosted publisher whose BASE is exactly this."""
        return publishers.get_at(self._connection(), base)

    def publishers(
        self,
        *,
        hosted: bool | None = None,
        followed: bool | None = None,
        removed: bool | None = False,
        host: str | None = None,
    ) -> list[Publisher]:
        """Return publishers, oldest first; None means either."""
        connection = self._connection()
        return publishers.select(
            connection, hosted=hosted, followed=followed, removed=removed, host=host
        )

    def speakers(self) -> list[Speaker]:
        """Return who speaks here and is not removed, without what is long of it."""
        return publishers.speakers(self._connection())

    def document(self, did: str, path: str) -> StoredDocument | None:
        """Return what is known of a path, in whatever state."""
        return documents.get(self._connection(), did, path)

    def documents(self, did: str) -> Iterator[StoredDocument]:
        """Yield every path of a publisher, sorted by path (bytes).

        Outside a transaction, what is written meanwhile may or may not be seen.
        """
        return documents.select(self._connection, did)

    def rows(self, did: str) -> list[tuple[str, str, str, DocumentState]]:
        """Return (path, type, digest, state) of every path of a publisher, sorted, no bodies."""
        return documents.rows(self._connection(), did)

    def ending(self, did: str) -> list[tuple[str, str, bytes]]:
        """Return (path, type, bytes) of the live listings of a publisher that say when they end, sorted."""
        return documents.ending(self._connection(), did)

    def pages(
        self, did: str, now: str, *, after: str, skip: int, limit: int
    ) -> list[tuple[str, str]]:
        """Return (path, updated) of what of a publisher has a page, sorted by path, past `after`."""
        connection = self._connection()
        return documents.pages(connection, did, now, after=after, skip=skip, limit=limit)

    def count_pages(self, did: str, now: str) -> tuple[int, str]:
        """Count what of a publisher has a page, and say when the newest of it was signed."""
        return documents.count_pages(self._connection(), did, now)

    def wanted(self, did: str) -> list[StoredDocument]:
        """Return the paths of a publisher whose bytes are lacking, sorted by path; none held back."""
        return documents.wanted(self._connection(), did)

    def halves(self) -> list[bytes]:
        """Return the bytes of every live half of a partnership, of whomever; of those that are hidden too."""
        return documents.halves(self._connection())

    def halves_of(self, did: str, limit: int) -> list[bytes]:
        """Return the bytes of the live halves of one publisher, those known longest, at most so many."""
        return documents.halves_of(self._connection(), did, limit)

    def at_path(self, path: str) -> list[tuple[str, bytes]]:
        """Return (DID, bytes) of what is live at one path, of every publisher that has something there."""
        return documents.at_path(self._connection(), path)

    def exchanges(self) -> list[bytes]:
        """Return the bytes of every live half of an exchange, of whomever; of those that are hidden too."""
        return documents.exchanges(self._connection())

    def documents_borne(self, did: str, *, without: str) -> int:
        """Count the documents of a publisher and of those whom it vouches for, but for one of these."""
        return documents.borne(self._connection(), did, without)

    def due_for_renewal(self, did: str, now: str, limit: int) -> list[StoredDocument]:
        """Return hosted documents whose `renew_at` has come, earliest first."""
        return documents.due_for_renewal(self._connection(), did, now, limit)

    def due_for_poll(self, now: str) -> list[Publisher]:
        """Return publishers to poll whose `next_poll` has come or was never set."""
        return publishers.due(self._connection(), now, _furthest(now))

    def feed_file(self, did: str, path: str) -> FeedFile | None:
        """Return a page or part of a publisher."""
        return feed_files.get(self._connection(), did, path)

    def feed_files(self, did: str) -> list[tuple[str, str | None]]:
        """Return (path, remove_after) of every feed file of a publisher."""
        return feed_files.select(self._connection(), did)

    def is_retired(self, did: str, path: str) -> bool:
        """Whether a document at this path was deleted once: the path is never used again."""
        return documents.is_retired(self._connection(), did, path)

    def log_after(self, position: int, limit: int) -> list[LogRow]:
        """Return the log's rows after a position, oldest first."""
        return log.after(self._connection(), position, limit)

    def log_position(self) -> int:
        """Return the position of the log's last row, 0 for none."""
        return log.position(self._connection())

    def import_records(self, did: str, source: str) -> dict[str, ImportRecord]:
        """Return what was imported from a source, by record key."""
        return imports.select(self._connection(), did, source)

    def evidence(self, did: str) -> list[Evidence]:
        """Return what is kept against a publisher, or in a hosted one's name; newest first."""
        return evidence.select(self._connection(), did)

    def blocks(self) -> list[Block]:
        """Return everything that is blocked, sorted by kind and value."""
        return blocks.select(self._connection())

    def is_blocked(self, kind: BlockKind, value: str) -> bool:
        """Whether this very thing is blocked."""
        return blocks.is_blocked(self._connection(), kind, value)

    def fact(self, name: str) -> str | None:
        """Return a single fact about the node itself."""
        return facts.get(self._connection(), name)

    def messages(self, state: MessageState | None = None) -> list[StoredMessage]:
        """Return what came to the inboxes, oldest first; None means in whatever state."""
        return messages.select(self._connection(), state)

    def message(self, number: int) -> StoredMessage | None:
        """Return one message."""
        return messages.get(self._connection(), number)

    def message_with(self, digest: str) -> StoredMessage | None:
        """Return the message of these bytes, if it came."""
        return messages.with_digest(self._connection(), digest)

    def messages_waiting(self, sender: str, recipient: str, *, stranger: bool) -> tuple[int, int]:
        """Count what waits at a recipient of one sender, and of all strangers (or all who are none)."""
        return messages.waiting(self._connection(), sender, recipient, stranger=stranger)

    def outbox(self) -> list[OutboxItem]:
        """Return all that is or was to be sent, oldest first."""
        return outbox.select(self._connection())

    def outbox_item(self, number: int) -> OutboxItem | None:
        """Return one item of the outbox."""
        return outbox.get(self._connection(), number)

    def outbox_hosts_due(self, now: str) -> list[Peer]:
        """Return the hosts for which something is due and that may be asked now."""
        return outbox.hosts_due(self._connection(), now, _furthest(now))

    def outbox_due(self, host: str, now: str, limit: int) -> list[OutboxItem]:
        """Return what is to be tried now at a host, longest due first."""
        return outbox.due(self._connection(), host, now, _furthest(now), limit)

    def peer(self, host: str) -> Peer | None:
        """Return how a host of inboxes answers; None: well, or never asked."""
        return outbox.peer(self._connection(), host)

    def mirror(self, base: str) -> MirrorState | None:
        """Return what was last seen of a mirror."""
        return mirrors.get(self._connection(), base)

    def mirrored(self) -> dict[str, int]:
        """Return SCID and seq of every publisher that this node mirrors, sorted by SCID."""
        return mirrors.mirrored(self._connection())

    def clock_reading(self, host: str) -> ClockReading | None:
        """Return what time it last was at a host."""
        return clock_readings.get(self._connection(), host)

    def clock_readings(self) -> list[ClockReading]:
        """Return what time it last was at each host, sorted by host."""
        return clock_readings.select(self._connection())

    def notices(self) -> list[Notice]:
        """Return what the operator should know, oldest first."""
        return notices.select(self._connection())

    def counts(self) -> Counts:
        """Count what is here."""
        return documents.count(self._connection())


def _furthest(now: str) -> str:
    """Say until when anything may wait from now on; what waits longer was told to by a wrong clock."""
    moment = read_time(now)
    return write_time(moment + min(_LONGEST_WAIT, datetime.max.replace(tzinfo=UTC) - moment))
