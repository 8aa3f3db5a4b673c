"""Polling: one look at the files of one publisher, in one folder.

Here: the head, the feed up to it, then the documents; at the publisher's home or in its folder on a
mirror, with the same checks. Not here: which folder, and what a failure means (`sync`), what is
written (`accepting`). Spec: 06-feed (LF-READ, LF-RATCHET), 08-following (LF-FOLLOW).

A poll commits in two steps: first what the head says is live (the ratchet and the listing), then the
documents in batches. An interruption in between loses nothing: what is lacking is asked for again.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus

import msgspec

from localfed.app import accepting, clocks, evidence
from localfed.app.feed_reading import Listing, read_feed
from localfed.app.gathering import Gathering, Progress
from localfed.app.ports import Ports
from localfed.app.values import Answer, EvidenceKind, Folder, Publisher
from localfed.protocol import limits
from localfed.protocol.accept import CheckedHead, open_head
from localfed.protocol.digest import digest
from localfed.protocol.document import HEAD_PATH
from localfed.protocol.errors import (
    BadSignature,
    Closed,
    Forked,
    HomeNotConfirmed,
    LogForked,
    Rejected,
    Stale,
    UnexpectedAnswer,
    UnknownIdentityVersion,
    UnknownKey,
    Unreachable,
)
from localfed.protocol.identity import Identity, confirms_home, extends, read_identity
from localfed.protocol.ratchet import Verdict, judge

_MOVES = 3
"""Homes that one look follows: an identity that moved while this node was away has moved once."""

_EVER = datetime(9000, 1, 1, tzinfo=UTC)

_RESTARTED = "restarted"
_OTHER_SNAPSHOT = "other snapshot"
_NOTES = {
    _RESTARTED: EvidenceKind.RESTARTED,
    _OTHER_SNAPSHOT: EvidenceKind.OTHER_SNAPSHOT,
}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What one poll of one publisher did."""

    did: str
    host: str
    changed: int = 0
    """Documents that came new or anew."""
    deleted: int = 0
    lacking: int = 0
    """Documents listed whose bytes could not be had yet."""
    rejected: int = 0
    """Documents listed whose bytes break a rule."""
    over_quota: int = 0
    notes: tuple[str, ...] = ()
    """`caught up`, `restarted`, `other snapshot`, `key change`: what an operator may want to know."""
    mirror: str | None = None
    """The mirror that it was read from, where that is not its home."""
    problem: str | None = None
    """Code of what went wrong; nothing was lost, the next poll tries again."""
    message: str = ""


class Poll:
    """One poll under way: the publisher, its identity, and one moment that is `now` for all of it."""

    def __init__(
        self, ports: Ports, publisher: Publisher, folder: Folder, progress: Progress | None = None
    ) -> None:
        self.ports = ports
        self.publisher = publisher
        self.progress = progress
        self.now = ports.clock.now()
        # Held, so its times were judged when it came: a clock that was set back takes nothing away.
        self.identity = self._read_identity(publisher.log, now=_EVER)
        self.notes: list[str] = []
        self.over_quota = publisher.over_quota
        self.deleted = 0
        self._files: dict[str, bytes] = {}
        self._folder = folder
        self._etag = publisher.etag if folder.is_home else None

    @property
    def folder(self) -> Folder:
        """Where it is read: a home may move while it is being read."""
        if not self._folder.is_home:
            return self._folder
        return msgspec.structs.replace(self._folder, base=self.publisher.base)

    async def run(self) -> Report:
        """Head, feed, documents; in this order (LF-READ-1).

        Raises:
            Rejected, Refused, Unreachable: by name; what was held is kept.

        """
        head = await self._fetch_head(fresh=False)
        listing = None
        if head is not None:
            is_newer = await self._judge(head) is Verdict.NEWER
            # Without an ETag kept, the quota was changed meanwhile: other rows may fit.
            if is_newer or (self.publisher.over_quota and self.publisher.etag is None):
                head, listing = await self._read(head)
        if head is not None and listing is not None:
            await self._apply(head, listing)
        await self._confirm(head)
        gathering = Gathering(self.ports, self.publisher, self.folder, self.identity, self.progress)
        await gathering.run(may_use_bundle=listing is not None and listing.has_snapshot)
        return self._report(gathering)

    async def look_at_home(self) -> None:
        """Read the log at the identity's home, and take it over where it extends the one held.

        A log that moves is followed to the new home, and counts only once it is there too.
        Rules: LF-FOLLOW-1, LF-ID-21.

        Raises:
            Closed: it closes the identity.
            HomeNotConfirmed: what lies there is an older state, or it moves on and on.
            Rejected, Refused, Unreachable: by name; nothing was changed.

        """
        for _ in range(_MOVES):
            home = self.identity.home
            answer = await self.ports.fetch.get(
                home,
                limit_bytes=limits.LOG_BYTES,
                allow_loopback=self.publisher.allow_loopback,
                fresh=True,
            )
            found = await self._take_log(answer.body, home)
            if confirms_home(self.identity, found, home):
                return
            if self.identity.home == home:
                break
        message = f"the log at the home of {self.publisher.host} is an older one than that held"
        raise HomeNotConfirmed(message)

    async def look_at_log(self) -> None:
        """Read the log in this folder, where the home cannot be asked whether it goes on.

        Raises:
            Closed: it closes the identity.
            Rejected, Refused, Unreachable: by name; nothing was changed.

        """
        await self._refresh_identity()

    def _report(self, gathering: Gathering) -> Report:
        did = self.publisher.did
        return Report(
            did=did,
            host=self.publisher.host,
            changed=gathering.changed,
            deleted=self.deleted,
            lacking=len(self.ports.store.wanted(did)),
            rejected=gathering.rejected,
            over_quota=self.over_quota,
            notes=tuple(self.notes),
            mirror=None if self._folder.is_home else self._folder.base,
        )

    # --- the head and the identity -----------------------------------------------------------

    def _read_identity(self, log: bytes, *, now: datetime) -> Identity:
        return read_identity(log, now=now, allow_loopback=self.publisher.allow_loopback)

    async def _fetch_head(self, *, fresh: bool) -> CheckedHead | None:
        """Fetch the head; None where the one held is still the newest."""
        url = self.folder.base + HEAD_PATH
        answer = await self.ports.fetch.get(
            url,
            limit_bytes=limits.DOCUMENT_BYTES,
            allow_loopback=self.folder.allow_loopback,
            etag=None if fresh else self._etag,
            fresh=fresh,
            may_be_missing=True,
        )
        await self._compare_clocks(answer)
        if answer.status == HTTPStatus.NOT_MODIFIED:
            return None
        if answer.status != HTTPStatus.OK:
            # Closed and cleared away, or only broken: the log says which (LF-READ-2).
            await self._refresh_identity()
            message = f"{url} is not there"
            raise UnexpectedAnswer(message)
        self._etag = answer.etag
        try:
            return await self._open_head(answer.body)
        except (UnknownIdentityVersion, UnknownKey, BadSignature):
            # A key may have changed since: read the log once, then it counts or it does not.
            await self._refresh_identity()
            return await self._open_head(answer.body)

    async def _compare_clocks(self, answer: Answer) -> None:
        """Note what time it is there (LF-FOLLOW-8): another machine, and no cache in between."""
        told, machine = answer.date, self.ports.clock.machine()
        host = self.publisher.host
        if told is None or not self._folder.is_home or self.publisher.allow_loopback:
            return
        if clocks.is_news(self.ports.store, host, told, machine):
            await self.ports.store.write(lambda tx: clocks.note(tx, host, told, machine))

    async def _open_head(self, body: bytes) -> CheckedHead:
        try:
            return open_head(body, identity=self.identity, now=self.now)
        except Stale:
            await self._keep_evidence(EvidenceKind.STALE, body)
            raise

    async def _judge(self, head: CheckedHead) -> Verdict:
        try:
            return judge(self.publisher.state, head.state)
        except Forked:
            await self._keep_evidence(EvidenceKind.FORKED, head.body)
            raise
        except Stale:
            await self._keep_evidence(EvidenceKind.STALE, head.body)
            raise

    async def _keep_evidence(
        self,
        kind: EvidenceKind,
        offered: bytes,
        *,
        held: bytes | None = None,
        source: str | None = None,
    ) -> None:
        # A mirror that is behind is only slow: what it offers is old news, not a rollback.
        if kind is EvidenceKind.STALE and not self._folder.is_home:
            return
        did, kept = self.publisher.did, held or self.publisher.head or b""
        url = source or self.folder.base + HEAD_PATH
        await self.ports.store.write(
            lambda tx: evidence.keep(
                tx, did, kind, held=kept, offered=offered, source=url, now=self.now
            )
        )

    async def _refresh_identity(self) -> None:
        """Read the log again, beside the files; take it over where it extends the one held."""
        url = self.folder.base + "did.jsonl"
        answer = await self.ports.fetch.get(
            url,
            limit_bytes=limits.LOG_BYTES,
            allow_loopback=self.folder.allow_loopback,
            fresh=True,
        )
        await self._take_log(answer.body, url)

    async def _take_log(self, log: bytes, url: str) -> Identity:
        """Take a log over where it extends the one held (LF-ID-19); returns what it says.

        Raises:
            LogForked: it contradicts the one held; ours is kept, and both as evidence.
            Closed: it closes the identity; everything of it was deleted.

        """
        identity = self._read_identity(log, now=self.now)
        try:
            is_longer = extends(self.identity, identity)
        except LogForked:
            held = self.publisher.log
            await self._keep_evidence(EvidenceKind.LOG_FORKED, log, held=held, source=url)
            raise
        if not is_longer:
            return identity
        did = self.publisher.did
        self.publisher = await self.ports.store.write(
            lambda tx: accepting.take_log(tx, did, log, identity, self.now)
        )
        self.identity = identity
        self._etag = None
        self.notes.append("key change")
        if identity.closed:
            message = "the organisation closed its identity; what it published is withdrawn"
            raise Closed(message)
        return identity

    # --- the feed ----------------------------------------------------------------------------

    async def _read(self, head: CheckedHead) -> tuple[CheckedHead, Listing | None]:
        """Read the feed up to a head; files that do not fit get one more try (LF-READ-9).

        No listing: the head that came the second time is no newer than the one held.
        """
        try:
            return head, await self._read_once(head)
        except (Rejected, Unreachable):
            again = await self._fetch_head(fresh=True)
            if again is None:
                raise
            if await self._judge(again) is not Verdict.NEWER:
                return again, None
            return again, await self._read_once(again, fresh=True)

    async def _fetch_feed_file(self, path: str, *, fresh: bool) -> bytes | None:
        answer = await self.ports.fetch.get(
            self.folder.base + path,
            limit_bytes=limits.FEED_FILE_BYTES,
            allow_loopback=self.folder.allow_loopback,
            fresh=fresh,
            may_be_missing=True,
        )
        if answer.status != HTTPStatus.OK:
            return None
        self._files[path] = answer.body
        return answer.body

    async def _read_once(self, head: CheckedHead, *, fresh: bool = False) -> Listing:
        async def fetch(path: str) -> bytes | None:
            return await self._fetch_feed_file(path, fresh=fresh)

        self._files.clear()

        state = self.publisher.state
        cursor = state if state is not None and state.era == head.era else None
        if self.publisher.over_quota:
            # What did not fit is not held: which rows fit now can only be said of all of them.
            cursor = None
        listing = await read_feed(head.head, self.identity.scid, cursor, fetch)
        self.notes += listing.notes
        for note in listing.notes:
            if note in _NOTES:
                await self._keep_evidence(_NOTES[note], head.body)
        return listing

    async def _apply(self, head: CheckedHead, listing: Listing) -> None:
        held, did, identity = self.publisher.state, self.publisher.did, self.identity
        listed = accepting.Listed(
            head=head,
            puts=listing.puts,
            deletes=listing.deletes,
            is_whole=listing.is_whole,
            files=dict(self._files),
            until_snapshot=listing.until_snapshot,
        )
        taken = await self.ports.store.write(
            lambda tx: accepting.take_listing(tx, held, did, listed, identity, now=self.now)
        )
        if taken is not None:
            self.deleted, self.over_quota = taken.deleted, taken.over_quota
            self.publisher = msgspec.structs.replace(
                self.publisher, state=head.state, head=head.body
            )
            await self._complete_parts(head)

    async def _complete_parts(self, head: CheckedHead) -> None:
        """Fetch the parts of a new snapshot that the rows held did not give: others will ask here."""
        did = self.publisher.did
        held = {path for path, _ in self.ports.store.feed_files(did)}
        for part in head.head.snapshot.parts:
            if part.name in held:
                continue
            with suppress(Unreachable):
                body = await self._fetch_feed_file(part.name, fresh=False)
                if body is not None and digest(body) == part.digest:
                    name, data = part.name, body
                    await self.ports.store.write(
                        lambda tx, name=name, data=data: accepting.take_file(  # type: ignore[misc]
                            tx, did, name, data
                        )
                    )

    async def _confirm(self, head: CheckedHead | None) -> None:
        did, held, folder = self.publisher.did, self.publisher.state, self.folder
        jitter = self.ports.chance.fraction()
        await self.ports.store.write(
            lambda tx: accepting.confirm(
                tx,
                held,
                did,
                head,
                now=self.now,
                source=folder.base,
                is_home=folder.is_home,
                etag=self._etag,
                jitter=jitter,
            )
        )
