"""Gathering: the bytes of the documents that a publisher's newest head lists.

Here: fetching them one by one or by the bundle, from wherever the publisher is read, in batches. Not
here: what the head lists (`feed_reading`, `polling`), checking and storing each (`accepting`).
Spec: 06-feed (LF-READ), 07-accept (LF-ACCEPT).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime

from localfed.app.accepting import take_documents
from localfed.app.checking import check_documents
from localfed.app.policy import precedence
from localfed.app.ports import Ports, Transaction
from localfed.app.values import DocumentState, Folder, Publisher, StoredDocument
from localfed.protocol import limits
from localfed.protocol.digest import digest
from localfed.protocol.errors import NoAnswer, TooSlow, Unreachable
from localfed.protocol.feed import BUNDLE_PATH
from localfed.protocol.identity import Identity

_BATCH = 1_000
"""Documents in one transaction: each waits for the disk, whatever it holds."""

_AT_ONCE = 8

_SILENCES = 16
"""Requests in a row without any answer after which the rest waits for the next poll: a publisher that
has stopped answering holds its place for seconds, not for as many time limits as it has documents."""

Progress = Callable[[int, int], None]
"""Called with how many documents have come, and how many are expected."""


class Gathering:
    """One round of fetching what is lacking of one publisher."""

    def __init__(
        self,
        ports: Ports,
        publisher: Publisher,
        folder: Folder,
        identity: Identity,
        progress: Progress | None,
    ) -> None:
        self.ports = ports
        self.publisher = publisher
        self.folder = folder
        self.identity = identity
        self.progress = progress
        self.now: datetime = ports.clock.now()
        self.changed = 0
        self.rejected = 0
        self._silences = 0
        self._writing: asyncio.Future[None] | None = None

    async def run(self, *, may_use_bundle: bool) -> None:
        """Ask for every document that is listed and lacking; keep what passes (LF-READ)."""
        try:
            await self._run(may_use_bundle=may_use_bundle)
        finally:
            await self._finish_writing()

    async def _run(self, *, may_use_bundle: bool) -> None:
        wanted = {one.digest: one for one in self.ports.store.wanted(self.publisher.did)}
        expected = len(wanted)
        if may_use_bundle and expected > limits.BUNDLE_LACKING:
            await self._take_bundle(wanted, expected)
        paths = sorted(wanted.values(), key=lambda one: precedence(one.path))
        for at in range(0, len(paths), _BATCH):
            if self._is_silent:
                break
            bodies = await self._fetch_each(paths[at : at + _BATCH])
            await self._keep(bodies)
            self._show(expected)
        await self._finish_writing()
        self._show(expected)

    async def _take_bundle(self, wanted: dict[str, StoredDocument], expected: int) -> None:
        """Take what the bundle has of the documents wanted; what it lacks is fetched one by one."""
        matched: list[tuple[StoredDocument, bytes]] = []
        try:
            batches = self.ports.fetch.lines(
                self.folder.base + BUNDLE_PATH,
                limit_bytes=limits.DOCUMENT_BYTES,
                allow_loopback=self.folder.allow_loopback,
            )
            async with aclosing(batches):
                async for lines in batches:
                    matched += await asyncio.to_thread(_match_lines, lines, wanted)
                    if len(matched) >= _BATCH:
                        await self._keep(matched)
                        matched = []
                        self._show(expected)
        except Unreachable:
            pass  # what it has not brought is fetched one by one
        await self._keep(matched)
        self._show(expected)

    @property
    def _is_silent(self) -> bool:
        return self._silences >= _SILENCES

    async def _fetch_each(
        self, paths: Sequence[StoredDocument]
    ) -> list[tuple[StoredDocument, bytes]]:
        gate = asyncio.Semaphore(_AT_ONCE)

        async def fetch(one: StoredDocument) -> tuple[StoredDocument, bytes] | None:
            async with gate:
                if self._is_silent:
                    return None
                try:
                    answer = await self.ports.fetch.get(
                        self.folder.base + one.path,
                        limit_bytes=limits.DOCUMENT_BYTES,
                        allow_loopback=self.folder.allow_loopback,
                    )
                except (NoAnswer, TooSlow):
                    self._silences += 1
                    return None
                except Unreachable:
                    return None  # listed, not shown, asked for at each poll
                self._silences = 0
                return one, answer.body

        answers = await asyncio.gather(*(fetch(one) for one in paths))
        return [answer for answer in answers if answer is not None]

    async def _keep(self, bodies: list[tuple[StoredDocument, bytes]]) -> None:
        """Check documents and commit them, several hundred at a time.

        One batch is written while the next is checked, and a batch is checked on two threads: the
        signature, most of the work, holds no lock of the interpreter.
        """
        # A rest that is small goes with the rest before: each transaction waits for the disk.
        size = _BATCH if len(bodies) >= 2 * _BATCH else len(bodies)
        for at in range(0, len(bodies), size or 1):
            piece = bodies[at : at + size]
            half = len(piece) // 2
            halves = await asyncio.gather(
                *(
                    asyncio.to_thread(check_documents, part, self.identity, self.now)
                    for part in (piece[:half], piece[half:])
                    if part
                )
            )
            checked = [document for part in halves for document in part]
            await self._finish_writing()
            if checked:
                self._writing = asyncio.ensure_future(
                    self.ports.store.write(
                        lambda tx, checked=checked: self._store(tx, checked)  # type: ignore[misc]
                    )
                )

    async def _finish_writing(self) -> None:
        writing, self._writing = self._writing, None
        if writing is not None:
            await writing

    def _store(self, tx: Transaction, documents: list[StoredDocument]) -> None:
        """Store checked documents whose path is still listed with the same digest."""
        kept = take_documents(tx, self.publisher.state, self.publisher.did, documents)
        live = sum(document.state is DocumentState.LIVE for document in kept)
        self.changed += live
        self.rejected += len(kept) - live

    def _show(self, expected: int) -> None:
        if self.progress is not None:
            self.progress(self.changed + self.rejected, expected)


def _match_lines(
    lines: Iterable[bytes], wanted: dict[str, StoredDocument]
) -> list[tuple[StoredDocument, bytes]]:
    """Pick the lines whose digest is wanted, and cross them off."""
    matched = []
    for line in lines:
        one = wanted.pop(digest(line), None)
        if one is not None:
            matched.append((one, line))
    return matched
