"""Vouching: organisations that are shown because one that is followed works with them ("via").

Here: who that is, by the halves of partnerships on both sides, and beginning and ending to take from
them. Not here: what a partnership is (`protocol.partnership`), how much of each is kept (`policy`), reading
(`sync`). Spec: 08-following (LF-VIA).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from localfed.app import accepting, halves, mirrors, policy
from localfed.app.logs import Log, read_at_home, read_log
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.values import BlockKind, Growth, Home, Publisher, Removal
from localfed.protocol import limits
from localfed.protocol.did import parse_did
from localfed.protocol.errors import BadDid, BadTime
from localfed.protocol.partnership import Half, in_force, reaches
from localfed.protocol.times import read_time, write_time

STEPS: Final = 2
"""How far it may go: 1 a partner of one that is followed, 2 a partner of that one."""

NO_LONGER: Final = "no-longer-vouched"
"""Why a publisher was removed for whom nobody followed vouches any more."""

_LEAST: Final = "promotion"
"""The stage from which a partnership is a reason to show somebody."""

_AGAIN_SECONDS: Final = 3_600
"""How often it is looked whether time alone has ended something, or brought a home back."""

_FACT: Final = "vouching"
_ROWS: Final = 5_000
_ASKED_AT_ONCE: Final = 4
_BEGUN_AT_ONCE: Final = 20
"""Organisations of one voucher that one round begins to read; the others have the next."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that another vouches for, and whether it says so itself."""

    did: str
    voucher: str
    step: int
    is_in_force: bool


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What one round changed."""

    begun: tuple[str, ...] = ()
    """DIDs that are read from now on, to see whether they are partners."""
    shown: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


async def refresh(ports: Ports, *, steps: int) -> Changes:
    """See who is vouched for now, and begin, show, hide accordingly; cheap where nothing has changed.

    `steps` is how far it goes, 0 to 2. Never raises for what others do.

    Raises:
        Unavailable: our own disk; nothing half done.

    """
    now = ports.clock.now()
    position = ports.store.log_position()
    if not _is_due(ports.store, position, steps, now):
        return Changes()
    claims = find_claims(ports.store, now, steps)
    # First what is known already: nobody's slow home keeps one on show who is vouched for no longer.
    first = await ports.store.write(lambda tx: _apply(tx, claims, _held_places(tx, claims), now))
    places = await _read_logs(ports, claims, now)
    then = await ports.store.write(lambda tx: _apply(tx, claims, places, now))
    fact = f"{position} {steps} {write_time(now)}"
    await ports.store.write(lambda tx: tx.save_fact(_FACT, fact))
    return Changes(
        begun=first.begun + then.begun,
        shown=first.shown + then.shown,
        hidden=first.hidden + then.hidden,
    )


def _is_due(reads: Reads, position: int, steps: int, now: datetime) -> bool:
    """Whether a half may have changed since the last round, the setting, or an hour has gone by."""
    fact = reads.fact(_FACT)
    if fact is None:
        return True
    before, asked, moment = fact.split(" ")
    try:
        since = now - read_time(moment)
    except BadTime:
        return True
    if int(asked) != steps or not timedelta(0) <= since < timedelta(seconds=_AGAIN_SECONDS):
        return True
    if int(before) == position:
        return False
    rows = reads.log_after(int(before), _ROWS)
    return len(rows) == _ROWS or any(row.path.startswith("p/") for row in rows)


# --- who ------------------------------------------------------------------------------------


def find_claims(reads: Reads, now: datetime, steps: int) -> dict[str, Claim]:
    """Find who is vouched for, by DID: of each the fewest steps, and of equals one in force.

    Rules: LF-VIA-1, LF-VIA-2.
    """
    said = halves.read_halves(reads, now)
    known = {one.did: one for one in reads.publishers(hosted=None, removed=None)}
    near = {did for did, one in known.items() if one.is_hosted or _is_followed(reads, one)}
    found: dict[str, Claim] = {}
    vouchers = [one for did, one in known.items() if did in near and _may_vouch(one, now)]
    for step in range(1, min(steps, STEPS) + 1):
        at_step: dict[str, Claim] = {}
        for claim in _claims_of(reads, vouchers, said, step):
            one = known.get(claim.did)
            if claim.did in near or claim.did in found or (one is not None and one.is_closed):
                continue
            held = at_step.get(claim.did)
            if held is None or _rank(claim, one) > _rank(held, one):
                at_step[claim.did] = claim
        found |= at_step
        vouchers = [
            known[did]
            for did, claim in at_step.items()
            if claim.is_in_force and did in known and _may_vouch(known[did], now)
        ]
    return found


def _is_followed(reads: Reads, publisher: Publisher) -> bool:
    """Whether the operator follows a publisher, and nothing is against it."""
    return publisher.is_followed and policy.is_taken_from(reads, publisher)


def _rank(claim: Claim, held: Publisher | None) -> tuple[bool, bool]:
    """Say which of two claims counts: one in force, then the one that has counted until now."""
    return claim.is_in_force, held is not None and held.voucher == claim.voucher


def _claims_of(
    reads: Reads,
    vouchers: list[Publisher],
    said: dict[tuple[str, str], Half],
    step: int,
) -> Iterator[Claim]:
    """Yield whom these vouch for, oldest voucher first; nobody that is blocked (LF-VIA-2)."""
    by_issuer: dict[str, list[Half]] = {}
    for half in said.values():
        by_issuer.setdefault(half.issuer, []).append(half)
    for voucher in vouchers:
        for half in sorted(by_issuer.get(voucher.did, []), key=lambda one: one.partner):
            if not reaches(half.stage, _LEAST) or _is_blocked(reads, half.partner):
                continue
            stage = in_force(half, said.get((half.partner, voucher.did)))
            yield Claim(
                did=half.partner,
                voucher=voucher.did,
                step=step,
                is_in_force=reaches(stage, _LEAST),
            )


def _is_blocked(reads: Reads, did: str) -> bool:
    """Whether a partner is blocked, by its name or the host of it; by where it lives now, if known."""
    try:
        name = parse_did(did)
    except BadDid:
        return True
    publisher = reads.publisher(did)
    return (
        reads.is_blocked(BlockKind.ORGANISATION, name.scid)
        or policy.is_host_blocked(reads, name.host)
        or (publisher is not None and policy.is_blocked(reads, publisher))
    )


def _may_vouch(publisher: Publisher, now: datetime) -> bool:
    """Whether what a publisher says still holds, its head perhaps a fortnight over (LF-READ-12)."""
    if publisher.is_closed or not publisher.is_shown or publisher.removal is not None:
        return False
    return policy.still_counts(publisher, now)


# --- where ----------------------------------------------------------------------------------


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where one that is vouched for is read, and its log if it was not known before."""

    mirror: str | None
    log: Log | None = None


def _held_places(reads: Reads, claims: dict[str, Claim]) -> dict[str, _Place]:
    """Say where each that is known is read until now."""
    held = (reads.publisher(did) for did in claims)
    return {one.did: _Place(mirror=one.mirror) for one in held if one is not None}


async def _read_logs(ports: Ports, claims: dict[str, Claim], now: datetime) -> dict[str, _Place]:
    """Say where each is to be read: at its voucher's mirror, or at its home, of those not too many.

    Who is new and not in the answer has no place now: too many live at its host, or nobody answers.
    Rules: LF-VIA-4.
    """
    by_voucher: dict[str, list[Claim]] = {}
    for claim in claims.values():
        by_voucher.setdefault(claim.voucher, []).append(claim)
    gate = asyncio.Semaphore(_ASKED_AT_ONCE)

    async def one(did: str, claimed: list[Claim]) -> dict[str, _Place]:
        voucher = ports.store.publisher(did)
        if voucher is None:
            return {}
        async with gate:
            return await _places_of(ports, voucher, claimed, now)

    found = await asyncio.gather(*(one(did, claimed) for did, claimed in by_voucher.items()))
    return {did: place for places in found for did, place in places.items()}


async def _places_of(
    ports: Ports, voucher: Publisher, claimed: list[Claim], now: datetime
) -> dict[str, _Place]:
    mirror = mirrors.mirror_base(voucher.base)
    clock = await mirrors.clock_at(ports, voucher, now)
    places: dict[str, _Place] = {}
    new: dict[str, str | None] = {}
    at_home: Counter[str] = Counter()
    # Those that are read already keep their places.
    for claim in sorted(claimed, key=lambda one: ports.store.publisher(one.did) is None):
        held, name = ports.store.publisher(claim.did), parse_did(claim.did)
        host = held.host if held is not None else name.host
        is_full = (
            at_home.total() >= limits.VOUCHED_PUBLISHERS or at_home[host] >= limits.VOUCHED_PER_HOST
        )
        where = mirror if name.scid in clock or (is_full and held is not None) else None
        if held is None and (len(new) == _BEGUN_AT_ONCE or (where is None and is_full)):
            continue
        at_home[host] += where is None
        if held is None:
            new[claim.did] = where
        else:
            places[claim.did] = _Place(mirror=where)
    loopback = voucher.allow_loopback
    logs = await asyncio.gather(
        *(_read_log(ports, did, where, allow_loopback=loopback) for did, where in new.items())
    )
    for (did, where), log in zip(new.items(), logs, strict=True):
        if log is not None and not log.identity.closed:
            places[did] = _Place(mirror=where, log=log)
    return places


async def _read_log(
    ports: Ports, did: str, mirror: str | None, *, allow_loopback: bool
) -> Log | None:
    if mirror is None:
        return await read_at_home(ports, did, allow_loopback=allow_loopback)
    scid = parse_did(did).scid
    folder = mirrors.folder_on(mirror, scid, allow_loopback=allow_loopback)
    return await read_log(ports, folder.base + mirrors.LOG, did, allow_loopback=allow_loopback)


# --- what that changes ----------------------------------------------------------------------


def _apply(
    tx: Transaction, claims: dict[str, Claim], places: dict[str, _Place], now: datetime
) -> Changes:
    begun: list[str] = []
    shown: list[str] = []
    hidden: list[str] = []
    for did, place in places.items():
        claim, held = claims[did], tx.publisher(did)
        if held is None and place.log is not None:
            accepting.begin(tx, _new(claim, place, place.log, tx, now))
            begun.append(did)
            continue
        if held is None or held.is_hosted or _is_followed(tx, held) or not _is_free(held):
            continue  # followed, blocked or forgotten meanwhile
        changed = _vouched(held, claim, place)
        if changed == held:
            continue
        accepting.begin(tx, changed)
        if changed.is_shown != held.is_shown:
            tx.touch_all(did)  # search finds it again, or forgets it
            (shown if changed.is_shown else hidden).append(did)
    for one in tx.publishers(hosted=False):
        if one.voucher is not None and one.did not in claims:
            accepting.begin(tx, _let_go(one, now))
            tx.touch_all(one.did)
            hidden.append(one.did)
    return Changes(begun=tuple(begun), shown=tuple(shown), hidden=tuple(hidden))


def _is_free(publisher: Publisher) -> bool:
    """Whether no word of the operator stands against showing it by "via"; a block does."""
    return publisher.removal is None or publisher.removal.why in {NO_LONGER, "unfollowed"}


def _new(claim: Claim, place: _Place, log: Log, reads: Reads, now: datetime) -> Publisher:
    """Make a publisher of one that was not known: hidden until it says itself that it is a partner."""
    voucher = reads.publisher(claim.voucher)
    is_home = place.mirror is None
    return Publisher(
        did=log.identity.did,
        scid=log.identity.scid,
        base=log.identity.base,
        host=log.identity.host,
        is_hosted=False,
        is_followed=False,
        allow_loopback=voucher is not None and voucher.allow_loopback,
        log=log.data,
        home=Home(confirmed=write_time(now) if is_home else None),
        step=claim.step,
        voucher=claim.voucher,
        is_shown=False,
        mirror=place.mirror,
    )


def _vouched(held: Publisher, claim: Claim, place: _Place) -> Publisher:
    """Change a publisher to what a claim says of it."""
    changed = msgspec.structs.replace(
        held,
        is_followed=False,
        step=claim.step,
        voucher=claim.voucher,
        mirror=place.mirror,
        is_shown=claim.is_in_force,
        removal=None,
    )
    if changed.is_shown and not held.is_shown:
        # There is room for more of it now: what was left out is asked for.
        return msgspec.structs.replace(changed, etag=None, next_poll=None, growth=Growth())
    if held.removal is not None:
        return msgspec.structs.replace(changed, next_poll=None)
    return changed


def _let_go(held: Publisher, now: datetime) -> Publisher:
    """Hide a publisher for whom nobody vouches any more; it is forgotten after seven days (LF-VIA-7)."""
    return msgspec.structs.replace(
        held,
        voucher=None,
        step=0,
        is_shown=False,
        removal=Removal(since=write_time(now), why=NO_LONGER),
    )
