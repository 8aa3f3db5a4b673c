"""Indexing: keeping the index up to the store, and entries about one organisation folded in it.

Here: following the store's log; which entry stands in front and which behind it, worked out over all organisations that
are shown. Not here: what the index is told of a document (`describing`), which are the same (`folding`), searches (`search`).

An entry that stands behind another is found by nothing of its own: the one in front is found for both. What the log names
is told as it was folded before, and on its own where what stood in front of it is gone; the rest waits for `fold_anew`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from localfed.app import folding, joint
from localfed.app.describing import describe
from localfed.app.index_values import Fold, IndexDocument, Key
from localfed.app.live import Live
from localfed.app.ports import Ports
from localfed.app.values import Kind, StoredDocument
from localfed.protocol import limits
from localfed.protocol.times import read_time

_ROWS: Final = 4_000  # of the log at a time: each commit takes 15 ms and leaves a segment
_CHARACTERS: Final = 8_000_000  # at a time, whichever comes first: documents may be large
_AHEAD: Final = timedelta(days=7)  # times of opening are known at least so far ahead
_AT_ONCE: Final = 1_000
_WAIT_SECONDS: Final = 0.05
_AT_LATEST: Final = timedelta(days=30)


class Folds(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries stand behind which, worked out over all that was shown at a moment."""

    behind: dict[Key, tuple[Key, ...]]
    """By the entry in front."""
    until: int
    """Seconds since 1970: when something in front will be gone by itself."""
    position: int
    """Of the store's log, before anything was looked at."""


async def catch_up(ports: Ports, *, folds: bool = True) -> int:
    """Bring the index up to the store's log, if no other process does; returns how many rows.

    Args: `folds` says whether entries are folded anew where that is due; over thousands of organisations it takes seconds.

    Raises:
        IndexBroken: it cannot be written; what was done until then is kept.
        StoreBusy, StoreBroken: by name.

    """
    return await asyncio.to_thread(_catch_up, ports, folds=folds)


def _catch_up(ports: Ports, *, folds: bool) -> int:
    index, store = ports.index, ports.store
    if not index.try_to_write():
        return 0
    if index.position() > store.log_position():
        index.reset()  # a store put back from a backup: the index knows of what came after
    done = 0
    while rows := _take_rows(ports):
        done += rows
    while _tell_again(ports) == _AT_ONCE:
        pass
    if folds and is_folding_due(ports):
        _put_folds(ports, _work_out_folds(ports, lambda: True))
    return done


def _take_rows(ports: Ports) -> int:
    """Index what the next rows of the log name, as it is now; returns how many rows."""
    rows = ports.store.log_after(ports.index.position(), _ROWS)
    teller = _Teller(ports)
    characters = taken = 0
    for row in rows:
        if (row.did, row.path) not in teller.told:
            one = teller.tell(row.did, row.path)
            characters += len(one.title) + len(one.text) if one is not None else 0
        taken += 1
        if characters > _CHARACTERS:
            break
    if taken:
        for key in teller.folded_with - teller.told.keys():
            teller.tell(*key)
        _apply(ports, teller.told, rows[taken - 1].position, 0 if teller.unfolds else None)
    return taken


def _tell_again(ports: Ports) -> int:
    """Tell the index anew of what is only known to be open or not for a short while; returns how many."""
    soon = int((ports.clock.now() + _AHEAD).timestamp())
    keys = ports.index.running_out(soon, _AT_ONCE)
    if not keys:
        return 0
    teller = _Teller(ports)
    for key in keys:
        teller.tell(*key)
    _apply(ports, teller.told, ports.index.position(), None)
    return len(keys)


def _apply(
    ports: Ports, told: dict[Key, IndexDocument | None], position: int, folded_until: int | None
) -> None:
    ports.index.apply(
        [one for one in told.values() if one is not None],
        [key for key, one in told.items() if one is None],
        position,
        folded_until,
    )


async def wait_until_current(ports: Ports, seconds: float) -> bool:
    """Wait until the index has all of the store's log, doing it ourselves if nobody else does.

    Returns whether it has: another process that writes it may take longer than we wait.
    """
    for _ in range(max(int(seconds / _WAIT_SECONDS), 1)):
        if ports.index.position() == ports.store.log_position() and not is_folding_due(ports):
            return True
        if not await catch_up(ports):
            if ports.index.position() == ports.store.log_position():
                return True  # a node that runs folds when it has the time
            await asyncio.sleep(_WAIT_SECONDS)
    return ports.index.position() == ports.store.log_position()


class _Teller:
    """Describes documents as they are now, and as they are folded in the index."""

    def __init__(self, ports: Ports, folds: dict[Key, Fold] | None = None) -> None:
        """`folds` says how entries are folded from now on; without, as the index has it."""
        self._ports, self._folds = ports, folds
        self._now = ports.clock.now()
        self._live = Live(ports.store, self._now)
        self._shown: dict[str, bool] = {}
        self.told: dict[Key, IndexDocument | None] = {}
        self.folded_with: set[Key] = set()
        """What is folded with something that was told: to be told, too."""
        self.unfolds = False
        """Whether something was told by which entries may be folded otherwise."""

    def tell(self, did: str, path: str) -> IndexDocument | None:
        """Describe what is at a path; None for what is not shown."""
        key = (did, path)
        document = self._ports.store.document(did, path) if self._is_shown(did) else None
        is_organisation = document is not None and document.type == "Organization"
        fold = None
        if document is None or is_organisation:
            fold = self._ports.index.fold_of(did, path) if self._folds is None else None
            fold = self._folds.get(key) if self._folds is not None else fold
        if fold is not None:
            self.folded_with |= {fold.front, *fold.behind}
        self.unfolds |= is_organisation or fold is not None
        self.told[key] = one = self._describe(document, fold) if document is not None else None
        return one

    def _is_shown(self, did: str) -> bool:
        if did not in self._shown:
            publisher = self._ports.store.publisher(did)
            self._shown[did] = publisher is not None and publisher.is_shown
        return self._shown[did]

    def _describe(self, document: StoredDocument, fold: Fold | None) -> IndexDocument | None:
        key, behind = (document.did, document.path), []
        if fold is not None and fold.front != key and self._live.look(*fold.front) is not None:
            if not self._live.is_live(document):
                return None
            return IndexDocument(
                did=document.did,
                path=document.path,
                kind=Kind.ORGANISATION,
                title="",
                text="",
                expires=0,
                front=fold.front,
            )
        if fold is not None and fold.front == key:
            looked = [(one, self._live.look(*one)) for one in fold.behind]
            read = [(one, folding.read_record(two[1])) for one, two in looked if two is not None]
            behind = [(one, record) for one, record in read if record is not None]
        told = describe(
            document,
            joint.together_on(self._ports.store, document, self._now),
            behind=tuple(record for _, record in behind),
            now=self._now,
            gazetteer=self._ports.gazetteer,
            lexicon=self._ports.lexicon,
        )
        if told is None or not behind:
            return told
        return msgspec.structs.replace(told, behind=tuple(one for one, _ in behind))


# --- folding ----------------------------------------------------------------------------------


def is_folding_due(ports: Ports) -> bool:
    """Whether entries may be folded otherwise than the index has them."""
    return ports.index.folded_until() <= int(ports.clock.now().timestamp())


async def work_out_folds(ports: Ports, goes_on: Callable[[], bool] = lambda: True) -> Folds | None:
    """Work out which entries stand behind which; `put_folds` then tells the index.

    Over thousands of organisations it takes seconds, on a thread of its own. Returns None where `goes_on` said no meanwhile.

    Raises:
        StoreBusy, StoreBroken: by name.

    """
    folds = await asyncio.to_thread(_work_out_folds, ports, goes_on)
    return folds if goes_on() else None


def _work_out_folds(ports: Ports, goes_on: Callable[[], bool]) -> Folds:
    store, now = ports.store, ports.clock.now()
    position, live = store.log_position(), Live(store, now)
    known, ends = [], {}
    for publisher in store.publishers():
        if live.publisher(publisher.did) is None or not goes_on():
            continue
        for path, type_, _, _ in store.rows(publisher.did):
            document = store.document(publisher.did, path) if type_ == "Organization" else None
            one = folding.read_known(document) if document and live.is_live(document) else None
            if document is not None and one is not None:
                known.append(one)
                ends[one.did, one.path] = document.expires
    behind, until = {}, now + _AT_LATEST
    for group in folding.fold(store, known, goes_on):
        if group.behind:
            key = group.front.did, group.front.path
            behind[key] = tuple((one.did, one.path) for one in group.behind)
            until = min(until, read_time(ends[key]), _end_of(live, group.front.did) or until)
    return Folds(behind=behind, until=int(until.timestamp()), position=position)


def _end_of(live: Live, did: str) -> datetime | None:
    """Say when a publisher is shown no more, unless it signs again."""
    publisher = live.publisher(did)
    if publisher is None or publisher.head_expires is None:
        return None
    return read_time(publisher.head_expires) + timedelta(days=limits.HEAD_GRACE_DAYS)


async def put_folds(ports: Ports, folds: Folds) -> int:
    """Tell the index of what is folded otherwise than it was; returns how many entries that changed for.

    What came in since they were worked out makes it due again.

    Raises:
        IndexBroken: it cannot be written; what was done until then is kept.
        StoreBusy, StoreBroken: by name.

    """
    return await asyncio.to_thread(_put_folds, ports, folds)


def _put_folds(ports: Ports, folds: Folds) -> int:
    index = ports.index
    if not index.try_to_write():
        return 0
    before = index.folds()
    after = {
        key: Fold(front=front, behind=behind)
        for front, behind in folds.behind.items()
        for key in (front, *behind)
    }
    changed = sorted(
        key for key in before.keys() | after.keys() if before.get(key) != after.get(key)
    )
    position = index.position()
    for start in range(0, len(changed), _AT_ONCE):
        teller = _Teller(ports, after)
        for key in changed[start : start + _AT_ONCE]:
            teller.tell(*key)
        _apply(ports, teller.told, position, None)
    _apply(ports, {}, position, folds.until if position <= folds.position else 0)
    return len(changed)
