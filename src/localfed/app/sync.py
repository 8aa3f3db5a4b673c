"""Sync: reading the feeds of followed organisations.

Here: one poll of one publisher, from its head to the bytes of every document it lists.
Not here: when to poll (the roof's worker), beginning to follow (`follows`).
Spec: 06-feed (LF-READ, LF-RATCHET), 08-following (LF-FOLLOW).

A poll commits in two steps: first what the head says is live (the ratchet and the listing), then the
documents in batches. An interruption in between loses nothing: what is lacking is asked for again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from localfed.app.feed_reading import Listing, read_feed
from localfed.app.gathering import Gathering, Progress, check_documents, within_quota
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.values import DocumentState, Publisher, StoredDocument
from localfed.protocol import limits
from localfed.protocol.accept import CheckedHead, open_head
from localfed.protocol.errors import (
    BadSignature,
    Closed,
    LogForked,
    NotListed,
    Refused,
    Rejected,
    UnexpectedAnswer,
    UnknownIdentityVersion,
    UnknownKey,
    Unreachable,
)
from localfed.protocol.identity import Comparison, Identity, compare_logs, read_identity
from localfed.protocol.ratchet import Verdict, judge
from localfed.protocol.times import read_time, write_time


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
    problem: str | None = None
    """Code of what went wrong; nothing was lost, the next poll tries again."""
    message: str = ""


async def poll(ports: Ports, did: str, *, progress: Progress | None = None) -> Report:
    """Read what is new of one followed publisher. Never raises for what the publisher does.

    Raises:
        Unavailable: our own disk; nothing half done.

    """
    publisher = ports.store.publisher(did)
    if publisher is None or not publisher.is_followed:
        return Report(did=did, host="", problem="unknown-organisation", message="not followed")
    try:
        report = await _Poll(ports, publisher, progress).run()
    except (Rejected, Refused, Unreachable) as error:
        # Refused too: an identity that moves to where this node may not go is the publisher's doing.
        code = error.code
        await ports.store.write(lambda tx: _note_failure(tx, ports, did, code))
        return Report(did=did, host=publisher.host, problem=code, message=error.message)
    return report


class _Poll:
    """One poll under way: the publisher, its identity, and one moment that is `now` for all of it."""

    def __init__(self, ports: Ports, publisher: Publisher, progress: Progress | None) -> None:
        self.ports = ports
        self.publisher = publisher
        self.progress = progress
        self.now = ports.clock.now()
        self.identity = self._read_identity(publisher.log)
        self.notes: list[str] = []
        self.over_quota = publisher.over_quota
        self.deleted = 0

    async def run(self) -> Report:
        """Head, feed, documents; in this order (LF-READ-1), and once a day the home before."""
        if self._is_new_day():
            await self._look_at_home()
        head = await self._fetch_head(fresh=False)
        listing = None
        if head is not None and judge(self.publisher.state, head.state) is Verdict.NEWER:
            head, listing = await self._read(head)
        if head is not None and listing is not None:
            newer, what = head, listing
            await self.ports.store.write(lambda tx: self._apply(tx, newer, what))
        else:
            await self.ports.store.write(lambda tx: self._confirm(tx, head))
        gathering = Gathering(self.ports, self.publisher, self.identity, self.progress)
        await gathering.run(may_use_bundle=listing is not None and listing.has_snapshot)
        return self._report(gathering)

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
        )

    # --- the head and the identity -----------------------------------------------------------

    def _read_identity(self, log: bytes) -> Identity:
        return read_identity(log, now=self.now, allow_loopback=self.publisher.allow_loopback)

    async def _fetch(self, path: str, limit: int, *, fresh: bool = False) -> bytes:
        answer = await self.ports.fetch.get(
            self.publisher.base + path,
            limit_bytes=limit,
            allow_loopback=self.publisher.allow_loopback,
            fresh=fresh,
        )
        return answer.body

    async def _fetch_head(self, *, fresh: bool) -> CheckedHead | None:
        """Fetch the head; None where the one held is still the newest."""
        answer = await self.ports.fetch.get(
            self.publisher.base + "head.json",
            limit_bytes=limits.DOCUMENT_BYTES,
            allow_loopback=self.publisher.allow_loopback,
            etag=None if fresh else self.publisher.etag,
            fresh=fresh,
            may_be_missing=True,
        )
        if answer.status == 304:  # noqa: PLR2004
            return None
        if answer.status != 200:  # noqa: PLR2004
            # Closed and cleared away, or only broken: the log says which (LF-READ-2).
            await self._refresh_identity()
            message = f"{self.publisher.base}head.json is not there"
            raise UnexpectedAnswer(message)
        self.publisher = msgspec.structs.replace(self.publisher, etag=answer.etag)
        try:
            return open_head(answer.body, identity=self.identity, now=self.now)
        except (UnknownIdentityVersion, UnknownKey, BadSignature):
            # A key may have changed since: read the log once, then it counts or it does not.
            await self._refresh_identity()
            return open_head(answer.body, identity=self.identity, now=self.now)

    def _is_new_day(self) -> bool:
        checked = self.publisher.checked
        return checked is not None and read_time(checked).date() != self.now.date()

    async def _look_at_home(self) -> None:
        """Look once a day whether the log at the home goes on (LF-FOLLOW-1).

        Closing and a key taken away are seen here, even where nobody writes a head any more.
        """
        try:
            answer = await self.ports.fetch.get(
                self.identity.home,
                limit_bytes=limits.LOG_BYTES,
                allow_loopback=self.publisher.allow_loopback,
                fresh=True,
            )
            await self._take_log(answer.body)
        except Closed:
            raise
        except (Unreachable, Rejected, Refused) as error:
            # Shown and not followed: what was read before stays, and the feed is read as ever.
            self.notes.append(f"home not confirmed: {error.code}")

    async def _refresh_identity(self) -> None:
        """Read the log again, beside the files; take it over where it extends the one held."""
        await self._take_log(await self._fetch("did.jsonl", limits.LOG_BYTES, fresh=True))

    async def _take_log(self, log: bytes) -> None:
        """Take a log over where it extends the one held (LF-ID-19).

        Raises:
            LogForked: it contradicts the one held; ours is kept.
            Closed: it closes the identity; everything of it was deleted.

        """
        identity = self._read_identity(log)
        relation = compare_logs(self.identity, identity)
        if relation is Comparison.FORKED:
            message = "the publisher's identity log contradicts the one held"
            raise LogForked(message)
        if relation is not Comparison.EXTENDS:
            return
        self.identity = identity
        self.notes.append("key change")
        self.publisher = msgspec.structs.replace(
            self.publisher,
            log=log,
            base=identity.base,
            host=identity.host,
            is_closed=identity.closed,
            # What could not be verified with the old keys may be good with the new ones.
            etag=None,
        )
        await self.ports.store.write(self._save_identity)
        if identity.closed:
            message = "the organisation closed its identity; what it published is withdrawn"
            raise Closed(message)

    def _save_identity(self, tx: Transaction) -> None:
        did = self.publisher.did
        tx.save_publisher(self._present(tx))
        for path, _, _, state in tx.rows(did):
            if self.identity.closed:
                tx.delete_document(did, path)
            elif state is DocumentState.REJECTED:
                # By a key that we did not know, maybe: asked for again now that we do (LF-READ-10).
                held = tx.document(did, path)
                if held is not None and held.problem == UnknownKey.code:
                    again = msgspec.structs.replace(held, state=DocumentState.WANTED, problem=None)
                    tx.put_document(again)

    def _present(self, reads: Reads) -> Publisher:
        """Return the publisher as stored now, with what this poll learnt of its identity.

        Raises:
            NotListed: it was unfollowed while we polled: nothing of it may be stored.

        """
        stored = reads.publisher(self.publisher.did)
        if stored is None or not stored.is_followed:
            message = "unfollowed while it was being read"
            raise NotListed(message)
        return msgspec.structs.replace(
            stored,
            log=self.publisher.log,
            base=self.publisher.base,
            host=self.publisher.host,
            is_closed=self.publisher.is_closed,
        )

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
            if judge(self.publisher.state, again.state) is not Verdict.NEWER:
                return again, None
            return again, await self._read_once(again, fresh=True)

    async def _read_once(self, head: CheckedHead, *, fresh: bool = False) -> Listing:
        async def fetch(path: str) -> bytes | None:
            answer = await self.ports.fetch.get(
                self.publisher.base + path,
                limit_bytes=limits.FEED_FILE_BYTES,
                allow_loopback=self.publisher.allow_loopback,
                fresh=fresh,
                may_be_missing=True,
            )
            return answer.body if answer.status == 200 else None  # noqa: PLR2004

        state = self.publisher.state
        cursor = state if state is not None and state.era == head.era else None
        if self.publisher.over_quota:
            # What did not fit is not held: which rows fit now can only be said of all of them.
            cursor = None
        listing = await read_feed(head.head, self.identity.scid, cursor, fetch)
        self.notes += listing.notes
        return listing

    def _apply(self, tx: Transaction, head: CheckedHead, listing: Listing) -> None:
        """Commit what a head says is live: the ratchet and the listing, at once (LF-READ)."""
        publisher = self._present(tx)
        if publisher.state != self.publisher.state:
            # Another process polled meanwhile, or the publisher was followed anew: what we read goes
            # on from a head that is not the one held any more.
            return
        did = publisher.did
        held = {path: name for path, _, name, _ in tx.rows(did)}
        listed = {row.path for row in listing.puts}
        if not listing.is_whole:
            listed |= held.keys() - set(listing.deletes)
        kept, self.over_quota = within_quota(listed)
        gone = held.keys() - kept
        for path in sorted(gone):
            tx.delete_document(did, path)
        self.deleted += len(gone)
        wanted = [
            StoredDocument(
                did=did,
                path=row.path,
                type=row.type,
                digest=row.digest,
                state=DocumentState.WANTED,
            )
            for row in listing.puts
            if row.path in kept and held.get(row.path) != row.digest
        ]
        tx.put_documents([one for one in wanted if one.path in held])
        tx.put_documents([one for one in wanted if one.path not in held], is_logged=False)
        if publisher.state is not None and publisher.state.era != head.era:
            self._check_again(tx, sorted(kept - {one.path for one in wanted}))
        tx.save_publisher(
            self._confirmed(
                msgspec.structs.replace(
                    publisher,
                    head=head.body,
                    state=head.state,
                    head_expires=head.head.expires,
                    poll_seconds=_clamp_poll(head.head.poll),
                    over_quota=self.over_quota,
                )
            )
        )
        self.publisher = msgspec.structs.replace(self.publisher, state=head.state)

    def _check_again(self, tx: Transaction, paths: list[str]) -> None:
        """Check documents held whose bytes did not change, once a key was taken away (LF-READ-13)."""
        for path in paths:
            held = tx.document(self.publisher.did, path)
            if held is not None and held.body is not None:
                found = check_documents([(held, held.body)], self.identity, self.now)
                tx.put_documents([one for one in found if one.state is DocumentState.REJECTED])

    def _confirm(self, tx: Transaction, head: CheckedHead | None) -> None:
        """Commit that the head held still is the newest, or its renewal."""
        publisher = self._present(tx)
        if publisher.state != self.publisher.state:
            return  # as in `_apply`
        if head is not None and judge(publisher.state, head.state) is Verdict.RENEWAL:
            publisher = msgspec.structs.replace(
                publisher,
                head=head.body,
                state=head.state,
                head_expires=head.head.expires,
                poll_seconds=_clamp_poll(head.head.poll),
            )
        tx.save_publisher(self._confirmed(publisher))

    def _confirmed(self, publisher: Publisher) -> Publisher:
        jitter = 0.8 + 0.4 * self.ports.chance.fraction()
        return msgspec.structs.replace(
            publisher,
            etag=self.publisher.etag,
            checked=write_time(self.now),
            next_poll=write_time(self.now + timedelta(seconds=publisher.poll_seconds * jitter)),
            failures=0,
            problem=None,
        )


def _clamp_poll(seconds: int) -> int:
    return min(max(seconds, limits.POLL_SECONDS_MIN), limits.POLL_SECONDS_MAX)


def _note_failure(tx: Transaction, ports: Ports, did: str, code: str) -> None:
    """Remember that a poll failed; the wait doubles with each failure, up to a day."""
    publisher = tx.publisher(did)
    if publisher is None:
        return
    failures = publisher.failures + 1
    wait = min(publisher.poll_seconds * 2 ** min(failures - 1, 10), limits.POLL_SECONDS_MAX)
    jitter = 0.8 + 0.4 * ports.chance.fraction()
    moment = ports.clock.now() + timedelta(seconds=wait * jitter)
    tx.save_publisher(
        msgspec.structs.replace(
            publisher, failures=failures, problem=code, next_poll=write_time(moment)
        )
    )


def is_confirmed(publisher: Publisher, now: datetime) -> bool:
    """Whether the newest head of a publisher has not expired (LF-READ)."""
    return publisher.head_expires is not None and read_time(publisher.head_expires) > now
