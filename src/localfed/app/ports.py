"""Ports: what the use cases need of the world, as types; floor 3 provides it, the roof plugs it in.

Here: the values that cross the ports, and the protocols (typing) of store, index, fetch, keys, clock
and chance. Not here: any behaviour.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec

from localfed.protocol.keys import SigningKey
from localfed.protocol.ratchet import HeadState

T = TypeVar("T")


# --- values ----------------------------------------------------------------------------------


class Publisher(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation whose documents are here: hosted by this node, or followed."""

    did: str
    """The first DID: the name of the publisher everywhere."""
    scid: str
    base: str
    """BASE: where its files lie, ending in `/`."""
    host: str
    """What people are shown."""
    is_hosted: bool
    is_followed: bool
    allow_loopback: bool
    """The operator allowed loopback addresses for this publisher (development)."""
    is_closed: bool = False
    """Its identity log ends with a closing entry."""
    log: bytes
    """did.jsonl as received."""
    head: bytes | None = None
    """head.json as received: the newest accepted one."""
    state: HeadState | None = None
    """The ratchet: what the newest accepted head says."""
    head_expires: str | None = None
    poll_seconds: int = 900
    etag: str | None = None
    """ETag of head.json at its home."""
    checked: str | None = None
    """When its home last answered well (time of the wire), or None."""
    next_poll: str | None = None
    failures: int = 0
    problem: str | None = None
    """Code of the last failure, or None."""
    entries_since_snapshot: int = 0
    """Hosted only: entries since the last snapshot."""
    over_quota: int = 0
    """Documents its head lists beyond the quota."""


class DocumentState(StrEnum):
    """What is known of a path that the newest accepted head lists."""

    LIVE = "live"
    """Bytes held, checked, listed."""
    WANTED = "wanted"
    """Listed; bytes not held: ask at each poll."""
    REJECTED = "rejected"
    """Listed; the bytes with that digest cannot be accepted (`problem` says why)."""


class StoredDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A path that a publisher's newest accepted head lists, and its bytes where held."""

    did: str
    path: str
    type: str
    digest: str
    state: DocumentState
    body: bytes | None = None
    revision: int = 0
    updated: str = ""
    expires: str = ""
    is_shown: bool = True
    """False: of an unknown type or with unknown critical members; relayed, not shown."""
    renew_at: str | None = None
    """Hosted only: when it is signed again."""
    problem: str | None = None

    @property
    def id(self) -> str:
        """The document's id: DID/path."""
        return f"{self.did}/{self.path}"


class FeedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A feed page or snapshot part of a hosted organisation."""

    did: str
    path: str
    body: bytes
    remove_after: str | None = None
    """Replaced: kept until then for readers that are still at it."""


class LogRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the store's own append-only log: something at this path changed."""

    position: int
    did: str
    path: str


class ImportRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Which document an imported record became."""

    did: str
    source: str
    """Name of the source, as the importer gave it."""
    key: str
    """The record's own identifier there."""
    path: str
    fingerprint: str
    """Digest of what was imported: the same again changes nothing."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How much of each is here."""

    publishers_hosted: int
    publishers_followed: int
    documents_live: int
    documents_wanted: int
    documents_rejected: int
    log_position: int


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


class Kind(StrEnum):
    """What a search result is."""

    ORGANISATION = "organisation"
    OFFER = "offer"
    NEED = "need"


class Point(msgspec.Struct, frozen=True):
    """A point on the Earth, in degrees (WGS 84)."""

    latitude: float
    longitude: float


class IndexDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What the index is told of one document."""

    did: str
    path: str
    kind: Kind
    title: str
    """Names in all languages."""
    text: str
    """Everything else that is searched."""
    categories: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()
    expires: int
    """Seconds since 1970: not found afterwards."""


class IndexQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A search, checked. Without words everything matches."""

    words: str = ""
    near: Point | None = None
    radius_km: float | None = None
    kind: Kind | None = None
    category: str | None = None
    now: int
    """Seconds since 1970."""
    offset: int = 0
    limit: int = 20


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One result: which document, how good, how far."""

    did: str
    path: str
    score: float
    """The blend, 0 to 1."""
    km: float | None
    """Distance of its nearest point; None without `near` or without a point."""


class IndexAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of the index."""

    hits: tuple[Hit, ...]
    total: int
    kinds: dict[str, int]
    """Counts by kind, of the search without its own `kind`."""
    categories: dict[str, int]
    """Counts by category, most first, at most 30, of the search without its own `category`."""


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


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a fetch brought."""

    url: str
    """Where it came from in the end."""
    status: int
    """200 or 304 (with an `etag` asked), or 404 where `may_be_missing`."""
    body: bytes
    etag: str | None
    links: tuple[str, ...] = ()
    """Targets of HTTP Link headers with rel=localfed."""
    content_type: str = ""
    hosts: tuple[str, ...] = ()
    """Every host that was asked, in order: more than one after redirects."""


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


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that an address seems to name; its identity log must confirm it."""

    did: str | None
    """The DID that the hint names; None where only a folder was found."""
    base: str
    """BASE, in its one form: https (http on localhost in development), ending in `/`."""


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """What an address led to: hints, none of which grants anything."""

    hosts: tuple[str, ...]
    """Every host that was asked, in order: people are shown them."""
    candidates: tuple[Candidate, ...]
    """At least one, in the order of their source, each BASE once."""


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
