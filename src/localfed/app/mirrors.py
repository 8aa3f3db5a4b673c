"""Mirrors: serving the files of others byte for byte, and knowing whose mirrors have what.

Here: what lies under `mirror/` of this node, what others' clocks say, and where else a publisher can be
read when its home is away. Not here: reading there (`polling`), when (`sync`), HTTP (`web`).
Spec: 08-following (LF-MIRROR).

A mirror can delay or withhold; it can change nothing, for everything is checked as if it came from its
home. What its clock says is a hint of whom it is worth asking about and nothing more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import msgspec

from localfed.app import policy
from localfed.app.ports import Ports, Reads
from localfed.app.values import BlockKind, DocumentState, Folder, MirrorState, Publisher
from localfed.protocol import limits
from localfed.protocol.canonical import parse_object
from localfed.protocol.document import HEAD_PATH, convert, is_possible_path
from localfed.protocol.errors import Refused, Rejected, Unreachable
from localfed.protocol.feed import Head, Row, read_parts
from localfed.protocol.mirror import CLOCK, FOLDER, read_clock, write_clock
from localfed.protocol.times import read_time, write_time

LOG: Final = "did.jsonl"

_ASKED_AT_ONCE = 8
_CLOCKS = 50
"""Mirrors whose clocks are asked in one round; of whom we have followed longest."""


class FileKind(StrEnum):
    """What a file of a mirror is, for caches."""

    LOG = "log"
    SIGNED = "signed"
    FEED = "feed"


class MirroredFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of somebody else's, exactly as it came."""

    body: bytes
    kind: FileKind


# --- what this node serves -------------------------------------------------------------------


def clock_of(reads: Reads) -> bytes:
    """Write `mirror/clock.json`: the SCID and seq of every publisher that is mirrored (LF-MIRROR-2)."""
    return write_clock(reads.mirrored())


def mirrored_publisher(reads: Reads, did: str | None) -> Publisher | None:
    """Return a publisher if this node mirrors it: another's, shown, and not blocked."""
    publisher = reads.publisher(did) if did is not None else None
    if publisher is None or publisher.is_hosted or not publisher.is_shown:
        return None
    return publisher


def find_file(reads: Reads, publisher: Publisher, path: str) -> MirroredFile | None:
    """Return what lies at a path of a mirrored publisher; not its bundle (LF-MIRROR-1).

    Nor its pictures: a mirror need not have them (LF-IMG-10), and bytes that nobody has decoded are not handed on.

    Of a closed identity there is the log and its last head.
    """
    if path == LOG:
        return MirroredFile(body=publisher.log, kind=FileKind.LOG)
    if path == HEAD_PATH:
        head = publisher.head
        return MirroredFile(body=head, kind=FileKind.SIGNED) if head is not None else None
    if path.startswith(("feed/", "snapshot/")):
        file = reads.feed_file(publisher.did, path)
        return MirroredFile(body=file.body, kind=FileKind.FEED) if file is not None else None
    if not is_possible_path(path):
        return None
    document = reads.document(publisher.did, path)
    if document is None or document.body is None or document.state is not DocumentState.LIVE:
        return None
    return MirroredFile(body=document.body, kind=FileKind.SIGNED)


def has_bundle(reads: Reads, publisher: Publisher) -> bool:
    """Whether there is a snapshot to make a bundle of."""
    return bool(_snapshot_rows(reads, publisher))


def bundle_lines(reads: Reads, publisher: Publisher) -> Iterator[bytes]:
    """Yield the lines of `bundle.jsonl` of a mirrored publisher, in the order of the snapshot."""
    for row in _snapshot_rows(reads, publisher):
        document = reads.document(publisher.did, row.path)
        if document is not None and document.body is not None and document.digest == row.digest:
            yield document.body + b"\n"


def _snapshot_rows(reads: Reads, publisher: Publisher) -> list[Row]:
    if publisher.head is None:
        return []
    parts = convert(parse_object(publisher.head), Head).snapshot.parts
    files = [reads.feed_file(publisher.did, part.name) for part in parts]
    if not files or any(file is None for file in files):
        return []
    return read_parts([file.body for file in files if file is not None])


# --- what others serve -----------------------------------------------------------------------


def mirror_base(base: str) -> str:
    """Name the mirror at the BASE of an organisation."""
    return base + FOLDER


def folder_on(mirror: str, scid: str, *, allow_loopback: bool) -> Folder:
    """Name the folder of a publisher on a mirror."""
    return Folder(base=f"{mirror}{scid}/", is_home=False, allow_loopback=allow_loopback)


def is_mirror_blocked(reads: Reads, folder: Folder) -> bool:
    """Whether the operator blocked the mirror that a folder lies on, or its host."""
    mirror = folder.base.rstrip("/").rpartition("/")[0] + "/"
    host = urlsplit(folder.base).netloc
    return reads.is_blocked(BlockKind.MIRROR, mirror) or policy.is_host_blocked(reads, host)


async def folders_of(ports: Ports, publisher: Publisher) -> list[Folder]:
    """Say where else a publisher can be read: mirrors that have it as far as we do, or further.

    The newest first, at most three; none that is blocked, none of its own. Asks for clocks that were
    not asked for within a quarter of an hour.
    Rules: LF-MIRROR-5, LF-MIRROR-6.
    """
    seq = publisher.state.seq if publisher.state is not None else 0
    has_era = publisher.state is not None and publisher.state.era > 0
    states = await look_at_clocks(ports, without=publisher.did)
    found = []
    for state, owner in states:
        known = (state.clock or {}).get(publisher.scid)
        # A new era may begin at any number, so with one the clock does not tell who is further.
        if known is not None and (known >= seq or has_era):
            folder = folder_on(state.base, publisher.scid, allow_loopback=owner.allow_loopback)
            found.append((known, folder))
    found.sort(key=lambda one: (-one[0], one[1].base))
    return [folder for _, folder in found[: limits.MIRRORS_ASKED]]


async def look_at_clocks(
    ports: Ports, *, without: str | None = None, is_fresh: bool = False
) -> list[tuple[MirrorState, Publisher]]:
    """Return what the mirrors of those we follow have, asking those whose clock is not new.

    `without` is a publisher whose own mirror is of no use; `is_fresh` asks all of them.
    """
    now = ports.clock.now()
    # Who moves to an address of ours makes no mirror of what we have ourselves.
    ours = {one.base for one in ports.store.publishers(hosted=True)}
    owners = [
        one
        for one in ports.store.publishers(hosted=False, followed=True)
        if one.did != without
        and not one.is_closed
        and one.base not in ours
        and _may_use(ports.store, one)
    ][:_CLOCKS]
    gate = asyncio.Semaphore(_ASKED_AT_ONCE)

    async def look(owner: Publisher) -> tuple[MirrorState, Publisher]:
        held = ports.store.mirror(mirror_base(owner.base))
        if held is not None and not is_fresh and not _is_old(held, now):
            return held, owner
        async with gate:
            return await _ask(ports, owner, now), owner

    return list(await asyncio.gather(*(look(owner) for owner in owners)))


async def clock_at(ports: Ports, owner: Publisher, now: datetime) -> dict[str, int]:
    """Return what the mirror of one publisher says that it has, asking where that is not new; {}: nothing."""
    if owner.is_hosted or not _may_use(ports.store, owner):
        return {}
    held = ports.store.mirror(mirror_base(owner.base))
    if held is None or _is_old(held, now):
        held = await _ask(ports, owner, now)
    return held.clock or {}


def _may_use(reads: Reads, owner: Publisher) -> bool:
    return not (
        reads.is_blocked(BlockKind.MIRROR, mirror_base(owner.base))
        or policy.is_blocked(reads, owner)
    )


def _is_old(state: MirrorState, now: datetime) -> bool:
    seen = read_time(state.checked)
    return not seen <= now < seen + timedelta(seconds=limits.MIRROR_SECONDS)


async def _ask(ports: Ports, owner: Publisher, now: datetime) -> MirrorState:
    """Ask for the clock of one mirror; whatever is wrong with it, there is none."""
    base = mirror_base(owner.base)
    clock = None
    try:
        answer = await ports.fetch.get(
            base + CLOCK,
            limit_bytes=limits.FETCH_BYTES,
            allow_loopback=owner.allow_loopback,
            fresh=True,
            may_be_missing=True,
        )
        if answer.status == HTTPStatus.OK:
            clock = read_clock(answer.body)
    except (Unreachable, Rejected, Refused):
        pass  # a mirror that is away is none, for now
    state = MirrorState(base=base, did=owner.did, checked=write_time(now), clock=clock)
    await ports.store.write(lambda tx: tx.save_mirror(state))
    return state
