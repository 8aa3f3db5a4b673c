"""The door inwards: all that is written of other organisations is written here.

Here: policy before anything that costs, and the transactions by which a log, a head with what it
lists, and documents come to count; whichever way they came: feed, bundle, mirror, inbox. Not here: the
checks on bytes themselves (`protocol.accept`, `checking`), fetching (`polling`, `gathering`). Spec: 07-accept (LF-ACCEPT), 06-feed (LF-RATCHET, LF-READ).

A house test sees to it that no other file calls the accepting half of the store's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from localfed.app import pacing, policy
from localfed.app.checking import check_documents
from localfed.app.message_values import StoredMessage
from localfed.app.ports import Reads, Transaction
from localfed.app.values import (
    DocumentState,
    FeedFile,
    Growth,
    Home,
    Publisher,
    StoredDocument,
)
from localfed.protocol import limits
from localfed.protocol.accept import CheckedHead
from localfed.protocol.errors import (
    NotListed,
    UnknownKey,
)
from localfed.protocol.feed import Entry, Row, outdated, parts_at
from localfed.protocol.identity import Identity
from localfed.protocol.ratchet import HeadState, Verdict, judge
from localfed.protocol.times import read_time, write_time


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """What a newer head says is live, as far as it differs from what is held, or all of it."""

    head: CheckedHead
    puts: tuple[Row, ...]
    deletes: tuple[str, ...]
    is_whole: bool
    """True: `puts` is everything that is live; what is not in it is deleted."""
    files: dict[str, bytes] = {}
    """Pages and parts as they came, by path: what a mirror serves on."""
    until_snapshot: tuple[Entry, ...] | None = None
    """Entries up to the head's snapshot, where the walk passed it."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What taking over a listing did."""

    deleted: int
    over_quota: int


def present(reads: Reads, did: str) -> Publisher:
    """Return a publisher as stored now, if this node still takes anything from it.

    Raises:
        NotListed: it was unfollowed or blocked meanwhile: nothing of it may be stored.

    """
    stored = reads.publisher(did)
    if stored is None or not policy.is_taken_from(reads, stored):
        message = "unfollowed or blocked while it was being read"
        raise NotListed(message)
    return stored


# --- publishers ------------------------------------------------------------------------------


def begin(tx: Transaction, publisher: Publisher) -> None:
    """Begin to take from a publisher, or change on what terms this node does."""
    tx.accept_publisher(publisher)


def forget(tx: Transaction, did: str) -> None:
    """Forget a publisher and every document of it."""
    tx.delete_publisher(did)


def note_failure(
    tx: Transaction, did: str, *, code: str, now: datetime, wait_seconds: int, jitter: float
) -> None:
    """Remember that a poll failed; the wait doubles with each failure, up to a day.

    `wait_seconds` is what the other side asked for, 0 if nothing; `jitter` is from 0 to 1.
    Rules: LF-FOLLOW-4.
    """
    publisher = tx.publisher(did)
    if publisher is None or publisher.is_hosted:
        return
    failed = msgspec.structs.replace(publisher, failures=publisher.failures + 1, problem=code)
    next_poll = pacing.after_failure(failed, now, wait_seconds, jitter)
    tx.accept_publisher(msgspec.structs.replace(failed, next_poll=next_poll))


def note_home(tx: Transaction, did: str, home: Home) -> None:
    """Remember what the look at an identity's home brought."""
    publisher = tx.publisher(did)
    if publisher is not None and not publisher.is_hosted and publisher.home != home:
        tx.accept_publisher(msgspec.structs.replace(publisher, home=home))


def bring_forward(tx: Transaction, did: str, now: datetime) -> bool:
    """Let a publisher be polled as soon as a push may cause it: now, or a minute after the last (LF-PING-1).

    Says whether the push changes anything.
    """
    publisher = tx.publisher(did)
    if publisher is None or not policy.is_taken_from(tx, publisher):
        return False
    if not pacing.may_be_pinged(publisher, now):
        return False
    moment = write_time(pacing.after_push(publisher, now))
    due = min(publisher.next_poll, moment) if publisher.next_poll is not None else None
    tx.accept_publisher(msgspec.structs.replace(publisher, next_poll=due, pinged=moment))
    return True


def take_message(tx: Transaction, message: StoredMessage) -> None:
    """Keep a message that passed the door, as it came (LF-INBOX-2)."""
    tx.accept_message(message)


# --- the log ---------------------------------------------------------------------------------


def take_log(tx: Transaction, did: str, log: bytes, identity: Identity, now: datetime) -> Publisher:
    """Take over a log that extends the one held; a closed identity's documents go at once.

    Rules: LF-ID-19, LF-READ-10, LF-READ-13.

    Raises:
        NotListed: it was unfollowed meanwhile.

    """
    stored = present(tx, did)
    has_new_era = stored.state is not None and identity.era > stored.state.era
    publisher = msgspec.structs.replace(
        stored,
        log=log,
        base=identity.base,
        host=identity.host,
        is_closed=identity.closed,
        # What could not be verified with the old keys may be good with the new ones.
        etag=None,
        keys_changed=write_time(now),
        renewing_until=(
            write_time(now + timedelta(hours=limits.RENEWING_HOURS))
            if has_new_era
            else stored.renewing_until
        ),
    )
    tx.accept_publisher(publisher)
    rows = tx.rows(did)
    if identity.closed:
        tx.accept_deletions(did, [path for path, _, _, _ in rows])
        return publisher
    for path, _, _, state in rows:
        if state is DocumentState.REJECTED:
            # By a key that we did not know, maybe: asked for again now that we do.
            _want_again(tx, did, path, UnknownKey.code)
    return publisher


def _want_again(tx: Transaction, did: str, path: str, problem: str) -> None:
    held = tx.document(did, path)
    if held is not None and held.problem == problem:
        tx.accept_documents(
            (msgspec.structs.replace(held, state=DocumentState.WANTED, problem=None),)
        )


def want_again(tx: Transaction, did: str, problem: str) -> None:
    """Ask again, at the next poll, for documents that were refused for a reason that is gone."""
    for path, _, _, state in tx.rows(did):
        if state is DocumentState.REJECTED:
            _want_again(tx, did, path, problem)


# --- the head --------------------------------------------------------------------------------


def take_listing(
    tx: Transaction,
    held: HeadState | None,
    did: str,
    listed: Listed,
    identity: Identity,
    *,
    now: datetime,
) -> Taken | None:
    """Commit what a newer head says is live: the ratchet and the listing, at once (LF-READ-1).

    `held` is the state that the feed was read on from. None: another process took another head
    meanwhile, or the publisher was followed anew; nothing was changed.

    Raises:
        NotListed: it was unfollowed meanwhile.

    """
    publisher = present(tx, did)
    if publisher.state != held:
        return None
    rows = [Row(path=path, type=kind, digest=name) for path, kind, name, _ in tx.rows(did)]
    known = {row.path: row.digest for row in rows}
    paths = {row.path for row in listed.puts}
    if not listed.is_whole:
        paths |= known.keys() - set(listed.deletes)
    _take_files(tx, did, listed, rows)
    kept, over_quota = policy.kept_of(tx, publisher, paths)
    gone = known.keys() - kept
    tx.accept_deletions(did, sorted(gone))
    changed = [one for one in listed.puts if one.path in kept and known.get(one.path) != one.digest]
    growth, held_back = policy.hold_growth(
        publisher, [row.path for row in changed], had=len(known), has=len(kept), now=now
    )
    wanted = [
        StoredDocument(
            did=did,
            path=row.path,
            type=row.type,
            digest=row.digest,
            state=DocumentState.WANTED,
            problem=policy.HELD_BACK if row.path in held_back else None,
        )
        for row in changed
    ]
    tx.accept_documents([one for one in wanted if one.path in known])
    tx.accept_documents([one for one in wanted if one.path not in known], is_logged=False)
    if held is not None and held.era != listed.head.era:
        unchanged = sorted(kept - {one.path for one in wanted})
        _check_again(tx, did, unchanged, identity, read_time(listed.head.head.updated))
    tx.accept_publisher(
        msgspec.structs.replace(
            _with_head(publisher, listed.head),
            over_quota=over_quota,
            renewing_until=None,
            growth=msgspec.structs.replace(growth, held_back=len(_held_back(tx, publisher))),
        )
    )
    return Taken(deleted=len(gone), over_quota=over_quota)


def _held_back(reads: Reads, publisher: Publisher) -> list[StoredDocument]:
    """Return what waits for the operator's word; only of who is known by "via" there is any."""
    if publisher.growth.since is None:
        return []
    return [one for one in reads.documents(publisher.did) if one.problem == policy.HELD_BACK]


def release(tx: Transaction, publisher: Publisher, now: datetime) -> Publisher:
    """Let come what is held back of a publisher; what it then has is what is usual for it (LF-VIA-6)."""
    free = _held_back(tx, publisher)
    tx.accept_documents([msgspec.structs.replace(one, problem=None) for one in free])
    growth = Growth(since=write_time(now), base=len(tx.rows(publisher.did)))
    released = msgspec.structs.replace(publisher, growth=growth, next_poll=None)
    tx.accept_publisher(released)
    return released


def fit_quota(tx: Transaction, did: str) -> Publisher:
    """Let go of what is held of a publisher beyond its quota, after that was changed (LF-FOLLOW-5)."""
    publisher = present(tx, did)
    held = {path for path, *_ in tx.rows(did)}
    kept, over = policy.kept_of(tx, publisher, held)
    if over > 0:
        tx.accept_deletions(did, sorted(held - kept))
        publisher = msgspec.structs.replace(publisher, over_quota=publisher.over_quota + over)
        tx.accept_publisher(publisher)
    return publisher


def _take_files(tx: Transaction, did: str, listed: Listed, rows: Sequence[Row]) -> None:
    """Keep the feed files of a head, as they came: what is served of it as a mirror (LF-MIRROR-3).

    Parts that nobody had to read are written from the rows.
    """
    head = listed.head.head
    files = dict(listed.files)
    if listed.until_snapshot is not None:
        files |= parts_at(head.snapshot, rows, listed.until_snapshot)
    for path, body in files.items():
        tx.accept_feed_file(FeedFile(did=did, path=path, body=body))
    until = read_time(head.updated) + timedelta(hours=limits.OLD_FILES_HOURS)
    held = dict(tx.feed_files(did))
    for path in outdated(held, head):
        file = tx.feed_file(did, path) if held[path] is None else None
        if file is not None:
            tx.accept_feed_file(msgspec.structs.replace(file, remove_after=write_time(until)))


def take_file(tx: Transaction, did: str, path: str, body: bytes) -> None:
    """Keep one more feed file of a head that counts: a part that was fetched for those who come."""
    tx.accept_feed_file(FeedFile(did=did, path=path, body=body))


def confirm(
    tx: Transaction,
    held: HeadState | None,
    did: str,
    head: CheckedHead | None,
    *,
    now: datetime,
    source: str,
    is_home: bool,
    etag: str | None,
    jitter: float,
) -> None:
    """Commit that a publisher was read well: the head held still is the newest, or its renewal.

    `jitter`, from 0 to 1, spreads the next poll by a fifth either way (LF-FOLLOW-3).

    Raises:
        NotListed: it was unfollowed meanwhile.

    """
    publisher = present(tx, did)
    if publisher.state != held:
        return  # another process took another head meanwhile
    if head is not None and judge(publisher.state, head.state) is Verdict.RENEWAL:
        publisher = _with_head(publisher, head)
    moment = write_time(now)
    tx.accept_publisher(
        msgspec.structs.replace(
            publisher,
            etag=etag if is_home else publisher.etag,
            checked=moment if is_home else publisher.checked,
            read=moment,
            source=source,
            next_poll=pacing.after_reading(publisher, now, jitter),
            failures=0,
            problem=None,
        )
    )


def end_renewing(tx: Transaction, publisher: Publisher, identity: Identity, now: datetime) -> None:
    """Hide what a removed key signed, once its time of grace is over (LF-READ-13)."""
    did = publisher.did
    _check_again(tx, did, [path for path, _, _, _ in tx.rows(did)], identity, now)
    tx.accept_publisher(msgspec.structs.replace(publisher, renewing_until=None))


def _with_head(publisher: Publisher, head: CheckedHead) -> Publisher:
    return msgspec.structs.replace(
        publisher,
        head=head.body,
        state=head.state,
        head_expires=head.head.expires,
        poll_seconds=min(max(head.head.poll, limits.POLL_SECONDS_MIN), limits.POLL_SECONDS_MAX),
    )


def _check_again(
    tx: Transaction, did: str, paths: Sequence[str], identity: Identity, now: datetime
) -> None:
    """Check documents held whose bytes did not change, once a key was taken away (LF-READ-13)."""
    for path in paths:
        held = tx.document(did, path)
        if held is not None and held.body is not None:
            found = check_documents([(held, held.body)], identity, now)
            tx.accept_documents([one for one in found if one.state is DocumentState.REJECTED])


# --- documents -------------------------------------------------------------------------------


def take_documents(
    tx: Transaction, held: HeadState | None, did: str, documents: Sequence[StoredDocument]
) -> list[StoredDocument]:
    """Store checked documents whose path is still listed with the same digest; returns those.

    `held` is the state of the head that listed them.
    """
    publisher = tx.publisher(did)
    if publisher is None or not policy.is_taken_from(tx, publisher):
        return []
    if publisher.state != held:
        # Another process applied another head meanwhile: look at each.
        documents = [one for one in documents if _is_listed(tx, one)]
    tx.accept_documents(documents)
    return list(documents)


def _is_listed(reads: Reads, document: StoredDocument) -> bool:
    held = reads.document(document.did, document.path)
    return held is not None and held.digest == document.digest
