"""Follows: beginning and ending to follow organisations.

Here: discovery on the operator's word, the check of each identity at its home. Not here: reading
feeds (`sync`). Spec: 08-following (LF-DISC, LF-FOLLOW), 03-identity (LF-ID).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from localfed.app import accepting, mirrors, policy
from localfed.app.logs import Log, read_at_home, read_log
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.values import Candidate, Home, Publisher, Removal
from localfed.protocol import limits
from localfed.protocol.did import parse_base, parse_did
from localfed.protocol.errors import (
    BadLog,
    Blocked,
    Closed,
    HomeNotConfirmed,
    LocalFedError,
    LogForked,
    NotANode,
    Refused,
    Rejected,
    UnknownOrganisation,
    Unreachable,
    WrongIdentity,
)
from localfed.protocol.identity import (
    Comparison,
    Identity,
    compare_logs,
    confirms_home,
    read_identity,
)
from localfed.protocol.times import write_time

_HOSTS_NEEDED = 2
"""Hosts whose mirrors have to agree on a log where its home cannot be asked: two folders of one host
are one voice."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation found at an address, its identity checked at its home."""

    identity: Identity
    log: bytes
    is_confirmed: bool = True
    """False: its log was read on mirrors, and its home has not been seen."""


class NotFollowed(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that an address names, and why it cannot be followed."""

    base: str
    code: str
    message: str


class LookUp(msgspec.Struct, frozen=True, kw_only=True):
    """What an address led to."""

    hosts: tuple[str, ...]
    """Every host that was asked, in order: people are shown them."""
    found: tuple[Found, ...]
    refused: tuple[NotFollowed, ...]


async def look_up(ports: Ports, url: str, *, allow_loopback: bool) -> LookUp:
    """Find the organisations at an address and check the identity of each; changes nothing.

    Raises:
        NotANode: nothing of LocalFed is there.
        BadUrl, ForbiddenAddress, NoAnswer, TooSlow, UnexpectedAnswer: by name.

    """
    discovery = await ports.discover.discover(url, allow_loopback=allow_loopback)
    found: list[Found] = []
    refused: list[NotFollowed] = []
    first: LocalFedError | None = None
    for candidate in discovery.candidates:
        try:
            found.append(await _check_home(ports, candidate, allow_loopback=allow_loopback))
        except (Rejected, Refused, Unreachable) as error:
            first = first or error
            refused.append(NotFollowed(base=candidate.base, code=error.code, message=error.message))
    if not found:
        if first is not None:
            raise first
        message = "no organisation of LocalFed is published there"
        raise NotANode(message)
    return LookUp(hosts=discovery.hosts, found=tuple(found), refused=tuple(refused))


async def look_up_on_mirrors(
    ports: Ports, did: str, bases: Sequence[str], *, allow_loopback: bool
) -> Found:
    """Find an organisation whose home may be away, by its DID and the mirrors of others.

    `bases` are addresses of nodes. The home counts if it answers; else mirrors on two hosts have to say
    the same, or one of them more.
    Rules: LF-MIRROR-7.

    Raises:
        BadDid, BadUrl, LoopbackNotAllowed: what was typed.
        HomeNotConfirmed: mirrors on fewer than two hosts have it.
        LogForked: two of them contradict each other; nothing can be said of which is right.
        Blocked: one of the mirrors is blocked.

    """
    scid = parse_did(did).scid
    home = await read_at_home(ports, did, allow_loopback=allow_loopback)
    if home is not None:
        return Found(identity=home.identity, log=home.data)
    seen: list[Log] = []
    hosts: set[str] = set()
    for base in dict.fromkeys(parse_base(one, allow_loopback=allow_loopback) for one in bases):
        folder = mirrors.folder_on(mirrors.mirror_base(base), scid, allow_loopback=allow_loopback)
        if mirrors.is_mirror_blocked(ports.store, folder):
            message = f"the mirror at {base} is blocked on this node"
            raise Blocked(message)
        found = await read_log(ports, folder.base + mirrors.LOG, did, allow_loopback=allow_loopback)
        if found is not None:
            seen.append(found)
            hosts.add(urlsplit(folder.base).netloc)
    if len(hosts) < _HOSTS_NEEDED:
        message = (
            f"its home does not answer, and of {_HOSTS_NEEDED} mirrors on different hosts"
            f" {len(hosts)} have it"
        )
        raise HomeNotConfirmed(message)
    longest = max(seen, key=lambda one: len(one.identity.version_ids))
    if any(compare_logs(one.identity, longest.identity) is Comparison.FORKED for one in seen):
        message = "two mirrors have identity logs that contradict each other"
        raise LogForked(message)
    if longest.identity.closed:
        message = "the organisation closed its identity"
        raise Closed(message)
    return Found(identity=longest.identity, log=longest.data, is_confirmed=False)


async def read_by_mirror(ports: Ports, did: str, base: str | None) -> Publisher:
    """Read a followed publisher by a mirror from now on, or by its home again (None).

    Raises:
        UnknownOrganisation: it is not followed.

    """

    def change(tx: Transaction) -> Publisher:
        held = _followed(tx, did)
        mirror = mirrors.mirror_base(base) if base is not None else None
        publisher = msgspec.structs.replace(held, mirror=mirror, next_poll=None)
        accepting.begin(tx, publisher)
        return publisher

    return await ports.store.write(change)


async def follow(ports: Ports, found: Found, *, allow_loopback: bool) -> Publisher:
    """Follow an organisation that was looked up; the next poll reads its feed.

    Raises:
        WrongIdentity: it is hosted on this very node.
        Blocked: the operator blocked it, or its host.
        Closed: its log, the one held or the one found, ends with a closing entry.
        LogForked: another log of the same identity is held; ours is kept.

    """
    identity = found.identity
    now = ports.clock.now()

    def change(tx: Transaction) -> Publisher:
        held = tx.publisher(identity.did)
        if held is None:
            publisher = Publisher(
                did=identity.did,
                scid=identity.scid,
                base=identity.base,
                host=identity.host,
                is_hosted=False,
                is_followed=True,
                allow_loopback=allow_loopback,
                log=found.log,
                home=_home_of(found, now),
            )
        else:
            publisher = _follow_again(held, found, now, allow_loopback=allow_loopback)
        if policy.is_blocked(tx, publisher):
            message = "that organisation, or its host, is blocked on this node"
            raise Blocked(message)
        accepting.begin(tx, publisher)
        if held is None:
            return publisher
        tx.touch_all(publisher.did)  # what was hidden is shown again
        return accepting.release(tx, publisher, now) if held.voucher is not None else publisher

    return await ports.store.write(change)


def _home_of(found: Found, now: datetime) -> Home:
    return Home(confirmed=write_time(now) if found.is_confirmed else None)


async def unfollow(ports: Ports, which: str) -> Publisher:
    """Stop following an organisation, named by URL, host or DID.

    It is hidden at once and forgotten after seven days: following it again until then brings all back.
    Rules: LF-FOLLOW-6.

    Raises:
        UnknownOrganisation: none such is followed, or several.

    """
    now = ports.clock.now()

    def change(tx: Transaction) -> Publisher:
        publisher = msgspec.structs.replace(
            _followed(tx, which),
            is_followed=False,
            is_shown=False,
            removal=Removal(since=write_time(now), why="unfollowed"),
        )
        accepting.begin(tx, publisher)
        tx.touch_all(publisher.did)
        return publisher

    return await ports.store.write(change)


def _followed(reads: Reads, which: str) -> Publisher:
    name = which.strip().rstrip("/")
    matches = [
        one
        for one in reads.publishers(followed=True)
        if name in {one.did, one.host, one.base.rstrip("/"), one.scid}
    ]
    if len(matches) == 1:
        return matches[0]
    message = (
        "no such organisation is followed"
        if not matches
        else "several organisations are followed there; give the whole URL of one"
    )
    raise UnknownOrganisation(message)


def _follow_again(
    held: Publisher, found: Found, now: datetime, *, allow_loopback: bool
) -> Publisher:
    if held.is_hosted:
        message = "that organisation is hosted on this node: there is nothing to follow"
        raise WrongIdentity(message)
    known = read_identity(held.log, now=now, allow_loopback=allow_loopback)
    relation = compare_logs(known, found.identity)
    if relation is Comparison.FORKED:
        message = "that identity log contradicts the one held"
        raise LogForked(message)
    # A shorter log is an earlier state of it, found where the organisation lived before it moved, or
    # where somebody would have it back: it confirms no home, and opens nothing that was closed.
    is_shorter = relation is Comparison.SHORTER
    newest = known if is_shorter else found.identity
    if newest.closed:
        message = "the organisation closed its identity"
        raise Closed(message)
    return msgspec.structs.replace(
        held,
        log=found.log if relation is Comparison.EXTENDS else held.log,
        base=newest.base,
        host=newest.host,
        is_followed=True,
        is_shown=True,
        step=0,
        voucher=None,
        removal=None,
        home=_home_of(found, now) if found.is_confirmed and not is_shorter else held.home,
        allow_loopback=allow_loopback,
        # More of it may fit than before, though its head is the same.
        etag=None,
        next_poll=None,
    )


async def _check_home(ports: Ports, candidate: Candidate, *, allow_loopback: bool) -> Found:
    """Read the log at BASE and at its home; both must be one identity that names this BASE."""
    answer = await ports.fetch.get(
        candidate.base + "did.jsonl", limit_bytes=limits.LOG_BYTES, allow_loopback=allow_loopback
    )
    identity = read_identity(answer.body, now=ports.clock.now(), allow_loopback=allow_loopback)
    if candidate.did is not None and identity.did != candidate.did:
        message = "the address names one identity, and the log there is another's"
        raise WrongIdentity(message)
    if identity.base != candidate.base:
        message = f"the identity says that its home is {identity.base}"
        raise WrongIdentity(message)
    if identity.closed:
        message = "the organisation closed its identity"
        raise Closed(message)
    home = await ports.fetch.get(
        identity.home, limit_bytes=limits.LOG_BYTES, allow_loopback=allow_loopback
    )
    at_home = read_identity(home.body, now=ports.clock.now(), allow_loopback=allow_loopback)
    if not confirms_home(identity, at_home, identity.home):
        message = "the log at the identity's home is another than the one beside its files"
        raise BadLog(message)
    return Found(identity=identity, log=answer.body)
