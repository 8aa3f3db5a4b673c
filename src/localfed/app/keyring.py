"""The keyring: keys over the years. Rotating, recovering after a theft, moving, closing.

Here: the use cases that extend the identity log with the recovery kit, and what has to be signed anew.
Each is one transaction, after the new key is on disk: an interruption changes nothing, and doing it
again carries on. Not here: the log itself (`protocol.identity`), the kit's file (`server`).
Spec: 03-identity (LF-ID, LF-KIT), 06-feed (LF-WRITE-9 to LF-WRITE-11).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from localfed.app.bases import check_free
from localfed.app.ports import Ports, Transaction
from localfed.app.publishing import publish, publish_closing, write_bundle
from localfed.app.signing import Author, Change, author_of, sign_again
from localfed.app.standing import check_open
from localfed.app.values import Publisher
from localfed.protocol.canonical import JsonObject, parse_object
from localfed.protocol.did import parse_base
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.errors import BadKit, LogForked, UnknownOrganisation
from localfed.protocol.identity import (
    Comparison,
    close_log,
    compare_logs,
    kit_fits,
    move_log,
    read_identity,
    rotate_log,
)
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit
from localfed.protocol.times import write_time


class Rekeyed(msgspec.Struct, frozen=True, kw_only=True):
    """What a change of keys did."""

    key: str
    """The Multikey that signs from now on."""
    dropped: tuple[str, ...]
    """The Multikeys that no longer count."""
    signed: int
    """Documents signed anew."""
    withdrawn: int
    """Documents that nobody had looked at for so long that they cannot be signed again."""


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What a move did."""

    before: str
    """BASE until now: log, head and files go on being served there, too."""
    base: str


async def rotate(ports: Ports, did: str, kit: Kit, key: SigningKey) -> Rekeyed:
    """Change the signing key in peace: add the new one, sign everything with it, take the old one out.

    `key` is on disk already. Followers see both log entries at once, and a new era.
    Rules: LF-WRITE-10.

    Raises:
        BadKit: not the kit of this identity; nothing was changed.
        Closed, PublicHeadAhead, ClockWrong, NoSigningKey: it may not sign now; nothing was changed.

    """
    keys = ports.keys.signing_keys(did)
    now, jitters = ports.clock.now(), ports.chance

    def change(tx: Transaction) -> tuple[Rekeyed, bool]:
        check_open(tx, did, despite_hold=False)
        before = author_of(tx, did, [one for one in keys if one.multikey != key.multikey], now)
        old = [_multikey(method) for method in before.identity.keys]
        both = [key.multikey, *(one for one in old if one != key.multikey)]
        log = rotate_log(before.publisher.log, kit=kit, keys=both, now=now)
        author = _take_log(tx, before.publisher, log, [key], now)
        changes, withdrawn = _sign_everything(tx, author, jitters.fraction)
        has_snapshot = publish(tx, author, changes)
        present = _present(tx, did)
        log = rotate_log(present.log, kit=kit, keys=[key.multikey], now=now)
        author = _take_log(tx, present, log, [key], now)
        publish(tx, author, [])
        dropped = tuple(one for one in old if one != key.multikey)
        return _rekeyed(key, dropped, changes, withdrawn), has_snapshot

    done, has_snapshot = await ports.store.write(change)
    if has_snapshot:
        await write_bundle(ports, did)
    return done


async def recover(
    ports: Ports, did: str, kit: Kit, key: SigningKey, *, public_log: bytes | None = None
) -> Rekeyed:
    """Take a stolen key out at once, whatever was signed with it: a new era begins.

    `key` is on disk already. `public_log` is a longer log of the same identity, found in public: of a
    node that was put back from a backup. Whatever held the node back from signing is over.
    Rules: LF-WRITE-2, LF-WRITE-10, LF-RATCHET-1.

    Raises:
        BadKit: not the kit of this identity; nothing was changed.
        LogForked: the public log contradicts ours; nothing was changed.
        Closed, ClockWrong: it may not sign now; nothing was changed.

    """
    now, jitters = ports.clock.now(), ports.chance

    def change(tx: Transaction) -> tuple[Rekeyed, bool]:
        check_open(tx, did, despite_hold=True)
        publisher = _present(tx, did)
        log = newest_log(publisher, public_log, now)
        identity = read_identity(log, now=now, allow_loopback=publisher.allow_loopback)
        old = tuple(
            _multikey(method) for method in identity.keys if _multikey(method) != key.multikey
        )
        log = rotate_log(log, kit=kit, keys=[key.multikey], now=now)
        free = msgspec.structs.replace(publisher, hold=None)
        author = _take_log(tx, free, log, [key], now)
        changes, withdrawn = _sign_everything(tx, author, jitters.fraction)
        return _rekeyed(key, old, changes, withdrawn), publish(tx, author, changes)

    done, has_snapshot = await ports.store.write(change)
    if has_snapshot:
        await write_bundle(ports, did)
    return done


async def move(ports: Ports, did: str, kit: Kit, *, url: str, allow_loopback: bool) -> Moved:
    """Move an organisation to another address: the same identity, the same keys, the same documents.

    Already there: nothing is changed, so that an interrupted move can be done again.
    Rules: LF-WRITE-11, LF-ID-10, LF-ID-16.

    Raises:
        BadUrl, LoopbackNotAllowed: the URL cannot be an organisation's BASE.
        AlreadyInitialised: another organisation of this node lives there.
        BadKit, Closed, PublicHeadAhead, ClockWrong, NoSigningKey: by name; nothing was changed.

    """
    keys = ports.keys.signing_keys(did)
    base = parse_base(url if url.endswith("/") else url + "/", allow_loopback=allow_loopback)
    now, jitter = ports.clock.now(), ports.chance.fraction()

    def change(tx: Transaction) -> tuple[Moved, bool]:
        check_open(tx, did, despite_hold=False)
        before = author_of(tx, did, keys, now)
        publisher = before.publisher
        if publisher.base == base:
            return Moved(before=base, base=base), False
        check_free(tx, base, now, but=did)
        log = move_log(publisher.log, kit=kit, base=base, now=now, allow_loopback=allow_loopback)
        allowed = msgspec.structs.replace(
            publisher, allow_loopback=publisher.allow_loopback or base.startswith("http://")
        )
        author = _take_log(tx, allowed, log, keys, now)
        changes = _tell_new_address(tx, author, publisher.base, jitter)
        return Moved(before=publisher.base, base=base), publish(tx, author, changes)

    done, has_snapshot = await ports.store.write(change)
    if has_snapshot:
        await write_bundle(ports, did)
    return done


async def close(ports: Ports, did: str, kit: Kit) -> int:
    """Close an organisation for good: everything is withdrawn; returns how many documents.

    The log and a last head stay, so that followers learn of it. Nothing can be signed afterwards.
    Rules: LF-WRITE-9, LF-ID-8.

    Raises:
        BadKit, Closed, NoSigningKey: by name; nothing was changed.

    """
    keys = ports.keys.signing_keys(did)
    now = ports.clock.now()

    def change(tx: Transaction) -> int:
        check_open(tx, did, despite_hold=True)
        author = author_of(tx, did, keys, now)
        publisher = author.publisher
        log = close_log(publisher.log, kit=kit, now=now)
        identity = read_identity(log, now=now, allow_loopback=publisher.allow_loopback)
        paths = [path for path, _, _, _ in tx.rows(did)]
        for path in paths:
            tx.delete_document(did, path)
        tx.delete_all_feed_files(did)
        publish_closing(tx, author, log, identity)
        return len(paths)

    count = await ports.store.write(change)
    await ports.store.write_bundle(did, [])
    return count


async def check(ports: Ports, did: str, kit: Kit) -> None:
    """Check once that the recovery kit at hand is that of an organisation, and remember that it was.

    Raises:
        BadKit: it is the kit of another identity.

    """
    now = ports.clock.now()

    def change(tx: Transaction) -> None:
        publisher = _present(tx, did)
        if not kit_fits(publisher.log, kit, now=now):
            message = "the recovery kit is not that of this identity"
            raise BadKit(message)
        tx.save_publisher(msgspec.structs.replace(publisher, kit_checked=write_time(now)))

    await ports.store.write(change)


def newest_log(publisher: Publisher, public_log: bytes | None, now: datetime) -> bytes:
    """Return the longer of our log and one found in public.

    Raises:
        LogForked: they contradict each other.
        Rejected: the public one is not valid.

    """
    if public_log is None:
        return publisher.log
    loopback = publisher.allow_loopback
    ours = read_identity(publisher.log, now=now, allow_loopback=loopback)
    theirs = read_identity(public_log, now=now, allow_loopback=loopback)
    relation = compare_logs(ours, theirs)
    if relation is Comparison.FORKED:
        message = "the public identity log contradicts the one on this machine"
        raise LogForked(message)
    return public_log if relation is Comparison.EXTENDS else publisher.log


# --- steps that they share -------------------------------------------------------------------


def _present(tx: Transaction, did: str) -> Publisher:
    publisher = tx.publisher(did)
    if publisher is None or not publisher.is_hosted:
        message = "that organisation is not hosted on this node"
        raise UnknownOrganisation(message)
    return publisher


def _take_log(
    tx: Transaction, publisher: Publisher, log: bytes, keys: Sequence[SigningKey], now: datetime
) -> Author:
    """Make an extended log of our own count, and return who signs from here on."""
    identity = read_identity(log, now=now, allow_loopback=publisher.allow_loopback)
    tx.save_publisher(
        msgspec.structs.replace(
            publisher,
            log=log,
            base=identity.base,
            host=identity.host,
            keys_changed=write_time(now),
        )
    )
    return author_of(tx, publisher.did, keys, now)


def _sign_everything(
    tx: Transaction, author: Author, fraction: Callable[[], float]
) -> tuple[list[Change], int]:
    """Sign every document anew; what cannot be signed again is withdrawn."""
    changes: list[Change] = []
    withdrawn = 0
    for path, _, _, _ in tx.rows(author.did):
        held = tx.document(author.did, path)
        if held is None or held.body is None:
            continue
        change = sign_again(tx, author, held, jitter=fraction())
        withdrawn += change is None
        changes.append(change or Change(path=path))
    return changes, withdrawn


def _tell_new_address(tx: Transaction, author: Author, before: str, jitter: float) -> list[Change]:
    """Let the own record name the new address, where it named the old one as its website."""
    own = tx.document(author.did, ORGANISATION_PATH)
    if own is None or own.body is None:
        return []
    members: JsonObject = parse_object(own.body)
    said = members.get("url")
    if not isinstance(said, str) or said.rstrip("/") != before.rstrip("/"):
        return []
    new: JsonObject = {"url": author.publisher.base}
    change = sign_again(tx, author, own, jitter=jitter, members=new)
    return [change] if change is not None else []


def _rekeyed(
    key: SigningKey, dropped: tuple[str, ...], changes: Sequence[Change], withdrawn: int
) -> Rekeyed:
    return Rekeyed(
        key=key.multikey,
        dropped=dropped,
        signed=len(changes) - withdrawn,
        withdrawn=withdrawn,
    )


def _multikey(method: str) -> str:
    return method.partition("#")[2]
