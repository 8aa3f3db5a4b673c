"""Steps back: a partner that goes less far, ends it, or leaves a joint offer is told to the operator of the other side.

Here: what each side said when it was last looked, and notices of what has become less. Not here: when it is
looked (`lapses`), stepping back oneself (`partnerships`). Spec: 05-documents (LF-PART-3, LF-JOINT-3).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

import msgspec

from localfed.app import halves, notices
from localfed.app.joint import live_offer
from localfed.app.message_values import Notice
from localfed.app.names import Names, name_on
from localfed.app.ports import Reads, Transaction
from localfed.protocol.did import split_id
from localfed.protocol.partnership import STAGES, Half, Stage
from localfed.protocol.times import write_time

STEPPED_BACK: Final = "partner-stepped-back"
LEFT: Final = "contributor-left"


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """What one of ours and another organisation say of each other."""

    mine: Stage | None
    theirs: Stage | None
    offers: tuple[str, ...] = ()
    """Offers of ours that name the other, and to which it says that it contributes."""
    left: tuple[str, ...] = ()
    """Offers of ours that name it still, though it left them."""


Seen = dict[str, dict[str, Pair]]
"""By hosted organisation and partner."""


def look(reads: Reads, before: Seen, now: datetime) -> Seen:
    """See what holds now; of who is silent or removed here, what it said when it was last heard."""
    return {
        ours.did: dict(_pairs(reads, ours.did, before.get(ours.did, {}), now))
        for ours in reads.publishers(hosted=True)
    }


def tell(
    tx: Transaction,
    before: Seen,
    after: Seen,
    now: datetime,
    *,
    told: Collection[tuple[str, str]],
) -> None:
    """Tell operators of what has become less since; `told` are pairs whose operator hears of it otherwise."""
    for did, pairs in after.items():
        for partner, pair in pairs.items():
            had = before.get(did, {}).get(partner)
            if had is None or had == pair:
                continue
            if _is_less(pair.theirs, had.theirs) and _is_less(pair.theirs, pair.mine):
                if (did, partner) not in told:
                    text = _say_step(tx, did, partner, had, pair)
                    _note(tx, STEPPED_BACK, did, partner, text, now)
            elif (pair.mine, pair.theirs) != (had.mine, had.theirs):
                notices.drop(tx, did, STEPPED_BACK, partner)
            if pair.left != had.left:
                if pair.left:
                    _note(tx, LEFT, did, partner, _say_left(tx, partner, pair.left), now)
                else:
                    notices.drop(tx, did, LEFT, partner)


def say_what_to_do(reads: Reads, did: str, partner: str, pair: Pair | None) -> str:
    """Say which command brings our half in line with theirs; empty where it says no more."""
    if pair is None or not _is_less(pair.theirs, pair.mine):
        return ""
    names = Names(reads)
    address = names.address_of(partner)
    command = (
        f"localfed partner end {address}"
        if pair.theirs is None
        else f"localfed partner step {address} --stage {pair.theirs}"
    )
    whose = f" --as {names.address_of(did)}" if len(reads.publishers(hosted=True)) > 1 else ""
    return f"; your half still says {pair.mine}: {command}{whose}"


def _pairs(
    reads: Reads, did: str, before: dict[str, Pair], now: datetime
) -> Iterator[tuple[str, Pair]]:
    mine = halves.halves_of(reads, did, now)
    for partner in sorted(mine.keys() | before.keys()):
        half, had = mine.get(partner), before.get(partner)
        if half is None and (had is None or had.mine is None):
            continue  # over, and told
        publisher = reads.publisher(partner)
        stage = half.stage if half is not None else None
        is_closed = publisher is not None and publisher.is_closed and publisher.removal is None
        if not is_closed and not halves.speaks(publisher, now):
            heard = had if had is not None else Pair(mine=None, theirs=None)
            yield partner, msgspec.structs.replace(heard, mine=stage)
            continue
        theirs = halves.read_half(reads, partner, did, now) if not is_closed else None
        named = _named(reads, did, partner, theirs, had, now)
        joined = theirs.joint_offers if theirs is not None else ()
        yield (
            partner,
            Pair(
                mine=stage,
                theirs=theirs.stage if theirs is not None else None,
                offers=tuple(one for one in named if one in joined),
                left=tuple(one for one in named if one not in joined),
            ),
        )


def _named(  # noqa: PLR0917 - each is another thing
    reads: Reads, did: str, partner: str, theirs: Half | None, had: Pair | None, now: datetime
) -> list[str]:
    """Name the offers of ours that name a partner, of those to which it says that it contributes, or did."""
    said = theirs.joint_offers if theirs is not None else ()
    known = (*had.offers, *had.left) if had is not None else ()
    found = []
    for offer in dict.fromkeys((*said, *known)):
        live = live_offer(reads, offer, now) if offer.startswith(did + "/") else None
        if live is not None and any(one.organisation == partner for one in live[1].contributors):
            found.append(offer)
    return found


def _is_less(stage: Stage | None, than: Stage | None) -> bool:
    if than is None:
        return False
    return stage is None or STAGES.index(stage) < STAGES.index(than)


def _say_step(reads: Reads, did: str, partner: str, had: Pair, pair: Pair) -> str:
    who = Names(reads).of(partner)
    publisher = reads.publisher(partner)
    if publisher is not None and publisher.is_closed:
        what = f"closed: nothing is in force with it any more, where it said {had.theirs}"
    elif pair.theirs is None:
        what = f"ended the partnership, or its half of it has expired: it said {had.theirs}, and says nothing now"
    else:
        what = f"went back from {had.theirs} to {pair.theirs}"
    return f"{who} {what}{say_what_to_do(reads, did, partner, pair)}"


def _say_left(reads: Reads, partner: str, offers: tuple[str, ...]) -> str:
    which = ", ".join(f"{name_on(reads.document(*split_id(one)))!r} ({one})" for one in offers)
    return (
        f"{Names(reads).of(partner)} no longer contributes to {which}, which still names it: "
        "publish it without it in contributors (localfed show, localfed publish)"
    )


def _note(tx: Transaction, kind: str, did: str, partner: str, text: str, now: datetime) -> None:  # noqa: PLR0917
    told = Notice(kind=kind, did=did, about=partner, text=text, since=write_time(now))
    notices.note(tx, told)
