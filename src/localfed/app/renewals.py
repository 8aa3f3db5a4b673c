"""Renewals: signing our own heads and documents again before they expire.

Here: one round for one hosted organisation; the roof's worker calls it while `serve` runs.
Not here: the numbers and times of what is signed (`publishing`). Spec: 06-feed (LF-WRITE).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.publishing import publish, write_bundle
from localfed.app.signing import Author, Change, author_of, sign_again
from localfed.app.standing import check_may_sign
from localfed.app.values import Publisher, StoredDocument
from localfed.protocol.times import read_time, write_time

_AT_ONCE = 500


class Renewed(msgspec.Struct, frozen=True, kw_only=True):
    """What one round did."""

    documents: int
    fading: int
    """Documents that cannot be signed again: nobody looked at them for too long."""
    head: bool
    """Whether a new head was signed, with documents or alone."""
    files_removed: int
    is_done: bool
    """False: more documents are due; come again at once."""


async def renew(ports: Ports, did: str) -> Renewed:
    """Sign again what is due of a hosted organisation, and let go of old feed files.

    Raises:
        PublicHeadAhead, ClockWrong: it may not sign now; nothing was changed.
        BadFile: its key cannot be read.

    """
    now = ports.clock.now()
    if not _is_anything_due(ports.store, did, now):
        return Renewed(documents=0, fading=0, head=False, files_removed=0, is_done=True)
    keys = ports.keys.signing_keys(did)

    def change(tx: Transaction) -> tuple[Renewed, bool]:
        check_may_sign(tx, did)
        author = author_of(tx, did, keys, now)
        due = tx.due_for_renewal(did, write_time(now), _AT_ONCE)
        signed = [_sign_again(ports, tx, author, document) for document in due]
        changes = [change for change in signed if change is not None]
        # The head alone is renewed too, so this does not go through `sign_and_store`.
        is_due = bool(changes) or is_head_due(author.publisher, now)
        has_snapshot = is_due and publish(tx, author, changes)
        done = Renewed(
            documents=len(changes),
            fading=len(due) - len(changes),
            head=is_due,
            files_removed=tx.delete_feed_files(did, write_time(now)),
            is_done=len(due) < _AT_ONCE,
        )
        return done, has_snapshot

    renewed, has_snapshot = await ports.store.write(change)
    if has_snapshot:
        await write_bundle(ports, did)
    return renewed


def is_head_due(publisher: Publisher, now: datetime) -> bool:
    """Whether half of the head's life is over."""
    if publisher.state is None or publisher.head_expires is None:
        return True
    begin, end = read_time(publisher.state.updated), read_time(publisher.head_expires)
    return now >= begin + (end - begin) / 2


def _is_anything_due(reads: Reads, did: str, now: datetime) -> bool:
    publisher = reads.publisher(did)
    if publisher is None or publisher.is_closed:
        return False
    moment = write_time(now)
    return (
        is_head_due(publisher, now)
        or bool(reads.due_for_renewal(did, moment, 1))
        or any(after is not None and after <= moment for _, after in reads.feed_files(did))
    )


def _sign_again(
    ports: Ports, tx: Transaction, author: Author, document: StoredDocument
) -> Change | None:
    """Sign a document again; None where it has to fade."""
    change = sign_again(tx, author, document, jitter=ports.chance.fraction())
    if change is None:
        # The node was off for so long. One that cannot be signed must not keep the others from it.
        tx.put_document(msgspec.structs.replace(document, renew_at=None))
    return change
