"""The ratchet: which head of a publisher counts.

Here: the order of heads and the verdict on a new one. Not here: checking its signature (`accept`),
walking the feed (`app`). Spec: 06-feed (LF-RATCHET).
"""

from __future__ import annotations

from enum import Enum

import msgspec

from localfed.protocol.errors import Forked, Stale


class HeadState(msgspec.Struct, frozen=True, kw_only=True):
    """What the ratchet remembers of the newest accepted head of one publisher."""

    era: int
    """How many log entries, up to the head's own, took a key away."""
    seq: int
    chain: str
    updated: str


class Verdict(Enum):
    """What to do with a head that is not refused."""

    SAME = "same"
    """Nothing new: the head held stays."""
    RENEWAL = "renewal"
    """The same feed, said again later: its times are taken over."""
    NEWER = "newer"
    """The feed went on, or began anew in a new era: read it."""


def judge(held: HeadState | None, offered: HeadState) -> Verdict:
    """Say what a head is to someone who holds another; order is (era, seq, updated).

    Rules: LF-RATCHET-1 to LF-RATCHET-5.

    Raises:
        Stale: it lies before the head held.
        Forked: it says another feed at the same number; keep both as evidence.

    """
    if held is None or offered.era > held.era:
        return Verdict.NEWER
    if (offered.era, offered.seq) < (held.era, held.seq):
        message = "a newer head of this publisher was seen before"
        raise Stale(message)
    if offered.seq > held.seq:
        return Verdict.NEWER
    if offered.chain != held.chain:
        message = "the publisher signed two different feeds with one number"
        raise Forked(message)
    return Verdict.RENEWAL if offered.updated > held.updated else Verdict.SAME
