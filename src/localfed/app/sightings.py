"""Sightings: what is public of an organisation hosted here, and says more than is stored here.

Here: looking for heads and logs of our own identity, at home and on the mirrors of those we follow.
Not here: what then stops (`standing`), taking a feed over (`restoring`). Spec: 06-feed (LF-WRITE-7).

Two machines may hold one key: a backup put back while the other still runs, or a thief. A node cannot
tell the two apart, and an identity has one writer: so it stops and asks.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from http import HTTPStatus

import msgspec

from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.standing import note_head_ahead
from localfed.app.values import Folder, Publisher
from localfed.protocol import limits
from localfed.protocol.accept import CheckedHead, open_head
from localfed.protocol.document import HEAD_PATH
from localfed.protocol.errors import (
    Forked,
    Refused,
    Rejected,
    Stale,
    UnknownIdentityVersion,
    Unreachable,
)
from localfed.protocol.feed import Head, chain_over, read_page
from localfed.protocol.identity import Comparison, Identity, compare_logs, read_identity
from localfed.protocol.ratchet import Verdict, judge

_MIRRORS = 20
"""Mirrors that are asked for our own head in one look; those of whom we have followed longest."""


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """A head of our own identity that goes further than our own state."""

    source: str
    """The URL that brought it."""
    seq: int
    updated: str


async def look(ports: Ports, did: str, *, at: str | None = None) -> Sighting | None:
    """Look for a head of a hosted organisation that goes further than our state, or contradicts it.

    `at` is a folder, ending in `/`, that the operator named; without it the home and the mirrors of
    followed publishers are asked. Whoever does not answer is passed over. What is found is kept as
    evidence, and nothing is signed from then on.
    """
    publisher = ports.store.publisher(did)
    if publisher is None or not publisher.is_hosted or publisher.is_closed:
        return None
    for folder in _folders(ports.store, publisher, at):
        sighting = await _look_in(ports, publisher, folder)
        if sighting is not None:
            return sighting
    return None


async def find_longer_log(ports: Ports, did: str) -> bytes | None:
    """Look for a public log of a hosted organisation that goes on from ours; None where there is none.

    Whoever extends a log asks this first: of a node put back from a backup the kit would sign another
    entry with a number that is taken, and the identity would fork.
    """
    publisher = ports.store.publisher(did)
    if publisher is None or not publisher.is_hosted:
        return None
    now, loopback = ports.clock.now(), publisher.allow_loopback
    ours = read_identity(publisher.log, now=now, allow_loopback=loopback)
    longest: tuple[int, bytes] | None = None
    for folder in _folders(ports.store, publisher, None):
        with suppress(Unreachable, Rejected, Refused):
            log = await fetch_own(ports, folder, "did.jsonl", limits.LOG_BYTES)
            if log is None or log == publisher.log:
                continue
            theirs = read_identity(log, now=now, allow_loopback=loopback)
            if compare_logs(ours, theirs) is Comparison.EXTENDS:
                entry = (len(theirs.version_ids), log)
                longest = max(longest, entry) if longest is not None else entry
    return longest[1] if longest is not None else None


def _folders(reads: Reads, publisher: Publisher, at: str | None) -> list[Folder]:
    loopback = publisher.allow_loopback
    if at is not None:
        return [Folder(base=at, is_home=at == publisher.base, allow_loopback=loopback)]
    home = Folder(base=publisher.base, is_home=True, allow_loopback=loopback)
    mirrors = [
        Folder(
            base=f"{one.base}mirror/{publisher.scid}/",
            is_home=False,
            allow_loopback=one.allow_loopback,
        )
        for one in reads.publishers(hosted=False, followed=True)[:_MIRRORS]
        if not one.is_closed
    ]
    return [home, *mirrors]


async def _look_in(ports: Ports, publisher: Publisher, folder: Folder) -> Sighting | None:
    now = ports.clock.now()
    try:
        body = await fetch_own(ports, folder, HEAD_PATH, limits.DOCUMENT_BYTES)
        if body is None:
            return None
        head, _, _ = await open_own_head(ports, publisher, folder, body, now)
    except (Unreachable, Rejected, Refused):
        # A head of ours that does not count says nothing about ours.
        return None
    source = folder.base + HEAD_PATH

    def change(tx: Transaction) -> bool:
        present = tx.publisher(publisher.did)
        if present is None or not contradicts(tx, present, head):
            return False
        note_head_ahead(tx, present, body, source=source, now=now)
        return True

    is_ahead = await ports.store.write(change)
    if not is_ahead:
        return None
    return Sighting(source=source, seq=head.head.seq, updated=head.head.updated)


async def open_own_head(
    ports: Ports, publisher: Publisher, folder: Folder, body: bytes, now: datetime
) -> tuple[CheckedHead, Identity, bytes]:
    """Check a head of our own, with the log beside it where that goes on from ours.

    Raises:
        Rejected, Unreachable: by name.

    """
    loopback = publisher.allow_loopback
    identity = read_identity(publisher.log, now=now, allow_loopback=loopback)
    try:
        return open_head(body, identity=identity, now=now), identity, publisher.log
    except UnknownIdentityVersion:
        log = await fetch_own(ports, folder, "did.jsonl", limits.LOG_BYTES)
        if log is None:
            raise
        longer = read_identity(log, now=now, allow_loopback=loopback)
        if compare_logs(identity, longer) is not Comparison.EXTENDS:
            raise
        return open_head(body, identity=longer, now=now), longer, log


def contradicts(reads: Reads, publisher: Publisher, head: CheckedHead) -> bool:
    """Whether a head of our own says that somebody else writes our feed, or did before a restore."""
    state = publisher.state
    try:
        return judge(state, head.state) is Verdict.NEWER
    except Forked:
        return True  # two writers, one number
    except Stale:
        # An older head of ours, brought by somebody slow; or of a feed that is not the one we wrote.
        is_of_this_era = state is not None and head.era == state.era
        return is_of_this_era and not _is_ours(reads, publisher, head.head)


def _is_ours(reads: Reads, publisher: Publisher, head: Head) -> bool:
    """Whether a head is one that our feed has passed; True also where our pages do not go back so far."""
    paths = [path for path, _ in reads.feed_files(publisher.did) if path.startswith("feed/")]
    before = [path for path in paths if int(path[5:-5]) <= head.seq]
    if not before:
        return True
    file = reads.feed_file(publisher.did, max(before, key=lambda path: int(path[5:-5])))
    if file is None:
        return True
    page = read_page(file.body, file.path)
    entries = [entry for entry in page.entries if entry.seq <= head.seq]
    return entries[-1].seq == head.seq and chain_over(page.before, entries) == head.chain


async def fetch_own(ports: Ports, folder: Folder, path: str, limit: int) -> bytes | None:
    """Fetch a file of our own from where it is public; None where it is not there.

    Raises:
        Unreachable: by name.

    """
    answer = await ports.fetch.get(
        folder.base + path,
        limit_bytes=limit,
        allow_loopback=folder.allow_loopback,
        fresh=True,
        may_be_missing=True,
    )
    return answer.body if answer.status == HTTPStatus.OK else None
