"""The store's port: what the use cases need of the disk, as types.

Here: reading, writing within a transaction, the store itself. Not here: the other ports (`ports`), the
values that cross them (`values`), SQL (`store`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from localfed.app.enquiry_port import EnquiryReads, EnquiryWrites
from localfed.app.message_values import MessageState, Notice, OutboxItem, Peer, StoredMessage
from localfed.app.page_port import PageReads
from localfed.app.picture_values import PictureReads, PictureWrites
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

T = TypeVar("T")


class Reads(EnquiryReads, PageReads, PictureReads, Protocol):
    """Reading the store. All are point reads or bounded; in place on the event loop."""

    def publisher(self, did: str) -> Publisher | None:
        """Return one publisher by its DID."""
        ...

    def publisher_at(self, base: str) -> Publisher | None:
        """Return the hosted publisher whose BASE is exactly this."""
        ...

    def publishers(
        self,
        *,
        hosted: bool | None = None,
        followed: bool | None = None,
        removed: bool | None = False,
        host: str | None = None,
    ) -> list[Publisher]:
        """Return publishers, oldest first; None means either."""
        ...

    def speakers(self) -> list[Speaker]:
        """Return who speaks here and is not removed, without what is long of it."""
        ...

    def document(self, did: str, path: str) -> StoredDocument | None:
        """Return what is known of a path, in whatever state."""
        ...

    def documents(self, did: str) -> Iterator[StoredDocument]:
        """Yield every path of a publisher, sorted by path (bytes)."""
        ...

    def rows(self, did: str) -> list[tuple[str, str, str, DocumentState]]:
        """Return (path, type, digest, state) of every path of a publisher, sorted, no bodies."""
        ...

    def ending(self, did: str) -> list[tuple[str, str, bytes]]:
        """Return (path, type, bytes) of the live listings of a publisher that say when they end, sorted."""
        ...

    def wanted(self, did: str) -> list[StoredDocument]:
        """Return the paths of a publisher whose bytes are lacking, sorted by path; none held back."""
        ...

    def halves(self) -> list[bytes]:
        """Return the bytes of every live half of a partnership, of whomever; of those that are hidden too."""
        ...

    def halves_of(self, did: str, limit: int) -> list[bytes]:
        """Return the bytes of the live halves of one publisher, those known longest, at most so many."""
        ...

    def at_path(self, path: str) -> list[tuple[str, bytes]]:
        """Return (DID, bytes) of what is live at one path, of every publisher that has something there."""
        ...

    def exchanges(self) -> list[bytes]:
        """Return the bytes of every live half of an exchange, of whomever; of those that are hidden too."""
        ...

    def documents_borne(self, did: str, *, without: str) -> int:
        """Count the documents of a publisher and of those whom it vouches for, but for one of these."""
        ...

    def due_for_renewal(self, did: str, now: str, limit: int) -> list[StoredDocument]:
        """Return hosted documents whose `renew_at` has come, earliest first."""
        ...

    def due_for_poll(self, now: str) -> list[Publisher]:
        """Return publishers to poll whose `next_poll` has come or was never set.

        Those that are followed or vouched for, and not removed. Also whose `next_poll` is further away
        than any wait can be: it was set while the clock was wrong.
        """
        ...

    def feed_file(self, did: str, path: str) -> FeedFile | None:
        """Return a page or part of a publisher."""
        ...

    def feed_files(self, did: str) -> list[tuple[str, str | None]]:
        """Return (path, remove_after) of every feed file of a publisher."""
        ...

    def is_retired(self, did: str, path: str) -> bool:
        """Whether a document at this path was deleted once: the path is never used again."""
        ...

    def log_after(self, position: int, limit: int) -> list[LogRow]:
        """Return the log's rows after a position, oldest first."""
        ...

    def log_position(self) -> int:
        """Return the position of the log's last row, 0 for none."""
        ...

    def import_records(self, did: str, source: str) -> dict[str, ImportRecord]:
        """Return what was imported from a source, by record key."""
        ...

    def evidence(self, did: str) -> list[Evidence]:
        """Return what is kept against a publisher, or in a hosted one's name; newest first."""
        ...

    def blocks(self) -> list[Block]:
        """Return everything that is blocked, sorted by kind and value."""
        ...

    def is_blocked(self, kind: BlockKind, value: str) -> bool:
        """Whether this very thing is blocked."""
        ...

    def fact(self, name: str) -> str | None:
        """Return a single fact about the node itself."""
        ...

    def messages(self, state: MessageState | None = None) -> list[StoredMessage]:
        """Return what came to the inboxes, oldest first; None means in whatever state."""
        ...

    def message(self, number: int) -> StoredMessage | None:
        """Return one message."""
        ...

    def message_with(self, digest: str) -> StoredMessage | None:
        """Return the message of these bytes, if it came."""
        ...

    def messages_waiting(self, sender: str, recipient: str, *, stranger: bool) -> tuple[int, int]:
        """Count what waits at a recipient of one sender, and of all strangers (or all who are none)."""
        ...

    def outbox(self) -> list[OutboxItem]:
        """Return all that is or was to be sent, oldest first."""
        ...

    def outbox_item(self, number: int) -> OutboxItem | None:
        """Return one item of the outbox."""
        ...

    def outbox_hosts_due(self, now: str) -> list[Peer]:
        """Return the hosts for which something is due and that may be asked now, longest due first.

        `next_try` is then of what is due, and `failures` 0 of who answers well.
        """
        ...

    def outbox_due(self, host: str, now: str, limit: int) -> list[OutboxItem]:
        """Return what is to be tried now at a host, longest due first."""
        ...

    def peer(self, host: str) -> Peer | None:
        """Return how a host of inboxes answers; None: well, or never asked."""
        ...

    def mirror(self, base: str) -> MirrorState | None:
        """Return what was last seen of a mirror."""
        ...

    def mirrored(self) -> dict[str, int]:
        """Return SCID and seq of every publisher that this node mirrors, sorted by SCID."""
        ...

    def clock_reading(self, host: str) -> ClockReading | None:
        """Return what time it last was at a host."""
        ...

    def clock_readings(self) -> list[ClockReading]:
        """Return what time it last was at each host, sorted by host."""
        ...

    def notices(self) -> list[Notice]:
        """Return what the operator should know, oldest first."""
        ...

    def counts(self) -> Counts:
        """Count what is here."""
        ...


class Transaction(Reads, EnquiryWrites, PictureWrites, Protocol):
    """Writing the store, within one transaction: all of it counts, or nothing.

    What other organisations say is written by the methods that accept, what hosted ones say by the
    others; each refuses the other's rows. A house test sees to it that only the door calls the first.
    """

    # --- hosted organisations ----------------------------------------------------------------

    def save_publisher(self, publisher: Publisher) -> None:
        """Insert or replace a hosted publisher."""
        ...

    def put_document(self, document: StoredDocument) -> None:
        """Insert or replace a document of a hosted organisation; logs it."""
        ...

    def put_documents(self, documents: Sequence[StoredDocument]) -> None:
        """Do `put_document` for many, as fast as the disk takes them."""
        ...

    def delete_document(self, did: str, path: str) -> None:
        """Delete a document of a hosted organisation, its path retired for ever; logs it."""
        ...

    def put_feed_file(self, file: FeedFile) -> None:
        """Insert or replace a feed file of a hosted organisation."""
        ...

    def delete_feed_files(self, did: str, now: str) -> int:
        """Remove the feed files whose `remove_after` has come; returns how many."""
        ...

    def delete_all_feed_files(self, did: str) -> None:
        """Remove every feed file of a hosted organisation: it has closed."""
        ...

    def save_import_records(self, records: Sequence[ImportRecord]) -> None:
        """Insert or replace import records."""
        ...

    def delete_import_records(self, did: str, source: str, keys: Sequence[str]) -> None:
        """Forget import records."""
        ...

    # --- other organisations: only `app.accepting` calls these -------------------------------

    def accept_publisher(self, publisher: Publisher) -> None:
        """Insert or replace a publisher that is not hosted here."""
        ...

    def accept_documents(
        self, documents: Sequence[StoredDocument], *, is_logged: bool = True
    ) -> None:
        """Insert or replace what is known of paths of others; logs them.

        `is_logged=False` is for paths that are new and have no bytes yet: who follows the log has
        nothing to forget and nothing to show.
        """
        ...

    def accept_deletions(self, did: str, paths: Sequence[str]) -> None:
        """Delete paths of another's; logs them."""
        ...

    def accept_feed_file(self, file: FeedFile) -> None:
        """Insert or replace a feed file of another's, to be mirrored."""
        ...

    def delete_publisher(self, did: str) -> None:
        """Forget a publisher and every document of it; logs each path. Retired paths stay known."""
        ...

    def accept_message(self, message: StoredMessage) -> None:
        """Insert a message of somebody else's; the same again changes nothing."""
        ...

    # --- the node ----------------------------------------------------------------------------

    def set_message_state(self, number: int, state: MessageState) -> None:
        """Note what a person did with a message."""
        ...

    def delete_messages_over(self, now: str, opened_before: str) -> int:
        """Delete messages that have expired, of those opened what had before a time."""
        ...

    def enqueue(self, item: OutboxItem) -> None:
        """Put something in the outbox; what waits there already for that address goes on waiting."""
        ...

    def update_outbox(self, item: OutboxItem) -> None:
        """Note how sending went, or where it goes now."""
        ...

    def delete_from_outbox(self, number: int) -> None:
        """Delete an item of the outbox."""
        ...

    def delete_old_outbox(self, before: str) -> int:
        """Delete what is done since before a time; returns how many."""
        ...

    def save_peer(self, peer: Peer) -> None:
        """Remember how a host answers."""
        ...

    def touch(self, did: str, path: str) -> None:
        """Log a path without changing it: the index looks at it again."""
        ...

    def touch_all(self, did: str) -> None:
        """Log every path of a publisher: whether it is shown has changed."""
        ...

    def add_evidence(self, evidence: Evidence) -> None:
        """Keep evidence; the same again only counts once more. The oldest goes beyond 20 each."""
        ...

    def save_block(self, block: Block) -> None:
        """Insert or replace a block."""
        ...

    def delete_block(self, kind: BlockKind, value: str) -> bool:
        """Delete a block; says whether there was one."""
        ...

    def save_mirror(self, mirror: MirrorState) -> None:
        """Insert or replace what was seen of a mirror."""
        ...

    def save_clock_reading(self, reading: ClockReading) -> None:
        """Insert or replace what time it is at a host."""
        ...

    def delete_clock_readings(self, before: str) -> None:
        """Forget what was seen before a time."""
        ...

    def save_notice(self, notice: Notice) -> None:
        """Insert a notice; the same again with another text takes its place, unseen."""
        ...

    def delete_notice(self, did: str, kind: str, about: str) -> None:
        """Delete a notice."""
        ...

    def see_notice(self, number: int, now: str) -> None:
        """Note when a person saw a notice; the first time counts."""
        ...

    def delete_seen_notices(self, before: str) -> None:
        """Delete the notices that were seen before a time."""
        ...

    def save_fact(self, name: str, value: str | None) -> None:
        """Remember a fact about the node itself; None forgets it."""
        ...


class Store(Reads, Protocol):
    """The disk."""

    async def write(self, change: Callable[[Transaction], T]) -> T:
        """Run a function within one immediate transaction, on the store's own thread.

        When it returns, what it did is on disk. When it raises, nothing of it happened.

        Raises:
            DiskFull, StoreBusy, StoreBroken: by name; nothing was written.

        """
        ...

    async def write_bundle(self, did: str, digests: Sequence[str]) -> None:
        """Write bundle.jsonl of a hosted organisation: the live bodies of these digests, in order.

        Atomic: readers see the old file or the new one.
        """
        ...

    def close(self) -> None:
        """Close it; commands and tests do, and `serve` at its end."""
        ...
