"""Policy: from whom this node takes anything, and how much.

Here: the questions that are asked before anything that costs; they read, and change nothing. Not
here: what an operator does about it (`moderation`). Spec: 07-accept (LF-ACCEPT-10), 08-following
(LF-FOLLOW-5, LF-VIA).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import msgspec

from localfed.app.ports import Reads
from localfed.app.values import BlockKind, Growth, Publisher
from localfed.protocol import limits
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.identity import Identity
from localfed.protocol.partnership import half_path
from localfed.protocol.times import read_time, write_time

HELD_BACK: Final = "growth-held"
"""What a document waits for that is more than is usual for its publisher: the operator's word."""


def is_taken_from(reads: Reads, publisher: Publisher) -> bool:
    """Whether this node takes what a publisher publishes: it was asked to, and nothing is against it."""
    if publisher.is_hosted or publisher.removal is not None:
        return False
    if not publisher.is_followed and publisher.voucher is None:
        return False
    return not is_blocked(reads, publisher)


def still_counts(publisher: Publisher, now: datetime) -> bool:
    """Whether the newest head of a publisher holds, or has not expired for longer than a fortnight (LF-READ-12)."""
    if publisher.head_expires is None:
        return False
    grace = timedelta(days=limits.HEAD_GRACE_DAYS)
    return now < read_time(publisher.head_expires) + grace


def is_blocked(reads: Reads, publisher: Publisher | Identity) -> bool:
    """Whether an organisation is blocked, by its name or by the host where it lives."""
    return reads.is_blocked(BlockKind.ORGANISATION, publisher.scid) or is_host_blocked(
        reads, publisher.host
    )


def is_host_blocked(reads: Reads, host: str) -> bool:
    """Whether a host is blocked, or one that it is part of; `example.org:8443` is part of `example.org`."""
    return any(reads.is_blocked(BlockKind.HOST, one) for one in hosts_above(host))


def hosts_above(host: str) -> list[str]:
    """Name a host and every host that it is part of, nearest first."""
    name = host.partition(":")[0]
    labels = name.split(".")
    above = [".".join(labels[at:]) for at in range(len(labels))]
    return [host, *above] if host != name else above


def quota_of(reads: Reads, publisher: Publisher) -> int:
    """Say how many documents of a publisher are kept.

    Of one that is known by "via" alone the quota of who vouches for it bears them; of one that may be a
    partner, but is not known to be, only what can show it.
    Rules: LF-FOLLOW-5, LF-VIA-2, LF-VIA-5.
    """
    if publisher.quota is not None:
        return publisher.quota
    if publisher.voucher is None:
        return limits.PUBLISHER_DOCUMENTS
    most = limits.VIA_DOCUMENTS if publisher.is_shown else limits.CANDIDATE_DOCUMENTS
    return min(most, _room_at_voucher(reads, publisher))


def _room_at_voucher(reads: Reads, publisher: Publisher) -> int:
    """Say how much of the quota of who vouches for a publisher is left for it."""
    assert publisher.voucher is not None
    voucher = reads.publisher(publisher.voucher)
    if voucher is None or voucher.step >= publisher.step:
        return 0
    borne = reads.documents_borne(voucher.did, without=publisher.did)
    return max(0, quota_of(reads, voucher) - borne)


def kept_of(reads: Reads, publisher: Publisher, paths: Collection[str]) -> tuple[set[str], int]:
    """Say which of the paths that a publisher lists are kept here, and how many are not."""
    return within_quota(paths, quota_of(reads, publisher), _half_of(publisher))


def within_quota(
    paths: Collection[str], quota: int, half: str | None = None
) -> tuple[set[str], int]:
    """Say which of the paths that a publisher lists fit its quota, and how many do not.

    In the order of their precedence (LF-FOLLOW-5): so it is the same whenever one looked.
    """
    over = len(paths) - quota
    if over <= 0:
        return set(paths), 0
    ordered = sorted(paths, key=lambda path: precedence(path, half))
    return set(ordered[:quota]), over


def precedence(path: str, half: str | None = None) -> tuple[int, str]:
    """Say what comes first of a publisher: who it is, then the half that is why it is shown, then the rest.

    `half` is the path of the half towards who vouches for it, where it is known by that alone (LF-VIA-2).
    """
    return (0 if path == ORGANISATION_PATH else 1 if path == half else 2), path


def _half_of(publisher: Publisher) -> str | None:
    return half_path(publisher.voucher) if publisher.voucher is not None else None


def hold_growth(
    publisher: Publisher, changes: Collection[str], *, had: int, has: int, now: datetime
) -> tuple[Growth, set[str]]:
    """Say which of the new and changed paths of a publisher wait for the operator's word (LF-VIA-6).

    `had` is how many documents of it were kept before, `has` how many are now. Only of one that is known by "via" alone; what it has when it is
    first read is what is usual for it. A renewal counts as a change: ten times leaves room for all.
    """
    growth = publisher.growth
    if publisher.voucher is None or not publisher.is_shown:
        return growth, set()
    if growth.since is None:
        return Growth(since=write_time(now), base=has), set()
    if read_time(growth.since) + timedelta(days=limits.GROWTH_DAYS) <= now:
        growth = Growth(since=write_time(now), base=had)
    usual = max(limits.GROWTH_DOCUMENTS, limits.GROWTH_TIMES * growth.base)
    half = _half_of(publisher)
    ordered = sorted(changes, key=lambda path: precedence(path, half))
    free = ordered[: max(0, usual - growth.count)]
    held = set(ordered[len(free) :])
    return msgspec.structs.replace(growth, count=growth.count + len(free)), held
