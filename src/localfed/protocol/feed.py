"""The feed: entries and their chain, pages, snapshot parts, bundle lines, the head.

Here: the forms and the arithmetic that writers and readers share. Not here: which head counts
(`ratchet`), fetching, storing. Spec: 06-feed (LF-FEED, LF-HEAD).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from localfed.protocol import limits
from localfed.protocol.canonical import JsonObject, encode_plain, parse
from localfed.protocol.digest import is_digest_of, read_digest, write_digest
from localfed.protocol.document import Signed, is_possible_path
from localfed.protocol.errors import BadFeed, WrongShape
from localfed.protocol.forms import Digest, Number

_PAGE_NAME: Final = re.compile(r"feed/[1-9][0-9]{0,15}\.json")
_TYPE: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_DIGEST: Final = re.compile(r"zQm[1-9A-HJ-NP-Za-km-z]{44}")

_INBOX: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*){0,3}/?\Z"

BUNDLE_PATH: Final = "bundle.jsonl"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a feed: something was put at a path, or deleted there."""

    seq: int
    path: str
    type: str = ""
    """The document's type; empty for a deletion."""
    digest: str = ""
    """The digest of its bytes; empty for a deletion."""

    @property
    def is_delete(self) -> bool:
        """Whether the document at this path is gone from here on."""
        return not self.digest

    def to_json(self) -> list[int | str]:
        """Write the entry as the array of the wire."""
        if self.is_delete:
            return [self.seq, "delete", self.path]
        return [self.seq, "put", self.path, self.type, self.digest]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a snapshot: what is live at a path."""

    path: str
    type: str
    digest: str

    def to_json(self) -> list[str]:
        """Write the row as the array of the wire."""
        return [self.path, self.type, self.digest]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A feed page: up to 100 entries, and the chain before the first of them."""

    before: str
    previous: str | None
    entries: tuple[Entry, ...]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a snapshot, as its head names it."""

    name: Annotated[str, Meta(max_length=100)]
    digest: Digest


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot, as its head names it."""

    seq: Number
    chain: Digest
    parts: Annotated[tuple[Part, ...], Meta(max_length=limits.SNAPSHOT_PARTS)]


class Limits(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What the writer of a head promises to keep to or to take."""

    documents: Number | None = None
    inbox_bytes: Number | None = None


class Head(Signed, frozen=True, kw_only=True):
    """The signed head: it alone decides what is live."""

    type: Literal["Head"]
    seq: Number
    chain: Digest
    page: Annotated[str, Meta(max_length=40)] | None
    snapshot: Snapshot
    identity: Annotated[str, Meta(max_length=80)]
    poll: Annotated[int, Meta(ge=1, le=limits.INTEGER)]
    versions: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^1\.(0|[1-9][0-9]{0,2})\Z")], ...],
        Meta(min_length=1, max_length=20),
    ]
    inbox: Annotated[str, Meta(max_length=200, pattern=_INBOX)] | None = None
    """A path under BASE that takes messages."""
    limits: Limits | None = None


def chain_start(scid: str) -> str:
    """Name the chain before the first entry of an identity (LF-FEED-4)."""
    return write_digest(sha256(b"localfed/1 " + scid.encode()).digest())


def chain_over(chain: str, entries: Iterable[Entry]) -> str:
    """Carry a chain on over entries: SHA-256 of the chain so far and JCS of the entry (LF-FEED-4)."""
    raw = read_digest(chain)
    for entry in entries:
        raw = sha256(raw + encode_plain(entry.to_json())).digest()  # type: ignore[arg-type]
    return write_digest(raw)


def page_path(first_seq: int) -> str:
    """Name the page whose first entry has this number."""
    return f"feed/{first_seq}.json"


def part_path(seq: int, number: int) -> str:
    """Name a part (from 1) of the snapshot at `seq`."""
    return f"snapshot/{seq}-{number}.json"


def check_head_form(head: Head) -> None:
    """Check what the form of a head cannot say (LF-HEAD-3 to LF-HEAD-6).

    Raises:
        WrongShape: numbers, page and snapshot contradict each other.

    """
    read_digest(head.chain)
    read_digest(head.snapshot.chain)
    parts = [part_path(head.snapshot.seq, at + 1) for at in range(len(head.snapshot.parts))]
    good = (
        (head.page is None) == (head.seq == 0)
        and (head.page is None or 0 < _first_of(head.page) <= head.seq)
        and head.snapshot.seq <= head.seq
        and (head.snapshot.seq < head.seq or head.snapshot.chain == head.chain)
        and [part.name for part in head.snapshot.parts] == parts
        and (head.snapshot.seq > 0 or not head.snapshot.parts)
    )
    if not good:
        message = "the head's numbers, page and snapshot do not fit together"
        raise WrongShape(message)


def write_page(page: Page) -> bytes:
    """Write a page in canonical form."""
    value: JsonObject = {
        "before": page.before,
        "previous": page.previous,
        "entries": [entry.to_json() for entry in page.entries],  # type: ignore[misc]
    }
    return encode_plain(value)


def read_page(data: bytes, path: str) -> Page:
    """Read the page that lies at `path`.

    Rules: LF-FEED-5 to LF-FEED-7.

    Raises:
        BadFeed: not a page by the specification; and all that `canonical.parse` raises.

    """
    value = parse(data, limit=limits.FEED_FILE_BYTES, lists=True)
    if not isinstance(value, dict) or value.keys() != {"before", "previous", "entries"}:
        message = "a page has exactly before, previous and entries"
        raise BadFeed(message)
    before, previous, rows = value["before"], value["previous"], value["entries"]
    if not isinstance(rows, list) or not 1 <= len(rows) <= limits.PAGE_ENTRIES:
        message = f"a page has 1 to {limits.PAGE_ENTRIES} entries"
        raise BadFeed(message)
    entries = tuple(_read_entry(row) for row in rows)
    if any(one.seq >= two.seq for one, two in pairwise(entries)):
        message = "the numbers of a page do not rise"
        raise BadFeed(message)
    if not isinstance(before, str) or page_path(entries[0].seq) != path:
        message = "a page does not belong at its path"
        raise BadFeed(message)
    if previous is not None and (
        not isinstance(previous, str) or not 0 < _first_of(previous) < entries[0].seq
    ):
        message = "a page names a previous one that cannot be"
        raise BadFeed(message)
    try:
        read_digest(before)
    except WrongShape as error:
        message = "a page begins with no chain"
        raise BadFeed(message) from error
    return Page(before=before, previous=previous, entries=entries)


def write_parts(rows: Sequence[Row]) -> list[bytes]:
    """Write the live rows, sorted by path, as snapshot parts (LF-FEED-9)."""
    ordered = sorted(rows, key=lambda row: row.path)
    return [
        encode_plain([row.to_json() for row in ordered[at : at + limits.SNAPSHOT_ROWS]])  # type: ignore[misc]
        for at in range(0, len(ordered), limits.SNAPSHOT_ROWS)
    ]


def read_parts(parts: Sequence[bytes]) -> list[Row]:
    """Read all parts of one snapshot, whose digests the caller has compared with the head's.

    Rules: LF-FEED-9, LF-FEED-10.

    Raises:
        BadFeed: not a snapshot by the specification; and all that `canonical.parse` raises.

    """
    rows: list[Row] = []
    for number, data in enumerate(parts, start=1):
        value = parse(data, limit=limits.FEED_FILE_BYTES, lists=True)
        if not isinstance(value, list) or not 1 <= len(value) <= limits.SNAPSHOT_ROWS:
            message = f"a snapshot part has 1 to {limits.SNAPSHOT_ROWS} rows"
            raise BadFeed(message)
        if number < len(parts) and len(value) != limits.SNAPSHOT_ROWS:
            message = "a snapshot part that is not the last is not full"
            raise BadFeed(message)
        for item in value:
            match item:
                case [str(path), str(kind), str(name)]:
                    rows.append(_read_row(path, kind, name))
                case _:
                    message = "a snapshot row is not [path, type, digest]"
                    raise BadFeed(message)
    if any(one.path >= two.path for one, two in pairwise(rows)):
        message = "the rows of a snapshot are not sorted by path"
        raise BadFeed(message)
    return rows


def parts_at(snapshot: Snapshot, rows: Iterable[Row], entries: Iterable[Entry]) -> dict[str, bytes]:
    """Write the parts of a snapshot that a walk passed, by name: from the rows before and the entries.

    A snapshot has one form, and its digests say whether it is this one: parts that are not are left out.
    Rules: LF-FEED-9, LF-FEED-10.
    """
    live = {row.path: row for row in rows}
    for entry in entries:
        if entry.is_delete:
            live.pop(entry.path, None)
        else:
            live[entry.path] = Row(path=entry.path, type=entry.type, digest=entry.digest)
    bodies = zip(snapshot.parts, write_parts(list(live.values())), strict=False)
    return {part.name: body for part, body in bodies if is_digest_of(part.digest, body)}


def outdated(paths: Iterable[str], head: Head) -> set[str]:
    """Say which feed files nobody needs to read up to a head (LF-WRITE-5, LF-MIRROR-3).

    Pages that end before the snapshot, pages further back than anybody walks, parts of another one.
    """
    names = {part.name for part in head.snapshot.parts}
    found = {path for path in paths if path.startswith("snapshot/") and path not in names}
    pages = sorted((_first_of(path), path) for path in paths if path.startswith("feed/"))
    found |= {path for (_, path), (after, _) in pairwise(pages) if after <= head.snapshot.seq}
    return found | {path for _, path in pages[: -limits.WALK_PAGES]}


def _read_entry(row: object) -> Entry:
    """Read one entry of a page (LF-FEED-3)."""
    match row:  # `type(seq) is int`: true is an int to Python, not to JSON
        case [int(seq), "put", str(path), str(kind), str(name)] if type(seq) is int and seq > 0:
            row = _read_row(path, kind, name)
            return Entry(seq=seq, path=row.path, type=row.type, digest=row.digest)
        case [int(seq), "delete", str(path)] if type(seq) is int and seq > 0:
            return Entry(seq=seq, path=_good_path(path))
        case _:
            message = "an entry is not [seq, put, path, type, digest] or [seq, delete, path]"
            raise BadFeed(message)


def _read_row(path: str, kind: str, name: str) -> Row:
    return Row(path=_good_path(path), type=_good_type(kind), digest=_good_digest(name))


def _first_of(path: str) -> int:
    """Read the first number of a page out of its path; 0 if it is not the path of a page."""
    return int(path[5:-5]) if _PAGE_NAME.fullmatch(path) else 0


def _good_type(kind: str) -> str:
    if not _TYPE.fullmatch(kind):
        message = "a feed lists something that is not a type"
        raise BadFeed(message)
    return kind


def _good_path(path: str) -> str:
    if not is_possible_path(path):
        message = f"a feed cannot list the path {path[:80]!a}"
        raise BadFeed(message)
    return path


def _good_digest(text: str) -> str:
    # Whether it is one of SHA-256 is seen when it is compared with that of the bytes.
    if not _DIGEST.fullmatch(text):
        message = "a feed lists something that is not a digest"
        raise BadFeed(message)
    return text
