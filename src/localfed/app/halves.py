"""Halves: what organisations here say of each other, and what holds by it now; everywhere by these functions.

Here: reading halves that are live, whether who says it still counts, partnerships in force. Not here: what
a half is (`protocol.partnership`), changing ours (`partnerships`). Spec: 05-documents (LF-PART-4, LF-PART-6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from localfed.app import policy
from localfed.app.ports import Reads
from localfed.app.speakers import Speaker
from localfed.app.values import DocumentState, Publisher
from localfed.protocol import limits
from localfed.protocol.errors import BadDid
from localfed.protocol.partnership import Half, Role, Stage, half_path, in_force, reaches
from localfed.protocol.times import write_time

PROMOTION: Final[Stage] = "promotion"
"""From this stage on a partner is shown for being one."""

PARTNERS: Final = 1_000
"""Halves of one organisation that are looked at where it is shown: no page costs more, whoever claims what."""

_HALF: Final = msgspec.json.Decoder(Half)


class InForce(msgspec.Struct, frozen=True, kw_only=True):
    """A partnership that holds, seen from one of its sides."""

    did: str
    partner: str
    stage: Stage
    """The lower of the two halves."""
    mine: Half
    theirs: Half
    unconfirmed_since: str | None
    """When the head of either expired; None: both are confirmed."""

    @property
    def my_roles(self) -> tuple[Role, ...]:
        """What this side says that it is."""
        return tuple(dict.fromkeys(self.mine.roles))

    @property
    def their_roles(self) -> tuple[Role, ...]:
        """What the partner says that it is."""
        return tuple(dict.fromkeys(self.theirs.roles))

    @property
    def is_promotion(self) -> bool:
        """Whether each shows the other (LF-PART-6)."""
        return self.mine.promotes and self.theirs.promotes and reaches(self.stage, PROMOTION)

    def turned(self) -> InForce:
        """See it from the other side."""
        return msgspec.structs.replace(
            self, did=self.partner, partner=self.did, mine=self.theirs, theirs=self.mine
        )


def speaks(publisher: Publisher | None, now: datetime) -> bool:
    """Whether the halves of a publisher say anything: it is here, open, and its head not long over."""
    return (
        publisher is not None
        and not publisher.is_closed
        and publisher.removal is None
        and (publisher.is_shown or publisher.voucher is not None)
        and policy.still_counts(publisher, now)
    )


def read_half(reads: Reads, did: str, partner: str, now: datetime) -> Half | None:
    """Read the half of one organisation towards another, if it is live; who says it is not looked at."""
    try:
        document = reads.document(did, half_path(partner))
    except BadDid:
        return None
    if (
        document is None
        or document.body is None
        or document.state is not DocumentState.LIVE
        or not document.is_shown
        or document.expires <= write_time(now)
    ):
        return None
    return _decode(document.body)


def read_halves(reads: Reads, now: datetime) -> dict[tuple[str, str], Half]:
    """Read every half that is live, of whomever, by who says it of whom."""
    return _by_sides(reads.halves(), now)


def halves_of(reads: Reads, did: str, now: datetime) -> dict[str, Half]:
    """Read the halves of one organisation that are live, by the partner, sorted."""
    found = _by_sides(reads.halves_of(did, PARTNERS), now)
    return {partner: found[side, partner] for side, partner in sorted(found) if side == did}


def between(reads: Reads, did: str, partner: str, now: datetime) -> InForce | None:
    """Say what is in force between two organisations, seen from the first; None: nothing (LF-PART-4)."""
    mine = read_half(reads, did, partner, now)
    return _between(reads, mine, now) if mine is not None else None


def in_force_of(reads: Reads, did: str, now: datetime) -> list[InForce]:
    """Say what is in force between an organisation and each other, sorted by the others' DIDs (LF-PART-4)."""
    found = (_between(reads, mine, now) for mine in halves_of(reads, did, now).values())
    return [one for one in found if one is not None]


def all_in_force(reads: Reads, speakers: Mapping[str, Speaker], now: datetime) -> list[InForce]:
    """Say what is in force among these, by DID: each once, from the side of the lesser DID.

    They are to be such as `speaks` says of a publisher: `speaking` finds them.
    """
    moment = write_time(now)
    halves = read_halves(reads, now)
    found = []
    for (did, partner), mine in halves.items():
        if did < partner and did in speakers and partner in speakers:
            theirs = halves.get((partner, did))
            stage = in_force(mine, theirs)
            if theirs is not None and stage is not None:
                ends = (speakers[did].head_expires, speakers[partner].head_expires)
                found.append(_held(mine, theirs, stage, ends, moment))
    return found


def speaking(reads: Reads, now: datetime) -> dict[str, Speaker]:
    """Return those whose halves say something and who are shown here, by DID; as `speaks` of a publisher."""
    last = write_time(now - timedelta(days=limits.HEAD_GRACE_DAYS))
    return {
        one.did: one
        for one in reads.speakers()
        if one.is_shown and not one.is_closed and (one.head_expires or "") > last
    }


def join(
    mine: Half | None,
    theirs: Half | None,
    ours: Publisher | None,
    partner: Publisher | None,
    now: datetime,
) -> InForce | None:
    """Join two live halves to what holds by them, if who says them still counts (LF-PART-4)."""
    stage = in_force(mine, theirs)
    if mine is None or theirs is None or stage is None:
        return None
    if ours is None or partner is None or not (speaks(ours, now) and speaks(partner, now)):
        return None
    return _held(mine, theirs, stage, (ours.head_expires, partner.head_expires), write_time(now))


def _held(
    mine: Half, theirs: Half, stage: Stage, ends: tuple[str | None, str | None], moment: str
) -> InForce:
    over = [end for end in ends if end is not None and end <= moment]
    return InForce(
        did=mine.issuer,
        partner=mine.partner,
        stage=stage,
        mine=mine,
        theirs=theirs,
        unconfirmed_since=min(over, default=None),
    )


def _between(reads: Reads, mine: Half, now: datetime) -> InForce | None:
    theirs = read_half(reads, mine.partner, mine.issuer, now)
    if theirs is None:
        return None
    ours, partner = reads.publisher(mine.issuer), reads.publisher(mine.partner)
    return join(mine, theirs, ours, partner, now)


def _by_sides(bodies: Iterable[bytes], now: datetime) -> dict[tuple[str, str], Half]:
    moment = write_time(now)
    halves = (_decode(body) for body in bodies)
    return {
        (one.issuer, one.partner): one for one in halves if one is not None and one.expires > moment
    }


def _decode(body: bytes) -> Half | None:
    try:
        return _HALF.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None  # a bad row breaks nothing else
