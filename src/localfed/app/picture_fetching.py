"""Fetching pictures: those of documents that are shown here, each decoded and encoded anew before it counts.

Here: whose turn it is, asking, checking, keeping our own copy, and asking again later. Not here: which
pictures documents name (`pictures`), decoding (a port). Spec: 05-documents (LF-IMG-6 to LF-IMG-9).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from localfed.app import policy
from localfed.app.picture_values import PictureState, StoredPicture
from localfed.app.ports import Ports, Transaction
from localfed.app.values import Publisher
from localfed.protocol import limits
from localfed.protocol.digest import digest
from localfed.protocol.errors import (
    BadPicture,
    NoAnswer,
    OverQuota,
    TooSlow,
    UnexpectedAnswer,
    Unreachable,
    WrongDigest,
)
from localfed.protocol.image import Named, Picture, picture_digest
from localfed.protocol.times import write_time

EACH: Final = 4
"""Pictures of one publisher in one round: then it is the turn of the others."""

_PUBLISHERS_AT_ONCE: Final = 4

_FIRST_WAIT: Final = timedelta(minutes=15)
_LONGEST_WAIT: Final = timedelta(days=1)
_DOUBLINGS: Final = 7


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What one round brought."""

    held: int = 0
    refused: int = 0
    postponed: int = 0


async def fetch_due(ports: Ports) -> Fetched:
    """Ask for the pictures whose time has come: a few of each publisher, from its home alone.

    Raises:
        DiskFull, StoreBusy, StoreBroken: by name.

    """
    turns: dict[str, list[StoredPicture]] = {}
    for one in ports.store.pictures_due(write_time(ports.clock.now()), EACH):
        turns.setdefault(one.did, []).append(one)
    gate = asyncio.Semaphore(_PUBLISHERS_AT_ONCE)

    async def turn(did: str, wanted: Sequence[StoredPicture]) -> list[PictureState]:
        async with gate:
            return await _take_turn(ports, did, wanted)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(turn(did, wanted)) for did, wanted in turns.items()]
    states = [state for task in tasks for state in task.result()]
    return Fetched(
        held=states.count(PictureState.HELD),
        refused=states.count(PictureState.REFUSED),
        postponed=states.count(PictureState.WANTED),
    )


async def _take_turn(ports: Ports, did: str, wanted: Sequence[StoredPicture]) -> list[PictureState]:
    """Ask for some pictures of one publisher; who does not answer is left alone for a while."""
    publisher, now = ports.store.publisher(did), ports.clock.now()
    if publisher is None:
        return []
    if not _is_shown(ports, publisher, now):
        await _postpone_all(ports, did, now + _LONGEST_WAIT, "not-shown")
        return []
    states = []
    for one in wanted:
        if ports.store.picture_bytes(did) >= _quota_of(publisher):
            await _postpone_all(ports, did, now + _LONGEST_WAIT, OverQuota.code)
            break
        try:
            states.append(await _fetch(ports, publisher, one))
        except (NoAnswer, TooSlow) as error:
            await _keep(ports, one, problem=error.code)
            await _postpone_all(ports, did, now + _FIRST_WAIT, error.code)
            states.append(PictureState.WANTED)
            break
    return states


async def _fetch(ports: Ports, publisher: Publisher, one: StoredPicture) -> PictureState:
    """Ask for a picture and make our copy of it (LF-IMG-7, LF-IMG-8)."""
    try:
        answer = await ports.fetch.get(
            publisher.base + one.path,
            limit_bytes=one.bytes,
            allow_loopback=publisher.allow_loopback,
        )
    except (NoAnswer, TooSlow):
        raise
    except Unreachable as error:
        return await _keep(ports, one, problem=error.code)
    if len(answer.body) != one.bytes and digest(answer.body) == picture_digest(one.path):
        # The document says something else of the right bytes: no other bytes will ever fit both.
        return await _refuse(ports, one, BadPicture.code)
    if digest(answer.body) != picture_digest(one.path):
        return await _keep(ports, one, problem=WrongDigest.code)
    named = Named(path=one.path, bytes=one.bytes, width=one.width, height=one.height)
    try:
        copy = await ports.pictures.copy(answer.body, named)
    except BadPicture as error:
        return await _refuse(ports, one, error.code)
    return await _keep(ports, one, copy=copy)


def _is_shown(ports: Ports, publisher: Publisher, now: datetime) -> bool:
    """Whether anything of a publisher is shown here: else nothing is fetched to be shown (LF-IMG-6)."""
    return (
        publisher.is_shown
        and not publisher.is_closed
        and policy.is_taken_from(ports.store, publisher)
        and policy.still_counts(publisher, now)
    )


def _quota_of(publisher: Publisher) -> int:
    is_via = publisher.voucher is not None
    return limits.VIA_PICTURE_BYTES if is_via else limits.PUBLISHER_PICTURE_BYTES


async def _refuse(ports: Ports, one: StoredPicture, problem: str) -> PictureState:
    """Never ask for a picture again, as long as documents say the same of it."""

    def change(tx: Transaction) -> PictureState:
        held = _still_wanted(tx, one)
        if held is not None:
            refused = msgspec.structs.replace(
                held, state=PictureState.REFUSED, next_try=None, problem=problem
            )
            tx.put_picture(refused)
        return PictureState.REFUSED

    return await ports.store.write(change)


async def _keep(
    ports: Ports,
    one: StoredPicture,
    *,
    copy: Picture | None = None,
    problem: str = UnexpectedAnswer.code,
) -> PictureState:
    """Keep our copy of a picture, or note when to ask for it again: twice as long after each time."""
    wait = min(_FIRST_WAIT * 2 ** min(one.tries, _DOUBLINGS), _LONGEST_WAIT)
    next_try = ports.clock.now() + wait * (0.8 + 0.4 * ports.chance.fraction())

    def change(tx: Transaction) -> PictureState:
        held = _still_wanted(tx, one)
        if held is None:
            return PictureState.WANTED
        if copy is None:
            later = msgspec.structs.replace(
                held, tries=one.tries + 1, next_try=write_time(next_try), problem=problem
            )
            tx.put_picture(later)
            return PictureState.WANTED
        ours = msgspec.structs.replace(
            held,
            state=PictureState.HELD,
            copy=copy.name,
            copy_width=copy.width,
            copy_height=copy.height,
            copy_bytes=len(copy.body),
            next_try=None,
            problem=None,
        )
        tx.put_picture(ours, copy.body)
        return PictureState.HELD

    return await ports.store.write(change)


def _still_wanted(tx: Transaction, one: StoredPicture) -> StoredPicture | None:
    """Return what is known now of a picture that was asked for, if it is wanted still, by the same words."""
    held = tx.picture(one.did, one.path)
    if held is None or held.state is not PictureState.WANTED:
        return None
    said = (held.bytes, held.width, held.height)
    return held if said == (one.bytes, one.width, one.height) else None


async def _postpone_all(ports: Ports, did: str, until: datetime, problem: str) -> None:
    def change(tx: Transaction) -> None:
        if tx.publisher(did) is not None:
            tx.postpone_pictures(did, write_time(until), problem)

    await ports.store.write(change)
