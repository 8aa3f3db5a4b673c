"""Policy: from whom this node takes anything, and how much.

Here: the questions that are asked before anything that costs; they read, and change nothing. Not
here: what an operator does about it (`moderation`). Spec: 07-accept (LF-ACCEPT-10), 08-following.
"""

from __future__ import annotations

from collections.abc import Collection

from localfed.app.ports import Reads
from localfed.app.values import BlockKind, Publisher
from localfed.protocol import limits
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.identity import Identity


def is_taken_from(reads: Reads, publisher: Publisher) -> bool:
    """Whether this node takes what a publisher publishes: it was asked to, and nothing is against it."""
    if publisher.is_hosted or publisher.removal is not None:
        return False
    if not publisher.is_followed and publisher.voucher is None:
        return False
    return not is_blocked(reads, publisher)


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


def quota_of(reads: Reads, publisher: Publisher) -> int:  # noqa: ARG001
    """Say how many documents of a publisher are kept (LF-FOLLOW-5)."""
    if publisher.quota is not None:
        return publisher.quota
    return limits.PUBLISHER_DOCUMENTS


def within_quota(paths: Collection[str], quota: int) -> tuple[set[str], int]:
    """Say which of the paths that a publisher lists fit its quota, and how many do not.

    `org.json` comes first, then the order of paths (LF-FOLLOW-5): so it is the same whenever one looked.
    """
    over = len(paths) - quota
    if over <= 0:
        return set(paths), 0
    ordered = sorted(paths, key=precedence)
    return set(ordered[:quota]), over


def precedence(path: str) -> tuple[bool, str]:
    """Say what comes first of a publisher: who it is, then the order of paths."""
    return path != ORGANISATION_PATH, path
