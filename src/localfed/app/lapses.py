"""Lapses: what held between organisations and holds no longer is noticed, told, and looked at again by search.

Here: when it is looked, mutual promotion that lapsed, for the operator; contributors of joint offers that came or
went, for the index. Not here: what holds now (`halves`, `joint`), partners that went less far (`steps_back`). Spec: 05-documents (LF-PART-6, LF-JOINT-3, LF-JOINT-5).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

import msgspec

from localfed.app import blocked_partners, halves, notices, steps_back
from localfed.app.joint import read_offer, record_of
from localfed.app.message_values import Notice
from localfed.app.names import Names
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.values import Publisher
from localfed.protocol.did import split_id
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.errors import BadDid, BadTime
from localfed.protocol.partnership import Half, in_force, reaches
from localfed.protocol.times import read_time, write_time

KIND: Final = "promotion-lapsed"

_AGAIN: Final = timedelta(hours=1)
"""How often it is looked whether time alone has ended something."""

_OF_ONE: Final = 200
"""Joint offers of one contributor that are remembered."""

_OF_ALL: Final = 20_000
"""Those of all together."""

_FACT: Final = "lapses"
_ROWS: Final = 5_000


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What one round noticed."""

    lapsed: tuple[tuple[str, str], ...] = ()
    """Hosted organisation and partner, by DID."""
    resumed: tuple[tuple[str, str], ...] = ()
    touched: int = 0
    """Joint offers that search looks at again."""


class _Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What held when it was last looked."""

    position: int
    moment: str
    promotions: dict[str, list[str]]
    """Of each hosted organisation the partners that it shows."""
    pairs: steps_back.Seen = {}
    """What each side of our partnerships said."""
    contributions: dict[str, dict[str, str]]
    """Of each offer those who say that they contribute and its lead, and what each says of itself, by digest."""


_SEEN: Final = msgspec.json.Decoder(_Seen)


async def refresh(ports: Ports) -> Changes:
    """Notice what has changed between organisations since the last round; cheap where nothing has.

    Raises:
        Unavailable: our own disk; nothing half done.

    """
    now = ports.clock.now()
    before = _before(ports.store)
    if before is not None and not _is_due(ports.store, before, now):
        return Changes()
    return await ports.store.write(lambda tx: _note(tx, now))


def _before(reads: Reads) -> _Seen | None:
    fact = reads.fact(_FACT)
    try:
        return _SEEN.decode(fact) if fact is not None else None
    except msgspec.DecodeError:
        return None  # of another version


def _is_due(reads: Reads, before: _Seen, now: datetime) -> bool:
    """Whether a half or an own record may have changed since, or an hour has gone by."""
    try:
        since = now - read_time(before.moment)
    except BadTime:
        return True
    if not timedelta(0) <= since < _AGAIN:
        return True
    if before.position == reads.log_position():
        return False
    rows = reads.log_after(before.position, _ROWS)
    return len(rows) == _ROWS or any(
        row.path.startswith("p/") or row.path == ORGANISATION_PATH for row in rows
    )


def _note(tx: Transaction, now: datetime) -> Changes:
    before = _before(tx)
    promotions, contributions = _promotions(tx, now), _contributions(tx, now)
    had_pairs = before.pairs if before is not None else {}
    pairs = steps_back.look(tx, had_pairs, now)
    lapsed: list[tuple[str, str]] = []
    resumed: list[tuple[str, str]] = []
    for did, shown in promotions.items():
        had = before.promotions.get(did, []) if before is not None else []
        lapsed += [(did, partner) for partner in had if partner not in shown]
        resumed += [(did, partner) for partner in shown if partner not in had]
    for did, partner in resumed:
        notices.drop(tx, did, KIND, partner)
    for did, partner in lapsed:
        to_do = steps_back.say_what_to_do(tx, did, partner, pairs.get(did, {}).get(partner))
        notices.note(tx, _notice(tx, did, partner, to_do, now))
    steps_back.tell(tx, had_pairs, pairs, now, told=lapsed)
    blocked_partners.tell(tx, now)
    touched = _touch(tx, before.contributions if before is not None else {}, contributions)
    seen = _Seen(
        position=tx.log_position(),
        moment=write_time(now),
        promotions=promotions,
        pairs=pairs,
        contributions=contributions,
    )
    tx.save_fact(_FACT, msgspec.json.encode(seen).decode())
    return Changes(lapsed=tuple(lapsed), resumed=tuple(resumed), touched=touched)


def _promotions(reads: Reads, now: datetime) -> dict[str, list[str]]:
    return {
        ours.did: [
            one.partner for one in halves.in_force_of(reads, ours.did, now) if one.is_promotion
        ]
        for ours in reads.publishers(hosted=True)
    }


def _contributions(reads: Reads, now: datetime) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    records: dict[str, str] = {}

    def digest_of(did: str) -> str:
        if did not in records:
            records[did] = record_of(reads, did)[1]
        return records[did]

    numbers: Counter[str] = Counter()
    for half in halves.read_halves(reads, now).values():
        if not half.joint_offers:
            continue
        publisher = reads.publisher(half.issuer)
        if publisher is None or not publisher.is_shown or not halves.speaks(publisher, now):
            continue
        # Also offers that are not here yet: what comes later may have lost a contributor by then.
        prefix = half.partner + "/"
        for offer in dict.fromkeys(one for one in half.joint_offers if one.startswith(prefix)):
            if numbers[half.issuer] < _OF_ONE and numbers.total() < _OF_ALL:
                numbers[half.issuer] += 1
                said = found.setdefault(offer, {half.partner: digest_of(half.partner)})
                said[half.issuer] = digest_of(half.issuer)
    return found


def _touch(
    tx: Transaction, before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]
) -> int:
    """Let search look again at the offers whose contributors came, went, or say something else of themselves."""
    touched = 0
    for name in sorted(before.keys() | after.keys()):
        had, has = before.get(name, {}), after.get(name, {})
        if had == has:
            continue
        try:
            did, path = split_id(name)
        except BadDid:
            continue
        document = tx.document(did, path)
        offer = read_offer(document) if document is not None else None
        if offer is None:
            continue
        changed = {who for who in had.keys() | has.keys() if had.get(who) != has.get(who)}
        named = {one.organisation for one in offer.contributors}
        # Who is not named is nobody's concern, nor is a lead that nobody named contributes to: strangers cause no work.
        if changed & named or (did in changed and has.keys() & named):
            tx.touch(did, path)
            touched += 1
    return touched


def _notice(reads: Reads, did: str, partner: str, to_do: str, now: datetime) -> Notice:
    publisher = reads.publisher(partner)
    name = Names(reads).of(partner)
    why = _why(reads, did, publisher, partner, now)
    return Notice(
        kind=KIND,
        did=did,
        about=partner,
        text=f"you and {name} no longer show each other's offers: {why}{to_do}",
        since=write_time(now),
    )


def _why(reads: Reads, did: str, publisher: Publisher | None, partner: str, now: datetime) -> str:
    """Say in words why mutual promotion holds no longer."""
    mine = halves.read_half(reads, did, partner, now)
    theirs = halves.read_half(reads, partner, did, now)
    if mine is None:
        return "you ended the partnership, or your half of it has expired"
    if publisher is None or publisher.removal is not None:
        return "this node takes nothing from them any more"
    if publisher.is_closed:
        return "they closed"
    if not halves.speaks(publisher, now):
        return "they have not confirmed what they publish for two weeks"
    if theirs is None:
        return "they ended the partnership, or their half of it has expired"
    return _why_less(mine, theirs)


def _why_less(mine: Half, theirs: Half) -> str:
    for half, who in ((mine, "you"), (theirs, "they")):
        if not reaches(half.stage, halves.PROMOTION):
            return f"{who} went back to {half.stage}"
        if not half.promotes:
            return f"{who} no longer {'show them' if who == 'you' else 'show you'}"
    return f"what is in force is {in_force(mine, theirs)}"
