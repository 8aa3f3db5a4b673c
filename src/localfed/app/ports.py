"""Ports: what the use cases need of the world, as types; floor 3 provides it, the roof plugs it in.

Here: the protocols (typing) of store, index, fetch, keys, clock and chance. Not here: the values that
cross them (`values`), any behaviour.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from localfed.app.values import (
    Answer,
    Counts,
    Discovery,
    DocumentState,
    FeedFile,
    ImportRecord,
    IndexAnswer,
    IndexDocument,
    IndexQuery,
    LogRow,
    Publisher,
    StoredDocument,
)
from localfed.protocol.keys import SigningKey

T = TypeVar("T")


# --- store -----------------------------------------------------------------------------------


class Reads(Protocol):
    """Reading the store. All are point reads or bounded; in place on the event loop."""

    def publisher(self, did: str) -> Publisher | None:
        """Return one publisher by its DID."""
        ...

    def publisher_at(self, base: str) -> Publisher | None:
        """Return the hosted publisher whose BASE is exactly this."""
        ...

    def publishers(
        self, *, hosted: bool | None = None, followed: bool | None = None
    ) -> list[Publisher]:
        """Return publishers, oldest first; None means either."""
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

    def wanted(self, did: str) -> list[StoredDocument]:
        """Return the paths of a publisher whose bytes are lacking, sorted by path."""
        ...

    def due_for_renewal(self, did: str, now: str, limit: int) -> list[StoredDocument]:
        """Return hosted documents whose `renew_at` has come, earliest first."""
        ...

    def due_for_poll(self, now: str) -> list[Publisher]:
        """Return followed publishers whose `next_poll` has come or was never set."""
        ...

    def feed_file(self, did: str, path: str) -> FeedFile | None:
        """Return a page or part of a hosted organisation."""
        ...

    def feed_files(self, did: str) -> list[tuple[str, str | None]]:
        """Return (path, remove_after) of every feed file of a hosted organisation."""
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

    def counts(self) -> Counts:
        """Count what is here."""
        ...


class Transaction(Reads, Protocol):
    """Writing the store, within one transaction: all of it counts, or nothing."""

    def save_publisher(self, publisher: Publisher) -> None:
        """Insert or replace a publisher."""
        ...

    def delete_publisher(self, did: str) -> None:
        """Forget a publisher and every document of it; logs each of its paths."""
        ...

    def put_document(self, document: StoredDocument) -> None:
        """Insert or replace what is known of a path; logs it."""
        ...

    def put_documents(self, documents: Sequence[StoredDocument], *, is_logged: bool = True) -> None:
        """Do `put_document` for many, as fast as the disk takes them.

        `is_logged=False` is for paths that are new and have no bytes yet: who follows the log has
        nothing to forget and nothing to show.
        """
        ...

    def delete_document(self, did: str, path: str) -> None:
        """Delete a path, remember it as retired where hosted; logs it."""
        ...

    def put_feed_file(self, file: FeedFile) -> None:
        """Insert or replace a feed file."""
        ...

    def delete_feed_files(self, did: str, now: str) -> int:
        """Remove the feed files whose `remove_after` has come; returns how many."""
        ...

    def touch(self, did: str, path: str) -> None:
        """Log a path without changing it: the index looks at it again."""
        ...

    def save_import_records(self, records: Sequence[ImportRecord]) -> None:
        """Insert or replace import records."""
        ...

    def delete_import_records(self, did: str, source: str, keys: Sequence[str]) -> None:
        """Forget import records."""
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


# --- index -----------------------------------------------------------------------------------


class Index(Protocol):
    """The search index. One process writes it at a time; many read."""

    def search(self, query: IndexQuery) -> IndexAnswer:
        """Answer a search."""
        ...

    def position(self) -> int:
        """Return how far the store's log is in the index, as readers see it; 0 for nothing."""
        ...

    def try_to_write(self) -> bool:
        """Become the writer; False where another process is. Stays so until `close`."""
        ...

    def apply(
        self, puts: Sequence[IndexDocument], deletes: Sequence[tuple[str, str]], position: int
    ) -> None:
        """Add, replace and delete (DID, path); then commit, visible to readers, with the position.

        Raises:
            IndexBroken: it cannot be written.

        """
        ...

    def reset(self) -> None:
        """Empty it, for a rebuild from position 0."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


# --- net -------------------------------------------------------------------------------------


class Fetch(Protocol):
    """The one outgoing door."""

    async def get(
        self,
        url: str,
        *,
        limit_bytes: int,
        allow_loopback: bool,
        etag: str | None = None,
        fresh: bool = False,
        redirects: int = 0,
        may_be_missing: bool = False,
        may_be_cut: bool = False,
    ) -> Answer:
        """Fetch one file. `fresh` asks caches to look again.

        What is longer than `limit_bytes` is refused, or ends there where it `may_be_cut`.

        Raises:
            ForbiddenAddress: an address that this node never connects to.
            NoAnswer, TooSlow: no connection, or not in time.
            UnexpectedAnswer: another status, a redirect where none may be, or too large.

        """
        ...

    def lines(
        self, url: str, *, limit_bytes: int, allow_loopback: bool
    ) -> AsyncGenerator[list[bytes], None]:
        """Fetch a JSON Lines file as it comes, in batches of whole lines (without line feed).

        `limit_bytes` is that of one line. Raises what `get` raises.
        """
        ...


class Discover(Protocol):
    """Finding organisations at an address that the operator typed; never in the background."""

    async def discover(self, url: str, *, allow_loopback: bool) -> Discovery:
        """Look for organisations at a URL.

        Raises:
            BadUrl, LoopbackNotAllowed: what was typed is no address to follow.
            ForbiddenAddress: an address that this node never connects to.
            NoAnswer, TooSlow: the host does not answer.
            NotANode: nothing of LocalFed is there.

        """
        ...


# --- the rest --------------------------------------------------------------------------------


class Keys(Protocol):
    """The keys that sign documents, on this machine's disk."""

    def signing_key(self, did: str) -> SigningKey:
        """Return the key of a hosted organisation.

        Raises:
            BadFile: the key file is missing, damaged or readable by others.

        """
        ...


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class Chance(Protocol):
    """Randomness."""

    def random_bytes(self, count: int) -> bytes:
        """Return unguessable bytes."""
        ...

    def fraction(self) -> float:
        """Return a number in [0, 1), for jitter."""
        ...


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a use case may need, in one hand."""

    store: Store
    index: Index
    fetch: Fetch
    discover: Discover
    keys: Keys
    clock: Clock
    chance: Chance
