"""Moderation: what the operator of a node does about others: blocks them, or gives them a quota.

Here: the operator's private list, and what a change of it does to what is held. Not here: the questions
that are asked of it (`policy`). Spec: 07-accept (LF-ACCEPT-10), 08-following (LF-FOLLOW-5, LF-FOLLOW-6).
Nothing of this list leaves the node.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import msgspec

from localfed.app import accepting, policy
from localfed.app.mirrors import mirror_base
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.values import Block, BlockKind, Publisher, Removal
from localfed.protocol.did import parse_base, parse_did
from localfed.protocol.errors import BadDid, BadQuery, BadUrl, UnknownOrganisation, WrongIdentity
from localfed.protocol.times import write_time

BLOCKED: Final = "blocked"
"""Why a publisher was removed, where a block did it."""

_NO_HOST: Final = "a host is blocked by its name, such as example.org, without https:// and path"

NOTE_LENGTH: Final = 500
"""Characters of a note."""


class Blocking(msgspec.Struct, frozen=True, kw_only=True):
    """What a block, or taking one back, did."""

    block: Block
    changed: tuple[Publisher, ...]
    """Publishers that are hidden by it, or shown again."""


async def block(ports: Ports, kind: BlockKind, what: str, note: str = "") -> Blocking:
    """Take nothing more from an organisation, a host and all that is part of it, or a mirror.

    What is held of those who are blocked is hidden at once, and forgotten after seven days: taking the
    block back until then brings it back. They are not told.

    Raises:
        BadQuery: no such thing can be blocked; BadDid, BadUrl: no DID, no URL.
        WrongIdentity: it would block an organisation of this node.
        UnknownOrganisation: none such is known here, by URL or host; a DID may be unknown.

    """
    if len(note) > NOTE_LENGTH:
        message = f"a note has at most {NOTE_LENGTH} characters"
        raise BadQuery(message)
    now = write_time(ports.clock.now())

    def change(tx: Transaction) -> Blocking:
        made = Block(kind=kind, value=_value(tx, kind, what), since=now, note=note)
        tx.save_block(made)
        if any(policy.is_blocked(tx, one) for one in tx.publishers(hosted=True)):
            message = "that would block an organisation of this node"
            raise WrongIdentity(message)
        struck = [one for one in tx.publishers(hosted=False) if policy.is_blocked(tx, one)]
        for one in struck:
            removed = Removal(since=now, why=BLOCKED)
            _replace(tx, msgspec.structs.replace(one, is_shown=False, removal=removed))
        return Blocking(block=made, changed=tuple(struck))

    return await ports.store.write(change)


async def unblock(ports: Ports, kind: BlockKind, what: str) -> Blocking:
    """Take a block back. Who was hidden by it alone, and is not forgotten yet, is shown again.

    Raises:
        BadQuery: there is no such block.

    """
    now = write_time(ports.clock.now())

    def change(tx: Transaction) -> Blocking:
        value = _value(tx, kind, what)
        held = next((one for one in tx.blocks() if (one.kind, one.value) == (kind, value)), None)
        if held is None or not tx.delete_block(kind, value):
            message = f"no such {kind.value} is blocked: {value}"
            raise BadQuery(message)
        free = [
            one
            for one in tx.publishers(hosted=False, removed=True)
            if one.removal is not None
            and one.removal.why == BLOCKED
            and not policy.is_blocked(tx, one)
        ]
        for one in free:
            _replace(tx, msgspec.structs.replace(one, is_shown=True, removal=None, next_poll=now))
        return Blocking(block=held, changed=tuple(free))

    return await ports.store.write(change)


async def set_quota(ports: Ports, which: str, quota: int | None) -> Publisher:
    """Allow a publisher so many documents; None: as many as any other (LF-FOLLOW-5).

    Fewer: what is over is let go of at once. More: what was left out comes with its next poll, which is
    now due.

    Raises:
        UnknownOrganisation: none such is known here, or several.
        BadQuery: the quota is below nought.

    """
    if quota is not None and quota < 0:
        message = "a quota is a number of documents, 0 or more"
        raise BadQuery(message)

    def change(tx: Transaction) -> Publisher:
        held = find(tx, which)
        accepting.begin(tx, msgspec.structs.replace(held, quota=quota, etag=None, next_poll=None))
        return accepting.fit_quota(tx, held.did)

    return await ports.store.write(change)


async def release(ports: Ports, which: str) -> Publisher:
    """Let come what is held back of a publisher that grew faster than usual; its next poll is now due.

    Rules: LF-VIA-6.

    Raises:
        UnknownOrganisation: none such is known here, or several.

    """
    now = ports.clock.now()
    return await ports.store.write(lambda tx: accepting.release(tx, find(tx, which), now))


def find(reads: Reads, which: str) -> Publisher:
    """Find a publisher that this node does not host, by DID, SCID, URL or host; removed ones too.

    Raises:
        UnknownOrganisation: none such is known here, or several.

    """
    name = which.strip().rstrip("/")
    found = [
        one
        for one in reads.publishers(hosted=False, removed=None)
        if name in {one.did, one.host, one.base.rstrip("/"), one.scid}
    ]
    if len(found) == 1:
        return found[0]
    message = (
        "no such organisation is known here"
        if not found
        else "several organisations live there; give the whole URL of one"
    )
    raise UnknownOrganisation(message)


def _value(reads: Reads, kind: BlockKind, what: str) -> str:
    what = what.strip()
    if kind is BlockKind.ORGANISATION:
        return parse_did(what).scid if what.startswith("did:") else find(reads, what).scid
    if kind is BlockKind.MIRROR:
        return mirror_base(parse_base(what, allow_loopback=True))
    return _host(what)


def _host(what: str) -> str:
    """Read a host name as identities write it; a port may follow."""
    name, _, port = what.lower().rstrip(".").partition(":")
    if name == "localhost" and not port:
        return name
    scheme = "http" if name == "localhost" else "https"
    try:
        base = parse_base(
            f"{scheme}://{name}/" if not port else f"{scheme}://{name}:{port}/", allow_loopback=True
        )
    except (BadDid, BadUrl) as error:
        raise BadQuery(_NO_HOST) from error
    if ("." not in name and name != "localhost") or "/" in what:
        raise BadQuery(_NO_HOST)
    return urlsplit(base).netloc


def _replace(tx: Transaction, publisher: Publisher) -> None:
    accepting.begin(tx, publisher)
    tx.touch_all(publisher.did)  # search forgets, or finds again, what is hidden or shown
